"""What a connection of MySQL says, packet by packet, and what each byte is for."""

import struct
from typing import Any

import pytest

from stend.kit.fields import Field, every
from stend.wire.decoding import Direction, Role
from stend.wire.exchanges import Grouping
from stend.wire.mysql import replies
from stend.wire.mysql.decoder import MysqlDecoder
from stend.wire.mysql.handshake import Greeting, Login, auth_more, auth_switch
from stend.wire.mysql.numbers import Capability, ColumnFlag, ColumnType, Command, Status
from stend.wire.mysql.packets import packets
from stend.wire.mysql.replies import ColumnDefinition
from stend.wire.mysql.source import sized, varied
from stend.wire.reading import MASK
from tests.wire.checking import (
    Heard,
    Talk,
    check,
    demand_accounting,
    demand_survival,
    demand_tiling,
    find,
    hear,
)

TO_SERVER, TO_CLIENT = Direction.TO_SERVER, Direction.TO_CLIENT
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
CAPABILITIES = int(Capability.PROTOCOL_41 | Capability.PLUGIN_AUTH | Capability.SECURE_CONNECTION)
GREETING = Greeting("8.4.0", 5, b"x" * 20, 0xFFFFFFFF, 45, 2, "caching_sha2_password").encode()
EOF = replies.eof(status=2)
OK = replies.ok(status=2)


def said(direction: Direction, *payloads: bytes, sequence: int = 0) -> tuple[Direction, bytes]:
    data = b""
    for payload in payloads:
        made, sequence = packets(payload, sequence)
        data += made
    return direction, data


def asked(command: Command, payload: bytes = b"") -> tuple[Direction, bytes]:
    return said(TO_SERVER, bytes([command]) + payload)


def answered(*payloads: bytes) -> tuple[Direction, bytes]:
    return said(TO_CLIENT, *payloads, sequence=1)


def begun(more: int = 0) -> list[tuple[Direction, bytes]]:
    login = Login(
        CAPABILITIES | more, 1, 45, "anna", b"proof", None, "caching_sha2_password", {"_os": "x"}
    )
    return [
        said(TO_CLIENT, GREETING),
        said(TO_SERVER, login.encode(), sequence=1),
        said(TO_CLIENT, auth_more(b"\x03"), OK, sequence=2),
    ]


def column(name: str, kind: ColumnType = ColumnType.LONGLONG, flags: int = 0) -> bytes:
    return ColumnDefinition(name, kind, flags=flags).encode()


def heard_after(talk: Talk, more: int = 0) -> tuple[Heard, list[Any]]:
    before = begun(more)
    heard = check(MysqlDecoder, [*before, *talk])
    return heard, heard.units[4:]


def row_of(heard: Heard, unit: Any) -> list[tuple[object, str]]:
    return [(one.value, _type_of(one)) for one in find(heard.tree(unit), "row").children]


def _type_of(one: Field) -> str:
    return one.children[-1].type if one.children else one.type


def test_the_handshake() -> None:
    heard = check(MysqlDecoder, begun(int(Capability.CONNECT_ATTRS)))
    assert [(one.name, one.role, one.exchange) for one in heard.units] == [
        ("HandshakeV10", Role.CONTROL, "handshake"),
        ("HandshakeResponse41", Role.CONTROL, "handshake"),
        ("AuthMoreData", Role.CONTROL, "handshake"),
        ("OK", Role.CONTROL, "handshake"),
    ]
    (exchange,) = {one.number: one for one in Grouping().add(heard.units)}.values()
    assert exchange.is_complete
    login = heard.tree(heard.units[1])
    assert find(login, "auth_response", "auth_response").value == MASK
    assert "PLUGIN_AUTH" in str(find(login, "capabilities").value)
    assert find(login, "character_set").value == "45 utf8mb4_general_ci"
    assert find(login, "attributes", "[0]", "key").value == "_os"


def test_a_query_and_its_rows() -> None:
    sql = f"/*traceparent='{TRACE}'*/\n  SELECT n, name" + " " + "x" * 100
    heard, units = heard_after(
        [
            asked(Command.QUERY, sql.encode()),
            answered(
                varied(2),
                column("n"),
                column("name", ColumnType.VAR_STRING),
                EOF,
                replies.text_row([b"7", None]),
                replies.text_row([b"8", "жук".encode()]),
                EOF,
            ),
            asked(Command.PING),
            answered(OK),
        ]
    )
    query, *answers = units
    assert (query.name, query.role, query.context) == ("COM_QUERY", Role.REQUEST, TRACE)
    assert (len(query.summary), query.summary[:14], query.summary[-1]) == (
        80,
        "SELECT n, name",
        "…",
    )
    assert [one.summary for one in answers[1:3]] == ["n", "name"]
    assert query.facts["sql"] == sql
    assert [one.name for one in answers[:7]] == [
        "column count",
        "column definition",
        "column definition",
        "EOF",
        "row",
        "row",
        "EOF",
    ]
    assert [one.is_last for one in answers[:7]] == [False] * 6 + [True]
    assert {one.exchange for one in answers[:7]} == {"cmd1"}
    assert (answers[6].summary, answers[6].facts["rows"]) == ("×2", "2")
    assert row_of(heard, answers[4]) == [
        ("7", "MYSQL_TYPE_LONGLONG string<lenenc>"),
        (None, "NULL"),
    ]
    row = find(heard.tree(answers[5]), "row")
    assert "name" in row.children[1].meaning.text.en
    assert [(one.name, one.exchange) for one in answers[7:]] == [
        ("COM_PING", "cmd2"),
        ("OK", "cmd2"),
    ]
    assert all(one.is_complete for one in Grouping().add(heard.units))


def test_several_results_of_one_command() -> None:
    more = replies.ok(status=int(Status.MORE_RESULTS_EXISTS), affected_rows=3)
    _, units = heard_after([asked(Command.QUERY, b"a; b"), answered(more, OK)])
    assert [one.is_last for one in units] == [True, False, True]
    assert units[1].facts["affected_rows"] == "3"


def test_an_error() -> None:
    _, units = heard_after(
        [
            asked(Command.QUERY, b"x"),
            answered(replies.err(1213, "40001", "Deadlock found when trying to get lock")),
        ]
    )
    assert units[1].error == "1213 (40001) Deadlock found when trying to get lock"
    assert units[1].facts["error_code"] == "1213"
    assert units[1].facts["sqlstate"] == "40001"


def _moment(*parts: int, micros: int | None = None) -> bytes:
    raw = struct.pack("<HBBBBB", *parts)
    raw += b"" if micros is None else micros.to_bytes(4, "little")
    return bytes([len(raw)]) + raw


_BINARY: list[tuple[ColumnType, int, bytes | None, object]] = [
    (ColumnType.TINY, 0, b"\xff", -1),
    (ColumnType.TINY, int(ColumnFlag.UNSIGNED), b"\xff", 255),
    (ColumnType.SHORT, 0, b"\x01\x02", 0x0201),
    (ColumnType.LONG, 0, b"\xfe\xff\xff\xff", -2),
    (ColumnType.LONGLONG, 0, b"\x07" + bytes(7), 7),
    (ColumnType.FLOAT, 0, struct.pack("<f", 1.5), 1.5),
    (ColumnType.DOUBLE, 0, struct.pack("<d", 2.25), 2.25),
    (ColumnType.DATE, 0, b"\4\xea\x07\1\2", "2026-01-02"),
    (ColumnType.DATETIME, 0, _moment(2026, 1, 2, 3, 4, 5), "2026-01-02 03:04:05"),
    (
        ColumnType.TIMESTAMP,
        0,
        _moment(2026, 1, 2, 3, 4, 5, micros=6),
        "2026-01-02 03:04:05.000006",
    ),
    (ColumnType.TIME, 0, b"\x08\1\1\0\0\0\2\3\4", "-1 02:03:04"),
    (ColumnType.VAR_STRING, 0, sized("жук".encode()), "жук"),
    (ColumnType.NEWDECIMAL, 0, sized(b"1.10"), "1.10"),
    (ColumnType.BLOB, 0, sized(b"\xff\xfe"), b"\xff\xfe"),
    (ColumnType.BIT, 0, sized(b"\x41"), b"A"),
    (ColumnType.LONG, 0, None, "nothing"),
]


def test_a_prepared_statement_and_its_binary_rows() -> None:
    count = len(_BINARY)
    definitions = [column(f"c{at}", one[0], one[1]) for at, one in enumerate(_BINARY)]
    execute = struct.pack("<IBI", 1, 0, 1)
    parameters = b"\x02\x01" + b"\x08\0\xfd\0\x01\x80" + b"\x09" + bytes(7) + b"\xfe"
    talk = [
        asked(Command.STMT_PREPARE, b"SELECT ?, ?, ?"),
        answered(replies.prepared(1, count, 3), *[column("?")] * 3, EOF, *definitions, EOF),
        asked(Command.STMT_EXECUTE, execute + parameters),
        answered(
            varied(count), *definitions, EOF, replies.binary_row([one[2] for one in _BINARY]), EOF
        ),
        asked(Command.STMT_EXECUTE, execute + b"\x02\0" + b"\x0a" + bytes(7) + b"\xff"),
        answered(OK),
        asked(Command.STMT_CLOSE, b"\x01\0\0\0"),
        asked(Command.STMT_EXECUTE, execute + parameters),
        answered(replies.err(1243, "HY000", "Unknown prepared statement")),
        asked(Command.QUIT),
    ]
    heard, units = heard_after(talk)
    (row,) = [one for one in units if one.name == "binary row"]
    values = find(heard.tree(row), "row").children
    assert [one.value for one in values] == [one[3] for one in _BINARY if one[2] is not None]
    assert _type_of(values[-1]) == "MYSQL_TYPE_BIT"
    first, again, late = [one for one in units if one.name == "COM_STMT_EXECUTE"]
    told = find(heard.tree(first), "parameters")
    assert [one.value for one in told.children] == [9, 254]
    assert (first.summary, first.facts["statement_id"]) == ("SELECT ?, ?, ?", "1")
    assert [one.value for one in find(heard.tree(again), "parameters").children] == [10, 255]
    assert any(one.why_not for one in heard.tree(late))
    assert [one.role for one in units if one.name in ("COM_STMT_CLOSE", "COM_QUIT")] == [
        Role.MESSAGE
    ] * 2
    prepared = [one for one in units if one.exchange == "cmd1"]
    assert [one.is_last for one in prepared] == [True] + [False] * (len(prepared) - 2) + [True]


def test_long_data_is_not_among_the_parameters() -> None:
    execute = struct.pack("<IBI", 1, 0, 1) + b"\0\x01" + b"\xfc\0\x08\0" + b"\x05" + bytes(7)
    heard, units = heard_after(
        [
            asked(Command.STMT_PREPARE, b"INSERT ?, ?"),
            answered(replies.prepared(1, 0, 2), column("?"), column("?"), EOF),
            asked(Command.STMT_SEND_LONG_DATA, b"\x01\0\0\0\0\0large"),
            asked(Command.STMT_EXECUTE, execute),
            answered(OK),
        ]
    )
    (unit,) = [one for one in units if one.name == "COM_STMT_EXECUTE"]
    assert [one.value for one in find(heard.tree(unit), "parameters").children] == [5]


def test_rows_that_are_fetched_by_a_cursor() -> None:
    cursor = replies.eof(status=int(Status.CURSOR_EXISTS))
    heard, units = heard_after(
        [
            asked(Command.STMT_PREPARE, b"SELECT 1"),
            answered(replies.prepared(1, 1, 0), column("n"), EOF),
            asked(Command.STMT_EXECUTE, struct.pack("<IBI", 1, 1, 1)),
            answered(varied(1), column("n"), cursor),
            asked(Command.STMT_FETCH, struct.pack("<II", 1, 1)),
            answered(replies.binary_row([b"\x07" + bytes(7)]), EOF),
        ]
    )
    assert units[-2].name == "binary row"
    assert [one.value for one in find(heard.tree(units[-2]), "row").children] == [7]
    assert all(one.is_complete for one in Grouping().add(heard.units))


def test_without_eof_and_with_attributes_of_a_query() -> None:
    more = int(Capability.DEPRECATE_EOF | Capability.QUERY_ATTRIBUTES)
    attribute = b"\x01\x01\0\x01" + b"\xfd\0" + sized(b"trace") + sized(b"on")
    heard, units = heard_after(
        [
            asked(Command.QUERY, attribute + b"SELECT 1"),
            answered(
                varied(1),
                column("n"),
                replies.text_row([b"1"]),
                replies.ok(status=2, ends_rows=True),
            ),
        ],
        more,
    )
    assert [one.name for one in units[1:]] == ["column count", "column definition", "row", "OK"]
    assert find(heard.tree(units[0]), "query").value == "SELECT 1"
    assert (units[0].summary, units[0].facts["sql"]) == ("SELECT 1", "SELECT 1")
    assert find(heard.tree(units[0]), "types", "[0]", "name", "name").value == "trace"


def test_another_user_in_the_same_connection() -> None:
    change = b"anna\0\x05proof\0" + b"\x2d\0caching_sha2_password\0"
    heard, units = heard_after(
        [
            asked(Command.CHANGE_USER, change),
            said(TO_CLIENT, auth_switch("mysql_native_password", b"x" * 20), sequence=1),
            said(TO_SERVER, b"secret proof", sequence=2),
            said(TO_CLIENT, OK, sequence=3),
        ]
    )
    assert {one.exchange for one in units} == {"cmd1"}
    assert find(heard.tree(units[0]), "auth_response", "auth_response").value == MASK
    assert find(heard.tree(units[2]), "auth_data").value == MASK
    assert all(one.is_complete for one in Grouping().add(heard.units))


@pytest.mark.parametrize(
    ("command", "answer", "name"),
    [
        (Command.STATISTICS, b"Uptime: 1", "statistics"),
        (Command.QUERY, b"\xfbfile.csv", "LOCAL INFILE"),
        (Command.BINLOG_DUMP, b"\0events", "binlog event"),
        (Command.FIELD_LIST, ColumnDefinition("n", ColumnType.LONG).encode(), "column definition"),
        (Command.INIT_DB, OK, "OK"),
    ],
)
def test_other_answers(command: Command, answer: bytes, name: str) -> None:
    _, units = heard_after([asked(command, b"x\0"), answered(answer)])
    assert units[1].name == name


def test_a_file_of_the_client() -> None:
    heard, units = heard_after(
        [
            asked(Command.QUERY, b"LOAD DATA LOCAL INFILE 'a'"),
            answered(b"\xfba"),
            said(TO_SERVER, b"1,2\n", b"", sequence=2),
            said(TO_CLIENT, OK, sequence=4),
        ]
    )
    assert [one.name for one in units][2:] == ["file content", "file content", "OK"]
    assert all(one.is_complete for one in Grouping().add(heard.units))


def test_tls_is_not_looked_into() -> None:
    request = Login(CAPABILITIES | int(Capability.SSL), 1, 45, "", b"").encode()[:32]
    heard = check(
        MysqlDecoder,
        [
            said(TO_CLIENT, GREETING),
            said(TO_SERVER, request, sequence=1),
        ],
    )
    assert heard.units[1].name == "SSLRequest"
    decoder = MysqlDecoder()
    for direction, data in (said(TO_CLIENT, GREETING), said(TO_SERVER, request)):
        decoder.feed(direction, data)
    (unit,) = decoder.feed(TO_CLIENT, b"\x16\x03\x03")
    assert unit.role is Role.BROKEN
    (leaf,) = unit.fields(b"\x16\x03\x03")
    assert leaf.why_not is not None
    assert "TLS" in leaf.why_not.en


def test_compressed_packets_are_cut_and_say_why_they_are_not_read() -> None:
    packet = b"\x05\0\0\0\0\0\0" + b"\x01\0\0\0\x0e"
    heard, units = heard_after([(TO_SERVER, packet * 2)], int(Capability.COMPRESS))
    assert [one.name for one in units] == ["compressed packet"] * 2
    assert heard.tree(units[0])[-1].why_not is not None


def test_a_refusal_before_the_handshake() -> None:
    refused = replies.early_err(1040, "Too many connections")
    heard = check(MysqlDecoder, [said(TO_CLIENT, refused)])
    assert heard.units[0].error == "1040 Too many connections"


def test_a_long_packet_goes_on_in_the_next() -> None:
    heard = check_once([*begun(), asked(Command.QUERY, b"x" * 0xFFFFFF), answered(OK)])
    assert [one.name for one in heard.units[4:]] == ["COM_QUERY", "part of a long packet", "OK"]


def check_once(talk: Talk) -> Heard:
    heard = hear(MysqlDecoder(), talk)
    demand_tiling(heard)
    for unit in heard.units:
        demand_accounting(heard.tree(unit), unit.end - unit.start)
    return heard


def test_damage_stays_where_it_is() -> None:
    talk = [
        *begun(),
        asked(Command.STMT_PREPARE, b"SELECT ?"),
        answered(replies.prepared(1, 1, 1), column("?"), EOF, column("n"), EOF),
        asked(Command.STMT_EXECUTE, struct.pack("<IBI", 1, 0, 1) + b"\0\1\x08\0" + bytes(8)),
        answered(varied(1), column("n"), EOF, replies.binary_row([bytes(8)]), EOF),
        asked(Command.QUERY, b"x"),
        answered(replies.err(1064, "42000", "no")),
    ]
    demand_survival(MysqlDecoder, talk, rounds=1500)


def test_a_tree_has_a_bound() -> None:
    count = 60_000
    more = int(Capability.OPTIONAL_RESULTSET_METADATA)
    rows = (varied(count) + b"\0", replies.text_row([b"1"] * count), EOF)
    heard = check_once([*begun(more), asked(Command.QUERY, b"x"), answered(*rows)])
    assert [one.name for one in heard.units[5:]] == ["column count", "row", "EOF"]
    assert any(one.why_not for one in every(heard.tree(heard.units[-2])))
