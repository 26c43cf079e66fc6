"""Folders that are named, moved or protected in ways that break other tools."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bootstrap.conftest import surroundings
from tests.bootstrap.index import Index
from tests.bootstrap.project import ALPHA, BASE_PYTHON, BETA, Project

pytestmark = pytest.mark.slow

NOBODY = 65534


def test_a_folder_with_a_space_and_cyrillic_letters(
    tmp_path: Path, programs: Path, index: Index
) -> None:
    root = tmp_path / "Мои проекты" / "стенд 1"
    root.mkdir(parents=True)
    project = Project(root, surroundings(tmp_path, programs, index)).fill()

    # The locale of a bare container: Python then has to guess how names of files are encoded.
    for locale in ("C.UTF-8", "C", "POSIX"):
        done = project.run("up", LANG=locale, LC_ALL=locale)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["source"] == str(root / "src" / "stend" / "__main__.py")
    assert says(project.venv / "bin" / "alpha") == "alpha 1.0"
    assert project.packages.joinpath("stend.pth").read_bytes().isascii()


def test_a_moved_folder_goes_on_working(ready: Project, tmp_path: Path) -> None:
    moved = ready.moved_to(tmp_path / "moved to Москва")

    done = moved.run("up")

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["source"] == str(moved.root / "src" / "stend" / "__main__.py")
    assert says(moved.venv / "bin" / "alpha") == "alpha 1.0"


def test_commands_of_a_copy_run_in_the_copy(ready: Project, tmp_path: Path) -> None:
    copy = ready.copied_to(tmp_path / "copy")
    shutil.rmtree(ready.root)

    assert copy.run("up").returncode == 0
    assert says(copy.venv / "bin" / "alpha") == "alpha 1.0"


def says(command: Path) -> str:
    """Return what a command of the environment prints."""
    done = subprocess.run([str(command)], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, unlike those of pytest."""
    folder = Path(tempfile.mkdtemp(prefix="stend-test-"))
    folder.chmod(0o755)
    yield folder
    protect(folder, 0o755)
    shutil.rmtree(folder)


def protect(folder: Path, mode: int) -> None:
    """Set the access to a folder and to all the folders in it."""
    for parent, _, _ in os.walk(folder):
        Path(parent).chmod(mode)


@pytest.fixture
def read_only(open_folder: Path, index: Index) -> Project:
    """A project that its user cannot write to, and that has to be put elsewhere."""
    home = open_folder / "дом"
    home.mkdir()
    root = open_folder / "project"
    root.mkdir()
    environment = surroundings(open_folder, Path("/usr/bin"), index)
    environment |= {"HOME": str(home), "PIP_CACHE_DIR": str(home / "cache")}
    project = Project(root, environment).fill()
    if os.getuid() == 0:
        # Root writes where it likes, so somebody else has to try.
        os.chown(home, NOBODY, NOBODY)
        project.user, project.python = NOBODY, python_for(NOBODY)
    protect(root, 0o555)
    return project


def python_for(user: int) -> str:
    """Return a Python that this user may start and that can make environments."""
    for candidate in (BASE_PYTHON, *sorted(map(str, Path("/usr/bin").glob("python3.[0-9]*")))):
        command = [candidate, "-c", "import ensurepip, sys; sys.exit(sys.version_info < (3, 11))"]
        try:
            subprocess.run(command, user=user, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return candidate
    pytest.skip("runs as root, and no Python 3.11 on this machine may be started by another user")


def test_a_read_only_folder_keeps_its_environment_with_the_user(read_only: Project) -> None:
    first = read_only.run("up")

    shown = json.loads(first.stdout)
    home = Path(shown["prefix"]).parent
    assert first.returncode == 0, first.stderr
    assert "cannot be written" in first.stderr
    assert home.parent == Path(read_only.environment["HOME"], ".local", "share", "stend")
    assert shown["environment"]["STEND_STATE_DIR"] == str(home / "state")
    assert shown["source"] == str(read_only.root / "src" / "stend" / "__main__.py")

    second = read_only.run("up", STEND_STATE_DIR="/elsewhere")

    assert second.stderr == ""
    assert json.loads(second.stdout)["environment"]["STEND_STATE_DIR"] == "/elsewhere"


def test_a_project_with_a_cyrillic_name_is_found_from_the_folder_of_the_user(
    read_only: Project,
) -> None:
    moved = read_only.moved_to(read_only.root.parent / "проект")

    for locale in ("C.UTF-8", "C"):
        done = moved.run("up", LC_ALL=locale)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["source"].startswith(str(moved.root))


def test_nowhere_to_write_is_an_error_that_names_both_folders(read_only: Project) -> None:
    home = Path(read_only.environment["HOME"])
    home.chmod(0o555)

    done = read_only.run("up", XDG_DATA_HOME=str(home))

    assert done.returncode == 2
    assert "nowhere to put the environment" in done.stderr
    assert str(read_only.root) in done.stderr
    assert str(home / "stend") in done.stderr
    assert "nowhere-to-write" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_environment_whose_python_has_gone_is_made_anew(
    project: Project, tmp_path: Path
) -> None:
    project.python = str(copy_of_python(tmp_path / "other python", without=""))
    project.run("up")
    shutil.rmtree(tmp_path / "other python")
    project.python = BASE_PYTHON

    done = project.run("up")

    assert done.returncode == 0, done.stderr
    assert "The Python of the environment has gone" in done.stderr


def test_a_python_without_ensurepip_is_told_what_to_install(
    project: Project, tmp_path: Path
) -> None:
    project.python = str(copy_of_python(tmp_path / "bare python", without="ensurepip"))

    done = project.run("up")

    assert done.returncode == 2
    assert "This Python cannot make environments" in done.stderr
    assert "apt install python3-venv" in done.stderr
    assert "venv-missing" in done.stderr


def copy_of_python(folder: Path, *, without: str) -> Path:
    """Install a Python of its own into the folder, by links to the files of this one."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    library = folder / "lib" / version
    library.mkdir(parents=True)
    for path in Path(os.__file__).parent.iterdir():
        if path.name not in {"site-packages", "dist-packages", without}:
            (library / path.name).symlink_to(path)
    (folder / "bin").mkdir()
    shutil.copy(BASE_PYTHON, folder / "bin" / version)
    return folder / "bin" / version


def test_a_folder_that_is_no_environment_is_left_alone(project: Project) -> None:
    project.venv.mkdir()
    (project.venv / "diary.txt").write_text("mine", encoding="utf-8")

    done = project.run("up")

    assert done.returncode == 2
    assert "not-an-environment" in done.stderr
    assert (project.venv / "diary.txt").read_text(encoding="utf-8") == "mine"


def test_a_file_in_the_place_of_the_environment_is_left_alone(project: Project) -> None:
    project.venv.write_text("mine", encoding="utf-8")

    done = project.run("up")

    assert done.returncode == 2
    assert "not-an-environment" in done.stderr


def test_a_missing_lock_is_named(ready: Project) -> None:
    for lock in (ready.root / "locks").iterdir():
        lock.unlink()

    done = ready.run("up")

    assert done.returncode == 2
    assert str(ready.root / "locks" / "run.txt") in done.stderr
    assert "lock-missing" in done.stderr
    ready.lock(ALPHA)
    ready.lock_tests(ALPHA, BETA)
    assert ready.run("up").stderr == ""
