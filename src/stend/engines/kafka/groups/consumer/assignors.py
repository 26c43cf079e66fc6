"""Who is to read what: the assignors of the broker, uniform and range. Pure.

Both let members keep what they have as far as balance allows. Unlike Kafka's own uniform assignor
this one has a single way for members with equal and with different subscriptions.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from uuid import UUID

from stend.engines.kafka.groups.consumer.member import Partition

# What each member subscribes to, and what each is to have.
Subscriptions = Mapping[str, frozenset[UUID]]
Target = Mapping[str, frozenset[Partition]]
Counts = Mapping[UUID, int]


class Assignor(StrEnum):
    """The first one is Kafka's default."""

    UNIFORM = "uniform"
    RANGE = "range"


def assign(
    assignor: Assignor, subscriptions: Subscriptions, before: Target, counts: Counts
) -> dict[str, frozenset[Partition]]:
    """
    Args:
        counts: how many partitions each topic has that somebody subscribes to.
        before: the target up to now.
    """
    by_name: dict[Assignor, Callable[..., dict[str, set[Partition]]]] = {
        Assignor.UNIFORM: _uniform,
        Assignor.RANGE: _range,
    }
    target = by_name[assignor](subscriptions, before, counts)
    return {member_id: frozenset(partitions) for member_id, partitions in target.items()}


def _uniform(
    subscriptions: Subscriptions, before: Target, counts: Counts
) -> dict[str, set[Partition]]:
    """No two members of equal subscriptions differ by more than one partition."""
    target = {
        member_id: {
            (topic, index)
            for topic, index in before.get(member_id, frozenset())
            if topic in topics and index < counts[topic]
        }
        for member_id, topics in sorted(subscriptions.items())
    }
    taken = {partition for partitions in target.values() for partition in partitions}
    # Topics few subscribe to come first: there is the least choice.
    for topic in sorted(counts, key=lambda each: (_popularity(subscriptions, each), each)):
        members = [each for each in target if topic in subscriptions[each]]
        for partition in ((topic, index) for index in range(counts[topic])):
            if members and partition not in taken:
                target[min(members, key=lambda each: len(target[each]))].add(partition)
    while _move_one(target, subscriptions):
        pass
    return target


def _move_one(target: dict[str, set[Partition]], subscriptions: Subscriptions) -> bool:
    """From the fullest member that has something for one with at least two fewer."""
    for giver in sorted(target, key=lambda each: -len(target[each])):
        for partition in sorted(target[giver], reverse=True):
            takers = [each for each in target if partition[0] in subscriptions[each]]
            taker = min(takers, key=lambda each: len(target[each]))
            if len(target[taker]) + 1 < len(target[giver]):
                target[giver].remove(partition)
                target[taker].add(partition)
                return True
    return False


def _popularity(subscriptions: Subscriptions, topic: UUID) -> int:
    return sum(topic in topics for topics in subscriptions.values())


def _range(
    subscriptions: Subscriptions, before: Target, counts: Counts
) -> dict[str, set[Partition]]:
    """Each topic by itself, so that equally many partitions of equal topics go to one member."""
    target: dict[str, set[Partition]] = {member_id: set() for member_id in sorted(subscriptions)}
    for topic, count in counts.items():
        members = [each for each in target if topic in subscriptions[each]]
        if members:
            for member_id, indexes in _ranges(topic, count, members, before).items():
                target[member_id].update((topic, index) for index in indexes)
    return target


def _ranges(topic: UUID, count: int, members: list[str], before: Target) -> dict[str, list[int]]:
    least, extra = divmod(count, len(members))
    kept: dict[str, list[int]] = {}
    wanted: dict[str, int] = {}
    for member_id in members:
        had = sorted(
            index
            for each, index in before.get(member_id, frozenset())
            if each == topic and index < count
        )
        may_have_extra = extra > 0 and len(had) > least
        extra -= may_have_extra
        kept[member_id] = had[: least + may_have_extra]
        wanted[member_id] = least + may_have_extra
    for member_id in members:
        if extra and wanted[member_id] == least:
            wanted[member_id] += 1
            extra -= 1
    taken = {index for indexes in kept.values() for index in indexes}
    free = iter([index for index in range(count) if index not in taken])
    return {
        member_id: indexes + [next(free) for _ in range(wanted[member_id] - len(indexes))]
        for member_id, indexes in kept.items()
    }
