"""Queries and changes of rows, with the parameters of prepared ones."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.facts import Facts, Value
from stend.engines.mysql.sql.lexing import Source, syntax_error
from stend.engines.mysql.sql.parsing import Statement, parse
from stend.engines.mysql.sql.translated import OutputColumn, Translated
from stend.engines.mysql.sql.translating import translate
from stend.engines.mysql.tables.model import Catalog
from stend.wire.mysql.commands import Decimal64, Parameter

_CHANGES = re.compile(r"[\s(]*(?:insert|update|delete|replace)\b", re.IGNORECASE)
_CHANGES_BEHIND_WITH = re.compile(r"\s*with\b.*\b(?:update|delete)\b", re.IGNORECASE | re.DOTALL)

# LIMIT takes no NULL, a date no number.
_TRIED: tuple[Value, ...] = (None, 1, "")

# Warnings of INSERT IGNORE in MySQL, which then keeps another value or leaves the row out.
_FORGIVEN = frozenset(
    {
        MyError.ER_BAD_NULL_ERROR,
        MyError.ER_SUBQUERY_NO_1_ROW,
        MyError.ER_WARN_DATA_OUT_OF_RANGE,
        MyError.WARN_DATA_TRUNCATED,
        MyError.ER_TRUNCATED_WRONG_VALUE,
        MyError.ER_NO_DEFAULT_FOR_FIELD,
        MyError.ER_DIVISION_BY_ZERO,
        MyError.ER_TRUNCATED_WRONG_VALUE_FOR_FIELD,
        MyError.ER_DATA_TOO_LONG,
        MyError.ER_DATETIME_FUNCTION_OVERFLOW,
        MyError.ER_NO_REFERENCED_ROW_2,
        MyError.ER_CHECK_CONSTRAINT_VIOLATED,
    }
)


@dataclass(frozen=True, slots=True)
class Query:
    """
    Attributes:
        statement: what its text says.
        parameters: for its placeholders.
    """

    statement: Statement
    changes_rows: bool
    parameters: tuple[Value, ...] = ()


def read_query(source: Source) -> Query:
    """
    Raises:
        MySqlError: it cannot be read, or is refused.
    """
    clean = source.clean
    changes = _CHANGES.match(clean) or _CHANGES_BEHIND_WITH.match(clean)
    try:
        statement = parse(source)
    except MySqlError:
        raise
    except Exception as error:
        # sqlglot stumbles over some texts that are no SQL.
        raise syntax_error(source.text, 0) from error
    return Query(statement, bool(changes))


def unless_forgiven(error: MySqlError, query: Query) -> MySqlError:
    """The error of a query, or a refusal where MySQL would go on with a warning."""
    if query.statement.is_ignore and error.error in _FORGIVEN:
        return not_supported(f"INSERT IGNORE of what is otherwise an error ({error.message})")
    return error


def translated(query: Query, catalog: Catalog, facts: Facts) -> Translated:
    """The statement for PostgreSQL.

    Raises:
        MySqlError: it means nothing here, or is refused.
    """
    if query.statement.placeholders != len(query.parameters):
        raise MySqlError(MyError.ER_WRONG_ARGUMENTS, "Incorrect arguments to mysqld_stmt_execute")
    return translate(query.statement, catalog, facts, query.parameters)


def described(query: Query, catalog: Catalog, facts: Facts) -> tuple[OutputColumn, ...]:
    """The columns of a prepared statement before anybody has said what its parameters are.

    Raises:
        MySqlError: it cannot be run with any parameters that were tried.
    """
    failure: MySqlError | None = None
    for tried in _TRIED:
        parameters = (tried,) * query.statement.placeholders
        try:
            return translated(replace(query, parameters=parameters), catalog, facts).columns
        except MySqlError as error:
            failure = failure or error
        if not parameters:
            break
    raise failure or not_supported("This statement")


def values(parameters: Sequence[Parameter]) -> tuple[Value, ...]:
    """Parameters of the binary protocol as values of a statement."""
    return tuple(_value(one) for one in parameters)


def _value(parameter: Parameter) -> Value:
    match parameter:
        case Decimal64():
            return _decimal(parameter)
        case datetime():
            return parameter.isoformat(" ")
        case date():
            return parameter.isoformat()
        case timedelta():
            return _time(parameter)
    return parameter


def _decimal(text: str) -> Decimal:
    if not re.fullmatch(r"[+-]?(?:\d+\.?\d*|\.\d+)", text, re.ASCII):
        raise MySqlError(
            MyError.ER_TRUNCATED_WRONG_VALUE, f"Incorrect DECIMAL value: '{text[:80]}'"
        )
    return Decimal(text)


def _time(span: timedelta) -> str:
    sign = "-" if span < timedelta() else ""
    seconds, micros = divmod(abs(span) // timedelta(microseconds=1), 1_000_000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    fraction = f".{micros:06}" if micros else ""
    return f"{sign}{hour:02}:{minute:02}:{second:02}{fraction}"
