"""FLOAT and DOUBLE as MySQL prints them: `my_gcvt` of its dtoa.cc."""

import struct
from decimal import ROUND_HALF_EVEN, Context, Decimal

# Outside of these the number is written with an exponent (MAX_DECPT_FOR_F_FORMAT).
_MAX_POINT = 15
_FLOAT_DIGITS = 6


def double_text(number: float) -> str:
    """The shortest text that reads back as the same DOUBLE."""
    return _laid_out(Decimal(repr(number)))


def float_text(number: float) -> str:
    """Six digits of a FLOAT at most, as MySQL shows: the value has more of them."""
    (single,) = struct.unpack("<f", struct.pack("<f", number))
    exact = Decimal(single)
    shortest = Decimal(repr(single))
    rounded = _SIX_DIGITS.plus(exact)
    return _laid_out(shortest if len(shortest.as_tuple().digits) <= _FLOAT_DIGITS else rounded)


_SIX_DIGITS = Context(prec=_FLOAT_DIGITS, rounding=ROUND_HALF_EVEN)


def _laid_out(number: Decimal) -> str:
    if not number:
        return "-0" if number.is_signed() else "0"
    sign, digits, exponent = number.normalize().as_tuple()
    if not isinstance(exponent, int):
        raise ValueError(f"{number} is no number of MySQL")
    text = "".join(map(str, digits))
    # Where the point stands, counted from before the first digit.
    point = len(text) + exponent
    minus = "-" if sign else ""
    if not -_MAX_POINT + 1 <= point <= _MAX_POINT:
        fraction = "." + text[1:] if len(text) > 1 else ""
        return f"{minus}{text[0]}{fraction}e{point - 1}"
    if point <= 0:
        return f"{minus}0.{'0' * -point}{text}"
    whole = text[:point].ljust(point, "0")
    return f"{minus}{whole}.{text[point:]}" if text[point:] else minus + whole
