"""A network that is down, a package that is not the one in the lock, a disk that is full."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bootstrap.index import Package
from tests.bootstrap.project import ALPHA, ALPHA_2, LARGE, SOURCE_ONLY, Project

pytestmark = pytest.mark.slow

# The port of the discard service: nothing listens there.
CLOSED = "http://127.0.0.1:9/"


def test_no_network(project: Project) -> None:
    done = project.run("up", "--port-base", "9000", PIP_INDEX_URL=CLOSED)

    assert done.returncode == 2
    assert "The package index could not be reached." in done.stderr
    assert "The last lines of pip:" in done.stderr
    assert "Connection refused" in done.stderr
    assert "the package index does not answer" in done.stderr
    assert f"Then run:  {project.root}/stend up --port-base 9000" in done.stderr
    assert "index-unreachable" in done.stderr
    assert "Traceback" not in done.stderr
    assert project.run("up").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (("up", "--lang", "ru"), {}),
        (("--lang=ru", "up"), {}),
        (("up",), {"STEND_LANG": "ru"}),
        (("up",), {"LC_ALL": "ru_RU.UTF-8"}),
    ],
)
def test_errors_are_in_russian_where_that_is_asked_for(
    project: Project, arguments: tuple[str, ...], environment: dict[str, str]
) -> None:
    (project.root / "locks" / "run.txt").unlink()

    done = project.run(*arguments, **environment)

    assert done.returncode == 2
    assert "не читается" in done.stderr
    assert "Повторить:" in done.stderr


def test_without_network_the_old_lock_still_works(ready: Project) -> None:
    ready.lock(ALPHA_2)
    refused = ready.run("up", PIP_INDEX_URL=CLOSED)
    ready.lock(ALPHA)
    again = ready.run("up", PIP_INDEX_URL=CLOSED)

    assert refused.returncode == 2
    assert (again.returncode, again.stderr) == (0, "")


def test_a_package_that_is_not_the_one_in_the_lock_is_refused(project: Project) -> None:
    project.lock(text=ALPHA.entry.replace(ALPHA.sha256, "0" * 64))

    done = project.run("up")

    assert done.returncode == 2
    assert "hash-mismatch" in done.stderr
    assert not project.mark.exists()


def test_a_package_without_a_build_is_built_from_source(project: Project) -> None:
    project.lock(ALPHA, SOURCE_ONLY)

    done = project.run("up")

    assert json.loads(done.stdout)["packages"] == ["alpha", "delta"], done.stderr
    assert "no ready-made build" in done.stderr


def test_a_package_that_the_index_does_not_have(project: Project) -> None:
    project.lock(Package("epsilon", "1.0"))

    done = project.run("up")

    assert done.returncode == 2
    assert "no-build-for-python" in done.stderr


@pytest.fixture
def small_disk(project: Project) -> Iterator[Path]:
    """A file system of 1 MB in the place of the environment: too small for the package."""
    project.lock(LARGE)
    project.venv.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(project.venv)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("to have a full disk, a small one has to be mounted, which only root may do")
    yield project.venv
    subprocess.run(["umount", str(project.venv)], check=True)


def test_a_disk_that_fills_up(project: Project, small_disk: Path) -> None:
    done = project.run("up")

    assert done.returncode == 2
    assert "The disk is full." in done.stderr
    assert "disk-full" in done.stderr
    assert not done.stderr.startswith("Traceback")
    assert "\nTraceback" not in done.stderr


def test_a_disk_that_is_full_already(project: Project, small_disk: Path) -> None:
    (small_disk / "stend-install.lock").touch()
    with pytest.raises(OSError, match="No space left on device"):
        (small_disk / "pyvenv.cfg").write_bytes(b"x" * (2 << 20))

    done = project.run("up")

    assert done.returncode == 2
    assert "The disk is full." in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interpreter_that_cannot_be_started(ready: Project) -> None:
    python = ready.venv / "bin" / "python"
    python.unlink()
    python.write_bytes(b"\x7fELF of another machine")
    python.chmod(0o755)

    done = ready.run("up")

    assert done.returncode == 2
    assert "cannot-start" in done.stderr
    assert str(python) in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_for_other_installations_do_not_lead_astray(
    project: Project, tmp_path: Path
) -> None:
    done = project.run("up", PIP_TARGET=str(tmp_path / "target"), PIP_USER="1", PYTHONPATH="/none")

    assert json.loads(done.stdout)["packages"] == ["alpha"], done.stderr
    assert not (tmp_path / "target").exists()
