"""The usual course of things: the first run, every later one, and a lock that changes."""

from __future__ import annotations

import json
import os
import pty
import re
from pathlib import Path

import pytest

from tests.bootstrap.index import Index
from tests.bootstrap.project import ALPHA, ALPHA_2, BETA, GAMMA, ROOT, Project

pytestmark = pytest.mark.slow


def test_first_run_makes_the_environment_and_runs_the_command(project: Project) -> None:
    done = project.run("up", "--flag", "two words", EXIT_WITH="7")

    shown = json.loads(done.stdout)
    assert done.returncode == 7, done.stderr
    assert shown["arguments"] == ["up", "--flag", "two words"]
    assert shown["prefix"] == str(project.venv)
    assert shown["source"] == str(project.root / "src" / "stend" / "__main__.py")
    assert shown["environment"] == {"STEND_ROOT": str(project.root)}
    assert shown["packages"] == ["alpha"]
    assert project.mark.read_bytes() == (project.root / "locks" / "run.txt").read_bytes()


def test_first_run_shows_what_it_does_in_plain_lines(project: Project) -> None:
    lines = project.run("up").stderr.splitlines()

    assert lines[0] == "stend: First run: making the environment in .venv"
    assert any(re.match(r"  1 of 1 packages", line) for line in lines), lines
    assert re.fullmatch(r"stend: Ready: 1 packages, [\d.]+ MB on disk, \d+ s", lines[-1]), lines
    assert max(map(len, lines)) <= 80
    assert not any("\r" in line or "\x1b" in line for line in lines)


@pytest.mark.parametrize("no_colour", ["", "1"])
def test_a_terminal_gets_one_line_that_changes(project: Project, no_colour: str) -> None:
    project.environment |= {"TERM": "xterm", "NO_COLOR": no_colour}
    shown = on_a_terminal(project).partition("{")[0]

    assert "\r  1 of 1 packages" in shown
    assert ("\x1b" in shown) is not bool(no_colour)
    parts = re.split(r"[\r\n]", re.sub(r"\x1b\[\d+m", "", shown))
    assert max(map(len, parts)) <= 80


def on_a_terminal(project: Project) -> str:
    """Return what the command writes to a terminal."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(project.root)
        os.execve(project.python, project.command("up"), project.environment)  # noqa: S606
    shown = b""
    try:
        while part := os.read(terminal, 4096):
            shown += part
    except OSError:
        # Linux ends the terminal of a process that has gone with EIO.
        pass
    finally:
        os.close(terminal)
    assert os.waitpid(child, 0)[1] == 0, shown
    return shown.decode()


def test_a_later_run_does_nothing_but_run(ready: Project, index: Index) -> None:
    before = ready.venv.stat().st_mtime_ns

    done = ready.run("status")

    assert (done.returncode, done.stderr) == (0, "")
    assert ready.venv.stat().st_mtime_ns == before
    assert index.requests == []


def test_a_changed_lock_brings_the_packages_up_to_date(ready: Project) -> None:
    ready.lock(ALPHA_2, BETA)
    first = ready.run("up")
    version = ready.packages / "alpha-2.0.dist-info"

    assert first.returncode == 0, first.stderr
    assert "The lock has changed" in first.stderr
    assert version.is_dir()
    assert json.loads(first.stdout)["packages"] == ["alpha", "beta"]

    ready.lock(ALPHA_2, GAMMA)
    second = ready.run("up")

    assert json.loads(second.stdout)["packages"] == ["alpha", "gamma"], second.stderr
    assert ready.run("up").stderr == ""


def test_tests_have_their_own_lock_which_also_serves_to_run(ready: Project) -> None:
    first = ready.run("--lang", "en", "test", "-k", "x")

    assert json.loads(first.stdout)["packages"] == ["alpha", "beta"], first.stderr
    assert ready.run("up").stderr == ""
    assert ready.run("test").stderr == ""


def test_notebooks_have_a_lock_between_those_of_running_and_of_testing(ready: Project) -> None:
    ready.lock_notebooks(ALPHA, GAMMA)
    ready.lock_tests(ALPHA, BETA, GAMMA)

    first = ready.run("--lang", "en", "notebook", "14")
    assert json.loads(first.stdout)["packages"] == ["alpha", "gamma"], first.stderr
    assert ready.run("up").stderr == ""
    ready.lock(ALPHA_2)
    ready.lock_notebooks(ALPHA_2, GAMMA)
    changed = ready.run("up")
    assert json.loads(changed.stdout)["packages"] == ["alpha", "gamma"], changed.stderr

    ready.lock_tests(ALPHA_2, BETA, GAMMA)
    ready.run("test")
    assert ready.run("notebook").stderr == ""


def test_an_environment_for_tests_stays_one_when_the_locks_change(ready: Project) -> None:
    ready.run("test")
    ready.lock(ALPHA_2)
    ready.lock_tests(ALPHA_2, BETA, GAMMA)

    done = ready.run("up")

    assert json.loads(done.stdout)["packages"] == ["alpha", "beta", "gamma"], done.stderr
    assert ready.run("test").stderr == ""


def test_an_environment_made_by_hand_is_kept_and_completed(ready: Project) -> None:
    ready.mark.unlink()
    (ready.packages / "own.py").touch()
    ready.lock(ALPHA, BETA)

    done = ready.run("up")

    assert json.loads(done.stdout)["packages"] == ["alpha", "beta"], done.stderr
    assert (ready.packages / "own.py").exists()


def test_the_real_index_serves_an_entry_of_the_real_lock(project: Project) -> None:
    lock = (ROOT / "locks" / "run.txt").read_text(encoding="utf-8")
    entry = re.search(r"^idna==.*\n(?:    .*\n)+", lock, re.MULTILINE)
    assert entry is not None
    project.lock(text=entry[0])
    # The index, the proxy and the certificates that this machine is set up for.
    outer = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
    outer |= {name: os.environ[name] for name in ("HTTPS_PROXY", "HOME") if name in os.environ}
    project.environment = {"PATH": project.environment["PATH"], "LANG": "C.UTF-8", **outer}

    done = project.run("up")

    assert done.returncode == 0, done.stderr
    assert next(project.packages.glob("idna-*.dist-info")).is_dir()


def test_modules_in_the_current_folder_do_not_replace_the_library(
    ready: Project, tmp_path: Path
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong json')\n", encoding="utf-8")

    ready.folder = tmp_path

    done = ready.run("up")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["json"] != str(tmp_path / "json.py")
