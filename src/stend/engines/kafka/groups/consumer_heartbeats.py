"""ConsumerGroupHeartbeat (KIP-848). Pure.

One request does it all: a member joins with epoch 0, says what it has, is told what it is to have,
and leaves with epoch -1, or -2 when it is static and will be back.
"""

from functools import partial
from typing import NamedTuple

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.groups.consumer.described import by_topic
from stend.engines.kafka.groups.consumer.group import ConsumerGroup
from stend.engines.kafka.groups.consumer.heartbeat import (
    IS_AWAY,
    JOINS,
    NOT_TOLD,
    Heartbeat,
    check,
    read,
)
from stend.engines.kafka.groups.consumer.member import ConsumerMember, MemberState
from stend.engines.kafka.groups.consumer.reconciliation import reconcile
from stend.engines.kafka.groups.shard import Shard
from stend.engines.kafka.request import Request
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode


class _Changed(NamedTuple):
    subscription: bool
    anything: bool


class ConsumerHeartbeats:
    def __init__(self, shard: Shard) -> None:
        self._shard = shard
        self._timers = shard.timers

    def handle(self, request: Request) -> None:
        heartbeat = read(request)
        try:
            check(heartbeat)
            if heartbeat.epoch < 0:
                self._leave(heartbeat)
            else:
                self._go_on(heartbeat)
        except BrokerError as error:
            request.reply({"error_code": error.code, "error_message": error.message})

    def watch(self, group: ConsumerGroup) -> None:
        """After a restart all its members have a whole session's time, and those that give
        something back a whole rebalance timeout."""
        for member in group.members.values():
            self._await_heartbeat(group, member)
            self._await_revocation(group, member)

    # Being there

    def _go_on(self, heartbeat: Heartbeat) -> None:
        fields = heartbeat.fields
        group = self._group(fields["group_id"], joins=heartbeat.epoch == JOINS)
        self._check_room(group, fields["member_id"])
        member = self._member(group, heartbeat)
        had, before = member.assigned, member.progress
        changed = _update(member, heartbeat)
        is_divided = self._divide_anew(group, has_new_subscription=changed.subscription)
        reconcile(group, member, heartbeat.owned, has_new_subscription=changed.subscription)
        self._await_heartbeat(group, member)
        has_moved = member.progress != before
        if has_moved:
            self._await_revocation(group, member)
        is_to_know = heartbeat.epoch == JOINS or heartbeat.is_full or member.assigned != had
        response = self._response(member, has_assignment=is_to_know)
        if has_moved or is_divided or changed.anything:
            self._shard.keep(group)
            self._shard.answer_when_safe(heartbeat.request, response)
        else:
            heartbeat.request.reply(response)

    def _divide_anew(self, group: ConsumerGroup, *, has_new_subscription: bool) -> bool:
        """If it must be: also when partitions were added, or a member has gone since."""
        has_other_topics = group.note_topics(self._shard.topics())
        if has_new_subscription or has_other_topics or group.epoch == 0:
            group.epoch += 1
        if group.epoch == group.target_epoch:
            return False
        group.divide()
        return True

    def _group(self, group_id: str, *, joins: bool) -> ConsumerGroup:
        group = self._shard.groups.get(group_id)
        if isinstance(group, ConsumerGroup):
            return group
        if group is None and not joins:
            raise BrokerError(ErrorCode.GROUP_ID_NOT_FOUND, f"Group {group_id} not found.")
        if group is not None and not (joins and group.is_empty):
            text = f"Group {group_id} is not a consumer group."
            raise BrokerError(ErrorCode.GROUP_ID_NOT_FOUND, text)
        new = self._shard.groups[group_id] = ConsumerGroup(group_id)
        return new

    def _check_room(self, group: ConsumerGroup, member_id: str) -> None:
        most = self._shard.settings.consumer_max_size
        if len(group.members) >= most and member_id not in group.members:
            text = f"The consumer group has reached its maximum capacity of {most} members."
            raise BrokerError(ErrorCode.GROUP_MAX_SIZE_REACHED, text)

    def _member(self, group: ConsumerGroup, heartbeat: Heartbeat) -> ConsumerMember:
        member_id = heartbeat.fields["member_id"] or self._shard.new_id()
        instance_id = heartbeat.fields["instance_id"]
        if instance_id is not None:
            member = self._static_member(group, heartbeat, member_id, instance_id)
        elif heartbeat.epoch == JOINS and member_id not in group.members:
            member = ConsumerMember(member_id)
            group.add(member)
        else:
            member = group.member(member_id)
        _check_epoch(member, heartbeat)
        return member

    def _static_member(
        self, group: ConsumerGroup, heartbeat: Heartbeat, member_id: str, instance_id: str
    ) -> ConsumerMember:
        known = group.static_member(instance_id)
        if heartbeat.epoch != JOINS:
            return _own_static_member(known, member_id, instance_id)
        new = ConsumerMember(member_id, instance_id)
        if known is None:
            group.add(new)
            return new
        if known.id == member_id:
            # It may have lost the answer to its first request.
            return known
        if known.epoch != IS_AWAY:
            text = (
                f"Static member {member_id} with instance id {instance_id} cannot join the group "
                f"because the instance id is owned by {known.id} member."
            )
            raise BrokerError(ErrorCode.UNRELEASED_INSTANCE_ID, text)
        self._stop_timers(group, known)
        new.topics, new.pattern, new.assigned = known.topics, known.pattern, known.assigned
        group.replace(known, new)
        return new

    def _response(self, member: ConsumerMember, *, has_assignment: bool) -> Fields:
        assignment = {"topic_partitions": by_topic(member.assigned)} if has_assignment else None
        return {
            "error_code": ErrorCode.NONE,
            "error_message": None,
            "member_id": member.id,
            "member_epoch": member.epoch,
            "heartbeat_interval_ms": self._shard.settings.consumer_heartbeat_interval_ms,
            "assignment": assignment,
        }

    # Going

    def _leave(self, heartbeat: Heartbeat) -> None:
        fields = heartbeat.fields
        group = self._group(fields["group_id"], joins=False)
        member_id, instance_id = fields["member_id"], fields["instance_id"]
        if instance_id is None:
            member = group.member(member_id)
        else:
            known = group.static_member(instance_id)
            member = _own_static_member(known, member_id, instance_id)
        if heartbeat.epoch == IS_AWAY:
            member.epoch = IS_AWAY
            member.revoking = frozenset()
            self._shard.keep(group)
        else:
            self._fence(group, member)
        response = {
            "error_code": ErrorCode.NONE,
            "member_id": member.id,
            "member_epoch": heartbeat.epoch,
        }
        self._shard.answer_when_safe(heartbeat.request, response)

    def _fence(self, group: ConsumerGroup, member: ConsumerMember) -> None:
        self._stop_timers(group, member)
        group.remove(member)
        group.note_topics(self._shard.topics())
        self._shard.keep(group)

    # Time

    def _await_heartbeat(self, group: ConsumerGroup, member: ConsumerMember) -> None:
        delay_ms = self._shard.settings.consumer_session_timeout_ms
        self._timers.set(_session(group, member), delay_ms, partial(self._fence, group, member))

    def _await_revocation(self, group: ConsumerGroup, member: ConsumerMember) -> None:
        if member.state is MemberState.UNREVOKED:
            fence = partial(self._fence, group, member)
            delay_ms = max(member.rebalance_timeout_ms, 0)
            self._timers.set(_revocation(group, member), delay_ms, fence)
        else:
            self._timers.cancel(_revocation(group, member))

    def _stop_timers(self, group: ConsumerGroup, member: ConsumerMember) -> None:
        self._timers.cancel(_session(group, member))
        self._timers.cancel(_revocation(group, member))


def _check_epoch(member: ConsumerMember, heartbeat: Heartbeat) -> None:
    """
    Raises:
        BrokerError: FENCED_MEMBER_EPOCH. The epoch before is accepted from a member that may have
            lost our answer: what it has is part of what it may have.
    """
    epoch, owned = heartbeat.epoch, heartbeat.owned
    if epoch in (JOINS, member.epoch):
        return
    is_greater = epoch > member.epoch
    has_no_more = owned is not None and owned <= member.assigned
    if is_greater or epoch != member.previous_epoch or not has_no_more:
        text = (
            f"The consumer group member has a {'greater' if is_greater else 'smaller'} member "
            f"epoch ({epoch}) than the one known by the group coordinator ({member.epoch}). "
            "The member must abandon all its partitions and rejoin."
        )
        raise BrokerError(ErrorCode.FENCED_MEMBER_EPOCH, text)


def _own_static_member(
    known: ConsumerMember | None, member_id: str, instance_id: str
) -> ConsumerMember:
    if known is None:
        raise BrokerError(ErrorCode.UNKNOWN_MEMBER_ID, f"Instance id {instance_id} is unknown.")
    if known.id != member_id:
        text = (
            f"Static member {member_id} with instance id {instance_id} was fenced by member "
            f"{known.id}."
        )
        raise BrokerError(ErrorCode.FENCED_INSTANCE_ID, text)
    return known


def _update(member: ConsumerMember, heartbeat: Heartbeat) -> _Changed:
    """What is not said stays as it is; who joins says all, so what it does not say is nothing."""
    fields, request = heartbeat.fields, heartbeat.request
    subscription = (member.topics, member.pattern)
    others = (member.rack_id, member.rebalance_timeout_ms, member.assignor, member.client_host)
    is_all = heartbeat.epoch == JOINS
    names = fields["subscribed_topic_names"]
    if names is not None or is_all:
        member.topics = frozenset(names or ())
    if heartbeat.pattern is not None or is_all:
        member.pattern = heartbeat.pattern or ""
    if fields["server_assignor"] is not None or is_all:
        member.assignor = fields["server_assignor"]
    if fields["rack_id"] is not None or is_all:
        member.rack_id = fields["rack_id"]
    if fields["rebalance_timeout_ms"] != NOT_TOLD:
        member.rebalance_timeout_ms = fields["rebalance_timeout_ms"]
    member.client_id, member.client_host = request.client_id, request.client_host
    has_new_subscription = subscription != (member.topics, member.pattern)
    now = (member.rack_id, member.rebalance_timeout_ms, member.assignor, member.client_host)
    return _Changed(has_new_subscription, has_new_subscription or others != now)


def _session(group: ConsumerGroup, member: ConsumerMember) -> tuple[str, str, str]:
    return ("session", group.id, member.id)


def _revocation(group: ConsumerGroup, member: ConsumerMember) -> tuple[str, str, str]:
    return ("revocation", group.id, member.id)
