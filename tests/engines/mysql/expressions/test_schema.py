"""The functions of the schema `my` that stand on their own."""

import psycopg
import pytest

from stend.engines.mysql.sql.my_schema import STAMP_QUERY, schema_sql, schema_stamp


def test_running_it_again_changes_nothing(postgres: psycopg.Connection) -> None:
    postgres.execute(schema_sql().encode())
    assert postgres.execute(STAMP_QUERY.encode()).fetchone() == (schema_stamp(),)


def test_short_ways_agree_with_the_table(postgres: psycopg.Connection) -> None:
    """Of each character of the basic plane, alone and beside a letter of each alphabet."""
    differing = postgres.execute(
        "SELECT count(*) FROM generate_series(1, 65535) AS code, "
        "(VALUES (''), ('я'), ('a')) AS b (beside) "
        "WHERE code NOT BETWEEN 55296 AND 57343 "
        "AND my.fold(beside || chr(code)) <> my.fold_any(beside || chr(code))"
    ).fetchone()
    assert differing == (0,)


@pytest.mark.parametrize(
    ("lower", "greater"),
    [
        ("a", "b"),
        ("a\n", "a"),
        ("a\nb", "a"),
        ("a \n", "a"),
        ("a\n", "a \n"),
        ("a  \n", "a"),
        ("a \n", "a x"),
        ("a\x1e", "a\x1f"),
        ("a\x1f", "a"),
        ("a\x1f", "a \x01"),
        ("A", "ab"),
        ("е", "ж"),
        ("ё", "ж"),
        ("и", "й"),
        ("z", "я"),
        ("ж", "😀"),
    ],
)
def test_order(postgres: psycopg.Connection, lower: str, greater: str) -> None:
    row = postgres.execute("SELECT my.weight(%s) < my.weight(%s)", [lower, greater]).fetchone()
    assert row == (True,)


@pytest.mark.parametrize(
    ("one", "other", "are_same"),
    [
        ("ЁЖ", "еж", True),
        ("straße", "STRASE", True),
        ("Ñandú", "nandu", True),
        ("a", "a   ", True),
        ("a\t", "a", False),
        ("й", "и", False),
        ("😀", "😁", True),
        ("æ", "ae", False),
        ("İ", "i", True),
    ],
)
def test_equality(postgres: psycopg.Connection, one: str, other: str, are_same: bool) -> None:
    row = postgres.execute("SELECT my.weight(%s) = my.weight(%s)", [one, other]).fetchone()
    assert row == (are_same,)
    swapped = postgres.execute("SELECT my.weight(%s) = my.weight(%s)", [other, one]).fetchone()
    assert swapped == (are_same,)


def test_json_scalars_have_an_order(postgres: psycopg.Connection) -> None:
    """The values as they are sorted: NULL of JSON, numbers, strings, FALSE, TRUE."""
    in_order = ["null", "-100.5", "-100", "-2", "-0.5", "0", "0.001", "0.5", "1", "1.5", "2", "10",
                "1000", '"10"', '"9"', '"a"', '"b"', "false", "true"]  # fmt: skip
    found = postgres.execute(
        "SELECT array_agg(j::text ORDER BY my.json_key(j)) FROM unnest(%s::jsonb[]) AS j",
        [list(reversed(in_order))],
    ).fetchone()
    assert found == (in_order,)
