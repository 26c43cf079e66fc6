"""Offsets in logs: beginning and end, by time, by leader epoch, and the cut from the front."""

from collections.abc import Callable

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.handlers.fetch import check_epoch
from stend.engines.kafka.request import Request
from stend.engines.kafka.state import State
from stend.engines.kafka.topics import Partition
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode

_LATEST = -1
_EARLIEST = -2
_MAX_TIMESTAMP = -3
_EARLIEST_LOCAL = -4
_LATEST_TIERED = -5
# The version in which each of these came (ListOffsetsRequest.json).
_ASKED_SINCE = {_MAX_TIMESTAMP: 7, _EARLIEST_LOCAL: 8, _LATEST_TIERED: 9}
_READ_COMMITTED = 1
_NOT_FOUND = (-1, -1)
_HIGH_WATERMARK = -1


def list_offsets(state: State, request: Request) -> None:
    is_committed = request.fields.get("isolation_level") == _READ_COMMITTED

    def look_up(partition: Partition, asked: Fields) -> Fields:
        check_epoch(partition, asked.get("current_leader_epoch", -1))
        end = partition.last_stable_offset if is_committed else partition.high_watermark
        if request.version < _ASKED_SINCE.get(asked["timestamp"], 0):
            raise BrokerError(ErrorCode.UNSUPPORTED_VERSION)
        offset, timestamp = _offset(partition, asked["timestamp"], end)
        epoch = _epoch_at(partition, offset) if offset >= 0 else -1
        return {"timestamp": timestamp, "offset": offset, "leader_epoch": epoch}

    topics = _each(state, request, "name", "partition_index", look_up)
    request.reply({"topics": topics})


def offset_for_leader_epoch(state: State, request: Request) -> None:
    """Where an epoch ended: a client sees whether its position was cut off (KIP-320)."""

    def look_up(partition: Partition, asked: Fields) -> Fields:
        check_epoch(partition, asked["current_leader_epoch"])
        epoch, end = partition.end_of_epoch(asked["leader_epoch"])
        return {"leader_epoch": epoch, "end_offset": end}

    request.reply({"topics": _each(state, request, "topic", "partition", look_up)})


def delete_records(state: State, request: Request) -> None:
    def cut(partition: Partition, asked: Fields) -> Fields:
        offset = asked["offset"]
        if offset == _HIGH_WATERMARK:
            offset = partition.high_watermark
        if not 0 <= offset <= partition.high_watermark:
            raise BrokerError(ErrorCode.OFFSET_OUT_OF_RANGE)
        low = partition.log.delete_records(offset)
        state.barrier.owes(partition)
        partition.wake(-1)
        return {"low_watermark": low}

    topics = _each(state, request, "name", "partition_index", cut, {"low_watermark": -1})
    state.barrier.after(lambda: request.reply({"topics": topics}))


def _each(
    state: State,
    request: Request,
    topic_key: str,
    index_key: str,
    work: Callable[[Partition, Fields], Fields],
    failed: Fields | None = None,
) -> list[Fields]:
    topics: list[Fields] = []
    for asked in request.fields["topics"]:
        answers: list[Fields] = []
        for one in asked["partitions"]:
            index = one[index_key]
            answer: Fields = {index_key: index, "error_code": ErrorCode.NONE}
            try:
                partition = state.cluster.led_partition(asked[topic_key], index, request.broker_id)
                answer |= work(partition, one)
            except BrokerError as error:
                answer |= {"error_code": error.code, **(failed or {})}
            answers.append(answer)
        topics.append({topic_key: asked[topic_key], "partitions": answers})
    return topics


def _offset(partition: Partition, timestamp: int, end: int) -> tuple[int, int]:
    """Offset and timestamp for what ListOffsets may ask, below `end`."""
    log = partition.log
    if timestamp == _LATEST:
        return end, -1
    if timestamp in (_EARLIEST, _EARLIEST_LOCAL):
        return log.log_start_offset, -1
    if timestamp == _LATEST_TIERED:
        # Nothing is in tiered storage.
        return _NOT_FOUND
    if timestamp == _MAX_TIMESTAMP:
        found = log.max_timestamp()
    elif timestamp >= 0:
        found = log.find_time(timestamp)
    else:
        raise BrokerError(ErrorCode.UNSUPPORTED_VERSION)
    return found if found and found[0] < end else _NOT_FOUND


def _epoch_at(partition: Partition, offset: int) -> int:
    epochs = [epoch for epoch, start in partition.epochs if start <= offset]
    return epochs[-1] if epochs else -1
