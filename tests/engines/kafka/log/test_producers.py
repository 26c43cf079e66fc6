"""Sequence numbers, epochs, transactions: who may append, and what a repeated batch is."""

import pytest

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.log.config import LogConfig
from stend.engines.kafka.log.partition_log import Appended, PartitionLog
from stend.engines.kafka.log.producers import Producer, Sent
from stend.engines.kafka.log.snapshots import DamagedSnapshotError, decode, encode
from stend.wire.kafka.errors import ErrorCode
from stend.wire.kafka.records import batches
from tests.engines.kafka.log.batches import NOW_MS, batch, committed, seen, stored, sync
from tests.fakes.volume import MemoryVolume

LAST = 2**31 - 1


class Log:
    """A log and how producers use it."""

    def __init__(self, config: LogConfig | None = None) -> None:
        self.volume = MemoryVolume()
        self.config = config or LogConfig()
        self.log = self.opened(is_clean=True)

    def opened(self, *, is_clean: bool) -> PartitionLog:
        return PartitionLog.open(self.volume, self.config, is_clean=is_clean, now_ms=NOW_MS)

    def restart(self, *, is_clean: bool) -> None:
        if is_clean:
            self.log.close()
        self.volume = self.volume.after_kill()
        self.log = self.opened(is_clean=is_clean)

    def send(
        self, sequence: int, count: int = 1, *, number: int = 7, epoch: int = 0, txn: bool = False
    ) -> Appended:
        data = batch(
            [(b"k", b"%d" % sequence)] * count,
            producer=(number, epoch, sequence),
            is_transactional=txn,
        )
        return self.log.append(data, leader_epoch=0, now_ms=NOW_MS)

    def end(
        self, *, number: int = 7, epoch: int = 0, commit: bool = True, coordinator: int = 0
    ) -> int:
        return self.log.append_control(
            commit, number, epoch, coordinator, leader_epoch=0, now_ms=NOW_MS
        )

    def refused(self, sequence: int, *, epoch: int = 0, txn: bool = False) -> ErrorCode:
        before = self.log.log_end_offset
        with pytest.raises(BrokerError) as caught:
            self.send(sequence, epoch=epoch, txn=txn)
        assert self.log.log_end_offset == before
        return caught.value.code


@pytest.fixture
def one() -> Log:
    return Log()


def test_the_last_five_batches_are_known_again(one: Log) -> None:
    sent = [one.send(number * 2, 2) for number in range(6)]
    assert [appended.is_duplicate for appended in sent] == [False] * 6
    for number in range(1, 6):
        again = one.send(number * 2, 2)
        first, last = sent[number].base_offset, sent[number].last_offset
        assert again == Appended(first, last, NOW_MS + 1, True)
    assert one.refused(0) is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert one.log.log_end_offset == 12


def test_a_gap_and_a_part_of_a_batch_are_out_of_order(one: Log) -> None:
    one.send(0, 3)
    for sequence in (1, 2, 4, LAST):
        assert one.refused(sequence) is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    # The same first number with another count is no duplicate.
    assert one.refused(0) is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert one.send(3).base_offset == 3


def test_numbers_go_round(one: Log) -> None:
    one.send(LAST - 1)
    assert one.send(LAST, 3).base_offset == 1
    assert one.log.producers()[0].last_sequence == 1
    again = one.send(LAST, 3)
    assert (again.base_offset, again.last_offset, again.is_duplicate) == (1, 3, True)
    assert one.send(2).base_offset == 4
    other = Log()
    other.send(LAST)
    assert other.refused(1) is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert other.send(0).base_offset == 1


def test_who_is_not_known_may_begin_with_any_number(one: Log) -> None:
    """KIP-360: its records may all have been deleted."""
    assert one.send(41).base_offset == 0
    assert one.refused(43) is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert one.send(42).base_offset == 1


def test_a_new_epoch_begins_with_zero_and_an_old_one_is_over(one: Log) -> None:
    one.send(0)
    assert one.refused(1, epoch=1) is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    one.send(0, epoch=1)
    assert one.refused(1, epoch=0) is ErrorCode.INVALID_PRODUCER_EPOCH
    # The same numbers in another epoch are other records.
    assert one.refused(0, epoch=0) is ErrorCode.INVALID_PRODUCER_EPOCH
    assert one.send(0, epoch=1).is_duplicate
    assert one.send(0, epoch=5).base_offset == 2


def test_a_marker_with_a_new_epoch_fences_the_old_one(one: Log) -> None:
    one.send(0, txn=True)
    one.end(epoch=1, commit=False)
    assert one.refused(1, txn=True) is ErrorCode.INVALID_PRODUCER_EPOCH
    assert one.refused(1, epoch=1, txn=True) is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert one.send(0, epoch=1, txn=True).base_offset == 2


def test_markers_of_zombies_are_refused(one: Log) -> None:
    one.send(0, epoch=3, txn=True)
    with pytest.raises(BrokerError) as caught:
        one.end(epoch=2)
    assert caught.value.code is ErrorCode.INVALID_PRODUCER_EPOCH
    one.end(epoch=3, coordinator=5)
    with pytest.raises(BrokerError) as caught:
        one.end(epoch=3, coordinator=4)
    assert caught.value.code is ErrorCode.TRANSACTION_COORDINATOR_FENCED
    assert one.end(epoch=3, coordinator=6) == 2


def test_within_a_transaction_every_batch_belongs_to_it(one: Log) -> None:
    one.send(0, txn=True)
    assert one.refused(1) is ErrorCode.INVALID_TXN_STATE
    one.end()
    assert one.send(1).base_offset == 2


def test_open_transactions_hold_committed_readers_back(one: Log) -> None:
    one.send(0, number=1)
    assert one.log.open_transactions() == {}
    one.send(0, number=2, txn=True)
    one.send(0, number=3, txn=True)
    one.send(1, number=2, txn=True)
    assert one.log.first_open_offset == 1
    assert one.log.open_transactions() == {2: 1, 3: 2}
    assert [one_.offset for one_ in committed(one.log)] == [0]
    assert one.end(number=2) == 4
    # A power loss could still take the marker away.
    assert (one.log.first_open_offset, one.log.open_transactions()) == (1, {3: 2})
    sync(one.log)
    assert one.log.first_open_offset == 2
    one.end(number=3, commit=False)
    sync(one.log)
    assert not one.log.open_transactions()
    assert one.log.aborted(0, 10) == [(3, 2)]
    assert [one_.offset for one_ in committed(one.log)] == [0, 1, 3]
    assert [one_.offset for one_ in seen(stored(one.log))] == [0, 1, 2, 3]


def test_only_aborts_that_touch_the_range_are_told(one: Log) -> None:
    for _ in range(3):
        # Data at 0, 2, 4, markers at 1, 3, 5.
        one.send(len(one.log.aborted(0, 99)), txn=True)
        one.end(commit=False)
    assert one.log.aborted(0, 6) == [(7, 0), (7, 2), (7, 4)]
    assert one.log.aborted(1, 6) == [(7, 0), (7, 2), (7, 4)]
    assert one.log.aborted(2, 4) == [(7, 2)]
    assert one.log.aborted(2, 5) == [(7, 2), (7, 4)]
    assert one.log.aborted(6, 9) == []


def test_an_end_without_a_beginning_aborts_nothing(one: Log) -> None:
    assert one.end(commit=False) == 0
    ((head, _),) = batches(stored(one.log))
    assert head.is_control
    assert one.log.aborted(0, 9) == []
    assert one.log.producers()[0].coordinator_epoch == 0


@pytest.mark.parametrize("is_clean", [True, False], ids=["clean", "killed"])
def test_all_that_is_known_survives(is_clean: bool) -> None:
    one = Log(LogConfig(segment_bytes=400))
    for sequence in range(7):
        one.send(sequence, number=1)
    one.send(0, number=2, txn=True)
    one.end(number=2, commit=False)
    one.send(0, number=2, epoch=1)
    one.send(0, number=3, epoch=9, txn=True)
    sync(one.log)
    before = {state.producer_id: state for state in one.log.producers()}
    told = (one.log.aborted(0, 99), one.log.open_transactions(), committed(one.log))
    for _ in range(2):
        one.restart(is_clean=is_clean)
        assert {state.producer_id: state for state in one.log.producers()} == before
        assert (one.log.aborted(0, 99), one.log.open_transactions(), committed(one.log)) == told
    assert one.send(2, number=1).is_duplicate
    assert one.send(7, number=1).base_offset == 11
    one.end(number=3, epoch=9)
    assert not one.log.open_transactions()


def test_the_silent_are_forgotten_but_not_in_a_transaction() -> None:
    one = Log(LogConfig(producer_id_expiration_ms=1000, retention_ms=-1))
    one.send(0, number=1)
    one.send(0, number=2, txn=True)
    one.log.keep_house(NOW_MS + 999)
    assert len(one.log.producers()) == 2
    one.log.keep_house(NOW_MS + 1000)
    assert [state.producer_id for state in one.log.producers()] == [2]
    assert one.send(9, number=1).base_offset == 2


def test_a_snapshot_is_what_it_was_made_of() -> None:
    states = [Producer(1), Producer(2, 3, 4, 5, 6), Producer(2**62, 2**15 - 1, -1, NOW_MS)]
    for number in range(3):
        states[2].batches.append(Sent(LAST - number, number, number, NOW_MS))
    data = encode(states)
    assert decode(data) == states
    assert decode(encode([])) == []
    for end in range(len(data)):
        with pytest.raises(DamagedSnapshotError):
            decode(data[:end])
    for at in range(len(data)):
        with pytest.raises(DamagedSnapshotError):
            decode(data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :])
