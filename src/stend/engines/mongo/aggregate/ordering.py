"""The order of values inside expressions, where a missing value stands below null."""

from typing import Any, Final

from stend.engines.mongo.query.values import MISSING, OrderKey, order_key

_KEY_OF_MISSING: Final = (0,)


def value_key(value: Any) -> OrderKey:
    """As `order_key`, with MISSING below null: what expressions, $group and sets compare by."""
    return _KEY_OF_MISSING if value is MISSING else order_key(value)
