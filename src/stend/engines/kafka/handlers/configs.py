"""Configs of topics and brokers: shown and changed (DescribeConfigs, AlterConfigs, KIP-339)."""

from collections.abc import Callable, Mapping
from enum import IntEnum

from stend.engines.kafka.configs import (
    TOPIC_CONFIGS,
    ConfigRow,
    ConfigSource,
    ConfigType,
    check_topic_configs,
    split_list,
)
from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.handlers.broker_configs import STOPPED, broker_config_rows
from stend.engines.kafka.request import Request
from stend.engines.kafka.state import State
from stend.engines.kafka.topics import Topic
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode


class _Resource(IntEnum):
    TOPIC = 2
    BROKER = 4


class _Operation(IntEnum):
    SET = 0
    DELETE = 1
    APPEND = 2
    SUBTRACT = 3


# What becomes of one resource's values: the changes asked for, applied to what there is.
_Apply = Callable[[Mapping[str, str]], dict[str, str | None]]


def describe_configs(state: State, request: Request) -> None:
    results: list[Fields] = []
    for asked in request.fields["resources"]:
        result: Fields = {
            "error_code": ErrorCode.NONE,
            "error_message": None,
            "resource_type": asked["resource_type"],
            "resource_name": asked["resource_name"],
            "configs": [],
        }
        try:
            rows = _rows(state, request, asked)
        except BrokerError as error:
            result |= _failure(error)
        else:
            keys = asked["configuration_keys"]
            result["configs"] = [row for row in rows if keys is None or row["name"] in keys]
            if not request.fields["include_synonyms"]:
                result["configs"] = [{**row, "synonyms": []} for row in result["configs"]]
            if not request.fields.get("include_documentation"):
                result["configs"] = [{**row, "documentation": None} for row in result["configs"]]
        results.append(result)
    request.reply({"results": results})


def alter_configs(state: State, request: Request) -> None:
    """The given values replace all that were set before."""

    def changes(asked: Fields) -> _Apply:
        given = {one["name"]: one["value"] for one in asked["configs"]}
        return lambda _: given

    _change(state, request, changes)


def incremental_alter_configs(state: State, request: Request) -> None:
    def changes(asked: Fields) -> _Apply:
        return lambda before: _applied(asked["configs"], before)

    _change(state, request, changes)


def topic_config_rows(configs: Mapping[str, str]) -> list[Fields]:
    """All configs of a topic as DescribeConfigs and CreateTopics tell them."""
    return [_topic_row(row, configs) for row in TOPIC_CONFIGS.values()]


def _rows(state: State, request: Request, asked: Fields) -> list[Fields]:
    kind, name = asked["resource_type"], asked["resource_name"]
    if kind == _Resource.TOPIC:
        return topic_config_rows(_topic(state, name).configs)
    return broker_config_rows(state, _broker_id(state, kind, name), request.listener)


def _topic(state: State, name: str) -> Topic:
    topic = state.cluster.topics.get(name)
    if topic is None:
        raise BrokerError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    return topic


def _broker_id(state: State, kind: int, name: str) -> int:
    if kind != _Resource.BROKER:
        raise BrokerError(
            ErrorCode.INVALID_REQUEST,
            f"Configs are kept of topics (2) and brokers (4), not of resource type {kind}.",
        )
    known = [str(one) for one in state.brokers.known]
    if name not in known:
        raise BrokerError(
            ErrorCode.INVALID_REQUEST,
            f"Unexpected broker id {name!r}, expected {' or '.join(known)}.",
        )
    return int(name)


def _topic_row(row: ConfigRow, configs: Mapping[str, str]) -> Fields:
    own = configs.get(row.name)
    default = {"name": row.server_name, "value": row.default, "source": ConfigSource.DEFAULT}
    synonyms = [default]
    if own is not None:
        source = ConfigSource.DYNAMIC_TOPIC
        synonyms.insert(0, {"name": row.name, "value": own, "source": source})
    return {
        "name": row.name,
        "value": row.default if own is None else own,
        "read_only": False,
        "config_source": synonyms[0]["source"],
        "is_sensitive": False,
        "synonyms": synonyms,
        "config_type": row.type,
        "documentation": row.documentation,
    }


def _change(state: State, request: Request, changes: Callable[[Fields], _Apply]) -> None:
    answers: list[Fields] = []
    for asked in request.fields["resources"]:
        answer: Fields = {
            "error_code": ErrorCode.NONE,
            "error_message": None,
            "resource_type": asked["resource_type"],
            "resource_name": asked["resource_name"],
        }
        try:
            _change_one(state, asked, changes(asked), request.fields["validate_only"])
        except BrokerError as error:
            answer |= _failure(error)
        answers.append(answer)
    state.barrier.after(lambda: request.reply({"responses": answers}))


def _change_one(state: State, asked: Fields, apply: _Apply, is_trial: bool) -> None:
    kind, name = asked["resource_type"], asked["resource_name"]
    names = [one["name"] for one in asked["configs"]]
    if len(set(names)) != len(names):
        raise BrokerError(ErrorCode.INVALID_REQUEST, "A config is named twice in the request.")
    if kind == _Resource.TOPIC:
        topic = _topic(state, name)
        configs = apply(topic.configs)
        check_topic_configs(configs)
        if not is_trial:
            state.cluster.set_configs(topic, {key: str(one) for key, one in configs.items()})
        return
    _change_broker(state, _broker_id(state, kind, name), apply, is_trial)


def _change_broker(state: State, broker_id: int, apply: _Apply, is_trial: bool) -> None:
    is_stopped = state.brokers.known[broker_id].is_stopped
    configs = apply({STOPPED: str(is_stopped).lower()})
    if others := [name for name in configs if name != STOPPED]:
        raise BrokerError(
            ErrorCode.INVALID_REQUEST,
            f"Cannot update these configs dynamically: {others}; only {STOPPED} can be.",
        )
    value = configs.get(STOPPED, "false")
    if value not in ("true", "false"):
        raise BrokerError(
            ErrorCode.INVALID_CONFIG, f"Invalid value {value} for {STOPPED}: true or false."
        )
    if is_trial or (value == "true") is is_stopped:
        return
    if value == "true":
        state.cluster.stop_broker(broker_id)
    else:
        state.cluster.start_broker(broker_id)


def _applied(changes: list[Fields], before: Mapping[str, str]) -> dict[str, str | None]:
    after: dict[str, str | None] = dict(before)
    for change in changes:
        name, operation, value = change["name"], change["config_operation"], change["value"]
        if operation == _Operation.SET:
            after[name] = value
        elif operation == _Operation.DELETE:
            after.pop(name, None)
        elif operation in (_Operation.APPEND, _Operation.SUBTRACT):
            after[name] = _changed_list(name, operation, value, before)
        else:
            raise BrokerError(
                ErrorCode.INVALID_REQUEST, f"Unknown operation {operation} for config {name}."
            )
    return after


def _changed_list(name: str, operation: int, value: str | None, before: Mapping[str, str]) -> str:
    row = TOPIC_CONFIGS.get(name)
    if row is None or row.type is not ConfigType.LIST or value is None:
        raise BrokerError(
            ErrorCode.INVALID_CONFIG, f"Can't append to or subtract from config {name}: no list."
        )
    known = split_list(before.get(name, row.default))
    given = split_list(value)
    if operation == _Operation.APPEND:
        return ",".join(known + [one for one in given if one not in known])
    return ",".join(one for one in known if one not in given)


def _failure(error: BrokerError) -> Fields:
    return {"error_code": error.code, "error_message": error.message or error.code.message}
