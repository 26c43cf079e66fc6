"""What the real servers need of the machine: ports, accounts, folders and processes."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LOOK_EVERY_S = 0.05
_STOP_TIMEOUT_S = 15
_LAST_LINES = 8


class EngineError(Exception):
    """A server is missing or did not start; the text says what to do about it."""


@dataclass(frozen=True, slots=True)
class Account:
    """The unprivileged user that a server runs as when the script runs as root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Tls:
    """What a server shows to its clients, in PEM; it then speaks TLS to them and nothing else.

    Attributes:
        chain: its certificate and those up to the authority's.
    """

    chain: str
    key: str


@dataclass(frozen=True, slots=True)
class Process:
    """One process that this script has started.

    Attributes:
        started: clock ticks since boot (proc(5), field 22): a process id alone may be reused.
        stop_signal: the signal that asks this server to shut down in order.
    """

    pid: int
    started: str
    stop_signal: int


@dataclass(frozen=True, slots=True)
class Started:
    """A server that answers: its version, its processes, and how to find it."""

    version: str
    processes: tuple[Process, ...]
    environment: Mapping[str, str]


def account(*names: str) -> Account | None:
    """The first of these users that exists, for root only; None: stay who we are."""
    if os.geteuid() != 0:
        return None
    for name in (*names, "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise EngineError(
        f"none of the users {', '.join(names)}, nobody exists, and root may not serve"
    )


def free_ports(count: int) -> list[int]:
    """Ports on 127.0.0.1 that nobody listens on right now, all different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def empty_folder(folder: Path, owner: Account | None) -> Path:
    """Makes the folder anew: every start begins without yesterday's data."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    give(folder, owner)
    return folder


def give(path: Path, owner: Account | None) -> None:
    if owner:
        shutil.chown(path, owner.uid, owner.gid)


def write(path: Path, text: str, owner: Account | None) -> Path:
    path.write_text(text, encoding="utf-8")
    give(path, owner)
    return path


def write_tls(folder: Path, tls: Tls, owner: Account | None) -> tuple[Path, Path]:
    """The files of chain and key, as servers demand them: nobody else may read the key."""
    chain = write(folder / "server.crt", tls.chain, owner)
    key = write(folder / "server.key", tls.key, owner)
    key.chmod(0o600)
    return chain, key


def can_be_entered_by_others(folder: Path) -> bool:
    """Whether an unprivileged user gets as far as this folder (root's home has mode 700)."""
    return all(part.stat().st_mode & 0o001 for part in (folder, *folder.parents))


def run(arguments: Sequence[str], folder: Path, owner: Account | None) -> None:
    """
    Raises:
        EngineError: the program ended with an error; the text is its own.
    """
    done = subprocess.run(
        arguments, cwd=folder, capture_output=True, text=True, check=False, **_identity(owner)
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise EngineError(f"{arguments[0]} ended with code {done.returncode}: {said}")


def spawn(
    arguments: Sequence[str],
    folder: Path,
    owner: Account | None,
    environment: Mapping[str, str] | None = None,
    stop_signal: int = signal.SIGTERM,
) -> Process:
    """Starts a server in a session of its own, which outlives this script; see `log_of`."""
    with log_of(folder).open("ab") as log:
        child = subprocess.Popen(
            arguments,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, **(environment or {})},
            **_identity(owner),
        )
    # The server shall go on without us; to Popen that would be a warning.
    child.returncode = 0
    return Process(child.pid, _start_of(child.pid) or "", stop_signal)


def adopt(pid: int, stop_signal: int) -> Process:
    """A process that a server of ours has started itself."""
    return Process(pid, _start_of(pid) or "", stop_signal)


def log_of(folder: Path) -> Path:
    """Where the servers of this folder write what goes to their terminal."""
    return folder / "output.log"


def wait_for(
    answer: Callable[[], str], process: Process, folder: Path, timeout_s: float = 60
) -> str:
    """Asks until the server answers, and hands the answer back.

    Args:
        answer: raises OSError while the server is not ready.

    Raises:
        EngineError: it ended, or did not answer in time; with the last lines of its log.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            return answer()
        except OSError as error:
            if not is_alive(process):
                raise EngineError(f"it ended at once. {_last_lines(folder)}") from None
            if time.monotonic() > deadline:
                said = f"no answer after {timeout_s:.0f} s ({error}). {_last_lines(folder)}"
                raise EngineError(said) from None
        time.sleep(_LOOK_EVERY_S)


def connected(port: int, timeout_s: float, tls: Tls | None) -> socket.socket:
    """A connection to a server of ours. Whether it answers is asked, and not who it is."""
    plain = socket.create_connection(("127.0.0.1", port), timeout_s)
    if tls is None:
        return plain
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(plain)


def is_alive(process: Process) -> bool:
    return _start_of(process.pid) == process.started


def end(processes: Sequence[Process]) -> None:
    """Asks each process to stop, in this order, and kills the sessions of those that do not."""
    for process in processes:
        _send(process, process.stop_signal)
        deadline = time.monotonic() + _STOP_TIMEOUT_S
        while is_alive(process) and time.monotonic() < deadline:
            time.sleep(_LOOK_EVERY_S)
        _send(process, signal.SIGKILL)


def _send(process: Process, number: int) -> None:
    if is_alive(process):
        with contextlib.suppress(ProcessLookupError):
            if number == signal.SIGKILL:
                os.killpg(process.pid, number)
            else:
                os.kill(process.pid, number)


def _identity(owner: Account | None) -> dict[str, Any]:
    return {"user": owner.uid, "group": owner.gid, "extra_groups": []} if owner else {}


def _start_of(pid: int) -> str | None:
    """When the process started; None when it is gone or nobody has collected it yet."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The second field is the program's name in brackets, which may hold spaces (proc(5)).
    fields = text.rpartition(")")[2].split()
    return None if fields[0] == "Z" else fields[19]


def _last_lines(folder: Path) -> str:
    lines = log_of(folder).read_text(encoding="utf-8", errors="replace").splitlines()
    return f"The end of {log_of(folder)}:\n" + "\n".join(lines[-_LAST_LINES:])
