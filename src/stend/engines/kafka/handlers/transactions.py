"""Requests of transactional and idempotent producers, and what admins see of them."""

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.handlers.groups import failed_topics
from stend.engines.kafka.request import Request
from stend.engines.kafka.state import State
from stend.engines.kafka.transactions.coordinator import Producer
from stend.engines.kafka.transactions.transaction import Transaction, TransactionState
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode

_NO_PRODUCER = -1
# From these versions on a client knows PRODUCER_FENCED (KIP-588).
_FENCED_SINCE_INIT = 4
_FENCED_SINCE = 2


def init_producer_id(state: State, request: Request) -> None:
    fields = request.fields
    transactional_id = fields["transactional_id"]

    def answer(code: ErrorCode, producer_id: int, epoch: int) -> None:
        told = _told(request, code, _FENCED_SINCE_INIT)
        request.reply({"error_code": told, "producer_id": producer_id, "producer_epoch": epoch})

    known = (fields.get("producer_id", -1), fields.get("producer_epoch", -1))
    if (known[0] == _NO_PRODUCER) != (known[1] == _NO_PRODUCER):
        answer(ErrorCode.INVALID_REQUEST, -1, -1)
    elif transactional_id is None:
        # An idempotent producer without transactions begins anew with a new id.
        producer_id = state.transactions.new_producer_id()
        state.barrier.after(lambda: answer(ErrorCode.NONE, producer_id, 0))
    elif transactional_id == "":
        answer(ErrorCode.INVALID_REQUEST, -1, -1)
    elif not _is_mine(state, request, transactional_id):
        answer(ErrorCode.NOT_COORDINATOR, -1, -1)
    else:
        state.transactions.init(
            transactional_id,
            fields["transaction_timeout_ms"],
            known if known[0] != _NO_PRODUCER else None,
            request.now_ms,
            answer,
        )


def add_partitions(state: State, request: Request) -> None:
    fields = request.fields
    topics = fields["v3_and_below_topics"]
    producer = Producer(
        fields["v3_and_below_transactional_id"],
        fields["v3_and_below_producer_id"],
        fields["v3_and_below_producer_epoch"],
    )
    asked = [(topic["name"], index) for topic in topics for index in topic["partitions"]]
    missing = [one for one in asked if state.cluster.partition(*one) is None]

    def answer(code: ErrorCode) -> None:
        told = _told(request, code, _FENCED_SINCE)
        codes = dict.fromkeys(asked, told)
        if missing and code is ErrorCode.NONE:
            # All or nothing: the others were not tried.
            codes = dict.fromkeys(asked, ErrorCode.OPERATION_NOT_ATTEMPTED)
            codes |= dict.fromkeys(missing, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        request.reply({"results_by_topic_v3_and_below": _by_topic(topics, codes)})

    if not _is_mine(state, request, producer.transactional_id):
        answer(ErrorCode.NOT_COORDINATOR)
    elif missing:
        answer(ErrorCode.NONE)
    else:
        state.transactions.add_partitions(producer, asked, request.now_ms, answer)


def add_offsets(state: State, request: Request) -> None:
    def answer(code: ErrorCode) -> None:
        request.reply({"error_code": _told(request, code, _FENCED_SINCE)})

    producer = _producer(request)
    if not _is_mine(state, request, producer.transactional_id):
        answer(ErrorCode.NOT_COORDINATOR)
        return
    group = request.fields["group_id"]
    state.transactions.add_group(producer, group, request.now_ms, answer)


def commit_offsets(state: State, request: Request) -> None:
    """TxnOffsetCommit goes to the group's coordinator; valid when the transaction commits."""
    group = request.fields["group_id"]
    code = ErrorCode.NONE
    if not _is_mine(state, request, group):
        code = ErrorCode.NOT_COORDINATOR
    else:
        try:
            state.transactions.check_group(_producer(request), group)
        except BrokerError as error:
            code = error.code
    if code is not ErrorCode.NONE:
        request.reply({"topics": failed_topics(request, code)})
        return
    state.groups.commit_in_transaction(request)


def end_transaction(state: State, request: Request) -> None:
    def answer(code: ErrorCode) -> None:
        request.reply({"error_code": _told(request, code, _FENCED_SINCE)})

    producer = _producer(request)
    if not _is_mine(state, request, producer.transactional_id):
        answer(ErrorCode.NOT_COORDINATOR)
        return
    state.transactions.end(
        producer,
        is_commit=request.fields["committed"],
        now_ms=request.now_ms,
        answer=answer,
    )


def describe_transactions(state: State, request: Request) -> None:
    answers: list[Fields] = []
    for name in request.fields["transactional_ids"]:
        transaction = state.transactions.by_id.get(name)
        if not _is_mine(state, request, name):
            answers.append(_no_transaction(name, ErrorCode.NOT_COORDINATOR))
        elif transaction is None:
            answers.append(_no_transaction(name, ErrorCode.TRANSACTIONAL_ID_NOT_FOUND))
        else:
            answers.append(_described(transaction))
    request.reply({"transaction_states": answers})


def list_transactions(state: State, request: Request) -> None:
    fields = request.fields
    names = {one.value for one in TransactionState}
    wanted = set(fields["state_filters"])
    shown = [
        {
            "transactional_id": one.id,
            "producer_id": one.producer_id,
            "transaction_state": one.state.value,
        }
        for one in state.transactions.by_id.values()
        if _is_mine(state, request, one.id)
        and (not wanted or one.state.value in wanted)
        and (not fields["producer_id_filters"] or one.producer_id in fields["producer_id_filters"])
        and _lasts(one, fields.get("duration_filter", -1), request.now_ms)
    ]
    request.reply(
        {
            "error_code": ErrorCode.NONE,
            "unknown_state_filters": sorted(wanted - names),
            "transaction_states": shown,
        }
    )


def describe_producers(state: State, request: Request) -> None:
    topics: list[Fields] = []
    for topic in request.fields["topics"]:
        answers: list[Fields] = []
        for index in topic["partition_indexes"]:
            answer: Fields = {"partition_index": index, "error_code": ErrorCode.NONE}
            try:
                partition = state.cluster.led_partition(topic["name"], index, request.broker_id)
                answer["active_producers"] = [
                    {
                        "producer_id": one.producer_id,
                        "producer_epoch": one.epoch,
                        "last_sequence": one.last_sequence,
                        "last_timestamp": one.last_timestamp,
                        "coordinator_epoch": one.coordinator_epoch,
                        "current_txn_start_offset": (
                            -1 if one.first_open_offset is None else one.first_open_offset
                        ),
                    }
                    for one in partition.log.producers()
                ]
            except BrokerError as error:
                answer |= {"error_code": error.code, "active_producers": []}
            answers.append(answer)
        topics.append({"name": topic["name"], "partitions": answers})
    request.reply({"topics": topics})


def _lasts(transaction: Transaction, least_ms: int, now_ms: int) -> bool:
    if least_ms < 0:
        return True
    is_open = transaction.state is TransactionState.ONGOING
    return is_open and now_ms - transaction.started_ms > least_ms


def _no_transaction(name: str, code: ErrorCode) -> Fields:
    return {
        "error_code": code,
        "transactional_id": name,
        "transaction_state": "",
        "transaction_timeout_ms": 0,
        "transaction_start_time_ms": 0,
        "producer_id": -1,
        "producer_epoch": -1,
        "topics": [],
    }


def _described(transaction: Transaction) -> Fields:
    topics: dict[str, list[int]] = {}
    for name, index in sorted(transaction.partitions):
        topics.setdefault(name, []).append(index)
    return {
        "error_code": ErrorCode.NONE,
        "transactional_id": transaction.id,
        "transaction_state": transaction.state.value,
        "transaction_timeout_ms": transaction.timeout_ms,
        "transaction_start_time_ms": transaction.started_ms,
        "producer_id": transaction.producer_id,
        "producer_epoch": transaction.epoch,
        "topics": [{"topic": name, "partitions": known} for name, known in topics.items()],
    }


def _producer(request: Request) -> Producer:
    fields = request.fields
    return Producer(fields["transactional_id"], fields["producer_id"], fields["producer_epoch"])


def _told(request: Request, code: ErrorCode, fenced_since: int) -> ErrorCode:
    if code is ErrorCode.PRODUCER_FENCED and request.version < fenced_since:
        return ErrorCode.INVALID_PRODUCER_EPOCH
    return code


def _by_topic(topics: list[Fields], codes: dict[tuple[str, int], ErrorCode]) -> list[Fields]:
    return [
        {
            "name": topic["name"],
            "results_by_partition": [
                {
                    "partition_index": index,
                    "partition_error_code": codes[topic["name"], index],
                }
                for index in topic["partitions"]
            ],
        }
        for topic in topics
    ]


def _is_mine(state: State, request: Request, key: str) -> bool:
    return state.brokers.coordinator_of(key) == request.broker_id
