"""Whatever is sent as an expression gives a value that can be sent back, or MongoDB's error."""

import random
from typing import Any

import pytest
from bson import (
    Binary,
    Code,
    DatetimeMS,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)

from stend.engines.mongo.aggregate.expressions.table import OPERATORS, evaluator
from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query.values import MISSING, encode
from tests.engines.mongo.aggregate.running import CONTEXT

SCALARS: list[Any] = [
    *(None, True, False, 0, 1, -1, 5, 2**31 - 1, Int64(2**62), Int64(-(2**63))),
    *(1.5, -0.0, 1e300, float("nan"), float("inf"), float("-inf")),
    *map(Decimal128, ("1.5", "NaN", "Infinity", "-0", "1E+6000", "1E-6000")),
    *("", "abc", "é€", "day", "UTC", "%Y", "int", "$a", "$b.c", "$$ROOT", "$$NOW"),
    *map(DatetimeMS, (0, -(2**63), 2**63 - 1)),
    *(Timestamp(5, 1), ObjectId(b"\1" * 12), b"xx", Binary(b"\0" * 16, 4), Regex("a")),
    *(MinKey(), MaxKey(), Code("x")),
]
LEAVES: list[Any] = [*SCALARS, [], [1, 2], [[1]], {}, {"a": 1}, {"$literal": [3, 1, 2]}]
NAMED = {
    "$dateAdd": "startDate unit amount timezone",
    "$dateDiff": "startDate endDate unit timezone startOfWeek",
    "$dateTrunc": "date unit binSize timezone",
    "$dateFromParts": "year month day hour timezone",
    "$dateToParts": "date iso8601",
    "$dateToString": "date format timezone",
    "$dateFromString": "dateString format onError",
    "$map": "input in",
    "$filter": "input cond limit",
    "$reduce": "input initialValue in",
    "$zip": "inputs useLongestLength",
    "$sortArray": "input sortBy",
    "$firstN": "n input",
    "$convert": "input to onNull",
    "$regexFindAll": "input regex",
    "$replaceAll": "input find replacement",
    "$trim": "input chars",
    "$setField": "field input value",
}


def expression(dice: random.Random, depth: int) -> Any:
    """Some expression, well formed or not."""
    throw = dice.random()
    if depth == 0 or throw < 0.3:
        return dice.choice(LEAVES)
    if throw < 0.5:
        name = dice.choice(list(NAMED))
        return {name: {key: expression(dice, depth - 1) for key in NAMED[name].split()}}
    if throw < 0.85:
        name = dice.choice(list(OPERATORS))
        count = dice.choice([1, 2, 2, 3])
        return {name: [expression(dice, depth - 1) for _ in range(count)]}
    return {key: expression(dice, depth - 1) for key in dice.sample("abc", 2)}


@pytest.mark.parametrize("seed", range(8))
def test_an_expression_gives_a_value_or_an_error_of_mongodb(seed: int) -> None:
    dice = random.Random(seed)
    values = 0
    for _ in range(250):
        document = {"a": dice.choice(SCALARS), "b": [{"c": 1}, {"c": 2}]}
        try:
            value = evaluator(expression(dice, 3), CONTEXT)(document)
        except MongoError:
            continue
        if value is not MISSING:
            encode({"": value})
        values += 1
    assert values > 20
