"""All segments of a log, oldest first. Pure."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from stend.engines.kafka.log.segment import Segment

# Closed segments whose files stay open, of those that were used last.
_WARM = 2


class Segments:
    """At least one; the last is the active one."""

    def __init__(self, segments: list[Segment]) -> None:
        self.all = segments
        self._bases = [segment.base_offset for segment in segments]
        self._warm: list[Segment] = []

    def __iter__(self) -> Iterator[Segment]:
        return iter(self.all)

    @property
    def active(self) -> Segment:
        return self.all[-1]

    @property
    def size_bytes(self) -> int:
        return sum(segment.size for segment in self.all)

    def reaching(self, offset: int) -> list[Segment]:
        """The segment that the offset is in, and those that follow."""
        return self.all[max(bisect_right(self._bases, offset) - 1, 0) :]

    def add(self, segment: Segment) -> None:
        """The active one from now on."""
        self.all.append(segment)
        self._bases.append(segment.base_offset)

    def replace(self, old: Sequence[Segment], new: Sequence[Segment]) -> None:
        """Others in the place of a run of segments."""
        at = self.all.index(old[0])
        self.all[at : at + len(old)] = new
        self._bases = [segment.base_offset for segment in self.all]
        for segment in old:
            segment.rest()

    def used(self, segment: Segment) -> None:
        """Its file stays open for a while, those of others are closed for it."""
        if segment is self.all[-1]:
            return
        if segment in self._warm:
            self._warm.remove(segment)
        self._warm.append(segment)
        while len(self._warm) > _WARM:
            self._warm.pop(0).rest()
