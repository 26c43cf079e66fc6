"""Errors of PostgreSQL as MySQL words them. Pure."""

import re
from collections.abc import Callable, Sequence
from typing import Protocol

from stend.engines.mysql.backend.pg_constraints import (
    Place,
    check_violated,
    duplicate_entry,
    reference_violated,
)
from stend.engines.mysql.catalog.syntax.tokens import TokenKind, Tokens, unquoted
from stend.engines.mysql.errors import MyError, MySqlError, not_supported
from stend.engines.mysql.sql.lexing import Source
from stend.engines.mysql.tables.model import Catalog, TableName
from stend.engines.mysql.tables.naming import schema_of

_NUMBERS = {error.number: error for error in MyError}
_OWN = re.compile(r"M(\d{4})")
_NOT_NULL = re.compile(r'column "(?P<column>.*)" of relation')
_DEADLOCK = "Deadlock found when trying to get lock; try restarting transaction"
_LOCK_TIMEOUT = "Lock wait timeout exceeded; try restarting transaction"
_NOWAIT = "Statement aborted because lock(s) could not be acquired immediately and NOWAIT is set."


class Diagnostics(Protocol):
    """What is taken from psycopg's `Error.diag`."""

    @property
    def message_primary(self) -> str | None: ...
    @property
    def message_detail(self) -> str | None: ...
    @property
    def schema_name(self) -> str | None: ...
    @property
    def table_name(self) -> str | None: ...
    @property
    def column_name(self) -> str | None: ...
    @property
    def constraint_name(self) -> str | None: ...


def said_texts(source: Source, parameters: Sequence[str | None] = ()) -> tuple[str, ...]:
    """The texts that a statement gives, for `translate`."""
    tokens = Tokens(source)
    found: list[str] = []
    while not tokens.at_end:
        token = tokens.next()
        if token.kind is TokenKind.STRING:
            found.append(unquoted(token.text))
    return (*found, *(one for one in parameters if one is not None))


def translate(
    sqlstate: str | None, diagnostics: Diagnostics, catalog: Catalog, said: Sequence[str] = ()
) -> MySqlError:
    """
    Args:
        catalog: the names and numbers of keys and constraints are looked up in it; of a failed
            DDL, its `catalog_after`.
        said: texts of the statement. A key tells of a text only its weight; the one of these that
            weighs as much is what was to be stored.
    """
    state = sqlstate or ""
    message = diagnostics.message_primary or ""
    if own := _OWN.fullmatch(state):
        error = _NUMBERS.get(int(own[1]), MyError.ER_UNKNOWN_ERROR)
        return MySqlError(error, message)
    if state == "23502":
        return _bad_null(diagnostics, message, catalog)
    if reader := _CONSTRAINTS.get(state):
        return reader(_place(diagnostics, catalog), said) or _unknown(message)
    if worded := _WORDED.get(state):
        return worded(message)
    fixed = _FIXED.get(state)
    return MySqlError(*fixed) if fixed is not None else _unknown(message)


def _unknown(message: str) -> MySqlError:
    return MySqlError(MyError.ER_UNKNOWN_ERROR, message)


def _place(diagnostics: Diagnostics, catalog: Catalog) -> Place:
    table = _table_name(diagnostics)
    return Place(
        catalog,
        None if table is None else catalog.table(table),
        diagnostics.constraint_name or "",
        diagnostics.message_primary or "",
        diagnostics.message_detail or "",
    )


def _table_name(diagnostics: Diagnostics) -> TableName | None:
    prefix = schema_of("")
    schema, table = diagnostics.schema_name, diagnostics.table_name
    if schema is None or table is None or not schema.startswith(prefix):
        return None
    return TableName(schema.removeprefix(prefix), table)


def _bad_null(diagnostics: Diagnostics, message: str, catalog: Catalog) -> MySqlError:
    # ALTER TABLE finds NULLs in the rows that are there.
    if "contains null values" in message:
        return MySqlError(MyError.ER_INVALID_USE_OF_NULL, "Invalid use of NULL value")
    found = _NOT_NULL.search(message)
    name = diagnostics.column_name or (found["column"] if found else "")
    table = _place(diagnostics, catalog).table
    column = table.column(name) if table is not None else None
    shown = column.name if column is not None else name
    return MySqlError(MyError.ER_BAD_NULL_ERROR, f"Column '{shown}' cannot be null")


def _no_lock(message: str) -> MySqlError:
    if "lock timeout" in message:
        return MySqlError(MyError.ER_LOCK_WAIT_TIMEOUT, _LOCK_TIMEOUT)
    return MySqlError(MyError.ER_LOCK_NOWAIT, _NOWAIT)


def _canceled(message: str) -> MySqlError:
    interrupted = "Query execution was interrupted"
    if "statement timeout" in message:
        text = f"{interrupted}, maximum statement execution time exceeded"
        return MySqlError(MyError.ER_QUERY_TIMEOUT, text)
    return MySqlError(MyError.ER_QUERY_INTERRUPTED, interrupted)


def _cardinality(message: str) -> MySqlError:
    if "subquery" in message:
        return MySqlError(MyError.ER_SUBQUERY_NO_1_ROW, "Subquery returns more than 1 row")
    return not_supported("A statement that changes a row twice")


def _out_of_range(message: str) -> MySqlError:
    """Of a value to be stored, or of an operation."""
    if message.startswith("bigint"):
        return MySqlError(MyError.ER_DATA_OUT_OF_RANGE, "BIGINT value is out of range")
    if message == "value out of range: underflow" or "type double precision" in message:
        # MySQL goes on with 0, or with the greatest number.
        return not_supported("A number nearer to 0, or greater, than a DOUBLE can be")
    if message.startswith("value out of range"):
        return MySqlError(MyError.ER_DATA_OUT_OF_RANGE, "DOUBLE value is out of range")
    return MySqlError(MyError.ER_WARN_DATA_OUT_OF_RANGE, "Out of range value for a column")


def _refused(message: str) -> MySqlError:
    return not_supported(f"What PostgreSQL refuses ({message})")


_CONSTRAINTS: dict[str, Callable[[Place, Sequence[str]], MySqlError | None]] = {
    "23505": duplicate_entry,
    "23503": lambda place, _said: reference_violated(place),
    "23001": lambda place, _said: reference_violated(place),
    "23514": lambda place, _said: check_violated(place),
}
_WORDED: dict[str, Callable[[str], MySqlError]] = {
    "55P03": _no_lock,
    "57014": _canceled,
    "21000": _cardinality,
    "22003": _out_of_range,
    "0A000": _refused,
    "42P17": _refused,
    "42P20": _refused,
    "2BP01": _refused,
    "54000": _refused,
}
# By SQLSTATE.
_FIXED = {
    "40001": (MyError.ER_LOCK_DEADLOCK, _DEADLOCK),
    "40P01": (MyError.ER_LOCK_DEADLOCK, _DEADLOCK),
    "22001": (MyError.ER_DATA_TOO_LONG, "Data too long for a column"),
    "22012": (MyError.ER_DIVISION_BY_ZERO, "Division by 0"),
    "22021": (
        MyError.ER_INVALID_CHARACTER_STRING,
        "The character U+0000 in a text is not supported by this server",
    ),
    "22P05": (
        MyError.ER_INVALID_CHARACTER_STRING,
        "The character U+0000 in a text is not supported by this server",
    ),
    "22P02": (MyError.ER_TRUNCATED_WRONG_VALUE, "Truncated incorrect value"),
    "22007": (MyError.ER_TRUNCATED_WRONG_VALUE, "Incorrect datetime value"),
    "22008": (MyError.ER_TRUNCATED_WRONG_VALUE, "Incorrect datetime value"),
    "2201B": (
        MyError.ER_REGEXP_ILLEGAL_ARGUMENT,
        "Illegal argument to a regular expression.",
    ),
    "25006": (
        MyError.ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION,
        "Cannot execute statement in a READ ONLY transaction.",
    ),
    "53100": (MyError.ER_DISK_FULL, "Disk full; waiting for someone to free some space..."),
    "53200": (MyError.ER_OUTOFMEMORY, "Out of memory; restart server and try again"),
    "54001": (MyError.ER_STACK_OVERRUN_NEED_MORE, "Thread stack overrun"),
    "57P01": (MyError.ER_SERVER_SHUTDOWN, "Server shutdown in progress"),
}
