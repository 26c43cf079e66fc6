"""From the files of a folder to a log that can go on. Pure.

After a clean end the files are trusted. After anything else the segments behind the last snapshot
are read whole: their checksums are compared, a batch that was cut off is taken off, their indexes
are made again. A segment is synced before the next one begins, so only the last can have been cut
off by a crash; what is wrong anywhere else stops the start.
"""

from dataclasses import dataclass

from stend.engines.kafka.log import names
from stend.engines.kafka.log.checkpoints import Cleaned, read_cleaned, read_log_start
from stend.engines.kafka.log.config import LogConfig
from stend.engines.kafka.log.damage import DamagedLogError, is_torn
from stend.engines.kafka.log.indexes import DamagedIndexError
from stend.engines.kafka.log.producers import Producer, Producers
from stend.engines.kafka.log.segment import Segment
from stend.engines.kafka.log.snapshots import DamagedSnapshotError, decode, encode
from stend.engines.kafka.volume import Volume
from stend.wire.kafka.errors import WireError
from stend.wire.kafka.records import BatchHeader, check_crc, end_marker, records

# More than that is synced long before: no crash can have cut it off.
_MOST_TORN_BYTES = 256 * 1024 * 1024


@dataclass(slots=True)
class Recovered:
    """
    Attributes:
        segments: at least one; the last is the active one.
    """

    segments: list[Segment]
    producers: Producers
    log_start_offset: int
    log_end_offset: int
    cleaned: Cleaned


def recover(volume: Volume, config: LogConfig, *, is_clean: bool, now_ms: int) -> Recovered:
    """
    Args:
        is_clean: the log was closed, and nothing has happened since.

    Raises:
        DamagedLogError: the files are not what was written.
    """
    _tidy(volume, now_ms)
    return _Recovery(volume, config, now_ms).run(is_clean=is_clean)


def _tidy(volume: Volume, now_ms: int) -> None:
    """Ends what was under way: deletions, and swaps of compacted segments (LogLoader).

    While the compacted log stands there as `.swap`, the swap is decided and has to be ended.
    """
    swaps: list[Segment] = []
    for name in sorted(volume.names()):
        if name.endswith((names.DELETED, names.CLEANED, names.SCRATCH)):
            volume.remove(name)
        elif (base := names.offset_in(name, names.LOG + names.SWAP)) is not None:
            swaps.append(open_segment(volume, base, now_ms, names.SWAP))
    for swap in swaps:
        _remove_replaced(volume, swap)
        swap.rest()
        swap.rename("", log_first=False)
    for name in volume.names():
        # Its log is not there yet, so nothing was decided.
        if name.endswith(names.SWAP):
            volume.remove(name)
    present = set(volume.names())
    for name in present:
        for kind in names.PARTS[1:]:
            base = names.offset_in(name, kind)
            if base is not None and names.file_name(base, names.LOG) not in present:
                volume.remove(name)
    volume.sync()


def _remove_replaced(volume: Volume, swap: Segment) -> None:
    """Those of which it has the records; its own parts take the place of those they replace."""
    end = swap.end_offset()
    for name in volume.names():
        for kind in names.PARTS:
            base = names.offset_in(name, kind)
            if base is not None and swap.base_offset < base < end:
                volume.remove(name)


def open_segment(volume: Volume, base_offset: int, now_ms: int, suffix: str = "") -> Segment:
    """A segment that stands in the folder; its file is closed again."""
    file = volume.open(names.file_name(base_offset, names.LOG) + suffix)
    size = file.size
    file.close()
    return Segment(volume, base_offset, now_ms, suffix=suffix, size=size)


class _Recovery:
    def __init__(self, volume: Volume, config: LogConfig, now_ms: int) -> None:
        self._volume = volume
        self._config = config
        self._now_ms = now_ms
        self._cleaned = read_cleaned(volume)
        self._producers = Producers()
        self._state_before_last = b""
        present = volume.names()
        bases = sorted(
            base for name in present if (base := names.offset_in(name, names.LOG)) is not None
        )
        self._segments = [open_segment(volume, base, now_ms) for base in bases]
        self._snapshots = sorted(
            base for name in present if (base := names.offset_in(name, names.SNAPSHOT)) is not None
        )

    def run(self, *, is_clean: bool) -> Recovered:
        log_start = read_log_start(self._volume)
        point, states = self._newest_snapshot(None)
        if not self._segments:
            self._segments = [Segment(self._volume, log_start, self._now_ms)]
        end = self._trust(point, states) if is_clean else self._examine(point)
        self._producers.safe_below(end)
        self._check_reach(log_start, max(log_start, point), end)
        for segment in self._segments[:-1]:
            segment.rest()
        return Recovered(self._segments, self._producers, log_start, end, self._cleaned)

    def _check_reach(self, log_start: int, known_end: int, end: int) -> None:
        first, last = self._segments[0], self._segments[-1]
        if first.base_offset > log_start:
            raise DamagedLogError(
                names.file_name(log_start, names.LOG),
                0,
                f"it is missing, the log begins in {first.name}",
            )
        if end < known_end:
            raise DamagedLogError(
                last.name,
                last.size,
                f"it ends at offset {end}, but the log was known to reach {known_end}",
            )

    def _newest_snapshot(self, up_to: int | None) -> tuple[int, list[Producer]]:
        """The last one that is whole, of those up to an offset; 0 and nobody when there is none."""
        for offset in reversed(self._snapshots):
            if up_to is None or offset <= up_to:
                try:
                    name = names.file_name(offset, names.SNAPSHOT)
                    return offset, decode(self._volume.read(name))
                except DamagedSnapshotError:
                    continue
        return 0, []

    def _trust(self, point: int, states: list[Producer]) -> int:
        last = self._segments[-1]
        end = last.end_offset()
        self._load_aborted(len(self._segments))
        for state in states:
            self._producers.restore(state)
        for index in range(self._place(point), len(self._segments)):
            if point < end:
                self._replay(self._segments[index], point)
        return end

    def _examine(self, point: int) -> int:
        place = self._place(point)
        base = self._segments[place].base_offset
        replay_from, states = self._newest_snapshot(base)
        self._load_aborted(place)
        for state in states:
            self._producers.restore(state)
        for segment in self._segments[self._place(replay_from) : place]:
            self._replay(segment, replay_from)
        end = base
        for segment in self._segments[place:]:
            end = self._read_whole(segment, end)
        self._make_safe(place)
        return end

    def _place(self, offset: int) -> int:
        """The segment that the offset is in; the first when all are behind it."""
        places = [
            place for place, segment in enumerate(self._segments) if segment.base_offset <= offset
        ]
        return places[-1] if places else 0

    def _load_aborted(self, count: int) -> None:
        """The transaction indexes of the first segments; all are made again if one is lost."""
        trusted = self._segments[:count]
        try:
            for segment in trusted:
                if segment.size:
                    segment.load_aborted()
        except DamagedIndexError:
            # They need the producers as they were then; as they are now is in a snapshot.
            now, self._producers = self._producers, Producers()
            for segment in trusted:
                self._replay(segment, 0)
                segment.save_aborted()
            self._producers = now

    def _replay(self, segment: Segment, from_offset: int) -> None:
        """Enters what producers did from an offset on; the transaction index is made again."""
        kept = [one for one in segment.aborted if one.last_offset < from_offset]
        segment.aborted = kept
        for position, batch, header in segment.batches(0):
            if header.base_offset >= from_offset:
                self._enter(segment, position, batch, header)

    def _enter(self, segment: Segment, position: int, batch: bytes, header: BatchHeader) -> None:
        if not header.has_producer:
            return
        if not header.is_control:
            self._producers.enter(header)
        # A marker that compaction has emptied ended a transaction that is gone.
        elif header.count:
            try:
                marker = end_marker(records(batch, 0, header)[0])
            except WireError as error:
                raise DamagedLogError(segment.name, position, str(error)) from error
            if marker is None:
                return
            aborted = self._producers.enter_marker(
                header,
                is_commit=marker.is_commit,
                coordinator_epoch=marker.coordinator_epoch,
                timestamp=header.max_timestamp,
            )
            if aborted is not None:
                segment.aborted.append(aborted)

    def _read_whole(self, segment: Segment, end: int) -> int:
        """Compares every checksum; takes off what was cut off by a crash."""
        is_last = segment is self._segments[-1]
        segment.reset()
        segment.aborted = []
        if is_last:
            self._state_before_last = encode(self._producers.states.values())
        self._check_place(segment, 0, segment.base_offset, end)
        end = max(end, segment.base_offset)
        try:
            for position, batch, header in segment.batches(0):
                self._check(segment, position, batch, header, end)
                segment.note(header, position, self._config.index_interval_bytes)
                self._enter(segment, position, batch, header)
                end = header.next_offset
        except DamagedLogError as error:
            left = segment.size - error.position
            if not is_last or left > _MOST_TORN_BYTES:
                raise
            if not is_torn(segment.file.read(error.position, left), error.position):
                raise
            segment.truncate(error.position)
        return end

    def _check(
        self, segment: Segment, position: int, batch: bytes, header: BatchHeader, end: int
    ) -> None:
        try:
            check_crc(batch, 0, header)
        except WireError as error:
            raise DamagedLogError(segment.name, position, str(error)) from error
        self._check_place(segment, position, header.base_offset, end)
        segment.check_reach(header, position)

    def _check_place(self, segment: Segment, position: int, offset: int, end: int) -> None:
        """The checksum does not cover the offset: it must follow on the one before."""
        may_jump = offset > end and end < self._cleaned.gaps_below
        if offset != end and not may_jump:
            raise DamagedLogError(
                segment.name, position, f"offset {offset}, where {end} should follow"
            )

    def _make_safe(self, place: int) -> None:
        """What was read is not read again after the next crash, and is on the disk."""
        last = self._segments[-1]
        for segment in self._segments[place:]:
            segment.file.sync()
            if segment is not last:
                segment.save()
        if last is not self._segments[place]:
            name = names.file_name(last.base_offset, names.SNAPSHOT)
            self._volume.write(name, self._state_before_last)
