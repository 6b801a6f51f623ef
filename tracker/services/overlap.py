"""Whether two patterns can match the same page."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence


def overlaps(paths: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The places of all pairs of paths that can match the same page, each pair once.

    Only a path that begins with all names which another has before its first star can match the same page.
    """
    begun: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, path in enumerate(paths):
        begun[_before_stars(path)].append(place)
    for begin, places in begun.items():
        for length in range(1, len(begin) + 1):
            for other in begun.get(begin[:length], ()):
                for place in places:
                    if (length < len(begin) or other < place) and overlap(paths[other], paths[place]):
                        yield other, place


def _before_stars(path: str) -> tuple[str, ...]:
    names = path.partition("#")[0].rstrip("/").split("/")
    return tuple(names[: next((place for place, name in enumerate(names) if "*" in name), len(names))])


def overlap(one: str, other: str) -> bool:
    """Whether there is a page that both paths match; both as they are written, with their host."""
    path, _, route = one.partition("#")
    other_path, _, other_route = other.partition("#")
    if route and other_route:  # else the one without a route takes no notice of the other's
        path, other_path = one, other
    names, other_names = path.rstrip("/").split("/"), other_path.rstrip("/").split("/")
    if _part_early(names, other_names) or _part_early(names[::-1], other_names[::-1]):
        return False
    return _meet(names, other_names, "**", _names_meet)


def _part_early(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether names before the first star differ; nearly all pairs end here, from the front or from the end."""
    for name, other_name in zip(one, other, strict=False):
        if "*" in name or "*" in other_name:
            return False
        if name != other_name:
            return True
    return False


def _names_meet(one: str, other: str) -> bool:
    if "*" not in one and "*" not in other:
        return one == other
    return _meet(one, other, "*", str.__eq__)


def _meet(one: Sequence[str], other: Sequence[str], star: str, same: Callable[[str, str], bool]) -> bool:
    """Whether two sequences can stand for the same one, where `star` stands for any number of members, also none.

    Fills a table from the end: `after[j]` tells whether what follows of `one` meets what follows of `other` from j on.
    """
    after = [False] * len(other) + [True]
    for j in range(len(other) - 1, -1, -1):
        after[j] = other[j] == star and after[j + 1]
    for i in range(len(one) - 1, -1, -1):
        now = [False] * len(other) + [one[i] == star and after[-1]]
        for j in range(len(other) - 1, -1, -1):
            if star in (one[i], other[j]):
                now[j] = after[j] or now[j + 1]
            else:
                now[j] = after[j + 1] and same(one[i], other[j])
        after = now
    return after[0]
