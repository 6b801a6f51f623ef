"""The built snippet is small."""

from pathlib import Path

import brotli
import pytest

BUILT = Path(__file__).parent.parent / "static" / "build" / "snippet.min.js"
LIMIT = 1100  # bytes after brotli at quality 11


def test_the_snippet_is_small(capsys: pytest.CaptureFixture[str]) -> None:
    size = len(brotli.compress(BUILT.read_bytes(), quality=11))
    with capsys.disabled():
        print(f"\nsnippet: {size} B brotli, {BUILT.stat().st_size} B plain (limit {LIMIT} B)")
    assert size <= LIMIT
