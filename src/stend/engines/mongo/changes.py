"""Change streams: entries of the oplog as events, and where to resume. Pure.

Source: MongoDB manual, Change Events and $changeStream. A resume token is opaque to clients; here
it is the position of an entry.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from bson import DatetimeMS

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import decode
from stend.engines.mongo.store.oplog import Entry, Oplog, Position

Document = dict[str, Any]

_EVENT, _INVALIDATE, _HIGH_WATER_MARK = 0, 1, 2
_TOKEN_LENGTH: Final = 26
_EXPANDED: Final = frozenset({"create", "createIndexes", "dropIndexes", "modify"})
_OF_DOCUMENTS: Final = frozenset({"insert", "update", "replace", "delete"})
# Behind all entries of one moment.
_LAST_NUMBER: Final = 0xFFFFFFFE


def token_of(position: Position, kind: int = _EVENT) -> Document:
    seconds, increment, number = position
    # Numbers begin with 0, and before it with -1.
    return {"_data": f"{seconds:08X}{increment:08X}{number + 1:08X}{kind:02X}"}


def position_of(token: Mapping[str, Any], *, may_be_invalidate: bool) -> Position:
    """Where a stream goes on behind the event of a token.

    Raises:
        MongoError: it is none of this server's tokens.
    """
    data = token.get("_data")
    if not isinstance(data, str) or len(data) != _TOKEN_LENGTH:
        raise _bad_token()
    try:
        seconds, increment, number = (int(data[at : at + 8], 16) for at in (0, 8, 16))
        kind = int(data[24:], 16)
    except ValueError:
        raise _bad_token() from None
    if kind == _INVALIDATE and not may_be_invalidate:
        raise MongoError(
            Code.InvalidResumeToken,
            "Attempting to resume a change stream using 'resumeAfter' is not allowed from an "
            "invalidate notification.",
        )
    return Position(seconds, increment, number - 1)


def _bad_token() -> MongoError:
    return MongoError(Code.InvalidResumeToken, "Failed to parse the resume token of a stream")


def behind(seconds: int, increment: int) -> Position:
    """Behind all that is committed at a moment."""
    return Position(seconds, increment, _LAST_NUMBER)


@dataclass(frozen=True, slots=True)
class Watched:
    """
    Attributes:
        database: None for all of them.
        collection: None for all of the database.
    """

    database: str | None
    collection: str | None

    def has(self, entry: Entry) -> bool:
        if self.database is None:
            return entry.database not in ("admin", "config", "local")
        if entry.database != self.database:
            return False
        if self.collection is None:
            return True
        if entry.operation == "rename" and _to(entry)["coll"] == self.collection:
            return True
        return entry.collection == self.collection

    def is_ended_by(self, entry: Entry) -> bool:
        """What the stream is of is gone."""
        if self.database is None:
            return False
        if self.collection is None:
            return entry.operation == "dropDatabase"
        return entry.operation in ("drop", "rename", "dropDatabase")


@dataclass(frozen=True, slots=True)
class Options:
    """
    Attributes:
        full_document: default, updateLookup, whenAvailable or required.
        before_change: off, whenAvailable or required.
        is_expanded: events of the catalogue too.
    """

    full_document: str = "default"
    before_change: str = "off"
    is_expanded: bool = False


# The document with a key as it is now; None where there is none.
Lookup = Callable[[str, str, Document], Document | None]
Transform = Callable[[Iterator[Document]], Iterator[Document]]


class Stream:
    """An iterator that ends where nothing has happened yet, and goes on when something has.

    Args:
        position: events behind it are given.
        transform: the stages behind $changeStream.
    """

    def __init__(
        self,
        oplog: Oplog,
        position: Position,
        watched: Watched,
        options: Options,
        lookup: Lookup,
        transform: Transform,
    ) -> None:
        self._oplog = oplog
        self._position = position
        self._watched = watched
        self._options = options
        self._lookup = lookup
        self._transform = transform
        self._ready: deque[Document] = deque()
        self._last_token: Document | None = None
        self.is_over = False
        # Tells at once that the history is lost.
        self._oplog.since(position)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Document:
        while not self._ready and not self.is_over:
            entry = next(self._oplog.since(self._position), None)
            if entry is None:
                break
            self._position = entry.position
            self._last_token = None
            if self._watched.has(entry):
                self._take(entry)
        if not self._ready:
            raise StopIteration
        event = self._ready.popleft()
        self._last_token = event["_id"]
        return event

    @property
    def token(self) -> Document:
        """Where to resume when all events that were given are handled."""
        return self._last_token or token_of(self._position, _HIGH_WATER_MARK)

    def listen(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Wakes when something has happened; gives what ends that."""
        return self._oplog.listen(wake)

    def _take(self, entry: Entry) -> None:
        is_shown = entry.operation not in _EXPANDED or self._options.is_expanded
        if self._watched.collection is not None and entry.operation == "dropDatabase":
            is_shown = False
        events: list[Document] = [self._event(entry)] if is_shown else []
        if self._watched.is_ended_by(entry):
            events.append(_invalidate(entry))
            self.is_over = True
        self._ready.extend(self._transformed(events))

    def _transformed(self, events: Iterable[Document]) -> Iterator[Document]:
        for event in events:
            # The stages are told to touch no _id, and may keep none of the event itself.
            for made in self._transform(iter((event,))):
                if made.get("_id") != event["_id"]:
                    raise MongoError(
                        Code.ChangeStreamFatalError,
                        "Encountered an event whose _id field, which contains the resume token, "
                        "was modified by the pipeline. Modifying the _id field of an event makes "
                        "it impossible to resume the stream from that point. Only "
                        "transformations that retain the unmodified _id field are allowed.",
                    )
                yield made

    def _event(self, entry: Entry) -> Document:
        event: Document = {
            "_id": token_of(entry.position),
            "operationType": entry.operation,
            "clusterTime": entry.position.time,
        }
        if self._options.is_expanded and entry.uuid is not None:
            event["collectionUUID"] = entry.uuid
        event["wallTime"] = DatetimeMS(entry.wall)
        event |= entry.session or {}
        if entry.operation in _OF_DOCUMENTS:
            return event | self._of_document(entry)
        ns = {"db": entry.database}
        event["ns"] = {**ns, "coll": entry.collection} if entry.collection else ns
        return event | self._of_catalogue(entry)

    def _of_document(self, entry: Entry) -> Document:
        told: Document = {}
        if entry.operation in ("insert", "replace"):
            told["fullDocument"] = decode(entry.after or b"")
        elif entry.operation == "update" and self._options.full_document != "default":
            told["fullDocument"] = self._full_document(entry)
        told["ns"] = {"db": entry.database, "coll": entry.collection}
        told["documentKey"] = entry.document_key
        if entry.operation == "update":
            told["updateDescription"] = entry.update_description.document()
        if self._options.before_change != "off" and entry.operation != "insert":
            if self._options.before_change == "required":
                raise _no_image("pre", "update, delete and replace")
            told["fullDocumentBeforeChange"] = None
        return told

    def _full_document(self, entry: Entry) -> Document | None:
        if self._options.full_document == "required":
            raise _no_image("post", "update")
        if self._options.full_document == "whenAvailable":
            # No collection of this server keeps them.
            return None
        return self._lookup(entry.database, entry.collection, entry.document_key)

    def _of_catalogue(self, entry: Entry) -> Document:
        if entry.operation == "rename":
            told: Document = {"to": _to(entry)}
            if self._options.is_expanded:
                told["operationDescription"] = dict(entry.details or {})
            return told
        if entry.operation in _EXPANDED:
            return {"operationDescription": dict(entry.details or {})}
        return {}


def _to(entry: Entry) -> Document:
    return dict((entry.details or {}).get("to", {}))


def _invalidate(entry: Entry) -> Document:
    return {
        "_id": token_of(entry.position, _INVALIDATE),
        "operationType": "invalidate",
        "clusterTime": entry.position.time,
        "wallTime": DatetimeMS(entry.wall),
    }


def _no_image(kind: str, operations: str) -> MongoError:
    return MongoError(
        Code.NoMatchingDocument,
        f"Change stream was configured to require a {kind}-image for all {operations} events, but "
        f"the {kind}-image for event was not found: collections of this server keep none",
    )
