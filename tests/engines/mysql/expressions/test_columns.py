"""Expressions, aggregates and windows over columns of all types."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from stend.engines.mysql.errors import MyError, MySqlError
from stend.engines.mysql.sql.scope import ColumnRef, Scope, Source
from stend.engines.mysql.tables.types import Kind, SqlType
from tests.engines.mysql.expressions.asking import FACTS, shown, translated, unescaped

_TABLE = Path(__file__).with_name("columns.tsv").read_text(encoding="utf-8")
_EXPECTED = [line.split("\t") for line in _TABLE.splitlines()]
_TYPES = {
    "i": SqlType(Kind.INT),
    "u": SqlType(Kind.INT, unsigned=True),
    "bu": SqlType(Kind.BIGINT, unsigned=True),
    "d": SqlType(Kind.DECIMAL, precision=10, scale=2),
    "f": SqlType(Kind.DOUBLE),
    "r": SqlType(Kind.FLOAT),
    "s": SqlType(Kind.VARCHAR, length=20),
    "t": SqlType(Kind.TEXT),
    "da": SqlType(Kind.DATE),
    "dt": SqlType(Kind.DATETIME, precision=0),
    "dt3": SqlType(Kind.DATETIME, precision=3),
    "ti": SqlType(Kind.TIME, precision=0),
    "ts": SqlType(Kind.TIMESTAMP, precision=0),
    "e": SqlType(Kind.ENUM, members=("small", "Medium", "large"), length=6),
    "y": SqlType(Kind.YEAR),
    "j": SqlType(Kind.JSON),
    "c": SqlType(Kind.CHAR, length=5),
    "n": SqlType(Kind.TINYINT, display_width=1),
}
_SOURCE = Source("x", {name: ColumnRef(f'x."{name}"', type_) for name, type_ in _TYPES.items()})
_SCOPE = Scope(FACTS, (_SOURCE,), allows_aggregates=True, allows_windows=True)
_CREATE = """
CREATE TEMPORARY TABLE x (i int, u bigint, bu numeric(20,0), d numeric(10,2), f float8, r real,
    s varchar(20), t text, da date, dt timestamp(0), dt3 timestamp(3), ti interval,
    ts timestamptz(0), e text, y smallint, j jsonb, c varchar(5), n smallint);
INSERT INTO x VALUES
    (1, 1, 1, 1.50, 1.5, 1.5, 'apple', 'Яблоко', '2024-01-31', '2024-01-31 10:00:00',
        '2024-01-31 10:00:00.123', '10:00:00', '2024-01-31 10:00:00+00', 'small', 2024,
        '{"a":1,"b":[1,2]}', 'ab', 1),
    (2, 2, 18446744073709551615, 2.25, 2.25, 2.25, 'Apple', 'груша', '2024-02-29',
        '2024-02-29 23:59:59', '2024-02-29 23:59:59.999', '-01:30:00', '2024-02-29 23:59:59+00',
        'large', 1999, '{"a":"x"}', 'b', 0),
    (3, 4, 3, -3.33, -3.33, 0.1, 'banana', 'Груша', '2023-12-31', '2023-12-31 00:00:00',
        '2023-12-31 00:00:00', '100:00:00', '2023-12-31 00:00:00+00', 'Medium', 2000,
        '[1,"2",null]', 'C', 1),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL),
    (2, 2, 2, 0.10, 1e10, 3.14159274, '', '', '2024-02-29', '2024-02-29 00:00:00',
        '2024-02-29 00:00:00', '00:00:00', '2024-02-29 00:00:00+00', 'small', 2024, '5', '', 0);
"""
_AGGREGATES = (
    "count", "sum", "avg", "min(", "max", "std", "var", "bit_", "group_concat", "round(avg",
    "round(sum", "1+count", "concat(count",
)  # fmt: skip


@pytest.fixture(scope="module")
def rows(postgres: psycopg.Connection) -> Iterator[psycopg.Connection]:
    postgres.execute(_CREATE)
    yield postgres
    postgres.execute("DROP TABLE x")


@pytest.mark.parametrize(("expression", "values"), _EXPECTED, ids=[row[0] for row in _EXPECTED])
def test_of_rows(rows: psycopg.Connection, expression: str, values: str) -> None:
    is_one = expression.startswith(_AGGREGATES) and " over " not in expression
    order = "" if is_one else " ORDER BY x.i IS NULL, x.i, x.d"
    statement = f"SELECT ({shown(translated(expression, _SCOPE))}) AS answer FROM x{order}"  # noqa: S608
    found = [row[0] for row in rows.execute(statement.encode()).fetchall()]
    assert found == [unescaped(one) for one in values.split("|")]


@pytest.mark.parametrize("expression", ["y = 99", "7 < y", "y IN (2024, '20')"])
def test_a_year_is_not_compared_with_two_digits(expression: str) -> None:
    with pytest.raises(MySqlError, match="YEAR") as caught:
        translated(expression, _SCOPE)
    assert caught.value.error is MyError.ER_NOT_SUPPORTED_YET


@pytest.mark.parametrize("expression", ["y - 3000", "y * -1", "y DIV -1"])
def test_a_year_is_unsigned(rows: psycopg.Connection, expression: str) -> None:
    with pytest.raises(psycopg.Error, match="BIGINT UNSIGNED value is out of range") as caught:
        rows.execute(f"SELECT {translated(expression, _SCOPE).sql} FROM x".encode())  # noqa: S608
    assert caught.value.sqlstate == "M1690"
