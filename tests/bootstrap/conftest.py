"""An index, a project folder, and a project folder whose environment is ready."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bootstrap.index import Index
from tests.bootstrap.project import ALPHA, ALPHA_2, BETA, GAMMA, LARGE, SOURCE_ONLY, Project

# All that a command of an environment needs; not uv, which may or may not be on this machine.
PROGRAMS = ("sh", "dirname", "realpath")


@pytest.fixture(autouse=True)
def signals_heeded() -> Iterator[None]:
    """What tests start would ignore SIGINT behind `&` in a script, and SIGHUP behind nohup."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGHUP)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def index() -> Iterator[Index]:
    with Index((ALPHA, ALPHA_2, BETA, GAMMA, SOURCE_ONLY, LARGE)).serving() as serving:
        yield serving


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("programs")
    for name in PROGRAMS:
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    return folder


def surroundings(folder: Path, programs: Path, index: Index) -> dict[str, str]:
    """Return environment variables that let nothing of this machine in."""
    return {
        "PATH": str(programs),
        "HOME": str(folder / "home"),
        "LANG": "C.UTF-8",
        "NO_PROXY": "*",
        "PIP_INDEX_URL": index.url,
        "PIP_CACHE_DIR": str(folder / "pip-cache"),
        "PIP_RETRIES": "0",
        "UV_INDEX_URL": index.url,
        "UV_CACHE_DIR": str(folder / "uv-cache"),
        "UV_HTTP_RETRIES": "0",
    }


@pytest.fixture
def project(tmp_path: Path, programs: Path, index: Index) -> Iterator[Project]:
    root = tmp_path / "project"
    root.mkdir()
    made = Project(root, surroundings(tmp_path, programs, index)).fill()
    yield made
    made.end_all()


@pytest.fixture(scope="session")
def pattern(tmp_path_factory: pytest.TempPathFactory, programs: Path) -> Project:
    """A project whose environment pip has made: to be copied, never to be changed."""
    folder = tmp_path_factory.mktemp("pattern")
    (folder / "project").mkdir()
    with Index((ALPHA,)).serving() as index:
        made = Project(folder / "project", surroundings(folder, programs, index)).fill()
        done = made.run("up")
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture
def ready(tmp_path: Path, programs: Path, index: Index, pattern: Project) -> Iterator[Project]:
    copy = pattern.copied_to(tmp_path / "ready")
    copy.environment = surroundings(tmp_path, programs, index)
    yield copy
    copy.end_all()


@pytest.fixture(scope="session")
def uv_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with uv in it: this machine's own, or one that pip has just fetched."""
    found = shutil.which("uv")
    folder = tmp_path_factory.mktemp("uv")
    if found is None:
        venv.create(folder / "venv", with_pip=True)
        python = str(folder / "venv" / "bin" / "python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", "uv"], check=True)
        found = str(folder / "venv" / "bin" / "uv")
    (folder / "bin").mkdir()
    (folder / "bin" / "uv").symlink_to(found)
    return folder / "bin"


@pytest.fixture
def with_uv(project: Project, uv_folder: Path) -> Project:
    project.environment["PATH"] = os.pathsep.join((str(uv_folder), project.environment["PATH"]))
    return project
