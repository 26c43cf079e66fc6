"""Values: exact numbers, instants, documents, arrays, and the codes of refused ones."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg import errors

from tests.engines.suite.checks import check
from tests.engines.suite.postgresql.conftest import Row
from tests.engines.suite.postgresql.test_queries import rows


@check(
    ru="NUMERIC считает точно: 0,1 + 0,2 = 0,3, сотня знаков не теряется",
    en="NUMERIC is exact: 0.1 + 0.2 = 0.3, and a hundred digits are kept",
)
def test_numeric_is_exact(connection: psycopg.Connection[Row]) -> None:
    long = Decimal("1" * 50 + "." + "9" * 50)
    answer = rows(
        connection, "SELECT 0.1::numeric + 0.2 = 0.3, 0.1::float8 + 0.2 = 0.3, %s::numeric", long
    )
    assert answer == [(True, False, long)]
    assert rows(connection, "SELECT round(2.5), round(0.125, 2)") == [(Decimal(3), Decimal("0.13"))]


@check(
    ru="timestamptz хранит момент: показывается в поясе сеанса, переход на летнее время учтён",
    en="timestamptz keeps the instant: shown in the session's zone, across daylight saving time",
)
def test_timestamptz_keeps_the_instant(connection: psycopg.Connection[Row]) -> None:
    before = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    connection.execute("SET timezone = 'Europe/Berlin'")
    ((shown, later),) = rows(
        connection, "SELECT %s::timestamptz::text, (%s::timestamptz + '1 h')::text", before, before
    )
    assert (shown, later) == ("2026-03-29 01:30:00+01", "2026-03-29 03:30:00+02")
    connection.execute("SET timezone = 'Asia/Vladivostok'")
    ((moment,),) = rows(connection, "SELECT %s::timestamptz", before)
    assert moment == before
    assert isinstance(moment, datetime)
    assert moment.utcoffset() == before.astimezone(ZoneInfo("Asia/Vladivostok")).utcoffset()


@check(
    ru="Интервалы: месяц прибавляется по календарю, сутки и 24 часа различаются",
    en="Intervals: a month is added by the calendar, a day differs from 24 hours",
)
def test_intervals(connection: psycopg.Connection[Row]) -> None:
    connection.execute("SET timezone = 'Europe/Berlin'")
    answer = rows(
        connection,
        "SELECT (date '2026-01-31' + interval '1 month')::date::text,"
        " (timestamptz '2026-03-28 12:00' + interval '1 day')::time::text,"
        " (timestamptz '2026-03-28 12:00' + interval '24 hours')::time::text,"
        " interval '90 minutes'",
    )
    assert answer == [("2026-02-28", "12:00:00", "13:00:00", timedelta(minutes=90))]


@check(
    ru="jsonb: обращение по пути, вхождение, изменение и запрос jsonpath",
    en="jsonb: access by path, containment, change and a jsonpath query",
)
def test_jsonb_operators(connection: psycopg.Connection[Row]) -> None:
    connection.execute("CREATE TABLE t (doc jsonb)")
    connection.execute("CREATE INDEX ON t USING gin (doc jsonb_path_ops)")
    connection.execute(
        """INSERT INTO t VALUES ('{"a": {"b": [1]}, "tags": ["x", "y"], "a": {"b": [9, 8]}}')"""
    )
    answer = rows(
        connection,
        "SELECT doc #> '{a,b}', doc -> 'a' ->> 'b', doc @> '{\"tags\": [\"y\"]}', doc ? 'tags',"
        " jsonb_set(doc, '{a,b,0}', '7') #>> '{a,b,0}', doc - 'a',"
        " jsonb_path_query_array(doc, '$.a.b[*] ? (@ > 8)') FROM t",
    )
    assert answer == [([9, 8], "[9, 8]", True, True, "7", {"tags": ["x", "y"]}, [9])]


@check(
    ru="Массивы: вхождение, срез, разворот в строки и передача списка параметром",
    en="Arrays: containment, a slice, unnesting and a list as a parameter",
)
def test_arrays(connection: psycopg.Connection[Row]) -> None:
    answer = rows(
        connection,
        "SELECT %s::text[] @> ARRAY['б'], (ARRAY[1, 2, 3, 4])[2:3], 3 = ANY(%s::int[]),"
        " (SELECT array_agg(n * 2 ORDER BY i)"
        " FROM unnest(ARRAY[5, 6]) WITH ORDINALITY AS u (n, i))",
        ["а", "б"],
        [1, 2, 3],
    )
    assert answer == [(True, [2, 3], True, [10, 12])]


@check(
    ru="Вычисляемый столбец хранит значение и отвергает запись в него",
    en="A generated column keeps its value and refuses to be written",
)
def test_generated_column(connection: psycopg.Connection[Row]) -> None:
    connection.execute(
        "CREATE TABLE t (price numeric, n int,"
        " total numeric GENERATED ALWAYS AS (price * n) STORED)"
    )
    connection.execute("INSERT INTO t (price, n) VALUES (79.90, 3)")
    connection.execute("UPDATE t SET n = 2")
    assert rows(connection, "SELECT total FROM t") == [(Decimal("159.80"),)]
    with pytest.raises(errors.GeneratedAlways) as refused:
        connection.execute("INSERT INTO t (total) VALUES (1)")
    assert refused.value.sqlstate == "428C9"


@check(
    ru="Перечисления и домены: порядок значений и отказ от лишнего",
    en="Enumerations and domains: the order of values, and what does not belong is refused",
)
def test_enumerations_and_domains(connection: psycopg.Connection[Row]) -> None:
    connection.execute("CREATE TYPE state AS ENUM ('placed', 'paid', 'delivered')")
    connection.execute("CREATE DOMAIN quantity AS int CHECK (value > 0)")
    assert rows(connection, "SELECT 'paid'::state > 'placed'::state") == [(True,)]
    connection.commit()
    for value, error in (
        ("'lost'::state", errors.InvalidTextRepresentation),
        ("0::quantity", errors.CheckViolation),
    ):
        with pytest.raises(error):
            connection.execute(f"SELECT {value}".encode())
        connection.rollback()


@check(
    ru="Диапазоны: пересечение броней отвергается кодом 23P01",
    en="Ranges: overlapping bookings are refused with 23P01",
)
def test_ranges(connection: psycopg.Connection[Row]) -> None:
    connection.execute("CREATE TABLE slots (during tstzrange, EXCLUDE USING gist (during WITH &&))")
    connection.execute("INSERT INTO slots VALUES ('[2026-01-01 10:00, 2026-01-01 11:00)')")
    connection.execute("INSERT INTO slots VALUES ('[2026-01-01 11:00, 2026-01-01 12:00)')")
    with pytest.raises(errors.ExclusionViolation) as refused:
        connection.execute("INSERT INTO slots VALUES ('[2026-01-01 10:30, 2026-01-01 10:40)')")
    assert refused.value.sqlstate == "23P01"


@check(
    ru="Кириллица: регистр, порядок кодов и длина в знаках",
    en="Cyrillic: case, the order of codes and length in characters",
)
def test_cyrillic(connection: psycopg.Connection[Row]) -> None:
    answer = rows(
        connection,
        "SELECT upper('ёжик'), length('ёжик'), octet_length('ёжик'), 'ЛАВКА' ILIKE 'лавка',"
        " (SELECT string_agg(w, '' ORDER BY w) FROM unnest(ARRAY['я', 'А', 'а', 'Я', 'ё']) AS w)",
    )
    assert answer == [("ЁЖИК", 4, 8, True, "АЯаяё")]


@check(
    ru="Каждое ограничение отвергает нарушение своим кодом и называет себя",
    en="Each constraint refuses a violation with its own code and names itself",
)
@pytest.mark.parametrize(
    ("values", "sqlstate", "constraint"),
    [
        ("(1, 1, 'x')", "23505", "t_pkey"),
        ("(2, 99, 'x')", "23503", "t_parent_fkey"),
        ("(2, NULL, NULL)", "23502", None),
        ("(2, NULL, '')", "23514", "t_name_check"),
    ],
)
def test_constraints(
    connection: psycopg.Connection[Row], values: str, sqlstate: str, constraint: str | None
) -> None:
    connection.execute(
        "CREATE TABLE t (id int PRIMARY KEY, parent int REFERENCES t,"
        " name text NOT NULL CHECK (name <> ''))"
    )
    connection.execute("INSERT INTO t VALUES (1, NULL, 'first')")
    with pytest.raises(psycopg.IntegrityError) as refused:
        connection.execute(b"INSERT INTO t VALUES " + values.encode())
    assert refused.value.diag.sqlstate == sqlstate
    assert refused.value.diag.constraint_name == constraint


@check(
    ru="Отложенное ограничение проверяется при фиксации",
    en="A deferred constraint is checked at the commit",
)
def test_deferred_constraint(connection: psycopg.Connection[Row]) -> None:
    connection.execute("CREATE TABLE t (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
    connection.execute("INSERT INTO t VALUES (1), (2)")
    connection.commit()
    connection.execute("UPDATE t SET id = 3 - id")
    connection.commit()
    connection.execute("UPDATE t SET id = 1")
    with pytest.raises(errors.UniqueViolation):
        connection.commit()


@check(
    ru="Ошибки в запросе приходят со своим кодом SQLSTATE и местом",
    en="Errors in a statement come with their SQLSTATE and position",
)
@pytest.mark.parametrize(
    ("statement", "sqlstate", "position"),
    [
        ("SELEC 1", "42601", 1),
        ("SELECT * FROM nowhere", "42P01", 15),
        ("SELECT nothing", "42703", 8),
        ("SELECT nothing()", "42883", 8),
        ("SELECT 1 / 0", "22012", None),
        ("SELECT 'x'::int", "22P02", 8),
        ("SELECT 40000::int2", "22003", None),
        ("SELECT date '2026-02-30'", "22008", 13),
        ("CREATE ROLE somebody", "42501", None),
    ],
)
def test_error_codes(
    connection: psycopg.Connection[Row], statement: str, sqlstate: str, position: int | None
) -> None:
    with pytest.raises(psycopg.DatabaseError) as refused:
        connection.execute(statement.encode())
    said = refused.value.diag
    assert said.sqlstate == sqlstate
    assert said.statement_position == (str(position) if position else None)
