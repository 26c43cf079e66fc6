"""Messages as bytes: as PyMySQL reads them, and as the documentation has them."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymysql.err import ProgrammingError
from pymysql.protocol import FieldDescriptorPacket, MysqlPacket, OKPacketWrapper

from stend.wire.mysql import replies
from stend.wire.mysql.commands import (
    Decimal64,
    Parameter,
    ParameterType,
    read_execute,
    read_parameters,
)
from stend.wire.mysql.errors import WireError
from stend.wire.mysql.handshake import Greeting, Login, read_change_user, read_login
from stend.wire.mysql.numbers import Capability, ColumnType, Status
from stend.wire.mysql.source import Source, sized, varied

_CAPABILITIES = (
    Capability.PROTOCOL_41
    | Capability.PLUGIN_AUTH
    | Capability.PLUGIN_AUTH_LENENC_CLIENT_DATA
    | Capability.CONNECT_WITH_DB
    | Capability.CONNECT_ATTRS
)


@given(st.integers(0, 2**64 - 1))
def test_integers_of_varied_size(number: int) -> None:
    assert Source(varied(number)).varied() == number


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "1 bytes, where 0 are left"),
        (b"\xfc\x01", "2 bytes, where 1 are left"),
        (b"\xff", "begins with 0xff"),
        (b"\xfb", "begins with 0xfb"),
    ],
)
def test_integers_that_are_none(raw: bytes, said: str) -> None:
    with pytest.raises(WireError, match=said):
        Source(raw).varied()


def test_a_login_is_read_as_it_was_written() -> None:
    login = Login(
        _CAPABILITIES, 1 << 24, 45, "анна", b"proof", "lavka", "mysql_native_password", {"a": "b"}
    )
    assert read_login(login.encode()) == login


@pytest.mark.parametrize("cut", [3, 8, 31, 33, 40, 46], ids=lambda at: f"cut at {at}")
def test_a_login_that_is_cut_off_is_refused(cut: int) -> None:
    login = Login(_CAPABILITIES, 1, 45, "anna", b"proof", "lavka", "x")
    with pytest.raises(WireError):
        read_login(login.encode()[:cut])


def test_a_login_of_old_clients_is_refused() -> None:
    with pytest.raises(WireError, match=r"4\.1"):
        read_login(b"\0" * 40)


def test_change_user() -> None:
    payload = b"anna\0\x03abclavka\0" + (45).to_bytes(2, "little") + b"mysql_native_password\0"
    found = read_change_user(payload, int(Capability.PLUGIN_AUTH))
    assert (found.user, found.proof, found.database) == ("anna", b"abc", "lavka")
    assert (found.collation, found.plugin) == (45, "mysql_native_password")


def test_the_greeting_has_the_bytes_of_the_documentation() -> None:
    greeting = Greeting("8.4.0", 5, b"12345678abcdefghijkl", 0x01020304, 45, 2, "plug")
    assert greeting.encode() == (
        b"\x0a8.4.0\0\x05\0\0\x0012345678\0\x04\x03\x2d\x02\0\x02\x01\x15"
        + b"\0" * 10
        + b"abcdefghijkl\0plug\0"
    )


def test_ok_is_read_by_pymysql() -> None:
    payload = replies.ok(
        status=int(Status.IN_TRANS), affected_rows=300, last_insert_id=70_000, warnings=2, info="x"
    )
    packet = OKPacketWrapper(MysqlPacket(payload, "utf8mb4"))
    assert packet.affected_rows == 300
    assert packet.insert_id == 70_000
    assert packet.server_status == Status.IN_TRANS
    assert packet.warning_count == 2
    # PyMySQL leaves the length before it.
    assert packet.message == b"\x01x"


def test_err_is_read_by_pymysql() -> None:
    packet = MysqlPacket(replies.err(1064, "42000", "ошибка"), "utf8mb4")
    with pytest.raises(ProgrammingError) as raised:
        packet.raise_for_error()
    assert raised.value.args == (1064, "ошибка")


def test_a_column_definition_is_read_by_pymysql() -> None:
    column = replies.ColumnDefinition(
        "n", ColumnType.NEWDECIMAL, "d", "t", "source", "name", 63, 12, 1, 2
    )
    # What it has read is not in its stub.
    found: Any = FieldDescriptorPacket(column.encode(), "utf8")
    assert (found.name, found.org_name, found.table_name) == ("n", "name", "t")
    assert (found.org_table, found.db, found.type_code) == ("source", b"d", 246)
    assert (found.charsetnr, found.length, found.flags, found.scale) == (63, 12, 1, 2)


def test_rows() -> None:
    assert replies.text_row([b"ab", None, b""]) == b"\x02ab\xfb\x00"
    assert replies.binary_row([b"\x01\x00", None, b"\x02ab"]) == b"\x00\x08\x01\x00\x02ab"


def _executed(kind: ColumnType, raw: bytes, *, is_unsigned: bool = False) -> Parameter:
    rest = b"\0\x01" + bytes([kind, 0x80 if is_unsigned else 0]) + raw
    (found,), _ = read_parameters(rest, 1, (), {})
    return found


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (ColumnType.TINY, b"\xff", -1),
        (ColumnType.SHORT, b"\x00\x80", -32768),
        (ColumnType.LONG, b"\x01\0\0\0", 1),
        (ColumnType.LONGLONG, b"\xff" * 8, -1),
        (ColumnType.DOUBLE, b"\0\0\0\0\0\0\xf8\x3f", 1.5),
        (ColumnType.FLOAT, b"\0\0\xc0\x3f", 1.5),
        (ColumnType.NEWDECIMAL, b"\x041.50", Decimal64("1.50")),
        (ColumnType.VAR_STRING, sized("ж".encode()), "ж"),
        (ColumnType.BLOB, b"\x02\xff\x00", b"\xff\x00"),
        (ColumnType.DATE, b"\x04\xea\x07\x0b\x1b", date(2026, 11, 27)),
        (ColumnType.DATETIME, b"\x04\xea\x07\x0b\x1b", datetime.fromisoformat("2026-11-27")),
        (
            ColumnType.DATETIME,
            b"\x0b\xea\x07\x0b\x1b\x01\x02\x03\x04\0\0\0",
            datetime.fromisoformat("2026-11-27T01:02:03.000004"),
        ),
        (ColumnType.TIME, b"\0", timedelta()),
        (ColumnType.TIME, b"\x08\x01\x01\0\0\0\x02\x03\x04", -timedelta(1, 4, 0, 0, 3, 2)),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_parameters(kind: ColumnType, raw: bytes, value: Parameter) -> None:
    found = _executed(kind, raw)
    assert found == value
    assert type(found) is type(value)


def test_unsigned_parameters() -> None:
    assert _executed(ColumnType.LONGLONG, b"\xff" * 8, is_unsigned=True) == 2**64 - 1


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (ColumnType.LONG, b"\x01"),
        (ColumnType.VAR_STRING, b"\x01\xff"),
        (ColumnType.DATE, b"\x04\xea\x07\x0d\x1b"),
        (ColumnType.DATE, b"\0"),
        (ColumnType.DATETIME, b"\x05\xea\x07\x0b\x1b\x01"),
        (ColumnType.TIME, b"\x08\0\xff\0\0\0\x02\x03\x04"),
        (ColumnType.TINY, b"\x01\x01"),
        (ColumnType.VARCHAR, b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff"),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_parameters_that_are_none(kind: ColumnType, raw: bytes) -> None:
    with pytest.raises(WireError):
        _executed(kind, raw)


def test_null_long_data_and_types_of_the_execution_before() -> None:
    types = (ParameterType(ColumnType.LONG, False), ParameterType(ColumnType.BLOB, False))
    rest = b"\x01\0"
    values, _ = read_parameters(rest, 2, types, {1: b"long"})
    assert values == [None, b"long"]
    with pytest.raises(WireError, match="without their types"):
        read_parameters(rest, 2, (), {})


def test_execute_is_cut_off() -> None:
    with pytest.raises(WireError):
        read_execute(b"\x01\0\0\0\0")
