"""uv, where it is found: faster than pip, and replaced by pip where it cannot do it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.bootstrap.project import ALPHA_2, BETA, ROOT, SOURCE_ONLY, Project

pytestmark = pytest.mark.slow


def test_uv_makes_and_updates_the_environment(with_uv: Project, tmp_path: Path) -> None:
    first = with_uv.run("up")

    assert json.loads(first.stdout)["packages"] == ["alpha"], first.stderr
    assert "uv installs locks/run.txt" in first.stderr
    assert not (with_uv.packages / "pip").exists()
    assert list((with_uv.packages / "__pycache__").glob("alpha.*.pyc"))

    with_uv.lock(ALPHA_2, BETA)
    assert json.loads(with_uv.run("up").stdout)["packages"] == ["alpha", "beta"]
    with_uv.lock(BETA)
    assert json.loads(with_uv.run("up").stdout)["packages"] == ["beta"]

    moved = with_uv.moved_to(tmp_path / "moved")
    assert moved.run("up").stderr == ""
    command = subprocess.run([moved.venv / "bin" / "beta"], capture_output=True, check=True)
    assert command.stdout == b"beta 1.0\n"


def test_pip_takes_over_where_uv_does_not_know_the_index(with_uv: Project) -> None:
    done = with_uv.run("up", UV_INDEX_URL="http://127.0.0.1:9/")

    assert json.loads(done.stdout)["packages"] == ["alpha"], done.stderr
    assert "uv could not do it" in done.stderr
    assert "pip installs locks/run.txt" in done.stderr


def test_pip_takes_over_where_uv_does_not_start(project: Project, tmp_path: Path) -> None:
    broken = tmp_path / "broken" / "uv"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    broken.chmod(0o755)
    path = f"{broken.parent}:{project.environment['PATH']}"

    done = project.run("up", PATH=path)

    assert json.loads(done.stdout)["packages"] == ["alpha"], done.stderr


def test_no_network_for_uv_and_pip(with_uv: Project) -> None:
    closed = "http://127.0.0.1:9/"

    done = with_uv.run("up", UV_INDEX_URL=closed, PIP_INDEX_URL=closed)

    assert done.returncode == 2
    assert "index-unreachable" in done.stderr


def test_uv_builds_from_source_where_it_has_to(with_uv: Project) -> None:
    with_uv.lock(SOURCE_ONLY)

    done = with_uv.run("up")

    assert json.loads(done.stdout)["packages"] == ["delta"], done.stderr
    assert "pip" not in done.stderr


def test_an_environment_of_uv_is_updated_where_uv_has_gone(
    with_uv: Project, programs: Path
) -> None:
    with_uv.run("up")
    with_uv.lock(ALPHA_2)

    done = with_uv.run("up", PATH=str(programs))

    assert done.returncode == 0, done.stderr
    assert (with_uv.packages / "alpha-2.0.dist-info").is_dir()


def test_the_script_makes_every_lock(with_uv: Project) -> None:
    shutil.copytree(ROOT / "scripts", with_uv.root / "scripts")
    (with_uv.root / "pyproject.toml").write_text(
        '[project]\nname = "tiny"\nversion = "1"\nrequires-python = ">=3.11"\n'
        'dependencies = ["alpha<2"]\n[project.optional-dependencies]\nnotebooks = ["gamma"]\n'
        '[dependency-groups]\ndev = ["beta"]\n',
        encoding="utf-8",
    )
    script = [with_uv.python, str(with_uv.root / "scripts" / "lock")]

    def lock(*options: str) -> int:
        return subprocess.run([*script, *options], env=with_uv.environment, check=False).returncode

    assert lock("--check") == 1
    assert lock() == 0
    assert lock("--check") == 0
    names = ("run.txt", "notebooks.txt", "test.txt")
    texts = [(with_uv.root / "locks" / name).read_text() for name in names]
    assert [re.findall(r"^(\w+)==1\.0", text, re.MULTILINE) for text in texts] == [
        ["alpha"],
        ["alpha", "gamma"],
        ["alpha", "beta", "gamma"],
    ]
    assert not any("://" in text for text in texts)
    assert json.loads(with_uv.run("test").stdout)["packages"] == ["alpha", "beta", "gamma"]
