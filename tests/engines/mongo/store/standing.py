"""A store for tests: on a disk of memory, with a clock that a test moves."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from stend.engines.mongo.query.context import Context
from stend.engines.mongo.store.collection import Collection
from stend.engines.mongo.store.ledger import Surroundings
from stend.engines.mongo.store.options import parse_options
from stend.engines.mongo.store.planner import Plan, Query, plan
from stend.engines.mongo.store.store import Store
from stend.engines.mongo.store.transactions import View
from stend.engines.mongo.store.volume import (
    Contents,
    DropCollection,
    ForgetRetries,
    Operation,
    Put,
    Remove,
    SaveCollection,
    SaveRetry,
    SetClusterTime,
)

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
CONTEXT = Context(now=NOW, random=lambda: 0.5)


class FakeDisk:
    """Keeps what a real one would; safe when the test says so, or at once."""

    def __init__(self, *, is_slow: bool = False) -> None:
        self.tell: Callable[[int], None] = lambda _: None
        self.is_slow = is_slow
        self.position = 0
        self.safe: list[Operation] = []
        self._unsafe: list[Operation] = []

    def load(self) -> Contents:
        return contents_of(self.safe)

    def write(self, unit: Sequence[Operation], position: int) -> None:
        self._unsafe += unit
        self.position = position
        if not self.is_slow:
            self.sync()

    def sync(self) -> None:
        self.safe += self._unsafe
        self._unsafe.clear()
        self.tell(self.position)

    def close(self) -> None:
        self.sync()


def contents_of(operations: Sequence[Operation]) -> Contents:
    definitions: dict[int, bytes] = {}
    records: dict[int, dict[int, bytes]] = {}
    retries: dict[bytes, SaveRetry] = {}
    time = (0, 0)
    for operation in operations:
        match operation:
            case Put(number, record, document):
                records[number][record] = document
            case Remove(number, record):
                del records[number][record]
            case SaveCollection(number, definition):
                definitions[number] = definition
                records.setdefault(number, {})
            case DropCollection(number):
                del definitions[number], records[number]
            case SaveRetry():
                retries[operation.session] = operation
            case ForgetRetries(before):
                retries = {s: r for s, r in retries.items() if r.expires >= before}
            case SetClusterTime():
                time = (operation.seconds, operation.increment)
    return Contents(
        [(number, definitions[number], sorted(records[number].items())) for number in definitions],
        list(retries.values()),
        time,
    )


class Standing:
    """One store, and short ways to work with it."""

    def __init__(
        self, disk: FakeDisk | None = None, *, memory_limit_bytes: int = 1_000_000_000
    ) -> None:
        self.seconds = NOW.timestamp()
        self.warnings: list[str] = []
        self.disk = disk or FakeDisk()
        self._uuids = 0
        surroundings = Surroundings(
            seconds=lambda: self.seconds,
            new_uuid=self._new_uuid,
            context=lambda: CONTEXT,
            warn=self.warnings.append,
            memory_limit_bytes=memory_limit_bytes,
        )
        self.store = Store(self.disk, surroundings)
        self.disk.tell = self.store.reached

    def _new_uuid(self) -> bytes:
        self._uuids += 1
        return self._uuids.to_bytes(16, "big")

    def collection(
        self, name: str = "c", view: View = None, options: dict[str, Any] | None = None
    ) -> Collection:
        return self.store.catalogue.create("db", name, parse_options(options or {}), view)


def planned(collection: Collection | None, view: View = None, **query: Any) -> Plan:
    return plan(collection, Query(**query), view=view, context=CONTEXT)


def found(
    collection: Collection,
    filter_spec: dict[str, Any] | None = None,
    view: View = None,
    **query: Any,
) -> list[dict[str, Any]]:
    """The documents of a query, in order."""
    chosen = planned(collection, view, filter=filter_spec or {}, **query)
    return [document for _, document in chosen.run()]
