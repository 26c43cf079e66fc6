"""$bucketAuto with a granularity: the examples of MongoDB's manual, and bounds of all sizes."""

from typing import Any

import pytest
from bson import Decimal128

from stend.engines.mongo.errors import MongoError
from tests.engines.mongo.aggregate.running import run


def buckets(values: list[Any], granularity: str, count: int = 5) -> list[tuple[Any, Any, int]]:
    stage = {"groupBy": "$x", "buckets": count, "granularity": granularity}
    found = run([{"$bucketAuto": stage}], [{"x": value} for value in values])
    return [(one["_id"]["min"], one["_id"]["max"], one["count"]) for one in found]


@pytest.mark.parametrize(
    ("granularity", "expected"),
    [
        ("R20", [(0, 20, 20), (20, 40, 20), (40, 63, 23), (63, 90, 27), (90, 100, 10)]),
        ("E24", [(0, 20, 20), (20, 43, 23), (43, 68, 25), (68, 91, 23), (91, 100, 9)]),
        ("1-2-5", [(0, 20, 20), (20, 50, 30), (50, 100, 50)]),
        ("POWERSOF2", [(0, 32, 32), (32, 64, 32), (64, 128, 36)]),
    ],
)
def test_the_examples_of_the_manual(
    granularity: str, expected: list[tuple[float, float, int]]
) -> None:
    assert buckets(list(range(100)), granularity) == expected


@pytest.mark.parametrize(
    ("granularity", "value", "expected"),
    [
        ("R5", 24, (16, 25)),
        ("R5", 25, (16, 40)),
        ("R5", 70, (63, 100)),
        ("R5", 63, (40, 100)),
        ("R5", 2500, (1600, 4000)),
        ("1-2-5", 7, (5, 10)),
        ("POWERSOF2", 8, (4, 16)),
        ("POWERSOF2", 9, (8, 16)),
        ("POWERSOF2", 0.75, (0.5, 1)),
        ("R80", 101, (100, 103)),
    ],
)
def test_bounds_around_a_value(
    granularity: str, value: float, expected: tuple[float, float]
) -> None:
    assert buckets([value], granularity, 1) == [(*expected, 1)]


@pytest.mark.parametrize("granularity", ["R5", "R80", "E192", "1-2-5", "POWERSOF2"])
def test_zero_and_infinity_are_bounds_of_themselves(granularity: str) -> None:
    assert buckets([0, 0], granularity, 1) == [(0, 0, 2)]
    assert buckets([float("inf")], granularity, 1) == [(float("inf"), float("inf"), 1)]


@pytest.mark.limitation("mongo", "granularity")
def test_decimals_are_refused() -> None:
    with pytest.raises(MongoError) as refused:
        buckets([Decimal128("1")], "R5")
    assert refused.value.code == 40257
