"""The pieces of each packet tile it, for true conversations and for damaged ones."""

from hypothesis import given
from hypothesis import strategies as st

from stend.wire.mysql import replies
from stend.wire.mysql.conversation import Conversation, Packet
from stend.wire.mysql.handshake import Greeting, Login, auth_more
from stend.wire.mysql.numbers import Capability, ColumnType, Command
from stend.wire.mysql.packets import packets
from stend.wire.mysql.replies import ColumnDefinition
from stend.wire.mysql.source import varied

_CAPABILITIES = int(Capability.PROTOCOL_41 | Capability.PLUGIN_AUTH | Capability.SECURE_CONNECTION)
_GREETING = Greeting("8.4.0", 5, b"x" * 20, 0xFFFFFFFF, 45, 2, "caching_sha2_password").encode()
_COLUMN = ColumnDefinition("n", ColumnType.LONGLONG).encode()
_EOF = replies.eof(status=2)


def _tile(made: Packet, packet: bytes) -> None:
    at = 0
    for span in made.spans(packet):
        assert span.start == at
        assert span.end > span.start
        at = span.end
    assert at == len(packet)


def _told(talk: Conversation, is_client: bool, payload: bytes) -> Packet:
    packet, _ = packets(payload, 0)
    made = talk.from_client(packet) if is_client else talk.from_server(packet)
    _tile(made, packet)
    return made


def _begun(capabilities: int = _CAPABILITIES) -> Conversation:
    talk = Conversation()
    login = Login(capabilities, 1, 45, "anna", b"proof", None, "caching_sha2_password")
    kinds = [
        _told(talk, False, _GREETING).kind,
        _told(talk, True, login.encode()).kind,
        _told(talk, False, auth_more(b"\x03")).kind,
        _told(talk, False, replies.ok(status=2)).kind,
    ]
    assert kinds == ["HandshakeV10", "HandshakeResponse41", "AuthMoreData", "OK"]
    return talk


def _command(talk: Conversation, command: Command, payload: bytes = b"") -> str:
    return _told(talk, True, bytes([command]) + payload).kind


def test_a_query_with_rows() -> None:
    talk = _begun()
    assert _command(talk, Command.QUERY, b"SELECT 1") == "COM_QUERY"
    answer = (varied(1), _COLUMN, _EOF, replies.text_row([b"7"]), replies.text_row([None]), _EOF)
    kinds = [_told(talk, False, one).kind for one in answer]
    assert kinds == ["column count", "column definition", "EOF", "row", "row", "EOF"]
    assert _command(talk, Command.PING) == "COM_PING"
    assert _told(talk, False, replies.ok(status=2)).kind == "OK"


def test_the_pieces_say_what_they_are() -> None:
    talk = _begun()
    _command(talk, Command.QUERY, b"x")
    payload = replies.err(1064, "42000", "no")
    made = _told(talk, False, payload)
    found = {span.name: span.value for span in made.spans(packets(payload, 1)[0])}
    assert made.kind == "ERR"
    assert found["error_code"] == 1064
    assert found["sql_state"] == "42000"
    assert found["error_message"] == "no"


def test_a_prepared_statement_without_eof() -> None:
    talk = _begun(_CAPABILITIES | Capability.DEPRECATE_EOF)
    _command(talk, Command.STMT_PREPARE, b"SELECT ?")
    prepared = (replies.prepared(1, 1, 1), _COLUMN, _COLUMN)
    assert [_told(talk, False, one).kind for one in prepared] == [
        "COM_STMT_PREPARE_OK",
        "column definition",
        "column definition",
    ]
    _command(talk, Command.STMT_EXECUTE, b"\x01\0\0\0\0\x01\0\0\0")
    rows = (
        varied(1),
        _COLUMN,
        replies.binary_row([b"\x07" + b"\0" * 7]),
        replies.ok(status=2, ends_rows=True),
    )
    kinds = [_told(talk, False, one).kind for one in rows]
    assert kinds == ["column count", "column definition", "binary row", "OK"]
    assert _command(talk, Command.STATISTICS) == "COM_STATISTICS"
    assert _told(talk, False, b"Uptime: 1").kind == "statistics"


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=60)), max_size=12))
def test_whatever_is_said_is_tiled(said: list[tuple[bool, bytes]]) -> None:
    talk = _begun()
    for is_client, payload in said:
        _told(talk, is_client, payload)


@given(st.integers(0, len(_GREETING)), st.integers(0, 255))
def test_damage_is_a_piece_too(at: int, byte: int) -> None:
    damaged = _GREETING[:at] + bytes([byte]) + _GREETING[at + 2 :]
    _told(Conversation(), False, damaged)
