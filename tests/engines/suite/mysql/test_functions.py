"""Functions and comparisons: a table of expressions and what they give."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.engines.suite.checks import check
from tests.engines.suite.mysql.conftest import Client, error_of, execute, moment, rows, value

_NUMBERS = [
    ("1 / 3", Decimal("0.3333")),
    ("10 / 4", Decimal("2.5000")),
    ("7 DIV 2", 3),
    ("-7 DIV 2", -3),
    ("-7 % 3", -1),
    ("7.5 MOD 2", Decimal("1.5")),
    ("1 / 0", None),
    ("2 + 2.50", Decimal("4.50")),
    ("0.1 + 0.2", Decimal("0.3")),
    ("1.10 * 1.10", Decimal("1.2100")),
    ("1e0 / 4", 0.25),
    ("ROUND(2.5)", Decimal(3)),
    ("ROUND(-2.5)", Decimal(-3)),
    ("ROUND(1234.567, -2)", Decimal(1200)),
    ("ROUND(1.005, 2)", Decimal("1.01")),
    ("TRUNCATE(1.999, 1)", Decimal("1.9")),
    ("CEILING(1.2)", 2),
    ("FLOOR(-1.2)", -2),
    ("ABS(-3)", 3),
    ("POW(2, 10)", 1024.0),
    ("SQRT(16)", 4.0),
    ("GREATEST(1, 3, 2)", 3),
    ("LEAST(1, NULL)", None),
    ("CAST('12.345' AS DECIMAL(5, 2))", Decimal("12.35")),
    ("CAST(1.5 AS SIGNED)", 2),
    ("CAST('42' AS UNSIGNED)", 42),
    ("9223372036854775807 - 1", 9223372036854775806),
]
_TEXTS = [
    ("CONCAT('a', 1, 2.50)", "a12.50"),
    ("CONCAT('a', NULL)", None),
    ("CONCAT_WS('-', 'a', NULL, 'b')", "a-b"),
    ("UPPER('ёж')", "ЁЖ"),
    ("LOWER('ЁЖ')", "ёж"),
    ("LENGTH('ёж')", 4),
    ("CHAR_LENGTH('ёж')", 2),
    ("SUBSTRING('лавка', 2, 3)", "авк"),
    ("SUBSTRING('лавка', -2)", "ка"),
    ("LEFT('лавка', 2)", "ла"),
    ("RIGHT('лавка', 2)", "ка"),
    ("REPLACE('a-b-c', '-', '')", "abc"),
    ("TRIM('  x ')", "x"),
    ("TRIM(LEADING '0' FROM '0070')", "70"),
    ("LPAD('7', 3, '0')", "007"),
    ("RPAD('abc', 2, '.')", "ab"),
    ("REVERSE('abc')", "cba"),
    ("REPEAT('ab', 3)", "ababab"),
    ("INSTR('foobar', 'BAR')", 4),
    ("LOCATE('o', 'foobar', 3)", 3),
    ("SUBSTRING_INDEX('a.b.c', '.', 2)", "a.b"),
    ("SUBSTRING_INDEX('a.b.c', '.', -1)", "c"),
    ("FIELD('b', 'a', 'B', 'c')", 2),
    ("FIND_IN_SET('b', 'a,b,c')", 2),
    ("ELT(2, 'a', 'b')", "b"),
    ("HEX('abc')", "616263"),
    ("MD5('abc')", "900150983cd24fb0d6963f7d28e17f72"),
    ("STRCMP('a', 'b')", -1),
    ("FORMAT(1234567.891, 2)", "1,234,567.89"),
]
_MOMENTS = [
    ("DATE_ADD('2026-01-31 10:20:30', INTERVAL 1 MONTH)", "2026-02-28 10:20:30"),
    ("DATE_ADD(CAST('2026-01-01' AS DATE), INTERVAL 1 DAY)", dt.date(2026, 1, 2)),
    (
        "DATE_ADD(CAST('2026-01-01 23:30:00' AS DATETIME), INTERVAL 45 MINUTE)",
        moment("2026-01-02T00:15:00"),
    ),
    (
        "DATE_ADD(CAST('2026-01-01' AS DATE), INTERVAL 90 MINUTE)",
        moment("2026-01-01T01:30:00"),
    ),
    ("DATE_SUB(CAST('2024-03-01' AS DATE), INTERVAL 1 DAY)", dt.date(2024, 2, 29)),
    ("CAST('2026-01-01' AS DATE) + INTERVAL 1 YEAR", dt.date(2027, 1, 1)),
    ("DATEDIFF('2026-03-01', '2026-02-01')", 28),
    ("TIMESTAMPDIFF(MINUTE, '2026-01-01 00:00:00', '2026-01-01 02:30:59')", 150),
    ("TIMESTAMPDIFF(MONTH, '2026-01-31', '2026-02-28')", 0),
    ("DATE_FORMAT('2026-01-05 07:08:09', '%Y-%m-%dT%H:%i:%s')", "2026-01-05T07:08:09"),
    ("DATE_FORMAT('2026-01-05', '%W %e %M %y, %j')", "Monday 5 January 26, 005"),
    ("STR_TO_DATE('05.01.2026', '%d.%m.%Y')", dt.date(2026, 1, 5)),
    ("YEAR('2026-01-05')", 2026),
    ("DAYOFWEEK('2026-01-04')", 1),
    ("WEEKDAY('2026-01-05')", 0),
    ("HOUR('10:20:30')", 10),
    ("LAST_DAY('2024-02-10')", dt.date(2024, 2, 29)),
    ("DATE('2026-01-05 10:00:00')", dt.date(2026, 1, 5)),
    ("EXTRACT(YEAR_MONTH FROM '2026-01-05')", 202601),
    ("MAKEDATE(2026, 32)", dt.date(2026, 2, 1)),
    ("TO_DAYS('2026-01-01') - TO_DAYS('2025-01-01')", 365),
    ("SEC_TO_TIME(3661)", dt.timedelta(hours=1, minutes=1, seconds=1)),
    ("TIME_TO_SEC('01:01:01')", 3661),
]
_CONDITIONS = [
    ("IF(1 > 2, 'a', 'b')", "b"),
    ("IFNULL(NULL, 5)", 5),
    ("COALESCE(NULL, NULL, 'x')", "x"),
    ("NULLIF(1, 1)", None),
    ("CASE 2 WHEN 1 THEN 'a' WHEN 2 THEN 'b' END", "b"),
    ("CASE WHEN NULL THEN 1 ELSE 0 END", 0),
    ("NULL <=> NULL", 1),
    ("1 <=> NULL", 0),
    ("1 IN (2, NULL)", None),
    ("1 NOT IN (2, 3)", 1),
    ("5 BETWEEN 1 AND 5", 1),
    ("NULL IS NULL", 1),
    ("1 XOR 1", 0),
    ("NOT NULL", None),
    ("'abc' LIKE 'A%'", 1),
    ("'a%c' LIKE 'a\\%c'", 1),
    ("'abc' LIKE 'a\\%c'", 0),
    ("'лавка' LIKE 'л_вка'", 1),
    ("'abc' REGEXP '^a.c$'", 1),
    ("'a' = 'A'", 1),
    ("'a' = BINARY 'A'", 0),
    ("'ё' = 'Е'", 1),
    ("'й' = 'и'", 0),
    ("'é' = 'E'", 1),
    ("'a' = 'a '", 1),
    ("'a' < 'B'", 1),
    ("1 = '1'", 1),
    ("2 > 10", 0),
    ("'2' > '10'", 1),
]


def _is(answer: Any, expected: Any) -> bool:
    return type(answer) is type(expected) and str(answer) == str(expected)


@check(
    ru="Арифметика: DECIMAL точен, деление даёт четыре знака сверх, на ноль — NULL",
    en="Arithmetic: DECIMAL is exact, division adds four digits, by zero it is NULL",
)
@pytest.mark.parametrize(("expression", "expected"), _NUMBERS)
def test_numbers(connection: Client, expression: str, expected: Any) -> None:
    answer = value(connection, f"SELECT {expression}")
    assert answer == expected
    assert _is(answer, expected) or expression.startswith(("ROUND", "CEIL", "FLOOR", "CAST"))


@check(
    ru="Строковые функции считают символы и понимают русские буквы",
    en="Functions of texts count characters and know Russian letters",
)
@pytest.mark.parametrize(("expression", "expected"), _TEXTS)
def test_texts(connection: Client, expression: str, expected: Any) -> None:
    assert value(connection, f"SELECT {expression}") == expected


@check(
    ru="Функции дат: конец месяца, разница, формат, разбор",
    en="Functions of dates: ends of months, differences, formats, parsing",
)
@pytest.mark.parametrize(("expression", "expected"), _MOMENTS)
def test_moments(connection: Client, expression: str, expected: Any) -> None:
    assert value(connection, "SELECT " + expression.replace("%", "%%"), ()) == expected


@check(
    ru="Условия, NULL, LIKE и сравнение строк без регистра и ударений",
    en="Conditions, NULL, LIKE, and texts compared without case and accents",
)
@pytest.mark.parametrize(("expression", "expected"), _CONDITIONS)
def test_conditions(connection: Client, expression: str, expected: Any) -> None:
    assert value(connection, f"SELECT {expression}") == expected


@check(
    ru="Сравнение, ключ, группы и порядок строк не различают регистр",
    en="Comparison, key, groups and order of texts do not tell case",
)
def test_collation_of_a_column(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a VARCHAR(20), UNIQUE KEY (a))")
    execute(connection, "INSERT INTO t VALUES ('milk'), ('Bread'), ('apple'), ('Ёлка'), ('жук')")
    assert rows(connection, "SELECT a FROM t WHERE a = 'MILK'") == (("milk",),)
    assert error_of(connection, "INSERT INTO t VALUES ('MILK')") == 1062
    assert error_of(connection, "INSERT INTO t VALUES ('елка ')") == 1062
    ordered = [one for (one,) in rows(connection, "SELECT a FROM t ORDER BY a")]
    assert ordered == ["apple", "Bread", "milk", "Ёлка", "жук"]


@check(
    ru="GROUP BY, DISTINCT и COUNT(DISTINCT) складывают строки, равные без регистра",
    en="GROUP BY, DISTINCT and COUNT(DISTINCT) put texts together that are equal without case",
)
def test_groups_of_texts(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a VARCHAR(20), n INT)")
    execute(connection, "INSERT INTO t VALUES ('x', 1), ('X', 2), ('y', 4), ('X ', 8)")
    sums = [one for (one,) in rows(connection, "SELECT SUM(n) FROM t GROUP BY a ORDER BY 1")]
    assert sums == [4, 11]
    assert len(rows(connection, "SELECT DISTINCT a FROM t")) == 2
    assert value(connection, "SELECT COUNT(DISTINCT a) FROM t") == 2


@check(
    ru="Столбец с COLLATE utf8mb4_bin различает регистр",
    en="A column with COLLATE utf8mb4_bin tells case",
)
def test_binary_collation(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a VARCHAR(20) COLLATE utf8mb4_bin UNIQUE)")
    execute(connection, "INSERT INTO t VALUES ('x'), ('X')")
    assert rows(connection, "SELECT a FROM t WHERE a = 'x'") == (("x",),)


@check(
    ru="Агрегаты: AVG и SUM точны для DECIMAL и целых, пустой набор даёт NULL и 0",
    en="Aggregates: AVG and SUM are exact for DECIMAL and integers; no rows give NULL and 0",
)
def test_aggregates(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a INT, b DECIMAL(10, 2))")
    nothing = rows(connection, "SELECT SUM(a), AVG(a), COUNT(a), MAX(b) FROM t")
    assert nothing == ((None, None, 0, None),)
    execute(connection, "INSERT INTO t VALUES (1, 0.10), (2, 0.20), (NULL, NULL)")
    ((sum_a, avg_a, count, avg_b, low),) = rows(
        connection, "SELECT SUM(a), AVG(a), COUNT(*), AVG(b), MIN(b) FROM t"
    )
    assert [str(one) for one in (sum_a, avg_a, count, avg_b, low)] == (
        ["3", "1.5000", "3", "0.150000", "0.10"]
    )
    assert isinstance(sum_a, Decimal)


@check(
    ru="Беззнаковое вычитание ниже нуля — ошибка 1690",
    en="An unsigned subtraction below zero is error 1690",
)
def test_unsigned_subtraction(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a INT UNSIGNED)")
    execute(connection, "INSERT INTO t VALUES (1)")
    assert error_of(connection, "SELECT a - 2 FROM t") == 1690


@check(
    ru="Переполнение BIGINT — ошибка 1690",
    en="An overflow of BIGINT is error 1690",
)
def test_bigint_overflow(connection: Client) -> None:
    assert error_of(connection, "SELECT 9223372036854775807 + 1") == 1690


@check(
    ru="Деление на ноль в INSERT — ошибка 1365",
    en="Division by zero in an INSERT is error 1365",
)
def test_division_by_zero(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a INT)")
    assert error_of(connection, "INSERT INTO t VALUES (1 / 0)") == 1365


@check(
    ru="NOW() в одной команде один и тот же",
    en="NOW() is the same all through a statement",
)
def test_now(connection: Client) -> None:
    same, kind = rows(connection, "SELECT NOW(6) = NOW(6), NOW()")[0]
    assert same == 1
    assert isinstance(kind, dt.datetime)
