"""Operators of numbers, with MySQL's types of results (section 14.6 of the manual)."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from sqlglot import exp

from stend.engines.mysql.errors import not_supported
from stend.engines.mysql.sql.expressions.context import Context
from stend.engines.mysql.sql.expressions.conversions import to_double, to_number, to_numeric
from stend.engines.mysql.sql.expressions.intervals import added_interval
from stend.engines.mysql.sql.expressions.literals import (
    MAX_PRECISION,
    MAX_SCALE,
    decimal_literal,
    double_literal,
    integer_literal,
)
from stend.engines.mysql.sql.expressions.marks import MARK
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.sql.typed import (
    BIGINT,
    DOUBLE,
    UNSIGNED,
    Coercibility,
    Typed,
    quoted_text,
)
from stend.engines.mysql.tables.types import BYTES, Kind, SqlType

_CALL_MARK = re.compile(re.escape(MARK), re.IGNORECASE)
# div_precision_increment.
QUOTIENT_DIGITS = 4
# A DECIMAL is calculated in words of so many digits.
_WORD = 9
_MAX_QUOTIENT = 45

_SYMBOLS: dict[type[exp.Expression], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}


def operation(node: exp.Expression, context: Context) -> Typed:
    """`+`, `-`, `*`; a date and an interval too."""
    left, right = node.args["this"], node.args["expression"]
    if isinstance(left, exp.Interval) or isinstance(right, exp.Interval):
        return _with_interval(node, context)
    symbol = _SYMBOLS[type(node)]
    facts = context.facts
    one = to_number(context.translate(left), facts)
    two = to_number(context.translate(right), facts)
    return computed(one, two, symbol, facts, node)


def _with_interval(node: exp.Expression, context: Context) -> Typed:
    left, right = node.args["this"], node.args["expression"]
    if isinstance(right, exp.Interval) and right.args.get("unit") is None:
        # The parser takes what follows `INTERVAL 1 DAY +` for an interval too.
        right = right.this
    if isinstance(node, exp.Add) and isinstance(left, exp.Interval):
        return added_interval(context.translate(right), left, context, sign=1)
    if isinstance(node, (exp.Add, exp.Sub)) and isinstance(right, exp.Interval):
        sign = 1 if isinstance(node, exp.Add) else -1
        return added_interval(context.translate(left), right, context, sign=sign)
    raise not_supported("An INTERVAL here")


def computed(one: Typed, two: Typed, symbol: str, facts: Facts, node: exp.Expression) -> Typed:
    """The sum, difference or product of two numbers."""
    nullable = one.nullable or two.nullable
    kinds = {one.type.kind, two.type.kind}
    if kinds & {Kind.DOUBLE, Kind.FLOAT}:
        sql = f"({to_double(one, facts)} {symbol} {to_double(two, facts)})"
        join = sum if symbol == "*" else max
        return _number(sql, double_type(_shown_digits((one, two), join)), nullable)
    if Kind.DECIMAL in kinds:
        return _decimals(one, two, symbol, nullable)
    if _is_unsigned(one) or _is_unsigned(two):
        sql = f"(({one.sql})::numeric {symbol} ({two.sql})::numeric)"
        return _number(f"my.unsigned({sql}, {_text(node)})", UNSIGNED, nullable)
    sql = f"(({one.sql})::bigint {symbol} ({two.sql})::bigint)"
    return _number(sql, BIGINT, nullable)


def _is_unsigned(number: Typed) -> bool:
    return number.type.unsigned or number.type.kind is Kind.YEAR


def _text(node: exp.Expression) -> str:
    text = _CALL_MARK.sub("", node.sql("mysql"))
    return quoted_text(text[:200])


def _number(sql: str, type_: SqlType, nullable: bool, digits: int | None = None) -> Typed:
    return Typed(sql, type_, nullable, coercibility=Coercibility.NUMBER, digits=digits)


def precision_of(typed: Typed) -> int:
    """Digits that an exact number has at most."""
    if typed.type.kind is Kind.DECIMAL:
        return typed.type.precision or MAX_PRECISION
    if typed.constant is not None and isinstance(typed.constant.value, int):
        return len(str(abs(typed.constant.value)))
    return _INTEGER_DIGITS.get(typed.type.kind, 20)


_INTEGER_DIGITS = {
    Kind.BOOLEAN: 1,
    Kind.TINYINT: 3,
    Kind.SMALLINT: 5,
    Kind.MEDIUMINT: 8,
    Kind.INT: 10,
    Kind.YEAR: 4,
    Kind.NULL: 1,
}


def scale_of(typed: Typed) -> int:
    return typed.type.scale or 0


def digits_of(typed: Typed) -> int:
    """Digits after the point that the value in PostgreSQL has."""
    return typed.digits if typed.digits is not None else scale_of(typed)


def double_type(digits: int | None) -> SqlType:
    """A DOUBLE that shows so many digits after the point, or any number of them."""
    return SqlType(Kind.DOUBLE, scale=digits) if digits is not None and digits <= 30 else DOUBLE


def _shown_digits(parts: Sequence[Typed], join: Callable[[Sequence[int]], int]) -> int | None:
    scales = [shown_digits(one) for one in parts]
    known = [one for one in scales if one is not None]
    return join(known) if len(known) == len(scales) else None


def shown_digits(typed: Typed) -> int | None:
    """Digits after the point that a number shows; None of a DOUBLE that shows what it has."""
    if typed.type.kind in (Kind.DOUBLE, Kind.FLOAT):
        return typed.type.scale
    return scale_of(typed)


def _decimals(one: Typed, two: Typed, symbol: str, nullable: bool) -> Typed:
    scales, digits = (scale_of(one), scale_of(two)), (digits_of(one), digits_of(two))
    wholes = precision_of(one) - scales[0], precision_of(two) - scales[1]
    if symbol == "*":
        scale, hidden, whole = sum(scales), sum(digits), sum(wholes)
    else:
        scale, hidden, whole = max(scales), max(digits), max(wholes) + 1
    sql = f"(({one.sql})::numeric {symbol} ({two.sql})::numeric)"
    return decimal(sql, whole + scale, scale, nullable, hidden)


def decimal(sql: str, precision: int, scale: int, nullable: bool, digits: int) -> Typed:
    """A DECIMAL within the limits of one.

    Args:
        digits: that the value has after the point.
    """
    shown = min(scale, MAX_SCALE)
    type_ = SqlType(Kind.DECIMAL, precision=max(1, min(precision, MAX_PRECISION)), scale=shown)
    return _number(sql, type_, nullable, digits if digits > shown else None)


def division(node: exp.Expression, context: Context) -> Typed:
    """`/`."""
    facts = context.facts
    one = to_number(context.argument(node, "this"), facts)
    two = to_number(context.argument(node, "expression"), facts)
    return divided(one, two, facts)


def divided(one: Typed, two: Typed, facts: Facts) -> Typed:
    """The quotient of two numbers: NULL, or in a change of rows an error, where divided by 0."""
    if {one.type.kind, two.type.kind} & {Kind.DOUBLE, Kind.FLOAT}:
        divisor = _divisor(one, to_double(two, facts), facts)
        shown = _shown_digits((one, two), lambda both: max(both) + QUOTIENT_DIGITS)
        type_ = double_type(shown)
        return _number(f"({to_double(one, facts)} / {divisor})", type_, True)
    scale = min(scale_of(one) + QUOTIENT_DIGITS, MAX_SCALE)
    digits = quotient_digits(digits_of(one), digits_of(two))
    if digits > _MAX_QUOTIENT:
        raise not_supported("A division of numbers with so many digits after the point")
    divisor = _divisor(one, f"({two.sql})::numeric", facts)
    sql = quotient_sql(f"({one.sql})::numeric", divisor, digits)
    precision = precision_of(one) - scale_of(one) + scale_of(two) + scale
    return decimal(sql, precision, scale, True, digits)


def quotient_sql(one: str, two: str, digits: int) -> str:
    """The quotient of two numerics, cut after so many digits."""
    unit = f"{Decimal(1).scaleb(-digits):f}"
    return f"(div({one} * {10**digits}::numeric, {two}) * {unit}::numeric)"


def quotient_digits(one: int, two: int) -> int:
    """How many digits after the point MySQL calculates of a quotient, from those of both."""
    # do_div_mod of MySQL's decimal.c: digits are kept in whole words.
    kept = _in_words(one) + _in_words(two)
    more = max(0, QUOTIENT_DIGITS - (kept - one - two))
    return _in_words(kept + more)


def _in_words(digits: int) -> int:
    return (digits + _WORD - 1) // _WORD * _WORD


def _divisor(one: Typed, sql: str, facts: Facts) -> str:
    if facts.is_strict:
        return f"my.divisor({sql}, {one.sql} IS NOT NULL)"
    return f"NULLIF({sql}, 0)"


def integer_division(node: exp.Expression, context: Context) -> Typed:
    """`DIV`."""
    facts = context.facts
    one = to_number(context.argument(node, "this"), facts)
    two = to_number(context.argument(node, "expression"), facts)
    divisor = _divisor(one, to_numeric(two, facts), facts)
    sql = f"div({to_numeric(one, facts)}, {divisor})"
    if _is_unsigned(one) or _is_unsigned(two):
        return _number(f"my.unsigned({sql}, {_text(node)})", UNSIGNED, True)
    return _number(f"my.signed({sql}, {_text(node)})", BIGINT, True)


def modulo(node: exp.Expression, context: Context) -> Typed:
    """`%` and `MOD`."""
    facts = context.facts
    one = to_number(context.argument(node, "this"), facts)
    two = to_number(context.argument(node, "expression"), facts)
    return remainder(one, two, facts)


def remainder(one: Typed, two: Typed, facts: Facts) -> Typed:
    """The remainder, with the sign of what is divided."""
    kinds = {one.type.kind, two.type.kind}
    if kinds & {Kind.DOUBLE, Kind.FLOAT}:
        raise not_supported("The remainder of a DOUBLE")
    if Kind.DECIMAL in kinds:
        divisor = _divisor(one, f"({two.sql})::numeric", facts)
        scale = max(scale_of(one), scale_of(two))
        digits = max(digits_of(one), digits_of(two))
        precision = max(precision_of(one), precision_of(two))
        return decimal(f"mod(({one.sql})::numeric, {divisor})", precision, scale, True, digits)
    if _is_unsigned(one) or _is_unsigned(two):
        divisor = _divisor(one, f"({two.sql})::numeric", facts)
        return _number(f"mod(({one.sql})::numeric, {divisor})", UNSIGNED, True)
    divisor = f"NULLIF(({two.sql})::bigint, 0)"
    if facts.is_strict:
        divisor = f"{_divisor(one, f'({two.sql})::numeric', facts)}::bigint"
    return _number(f"mod(({one.sql})::bigint, {divisor})", BIGINT, True)


def negative(node: exp.Expression, context: Context) -> Typed:
    """Unary `-`."""
    inner = context.argument(node, "this")
    value = inner.constant.value if inner.constant else None
    if isinstance(value, bool) or inner.type.kind is Kind.BOOLEAN:
        value = None
    if isinstance(value, int) and isinstance(node.this, exp.Literal):
        return integer_literal(-value)
    if isinstance(value, Decimal):
        return decimal_literal(-value)
    if isinstance(value, float):
        return double_literal(-value)
    typed = to_number(inner, context.facts)
    if typed.type.kind is Kind.NULL:
        return typed
    if typed.type.kind is Kind.FLOAT:
        return _number(f"(-{to_double(typed, context.facts)})", DOUBLE, typed.nullable)
    if typed.type.kind in (Kind.DOUBLE, Kind.DECIMAL):
        return replace(typed, sql=f"(-{typed.sql})", constant=None, is_column=False)
    sql = f"my.signed(-(({typed.sql})::numeric), {_text(node)})"
    return _number(sql, BIGINT, typed.nullable)


_BITS: dict[type[exp.Expression], str] = {
    exp.BitwiseAnd: "my.unbits(my.bits({0}) & my.bits({1}))",
    exp.BitwiseOr: "my.unbits(my.bits({0}) | my.bits({1}))",
    exp.BitwiseXor: "my.unbits(my.bits({0}) # my.bits({1}))",
    exp.BitwiseLeftShift: "my.shift_left({0}, {1})",
    exp.BitwiseRightShift: "my.shift_right({0}, {1})",
}


def bitwise(node: exp.Expression, context: Context) -> Typed:
    """Operators of the bits of 64-bit integers."""
    one, two = context.argument(node, "this"), context.argument(node, "expression")
    sql = _BITS[type(node)].format(_bits(one, context), _bits(two, context))
    return _number(sql, UNSIGNED, one.nullable or two.nullable)


def inverted(node: exp.Expression, context: Context) -> Typed:
    """`~`."""
    one = context.argument(node, "this")
    return _number(f"my.unbits(~my.bits({_bits(one, context)}))", UNSIGNED, one.nullable)


def _bits(typed: Typed, context: Context) -> str:
    if typed.type.kind in BYTES and typed.constant is None:
        raise not_supported("An operator of bits on a binary string")
    return to_numeric(typed, context.facts)
