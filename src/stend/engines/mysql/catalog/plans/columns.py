"""Columns of a table: from what is declared to what is kept."""

from dataclasses import replace

from stend.engines.mysql.catalog.plans.defaults import (
    Default,
    invalid_default,
    literal_default,
)
from stend.engines.mysql.catalog.plans.draft import Draft, Slot
from stend.engines.mysql.catalog.plans.expressions import (
    Expression,
    read_expression,
    refuse_function,
    stored_sql,
)
from stend.engines.mysql.catalog.syntax.definitions import ColumnSpec, DefaultKind, DefaultSpec
from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.tables.layout import INTEGER_BITS
from stend.engines.mysql.tables.model import Column
from stend.engines.mysql.tables.naming import RANGE_PREFIX, check_name, literal
from stend.engines.mysql.tables.types import BYTES, TEXTS, Kind, SqlType

# Of NOT NULL columns without a default: what rows get that are there already (section 13.6).
_ZEROS = {Kind.TIME: "'0'::interval", Kind.JSON: "'null'::jsonb", Kind.YEAR: "0"}


def base_column(spec: ColumnSpec, draft: Draft) -> Column:
    """A column without its expressions, which may name columns that are not there yet.

    Raises:
        MySqlError: what is wrong with the declaration.
    """
    check_name(spec.name, "column", len(RANGE_PREFIX))
    if "#" in spec.name:
        raise not_supported("A # in the name of a column")
    type_ = spec.type
    if type_.is_text and not spec.has_collation:
        type_ = replace(type_, collation=draft.collation)
    column = Column(
        name=spec.name,
        type=type_,
        nullable=spec.nullable is not False and not spec.auto_increment,
        auto_increment=spec.auto_increment,
        on_update_now=_on_update(spec, type_),
        comment=spec.comment,
        generated_stored=spec.is_stored,
    )
    if spec.generated is not None:
        return _checked_generated(column, spec)
    default = _default(column, spec)
    return replace(column, default_sql=default.sql, default_pg=default.pg)


def _on_update(spec: ColumnSpec, type_: SqlType) -> bool:
    if spec.on_update is None:
        return False
    fits = type_.kind in {Kind.TIMESTAMP, Kind.DATETIME}
    if not fits or int(spec.on_update or 0) != (type_.precision or 0):
        message = f"Invalid ON UPDATE clause for '{spec.name}' column"
        raise MySqlError(MyError.ER_INVALID_ON_UPDATE, message)
    return True


def _checked_generated(column: Column, spec: ColumnSpec) -> Column:
    if spec.default is not None or spec.auto_increment or spec.on_update is not None:
        raise MySqlError(MyError.ER_WRONG_USAGE, "Incorrect usage of DEFAULT and generated column")
    return column


def _default(column: Column, spec: ColumnSpec) -> Default:
    if column.auto_increment:
        if column.type.kind not in INTEGER_BITS:
            message = f"Incorrect column specifier for column '{column.name}'"
            raise MySqlError(MyError.ER_WRONG_FIELD_SPEC, message)
        if spec.default is not None:
            raise invalid_default(column.name)
        return Default(None, None)
    return plain_default(column, spec.default, may_lack=spec.nullable is not False)


def plain_default(column: Column, spec: DefaultSpec | None, *, may_lack: bool) -> Default:
    """Of a column whose default is no expression; of those that are, there is none yet."""
    if spec is None:
        return Default("NULL", "NULL") if may_lack else Default(None, None)
    if spec.kind is DefaultKind.EXPRESSION:
        # It is read when all columns are known.
        return Default(None, None)
    if spec.kind is DefaultKind.NULL and not may_lack:
        raise invalid_default(column.name)
    return literal_default(column.name, spec, column.type)


def complete(slot: Slot, spec: ColumnSpec, draft: Draft) -> None:
    """Reads a column's expressions, now that all columns are there, and says what rows get.

    Raises:
        MySqlError: what is wrong with them.
    """
    if spec.generated is not None:
        slot.column = _generated(slot.column, spec.generated, draft)
        return
    expression = None
    if spec.default is not None and spec.default.kind is DefaultKind.EXPRESSION:
        expression = default_expression(spec.default, draft.facts)
        slot.column = with_expression(slot.column, expression, draft.facts)
    _fill(slot, expression, draft.facts)


def default_expression(spec: DefaultSpec, facts: Facts) -> Expression:
    """DEFAULT (…)."""
    return read_expression(spec.text, (), facts, "default value expression")


def with_expression(column: Column, expression: Expression, facts: Facts) -> Column:
    """The column with such a default. What depends on the session is left to each statement."""
    sql = stored_sql(expression.typed, column, facts)
    pg = None if expression.is_of_session else sql
    return replace(column, default_sql=f"({expression.shown})", default_pg=pg)


def _generated(column: Column, text: str, draft: Draft) -> Column:
    others = tuple(one for one in draft.columns if one.pg_name != column.pg_name)
    expression = read_expression(text, others, draft.facts, "generated column function")
    if expression.is_of_session or expression.is_volatile:
        raise refuse_function(
            MyError.ER_GENERATED_COLUMN_FUNCTION_IS_NOT_ALLOWED,
            f"Expression of generated column '{column.name}'",
        )
    for name in sorted(expression.columns):
        _check_source(column, draft.column(name))
    return replace(
        column,
        generated_sql=expression.shown,
        generated_pg=stored_sql(expression.typed, column, draft.facts),
    )


def _check_source(column: Column, source: Column | None) -> None:
    if source is None:
        return
    if source.auto_increment:
        raise MySqlError(
            MyError.ER_GENERATED_COLUMN_REF_AUTO_INC,
            f"Generated column '{column.name}' cannot refer to auto-increment column.",
        )
    if source.generated_sql is not None:
        raise not_supported("A generated column that refers to another generated column")


def _fill(slot: Slot, expression: Expression | None, facts: Facts) -> None:
    column = slot.column
    if expression is not None:
        slot.fill = stored_sql(expression.typed, column, facts)
    elif column.default_sql is not None and column.default_sql.startswith("CURRENT_TIMESTAMP"):
        slot.fill = now_sql(column.type, facts)
    elif column.default_pg is not None:
        slot.fill = column.default_pg
    elif not column.nullable and not column.auto_increment:
        _fill_with_zero(slot)


def now_sql(type_: SqlType, facts: Facts) -> str:
    """The statement's moment as a value of a DATETIME or a TIMESTAMP."""
    digits = type_.precision or 0
    is_utc = type_.kind is Kind.TIMESTAMP
    moment = facts.utc_now if is_utc else facts.local_now
    # CURRENT_TIMESTAMP(n) cuts its fraction off.
    whole, _, fraction = moment.isoformat(" ", "microseconds").partition(".")
    text = f"{whole}.{fraction[:digits]}" if digits else whole
    return f"{literal(text + '+00')}::timestamptz" if is_utc else f"{literal(text)}::timestamp"


def _fill_with_zero(slot: Slot) -> None:
    type_ = slot.column.type
    if type_.kind in {Kind.DATE, Kind.DATETIME, Kind.TIMESTAMP}:
        what, zero = ("date", "0000-00-00") if type_.kind is Kind.DATE else _ZERO_MOMENT
        slot.must_be_empty = MySqlError(
            MyError.ER_TRUNCATED_WRONG_VALUE,
            f"Incorrect {what} value: '{zero}' for column '{slot.column.name}' at row 1",
        )
    elif type_.kind is Kind.ENUM:
        slot.fill = literal(type_.members[0])
    elif type_.kind in TEXTS:
        slot.fill = "''"
    elif type_.kind is Kind.BINARY:
        slot.fill = f"'\\x{'00' * (type_.length or 0)}'::bytea"
    elif type_.kind in BYTES:
        slot.fill = "''::bytea"
    else:
        slot.fill = _ZEROS.get(type_.kind, "0")


_ZERO_MOMENT = ("datetime", "0000-00-00 00:00:00")
