"""A consumer group as it is kept. Pure."""

from collections.abc import Iterable
from uuid import UUID

from stend.engines.kafka.groups.consumer.group import ConsumerGroup
from stend.engines.kafka.groups.consumer.member import ConsumerMember, MemberState, Partition
from stend.wire.kafka.codec import Fields


def stored(group: ConsumerGroup) -> Fields:
    return {
        "type": group.kind,
        "epoch": group.epoch,
        "target_epoch": group.target_epoch,
        "known": [[name, str(uuid), count] for name, (uuid, count) in group.known.items()],
        "target": {each: _texts(partitions) for each, partitions in group.target.items()},
        "members": [
            {
                "id": member.id,
                "instance_id": member.instance_id,
                "rack_id": member.rack_id,
                "client_id": member.client_id,
                "client_host": member.client_host,
                "rebalance_timeout_ms": member.rebalance_timeout_ms,
                "topics": sorted(member.topics),
                "pattern": member.pattern,
                "assignor": member.assignor,
                "epoch": member.epoch,
                "previous_epoch": member.previous_epoch,
                "state": member.state.value,
                "assigned": _texts(member.assigned),
                "revoking": _texts(member.revoking),
            }
            for member in group.members.values()
        ],
    }


def restored(group_id: str, value: Fields) -> ConsumerGroup:
    group = ConsumerGroup(group_id)
    group.epoch = value["epoch"]
    group.target_epoch = value["target_epoch"]
    group.known = {name: (UUID(uuid), count) for name, uuid, count in value["known"]}
    group.target = {each: _partitions(texts) for each, texts in value["target"].items()}
    for fields in value["members"]:
        member = {
            **fields,
            "topics": frozenset(fields["topics"]),
            "state": MemberState(fields["state"]),
            "assigned": _partitions(fields["assigned"]),
            "revoking": _partitions(fields["revoking"]),
        }
        group.add(ConsumerMember(**member))
    return group


def _texts(partitions: Iterable[Partition]) -> list[str]:
    return [f"{topic}:{index}" for topic, index in sorted(partitions)]


def _partitions(texts: Iterable[str]) -> frozenset[Partition]:
    found = (text.split(":") for text in texts)
    return frozenset((UUID(topic), int(index)) for topic, index in found)
