"""What is an error in MySQL is one here, and what is not done says so."""

from dataclasses import replace

import psycopg
import pytest

from stend.engines.mysql.errors import MySqlError
from stend.engines.mysql.sql.expressions.aggregating import AGGREGATES
from stend.engines.mysql.sql.expressions.functions.names import (
    NOT_DONE,
    OWN_SYNTAX,
    PARSED_BY_SQLGLOT,
)
from stend.engines.mysql.sql.expressions.functions.table import FUNCTIONS
from stend.engines.mysql.sql.expressions.windowing import WINDOW_FUNCTIONS
from stend.engines.mysql.sql.scope import Scope
from tests.engines.mysql.expressions.asking import FACTS, answered, translated

# The table of functions and operators of MySQL 8.4's manual (section 14.1), the spatial ones and
# the internal ones by some examples.
_DOCUMENTED = """
ABS ACOS ADDDATE ADDTIME AES_DECRYPT AES_ENCRYPT ANY_VALUE ASCII ASIN ATAN ATAN2 AVG BENCHMARK BIN
BIN_TO_UUID BIT_AND BIT_COUNT BIT_LENGTH BIT_OR BIT_XOR CAN_ACCESS_TABLE CAST CEIL CEILING CHAR
CHAR_LENGTH CHARACTER_LENGTH CHARSET COALESCE COERCIBILITY COLLATION COMPRESS CONCAT CONCAT_WS
CONNECTION_ID CONV CONVERT CONVERT_TZ COS COT COUNT CRC32 CUME_DIST CURDATE CURRENT_DATE
CURRENT_ROLE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER CURTIME DATABASE DATE DATE_ADD DATE_FORMAT
DATE_SUB DATEDIFF DAY DAYNAME DAYOFMONTH DAYOFWEEK DAYOFYEAR DEGREES DENSE_RANK ELT EXP EXPORT_SET
EXTRACT EXTRACTVALUE FIELD FIND_IN_SET FIRST_VALUE FLOOR FORMAT FORMAT_BYTES FORMAT_PICO_TIME
FOUND_ROWS FROM_BASE64 FROM_DAYS FROM_UNIXTIME GET_FORMAT GET_LOCK GREATEST GROUP_CONCAT GROUPING
GTID_SUBSET GTID_SUBTRACT HEX HOUR ICU_VERSION IF IFNULL INET_ATON INET_NTOA INET6_ATON INET6_NTOA
INSERT INSTR INTERVAL IS_FREE_LOCK IS_IPV4 IS_IPV4_COMPAT IS_IPV4_MAPPED IS_IPV6 IS_USED_LOCK
IS_UUID ISNULL JSON_ARRAY JSON_ARRAY_APPEND JSON_ARRAY_INSERT JSON_ARRAYAGG JSON_CONTAINS
JSON_CONTAINS_PATH JSON_DEPTH JSON_EXTRACT JSON_INSERT JSON_KEYS JSON_LENGTH JSON_MERGE
JSON_MERGE_PATCH JSON_MERGE_PRESERVE JSON_OBJECT JSON_OBJECTAGG JSON_OVERLAPS JSON_PRETTY JSON_QUOTE
JSON_REMOVE JSON_REPLACE JSON_SCHEMA_VALID JSON_SCHEMA_VALIDATION_REPORT JSON_SEARCH JSON_SET
JSON_STORAGE_FREE JSON_STORAGE_SIZE JSON_TABLE JSON_TYPE JSON_UNQUOTE JSON_VALID JSON_VALUE LAG
LAST_DAY LAST_INSERT_ID LAST_VALUE LCASE LEAD LEAST LEFT LENGTH LN LOAD_FILE LOCALTIME
LOCALTIMESTAMP LOCATE LOG LOG10 LOG2 LOWER LPAD LTRIM MAKE_SET MAKEDATE MAKETIME MATCH MAX MD5
MICROSECOND MID MIN MINUTE MOD MONTH MONTHNAME NAME_CONST NOW NTH_VALUE NTILE NULLIF OCT
OCTET_LENGTH ORD PERCENT_RANK PERIOD_ADD PERIOD_DIFF PI POSITION POW POWER PS_CURRENT_THREAD_ID
PS_THREAD_ID QUARTER QUOTE RADIANS RAND RANDOM_BYTES RANK REGEXP_INSTR REGEXP_LIKE REGEXP_REPLACE
REGEXP_SUBSTR RELEASE_ALL_LOCKS RELEASE_LOCK REPEAT REPLACE REVERSE RIGHT ROLES_GRAPHML ROUND
ROW_COUNT ROW_NUMBER RPAD RTRIM SCHEMA SEC_TO_TIME SECOND SESSION_USER SHA SHA1 SHA2 SIGN SIN SLEEP
SOUNDEX SOURCE_POS_WAIT SPACE SQRT ST_ASTEXT ST_DISTANCE ST_GEOMFROMTEXT STATEMENT_DIGEST
STATEMENT_DIGEST_TEXT STD STDDEV STDDEV_POP STDDEV_SAMP STR_TO_DATE STRCMP SUBDATE SUBSTR SUBSTRING
SUBSTRING_INDEX SUBTIME SUM SYSDATE SYSTEM_USER TAN TIME TIME_FORMAT TIME_TO_SEC TIMEDIFF TIMESTAMP
TIMESTAMPADD TIMESTAMPDIFF TO_BASE64 TO_DAYS TO_SECONDS TRIM TRUNCATE UCASE UNCOMPRESS
UNCOMPRESSED_LENGTH UNHEX UNIX_TIMESTAMP UPDATEXML UPPER USER UTC_DATE UTC_TIME UTC_TIMESTAMP UUID
UUID_SHORT UUID_TO_BIN VALIDATE_PASSWORD_STRENGTH VALUES VAR_POP VAR_SAMP VARIANCE VERSION
WAIT_FOR_EXECUTED_GTID_SET WEEK WEEKDAY WEEKOFYEAR WEIGHT_STRING YEAR YEARWEEK MBRCONTAINS POINT
INTERNAL_TABLE_ROWS
"""
_NAMES = sorted(_DOCUMENTED.split())
_DONE = set(FUNCTIONS) | AGGREGATES | WINDOW_FUNCTIONS | set(OWN_SYNTAX) | set(PARSED_BY_SQLGLOT)


def refusal(expression: str, scope: Scope | None = None) -> MySqlError:
    with pytest.raises(MySqlError) as caught:
        translated(expression, scope)
    return caught.value


@pytest.mark.parametrize("name", _NAMES)
def test_every_documented_function_is_done_or_refused(name: str) -> None:
    if name in _DONE:
        assert name not in NOT_DONE or name in PARSED_BY_SQLGLOT
        return
    error = refusal(f"{name}(1)")
    assert error.error.number == 1235
    assert name in error.message


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - PARSED_BY_SQLGLOT))
def test_number_of_arguments_is_checked(name: str) -> None:
    function = FUNCTIONS[name]
    if function.most is not None:
        many = ", ".join(["1"] * (function.most + 1))
        assert refusal(f"{name}({many})").error.number == 1582
    if function.least:
        few = ", ".join(["1"] * (function.least - 1))
        assert refusal(f"{name}({few})").error.number == 1582


@pytest.mark.parametrize(
    ("expression", "number", "words"),
    [
        ("no_such(1)", 1305, "FUNCTION shop.no_such does not exist"),
        ("shop.no_such(1)", 1305, "FUNCTION shop.no_such does not exist"),
        ("`quoted`(1)", 1305, "quoted"),
        ("TO_CHAR(1)", 1305, "TO_CHAR"),
        ("STRFTIME('x', 1)", 1305, "STRFTIME"),
        ("no_column", 1054, "Unknown column 'no_column' in 'field list'"),
        ("t.no_column", 1054, "Unknown column 't.no_column' in 'field list'"),
        ("IF(1, 2)", 1064, "syntax"),
        ("DATE_ADD('2024-01-01', 1)", 1064, "syntax"),
        ("TIMESTAMPDIFF(FORTNIGHT, NOW(), NOW())", 1064, "FORTNIGHT"),
        ("ROW_NUMBER()", 1064, "syntax"),
        ("SUM(1, 2)", 1064, "syntax"),
        ("SUM(SUM(1))", 1111, "Invalid use of group function"),
        ("(1, 2)", 1235, "Tuple"),
        ("(1, 2) = (1, 2, 3)", 1241, "Operand should contain 2 column(s)"),
        ("(1, 2) IN ((1, 2, 3))", 1241, "2 column(s)"),
        ("(1, 2) = 3", 1241, "2 column(s)"),
        ("ROW(1, 2)", 1241, "1 column(s)"),
        ("'a' COLLATE utf8mb4_0900_ai_ci", 1273, "Unknown collation: 'utf8mb4_0900_ai_ci'"),
        ("'a' COLLATE utf8mb4_bin = 'b' COLLATE utf8mb4_general_ci", 1267, "Illegal mix"),
        ("x'41' COLLATE utf8mb4_bin", 1253, "not valid for CHARACTER SET 'binary'"),
        ("_latin1'x'", 1115, "Unknown character set: 'latin1'"),
        ("CONVERT('a' USING koi8r)", 1115, "koi8r"),
        ("DATE '2024-02-30'", 1525, "Incorrect DATE value: '2024-02-30'"),
        ("DATE '2024-01-01 10:00:00'", 1525, "Incorrect DATE value: '2024-01-01 10:00:00'"),
        ("TIMESTAMP '2024-01-01'", 1525, "Incorrect DATETIME value: '2024-01-01'"),
        ("TIME '2024-01-01 10:00:00'", 1525, "Incorrect TIME value: '2024-01-01 10:00:00'"),
        ("TIME '900:00:00'", 1525, "Incorrect TIME value: '900:00:00'"),
        ("TIMESTAMP 'soon'", 1525, "Incorrect DATETIME value: 'soon'"),
        ("DATE '2024-01-01' = 'soon'", 1525, "Incorrect DATE value: 'soon'"),
        ("NOW(7)", 1426, "Maximum is 6"),
        ("CAST(1 AS DECIMAL(70, 2))", 1426, "Maximum is 65"),
        ("CAST(1 AS DECIMAL(40, 35))", 1425, "Maximum is 30"),
        ("CAST(1 AS DECIMAL(2, 5))", 1427, "M must be >= D"),
        ("1e400", 1367, "Illegal double"),
        ("@@no_such_variable", 1193, "Unknown system variable 'no_such_variable'"),
        ("@x := 1", 1235, "assignment"),
        ("'a' LIKE 'b' ESCAPE 'xy'", 1210, "ESCAPE"),
        ("'a' REGEXP ''", 3685, "Illegal argument"),
        ("'a' REGEXP '(?<=b)a'", 1235, "regular expression"),
        ("'a' REGEXP '\\\\bword'", 1235, "regular expression"),
        ("'a' REGEXP '(a)\\\\1'", 1235, "regular expression"),
        ("'a' REGEXP 'a*?'", 1235, "regular expression"),
        ("JSON_EXTRACT('{}', 'a')", 3143, "Invalid JSON path"),
        ("JSON_EXTRACT('{}', '$.a[')", 3143, "Invalid JSON path"),
        ("JSON_EXTRACT('{}', '$**.a')", 1235, "`**`"),
        ("JSON_EXTRACT(1, '$.a')", 3146, "Invalid data type for JSON"),
        ("JSON_SET('{}', '$.a')", 1582, "JSON_SET"),
        ("JSON_OBJECT('a')", 1582, "JSON_OBJECT"),
        ("JSON_REMOVE('{}', '$')", 3153, "'$'"),
        ("JSON_CONTAINS_PATH('{}', 'some', '$.a')", 3154, "oneOrAll"),
        ("LAST_INSERT_ID(5)", 1235, "LAST_INSERT_ID"),
        ("RAND(1)", 1235, "RAND"),
        ("5.5e0 % 2", 1235, "remainder"),
        ("LEAST('a', 1)", 1235, "LEAST"),
        ("'b' BETWEEN 1 AND 'c'", 1235, "BETWEEN"),
        ("1 BETWEEN 0 AND 'c' LIKE 'c'", 1235, "BETWEEN without parentheses"),
        ("20240101 + INTERVAL 1 DAY", 1235, "INTERVAL added to a number"),
        ("CHARSET(NOW())", 1235, "CHARSET"),
        ("TIMEDIFF('2024-01-01', '10:00:00')", 1235, "TIMEDIFF"),
        ("GREATEST(5, TIME '10:00:00')", 1235, "GREATEST"),
        ("DATE_FORMAT('2024-01-01', CONCAT('%', 'Y'))", 1235, "format"),
        ("STR_TO_DATE('1', '%d')", 1235, "STR_TO_DATE"),
        ("MATCH (a) AGAINST ('x')", 1235, "MATCH"),
        ("JSON_VALUE('{}', '$.a')", 1235, "JSON_VALUE"),
        ("WEIGHT_STRING('a')", 1235, "WEIGHT_STRING"),
        ("'a' SOUNDS LIKE 'b'", 1235, "SOUNDS LIKE"),
        ("CAST(1 AS YEAR)", 1235, "YEAR"),
        ("NTILE(0) OVER ()", 1210, "ntile"),
        ("SUM(DISTINCT 1) OVER ()", 1235, "DISTINCT"),
        ("ABS(1) OVER ()", 1064, "OVER"),
        ("SUM(1) OVER w", 3579, "Window name 'w' is not defined."),
        ("(SELECT 1)", 1235, "subquery"),
        ("1 + ?", 1235, "parameter"),
        ("x IS DISTINCT FROM y", 1235, "NullSafeNEQ"),
    ],
)
def test_errors(expression: str, number: int, words: str) -> None:
    error = refusal(expression)
    assert error.error.number == number
    assert words in error.message


@pytest.mark.parametrize(
    ("expression", "number"),
    [("SUM(1)", 1111), ("GROUP_CONCAT('a')", 1111), ("ROW_NUMBER() OVER ()", 3593)],
)
def test_not_in_this_place(expression: str, number: int) -> None:
    assert refusal(expression, Scope(FACTS)).error.number == number


@pytest.mark.parametrize(
    ("expression", "state", "words"),
    [
        ("9223372036854775807 + 1", "22003", "bigint out of range"),
        ("9223372036854775807 * 2", "22003", "bigint out of range"),
        ("CAST(1 AS UNSIGNED) - 2", "M1690", "BIGINT UNSIGNED value is out of range"),
        ("18446744073709551615 + 1", "M1690", "BIGINT UNSIGNED value is out of range"),
        ("- -9223372036854775808", "M1690", "BIGINT value is out of range"),
        ("CAST('{' AS JSON)", "M3140", "Invalid JSON text"),
        ("JSON_LENGTH('nope')", "M3140", "Invalid JSON text"),
        ("CAST('[1e5]' AS JSON)", "M1235", "exponent"),
        ("JSON_OBJECT(NULL, 1)", "M3158", "NULL member names"),
        ("DATE('2024-01-01 nonsense')", "M1292", "Truncated incorrect datetime value"),
        ("REPEAT('x', 20000000)", "M1235", "longer"),
        ("PERIOD_ADD(202413, 1)", "M1210", "period_add"),
        ("CAST(x'FF' AS CHAR)", "M1300", "Invalid utf8mb4 character string"),
        ("EXP(1000)", "22003", "out of range"),
        ("COT(0)", "M1690", "DOUBLE value is out of range"),
        ("POW(0, -1)", "M1690", "DOUBLE value is out of range"),
        ("SECOND('7.5x')", "M1292", "Truncated incorrect time value"),
        ("FROM_DAYS(5)", "M1235", "before 0001-01-01"),
        ("DATE_SUB('0001-01-01', INTERVAL 1 YEAR)", "M1235", "before 0001-01-01"),
        ("CAST('0000-05-01' AS DATE)", "M1235", "before 0001-01-01"),
        ("STR_TO_DATE('1.5.0000', '%d.%m.%Y')", "M1235", "before 0001-01-01"),
        ("YEAR(0)", "M1235", "The zero date"),
        ("MONTH('2024-00-01')", "M1235", "a part that is 0"),
        ("DAY('2024-01-00')", "M1235", "a part that is 0"),
        ("YEAR('0000-00-00')", "M1235", "a part that is 0"),
        ("DATE_FORMAT('2024-00-01', '%Y')", "M1235", "a part that is 0"),
        ("TIME_TO_SEC(20240132)", "M1292", "Truncated incorrect time value"),
    ],
)
def test_errors_while_running(
    postgres: psycopg.Connection, expression: str, state: str, words: str
) -> None:
    with pytest.raises(psycopg.Error) as caught:
        answered(postgres, expression)
    assert caught.value.sqlstate == state
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "expression",
    ["1 / 0", "1 % 0", "1 DIV 0", "1.5 / 0", "1e0 / 0"],
)
def test_division_by_zero_in_a_change_of_rows(
    postgres: psycopg.Connection, expression: str
) -> None:
    strict = Scope(replace(FACTS, is_strict=True))
    statement = f"SELECT {translated(expression, strict).sql}"
    with pytest.raises(psycopg.Error) as caught:
        postgres.execute(statement.encode())
    assert caught.value.sqlstate == "M1365"
