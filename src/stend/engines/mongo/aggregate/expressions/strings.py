"""Strings, in bytes of UTF-8 and in code points."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from stend.engines.mongo.aggregate.expressions.arguments import Named, fixed, named_by, variadic
from stend.engines.mongo.aggregate.expressions.arguments import ranged as ranged_arguments
from stend.engines.mongo.aggregate.expressions.arithmetic import nullish
from stend.engines.mongo.aggregate.expressions.scope import Builder, Env, Expression, Scope
from stend.engines.mongo.aggregate.expressions.text import coerced
from stend.engines.mongo.aggregate.memory import check_text
from stend.engines.mongo.aggregate.numbers import is_integral, is_number, to_long
from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query.values import type_alias

# Only the letters of ASCII have two cases to these operators.
_LOWER: Final = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_UPPER: Final = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
_WHITESPACE: Final = "\0\t\n\v\f\r \u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B)))


def _concat(values: Iterator[Any]) -> Any:
    pieces, length = [], 0
    for value in values:
        if nullish(value):
            return None
        if type(value) is not str:
            raise MongoError(16702, f"$concat only supports strings, not {type_alias(value)}")
        length += len(value)
        check_text(length)
        pieces.append(value)
    return "".join(pieces)


def _strcasecmp(left: Any, right: Any) -> int:
    first, second = coerced(left).translate(_UPPER), coerced(right).translate(_UPPER)
    return (first > second) - (first < second)


def utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _substr_bytes(name: str, text: Any, start: Any, length: Any) -> str:
    data = utf8(coerced(text))
    for value, code, what in ((start, 16034, "starting index"), (length, 16035, "length")):
        if not is_number(value):
            raise MongoError(
                code, f"{name}:  {what} must be a numeric type (is BSON type {type_alias(value)})"
            )
    first, count = to_long(start), to_long(length)
    if first < 0:
        raise MongoError(50752, f"{name}:  starting index must be non-negative (got: {first})")
    end = len(data) if count < 0 else first + count
    if first < len(data) and data[first] & 0xC0 == 0x80:
        raise MongoError(
            28656, f"{name}:  Invalid range, starting index is a UTF-8 continuation byte."
        )
    if end < len(data) and data[end] & 0xC0 == 0x80:
        raise MongoError(
            28657, f"{name}:  Invalid range, ending index is in the middle of a UTF-8 character."
        )
    return data[first:end].decode("utf-8", "surrogatepass")


def _substr_cp(name: str, text: Any, start: Any, length: Any) -> str:
    whole = coerced(text)
    for value, codes, what in (
        (start, (34450, 34451), "starting index"),
        (length, (34452, 34453), "length"),
    ):
        if not is_number(value):
            raise MongoError(
                codes[0],
                f"{name}: {what} must be a numeric type (is BSON type {type_alias(value)})",
            )
        if not is_integral(value):
            raise MongoError(
                codes[1],
                f"{name}: {what} cannot be represented as a 32-bit integral value: {value}",
            )
    first, count = to_long(start), to_long(length)
    if count < 0:
        raise MongoError(34454, f"{name}: length must be a nonnegative integer.")
    if first < 0:
        raise MongoError(34455, f"{name}: the starting index must be nonnegative integer.")
    return whole[first : first + count]


def _length(measure: Callable[[str], int], code: int) -> Builder:
    def call(name: str, value: Any) -> int:
        if type(value) is not str:
            raise MongoError(code, f"{name} requires a string argument, found: {type_alias(value)}")
        return measure(value)

    return named_by(call, 1)


def _index_argument(name: str, value: Any, what: str) -> int:
    if not is_integral(value):
        raise MongoError(
            40096,
            f"{name} requires an integral {what}, found a value of type: {type_alias(value)}",
        )
    if to_long(value) < 0:
        raise MongoError(40097, f"{name} requires a nonnegative {what}, found: {value}")
    return to_long(value)


def _index_of(convert: Callable[[str], Any], codes: tuple[int, int]) -> Builder:
    def build(name: str, argument: Any, scope: Scope) -> Expression:
        return ranged_arguments(lambda *values: call(name, *values), 2, 4)(name, argument, scope)

    def call(name: str, text: Any, token: Any, *limits: Any) -> Any:
        if nullish(text):
            return None
        for value, code, which in ((text, codes[0], "first"), (token, codes[1], "second")):
            if type(value) is not str:
                raise MongoError(
                    code,
                    f"{name} requires a string as the {which} argument, found: {type_alias(value)}",
                )
        data, wanted = convert(text), convert(token)
        start = _index_argument(name, limits[0], "starting index") if limits else 0
        end = len(data)
        if len(limits) > 1:
            end = min(end, _index_argument(name, limits[1], "ending index"))
        if start > len(data) or end < start:
            return -1
        return data.find(wanted, start, end)

    return build


def _trimming(*, left: bool, right: bool) -> Builder:
    def build(name: str, argument: Any, scope: Scope) -> Expression:
        named = Named(name, argument, ("input",), ("chars",), codes=(50696, 50694, 50695))
        text, chars = named.compiled("input", scope), named.maybe("chars", scope)

        def call(env: Env) -> Any:
            value, cut = text(env), chars(env) if chars is not None else _WHITESPACE
            if nullish(value):
                return None
            _check_text(name, value, 50699, "its input")
            if nullish(cut):
                return None
            _check_text(name, cut, 50700, "'chars'")
            return trim(value, cut)

        return call

    def trim(value: str, cut: str) -> str:
        if not cut:
            return value
        value = value.lstrip(cut) if left else value
        return value.rstrip(cut) if right else value

    return build


def _check_text(name: str, value: Any, code: int, what: str) -> None:
    if type(value) is not str:
        raise MongoError(
            code,
            f"{name} requires {what} to be a string, got {value} (of type {type_alias(value)}) "
            "instead.",
        )


def _split(text: Any, separator: Any) -> Any:
    if nullish(text) or nullish(separator):
        return None
    for value, code, which in ((text, 40085, "first"), (separator, 40086, "second")):
        if type(value) is not str:
            raise MongoError(
                code,
                "$split requires an expression that evaluates to a string as a "
                f"{which} argument, found: {type_alias(value)}",
            )
    if not separator:
        raise MongoError(40087, "$split requires a non-empty separator")
    return text.split(separator)


def _replacing(count: int) -> Builder:
    def build(name: str, argument: Any, scope: Scope) -> Expression:
        _check_replacing(name, argument)
        named = Named(name, argument, tuple(_REPLACE_KEYS), codes=(51751, 51750, 51749))
        parts = [named.compiled(key, scope) for key in _REPLACE_KEYS]

        def call(env: Env) -> Any:
            values = [part(env) for part in parts]
            _check_replaced(name, values)
            if any(nullish(value) for value in values):
                return None
            text, found, replacement = values
            check_text(len(text) + text.count(found) * len(replacement))
            return text.replace(found, replacement, count)

        return call

    return build


def _check_replacing(name: str, argument: Any) -> None:
    if not isinstance(argument, Mapping):
        raise MongoError(51751, f"{name} requires an object as an argument")
    for key in argument:
        if key not in _REPLACE_KEYS:
            raise MongoError(51750, f"{name} found an unknown argument: {key}")
    for key, (code, _) in _REPLACE_KEYS.items():
        if key not in argument:
            raise MongoError(code, f"{name} requires '{key}' to be specified")


def _check_replaced(name: str, values: list[Any]) -> None:
    for value, (key, (_, code)) in zip(values, _REPLACE_KEYS.items(), strict=True):
        if not nullish(value) and type(value) is not str:
            raise MongoError(
                code, f"{name} requires that '{key}' be a string, found: {type_alias(value)}"
            )


# The codes for an argument that is not given and for one of a wrong type.
_REPLACE_KEYS: Final = {
    "input": (51749, 51746),
    "find": (51748, 51745),
    "replacement": (51747, 51744),
}


OPERATORS: Final[Mapping[str, Builder]] = {
    "$concat": variadic(_concat),
    "$toLower": fixed(lambda value: coerced(value).translate(_LOWER), 1),
    "$toUpper": fixed(lambda value: coerced(value).translate(_UPPER), 1),
    "$strcasecmp": fixed(_strcasecmp, 2),
    "$substr": named_by(_substr_bytes, 3),
    "$substrBytes": named_by(_substr_bytes, 3),
    "$substrCP": named_by(_substr_cp, 3),
    "$strLenBytes": _length(lambda text: len(utf8(text)), 34473),
    "$strLenCP": _length(len, 34471),
    "$indexOfBytes": _index_of(utf8, (40091, 40092)),
    "$indexOfCP": _index_of(str, (40093, 40094)),
    "$trim": _trimming(left=True, right=True),
    "$ltrim": _trimming(left=True, right=False),
    "$rtrim": _trimming(left=False, right=True),
    "$split": fixed(_split, 2),
    "$replaceOne": _replacing(1),
    "$replaceAll": _replacing(-1),
}
