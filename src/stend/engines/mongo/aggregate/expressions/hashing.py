"""$toHashedIndexKey: the number that a hashed index keeps for a value."""

import hashlib
import math
import struct
from collections.abc import Mapping
from typing import Any, Final

from bson import Decimal128, Int64

from stend.engines.mongo.aggregate.expressions.arguments import fixed
from stend.engines.mongo.aggregate.expressions.scope import Builder
from stend.engines.mongo.aggregate.numbers import to_long
from stend.engines.mongo.query.values import MISSING, bson_type, encode, is_number

# The classes of types in MongoDB's order, which stand for the type in a hash.
_CANONICAL: Final = {
    -1: -1,
    127: 127,
    6: 0,
    10: 5,
    1: 10,
    16: 10,
    18: 10,
    19: 10,
    2: 15,
    14: 15,
    3: 20,
    4: 25,
    5: 30,
    7: 35,
    8: 40,
    9: 45,
    17: 47,
    11: 50,
    12: 55,
    13: 60,
    15: 65,
}
_OBJECTS: Final = frozenset({3, 4})


def hashed_key(value: Any) -> Int64:
    """The key of a value; a missing one has that of null."""
    digest = hashlib.md5(usedforsecurity=False)
    digest.update(struct.pack("<i", 0))
    _feed(digest, "", None if value is MISSING else value, named=False)
    (number,) = struct.unpack("<q", digest.digest()[:8])
    return Int64(number)


def _feed(digest: Any, name: str, value: Any, *, named: bool) -> None:
    kind = bson_type(value)
    digest.update(struct.pack("<i", _CANONICAL[kind]))
    if named:
        digest.update(name.encode() + b"\0")
    if is_number(value):
        digest.update(struct.pack("<q", _whole(value)))
    elif kind in _OBJECTS:
        items = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, item in items:
            _feed(digest, str(key), item, named=True)
        # The end of an object is an element of its own, of no type and no name.
        digest.update(struct.pack("<i", 0) + b"\0")
    else:
        # The bytes of the value in BSON: after the size, the type and the empty name.
        digest.update(encode({"": value})[6:-1])


def _whole(value: Any) -> int:
    if isinstance(value, Decimal128):
        number = value.to_decimal()
        return (
            to_long(Decimal128(number.to_integral_value("ROUND_DOWN")))
            if (number.is_finite())
            else to_long(value)
        )
    if isinstance(value, float) and math.isnan(value):
        return 0
    return to_long(value)


OPERATORS: Final[Mapping[str, Builder]] = {"$toHashedIndexKey": fixed(hashed_key, 1)}
