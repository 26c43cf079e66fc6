"""What other processes may do with a stand: ask it, start it, stop it."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest

from stend.runtime import control, process
from stend.runtime.control import DidNotStartError
from stend.runtime.process import RunningStand
from tests.conftest import LiveStand

# A process that ends at SIGTERM, one that does not, and a child of the latter.
_OBEDIENT = "import time; print('up', flush=True); time.sleep(600)"
_STUBBORN = (
    "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "print('up', flush=True); time.sleep(600)"
)


def announced(state: Path, pid: int, port: int = 1) -> RunningStand:
    running = RunningStand(pid, process.created(psutil.Process(pid)), "127.0.0.1", port)
    (state / "stand.json").write_text(json.dumps(asdict(running)), encoding="utf-8")
    return running


@pytest.fixture
def program(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", request.param], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        yield child
        child.kill()


def test_a_running_stand_tells_its_status(live_stand: LiveStand) -> None:
    running = process.find(live_stand.state)
    assert running is not None
    status = control.status_of(running)
    assert status is not None
    assert status["ready"] is True


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\n\r\nhello", b"garbage\r\n\r\n"])
def test_whatever_else_answers_at_the_port_is_no_status(answer: bytes, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        running = announced(tmp_path, os.getpid(), server.getsockname()[1])

        def speak() -> None:
            client, _ = server.accept()
            with client:
                client.recv(1000)
                client.sendall(answer)

        speaking = threading.Thread(target=speak)
        speaking.start()
        assert control.status_of(running) is None
        speaking.join()


def test_nobody_at_the_port_is_no_status(tmp_path: Path) -> None:
    assert control.status_of(announced(tmp_path, os.getpid())) is None


def test_silence_is_no_status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "_ANSWER_WITHIN_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        running = announced(tmp_path, os.getpid(), server.getsockname()[1])
        assert control.status_of(running) is None


def test_stopping_no_stand_is_told(tmp_path: Path) -> None:
    assert control.stop(tmp_path) is False


@pytest.mark.parametrize("program", [_OBEDIENT], indirect=True)
def test_a_stand_is_asked_to_end(tmp_path: Path, program: subprocess.Popen[str]) -> None:
    announced(tmp_path, program.pid)
    assert control.stop(tmp_path) is True
    assert program.wait() == -15
    assert process.find(tmp_path) is None


@pytest.mark.parametrize("program", [_STUBBORN], indirect=True)
def test_a_stand_that_does_not_listen_is_killed_with_its_children(
    tmp_path: Path, program: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "STOP_TIMEOUT_S", 0.2)
    announced(tmp_path, program.pid)
    children = psutil.Process(program.pid).children()
    assert len(children) == 1
    assert control.stop(tmp_path) is True
    assert program.wait() == -9
    gone, alive = psutil.wait_procs(children, timeout=5)
    assert (len(gone), alive) == (1, [])


def test_a_start_that_fails_hands_back_what_was_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEND_LANG", "en")
    with pytest.raises(DidNotStartError) as caught:
        control.start_in_background(["up", "--port-base", "1"], tmp_path, {})
    assert "stand.port_base: 1 is not a whole number" in caught.value.output
