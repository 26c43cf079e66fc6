"""The modifiers of arrays: `$push`, `$addToSet`, `$pop`, `$pull` and `$pullAll`."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bson import Regex

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.context import Context
from stend.engines.mongo.query.matching import compile_filter, is_path_operator
from stend.engines.mongo.query.operators import integer, shown
from stend.engines.mongo.query.paths import array_index, split
from stend.engines.mongo.query.sorting import Descending
from stend.engines.mongo.query.values import exact, is_number, order_key, type_alias
from stend.engines.mongo.update.modifiers import copied
from stend.engines.mongo.update.tree import Modifier, Place, Run

_Change = Callable[[list[Any]], list[Any]]

_CLAUSES: Final = ("$each", "$slice", "$sort", "$position")


def push(_path: str, operand: Any, _context: Context) -> Modifier:
    """`$push`: inserted at `$position`, then sorted, then cut to `$slice`."""
    insert = _push_steps(operand)

    def change(value: Any, place: Place, run: Run) -> Any:
        if not isinstance(value, list):
            raise MongoError(
                Code.BadValue,
                f"The field '{place.path}' must be an array but is of type {type_alias(value)} in "
                f"document {run.name}",
            )
        return insert(value)

    return Modifier(change=change, create=lambda _: insert([]))


def _push_steps(operand: Any) -> _Change:
    if not isinstance(operand, Mapping) or "$each" not in operand:
        return lambda array: [*array, copied(operand)]
    for name in operand:
        if name not in _CLAUSES:
            raise MongoError(Code.BadValue, f"Unrecognized clause in $push: {name}")
    items = operand["$each"]
    if not isinstance(items, list):
        raise MongoError(
            Code.BadValue,
            "The argument to $each in $push must be an array but it was of type: "
            f"{type_alias(items)}",
        )
    limit = _whole(operand, "$slice", "must be an integer value but was given type:")
    position = _whole(operand, "$position", "must be an integer value, not of type:")
    key = _sort_key(operand["$sort"]) if "$sort" in operand else None

    def insert(array: list[Any]) -> list[Any]:
        found = _inserted(array, copied(items), position)
        if key is not None:
            found.sort(key=key)
        return found if limit is None else _cut(found, limit)

    return insert


def _whole(operand: Mapping[str, Any], name: str, wrong: str) -> int | None:
    if name not in operand:
        return None
    try:
        return integer(operand[name], name)
    except MongoError:
        raise MongoError(
            Code.BadValue, f"The value for {name} {wrong} {type_alias(operand[name])}"
        ) from None


def _inserted(array: list[Any], items: list[Any], position: int | None) -> list[Any]:
    # A position before the beginning is the beginning, and one after the end the end.
    at = len(array) if position is None else position
    at = max(0, len(array) + at) if at < 0 else at
    return [*array[:at], *items, *array[at:]]


def _cut(array: list[Any], limit: int) -> list[Any]:
    if limit >= 0:
        return array[:limit]
    return array[limit:]


def _direction(order: Any) -> bool:
    if not is_number(order) or exact(order) not in (1, -1):
        raise MongoError(Code.BadValue, "The $sort element value must be either 1 or -1")
    return exact(order) == -1


def _sort_key(spec: Any) -> Callable[[Any], Any]:
    if is_number(spec):
        down = _direction(spec)
        return lambda item: Descending(order_key(item)) if down else order_key(item)
    if not isinstance(spec, Mapping):
        raise MongoError(
            Code.BadValue,
            "The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort "
            "embedded fields",
        )
    if not spec:
        raise MongoError(
            Code.BadValue, "The $sort pattern is empty when it should be a set of fields."
        )
    parts = [(_sort_path(name), _direction(order)) for name, order in spec.items()]

    def key(item: Any) -> Any:
        keys = [(order_key(_inside(item, path)), down) for path, down in parts]
        return tuple([Descending(found) if down else found for found, down in keys])

    return key


def _sort_path(name: str) -> tuple[str, ...]:
    if name == "":
        raise MongoError(Code.BadValue, "The $sort field cannot be empty")
    path = split(name)
    if "" in path:
        raise MongoError(
            Code.BadValue, f"The $sort field is a dotted field but has an empty part: {name}"
        )
    return path


def _inside(item: Any, path: tuple[str, ...]) -> Any:
    """The value at a path in an element: an array on the way has its positions for names."""
    for name in path:
        if isinstance(item, Mapping):
            item = item.get(name)
        elif isinstance(item, list):
            index = array_index(name)
            item = item[index] if index is not None and index < len(item) else None
        else:
            return None
    return item


def add_to_set(_path: str, operand: Any, _context: Context) -> Modifier:
    """`$addToSet`."""
    items = _set_items(operand)

    def change(value: Any, place: Place, _run: Run) -> Any:
        if not isinstance(value, list):
            raise MongoError(
                Code.BadValue,
                f"Cannot apply $addToSet to non-array field. Field named '{place.taken[-1]}' has "
                f"non-array type {type_alias(value)}",
            )
        new = _absent(value, items)
        return [*value, *new] if new else value

    return Modifier(change=change, create=lambda _: _absent([], items))


def _absent(array: list[Any], items: list[Any]) -> list[Any]:
    seen = {order_key(item) for item in array}
    new = []
    for item in items:
        key = order_key(item)
        if key not in seen:
            seen.add(key)
            new.append(copied(item))
    return new


def _set_items(operand: Any) -> list[Any]:
    if not isinstance(operand, Mapping) or next(iter(operand), "") != "$each":
        return [operand]
    items = operand["$each"]
    if not isinstance(items, list):
        raise MongoError(
            Code.TypeMismatch,
            "The argument to $each in $addToSet must be an array but it was of type "
            f"{type_alias(items)}",
        )
    if len(operand) > 1:
        raise MongoError(
            Code.BadValue, f"Found unexpected fields after $each in $addToSet: {shown(operand)}"
        )
    return items


def pop(path: str, operand: Any, _context: Context) -> Modifier:
    """`$pop`."""
    which = integer(operand, f"{path}: {shown(operand)}")
    if which not in (1, -1):
        raise MongoError(Code.FailedToParse, f"$pop expects 1 or -1, found: {shown(operand)}")

    def change(value: Any, place: Place, _run: Run) -> Any:
        if not isinstance(value, list):
            raise MongoError(
                Code.TypeMismatch,
                f"Path '{place.path}' contains an element of non-array type '{type_alias(value)}'",
            )
        if not value:
            return value
        return value[:-1] if which == 1 else value[1:]

    return Modifier(change=change, needs_viable_path=True)


def pull(_path: str, operand: Any, context: Context) -> Modifier:
    """`$pull`."""
    return _culling(_pull_test(operand, context.without_expressions()))


def pull_all(_path: str, operand: Any, _context: Context) -> Modifier:
    """`$pullAll`."""
    if not isinstance(operand, list):
        raise MongoError(
            Code.BadValue,
            f"$pullAll requires an array argument but was given a {type_alias(operand)}",
        )
    keys = {order_key(item) for item in operand}
    return _culling(lambda item: order_key(item) in keys)


def _culling(test: Callable[[Any], bool]) -> Modifier:
    def change(value: Any, _place: Place, _run: Run) -> Any:
        if not isinstance(value, list):
            raise MongoError(Code.BadValue, "Cannot apply $pull to a non-array value")
        kept = [item for item in value if not test(item)]
        return kept if len(kept) < len(value) else value

    return Modifier(change=change, needs_viable_path=True)


def _pull_test(operand: Any, context: Context) -> Callable[[Any], bool]:
    if isinstance(operand, Regex) or (
        isinstance(operand, Mapping) and is_path_operator(next(iter(operand), ""))
    ):
        # The element is looked at as the value of a field, so an array in it is looked into.
        of_value = compile_filter({"": operand}, context=context)
        return lambda item: of_value.matches({"": item})
    if isinstance(operand, Mapping):
        of_fields = compile_filter(operand, context=context)
        return lambda item: isinstance(item, Mapping) and of_fields.matches(item)
    key = order_key(operand)
    return lambda item: order_key(item) == key
