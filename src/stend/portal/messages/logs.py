"""Kafka's topics as logs, and where groups are in them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Member:
    """`partitions`: `topic` and number of each that is assigned to it."""

    id: str
    client: str
    host: str
    partitions: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """
    Attributes:
        committed: the offset that the group reads next, by topic and partition.
        is_above: drawn above the log, or below it.
        keeps_offsets: one who reads without a group; `committed` is what it keeps itself.
    """

    id: str
    state: str
    members: tuple[Member, ...]
    committed: Mapping[tuple[str, int], int]
    is_above: bool = True
    keeps_offsets: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads without a group; `offsets`: what it reads next, by topic and partition."""

    name: str
    offsets: Mapping[tuple[str, int], int]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a group is in a partition; `place` is the share of the whole log, 0 to 100."""

    group: str
    offset: int
    lag: int
    place: float
    is_above: bool


@dataclass(frozen=True, slots=True)
class Partition:
    """
    Attributes:
        begin, end: offsets of the oldest record and of the next one; None where nobody told.
        filled: share of the topic's longest log, 0 to 100.
        lag_from: where the hatching begins; None without lag.
    """

    number: int
    leader: int
    begin: int | None
    end: int | None
    filled: float
    cursors: tuple[Cursor, ...]
    lag_from: float | None

    def lag(self, group: str) -> int | None:
        return next((one.lag for one in self.cursors if one.group == group), None)


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    is_internal: bool
    partitions: tuple[Partition, ...]


@dataclass(frozen=True, slots=True)
class Logs:
    """`left_off`: topics and groups beyond those that are read."""

    topics: tuple[Topic, ...]
    groups: tuple[Group, ...]
    left_off: int

    def topic(self, name: str) -> Topic | None:
        return next((one for one in self.topics if one.name == name), None)


@dataclass(frozen=True, slots=True)
class Extent:
    """A partition as its broker told it."""

    number: int
    leader: int
    begin: int | None
    end: int | None


def topic_of(
    name: str, is_internal: bool, extents: tuple[Extent, ...], groups: tuple[Group, ...]
) -> Topic:
    longest = max((_length(one) for one in extents), default=0)
    parts = tuple(_partition(name, one, groups, longest) for one in extents)
    return Topic(name, is_internal, parts)


def _length(extent: Extent) -> int:
    if extent.begin is None or extent.end is None:
        return 0
    return extent.end - extent.begin


def _partition(topic: str, extent: Extent, groups: tuple[Group, ...], longest: int) -> Partition:
    def share(offset: int) -> float:
        if not longest or extent.begin is None:
            return 0.0
        return round(100 * min(max(offset - extent.begin, 0), longest) / longest, 2)

    cursors = []
    for group in groups:
        offset = group.committed.get((topic, extent.number))
        # Nothing committed is told as -1, and means no place at all.
        if offset is None or offset < 0 or extent.end is None:
            continue
        # What retention has deleted nobody lags behind any more.
        reached = max(offset, extent.begin or 0)
        lag = max(extent.end - reached, 0)
        cursors.append(Cursor(group.id, offset, lag, share(offset), group.is_above))
    lagging = [one.place for one in cursors if one.lag]
    return Partition(
        extent.number,
        extent.leader,
        extent.begin,
        extent.end,
        share(extent.end) if extent.end is not None else 0.0,
        tuple(cursors),
        min(lagging) if lagging else None,
    )
