"""Fetch: whole batches from an offset on, at once or when there are enough of them.

A fetch that has to wait is put where its partitions see it; each tells how many bytes came, so that
nothing is read again before there is enough (Kafka calls it a purgatory). Incremental sessions
(KIP-227) are not offered: the answer names session 0, and clients send full requests.
"""

from dataclasses import dataclass, field
from uuid import UUID

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.handlers.produce import node_endpoints
from stend.engines.kafka.request import Request
from stend.engines.kafka.state import State
from stend.engines.kafka.topics import NO_LEADER, Partition, Topic
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode

# fetch.max.bytes of a broker, as Kafka has it.
MAX_BYTES = 57_671_680
# Of all clients together. Kafka sends from its files; here an answer is held until it is read, so
# beyond this each fetch gets one batch.
MAX_UNREAD_BYTES = 256 * 1024 * 1024
_READ_COMMITTED = 1
_ISOLATIONS = (0, _READ_COMMITTED)
_NAMES_TOPICS_BY_ID = 13
_TELLS_LEADERS = 16
_CONSUMER = -1
_FIRST_EPOCHS = (-1, 0)


def fetch(state: State, request: Request) -> None:
    fields = request.fields
    if fields["isolation_level"] not in _ISOLATIONS:
        raise BrokerError(
            ErrorCode.INVALID_REQUEST, f"isolation level {fields['isolation_level']}, not 0 or 1"
        )
    if error := _session_error(fields):
        request.reply({"error_code": error, "session_id": 0, "responses": []})
        return
    waiting = _Waiting(state, request)
    waiting.collect()
    if waiting.is_enough:
        waiting.answer()
    else:
        waiting.wait()


def _session_error(fields: Fields) -> ErrorCode:
    if fields.get("session_id", 0) != 0:
        return ErrorCode.FETCH_SESSION_ID_NOT_FOUND
    if fields.get("session_epoch", -1) not in _FIRST_EPOCHS:
        return ErrorCode.INVALID_FETCH_SESSION_EPOCH
    return ErrorCode.NONE


def check_epoch(partition: Partition, epoch: int) -> None:
    """Whether client and broker know the same leader (KIP-320); -1: the client does not say.

    Raises:
        BrokerError: FENCED_LEADER_EPOCH or UNKNOWN_LEADER_EPOCH.
    """
    if epoch < 0 or epoch == partition.leader_epoch:
        return
    is_old = epoch < partition.leader_epoch
    raise BrokerError(ErrorCode.FENCED_LEADER_EPOCH if is_old else ErrorCode.UNKNOWN_LEADER_EPOCH)


@dataclass(slots=True)
class _Waiting:
    """A fetch and what it has found so far.

    Attributes:
        size_bytes: of the records found; grows by what partitions tell while it waits.
        is_failed: some partition has an error: nobody waits with that.
    """

    state: State
    request: Request
    responses: list[Fields] = field(default_factory=list)
    partitions: list[Partition] = field(default_factory=list)
    leaders: set[int] = field(default_factory=set)
    watched: list[Partition] = field(default_factory=list)
    size_bytes: int = 0
    is_failed: bool = False

    @property
    def is_enough(self) -> bool:
        fields = self.request.fields
        return (
            self.is_failed
            or self.size_bytes >= fields["min_bytes"]
            or fields["max_wait_ms"] <= 0
            or not self.partitions
        )

    def collect(self) -> None:
        """Reads what there is now."""
        self.responses, self.partitions, self.leaders = [], [], set()
        self.size_bytes, self.is_failed = 0, False
        unread = MAX_UNREAD_BYTES - self.state.unread_bytes
        room = max(0, min(self.request.fields["max_bytes"], MAX_BYTES, unread))
        for asked in self.request.fields["topics"]:
            topic, error = self._topic(asked)
            partitions: list[Fields] = []
            for one in asked["partitions"]:
                answer = self._partition(topic, error, one, room - self.size_bytes)
                self.size_bytes += len(answer["records"])
                self.is_failed |= answer["error_code"] != ErrorCode.NONE
                partitions.append(answer)
            self.responses.append(
                {
                    "topic": asked.get("topic", ""),
                    "topic_id": asked.get("topic_id", UUID(int=0)),
                    "partitions": partitions,
                }
            )

    def wait(self) -> None:
        self.watched = self.partitions
        for partition in self.watched:
            partition.watchers.add(self._hear)
        delay_ms = self.request.fields["max_wait_ms"]
        self.state.timers.set(id(self), delay_ms, self._finish)

    def answer(self) -> None:
        reply: Fields = {
            "error_code": ErrorCode.NONE,
            "session_id": 0,
            "responses": self.responses,
        }
        if self.request.version >= _TELLS_LEADERS:
            reply["node_endpoints"] = node_endpoints(self.state, self.request, self.leaders)
        self.request.reply(reply)

    def _hear(self, new_bytes: int) -> None:
        """From a partition: that much came, or -1 when something else has changed."""
        self.size_bytes += max(new_bytes, 0)
        if new_bytes >= 0 and self.size_bytes < self.request.fields["min_bytes"]:
            return
        self.collect()
        if self.is_enough:
            self._leave()
            self.answer()

    def _finish(self) -> None:
        self.collect()
        self._leave()
        self.answer()

    def _leave(self) -> None:
        self.state.timers.cancel(id(self))
        for partition in self.watched:
            partition.watchers.discard(self._hear)

    def _topic(self, asked: Fields) -> tuple[Topic | None, ErrorCode]:
        cluster = self.state.cluster
        if self.request.version >= _NAMES_TOPICS_BY_ID:
            return cluster.by_id.get(asked["topic_id"]), ErrorCode.UNKNOWN_TOPIC_ID
        return cluster.topics.get(asked["topic"]), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION

    def _partition(self, topic: Topic | None, error: ErrorCode, asked: Fields, room: int) -> Fields:
        index = asked["partition"]
        try:
            if topic is None:
                raise BrokerError(error)
            partition = self.state.cluster.led_partition(topic.name, index, self.request.broker_id)
            check_epoch(partition, asked.get("current_leader_epoch", -1))
            return self._read(partition, asked, room)
        except BrokerError as problem:
            answer = _failed(index, problem.code)
            if topic and problem.code in _LEADER_PROBLEMS:
                self._tell_leader(topic, index, answer)
            return answer

    def _read(self, partition: Partition, asked: Fields, room: int) -> Fields:
        log, offset = partition.log, asked["fetch_offset"]
        watermark, stable = partition.high_watermark, partition.last_stable_offset
        is_committed = self.request.fields["isolation_level"] == _READ_COMMITTED
        end = stable if is_committed else watermark
        if not log.log_start_offset <= offset <= log.log_end_offset:
            raise BrokerError(ErrorCode.OFFSET_OUT_OF_RANGE)
        self.partitions.append(partition)
        limit = min(asked["partition_max_bytes"], room)
        records = b""
        if offset < end and (limit > 0 or self.size_bytes == 0):
            # The first batch is given even when it is larger than allowed (KIP-74): the reader
            # would never get past it.
            records = log.read(offset, max(limit, 0), end, at_least_one=self.size_bytes == 0)
        aborted = None
        if is_committed:
            aborted = [
                {"producer_id": producer_id, "first_offset": first}
                for producer_id, first in (log.aborted(offset, end) if records else ())
            ]
        return {
            "partition_index": partition.index,
            "error_code": ErrorCode.NONE,
            "high_watermark": watermark,
            "last_stable_offset": stable,
            "log_start_offset": log.log_start_offset,
            "aborted_transactions": aborted,
            "records": records,
        }

    def _tell_leader(self, topic: Topic, index: int, answer: Fields) -> None:
        partition = self.state.cluster.partition(topic.name, index)
        if partition is None:
            return
        answer["current_leader"] = {
            "leader_id": partition.leader,
            "leader_epoch": partition.leader_epoch,
        }
        if partition.leader != NO_LEADER:
            self.leaders.add(partition.leader)


_LEADER_PROBLEMS = (ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.FENCED_LEADER_EPOCH)


def _failed(index: int, code: ErrorCode) -> Fields:
    return {
        "partition_index": index,
        "error_code": code,
        "high_watermark": -1,
        "aborted_transactions": None,
        "records": b"",
    }
