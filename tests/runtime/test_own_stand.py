"""A stand for one command alone ends with it, however that ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence

import psutil
import pytest

from stend.course.stand import Stand
from stend.runtime.own_stand import own_stand
from tests.folders import open_folder
from tests.reader import environment
from tests.waiting import until

pytestmark = pytest.mark.slow

_HOLDS = """
import sys
from stend.runtime.own_stand import own_stand

with own_stand() as url:
    print(url, flush=True)
    sys.stdin.read()
"""


def _children(pid: int) -> Sequence[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def _works(process: psutil.Process) -> bool:
    """Who has ended may wait for its new parent, which may be these tests, to take notice."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_it_is_there_for_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEND_AMQP_URL", "amqp://127.0.0.1:1/")
    before = {one.pid for one in _children(os.getpid())}
    with own_stand() as url, Stand(url) as stand:
        assert stand.place_order().ok
        began = [one for one in _children(os.getpid()) if one.pid not in before]
        assert began
    assert not any(map(_works, began))


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_of_it(number: signal.Signals) -> None:
    if number is signal.SIGKILL and sys.platform != "linux":
        pytest.skip("only Linux tells a process of its parent's end")
    with open_folder() as folder:
        command = subprocess.Popen(
            [sys.executable, "-c", _HOLDS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Who is killed removes no folder.
            env={**environment(), "TMPDIR": str(folder)},
        )
        assert command.stdout is not None
        with command:
            assert command.stdout.readline().startswith(b"http://127.0.0.1:")
            began = _children(command.pid)
            command.send_signal(number)
            until(lambda: not any(map(_works, began)), 30)
