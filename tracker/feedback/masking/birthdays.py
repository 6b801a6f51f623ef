"""Dates of birth: a date beside a word for being born; other dates are left alone."""

from tracker.feedback.masking.rule import BIRTHDAY, either, shape

MONTH = either("""
    jan(?:uar|uary)?, feb(?:ruar|ruary)?, märz?, maerz, mar(?:ch)?, apr(?:il)?, mai, may, jun[ie]?, jul[iy]?,
    aug(?:ust)?, sep(?:t(?:ember)?)?, o[kc]t(?:ober)?, nov(?:ember)?, de[zc](?:ember)?, jänner
""")
YEAR = r"(?:18|19|20)\d\d"
FULL_DATE = (
    rf"(?:\d{{1,2}} ?[./,-] ?\d{{1,2}} ?[./,-] ?(?:{YEAR}|\d\d)(?!\d)|{YEAR}[-./]\d\d?[-./]\d\d?|"
    rf"\d{{1,2}} \d{{1,2}} {YEAR}|\d{{1,2}}(?:\.|st|nd|rd|th)? ?(?:of )?{MONTH}\.?,? ?(?:{YEAR}|'?\d\d(?!\d))|"
    rf"{MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? ?{YEAR})"
)
DATE = rf"(?:{FULL_DATE}|\d{{1,2}}\. ?\d{{1,2}}\.|{MONTH} {YEAR}|[0-3]\d[01]\d(?:{YEAR}|\d\d)(?!\d)|{YEAR}(?!\d))"
BORN = either("""
    geb(?:oren(?:e[rn]?)?)?, geburts(?:datum|tag|jahr|dat), geb\\.?-?(?:dat(?:um)?|tag), born, birth(?:day|date)?,
    date of birth, d\\.?o\\.?b, jahrgang, bj, \\(b\\., \\*
""")
BETWEEN = either("""
    am, ist, is, der, den, dem, on, the, in, im, war, was, jahr, jahre, of, lautet, mein, meine, oder, or, year,
    date, wurde, ich
""")
KIN = either("""
    vater, mutter, oma, opa, sohn, tochter, kind, mann, frau, bruder, schwester, father, mother, son, daughter,
    wife, husband, child
""")

BIRTHDAYS = (
    shape(
        BIRTHDAY,
        rf"(?<!\w){BORN}[\s.:,(=-]{{0,4}}(?:{BETWEEN}[\s.:]{{1,2}}){{0,3}}"
        rf"(?P<hit>{DATE}(?: (?:oder|or|bzw\.) {DATE})?)(?!\w)",
    ),
    shape(BIRTHDAY, rf"(?<![\w.])(?P<hit>{FULL_DATE})[),]?(?: in \w{{2,30}})? (?:geboren|geb\.|zur welt|born)(?!\w)"),
    shape(BIRTHDAY, rf"(?<!\w)(?:ich|bin|er|sie|{KIN}) (?:\w{{2,12}} ){{0,3}}?(?P<hit>{YEAR}) geboren(?!\w)"),
    shape(BIRTHDAY, rf"(?<!\w){KIN},? (?:\w{{2,30}} ){{0,2}}?\(\*?(?P<hit>{FULL_DATE})\)"),
)
