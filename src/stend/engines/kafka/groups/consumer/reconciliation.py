"""A member on its way to the target: first it gives back, then it gets what is free. Pure.

The steps are those of Kafka's CurrentAssignmentBuilder.
"""

from collections.abc import Set
from uuid import UUID

from stend.engines.kafka.groups.consumer.group import ConsumerGroup
from stend.engines.kafka.groups.consumer.member import ConsumerMember, MemberState, Partition


def reconcile(
    group: ConsumerGroup,
    member: ConsumerMember,
    owned: Set[Partition] | None,
    *,
    has_new_subscription: bool,
) -> None:
    """
    Args:
        owned: what the member says it still has; None when it does not say.
    """
    subscribed = {group.known[name][0] for name in group.topics_of(member, group.known)}
    is_waiting = member.state is MemberState.UNREVOKED and _owns(owned, member.revoking)
    if is_waiting:
        if has_new_subscription:
            _drop_unsubscribed(member, subscribed)
    elif not member.is_reconciled_to(group.target_epoch):
        _step(group, member, subscribed, owned)


def _step(
    group: ConsumerGroup,
    member: ConsumerMember,
    subscribed: Set[UUID],
    owned: Set[Partition] | None,
) -> None:
    target = _of_topics(group.target.get(member.id, frozenset()), subscribed)
    kept = member.assigned & target
    given_back = member.assigned - target
    if given_back and _owns(owned, given_back):
        _await_revocation(member, kept, given_back)
        return
    unreleased = (target - kept) & group.held_by_others(member)
    member.move_to(group.target_epoch)
    member.assigned = target - unreleased
    member.revoking = frozenset()
    member.state = MemberState.UNRELEASED if unreleased else MemberState.STABLE


def _drop_unsubscribed(member: ConsumerMember, subscribed: Set[UUID]) -> None:
    """While it still gives back: it does not want these any more, whatever the target says."""
    kept = _of_topics(member.assigned, subscribed)
    if kept != member.assigned:
        _await_revocation(member, kept, member.revoking | (member.assigned - kept))


def _await_revocation(
    member: ConsumerMember, kept: frozenset[Partition], revoking: frozenset[Partition]
) -> None:
    member.move_to(member.epoch)
    member.state = MemberState.UNREVOKED
    member.assigned = kept
    member.revoking = revoking


def _owns(owned: Set[Partition] | None, revoked: Set[Partition]) -> bool:
    """As far as is known: a member that says nothing may have all it had."""
    return owned is None or not revoked.isdisjoint(owned)


def _of_topics(partitions: frozenset[Partition], topics: Set[UUID]) -> frozenset[Partition]:
    return frozenset(each for each in partitions if each[0] in topics)
