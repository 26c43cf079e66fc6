"""Produce: batches are appended, and acknowledged when they are safe."""

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.request import Request
from stend.engines.kafka.state import State
from stend.engines.kafka.topics import NO_LEADER, Partition
from stend.engines.kafka.transactions.coordinator import Producer
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode, WireError
from stend.wire.kafka.records import read_batch_header

_ACKS_ALL = -1
_ACKS = (_ACKS_ALL, 0, 1)
# KIP-951: who the leader is comes with the error.
_TELLS_LEADERS = 10


def produce(state: State, request: Request) -> None:
    """With acks=0 the answer is given too, and not sent; see `session`."""
    fields = request.fields
    topics = fields["topic_data"]
    responses: list[Fields] = []
    is_owed = False
    for topic in topics:
        partitions: list[Fields] = []
        known = state.cluster.topics.get(topic["name"])
        waits_for_disk = known is not None and known.waits_for_disk
        for data in topic["partition_data"]:
            answer = _append(state, request, topic["name"], data)
            is_owed |= waits_for_disk and answer["error_code"] == ErrorCode.NONE
            partitions.append(answer)
        responses.append({"name": topic["name"], "partition_responses": partitions})
    reply: Fields = {"responses": responses}
    if request.version >= _TELLS_LEADERS:
        reply["node_endpoints"] = _endpoints(state, request, responses)
    if is_owed:
        state.barrier.after(lambda: request.reply(reply))
    else:
        request.reply(reply)


def _append(state: State, request: Request, topic: str, data: Fields) -> Fields:
    index = data["index"]
    answer: Fields = {"index": index, "base_offset": -1, "log_start_offset": -1}
    try:
        if request.fields["acks"] not in _ACKS:
            raise BrokerError(ErrorCode.INVALID_REQUIRED_ACKS)
        partition = state.cluster.led_partition(topic, index, request.broker_id)
        _check_replicas(request, partition)
        records = data["records"] or b""
        _check_transaction(state, request, topic, index, records)
        appended = partition.append(records, request.now_ms)
    except BrokerError as error:
        answer["error_code"] = error.code
        answer["error_message"] = error.message
        _tell_leader(state, topic, index, error.code, answer)
        return answer
    state.barrier.owes(partition)
    answer["error_code"] = ErrorCode.NONE
    answer["base_offset"] = appended.base_offset
    answer["log_append_time_ms"] = appended.log_append_time_ms
    answer["log_start_offset"] = partition.log.log_start_offset
    return answer


def _check_replicas(request: Request, partition: Partition) -> None:
    if request.fields["acks"] != _ACKS_ALL:
        return
    needed = partition.topic.min_insync_replicas
    if len(partition.isr) < needed:
        raise BrokerError(
            ErrorCode.NOT_ENOUGH_REPLICAS,
            f"The size of the current ISR {partition.isr} is insufficient to satisfy the "
            f"min.isr requirement of {needed} for partition "
            f"{partition.topic.name}-{partition.index}",
        )


def _check_transaction(
    state: State, request: Request, topic: str, index: int, records: bytes
) -> None:
    try:
        header = read_batch_header(records)
    except WireError:
        # The log tells what is wrong with it.
        return
    if not header.is_transactional:
        return
    transactional_id = request.fields.get("transactional_id")
    if transactional_id is None:
        raise BrokerError(
            ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
            "A transactional batch came without a transactional id",
        )
    producer = Producer(transactional_id, header.producer_id, header.producer_epoch)
    state.transactions.check_write(producer, (topic, index))


def _tell_leader(state: State, topic: str, index: int, code: ErrorCode, answer: Fields) -> None:
    partition = state.cluster.partition(topic, index)
    if code is ErrorCode.NOT_LEADER_OR_FOLLOWER and partition:
        answer["current_leader"] = {
            "leader_id": partition.leader,
            "leader_epoch": partition.leader_epoch,
        }


def _endpoints(state: State, request: Request, responses: list[Fields]) -> list[Fields]:
    told = {
        one["current_leader"]["leader_id"]
        for topic in responses
        for one in topic["partition_responses"]
        if "current_leader" in one
    }
    return node_endpoints(state, request, told - {NO_LEADER})


def node_endpoints(state: State, request: Request, broker_ids: set[int]) -> list[Fields]:
    """Where these brokers are, for a client that came by this request's listener."""
    return [
        {
            "node_id": broker_id,
            "host": state.brokers.advertised_host,
            "port": state.brokers.port_of(broker_id, request.listener),
            "rack": None,
        }
        for broker_id in sorted(broker_ids)
    ]
