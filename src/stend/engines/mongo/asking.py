"""Asks a server one thing: for probes, and for tests that send what no driver would."""

import socket
from collections.abc import Mapping
from typing import Any

import bson

from stend.wire.mongo.errors import WireError
from stend.wire.mongo.frames import FrameReader
from stend.wire.mongo.messages import read_msg, write_msg

_TIMEOUT_S = 2.0
_CHUNK = 65_536


def ask(
    host: str, port: int, command: Mapping[str, Any], timeout_s: float = _TIMEOUT_S
) -> dict[str, Any]:
    """The reply to one command, on a connection of its own.

    Args:
        command: with `$db`.

    Raises:
        OSError: nobody answers, or what answers is no MongoDB.
    """
    reader = FrameReader()
    with socket.create_connection((host, port), timeout_s) as connection:
        connection.sendall(write_msg(1, 0, bson.encode(command)))
        try:
            while data := connection.recv(_CHUNK):
                for frame in reader.feed(data):
                    return bson.decode(read_msg(frame).body)
        except (WireError, bson.errors.BSONError) as error:
            raise OSError(f"{host}:{port} does not answer as MongoDB does: {error}") from error
    raise OSError(f"{host}:{port} hung up")
