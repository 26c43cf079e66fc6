"""Literals, and values that are put in their place."""

import re
from dataclasses import replace
from decimal import Decimal

from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.expressions.context import Context
from stend.engines.mysql.sql.facts import Value
from stend.engines.mysql.sql.typed import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    NULL,
    UNSIGNED,
    Coercibility,
    Constant,
    Typed,
    quoted_text,
)
from stend.engines.mysql.tables.types import Kind, SqlType

_INTEGER = re.compile(r"\d+")
_MAX_SIGNED = 2**63 - 1
MAX_UNSIGNED = 2**64 - 1
MAX_PRECISION = 65
MAX_SCALE = 30


def value_literal(value: Value) -> Typed:
    """A value of a variable or of a parameter as the literal that says it."""
    if value is None:
        return Typed("NULL", NULL, True, Constant(None), coercibility=Coercibility.NULL)
    if isinstance(value, str):
        return text_literal(value)
    if isinstance(value, bytes):
        return bytes_literal(value)
    if isinstance(value, int):
        return integer_literal(int(value))
    if isinstance(value, float):
        return double_literal(value)
    return decimal_literal(value)


def integer_literal(value: int) -> Typed:
    """
    Raises:
        MySqlError: more digits than a DECIMAL has.
    """
    constant = Constant(value)
    if -_MAX_SIGNED - 1 <= value <= _MAX_SIGNED:
        sql = f"{value}::bigint" if value >= 0 else f"('{value}'::bigint)"
        return Typed(sql, BIGINT, False, constant, coercibility=Coercibility.NUMBER)
    if 0 <= value <= MAX_UNSIGNED:
        return Typed(
            f"{value}::numeric", UNSIGNED, False, constant, coercibility=Coercibility.NUMBER
        )
    return decimal_literal(Decimal(value))


def decimal_literal(value: Decimal) -> Typed:
    """
    Raises:
        MySqlError: more digits than a DECIMAL has.
    """
    text = f"{value:f}"
    whole, _, fraction = text.lstrip("-").partition(".")
    precision = max(len(whole.lstrip("0")) + len(fraction), 1)
    if precision > MAX_PRECISION or len(fraction) > MAX_SCALE:
        raise not_supported("A DECIMAL of more than 65 digits or of more than 30 after the point")
    type_ = SqlType(Kind.DECIMAL, precision=precision, scale=len(fraction))
    sql = f"('{text}'::numeric)"
    return Typed(sql, type_, False, Constant(value), coercibility=Coercibility.NUMBER)


def double_literal(value: float) -> Typed:
    sql = f"('{value!r}'::double precision)"
    return Typed(sql, DOUBLE, False, Constant(value), coercibility=Coercibility.NUMBER)


def text_literal(value: str) -> Typed:
    type_ = SqlType(Kind.VARCHAR, length=len(value))
    return Typed(
        f"{quoted_text(value)}::text",
        type_,
        False,
        Constant(value),
        coercibility=Coercibility.LITERAL,
    )


def bytes_literal(value: bytes) -> Typed:
    type_ = SqlType(Kind.VARBINARY, length=len(value))
    sql = rf"'\x{value.hex()}'::bytea"
    return Typed(sql, type_, False, Constant(value), coercibility=Coercibility.LITERAL)


def literal(node: exp.Expression, context: Context) -> Typed:
    del context
    text = str(node.this)
    return text_literal(text) if node.args.get("is_string") else number_literal(text)


def number_literal(text: str) -> Typed:
    """
    Raises:
        MySqlError: ER_ILLEGAL_VALUE_FOR_TYPE of a double that is too large.
    """
    if _INTEGER.fullmatch(text):
        return integer_literal(int(text[:100])) if len(text) <= 100 else _too_long()
    if "e" not in text.lower():
        return decimal_literal(Decimal(text.rstrip(".") or "0"))
    try:
        value = float(text)
    except ValueError:
        # `1e` is a name to MySQL, and sqlglot takes it for a number.
        raise not_supported(f"The name {text[:80]} without quotes") from None
    if value == float("inf"):
        raise MySqlError(
            MyError.ER_ILLEGAL_VALUE_FOR_TYPE, f"Illegal double '{text}' value found during parsing"
        )
    return double_literal(value)


def _too_long() -> Typed:
    raise not_supported("An integer of more than 65 digits")


def boolean(node: exp.Expression, context: Context) -> Typed:
    del context
    return Typed(
        "true" if node.this else "false",
        BOOLEAN,
        False,
        Constant(int(bool(node.this))),
        coercibility=Coercibility.NUMBER,
    )


def null(node: exp.Expression, context: Context) -> Typed:
    del node, context
    return value_literal(None)


def hex_string(node: exp.Expression, context: Context) -> Typed:
    del context
    digits = str(node.this)
    return bytes_literal(bytes.fromhex("0" * (len(digits) % 2) + digits))


def bit_string(node: exp.Expression, context: Context) -> Typed:
    del context
    digits = str(node.this)
    size = (len(digits) + 7) // 8
    return bytes_literal(int(digits or "0", 2).to_bytes(size, "big"))


def national(node: exp.Expression, context: Context) -> Typed:
    del context
    return text_literal(str(node.this))


def adjacent(node: exp.Expression, context: Context) -> Typed:
    """Literals that stand side by side are one."""
    del context
    if not all(isinstance(one, exp.Literal) and one.is_string for one in node.expressions):
        raise not_supported("An operator that joins texts")
    return text_literal("".join(str(one.this) for one in node.expressions))


def introducer(node: exp.Expression, context: Context) -> Typed:
    """A literal with the name of a character set before it."""
    charset = str(node.this).lower()
    literal = node.args["expression"]
    if charset == "_binary" and isinstance(literal, exp.Literal) and literal.is_string:
        # Bytes that are no UTF-8 came as lone surrogates.
        return bytes_literal(str(literal.this).encode("utf-8", "surrogateescape"))
    inner = context.argument(node, "expression")
    value = inner.constant.value if inner.constant else None
    if charset in ("_utf8mb4", "_utf8", "_utf8mb3"):
        if isinstance(value, bytes):
            return text_literal(_decoded(value))
        return inner
    if charset == "_binary":
        return inner
    raise MySqlError(MyError.ER_UNKNOWN_CHARACTER_SET, f"Unknown character set: '{charset[1:]}'")


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise MySqlError(
            MyError.ER_INVALID_CHARACTER_STRING,
            f"Invalid utf8mb4 character string: '{value.hex().upper()}'",
        ) from None


def user_variable(node: exp.Expression, context: Context) -> Typed:
    """`@x`: the value that it had when the statement began."""
    name = node.this.name if isinstance(node.this, exp.Expression) else str(node.this)
    typed = value_literal(context.facts.user_variables.get(name.lower()))
    return replace(typed, coercibility=Coercibility.IMPLICIT, constant=None)


def system_variable(node: exp.Expression, context: Context) -> Typed:
    """`@@x`, `@@session.x`, `@@global.x`.

    Raises:
        MySqlError: ER_UNKNOWN_SYSTEM_VARIABLE.
    """
    name = node.this.name.lower()
    kind = str(node.args.get("kind") or "session").lower()
    facts = context.facts
    values = facts.global_variables if kind == "global" else facts.system_variables
    if kind not in ("global", "session", "local") or name not in values:
        raise MySqlError(
            MyError.ER_UNKNOWN_SYSTEM_VARIABLE, f"Unknown system variable '{node.this.name}'"
        )
    return replace(value_literal(values[name]), coercibility=Coercibility.SYSTEM)


def placeholder(node: exp.Expression, context: Context) -> Typed:
    """`?`."""
    if context.scope.placeholder is None or not isinstance(node, exp.Placeholder):
        raise not_supported("A parameter here")
    return context.scope.placeholder(node)
