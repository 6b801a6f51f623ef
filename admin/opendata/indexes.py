"""The files of a municipality that change with each release: catalogues, index for machines and people, budget."""

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from admin.opendata import manifest as manifests
from admin.opendata.catalogue import write_catalogues
from admin.opendata.manifest import Manifest
from admin.opendata.page import STYLE, index_page, root_page, style
from admin.opendata.release import replace_file
from tracker.config import Config

BUDGET = "budget.json"


def write_indexes(config: Config, releases: Sequence[Manifest], done: Sequence[Manifest]) -> None:
    """Bring everything up to date that names the releases; `done` are the new ones. Each file changes in one piece."""
    if not releases:
        return
    root = config.opendata / releases[-1].publisher.ars
    replace_file(config.opendata / STYLE, style())
    if any(release.spent for release in done):
        replace_file(root / BUDGET, _json(budget_of(releases)))
    write_catalogues(config, releases)
    replace_file(root / "index.html", index_page(releases).encode())
    replace_file(root / manifests.INDEX, _json(index_of(config, releases)))
    towns = sorted(_read(path) for path in config.opendata.glob(f"[0-9]*/{manifests.INDEX}"))
    replace_file(config.opendata / "index.html", root_page(towns).encode())


def index_of(config: Config, releases: Sequence[Manifest]) -> dict[str, Any]:
    """The content of index.json: every release, and which is the newest of its period."""
    newest = manifests.latest(list(releases))
    return {
        "publisher": releases[-1].publisher.name,
        "ars": releases[-1].publisher.ars,
        "address": address_of(config, releases[-1].publisher.ars),
        "simulated": releases[-1].simulated,
        "releases": [
            {
                "period": release.period,
                "revision": release.revision,
                "path": f"{release.path}/",
                "released": release.released,
                "reason": release.reason,
                "newest": newest[release.period] == release,
                "tables": [table.name for table in release.tables],
            }
            for release in releases
        ],
    }


def address_of(config: Config, ars: str) -> str:
    """Where the releases of a municipality are published."""
    return f"{config.base_url}/opendata/{ars}/"


def budget_of(releases: Sequence[Manifest]) -> dict[str, Any]:
    """The content of budget.json: what each release spent of the budget of its days, in the order of the releases."""
    ledger = manifests.ledger_of(releases)
    return {
        "limit_per_day": str(ledger.limit),
        "spent": [{**entry._asdict(), "epsilon": str(entry.epsilon)} for entry in ledger.entries],
        "largest_sum_of_a_day": str(max((ledger.spent(entry.period) for entry in ledger.entries), default=Decimal(0))),
    }


def _read(path: Path) -> tuple[str, str]:
    """Name and ARS of a municipality that publishes."""
    content = json.loads(path.read_bytes())
    return content["publisher"], content["ars"]


def _json(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
