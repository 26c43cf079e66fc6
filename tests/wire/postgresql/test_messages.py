"""Messages that the clients at hand do not send or get, put together by hand."""

from struct import pack

import pytest

from stend.wire.decoding import Direction, Half, Role, Unit
from stend.wire.postgresql import answering, asking
from stend.wire.postgresql.decoder import PostgresqlDecoder
from stend.wire.postgresql.sql import shortened, trace_context
from stend.wire.postgresql.types import binary_value
from stend.wire.reading import MASK
from tests.wire.checking import Heard, check, find, hear

C, S = Direction.TO_SERVER, Direction.TO_CLIENT
START = pack(">II", 8 + 12 + 1, 196610) + b"user\0orders\0" + b"\0"


def message(kind: str, body: bytes = b"") -> bytes:
    return kind.encode() + pack(">I", 4 + len(body)) + body


READY = message("Z", b"I")
OK = message("R", pack(">I", 0))
OPENED = [(C, START), (S, OK + READY)]


def parts(*one: bytes) -> bytes:
    return b"".join(one)


def chain(*names: str) -> bytes:
    """Parse, Bind and Execute of an unnamed statement, and Sync."""
    known = {
        "Parse": message("P", b"\0SELECT $1\0" + pack(">HI", 1, 20)),
        "Bind": message("B", b"\0\0" + pack(">HHHI", 1, 1, 1, 8) + pack(">qHH", 7, 1, 1)),
        "Describe": message("D", b"S\0"),
        "Execute": message("E", b"\0" + pack(">I", 0)),
        "Sync": message("S"),
    }
    return b"".join(known[name] for name in names)


def column(name: str, oid: int, form: int) -> bytes:
    return name.encode() + b"\0" + pack(">IHIhiH", 0, 0, oid, 8, -1, form)


def value(raw: bytes) -> bytes:
    return pack(">I", len(raw)) + raw


def told_of(*talk: tuple[Direction, bytes]) -> Heard:
    return check(PostgresqlDecoder, talk)


def by_name(heard: Heard, name: str) -> list[Unit]:
    return [one for one in heard.units if one.name == name]


EVERY_REQUEST = [
    chain("Parse", "Bind", "Describe", "Execute"),
    message("H"),
    message("C", b"Pcursor\0"),
    chain("Sync"),
    message("F", pack(">IHHI", 1598, 0, 1, 1) + b"x" + pack(">H", 0)),
    message("Q", b"COPY t FROM STDIN\0"),
    message("d", b"1\ttea\n"),
    message("c"),
    message("f", b"no more\0"),
    message("p", b"secret\0"),
    message("X"),
]
EVERY_ANSWER = [
    message("1"),
    message("2"),
    message("t", pack(">HI", 1, 20)),
    message("T", pack(">H", 1) + column("n", 20, 0)),
    message("D", pack(">H", 1) + value(pack(">q", 7))),
    message("D", pack(">Hi", 1, -1)),
    message("s"),
    message("C", b"SELECT 1\0"),
    message("I"),
    message("n"),
    message("3"),
    message("V", value(b"0.5")),
    message("G", pack(">BHH", 0, 1, 0)),
    message("H", pack(">BHH", 1, 1, 1)),
    message("W", pack(">BH", 0, 0)),
    message("d", b"1\ttea\n"),
    message("c"),
    message("A", pack(">I", 7) + b"orders\0placed\0"),
    message("N", b"SNOTICE\0C00000\0Mnoted\0?what\0\0"),
    message("E", b"SERROR\0C40P01\0Mdeadlock detected\0\0"),
    message("S", b"TimeZone\0UTC\0"),
    message("K", pack(">I", 7) + b"k" * 32),
    message("v", pack(">II", 196608, 1) + b"_pq_.what\0"),
    READY,
]
AUTHENTICATIONS = [
    (2, b""),
    (3, b""),
    (5, b"salt"),
    (7, b""),
    (8, b"token"),
    (9, b""),
    (10, b"SCRAM-SHA-256\0SCRAM-SHA-256-PLUS\0\0"),
    (11, b"r=x,s=y,i=4096"),
    (12, b"v=z"),
    (99, b"?"),
    (0, b""),
]


def test_every_kind_of_message_has_its_tree() -> None:
    asked = [message("R", pack(">I", number) + rest) for number, rest in AUTHENTICATIONS]
    heard = told_of(
        *OPENED, (S, parts(*asked)), (C, parts(*EVERY_REQUEST)), (S, parts(*EVERY_ANSWER))
    )
    assert not [one for one in heard.units if one.role is Role.BROKEN]
    names = {one.name for one in heard.units}
    assert set(asking.NAMES.values()) <= names
    assert set(answering.NAMES.values()) <= names
    assert not [one for unit in heard.units for one in heard.tree(unit) if one.why_not]


@pytest.mark.parametrize(
    ("asked", "rest", "sent", "name", "shown"),
    [
        (3, b"", b"secret\0", "PasswordMessage", MASK),
        (5, b"salt", b"md5abc\0", "PasswordMessage", MASK),
        (7, b"", b"token", "GSSResponse", MASK),
        (9, b"", b"token", "GSSResponse", MASK),
    ],
)
def test_what_the_server_asked_for_tells_the_answers_apart(
    asked: int, rest: bytes, sent: bytes, name: str, shown: str
) -> None:
    heard = told_of(
        (C, START), (S, message("R", pack(">I", asked) + rest)), (C, message("p", sent))
    )
    answer = heard.units[-1]
    assert (answer.name, answer.role, answer.exchange) == (name, Role.CONTROL, "startup")
    assert heard.tree(answer)[-1].value == shown


def test_a_token_of_another_mechanism_than_scram_is_masked_whole() -> None:
    offer = message("R", pack(">I", 10) + b"OAUTHBEARER\0\0")
    sent = message("p", b"OAUTHBEARER\0" + value(b"auth=Bearer secret"))
    heard = told_of((C, START), (S, offer), (C, sent))
    assert find(heard.tree(heard.units[-1]), "data").value == MASK


@pytest.mark.parametrize("code", [80877103, 80877104])
def test_what_is_encrypted_is_said_to_be(code: int) -> None:
    letter = b"S" if code == 80877103 else b"G"
    talk = [(C, pack(">II", 8, code)), (S, letter), (C, b"\x16\x03\x01"), (S, b"\x16\x03")]
    heard = hear(PostgresqlDecoder(), talk)
    assert [one.role for one in heard.units][:2] == [Role.CONTROL, Role.CONTROL]
    assert {one.role for one in heard.units[2:]} == {Role.BROKEN}
    (leaf,) = heard.tree(heard.units[2])
    assert leaf.why_not is not None
    assert "TLS" in leaf.why_not.en


def test_a_connection_may_begin_with_tls() -> None:
    heard = hear(PostgresqlDecoder(), [(C, b"\x16\x03\x01\x02\x00\x01")])
    assert {one.role for one in heard.units} == {Role.BROKEN}


def test_a_request_to_cancel_has_a_key_of_any_length() -> None:
    data = pack(">III", 12 + 32, 80877102, 4711) + b"k" * 32
    (unit,) = told_of((C, data)).units
    assert (unit.name, unit.role, unit.is_last) == ("CancelRequest", Role.CONTROL, True)


def test_after_an_error_the_server_passes_over_the_chain_up_to_sync() -> None:
    first = chain("Parse", "Bind", "Execute", "Parse", "Bind", "Execute", "Sync")
    error = message("E", b"SERROR\0C42601\0Msyntax error\0\0")
    heard = told_of(
        *OPENED,
        (C, first + message("Q", b"SELECT 2\0")),
        (S, message("1") + error + READY + message("C", b"SELECT 1\0") + READY),
    )
    answers = [(one.name, one.exchange) for one in heard.of(S)[2:]]
    assert answers == [
        ("ParseComplete", "q1"),
        ("ErrorResponse", "q1"),
        ("ReadyForQuery", "q1"),
        ("CommandComplete", "q2"),
        ("ReadyForQuery", "q2"),
    ]


def test_what_the_client_sends_before_it_hears_of_the_error_is_passed_over_too() -> None:
    error = message("E", b"SERROR\0C42601\0Msyntax error\0\0")
    heard = told_of(
        *OPENED,
        (C, chain("Parse")),
        (S, error),
        (C, chain("Bind", "Execute", "Sync")),
        (S, READY),
        (C, message("Q", b"SELECT 2\0")),
        (S, message("C", b"SELECT 1\0") + READY),
    )
    assert [one.exchange for one in heard.of(S)[2:]] == ["q1", "q1", "q2", "q2"]


def test_a_sync_before_the_data_of_a_copy_does_not_end_its_cycle() -> None:
    heard = told_of(
        *OPENED,
        (C, chain("Parse", "Bind", "Execute", "Sync")),
        (S, message("1") + message("2") + message("G", pack(">BH", 0, 0))),
        (C, message("d", b"1\n") + message("c") + chain("Sync")),
        (S, message("C", b"COPY 1\0") + READY),
        (C, message("Q", b"SELECT 2\0")),
    )
    assert {one.exchange for one in heard.units[3:-1]} == {"q1"}
    assert heard.units[-1].exchange == "q2"


def test_rows_after_a_described_statement_have_the_formats_of_bind() -> None:
    described = message("t", pack(">HI", 1, 20)) + message("T", pack(">H", 1) + column("n", 20, 0))
    heard = told_of(
        *OPENED,
        (C, chain("Parse", "Describe", "Sync")),
        (S, message("1") + described + READY),
        (C, chain("Bind", "Execute", "Sync")),
        (S, message("2") + message("D", pack(">H", 1) + value(pack(">q", 7)))),
    )
    (data,) = by_name(heard, "DataRow")
    assert find(heard.tree(data), "n", "value").value == 7
    (bind,) = by_name(heard, "Bind")
    assert find(heard.tree(bind), "$1", "value").value == 7


def test_a_value_of_a_type_that_is_not_known_is_bytes_with_its_type() -> None:
    told = message("T", pack(">H", 1) + column("spot", 600, 1))
    heard = told_of(
        *OPENED,
        (C, message("Q", b"FETCH ALL FROM c\0")),
        (S, told + message("D", pack(">H", 1) + value(b"\1" * 16))),
    )
    field = find(heard.tree(heard.units[-1]), "spot", "value")
    assert (field.type, field.value) == ("point, binary", b"\1" * 16)


def test_damage_inside_of_a_value_leaves_the_others_readable() -> None:
    told = message("T", pack(">H", 2) + column("n", 20, 1) + column("m", 23, 1))
    row = pack(">H", 2) + value(b"\1\2\3") + value(pack(">i", 5))
    heard = told_of(
        *OPENED, (C, message("Q", b"FETCH ALL FROM c\0")), (S, told + message("D", row))
    )
    tree = heard.tree(heard.units[-1])
    assert find(tree, "n", "not decoded").why_not is not None
    assert find(tree, "m", "value").value == 5


def test_a_message_of_an_unknown_type_loses_nothing_but_itself() -> None:
    heard = told_of(*OPENED, (S, message("?", b"what") + message("A", pack(">I", 7) + b"a\0b\0")))
    assert [one.role for one in heard.units[-2:]] == [Role.BROKEN, Role.MESSAGE]


@pytest.mark.parametrize(
    "head", [b"GET / HTTP/1.1\r\n", pack(">II", 8, 131072), b"\0\0\0\0\0\0\0\0"]
)
def test_what_is_not_this_protocol_is_given_up(head: bytes) -> None:
    heard = hear(PostgresqlDecoder(), [(C, head)])
    assert {one.role for one in heard.units} == {Role.BROKEN}


def test_a_length_out_of_bounds_is_not_waited_for() -> None:
    heard = hear(PostgresqlDecoder(), [*OPENED, (C, b"Q\xff\xff\xff\xff")])
    assert heard.units[-1].role is Role.BROKEN


def test_a_long_message_is_looked_at_once_however_it_comes() -> None:
    class Counting(PostgresqlDecoder):
        cuts = 0

        def _cut(self, half: Half) -> Unit | None:
            self.cuts += 1
            return super()._cut(half)

    decoder = Counting()
    decoder.feed(C, START)
    before = decoder.cuts
    for octet in message("Q", b"x" * 20_000 + b"\0"):
        decoder.feed(C, bytes((octet,)))
    assert decoder.cuts - before <= 4


NUMERICS = [
    (">HhHH", (0, 0, 0, 0), b"", "0"),
    (">HhHH", (0, 0, 0, 2), b"", "0.00"),
    (">HhHH", (2, 0, 0, 2), pack(">HH", 12, 3400), "12.34"),
    (">HhHH", (1, -1, 0x4000, 4), pack(">H", 5), "-0.0005"),
    (">HhHH", (1, -2, 0, 8), pack(">H", 5), "0.00000005"),
    (">HhHH", (1, 1, 0, 0), pack(">H", 3), "30000"),
    (">HhHH", (0, 0, 0xC000, 0), b"", "NaN"),
    (">HhHH", (1, 30_000, 0, 0), pack(">H", 3), "0.0003E+120004"),
]


@pytest.mark.parametrize(("layout", "head", "digits", "expected"), NUMERICS)
def test_numeric(layout: str, head: tuple[int, ...], digits: bytes, expected: str) -> None:
    assert binary_value(1700, pack(layout, *head) + digits) == expected


@pytest.mark.parametrize(
    ("oid", "raw", "expected"),
    [
        (1184, pack(">q", (1 << 63) - 1), "infinity"),
        (1184, pack(">q", 1 << 62), "2000-01-01 +4611686018427387904 us"),
        (1082, pack(">i", -1), "1999-12-31"),
        (1082, pack(">i", 1 << 30), "2000-01-01 +1073741824 d"),
        (1083, pack(">q", 3_600_000_001), "01:00:00.000001"),
        (1186, pack(">qii", 5, 2, 1), "1 mon 2 d 5 us"),
        (16, b"\1", True),
        (700, pack(">f", 0.5), 0.5),
    ],
)
def test_values(oid: int, raw: bytes, expected: object) -> None:
    assert binary_value(oid, raw) == expected


CONTEXT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    ("sql", "context"),
    [
        (f"/*traceparent='{CONTEXT}'*/ SELECT 1", CONTEXT),
        (f"SELECT 1 /*db_driver='x',traceparent='{CONTEXT.replace('-', '%2D')}'*/", CONTEXT),
        ("SELECT 1 " + " " * 9000 + f"/*traceparent='{CONTEXT}'*/", CONTEXT),
        (f"SELECT 'traceparent=''{CONTEXT}'''", None),
        ("/*traceparent='no'*/ SELECT 1", None),
        ("SELECT 1", None),
    ],
)
def test_the_trace_in_a_comment(sql: str, context: str | None) -> None:
    assert trace_context(sql) == context


def test_sql_is_shortened_to_a_line() -> None:
    assert shortened("SELECT\n  1 /* why */ FROM t/**/") == "SELECT 1 FROM t"
    assert shortened("SELECT 1 /* why") == "SELECT 1 /* why"
    long = shortened("SELECT " + "x" * 9000)
    assert len(long) == 80
    assert long.endswith("…")
