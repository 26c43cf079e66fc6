"""The slow path: makes the environment before a person's eyes, and turns failures into words."""

from __future__ import annotations

import errno
import os
import shlex
import shutil
import signal
import subprocess
import sys
from types import FrameType

from bootstrap import environment
from bootstrap.failure import BootstrapError
from bootstrap.output import megabytes
from bootstrap.place import Place
from bootstrap.screen import Screen
from bootstrap.texts import Note, Problem, choose_language

FAILED = 2
# Windows has no SIGHUP.
_STOPPING = [s for s in signal.Signals if s.name in {"SIGINT", "SIGTERM", "SIGHUP"}]


class Stopped(BaseException):
    """A signal asked us to end; not an Exception, so that nothing on the way swallows it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def make_ready(root: str, locks: tuple[str, ...], argv: list[str]) -> Place | int:
    """Make the environment; return it, or the exit code after an error has been shown.

    Args:
        root: the project folder.
        locks: the locks that will do, the one to install first.
        argv: the command line, the name of the program first.
    """
    screen = _screen(argv)
    before = {number: signal.getsignal(number) for number in _STOPPING}
    try:
        for number, handler in before.items():
            # What a parent told us to ignore (nohup) stays ignored.
            if handler is not signal.SIG_IGN:
                signal.signal(number, _stop)
        return environment.prepare(root, locks, screen)
    except Stopped as stopped:
        screen.say(Note.STOPPED)
        # The shell's own convention for a command that a signal ended.
        return 128 + stopped.number
    except BootstrapError as error:
        screen.fail(error)
    except OSError as error:
        screen.fail(_explain(error, root))
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return FAILED


def cannot_start(place: Place, error: OSError, argv: list[str]) -> int:
    """Say that the interpreter of a complete environment does not start."""
    reason = error.strerror or str(error)
    problem = BootstrapError(
        Problem.CANNOT_START, python=place.python, reason=reason, folder=place.venv
    )
    _screen(argv).fail(problem)
    return FAILED


def _stop(number: int, _frame: FrameType | None) -> None:
    # A second Ctrl-C must not cut short the tidying up after the first.
    for other in _STOPPING:
        signal.signal(other, signal.SIG_IGN)
    raise Stopped(number)


def _screen(argv: list[str]) -> Screen:
    surroundings = dict(os.environ)
    return Screen(
        sys.stderr, choose_language(argv, surroundings), surroundings, retry_command(argv)
    )


def retry_command(argv: list[str]) -> str:
    """Return the command line that runs the same command again."""
    if os.name == "nt":
        return subprocess.list2cmdline(["python", *argv])
    if os.sep in argv[0] and os.access(argv[0], os.X_OK):
        return shlex.join(argv)
    return shlex.join(["python3", *argv])


def _explain(error: OSError, root: str) -> BootstrapError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return BootstrapError(Problem.DISK_FULL, free=megabytes(shutil.disk_usage(root).free))
    return BootstrapError(Problem.FILE_SYSTEM, reason=str(error))
