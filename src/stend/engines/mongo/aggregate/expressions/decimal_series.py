"""Trigonometry of decimals: computed with many more digits than the 34 that are kept.

Signs are changed by `copy_negate` and `copy_abs`: the operators of Python round to the digits of
another context.
"""

import decimal
from collections.abc import Callable
from decimal import Decimal
from typing import Final

_DIGITS: Final = 80
# A larger argument would need as many digits of pi as it has itself.
_MOST_EXPONENT: Final = 60
_WORK: Final = decimal.Context(prec=_DIGITS + _MOST_EXPONENT, Emin=-999999, Emax=999999, traps=[])
_INFINITY: Final = Decimal("Infinity")
_NAN: Final = Decimal("NaN")
PI: Final = Decimal(
    "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482"
    "5342117067982148086513282306647093844609550582231725359408128481117450284102701938521105559"
)


def _sum(term: Decimal, following: Callable[[Decimal, int], Decimal]) -> Decimal:
    """A power series, from its first term on, until nothing changes any more."""
    total, index = term, 0
    while True:
        index += 1
        term = following(term, index)
        grown = _WORK.add(total, term)
        if grown == total:
            return total
        total = grown


def _reduced(value: Decimal) -> Decimal | None:
    """The angle within one turn; None for one too large to know where it points."""
    if not value.is_finite() or value.adjusted() > _MOST_EXPONENT:
        return None
    turn = _WORK.multiply(PI, Decimal(2))
    turns = _WORK.divide(value, turn).to_integral_value(decimal.ROUND_HALF_EVEN)
    return _WORK.subtract(value, _WORK.multiply(turns, turn))


def sin(value: Decimal) -> Decimal:
    angle = _reduced(value)
    if angle is None or angle.is_zero():
        return _NAN if angle is None else value
    square = _WORK.multiply(angle, angle)
    return _sum(
        angle,
        lambda term, index: _WORK.divide(
            _WORK.multiply(term, square), Decimal(2 * index * (2 * index + 1))
        ).copy_negate(),
    )


def cos(value: Decimal) -> Decimal:
    angle = _reduced(value)
    if angle is None:
        return _NAN
    square = _WORK.multiply(angle, angle)
    return _sum(
        Decimal(1),
        lambda term, index: _WORK.divide(
            _WORK.multiply(term, square), Decimal(2 * index * (2 * index - 1))
        ).copy_negate(),
    )


def tan(value: Decimal) -> Decimal:
    return _WORK.divide(sin(value), cos(value)) if value else value


def atan(value: Decimal) -> Decimal:
    if value.is_infinite():
        return _WORK.divide(PI.copy_sign(value), Decimal(2))
    if value.is_zero():
        return value
    # Halving the angle a few times makes the series short.
    halvings = 0
    while value.copy_abs() > Decimal("0.1"):
        root = _WORK.sqrt(_WORK.add(Decimal(1), _WORK.multiply(value, value)))
        value = _WORK.divide(value, _WORK.add(Decimal(1), root))
        halvings += 1
    square = _WORK.multiply(value, value)
    power = value
    total, index = value, 1
    while True:
        power = _WORK.multiply(power, square).copy_negate()
        index += 2
        grown = _WORK.add(total, _WORK.divide(power, Decimal(index)))
        if grown == total:
            return _WORK.multiply(total, Decimal(2**halvings))
        total = grown


def atan2(y: Decimal, x: Decimal) -> Decimal:
    if y.is_nan() or x.is_nan():
        return _NAN
    if y.is_infinite() and x.is_infinite():
        quarter = _WORK.divide(PI, Decimal(4))
        angle = quarter if x > 0 else _WORK.multiply(quarter, Decimal(3))
        return angle.copy_sign(y)
    if x.is_zero() or y.is_infinite():
        if y.is_zero():
            return (PI if x.is_signed() else Decimal(0)).copy_sign(y)
        return _WORK.divide(PI, Decimal(2)).copy_sign(y)
    angle = atan(_WORK.divide(y, x).copy_abs())
    return (_WORK.subtract(PI, angle) if x.is_signed() else angle).copy_sign(y)


def asin(value: Decimal) -> Decimal:
    rest = _WORK.sqrt(_WORK.subtract(Decimal(1), _WORK.multiply(value, value)))
    if rest.is_zero():
        return _WORK.divide(PI, Decimal(2)).copy_sign(value)
    return atan(_WORK.divide(value, rest)) if value else value


def acos(value: Decimal) -> Decimal:
    return _WORK.subtract(_WORK.divide(PI, Decimal(2)), asin(value))


def sinh(value: Decimal) -> Decimal:
    if not value.is_finite() or value.is_zero():
        return value
    if value.copy_abs() < 1:
        square = _WORK.multiply(value, value)
        return _sum(
            value,
            lambda term, index: _WORK.divide(
                _WORK.multiply(term, square), Decimal(2 * index * (2 * index + 1))
            ),
        )
    return _WORK.divide(
        _WORK.subtract(_WORK.exp(value), _WORK.exp(value.copy_negate())), Decimal(2)
    )


def cosh(value: Decimal) -> Decimal:
    if value.is_infinite():
        return _INFINITY
    return _WORK.divide(_WORK.add(_WORK.exp(value), _WORK.exp(value.copy_negate())), Decimal(2))


def tanh(value: Decimal) -> Decimal:
    if value.copy_abs() > 1000:
        return Decimal(1).copy_sign(value)
    return _WORK.divide(sinh(value), cosh(value)) if value else value


def asinh(value: Decimal) -> Decimal:
    if not value.is_finite() or value.is_zero():
        return value
    size = value.copy_abs()
    if size < Decimal("1e-20"):
        return value
    root = _WORK.sqrt(_WORK.add(_WORK.multiply(size, size), Decimal(1)))
    return _WORK.ln(_WORK.add(size, root)).copy_sign(value)


def acosh(value: Decimal) -> Decimal:
    if value.is_infinite():
        return value
    root = _WORK.sqrt(_WORK.subtract(_WORK.multiply(value, value), Decimal(1)))
    return _WORK.ln(_WORK.add(value, root))


def atanh(value: Decimal) -> Decimal:
    if value.copy_abs() == 1:
        return _INFINITY.copy_sign(value)
    if value.copy_abs() < Decimal("1e-20"):
        return value
    ratio = _WORK.divide(_WORK.add(Decimal(1), value), _WORK.subtract(Decimal(1), value))
    return _WORK.divide(_WORK.ln(ratio), Decimal(2))
