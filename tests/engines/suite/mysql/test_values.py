"""Values and types: what is stored comes back as it was, or is refused."""

import datetime as dt
from decimal import Decimal

import pytest

from stend.kit.languages import Text
from tests.engines.suite.checks import check, differs_on_real
from tests.engines.suite.mysql.conftest import Client, error_of, execute, moment, rows, value

_OUT_OF_RANGE, _TOO_LONG, _NULL, _NO_DEFAULT = 1264, 1406, 1048, 1364
_WRONG_VALUE, _WRONG_FOR_FIELD = 1292, 1366


@check(
    ru="DECIMAL хранится и складывается точно, с нулями в конце",
    en="DECIMAL is kept and added exactly, trailing zeros included",
)
def test_decimal_is_exact(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a DECIMAL(20, 4), b DECIMAL(10, 2))")
    execute(connection, "INSERT INTO t VALUES ('1234567890123456.7891', 0.10), (0.0001, 0.2)")
    assert rows(connection, "SELECT SUM(a), SUM(b), SUM(a) + SUM(b) FROM t") == (
        (Decimal("1234567890123456.7892"), Decimal("0.30"), Decimal("1234567890123457.0892")),
    )
    assert str(value(connection, "SELECT b FROM t WHERE a < 1")) == "0.20"


@check(
    ru="DECIMAL округляется до знаков столбца половиной от нуля, переполнение — ошибка 1264",
    en="DECIMAL is rounded to the column's digits half away from zero; overflow is error 1264",
)
def test_decimal_rounds(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a DECIMAL(5, 2))")
    execute(connection, "INSERT INTO t VALUES (1.005), (-1.005), (2.444)")
    stored = [str(one) for (one,) in rows(connection, "SELECT a FROM t ORDER BY a")]
    assert stored == ["-1.01", "1.01", "2.44"]
    assert error_of(connection, "INSERT INTO t VALUES (1000)") == _OUT_OF_RANGE


@check(
    ru="Границы целых типов: крайние значения проходят, следующее — ошибка 1264",
    en="The limits of integers: the last value fits, the next is error 1264",
)
@pytest.mark.parametrize(
    ("column", "low", "high"),
    [
        ("TINYINT", -128, 127),
        ("SMALLINT", -32768, 32767),
        ("MEDIUMINT", -8388608, 8388607),
        ("INT", -2147483648, 2147483647),
        ("BIGINT", -9223372036854775808, 9223372036854775807),
        ("TINYINT UNSIGNED", 0, 255),
        ("INT UNSIGNED", 0, 4294967295),
        ("BIGINT UNSIGNED", 0, 18446744073709551615),
    ],
)
def test_integer_limits(connection: Client, column: str, low: int, high: int) -> None:
    execute(connection, f"CREATE TABLE t (a {column})")
    execute(connection, "INSERT INTO t VALUES (%s), (%s)", (low, high))
    assert rows(connection, "SELECT a FROM t ORDER BY a") == ((low,), (high,))
    assert error_of(connection, "INSERT INTO t VALUES (%s)", (low - 1,)) == _OUT_OF_RANGE
    assert error_of(connection, "INSERT INTO t VALUES (%s)", (high + 1,)) == _OUT_OF_RANGE


@check(
    ru="DATE, DATETIME и TIME возвращаются типами Python, дробные секунды — по столбцу",
    en="DATE, DATETIME and TIME come back as Python's types, fractions as the column says",
)
def test_temporal_values(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (d DATE, a DATETIME, b DATETIME(6), c TIME, y YEAR)")
    now = moment("2026-02-28T23:59:59.499999")
    long = dt.timedelta(hours=-100, minutes=-30)
    execute(
        connection,
        "INSERT INTO t VALUES (%s, %s, %s, %s, %s)",
        (now.date(), now, now, long, 2026),
    )
    assert rows(connection, "SELECT * FROM t") == (
        (now.date(), now.replace(microsecond=0), now, long, 2026),
    )


@differs_on_real(
    Text(
        ru="MariaDB по умолчанию отбрасывает дробную часть, MySQL округляет",
        en="MariaDB cuts the fraction off by default, MySQL rounds",
    )
)
@check(
    ru="DATETIME без дробей округляет полсекунды вверх, в том числе через границу суток",
    en="DATETIME without fractions rounds half a second up, across midnight too",
)
def test_datetime_rounds(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a DATETIME)")
    execute(connection, "INSERT INTO t VALUES ('2026-12-31 23:59:59.500000')")
    assert value(connection, "SELECT a FROM t") == moment("2027-01-01T00:00:00")


@check(
    ru="TIMESTAMP хранит момент: другой часовой пояс сессии показывает другое время",
    en="TIMESTAMP keeps the moment: another time zone of the session shows another hour",
)
def test_timestamp_follows_the_time_zone(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a TIMESTAMP NULL, b DATETIME)")
    execute(connection, "SET time_zone = '+00:00'")
    execute(connection, "INSERT INTO t VALUES ('2026-01-01 12:00:00', '2026-01-01 12:00:00')")
    execute(connection, "SET time_zone = '+03:00'")
    noon, afternoon = moment("2026-01-01T12:00:00"), moment("2026-01-01T15:00:00")
    assert rows(connection, "SELECT a, b FROM t") == ((afternoon, noon),)
    assert rows(connection, "SELECT COUNT(*) FROM t WHERE a = '2026-01-01 15:00:00'") == ((1,),)


@check(
    ru="Даты, которой нет, сервер не принимает: ошибка 1292",
    en="A date that does not exist is not taken: error 1292",
)
@pytest.mark.parametrize("date", ["2026-02-30", "0000-00-00", "2026-13-01", "tomorrow"])
def test_wrong_dates(connection: Client, date: str) -> None:
    execute(connection, "CREATE TABLE t (a DATE)")
    assert error_of(connection, "INSERT INTO t VALUES (%s)", (date,)) == _WRONG_VALUE
    assert value(connection, "SELECT COUNT(*) FROM t") == 0


@check(
    ru="Строка длиннее столбца — ошибка 1406, символы считаются, а не байты",
    en="A text longer than its column is error 1406; characters count, not bytes",
)
def test_text_length(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a VARCHAR(5))")
    execute(connection, "INSERT INTO t VALUES ('лавка')")
    assert error_of(connection, "INSERT INTO t VALUES ('лавочка')") == _TOO_LONG
    assert rows(connection, "SELECT a, CHAR_LENGTH(a), LENGTH(a) FROM t") == (("лавка", 5, 10),)


@check(
    ru="CHAR отдаёт значение без пробелов в конце, VARCHAR — с ними",
    en="CHAR gives its value without trailing spaces, VARCHAR with them",
)
def test_char_and_varchar(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a CHAR(5), b VARCHAR(5))")
    execute(connection, "INSERT INTO t VALUES ('ab  ', 'ab  ')")
    assert rows(connection, "SELECT a, b, CONCAT(a, '|'), CONCAT(b, '|') FROM t") == (
        ("ab", "ab  ", "ab|", "ab  |"),
    )


@check(
    ru="Не число в числовом столбце — ошибка 1366, строка с числом — число",
    en="What is no number is error 1366 in a number's column; a text of digits is a number",
)
def test_text_in_a_number(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a INT)")
    execute(connection, "INSERT INTO t VALUES ('42')")
    assert error_of(connection, "INSERT INTO t VALUES ('many')") == _WRONG_FOR_FIELD
    assert rows(connection, "SELECT a FROM t") == ((42,),)


@check(
    ru="NULL в столбце NOT NULL — ошибка 1048, пропущенный столбец без DEFAULT — 1364",
    en="NULL in a NOT NULL column is error 1048, one left out without a default is 1364",
)
def test_not_null(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a INT NOT NULL, b INT)")
    assert error_of(connection, "INSERT INTO t VALUES (NULL, 1)") == _NULL
    assert error_of(connection, "INSERT INTO t (b) VALUES (1)") == _NO_DEFAULT


@check(
    ru="DEFAULT и CURRENT_TIMESTAMP подставляются, ON UPDATE меняет время только при изменении",
    en="DEFAULT and CURRENT_TIMESTAMP are filled in; ON UPDATE moves only when a row changes",
)
def test_defaults(connection: Client) -> None:
    execute(
        connection,
        "CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(9) NOT NULL DEFAULT 'new',"
        " made DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),"
        " moved DATETIME(6) NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP(6))",
    )
    execute(connection, "INSERT INTO t (id) VALUES (1)")
    ((a, made, moved),) = rows(connection, "SELECT a, made, moved FROM t")
    assert (a, moved) == ("new", None)
    assert isinstance(made, dt.datetime)
    execute(connection, "UPDATE t SET a = 'new'")
    assert value(connection, "SELECT moved FROM t") is None
    execute(connection, "UPDATE t SET a = 'old'")
    assert value(connection, "SELECT moved FROM t") > made


@check(
    ru="Двоичные строки возвращаются байт в байт",
    en="Binary strings come back byte for byte",
)
def test_bytes(connection: Client) -> None:
    every = bytes(range(256))
    execute(connection, "CREATE TABLE t (a VARBINARY(256), b BLOB)")
    execute(connection, "INSERT INTO t VALUES (_binary %s, _binary %s)", (every, every))
    assert rows(connection, "SELECT a, b, LENGTH(a) FROM t") == ((every, every, 256),)


@check(
    ru="ENUM принимает только свои значения и сортируется по их порядку",
    en="ENUM takes its own values only and is sorted by their order",
)
def test_enum(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a ENUM('small', 'large', 'huge') NOT NULL)")
    execute(connection, "INSERT INTO t VALUES ('huge'), ('small'), ('LARGE')")
    assert rows(connection, "SELECT a FROM t ORDER BY a") == (("small",), ("large",), ("huge",))
    assert rows(connection, "SELECT a FROM t WHERE a = 'large'") == (("large",),)
    assert error_of(connection, "INSERT INTO t VALUES ('tiny')") == 1265


@check(
    ru="Символы вне BMP и русские буквы хранятся как есть",
    en="Characters beyond the BMP and Russian letters are kept as they are",
)
def test_unicode(connection: Client) -> None:
    text = "Ёжик 🦔 — «ёлка» \\ ' \" \n\t"
    execute(connection, "CREATE TABLE t (a TEXT)")
    execute(connection, "INSERT INTO t VALUES (%s)", (text,))
    assert value(connection, "SELECT a FROM t") == text


@check(
    ru="Клиент получает тип столбца: целое, DECIMAL, DOUBLE, дату, текст",
    en="The client is told the column's type: integer, DECIMAL, DOUBLE, date, text",
)
def test_python_types(connection: Client) -> None:
    ((integer, exact, double, date, text, nothing),) = rows(
        connection,
        "SELECT 1, 1.50, 1.5e0, CAST('2026-01-02' AS DATE), 'x', NULL",
    )
    assert (integer, str(exact), double, date, text, nothing) == (
        *(1, "1.50", 1.5, dt.date(2026, 1, 2), "x", None),
    )
    assert [type(one) for one in (integer, exact, double)] == [int, Decimal, float]


@check(
    ru="Истина и ложь — целые 1 и 0",
    en="True and false are the integers 1 and 0",
)
def test_booleans(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a BOOLEAN)")
    execute(connection, "INSERT INTO t VALUES (TRUE), (FALSE), (5)")
    assert rows(connection, "SELECT a FROM t WHERE a ORDER BY a") == ((1,), (5,))
    assert rows(connection, "SELECT 2 > 1, NOT 2 > 1, (2 > 1) + 1, NULL > 1") == ((1, 0, 2, None),)
    assert value(connection, "SELECT SUM(a = 5) FROM t") == 1


@check(
    ru="CHECK не даёт записать нарушающее его",
    en="CHECK does not let in what breaks it",
)
def test_check_constraint(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a INT, CONSTRAINT positive CHECK (a > 0))")
    execute(connection, "INSERT INTO t VALUES (1), (NULL)")
    # 3819 in MySQL, 4025 in MariaDB.
    assert error_of(connection, "INSERT INTO t VALUES (-1)") in (3819, 4025)


@check(
    ru="JSON: извлечение по пути, сравнение и вставка в документ",
    en="JSON: a value by its path, comparison, and a document changed",
)
def test_json(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a JSON)")
    execute(
        connection, "INSERT INTO t VALUES (%s)", ('{"sku": "milk", "tags": ["a", "b"], "n": 2}',)
    )
    assert rows(
        connection,
        "SELECT JSON_UNQUOTE(JSON_EXTRACT(a, '$.sku')), JSON_EXTRACT(a, '$.tags[1]'),"
        " JSON_LENGTH(a, '$.tags'), JSON_EXTRACT(a, '$.none') FROM t",
    ) == (("milk", '"b"', 2, None),)
    execute(connection, "UPDATE t SET a = JSON_SET(a, '$.n', 3)")
    assert value(connection, "SELECT JSON_EXTRACT(a, '$.n') + 1 FROM t") == 4


@check(
    ru="Не JSON в столбце JSON сервер не принимает",
    en="What is no JSON is not taken into a JSON column",
)
def test_wrong_json(connection: Client) -> None:
    execute(connection, "CREATE TABLE t (a JSON)")
    # 3140 in MySQL; MariaDB checks it with a constraint.
    assert error_of(connection, "INSERT INTO t VALUES ('{no}')") in (3140, 4025)
