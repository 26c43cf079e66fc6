"""FerretDB 1 on SQLite: the one server of MongoDB's protocol that a package registry carries.

It does less than MongoDB: no transactions, no $lookup. What the suite finds it to answer otherwise
is named in the table; where it has nothing to compare with, MongoDB's documentation decides.
"""

import shutil
import struct
from pathlib import Path

import machine
from machine import EngineError, Started

NAME = "mongodb"
PACKAGES = ("golang-go",)
_VERSION = "1.24.2"
# The command around it is built once: an older one, which could not do TLS, is not taken for it.
_BUILD = f"{_VERSION}-tls"
_SOURCE = Path(__file__).resolve().parent / "ferretdb"
# In the build folder: Debian has no package of it.
_BINARY = Path(__file__).resolve().parent.parent.parent / "build" / "ferretdb" / _BUILD
_ANSWER_TIMEOUT_S = 5
# OP_MSG with {"ping": 1, "$db": "admin"} (MongoDB wire protocol, OP_MSG; bsonspec.org).
_PING = (
    b"\x00\x00\x00\x00\x00"
    + struct.pack("<i", 30)
    + b"\x10ping\x00\x01\x00\x00\x00\x02$db\x00\x06\x00\x00\x00admin\x00\x00"
)
_OP_MSG = 2013


def find() -> Path:
    """
    Raises:
        EngineError: it was not built.
    """
    if not _BINARY.is_file():
        raise EngineError(f"FerretDB {_VERSION} was not found in {_BINARY.parent}")
    return _BINARY


def fetch() -> None:
    """Builds it from its Go module; does nothing while there is no Go.

    Raises:
        EngineError: it could not be built; the text is Go's own.
    """
    if _BINARY.is_file() or shutil.which("go") is None:
        return
    _BINARY.parent.mkdir(parents=True, exist_ok=True)
    half = _BINARY.with_name(f"{_VERSION}.part")
    machine.run(["go", "build", "-o", str(half), "."], _SOURCE, None)
    half.rename(_BINARY)


def start(folder: Path, tls: machine.Tls | None = None) -> Started:
    """
    Raises:
        EngineError: not built, or it did not start.
    """
    server = find()
    # It is run as whoever gets as far as the program.
    owner = machine.account() if machine.can_be_entered_by_others(server.parent) else None
    machine.empty_folder(folder, owner)
    data = machine.empty_folder(folder / "data", owner)
    (port,) = machine.free_ports(1)
    files = machine.write_tls(folder, tls, owner) if tls else ()
    words = [str(server), f"127.0.0.1:{port}", str(data), *(str(file) for file in files)]
    process = machine.spawn(words, folder, owner)
    try:
        machine.wait_for(lambda: _answer(port, tls), process, folder)
    except BaseException:
        machine.end([process])
        raise
    return Started(
        version=f"FerretDB {_VERSION}",
        processes=(process,),
        environment={"STEND_MONGODB_URL": f"mongodb://127.0.0.1:{port}/lavka"},
    )


def _answer(port: int, tls: machine.Tls | None) -> str:
    size = 16 + len(_PING)
    with machine.connected(port, _ANSWER_TIMEOUT_S, tls) as connection:
        connection.sendall(struct.pack("<iiii", size, 1, 0, _OP_MSG) + _PING)
        if not connection.recv(16):
            raise ConnectionResetError("the server closed the connection")
    return _VERSION
