"""Topics are made, grown, changed, deleted and found, request by request."""

from uuid import UUID

import pytest

from stend.engines.kafka.cluster import MAX_PARTITIONS
from stend.engines.kafka.configs import TOPIC_CONFIGS
from stend.engines.kafka.state import Defaults
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode
from tests.engines.kafka.asking import (
    EARLIEST,
    LATEST,
    MAX_TIMESTAMP,
    TOPIC,
    Transactional,
    code_of,
    create,
    fetch,
    fetch_request,
    fetched,
    offset_at,
    produce,
    produce_request,
    put,
    seen,
    values,
)
from tests.engines.kafka.peer import START_MS, Peer, Stand, batch
from tests.fakes.volume import MemoryVolume

_TOPIC_RESOURCE, _BROKER_RESOURCE = 2, 4
_SET, _DELETE, _APPEND, _SUBTRACT = range(4)


@pytest.fixture
def stand() -> Stand:
    return Stand(MemoryVolume())


@pytest.fixture
def peer(stand: Stand) -> Peer:
    return Peer(stand)


def metadata(peer: Peer, *names: str, may_create: bool = True) -> dict[str, Fields]:
    asked = [{"name": name} for name in names] if names else None
    fields: Fields = {"topics": asked, "allow_auto_topic_creation": may_create}
    topics = peer.call(ApiKey.METADATA, 8, fields)["topics"]
    return {one["name"]: one for one in topics}


class TestCreation:
    def test_a_topic_is_there_after_a_restart(self, stand: Stand, peer: Peer) -> None:
        assert create(peer, partitions=3, configs={"retention.ms": "1000"}) is ErrorCode.NONE
        put(peer, b"1", index=2)
        stand.start()
        again = Peer(stand)
        assert len(metadata(again)[TOPIC]["partitions"]) == 3
        assert described(again)["retention.ms"] == "1000"
        assert put(again, b"2", index=2) == 1

    def test_only_once(self, peer: Peer) -> None:
        create(peer)
        assert create(peer) is ErrorCode.TOPIC_ALREADY_EXISTS

    @pytest.mark.parametrize("name", ["", ".", "..", "a b", "заказы", "n" * 250, "a/b"])
    def test_names(self, peer: Peer, name: str) -> None:
        assert create(peer, name) is ErrorCode.INVALID_TOPIC_EXCEPTION
        code = metadata(peer, name)[name]["error_code"]
        assert code == ErrorCode.INVALID_TOPIC_EXCEPTION

    def test_names_that_metrics_cannot_tell_apart(self, peer: Peer) -> None:
        create(peer, "a.b")
        assert create(peer, "a_b") is ErrorCode.INVALID_TOPIC_EXCEPTION

    @pytest.mark.parametrize(
        ("partitions", "replicas", "code"),
        [
            (0, 1, ErrorCode.INVALID_PARTITIONS),
            (-5, 1, ErrorCode.INVALID_PARTITIONS),
            (MAX_PARTITIONS + 1, 1, ErrorCode.INVALID_PARTITIONS),
            (2**31 - 1, 1, ErrorCode.INVALID_PARTITIONS),
            (1, 2, ErrorCode.INVALID_REPLICATION_FACTOR),
            (1, 0, ErrorCode.INVALID_REPLICATION_FACTOR),
            (-1, -1, ErrorCode.NONE),
        ],
    )
    def test_numbers(self, peer: Peer, partitions: int, replicas: int, code: ErrorCode) -> None:
        assert create(peer, partitions=partitions, replicas=replicas) is code

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("no.such", "1"),
            ("retention.ms", "soon"),
            ("retention.ms", "-2"),
            ("retention.ms", str(2**63)),
            ("cleanup.policy", "burn"),
            ("cleanup.policy", ""),
            ("min.cleanable.dirty.ratio", "1.1"),
            ("min.cleanable.dirty.ratio", "nan"),
            ("message.timestamp.type", "createtime"),
            ("min.insync.replicas", "0"),
            ("unclean.leader.election.enable", "true"),
            ("preallocate", "true"),
            ("preallocate", "perhaps"),
            ("segment.jitter.ms", "1"),
            ("segment.bytes", "1000"),
            ("remote.storage.enable", "true"),
        ],
    )
    def test_configs_that_are_refused(self, peer: Peer, name: str, value: str) -> None:
        assert create(peer, configs={name: value}) is ErrorCode.INVALID_CONFIG
        assert not metadata(peer)

    def test_one_that_is_not_twice_in_a_request(self, peer: Peer) -> None:
        topic: Fields = {
            "name": TOPIC,
            "num_partitions": 1,
            "replication_factor": 1,
            "assignments": [],
            "configs": [],
        }
        fields = {"topics": [topic, topic], "timeout_ms": 1, "validate_only": False}
        (answer,) = peer.call(ApiKey.CREATE_TOPICS, 5, fields)["topics"]
        assert answer["error_code"] == ErrorCode.INVALID_REQUEST

    def test_a_trial_makes_nothing(self, peer: Peer) -> None:
        topic: Fields = {
            "name": TOPIC,
            "num_partitions": 4,
            "replication_factor": 1,
            "assignments": [],
            "configs": [],
        }
        fields = {"topics": [topic], "timeout_ms": 1, "validate_only": True}
        (answer,) = peer.call(ApiKey.CREATE_TOPICS, 7, fields)["topics"]
        assert (answer["error_code"], answer["num_partitions"]) == (ErrorCode.NONE, 4)
        assert {one["name"] for one in answer["configs"]} == set(TOPIC_CONFIGS)
        assert not metadata(peer)

    @pytest.mark.parametrize(
        ("assignments", "code"),
        [
            ([(0, [1]), (1, [1])], ErrorCode.NONE),
            ([(0, [1]), (2, [1])], ErrorCode.INVALID_REPLICA_ASSIGNMENT),
            ([(0, [1]), (0, [1])], ErrorCode.INVALID_REPLICA_ASSIGNMENT),
            ([(0, [9])], ErrorCode.INVALID_REPLICA_ASSIGNMENT),
            ([(0, [1, 1])], ErrorCode.INVALID_REPLICA_ASSIGNMENT),
            ([(0, [])], ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        ],
    )
    def test_replicas_by_hand(
        self, peer: Peer, assignments: list[tuple[int, list[int]]], code: ErrorCode
    ) -> None:
        topic: Fields = {
            "name": TOPIC,
            "num_partitions": -1,
            "replication_factor": -1,
            "assignments": [
                {"partition_index": index, "broker_ids": ids} for index, ids in assignments
            ],
            "configs": [],
        }
        fields = {"topics": [topic], "timeout_ms": 1, "validate_only": False}
        (answer,) = peer.call(ApiKey.CREATE_TOPICS, 5, fields)["topics"]
        assert code_of(answer["error_code"]) is code


class TestAutomaticCreation:
    def test_asking_makes_it(self, peer: Peer) -> None:
        assert metadata(peer, "asked")["asked"]["error_code"] == ErrorCode.NONE

    def test_not_when_the_client_does_not_want_it(self, peer: Peer) -> None:
        answer = metadata(peer, "asked", may_create=False)["asked"]
        assert answer["error_code"] == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION

    def test_not_when_the_broker_does_not(self) -> None:
        defaults = Defaults(auto_create_topics=False)
        peer = Peer(Stand(MemoryVolume(), defaults=defaults))
        answer = metadata(peer, "asked")["asked"]
        assert answer["error_code"] == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION

    def test_it_is_told_when_it_is_safe(self, stand: Stand, peer: Peer) -> None:
        peer.send(ApiKey.METADATA, 8, {"topics": [{"name": "asked"}]})
        assert not peer.read()
        stand.settle()
        assert len(peer.read()) == 1


class TestDeletion:
    def delete(self, peer: Peer, **named: object) -> ErrorCode:
        topic = {"name": None, "topic_id": UUID(int=0), **named}
        fields: Fields = {"topics": [topic], "timeout_ms": 1}
        (answer,) = peer.call(ApiKey.DELETE_TOPICS, 6, fields)["responses"]
        return code_of(answer["error_code"])

    def test_the_name_is_free_at_once(self, stand: Stand, peer: Peer) -> None:
        create(peer)
        put(peer, b"old")
        assert self.delete(peer, name=TOPIC) is ErrorCode.NONE
        assert create(peer) is ErrorCode.NONE
        assert seen(peer) == []
        assert put(peer, b"new") == 0
        stand.start()
        assert seen(Peer(stand)) == [b"new"]

    def test_by_id(self, stand: Stand, peer: Peer) -> None:
        create(peer)
        topic_id = stand.state.cluster.topics[TOPIC].id
        assert self.delete(peer, topic_id=topic_id) is ErrorCode.NONE
        assert self.delete(peer, topic_id=topic_id) is ErrorCode.UNKNOWN_TOPIC_ID

    def test_only_once_in_a_request(self, peer: Peer) -> None:
        create(peer)
        fields: Fields = {"topic_names": [TOPIC, TOPIC], "timeout_ms": 1}
        (answer,) = peer.call(ApiKey.DELETE_TOPICS, 3, fields)["responses"]
        assert answer["error_code"] == ErrorCode.INVALID_REQUEST
        assert TOPIC in metadata(peer)

    def test_what_is_not_there(self, peer: Peer) -> None:
        assert self.delete(peer, name=TOPIC) is ErrorCode.UNKNOWN_TOPIC_OR_PARTITION

    def test_a_waiting_reader_learns_of_it(self, peer: Peer) -> None:
        create(peer)
        reader = Peer(peer.stand)
        reader.send(ApiKey.FETCH, 12, fetch_request(max_wait_ms=60_000))
        self.delete(peer, name=TOPIC)
        (answer,) = reader.read()
        assert fetched(answer)["error_code"] == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION

    def test_its_files_are_gone(self, stand: Stand, peer: Peer) -> None:
        create(peer, partitions=2)
        self.delete(peer, name=TOPIC)
        assert stand.volume.folder("logs").folders() == []


class TestMorePartitions:
    def grow(self, peer: Peer, count: int, ids: list[list[int]] | None = None) -> ErrorCode:
        assignments = None if ids is None else [{"broker_ids": one} for one in ids]
        topic = {"name": TOPIC, "count": count, "assignments": assignments}
        fields: Fields = {"topics": [topic], "timeout_ms": 1, "validate_only": False}
        (answer,) = peer.call(ApiKey.CREATE_PARTITIONS, 3, fields)["results"]
        return code_of(answer["error_code"])

    def test_they_are_added(self, stand: Stand, peer: Peer) -> None:
        create(peer, partitions=2)
        assert self.grow(peer, 3) is ErrorCode.NONE
        stand.start()
        assert len(metadata(Peer(stand))[TOPIC]["partitions"]) == 3

    @pytest.mark.parametrize("count", [2, 1, 0, -1, MAX_PARTITIONS + 1])
    def test_not_fewer_and_not_too_many(self, peer: Peer, count: int) -> None:
        create(peer, partitions=2)
        assert self.grow(peer, count) is ErrorCode.INVALID_PARTITIONS

    def test_replicas_by_hand(self, peer: Peer) -> None:
        create(peer)
        assert self.grow(peer, 3, [[1]]) is ErrorCode.INVALID_REPLICA_ASSIGNMENT
        assert self.grow(peer, 3, [[1], [2]]) is ErrorCode.INVALID_REPLICA_ASSIGNMENT
        assert self.grow(peer, 3, [[1], [1]]) is ErrorCode.NONE


def described(peer: Peer, kind: int = _TOPIC_RESOURCE, name: str = TOPIC) -> dict[str, str]:
    resource = {"resource_type": kind, "resource_name": name, "configuration_keys": None}
    fields: Fields = {"resources": [resource], "include_synonyms": True}
    (answer,) = peer.call(ApiKey.DESCRIBE_CONFIGS, 4, fields)["results"]
    assert answer["error_code"] == ErrorCode.NONE, answer
    return {one["name"]: one["value"] for one in answer["configs"]}


def alter(peer: Peer, *changes: tuple[str, int, str | None], name: str = TOPIC) -> ErrorCode:
    resource = {
        "resource_type": _TOPIC_RESOURCE,
        "resource_name": name,
        "configs": [
            {"name": key, "config_operation": operation, "value": value}
            for key, operation, value in changes
        ],
    }
    fields: Fields = {"resources": [resource], "validate_only": False}
    (answer,) = peer.call(ApiKey.INCREMENTAL_ALTER_CONFIGS, 1, fields)["responses"]
    return code_of(answer["error_code"])


class TestConfigs:
    def test_all_are_told_with_their_defaults(self, peer: Peer) -> None:
        create(peer)
        assert described(peer) == {row.name: row.default for row in TOPIC_CONFIGS.values()}

    def test_set_and_deleted(self, peer: Peer) -> None:
        create(peer)
        assert alter(peer, ("retention.ms", _SET, "5")) is ErrorCode.NONE
        assert described(peer)["retention.ms"] == "5"
        assert alter(peer, ("retention.ms", _DELETE, None)) is ErrorCode.NONE
        assert described(peer)["retention.ms"] == "604800000"

    def test_lists_grow_and_shrink(self, peer: Peer) -> None:
        create(peer)
        assert alter(peer, ("cleanup.policy", _APPEND, "compact")) is ErrorCode.NONE
        assert described(peer)["cleanup.policy"] == "delete,compact"
        assert alter(peer, ("cleanup.policy", _SUBTRACT, "delete")) is ErrorCode.NONE
        assert described(peer)["cleanup.policy"] == "compact"
        assert alter(peer, ("retention.ms", _APPEND, "1")) is ErrorCode.INVALID_CONFIG

    def test_the_older_form_replaces_all(self, peer: Peer) -> None:
        create(peer, configs={"retention.ms": "5", "segment.ms": "6"})
        resource = {
            "resource_type": _TOPIC_RESOURCE,
            "resource_name": TOPIC,
            "configs": [{"name": "segment.ms", "value": "7"}],
        }
        fields: Fields = {"resources": [resource], "validate_only": False}
        peer.call(ApiKey.ALTER_CONFIGS, 2, fields)
        told = described(peer)
        assert (told["retention.ms"], told["segment.ms"]) == ("604800000", "7")

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ([("retention.ms", _SET, "x")], ErrorCode.INVALID_CONFIG),
            ([("no.such", _SET, "1")], ErrorCode.INVALID_CONFIG),
            ([("retention.ms", _SET, None)], ErrorCode.INVALID_CONFIG),
            ([("retention.ms", 9, "1")], ErrorCode.INVALID_REQUEST),
            (
                [("retention.ms", _SET, "1"), ("retention.ms", _SET, "2")],
                ErrorCode.INVALID_REQUEST,
            ),
            (
                [("min.compaction.lag.ms", _SET, "9"), ("max.compaction.lag.ms", _SET, "8")],
                ErrorCode.INVALID_CONFIG,
            ),
        ],
    )
    def test_what_is_wrong_changes_nothing(
        self, peer: Peer, changes: list[tuple[str, int, str | None]], code: ErrorCode
    ) -> None:
        create(peer)
        before = described(peer)
        assert alter(peer, *changes) is code
        assert described(peer) == before

    def test_of_a_topic_that_is_not_there(self, peer: Peer) -> None:
        assert alter(peer, ("retention.ms", _SET, "1")) is ErrorCode.UNKNOWN_TOPIC_OR_PARTITION

    def test_a_broker_tells_what_it_acts_by(self, peer: Peer) -> None:
        told = described(peer, _BROKER_RESOURCE, "1")
        assert told["auto.create.topics.enable"] == "true"
        assert told["log.retention.ms"] == "604800000"
        assert told["stend.broker.stopped"] == "false"

    def test_they_hold_at_once(self, peer: Peer) -> None:
        create(peer, configs={"max.message.bytes": "100"})
        answer = produce(peer, batch(b"x" * 200))
        assert answer["error_code"] == ErrorCode.MESSAGE_TOO_LARGE
        alter(peer, ("max.message.bytes", _SET, "1000"))
        assert produce(peer, batch(b"x" * 200))["error_code"] == ErrorCode.NONE


class TestFlushing:
    def test_a_record_counts_when_it_is_on_the_disk(self, stand: Stand, peer: Peer) -> None:
        create(peer)
        peer.send(ApiKey.PRODUCE, 11, produce_request(batch(b"1")))
        assert not peer.read()
        stand.sync()
        assert len(peer.read()) == 1

    def test_or_at_once_where_the_topic_wants_that(self, stand: Stand, peer: Peer) -> None:
        create(peer, configs={"flush.messages": str(2**63 - 1)})
        reader = Peer(stand)
        reader.send(ApiKey.FETCH, 12, fetch_request(max_wait_ms=60_000))
        peer.send(ApiKey.PRODUCE, 11, produce_request(batch(b"1")))
        assert len(peer.read()) == 1
        (answer,) = reader.read()
        assert values(fetched(answer)["records"]) == [b"1"]
        # It is synced all the same, behind the answer.
        assert stand.state.barrier.is_due

    def test_a_transaction_does_not_hold_it_up(self, stand: Stand, peer: Peer) -> None:
        create(peer, configs={"flush.messages": "1000"})
        till = Transactional(peer)
        till.init()
        till.put(b"1")
        till.commit()
        assert seen(peer) == [b"1"]


class TestOffsets:
    def test_beginning_end_and_by_time(self, peer: Peer) -> None:
        create(peer)
        for number in range(3):
            produce(peer, batch(b"%d" % number, at_ms=START_MS + 10 * number))
        assert offset_at(peer, EARLIEST)["offset"] == 0
        assert offset_at(peer, LATEST)["offset"] == 3
        assert offset_at(peer, MAX_TIMESTAMP)["offset"] == 2
        found = [offset_at(peer, START_MS + delay)["offset"] for delay in (-5, 0, 1, 20, 21)]
        assert found == [0, 0, 1, 2, -1]

    def test_records_are_cut_from_the_front(self, stand: Stand, peer: Peer) -> None:
        create(peer)
        for number in range(4):
            put(peer, b"%d" % number)

        def cut(offset: int) -> Fields:
            one = {"partition_index": 0, "offset": offset}
            fields: Fields = {
                "topics": [{"name": TOPIC, "partitions": [one]}],
                "timeout_ms": 1,
            }
            (topic,) = peer.call(ApiKey.DELETE_RECORDS, 2, fields)["topics"]
            return dict(topic["partitions"][0])

        assert cut(2)["low_watermark"] == 2
        assert fetch(peer, 1)["error_code"] == ErrorCode.OFFSET_OUT_OF_RANGE
        assert values(fetch(peer, 2)["records"]) == [b"2", b"3"]
        assert cut(5)["error_code"] == ErrorCode.OFFSET_OUT_OF_RANGE
        assert cut(-1)["low_watermark"] == 4
        stand.start()
        assert offset_at(Peer(stand), EARLIEST)["offset"] == 4

    def test_old_records_go(self, stand: Stand, peer: Peer) -> None:
        create(peer, configs={"retention.ms": "1000", "segment.ms": "500"})
        put(peer, b"old")
        stand.pass_ms(3000)
        assert offset_at(peer, EARLIEST)["offset"] == 1


def test_ids_are_stable_and_never_zero(stand: Stand, peer: Peer) -> None:
    create(peer)
    topic_id = stand.state.cluster.topics[TOPIC].id
    assert topic_id != UUID(int=0)
    stand.start()
    assert stand.state.cluster.topics[TOPIC].id == topic_id


def test_partitions_are_told_in_pages(peer: Peer) -> None:
    create(peer, "a", partitions=3)
    create(peer, "b", partitions=2)

    def page(cursor: Fields | None) -> tuple[list[tuple[str, int]], Fields | None]:
        fields: Fields = {"topics": [], "response_partition_limit": 2, "cursor": cursor}
        answer = peer.call(ApiKey.DESCRIBE_TOPIC_PARTITIONS, 0, fields)
        found = [
            (topic["name"], one["partition_index"])
            for topic in answer["topics"]
            for one in topic["partitions"]
        ]
        return found, answer["next_cursor"]

    first, cursor = page(None)
    second, cursor = page(cursor)
    third, cursor = page(cursor)
    assert first + second + third == [("a", 0), ("a", 1), ("a", 2), ("b", 0), ("b", 1)]
    assert cursor is None
