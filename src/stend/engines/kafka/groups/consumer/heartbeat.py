"""ConsumerGroupHeartbeat as a member sends it, and what no such request may say. Pure."""

from typing import NamedTuple

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.groups.consumer.assignors import Assignor
from stend.engines.kafka.groups.consumer.member import Partition
from stend.engines.kafka.groups.consumer.patterns import Pattern
from stend.engines.kafka.request import Request
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode

# Epochs that are none.
JOINS, LEAVES, IS_AWAY = 0, -1, -2
NOT_TOLD = -1
# KIP-1082: from here on members make their ids themselves.
_FIRST_WITH_OWN_ID = 1


class Heartbeat(NamedTuple):
    """
    Attributes:
        epoch: of the member, or what it is about to do.
        owned: what it has; None when it does not say.
        pattern: of topics; empty for none from now on, None when it stays as it is.
    """

    request: Request
    fields: Fields
    epoch: int
    owned: frozenset[Partition] | None
    pattern: str | None

    @property
    def is_full(self) -> bool:
        """All is said anew, as after an error: so it is to be told all, too."""
        fields = self.fields
        has_topics = fields["subscribed_topic_names"] is not None or self.pattern is not None
        has_timeout = fields["rebalance_timeout_ms"] != NOT_TOLD
        return has_timeout and has_topics and self.owned is not None


def read(request: Request) -> Heartbeat:
    fields = request.fields
    owned = fields["topic_partitions"]
    if owned is not None:
        owned = frozenset(
            (topic["topic_id"], index) for topic in owned for index in topic["partitions"]
        )
    pattern = fields.get("subscribed_topic_regex")
    return Heartbeat(request, fields, fields["member_epoch"], owned, pattern)


def check(heartbeat: Heartbeat) -> None:
    """
    Raises:
        BrokerError: the request contradicts itself, whatever the group is like.
    """
    fields, epoch = heartbeat.fields, heartbeat.epoch
    makes_own_id = heartbeat.request.version >= _FIRST_WITH_OWN_ID
    needs_id = makes_own_id or epoch > 0 or epoch == LEAVES
    for name, value in (
        ("MemberId", fields["member_id"] if needs_id else None),
        ("GroupId", fields["group_id"]),
        ("InstanceId", fields["instance_id"]),
        ("RackId", fields["rack_id"]),
    ):
        if value is not None and not value.strip():
            raise _invalid(f"{name} can't be empty.")
    if epoch == JOINS:
        _check_join(heartbeat)
    elif epoch == IS_AWAY and fields["instance_id"] is None:
        raise _invalid("InstanceId can't be null.")
    elif epoch < IS_AWAY:
        raise _invalid("MemberEpoch is invalid.")
    assignor = fields["server_assignor"]
    if assignor is not None and assignor not in tuple(Assignor):
        supported = ", ".join(Assignor)
        text = f"ServerAssignor {assignor} is not supported. Supported assignors: {supported}."
        raise BrokerError(ErrorCode.UNSUPPORTED_ASSIGNOR, text)
    if heartbeat.pattern:
        Pattern(heartbeat.pattern)


def _check_join(heartbeat: Heartbeat) -> None:
    fields = heartbeat.fields
    if fields["rebalance_timeout_ms"] == NOT_TOLD:
        raise _invalid("RebalanceTimeoutMs must be provided in first request.")
    if heartbeat.owned is None or heartbeat.owned:
        raise _invalid("TopicPartitions must be empty when (re-)joining.")
    if fields["subscribed_topic_names"] is None and heartbeat.pattern is None:
        raise _invalid(
            "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when "
            "(re-)joining."
        )


def _invalid(text: str) -> BrokerError:
    return BrokerError(ErrorCode.INVALID_REQUEST, text)
