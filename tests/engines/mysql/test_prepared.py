"""Prepared statements of the binary protocol, packet by packet."""

import struct
from collections.abc import Iterator

import pytest

from stend.engines.mysql.launcher import MysqlConfig
from stend.wire.mysql.numbers import Capability, ColumnType, Command
from stend.wire.mysql.source import sized
from tests.engines.mysql.peer import CAPABILITIES, Peer, RefusedError, number, text


@pytest.fixture
def peer(server: MysqlConfig) -> Iterator[Peer]:
    with Peer.entered(server.port) as made:
        made.query("DROP TABLE IF EXISTS p")
        made.query(
            "CREATE TABLE p (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(20),"
            " price DECIMAL(10, 2), at DATETIME(3), d DATE, x DOUBLE, b BLOB)"
        )
        yield made


def test_rows_come_in_binary_form(peer: Peer) -> None:
    peer.query(
        "INSERT INTO p VALUES (1, 'чай', 1.50, '2026-11-27 01:02:03.5', '2026-11-27', 0.5, x'00ff')"
    )
    statement, columns, parameters = peer.prepare("SELECT * FROM p WHERE id = ?")
    assert (columns, parameters) == (7, 1)
    answer = peer.execute(statement, [number(1)])
    expected = (
        b"\x00\x00\x00"
        + struct.pack("<i", 1)
        + sized("чай".encode())
        + sized(b"1.50")
        + b"\x0b\xea\x07\x0b\x1b\x01\x02\x03"
        + struct.pack("<I", 500_000)
        + b"\x04\xea\x07\x0b\x1b"
        + struct.pack("<d", 0.5)
        + sized(b"\x00\xff")
    )
    assert answer.rows == [expected]


def test_parameters_of_every_kind(peer: Peer) -> None:
    statement, columns, parameters = peer.prepare(
        "INSERT INTO p (name, price, at, d, x, b) VALUES (?, ?, ?, ?, ?, ?)"
    )
    assert (columns, parameters) == (0, 6)
    answer = peer.execute(
        statement,
        [
            text("кофе"),
            (ColumnType.NEWDECIMAL, sized(b"2.25")),
            (ColumnType.DATETIME, b"\x07\xea\x07\x0b\x1b\x01\x02\x03"),
            (ColumnType.DATE, b"\x04\xea\x07\x0b\x1b"),
            (ColumnType.DOUBLE, struct.pack("<d", 1.25)),
            (ColumnType.BLOB, sized(b"\xff\x00")),
        ],
    )
    assert (answer.affected_rows, answer.last_insert_id) == (1, 1)
    answer = peer.execute(statement, [(ColumnType.NULL, None)] * 6)
    assert (answer.affected_rows, answer.last_insert_id) == (1, 2)
    found = peer.query("SELECT id, name, price, at, d, x, HEX(b) FROM p ORDER BY id").texts
    assert found == [
        ("1", "кофе", "2.25", "2026-11-27 01:02:03.000", "2026-11-27", "1.25", "FF00"),
        ("2", None, None, None, None, None, None),
    ]


def test_a_statement_is_executed_again_and_again(peer: Peer) -> None:
    statement, _, _ = peer.prepare("INSERT INTO p (name) VALUES (?)")
    for at in range(3):
        assert peer.execute(statement, [text(str(at))]).last_insert_id == at + 1
    # The types of the last time stand.
    head = statement.to_bytes(4, "little") + b"\0\1\0\0\0"
    peer.ask(Command.STMT_EXECUTE, head + b"\0\0" + sized(b"again"))
    assert peer.query("SELECT name FROM p WHERE id = 4").texts == [("again",)]


def test_long_data(peer: Peer) -> None:
    statement, _, _ = peer.prepare("INSERT INTO p (b, name) VALUES (?, ?)")
    for piece in (b"ab", b"", b"cd"):
        peer.order(Command.STMT_SEND_LONG_DATA, statement.to_bytes(4, "little") + b"\0\0" + piece)
    peer.execute(statement, [(ColumnType.BLOB, b""), text("x")])
    assert peer.query("SELECT HEX(b), name FROM p").texts == [("61626364", "x")]
    # It was for one execution.
    peer.execute(statement, [(ColumnType.BLOB, sized(b"z")), text("y")])
    assert peer.query("SELECT HEX(b) FROM p WHERE name = 'y'").texts == [("7A",)]


def test_reset_forgets_long_data(peer: Peer) -> None:
    statement, _, _ = peer.prepare("INSERT INTO p (b) VALUES (?)")
    head = statement.to_bytes(4, "little")
    peer.order(Command.STMT_SEND_LONG_DATA, head + b"\0\0old")
    peer.ask(Command.STMT_RESET, head)
    peer.execute(statement, [(ColumnType.BLOB, sized(b"new"))])
    assert peer.query("SELECT HEX(b) FROM p").texts == [("6E6577",)]


def test_without_eof_packets(server: MysqlConfig) -> None:
    with Peer.entered(server.port, CAPABILITIES | Capability.DEPRECATE_EOF) as peer:
        statement, columns, parameters = peer.prepare("SELECT ?, ? + 1")
        assert (columns, parameters) == (2, 2)
        assert len(peer.execute(statement, [text("a"), number(1)]).rows) == 1
        assert peer.query("SELECT 1, NULL").texts == [("1", None)]


def test_closed_and_unknown_statements(peer: Peer) -> None:
    statement, _, _ = peer.prepare("SELECT 1")
    peer.execute(statement)
    peer.order(Command.STMT_CLOSE, statement.to_bytes(4, "little"))
    for command in (Command.STMT_EXECUTE, Command.STMT_RESET):
        with pytest.raises(RefusedError) as raised:
            peer.ask(command, statement.to_bytes(4, "little") + b"\0\1\0\0\0")
        assert raised.value.number == 1243
    # What has no answer has none when it is wrong, too.
    peer.order(Command.STMT_SEND_LONG_DATA, b"\xff\xff\0\0\0\0x")
    assert peer.query("SELECT 1").texts == [("1",)]


@pytest.mark.limitation("mysql", "cursors")
def test_cursors_are_refused(peer: Peer) -> None:
    statement, _, _ = peer.prepare("SELECT 1")
    with pytest.raises(RefusedError) as raised:
        peer.ask(Command.STMT_EXECUTE, statement.to_bytes(4, "little") + b"\1\1\0\0\0")
    assert raised.value.number == 1235


@pytest.mark.parametrize(
    ("sql", "error"),
    [("SELECT * FROM nothing", 1146), ("SELEC 1", 1064), ("", 1065), ("SELECT 1; SELECT 2", 1064)],
)
def test_what_cannot_be_prepared(peer: Peer, sql: str, error: int) -> None:
    with pytest.raises(RefusedError) as raised:
        peer.prepare(sql)
    assert raised.value.number == error


def test_wrong_parameters(peer: Peer) -> None:
    statement, _, _ = peer.prepare("SELECT ?")
    with pytest.raises(RefusedError) as raised:
        peer.execute(statement, [(ColumnType.DATE, b"\x04\xea\x07\x0d\x1b")])
    assert raised.value.number == 1835
    assert peer.execute(statement, [text("fine")]).rows


def test_statements_that_are_no_queries(peer: Peer) -> None:
    for sql in ("BEGIN", "SET @x = 5", "COMMIT", "SHOW DATABASES"):
        statement, _, parameters = peer.prepare(sql)
        assert parameters == 0
        peer.execute(statement)
    assert peer.query("SELECT @x").texts == [("5",)]
