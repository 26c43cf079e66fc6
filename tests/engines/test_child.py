"""A server in a process of its own: ended in good order, found again after its stand was killed."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from stend.engines.child import (
    STOP_TIMEOUT_S,
    Child,
    Command,
    Footprint,
    end_left_over,
    terminate,
)
from tests.engines.servers import is_gone, process_of
from tests.waiting import until

# Says that it is ready, and does at SIGTERM what its second argument says.
SERVER = """
import os, signal, sys, time
if sys.argv[2] == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if sys.argv[2] == "leader":
    if os.fork() == 0:
        time.sleep(100)
print("ready", flush=True)
if sys.argv[2] == "dying":
    sys.exit("the port is taken")
time.sleep(100)
"""

PARENT = """
import subprocess, sys, time
server = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
print(server.pid, flush=True)
time.sleep(100)
"""


def command(home: Path, behaviour: str = "polite") -> Command:
    arguments = [sys.executable, "-c", SERVER, str(home), behaviour]
    return Command(arguments, footprint(home))


def footprint(home: Path) -> Footprint:
    return Footprint(home / "server.pid", str(home), home)


@contextmanager
def running(home: Path, behaviour: str = "polite") -> Iterator[Child]:
    log = home.with_suffix(".log")
    child = Child("the server", log)
    child.launch(lambda: command(home, behaviour))
    try:
        until(lambda: "ready" in log.read_text(encoding="utf-8"))
        yield child
    finally:
        child.stop()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "дом с пробелом"


def test_it_runs_in_a_session_of_its_own_and_leaves_no_trace(home: Path) -> None:
    with running(home) as child:
        process = process_of(home / "server.pid")
        assert os.getsid(process.pid) == process.pid
        assert Path(process.cwd()) == home.resolve()
        assert child.owns(process.pid)
        assert not child.owns(os.getpid())
        assert child.failure() is None
        assert (child.pss_bytes() or 0) > 100_000
    assert is_gone(process)
    assert child.pid is None
    assert child.pss_bytes() is None
    assert not child.owns(process.pid)
    assert list(home.iterdir()) == []


@pytest.mark.slow
def test_one_that_does_not_listen_is_killed(home: Path) -> None:
    with running(home, "deaf"):
        process = process_of(home / "server.pid")
    assert is_gone(process)


def test_its_last_words_are_of_this_launch(home: Path) -> None:
    log = home.with_suffix(".log")
    log.write_text("an older complaint\n", encoding="utf-8")
    child = Child("the server", log)
    child.launch(lambda: command(home, "dying"))
    assert until(child.failure) == "the server ended with code 1: the port is taken"
    child.stop()

    silent = Child("the server", log)
    silent.launch(lambda: Command([sys.executable, "-c", "raise SystemExit(3)"], footprint(home)))
    assert until(silent.failure) == f"the server ended with code 3: it wrote nothing to {log}"
    silent.stop()


def test_the_telling_line_is_preferred_to_the_last(home: Path) -> None:
    child = Child("the server", home.with_suffix(".log"), telling="bind()")
    code = "print('bind() failed'); print('giving up'); raise SystemExit(1)"
    child.launch(lambda: Command([sys.executable, "-c", code], footprint(home)))
    assert until(child.failure) == "the server ended with code 1: bind() failed"
    child.stop()


def test_the_log_is_kept_small(home: Path) -> None:
    log = home.with_suffix(".log")
    log.write_bytes(b"x" * (5 * 1024 * 1024 + 1))
    with running(home):
        assert log.stat().st_size < 100
    assert log.with_suffix(".log.1").stat().st_size > 5 * 1024 * 1024


def test_a_server_left_over_is_ended_before_the_next_starts(home: Path) -> None:
    with running(home) as forgotten:
        left_over = process_of(home / "server.pid")
        with running(home) as child:
            assert is_gone(left_over)
            assert process_of(home / "server.pid").pid == child.pid
        assert forgotten.failure() is not None


def test_a_server_whose_stand_died_before_writing_its_number_is_ended(home: Path) -> None:
    with running(home) as forgotten:
        left_over = process_of(home / "server.pid")
        (home / "server.pid").unlink()
        assert end_left_over(footprint(home))
        assert is_gone(left_over)
        assert forgotten.failure() is not None
        assert not end_left_over(footprint(home))


def test_one_that_has_ended_is_not_waited_for_although_its_parent_does_not_ask(home: Path) -> None:
    home.mkdir()
    arguments = command(home).arguments
    # As the first process of a container.
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, *arguments], cwd=home, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        (home / "server.pid").write_text(parent.stdout.readline(), encoding="utf-8")
        left_over = process_of(home / "server.pid")
        # Empty for a moment, while the program is put in place.
        until(left_over.cmdline)
        started = time.monotonic()
        assert end_left_over(footprint(home))
        assert time.monotonic() - started < STOP_TIMEOUT_S
        assert left_over.status() == psutil.STATUS_ZOMBIE
        parent.kill()


def test_a_program_that_only_looks_at_the_home_is_left_alone(home: Path, tmp_path: Path) -> None:
    with running(home):
        (home / "server.pid").unlink()
        arguments = command(home).arguments
        elsewhere = subprocess.Popen(arguments, cwd=tmp_path, start_new_session=True)
        of_a_terminal = subprocess.Popen(arguments, cwd=home)
        assert end_left_over(footprint(home))
        for reader in (elsewhere, of_a_terminal):
            assert reader.poll() is None
            reader.kill()
            reader.wait()


def test_children_of_a_killed_server_are_ended_too(home: Path) -> None:
    with running(home, "leader") as killed:
        leader = process_of(home / "server.pid")
        (orphan,) = leader.children()
        leader.kill()
        until(lambda: killed.failure() is not None)
        assert orphan.is_running()
        assert end_left_over(footprint(home))
        assert is_gone(orphan)
        assert not end_left_over(footprint(home))


def test_a_server_of_another_home_is_left_alone(home: Path) -> None:
    with running(home) as child:
        longer = Footprint(home / "server.pid", str(home)[:-1], home)
        assert not end_left_over(longer)
        assert child.failure() is None


@pytest.mark.parametrize(
    "content", ["", "x", "0\n", "-5\n", "1\n", "OWN\n", "999999999\n", f"{10**30}\n"]
)
def test_a_pid_file_of_somebody_else_ends_nobody(tmp_path: Path, content: str) -> None:
    content = content.replace("OWN", str(os.getpid()))
    (tmp_path / "server.pid").write_text(content, encoding="utf-8")
    assert not end_left_over(footprint(tmp_path))
    assert psutil.Process().is_running()


def test_a_stop_during_preparation_leaves_nothing_behind(home: Path) -> None:
    child = Child("the server", home.with_suffix(".log"), terminate)
    preparing, go_on = threading.Event(), threading.Event()

    def prepare() -> Command:
        preparing.set()
        assert go_on.wait(timeout=20)
        return command(home)

    launch = threading.Thread(target=child.launch, args=[prepare])
    launch.start()
    assert preparing.wait(timeout=20)
    stop = threading.Thread(target=child.stop)
    stop.start()
    go_on.set()
    launch.join()
    stop.join()
    assert child.pid is None
    child.launch(lambda: command(home))
    assert child.pid is None
