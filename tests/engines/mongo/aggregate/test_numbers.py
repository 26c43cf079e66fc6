"""Arithmetic: kinds of results, overflow, nulls, errors."""

import math
from typing import Any

import pytest
from bson import Decimal128, Int64

from stend.engines.mongo.errors import MongoError
from tests.engines.mongo.aggregate.running import date, same, value

INT_MAX = 2**31 - 1
LONG_MAX = 2**63 - 1


def dec(text: str) -> Decimal128:
    return Decimal128(text)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"$add": [1, 2]}, 3),
        ({"$add": []}, 0),
        ({"$add": [INT_MAX, 1]}, Int64(2**31)),
        ({"$add": [Int64(1), 2]}, Int64(3)),
        ({"$add": [Int64(LONG_MAX), 1]}, 9.223372036854775807e18),
        ({"$add": [1, 2.5]}, 3.5),
        ({"$add": [dec("1.1"), 2]}, dec("3.1")),
        ({"$add": [dec("1"), 0.1]}, dec("1.100000000000000")),
        ({"$add": [0.1, 0.2]}, 0.30000000000000004),
        ({"$add": [1, None]}, None),
        ({"$add": [1, "$missing"]}, None),
        ({"$add": [date("2024-01-01T00:00:00Z"), 1000]}, date("2024-01-01T00:00:01Z")),
        ({"$add": [1.5, date("1970-01-01T00:00:00Z")]}, date("1970-01-01T00:00:00.002Z")),
        ({"$subtract": [5, 7]}, -2),
        ({"$subtract": [-(2**31), 1]}, Int64(-(2**31) - 1)),
        (
            {"$subtract": [date("2024-01-02T00:00:00Z"), date("2024-01-01T00:00:00Z")]},
            Int64(86_400_000),
        ),
        ({"$subtract": [date("2024-01-02T00:00:00Z"), 1]}, date("2024-01-01T23:59:59.999Z")),
        ({"$subtract": ["x", None]}, None),
        ({"$multiply": [3, 4]}, 12),
        ({"$multiply": [INT_MAX, 2]}, Int64(INT_MAX * 2)),
        ({"$multiply": [Int64(2**62), 4]}, 1.8446744073709552e19),
        ({"$multiply": [dec("1.5"), 2]}, dec("3.0")),
        ({"$multiply": []}, 1),
        ({"$divide": [6, 3]}, 2.0),
        ({"$divide": [Int64(1), 3]}, 1 / 3),
        ({"$divide": [dec("1"), 3]}, dec("0.3333333333333333333333333333333333")),
        ({"$divide": [None, 0]}, None),
        ({"$mod": [-5, 3]}, -2),
        ({"$mod": [5, -3]}, 2),
        ({"$mod": [5.5, 2]}, 1.5),
        ({"$mod": [Int64(7), 4]}, Int64(3)),
        ({"$mod": [dec("-5.5"), 2]}, dec("-1.5")),
        ({"$abs": -5}, 5),
        ({"$abs": -(2**31)}, Int64(2**31)),
        ({"$abs": dec("-1.50")}, dec("1.50")),
        ({"$abs": None}, None),
        ({"$ceil": 7.8}, 8.0),
        ({"$ceil": -2.8}, -2.0),
        ({"$ceil": -0.5}, -0.0),
        ({"$floor": -2.8}, -3.0),
        ({"$floor": Int64(5)}, Int64(5)),
        ({"$floor": dec("2.7")}, dec("2")),
        ({"$round": [2.5]}, 2.0),
        ({"$round": [3.5, 0]}, 4.0),
        ({"$round": [19.25, 1]}, 19.2),
        ({"$round": [1234, -2]}, 1200),
        ({"$round": [1250, -2]}, 1200),
        ({"$round": [dec("1.005"), 2]}, dec("1.00")),
        ({"$round": [INT_MAX, -1]}, Int64(2147483650)),
        ({"$trunc": [-7.85, 1]}, -7.8),
        ({"$trunc": [7.8]}, 7.0),
        ({"$trunc": [None, 1]}, None),
        ({"$sqrt": 25}, 5.0),
        ({"$sqrt": dec("2")}, dec("1.414213562373095048801688724209698")),
        ({"$exp": 0}, 1.0),
        ({"$ln": 1}, 0.0),
        ({"$log": [100, 10]}, 2.0),
        ({"$log10": 1000}, 2.9999999999999996 if math.log10(1000) != 3 else 3.0),
        ({"$log10": dec("100")}, dec("2")),
        ({"$pow": [2, 10]}, 1024),
        ({"$pow": [2, 31]}, Int64(2**31)),
        ({"$pow": [2, 63]}, float(2**63)),
        ({"$pow": [-2, 63]}, Int64(-(2**63))),
        ({"$pow": [2, -1]}, 0.5),
        ({"$pow": [2.0, 3]}, 8.0),
        ({"$pow": [-8.0, 1 / 3]}, math.nan),
        ({"$pow": [Int64(1), 5]}, Int64(1)),
        ({"$bitAnd": [12, 10]}, 8),
        ({"$bitAnd": []}, -1),
        ({"$bitOr": [12, Int64(3)]}, Int64(15)),
        ({"$bitXor": [5, 3, None]}, None),
        ({"$bitNot": 5}, -6),
        ({"$sin": 0}, 0.0),
        ({"$cos": math.pi}, -1.0),
        ({"$sin": dec("0.5")}, dec("0.4794255386042030002732879352155714")),
        ({"$cos": dec("1")}, dec("0.5403023058681397174009366074429766")),
        ({"$atan2": [1, 1]}, math.atan2(1, 1)),
        ({"$atan": dec("1")}, dec("0.7853981633974483096156608458198757")),
        ({"$asin": dec("1")}, dec("1.570796326794896619231321691639751")),
        ({"$acosh": 1}, 0.0),
        ({"$atanh": 1}, math.inf),
        ({"$sinh": 1000}, math.inf),
        ({"$degreesToRadians": 180}, math.pi),
        ({"$radiansToDegrees": math.pi}, 180.0),
        ({"$toHashedIndexKey": "hashThisStringLiteral"}, Int64(-5776344739422278694)),
        ({"$toHashedIndexKey": 123}, Int64(-6548868637522515075)),
        ({"$toHashedIndexKey": "$missing"}, Int64(2338878944348059895)),
    ],
)
def test_a_result_has_its_value_and_its_kind(spec: Any, expected: Any) -> None:
    assert same(value(spec), expected), value(spec)


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ({"$add": ["x", 1]}, 14),
        ({"$add": [date("2024-01-01T00:00:00Z")] * 2}, 16612),
        ({"$subtract": [1, "x"]}, 14),
        ({"$multiply": ["x", 1]}, 14),
        ({"$divide": [1, 0]}, 2),
        ({"$divide": [dec("1"), dec("0")]}, 2),
        ({"$divide": [True, 1]}, 14),
        ({"$divide": [1]}, 16020),
        ({"$mod": [1, 0]}, 16610),
        ({"$mod": [dec("1"), 0]}, 5733415),
        ({"$mod": ["x", 1]}, 16611),
        ({"$abs": "x"}, 28765),
        ({"$abs": Int64(-(2**63))}, 28680),
        ({"$sqrt": -1}, 28714),
        ({"$ln": 0}, 28766),
        ({"$log": [0, 2]}, 28758),
        ({"$log": [2, 1]}, 28759),
        ({"$log10": -1}, 28761),
        ({"$pow": [0, -1]}, 28764),
        ({"$pow": ["x", 1]}, 28762),
        ({"$round": ["x"]}, 51081),
        ({"$round": [1, 101]}, 51083),
        ({"$round": [1, 1.5]}, 51082),
        ({"$bitAnd": [1.5]}, 14),
        ({"$sin": math.inf}, 50989),
        ({"$acos": 2}, 50989),
        ({"$round": [1, 2, 3]}, 28667),
    ],
)
def test_what_cannot_be_computed_is_refused(spec: Any, code: int) -> None:
    with pytest.raises(MongoError) as refused:
        value(spec)
    assert refused.value.code == code
