"""A key-value store: partitions, ordered inside by a sort key. It counts what a read touches."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Item = Mapping[str, Any]
# {order_id}, or {seq:04} for a number that is written with zeros before it.
_PLACE = re.compile(r"\{([a-z_]+)(?::0([1-9]))?\}")


class NoFieldError(Exception):
    """A template names what there is not.

    Attributes:
        name: of the field.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class Copy:
    """Under which key an entity is written."""

    entity: str
    partition: str
    sort: str


@dataclass(frozen=True, slots=True)
class Step:
    """One read. A sort key that is given is a beginning; what matches is read in its order."""

    partition: str
    sort: str = ""
    newest_first: bool = False
    limit: int = 10**6


@dataclass(slots=True)
class Cost:
    """
    Attributes:
        reads: requests to the store.
        items: that those requests have read.
    """

    reads: int = 0
    items: int = 0


@dataclass(slots=True)
class Store:
    partitions: dict[str, dict[str, Item]] = field(default_factory=lambda: defaultdict(dict))

    def put(self, copy: Copy, item: Item) -> None:
        """An item with the same key is replaced, as such stores do."""
        self.partitions[filled(copy.partition, item)][filled(copy.sort, item)] = item

    def read(self, step: Step, given: Item, cost: Cost) -> list[Item]:
        partition = self.partitions.get(filled(step.partition, given), {})
        begins = filled(step.sort, given)
        keys = sorted(one for one in partition if one.startswith(begins))
        found = [partition[key] for key in (keys[::-1] if step.newest_first else keys)]
        cost.reads += 1
        cost.items += len(found[: step.limit])
        return found[: step.limit]

    def answer(self, steps: Sequence[Step], given: Item) -> tuple[list[Item], Cost]:
        """A later step is done once for every item of the one before."""
        cost = Cost()
        found: list[Item] = [given]
        for step in steps:
            found = [one for each in found for one in self.read(step, {**given, **each}, cost)]
        return found, cost


def filled(template: str, item: Item) -> str:
    """
    Raises:
        NoFieldError: it names a field that the item does not have.
    """

    def value(match: re.Match[str]) -> str:
        name, width = match.groups()
        if name not in item:
            raise NoFieldError(name)
        return str(item[name]).zfill(int(width or 0))

    return _PLACE.sub(value, template)


def fields_of(template: str) -> Iterator[str]:
    return (one.group(1) for one in _PLACE.finditer(template))
