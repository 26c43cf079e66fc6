"""One program of a learner: started, watched, ended with everything that it has started."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import psutil

from stend.course.sandbox.limits import Limits
from stend.course.sandbox.orphans import (
    adopt,
    descendants,
    reap,
    release,
    seen_descendants,
)
from stend.course.sandbox.told import Trouble

_ENTER = Path(__file__).with_name("enter.py")
_LOOK_EVERY_S = 0.03
_KEPT_BYTES = 16 * 1024
_CHUNK_BYTES = 64 * 1024
_END_WITHIN_S = 5.0
# Every process that the program starts inherits it, whatever it does to get away.
_MARK = "STEND_LEARNER"


class Program:
    """
    Args:
        arguments: the file and what follows it, or `--calls PORT MODULE`.
        folder: where it runs.
        environment: all that it sees of the environment.
        mark: a word that no other program has.
        given: what it reads from its standard input; what it prints is kept whole then, and apart
            from its errors. None: nothing to read, and the end of all that it prints.
    """

    def __init__(
        self,
        arguments: list[str],
        folder: Path,
        environment: Mapping[str, str],
        limits: Limits,
        mark: str,
        given: bytes | None = None,
    ) -> None:
        self._limits = limits
        self._mark = mark
        self._kept = bytearray()
        self._errors = bytearray()
        # Printing too much ends it, so whoever keeps all keeps no more than that.
        self._most_kept = _KEPT_BYTES if given is None else limits.output_bytes + _CHUNK_BYTES
        self._printed = 0
        self._trouble: Trouble | None = None
        self._ending = threading.Lock()
        self._over = threading.Event()
        self._is_ended = False
        # Those of it that were found so far: what has ended of them is waited for at the end.
        self._found: set[psutil.Process] = set()
        self._deadline = time.monotonic() + limits.wall_s
        adopt()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-u", "-X", "utf8", str(_ENTER), *self._limits_told(), *arguments],
                cwd=folder,
                env={**environment, _MARK: mark},
                stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT if given is None else subprocess.PIPE,
                **_apart(),
            )
        except BaseException:
            release()
            raise
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in self._works(given or b"")
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.end()

    @property
    def trouble(self) -> Trouble | None:
        """The limit that it has gone over."""
        return self._trouble

    @property
    def code(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._process.poll()

    @property
    def said(self) -> str:
        """The end of what it has printed."""
        return (self._kept + self._errors)[-_KEPT_BYTES:].decode("utf-8", errors="replace")

    @property
    def output(self) -> bytes:
        return bytes(self._kept)

    @property
    def errors(self) -> str:
        """What it has printed to its standard error, where that is kept apart."""
        return self._errors.decode("utf-8", errors="replace")

    def processes(self) -> list[psutil.Process]:
        """It, and all that it has started, wherever they have gone since."""
        return self._alive(descendants())

    def _alive(self, candidates: list[psutil.Process]) -> list[psutil.Process]:
        # Those whose parent has ended are children of ours now.
        found = [one for one in candidates if self._is_of(one)]
        self._found.update(found)
        return [one for one in found if _is_alive(one)]

    def listens_on(self) -> list[tuple[str, int]]:
        """Addresses that its processes accept TCP connections on, asked again and again."""
        found: list[tuple[str, int]] = []
        for process in self._alive(seen_descendants()):
            with contextlib.suppress(psutil.Error):
                found += [
                    (one.laddr.ip, one.laddr.port)
                    for one in process.net_connections("tcp")
                    if one.status == psutil.CONN_LISTEN
                ]
        return found

    def wait(self, timeout_s: float) -> int | None:
        """Returns the exit code, or None where it still runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(timeout_s)
        return None

    def end(self) -> None:
        """Kills everything of it that still runs; what it has printed stays."""
        self._over.set()
        self._kill_all()
        for thread in self._threads:
            thread.join(_END_WITHIN_S)
        with self._ending:
            if not self._is_ended:
                self._is_ended = True
                reap(one for one in self._found if one.pid != self._process.pid)
                release()

    def _limits_told(self) -> list[str]:
        return [str(self._limits.address_space_bytes), str(self._limits.file_bytes)]

    def _works(self, given: bytes) -> Iterator[Callable[[], None]]:
        yield self._watch
        if self._process.stdout:
            yield partial(self._listen, self._process.stdout, self._kept)
        if self._process.stderr:
            yield partial(self._listen, self._process.stderr, self._errors)
        if self._process.stdin:
            yield partial(_tell, self._process.stdin, given)

    def _listen(self, output: IO[bytes], kept: bytearray) -> None:
        with contextlib.suppress(ValueError, OSError), output:
            while chunk := os.read(output.fileno(), _CHUNK_BYTES):
                self._printed += len(chunk)
                kept += chunk
                del kept[: -self._most_kept]
                if self._printed > self._limits.output_bytes:
                    self._end_for(Trouble.OUTPUT)

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_EVERY_S):
            if time.monotonic() > self._deadline:
                self._end_for(Trouble.TIME)
                return
            alive = self._alive(seen_descendants())
            if len(alive) > self._limits.processes:
                self._end_for(Trouble.PROCESSES)
                return
            if _resident_bytes(alive) > self._limits.memory_bytes:
                self._end_for(Trouble.MEMORY)
                return
            if self._process.poll() is not None and not (alive or self.processes()):
                return

    def _end_for(self, trouble: Trouble) -> None:
        if self._trouble is None and not self._over.is_set():
            self._trouble = trouble
        self._kill_all()

    def _kill_all(self) -> None:
        """Again and again: one of them may start another while we look."""
        deadline = time.monotonic() + _END_WITHIN_S
        with self._ending:
            while time.monotonic() < deadline:
                self._kill_group()
                alive = self.processes()
                for one in alive:
                    with contextlib.suppress(psutil.Error):
                        one.kill()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(_LOOK_EVERY_S)
                psutil.wait_procs(alive, timeout=_LOOK_EVERY_S)
                if not alive and self._process.poll() is not None:
                    return

    def _kill_group(self) -> None:
        # One call for all of them: while processes are killed one by one, others fork.
        if not psutil.WINDOWS:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _is_of(self, process: psutil.Process) -> bool:
        with contextlib.suppress(psutil.Error, OSError):
            if not psutil.WINDOWS and os.getsid(process.pid) == self._process.pid:
                return True
            return process.environ().get(_MARK) == self._mark
        return False


def _tell(entry: IO[bytes], given: bytes) -> None:
    # A program that does not read all of it closes the pipe under us.
    with contextlib.suppress(ValueError, OSError), entry:
        entry.write(given)


def _resident_bytes(processes: list[psutil.Process]) -> int:
    total = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            total += process.memory_info().rss
    return total


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _apart() -> dict[str, Any]:
    if psutil.WINDOWS:
        return {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    return {"start_new_session": True}
