"""Requests about groups go to the coordinator; who asks another broker is told so."""

from collections.abc import Callable
from dataclasses import replace

from stend.engines.kafka.request import Request
from stend.engines.kafka.state import State
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode

_GROUP, _TRANSACTION = 0, 1
_BATCHED_COORDINATORS = 4
_BATCHED_OFFSETS = 8
_NO_ERRORS_ABOVE_PARTITIONS = 1
_Handler = Callable[[Request], None]


def find_coordinator(state: State, request: Request) -> None:
    fields = request.fields
    kind = fields.get("key_type", _GROUP)
    is_batched = request.version >= _BATCHED_COORDINATORS
    keys = fields["coordinator_keys"] if is_batched else [fields["key"]]
    found = [_coordinator(state, request, key, kind) for key in keys]
    request.reply({"coordinators": found} if is_batched else found[0])


def join_group(state: State, request: Request) -> None:
    failed: Fields = {
        "error_code": ErrorCode.NOT_COORDINATOR,
        "protocol_name": "",
        "leader": "",
        "member_id": request.fields["member_id"],
        "members": [],
    }
    _route(state, request, state.groups.join, failed)


def sync_group(state: State, request: Request) -> None:
    failed = {"error_code": ErrorCode.NOT_COORDINATOR, "assignment": b""}
    _route(state, request, state.groups.sync, failed)


def heartbeat(state: State, request: Request) -> None:
    _route(state, request, state.groups.heartbeat, {"error_code": ErrorCode.NOT_COORDINATOR})


def leave_group(state: State, request: Request) -> None:
    failed = {"error_code": ErrorCode.NOT_COORDINATOR, "members": []}
    _route(state, request, state.groups.leave, failed)


def delete_offsets(state: State, request: Request) -> None:
    failed = {"error_code": ErrorCode.NOT_COORDINATOR, "topics": []}
    _route(state, request, state.groups.delete_offsets, failed)


def commit_offsets(state: State, request: Request) -> None:
    failed = {"topics": failed_topics(request, ErrorCode.NOT_COORDINATOR)}
    _route(state, request, state.groups.commit, failed)


def fetch_offsets(state: State, request: Request) -> None:
    if request.version >= _BATCHED_OFFSETS:
        _route_each(
            state,
            request,
            ("groups", lambda one: str(one["group_id"])),
            "groups",
            lambda key: {
                "group_id": key,
                "topics": [],
                "error_code": ErrorCode.NOT_COORDINATOR,
            },
            state.groups.fetch_offsets,
        )
        return
    failed: Fields = {"error_code": ErrorCode.NOT_COORDINATOR, "topics": []}
    if request.version == _NO_ERRORS_ABOVE_PARTITIONS:
        failed["topics"] = _failed_fetch(request)
    _route(state, request, state.groups.fetch_offsets, failed)


def describe_groups(state: State, request: Request) -> None:
    def failed(key: str) -> Fields:
        return {
            "error_code": ErrorCode.NOT_COORDINATOR,
            "group_id": key,
            "group_state": "",
            "protocol_type": "",
            "protocol_data": "",
            "members": [],
        }

    _route_each(state, request, ("groups", str), "groups", failed, state.groups.describe)


def consumer_heartbeat(state: State, request: Request) -> None:
    """KIP-848: one request in which a member joins, says it is there, leaves."""
    failed = {"error_code": ErrorCode.NOT_COORDINATOR, "heartbeat_interval_ms": 0}
    _route(state, request, state.groups.consumer_heartbeat, failed)


def describe_consumer_groups(state: State, request: Request) -> None:
    def failed(key: str) -> Fields:
        return {
            "error_code": ErrorCode.NOT_COORDINATOR,
            "group_id": key,
            "group_state": "",
            "assignor_name": "",
            "members": [],
        }

    _route_each(
        state, request, ("group_ids", str), "groups", failed, state.groups.describe_consumers
    )


def delete_groups(state: State, request: Request) -> None:
    def failed(key: str) -> Fields:
        return {"group_id": key, "error_code": ErrorCode.NOT_COORDINATOR}

    _route_each(state, request, ("groups_names", str), "results", failed, state.groups.delete)


def list_groups(state: State, request: Request) -> None:
    """Each broker lists the groups that it coordinates; a client asks all of them."""

    def reply(fields: Fields) -> None:
        mine = [one for one in fields["groups"] if _is_mine(state, request, one["group_id"])]
        request.reply({**fields, "groups": mine})

    state.groups.list(replace(request, reply=reply))


def failed_topics(request: Request, code: ErrorCode) -> list[Fields]:
    """One error for all partitions of an offset commit."""
    return [
        {
            "name": topic.get("name", ""),
            **({"topic_id": topic["topic_id"]} if "topic_id" in topic else {}),
            "partitions": [
                {"partition_index": one["partition_index"], "error_code": code}
                for one in topic["partitions"]
            ],
        }
        for topic in request.fields["topics"]
    ]


def _failed_fetch(request: Request) -> list[Fields]:
    return [
        {
            "name": topic["name"],
            "partitions": [
                {
                    "partition_index": index,
                    "committed_offset": -1,
                    "metadata": "",
                    "error_code": ErrorCode.NOT_COORDINATOR,
                }
                for index in topic["partition_indexes"]
            ],
        }
        for topic in request.fields["topics"]
    ]


def _coordinator(state: State, request: Request, key: str, kind: int) -> Fields:
    answer: Fields = {"key": key, "error_code": ErrorCode.NONE, "error_message": None}
    if kind not in (_GROUP, _TRANSACTION):
        return answer | {
            "error_code": ErrorCode.INVALID_REQUEST,
            "error_message": f"Coordinators are of groups (0) and transactions (1), not {kind}.",
            "node_id": -1,
            "host": "",
            "port": -1,
        }
    broker_id = state.brokers.coordinator_of(key)
    return answer | {
        "node_id": broker_id,
        "host": state.brokers.advertised_host,
        "port": state.brokers.port_of(broker_id, request.listener),
    }


def _is_mine(state: State, request: Request, key: str) -> bool:
    return state.brokers.coordinator_of(key) == request.broker_id


def _route(state: State, request: Request, handle: _Handler, failed: Fields) -> None:
    if _is_mine(state, request, request.fields["group_id"]):
        handle(request)
    else:
        request.reply(failed)


def _route_each(
    state: State,
    request: Request,
    asked: tuple[str, Callable[[Fields], str]],
    answers_key: str,
    failed: Callable[[str], Fields],
    handle: _Handler,
) -> None:
    """Groups of this broker are handled, the others get their error.

    Args:
        asked: under which field the groups are named, and how to get the name.
    """
    asked_key, name_of = asked
    all_asked = request.fields[asked_key]
    mine = [one for one in all_asked if _is_mine(state, request, name_of(one))]
    if len(mine) == len(all_asked):
        handle(request)
        return
    others = [failed(name_of(one)) for one in all_asked if one not in mine]

    def reply(fields: Fields) -> None:
        request.reply({**fields, answers_key: fields[answers_key] + others})

    handle(replace(request, fields={**request.fields, asked_key: mine}, reply=reply))
