"""What a column of each type keeps of a value, and what it refuses, in strict mode."""

import psycopg
import pytest

from stend.engines.mysql.sql.expressions.assigning import assigned
from stend.engines.mysql.tables.model import Column
from stend.engines.mysql.tables.types import Kind, SqlType
from tests.engines.mysql.expressions.asking import FACTS, translated

_SIZES = ("small", "Medium", "large")
_TYPES = {
    "tinyint": SqlType(Kind.TINYINT),
    "tinyint unsigned": SqlType(Kind.TINYINT, unsigned=True),
    "int": SqlType(Kind.INT),
    "int unsigned": SqlType(Kind.INT, unsigned=True),
    "bigint": SqlType(Kind.BIGINT),
    "bigint unsigned": SqlType(Kind.BIGINT, unsigned=True),
    "decimal(5,2)": SqlType(Kind.DECIMAL, precision=5, scale=2),
    "decimal(5,2) unsigned": SqlType(Kind.DECIMAL, precision=5, scale=2, unsigned=True),
    "double": SqlType(Kind.DOUBLE),
    "float": SqlType(Kind.FLOAT),
    "varchar(3)": SqlType(Kind.VARCHAR, length=3),
    "char(3)": SqlType(Kind.CHAR, length=3),
    "tinytext": SqlType(Kind.TINYTEXT),
    "text": SqlType(Kind.TEXT),
    "varbinary(3)": SqlType(Kind.VARBINARY, length=3),
    "binary(3)": SqlType(Kind.BINARY, length=3),
    "enum": SqlType(Kind.ENUM, members=_SIZES),
    "date": SqlType(Kind.DATE),
    "datetime": SqlType(Kind.DATETIME, precision=0),
    "datetime(3)": SqlType(Kind.DATETIME, precision=3),
    "timestamp": SqlType(Kind.TIMESTAMP, precision=0),
    "time": SqlType(Kind.TIME, precision=0),
    "year": SqlType(Kind.YEAR),
    "json": SqlType(Kind.JSON),
}


def kept(postgres: psycopg.Connection, type_: str, expression: str) -> str | None:
    column = Column("c", _TYPES[type_])
    sql = assigned(translated(expression), column, FACTS)
    row = postgres.execute(f"SELECT ({sql})::text".encode()).fetchone()
    assert row is not None
    value = row[0]
    assert value is None or isinstance(value, str)
    return value


@pytest.mark.parametrize(
    ("type_", "expression", "value"),
    [
        ("tinyint", "127", "127"),
        ("tinyint", "'12'", "12"),
        ("tinyint", "' 12 '", "12"),
        ("tinyint", "'1.5'", "2"),
        ("tinyint", "1.5", "2"),
        ("tinyint", "2.5e0", "2"),
        ("tinyint", "TRUE", "1"),
        ("tinyint", "1 = 2", "0"),
        ("tinyint", "NULL", None),
        ("tinyint unsigned", "255", "255"),
        ("int", "-2147483648", "-2147483648"),
        ("int", "'1e3'", "1000"),
        ("int unsigned", "4294967295", "4294967295"),
        ("int", "DATE '2024-01-31'", "20240131"),
        ("bigint", "9223372036854775807", "9223372036854775807"),
        ("bigint unsigned", "18446744073709551615", "18446744073709551615"),
        ("decimal(5,2)", "1.005", "1.01"),
        ("decimal(5,2)", "'1.005'", "1.01"),
        ("decimal(5,2)", "-999.99", "-999.99"),
        ("decimal(5,2)", "1", "1.00"),
        ("decimal(5,2)", "0.1e0 + 0.2e0", "0.30"),
        ("decimal(5,2)", "1 / 3", "0.33"),
        ("double", "1.5", "1.5"),
        ("double", "'2.5'", "2.5"),
        ("double", "'1e-500'", "0"),
        ("double", "'-1.7976931348623157e308'", "-1.7976931348623157e+308"),
        ("float", "1e-50", "0"),
        ("float", "3.4028234e38", "3.4028235e+38"),
        ("tinyint unsigned", "-0.4e0", "0"),
        ("tinyint unsigned", "'-0.4'", "0"),
        ("text", "1 / 3", "0.333333333"),
        ("text", "0 / 3", "0"),
        ("text", "round(1 / 3, 2)", "0.33"),
        ("float", "0.1", "0.1"),
        ("varchar(3)", "'abc'", "abc"),
        ("varchar(3)", "'ab '", "ab "),
        ("varchar(3)", "'abc   '", "abc"),
        ("varchar(3)", "'абв'", "абв"),
        ("varchar(3)", "12", "12"),
        ("varchar(3)", "1.5", "1.5"),
        ("char(3)", "'a  '", "a"),
        ("char(3)", "'abc '", "abc"),
        ("text", "DATE '2024-01-31'", "2024-01-31"),
        ("varbinary(3)", "'abc'", r"\x616263"),
        ("binary(3)", "'a'", r"\x610000"),
        ("enum", "'SMALL'", "small"),
        ("enum", "2", "Medium"),
        ("enum", "'3'", "large"),
        ("date", "'2024-01-31'", "2024-01-31"),
        ("date", "'24-1-5'", "2024-01-05"),
        ("date", "20240131", "2024-01-31"),
        ("date", "'2024-01-31 10:00:00'", "2024-01-31"),
        ("date", "NOW()", "2024-02-29"),
        ("datetime", "'2024-01-31'", "2024-01-31 00:00:00"),
        ("datetime", "'2024-01-31 10:11:12.5'", "2024-01-31 10:11:13"),
        ("datetime(3)", "'2024-01-31 10:11:12.1236'", "2024-01-31 10:11:12.124"),
        ("datetime", "NOW(6)", "2024-02-29 12:34:57"),
        ("datetime", "CURDATE()", "2024-02-29 00:00:00"),
        ("timestamp", "'2024-01-31 10:11:12'", "2024-01-31 10:11:12+00"),
        ("time", "'10:11:12'", "10:11:12"),
        ("time", "'-838:59:59'", "-838:59:59"),
        ("time", "'10:11:12.7'", "10:11:13"),
        ("time", "101112", "10:11:12"),
        ("varchar(3)", "CAST(1.5 AS FLOAT)", "1.5"),
        ("text", "CAST(1.1 AS FLOAT)", "1.1"),
        ("year", "2024", "2024"),
        ("year", "'24'", "2024"),
        ("year", "99", "1999"),
        ("year", "0", "0"),
        ("year", "'0'", "2000"),
        ("json", '\'{"b": 1, "a": [1.50]}\'', '{"a": [1.5], "b": 1}'),
        ("json", "JSON_ARRAY(1, 'x')", '[1, "x"]'),
        ("json", "5", "5"),
        ("json", "NULL", None),
    ],
)
def test_kept(postgres: psycopg.Connection, type_: str, expression: str, value: str | None) -> None:
    assert kept(postgres, type_, expression) == value


@pytest.mark.parametrize(
    ("type_", "expression", "number", "words"),
    [
        ("tinyint", "128", 1264, "Out of range value for column 'c' at row 1"),
        ("tinyint", "'300'", 1264, "Out of range"),
        ("tinyint unsigned", "-1", 1264, "Out of range"),
        ("int", "2147483648", 1264, "Out of range"),
        ("int", "'1e999'", 1264, "Out of range"),
        ("int", "'abc'", 1366, "Incorrect integer value: 'abc' for column 'c' at row 1"),
        ("int", "''", 1366, "Incorrect integer value: '' for column 'c'"),
        ("int", "'12abc'", 1265, "Data truncated for column 'c' at row 1"),
        ("bigint unsigned", "-1", 1264, "Out of range"),
        ("decimal(5,2)", "1000", 1264, "Out of range"),
        ("decimal(5,2)", "999.995", 1264, "Out of range"),
        ("decimal(5,2)", "'x'", 1366, "Incorrect decimal value: 'x'"),
        ("decimal(5,2) unsigned", "-0.01", 1264, "Out of range"),
        ("decimal(5,2) unsigned", "'-0.001'", 1264, "Out of range"),
        ("tinyint unsigned", "-0.4", 1264, "Out of range"),
        ("double", "'1e400'", 1264, "Out of range"),
        ("float", "3.5e38", 1264, "Out of range"),
        ("double", "'x'", 1265, "Data truncated"),
        ("varchar(3)", "'abcd'", 1406, "Data too long for column 'c' at row 1"),
        ("varchar(3)", "12345", 1406, "Data too long"),
        ("varchar(3)", "CAST(1.1 AS FLOAT)", 1406, "Data too long"),
        ("char(3)", "'abcd'", 1406, "Data too long"),
        ("tinytext", "REPEAT('я', 128)", 1406, "Data too long"),
        ("varbinary(3)", "'яя'", 1406, "Data too long"),
        ("enum", "'huge'", 1265, "Data truncated"),
        ("enum", "4", 1265, "Data truncated"),
        ("enum", "''", 1265, "Data truncated"),
        ("date", "'2024-02-30'", 1292, "Incorrect date value: '2024-02-30' for column 'c'"),
        ("date", "'0000-00-00'", 1292, "Incorrect date value: '0000-00-00'"),
        ("date", "'soon'", 1292, "Incorrect date value: 'soon'"),
        ("datetime", "'2024-01-31 25:00:00'", 1292, "Incorrect datetime value"),
        ("timestamp", "'1960-01-01'", 1292, "Incorrect datetime value"),
        ("timestamp", "'2040-01-01'", 1292, "Incorrect datetime value"),
        ("time", "'900:00:00'", 1292, "Incorrect time value: '900:00:00' for column 'c' at row 1"),
        ("time", "'soon'", 1292, "Incorrect time value: 'soon'"),
        ("year", "1900", 1264, "Out of range"),
        ("year", "2156", 1264, "Out of range"),
        ("json", "'{'", 3140, "Invalid JSON text"),
    ],
)
def test_refused(
    postgres: psycopg.Connection, type_: str, expression: str, number: int, words: str
) -> None:
    with pytest.raises(psycopg.Error) as caught:
        kept(postgres, type_, expression)
    assert caught.value.sqlstate == f"M{number}"
    assert words in str(caught.value)
