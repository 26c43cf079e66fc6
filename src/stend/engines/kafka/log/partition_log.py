"""The log of one partition: what is appended, read, looked up and thrown away. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from stend.engines.kafka.errors import BrokerError
from stend.engines.kafka.log import names, retention
from stend.engines.kafka.log.checkpoints import write_log_start
from stend.engines.kafka.log.config import LogConfig
from stend.engines.kafka.log.damage import DamagedLogError
from stend.engines.kafka.log.house import House
from stend.engines.kafka.log.producers import Producer
from stend.engines.kafka.log.recovery import recover
from stend.engines.kafka.log.segment import Segment
from stend.engines.kafka.log.segments import Segments
from stend.engines.kafka.log.snapshots import encode
from stend.engines.kafka.log.times import find_time, max_timestamp
from stend.engines.kafka.log.validation import Ready, place, ready
from stend.engines.kafka.volume import Syncable, Volume
from stend.wire.kafka.errors import ErrorCode
from stend.wire.kafka.records import control_batch, read_batch_header


@dataclass(frozen=True, slots=True)
class Appended:
    """
    Attributes:
        log_append_time_ms: the broker's time, where the topic takes that; else -1.
        is_duplicate: it was there before, at these offsets, and was not appended again.
    """

    base_offset: int
    last_offset: int
    log_append_time_ms: int
    is_duplicate: bool


@dataclass(frozen=True, slots=True)
class Unsynced:
    """
    Attributes:
        files: to be synced in any thread; then everything below `end_offset` is safe.
    """

    files: list[Syncable]
    end_offset: int


class PartitionLog:
    """
    Attributes:
        config: may be replaced at any time.
        log_start_offset: the first that can be read.
        log_end_offset: of the next record.
        synced_offset: what is below is safe on the disk.
    """

    def __init__(self, volume: Volume, config: LogConfig, *, is_clean: bool, now_ms: int) -> None:
        recovered = recover(volume, config, is_clean=is_clean, now_ms=now_ms)
        self.config = config
        self.log_start_offset = recovered.log_start_offset
        self.log_end_offset = recovered.log_end_offset
        self.synced_offset = recovered.log_end_offset
        self._volume = volume
        self._segments = Segments(recovered.segments)
        self._producers = recovered.producers
        self._house = House(volume, self._segments, self._producers, recovered.cleaned)
        # The name of the active file may not be on the disk yet.
        self._has_new_name = True
        # What `close` writes is there already.
        self._is_saved = is_clean

    @classmethod
    def open(
        cls, volume: Volume, config: LogConfig, *, is_clean: bool, now_ms: int
    ) -> "PartitionLog":
        """
        Args:
            volume: the partition's own folder.
            is_clean: it was closed, and nobody has touched it since.

        Raises:
            DamagedLogError: the files are not what was written.
        """
        return cls(volume, config, is_clean=is_clean, now_ms=now_ms)

    @property
    def size_bytes(self) -> int:
        return self._segments.size_bytes

    @property
    def first_open_offset(self) -> int | None:
        """Of the oldest transaction that has not ended, or whose marker is not safe on the disk.

        No reader of committed records sees more: a crash could still open it again.
        """
        return self._producers.first_unstable_offset

    def open_transactions(self) -> dict[int, int]:
        """First offsets by producer."""
        return dict(self._producers.transactions)

    def producers(self) -> list[Producer]:
        return list(self._producers.states.values())

    def append(self, batch: bytes, *, leader_epoch: int, now_ms: int) -> Appended:
        """
        Args:
            batch: exactly one, of a client.

        Raises:
            BrokerError: why nothing was appended.
        """
        made = ready(batch, self.config, now_ms)
        if made.header.has_producer:
            if (sent := self._producers.duplicate_of(made.header)) is not None:
                return Appended(sent.first_offset, sent.last_offset, sent.timestamp, True)
            self._producers.check(made.header)
        base_offset = self.log_end_offset
        self._write(made, leader_epoch, now_ms)
        if made.header.has_producer:
            self._producers.enter(made.header)
        append_time = now_ms if self.config.is_log_append_time else -1
        return Appended(base_offset, self.log_end_offset - 1, append_time, False)

    def append_control(
        self,
        is_commit: bool,
        producer_id: int,
        producer_epoch: int,
        coordinator_epoch: int,
        *,
        leader_epoch: int,
        now_ms: int,
    ) -> int:
        """Ends the open transaction of the producer; the marker's offset.

        Raises:
            BrokerError: INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED.
        """
        self._producers.check_marker(producer_id, producer_epoch, coordinator_epoch)
        data = control_batch(producer_id, producer_epoch, is_commit, coordinator_epoch, now_ms)
        marker = Ready(bytearray(data), read_batch_header(data))
        self._write(marker, leader_epoch, now_ms)
        aborted = self._producers.enter_marker(
            marker.header,
            is_commit=is_commit,
            coordinator_epoch=coordinator_epoch,
            timestamp=now_ms,
        )
        if aborted is not None:
            self._segments.active.aborted.append(aborted)
        return marker.header.base_offset

    def read(
        self, offset: int, max_bytes: int, up_to_offset: int, *, at_least_one: bool = True
    ) -> bytes:
        """Whole batches of one segment from the one that has the offset on.

        Args:
            up_to_offset: no batch that reaches it is given.
            at_least_one: the first batch is given even when it is larger than `max_bytes`.

        Raises:
            BrokerError: OFFSET_OUT_OF_RANGE; KAFKA_STORAGE_ERROR when the disk gives nonsense.
        """
        if not self.log_start_offset <= offset <= self.log_end_offset:
            raise BrokerError(
                ErrorCode.OFFSET_OUT_OF_RANGE,
                f"Received request for offset {offset}, but we only have log segments from offset "
                f"{self.log_start_offset} to {self.log_end_offset}.",
            )
        try:
            for segment in self._segments.reaching(offset):
                if segment.base_offset >= up_to_offset:
                    break
                data = segment.read(offset, max_bytes, up_to_offset, at_least_one=at_least_one)
                self._segments.used(segment)
                # After compaction the rest of a segment can be gone.
                if data is not None:
                    return data
        except (DamagedLogError, OSError) as error:
            raise _failed(error) from error
        return b""

    def aborted(self, from_offset: int, up_to_offset: int) -> list[tuple[int, int]]:
        """Producers and first offsets of aborted transactions that have records in this range."""
        found: list[tuple[int, int]] = []
        for segment in self._segments.reaching(from_offset):
            for one in segment.aborted:
                if one.last_offset >= from_offset and one.first_offset < up_to_offset:
                    found.append((one.producer_id, one.first_offset))
                if one.last_stable_offset >= up_to_offset:
                    return found
        return found

    def find_time(self, timestamp_ms: int) -> tuple[int, int] | None:
        """Offset and timestamp of the first record that is as late or later."""
        begin = self.log_start_offset
        return self._timed(lambda segments: find_time(segments, timestamp_ms, begin))

    def max_timestamp(self) -> tuple[int, int] | None:
        """Offset and timestamp of the first of the latest records."""
        begin = self.log_start_offset
        return self._timed(lambda segments: max_timestamp(segments, begin))

    def delete_records(self, before_offset: int) -> int:
        """Nobody reads them any more; files go with `keep_house`. Returns the new log start offset.

        Raises:
            BrokerError: OFFSET_OUT_OF_RANGE; POLICY_VIOLATION of a topic that is only compacted.
        """
        if not self.config.is_deleted:
            raise BrokerError(
                ErrorCode.POLICY_VIOLATION,
                "Records can not be deleted: cleanup.policy does not have delete",
            )
        if not 0 <= before_offset <= self.synced_offset:
            raise BrokerError(
                ErrorCode.OFFSET_OUT_OF_RANGE,
                f"Cannot increment the log start offset to {before_offset}, which is beyond the "
                f"high watermark {self.synced_offset}",
            )
        try:
            self._begin_at(before_offset)
        except OSError as error:
            raise _failed(error) from error
        return self.log_start_offset

    def sync_files(self) -> Unsynced:
        """What has to be synced for all that was appended up to now."""
        files: list[Syncable] = [self._segments.active.file]
        if self._has_new_name:
            self._has_new_name = False
            files.append(self._volume)
        return Unsynced(files, self.log_end_offset)

    def synced(self, unsynced: Unsynced) -> None:
        self.synced_offset = max(self.synced_offset, unsynced.end_offset)
        self._producers.safe_below(self.synced_offset)

    def keep_house(self, now_ms: int, *, may_begin_compaction: bool = True) -> bool:
        """What is due: retention, a slice of compaction, files and producers that are forgotten.

        Args:
            may_begin_compaction: a round holds the keys of its log in memory until it is over.

        Returns:
            Whether there is something to be synced.
        """
        self._producers.expire(now_ms, self.config.producer_id_expiration_ms)
        house = self._house
        if house.problem is not None:
            return False
        try:
            house.empty_trash(now_ms)
            if not house.is_compacting:
                self._delete_old(now_ms)
            if house.is_compacting or may_begin_compaction:
                house.compact(self.config, self._last_stable_offset, now_ms)
        except (DamagedLogError, OSError) as error:
            house.give_up(str(error))
        return self._has_new_name

    @property
    def is_compacting(self) -> bool:
        """Whether a round is under way: each `keep_house` does a slice of it."""
        return self._house.is_compacting

    @property
    def house_problem(self) -> str | None:
        """Why `keep_house` does nothing any more until the log is opened again."""
        return self._house.problem

    def close(self) -> None:
        """Everything to the disk. The caller may then note that the log is clean.

        Raises:
            OSError, DamagedLogError: it is not.
        """
        if not self._is_saved:
            active = self._segments.active
            active.file.sync()
            active.save()
            self._write_snapshot()
        self.discard()

    def discard(self) -> None:
        """Closes the files of a log that nobody wants any more."""
        for segment in self._segments:
            segment.rest()

    @property
    def _last_stable_offset(self) -> int:
        first_open = self.first_open_offset
        return self.synced_offset if first_open is None else min(first_open, self.synced_offset)

    def _timed(
        self, look: Callable[[list[Segment]], tuple[int, int] | None]
    ) -> tuple[int, int] | None:
        try:
            return look(self._segments.all)
        except (DamagedLogError, OSError) as error:
            raise _failed(error) from error
        finally:
            for segment in self._segments:
                if segment.is_open:
                    self._segments.used(segment)

    def _count_due(self, now_ms: int) -> int:
        return retention.due(
            self._segments.all,
            self.config,
            log_start_offset=self.log_start_offset,
            high_watermark=self.synced_offset,
            log_end_offset=self.log_end_offset,
            now_ms=now_ms,
        )

    def _delete_old(self, now_ms: int) -> None:
        count = self._count_due(now_ms)
        if not count:
            return
        if count == len(self._segments.all):
            self._roll(now_ms)
        # Before the files go: a log that begins later than it should has lost some.
        self._begin_at(self._segments.all[count].base_offset)
        self._house.throw_away(count, now_ms + self.config.file_delete_delay_ms)

    def _begin_at(self, offset: int) -> None:
        if offset > self.log_start_offset:
            write_log_start(self._volume, offset)
            self.log_start_offset = offset

    def _write(self, batch: Ready, leader_epoch: int, now_ms: int) -> None:
        header = batch.header
        place(batch, self.log_end_offset, leader_epoch)
        try:
            if self._must_roll(header.max_timestamp, header.last_offset, len(batch.data), now_ms):
                self._roll(now_ms)
            self._segments.active.append(batch.data, header, self.config.index_interval_bytes)
        except (DamagedLogError, OSError) as error:
            raise _failed(error) from error
        self.log_end_offset = header.next_offset
        self._is_saved = False

    def _must_roll(self, timestamp: int, last_offset: int, size: int, now_ms: int) -> bool:
        active, config = self._segments.active, self.config
        if active.size > config.segment_bytes - size or not active.holds(last_offset):
            return True
        return active.size > 0 and (
            active.waited_ms(now_ms, timestamp) > config.max_segment_ms
            or active.is_index_full(config.segment_index_bytes)
        )

    def _roll(self, now_ms: int) -> None:
        """Closes the active segment and begins the next one.

        It is synced here, once in a segment's life: what a crash has cut off can then only be in
        the last one.
        """
        active = self._segments.active
        active.file.sync()
        active.save()
        self._write_snapshot()
        segment = Segment(self._volume, self.log_end_offset, now_ms)
        self._has_new_name = True
        self._is_saved = False
        self._segments.add(segment)
        self._segments.used(active)

    def _write_snapshot(self) -> None:
        """What is below its offset is safe: after a crash nobody needs to look there."""
        name = names.file_name(self.log_end_offset, names.SNAPSHOT)
        self._volume.write(name, encode(self._producers.states.values()))
        kept = {name, names.file_name(self._segments.active.base_offset, names.SNAPSHOT)}
        for other in self._volume.names():
            if names.offset_in(other, names.SNAPSHOT) is not None and other not in kept:
                self._volume.remove(other)


def _failed(error: Exception) -> BrokerError:
    return BrokerError(ErrorCode.KAFKA_STORAGE_ERROR, f"The log cannot be used: {error}")
