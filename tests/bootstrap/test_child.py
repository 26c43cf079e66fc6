"""Installers are followed to their end, and never left behind."""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Callable
from types import FrameType

import pytest

from bootstrap import child
from tests.bootstrap.index import DEADLINE_S

# Starts a process of its own, as ensurepip does, that would live for ever.
PARENT = """\
import subprocess, sys
inherited = int(sys.argv[1])
forever = "import signal; print('started', flush=True); signal.pause()"
subprocess.run([sys.executable, "-c", forever], pass_fds=[inherited])
"""
NOISY = r"""
import sys
sys.stdout.buffer.write(b"one\rtwo\r\n\xff\xfe\nlast without an end")
sys.exit(3)
"""


def ignore() -> None:
    """Do nothing at a tick."""


@pytest.mark.slow
@pytest.mark.parametrize("on_ctrl_c", [signal.default_int_handler, signal.SIG_IGN])
def test_what_an_installer_started_ends_with_it(
    on_ctrl_c: Callable[[int, FrameType | None], None] | signal.Handlers,
) -> None:
    signal.signal(signal.SIGINT, on_ctrl_c)
    ours, theirs = os.pipe()

    def stop(line: str) -> None:
        raise KeyboardInterrupt(line)

    command = [sys.executable, "-c", PARENT, str(theirs)]
    with pytest.raises(KeyboardInterrupt, match="started"):
        child.run(command, dict(os.environ), theirs, stop, ignore)
    os.close(theirs)

    # The pipe ends when the last process that holds it has gone.
    assert select.select([ours], [], [], DEADLINE_S)[0]
    assert os.read(ours, 1) == b""
    os.close(ours)


def test_lines_are_handed_on_whatever_they_hold() -> None:
    lines: list[str] = []

    status = child.run([sys.executable, "-c", NOISY], dict(os.environ), 0, lines.append, ignore)

    assert status == 3
    one, two, unknown, last = filter(None, lines)
    assert (one, two, last) == ("one", "two", "last without an end")
    assert len(unknown) == 2
