"""Kafka: a request is answered with an error in each of its partitions; no broker sees it.

A Produce with acks=0 passes: nothing answers it. So does a Fetch of a session (KIP-227): only the
broker knows which partitions it means.
"""

from collections.abc import Callable, Mapping
from functools import partial

from stend.kit.languages import Text
from stend.tap.disturb.choosing import Choice, message_kind
from stend.tap.disturb.kinds import Strikes
from stend.tap.disturb.messages import AnsweringFault
from stend.wire.decoding import Unit
from stend.wire.kafka import codec
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode, WireError
from stend.wire.kafka.frames import LENGTH, frame
from stend.wire.kafka.headers import read_request_header, response_header

# The fields of the response to a request, with a code in each place that has one; None where this
# version has no place for it.
Answer = Callable[[Fields, int, int], Fields | None]
_UNKNOWN = -1
# From here on a request may ask for several groups.
_OFFSET_FETCH_OF_GROUPS = 8
_OFFSET_FETCH_WITH_ERROR = 2


class _KafkaError(AnsweringFault):
    def __init__(
        self,
        code: ErrorCode,
        answers: Mapping[ApiKey, Answer],
        strikes: Strikes,
        choice: Choice,
    ) -> None:
        super().__init__(strikes, choice)
        self._code = code
        self._answers = answers

    def answer(self, unit: Unit, data: bytes) -> bytes | None:
        try:
            header = read_request_header(data[LENGTH.size :])
            made = self._answers.get(ApiKey(header.api_key))
            message = codec.request(header.api_key, header.version)
            asked, _ = message.decode(data, LENGTH.size + header.body_at)
        except (WireError, ValueError):
            return None
        fields = made(asked, header.version, self._code) if made else None
        if fields is None or not self.is_struck():
            return None
        return frame(
            response_header(header.api_key, header.version, header.correlation_id),
            codec.response(header.api_key, header.version).encode(fields),
        )


def _produce(asked: Fields, _: int, code: int) -> Fields:
    def topic(one: Fields) -> Fields:
        places = [
            {"index": place["index"], "error_code": code, "base_offset": _UNKNOWN}
            for place in one["partition_data"]
        ]
        return {**one, "partition_responses": places}

    return {"responses": [topic(one) for one in asked["topic_data"]]}


def _fetch(asked: Fields, _: int, code: int) -> Fields | None:
    if asked.get("session_id"):
        return None

    def topic(one: Fields) -> Fields:
        places = [
            {
                "partition_index": place["partition"],
                "error_code": code,
                "high_watermark": _UNKNOWN,
                "last_stable_offset": _UNKNOWN,
                "log_start_offset": _UNKNOWN,
                "records": b"",
            }
            for place in one["partitions"]
        ]
        return {**one, "partitions": places}

    return {"responses": [topic(one) for one in asked["topics"]]}


def _partitions(asked: Fields, _: int, code: int) -> Fields:
    """ListOffsets and OffsetCommit alike."""

    def topic(one: Fields) -> Fields:
        indexes = [place["partition_index"] for place in one["partitions"]]
        places = [{"partition_index": index, "error_code": code} for index in indexes]
        return {**one, "partitions": places}

    return {"topics": [topic(one) for one in asked["topics"]]}


def _offset_fetch(asked: Fields, version: int, code: int) -> Fields | None:
    if version >= _OFFSET_FETCH_OF_GROUPS:
        groups = [one["group_id"] for one in asked["groups"]]
        return {"groups": [{"group_id": one, "error_code": code} for one in groups]}
    return {"error_code": code} if version >= _OFFSET_FETCH_WITH_ERROR else None


def _only_code(asked: Fields, _: int, code: int) -> Fields:
    return {"error_code": code, "member_id": asked.get("member_id", "")}


_OF_LEADERS: Mapping[ApiKey, Answer] = {
    ApiKey.PRODUCE: _produce,
    ApiKey.FETCH: _fetch,
    ApiKey.LIST_OFFSETS: _partitions,
}
_OF_COORDINATORS: Mapping[ApiKey, Answer] = {
    ApiKey.OFFSET_COMMIT: _partitions,
    ApiKey.OFFSET_FETCH: _offset_fetch,
    ApiKey.HEARTBEAT: _only_code,
    ApiKey.JOIN_GROUP: _only_code,
    ApiKey.SYNC_GROUP: _only_code,
}


KAFKA_NOT_LEADER = message_kind(
    "kafka_not_leader",
    Text(ru="Kafka: не лидер", en="Kafka: not the leader"),
    Text(
        ru="На Produce, Fetch и ListOffsets приходит ошибка 6 NOT_LEADER_OR_FOLLOWER, как при "
        "смене лидера: клиент обновляет метаданные и повторяет запрос. Produce с acks=0 проходит.",
        en="Produce, Fetch and ListOffsets are answered with 6 NOT_LEADER_OR_FOLLOWER, as when a "
        "leader changes: the client asks for metadata and tries again. With acks=0 it passes.",
    ),
    partial(_KafkaError, ErrorCode.NOT_LEADER_OR_FOLLOWER, _OF_LEADERS),
    "kafka",
)

KAFKA_TIMED_OUT = message_kind(
    "kafka_timed_out",
    Text(ru="Kafka: время вышло", en="Kafka: timed out"),
    Text(
        ru="На Produce приходит ошибка 7 REQUEST_TIMED_OUT, как если реплики не успели "
        "подтвердить запись; записи не сохранены. Produce с acks=0 проходит.",
        en="Produce is answered with 7 REQUEST_TIMED_OUT, as when replicas are too slow; the "
        "records are not stored. With acks=0 it passes.",
    ),
    partial(_KafkaError, ErrorCode.REQUEST_TIMED_OUT, {ApiKey.PRODUCE: _produce}),
    "kafka",
)

KAFKA_NOT_COORDINATOR = message_kind(
    "kafka_not_coordinator",
    Text(ru="Kafka: не координатор", en="Kafka: not the coordinator"),
    Text(
        ru="На запросы группы приходит ошибка 16 NOT_COORDINATOR, как при переезде координатора: "
        "клиент ищет его снова.",
        en="Requests of a group are answered with 16 NOT_COORDINATOR, as when the coordinator "
        "moves: the client looks for it again.",
    ),
    partial(_KafkaError, ErrorCode.NOT_COORDINATOR, _OF_COORDINATORS),
    "kafka",
)
