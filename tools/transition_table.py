"""Make a transition table of the cell-key method (needs scipy, a development dependency).

    python tools/transition_table.py --deviation 3 --variance 2 > admin/opendata/protection/transitions_d3_v2.csv
    python tools/transition_table.py --deviation 10 --variance 25 --share 0.5 > …/transitions_d10_v25.csv

For each true count, the distribution of the published count is the one of greatest entropy, so it adds no knowledge but
the conditions (Marley and Leaver 2011; Giessing 2016 for the German census of 2022):

1. A published count is 0 or more, at most `deviation` from the true one, and none from 1 to `smallest - 1`.
2. A true 0 is published as 0.
3. The mean of the published counts is the true count.
4. Their variance is `variance`, or, where that is less, `share` of the greatest that 1 and 3 allow.

Under 3 and 4 the weights are proportional to exp(a·d + b·d²) of the deviation d. The two numbers are found by
minimising the convex dual. Weights are then rounded to parts of 2³² such that they add up, and 3 holds exactly; 4 up to
rounding. From `deviation + smallest` on, 1 takes nothing away: all distributions are the same, and the first is listed.
"""

import argparse
import csv
import sys
from collections.abc import Iterator
from itertools import product
from typing import TextIO

import numpy as np
from scipy.optimize import linprog, minimize
from scipy.special import logsumexp

WHOLE = 2**32


def deviations(true: int, deviation: int, smallest: int) -> np.ndarray:
    """What may be added to a true count."""
    counts = [n for n in range(max(0, true - deviation), true + deviation + 1) if n == 0 or n >= smallest]
    return np.array(counts) - true


def greatest_variance(d: np.ndarray) -> float:
    """The greatest variance that a distribution of mean 0 can have; ValueError where there is no such distribution."""
    found = linprog(-(d**2), A_eq=[np.ones(len(d)), d], b_eq=[1, 0], bounds=(0, 1))
    if found.status:
        raise ValueError(f"no distribution on {d.tolist()} has mean 0")
    return float(-found.fun)


def least_variance(d: np.ndarray) -> float:
    """The least variance that a distribution of mean 0 can have."""
    return float(linprog(d**2, A_eq=[np.ones(len(d)), d], b_eq=[1, 0], bounds=(0, 1)).fun)


def distribution(d: np.ndarray, variance: float) -> np.ndarray:
    """The distribution on `d` of greatest entropy with mean 0 and this variance."""
    scaled = np.stack([d, d**2 - variance])
    scale = np.abs(scaled).max(axis=1, keepdims=True)
    scaled = scaled / scale

    def dual(a: np.ndarray) -> tuple[float, np.ndarray]:
        power = a @ scaled
        top = logsumexp(power)
        return top, scaled @ np.exp(power - top)

    found = minimize(dual, np.zeros(2), jac=True, method="BFGS", options={"gtol": 1e-12, "maxiter": 10_000})
    power = found.x @ scaled
    return np.exp(power - logsumexp(power))


def weights(p: np.ndarray, d: np.ndarray) -> list[int]:
    """`p` in parts of 2³², adding up to 2³² and with a mean of exactly 0.

    All are rounded but the two greatest, which follow from the two conditions. Where these have no whole solution,
    another weight is changed by as little as possible first.
    """
    low, high = sorted(np.argsort(-p, kind="stable")[:2].tolist())
    others = [n for n in range(len(d)) if n not in (low, high)]
    parts = [round(float(share) * WHOLE) for share in p]
    for change, place in product((0, 1, -1, 2, -2, 3, -3), others):
        tried = parts.copy()
        tried[place] += change
        left = WHOLE - sum(tried[n] for n in others)
        moved = -sum(int(d[n]) * tried[n] for n in others)
        tried[high], rest = divmod(moved - int(d[low]) * left, int(d[high] - d[low]))
        tried[low] = left - tried[high]
        if not rest and min(tried) >= 0:
            return tried
    raise ValueError(f"no whole weights on {d.tolist()}")


def table(deviation: int, variance: float, smallest: int, share: float = 1.0) -> Iterator[tuple[int, int, int]]:
    """Rows of true count, published count and weight. ValueError where a count cannot be published without bias."""
    yield 0, 0, WHOLE
    for true in range(1, deviation + smallest + 1):
        d = deviations(true, deviation, smallest)
        greatest = greatest_variance(d)
        given = max(least_variance(d), min(variance, share * greatest))
        for x, weight in zip(d, weights(distribution(d, given), d), strict=True):
            if weight:
                yield true, true + int(x), weight


def write(rows: Iterator[tuple[int, int, int]], file: TextIO) -> None:
    """Write the table as CSV."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("true", "published", "weight"))
    writer.writerows(rows)


def main() -> None:
    """Print the table that the arguments ask for."""
    parser = argparse.ArgumentParser(description="Print a transition table of the cell-key method as CSV.")
    parser.add_argument("--deviation", type=int, default=3)
    parser.add_argument("--variance", type=float, default=2.0)
    parser.add_argument("--smallest", type=int, default=3, help="the smallest count above 0 that is published")
    parser.add_argument("--share", type=float, default=1.0)
    wanted = parser.parse_args()
    write(table(wanted.deviation, wanted.variance, wanted.smallest, wanted.share), sys.stdout)


if __name__ == "__main__":
    main()
