"""A consumer group: its members, its epochs, who is to read what. Pure.

The group's epoch grows with every change of members, subscriptions or topics. The target assignment
is made for an epoch, and each member moves to it on its own: it gives back first, and gets what
nobody holds any more.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from uuid import UUID

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.groups.consumer.assignors import Assignor, assign
from stend.engines.kafka.groups.consumer.member import ConsumerMember, Partition
from stend.engines.kafka.groups.consumer.patterns import Pattern
from stend.wire.kafka.errors import ErrorCode

# By name: id and number of partitions.
TopicTable = Mapping[str, tuple[UUID, int]]


class ConsumerState(StrEnum):
    EMPTY = "Empty"
    # The target is of an older epoch than the group.
    ASSIGNING = "Assigning"
    # Not every member has what it is to have.
    RECONCILING = "Reconciling"
    STABLE = "Stable"


class ConsumerGroup:
    """
    Attributes:
        target: what each member is to have.
        known: the topics that somebody subscribes to, as they were when the epoch last grew.
    """

    kind = "consumer"
    protocol_type = "consumer"

    def __init__(self, group_id: str) -> None:
        self.id = group_id
        self.epoch = 0
        self.target_epoch = 0
        self.members: dict[str, ConsumerMember] = {}
        self.static_ids: dict[str, str] = {}
        self.target: dict[str, frozenset[Partition]] = {}
        self.known: dict[str, tuple[UUID, int]] = {}
        self._patterns: dict[str, Pattern] = {}

    @property
    def is_empty(self) -> bool:
        return not self.members

    @property
    def state(self) -> ConsumerState:
        if not self.members:
            return ConsumerState.EMPTY
        if self.epoch > self.target_epoch:
            return ConsumerState.ASSIGNING
        if all(each.is_reconciled_to(self.target_epoch) for each in self.members.values()):
            return ConsumerState.STABLE
        return ConsumerState.RECONCILING

    @property
    def assignor(self) -> Assignor:
        """Most members' choice."""
        votes = Counter(each.assignor for each in self.members.values() if each.assignor)
        return Assignor(votes.most_common(1)[0][0]) if votes else Assignor.UNIFORM

    # Who is in it

    def member(self, member_id: str) -> ConsumerMember:
        """
        Raises:
            BrokerError: UNKNOWN_MEMBER_ID.
        """
        if (member := self.members.get(member_id)) is None:
            text = f"Member {member_id} is not a member of group {self.id}."
            raise BrokerError(ErrorCode.UNKNOWN_MEMBER_ID, text)
        return member

    def static_member(self, instance_id: str) -> ConsumerMember | None:
        member_id = self.static_ids.get(instance_id)
        return None if member_id is None else self.members[member_id]

    def add(self, member: ConsumerMember) -> None:
        self.members[member.id] = member
        if member.instance_id is not None:
            self.static_ids[member.instance_id] = member.id

    def remove(self, member: ConsumerMember) -> None:
        """The group is to be divided anew."""
        self._take_out(member)
        self.epoch += 1

    def replace(self, old: ConsumerMember, new: ConsumerMember) -> None:
        """The same static member in another process; it gets what the one before it had."""
        target = self.target.get(old.id, frozenset())
        self._take_out(old)
        self.add(new)
        self.target[new.id] = target

    def _take_out(self, member: ConsumerMember) -> None:
        del self.members[member.id]
        self.target.pop(member.id, None)
        if member.instance_id is not None:
            del self.static_ids[member.instance_id]

    # Who is to have what

    def topics_of(self, member: ConsumerMember, topics: Iterable[str]) -> set[str]:
        """Which of these it subscribes to."""
        if not member.pattern:
            return {name for name in topics if name in member.topics}
        pattern = self._patterns.get(member.pattern)
        if pattern is None:
            pattern = self._patterns[member.pattern] = Pattern(member.pattern)
        return {name for name in topics if name in member.topics or pattern.matches(name)}

    def note_topics(self, topics: TopicTable) -> bool:
        """Whether those that matter to the group are others than before."""
        names = {name for each in self.members.values() for name in self.topics_of(each, topics)}
        known = {name: topics[name] for name in sorted(names)}
        is_other = known != self.known
        self.known = known
        return is_other

    def divide(self) -> None:
        """The target for the present epoch."""
        subscriptions = {
            member.id: frozenset(self.known[name][0] for name in self.topics_of(member, self.known))
            for member in self.members.values()
        }
        self.target = assign(self.assignor, subscriptions, self.target, dict(self.known.values()))
        self.target_epoch = self.epoch

    def held_by_others(self, member: ConsumerMember) -> set[Partition]:
        return {
            partition
            for each in self.members.values()
            if each is not member
            for partition in each.held
        }

    # What others want to know

    def is_subscribed_to(self, topic: str) -> bool:
        return any(self.topics_of(each, (topic,)) for each in self.members.values())

    def check_commit(
        self, member_id: str, instance_id: str | None, epoch: int, *, is_transactional: bool
    ) -> None:
        """
        Raises:
            BrokerError: it is no member, or has another assignment by now.
        """
        if epoch >= 0 or self.members:
            self._check_epoch(self.member(member_id), epoch)

    def check_fetch(self, member_id: str | None, epoch: int) -> None:
        """
        Raises:
            BrokerError: as for a commit. Whoever names no member may read.
        """
        if member_id is not None or epoch >= 0:
            self._check_epoch(self.member(member_id or ""), epoch)

    def check_delete_offsets(self) -> None:
        """What its members use is known exactly."""

    def expires_from_ms(self, committed_at_ms: int) -> int | None:
        return committed_at_ms

    def _check_epoch(self, member: ConsumerMember, epoch: int) -> None:
        if epoch != member.epoch:
            text = (
                f"The received member epoch {epoch} does not match the expected member epoch "
                f"{member.epoch}."
            )
            raise BrokerError(ErrorCode.STALE_MEMBER_EPOCH, text)
