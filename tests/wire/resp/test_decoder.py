"""Every type of RESP2 and RESP3, what cannot be paired, and what is damaged."""

import pytest

from stend.kit.fields import every
from stend.wire.decoding import Direction, Role
from stend.wire.reading import FIELDS_LIMIT, MASK
from stend.wire.resp.commands import argument_names, command_name, secret_places
from stend.wire.resp.decoder import RespDecoder
from stend.wire.resp.meanings import TYPES
from stend.wire.resp.scanning import Scan
from tests.wire.checking import Heard, check, find, hear

C, S = Direction.TO_SERVER, Direction.TO_CLIENT


def command(*words: str) -> bytes:
    parts = [f"${len(word.encode())}\r\n{word}\r\n" for word in words]
    return f"*{len(words)}\r\n{''.join(parts)}".encode()


GET = command("GET", "a")


def told_of(*talk: tuple[Direction, bytes]) -> Heard:
    return check(RespDecoder, talk)


REPLIES = [
    (b"+OK\r\n", "simple string", "OK"),
    (b"-ERR what\r\n", "simple error", "ERR what"),
    (b":-7\r\n", "integer", -7),
    (b"$5\r\na\r\nb\0\r\n", "bulk string", "a\r\nb\0"),
    (b"$2\r\n\xff\0\r\n", "bulk string", b"\xff\0"),
    (b"$0\r\n\r\n", "bulk string", ""),
    (b"$-1\r\n", "bulk string", "null"),
    (b"*-1\r\n", "array", "null"),
    (b"*0\r\n", "array", "[0]"),
    (b"*2\r\n*1\r\n:1\r\n$1\r\nx\r\n", "array", "[2]"),
    (b"_\r\n", "null", "null"),
    (b"#t\r\n", "boolean", True),
    (b",1.5\r\n", "double", "1.5"),
    (b",inf\r\n", "double", "inf"),
    (b"(3492890328409238509324850943850943825024385\r\n", "big number", None),
    (b"!9\r\nERR\r\nwhat\r\n", "bulk error", "ERR\r\nwhat"),
    (b"=7\r\ntxt:abc\r\n", "verbatim string", "abc"),
    (b"%2\r\n+a\r\n:1\r\n:2\r\n#f\r\n", "map", "[2]"),
    (b"~2\r\n+a\r\n+b\r\n", "set", "[2]"),
    (b"|1\r\n+ttl\r\n:5\r\n+OK\r\n", "simple string", "OK"),
    (b"|0\r\n*1\r\n|1\r\n+x\r\n+y\r\n:1\r\n", "array", "[1]"),
    (b"$?\r\n;4\r\nsome\r\n;1\r\n!\r\n;0\r\n", "bulk string", None),
    (b"*?\r\n:1\r\n*?\r\n:2\r\n.\r\n.\r\n", "array", "[2]"),
    (b"%?\r\n+a\r\n:1\r\n.\r\n", "map", "[1]"),
]


@pytest.mark.parametrize(("raw", "name", "value"), REPLIES)
def test_every_type_of_reply(raw: bytes, name: str, value: object) -> None:
    heard = told_of((C, GET * 2), (S, raw + b"+next\r\n"))
    reply, following = heard.of(S)
    assert (reply.name, reply.exchange, reply.role) == (name, "r1", Role.RESPONSE)
    assert (following.exchange, following.summary) == ("r2", "next")
    tree = heard.tree(reply)
    assert not [one for one in every(tree) if one.why_not]
    if value is not None:
        assert find(tree, "reply").value == value


def test_every_type_has_its_meaning() -> None:
    seen = {raw[0] for raw, _, _ in REPLIES} | {ord(">"), ord(";"), ord(".")}
    assert seen == set(TYPES)


def test_entries_of_a_map_are_called_by_their_keys() -> None:
    heard = told_of((C, GET), (S, b"%2\r\n$3\r\nsku\r\n$3\r\ntea\r\n*0\r\n:1\r\n"))
    tree = heard.tree(heard.of(S)[0])
    assert find(tree, "sku", "value").value == "tea"
    assert find(tree, "[1]", "value").value == 1


def test_json_is_opened_and_what_only_looks_like_it_is_not() -> None:
    document, text = b'{"sku": "tea"}', b"[see below]"
    reply = b"*2\r\n$14\r\n" + document + b"\r\n$11\r\n" + text + b"\r\n"
    heard = told_of((C, command("SET", "a", document.decode())), (S, reply))
    request, answer = (heard.tree(one) for one in heard.units)
    assert find(request, "value", "sku").value == "tea"
    assert find(answer, "[0]", "sku").value == "tea"
    assert find(answer, "[1]", "data").children == ()


def test_a_command_may_be_typed_by_hand() -> None:
    heard = told_of((C, b"\r\nGET  a\r\nAUTH secret\n"), (S, b"+1\r\n+OK\r\n"))
    empty, typed, login = heard.of(C)
    assert (empty.name, empty.role, empty.exchange) == ("empty command", Role.CONTROL, None)
    assert (typed.name, typed.facts) == ("GET", {"command": "GET", "key": "a"})
    assert login.summary == f"AUTH {MASK}"
    assert find(heard.tree(login), "line").value == f"AUTH {MASK}"


def test_an_empty_command_is_not_answered() -> None:
    heard = told_of((C, b"*0\r\n" + GET), (S, b"$1\r\nx\r\n"))
    assert [one.exchange for one in heard.units] == [None, "r1", "r1"]


def test_what_comes_unasked_is_no_reply() -> None:
    heard = told_of((C, GET), (S, b">2\r\n+invalidate\r\n*1\r\n+a\r\n$1\r\nx\r\n"))
    pushed, reply = heard.of(S)
    assert (pushed.role, pushed.exchange, pushed.name) == (Role.MESSAGE, None, "push")
    assert reply.exchange == "r1"


def test_a_reply_that_nobody_asked_for_stands_alone() -> None:
    heard = told_of((S, b"-ERR max number of clients reached\r\n"))
    (one,) = heard.units
    assert (one.exchange, one.error) == (None, "ERR max number of clients reached")


def test_where_replies_are_switched_off_nothing_answers() -> None:
    sent = [
        command("CLIENT", "REPLY", "SKIP"),
        command("SET", "a", "1"),
        GET,
        command("CLIENT", "REPLY", "OFF"),
        GET,
        command("CLIENT", "REPLY", "ON"),
        command("PING"),
    ]
    heard = told_of((C, b"".join(sent)), (S, b"$1\r\n1\r\n+OK\r\n+PONG\r\n"))
    silent = [one.exchange for one in heard.of(C) if one.role is Role.MESSAGE]
    assert silent == ["r1", "r2", "r4", "r5"]
    assert [one.exchange for one in heard.of(S)] == ["r3", "r6", "r7"]


def test_the_stream_of_replication_is_not_decoded() -> None:
    talk = [(C, command("PSYNC", "?", "-1")), (S, b"+FULLRESYNC x 0\r\n"), (S, b"$9\r\nREDIS")]
    heard = hear(RespDecoder(), talk)
    assert [one.role for one in heard.units] == [Role.REQUEST, Role.RESPONSE, Role.BROKEN]
    why = heard.tree(heard.units[-1])[0].why_not
    assert why is not None
    assert "replication" in why.en


@pytest.mark.parametrize(
    "data",
    [
        b"*1\r\n:1\r\n",
        b"*1\r\n*1\r\n$1\r\nx\r\n",
        b"*x\r\n",
        b"*-2\r\n",
        b"*1\r\n$99999999999\r\n",
        b"*1\r\n$1_0\r\n",
        b"*1\r\n$3\r\nGETxx",
        b"x" * 70_000,
    ],
)
def test_what_is_no_command_is_given_up(data: bytes) -> None:
    heard = hear(RespDecoder(), [(C, data), (C, GET)])
    assert {one.role for one in heard.units} == {Role.BROKEN}


@pytest.mark.parametrize(
    "data",
    [b"?\r\n", b"$1\r\nxx\r\n", b";1\r\nx\r\n", b".\r\n", b"*1\r\n" * 40 + b":1\r\n", b"$ 1\r\n"],
)
def test_what_is_no_reply_is_given_up(data: bytes) -> None:
    heard = hear(RespDecoder(), [(C, GET), (S, data + b"+OK\r\n")])
    assert {one.role for one in heard.of(S)} == {Role.BROKEN}


def test_a_large_reply_is_scanned_once_however_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = 0
    scanned = Scan._head

    def counting(self: Scan, kind: int, rest: bytes, begin: int) -> None:
        nonlocal lines
        lines += 1
        scanned(self, kind, rest, begin)

    monkeypatch.setattr(Scan, "_head", counting)
    elements = 20_000
    data = f"*{elements}\r\n".encode() + b"$6\r\nabcdef\r\n" * elements
    heard = hear(RespDecoder(), [(C, GET), (S, data)], 1000)
    assert len(heard.of(S)) == 1
    # Those of the command, too.
    assert lines == 1 + elements + 3


def test_a_long_line_is_searched_once_however_it_comes() -> None:
    searched = 0

    class Counting(bytearray):
        def find(self, sub: object, *bounds: object) -> int:
            nonlocal searched
            searched += len(self) - int(str(bounds[0]))
            return super().find(sub, *bounds)  # type: ignore[arg-type]

    decoder = RespDecoder()
    decoder._halves[S].data = Counting()
    for _ in range(2000):
        decoder.feed(S, b"+" * 10)
    assert searched < 4 * 20_000


def test_a_tree_of_very_many_fields_ends_with_the_reason() -> None:
    elements = FIELDS_LIMIT
    data = f"*{elements}\r\n".encode() + b":1\r\n" * elements
    heard = hear(RespDecoder(), [(C, GET), (S, data)])
    reply = heard.of(S)[0]
    tree = heard.tree(reply)
    assert reply.summary.startswith(f"[{elements}] 1")
    assert tree[-1].why_not is not None
    assert tree[-1].end == len(data)


ARGUMENTS = [
    ("SET a 1 EX 5", "key value option option"),
    ("MSET a 1 b 2", "key value key value"),
    ("HSET h f 1 g 2", "key field value field value"),
    ("DEL a b", "key key"),
    ("ZADD z NX CH 1 a 2 b", "key option option score member score member"),
    ("GEOADD g XX 1 2 a", "key option longitude latitude member"),
    ("XADD s * f 1", "key id field value"),
    ("XADD s NOMKSTREAM MAXLEN ~ 5 LIMIT 9 1-1 f 1", "key" + " option" * 6 + " id field value"),
    (
        "XREADGROUP GROUP g me COUNT 1 STREAMS a b > >",
        "option group consumer option option option key key id id",
    ),
    ("XREAD BLOCK 0 STREAMS a $", "option option option key id"),
    ("EVALSHA abc 2 k1 k2 v", "script numkeys key key argument"),
    ("HELLO 3 AUTH me secret", "protover option username password"),
    ("AUTH secret", "password"),
    ("AUTH me secret", "username password"),
    ("BLPOP a b 0", "key key timeout"),
    ("XGROUP CREATE s g 0", "subcommand key group argument"),
    ("WHAT a b", "argument argument"),
    ("PING", ""),
    ("AUTH", ""),
    ("XREADGROUP GROUP", "option"),
    ("EVAL", ""),
    ("HELLO", ""),
]


@pytest.mark.parametrize(("line", "names"), ARGUMENTS)
def test_arguments_have_names(line: str, names: str) -> None:
    words = line.encode().split()
    told = argument_names(words)
    if line != "XREADGROUP GROUP":
        assert told == names.split()
    assert len(told) == len(words) - 1
    heard = told_of((C, command(*line.split())))
    tree = heard.tree(heard.units[0])
    assert [one.name for one in tree[0].children if one.children] == ["command", *told]


@pytest.mark.parametrize(
    ("line", "secrets"),
    [
        ("AUTH secret", {1}),
        ("AUTH me secret", {2}),
        ("AUTH", set()),
        ("HELLO 3 AUTH me secret SETNAME x", {4}),
        ("CONFIG SET maxmemory 1 requirepass secret", {5}),
        ("ACL SETUSER me on >secret ~* +@all", {4}),
        ("MIGRATE h 1 k 0 5 AUTH2 me secret", {8}),
        ("MIGRATE h 1 k 0 5 AUTH secret", {7}),
        ("GET requirepass", set()),
    ],
)
def test_what_logs_in_is_secret(line: str, secrets: set[int]) -> None:
    assert secret_places(line.encode().split()) == secrets


def test_commands_of_a_family_are_called_with_their_second_word() -> None:
    assert command_name([b"client", b"setinfo"]) == "CLIENT SETINFO"
    assert command_name([b"get", b"setinfo"]) == "GET"
