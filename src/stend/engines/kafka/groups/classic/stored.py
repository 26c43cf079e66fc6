"""A classic group as it is kept: what Kafka writes as GroupMetadataValue. Pure.

Only settled generations are kept. A broker that dies in a rebalance comes back with the generation
before it, whose members carry on or are told to join anew. Other than Kafka it comes back with all
that members had said, not with the selected protocol alone: a newcomer that supports another one
that all support is not refused.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping

from stend.engines.kafka.groups.classic.group import ClassicGroup, State
from stend.engines.kafka.groups.classic.member import Member
from stend.wire.kafka.codec import Fields


def stored(group: ClassicGroup, assignments: Mapping[str, bytes]) -> Fields:
    """
    Args:
        assignments: by member id; a member without one gets an empty one.
    """
    return {
        "type": group.kind,
        "protocol_type": group.protocol_type,
        "generation": group.generation,
        "protocol": group.protocol,
        "leader": group.leader,
        "changed_at_ms": group.changed_at_ms,
        "members": [
            {
                "id": member.id,
                "instance_id": member.instance_id,
                "client_id": member.client_id,
                "client_host": member.client_host,
                "rebalance_timeout_ms": member.rebalance_timeout_ms,
                "session_timeout_ms": member.session_timeout_ms,
                "protocols": [[name, _text(said)] for name, said in member.protocols],
                "assignment": _text(assignments.get(member.id, b"")),
            }
            for member in group.members.values()
        ],
    }


def restored(group_id: str, value: Fields) -> ClassicGroup:
    group = ClassicGroup(group_id, value["changed_at_ms"])
    group.generation = value["generation"]
    group.protocol_type = value["protocol_type"]
    group.protocol = value["protocol"]
    for fields in value["members"]:
        member = Member(
            id=fields["id"],
            instance_id=fields["instance_id"],
            client_id=fields["client_id"],
            client_host=fields["client_host"],
            rebalance_timeout_ms=fields["rebalance_timeout_ms"],
            session_timeout_ms=fields["session_timeout_ms"],
            protocols=[(name, b64decode(said)) for name, said in fields["protocols"]],
            assignment=b64decode(fields["assignment"]),
        )
        group.add(member, value["protocol_type"])
    group.leader = value["leader"]
    if group.members:
        group.state = group.previous_state = State.STABLE
    group.note_topics()
    return group


def _text(data: bytes) -> str:
    return b64encode(data).decode("ascii")
