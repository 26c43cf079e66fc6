"""Pythons that are too old to run stend, the real ones where this machine has some."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bootstrap import old_python
from tests.bootstrap.project import BASE_PYTHON, ROOT, Project

NAMES = ("python2.7", *(f"python3.{minor}" for minor in range(3, 11)))


def old_pythons() -> list[str]:
    """Return the old Pythons of a version manager and of PATH that really start."""
    installed = sorted(Path.home().glob(".pyenv/versions/*/bin/python"))
    found = [str(path) for path in installed]
    found += [path for name in NAMES if (path := shutil.which(name)) is not None]
    return [path for path in found if is_old(path)]


def is_old(python: str) -> bool:
    question = "import sys; sys.exit(0 if (2, 7) <= sys.version_info < (3, 11) else 1)"
    asked = subprocess.run([python, "-c", question], capture_output=True, check=False)
    return asked.returncode == 0


@pytest.fixture
def fake_folder(tmp_path: Path) -> Path:
    """A PATH with a program of the right name that does not start, as version managers make it."""
    folder = tmp_path / "shims"
    folder.mkdir()
    for name in old_python.NEWEST_FIRST:
        (folder / name).write_text("#!/bin/sh\nexit 127\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


def test_the_message_names_what_was_found_and_what_is_needed() -> None:
    english = old_python.explanation((3, 9, 2), "/usr/bin/python3", russian=False)
    russian = old_python.explanation((2, 7, 18), "/usr/bin/python", russian=True)

    assert "Python 3.9.2 (/usr/bin/python3)" in english
    assert "3.11 or newer" in english
    assert "python-too-old" in english
    assert "Python 2.7.18 (/usr/bin/python)" in russian
    assert "3.11 или новее" in russian


def test_a_newer_python_has_to_start_to_be_found(fake_folder: Path, tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (real / "python3.11").symlink_to(BASE_PYTHON)

    assert old_python.find_newer(str(fake_folder)) is None
    assert old_python.find_newer(f"{fake_folder}{os.pathsep}{real}") == str(real / "python3.11")
    assert old_python.find_newer("") is None


@pytest.mark.slow
def test_every_old_python_says_what_is_missing(fake_folder: Path) -> None:
    for python in old_pythons():
        done = start(python, fake_folder, STEND_LANG="en")
        assert done.returncode == 2, (python, done.stderr)
        assert "stend: This Python is too old." in done.stderr, python
        assert "Traceback" not in done.stderr, python

        # A locale that is not installed: Python 3.6 then believes that it may write ASCII only.
        done = start(python, fake_folder, LANG="ru_RU.UTF-8")
        assert "stend: Этот Python слишком старый." in done.stderr, python


def start(python: str, path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, str(ROOT / "stend"), "up"],
        env={"PATH": str(path), **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.slow
def test_every_old_python_hands_over_to_a_new_one(ready: Project, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3.11").symlink_to(BASE_PYTHON)
    ready.environment["PATH"] = str(tmp_path / "bin")
    for python in old_pythons():
        ready.python = python
        done = ready.run("up", "два слова", EXIT_WITH="5")
        assert done.returncode == 5, (python, done.stderr)
        assert '"up"' in done.stdout
