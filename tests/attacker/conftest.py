import pytest

from tests.attacker.report import Line, printed

ATTACK = "attack"


@pytest.fixture
def report(request):
    """Where an attack writes down what it found; it goes with the test's result, also from another process."""
    lines: list[Line] = []
    yield lines
    request.node.user_properties += [(ATTACK, [*map(str, line)]) for line in lines]


def pytest_terminal_summary(terminalreporter):
    results = [result for results in terminalreporter.stats.values() for result in results]
    properties = [found for result in results for found in getattr(result, "user_properties", ())]
    lines = list(dict.fromkeys(Line(*values) for name, values in properties if name == ATTACK))
    if lines:
        terminalreporter.section("attacker: was one particular visit there? (0: guessing, 1: certainty)")
        for line in printed(lines):
            terminalreporter.write_line(line)
