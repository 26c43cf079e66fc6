"""A stand for one command alone: on free ports, in a folder of its own, gone when it ends."""

import contextlib
import ctypes
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from stend.runtime import control, process
from stend.runtime.control import DidNotStartError
from stend.runtime.sources import environment

_HOST = "127.0.0.1"
# Below those that a system gives to clients.
_BLOCKS = range(24_000, 32_000, 200)
_PORTS_OF_BLOCK = 200
_READY_WITHIN_S = 90.0
_LOOK_EVERY_S = 0.1
_TRIES = 3
_SETTINGS = "STEND_"
_PR_SET_PDEATHSIG = 1


@contextlib.contextmanager
def own_stand() -> Iterator[str]:
    """Yields the address of its portal.

    It knows no setting of the shell or of a file: servers of somebody else are none of its own.

    Raises:
        DidNotStartError: it does not become ready.
    """
    blocks = _free_blocks()
    for left in reversed(range(_TRIES)):
        with contextlib.ExitStack() as opened:
            opened.enter_context(_ended_by_signals())
            try:
                url = opened.enter_context(_stand_at(next(blocks)))
            except DidNotStartError:
                # Somebody may have taken a port meanwhile.
                if not left:
                    raise
                continue
            yield url
            return


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM unwinds the stack, as Ctrl-C does."""

    def unwind(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, unwind)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _stand_at(port_base: int) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="stend-own-", ignore_cleanup_errors=True) as folder:
        # As root, PostgreSQL runs as another user, who has to get in.
        Path(folder).chmod(0o711)
        state = Path(folder) / ".stend" / str(port_base)
        state.mkdir(parents=True)
        child = _begun(Path(folder), port_base, state)
        try:
            _wait(child, state)
            yield f"http://{_HOST}:{port_base}"
        finally:
            _end(child, state)


def _begun(folder: Path, port_base: int, state: Path) -> "subprocess.Popen[bytes]":
    inherited = {k: v for k, v in environment().items() if not k.startswith(_SETTINGS)}
    own = {"STEND_ROOT": str(folder), "STEND_PORT_BASE": str(port_base)}
    with (state / process.CONSOLE_LOG).open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "stend", "up", "--no-browser"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**inherited, **own},
            # The command has no threads yet.
            preexec_fn=_end_with_its_parent if sys.platform == "linux" else None,  # noqa: PLW1509
        )


def _end_with_its_parent() -> None:
    """Who kills the command leaves no stand behind; it stops as if it had been told to."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _wait(child: "subprocess.Popen[bytes]", state: Path) -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    while child.poll() is None and time.monotonic() < deadline:
        running = process.find(state)
        status = control.status_of(running) if running else None
        if status and status["ready"]:
            return
        time.sleep(_LOOK_EVERY_S)
    output = (state / process.CONSOLE_LOG).read_text(encoding="utf-8", errors="replace")
    raise DidNotStartError(output)


def _end(child: "subprocess.Popen[bytes]", state: Path) -> None:
    """Also one that is starting still, with all that it has started."""
    control.stop(state)
    with contextlib.suppress(psutil.NoSuchProcess):
        for one in psutil.Process(child.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        child.kill()
    child.wait()


def _free_blocks() -> Iterator[int]:
    for base in _BLOCKS:
        if all(_is_free(port) for port in range(base, base + _PORTS_OF_BLOCK)):
            yield base
    raise DidNotStartError(f"no block of free ports from {_BLOCKS.start} to {_BLOCKS.stop}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: connections of a stand that just ended do not make the port taken.
        if not psutil.WINDOWS:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
    return True
