"""What goes on behind the back of a log: retention, compaction, files thrown away. Pure."""

from collections import deque
from collections.abc import Iterator, Sequence

from stend.engines.kafka.log import names
from stend.engines.kafka.log.checkpoints import Cleaned
from stend.engines.kafka.log.compaction import Dirt, Round, dirt
from stend.engines.kafka.log.config import LogConfig
from stend.engines.kafka.log.producers import Producers
from stend.engines.kafka.log.segment import Segment
from stend.engines.kafka.log.segments import Segments
from stend.engines.kafka.volume import Volume


class House:
    """
    Attributes:
        problem: why nothing is done any more; None while all is well.
    """

    def __init__(
        self, volume: Volume, segments: Segments, producers: Producers, cleaned: Cleaned
    ) -> None:
        self.problem: str | None = None
        self._volume = volume
        self._segments = segments
        self._producers = producers
        self._cleaned = cleaned
        # Segments that were thrown away, and when their files go.
        self._trash: deque[tuple[int, Segment]] = deque()
        self._round: Round | None = None
        self._slices: Iterator[None] = iter(())
        self._discard_ms = 0

    @property
    def is_compacting(self) -> bool:
        return self._round is not None

    def empty_trash(self, now_ms: int) -> None:
        while self.is_trash_due(now_ms):
            self._trash.popleft()[1].remove()

    def throw_away(self, count: int, discard_ms: int) -> None:
        """The oldest segments: no reader gets them any more, their files go at that time."""
        old = self._segments.all[:count]
        self._segments.replace(old, [])
        for segment in old:
            segment.rename(names.DELETED, log_first=True)
            self._trash.append((discard_ms, segment))

    def compact(self, config: LogConfig, last_stable_offset: int, now_ms: int) -> None:
        """A slice of the round under way, or of one that is due now."""
        if not self.is_due(config, last_stable_offset, now_ms):
            return
        if self._round is None:
            self._begin(self._dirt(config, last_stable_offset, now_ms), config, now_ms)
        self._discard_ms = now_ms + config.file_delete_delay_ms
        try:
            next(self._slices)
        except StopIteration:
            self._end()

    def give_up(self, problem: str) -> None:
        """As in Kafka, records still come and go."""
        self.problem = problem
        self._round = None

    def is_trash_due(self, now_ms: int) -> bool:
        return bool(self._trash) and self._trash[0][0] <= now_ms

    def is_due(self, config: LogConfig, last_stable_offset: int, now_ms: int) -> bool:
        """Whether there is something to compact now."""
        if self._round is not None:
            return True
        if not config.is_compacted:
            return False
        return self._dirt(config, last_stable_offset, now_ms).is_due(config)

    def _dirt(self, config: LogConfig, last_stable_offset: int, now_ms: int) -> Dirt:
        return dirt(
            self._segments.all,
            config,
            self._cleaned,
            last_stable_offset=last_stable_offset,
            now_ms=now_ms,
        )

    def _begin(self, work: Dirt, config: LogConfig, now_ms: int) -> None:
        segments = [one for one in self._segments if one.base_offset < work.end]
        aborted = [
            one
            for segment in self._segments
            for one in segment.aborted
            if one.first_offset < work.end
        ]
        self._round = Round(
            self._volume,
            config,
            segments,
            work,
            aborted,
            self._producers.states,
            now_ms,
            self._swap,
        )
        self._slices = self._round.run()

    def _end(self) -> None:
        if self._round is not None:
            self._cleaned = self._round.cleaned
        self._round = None

    def _swap(self, old: Sequence[Segment], new: Segment) -> None:
        """After a crash at any moment either is there: see `recovery`."""
        new.rest()
        new.rename(names.SWAP, log_first=False)
        self._volume.sync()
        self._segments.replace(old, [new])
        for segment in old:
            segment.rename(names.DELETED, log_first=True)
            self._trash.append((self._discard_ms, segment))
        new.rename("", log_first=False)
        self._volume.sync()
