"""The stages of a plan: each gives documents on, counts what it does, and tells of itself."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import nsmallest
from itertools import islice
from typing import Any, Final, Protocol

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import decode, is_number
from stend.engines.mongo.store.reading import Document, Found, Matches, Reading, Source

_MAX_SORT_BYTES: Final = 100 * 1024 * 1024


class Told(Protocol):
    """A stage as an explain tells of it.

    Attributes:
        returned: how many documents, or records of documents, it gave on.
    """

    returned: int

    def describe(self) -> dict[str, Any]:
        """As `winningPlan` tells of it."""
        ...

    def counters(self) -> dict[str, Any]:
        """What `executionStages` tells beside."""
        ...

    def inputs(self) -> "Sequence[Told]": ...


class Stage(Told, Protocol):
    """One that gives documents."""

    def run(self) -> Iterator[Found]: ...


class Counted:
    """What all stages have."""

    def __init__(self) -> None:
        self.returned = 0

    def counters(self) -> dict[str, Any]:
        return {}

    def inputs(self) -> Sequence[Told]:
        return []


class Eof(Counted):
    """There is no such collection."""

    def run(self) -> Iterator[Found]:
        return iter(())

    def describe(self) -> dict[str, Any]:
        return {"stage": "EOF"}


class CollectionScan(Counted):
    """All documents, in the order of their records."""

    def __init__(
        self,
        source: Source,
        filter_spec: Mapping[str, Any],
        matches: Matches,
        *,
        backwards: bool = False,
    ) -> None:
        super().__init__()
        self._source = source
        self._filter = filter_spec
        self._backwards = backwards
        self._reading = Reading(source, matches, lambda record, _: -record if backwards else record)

    def run(self) -> Iterator[Found]:
        records = self._source.collection.records(backwards=self._backwards)
        for found in self._reading.run(records, is_distinct=True):
            self.returned += 1
            yield found

    def describe(self) -> dict[str, Any]:
        told = {"filter": dict(self._filter)} if self._filter else {}
        direction = "backward" if self._backwards else "forward"
        return {"stage": "COLLSCAN", **told, "direction": direction}

    def counters(self) -> dict[str, Any]:
        return {"docsExamined": self._reading.examined}


class Sorted(Counted):
    """All documents at once in another order; only so many where a limit follows."""

    def __init__(
        self,
        source: Source,
        stage: Stage,
        pattern: Mapping[str, Any],
        key: Callable[[Document], Any],
        *,
        limit: int | None,
        may_spill: bool,
    ) -> None:
        super().__init__()
        self._source = source
        self._input = stage
        self._pattern = pattern
        self._key = key
        self._limit = limit
        self._may_spill = may_spill
        self._size = 0

    def run(self) -> Iterator[Found]:
        rows = self._rows()
        if self._limit is None:
            ordered = sorted(rows, key=lambda row: row[0])
        else:
            ordered = nsmallest(self._limit, rows, key=lambda row: row[0])
        for _, record, data in ordered:
            self.returned += 1
            yield Found(record, decode(data))

    def _rows(self) -> Iterator[tuple[Any, int, bytes]]:
        source = self._source
        for record, document in self._input.run():
            # The bytes that the store has anyway, not the document: that would take far more.
            data = source.collection.raw(record, source.view) or b""
            self._size += len(data)
            if self._limit is None and not self._may_spill and self._size > _MAX_SORT_BYTES:
                raise MongoError(
                    Code.QueryExceededMemoryLimitNoDiskUseAllowed,
                    "Executor error during find command :: caused by :: Sort exceeded memory limit "
                    f"of {_MAX_SORT_BYTES} bytes, but did not opt in to external sorting.",
                )
            yield self._key(document), record, data

    def describe(self) -> dict[str, Any]:
        limit = {} if self._limit is None else {"limitAmount": self._limit}
        return {
            "stage": "SORT",
            "sortPattern": dict(self._pattern),
            "memLimit": _MAX_SORT_BYTES,
            **limit,
            "type": "simple",
        }

    def counters(self) -> dict[str, Any]:
        return {"totalDataSizeSorted": self._size, "usedDisk": False}

    def inputs(self) -> Sequence[Told]:
        return [self._input]


class Part(Counted):
    """Skips the first documents, or gives only so many on."""

    def __init__(self, stage: Stage, name: str, amount: int) -> None:
        super().__init__()
        self._input = stage
        self._name = name
        self._amount = amount

    def run(self) -> Iterator[Found]:
        documents = self._input.run()
        if self._name == "SKIP":
            found = islice(documents, self._amount, None)
        else:
            found = islice(documents, self._amount)
        for each in found:
            self.returned += 1
            yield each

    def describe(self) -> dict[str, Any]:
        return {"stage": self._name, f"{self._name.lower()}Amount": self._amount}

    def inputs(self) -> Sequence[Told]:
        return [self._input]


class Projection(Counted):
    """Told of in an explain only: whoever runs the plan computes the fields."""

    def __init__(self, stage: Stage, spec: Mapping[str, Any]) -> None:
        super().__init__()
        self._input = stage
        self._spec = spec

    def run(self) -> Iterator[Found]:
        for found in self._input.run():
            self.returned += 1
            yield found

    def describe(self) -> dict[str, Any]:
        # mongod's fast way: whole fields of the document, taken or left out.
        is_simple = all(
            "." not in name and (isinstance(value, bool) or is_number(value))
            for name, value in self._spec.items()
        )
        stage = "PROJECTION_SIMPLE" if is_simple else "PROJECTION_DEFAULT"
        return {"stage": stage, "transformBy": dict(self._spec)}

    def inputs(self) -> Sequence[Told]:
        return [self._input]
