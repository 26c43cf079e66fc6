"""The tree of an update: what is done at which path, and its way through a document."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cmp_to_key
from typing import Any, Final, NamedTuple

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.operators import shown
from stend.engines.mongo.query.paths import array_index

# An array is filled up with nulls to a position, but not with more than this.
_MOST_PADDING: Final = 1_500_000

# What a modifier gives for a field that is to go.
REMOVED: Final = object()


@dataclass(frozen=True, slots=True)
class Run:
    """One document that is updated.

    Attributes:
        root: the document, which is changed in place.
        matched: the position that `$` stands for, as a name; None where the filter gave none.
        is_insert: whether the document is one that an upsert makes.
    """

    root: dict[str, Any]
    matched: str | None
    is_insert: bool

    @property
    def name(self) -> str:
        """The document in the message of an error."""
        return f"{{_id: {shown(self.root['_id'])}}}" if "_id" in self.root else "{no id}"


class Place(NamedTuple):
    """Where in a document the tree has come to.

    Attributes:
        container: the object or array that has the value; None for the document itself.
        key: the name or position of the value in it.
        value: the value, or the last that is there on the way.
        taken: the names of the path up to the value.
        missing: the names of the path after it, which are not there.
    """

    container: Any
    key: Any
    value: Any
    taken: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def path(self) -> str:
        return ".".join((*self.taken, *self.missing))

    def shown(self) -> str:
        """The value with its name, as a message has it."""
        return f"{{{self.taken[-1] if self.taken else ''}: {shown(self.value)}}}"


@dataclass(frozen=True, slots=True)
class Modifier:
    """What an update does at the end of a path.

    Attributes:
        change: of a value that is there and of its place, the new value; the same object where
            there is nothing to do; REMOVED to take it away.
        create: of a place where nothing is, the value; None where nothing is to be made.
        insert_only: whether it does nothing but in an upsert.
        needs_viable_path: whether it fails where a path cannot be, though it would make nothing.
        act: what is done instead of all this.
    """

    change: Callable[[Any, Place, Run], Any]
    create: Callable[[Run], Any] | None = None
    insert_only: bool = False
    needs_viable_path: bool = False
    act: "Callable[[Place, Run], None] | None" = None

    def apply(self, place: Place, run: Run) -> None:
        """Changes the document at this place.

        Raises:
            MongoError: the value there cannot be changed so, or the field is immutable.
        """
        if self.insert_only and not run.is_insert:
            return
        if self.act is not None:
            self.act(place, run)
        elif not place.missing:
            put(place, self.change(place.value, place, run))
        elif self.create is not None:
            make(place, self.create(run))
        elif self.needs_viable_path:
            _check_viable(place)


def put(place: Place, value: Any) -> None:
    """Puts a value where another is.

    Raises:
        MongoError: it would change `_id`.
    """
    if value is place.value:
        return
    if place.taken[0] == "_id":
        raise MongoError(
            Code.ImmutableField,
            f"Performing an update on the path '{place.path}' would modify the immutable field "
            "'_id'",
        )
    if value is not REMOVED:
        place.container[place.key] = value
    elif isinstance(place.container, list):
        place.container[place.key] = None
    else:
        del place.container[place.key]


def make(place: Place, value: Any) -> None:
    """Puts a value where none is, with the objects that are missing on the way.

    Raises:
        MongoError: it cannot be there, or would change `_id`.
    """
    if place.taken and place.taken[0] == "_id":
        raise MongoError(
            Code.ImmutableField,
            f"Updating the path '{'.'.join(place.taken)}' to {place.shown()} would modify the "
            "immutable field '_id'",
        )
    for name in reversed(place.missing[1:]):
        value = {name: value}
    first = place.missing[0]
    if isinstance(place.value, dict):
        place.value[first] = value
    elif isinstance(place.value, list) and (index := array_index(first)) is not None:
        _pad(place.value, index)
        place.value.append(value)
    else:
        raise MongoError(
            Code.PathNotViable, f"Cannot create field '{first}' in element {place.shown()}"
        )


def _pad(array: list[Any], size: int) -> None:
    if size - len(array) > _MOST_PADDING:
        raise MongoError(
            Code.CannotBackfillArray, f"can't backfill more than {_MOST_PADDING} elements"
        )
    array.extend([None] * (size - len(array)))


def _check_viable(place: Place) -> None:
    first = place.missing[0]
    if isinstance(place.value, dict):
        return
    if isinstance(place.value, list) and array_index(first) is not None:
        return
    raise MongoError(
        Code.PathNotViable,
        f"Cannot use the part ({first}) of ({place.path}) to traverse the element {place.shown()}",
    )


@dataclass(slots=True)
class Fields:
    """What is done to the fields of an object, or to elements of an array by their position.

    Attributes:
        children: by name.
        positional: what is done to the element that the filter matched: `$`.
    """

    children: "dict[str, Node]" = field(default_factory=dict)
    positional: "Node | None" = None

    def get(self, name: str) -> "Node | None":
        """What is done under a name, of which `$` is one."""
        return self.positional if name == "$" else self.children.get(name)

    def set(self, name: str, node: "Node") -> None:
        """Says what is done under a name."""
        if name == "$":
            self.positional = node
        else:
            self.children[name] = node

    def apply(self, place: Place, run: Run) -> None:
        """Changes the document under this place."""
        children = self.children
        if self.positional is not None:
            if run.matched is None:
                raise MongoError(
                    Code.BadValue,
                    "The positional operator did not find the match needed from the query.",
                )
            children = dict(children)
            other = children.get(run.matched)
            path = (*place.taken, *place.missing, run.matched)
            children[run.matched] = (
                self.positional if other is None else merged(self.positional, other, path)
            )
        for name in sorted(children, key=_NAMES):
            children[name].apply(step(place, name), run)


@dataclass(slots=True)
class Elements:
    """What is done to the elements of an array that pass a filter: `$[]` and `$[identifier]`.

    Attributes:
        children: by identifier, which is empty for all elements.
        filters: of all identifiers.
    """

    filters: Mapping[str, Callable[[Any], bool]]
    children: "dict[str, Node]" = field(default_factory=dict)

    def apply(self, place: Place, run: Run) -> None:
        """Changes the document under this place."""
        if place.missing:
            raise MongoError(
                Code.BadValue,
                f"The path '{place.path}' must exist in the document in order to apply array "
                "updates.",
            )
        if not isinstance(place.value, list):
            raise MongoError(
                Code.BadValue,
                f"Cannot apply array updates to non-array element {place.shown()[1:-1]}",
            )
        chosen = [self._of(item) for item in place.value]
        for index, nodes in enumerate(chosen):
            below = step(place, str(index))
            found = nodes[0] if nodes else None
            for other in nodes[1:]:
                found = merged(found, other, below.taken) if found is not None else other
            if found is not None:
                found.apply(below, run)

    def _of(self, item: Any) -> "list[Node]":
        return [
            node
            for identifier, node in self.children.items()
            if identifier == "" or self.filters[identifier](item)
        ]


Node = Fields | Elements | Modifier


def merged(one: Node, other: Node, path: tuple[str, ...]) -> Node:
    """Both of what two names of one place say.

    Raises:
        MongoError: they both change the same.
    """
    if isinstance(one, Fields) and isinstance(other, Fields):
        both = Fields(dict(one.children), one.positional)
        names = [*other.children, *(["$"] if other.positional is not None else [])]
        for name in names:
            _merge_into(both, name, other.get(name), path)
        return both
    if isinstance(one, Elements) and isinstance(other, Elements):
        joined = Elements(one.filters, dict(one.children))
        for identifier, node in other.children.items():
            mine = joined.children.get(identifier)
            joined.children[identifier] = (
                node if mine is None else merged(mine, node, (*path, f"$[{identifier}]"))
            )
        return joined
    raise MongoError(
        Code.ConflictingUpdateOperators, f"Update created a conflict at '{'.'.join(path)}'"
    )


def _merge_into(both: Fields, name: str, node: Node | None, path: tuple[str, ...]) -> None:
    mine = both.get(name)
    if node is not None:
        both.set(name, node if mine is None else merged(mine, node, (*path, name)))


def step(place: Place, name: str) -> Place:
    """The place one name further."""
    value = place.value
    if not place.missing:
        if isinstance(value, dict) and name in value:
            return Place(value, name, value[name], (*place.taken, name), ())
        if isinstance(value, list):
            index = array_index(name)
            if index is not None and index < len(value):
                return Place(value, index, value[index], (*place.taken, name), ())
    return place._replace(missing=(*place.missing, name))


def _compare_names(one: str, other: str) -> int:
    # Positions are in the order of numbers, so that an array grows from its end.
    if array_index(one) is not None and array_index(other) is not None and len(one) != len(other):
        return len(one) - len(other)
    return (one > other) - (one < other)


_NAMES: Final = cmp_to_key(_compare_names)
