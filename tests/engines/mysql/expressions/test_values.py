"""Expressions over literals, with the value and the type that MySQL documents.

The values were compared with those of a real MariaDB; where it differs from MySQL 8.4, the manual
of MySQL was followed.
"""

from pathlib import Path

import psycopg
import pytest

from tests.engines.mysql.expressions.asking import answered, described, translated, unescaped

_TABLE = Path(__file__).with_name("values.tsv").read_text(encoding="utf-8")
_ROWS = [line.split("\t") for line in _TABLE.splitlines()]


@pytest.mark.parametrize(("expression", "type_", "value"), _ROWS, ids=[row[0] for row in _ROWS])
def test_value_and_type(
    postgres: psycopg.Connection, expression: str, type_: str, value: str
) -> None:
    assert answered(postgres, expression) == unescaped(value)
    typed = translated(expression)
    if typed.type.kind.value != "boolean":
        assert described(typed.type) == type_


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("NOW()", "2024-02-29 12:34:56"),
        ("NOW(3)", "2024-02-29 12:34:56.789"),
        ("CURRENT_TIMESTAMP", "2024-02-29 12:34:56"),
        ("CURRENT_TIMESTAMP(6)", "2024-02-29 12:34:56.789012"),
        ("LOCALTIME", "2024-02-29 12:34:56"),
        ("LOCALTIMESTAMP()", "2024-02-29 12:34:56"),
        ("CURDATE()", "2024-02-29"),
        ("CURRENT_DATE", "2024-02-29"),
        ("CURTIME()", "12:34:56"),
        ("UTC_TIMESTAMP", "2024-02-29 12:34:56"),
        ("UTC_DATE()", "2024-02-29"),
        ("UTC_TIME", "12:34:56"),
        ("UNIX_TIMESTAMP()", "1709210096"),
        ("NOW() + INTERVAL 1 DAY", "2024-03-01 12:34:56"),
        ("DATABASE()", "shop"),
        ("SCHEMA()", "shop"),
        ("USER()", "root@localhost"),
        ("CURRENT_USER", "root@localhost"),
        ("CONNECTION_ID()", "7"),
        ("VERSION()", "8.4.0-stend"),
        ("LAST_INSERT_ID()", "42"),
        ("ROW_COUNT()", "-1"),
        ("@x + 1", "6"),
        ("@name = 'ЕЖ'", "1"),
        ("@d", "1.50"),
        ("@nothing", None),
        ("@never_set", None),
        ("@@autocommit", "1"),
        ("@@session.sql_mode", "STRICT_TRANS_TABLES"),
        ("@@global.max_connections", "100"),
        ("SLEEP(0)", "0"),
    ],
)
def test_session(postgres: psycopg.Connection, expression: str, value: str | None) -> None:
    assert answered(postgres, expression) == value


def test_uuids_differ(postgres: psycopg.Connection) -> None:
    one, other = answered(postgres, "UUID()"), answered(postgres, "UUID()")
    assert one is not None
    assert one != other
    assert [len(part) for part in one.split("-")] == [8, 4, 4, 4, 12]
    assert one[14] == "1"


def test_rand(postgres: psycopg.Connection) -> None:
    assert answered(postgres, "RAND() >= 0 AND RAND() < 1") == "1"
