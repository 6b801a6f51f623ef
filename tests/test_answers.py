"""Public answers: nothing a citizen wrote is public unless an editor released it, and it goes when the comment goes."""

import itertools
import random
import re
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from roles import send, signed_in
from voices import GIESSEN, HOSTILE, MARBURG, database, row, say, say_in_giessen

from tracker.config import Config
from tracker.feedback.quoting import borrowed, clean
from tracker.services.service import Service
from tracker.store.accounts import EDITOR, Accounts
from tracker.store.answers import AnswerError, Answers, Draft
from tracker.store.catalogue import Catalogue
from tracker.store.feedback import Feedbacks
from tracker.store.services import Services

PUBLIC = f"/transparency/{MARBURG}/answers"
LIST = "/admin/feedback/answers"
SECRET = "Meine Nachbarin in der Gartenstraße hat drei Hunde"
TODAY = date(2026, 11, 23)
FORM = {"title": "Hunde", "summary": "Mehr Hunde als gemeldet.", "excerpt": SECRET, "did": "Wir prüfen das."}


def public(client: FlaskClient, query: str = "") -> str:
    response = client.get(PUBLIC + query)
    assert response.status_code == 200
    return response.text


def answers(config: Config, municipality: int = 1) -> list[int]:
    with database(config) as connection:
        return [answer.id for answer in Answers(connection).all(municipality)]


def seen(page: str) -> str:
    """The version that a form says it was filled in for."""
    (found,) = re.findall(r'name="seen" value="(\w+)"', page)
    return str(found)


def change(client: FlaskClient, answer: int, **form: str) -> None:
    """Publish another version of an answer from the state that it is in now."""
    now = seen(client.get(f"{LIST}/{answer}").text)
    assert send(client, f"{LIST}/{answer}", step="publish", seen=now, **form).status_code == 303


# Publishing


def test_an_own_summary_is_public_without_the_words_of_the_comment(
    writer: FlaskClient, anyone: FlaskClient, config: Config
) -> None:
    number = say(config, SECRET)
    assert send(writer, f"{LIST}/new?piece={number}", step="publish", **FORM).status_code == 303
    page = public(anyone)
    assert "Mehr Hunde als gemeldet." in page and "Wir prüfen das." in page
    assert "Zusammengefasst von der Verwaltung." in page
    assert "Nachbarin" not in page
    assert row(config, number)["released"] == 0


def test_the_wording_is_public_only_with_the_box_ticked(
    writer: FlaskClient, anyone: FlaskClient, config: Config
) -> None:
    number = say(config, SECRET)
    page = writer.get(f"{LIST}/new?piece={number}").text
    assert re.search(r'<input[^>]*name="release"[^>]*>', page)
    assert not re.search(r'<input[^>]*name="release"[^>]* checked', page)
    send(writer, f"{LIST}/new?piece={number}", step="publish", release="on", **FORM)
    assert SECRET in public(anyone) and "Mehr Hunde" not in public(anyone)
    assert row(config, number)["released"] == 1
    assert "Text ist öffentlich" in writer.get("/admin/feedback").text


def test_the_preview_shows_exactly_what_becomes_public(
    writer: FlaskClient, anyone: FlaskClient, config: Config
) -> None:
    number = say(config, SECRET)
    preview = send(writer, f"{LIST}/new?piece={number}", release="on", **FORM)
    assert preview.status_code == 200
    assert answers(config) == [] and SECRET not in public(anyone)
    send(writer, f"{LIST}/new?piece={number}", step="publish", release="on", **FORM)
    article = re.compile(r"<article.*?</article>", re.DOTALL)
    shown, real = article.findall(preview.text), article.findall(public(anyone))
    assert [re.sub(r"answer-\d+", "", text) for text in shown] == [re.sub(r"answer-\d+", "", text) for text in real]


def test_one_goes_back_from_the_preview_with_everything_kept(writer: FlaskClient, config: Config) -> None:
    number = say(config, SECRET)
    page = send(writer, f"{LIST}/new?piece={number}", step="edit", release="on", **FORM).text
    assert re.search(r'<input[^>]*name="release"[^>]* checked', page)
    assert all(text in page for text in FORM.values())


@pytest.mark.parametrize(
    ("excerpt", "note"),
    [
        (SECRET, "Wortlaut eines Kommentars, von der Verwaltung zur Veröffentlichung freigegeben."),
        (f"  {SECRET}\r\n", "Wortlaut eines Kommentars, von der Verwaltung zur Veröffentlichung freigegeben."),
        ("Meine Nachbarin […] hat drei Hunde", "gekürzt oder bearbeitet"),
        ("Jemand hat zu viele Hunde", "gekürzt oder bearbeitet"),
    ],
)
def test_a_changed_wording_is_called_edited(
    writer: FlaskClient, anyone: FlaskClient, config: Config, excerpt: str, note: str
) -> None:
    number = say(config, SECRET)
    send(writer, f"{LIST}/new?piece={number}", step="publish", release="on", **{**FORM, "excerpt": excerpt})
    assert note in public(anyone)


@pytest.mark.parametrize("field", ["title", "summary", "did"])
def test_words_of_a_comment_do_not_slip_in_unreleased(
    writer: FlaskClient, anyone: FlaskClient, config: Config, field: str
) -> None:
    number = say(config, SECRET)
    form = {**FORM, field: f"Jemand schrieb: „{SECRET.upper()}!“"}
    response = send(writer, f"{LIST}/new?piece={number}", step="publish", **form)
    assert response.status_code == 400
    assert "Diese Worte stammen aus dem Kommentar" in response.text
    assert answers(config) == []


def test_what_was_cut_from_a_released_wording_does_not_slip_in_elsewhere(writer: FlaskClient, config: Config) -> None:
    number = say(config, SECRET)
    form = {**FORM, "excerpt": "[…] drei Hunde", "did": f"Zu „{SECRET}“: Wir prüfen das."}
    assert send(writer, f"{LIST}/new?piece={number}", step="publish", release="on", **form).status_code == 400


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"title": " "}, "Geben Sie eine Überschrift"),
        ({"title": "x" * 201}, "Geben Sie eine Überschrift"),
        ({"did": ""}, "was Sie getan haben"),
        ({"did": "x" * 4001}, "was Sie getan haben"),
        ({"summary": "x" * 4001}, "Geben Sie den Wortlaut ein"),
        ({"release": "on", "excerpt": "\u202e \n"}, "Geben Sie den Wortlaut ein"),
        ({"service": "gibt-es-nicht"}, "Diese Leistung gibt es nicht."),
    ],
)
@pytest.mark.parametrize("step", ["preview", "publish"])
def test_it_refuses_what_cannot_be_public(
    writer: FlaskClient, config: Config, form: dict[str, str], message: str, step: str
) -> None:
    number = say(config, SECRET)
    response = send(writer, f"{LIST}/new?piece={number}", **{**FORM, "step": step, **form})
    assert response.status_code == 400 and message in response.text
    assert answers(config) == []


def test_a_text_that_is_spam_or_gone_cannot_be_released(writer: FlaskClient, config: Config) -> None:
    spam, gone = say(config, SECRET), say(config, SECRET)
    with database(config) as connection:
        connection.execute("update feedback set status = 'spam' where id = ?", (spam,))
        connection.execute("update feedback set text = '' where id = ?", (gone,))
    for number in (spam, gone):
        assert 'name="release"' not in writer.get(f"{LIST}/new?piece={number}").text
        response = send(writer, f"{LIST}/new?piece={number}", step="publish", release="on", **FORM)
        assert response.status_code == 400 and "keinen Text" in response.text


@pytest.mark.parametrize("release", [{}, {"release": "on"}])
@pytest.mark.parametrize("to_many", [False, True])
def test_a_publication_that_is_sent_twice_is_kept_once(
    writer: FlaskClient, config: Config, release: dict[str, str], to_many: bool
) -> None:
    path = f"{LIST}/new" if to_many else f"{LIST}/new?piece={say(config, SECRET)}"
    for did in (FORM["did"], f"  {FORM['did']}\r\n"):
        assert send(writer, path, step="publish", **{**FORM, **release, "did": did}).status_code == 303
    assert len(answers(config)) == 1


def test_the_same_words_about_another_comment_or_service_are_another_answer(config: Config) -> None:
    with database(config) as connection:
        store, comment = Answers(connection), say(config, SECRET)
        Services(connection).add(1, Service("wohngeld", "Wohngeld beantragen"))
        for service, about in (("", None), ("wohngeld", None), ("", comment), ("", say(config, "Anderes"))):
            store.add(1, Draft("Hunde", "", "Wir prüfen das.", service, about), TODAY)
        store.add(2, Draft("Hunde", "", "Wir prüfen das."), TODAY)
        assert (len(store.all(1)), len(store.all(2))) == (4, 1)


def test_a_publication_sent_again_after_its_withdrawal_publishes_nothing(
    writer: FlaskClient, anyone: FlaskClient, config: Config
) -> None:
    path = f"{LIST}/new?piece={say(config, SECRET)}"
    send(writer, path, step="publish", **FORM)
    (answer,) = answers(config)
    send(writer, f"{LIST}/{answer}/withdraw")
    refused = send(writer, path, step="publish", **FORM)
    assert refused.status_code == 409 and "inzwischen zurückgezogen" in refused.text and FORM["did"] in refused.text
    assert f'action="{LIST}/{answer}"' in refused.text
    assert answers(config) == [answer] and "Hunde" not in public(anyone)
    change(writer, answer, **FORM)
    assert "Hunde" in public(anyone)


def test_an_answer_to_many_starts_with_the_title_of_a_topic(writer: FlaskClient) -> None:
    page = writer.get(f"{LIST}/new?title=Wartezeit+am+Telefon").text
    assert 'value="Wartezeit am Telefon"' in page and 'name="release"' not in page


def test_the_box_means_nothing_without_a_comment(writer: FlaskClient, anyone: FlaskClient, config: Config) -> None:
    send(writer, f"{LIST}/new", step="publish", release="on", **FORM)
    assert "Nachbarin" not in public(anyone) and "Mehr Hunde als gemeldet." in public(anyone)


# Changing and taking back


def test_an_answer_can_be_changed_withdrawn_published_again_and_deleted(
    writer: FlaskClient, anyone: FlaskClient, config: Config
) -> None:
    number = say(config, SECRET)
    send(writer, f"{LIST}/new?piece={number}", step="publish", release="on", **FORM)
    (answer,) = answers(config)
    change(writer, answer, **FORM)
    assert SECRET not in public(anyone) and row(config, number)["released"] == 0
    change(writer, answer, release="on", **FORM)
    assert SECRET in public(anyone) and "geändert am" in public(anyone)
    assert send(writer, f"{LIST}/{answer}/withdraw").status_code == 303
    assert "Hunde" not in public(anyone) and row(config, number)["released"] == 0
    change(writer, answer, release="on", **FORM)
    assert SECRET in public(anyone) and row(config, number)["released"] == 1
    assert send(writer, f"{LIST}/{answer}/remove").status_code == 303
    assert "Hunde" not in public(anyone) and row(config, number)["released"] == 0
    assert writer.get(f"{LIST}/{answer}").status_code == 404


def answer_of(config: Config, day: date = date(2026, 11, 2)) -> int:
    with database(config) as connection:
        return Answers(connection).add(1, Draft("Hunde", "Zu viele.", "Wir prüfen das."), day)


def test_what_was_withdrawn_meanwhile_stays_withdrawn(writer: FlaskClient, anyone: FlaskClient, config: Config) -> None:
    answer = answer_of(config)
    form = {**FORM, "did": "Wir waren dort.", "seen": seen(writer.get(f"{LIST}/{answer}").text)}
    preview = send(writer, f"{LIST}/{answer}", **form)
    assert preview.status_code == 200 and seen(preview.text) == form["seen"]
    send(writer, f"{LIST}/{answer}/withdraw")
    for step in ("publish", "preview", "publish"):
        refused = send(writer, f"{LIST}/{answer}", step=step, **form)
        assert refused.status_code == 409 and "inzwischen zurückgezogen" in refused.text
        assert "Wir waren dort." in refused.text
        assert "Hunde" not in public(anyone)


def test_a_withdrawn_answer_is_published_again_only_after_saying_so(
    writer: FlaskClient, anyone: FlaskClient, config: Config
) -> None:
    answer = answer_of(config)
    form = {**FORM, "seen": seen(writer.get(f"{LIST}/{answer}").text)}
    send(writer, f"{LIST}/{answer}/withdraw")
    form["seen"] = seen(send(writer, f"{LIST}/{answer}", step="publish", **form).text)
    preview = send(writer, f"{LIST}/{answer}", **form).text
    assert "Diese Antwort ist zurückgezogen." in preview and "Wieder veröffentlichen" in preview
    assert "Hunde" not in public(anyone)
    assert send(writer, f"{LIST}/{answer}", step="publish", **form).status_code == 303
    assert "Mehr Hunde als gemeldet." in public(anyone)


def test_two_who_change_the_same_answer_overwrite_nothing_unseen(
    writer: FlaskClient, anyone: FlaskClient, config: Config
) -> None:
    answer = answer_of(config)
    opened = seen(writer.get(f"{LIST}/{answer}").text)
    send(writer, f"{LIST}/{answer}", step="publish", seen=opened, **{**FORM, "did": "Das Erste."})
    second = {**FORM, "did": "Das Zweite."}
    refused = send(writer, f"{LIST}/{answer}", step="publish", seen=opened, **second)
    assert refused.status_code == 409 and "hat jemand anderes diese Antwort geändert" in refused.text
    assert '<div class="zw-answer__text" dir="auto">Das Erste.</div>' in refused.text
    assert re.search(r"<textarea[^>]*>\s*Das Zweite.</textarea>", refused.text)
    assert "Das Erste." in public(anyone) and "Das Zweite." not in public(anyone)
    send(writer, f"{LIST}/{answer}", step="publish", seen=seen(refused.text), **second)
    assert "Das Zweite." in public(anyone)


@pytest.mark.parametrize("step", ["preview", "publish"])
def test_a_change_without_the_version_it_began_with_is_refused(writer: FlaskClient, config: Config, step: str) -> None:
    answer = answer_of(config)
    assert send(writer, f"{LIST}/{answer}", step=step, **FORM).status_code == 409


@pytest.mark.parametrize("form", [{"step": "edit"}, {"title": ""}, {"step": "publish", "title": ""}])
def test_the_form_comes_back_with_the_version_it_began_with(
    writer: FlaskClient, config: Config, form: dict[str, str]
) -> None:
    answer = answer_of(config)
    opened = seen(writer.get(f"{LIST}/{answer}").text)
    assert seen(send(writer, f"{LIST}/{answer}", **{**FORM, "seen": opened, **form}).text) == opened


def test_a_change_that_is_sent_twice_is_made_once(writer: FlaskClient, config: Config) -> None:
    answer = answer_of(config)
    form = {**FORM, "step": "publish", "seen": seen(writer.get(f"{LIST}/{answer}").text)}
    assert [send(writer, f"{LIST}/{answer}", **form).status_code for _ in range(2)] == [303, 303]


def test_a_change_of_an_answer_that_is_gone_is_refused(config: Config) -> None:
    answer = answer_of(config)
    with database(config) as connection:
        store = Answers(connection)
        before = store.get(1, answer)
        assert before is not None and store.remove(1, answer)
        assert not store.change(1, answer, Draft("Hunde", "", "Getan"), TODAY, before.version)


def test_a_foreign_answer_looks_like_a_missing_one(app: Flask, writer: FlaskClient, config: Config) -> None:
    with database(config) as connection:
        giessen = Catalogue(connection).municipality(GIESSEN)
        Accounts(connection).add("writer@giessen.de", "vier zufällige Wörter", EDITOR, giessen.id)
        number = Answers(connection).add(1, Draft("Hunde", "", "Wir prüfen das."), TODAY)
    stranger = signed_in(app, "writer@giessen.de")
    for answer in (number, 999, 10**40):
        assert stranger.get(f"{LIST}/{answer}").status_code == 404
        for path in ("", "/withdraw", "/remove"):
            assert send(stranger, f"{LIST}/{answer}{path}", step="publish", **FORM).status_code == 404
    assert stranger.get(f"{LIST}?municipality={MARBURG}").status_code == 404
    assert answers(config) == [number]


def test_a_comment_of_another_municipality_cannot_be_answered(config: Config) -> None:
    foreign = say_in_giessen(config, SECRET)
    with database(config) as connection, pytest.raises(AnswerError) as refused:
        Answers(connection).add(1, Draft("Hunde", SECRET, "Wir prüfen das.", "", foreign, True), TODAY)
    assert refused.value.rule == "comment"


# What is public


@pytest.mark.parametrize("client", ["anyone", "owner"])
def test_the_page_needs_no_account_no_script_and_no_cookie(
    request: pytest.FixtureRequest, config: Config, client: str
) -> None:
    response = request.getfixturevalue(client).get(PUBLIC)
    assert response.status_code == 200
    assert "<script" not in response.text and "Set-Cookie" not in response.headers
    assert response.headers["Cache-Control"] == "no-cache"
    assert "Noch keine Antwort." in response.text


@pytest.mark.parametrize("ars", ["000000000000", "x", "06534001401", MARBURG + "0", "%3Cb%3E"])
def test_an_unknown_municipality_is_not_found(anyone: FlaskClient, ars: str) -> None:
    response = anyone.get(f"/transparency/{ars}/answers")
    assert response.status_code == 404 and "<b>" not in response.text


def test_it_shows_the_newest_first_of_one_service_and_of_this_municipality(anyone: FlaskClient, config: Config) -> None:
    with database(config) as connection:
        Services(connection).add(1, Service("wohngeld", "Wohngeld beantragen", name_en="Housing benefit"))
        for title, service, day in (("A", "wohngeld", 1), ("B", "", 3), ("C", "weg", 2)):
            Answers(connection).add(1, Draft(f"Titel {title}", "", "Getan", service), date(2026, 11, day))
        Answers(connection).add(2, Draft("Gießen", "", "Getan"), TODAY)
    titles = re.compile(r"Titel (\w)</h2>")
    assert titles.findall(public(anyone)) == ["B", "C", "A"]
    assert titles.findall(public(anyone, "?service=wohngeld")) == ["A"]
    assert titles.findall(public(anyone, "?service=nichts")) == ["B", "C", "A"]
    assert "Gießen" not in public(anyone) and "Housing benefit" in public(anyone, "?lang=en")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_strings_stay_text(writer: FlaskClient, anyone: FlaskClient, config: Config, text: str) -> None:
    number = say(config, text)
    form = {"title": text[:150] or "x", "excerpt": text, "did": text}
    send(writer, f"{LIST}/new?piece={number}", step="publish", release="on", **form)
    (answer,) = answers(config)
    for page in (
        public(anyone),
        public(anyone, "?lang=en"),
        writer.get(LIST).text,
        writer.get(f"{LIST}/{answer}").text,
    ):
        assert "<script>alert" not in page and "<img src=x" not in page and "<b>" not in page
        assert not re.search(
            r'(?:href|src|action)="\s*(?:javascript|data|https?):', page.replace('href="http://localhost', "")
        )
        assert not {"\u202e", "\u2066"} & set(
            re.sub(r"<textarea.*?</textarea>|<blockquote class=\"zw-comment.*?</blockquote>", "", page, flags=re.DOTALL)
        )


# A released text goes with the comment


@pytest.mark.parametrize("end", ["erase", "purge_texts", "purge"])
def test_a_released_text_goes_when_the_comment_goes(anyone: FlaskClient, config: Config, end: str) -> None:
    released, summed = say(config, SECRET), say(config, SECRET)
    with database(config) as connection:
        store = Answers(connection)
        store.add(1, Draft("Erste", SECRET, "Wir prüfen das.", "", released, True), TODAY)
        store.add(1, Draft("Zweite", "Zu viele Tiere.", "Wir prüfen das.", "", summed), TODAY)
    assert SECRET in public(anyone)
    with database(config) as connection:
        feedbacks = Feedbacks(connection)
        if end == "erase":
            assert feedbacks.erase(released) and feedbacks.erase(summed)
        else:
            assert getattr(feedbacks, end)(1, 20261102) == 2
    page = public(anyone)
    assert SECRET not in page and "Erste" not in page
    assert "Zweite" in page and "Zu viele Tiere." in page
    with database(config) as connection:
        assert SECRET not in "\n".join(connection.iterdump())


def test_what_turns_out_to_be_spam_is_not_public(anyone: FlaskClient, config: Config) -> None:
    number = say(config, SECRET)
    with database(config) as connection:
        Answers(connection).add(1, Draft("Hunde", SECRET, "Wir prüfen das.", "", number, True), TODAY)
        connection.execute("update feedback set status = 'spam'")
    assert SECRET not in public(anyone)


def test_nothing_unreleased_is_ever_public(anyone: FlaskClient, config: Config) -> None:
    """A random walk over all that can happen to comments and answers; after each step the public page is compared."""
    chance = random.Random(4)
    comments: dict[int, str] = {}
    free: dict[int, int | None] = {}  # of answers that are public: the comment that they release
    with database(config) as connection:
        store, feedbacks = Answers(connection), Feedbacks(connection)
        for step in range(120):
            action = chance.choice(["say", "answer", "answer", "change", "withdraw", "remove", "erase", "purge"])
            comment = chance.choice(list(comments)) if comments else None
            answer = chance.choice(list(free)) if free else None
            release = comment is not None and chance.random() < 0.5
            text = comments.get(comment or 0, "")
            draft = Draft(f"Titel {step}", text if release else "Eigene Worte", "Getan", "", comment, release)
            if action == "say":
                text = f"geheim{step}x von Haus {step} mit vielen Worten dahinter"
                comments[say(config, text)] = text
            elif action == "answer":
                free[store.add(1, draft, TODAY)] = comment if release else None
            elif action == "change" and answer:
                assert store.change(1, answer, draft, TODAY, store.get(1, answer).version)
                free[answer] = comment if release else None
            elif action in ("withdraw", "remove") and answer:
                assert getattr(store, action)(1, answer, *([TODAY] if action == "withdraw" else []))
                del free[answer]
            elif action == "erase" and comment:
                feedbacks.erase(comment)
                free = {number: about for number, about in free.items() if about != comment}
                del comments[comment]
            elif action == "purge" and comment:
                connection.execute("update feedback set text = '' where id = ?", (comment,))
                free = {number: about for number, about in free.items() if about != comment}
                del comments[comment]
            page = public(anyone)
            allowed = {comments[about] for about in free.values() if about is not None}
            shown = set(re.findall(r"geheim\d+x[^<]*", page))
            assert shown == allowed, (step, action)
            marked = {number for (number,) in connection.execute("select id from feedback where released = 1")}
            assert marked == {about for about in free.values() if about is not None}


# Quoting


@pytest.mark.parametrize(
    ("text", "comment", "released", "found"),
    [
        ("Wir haben das Formular geändert", "Das Formular ist schlecht", "", ""),
        ("Sie sagten: Das Formular ist schlecht!", "Das Formular ist schlecht", "", "das formular ist schlecht"),
        ("Danke für den Hinweis", "Danke", "", ""),
        ("Zwei Worte", "zwei Worte", "", ""),
        ("a b c d e f", "Z, a b c d e f. G", "", "a b c d e f"),
        ("a b c d e", "Z, a b c d e f. G", "", ""),
        ("a b c d e f", "a b c d e f", "A, b, c, d, e, f.", ""),
        ("ＥＩＮＳ zwei drei vier", "eins zwei drei vier", "", "eins zwei drei vier"),
        ("", "eins zwei drei", "", ""),
    ],
)  # fmt: skip
def test_it_finds_words_of_a_comment(text: str, comment: str, released: str, found: str) -> None:
    assert borrowed(text, comment, released) == found


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (" a \r\n\r\n\r\n\r\nb\rc ", "a\n\nb\nc"),
        ("a\u202eb\u2066c\u2069\x00d\x7f", "abc d"),
        ("ا\u200fب", "ا\u200fب"),
        ("a\u0308", "ä"),
        ("\ud800x", "x"),
    ],
)
def test_it_makes_texts_plain(text: str, kept: str) -> None:
    assert clean(text) == kept
    assert clean(kept) == kept


def test_words_are_compared_whatever_is_between_them() -> None:
    words = ["eins", "zwei", "drei", "vier", "fünf", "sechs"]
    for between in ("\n", " – ", "…", ", ", "\t"):
        assert borrowed(between.join(words), " ".join(words))
    for left, right in itertools.pairwise(words):
        assert not borrowed(f"{left} {right}", " ".join(words))
