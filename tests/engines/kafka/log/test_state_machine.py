"""Random lives of a log, each step held against the plainest model of one.

The process is killed and the power goes, between two steps and in the middle of one. With
LONG_TESTS=1 a hundred times as many.
"""

import random
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from stend.engines.kafka.log.config import LogConfig
from stend.wire.kafka.compression import Compression
from stend.wire.kafka.errors import ErrorCode
from tests.engines.kafka.log.batches import Pair, batch
from tests.engines.kafka.log.world import Memory, Real, World, compacted
from tests.fakes.volume import Died
from tests.long_runs import is_long_run

pytestmark = pytest.mark.slow
_LIVES, _STEPS = (2000, 60) if is_long_run() else (40, 40)
_CONFIG = LogConfig(
    segment_bytes=900,
    index_interval_bytes=150,
    retention_ms=-1,
    min_cleanable_dirty_ratio=0.1,
    delete_retention_ms=40,
    file_delete_delay_ms=20,
    # They are forgotten by age elsewhere: here all must be known.
    producer_id_expiration_ms=10**15,
)
PRODUCERS = (1, 2, 3)

values = st.none() | st.binary(max_size=6) | st.just(b"v" * 80)
pairs = st.lists(
    st.tuples(st.sampled_from((b"a", b"b", b"c", b"d", b"")), values), min_size=1, max_size=6
)
producers = st.sampled_from(PRODUCERS)
seeds = st.integers(0, 2**32)


class Lives(RuleBasedStateMachine):
    """Rules are what producers do, what the house does, time, and all ways to end."""

    config = _CONFIG

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.new_place(), self.config)
        self.deaths = random.Random(0)

    def new_place(self) -> Memory | Real:
        return Memory()

    @invariant()
    def all_is_as_the_model_says(self) -> None:
        self.world.check()

    # Producers

    @rule(pairs=pairs, compression=st.sampled_from(Compression))
    def append(self, pairs: list[Pair], compression: Compression) -> None:
        self.world.append(pairs, compression)

    @rule(number=producers, pairs=pairs, txn=st.booleans())
    def append_as(self, number: int, pairs: list[Pair], txn: bool) -> None:
        known = self.world.producer(number)
        if known is not None and known.open_since is not None and not txn:
            code = self.world.refuse(pairs, (number, known.epoch, known.next_sequence), txn=False)
            assert code is ErrorCode.INVALID_TXN_STATE
            return
        # A producer nobody knows may begin anywhere; this one soon comes round to zero.
        epoch, sequence = (known.epoch, known.next_sequence) if known else (0, 2**31 - 3)
        self.world.append(pairs, producer=(number, epoch, sequence), is_transactional=txn)

    @rule(number=producers, back=st.integers(1, 5))
    def append_again(self, number: int, back: int) -> None:
        known = self.world.producer(number)
        if known is None or len(known.batches) < back:
            return
        sent = known.batches[-back]
        data: list[Pair] = [(b"again", b"")] * sent.count
        before = self.world.log.log_end_offset
        appended = self.world.log.append(
            batch(
                data,
                self.world.now_ms,
                producer=(number, known.epoch, sent.first_sequence),
                is_transactional=known.open_since is not None,
            ),
            leader_epoch=0,
            now_ms=self.world.now_ms,
        )
        assert appended.is_duplicate
        assert appended.base_offset == sent.first_offset
        assert appended.last_offset == sent.first_offset + sent.count - 1
        assert self.world.log.log_end_offset == before

    @rule(number=producers, gap=st.integers(1, 2**31 - 1))
    def append_with_a_gap(self, number: int, gap: int) -> None:
        known = self.world.producer(number)
        if known is None or not known.batches:
            return
        sequence = (known.next_sequence + gap) % 2**31
        if any(sequence == sent.first_sequence and sent.count == 1 for sent in known.batches):
            return
        txn = known.open_since is not None
        code = self.world.refuse([(b"gap", b"")], (number, known.epoch, sequence), txn=txn)
        assert code is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER

    @rule(number=producers, pairs=pairs)
    def append_in_a_new_epoch(self, number: int, pairs: list[Pair]) -> None:
        known = self.world.producer(number)
        if known is None or known.open_since is not None or known.epoch > 30_000:
            return
        wrong = self.world.refuse(pairs, (number, known.epoch + 1, 7), txn=False)
        assert wrong is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
        self.world.append(pairs, producer=(number, known.epoch + 1, 0))
        old = self.world.refuse(pairs, (number, known.epoch, known.next_sequence), txn=False)
        assert old is ErrorCode.INVALID_PRODUCER_EPOCH

    @rule(number=producers, is_commit=st.booleans(), bump=st.booleans())
    def end_transaction(self, number: int, is_commit: bool, bump: bool) -> None:
        known = self.world.producer(number)
        epoch = (known.epoch if known else 0) + bump
        self.world.end_transaction(number, epoch, is_commit=is_commit)

    # The broker

    @rule()
    def sync(self) -> None:
        self.world.sync()

    @rule(pairs=pairs)
    def append_while_the_disk_syncs(self, pairs: list[Pair]) -> None:
        log = self.world.log
        unsynced = log.sync_files()
        for file in unsynced.files:
            file.sync()
        self.world.append(pairs)
        log.synced(unsynced)

    @rule(later_ms=st.integers(0, 60))
    def keep_house(self, later_ms: int) -> None:
        self.world.now_ms += later_ms
        self.world.keep_house()

    @precondition(lambda self: self.config.is_deleted)
    @rule(part=st.floats(0, 1))
    def delete_records(self, part: float) -> None:
        log = self.world.log
        reach = log.synced_offset - log.log_start_offset
        self.world.delete_records(log.log_start_offset + int(part * reach))

    # Ends

    @rule()
    def restart(self) -> None:
        self.world.restart()

    @rule()
    def kill(self) -> None:
        self.world.kill()


class MortalLives(Lives):
    """In memory, where it can also end in the middle of something."""

    @rule(seed=seeds)
    def lose_power(self, seed: int) -> None:
        self.world.lose_power(random.Random(seed).randrange)

    @rule(seed=seeds, after=st.integers(1, 60), kill_only=st.booleans(), keep_house=st.booleans())
    def die_soon(self, seed: int, after: int, kill_only: bool, keep_house: bool) -> None:
        """While the house is kept, or while producers append."""
        assert isinstance(self.world.place, Memory)
        disk = self.world.place.volume.disk
        chance = random.Random(seed)
        disk.choose = chance.randrange
        disk.dies_at = disk.operations + after
        try:
            if keep_house:
                self.world.keep_house()
            for step in range(20):
                self._step(chance, step)
        except Died:
            self.world.die(chance.randrange, kill_only=kill_only)
        else:
            disk.dies_at = None

    def _step(self, chance: random.Random, step: int) -> None:
        number = chance.choice(PRODUCERS)
        known = self.world.producer(number)
        if known is not None and chance.random() < 0.3:
            self.world.end_transaction(number, known.epoch, is_commit=chance.random() < 0.5)
        elif known is not None:
            self.world.append(
                [(b"a", b"%d" % step), (b"b", b"x" * 60)],
                producer=(number, known.epoch, known.next_sequence),
                is_transactional=known.open_since is not None or chance.random() < 0.5,
            )
        else:
            self.world.append([(b"c", b"%d" % step)])
        if chance.random() < 0.3:
            self.world.sync()


class CompactedLives(MortalLives):
    config = compacted(_CONFIG)


class RealLives(Lives):
    def new_place(self) -> Real:
        self.folder = Path(tempfile.mkdtemp(prefix="stend-log-"))
        return Real(self.folder)

    def teardown(self) -> None:
        self.world.log.close()
        shutil.rmtree(self.folder)


class CompactedRealLives(RealLives):
    config = compacted(_CONFIG)


@pytest.mark.parametrize(
    "machine",
    [MortalLives, CompactedLives, RealLives, CompactedRealLives],
    ids=lambda one: one.__name__,
)
def test_lives(machine: type[Lives]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=_LIVES,
            stateful_step_count=_STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
