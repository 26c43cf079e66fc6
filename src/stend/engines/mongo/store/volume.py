"""What the store needs of a disk: units of operations, each safe as a whole or not at all. Pure.

`disk.py` has the real one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol


class Put(NamedTuple):
    """A record of a collection is this document now."""

    collection: int
    record: int
    document: bytes


class Remove(NamedTuple):
    """A record of a collection is gone."""

    collection: int
    record: int


class SaveCollection(NamedTuple):
    """A collection is new, or its name, options or indexes changed; a document of BSON."""

    collection: int
    definition: bytes


class DropCollection(NamedTuple):
    """A collection is gone with all that is in it."""

    collection: int


class SaveRetry(NamedTuple):
    """What a session's write with this number was answered; its earlier ones are forgotten."""

    session: bytes
    number: int
    value: bytes
    expires: float


class ForgetRetries(NamedTuple):
    """What expires before this moment, in seconds since 1970, is forgotten."""

    before: float


class SetClusterTime(NamedTuple):
    """No later change may have this cluster time or one before it."""

    seconds: int
    increment: int


Operation = (
    Put | Remove | SaveCollection | DropCollection | SaveRetry | ForgetRetries | SetClusterTime
)


@dataclass(slots=True)
class Contents:
    """What a disk held when it was opened.

    Attributes:
        collections: the number, the definition and the records in order of each.
    """

    collections: list[tuple[int, bytes, Iterable[tuple[int, bytes]]]] = field(default_factory=list)
    retries: list[SaveRetry] = field(default_factory=list)
    cluster_time: tuple[int, int] = (0, 0)


class Disk(Protocol):
    """Holds what was written to it in order."""

    def load(self) -> Contents:
        """What is there; called once, before all else."""
        ...

    def write(self, unit: Sequence[Operation], position: int) -> None:
        """Takes a unit and returns. Whoever made the disk is told when `position` is safe."""
        ...

    def close(self) -> None:
        """Waits until all that was taken is safe."""
        ...
