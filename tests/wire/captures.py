"""What was recorded of a whole stand: a session file per protocol, made by scripts/captures."""

from collections.abc import Iterator
from pathlib import Path

from stend.tap.files.session import load
from stend.tap.recording import Connection, Recording
from stend.wire.decoding import Direction
from tests.wire.checking import Talk

FOLDER = Path(__file__).parent.parent / "captures"
_SUFFIX = ".stend.zip"
PROTOCOLS = tuple(sorted(path.name.removesuffix(_SUFFIX) for path in FOLDER.glob(f"*{_SUFFIX}")))


def capture(protocol: str) -> Recording:
    recording, _ = load((FOLDER / f"{protocol}{_SUFFIX}").read_bytes())
    return recording


def talks(protocol: str) -> Iterator[list[tuple[Direction, bytes]]]:
    """Of each connection, what was said in its order."""
    for connection in capture(protocol).connections.values():
        yield talk_of(connection)


def talk_of(connection: Connection) -> list[tuple[Direction, bytes]]:
    both = [
        (chunk.at_ns, direction, chunk.data)
        for direction in Direction
        for chunk in connection.stream(direction).kept()
    ]
    return [(direction, data) for _, direction, data in sorted(both, key=lambda one: one[0])]


def beginning(talk: Talk, size: int) -> list[tuple[Direction, bytes]]:
    """The first bytes of a talk."""
    kept: list[tuple[Direction, bytes]] = []
    left = size
    for direction, data in talk:
        if left <= 0:
            break
        kept.append((direction, data[:left]))
        left -= len(data)
    return kept
