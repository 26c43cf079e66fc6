"""A server in a process of its own: started, watched, ended, and found again after a crash.

What the launchers of real binaries and of the stand's own servers share. Everything here blocks:
call it outside of an event loop.
"""

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

STOP_TIMEOUT_S = 2.0
# One older generation is kept, as of the stand's own logs.
_MAX_LOG_BYTES = 5 * 1024 * 1024
_TAIL_BYTES = 4096
_LOOK_EVERY_S = 0.02

AskToEnd = Callable[[psutil.Process], None]


@dataclass(frozen=True, slots=True)
class RunAs:
    """The unprivileged user that stands in for root."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Footprint:
    """By what a server of one home is recognised when its stand is gone.

    Attributes:
        pid_file: its first line is the process id.
        mark: what only a server of this home has on its command line: one argument, or several in
            a row with spaces between them.
        home: its working folder; made when it is missing.
    """

    pid_file: Path
    mark: str
    home: Path

    @property
    def launched(self) -> Path:
        """Is there from before the launch until the stop: after a crash, a server may still run."""
        return self.home / "launched"


@dataclass(frozen=True, slots=True)
class Command:
    """How to start a server.

    Attributes:
        arguments: the program and what follows it.
        footprint: must hold for the process that the arguments start.
        writes_pid_file: the program writes the pid file itself; otherwise it is written for it.
        run_as: the user to drop to; None: stay who we are.
    """

    arguments: list[str]
    footprint: Footprint
    writes_pid_file: bool = False
    run_as: RunAs | None = None


def terminate(server: psutil.Process) -> None:
    """SIGTERM; on Windows, which has none, the process ends at once."""
    server.terminate()


class Child:
    """One server process.

    Args:
        name: of the program, for messages.
        log_path: where its output goes.
        ask_to_end: makes it end in good order; it is killed when it takes longer than
            `STOP_TIMEOUT_S`.
        telling: the last log line with this in it says best why the program ended; without one it
            is the very last line.
    """

    def __init__(
        self, name: str, log_path: Path, ask_to_end: AskToEnd = terminate, telling: str = ""
    ) -> None:
        self._name = name
        self._log_path = log_path
        self._ask_to_end = ask_to_end
        self._telling = telling
        self._process: subprocess.Popen[bytes] | None = None
        self._traces: tuple[Path, ...] = ()
        self._log_start = 0
        # A stop that comes while the server is prepared must not leave a server behind.
        self._turn = threading.Lock()
        self._stopped = False

    @property
    def pid(self) -> int | None:
        """None before the first launch and after the stop."""
        return self._process.pid if self._process else None

    def owns(self, pid: int) -> bool:
        """Whether this process is the server, or a child of it.

        On Windows the interpreter of a virtual environment is a stub: the real one is its child.
        """
        if self._process is None:
            return False
        with contextlib.suppress(psutil.NoSuchProcess):
            server = psutil.Process(self._process.pid)
            return pid in {server.pid, *(one.pid for one in server.children(recursive=True))}
        return False

    def launch(self, prepare: Callable[[], Command]) -> None:
        """Ends a server left over and starts a new one; does nothing after `stop`.

        Args:
            prepare: makes what the server needs; not called after `stop`, which waits for it.
        """
        with self._turn:
            if not self._stopped:
                self._start(prepare())

    def end_left_over(self, footprint: Footprint) -> bool:
        """Ends a server of this home that outlived its stand. Returns whether there was one."""
        return end_left_over(footprint, self._ask_to_end)

    def failure(self) -> str | None:
        """Why the server is not running any more, or None while it runs."""
        process = self._process
        if process is None or process.poll() is None:
            return None
        return f"{self._name} ended with code {process.returncode}: {self._last_words()}"

    def pss_bytes(self) -> int | None:
        """Proportional set size of the server and its children; None where the system has none."""
        if self._process is None:
            return None
        total = 0
        with contextlib.suppress(psutil.NoSuchProcess):
            server = psutil.Process(self._process.pid)
            for process in (server, *server.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    total += getattr(process.memory_full_info(), "pss", 0)
        return total or None

    def stop(self) -> None:
        """Asks the server to end, kills it when it does not; later launches do nothing."""
        with self._turn:
            self._stopped = True
            if self._process is None:
                return
            if self._process.poll() is None:
                _end(psutil.Process(self._process.pid), self._ask_to_end)
            self._process.wait()
            self._process = None
            for trace in self._traces:
                trace.unlink(missing_ok=True)

    def _start(self, command: Command) -> None:
        self.end_left_over(command.footprint)
        footprint = command.footprint
        footprint.home.mkdir(parents=True, exist_ok=True)
        footprint.launched.touch()
        self._traces = (footprint.launched,)
        self._keep_log_small()
        with self._log_path.open("ab") as log:
            self._log_start = log.tell()
            self._process = subprocess.Popen(
                command.arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=footprint.home,
                **_apart(),
                **credentials(command.run_as),
            )
        if not command.writes_pid_file:
            self._traces = (footprint.pid_file, footprint.launched)
            footprint.pid_file.write_text(f"{self._process.pid}\n", encoding="ascii")

    def _keep_log_small(self) -> None:
        path = self._log_path
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > _MAX_LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))

    def _last_words(self) -> str:
        with self._log_path.open("rb") as log:
            end = log.seek(0, os.SEEK_END)
            log.seek(max(self._log_start, end - _TAIL_BYTES))
            lines = log.read().decode("utf-8", errors="replace").strip().splitlines()
        telling = [line for line in lines if self._telling in line] or lines
        return telling[-1].strip() if telling else f"it wrote nothing to {self._log_path}"


def end_left_over(footprint: Footprint, ask_to_end: AskToEnd = terminate) -> bool:
    """Ends a server that still runs from this home after its stand was killed.

    Returns:
        Whether there was one.
    """
    if _end_recorded(footprint, ask_to_end):
        return True
    return footprint.launched.exists() and _end_unrecorded(footprint, ask_to_end)


def _end_recorded(footprint: Footprint, ask_to_end: AskToEnd) -> bool:
    pid = _pid_in(footprint.pid_file)
    if pid is None:
        return False
    try:
        server = psutil.Process(pid)
        if not _is_marked(server, footprint.mark):
            return False
        _end(server, ask_to_end)
    except psutil.NoSuchProcess:
        return _end_orphans(pid, footprint.home)
    except psutil.AccessDenied:
        return False
    return True


def _end_unrecorded(footprint: Footprint, ask_to_end: AskToEnd) -> bool:
    """Ends one whose stand was killed before the process id was written down."""
    found = [one for one in psutil.process_iter() if _is_of(one, footprint)]
    for server in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            _end(server, ask_to_end)
    return bool(found)


def _is_of(process: psutil.Process, footprint: Footprint) -> bool:
    # A person may look at a file of this home with a program that has its path as an argument;
    # that one works elsewhere, or in the session of a terminal.
    try:
        if psutil.POSIX and os.getsid(process.pid) != process.pid:
            return False
        return _is_marked(process, footprint.mark) and Path(process.cwd()).is_relative_to(
            footprint.home.resolve()
        )
    except (psutil.Error, OSError):
        return False


def credentials(run_as: RunAs | None) -> dict[str, Any]:
    """For `subprocess`: to run as somebody else, without root's groups."""
    if run_as is None:
        return {}
    return {"user": run_as.uid, "group": run_as.gid, "extra_groups": []}


def _apart() -> dict[str, Any]:
    # Ctrl-C in the terminal must reach the stand, which then lets its services finish before it
    # stops the servers.
    if psutil.WINDOWS:
        return {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    return {"start_new_session": True}


def _pid_in(pid_file: Path) -> int | None:
    try:
        pid = int(pid_file.read_text(encoding="utf-8").splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None
    return pid if pid > 0 else None


def _is_marked(server: psutil.Process, mark: str) -> bool:
    # nginx writes a title over its arguments, which makes one argument of them all.
    return f" {mark} " in f" {' '.join(server.cmdline())} "


def _end(server: psutil.Process, ask_to_end: AskToEnd) -> None:
    children = server.children(recursive=True)
    with contextlib.suppress(psutil.NoSuchProcess):
        ask_to_end(server)
    alive = _still_alive([server])
    for process in [*alive, *children]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    _still_alive(alive)


def _still_alive(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Waits for all of them to end, and returns those that have not after `STOP_TIMEOUT_S`."""
    alive = list(processes)
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while alive and time.monotonic() < deadline:
        _, alive = psutil.wait_procs(alive, timeout=_LOOK_EVERY_S)
        # One whose stand was killed belongs to the first process of the machine, which in a
        # container may ask late or never how it has ended.
        alive = [one for one in alive if not _is_zombie(one)]
    return alive


def _is_zombie(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _end_orphans(leader: int, home: Path) -> bool:
    """Kills what a server that was itself killed left in its session: nginx's workers live on."""
    orphans = list(_orphans(leader, home))
    for process in orphans:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    _still_alive(orphans)
    return bool(orphans)


def _orphans(leader: int, home: Path) -> Iterator[psutil.Process]:
    if psutil.WINDOWS:
        return
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            # After a reboot the number may be the session of a stranger, whose folder is another.
            if os.getsid(process.pid) == leader and Path(process.cwd()).samefile(home):
                yield process
