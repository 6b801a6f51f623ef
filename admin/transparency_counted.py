"""What is counted and kept of visitors, for the public page: out of the settings, as the privacy notice states it."""

from typing import NamedTuple

from tracker.config import Config
from tracker.store import Store
from tracker.store.catalogue import Catalogue, Municipality


class Counted(NamedTuple):
    """What is counted of one municipality. Hosts in order; days and months as set."""

    visits: tuple[str, ...]  # hosts where the views of a day are joined into visits
    counts: tuple[str, ...]  # hosts where they are not
    searched: bool
    facts_days: int
    months: int
    honour_dnt: bool

    @property
    def single(self) -> bool:
        """Whether single visits are kept."""
        return bool(self.visits) and self.facts_days > 0

    @property
    def kinds(self) -> list[str]:
        """What is counted, by the keys of its texts."""
        asked = {"visits": bool(self.visits), "single": self.single, "search": self.searched}
        names = ("views", "visits", "single", "attempts", "codes", "kind", "links", "search", "ratings")
        return [name for name in names if asked.get(name, True)]


def counted_of(town: Municipality, store: Store, config: Config) -> Counted:
    """What the running configuration counts of a municipality."""
    sites = Catalogue(store.connection).sites(town.id)
    return Counted(
        visits=tuple(site.host for site in sites if site.level == "visits"),
        counts=tuple(site.host for site in sites if site.level != "visits"),
        searched=any(site.search_param for site in sites),
        facts_days=config.facts_days,
        months=config.rollup_months,
        honour_dnt=config.honour_dnt,
    )
