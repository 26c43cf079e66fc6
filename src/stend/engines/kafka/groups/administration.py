"""DescribeGroups, ListGroups, DeleteGroups, and what time does to groups nobody uses. Pure."""

from stend.engines.kafka.groups.classic.group import ClassicGroup, State
from stend.engines.kafka.groups.consumer.described import described as _described_consumers
from stend.engines.kafka.groups.consumer.group import ConsumerGroup
from stend.engines.kafka.groups.offsets import Offsets
from stend.engines.kafka.groups.shard import Group, Shard
from stend.engines.kafka.request import Request
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode

_FIRST_DESCRIBE_WITH_NOT_FOUND = 6
_NOT_ASKED = -(2**31)
# READ, DELETE, DESCRIBE, DESCRIBE_CONFIGS and ALTER_CONFIGS, as bits by the codes of AclOperation:
# without an authorizer everybody may do all that can be done to a group.
_ALL_OPERATIONS = 1 << 3 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 11
_EXPIRY = "expiry of offsets"


class Administration:
    def __init__(self, shard: Shard, offsets: Offsets) -> None:
        self._shard = shard
        self._offsets = offsets

    # DescribeGroups

    def describe(self, request: Request) -> None:
        groups = [self._described(each, request) for each in request.fields["groups"]]
        _answer(request, groups)

    def _described(self, group_id: str, request: Request) -> Fields:
        group = self._shard.groups.get(group_id)
        if isinstance(group, ClassicGroup):
            return _described(group)
        text = f"Group {group_id} {'is not a classic group' if group else 'not found'}."
        is_told = request.version >= _FIRST_DESCRIBE_WITH_NOT_FOUND
        return {
            "error_code": ErrorCode.GROUP_ID_NOT_FOUND if is_told else ErrorCode.NONE,
            "error_message": text if is_told else None,
            "group_id": group_id,
            "group_state": State.DEAD.value,
            "protocol_type": "",
            "protocol_data": "",
            "members": [],
            "authorized_operations": _NOT_ASKED,
        }

    # ConsumerGroupDescribe

    def describe_consumers(self, request: Request) -> None:
        _answer(request, [self._described_consumers(each) for each in request.fields["group_ids"]])

    def _described_consumers(self, group_id: str) -> Fields:
        group = self._shard.groups.get(group_id)
        if isinstance(group, ConsumerGroup):
            return _described_consumers(group, self._shard.topics())
        if not group_id:
            return {"group_id": group_id, "error_code": ErrorCode.INVALID_GROUP_ID}
        text = f"Group {group_id} {'is not a consumer group' if group else 'not found'}."
        code = ErrorCode.GROUP_ID_NOT_FOUND
        return {"group_id": group_id, "error_code": code, "error_message": text}

    # ListGroups

    def list_all(self, request: Request) -> None:
        states = {each.lower() for each in request.fields.get("states_filter") or ()}
        kinds = {each.lower() for each in request.fields.get("types_filter") or ()}
        groups = [
            {
                "group_id": group.id,
                "protocol_type": group.protocol_type or "",
                "group_state": group.state.value,
                "group_type": group.kind,
            }
            for group in self._shard.groups.values()
            if (not states or group.state.value.lower() in states)
            and (not kinds or group.kind in kinds)
        ]
        request.reply({"error_code": ErrorCode.NONE, "groups": groups})

    # DeleteGroups

    def delete(self, request: Request) -> None:
        results = [
            {"group_id": group_id, "error_code": self._delete(group_id)}
            for group_id in request.fields["groups_names"]
        ]
        self._shard.answer_when_safe(request, {"results": results})

    def _delete(self, group_id: str) -> ErrorCode:
        group = self._shard.groups.get(group_id)
        if group is None:
            return ErrorCode.GROUP_ID_NOT_FOUND
        if not group.is_empty:
            return ErrorCode.NON_EMPTY_GROUP
        self._offsets.remove_group(group_id)
        self._shard.forget(group)
        return ErrorCode.NONE

    # What nobody uses

    def watch_expiry(self) -> None:
        self._shard.timers.set(
            _EXPIRY, self._shard.settings.retention_check_interval_ms, self._expire
        )

    def _expire(self) -> None:
        for group in list(self._shard.groups.values()):
            self._expire_offsets(group)
            is_used = self._offsets.of(group.id) or self._offsets.has_open_transactions(group.id)
            if group.is_empty and not is_used:
                self._shard.forget(group)
        self.watch_expiry()

    def _expire_offsets(self, group: Group) -> None:
        now_ms = self._shard.timers.now_ms
        retention_ms = self._shard.settings.offsets_retention_ms
        for partition, committed in list(self._offsets.of(group.id).items()):
            since_ms = group.expires_from_ms(committed.committed_at_ms)
            if since_ms is None or group.is_subscribed_to(partition[0]):
                continue
            expires_at_ms = committed.expires_at_ms
            if expires_at_ms is None:
                expires_at_ms = since_ms + retention_ms
            if now_ms >= expires_at_ms and not self._offsets.is_pending(group.id, partition):
                self._offsets.remove(group.id, partition)


def _answer(request: Request, groups: list[Fields]) -> None:
    if request.fields.get("include_authorized_operations", False):
        for each in groups:
            if each["error_code"] == ErrorCode.NONE:
                each["authorized_operations"] = _ALL_OPERATIONS
    request.reply({"groups": groups})


def _described(group: ClassicGroup) -> Fields:
    """What members said is told of a stable group only."""
    is_stable = group.state is State.STABLE
    return {
        "error_code": ErrorCode.NONE,
        "error_message": None,
        "group_id": group.id,
        "group_state": group.state.value,
        "protocol_type": group.protocol_type or "",
        "protocol_data": (group.protocol or "") if is_stable else "",
        "members": [
            {
                "member_id": member.id,
                "group_instance_id": member.instance_id,
                "client_id": member.client_id,
                "client_host": member.client_host,
                "member_metadata": member.metadata(group.protocol) if is_stable else b"",
                "member_assignment": member.assignment,
            }
            for member in group.members.values()
        ],
        "authorized_operations": _NOT_ASKED,
    }
