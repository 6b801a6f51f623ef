"""A full disk: 503, nothing lost that was acknowledged, and counting resumes by itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def can_mount() -> bool:
    """Whether a mount namespace of one's own is allowed here."""
    command = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.slow
def test_a_full_disk_loses_nothing(tmp_path):
    if not can_mount():
        if os.environ.get("CI"):
            pytest.fail("CI must allow mount namespaces")
        pytest.skip("needs a mount namespace (unshare -rm)")
    command = ["unshare", "-rm", sys.executable, "-m", "tests.full_disk", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "acknowledged and counted" in done.stdout
