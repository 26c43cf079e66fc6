"""Redis: what it was told outlives a kill. Without TLS it asks for no password."""

import shutil
from pathlib import Path

import machine
from machine import EngineError, Started

NAME = "redis"
PACKAGES = ("redis-server",)
_ANSWER_TIMEOUT_S = 5
_PASSWORD = "lavka"  # noqa: S105 - of a server that lives as long as a test


def find() -> Path:
    """
    Raises:
        EngineError: it is not installed.
    """
    found = shutil.which("redis-server")
    if found is None:
        raise EngineError("redis-server was not found")
    return Path(found)


def start(folder: Path, tls: machine.Tls | None = None) -> Started:
    """
    Raises:
        EngineError: not installed, or it did not start.
    """
    server = find()
    owner = machine.account("redis")
    machine.empty_folder(folder, owner)
    (port,) = machine.free_ports(1)
    arguments = [str(server), "--bind", "127.0.0.1", "--dir", str(folder)]
    arguments += ["--port", "0" if tls else str(port)]
    if tls:
        chain, key = machine.write_tls(folder, tls, owner)
        arguments += ["--tls-port", str(port), "--tls-auth-clients", "no"]
        arguments += ["--tls-cert-file", str(chain), "--tls-key-file", str(key)]
        arguments += ["--requirepass", _PASSWORD]
    # Every write goes to a file before it is answered; the disk may take its time.
    arguments += ["--save", "", "--appendonly", "yes", "--daemonize", "no"]
    process = machine.spawn(arguments, folder, owner)
    try:
        version = machine.wait_for(lambda: _version(port, tls), process, folder)
    except BaseException:
        machine.end([process])
        raise
    return Started(
        version=f"Redis {version}",
        processes=(process,),
        environment={"STEND_REDIS_URL": _url(port, tls)},
    )


def _url(port: int, tls: machine.Tls | None) -> str:
    return f"rediss://:{_PASSWORD}@127.0.0.1:{port}/0" if tls else f"redis://127.0.0.1:{port}/0"


def _version(port: int, tls: machine.Tls | None) -> str:
    with machine.connected(port, _ANSWER_TIMEOUT_S, tls) as connection:
        # Inline commands (Redis protocol specification, "Inline commands").
        connection.sendall(f"AUTH {_PASSWORD}\r\n".encode() if tls else b"")
        connection.sendall(b"INFO server\r\n")
        answer = b""
        while b"redis_version:" not in answer or not answer.endswith(b"\r\n"):
            chunk = connection.recv(65536)
            if not chunk:
                raise ConnectionResetError("the server closed the connection")
            answer += chunk
    lines = dict(line.split(":", 1) for line in answer.decode().splitlines() if ":" in line)
    return lines["redis_version"]
