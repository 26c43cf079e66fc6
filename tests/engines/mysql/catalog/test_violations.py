"""Errors of PostgreSQL in MySQL's words."""

import pytest

from stend.engines.mysql.backend.pg_errors import said_texts
from stend.engines.mysql.sql.lexing import split
from tests.engines.mysql.catalog.defining import Defined

_TABLES = """
    CREATE TABLE o (id INT PRIMARY KEY, name VARCHAR(20) NOT NULL, code CHAR(3), en ENUM('a','b'),
    u TINYINT UNSIGNED, d DECIMAL(5,2) UNSIGNED, vb VARBINARY(2), at DATETIME(3), y YEAR,
    UNIQUE KEY uname (name), UNIQUE KEY two (code, u), UNIQUE KEY at (at),
    CONSTRAINT ck CHECK (id < 99));
    CREATE TABLE c (id INT PRIMARY KEY, o_id INT NOT NULL,
    CONSTRAINT fk_o FOREIGN KEY (o_id) REFERENCES o (id) ON DELETE RESTRICT)
"""
_FOREIGN = (
    "a foreign key constraint fails (`shop`.`c`, CONSTRAINT `fk_o` FOREIGN KEY (`o_id`) "
    "REFERENCES `o` (`id`) ON DELETE RESTRICT)"
)


@pytest.fixture(scope="module")
def tables(defined_once: Defined) -> Defined:
    defined_once.anew()
    defined_once.run(_TABLES)
    defined_once.rows(
        "INSERT INTO d_shop.o VALUES (1, 'Ёлка, O''Hara', 'abc', 'a', 5, 1, 'x', '2024-01-01', 0);"
        "INSERT INTO d_shop.c VALUES (1, 1)"
    )
    return defined_once


@pytest.mark.parametrize(
    ("columns", "values", "number", "message"),
    [
        ("id, name", "1, 'x'", 1062, "Duplicate entry '1' for key 'o.PRIMARY'"),
        (
            *("id, name", "2, 'елка, o''HARA '", 1062),
            "Duplicate entry 'елка, o'HARA ' for key 'o.uname'",
        ),
        ("id, name, code, u", "2, 'x', 'ABc', 5", 1062, "Duplicate entry 'ABc-5' for key 'o.two'"),
        (
            *("id, name, at", "2, 'x', '2024-01-01'", 1062),
            "Duplicate entry '2024-01-01 00:00:00.000' for key 'o.at'",
        ),
        ("id, name", "2, NULL", 1048, "Column 'name' cannot be null"),
        ("id, name, en", "2, 'x', 'c'", 1265, "Data truncated for column 'en' at row 1"),
        ("id, name, u", "2, 'x', 256", 1264, "Out of range value for column 'u' at row 1"),
        ("id, name, d", "2, 'x', -1", 1264, "Out of range value for column 'd' at row 1"),
        ("id, name, y", "2, 'x', 1900", 1264, "Out of range value for column 'y' at row 1"),
        ("id, name, vb", "2, 'x', 'abc'", 1406, "Data too long for column 'vb' at row 1"),
        ("id, name", f"2, '{'x' * 21}'", 1406, "Data too long for column 'name' at row 1"),
        ("id, name", "99, 'x'", 3819, "Check constraint 'ck' is violated."),
    ],
)
def test_a_row_that_violates_something(
    tables: Defined, columns: str, values: str, number: int, message: str
) -> None:
    insert = " ".join(("INSERT INTO", f"d_shop.o ({columns}) VALUES ({values})"))
    error = tables.fails(insert, said_texts(split(insert)[0]))
    assert (error.error.number, error.message) == (number, message)


@pytest.mark.parametrize(
    ("statement", "number", "message"),
    [
        (
            *("INSERT INTO d_shop.c VALUES (2, 7)", 1452),
            f"Cannot add or update a child row: {_FOREIGN}",
        ),
        (
            *("DELETE FROM d_shop.o", 1451),
            f"Cannot delete or update a parent row: {_FOREIGN}",
        ),
        (
            *("UPDATE d_shop.o SET id = 5", 1451),
            f"Cannot delete or update a parent row: {_FOREIGN}",
        ),
        ("SELECT (SELECT generate_series(1, 2))", 1242, "Subquery returns more than 1 row"),
        ("SELECT 1 / 0", 1365, "Division by 0"),
        ("SELECT 9223372036854775807 + 1::bigint", 1690, "BIGINT value is out of range"),
        ("SELECT 1e308::float8 * 10", 1690, "DOUBLE value is out of range"),
        ("SELECT my.fail(1292, 'Some words')", 1292, "Some words"),
        ("SELECT my.fail(9999, 'Some words')", 1105, "Some words"),
        ("SELECT 'a' ~ '('", 3685, "Illegal argument to a regular expression."),
        ("SELECT E'a\\u0000'::text", 1105, None),
        ("SELECT nope", 1105, None),
        (
            *("BEGIN READ ONLY; DELETE FROM d_shop.c", 1792),
            "Cannot execute statement in a READ ONLY transaction.",
        ),
        (
            *("SET statement_timeout = 1; SELECT pg_sleep(1)", 3024),
            "Query execution was interrupted, maximum statement execution time exceeded",
        ),
    ],
)
def test_a_statement_that_fails(
    tables: Defined, statement: str, number: int, message: str | None
) -> None:
    error = tables.fails(statement)
    tables.rows("ROLLBACK")
    tables.rows("SET statement_timeout = 0")
    assert error.error.number == number
    assert message in {None, error.message}


def test_texts_of_a_statement_are_its_literals_and_its_parameters() -> None:
    source = split("INSERT INTO t VALUES ('it''s', \"b\\n\", 5, ?, `no`)")[0]
    assert said_texts(source, ("x", None)) == ("it's", "b\n", "x")
