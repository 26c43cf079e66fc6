"""Asks a Redis server about itself, without its client library, whose import takes a while."""

import socket

_TIMEOUT_S = 2.0
_QUESTION = b"*3\r\n$4\r\nINFO\r\n$6\r\nserver\r\n$11\r\npersistence\r\n"
# The answer takes two kilobytes; whoever sends more is no Redis.
_MAX_ANSWER_BYTES = 64 * 1024


def server_info(host: str, port: int) -> dict[str, str]:
    """The fields of the sections `server` and `persistence` of INFO.

    Raises:
        OSError: nobody answers, not with INFO, or with an error such as `-LOADING`.
    """
    with socket.create_connection((host, port), timeout=_TIMEOUT_S) as connection:
        connection.sendall(_QUESTION)
        with connection.makefile("rb") as answer:
            head = answer.readline(_MAX_ANSWER_BYTES).strip()
            # Before HELLO this is RESP2: a bulk string is `$` and its length, then itself.
            if not (head.startswith(b"$") and head[1:].isdigit()):
                raise OSError(f"INFO was answered with {head.decode(errors='replace')[:200]!r}")
            text = answer.read(min(int(head[1:]), _MAX_ANSWER_BYTES)).decode(errors="replace")
    pairs = (line.split(":", maxsplit=1) for line in text.splitlines() if ":" in line)
    return {name: value.strip() for name, value in pairs}
