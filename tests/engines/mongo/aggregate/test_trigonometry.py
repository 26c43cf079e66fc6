"""Trigonometry of decimals agrees with that of the C library, as far as doubles reach."""

import math

import pytest
from bson import Decimal128

from tests.engines.mongo.aggregate.running import value

# From -1 to 1, small ones and large ones.
_WITHIN = (-1.0, -0.9375, -0.5, -0.0078125, 0.0, 2.0**-40, 0.25, 0.75, 0.984375, 1.0)
_ANY = (*_WITHIN, -40.5, -2.0, 1.5, 3.125, 7.75, 20.0, 100.0)


@pytest.mark.parametrize(
    ("name", "function", "numbers"),
    [
        ("$sin", math.sin, _ANY),
        ("$cos", math.cos, _ANY),
        ("$tan", math.tan, _ANY),
        ("$asin", math.asin, _WITHIN),
        ("$acos", math.acos, _WITHIN),
        ("$atan", math.atan, (*_ANY, math.inf, -math.inf)),
        ("$sinh", math.sinh, (*_ANY, math.inf, -math.inf)),
        ("$cosh", math.cosh, (*_ANY, math.inf, -math.inf)),
        ("$tanh", math.tanh, (*_ANY, 5000.0, math.inf, -math.inf)),
        ("$asinh", math.asinh, (*_ANY, 2.0**-80, math.inf)),
        ("$acosh", math.acosh, (1.0, 1.0009765625, 2.0, 50.0, math.inf)),
        ("$atanh", math.atanh, (*_WITHIN[1:-1], 2.0**-80)),
    ],
)
def test_functions(name: str, function: object, numbers: tuple[float, ...]) -> None:
    assert callable(function)
    for number in numbers:
        found = value({name: Decimal128(str(number))})
        assert isinstance(found, Decimal128)
        assert math.isclose(
            float(found.to_decimal()), function(number), rel_tol=1e-13, abs_tol=1e-30
        ), number


def test_the_poles_of_atanh() -> None:
    assert value({"$atanh": Decimal128("1")}) == Decimal128("Infinity")
    assert value({"$atanh": Decimal128("-1")}) == Decimal128("-Infinity")


_SIDES = (0.0, -0.0, 1.0, -2.5, math.inf, -math.inf)


@pytest.mark.parametrize("y", _SIDES)
@pytest.mark.parametrize("x", _SIDES)
def test_atan2_of_all_quadrants(y: float, x: float) -> None:
    operands = [Decimal128(str(side)) for side in (y, x)]
    found = float(value({"$atan2": operands}).to_decimal())
    assert math.isclose(found, math.atan2(y, x), rel_tol=1e-15)
    assert math.copysign(1, found) == math.copysign(1, math.atan2(y, x))
