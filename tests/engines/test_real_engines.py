"""scripts/real-engines: what it says where it cannot start a server; the rest needs the servers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.folders import open_folder

SCRIPT = PROJECT / "scripts" / "real-engines" / "real-engines"
pytestmark = pytest.mark.skipif(os.name == "nt", reason="the script is for Debian-like systems")


@pytest.fixture
def public() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


def said(*words: str, path: Path) -> subprocess.CompletedProcess[str]:
    """What the script says to somebody whose PATH holds that folder alone."""
    return subprocess.run(
        [sys.executable, str(SCRIPT), *words],
        capture_output=True,
        text=True,
        env={"PATH": str(path)},
        timeout=30,
        check=False,
    )


def test_a_server_that_is_missing_is_named_with_the_way_to_install_it(tmp_path: Path) -> None:
    done = said("start", "--home", str(tmp_path / "home"), "redis", path=tmp_path)
    assert done.returncode == 1
    assert "redis did not start: redis-server was not found" in done.stderr
    assert "scripts/real-engines/real-engines install redis" in done.stderr


def test_where_there_is_no_apt_get_it_says_what_has_to_be_installed(tmp_path: Path) -> None:
    done = said("install", "redis", path=tmp_path)
    assert done.returncode == 1
    assert "no apt-get" in done.stderr
    assert "redis" in done.stderr


def test_kafka_needs_java(tmp_path: Path) -> None:
    done = said("start", "--home", str(tmp_path / "home"), "kafka", path=tmp_path)
    assert done.returncode == 1
    assert "kafka did not start: java was not found" in done.stderr


def test_a_server_that_ends_at_once_is_told_with_the_end_of_its_log(public: Path) -> None:
    server = public / "redis-server"
    server.write_text("#!/bin/sh\necho 'Fatal: no room'\nexit 3\n", encoding="ascii")
    server.chmod(0o755)
    done = said("start", "--home", str(public / "home"), "redis", path=public)
    assert done.returncode == 1
    assert "redis did not start: it ended at once" in done.stderr
    assert "Fatal: no room" in done.stderr


def test_without_all_servers_the_command_is_not_run(tmp_path: Path) -> None:
    made = tmp_path / "made"
    home = str(tmp_path / "home")
    done = said("run", "--home", home, "--", "/usr/bin/touch", str(made), path=tmp_path)
    assert done.returncode == 1
    assert not made.exists()


def test_to_stop_what_does_not_run_is_no_error(tmp_path: Path) -> None:
    assert said("stop", "--home", str(tmp_path / "home"), path=tmp_path).returncode == 0


def test_an_unknown_server_is_refused(tmp_path: Path) -> None:
    done = said("start", "--home", str(tmp_path / "home"), "oracle", path=tmp_path)
    assert done.returncode == 2
    assert "there is no oracle" in done.stderr
