"""The protocol itself, on the socket: versions, frames, and what is wrong with them."""

import uuid

import pytest
from kafka.errors import (
    CorruptRecordError,
    FetchSessionIdNotFoundError,
    InvalidRecordError,
    InvalidRequestError,
    InvalidRequiredAcksError,
    InvalidTopicError,
    OffsetOutOfRangeError,
    UnknownLeaderEpochError,
    UnknownTopicIdError,
    UnknownTopicOrPartitionError,
    UnsupportedVersionError,
)
from kafka.protocol.consumer import ListOffsetsRequest, OffsetForLeaderEpochRequest
from kafka.protocol.metadata import (
    ApiVersionsRequest,
    FindCoordinatorRequest,
    MetadataRequest,
    MetadataResponse,
)

from tests.engines.suite.checks import check
from tests.engines.suite.kafka.asking import batch, fetch, fetched, produce
from tests.engines.suite.kafka.conftest import MakeTopic, Remove
from tests.engines.suite.kafka.wire import ClosedError, Wire, request_frame
from tests.waiting import until

API_VERSIONS, METADATA, PRODUCE, FETCH = 18, 3, 0, 1
SOFTWARE = {"client_software_name": "suite", "client_software_version": "1.0"}
NOTHING = UnknownTopicOrPartitionError.errno


def topic_id(wire: Wire, topic: str) -> uuid.UUID:
    asked = [MetadataRequest.MetadataRequestTopic(name=topic)]
    (told,) = wire.ask(MetadataRequest, 12, topics=asked, allow_auto_topic_creation=False).topics
    found: uuid.UUID = told.topic_id
    return found


@check(
    ru="ApiVersions отвечает в каждой своей версии, и список один и тот же",
    en="ApiVersions answers in each of its versions, and the list is the same",
)
def test_api_versions(wire: Wire) -> None:
    told = []
    for version in (0, 1, 2, 3, 4):
        fields = SOFTWARE if version >= 3 else {}
        answer = wire.ask(ApiVersionsRequest, version, **fields)
        assert answer.error_code == 0
        told.append({one.api_key: (one.min_version, one.max_version) for one in answer.api_keys})
    assert all(one == told[0] for one in told)
    # What every client of these three asks for (ENGINES of the project, and their sources).
    asked = {0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 22, 24, 25, 26, 28, 32, 42}
    assert asked <= set(told[0])
    assert told[0][PRODUCE][0] == 0
    assert all(low <= high for low, high in told[0].values())


@check(
    ru="ApiVersions слишком новой версии: UNSUPPORTED_VERSION в версии 0, соединение живо",
    en="ApiVersions of a version too new: UNSUPPORTED_VERSION in version 0; the connection lives",
)
def test_api_versions_too_new(wire: Wire) -> None:
    # The header of flexible versions ends with the number of its tagged fields.
    wire.send_raw(request_frame(API_VERSIONS, 99, b"\x00"))
    answer = wire.frame()
    assert answer[4:6] == UnsupportedVersionError.errno.to_bytes(2, "big")
    assert b"\x00\x12\x00\x00" in answer
    assert wire.ask(ApiVersionsRequest, 0).error_code == 0


@check(
    ru="ApiVersions с негодным названием программы: INVALID_REQUEST",
    en="ApiVersions with a bad name of the software: INVALID_REQUEST",
)
@pytest.mark.parametrize("name", ["", "a b", "-a", "имя"], ids=["empty", "space", "dash", "ru"])
def test_software_name(wire: Wire, name: str) -> None:
    wire.send(ApiVersionsRequest, 3, client_software_name=name, client_software_version="1.0")
    # kafka-python takes every answer with an error for one of version 0.
    assert wire.frame()[4:6] == InvalidRequestError.errno.to_bytes(2, "big")


@check(
    ru="Несколько запросов сразу: ответы по порядку",
    en="Several requests at once: the answers come in order",
)
def test_pipelining(wire: Wire) -> None:
    data = b"".join(request_frame(API_VERSIONS, 0, correlation_id=n) for n in range(50))
    wire.send_raw(data)
    assert [int.from_bytes(wire.frame()[:4], "big") for _ in range(50)] == list(range(50))


BAD_FRAMES = {
    "unknown API": request_frame(999, 0),
    "Metadata too new": request_frame(METADATA, 99, bytes(20)),
    "negative version": request_frame(METADATA, 0xFFFF),
    "Fetch too old": request_frame(FETCH, 3, bytes(30)),
    "body cut off": request_frame(METADATA, 1, b"\x00\x00\x00\x05"),
    "header cut off": b"\x00\x00\x00\x03abc",
    "empty": bytes(4),
    "negative size": b"\xff\xff\xff\xff",
    "size of 2 GB": b"\x7f\xff\xff\xff",
    "HTTP": b"GET / HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("what", BAD_FRAMES)
@check(
    ru="Негодный запрос закрывает соединение",
    en="A bad request closes the connection",
)
def test_bad_frames(wire: Wire, what: str) -> None:
    wire.send_raw(BAD_FRAMES[what])
    with pytest.raises(ClosedError):
        wire.frame()


@check(
    ru="Produce версий 0–2 объявлен для librdkafka, но не принимается: соединение закрыто",
    en="Produce of versions 0–2 is told for librdkafka but not taken: the connection is closed",
)
@pytest.mark.parametrize("version", [0, 2])
def test_old_produce(wire: Wire, version: int) -> None:
    wire.send_raw(request_frame(PRODUCE, version, b"\x00\x01\x00\x00\x00\x10\x00\x00\x00\x00"))
    with pytest.raises(ClosedError):
        wire.frame()


@check(
    ru="Metadata: все топики, ни одного, неизвестный, с негодным именем, с неизвестным номером",
    en="Metadata: all topics, none, an unknown one, one with a bad name, one with an unknown id",
)
def test_metadata(wire: Wire, topic: str, name: str) -> None:
    def ask(topics: list[object] | None, version: int = 12) -> list[MetadataResponse]:
        told = wire.ask(MetadataRequest, version, topics=topics, allow_auto_topic_creation=False)
        return list(told.topics)

    one = MetadataRequest.MetadataRequestTopic
    assert topic in {told.name for told in ask(None)}
    assert ask([]) == []
    asked = [one(name=topic), one(name=f"{name}-none"), one(name="a b")]
    codes = {told.name: told.error_code for told in ask(asked)}
    assert codes == {topic: 0, f"{name}-none": NOTHING, "a b": InvalidTopicError.errno}
    (told,) = ask([one(name=None, topic_id=uuid.uuid4())])
    assert told.error_code == UnknownTopicIdError.errno


@check(
    ru="Metadata создаёт топик, если клиент это разрешил, и не создаёт, если нет",
    en="Metadata makes a topic if the client allows that, and does not otherwise",
)
def test_auto_creation(wire: Wire, name: str, remove: Remove) -> None:
    def ask(*, is_allowed: bool) -> int:
        asked = [MetadataRequest.MetadataRequestTopic(name=name)]
        told = wire.ask(MetadataRequest, 12, topics=asked, allow_auto_topic_creation=is_allowed)
        return int(told.topics[0].error_code)

    assert [ask(is_allowed=False) for _ in range(3)] == [NOTHING] * 3
    ask(is_allowed=True)
    remove(name)
    until(lambda: ask(is_allowed=False) == 0)


@check(
    ru="Координатор один и тот же для группы, сколько бы раз его ни искали; вид 9 отвергается",
    en="The coordinator of a group is the same however often it is asked; type 9 is refused",
)
def test_find_coordinator(wire: Wire, name: str) -> None:
    first = wire.ask(FindCoordinatorRequest, 2, key=name, key_type=0)
    many = wire.ask(FindCoordinatorRequest, 4, coordinator_keys=[name, f"{name}-b"], key_type=0)
    assert first.error_code == 0
    assert [one.key for one in many.coordinators] == [name, f"{name}-b"]
    assert many.coordinators[0].node_id == first.node_id
    bad = wire.ask(FindCoordinatorRequest, 4, coordinator_keys=[name], key_type=9)
    assert bad.coordinators[0].error_code == InvalidRequestError.errno


@check(
    ru="Produce: негодные acks, испорченная пачка, две пачки, ни одной, нет такой партиции",
    en="Produce: bad acks, a corrupt batch, two batches, none, no such partition",
)
def test_produce_errors(wire: Wire, topic: str) -> None:
    good = batch(b"value")
    corrupt = good[:-1] + bytes([good[-1] ^ 1])
    assert produce(wire, topic, good, acks=2).error_code == InvalidRequiredAcksError.errno
    assert produce(wire, topic, corrupt).error_code == CorruptRecordError.errno
    assert produce(wire, topic, good + good).error_code == InvalidRecordError.errno
    assert produce(wire, topic, b"").error_code == InvalidRecordError.errno
    assert produce(wire, topic, good, partition=7).error_code == NOTHING
    told = produce(wire, topic, good)
    assert (told.error_code, told.base_offset, told.log_start_offset) == (0, 0, 0)


@check(
    ru="Fetch: край партиции, за краем, нет партиции, нет топика с таким номером",
    en="Fetch: the end of the partition, past it, no partition, no topic with that id",
)
def test_fetch_errors(wire: Wire, topic: str) -> None:
    produce(wire, topic, batch(b"value"))
    known = topic_id(wire, topic)
    assert fetched(fetch(wire, topic)).high_watermark == 1
    at_end = fetched(fetch(wire, topic, offset=1))
    assert (at_end.error_code, at_end.records) in ((0, None), (0, b""))
    for offset in (2, -5):
        past = fetched(fetch(wire, topic, offset=offset))
        assert past.error_code == OffsetOutOfRangeError.errno
    assert fetched(fetch(wire, topic, partition=7)).error_code == NOTHING
    by_id = fetch(wire, "", version=16, topic_id=known)
    assert len(fetched(by_id).records) == len(batch(b"value"))
    unknown = fetch(wire, "", version=16, topic_id=uuid.uuid4())
    assert fetched(unknown).error_code == UnknownTopicIdError.errno


@check(
    ru="Fetch с неизвестной сессией: FETCH_SESSION_ID_NOT_FOUND",
    en="Fetch with an unknown session: FETCH_SESSION_ID_NOT_FOUND",
)
def test_fetch_session(wire: Wire, topic: str) -> None:
    told = fetch(wire, topic, session=(12_345, 5))
    assert told.error_code == FetchSessionIdNotFoundError.errno


@check(
    ru="Fetch с пределом в 1 байт всё же отдаёт первую пачку целиком",
    en="Fetch with a limit of 1 byte still gives the first batch as a whole",
)
def test_fetch_at_least_one(wire: Wire, topic: str) -> None:
    records = batch(b"x" * 1_000)
    for _ in range(3):
        produce(wire, topic, records)
    told = fetched(fetch(wire, topic, max_bytes=1))
    assert len(told.records) == len(records)


@check(
    ru="Смещение внутри пачки: приходит вся пачка",
    en="An offset inside of a batch: the whole batch comes",
)
def test_fetch_inside_of_a_batch(wire: Wire, make_topic: MakeTopic) -> None:
    topic = make_topic()
    produce(wire, topic, batch(b"a", b"b", b"c"))
    told = fetched(fetch(wire, topic, offset=2))
    assert told.records[:8] == bytes(8)
    assert told.error_code == 0


@check(
    ru="OffsetForLeaderEpoch: конец эпохи; будущая эпоха не определена, нынешняя проверяется",
    en="OffsetForLeaderEpoch: the end of an epoch; a future one is undefined, the current checked",
)
def test_leader_epoch(wire: Wire, topic: str) -> None:
    produce(wire, topic, batch(b"a", b"b"))

    def ask(epoch: int, *, current: int = -1, name: str = topic) -> tuple[int, int, int]:
        topics = OffsetForLeaderEpochRequest.OffsetForLeaderTopic
        place = topics.OffsetForLeaderPartition(
            partition=0, current_leader_epoch=current, leader_epoch=epoch
        )
        asked = [topics(topic=name, partitions=[place])]
        told = wire.ask(OffsetForLeaderEpochRequest, 4, replica_id=-2, topics=asked)
        one = told.topics[0].partitions[0]
        return one.error_code, one.leader_epoch, one.end_offset

    assert ask(0) == (0, 0, 2)
    assert ask(5) == (0, -1, -1)
    assert ask(0, current=5) == (UnknownLeaderEpochError.errno, -1, -1)
    assert ask(0, name=f"{topic}-none") == (NOTHING, -1, -1)


@check(
    ru="ListOffsets: края, время, нет партиции; наибольшее время до версии 7 не отвечается",
    en="ListOffsets: the ends, a time, no partition; the largest time is not for versions below 7",
)
def test_list_offsets(wire: Wire, topic: str) -> None:
    produce(wire, topic, batch(b"a", b"b"))

    def ask(at: int, *, version: int = 7, partition: int = 0) -> tuple[int, int]:
        topics = ListOffsetsRequest.ListOffsetsTopic
        place = topics.ListOffsetsPartition(
            partition_index=partition, current_leader_epoch=-1, timestamp=at
        )
        asked = [topics(name=topic, partitions=[place])]
        told = wire.ask(ListOffsetsRequest, version, replica_id=-1, isolation_level=0, topics=asked)
        one = told.topics[0].partitions[0]
        return one.error_code, one.offset

    latest, earliest, largest_time = -1, -2, -3
    assert [ask(at) for at in (latest, earliest, 0)] == [(0, 2), (0, 0), (0, 0)]
    assert ask(latest, partition=9) == (NOTHING, -1)
    assert ask(largest_time) == (0, 0)
    assert ask(largest_time, version=5) == (UnsupportedVersionError.errno, -1)
