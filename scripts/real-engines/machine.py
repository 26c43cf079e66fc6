"""What the real servers need of the machine: ports, accounts, folders and processes."""

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_LOOK_EVERY_S = 0.05
# Below those that the system gives to connections on their way out: one of them could take a port
# between the look at it and the server's start.
_PORTS = range(30_100, 31_400)
# Beginning elsewhere in each process, and none twice in one: whoever is told a port listens there
# later.
_handed_out = itertools.count(os.getpid() * 37)
_STOP_TIMEOUT_S = 15
# A log that was not closed is read through first.
_START_AGAIN_TIMEOUT_S = 120
_ANSWER_TIMEOUT_S = 5
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
class Spawning:
    """How a process was started, so that it can be started once more on the same data.

    Attributes:
        environment: what it has beside this script's own.
    """

    arguments: tuple[str, ...]
    folder: str
    owner: Account | None
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Process:
    """One process that this script has started.

    Attributes:
        started: clock ticks since boot (proc(5), field 22): a process id alone may be reused.
        stop_signal: the signal that asks this server to shut down in order.
        spawning: None for one that a server of ours has started itself.
    """

    pid: int
    started: str
    stop_signal: int
    spawning: Spawning | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """A server that answers: its version, its processes, and how to find it."""

    version: str
    processes: tuple[Process, ...]
    environment: Mapping[str, str]


def started_from(kept: Mapping[str, Any]) -> Started:
    """What `asdict` has made of it."""
    return Started(
        version=kept["version"],
        processes=tuple(_process_from(one) for one in kept["processes"]),
        environment=kept["environment"],
    )


def _process_from(kept: Mapping[str, Any]) -> Process:
    once = kept.get("spawning")
    if once is None:
        return Process(**kept)
    owner = Account(**once["owner"]) if once["owner"] else None
    arguments = tuple(once["arguments"])
    spawning = Spawning(arguments, once["folder"], owner, once["environment"])
    return Process(**{**kept, "spawning": spawning})


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
    """Ports on 127.0.0.1 that nobody listens on right now, all different.

    Raises:
        EngineError: there are not so many.
    """
    free: list[int] = []
    for _ in _PORTS:
        port = _PORTS[next(_handed_out) % len(_PORTS)]
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            free.append(port)
        if len(free) == count:
            return free
    raise EngineError(
        f"only {len(free)} ports from {_PORTS[0]} to {_PORTS[-1]} are free, {count} are needed"
    )


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
    spawning = Spawning(tuple(map(str, arguments)), str(folder), owner, dict(environment or {}))
    return Process(child.pid, _start_of(child.pid) or "", stop_signal, spawning)


def spawn_again(process: Process) -> Process:
    """The same program with the same arguments, on the data that it left."""
    once = process.spawning
    if once is None:
        raise EngineError(f"process {process.pid} was not started by this script")
    folder, stop_signal = Path(once.folder), process.stop_signal
    return spawn(once.arguments, folder, once.owner, once.environment, stop_signal)


def kill(processes: Sequence[Process]) -> None:
    """Kills each process with its descendants, and waits until all are gone.

    Raises:
        EngineError: one of them goes on.
    """
    families = [one for process in processes if is_alive(process) for one in _family(process)]
    for process in families:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + _STOP_TIMEOUT_S
    while left := [process.pid for process in families if is_alive(process)]:
        if time.monotonic() > deadline:
            raise EngineError(f"processes {left} go on after SIGKILL")
        time.sleep(_LOOK_EVERY_S)


def _family(process: Process) -> list[Process]:
    """The process and its descendants; those of PostgreSQL are in sessions of their own."""
    family, children = [process], _children()
    # It grows while it is gone through.
    for one in family:
        family += [adopt(pid, signal.SIGKILL) for pid in children.get(one.pid, ())]
    return family


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # As in `_start_of`; the parent is the fourth field.
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            found.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    return found


def start_again(one: Started) -> Started:
    """The same server on the data that it left, at its old addresses.

    Raises:
        EngineError: it does not answer there.
    """
    # Who stops first was started last.
    spawned = [spawn_again(process) for process in reversed(one.processes) if process.spawning]
    spawning = spawned[-1].spawning
    folder = Path(spawning.folder if spawning else ".")
    for address in one.environment.values():
        place = urlsplit(address if "://" in address else f"//{address}")
        answer = partial(_connected, place.hostname or "", place.port or 0)
        wait_for(answer, spawned[-1], folder, _START_AGAIN_TIMEOUT_S)
    return replace(one, processes=tuple(reversed(spawned)))


def _connected(host: str, port: int) -> str:
    socket.create_connection((host, port), _ANSWER_TIMEOUT_S).close()
    return f"{host}:{port}"


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
