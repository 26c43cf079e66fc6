"""What descends from this process, and what has lost its parent meanwhile.

Linux: what a program leaves behind becomes a child of ours while it is watched, so it is found:
`PR_SET_CHILD_SUBREAPER` of prctl(2). It holds for the whole process, so it is switched off with the
last program: a server whose parent is killed elsewhere must not become a child of ours that nobody
waits for.
"""

import ctypes
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil

_SET, _GET = 36, 37


class _Adopting:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._programs = 0
        self._before = 0

    def begin(self) -> None:
        with self._lock:
            if self._programs == 0:
                self._before = _is_set()
                _set(1)
            self._programs += 1

    def end(self) -> None:
        with self._lock:
            self._programs -= 1
            if self._programs == 0:
                _set(self._before)


_adopting = _Adopting()


def adopt() -> None:
    """Until `release` is called as often."""
    if psutil.LINUX:
        _adopting.begin()


def release() -> None:
    if psutil.LINUX:
        _adopting.end()


def descendants() -> list[psutil.Process]:
    """Whoever descends from this process: every process of the machine is looked at."""
    return psutil.Process().children(recursive=True)


def seen_descendants() -> list[psutil.Process]:
    """The same at a hundredth of the price; one may be missing while another one ends (proc(5))."""
    try:
        numbers = list(_below(os.getpid()))
    except (FileNotFoundError, ProcessLookupError):
        # A kernel without these files, another system, or a thread of ours has just ended.
        return descendants()
    found = []
    for number in numbers:
        with suppress(psutil.Error):
            found.append(psutil.Process(number))
    return found


def _below(parent: int) -> Iterator[int]:
    for thread in Path(f"/proc/{parent}/task").iterdir():
        children = (thread / "children").read_text(encoding="ascii")
        for child in map(int, children.split()):
            yield child
            # It may end while it is looked at.
            with suppress(FileNotFoundError, ProcessLookupError):
                yield from _below(child)


def reap(ended: Iterable[psutil.Process]) -> None:
    """Takes the exit codes of those that became children of ours, so that they are gone."""
    if not psutil.LINUX:
        return
    for one in ended:
        with suppress(psutil.Error, ChildProcessError):
            if one.status() == psutil.STATUS_ZOMBIE and one.ppid() == os.getpid():
                os.waitpid(one.pid, os.WNOHANG)


def _set(value: int) -> None:
    ctypes.CDLL(None).prctl(_SET, value, 0, 0, 0)


def _is_set() -> int:
    found = ctypes.c_int()
    ctypes.CDLL(None).prctl(_GET, ctypes.byref(found), 0, 0, 0)
    return found.value
