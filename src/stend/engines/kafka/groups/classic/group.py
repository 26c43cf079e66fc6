"""A classic group: its members, its generation, what they agreed on. Pure.

The states and what each lets happen are those of Kafka's ClassicGroup.
"""

from collections import Counter
from collections.abc import Collection
from enum import StrEnum

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.groups.classic.member import Member, failed_join
from stend.engines.kafka.groups.classic.subscriptions import subscribed_topics
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode

CONSUMER = "consumer"


class State(StrEnum):
    """A group that is deleted is gone at once: `Dead` is only what an unknown one is called."""

    EMPTY = "Empty"
    PREPARING_REBALANCE = "PreparingRebalance"
    COMPLETING_REBALANCE = "CompletingRebalance"
    STABLE = "Stable"
    DEAD = "Dead"


class ClassicGroup:
    """
    Attributes:
        pending_joins: ids that were given out (KIP-394) and whose owners are still to join.
        pending_syncs: who is still to ask for its assignment.
        has_newcomer: whether somebody joined since the first rebalance was delayed last.
        changed_at_ms: when it came into its state.
        topics: what its members subscribe to; None when that cannot be known.
    """

    kind = "classic"

    def __init__(self, group_id: str, now_ms: int) -> None:
        self.id = group_id
        self.state = self.previous_state = State.EMPTY
        self.changed_at_ms = now_ms
        self.generation = 0
        self.protocol_type: str | None = None
        self.protocol: str | None = None
        self.leader: str | None = None
        self.members: dict[str, Member] = {}
        self.static_ids: dict[str, str] = {}
        self.pending_joins: set[str] = set()
        self.pending_syncs: set[str] = set()
        self.has_newcomer = False
        self.topics: frozenset[str] | None = None

    # What it is

    @property
    def is_empty(self) -> bool:
        return self.state is State.EMPTY

    @property
    def is_initial_rebalance(self) -> bool:
        return self.state is State.PREPARING_REBALANCE and self.previous_state is State.EMPTY

    @property
    def uses_consumer_protocol(self) -> bool:
        return self.protocol_type == CONSUMER

    @property
    def rebalance_timeout_ms(self) -> int:
        return max((each.rebalance_timeout_ms for each in self.members.values()), default=0)

    @property
    def awaiting_join(self) -> int:
        return sum(each.is_awaiting_join for each in self.members.values())

    @property
    def have_all_joined(self) -> bool:
        return not self.pending_joins and all(
            each.is_awaiting_join for each in self.members.values()
        )

    def is_subscribed_to(self, topic: str) -> bool:
        """Also when it could be, for all that is known."""
        return self.uses_consumer_protocol if self.topics is None else topic in self.topics

    def supports(self, protocol_type: str, names: Collection[str]) -> bool:
        if self.is_empty:
            return bool(protocol_type) and bool(names)
        if self.protocol_type != protocol_type:
            return False
        return not self.members or not self._candidates().isdisjoint(names)

    def accepts(self, member_id: str, max_size: int) -> bool:
        """Whether there is room for somebody who joins."""
        member = self.members.get(member_id)
        if self.is_empty:
            return True
        if self.state is State.PREPARING_REBALANCE:
            # Those who wait count, not those who are listed: so the last ones to rejoin stay out
            # when the limit has become smaller.
            is_waiting = member is not None and member.is_awaiting_join
            return is_waiting or self.awaiting_join < max_size
        return member is not None or len(self.members) < max_size

    # Who is in it

    def check_member(self, member_id: str, instance_id: str | None) -> Member:
        """
        Raises:
            BrokerError: UNKNOWN_MEMBER_ID, or FENCED_INSTANCE_ID when another process has taken
                the place of this static member.
        """
        if instance_id is not None:
            known = self.static_ids.get(instance_id)
            if known is None:
                raise BrokerError(ErrorCode.UNKNOWN_MEMBER_ID)
            if known != member_id:
                raise BrokerError(ErrorCode.FENCED_INSTANCE_ID)
        if (member := self.members.get(member_id)) is None:
            raise BrokerError(ErrorCode.UNKNOWN_MEMBER_ID)
        return member

    def check_commit(
        self, member_id: str, instance_id: str | None, generation: int, *, is_transactional: bool
    ) -> None:
        """
        Raises:
            BrokerError: who is no member of this generation must not commit. Without a generation
                one may while the group is empty, and always in a transaction: clients up to
                TxnOffsetCommit v2 have none to tell.
        """
        if generation < 0 and self.is_empty:
            return
        if generation >= 0 or member_id or instance_id is not None:
            self.check_member(member_id, instance_id)
            if generation != self.generation:
                raise BrokerError(ErrorCode.ILLEGAL_GENERATION)
        elif not is_transactional:
            raise BrokerError(ErrorCode.UNKNOWN_MEMBER_ID)
        if not is_transactional and self.state is State.COMPLETING_REBALANCE:
            raise BrokerError(ErrorCode.REBALANCE_IN_PROGRESS)

    def check_fetch(self, member_id: str | None, member_epoch: int) -> None:
        """Anybody may read the offsets of a classic group."""

    def check_delete_offsets(self) -> None:
        """
        Raises:
            BrokerError: there are members, and what they use cannot be known.
        """
        if not self.is_empty and not self.uses_consumer_protocol:
            raise BrokerError(ErrorCode.NON_EMPTY_GROUP)

    def expires_from_ms(self, committed_at_ms: int) -> int | None:
        """Since when an offset with this commit time is out of use; None while it is in use.

        KIP-211: since the group has no members; for topics that nobody subscribes to any more and
        for consumers without a group, since the commit.
        """
        if self.protocol_type is None:
            return committed_at_ms
        if self.is_empty:
            return self.changed_at_ms
        if self.state is State.STABLE and self.topics is not None:
            return committed_at_ms
        return None

    def add(self, member: Member, protocol_type: str) -> None:
        if not self.members:
            self.protocol_type = protocol_type
        if self.leader is None:
            self.leader = member.id
        self.members[member.id] = member
        if member.instance_id is not None:
            self.static_ids[member.instance_id] = member.id
        self.pending_joins.discard(member.id)

    def remove(self, member_id: str) -> None:
        """Whatever it waits for fails: it is to join anew if it is still there."""
        member = self.members.pop(member_id, None)
        self.pending_joins.discard(member_id)
        self.pending_syncs.discard(member_id)
        if member is None:
            return
        if member.instance_id is not None:
            del self.static_ids[member.instance_id]
        if self.leader == member_id:
            self.leader = next(iter(self.members), None)
        member.answer_join(failed_join(ErrorCode.UNKNOWN_MEMBER_ID, ""))
        member.answer_sync({"error_code": ErrorCode.UNKNOWN_MEMBER_ID})

    def replace_static(self, old_id: str, new_id: str) -> Member:
        """The same member under a new id; whoever used the old one is fenced."""
        member = self.members.pop(old_id)
        member.answer_join(failed_join(ErrorCode.FENCED_INSTANCE_ID, old_id))
        member.answer_sync({"error_code": ErrorCode.FENCED_INSTANCE_ID})
        member.id = new_id
        self.members[new_id] = member
        if member.instance_id is not None:
            self.static_ids[member.instance_id] = new_id
        if old_id in self.pending_syncs:
            self.pending_syncs.remove(old_id)
            self.pending_syncs.add(new_id)
        if self.leader == old_id:
            self.leader = new_id
        return member

    # What they agree on

    def has_joined_leader(self) -> bool:
        """Whether somebody who has rejoined leads, elected now if need be."""
        if self.leader is None:
            return False
        if self.members[self.leader].is_awaiting_join:
            return True
        joined = next((each.id for each in self.members.values() if each.is_awaiting_join), None)
        if joined is not None:
            self.leader = joined
        return joined is not None

    def selected_protocol(self) -> str:
        """What most vote for among what all support; the earliest voter's choice in a draw."""
        candidates = self._candidates()
        votes = Counter(member.vote(candidates) for member in self.members.values())
        return votes.most_common(1)[0][0]

    def begin_generation(self, now_ms: int) -> None:
        # It wraps where Kafka's int32 would go below zero.
        self.generation = (self.generation + 1) & 0x7FFFFFFF
        self.protocol = self.selected_protocol() if self.members else None
        self.note_topics()
        self.move_to(State.COMPLETING_REBALANCE if self.members else State.EMPTY, now_ms)
        self.pending_syncs.clear()

    def note_topics(self) -> None:
        self.topics = None
        if self.uses_consumer_protocol:
            said = [each.metadata(self.protocol) for each in self.members.values()]
            self.topics = subscribed_topics(said)

    def move_to(self, state: State, now_ms: int) -> None:
        self.previous_state, self.state = self.state, state
        self.changed_at_ms = now_ms

    def join_response(self, member: Member, *, skip_assignment: bool = False) -> Fields:
        """For the leader with what everybody said under the selected protocol."""
        members: list[Fields] = []
        if member.id == self.leader:
            members = [
                {
                    "member_id": each.id,
                    "group_instance_id": each.instance_id,
                    "metadata": each.metadata(self.protocol),
                }
                for each in self.members.values()
            ]
        return {
            "error_code": ErrorCode.NONE,
            "generation_id": self.generation,
            "protocol_type": self.protocol_type,
            "protocol_name": self.protocol,
            "leader": self.leader,
            "skip_assignment": skip_assignment,
            "member_id": member.id,
            "members": members,
        }

    def sync_response(self, member: Member) -> Fields:
        return {
            "error_code": ErrorCode.NONE,
            "protocol_type": self.protocol_type,
            "protocol_name": self.protocol,
            "assignment": member.assignment,
        }

    def _candidates(self) -> set[str]:
        """The protocols that every member supports."""
        counts = Counter(name for each in self.members.values() for name in dict(each.protocols))
        return {name for name, count in counts.items() if count == len(self.members)}
