"""What concerns brokers: who shall lead (ElectLeaders), how much lies where (DescribeLogDirs)."""

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.request import Request
from stend.engines.kafka.state import State
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode

_PREFERRED = 0


def elect_leaders(state: State, request: Request) -> None:
    """Gives partitions back to their preferred leaders."""
    fields = request.fields
    asked = fields["topic_partitions"]
    if asked is None:
        every = state.cluster.topics.values()
        asked = [
            {"topic": topic.name, "partitions": list(range(len(topic.partitions)))}
            for topic in every
        ]
    results: list[Fields] = []
    for topic in asked:
        answers = [
            _elect(state, topic["topic"], index, fields.get("election_type", _PREFERRED))
            for index in topic["partitions"]
        ]
        if fields["topic_partitions"] is None:
            # Of all partitions only those are told where something was to be done.
            answers = [one for one in answers if one["error_code"] != ErrorCode.ELECTION_NOT_NEEDED]
        results.append({"topic": topic["topic"], "partition_result": answers})
    state.barrier.after(
        lambda: request.reply({"error_code": ErrorCode.NONE, "replica_election_results": results})
    )


def describe_log_dirs(state: State, request: Request) -> None:
    asked = request.fields["topics"]
    wanted: list[tuple[str, set[int] | None]]
    if asked is None:
        wanted = [(topic.name, None) for topic in state.cluster.topics.values()]
    else:
        wanted = [(one["topic"], set(one["partitions"])) for one in asked]
    topics: list[Fields] = []
    for name, indexes in wanted:
        topic = state.cluster.topics.get(name)
        if topic is None:
            continue
        partitions = [
            {
                "partition_index": one.index,
                "partition_size": one.log.size_bytes,
                "offset_lag": 0,
                "is_future_key": False,
            }
            for one in topic.partitions
            if request.broker_id in one.replicas and (indexes is None or one.index in indexes)
        ]
        topics.append({"name": name, "partitions": partitions})
    result: Fields = {"error_code": ErrorCode.NONE, "log_dir": "logs", "topics": topics}
    request.reply({"error_code": ErrorCode.NONE, "results": [result]})


def _elect(state: State, topic: str, index: int, kind: int) -> Fields:
    answer: Fields = {"partition_id": index, "error_code": ErrorCode.NONE, "error_message": None}
    try:
        if kind != _PREFERRED:
            raise BrokerError(
                ErrorCode.INVALID_REQUEST,
                "Unclean elections are not done: a replica out of sync never leads.",
            )
        partition = state.cluster.partition(topic, index)
        if partition is None:
            raise BrokerError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        state.cluster.elect_preferred(partition)
    except BrokerError as error:
        answer |= {
            "error_code": error.code,
            "error_message": error.message or error.code.message,
        }
    return answer
