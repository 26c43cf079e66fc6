"""Bytes on a socket, as no client library would send them."""

import json
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_ANSWERS_WITHIN_S = 10.0
_READ_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> dict[str, Any]:
        """The Problem Details of an error, checked for what every one of them must have."""
        assert self.headers["content-type"] == "application/problem+json", self
        assert b"Traceback" not in self.body
        problem: dict[str, Any] = json.loads(self.body)
        assert problem["status"] == self.status
        assert problem["type"] == f"/errors/{problem['code']}"
        assert problem["title"]
        assert problem["detail"]
        return problem


def sent(port: int, parts: Iterable[bytes]) -> bytes:
    """Everything the server says until it closes; a server that closes early is no error."""
    with socket.create_connection(("127.0.0.1", port), timeout=_ANSWERS_WITHIN_S) as client:
        try:
            for part in parts:
                client.sendall(part)
        except ConnectionError:
            pass
        received = bytearray()
        try:
            while chunk := client.recv(_READ_BYTES):
                received += chunk
        except ConnectionError:
            pass
    return bytes(received)


def http(
    port: int,
    method: str,
    path: str,
    headers: Iterable[tuple[str, str]] = (),
    body: Iterable[bytes] = (),
    *,
    host: str | None = None,
) -> Answer:
    """One HTTP/1.1 exchange. Whoever sends a body gives its length or its encoding, too."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host or f'127.0.0.1:{port}'}"]
    lines += ["Connection: close", *(f"{name}: {value}" for name, value in headers), "", ""]
    return _parsed(sent(port, ["\r\n".join(lines).encode("latin-1"), *body]))


def _parsed(raw: bytes) -> Answer:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in rest:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Answer(int(first.split()[1]), headers, body)
