"""Values of PostgreSQL as MySQL's two protocols have them, and what is told of their types."""

import struct
from datetime import UTC, timedelta, timezone

import pytest

from stend.engines.mysql.floats import double_text, float_text
from stend.engines.mysql.results import (
    column_facts,
    definition_facts,
    encode_binary,
    encode_text,
)
from stend.engines.mysql.sql.translated import OutputColumn
from stend.engines.mysql.tables.model import TableName
from stend.engines.mysql.tables.types import Kind, SqlType

_EAST = timezone(timedelta(hours=3))


@pytest.mark.parametrize(
    ("value", "type_", "text", "binary"),
    [
        (b"t", SqlType(Kind.BOOLEAN), b"1", struct.pack("<q", 1)),
        (b"f", SqlType(Kind.BOOLEAN), b"0", struct.pack("<q", 0)),
        (b"-128", SqlType(Kind.TINYINT), b"-128", b"\x80"),
        (b"255", SqlType(Kind.TINYINT, unsigned=True), b"255", b"\xff"),
        (b"-5", SqlType(Kind.SMALLINT), b"-5", struct.pack("<h", -5)),
        (b"-5", SqlType(Kind.MEDIUMINT), b"-5", struct.pack("<i", -5)),
        (b"4294967295", SqlType(Kind.INT, unsigned=True), b"4294967295", b"\xff" * 4),
        (
            b"18446744073709551615",
            SqlType(Kind.BIGINT, unsigned=True),
            b"18446744073709551615",
            b"\xff" * 8,
        ),
        (b"2024", SqlType(Kind.YEAR), b"2024", struct.pack("<H", 2024)),
        (b"0", SqlType(Kind.YEAR), b"0000", struct.pack("<H", 0)),
        (b"1.5", SqlType(Kind.DECIMAL, precision=9, scale=4), b"1.5000", b"\x061.5000"),
        (b"-0.005", SqlType(Kind.DECIMAL, precision=9, scale=2), b"-0.01", b"\x05-0.01"),
        (b"-0.001", SqlType(Kind.DECIMAL, precision=9, scale=2), b"0.00", b"\x040.00"),
        (b"7", SqlType(Kind.DECIMAL, precision=9, scale=0), b"7", b"\x017"),
        (b"1.50", SqlType(Kind.DECIMAL), b"1.50", b"\x041.50"),
        (b"0.1", SqlType(Kind.FLOAT), b"0.1", struct.pack("<f", 0.1)),
        (b"0.30000000000000004", SqlType(Kind.DOUBLE), b"0.30000000000000004", None),
        (b"2024-02-29", SqlType(Kind.DATE), b"2024-02-29", b"\x04\xe8\x07\x02\x1d"),
        (
            b"2024-02-29 00:00:00",
            SqlType(Kind.DATETIME, precision=0),
            b"2024-02-29 00:00:00",
            b"\x04\xe8\x07\x02\x1d",
        ),
        (
            b"2024-02-29 01:02:03",
            SqlType(Kind.DATETIME, precision=3),
            b"2024-02-29 01:02:03.000",
            b"\x07\xe8\x07\x02\x1d\x01\x02\x03",
        ),
        (
            b"2024-02-29 01:02:03.25",
            SqlType(Kind.DATETIME, precision=3),
            b"2024-02-29 01:02:03.250",
            b"\x0b\xe8\x07\x02\x1d\x01\x02\x03" + struct.pack("<I", 250_000),
        ),
        (
            b"2024-12-31 22:30:00+00",
            SqlType(Kind.TIMESTAMP, precision=0),
            b"2025-01-01 01:30:00",
            b"\x07\xe9\x07\x01\x01\x01\x1e\x00",
        ),
        (
            b"2024-12-31 17:00:00.5-05:30",
            SqlType(Kind.TIMESTAMP, precision=1),
            b"2025-01-01 01:30:00.5",
            None,
        ),
        (b"00:00:00", SqlType(Kind.TIME), b"00:00:00", b"\0"),
        (
            b"-34:05:06",
            SqlType(Kind.TIME),
            b"-34:05:06",
            b"\x08\x01\x01\0\0\0\x0a\x05\x06",
        ),
        (
            b"1 day -02:03:04.5",
            SqlType(Kind.TIME, precision=2),
            b"21:56:55.50",
            b"\x0c\x00\0\0\0\0\x15\x38\x37" + struct.pack("<I", 500_000),
        ),
        (b"\\x00ff", SqlType(Kind.BLOB), b"\x00\xff", b"\x02\x00\xff"),
        ("ё".encode(), SqlType(Kind.VARCHAR, length=5), "ё".encode(), b"\x02" + "ё".encode()),
        (b"x" * 300, SqlType(Kind.TEXT), b"x" * 300, b"\xfc\x2c\x01" + b"x" * 300),
        (b'{"a": 1}', SqlType(Kind.JSON), b'{"a": 1}', b'\x08{"a": 1}'),
        (None, SqlType(Kind.INT), None, None),
    ],
)
def test_values_of_both_protocols(
    value: bytes | None, type_: SqlType, text: bytes | None, binary: bytes | None
) -> None:
    assert encode_text(value, type_, _EAST) == text
    encoded = encode_binary(value, type_, _EAST)
    assert (encoded is None) == (value is None)
    assert binary in {None, encoded}


def test_what_is_no_time_is_an_error() -> None:
    with pytest.raises(ValueError, match="1 year is no TIME"):
        encode_text(b"1 year", SqlType(Kind.TIME), UTC)


@pytest.mark.parametrize(
    ("number", "double", "single"),
    [
        (0.1, "0.1", "0.1"),
        (-0.0, "-0", "-0"),
        (100000.0, "100000", "100000"),
        (1234567.0, "1234567", "1234570"),
        (16777216.0, "16777216", "16777200"),
        (1 / 3, "0.3333333333333333", "0.333333"),
        (1e14, "100000000000000", "100000000000000"),
        (1e15, "1e15", "1e15"),
        (1.5e20, "1.5e20", "1.5e20"),
        (-2.5e-7, "-0.00000025", "-0.00000025"),
        (1e-15, "0.000000000000001", "0.000000000000001"),
        (1e-16, "1e-16", "1e-16"),
    ],
)
def test_floats_are_printed_as_mysql_prints_them(number: float, double: str, single: str) -> None:
    assert (double_text(number), float_text(number)) == (double, single)


@pytest.mark.parametrize(
    ("type_", "facts"),
    [
        (SqlType(Kind.INT), (3, 63, 11, 32896, 0)),
        (SqlType(Kind.TINYINT, display_width=1), (1, 63, 1, 32896, 0)),
        (SqlType(Kind.BIGINT, unsigned=True), (8, 63, 20, 32928, 0)),
        (SqlType(Kind.DECIMAL, precision=10, scale=2), (246, 63, 12, 32896, 2)),
        (SqlType(Kind.DOUBLE), (5, 63, 22, 32896, 31)),
        (SqlType(Kind.VARCHAR, length=20), (253, 45, 80, 0, 0)),
        (SqlType(Kind.VARCHAR, length=20, collation="utf8mb4_bin"), (253, 45, 80, 128, 0)),
        (SqlType(Kind.TEXT), (252, 45, 65535, 16, 0)),
        (SqlType(Kind.BLOB), (252, 63, 65535, 144, 0)),
        (SqlType(Kind.ENUM, members=("a", "bcd")), (254, 45, 12, 256, 0)),
        (SqlType(Kind.JSON), (245, 45, 4294967295, 144, 0)),
        (SqlType(Kind.DATETIME, precision=3), (12, 63, 23, 128, 3)),
        (SqlType(Kind.TIMESTAMP), (7, 63, 19, 1152, 0)),
        (SqlType(Kind.NULL), (6, 63, 0, 0, 0)),
    ],
)
def test_a_definition_tells_of_a_type(type_: SqlType, facts: tuple[int, ...]) -> None:
    assert tuple(column_facts(type_)) == facts


def test_a_definition_tells_of_a_column() -> None:
    column = OutputColumn(
        "id",
        SqlType(Kind.INT),
        source=(TableName("shop", "t"), "id"),
        nullable=False,
        is_primary_key=True,
        auto_increment=True,
    )
    assert definition_facts(column).flags == 32896 | 1 | 2 | 512
