"""How values become strings."""

import math
from typing import Any

from bson import DatetimeMS, Decimal128

from stend.engines.mongo.aggregate.timezones import UTC, parts_of
from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query.values import MISSING, type_alias


def text_of_double(value: float) -> str:
    """The shortest text that gives the double back, as $toString writes it."""
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if math.isnan(value):
        return "NaN"
    return repr(value).removesuffix(".0")


def iso_text(millis: int) -> str:
    """A date in UTC, such as 2017-02-08T12:10:40.787Z.

    Raises:
        MongoError: 18537 for a year that does not have four digits.
    """
    parts = parts_of(millis, UTC)
    if not 0 <= parts.year <= 9999:
        raise MongoError(
            18537, f"$dateToString is only defined on year 0-9999, tried to use year {parts.year}"
        )
    return (
        f"{parts.year:04}-{parts.month:02}-{parts.day:02}T{parts.hour:02}:{parts.minute:02}:"
        f"{parts.second:02}.{parts.millisecond:03}Z"
    )


def coerced(value: Any) -> str:
    """The string that $toUpper, $substr and their like take for a value; "" for null.

    Raises:
        MongoError: 16007 for a value of a type that they do not take.
    """
    if type(value) is str:
        return str(value)
    if value is None or value is MISSING:
        return ""
    if isinstance(value, bool):
        raise _no_string(value)
    if isinstance(value, float):
        return f"{value:.16g}" if math.isfinite(value) else str(value)
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, Decimal128):
        return str(value)
    if isinstance(value, DatetimeMS):
        return iso_text(int(value))
    raise _no_string(value)


def _no_string(value: Any) -> MongoError:
    return MongoError(16007, f"can't convert from BSON type {type_alias(value)} to String")
