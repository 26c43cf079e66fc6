"""Open cursors: results that are fetched batch by batch. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from bson.raw_bson import RawBSONDocument

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import encode

Document = dict[str, Any]

FIRST_BATCH: Final = 101
# Of the documents of one batch; the reply may be a little larger.
_BATCH_BYTES: Final = 16 * 1024 * 1024
# cursorTimeoutMillis.
_TIMEOUT_S: Final = 600
MAX_CURSORS: Final = 10_000
_ID_BITS: Final = 62


Register = Callable[[Callable[[], None]], None]
# Given how to wait, and until when.
AwaitMore = Callable[[Callable[[Register, float | None], bool], float], object]


class Pulse:
    """What results call while they are computed: the tick of the command that asks for them."""

    def __init__(self, beat: Callable[[], None]) -> None:
        self.beat = beat

    def __call__(self) -> None:
        self.beat()


@dataclass(slots=True, eq=False)
class Cursor:
    """
    Attributes:
        documents: what is still to be fetched.
        namespace: `database.collection`, which a getMore has to name.
        pulse: called by `documents`.
        session_id: only this session may go on with it; None for any.
        number: of the transaction that it belongs to.
        is_majority: what it gives must be on the disk before it is answered.
        left_s: of the maxTimeMS of the command that opened it.
        await_more: of a tailable cursor: waits for more until a moment, or returns at once.
        is_over: of a tailable cursor: whether nothing can come any more.
        token: of a change stream: where to resume after this batch.
        close: gives free what it reads from.
    """

    documents: Iterator[Document]
    namespace: str
    pulse: Pulse
    session_id: bytes | None = None
    number: int | None = None
    left_s: float | None = None
    is_timeless: bool = False
    is_majority: bool = False
    await_more: AwaitMore | None = None
    is_over: Callable[[], bool] | None = None
    token: Callable[[], Document] | None = None
    close: Callable[[], None] | None = None
    id: int = 0
    used_at: float = 0.0
    is_busy: bool = False
    is_killed: bool = False
    _ahead: bytes | None = None

    def batch(self, size: int | None) -> list[RawBSONDocument]:
        """The next documents.

        Args:
            size: how many at most; None for as many as fit.
        """
        found: list[RawBSONDocument] = []
        size_bytes = 0
        while size is None or len(found) < size:
            data = self._next()
            if data is None:
                break
            size_bytes += len(data)
            if found and size_bytes > _BATCH_BYTES:
                self._ahead = data
                break
            found.append(RawBSONDocument(data))
        return found

    @property
    def has_more(self) -> bool:
        """Whether a document was computed that did not fit into the last batch."""
        return self._ahead is not None

    @property
    def is_exhausted(self) -> bool:
        """Whether nothing is left; looks one document ahead."""
        if self.is_over is not None and not self.is_over():
            return False
        if self._ahead is None:
            self._ahead = self._next()
        return self._ahead is None

    def _next(self) -> bytes | None:
        if self._ahead is not None:
            data, self._ahead = self._ahead, None
            return data
        document = next(self.documents, None)
        return None if document is None else encode(document)


class Cursors:
    """
    Args:
        draw_bits: a number of so many random bits.
    """

    def __init__(self, draw_bits: Callable[[int], int]) -> None:
        self._draw_bits = draw_bits
        self._open: dict[int, Cursor] = {}
        self.timed_out = 0
        self.opened = 0

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Cursor]:
        return iter(tuple(self._open.values()))

    def keep(self, cursor: Cursor, now: float) -> int:
        """Its id, by which it is fetched on.

        Raises:
            MongoError: too many are open.
        """
        if len(self._open) >= MAX_CURSORS:
            raise MongoError(
                Code.ExceededMemoryLimit, f"{MAX_CURSORS} cursors are open, which is the most"
            )
        while not cursor.id or cursor.id in self._open:
            cursor.id = self._draw_bits(_ID_BITS)
        cursor.used_at = now
        self.opened += 1
        self._open[cursor.id] = cursor
        return cursor.id

    def find(self, cursor_id: int) -> Cursor | None:
        return self._open.get(cursor_id)

    def kill(self, cursor: Cursor) -> None:
        """Whoever is fetching from it right now is told."""
        cursor.is_killed = True
        self._open.pop(cursor.id, None)
        if cursor.close is not None:
            cursor.close()
            cursor.close = None

    def kill_where(self, test: Callable[[Cursor], bool]) -> int:
        """How many they were."""
        found = [one for one in self if test(one)]
        for cursor in found:
            self.kill(cursor)
        return len(found)

    def expire(self, now: float) -> None:
        """Kills those that nobody fetched from for ten minutes."""
        self.timed_out += self.kill_where(
            lambda one: not one.is_timeless and not one.is_busy and now - one.used_at > _TIMEOUT_S
        )
