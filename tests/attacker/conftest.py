import pytest

from tests.attacker.report import Line, printed

LINES = pytest.StashKey[list[Line]]()


@pytest.fixture(scope="session")
def report(pytestconfig):
    """Where the attacks write down what they found."""
    return pytestconfig.stash.setdefault(LINES, [])


def pytest_terminal_summary(terminalreporter, config):
    lines = config.stash.get(LINES, [])
    if lines:
        terminalreporter.section("attacker: was one particular visit there? (0: guessing, 1: certainty)")
        for line in printed(lines):
            terminalreporter.write_line(line)
