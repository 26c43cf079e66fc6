"""What was changed lately, in the order of the commits, for change streams: a bounded ring."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from bson import Binary, Timestamp

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import decode
from stend.engines.mongo.store.differences import Difference, difference

_MAX_ENTRIES: Final = 20_000
_MAX_BYTES: Final = 16 * 1024 * 1024
_ENTRY_BYTES: Final = 400


class Position(NamedTuple):
    """The place of an entry: its cluster time, and its number among those of that time."""

    seconds: int
    increment: int
    number: int

    @property
    def time(self) -> Timestamp:
        return Timestamp(self.seconds, self.increment)


class Entry(NamedTuple):
    """One change.

    Attributes:
        operation: insert, update, replace, delete, create, createIndexes, dropIndexes, modify,
            drop, rename or dropDatabase.
        collection: the name; empty for dropDatabase.
        uuid: of the collection.
        before: the document before the change, in BSON; None where there was none.
        after: the document after it.
        details: what else there is to tell of changes of the catalogue, such as `to` of a rename.
        session: lsid and txnNumber of the transaction that it was part of.
        wall: when it was committed, in milliseconds since 1970.
    """

    position: Position
    operation: str
    database: str
    collection: str
    uuid: Binary | None
    wall: int
    before: bytes | None = None
    after: bytes | None = None
    details: Mapping[str, Any] | None = None
    session: Mapping[str, Any] | None = None

    @property
    def document_key(self) -> dict[str, Any]:
        """The _id of the document that was changed, as a document."""
        data = self.after if self.after is not None else self.before
        return {"_id": decode(data)["_id"]} if data is not None else {}

    @property
    def document(self) -> dict[str, Any] | None:
        """The document after the change."""
        return None if self.after is None else decode(self.after)

    @property
    def update_description(self) -> Difference:
        """What an update changed: applied to the document before it gives the one after it."""
        return difference(decode(self.before or b""), decode(self.after or b""))


class Oplog:
    """
    Args:
        start: nothing is known of what was before it.
    """

    def __init__(self, start: Position) -> None:
        self._entries: deque[Entry] = deque()
        self._size = 0
        # How many entries were dropped from the front, so that places can be numbers.
        self._dropped = 0
        self._start = start
        self._listeners: dict[Callable[[], None], None] = {}

    @property
    def last(self) -> Position:
        """Of the newest entry."""
        return self._entries[-1].position if self._entries else self._start

    def publish(self, entries: list[Entry]) -> None:
        """Entries that are safe on the disk, in order; the oldest fall out of the ring."""
        for entry in entries:
            self._entries.append(entry)
            self._size += _size_of(entry)
        while len(self._entries) > _MAX_ENTRIES or self._size > _MAX_BYTES:
            gone = self._entries.popleft()
            self._size -= _size_of(gone)
            self._dropped += 1
            self._start = gone.position
        for listener in tuple(self._listeners):
            listener()

    def since(self, position: Position) -> Iterator[Entry]:
        """The entries after a position, as far as there are any now.

        Raises:
            MongoError: older entries than those that are kept would be needed.
        """
        if position < self._start:
            raise MongoError(
                Code.ChangeStreamHistoryLost,
                "Resume of change stream was not possible, as the resume point may no longer be "
                "in the oplog.",
            )
        return self._from(self._dropped + self._first_after(position))

    def _from(self, place: int) -> Iterator[Entry]:
        while True:
            at = place - self._dropped
            if at < 0:
                raise MongoError(
                    Code.ChangeStreamHistoryLost,
                    "Executor error during getMore :: caused by :: the oplog has rolled over the "
                    "position of this change stream",
                )
            if at >= len(self._entries):
                return
            place += 1
            yield self._entries[at]

    def _first_after(self, position: Position) -> int:
        # Almost always the place is near the end.
        behind = 0
        for entry in reversed(self._entries):
            if entry.position <= position:
                break
            behind += 1
        return len(self._entries) - behind

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Calls `listener` after every publication.

        Returns:
            What ends that.
        """
        self._listeners[listener] = None
        return lambda: self._listeners.pop(listener, None)


def _size_of(entry: Entry) -> int:
    return _ENTRY_BYTES + len(entry.before or b"") + len(entry.after or b"")
