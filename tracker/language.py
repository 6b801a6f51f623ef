"""Accept-Language → the code of the visitor's first language; everything else in the header is dropped."""

from typing import Final

# ISO 639-1, and those of ISO 639-2/3 that browsers offer or that are spoken by minorities in Germany. A closed list,
# because a header may hold anything.
CODES: Final = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en "
    "eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv "
    "ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne "
    "ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st "
    "su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu "
    "aii arc ars ast bar ber ceb ckb dsb fil frr gsw haw hmn hsb jpr kab kmr ksh lad mai mfe nap nds pap prs rom rmy "
    "sat scn sgs sma smj smn sms stq syr szl tzm vec wae yue zgh"
)
LANGUAGES: Final = frozenset(CODES.split())
RENAMED: Final = {"iw": "he", "in": "id", "ji": "yi", "mo": "ro", "sh": "sr", "nb": "no", "nn": "no", "tl": "fil"}
LONGEST = 200  # characters looked at


def primary(accept_language: str) -> str:
    """The most wanted language as a code of two or three letters, or "" if none is named or known.

    The form and the weights are those of RFC 9110, section 12.5.4; `*` names no language.
    """
    first, _, rest = accept_language[:LONGEST].partition(",")
    if ";" not in first:
        known = _code(first)
        if known or not rest:
            return known
    return _most_wanted(accept_language[:LONGEST])


def _code(tag: str) -> str:
    code = tag.strip().partition("-")[0].lower()
    code = RENAMED.get(code, code)
    return code if code in LANGUAGES else ""


def _most_wanted(header: str) -> str:
    """The first of the known languages that share the highest weight; weight 0 means "not this one"."""
    best, best_weight = "", 0.0
    for item in header.split(","):
        tag, _, parameter = item.partition(";")
        weight = _weight(parameter)
        if weight > best_weight and (code := _code(tag)):
            best, best_weight = code, weight
    return best


def _weight(parameter: str) -> float:
    if not parameter:
        return 1.0
    name, _, value = parameter.strip().partition("=")
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if name.strip().lower() == "q" and 0 < weight <= 1 else 0.0
