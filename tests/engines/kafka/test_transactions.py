"""Transactions, request by request, with a disk that is waited for when the test says so."""

import pytest

from stend.engines.kafka.transactions.coordinator import EXPIRATION_MS, MAX_TIMEOUT_MS
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.codec import Fields
from stend.wire.kafka.errors import ErrorCode
from tests.engines.kafka.asking import (
    LATEST,
    READ_COMMITTED,
    READ_UNCOMMITTED,
    TOPIC,
    Transactional,
    code_of,
    create,
    fetch,
    offset_at,
    put,
    seen,
)
from tests.engines.kafka.peer import Peer, Stand
from tests.fakes.volume import MemoryVolume

GROUP = "billing"


@pytest.fixture
def stand() -> Stand:
    return Stand(MemoryVolume())


@pytest.fixture
def peer(stand: Stand) -> Peer:
    peer = Peer(stand)
    create(peer, partitions=2)
    return peer


@pytest.fixture
def till(peer: Peer) -> Transactional:
    till = Transactional(peer)
    assert till.init() is ErrorCode.NONE
    return till


def test_what_is_committed_is_seen(peer: Peer, till: Transactional) -> None:
    till.put(b"1", b"2")
    assert till.commit() is ErrorCode.NONE
    assert seen(peer) == [b"1", b"2"]


def test_what_is_aborted_is_seen_only_by_who_wants_it(peer: Peer, till: Transactional) -> None:
    till.put(b"1")
    assert till.abort() is ErrorCode.NONE
    put(peer, b"2")
    assert seen(peer) == [b"2"]
    assert seen(peer, isolation=READ_UNCOMMITTED) == [b"1", b"2"]


def test_an_open_transaction_holds_back_what_came_after_it(peer: Peer, till: Transactional) -> None:
    put(peer, b"before")
    till.put(b"open")
    put(peer, b"after")
    assert seen(peer) == [b"before"]
    answer = fetch(peer, isolation=READ_COMMITTED)
    assert answer["last_stable_offset"] == 1
    assert answer["high_watermark"] == 3
    assert offset_at(peer, LATEST, isolation=READ_COMMITTED)["offset"] == 1
    till.commit()
    assert seen(peer) == [b"before", b"open", b"after"]


def test_the_end_comes_to_all_partitions(peer: Peer, till: Transactional) -> None:
    till.put(b"1")
    till.put(b"2", index=1)
    till.commit()
    for index in (0, 1):
        # One record and one marker.
        assert offset_at(peer, LATEST, index=index)["offset"] == 2


def test_an_end_is_answered_when_its_markers_are_safe(
    stand: Stand, peer: Peer, till: Transactional
) -> None:
    till.put(b"1")
    peer.send(ApiKey.END_TXN, 3, till.end_request(is_commit=True))
    (partition, _) = stand.state.cluster.topics[TOPIC].partitions
    assert partition.log.log_end_offset == 1
    stand.sync()
    # The decision is safe, the marker is written.
    assert partition.log.log_end_offset == 2
    assert not peer.read()
    stand.settle()
    assert [one["error_code"] for one in peer.read()] == [ErrorCode.NONE]


def test_an_end_may_be_asked_again(till: Transactional) -> None:
    till.put(b"1")
    assert [till.commit(), till.commit()] == [ErrorCode.NONE, ErrorCode.NONE]
    assert till.abort() is ErrorCode.INVALID_TXN_STATE


def test_nothing_begun_cannot_end(till: Transactional) -> None:
    assert till.commit() is ErrorCode.INVALID_TXN_STATE
    assert till.abort() is ErrorCode.INVALID_TXN_STATE


def test_a_partition_is_added_first(till: Transactional) -> None:
    assert till.write(b"1") is ErrorCode.INVALID_TXN_STATE
    till.put(b"1")
    assert till.write(b"2", index=1) is ErrorCode.INVALID_TXN_STATE


def test_an_unknown_partition_is_not_added(till: Transactional) -> None:
    assert till.add(index=7) is ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


class TestZombies:
    def test_a_second_producer_fences_the_first(self, peer: Peer, till: Transactional) -> None:
        till.put(b"zombie")
        successor = Transactional(peer)
        assert successor.init() is ErrorCode.NONE
        assert successor.id == till.id
        assert successor.epoch > till.epoch
        assert till.write(b"late") is ErrorCode.INVALID_PRODUCER_EPOCH
        assert till.add() is ErrorCode.PRODUCER_FENCED
        assert till.commit() is ErrorCode.PRODUCER_FENCED
        successor.put(b"1")
        successor.commit()
        assert seen(peer) == [b"1"]

    def test_old_clients_are_told_by_the_code_they_know(
        self, peer: Peer, till: Transactional
    ) -> None:
        till.put(b"zombie")
        Transactional(peer).init()
        answer = peer.call(ApiKey.END_TXN, 1, till.end_request(is_commit=True))
        assert answer["error_code"] == ErrorCode.INVALID_PRODUCER_EPOCH

    def test_another_producer_id_is_no_match(self, till: Transactional) -> None:
        till.put(b"1")
        till.id += 1
        assert till.commit() is ErrorCode.INVALID_PRODUCER_ID_MAPPING


class TestEpochs:
    def test_a_producer_asks_for_its_next_epoch(self, till: Transactional) -> None:
        before = till.id, till.epoch
        assert till.init(before) is ErrorCode.NONE
        assert (till.id, till.epoch) == (before[0], before[1] + 1)
        # The same request once more, since its answer was lost: the same epoch.
        assert till.init(before) is ErrorCode.NONE
        assert till.epoch == before[1] + 1

    def test_an_epoch_that_is_over_gets_none(self, peer: Peer, till: Transactional) -> None:
        before = till.id, till.epoch
        Transactional(peer).init()
        assert till.init(before) is ErrorCode.PRODUCER_FENCED

    def test_the_last_epoch_is_followed_by_a_new_id(
        self, stand: Stand, till: Transactional
    ) -> None:
        before = till.id
        stand.state.transactions.by_id["till"].epoch = 32_766
        assert till.init() is ErrorCode.NONE
        assert till.id != before
        assert till.epoch == 0

    def test_producer_ids_are_never_given_twice(self, stand: Stand, till: Transactional) -> None:
        stand.start()
        other = Transactional(Peer(stand), "other")
        other.init()
        assert other.id > till.id


class TestTimeouts:
    def test_what_is_open_too_long_is_aborted_and_its_producer_fenced(
        self, stand: Stand, peer: Peer
    ) -> None:
        till = Transactional(peer, timeout_ms=5000)
        till.init()
        till.put(b"slow")
        stand.pass_ms(4999)
        assert fetch(peer, isolation=READ_COMMITTED)["last_stable_offset"] == 0
        stand.pass_ms(1)
        assert fetch(peer, isolation=READ_COMMITTED)["last_stable_offset"] == 2
        assert seen(peer) == []
        assert till.commit() is ErrorCode.PRODUCER_FENCED

    @pytest.mark.parametrize("timeout_ms", [0, -1, MAX_TIMEOUT_MS + 1])
    def test_a_timeout_has_bounds(self, peer: Peer, timeout_ms: int) -> None:
        till = Transactional(peer, "other", timeout_ms)
        assert till.init() is ErrorCode.INVALID_TRANSACTION_TIMEOUT

    def test_ids_that_nobody_uses_are_forgotten(self, stand: Stand, till: Transactional) -> None:
        stand.now_ms += EXPIRATION_MS + 1
        stand.pass_ms(2000)
        assert till.add() is ErrorCode.INVALID_PRODUCER_ID_MAPPING


class TestRestarts:
    def test_an_open_transaction_goes_on(self, stand: Stand, till: Transactional) -> None:
        till.put(b"1")
        stand.start()
        till.peer = Peer(stand)
        assert till.write(b"2") is ErrorCode.NONE
        assert till.commit() is ErrorCode.NONE
        assert seen(till.peer) == [b"1", b"2"]

    @pytest.mark.parametrize("rounds", [1, 2])
    def test_a_decision_that_is_safe_is_carried_out(
        self, stand: Stand, till: Transactional, rounds: int
    ) -> None:
        till.put(b"1")
        till.put(b"2", index=1)
        till.peer.send(ApiKey.END_TXN, 3, till.end_request(is_commit=True))
        for _ in range(rounds):
            stand.sync()
        stand.start()
        peer = Peer(stand)
        assert seen(peer) == [b"1"]
        # The markers are there once, however often they were to be written.
        assert offset_at(peer, LATEST)["offset"] == 2
        till.peer = peer
        assert till.commit() is ErrorCode.NONE


class TestOffsets:
    def commit(self, till: Transactional, offset: int) -> ErrorCode:
        fields: Fields = {
            "transactional_id": till.name,
            "group_id": GROUP,
            "producer_id": till.id,
            "producer_epoch": till.epoch,
            "generation_id": -1,
            "member_id": "",
            "group_instance_id": None,
            "topics": [
                {
                    "name": TOPIC,
                    "partitions": [
                        {
                            "partition_index": 0,
                            "committed_offset": offset,
                            "committed_leader_epoch": -1,
                            "committed_metadata": "",
                        }
                    ],
                }
            ],
        }
        (topic,) = till.peer.call(ApiKey.TXN_OFFSET_COMMIT, 3, fields)["topics"]
        return code_of(topic["partitions"][0]["error_code"])

    def add(self, till: Transactional) -> ErrorCode:
        fields = {
            "transactional_id": till.name,
            "producer_id": till.id,
            "producer_epoch": till.epoch,
            "group_id": GROUP,
        }
        answer = till.peer.call(ApiKey.ADD_OFFSETS_TO_TXN, 3, fields)
        return code_of(answer["error_code"])

    def committed(self, peer: Peer, *, require_stable: bool = False) -> tuple[int, ErrorCode]:
        asked = {"name": TOPIC, "partition_indexes": [0]}
        fields = {"group_id": GROUP, "topics": [asked], "require_stable": require_stable}
        (topic,) = peer.call(ApiKey.OFFSET_FETCH, 7, fields)["topics"]
        (one,) = topic["partitions"]
        return one["committed_offset"], code_of(one["error_code"])

    def test_they_hold_once_the_transaction_is_committed(
        self, peer: Peer, till: Transactional
    ) -> None:
        assert self.add(till) is ErrorCode.NONE
        assert self.commit(till, 5) is ErrorCode.NONE
        assert self.committed(peer) == (-1, ErrorCode.NONE)
        unstable = self.committed(peer, require_stable=True)
        assert unstable[1] is ErrorCode.UNSTABLE_OFFSET_COMMIT
        till.commit()
        assert self.committed(peer, require_stable=True) == (5, ErrorCode.NONE)

    def test_an_abort_drops_them(self, peer: Peer, till: Transactional) -> None:
        self.add(till)
        self.commit(till, 5)
        till.abort()
        assert self.committed(peer, require_stable=True) == (-1, ErrorCode.NONE)

    def test_the_group_is_added_first(self, till: Transactional) -> None:
        assert self.commit(till, 5) is ErrorCode.INVALID_TXN_STATE

    def test_a_zombie_commits_none(self, peer: Peer, till: Transactional) -> None:
        self.add(till)
        Transactional(peer).init()
        assert self.commit(till, 5) is ErrorCode.INVALID_PRODUCER_EPOCH

    def test_a_safe_decision_survives_a_restart(self, stand: Stand, till: Transactional) -> None:
        self.add(till)
        self.commit(till, 5)
        till.peer.send(ApiKey.END_TXN, 3, till.end_request(is_commit=True))
        stand.sync()
        stand.start()
        assert self.committed(Peer(stand), require_stable=True) == (5, ErrorCode.NONE)


class TestWhatAdminsSee:
    def test_states(self, peer: Peer, till: Transactional) -> None:
        till.put(b"1")
        fields: Fields = {"state_filters": ["Ongoing"], "producer_id_filters": []}
        (listed,) = peer.call(ApiKey.LIST_TRANSACTIONS, 0, fields)["transaction_states"]
        assert listed["transactional_id"] == "till"
        described = peer.call(
            ApiKey.DESCRIBE_TRANSACTIONS, 0, {"transactional_ids": ["till", "nobody"]}
        )["transaction_states"]
        assert described[0]["transaction_state"] == "Ongoing"
        assert described[0]["topics"] == [{"topic": TOPIC, "partitions": [0]}]
        assert described[1]["error_code"] == ErrorCode.TRANSACTIONAL_ID_NOT_FOUND

    def test_producers_of_a_partition(self, peer: Peer, till: Transactional) -> None:
        put(peer, b"0")
        till.put(b"1")
        asked = {"topics": [{"name": TOPIC, "partition_indexes": [0]}]}
        (topic,) = peer.call(ApiKey.DESCRIBE_PRODUCERS, 0, asked)["topics"]
        (producer,) = topic["partitions"][0]["active_producers"]
        assert producer["producer_id"] == till.id
        assert producer["current_txn_start_offset"] == 1
        till.commit()
        (topic,) = peer.call(ApiKey.DESCRIBE_PRODUCERS, 0, asked)["topics"]
        (producer,) = topic["partitions"][0]["active_producers"]
        assert producer["current_txn_start_offset"] == -1
