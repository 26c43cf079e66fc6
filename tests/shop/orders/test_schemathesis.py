"""Schemathesis with its default checks and phases finds no disagreement of API and contract."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT, LiveStand

CONTRACT = PROJECT / "src/stend/shop/orders/api/rest/contract/openapi.yaml"
_TIMEOUT_S = 120


@pytest.mark.slow
def test_schemathesis_finds_nothing(live_stand: LiveStand, tmp_path: Path) -> None:
    # As a person would type it in the project's folder, whose schemathesis.toml says what no
    # schema can; fewer examples than by default, so that it takes seconds.
    done = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            *("--config-file", PROJECT / "schemathesis.toml", "run", CONTRACT),
            *("--url", live_stand.url, "--max-examples", "25"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
        # The options are for the command line alone: PYTHONPATH is not needed and not wanted.
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Selected: 8/8" in done.stdout
    assert "No issues found" in done.stdout
