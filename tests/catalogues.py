"""Arbitrary catalogues of services, as they are kept."""

import string

from hypothesis import strategies as st

from tracker.services.fields import keep
from tracker.services.rules import conflicts, problems
from tracker.services.service import CHANNELS, Form, Service, Step

SLUGS = st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=12)
AWKWARD = st.sampled_from(
    ["=1+1", "'=x", "''", "'", "+49 6421", "-", "@x", "a;b", 'a"b', "a|b", "\\", "\\|", "a\\", "|", "Ä", "＝1", "sep=;"]
)
PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20)
TEXTS = AWKWARD | PLAIN
LINES = st.lists(TEXTS, max_size=3).map("\n".join)
GLOBS = st.lists(st.sampled_from(["a", "bürger", "*", "**", "a*", "x y"]), max_size=4).map("/".join)
PATHS = st.builds(lambda host, glob: f"{host}/{glob}", st.sampled_from(["www.marburg.de", "a.marburg.de"]), GLOBS)
STEPS = st.builds(
    Step, slug=st.sampled_from(["1", "2", "a/b", "a|b", "=3", "Zahlung"]), name=TEXTS, optional=st.booleans()
)
FORMS = st.builds(
    Form, slug=SLUGS, name=TEXTS, name_en=TEXTS, end_page=st.booleans(), steps=st.lists(STEPS, max_size=4).map(tuple)
)
SERVICES = st.builds(
    Service,
    slug=SLUGS,
    name=TEXTS,
    name_en=TEXTS,
    description=LINES,
    description_en=LINES,
    leika=st.sampled_from(["", "99050012104000", "00000000000000"]),
    ozg=TEXTS,
    category=TEXTS,
    department=TEXTS,
    contact=TEXTS,
    paths=st.lists(PATHS, max_size=3).map(tuple),
    forms=st.lists(FORMS, max_size=3).map(tuple),
    channels=st.lists(st.sampled_from(CHANNELS), max_size=4).map(tuple),
    cost_per_month_cents=st.none() | st.integers(0, 10**9),
    sdg=st.booleans(),
)


def _valid(services: list[Service]) -> list[Service]:
    """Those of the services that break no rule, also not together."""
    found: list[Service] = []
    for service in map(keep, services):
        if not problems(service) and not conflicts([*found, service]):
            found.append(service)
    return found


CATALOGUES = st.lists(SERVICES, max_size=5).map(_valid)
