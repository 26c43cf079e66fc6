"""Runs an installer: hands on its lines as they come, and never leaves it behind."""

from __future__ import annotations

import locale
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import IO

TICK_S = 0.2
# What an installer gets to tidy up before it is killed.
GRACE_S = 5.0


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    inherited: int,
    on_line: Callable[[str], None],
    on_tick: Callable[[], None],
) -> int:
    """Run the command to its end.

    Args:
        command: program and arguments.
        environment: its environment variables.
        inherited: an open file that the command holds open too (not on Windows).
        on_line: gets each line of standard output and standard error.
        on_tick: called after every line and at least every 0.2 s.

    Returns:
        The exit code.

    Raises:
        OSError: the command cannot be started.
    """
    # Where Ctrl-C is ignored, as behind `&` in a script, an installer ignores it too: it is ended
    # in another way, with all it has started.
    has_group = signal.getsignal(signal.SIGINT) is signal.SIG_IGN and sys.platform != "win32"
    process = subprocess.Popen(
        command,
        # Without a buffer the pipe can be closed while the other thread still reads from it.
        bufsize=0,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=() if sys.platform == "win32" else (inherited,),
        process_group=0 if has_group else None,
    )
    with process:
        try:
            _follow(process, on_line, on_tick)
            return process.wait()
        except BaseException:
            _end(process, has_group=has_group)
            raise


def _follow(
    process: subprocess.Popen[bytes], on_line: Callable[[str], None], on_tick: Callable[[], None]
) -> None:
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    assert process.stdout is not None  # noqa: S101 - asked for with PIPE
    threading.Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=TICK_S)
            if line is None:
                return
            on_line(line)
        except queue.Empty:
            pass
        on_tick()


def _read(stream: IO[bytes], lines: queue.SimpleQueue[str | None]) -> None:
    rest = b""
    try:
        while chunk := stream.read(1 << 16):
            # Progress bars go back to the start of the line instead of ending it.
            *whole, rest = (rest + chunk).replace(b"\r", b"\n").split(b"\n")
            for raw in whole:
                lines.put(decode(raw))
    except (OSError, ValueError):
        # The pipe was closed under us: the installer has been ended.
        pass
    finally:
        lines.put(decode(rest))
        lines.put(None)


def decode(raw: bytes) -> str:
    """Return the text of a line that is in UTF-8 or in the encoding of the machine."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode(locale.getencoding(), "replace")


def _end(process: subprocess.Popen[bytes], *, has_group: bool) -> None:
    if sys.platform == "win32":
        process.terminate()
    elif has_group:
        os.killpg(process.pid, signal.SIGTERM)
    else:
        # As Ctrl-C would: on SIGTERM ensurepip would leave the pip that it runs behind.
        process.send_signal(signal.SIGINT)
    try:
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
