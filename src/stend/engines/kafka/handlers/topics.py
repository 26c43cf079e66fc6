"""Topics are made, grown and deleted (CreateTopics, CreatePartitions, DeleteTopics)."""

from collections import Counter
from uuid import UUID

from stend.engines.kafka.configs import check_topic_configs
from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.handlers.configs import topic_config_rows
from stend.engines.kafka.request import Request
from stend.engines.kafka.state import State
from stend.engines.kafka.topics import Topic, check_name
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode

_DEFAULT = -1
_NO_ID = UUID(int=0)
_TOPICS_BY_ID = 6


def create_topics(state: State, request: Request) -> None:
    asked_for = request.fields["topics"]
    counts = Counter(one["name"] for one in asked_for)
    answers: list[Fields] = []
    for name, count in counts.items():
        asked = next(one for one in asked_for if one["name"] == name)
        answer: Fields = {"name": name, "error_code": ErrorCode.NONE, "error_message": None}
        try:
            if count > 1:
                raise BrokerError(ErrorCode.INVALID_REQUEST, "Duplicate topic name.")
            answer |= _create(state, request, asked)
        except BrokerError as error:
            answer |= _failure(error) | {"configs": None}
        answers.append(answer)
    state.barrier.after(lambda: request.reply({"topics": answers}))


def create_partitions(state: State, request: Request) -> None:
    answers: list[Fields] = []
    counts = Counter(one["name"] for one in request.fields["topics"])
    for asked in request.fields["topics"]:
        answer: Fields = {"name": asked["name"], "error_code": ErrorCode.NONE}
        try:
            if counts[asked["name"]] > 1:
                raise BrokerError(ErrorCode.INVALID_REQUEST, "Duplicate topic name.")
            _grow(state, request, asked)
        except BrokerError as error:
            answer |= _failure(error)
        answers.append(answer)
    state.barrier.after(lambda: request.reply({"results": answers}))


def delete_topics(state: State, request: Request) -> None:
    answers: list[Fields] = []
    named = _named(request)
    for (name, topic_id), count in Counter(named).items():
        if count > 1:
            answers.append(
                {"name": name, "topic_id": topic_id, "error_code": ErrorCode.INVALID_REQUEST}
            )
            continue
        known = state.cluster.by_id.get(topic_id) if name is None else None
        topic = known or state.cluster.topics.get(name or "")
        answer: Fields = {"name": name, "topic_id": topic_id, "error_code": ErrorCode.NONE}
        if topic is None:
            is_named = name is not None
            answer["error_code"] = (
                ErrorCode.UNKNOWN_TOPIC_OR_PARTITION if is_named else ErrorCode.UNKNOWN_TOPIC_ID
            )
        else:
            answer |= {"name": topic.name, "topic_id": topic.id}
            state.delete(topic)
        answers.append(answer)
    state.barrier.after(lambda: request.reply({"responses": answers}))


def _named(request: Request) -> list[tuple[str | None, UUID]]:
    if request.version >= _TOPICS_BY_ID:
        return [(one["name"], one["topic_id"]) for one in request.fields["topics"]]
    return [(name, _NO_ID) for name in request.fields["topic_names"]]


def _create(state: State, request: Request, asked: Fields) -> Fields:
    name, cluster = asked["name"], state.cluster
    check_name(name)
    if name in cluster.topics:
        raise BrokerError(ErrorCode.TOPIC_ALREADY_EXISTS, f"Topic '{name}' already exists.")
    cluster.check_collision(name)
    assignment = _assignment(state, asked)
    cluster.check_room(len(assignment))
    given = {one["name"]: one["value"] for one in asked["configs"]}
    check_topic_configs(given)
    configs = {key: str(value) for key, value in given.items()}
    topic_id = _NO_ID
    if not request.fields["validate_only"]:
        topic_id = cluster.create(name, assignment, configs, request.now_ms).id
    return {
        "topic_id": topic_id,
        "num_partitions": len(assignment),
        "replication_factor": len(assignment[0]),
        "configs": topic_config_rows(configs),
    }


def _assignment(state: State, asked: Fields) -> list[list[int]]:
    count, factor = asked["num_partitions"], asked["replication_factor"]
    if asked["assignments"]:
        if count != _DEFAULT or factor != _DEFAULT:
            raise BrokerError(
                ErrorCode.INVALID_REQUEST,
                "Partition count and replication factor go with no assignment of replicas.",
            )
        given = {one["partition_index"]: one["broker_ids"] for one in asked["assignments"]}
        if sorted(given) != list(range(len(asked["assignments"]))):
            raise BrokerError(
                ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                f"Partitions must be numbered from 0 without a gap, not {sorted(given)}.",
            )
        return [_replicas(state, given[index], len(given[0])) for index in range(len(given))]
    if count == _DEFAULT:
        count = state.defaults.partitions
    if count < 1:
        raise BrokerError(
            ErrorCode.INVALID_PARTITIONS, "Number of partitions must be larger than 0."
        )
    # Before the lists are made: the number is the client's.
    state.cluster.check_room(count)
    if factor == _DEFAULT:
        factor = state.defaults.replication_factor
    return state.cluster.assign(count, factor, first=len(state.cluster.topics))


def _replicas(state: State, broker_ids: list[int], size: int) -> list[int]:
    unknown = [one for one in broker_ids if one not in state.brokers.known]
    if not broker_ids or unknown or len(set(broker_ids)) != len(broker_ids):
        raise BrokerError(
            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
            f"{broker_ids} is no list of different brokers of {list(state.brokers.known)}.",
        )
    if len(broker_ids) != size:
        raise BrokerError(
            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
            f"All partitions need the same number of replicas: {broker_ids} has not {size}.",
        )
    return broker_ids


def _grow(state: State, request: Request, asked: Fields) -> None:
    topic = state.cluster.topics.get(asked["name"])
    if topic is None:
        raise BrokerError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    known, count = len(topic.partitions), asked["count"]
    if count <= known:
        problem = f"Topic already has {known} partition(s)."
        if count < known:
            problem = (
                f"The topic {topic.name} currently has {known} partition(s); "
                f"{count} would not be an increase."
            )
        raise BrokerError(ErrorCode.INVALID_PARTITIONS, problem)
    more = count - known
    state.cluster.check_room(more)
    assignment = _more_replicas(state, topic, asked["assignments"], more)
    if not request.fields["validate_only"]:
        state.cluster.add_partitions(topic, assignment, request.now_ms)


def _more_replicas(
    state: State, topic: Topic, given: list[Fields] | None, more: int
) -> list[list[int]]:
    factor = len(topic.partitions[0].replicas)
    if given is None:
        first = state.brokers.alive_ids().index(_follower(state, topic))
        return state.cluster.assign(more, factor, first)
    if len(given) != more:
        raise BrokerError(
            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
            f"Attempted to add {more} additional partition(s), but only {len(given)} "
            "assignment(s) were specified.",
        )
    return [_replicas(state, one["broker_ids"], factor) for one in given]


def _follower(state: State, topic: Topic) -> int:
    """Who leads the next partition: the broker after the one that leads the last."""
    ids = state.brokers.alive_ids()
    last = topic.partitions[-1].replicas[0]
    return ids[(ids.index(last) + 1) % len(ids)] if last in ids else ids[0]


def _failure(error: BrokerError) -> Fields:
    return {"error_code": error.code, "error_message": error.message or error.code.message}
