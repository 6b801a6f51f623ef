"""Where counts are kept. Only this package speaks SQL."""

from tracker.store.schema import open_database
from tracker.store.sqlite import Counts, Store, open_store

__all__ = ["Counts", "Store", "open_database", "open_store"]
