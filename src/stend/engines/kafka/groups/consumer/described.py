"""A consumer group as ConsumerGroupDescribe tells it. Pure."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from stend.engines.kafka.groups.consumer.group import ConsumerGroup, TopicTable
from stend.engines.kafka.groups.consumer.member import ConsumerMember, Partition
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode

# What KIP-848 calls a member of its own protocol.
_CONSUMER = 1


def described(group: ConsumerGroup, topics: TopicTable) -> Fields:
    names = {uuid: name for name, (uuid, _) in topics.items()}
    return {
        "error_code": ErrorCode.NONE,
        "error_message": None,
        "group_id": group.id,
        "group_state": group.state.value,
        "group_epoch": group.epoch,
        "assignment_epoch": group.target_epoch,
        "assignor_name": group.assignor.value,
        "members": [_member(group, member, names) for member in group.members.values()],
    }


def by_topic(partitions: Iterable[Partition]) -> list[Fields]:
    indexes: dict[UUID, list[int]] = {}
    for topic, index in sorted(partitions):
        indexes.setdefault(topic, []).append(index)
    return [{"topic_id": topic, "partitions": found} for topic, found in indexes.items()]


def _member(group: ConsumerGroup, member: ConsumerMember, names: Mapping[UUID, str]) -> Fields:
    target = group.target.get(member.id, frozenset())
    return {
        "member_id": member.id,
        "instance_id": member.instance_id,
        "rack_id": member.rack_id,
        "member_epoch": member.epoch,
        "client_id": member.client_id,
        "client_host": member.client_host,
        "subscribed_topic_names": sorted(member.topics),
        "subscribed_topic_regex": member.pattern or None,
        "assignment": {"topic_partitions": _named(member.assigned, names)},
        "target_assignment": {"topic_partitions": _named(target, names)},
        "member_type": _CONSUMER,
    }


def _named(partitions: Iterable[Partition], names: Mapping[UUID, str]) -> list[Fields]:
    """Without topics that were deleted in the meantime."""
    return [
        {**each, "topic_name": names[each["topic_id"]]}
        for each in by_topic(partitions)
        if each["topic_id"] in names
    ]
