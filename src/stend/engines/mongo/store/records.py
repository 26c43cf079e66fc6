"""The records of a collection, with the old versions that open snapshots still see."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Final

from stend.engines.mongo.store.ledger import RECORD_BYTES, Ledger

_FIRST: Final = 128


class Records:
    """
    Attributes:
        size_bytes: of the documents as they are now.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.size_bytes = 0
        self._ledger = ledger
        self._current: dict[int, bytes] = {}
        self._next = 1
        self._last = 0
        self._is_in_order = True
        # Of records that changed since the oldest snapshot: until which commit they were what.
        self._history: dict[int, list[tuple[int, bytes | None]]] = {}

    def __len__(self) -> int:
        return len(self._current)

    def take_number(self) -> int:
        """The number of a new record; greater than all before."""
        number = self._next
        self._next += 1
        return number

    def load(self, records: Iterable[tuple[int, bytes]]) -> None:
        """What the disk has, in order."""
        self._current = dict(records)
        if self._current:
            self._last = next(reversed(self._current))
            self._next = self._last + 1
        self.size_bytes = sum(map(len, self._current.values()))
        self._ledger.memory_bytes += self.size_bytes + RECORD_BYTES * len(self._current)

    def walk(self, *, backwards: bool = False) -> Iterator[int]:
        """The numbers of the committed records, in order; later ones may be missed.

        The first few are had without looking at all others.
        """
        if not self._is_in_order:
            self._current = dict(sorted(self._current.items()))
            self._is_in_order = True
        ordered = reversed(self._current) if backwards else iter(self._current)
        first = list(islice(ordered, _FIRST))
        if len(first) < _FIRST:
            return iter(first)
        return chain(first, self._others(first[-1], backwards=backwards))

    def _others(self, last: int, *, backwards: bool) -> Iterator[int]:
        numbers = sorted(self._current)
        if backwards:
            yield from reversed(numbers[: bisect_left(numbers, last)])
        else:
            yield from numbers[bisect_right(numbers, last) :]

    def committed(self, record: int) -> bytes | None:
        """As it is now for all."""
        return self._current.get(record)

    def at(self, record: int, snapshot: int) -> bytes | None:
        """As it was at a snapshot."""
        for moment, before in self._history.get(record, ()):
            if moment > snapshot:
                return before
        return self._current.get(record)

    def changed_at(self, record: int) -> int:
        """The number of the commit that changed it last; 0 where no snapshot is that old."""
        versions = self._history.get(record)
        return versions[-1][0] if versions else 0

    def changed_since(self, snapshot: int) -> set[int]:
        """The records that were changed by commits after a snapshot."""
        return {record for record, versions in self._history.items() if versions[-1][0] > snapshot}

    def put(self, record: int, after: bytes | None, moment: int) -> None:
        """What a commit makes of a record; None where it is gone."""
        before = self._current.get(record)
        if self._ledger.has_snapshots:
            self._keep(record, before, moment)
        if after is None:
            del self._current[record]
        else:
            if before is None:
                self._is_in_order &= record > self._last
                self._last = max(self._last, record)
            self._current[record] = after
        grown = len(after or b"") - len(before or b"")
        self.size_bytes += grown
        self._ledger.memory_bytes += grown + RECORD_BYTES * (
            (after is not None) - (before is not None)
        )

    def _keep(self, record: int, before: bytes | None, moment: int) -> None:
        if not self._history:
            self._ledger.remember_to_forget(self._forget)
        self._history.setdefault(record, []).append((moment, before))
        self._ledger.memory_bytes += RECORD_BYTES + len(before or b"")

    def _forget(self, oldest: int | None) -> None:
        for record, versions in list(self._history.items()):
            needed = [] if oldest is None else [kept for kept in versions if kept[0] > oldest]
            for _, before in versions[: len(versions) - len(needed)]:
                self._ledger.memory_bytes -= RECORD_BYTES + len(before or b"")
            if needed:
                self._history[record] = needed
            else:
                del self._history[record]
        if not self._history:
            self._ledger.forgotten(self._forget)

    def close(self) -> None:
        """The collection is dropped: its memory is free."""
        self._forget(None)
        self._ledger.memory_bytes -= self.size_bytes + RECORD_BYTES * len(self._current)
        self._current.clear()
