"""An expression for PostgreSQL with the type that MySQL gives it."""

from dataclasses import dataclass, replace
from enum import IntEnum

from stend.engines.mysql.errors import not_supported
from stend.engines.mysql.sql.facts import Value
from stend.engines.mysql.tables.types import Kind, SqlType


class Coercibility(IntEnum):
    """Whose collation wins in a comparison: the lowest (section 12.8.4 of the manual)."""

    EXPLICIT = 0
    NONE = 1
    IMPLICIT = 2
    SYSTEM = 3
    LITERAL = 4
    NUMBER = 5
    NULL = 6


@dataclass(frozen=True, slots=True)
class Constant:
    """What a literal says, for rules that ask for it."""

    value: Value


@dataclass(frozen=True, slots=True)
class Typed:
    """
    Attributes:
        sql: stands anywhere without parentheses around it. Its type in PostgreSQL is `pg_type`'s;
            integers may be of any width.
        constant: of a literal.
        is_column: a column of a table or of a derived table, as it is.
        digits: of a DECIMAL, how many digits after the point `sql` really has where they are
            more than the scale: quotients keep more than they show (`as_value` rounds).
    """

    sql: str
    type: SqlType
    nullable: bool = True
    constant: Constant | None = None
    is_column: bool = False
    coercibility: Coercibility = Coercibility.IMPLICIT
    digits: int | None = None


_PG_TYPES = {
    Kind.BOOLEAN: "boolean",
    Kind.TINYINT: "bigint",
    Kind.SMALLINT: "bigint",
    Kind.MEDIUMINT: "bigint",
    Kind.INT: "bigint",
    Kind.BIGINT: "bigint",
    Kind.YEAR: "bigint",
    Kind.DECIMAL: "numeric",
    Kind.FLOAT: "real",
    Kind.DOUBLE: "double precision",
    Kind.DATE: "date",
    Kind.TIME: "interval",
    Kind.DATETIME: "timestamp",
    Kind.TIMESTAMP: "timestamptz",
    Kind.JSON: "jsonb",
    Kind.NULL: "text",
}

BIGINT = SqlType(Kind.BIGINT)
BOOLEAN = SqlType(Kind.BOOLEAN)
DOUBLE = SqlType(Kind.DOUBLE)
JSON = SqlType(Kind.JSON)
NULL = SqlType(Kind.NULL)
TEXT = SqlType(Kind.LONGTEXT)
UNSIGNED = SqlType(Kind.BIGINT, unsigned=True)
BLOB = SqlType(Kind.LONGBLOB)
BIN_COLLATION = "utf8mb4_bin"


def pg_type(type_: SqlType) -> str:
    """The type that an expression of `type_` has in PostgreSQL; integers count as bigint."""
    if type_.is_text:
        return "text"
    if type_.kind is Kind.BIGINT and type_.unsigned:
        return "numeric"
    return _PG_TYPES.get(type_.kind, "bytea")


def quoted_text(text: str) -> str:
    """A text literal for PostgreSQL.

    Raises:
        MySqlError: the text holds U+0000, which PostgreSQL cannot keep.
    """
    if "\0" in text:
        raise not_supported("The character U+0000 in a text")
    return "'" + text.replace("'", "''") + "'"


def as_condition(typed: Typed) -> str:
    """What decides in WHERE, ON, HAVING, IF: a boolean of PostgreSQL.

    Raises:
        MySqlError: a value that this server does not take for a truth value.
    """
    kind = typed.type.kind
    if kind is Kind.BOOLEAN:
        return typed.sql
    if kind is Kind.NULL:
        return "NULL::boolean"
    if typed.type.is_number:
        return f"({typed.sql} <> 0)"
    if typed.type.is_text:
        return f"(my.number({typed.sql}) <> 0)"
    raise not_supported(f"A {kind.value.upper()} as a condition")


def as_value(typed: Typed) -> Typed:
    """The same as clients get it: a truth value is 1 or 0, a quotient has the digits it shows."""
    if typed.type.kind is Kind.BOOLEAN:
        return replace(typed, sql=f"({typed.sql})::int::bigint", type=BIGINT)
    if typed.digits is not None and typed.digits > (typed.type.scale or 0):
        return replace(typed, sql=f"round({typed.sql}, {typed.type.scale or 0})", digits=None)
    return typed


def compared(typed: Typed) -> str:
    """The key by which values are the same or not: for GROUP BY, DISTINCT, IN, JOIN, UNION.

    Raises:
        MySqlError: values of this type are not compared by this server.
    """
    if typed.type.is_text:
        function = "my.weight_bin" if typed.type.collation == BIN_COLLATION else "my.weight"
        return f"{function}({typed.sql})"
    return as_value(typed).sql


def ordered(typed: Typed) -> str:
    """The key by which ORDER BY sorts: an ENUM by the order of its members, a text by weights."""
    if typed.type.kind is Kind.ENUM:
        members = ", ".join(quoted_text(one) for one in typed.type.members)
        return f"array_position(ARRAY[{members}]::text[], {typed.sql}::text)"
    if typed.type.kind is Kind.JSON:
        return f"my.json_key({typed.sql})"
    return compared(typed)
