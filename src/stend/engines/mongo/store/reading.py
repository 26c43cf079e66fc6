"""Reads the documents of records as a view sees them, those that match, each once."""

from collections.abc import Callable, Iterator, Mapping
from heapq import heappop, heappush
from typing import Any, Final, NamedTuple

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import decode
from stend.engines.mongo.store.collection import Collection
from stend.engines.mongo.store.transactions import Transaction, View

Document = dict[str, Any]
Matches = Callable[[Mapping[str, Any]], bool]
Order = Callable[[int, Document], Any]

# How many documents are looked at between two calls of `tick`.
_BETWEEN_TICKS: Final = 16


class Found(NamedTuple):
    """A document that a plan found."""

    record: int
    document: Document


class Source:
    """Where a plan reads: a collection as a view sees it."""

    def __init__(self, collection: Collection, view: View, tick: Callable[[], None]) -> None:
        self.collection = collection
        self.view = view
        self._tick = tick
        self._until_tick = _BETWEEN_TICKS

    def read(self, record: int) -> Document | None:
        """The document of a record; None where the view sees none.

        Raises:
            MongoError: the collection was dropped, or the command has to end.
        """
        self._until_tick -= 1
        if not self._until_tick:
            self._until_tick = _BETWEEN_TICKS
            self._tick()
        self.check()
        data = self.collection.raw(record, self.view)
        return None if data is None else decode(data)

    def check(self) -> None:
        """
        Raises:
            MongoError: the collection was dropped.
        """
        if self.collection.is_dropped:
            raise MongoError(
                Code.QueryPlanKilled,
                f"collection dropped. UUID {self.collection.uuid.as_uuid()}",
            )


class Reading:
    """
    Args:
        order: what orders the records that are read, where their order matters.

    Attributes:
        examined: how many documents were tested.
    """

    def __init__(self, source: Source, matches: Matches, order: Order | None = None) -> None:
        self.examined = 0
        self._source = source
        self._matches = matches
        self._order = order

    def run(self, records: Iterator[int], *, is_distinct: bool = False) -> Iterator[Found]:
        """
        Args:
            records: of the committed documents, in the order.
            is_distinct: whether each of them comes once.
        """
        if self._source.view is not None:
            yield from self._merged(records, self._source.view)
        elif is_distinct:
            for record in records:
                yield from self._found(record)
        else:
            seen: set[int] = set()
            for record in records:
                if record not in seen:
                    seen.add(record)
                    yield from self._found(record)
        self._source.check()

    def _found(self, record: int) -> tuple[Found] | tuple[()]:
        document = self._source.read(record)
        if document is None:
            return ()
        self.examined += 1
        return (Found(record, document),) if self._matches(document) else ()

    def _merged(self, records: Iterator[int], view: Transaction) -> Iterator[Found]:
        """What a transaction sees, though the records are those of what is committed.

        Those that differ for it are put aside, also when others commit in the middle of this, and
        given at their place in the order.
        """
        changed = _Changed(self._source.collection, view)
        aside: list[tuple[Any, int, Found]] = []
        seen: set[int] = set()
        for record in records:
            self._put_aside(changed.new(seen), aside)
            if record in seen or record in changed.known:
                continue
            seen.add(record)
            for found in self._found(record):
                place = self._place(found)
                while aside and aside[0][0] < place:
                    yield heappop(aside)[2]
                yield found
        self._put_aside(changed.new(seen), aside)
        while aside:
            yield heappop(aside)[2]
            self._put_aside(changed.new(seen), aside)

    def _put_aside(self, records: list[int], aside: list[tuple[Any, int, Found]]) -> None:
        for record in records:
            for found in self._found(record):
                heappush(aside, (self._place(found), record, found))

    def _place(self, found: Found) -> Any:
        # Without an order all places are one, and what is put aside comes last.
        return () if self._order is None else self._order(*found)


class _Changed:
    """The records that are others for a transaction than what is committed.

    Attributes:
        known: those that were given by `new`.
    """

    def __init__(self, collection: Collection, view: Transaction) -> None:
        self.known: set[int] = set()
        self._collection = collection
        self._view = view
        self._state: tuple[int, int] = (-1, -1)

    def new(self, seen: set[int]) -> list[int]:
        """Those that have become so since the last call, without those that were given."""
        state = (self._collection.moment, len(self._view.changes))
        if state == self._state:
            return []
        self._state = state
        new = self._collection.changed_for(self._view) - self.known - seen
        self.known |= new
        return sorted(new)
