"""Checks the fields of a command: what is unknown is refused, and what has another type.

As mongod's own parsers do (its IDL): null is as if it was not there, a number may be of any type
that holds a whole one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from bson import Decimal128, Int64, Timestamp

from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import INT64_MAX, INT64_MIN, exact, is_number, type_alias

Document = dict[str, Any]

_UNKNOWN_FIELD: Final = 40415
_MISSING_FIELD: Final = 40414
_OUT_OF_RANGE: Final = 51024


_NUMBERS: Final = (int, Int64, float, Decimal128)


class Kind(Enum):
    """Of a field.

    Attributes:
        told: what the message about a value of another type names.
        types: of the values that are taken, exactly; none for any.
    """

    ANY = ("any",)
    STRING = ("'string'", str)
    OBJECT = ("'object'", dict)
    ARRAY = ("'array'", list)
    BOOL = ("'bool'", bool)
    # A bool, or a number that stands for one.
    SWITCH = ("'[bool, long, int, decimal, double]'", bool, *_NUMBERS)
    NUMBER = ("'[long, int, decimal, double]'", *_NUMBERS)
    STRING_OR_OBJECT = ("'[string, object]'", str, dict)
    OBJECT_OR_ARRAY = ("'[object, array]'", dict, list)
    LONG = ("'long'", int, Int64)
    TIMESTAMP = ("'timestamp'", Timestamp)

    def __init__(self, told: str, *types: type) -> None:
        self.told = told
        self.types = frozenset(types)


@dataclass(frozen=True, slots=True)
class Field:
    """
    Attributes:
        least: of a number.
        most: of a number.
        is_required: it must be there and not be null.
    """

    kind: Kind
    least: int | None = None
    most: int | None = None
    is_required: bool = False


Spec = Mapping[str, Field]

ANY: Final = Field(Kind.ANY)
STRING: Final = Field(Kind.STRING)
OBJECT: Final = Field(Kind.OBJECT)
ARRAY: Final = Field(Kind.ARRAY)
BOOL: Final = Field(Kind.BOOL)
SWITCH: Final = Field(Kind.SWITCH)
NUMBER: Final = Field(Kind.NUMBER)
COUNT: Final = Field(Kind.NUMBER, least=0)
NAME: Final = Field(Kind.STRING, is_required=True)
HINT: Final = Field(Kind.STRING_OR_OBJECT)
UPDATE: Final = Field(Kind.OBJECT_OR_ARRAY)


class Lenient(dict[str, Field]):
    """A command in which further fields may have any name: mongod's parser is not strict there."""

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name, ANY)


def required(field: Field) -> Field:
    return Field(field.kind, field.least, field.most, is_required=True)


def read_fields(name: str, document: Mapping[str, Any], spec: Spec) -> Document:
    """What is there, in the order of the document; numbers are plain ints, switches bools.

    Args:
        name: of the command or of the part of one, for messages: `find`, `update.updates`.

    Raises:
        MongoError: a field is unknown, missing, or of another type.
    """
    found: Document = {}
    for key, value in document.items():
        field = spec.get(key)
        if field is None:
            raise MongoError(_UNKNOWN_FIELD, f"BSON field '{name}.{key}' is an unknown field.")
        if value is not None or field.kind is Kind.ANY:
            found[key] = _checked(name, key, value, field)
    for key, field in spec.items():
        if field.is_required and key not in found:
            raise missing(f"{name}.{key}")
    return found


def missing(path: str) -> MongoError:
    return MongoError(_MISSING_FIELD, f"BSON field '{path}' is missing but a required field")


def wrong_type(path: str, value: Any, expected: str) -> MongoError:
    """
    Args:
        expected: in quotes, as `'object'`.
    """
    word = "types" if expected.startswith("'[") else "type"
    return MongoError(
        Code.TypeMismatch,
        f"BSON field '{path}' is the wrong type '{type_alias(value)}', expected {word} {expected}",
    )


def is_true(value: Any) -> bool:
    """A switch as mongod reads it: any number but zero stands for true."""
    return bool(exact(value)) if is_number(value) else bool(value)


def objects(path: str, values: list[Any]) -> list[Document]:
    """
    Raises:
        MongoError: one of them is no object.
    """
    for index, value in enumerate(values):
        if not isinstance(value, Mapping):
            raise wrong_type(f"{path}.{index}", value, "'object'")
    return values


def whole(path: str, value: Any) -> int:
    """A number of any type as an int of 64 bits; a fraction is cut, as mongod does.

    Raises:
        MongoError: it is no number, or it is not finite.
    """
    if not is_number(value):
        raise wrong_type(path, value, Kind.NUMBER.told)
    number = exact(value)
    try:
        return max(INT64_MIN, min(INT64_MAX, int(number)))
    except (ValueError, OverflowError):
        raise MongoError(Code.BadValue, f"BSON field '{path}' is no finite number") from None


def _checked(name: str, key: str, value: Any, field: Field) -> Any:
    kind = field.kind
    if kind is Kind.ANY:
        return value
    if type(value) not in kind.types:
        raise wrong_type(f"{name}.{key}", value, kind.told)
    if kind is Kind.SWITCH:
        return is_true(value)
    if kind is Kind.NUMBER or kind is Kind.LONG:
        return _in_range(key, whole(f"{name}.{key}", value), field)
    return value


def _in_range(name: str, value: int, field: Field) -> int:
    if field.least is not None and value < field.least:
        raise MongoError(
            _OUT_OF_RANGE,
            f"BSON field '{name}' value must be >= {field.least}, actual value '{value}'",
        )
    if field.most is not None and value > field.most:
        raise MongoError(
            _OUT_OF_RANGE,
            f"BSON field '{name}' value must be <= {field.most}, actual value '{value}'",
        )
    return value
