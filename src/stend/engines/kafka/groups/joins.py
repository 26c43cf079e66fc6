"""JoinGroup: who comes in, as whom, and whether that begins a rebalance. Pure."""

from dataclasses import dataclass
from functools import partial

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.groups.classic.group import ClassicGroup, State
from stend.engines.kafka.groups.classic.member import Member, Protocols, failed_join
from stend.engines.kafka.groups.rebalances import Rebalances
from stend.engines.kafka.groups.shard import Shard
from stend.engines.kafka.request import Request
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode

# KIP-394: a member is to join a second time with the id it was given, so that one that never got
# the answer is not waited for.
_FIRST_THAT_KNOWS_ITS_ID = 4
_FIRST_THAT_SKIPS_ASSIGNMENT = 9


@dataclass(frozen=True, slots=True)
class Join:
    """A JoinGroup, the same in all versions."""

    request: Request
    group_id: str
    member_id: str
    instance_id: str | None
    protocol_type: str
    protocols: Protocols
    session_timeout_ms: int
    rebalance_timeout_ms: int

    def refuse(self, code: ErrorCode, member_id: str = "") -> None:
        self.request.reply(failed_join(code, member_id))


class Joins:
    def __init__(self, shard: Shard, rebalances: Rebalances) -> None:
        self._shard = shard
        self._rebalances = rebalances

    def handle(self, request: Request) -> None:
        join = _read(request)
        settings = self._shard.settings
        if not join.group_id:
            join.refuse(ErrorCode.INVALID_GROUP_ID, join.member_id)
        elif not (
            settings.min_session_timeout_ms
            <= join.session_timeout_ms
            <= settings.max_session_timeout_ms
        ):
            join.refuse(ErrorCode.INVALID_SESSION_TIMEOUT, join.member_id)
        elif self._is_of_other_kind(join.group_id):
            join.refuse(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
        elif (group := self._group(join)) is None:
            join.refuse(ErrorCode.UNKNOWN_MEMBER_ID, join.member_id)
        elif not group.accepts(join.member_id, settings.max_size):
            self._rebalances.remove(group, join.member_id)
            join.refuse(ErrorCode.GROUP_MAX_SIZE_REACHED)
            self._rebalances.complete_if_all_joined(group)
        elif not group.supports(join.protocol_type, dict(join.protocols)):
            join.refuse(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, join.member_id)
        elif join.member_id:
            self._let_known_in(group, join)
        else:
            self._let_unknown_in(group, join)

    def _is_of_other_kind(self, group_id: str) -> bool:
        group = self._shard.groups.get(group_id)
        return not (group is None or group.is_empty or isinstance(group, ClassicGroup))

    def _group(self, join: Join) -> ClassicGroup | None:
        """The first to come without an id makes the group, also of an empty one of KIP-848."""
        group = self._shard.classic(join.group_id)
        if group is None and not join.member_id:
            group = ClassicGroup(join.group_id, self._shard.timers.now_ms)
            self._shard.groups[group.id] = group
            self._shard.keep(group)
        return group

    # Without a member id

    def _let_unknown_in(self, group: ClassicGroup, join: Join) -> None:
        name = join.request.client_id if join.instance_id is None else join.instance_id
        new_id = f"{name}-{self._shard.new_id()}"
        old_id = None if join.instance_id is None else group.static_ids.get(join.instance_id)
        if old_id is not None:
            self._replace(group, join, old_id, new_id)
        elif join.instance_id is None and join.request.version >= _FIRST_THAT_KNOWS_ITS_ID:
            group.pending_joins.add(new_id)
            self._rebalances.await_sign_of_life(group, new_id, join.session_timeout_ms)
            join.refuse(ErrorCode.MEMBER_ID_REQUIRED, new_id)
        else:
            self._add(group, join, new_id)

    def _add(self, group: ClassicGroup, join: Join, member_id: str) -> None:
        member = Member(
            id=member_id,
            instance_id=join.instance_id,
            client_id=join.request.client_id,
            client_host=join.request.client_host,
            rebalance_timeout_ms=join.rebalance_timeout_ms,
            session_timeout_ms=join.session_timeout_ms,
            protocols=join.protocols,
            is_new=True,
            join_reply=join.request.reply,
        )
        if group.is_initial_rebalance:
            group.has_newcomer = True
        group.add(member, join.protocol_type)
        timeout_ms = self._shard.settings.new_member_join_timeout_ms
        self._rebalances.await_heartbeat(group, member, timeout_ms)
        self._rebalances.prepare_or_complete(group)

    def _replace(self, group: ClassicGroup, join: Join, old_id: str, new_id: str) -> None:
        """A static member is back: it gets its old place, without a rebalance if it can."""
        self._rebalances.stop_session(group, old_id)
        old_leader = group.leader
        member = group.replace_static(old_id, new_id)
        _update(member, join)
        self._rebalances.await_heartbeat(group, member)
        if group.state is State.PREPARING_REBALANCE:
            self._rebalances.complete_if_all_joined(group)
        elif group.state is State.STABLE and group.protocol == group.selected_protocol():
            self._answer_replaced(group, join, member, old_leader)
        else:
            # Also while the leader divides the partitions: it knows the old id only, so the new one
            # would get nothing.
            self._rebalances.prepare(group)

    def _answer_replaced(
        self, group: ClassicGroup, join: Join, member: Member, old_leader: str | None
    ) -> None:
        can_skip = join.request.version >= _FIRST_THAT_SKIPS_ASSIGNMENT
        is_leader = member.id == group.leader
        response = group.join_response(member, skip_assignment=is_leader and can_skip)
        if is_leader and not can_skip:
            # Told that it leads, it would divide the partitions anew in the middle of a generation
            # (KIP-814). So it is told of its former self as the leader.
            response |= {"leader": old_leader, "members": []}
        assignments = {each.id: each.assignment for each in group.members.values()}
        self._shard.keep(group, assignments)
        self._shard.after_sync(partial(_answer_if_waiting, member, join.request, response))

    # With a member id

    def _let_known_in(self, group: ClassicGroup, join: Join) -> None:
        if join.member_id in group.pending_joins:
            if join.instance_id is not None:
                # Only ids of members that are not static are given out before they join.
                join.refuse(ErrorCode.UNKNOWN_SERVER_ERROR, join.member_id)
            else:
                self._add(group, join, join.member_id)
            return
        try:
            member = group.check_member(join.member_id, join.instance_id)
        except BrokerError as error:
            join.refuse(error.code, join.member_id)
            return
        if _changes_generation(group, member, join):
            _update(member, join)
            self._rebalances.prepare_or_complete(group)
        else:
            # It may have lost the answer to its JoinGroup, or has nothing new to say.
            join.request.reply(group.join_response(member))


def _read(request: Request) -> Join:
    fields = request.fields
    session_timeout_ms: int = fields["session_timeout_ms"]
    has_rebalance_timeout = request.version > 0
    return Join(
        request=request,
        group_id=fields["group_id"],
        member_id=fields["member_id"],
        instance_id=fields.get("group_instance_id"),
        protocol_type=fields["protocol_type"],
        protocols=[(each["name"], each["metadata"]) for each in fields["protocols"]],
        session_timeout_ms=session_timeout_ms,
        rebalance_timeout_ms=(
            max(fields["rebalance_timeout_ms"], 0) if has_rebalance_timeout else session_timeout_ms
        ),
    )


def _update(member: Member, join: Join) -> None:
    member.protocols = join.protocols
    member.rebalance_timeout_ms = join.rebalance_timeout_ms
    member.session_timeout_ms = join.session_timeout_ms
    member.await_join(join.request.reply)


def _changes_generation(group: ClassicGroup, member: Member, join: Join) -> bool:
    if group.state is State.PREPARING_REBALANCE or member.protocols != join.protocols:
        return True
    # The leader rejoins to divide anew: its topics may have got more partitions.
    return group.state is State.STABLE and member.id == group.leader


def _answer_if_waiting(member: Member, request: Request, response: Fields) -> None:
    """A rebalance may have answered it in the meantime."""
    if member.join_reply == request.reply:
        member.answer_join(response)
