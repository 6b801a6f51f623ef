"""How sure a published number is, what is told of it, and where it stands in a chart."""

import random

import pytest
from flask import Flask

from admin.opendata.protection import Cell, Ledger, Measure, Row, Table, build
from admin.opendata.protection.privacy import Private
from admin.transparency_figures import Figure, Noise, change, mean_of, noise_of, share, sum_of
from admin.transparency_svg import Mark, bars, columns, spark


@pytest.fixture(autouse=True)
def german(app: Flask):
    with app.test_request_context("/?lang=de"):
        yield


def method(name):
    found = build(name)
    return {"name": found.name, "version": found.version, "parameters": found.parameters}


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (Figure(1234, shown=3), "1.234"),
        (Figure(1234, variance=60, shown=30), "≈ 1.234"),
        (Figure(12, variance=60, shown=30), "höchstens etwa 27"),
        (Figure(3, variance=2, shown=1), "≈ 3"),
        (Figure(0, variance=60, shown=30), "≈ 0"),
        (Figure(40, variance=2, shown=20, hidden=2), "mindestens 40"),
        (Figure(hidden=2), "geschützt"),
        (Figure(missing=2), "nicht gemessen"),
        (Figure(), "nicht gemessen"),
    ],
)
def test_a_figure_says_how_sure_it_is(figure, text):
    assert figure.text == text


@pytest.mark.parametrize("name", ["cell-key", "cell-key-wide", "threshold"])
@pytest.mark.parametrize("measure", ["views", "started"])
def test_the_margin_holds_in_about_95_of_100_sums(name, measure):
    chance = random.Random(20)
    noise, protect, cells = noise_of(method(name), "service-day", measure), build(name), 30
    kept = 0
    for _ in range(300):
        counts = [chance.randint(15, 90) for _ in range(cells)]
        table = Table(
            "service-day",
            "2026-05-18",
            (Measure(measure, "view"),),
            tuple(Row((str(place),), (Cell(count, chance.randrange(2**32)),)) for place, count in enumerate(counts)),
        )
        value = sum(row.cells[0].value for row in protect.protect(table))
        kept += abs(value - sum(counts)) <= Figure(value, noise.variance * cells, shown=cells).margin
    assert 275 <= kept <= 300


def test_the_margin_of_differential_privacy_is_that_of_its_noise():
    found = Private(Ledger())
    described = {"name": found.name, "version": "1", "parameters": found.parameters}
    noise = noise_of(described, "device-month", "visits")
    scale = 2 / float(found.epsilon)  # two measures share the epsilon
    assert noise.variance == pytest.approx(2 * scale**2, rel=0.5)
    assert noise.lift > 0


def test_an_unknown_method_is_no_reason_to_fail():
    assert noise_of({"name": "other"}, "service-day", "views").variance == 0


@pytest.mark.parametrize("name", ["cell-key", "threshold"])
def test_the_margin_of_a_mean_holds_in_about_95_of_100(name):
    chance = random.Random(21)
    names = [f"rating_{rating}" for rating in range(1, 6)]
    noises = [noise_of(method(name), "service-feedback-month", one) for one in names]
    told = kept = 0
    for _ in range(400):
        counts = [chance.randint(10, 60) for _ in names]
        cells = tuple(Cell(count, chance.randrange(2**32)) for count in counts)
        measures = tuple(Measure(one, "answer") for one in names)
        (row,) = build(name).protect(Table("service-feedback-month", "2026-05", measures, (Row(("x",), cells),)))
        found = mean_of([Figure(cell.value, *noise, 1) for cell, noise in zip(row.cells, noises, strict=True)])
        true = sum(rating * count for rating, count in enumerate(counts, 1)) / sum(counts)
        if found.spread:
            told += 1
            kept += abs(round(found.value, 1) - true) <= found.margin
    assert told > 390 and kept >= 0.92 * told


@pytest.mark.parametrize(
    ("counts", "variance", "text", "spread"),
    [
        ((0, 0, 10, 0, 0), 0, "3,0", ""),
        ((10, 0, 0, 0, 30), 2, "≈ 4,0", "± 0,3"),
        ((4, 3, 7, 9, 12), 2, "≈ 3,6", "± 0,3"),
        ((250, 250, 250, 250, 251), 2, "≈ 3,0", "± 0,1"),
        ((3, 0, 0, 0, 8), 2, "zu unsicher", ""),
        ((10, 0, 0, 0, 30), 25, "zu unsicher", ""),
    ],
)
def test_a_mean_has_one_decimal_and_a_margin_or_is_not_told(counts, variance, text, spread):
    found = mean_of([Figure(count, variance, shown=1) for count in counts])
    assert (found.text, found.spread) == (text, spread)


def test_a_rounded_count_and_one_cut_at_0_make_a_mean_less_sure():
    noises = (Noise(), Noise(0.5), Noise(2.0), Noise(2.0, 3.0))
    margins = [mean_of([Figure(12, *noise, 1)] * 5).margin for noise in noises]
    assert margins == sorted(set(margins)) and margins[0] == 0


def test_no_more_can_have_ended_than_were_begun():
    begun = Figure(21, variance=2, shown=1)
    submitted = Figure(12, variance=60, shown=30)
    assert submitted.within(begun._replace(shown=30)).text == "höchstens etwa 24"
    assert submitted.within(Figure(90, variance=60, shown=30)).text == "höchstens etwa 27"
    for vague in (begun, begun._replace(shown=30, hidden=1), Figure(missing=30)):  # of fewer days, or no upper limit
        assert submitted.within(vague).text == "höchstens etwa 27"
    assert sum_of([submitted.within(begun._replace(shown=30))] * 2).limit == 0


def test_a_share_is_told_only_where_protection_leaves_it_sure():
    whole = Figure(400, variance=60, shown=30)
    assert share(Figure(200, variance=60, shown=30), whole) == 0.5
    assert share(Figure(60, variance=60, shown=30), Figure(90, variance=60, shown=30)) is None
    assert share(Figure(200, hidden=1, shown=30), whole) is None
    assert share(Figure(401, shown=30), Figure(400, shown=30)) == 1.0


def test_a_change_that_noise_explains_is_none():
    before = Figure(100, variance=60, shown=30)
    assert change(Figure(110, variance=60, shown=30), before).ratio == 0
    assert change(Figure(150, variance=60, shown=30), before).ratio == pytest.approx(0.5)
    assert change(Figure(150, variance=60, shown=30), Figure(10, variance=60, shown=30)).ratio is None
    assert change(Figure(missing=1), before).ratio is None


@pytest.mark.parametrize("values", [[], [0], [None], [None, 0, 3], [1], [7, 99, 100_000], [2.0] * 31])
@pytest.mark.parametrize("width", [300, 720])
def test_everything_stands_within_the_drawing(values, width):
    marks = [Mark(f"Tag {place}", str(value), "22.11.", value, 3.0) for place, value in enumerate(values)]
    drawing = columns(marks, width)
    assert len(drawing.columns) == len(values) and drawing.grid[0][1] == "0"
    for column in drawing.columns:
        assert drawing.left <= column.x and column.x + column.width <= width
        assert column.height is None or 0 <= column.y <= drawing.floor
        assert column.high >= 0 and column.low <= drawing.floor
    assert all(bar.width is None or 0 <= bar.width <= width for bar in bars(marks, width).bars)
    assert all(0 <= one.x <= 100 and one.y >= 0 for one in spark(values))


def test_labels_of_bars_are_cut_before_the_number():
    (bar,) = bars([Mark("Sehr" * 50, "≈ 1.234", value=3)], 300).bars
    assert bar.label.endswith("…") and len(bar.label) < 45
