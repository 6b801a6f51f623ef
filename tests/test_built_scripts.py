"""What foreign pages include was built from the sources as they are; seen without Node."""

import hashlib
import json
from pathlib import Path

import pytest

STATIC = Path(__file__).parent.parent / "static"
BUILD = STATIC / "build"
MANIFEST = json.loads((BUILD / "manifest.json").read_text())


def test_the_manifest_names_every_built_script() -> None:
    assert set(MANIFEST) == {path.name for path in BUILD.glob("*.js")}


@pytest.mark.parametrize("name", MANIFEST)
def test_a_built_script_belongs_to_its_sources(name: str) -> None:
    for source, known in MANIFEST[name]["sources"].items():
        assert digest(STATIC / source) == known, f"static/{source} changed: run `make assets`"
    assert digest(BUILD / name) == MANIFEST[name]["sha256"], f"static/build/{name} was edited: run `make assets`"


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
