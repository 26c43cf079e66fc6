"""From one generation of a classic group to the next. Pure.

Members join; when all have, or time is up, the generation begins and the leader is told who is in
it; the leader's SyncGroup brings the assignment. Times are Kafka's: a member has its session's time
between heartbeats, a rebalance the longest rebalance timeout of its members.
"""

from functools import partial

from stend.engines.kafka.groups.classic.group import ClassicGroup, State
from stend.engines.kafka.groups.classic.member import Member
from stend.engines.kafka.groups.shard import Shard
from stend.wire.kafka.errors import ErrorCode

# Static members that are away keep their place (KIP-345). With a rebalance timeout of nothing the
# group would look for them without a pause.
_LEAST_RETRY_MS = 100


class Rebalances:
    """Moves groups from state to state."""

    def __init__(self, shard: Shard) -> None:
        self._shard = shard
        self._timers = shard.timers

    # Sessions

    def watch(self, group: ClassicGroup) -> None:
        """After a restart all its members have a whole session's time; those that are too many by
        now are found out in a rebalance."""
        for member in group.members.values():
            self.await_heartbeat(group, member)
        if len(group.members) > self._shard.settings.max_size:
            self.prepare(group)

    def await_heartbeat(
        self, group: ClassicGroup, member: Member, timeout_ms: int | None = None
    ) -> None:
        delay_ms = member.session_timeout_ms if timeout_ms is None else timeout_ms
        self.await_sign_of_life(group, member.id, delay_ms)

    def await_sign_of_life(self, group: ClassicGroup, member_id: str, delay_ms: int) -> None:
        """Of a member, or of one that was given its id and is to join with it."""
        expire = partial(self._expire_session, group, member_id)
        self._timers.set(_session(group, member_id), delay_ms, expire)

    def stop_session(self, group: ClassicGroup, member_id: str) -> None:
        self._timers.cancel(_session(group, member_id))

    def _expire_session(self, group: ClassicGroup, member_id: str) -> None:
        member = group.members.get(member_id)
        if member is None:
            group.pending_joins.discard(member_id)
            self.complete_if_all_joined(group)
        elif member.needs_heartbeat:
            self.remove(group, member_id)
            self.go_on_without(group)

    def remove(self, group: ClassicGroup, member_id: str) -> None:
        """Takes it out; `go_on_without` is to follow."""
        self.stop_session(group, member_id)
        group.remove(member_id)

    def go_on_without(self, group: ClassicGroup) -> None:
        """Somebody is gone."""
        if group.state in (State.STABLE, State.COMPLETING_REBALANCE):
            self.prepare(group)
        else:
            self.complete_if_all_joined(group)

    # Joining

    def prepare_or_complete(self, group: ClassicGroup) -> None:
        """Somebody joined: it begins a rebalance, or it may be the last one to be waited for."""
        if group.state is State.PREPARING_REBALANCE:
            self.complete_if_all_joined(group)
        else:
            self.prepare(group)

    def prepare(self, group: ClassicGroup) -> None:
        if group.state is State.COMPLETING_REBALANCE:
            self._fail_syncs(group)
        group.pending_syncs.clear()
        self._timers.cancel(_syncs(group))
        is_initial = group.is_empty
        group.move_to(State.PREPARING_REBALANCE, self._timers.now_ms)
        if is_initial:
            group.has_newcomer = False
            delay_ms = self._shard.settings.initial_rebalance_delay_ms
            remaining_ms = max(group.rebalance_timeout_ms - delay_ms, 0)
            self._delay_initial(group, delay_ms, remaining_ms)
        elif group.have_all_joined:
            self.complete(group)
        else:
            self._complete_later(group, group.rebalance_timeout_ms)

    def complete_if_all_joined(self, group: ClassicGroup) -> None:
        if group.is_initial_rebalance or group.state is not State.PREPARING_REBALANCE:
            return
        if group.have_all_joined:
            self.complete(group)

    def complete(self, group: ClassicGroup) -> None:
        """Whoever has not rejoined by now is out, except static members: only their session ends
        them."""
        self._timers.cancel(_joins(group))
        for member in list(group.members.values()):
            if not member.is_awaiting_join and member.instance_id is None:
                self.remove(group, member.id)
        if group.members and not group.has_joined_leader():
            self._complete_later(group, max(group.rebalance_timeout_ms, _LEAST_RETRY_MS))
            return
        group.begin_generation(self._timers.now_ms)
        if group.is_empty:
            self._shard.keep(group)
            return
        for member in group.members.values():
            member.answer_join(group.join_response(member))
            member.is_new = False
            self.await_heartbeat(group, member)
            group.pending_syncs.add(member.id)
        expire = partial(self._expire_syncs, group)
        self._timers.set(_syncs(group), group.rebalance_timeout_ms, expire)

    def _delay_initial(self, group: ClassicGroup, delay_ms: int, remaining_ms: int) -> None:
        more = partial(self._end_initial_delay, group, delay_ms, remaining_ms)
        self._timers.set(_joins(group), delay_ms, more)

    def _end_initial_delay(self, group: ClassicGroup, delay_ms: int, remaining_ms: int) -> None:
        """Members keep coming: the first rebalance waits on, at most for a rebalance timeout."""
        if not (group.has_newcomer and remaining_ms):
            self.complete(group)
            return
        group.has_newcomer = False
        next_ms = min(self._shard.settings.initial_rebalance_delay_ms, remaining_ms)
        self._delay_initial(group, next_ms, max(remaining_ms - delay_ms, 0))

    def _complete_later(self, group: ClassicGroup, delay_ms: int) -> None:
        self._timers.set(_joins(group), delay_ms, partial(self.complete, group))

    # Syncing

    def has_synced(self, group: ClassicGroup, member: Member) -> None:
        group.pending_syncs.discard(member.id)
        if not group.pending_syncs:
            self._timers.cancel(_syncs(group))

    def settle(self, group: ClassicGroup, assignments: dict[str, bytes]) -> None:
        """The leader's assignment is safe: the group is stable, and its members are told."""
        group.move_to(State.STABLE, self._timers.now_ms)
        for member in list(group.members.values()):
            member.assignment = assignments.get(member.id, b"")
            if member.answer_sync(group.sync_response(member)):
                self.await_heartbeat(group, member)

    def _fail_syncs(self, group: ClassicGroup) -> None:
        for member in list(group.members.values()):
            member.assignment = b""
            if member.answer_sync({"error_code": ErrorCode.REBALANCE_IN_PROGRESS}):
                self.await_heartbeat(group, member)

    def _expire_syncs(self, group: ClassicGroup) -> None:
        for member_id in list(group.pending_syncs):
            self.remove(group, member_id)
        self.prepare(group)


def _session(group: ClassicGroup, member_id: str) -> tuple[str, str, str]:
    return ("session", group.id, member_id)


def _joins(group: ClassicGroup) -> tuple[str, str]:
    return ("joins", group.id)


def _syncs(group: ClassicGroup) -> tuple[str, str]:
    return ("syncs", group.id)
