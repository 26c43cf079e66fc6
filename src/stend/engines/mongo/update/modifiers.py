"""The modifiers of single fields: `$set`, `$unset`, `$min`, `$max`, `$currentDate`, `$rename`."""

from collections.abc import Callable, Mapping
from typing import Any

from bson import DatetimeMS, Timestamp

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.context import Context
from stend.engines.mongo.query.operators import shown
from stend.engines.mongo.query.paths import split
from stend.engines.mongo.query.values import identical, order_key, type_alias
from stend.engines.mongo.update.tree import REMOVED, Modifier, Place, Run, make, put, step


def copied(value: Any) -> Any:
    """The same value; its objects and arrays can be changed without changing the first."""
    if isinstance(value, Mapping):
        return {name: copied(item) for name, item in value.items()}
    if isinstance(value, list):
        return [copied(item) for item in value]
    return value


def set_to(_path: str, operand: Any, _context: Context) -> Modifier:
    """`$set`."""
    return _setting(operand, insert_only=False)


def set_on_insert(_path: str, operand: Any, _context: Context) -> Modifier:
    """`$setOnInsert`."""
    return _setting(operand, insert_only=True)


def _setting(operand: Any, *, insert_only: bool) -> Modifier:
    return Modifier(
        change=lambda value, _place, _run: value if identical(value, operand) else copied(operand),
        create=lambda _: copied(operand),
        insert_only=insert_only,
    )


def unset(_path: str, _operand: Any, _context: Context) -> Modifier:
    """`$unset`; an element of an array becomes null."""
    return Modifier(change=_unset)


def _unset(value: Any, place: Place, _run: Run) -> Any:
    return value if isinstance(place.container, list) and value is None else REMOVED


def minimum(_path: str, operand: Any, _context: Context) -> Modifier:
    """`$min`."""
    return _bounded(operand, lambda new, old: new < old)


def maximum(_path: str, operand: Any, _context: Context) -> Modifier:
    """`$max`."""
    return _bounded(operand, lambda new, old: new > old)


def _bounded(operand: Any, better: Callable[[Any, Any], bool]) -> Modifier:
    key = order_key(operand)
    return Modifier(
        change=lambda value, _place, _run: (
            copied(operand) if better(key, order_key(value)) else value
        ),
        create=lambda _: copied(operand),
    )


def current_date(_path: str, operand: Any, context: Context) -> Modifier:
    """`$currentDate`."""
    moment: Any = DatetimeMS(context.now)
    if _date_kind(operand) == "timestamp":
        moment = timestamp_now(context)
    return Modifier(change=lambda _value, _place, _run: moment, create=lambda _: moment)


def timestamp_now(context: Context) -> Timestamp:
    """The time of the cluster that a command has."""
    seconds, counter = context.cluster_time or (int(context.now.timestamp()), 1)
    return Timestamp(seconds, counter)


def _date_kind(operand: Any) -> str:
    if isinstance(operand, bool):
        return "date"
    if not isinstance(operand, Mapping):
        raise MongoError(
            Code.BadValue,
            f"{type_alias(operand)} is not valid type for $currentDate. Please use a boolean "
            "('true') or a $type expression ({$type: 'timestamp/date'}).",
        )
    for name, value in operand.items():
        if name != "$type":
            raise MongoError(Code.BadValue, f"Unrecognized $currentDate option: {name}")
        if value in ("date", "timestamp"):
            return str(value)
    raise MongoError(
        Code.BadValue,
        "The '$type' string field is required to be 'date' or 'timestamp': "
        "{$currentDate: {field : {$type: 'date'}}}",
    )


def rename(path: str, operand: Any, _context: Context) -> Modifier:
    """`$rename`, at the path that the value is to have."""
    source = split(path)
    return Modifier(
        change=lambda value, _place, _run: value,
        act=lambda place, run: _rename(source, place, run),
    )


def _rename(source: tuple[str, ...], place: Place, run: Run) -> None:
    origin = Place(None, None, run.root, (), ())
    for depth, name in enumerate(source, 1):
        if isinstance(origin.value, list):
            raise _through_array("source", ".".join(source), source[depth - 2], run)
        if not isinstance(origin.value, dict):
            raise MongoError(
                Code.PathNotViable,
                f"cannot use the part ({source[depth - 2]} of {'.'.join(source)}) to traverse the "
                f"element ({origin.shown()})",
            )
        origin = step(origin, name)
        if origin.missing:
            return
    _check_destination(place, run)
    value = origin.value
    put_elsewhere(place, value)
    put(origin, REMOVED)


def put_elsewhere(place: Place, value: Any) -> None:
    """Puts a value at a place, whether one is there or not."""
    if place.missing:
        make(place, value)
    elif not identical(place.value, value):
        put(place, value)


def _check_destination(place: Place, run: Run) -> None:
    depth = len(place.taken) if place.missing else len(place.taken) - 1
    value: Any = run.root
    for at, name in enumerate(place.taken[:depth]):
        value = value[name]
        if isinstance(value, list):
            raise _through_array("destination", place.path, place.taken[at], run)


def _through_array(which: str, path: str, name: str, run: Run) -> MongoError:
    return MongoError(
        Code.BadValue,
        f"The {which} field cannot be an array element, '{path}' in doc with "
        f"_id: {shown(run.root.get('_id'))} has an array field called '{name}'",
    )
