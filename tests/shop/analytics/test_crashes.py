"""Killed at any step of a commit or a merge, the warehouse loses no record and doubles none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stend.shop.analytics.stores.manifest import read_manifest
from tests.conftest import PROJECT
from tests.shop.analytics.crashing import BATCHES, PER_BATCH, log
from tests.shop.analytics.events import places_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="lives are forks of one process"),
]
# Three synced renames and a manifest of each batch at the least.
_LEAST_STEPS = BATCHES * 6


def test_every_step_of_the_work_may_be_the_last(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.shop.analytics.crashing", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(PROJECT / "src"), str(PROJECT)])},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    folders = sorted(tmp_path.iterdir())
    assert len(folders) == int(done.stdout) > _LEAST_STEPS
    good = [(one.partition.number, one.offset) for one in log() if one.headers]
    bad = [(one.partition.number, one.offset) for one in log() if not one.headers]
    for folder in folders:
        assert places_of(folder) == sorted(good), folder
        assert places_of(folder, "rejected") == sorted(bad), folder
        assert sum(read_manifest(folder).positions.values()) == BATCHES * PER_BATCH
        assert not list(folder.rglob("*.tmp")), folder
