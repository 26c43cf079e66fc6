"""Redis without a password and without files: its data ends with it."""

import shutil
import socket
from pathlib import Path

import machine
from machine import EngineError, Started

NAME = "redis"
PACKAGES = ("redis-server",)
_ANSWER_TIMEOUT_S = 5


def find() -> Path:
    """
    Raises:
        EngineError: it is not installed.
    """
    found = shutil.which("redis-server")
    if found is None:
        raise EngineError("redis-server was not found")
    return Path(found)


def start(folder: Path) -> Started:
    """
    Raises:
        EngineError: not installed, or it did not start.
    """
    server = find()
    owner = machine.account("redis")
    machine.empty_folder(folder, owner)
    (port,) = machine.free_ports(1)
    arguments = [str(server), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)]
    # No snapshots: the folder is thrown away.
    arguments += ["--save", "", "--daemonize", "no"]
    process = machine.spawn(arguments, folder, owner)
    try:
        version = machine.wait_for(lambda: _version(port), process, folder)
    except BaseException:
        machine.end([process])
        raise
    return Started(
        version=f"Redis {version}",
        processes=(process,),
        environment={"STEND_REDIS_URL": f"redis://127.0.0.1:{port}/0"},
    )


def _version(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port), _ANSWER_TIMEOUT_S) as connection:
        # An inline command (Redis protocol specification, "Inline commands").
        connection.sendall(b"INFO server\r\n")
        answer = b""
        while b"redis_version:" not in answer or not answer.endswith(b"\r\n"):
            chunk = connection.recv(65536)
            if not chunk:
                raise ConnectionResetError("the server closed the connection")
            answer += chunk
    lines = dict(line.split(":", 1) for line in answer.decode().splitlines() if ":" in line)
    return lines["redis_version"]
