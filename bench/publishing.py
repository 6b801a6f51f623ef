"""Publish what was due at an instant, as `zaehlwerk publish` does: `python -m bench.publishing DATA ARS SECONDS`."""

import sys
import time
from pathlib import Path

from admin.opendata.publisher import Publisher
from tracker.config import load_config
from tracker.store import open_store
from tracker.store.catalogue import Catalogue


def main() -> None:
    """Publish, and tell how it goes."""
    config, now = load_config(Path(sys.argv[1]), {}), float(sys.argv[3])
    store = open_store(config.database, readonly=True)
    publisher = Publisher(store, config, Catalogue(store.connection).municipality(sys.argv[2]), now)
    told = begun = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told > 10:
            told = time.monotonic()
            print(f"  {done:,} of {total:,} releases, {told - begun:.0f} s", file=sys.stderr, flush=True)

    publisher.publish(tell)
    store.close()


if __name__ == "__main__":
    main()
