"""Producer ids, never given twice. Pure."""

from stend.engines.kafka.journal import Journal

_KEY = "producer-ids"
# As Kafka's controller hands them out: one record for so many ids.
_BLOCK = 1000


class ProducerIds:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        kept = journal.values.get(_KEY)
        # What was left of the last block is not used: who got one of it was not written down.
        self._next = self._end = kept["end"] if kept else 0

    def take(self) -> int:
        """A new id, safe after the next sync."""
        if self._next == self._end:
            self._end += _BLOCK
            self._journal.put(_KEY, {"end": self._end})
        self._next += 1
        return self._next - 1
