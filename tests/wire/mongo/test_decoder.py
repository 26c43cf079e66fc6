"""What a connection of MongoDB says, message by message, and what each byte is for."""

import datetime as dt
import struct
import zlib
from typing import Any

import bson
import cramjam
import pytest
from bson import (
    Binary,
    Code,
    DBRef,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)

from stend.kit.fields import Field, every
from stend.wire.decoding import Direction, Role
from stend.wire.exchanges import Grouping
from stend.wire.mongo.decoder import MongoDecoder
from stend.wire.mongo.frames import OpCode, framed
from stend.wire.mongo.meanings import Scope, names
from stend.wire.mongo.messages import CHECKSUM_PRESENT, MORE_TO_COME, write_msg, write_reply
from stend.wire.mongo.trees import MAX_ELEMENTS, message_tree
from stend.wire.reading import MASK
from tests.wire.checking import (
    Heard,
    check,
    demand_accounting,
    demand_meanings,
    demand_survival,
    find,
    hear,
)
from tests.wire.gaps import behind_gap

TO_SERVER, TO_CLIENT = Direction.TO_SERVER, Direction.TO_CLIENT
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
EVERYTHING: dict[str, Any] = {
    "double": 1.5,
    "string": "жук",
    "object": {"a": {"b": []}},
    "array": [1, "two", [3.0], {"four": None}],
    "binData": Binary(b"1234567890123456", 4),
    "empty": Binary(b"", 0),
    "objectId": ObjectId("65a0000000000000000000aa"),
    "bool": True,
    "date": dt.datetime(2026, 1, 2, tzinfo=dt.UTC),
    "null": None,
    "regex": Regex("^a", "i"),
    "code": Code("x"),
    "scope": Code("x", {"y": 1}),
    "ref": DBRef("c", 1),
    "int": 1,
    "timestamp": Timestamp(5, 6),
    "long": Int64(7),
    "decimal": Decimal128("1.10"),
    "min": MinKey(),
    "max": MaxKey(),
}


def command(number: int, body: dict[str, Any], flags: int = 0) -> tuple[Direction, bytes]:
    return TO_SERVER, write_msg(number, 0, bson.encode(body), flags)


def reply(
    number: int, answers: int, body: dict[str, Any], flags: int = 0
) -> tuple[Direction, bytes]:
    return TO_CLIENT, write_msg(number, answers, bson.encode(body), flags)


def with_sequence(number: int) -> tuple[Direction, bytes]:
    documents = b"".join(bson.encode({"_id": one, "n": {"x": 1}}) for one in range(2))
    content = b"documents\0" + documents
    body = bson.encode({"insert": "orders", "ordered": True, "$db": "shop"})
    sequence = b"\1" + struct.pack("<i", len(content) + 4) + content
    return TO_SERVER, framed(OpCode.OP_MSG, number, 0, bytes(4), b"\0" + body + sequence)


def compressed(data: bytes, compressor: int) -> bytes:
    made: dict[int, bytes] = {
        0: data[16:],
        1: bytes(cramjam.snappy.compress_raw(data[16:])),
        2: zlib.compress(data[16:]),
        3: bytes(cramjam.zstd.compress(data[16:])),
    }
    number, answers, op_code = struct.unpack_from("<iii", data, 4)
    head = struct.pack("<iiB", op_code, len(data) - 16, compressor)
    return framed(OpCode.OP_COMPRESSED, number, answers, head, made[compressor])


def shown(heard: Heard) -> list[tuple[str, str, str | None]]:
    return [(one.name, one.summary, one.error) for one in heard.units]


def test_commands_and_their_replies() -> None:
    heard = check(
        MongoDecoder,
        [
            command(
                1,
                {
                    "find": "orders",
                    "filter": {"price": {"$gt": 5}},
                    "comment": {"traceparent": TRACE},
                    "lsid": {"id": Binary(bytes(16), 4)},
                    "$db": "shop",
                },
            ),
            with_sequence(2),
            reply(
                7,
                1,
                {"cursor": {"firstBatch": [{"_id": 1}], "id": 0, "ns": "shop.orders"}, "ok": 1},
            ),
            reply(8, 2, {"n": 2, "ok": 1.0}),
        ],
    )
    assert shown(heard) == [
        ("find", "shop.orders", None),
        ("insert", "shop.orders ×2", None),
        ("find", "×1", None),
        ("insert", "n=2", None),
    ]
    find_command, insert, found, _ = heard.units
    assert find_command.context == TRACE
    assert find_command.facts["collection"] == "orders"
    assert insert.facts["documents"] == "2"
    assert found.facts["cursor"] == "0"
    exchanges = Grouping().add(heard.units)
    assert [[one.role for one in each.units] for each in exchanges] == [
        [Role.REQUEST, Role.RESPONSE]
    ] * 2
    price = find(heard.tree(find_command), "filter", "price", "$gt", "value")
    assert price.value == 5
    assert find(heard.tree(insert), "documents", "[1]", "n", "x", "value").value == 1


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (
            {"ok": 0.0, "code": 59, "codeName": "CommandNotFound", "errmsg": "no"},
            "59 CommandNotFound",
        ),
        ({"ok": 1.0, "n": 0, "writeErrors": [{"index": 0, "code": 11000}]}, "11000 DuplicateKey"),
        ({"ok": 1, "writeConcernError": {"code": 64, "codeName": "X"}}, "64 X"),
        ({"ok": 0.0}, "ok: 0"),
        ({"ok": True}, None),
    ],
)
def test_errors(body: dict[str, Any], error: str | None) -> None:
    heard = check(MongoDecoder, [command(1, {"ping": 1, "$db": "admin"}), reply(2, 1, body)])
    assert heard.units[1].error == error


def test_a_write_that_nobody_acknowledges() -> None:
    body = {"delete": "t", "comment": f"traceparent='{TRACE}'", "$db": "d"}
    heard = check(MongoDecoder, [command(1, body, MORE_TO_COME)])
    (unit,) = heard.units
    assert (unit.role, unit.is_last, unit.context) == (Role.MESSAGE, True, TRACE)
    (exchange,) = Grouping().add(heard.units)
    assert exchange.is_complete


def test_replies_that_are_streamed_belong_to_one_command() -> None:
    heard = check(
        MongoDecoder,
        [
            command(1, {"hello": 1, "$db": "admin"}, 1 << 16),
            reply(5, 1, {"ok": 1}, MORE_TO_COME),
            reply(6, 5, {"ok": 1}, MORE_TO_COME),
            reply(7, 6, {"ok": 1}),
        ],
    )
    assert {one.exchange for one in heard.units} == {"1"}
    roles = [one.role for one in heard.units]
    assert roles == [Role.REQUEST, Role.MESSAGE, Role.MESSAGE, Role.RESPONSE]
    assert [one.is_last for one in heard.units[1:]] == [False, False, True]
    assert {one.name for one in heard.units} == {"hello"}


def test_the_old_handshake() -> None:
    body = bson.encode({"isMaster": 1, "helloOk": True, "client": {"driver": {"name": "x"}}})
    query = framed(OpCode.OP_QUERY, 1, 0, bytes(4) + b"admin.$cmd\0" + bytes(8), body)
    answer = write_reply(2, 1, bson.encode({"isWritablePrimary": True, "ok": 1.0}))
    heard = check(MongoDecoder, [(TO_SERVER, query), (TO_CLIENT, answer)])
    assert [one.name for one in heard.units] == ["isMaster", "isMaster"]
    assert str(find(heard.tree(heard.units[1]), "responseFlags").value).endswith("AwaitCapable")


@pytest.mark.parametrize("compressor", [0, 1, 2, 3])
def test_compressed_messages_are_opened(compressor: int) -> None:
    data = compressed(with_sequence(3)[1], compressor)
    heard = check(MongoDecoder, [(TO_SERVER, data)])
    assert shown(heard) == [("insert", "shop.orders ×2", None)]
    inner = find(heard.tree(heard.units[0]), "compressedMessage").inner
    assert inner is not None
    assert find(inner.fields, "insert", "value").value == "orders"


def test_a_bomb_is_not_opened() -> None:
    head = struct.pack("<iiB", OpCode.OP_MSG, 40_000_000, 2)
    data = framed(OpCode.OP_COMPRESSED, 1, 0, head, zlib.compress(bytes(40_000_000)))
    heard = check(MongoDecoder, [(TO_SERVER, data)])
    assert any(one.why_not for one in heard.tree(heard.units[0]))
    lying = struct.pack("<iiB", OpCode.OP_MSG, 100, 2)
    data = framed(OpCode.OP_COMPRESSED, 1, 0, lying, zlib.compress(bytes(40_000_000)))
    check(MongoDecoder, [(TO_SERVER, data)])


def test_values_of_all_types() -> None:
    tree = message_tree(write_msg(1, 2, bson.encode({"documents": [EVERYTHING]})), Scope.COMMAND)
    document = find(tree, "documents", "[0]")
    values = {one.name: one.value for one in document.children if one.children}
    assert values == {
        "double": 1.5,
        "string": "жук",
        "object": None,
        "array": None,
        "binData": "31323334-3536-3738-3930-313233343536",
        "empty": None,
        "objectId": "65a0000000000000000000aa (2024-01-11T14:49:36.000Z)",
        "bool": True,
        "date": "2026-01-02T00:00:00.000Z",
        "null": None,
        "regex": None,
        "code": "x",
        "scope": "x",
        "ref": None,
        "int": 1,
        "timestamp": "5:6",
        "long": 7,
        "decimal": "1.10",
        "min": None,
        "max": None,
    }


@pytest.mark.parametrize(
    "number", ["0", "-1.5", "1E+10", "9.999999999999999999999999999999999E+6144", "Infinity", "NaN"]
)
def test_decimals_are_those_of_the_library(number: str) -> None:
    body = bson.encode({"a": Decimal128(number)})
    value = find(message_tree(write_msg(1, 2, body), Scope.USER), "a", "value").value
    assert value == str(Decimal128(number).to_decimal())


def test_secrets_are_not_shown() -> None:
    body = {"saslStart": 1, "payload": Binary(b"n,,n=anna"), "$db": "admin"}
    heard = check(MongoDecoder, [command(1, body)])
    assert find(heard.tree(heard.units[0]), "payload", "value").value == MASK


@pytest.mark.parametrize(
    "document",
    [
        b"\x05\0\0\0\1",
        b"\x09\0\0\0\x10a\0\0\0",
        b"\x08\0\0\0\x77a\0\0",
        b"\x08\0\0\0\x08aa\0",
        b"\x09\0\0\0\x08a\0\2\0",
        b"\xff\0\0\0\0",
        b"\x0c\0\0\0\x02a\0\0\0\0\0\0",
    ],
)
def test_what_is_no_document(document: bytes) -> None:
    heard = check(
        MongoDecoder, [(TO_SERVER, write_msg(1, 0, document)), command(2, {"ping": 1, "$db": "d"})]
    )
    assert heard.units[1].name == "ping"
    assert any(one.why_not for one in every(heard.tree(heard.units[0])))


def test_damage_inside_is_left_where_it_is() -> None:
    body = bson.encode({"find": "t", "filter": {"a": 1}, "$db": "d"})
    damaged = body.replace(b"\x10a\0", b"\x77a\0")
    tree = message_tree(write_msg(1, 0, damaged), Scope.COMMAND)
    assert any(one.why_not for one in find(tree, "filter").children)
    assert find(tree, "$db", "value").value == "d"


def test_depth_and_size_have_bounds() -> None:
    document = b"\x05\0\0\0\0"
    for _ in range(1000):
        document = struct.pack("<i", len(document) + 8) + b"\3a\0" + document + b"\0"
    check(MongoDecoder, [(TO_SERVER, write_msg(1, 0, document))])
    many = write_msg(1, 0, bson.encode({"insert": "t", "documents": list(range(MAX_ELEMENTS + 9))}))
    tree = message_tree(many, Scope.COMMAND)
    demand_accounting(tree, len(many))
    assert any(one.why_not for one in every(tree))


def test_no_stream_of_this_protocol_is_given_up() -> None:
    heard = hear(MongoDecoder(), [(TO_SERVER, b"GET / HTTP/1.1\r\n\r\n"), (TO_CLIENT, bytes(20))])
    assert {one.role for one in heard.units} == {Role.BROKEN}


def test_a_strange_message_does_not_end_the_decoding() -> None:
    ping = {"ping": 1, "$db": "d"}
    strange = (TO_SERVER, framed(3000, 2, 0, b"what"))
    gone = (TO_SERVER, framed(OpCode.OP_GET_MORE, 4, 0, b"what is this"))
    heard = check(MongoDecoder, [command(1, ping), strange, gone, command(3, ping)])
    names_of = [one.name for one in heard.units]
    assert names_of == ["ping", "opcode 3000", "OP_GET_MORE", "ping"]


def test_the_vocabulary_is_large_and_complete() -> None:
    assert len(names()) > 150
    words = "find filter firstBatch $db lsid txnNumber readConcern $clusterTime q u nModified"
    assert set(words.split()) <= names()
    for scope in (Scope.COMMAND, Scope.REPLY):
        demand_meanings(
            message_tree(write_msg(1, 0, bson.encode(dict.fromkeys(names(), 1))), scope)
        )


def test_damage_stays_where_it_is() -> None:
    talk = [
        with_sequence(1),
        reply(2, 1, EVERYTHING),
        (TO_SERVER, compressed(with_sequence(3)[1], 2)),
        command(4, {"a": 1}, CHECKSUM_PRESENT),
    ]
    check(MongoDecoder, talk)
    demand_survival(MongoDecoder, talk, rounds=1500)


def test_names_of_fields_are_kept_as_they_are() -> None:
    tree = message_tree(write_msg(1, 0, bson.encode({"a.b": {"[0]": {"": 1}}})), Scope.USER)
    inner: Field = find(tree, "a.b", "[0]", "")
    assert inner.value == 1


def asked_and_answered(*numbers: int) -> list[tuple[Direction, bytes]]:
    """A server is asked, and asked again before it has answered."""
    commands = [command(one, {"find": f"things {one}", "$db": "shop"}) for one in numbers]
    return [*commands, *(reply(one + 100, one, {"ok": 1.0}) for one in numbers)]


@pytest.mark.parametrize("heard", [0, 1, 4])
def test_behind_a_gap_commands_find_their_replies_again(heard: int) -> None:
    talk = [*asked_and_answered(1, 2), *asked_and_answered(3, 4), *asked_and_answered(5)]
    for gone in range(1, 9 - heard):
        units = behind_gap(MongoDecoder, talk, gone, heard)
        assert Role.BROKEN not in {one.role for one in units}
        asked, answered = units[-2:]
        assert (asked.name, asked.exchange) == ("find", "5")
        assert (answered.name, answered.exchange) == ("find", "5")
        # A reply whose command nobody heard is told, and given to no other command.
        commands = {one.exchange for one in units if one.role is Role.REQUEST}
        strange = [
            one for one in units if one.role is Role.RESPONSE and one.exchange not in commands
        ]
        assert {one.name for one in strange} <= {"OP_MSG"}


def test_behind_a_gap_the_rest_of_a_message_is_taken_for_no_message() -> None:
    (_, data), (_, answer) = asked_and_answered(1)
    for cut in range(1, len(data)):
        decoder = MongoDecoder()
        units = decoder.skip(TO_SERVER, cut) + decoder.feed(TO_SERVER, data[cut:])
        assert [one.name for one in units] == ["not decoded"], cut
        units = decoder.feed(TO_SERVER, data) + decoder.feed(TO_CLIENT, answer)
        assert [one.name for one in units] == ["find", "find"]


def test_behind_a_gap_a_message_may_come_in_pieces() -> None:
    _, data = command(7, {"insert": "things", "$db": "shop", "text": "чай" * 100})
    decoder = MongoDecoder()
    found = decoder.skip(TO_SERVER, 1_000_000)
    for at in range(0, len(data), 100):
        found += decoder.feed(TO_SERVER, data[at : at + 100])
    assert [(one.name, one.start, one.end) for one in found] == [
        ("insert", 1_000_000, 1_000_000 + len(data))
    ]
