"""The committed transition tables keep what their documentation promises, and are those that the generator makes."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import entropy

from admin.opendata.protection.cell_key import STANDARD, WHOLE, WIDE, transitions
from tools.transition_table import deviations, distribution, greatest_variance, least_variance, table

GIVEN = {STANDARD: (3, 2.0, 1.0), WIDE: (10, 25.0, 0.5)}
SMALLEST = 3
ROWS = [(name, true) for name in GIVEN for true in range(len(transitions(name).laws) + 5)]


def moments(name, true):
    law = transitions(name).law(true)
    mean = sum(n * p for n, p in law.items())
    return mean, sum((n - true) ** 2 * p for n, p in law.items())


@pytest.mark.parametrize(("name", "true"), ROWS)
def test_the_weights_of_a_row_are_a_distribution(name, true):
    law = transitions(name).laws[min(true, len(transitions(name).laws) - 1)]
    assert sum(law.weights) == WHOLE
    assert min(law.weights) > 0
    assert list(law.counts) == sorted(set(law.counts))


@pytest.mark.parametrize("name", GIVEN)
def test_a_published_count_is_unbiased_to_the_last_part(name):
    for true, law in enumerate(transitions(name).laws):
        assert sum((n - true) * weight for n, weight in zip(law.counts, law.weights, strict=True)) == 0


@pytest.mark.parametrize(("name", "true"), ROWS)
def test_a_published_count_deviates_by_no_more_than_allowed_and_is_never_one_or_two(name, true):
    law = transitions(name).law(true)
    assert all(abs(n - true) <= GIVEN[name][0] for n in law)
    assert all(n == 0 or n >= SMALLEST for n in law)


@pytest.mark.parametrize("name", GIVEN)
def test_zero_stays_zero(name):
    assert transitions(name).law(0) == {0: 1.0}


@pytest.mark.parametrize("true", range(1, 20))
def test_every_count_above_zero_has_the_given_variance_in_the_standard_table(true):
    assert moments(STANDARD, true)[1] == pytest.approx(2.0, abs=1e-6)


@pytest.mark.parametrize(("name", "true"), ROWS)
def test_the_variance_is_the_given_one_or_a_share_of_the_greatest_possible(name, true):
    deviation, variance, share = GIVEN[name]
    if true:
        d = deviations(true, deviation, SMALLEST)
        wanted = max(least_variance(d), min(variance, share * greatest_variance(d)))
        assert moments(name, true)[1] == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("true", [3, 4, 5, 6])
def test_no_distribution_under_the_same_conditions_has_more_entropy(true):
    d = deviations(true, 3, SMALLEST)
    p = distribution(d, 2.0)
    conditions = np.stack([np.ones(len(d)), d, d**2]).astype(float)
    free = np.linalg.svd(conditions)[2][3:]
    for direction in free:
        for step in (-1e-3, 1e-3):
            other = p + step * direction
            assert min(other) < 0 or entropy(other) < entropy(p)


@pytest.mark.parametrize("name", GIVEN)
def test_the_generator_makes_the_committed_table(name):
    deviation, variance, share = GIVEN[name]
    made = {(true, n): weight for true, n, weight in table(deviation, variance, SMALLEST, share)}
    kept = {
        (true, n): weight
        for true, law in enumerate(transitions(name).laws)
        for n, weight in zip(law.counts, law.weights, strict=True)
    }
    # Another release of the optimiser may differ in the last digits.
    assert all(abs(made.get(place, 0) - kept.get(place, 0)) < 2**10 for place in made.keys() | kept.keys())


def test_the_generator_refuses_what_cannot_be_unbiased():
    with pytest.raises(ValueError, match="mean 0"):
        list(table(deviation=1, variance=0.5, smallest=3))


def test_the_generator_prints_csv():
    script = Path(__file__).parents[1] / "tools" / "transition_table.py"
    text = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True).stdout
    assert text.splitlines()[:3] == ["true,published,weight", "0,0,4294967296", "1,0,2863311531"]
