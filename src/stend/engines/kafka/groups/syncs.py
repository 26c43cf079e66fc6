"""SyncGroup, Heartbeat and LeaveGroup of classic groups. Pure."""

from functools import partial

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.groups.classic.group import ClassicGroup, State
from stend.engines.kafka.groups.classic.member import Member
from stend.engines.kafka.groups.rebalances import Rebalances
from stend.engines.kafka.groups.shard import Shard
from stend.engines.kafka.request import Request
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode

# KIP-559: from here on a member says which protocol it believes to have been selected.
_FIRST_SYNC_WITH_PROTOCOL = 5
# KIP-345: from here on several members leave at once, each with an error of its own.
_FIRST_LEAVE_OF_MANY = 3


class Syncs:
    def __init__(self, shard: Shard, rebalances: Rebalances) -> None:
        self._shard = shard
        self._rebalances = rebalances

    # SyncGroup

    def sync(self, request: Request) -> None:
        try:
            group = self._group(request.fields["group_id"])
            member = _syncing_member(group, request)
        except BrokerError as error:
            request.reply({"error_code": error.code})
            return
        self._rebalances.has_synced(group, member)
        if group.state is State.STABLE:
            request.reply(group.sync_response(member))
            return
        member.await_sync(request.reply)
        if member.id == group.leader:
            self._store(group, request)

    def _store(self, group: ClassicGroup, request: Request) -> None:
        assignments = {
            each["member_id"]: each["assignment"] for each in request.fields["assignments"]
        }
        self._shard.keep(group, assignments)
        settle = partial(self._settle, group, group.generation, assignments)
        self._shard.after_sync(settle)

    def _settle(self, group: ClassicGroup, generation: int, assignments: dict[str, bytes]) -> None:
        """Somebody may have joined while the assignment was being made safe."""
        if group.state is State.COMPLETING_REBALANCE and group.generation == generation:
            self._rebalances.settle(group, assignments)

    # Heartbeat

    def heartbeat(self, request: Request) -> None:
        fields = request.fields
        try:
            group = self._group(fields["group_id"])
            member = group.check_member(fields["member_id"], fields.get("group_instance_id"))
            if fields["generation_id"] != group.generation:
                raise BrokerError(ErrorCode.ILLEGAL_GENERATION)
        except BrokerError as error:
            request.reply({"error_code": error.code})
            return
        self._rebalances.await_heartbeat(group, member)
        is_to_rejoin = group.state is State.PREPARING_REBALANCE
        code = ErrorCode.REBALANCE_IN_PROGRESS if is_to_rejoin else ErrorCode.NONE
        request.reply({"error_code": code})

    # LeaveGroup

    def leave(self, request: Request) -> None:
        fields = request.fields
        of_many = request.version >= _FIRST_LEAVE_OF_MANY
        leaving = fields["members"] if of_many else [{"member_id": fields["member_id"]}]
        try:
            group = self._group(fields["group_id"])
            results = [self._let_go(group, each) for each in leaving]
            if any(each["error_code"] == ErrorCode.NONE for each in results):
                self._rebalances.go_on_without(group)
        except BrokerError as error:
            if error.code is ErrorCode.INVALID_GROUP_ID:
                request.reply({"error_code": error.code, "members": []})
                return
            results = [_left(each, error.code) for each in leaving]
        code = ErrorCode.NONE if of_many else results[0]["error_code"]
        self._shard.answer_when_safe(request, {"error_code": code, "members": results})

    def _let_go(self, group: ClassicGroup, identity: Fields) -> Fields:
        """An administrator names a static member by its instance alone."""
        member_id, instance_id = identity["member_id"], identity.get("group_instance_id")
        if not member_id:
            member_id = group.static_ids.get(instance_id or "", "")
        elif member_id in group.pending_joins:
            self._rebalances.remove(group, member_id)
            return _left(identity, ErrorCode.NONE)
        try:
            group.check_member(member_id, instance_id)
        except BrokerError as error:
            return _left(identity, error.code)
        self._rebalances.remove(group, member_id)
        return _left(identity, ErrorCode.NONE)

    def _group(self, group_id: str) -> ClassicGroup:
        if not group_id:
            raise BrokerError(ErrorCode.INVALID_GROUP_ID)
        if (group := self._shard.classic(group_id)) is None:
            raise BrokerError(ErrorCode.UNKNOWN_MEMBER_ID)
        return group


def _syncing_member(group: ClassicGroup, request: Request) -> Member:
    """
    Raises:
        BrokerError: it cannot have its assignment, or not in this generation.
    """
    fields = request.fields
    is_to_say = request.version >= _FIRST_SYNC_WITH_PROTOCOL
    if is_to_say and None in (fields["protocol_type"], fields["protocol_name"]):
        raise BrokerError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    member = group.check_member(fields["member_id"], fields.get("group_instance_id"))
    if fields["generation_id"] != group.generation:
        raise BrokerError(ErrorCode.ILLEGAL_GENERATION)
    for said, agreed in (
        (fields.get("protocol_type"), group.protocol_type),
        (fields.get("protocol_name"), group.protocol),
    ):
        if said is not None and agreed is not None and said != agreed:
            raise BrokerError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    if group.state is State.PREPARING_REBALANCE:
        raise BrokerError(ErrorCode.REBALANCE_IN_PROGRESS)
    return member


def _left(identity: Fields, code: ErrorCode) -> Fields:
    return {
        "member_id": identity["member_id"],
        "group_instance_id": identity.get("group_instance_id"),
        "error_code": code,
    }
