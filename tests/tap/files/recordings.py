"""Recordings for tests: a clock that is told, connections that are written down."""

from collections.abc import Iterable

from stend.tap.recording import Place, Recording
from stend.wire.decoding import Direction

UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT
# 2026-09-21T13:46:40Z
BEGAN_NS = 1_790_000_000_000_000_000
STEP_NS = 1_000_000
HTTP = Place("client", "shop", "http")

Talk = Iterable[tuple[Direction, bytes]]


class Clock:
    """Every look is a millisecond later."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        self.now += STEP_NS
        return self.now


def recording(limit_bytes: int = 1 << 24) -> Recording:
    return Recording(limit_bytes, lambda: BEGAN_NS, Clock())


def talk(
    to: Recording, place: Place, parts: Talk, *, port: int = 50_001, ends: bool = True
) -> None:
    """One connection from its beginning to its end."""
    made = to.opened(place, f"127.0.0.1:{port}")
    for direction, data in parts:
        to.passed(made, made.stream(direction), data)
    if ends:
        to.closed(made)


def redis_talk(to: Recording) -> None:
    asked = [(UP, b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n"), (DOWN, b"$-1\r\n"), (UP, b"*1\r\n$4\r\nPI")]
    talk(to, Place("catalog", "redis", "redis"), [*asked, (UP, b"NG\r\n"), (DOWN, b"+PONG\r\n")])
