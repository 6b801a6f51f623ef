"""The built snippet is small, and it is what the source says."""

import hashlib
import json
from pathlib import Path

import brotli
import pytest

STATIC = Path(__file__).parent.parent / "static"
BUILT = STATIC / "build" / "snippet.min.js"
LIMIT = 1100  # bytes after brotli at quality 11


def test_the_snippet_is_small(capsys: pytest.CaptureFixture[str]) -> None:
    size = len(brotli.compress(BUILT.read_bytes(), quality=11))
    with capsys.disabled():
        print(f"\nsnippet: {size} B brotli, {BUILT.stat().st_size} B plain (limit {LIMIT} B)")
    assert size <= LIMIT


def test_the_built_snippet_belongs_to_its_source() -> None:
    [(name, entry)] = json.loads((STATIC / "build" / "manifest.json").read_text()).items()
    assert name == BUILT.name
    assert digest(STATIC / entry["source"]) == entry["source_sha256"], "static/snippet.js changed: run `make assets`"
    assert digest(BUILT) == entry["sha256"], "static/build/snippet.min.js was edited by hand: run `make assets`"


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
