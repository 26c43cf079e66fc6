"""Requests as tests make them, and what they look for in the answers."""

from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode
from stend.wire.kafka.records import batches, records
from tests.engines.kafka.peer import Peer, batch

TOPIC = "orders"
EARLIEST, LATEST, MAX_TIMESTAMP = -2, -1, -3
READ_UNCOMMITTED, READ_COMMITTED = 0, 1


def code_of(number: int) -> ErrorCode:
    return next(one for one in ErrorCode if one == number)


def create(
    peer: Peer,
    name: str = TOPIC,
    partitions: int = 1,
    replicas: int = 1,
    configs: dict[str, str] | None = None,
) -> ErrorCode:
    told = [{"name": key, "value": value} for key, value in (configs or {}).items()]
    topic: Fields = {
        "name": name,
        "num_partitions": partitions,
        "replication_factor": replicas,
        "assignments": [],
        "configs": told,
    }
    fields = {"topics": [topic], "timeout_ms": 1000, "validate_only": False}
    (answer,) = peer.call(ApiKey.CREATE_TOPICS, 7, fields)["topics"]
    return code_of(answer["error_code"])


def produce_request(
    records: bytes, *, acks: int = -1, index: int = 0, transactional_id: str | None = None
) -> Fields:
    return {
        "transactional_id": transactional_id,
        "acks": acks,
        "timeout_ms": 1000,
        "topic_data": [{"name": TOPIC, "partition_data": [{"index": index, "records": records}]}],
    }


def produce(
    peer: Peer,
    records: bytes,
    *,
    acks: int = -1,
    index: int = 0,
    transactional_id: str | None = None,
) -> Fields:
    """The answer for the one partition."""
    asked = produce_request(records, acks=acks, index=index, transactional_id=transactional_id)
    (topic,) = peer.call(ApiKey.PRODUCE, 11, asked)["responses"]
    (answer,) = topic["partition_responses"]
    return dict(answer)


def put(peer: Peer, *values: bytes, index: int = 0) -> int:
    """Appends records and returns the offset of the first."""
    answer = produce(peer, batch(*values), index=index)
    assert answer["error_code"] == ErrorCode.NONE, answer
    return int(answer["base_offset"])


def fetch_request(
    offset: int = 0,
    *,
    index: int = 0,
    isolation: int = READ_UNCOMMITTED,
    max_wait_ms: int = 0,
    min_bytes: int = 1,
    max_bytes: int = 50_000_000,
    partition_max_bytes: int = 1_000_000,
    leader_epoch: int = -1,
) -> Fields:
    return {
        "replica_id": -1,
        "max_wait_ms": max_wait_ms,
        "min_bytes": min_bytes,
        "max_bytes": max_bytes,
        "isolation_level": isolation,
        "session_id": 0,
        "session_epoch": -1,
        "topics": [
            {
                "topic": TOPIC,
                "partitions": [
                    {
                        "partition": index,
                        "current_leader_epoch": leader_epoch,
                        "fetch_offset": offset,
                        "partition_max_bytes": partition_max_bytes,
                    }
                ],
            }
        ],
        "forgotten_topics_data": [],
        "rack_id": "",
    }


def fetched(answer: Fields) -> Fields:
    """The one partition of a Fetch's answer."""
    (topic,) = answer["responses"]
    (partition,) = topic["partitions"]
    return dict(partition)


def fetch(peer: Peer, offset: int = 0, *, isolation: int = READ_UNCOMMITTED) -> Fields:
    return fetched(peer.call(ApiKey.FETCH, 12, fetch_request(offset, isolation=isolation)))


def values(data: bytes, *, aborted: list[Fields] | None = None) -> list[bytes | None]:
    """What a consumer would hand out of fetched batches (KIP-98: without what was aborted)."""
    found: list[bytes | None] = []
    open_aborts = sorted(aborted or (), key=lambda one: int(one["first_offset"]))
    dropped: set[int] = set()
    for header, at in batches(data):
        while open_aborts and open_aborts[0]["first_offset"] <= header.last_offset:
            dropped.add(open_aborts.pop(0)["producer_id"])
        if header.is_control:
            dropped.discard(header.producer_id)
        elif not (header.is_transactional and header.producer_id in dropped):
            found += [record.value for record in records(data, at, header)]
    return found


def seen(peer: Peer, offset: int = 0, *, isolation: int = READ_COMMITTED) -> list[bytes | None]:
    answer = fetch(peer, offset, isolation=isolation)
    assert answer["error_code"] == ErrorCode.NONE, answer
    return values(answer["records"], aborted=answer["aborted_transactions"])


def offset_at(
    peer: Peer, timestamp: int, *, isolation: int = READ_UNCOMMITTED, index: int = 0
) -> Fields:
    partition = {
        "partition_index": index,
        "current_leader_epoch": -1,
        "timestamp": timestamp,
    }
    fields: Fields = {
        "replica_id": -1,
        "isolation_level": isolation,
        "topics": [{"name": TOPIC, "partitions": [partition]}],
    }
    (topic,) = peer.call(ApiKey.LIST_OFFSETS, 7, fields)["topics"]
    (answer,) = topic["partitions"]
    return dict(answer)


class Transactional:
    """A transactional producer, request by request."""

    def __init__(self, peer: Peer, name: str = "till", timeout_ms: int = 60_000) -> None:
        self.peer = peer
        self.name = name
        self.timeout_ms = timeout_ms
        self.id = self.epoch = -1
        self.sequence = 0

    def init(self, known: tuple[int, int] = (-1, -1)) -> ErrorCode:
        answer = self.peer.call(ApiKey.INIT_PRODUCER_ID, 4, self.init_request(known))
        if answer["error_code"] == ErrorCode.NONE:
            self.id, self.epoch = answer["producer_id"], answer["producer_epoch"]
            self.sequence = 0
        return code_of(answer["error_code"])

    def init_request(self, known: tuple[int, int] = (-1, -1)) -> Fields:
        return {
            "transactional_id": self.name,
            "transaction_timeout_ms": self.timeout_ms,
            "producer_id": known[0],
            "producer_epoch": known[1],
        }

    def add(self, index: int = 0, topic: str = TOPIC) -> ErrorCode:
        fields = {
            "v3_and_below_transactional_id": self.name,
            "v3_and_below_producer_id": self.id,
            "v3_and_below_producer_epoch": self.epoch,
            "v3_and_below_topics": [{"name": topic, "partitions": [index]}],
        }
        answer = self.peer.call(ApiKey.ADD_PARTITIONS_TO_TXN, 3, fields)
        (result,) = answer["results_by_topic_v3_and_below"]
        return code_of(result["results_by_partition"][0]["partition_error_code"])

    def batch(self, *values: bytes) -> bytes:
        made = batch(*values, producer=(self.id, self.epoch, self.sequence), is_transactional=True)
        self.sequence += len(values)
        return made

    def write(self, *values: bytes, index: int = 0) -> ErrorCode:
        answer = produce(self.peer, self.batch(*values), index=index, transactional_id=self.name)
        return code_of(answer["error_code"])

    def put(self, *values: bytes, index: int = 0) -> None:
        assert self.add(index) is ErrorCode.NONE
        assert self.write(*values, index=index) is ErrorCode.NONE

    def end_request(self, *, is_commit: bool) -> Fields:
        return {
            "transactional_id": self.name,
            "producer_id": self.id,
            "producer_epoch": self.epoch,
            "committed": is_commit,
        }

    def end(self, *, is_commit: bool) -> ErrorCode:
        answer = self.peer.call(ApiKey.END_TXN, 3, self.end_request(is_commit=is_commit))
        return code_of(answer["error_code"])

    def commit(self) -> ErrorCode:
        return self.end(is_commit=True)

    def abort(self) -> ErrorCode:
        return self.end(is_commit=False)
