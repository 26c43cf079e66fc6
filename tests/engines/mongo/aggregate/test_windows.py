"""$setWindowFields: windows of documents and of ranges, ranks, gaps, derivatives."""

from typing import Any

import pytest
from bson import Decimal128

from stend.engines.mongo.errors import MongoError
from tests.engines.mongo.aggregate.running import date, run, same

ROWS = [
    {"_id": 1, "p": "a", "x": 1, "y": 10},
    {"_id": 2, "p": "a", "x": 2, "y": 20},
    {"_id": 3, "p": "b", "x": 1, "y": 5},
    {"_id": 4, "p": "a", "x": 4, "y": 20},
]


def windowed(function: Any, rows: Any = ROWS, *, sort: Any = None, by: Any = None) -> list[Any]:
    """The values of one window function, by the `_id` of the documents."""
    stage: dict[str, Any] = {"output": {"out": function}}
    if sort is not None:
        stage["sortBy"] = sort
    if by is not None:
        stage["partitionBy"] = by
    found = run([{"$setWindowFields": stage}], rows)
    return [document["out"] for document in found]


CASES = [
    ({"$sum": "$y"}, None, "$p", [50, 50, 50, 5]),
    (
        {"$sum": "$y", "window": {"documents": ["unbounded", "current"]}},
        {"x": 1},
        "$p",
        [10, 30, 50, 5],
    ),
    ({"$avg": "$y", "window": {"documents": [-1, 1]}}, {"x": 1}, "$p", [15.0, 50 / 3, 20.0, 5.0]),
    ({"$push": "$y", "window": {"documents": [1, 2]}}, {"x": 1}, "$p", [[20, 20], [20], [], []]),
    ({"$push": "$y", "window": {"range": [-1, 0]}}, {"x": 1}, "$p", [[10], [10, 20], [20], [5]]),
    (
        {"$push": "$x", "window": {"range": ["current", 2.5]}},
        {"x": 1},
        "$p",
        [[1, 2], [2, 4], [4], [1]],
    ),
    (
        {"$min": "$y", "window": {"documents": ["current", "unbounded"]}},
        {"x": 1},
        "$p",
        [10, 20, 20, 5],
    ),
    ({"$first": "$y", "window": {"documents": [-1, 0]}}, {"x": 1}, "$p", [10, 10, 20, 5]),
    ({"$count": {}, "window": {"documents": [-1, 0]}}, {"x": 1}, None, [1, 2, 2, 2]),
    ({"$addToSet": "$y"}, None, "$p", [[10, 20]] * 3 + [[5]]),
    ({"$rank": {}}, {"y": 1}, "$p", [1, 2, 2, 1]),
    ({"$denseRank": {}}, {"y": -1}, None, [1, 1, 2, 3]),
    ({"$documentNumber": {}}, {"y": 1}, None, [1, 2, 3, 4]),
    (
        {"$shift": {"output": "$y", "by": 1, "default": "none"}},
        {"x": 1},
        "$p",
        [20, 20, "none", "none"],
    ),
    (
        {"$derivative": {"input": "$y"}, "window": {"documents": [-1, 0]}},
        {"x": 1},
        "$p",
        [None, 10.0, 0.0, None],
    ),
    (
        {"$integral": {"input": "$y"}, "window": {"documents": ["unbounded", "current"]}},
        {"x": 1},
        "$p",
        [0, 15.0, 55.0, 0],
    ),
    ({"$expMovingAvg": {"input": "$y", "N": 3}}, {"x": 1}, "$p", [10.0, 15.0, 17.5, 5.0]),
    ({"$expMovingAvg": {"input": "$y", "alpha": 0.25}}, {"x": 1}, "$p", [10.0, 12.5, 14.375, 5.0]),
    (
        {"$covariancePop": ["$x", "$y"]},
        None,
        "$p",
        [(10 + 40 + 80) / 3 - 7 / 3 * 50 / 3] * 3 + [0.0],
    ),
    ({"$covarianceSamp": ["$x", "$y"]}, None, {"$eq": ["$p", "z"]}, [25 / 3] * 4),
    ({"$top": {"sortBy": {"x": -1}, "output": "$_id"}}, None, "$p", [4, 4, 4, 3]),
    (
        {"$percentile": {"input": "$y", "p": [0.5], "method": "approximate"}},
        None,
        "$p",
        [[20.0]] * 3 + [[5.0]],
    ),
]


@pytest.mark.parametrize(("function", "sort", "by", "expected"), CASES)
def test_a_window_function(function: Any, sort: Any, by: Any, expected: Any) -> None:
    found = windowed(function, sort=sort, by=by)
    if function.keys() & {"$covariancePop", "$covarianceSamp"}:
        assert found == pytest.approx(expected)
    else:
        assert same({"": found}, {"": expected}), found


def test_partitions_come_in_their_order_and_keep_it_without_a_sort() -> None:
    found = run([{"$setWindowFields": {"partitionBy": "$p", "output": {}}}], ROWS)
    assert [document["_id"] for document in found] == [1, 2, 4, 3]


def test_ranges_of_time() -> None:
    rows = [
        {"_id": 1, "t": date("2024-01-31T00:00:00Z"), "y": 1},
        {"_id": 2, "t": date("2024-02-29T00:00:00Z"), "y": 2},
        {"_id": 3, "t": date("2024-03-31T00:00:00Z"), "y": 4},
    ]
    months = {"$sum": "$y", "window": {"range": [-1, 0], "unit": "month"}}
    assert windowed(months, rows, sort={"t": 1}) == [1, 3, 6]
    slope = {"$derivative": {"input": "$y", "unit": "day"}, "window": {"documents": [-1, 0]}}
    first, second, _ = windowed(slope, rows, sort={"t": 1})
    assert first is None
    assert second == pytest.approx(1 / 29)


def test_the_current_document_of_a_range_is_itself_and_not_its_equals() -> None:
    rows = [{"x": 1, "y": 1}, {"x": 1, "y": 2}, {"x": 2, "y": 4}]
    current = {"$push": "$y", "window": {"range": ["current", 1]}}
    assert windowed(current, rows, sort={"x": 1}) == [[1, 2, 4], [2, 4], [4]]
    equals = {"$push": "$y", "window": {"range": [0, 0]}}
    assert windowed(equals, rows, sort={"x": 1}) == [[1, 2], [1, 2], [4]]


def test_gaps_are_filled() -> None:
    rows: list[dict[str, Any]] = [
        {"x": 0, "y": Decimal128("1")},
        {"x": 1, "y": None},
        {"x": 4, "y": Decimal128("3")},
        {"x": 5},
    ]
    assert same(
        {"": windowed({"$linearFill": "$y"}, rows, sort={"x": 1})},
        {"": [Decimal128("1"), Decimal128("1.5"), Decimal128("3"), None]},
    )
    assert windowed({"$locf": "$x"}, [{"x": 1}, {}, {"x": None}]) == [1, 1, 1]


def test_null_and_missing_have_one_rank() -> None:
    rows = [{"a": 1}, {}, {"a": None}]
    assert windowed({"$denseRank": {}}, rows, sort={"a": 1}) == [1, 1, 2]


@pytest.mark.parametrize(
    ("function", "sort", "code"),
    [
        ({"$sum": "$y", "window": {"documents": [1, 0]}}, {"x": 1}, 5339900),
        ({"$sum": "$y", "window": {"documents": [-1, 0]}}, None, 5339901),
        ({"$sum": "$y", "window": {"range": [-1, 0]}}, {"x": 1, "y": 1}, 5339902),
        ({"$sum": "$y", "window": {"range": [-1, 0]}}, {"x": -1}, 8947401),
        ({"$sum": "$y", "window": {"documents": ["x", 0]}}, {"x": 1}, 9),
        ({"$sum": "$y", "window": {"documents": [0.5, 1]}}, {"x": 1}, 9),
        ({"$sum": "$y", "window": {"range": [0, 1], "unit": "eon"}}, {"x": 1}, 9),
        ({"$sum": "$y", "window": {"unit": "day"}}, {"x": 1}, 9),
        ({"$sum": "$y", "window": {"range": [0, 1], "unit": "day"}}, {"x": 1}, 5429513),
        ({"$sum": "$y", "window": {"range": [0, 1]}}, {"p": 1}, 5429414),
        ({"$sum": "$y", "window": {"range": [0, 1]}}, {"t": 1}, 5429413),
        ({"$sum": "$y", "nonsense": 1}, {"x": 1}, 9),
        ({"$rank": {}}, {"x": 1, "y": 1}, 5371602),
        ({"$rank": {"x": 1}}, {"x": 1}, 5371603),
        ({"$rank": {}, "window": {}}, {"x": 1}, 5371601),
        ({"$shift": {"output": "$x", "by": 1}}, None, 9),
        ({"$shift": {"output": "$x", "by": 1.5}}, {"x": 1}, 9),
        ({"$expMovingAvg": {"input": "$x"}}, {"x": 1}, 9),
        ({"$expMovingAvg": {"input": "$x", "alpha": 2}}, {"x": 1}, 9),
        ({"$derivative": {"input": "$x"}}, {"x": 1}, 9),
        ({"$derivative": {"input": "$x", "unit": "month"}, "window": {}}, {"x": 1}, 9),
        ({"$derivative": {"input": "$x"}, "window": {"documents": [-1, 0]}}, {"p": 1}, 5624902),
        ({"$linearFill": "$x"}, None, 605001),
        ({"$linearFill": "$x"}, {"x": 1}, 6050106),
    ],
)
def test_a_malformed_window_is_refused(function: Any, sort: Any, code: int) -> None:
    with pytest.raises(MongoError) as refused:
        windowed(function, [{**row, "t": date("2024-01-01T00:00:00Z")} for row in ROWS], sort=sort)
    assert refused.value.code == code
