"""Objects and single values: fields by name, merges, sizes, types, random numbers, $literal."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn

from bson import Int64, Timestamp

from stend.engines.mongo.aggregate.expressions.arguments import Named, compile_operands, fixed
from stend.engines.mongo.aggregate.expressions.arithmetic import nullish
from stend.engines.mongo.aggregate.expressions.compiling import Constant, compile_in
from stend.engines.mongo.aggregate.expressions.scope import Builder, Env, Expression, Scope
from stend.engines.mongo.aggregate.expressions.strings import utf8
from stend.engines.mongo.aggregate.numbers import is_number
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import MISSING, encode, type_alias


def _object_to_array(value: Any) -> Any:
    if nullish(value):
        return None
    if not isinstance(value, Mapping):
        raise MongoError(
            40390, f"$objectToArray requires a document input, found: {type_alias(value)}"
        )
    return [{"k": key, "v": item} for key, item in value.items()]


def _array_to_object(value: Any) -> Any:
    if nullish(value):
        return None
    if not isinstance(value, list):
        raise MongoError(
            40386, f"$arrayToObject requires an array input, found: {type_alias(value)}"
        )
    if not value:
        return {}
    if isinstance(value[0], list):
        return dict(_pair_of_array(item) for item in value)
    if isinstance(value[0], Mapping):
        return dict(_pair_of_object(item) for item in value)
    raise MongoError(
        40398, f"Unrecognised input type format for $arrayToObject: {type_alias(value[0])}"
    )


def _pair_of_array(item: Any) -> tuple[str, Any]:
    if not isinstance(item, list):
        raise MongoError(
            40396,
            "$arrayToObject requires a consistent input format. Elements must all be arrays or all "
            f"be objects. Array was detected, now found: {type_alias(item)}",
        )
    if len(item) != 2:
        raise MongoError(
            40397,
            f"$arrayToObject requires an array of size 2 arrays,found array of size: {len(item)}",
        )
    return _key(item[0], 40395, 4940400), item[1]


def _pair_of_object(item: Any) -> tuple[str, Any]:
    if not isinstance(item, Mapping):
        raise MongoError(
            40391,
            "$arrayToObject requires a consistent input format. Elements must all be arrays or all "
            f"be objects. Object was detected, now found: {type_alias(item)}",
        )
    if len(item) != 2:
        raise MongoError(
            40392,
            "$arrayToObject requires an object keys of 'k' and 'v'. Found incorrect number of "
            f"keys:{len(item)}",
        )
    if "k" not in item or "v" not in item:
        raise MongoError(
            40393,
            "$arrayToObject requires an object with keys 'k' and 'v'. Missing either or both keys "
            f"from: {item}",
        )
    return _key(item["k"], 40394, 4940401), item["v"]


def _key(key: Any, wrong_type: int, null_byte: int) -> str:
    if type(key) is not str:
        raise MongoError(
            wrong_type,
            "$arrayToObject requires an array of key-value pairs, where the key must be of type "
            f"string. Found key type: {type_alias(key)}",
        )
    if "\0" in key:
        raise MongoError(null_byte, "Key field cannot contain an embedded null byte")
    return key


def _get_field(name: str, argument: Any, scope: Scope) -> Expression:
    if isinstance(argument, Mapping) and next(iter(argument), "")[:1] != "$":
        named = Named(
            name, argument, ("field", "input"), codes=(3041701, 3041701, 3041702, 3041703)
        )
        field, source = named.given["field"], named.compiled("input", scope)
    else:
        field, source = argument, compile_in("$$CURRENT", scope)
    key = _constant_field(name, field, scope, _GET_FIELD)

    def read(env: Env) -> Any:
        value = source(env)
        if value is None:
            return None
        return value.get(key, MISSING) if isinstance(value, Mapping) else MISSING

    return read


# The codes for a field that is a path, that is not constant, that is no string.
_GET_FIELD: Final = (5654600, 5654601, 5654602)
_SET_FIELD: Final = (4161108, 4161106, 4161107)


def _constant_field(name: str, spec: Any, scope: Scope, codes: tuple[int, int, int]) -> str:
    if type(spec) is str and spec[:1] == "$":
        raise MongoError(
            codes[0],
            f"'{spec}' is a field path reference which is not allowed in this context. Did you "
            f"mean {{$literal: '{spec}'}}?",
        )
    compiled = compile_in(spec, scope)
    if not isinstance(compiled, Constant):
        raise MongoError(
            codes[1],
            f"{name} requires 'field' to evaluate to a constant, but got a non-constant argument",
        )
    if type(compiled.value) is not str:
        raise MongoError(
            codes[2],
            f"{name} requires 'field' to evaluate to type String, but got "
            f"{type_alias(compiled.value)}",
        )
    return compiled.value


def _set_field(name: str, argument: Any, scope: Scope) -> Expression:
    named = Named(
        name,
        argument,
        ("field", "value", "input"),
        codes=(4161100, 4161101, 4161102, 4161103, 4161109),
    )
    return _setting(name, named, named.compiled("value", scope), scope)


def _unset_field(name: str, argument: Any, scope: Scope) -> Expression:
    named = Named(name, argument, ("field", "input"), codes=(4161100, 4161101, 4161102, 4161109))
    return _setting(name, named, Constant(MISSING), scope)


def _setting(name: str, named: Named, value: Expression, scope: Scope) -> Expression:
    field = _constant_field(name, named.given["field"], scope, _SET_FIELD)
    source = named.compiled("input", scope)

    def build(env: Env) -> Any:
        document = source(env)
        if nullish(document):
            return None
        if not isinstance(document, Mapping):
            raise MongoError(
                4161105,
                f"{name} requires 'input' to evaluate to type Object, but got "
                f"{type_alias(document)}",
            )
        copy, new = dict(document), value(env)
        if new is MISSING:
            copy.pop(field, None)
        else:
            copy[field] = new
        return copy

    return build


def _bson_size(value: Any) -> Any:
    if nullish(value):
        return None
    if not isinstance(value, Mapping):
        raise MongoError(31393, f"$bsonSize requires a document input, found: {type_alias(value)}")
    return len(encode(value))


def _binary_size(value: Any) -> Any:
    if nullish(value):
        return None
    if type(value) is str:
        return len(utf8(value))
    if not isinstance(value, bytes):
        raise MongoError(
            51276,
            f"$binarySize requires a string or BinData argument, found: {type_alias(value)}",
        )
    return len(value)


def _literal(name: str, argument: Any, scope: Scope) -> Expression:
    return Constant(argument)


def _rand(name: str, argument: Any, scope: Scope) -> Expression:
    if compile_operands(argument, scope) and argument not in ({}, []):
        raise MongoError(3040501, "$rand does not currently accept arguments")
    random = scope.context.random
    return lambda env: random()


_METADATA: Final = frozenset(
    {
        "textScore",
        "searchScore",
        "searchHighlights",
        "geoNearDistance",
        "geoNearPoint",
        "recordId",
        "indexKey",
        "sortKey",
        "searchScoreDetails",
        "searchSequenceToken",
        "timeseriesBucketMinTime",
        "timeseriesBucketMaxTime",
        "vectorSearchScore",
        "score",
        "scoreDetails",
        "randVal",
    }
)


def _meta(name: str, argument: Any, scope: Scope) -> Expression:
    if type(argument) is not str:
        raise MongoError(17307, "$meta only supports string arguments")
    if argument not in _METADATA:
        raise MongoError(17308, f"Unsupported argument to $meta: {argument}")
    if argument == "textScore":
        raise MongoError(40218, "query requires text score metadata, but it is not available")
    raise MongoError(
        Code.NotImplemented, f"the metadata '{argument}' of $meta is not kept by this server"
    )


def scripted(name: str, _argument: Any, _scope: Scope) -> NoReturn:
    """Refuses what would be computed by JavaScript.

    Raises:
        MongoError: always.
    """
    raise MongoError(
        Code.BadValue, f"{name} is not available: server-side JavaScript execution is disabled"
    )


def _timestamp_part(name: str, part: str, code: int) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if nullish(value):
            return None
        if not isinstance(value, Timestamp):
            raise MongoError(
                code, f" Argument to {name} must be a timestamp, but is {type_alias(value)}"
            )
        return Int64(getattr(value, part))

    return read


OPERATORS: Final[Mapping[str, Builder]] = {
    "$objectToArray": fixed(_object_to_array, 1),
    "$arrayToObject": fixed(_array_to_object, 1),
    "$getField": _get_field,
    "$setField": _set_field,
    "$unsetField": _unset_field,
    "$bsonSize": fixed(_bson_size, 1),
    "$binarySize": fixed(_binary_size, 1),
    "$literal": _literal,
    "$const": _literal,
    "$rand": _rand,
    "$meta": _meta,
    "$function": scripted,
    "$isNumber": fixed(is_number, 1),
    "$type": fixed(type_alias, 1),
    "$tsSecond": fixed(_timestamp_part("$tsSecond", "time", 5687301), 1),
    "$tsIncrement": fixed(_timestamp_part("$tsIncrement", "inc", 5687302), 1),
}
