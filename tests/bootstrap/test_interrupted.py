"""Installations that are killed, stopped, or started twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess

import pytest

from tests.bootstrap.index import Index
from tests.bootstrap.project import ALPHA, ALPHA_2, Project, kill_group

pytestmark = pytest.mark.slow


def start_and_hold(project: Project, index: Index) -> subprocess.Popen[str]:
    """Start a first run and stop it in the middle of a download."""
    index.hold(ALPHA)
    process = project.start("up")
    index.until_asked()
    return process


def recovers(project: Project) -> None:
    done = project.run("up")
    assert done.returncode == 0, done.stderr
    assert "did not finish" in done.stderr
    assert json.loads(done.stdout)["packages"] == ["alpha"]
    assert project.run("up").stderr == ""


def test_killed_while_it_installs(project: Project, index: Index) -> None:
    process = start_and_hold(project, index)

    kill_group(process)
    process.communicate()
    index.release()

    assert not project.mark.exists()
    recovers(project)


def test_killed_while_it_updates(ready: Project, index: Index) -> None:
    ready.lock(ALPHA_2)
    index.hold(ALPHA_2)
    process = ready.start("up")
    index.until_asked()

    kill_group(process)
    process.communicate()
    index.release()

    assert not ready.mark.exists()
    recovers(ready)


def test_an_installer_that_outlives_the_bootstrap_is_waited_for(
    project: Project, index: Index
) -> None:
    process = start_and_hold(project, index)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    second = project.start("up")
    assert second.stderr is not None
    assert f"process {process.pid}" in second.stderr.readline()
    index.release()
    output, errors = second.communicate()

    assert second.returncode == 0, errors
    assert json.loads(output)["packages"] == ["alpha"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopped_by_a_signal(project: Project, index: Index, number: signal.Signals) -> None:
    process = start_and_hold(project, index)

    os.kill(process.pid, number)
    _, errors = process.communicate()

    assert process.returncode == 128 + number
    assert "nothing is broken" in errors
    assert f"{project.root}/stend up" in errors.splitlines()[-1]
    assert "Traceback" not in errors


def test_ctrl_c_reaches_the_installer_too(project: Project, index: Index) -> None:
    process = start_and_hold(project, index)

    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate()

    assert process.returncode == 128 + signal.SIGINT
    assert "Traceback" not in errors
    index.release()
    recovers(project)


def test_two_first_runs_at_once_install_once(project: Project, index: Index) -> None:
    first = start_and_hold(project, index)
    second = project.start("up")
    assert second.stderr is not None
    waiting = second.stderr.readline()

    index.release()
    outputs = [process.communicate() for process in (first, second)]

    assert f"process {first.pid}" in waiting
    assert [first.returncode, second.returncode] == [0, 0], outputs
    assert [json.loads(output)["packages"] for output, _ in outputs] == [["alpha"], ["alpha"]]
    assert sum(path.endswith(ALPHA.file_name) for path in index.requests) == 1
