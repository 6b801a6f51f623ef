"""Bytes on disk per view once the facts have expired: what is kept for good."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from bench.fill import LARGE, QUICK, filled
from bench.table import Row, at_most, say
from tracker.config import Config
from tracker.store import open_store
from tracker.store.catalogue import Catalogue

NO_DAY = 99_999_999  # later than any


def rows(build: Path, quick: bool) -> Iterator[Row]:
    """The rows of this part; `build` is a directory for what is made on the way."""
    size = QUICK if quick else LARGE
    data = build / "disk"
    say(f"disk: purging the facts of {size.views:,} views")
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(filled(build, size).data, data)
    config = Config(data=data.absolute())
    with_facts = config.database.stat().st_size
    _purge(config)
    purged = config.database.stat().st_size
    _vacuum(config)
    vacuumed = config.database.stat().st_size
    shutil.rmtree(data)
    yield Row(f"disk: with the facts of 35 days, {size.views:,} views", f"{with_facts / size.views:.1f} bytes/view")
    yield at_most("disk: facts purged, file as it is left", purged / size.views, 30, "bytes/view", digits=1)
    yield at_most("disk: facts purged, then vacuumed", vacuumed / size.views, 30, "bytes/view", digits=1)


def _purge(config: Config) -> None:
    store = open_store(config.database)
    store.begin()
    for site in Catalogue(store.connection).sites():
        store.purge_facts(site.id, NO_DAY)
    store.commit()
    store.checkpoint()
    store.close()


def _vacuum(config: Config) -> None:
    """What the copy made by `zaehlwerk backup` is, too."""
    store = open_store(config.database)
    store.connection.execute("vacuum")
    store.checkpoint()
    store.close()
