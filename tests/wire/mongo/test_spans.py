"""Every byte of a message is told once, with the field that it belongs to."""

import datetime as dt
import struct
import zlib

import bson
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

from stend.wire.mongo.errors import WireError
from stend.wire.mongo.frames import OpCode, framed
from stend.wire.mongo.messages import CHECKSUM_PRESENT, write_msg, write_reply
from stend.wire.mongo.spans import Span, document_spans, message_spans

_EVERYTHING = {
    "double": 1.5,
    "string": "жук",
    "object": {"a": {"b": []}},
    "array": [1, "two", [3.0], {"four": None}],
    "binData": Binary(b"123", 4),
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


def check_tiles(spans: list[Span], data: bytes) -> None:
    at = 0
    for span in spans:
        assert span.start == at, span
        assert span.end > at, span
        at = span.end
    assert at == len(data)


def _sections() -> bytes:
    documents = b"".join(bson.encode({"_id": number, "n": {"x": 1}}) for number in range(2))
    content = b"documents\0" + documents
    body = bson.encode({"insert": "t", "$db": "test"})
    sequence = b"\1" + struct.pack("<i", len(content) + 4) + content
    return framed(OpCode.OP_MSG, 1, 0, bytes(4), b"\0" + body + sequence)


def _query() -> bytes:
    body = bson.encode({"isMaster": 1})
    return framed(OpCode.OP_QUERY, 1, 0, bytes(4) + b"admin.$cmd\0" + bytes(8), body, body)


def _compressed() -> bytes:
    head = struct.pack("<iiB", OpCode.OP_MSG, 100, 2)
    return framed(OpCode.OP_COMPRESSED, 1, 0, head, zlib.compress(b"abc"))


_MESSAGES = {
    "all types": write_msg(1, 2, bson.encode(_EVERYTHING)),
    "checksum": write_msg(1, 2, bson.encode({"a": 1}), CHECKSUM_PRESENT),
    "sequence": _sections(),
    "query": _query(),
    "reply": write_reply(1, 2, bson.encode({"ok": 1.0})),
    "compressed": _compressed(),
    "unknown": framed(2005, 1, 0, b"what is this"),
    "empty": framed(2005, 1, 0),
}


@pytest.mark.parametrize("name", _MESSAGES)
def test_the_pieces_tile_the_message(name: str) -> None:
    check_tiles(message_spans(_MESSAGES[name]), _MESSAGES[name])


def test_values_have_their_paths() -> None:
    document = {"filter": {"price": {"$gt": 5}}, "tags": ["a", {"b": 2}]}
    spans = message_spans(write_msg(1, 2, bson.encode(document)))
    values = {one.path: (one.type, one.value) for one in spans if one.name == "value"}
    assert values == {
        "body.filter.price.$gt": ("int32", 5),
        "body.tags[0]": ("string", "a"),
        "body.tags[1].b": ("int32", 2),
    }


def test_a_document_alone() -> None:
    data = b"xx" + bson.encode(_EVERYTHING)
    spans = document_spans(data, 2)
    check_tiles([one._replace(start=one.start - 2, end=one.end - 2) for one in spans], data[2:])
    assert {one.path for one in spans} >= {"array[3].four", "scope.scope.y", "object.a.b"}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (framed(OpCode.OP_MSG, 1, 0, bytes(4), b"\2"), "a section of kind 2"),
        (framed(OpCode.OP_MSG, 1, 0, b"a"), "cut off"),
        (_MESSAGES["reply"][:-1], "bytes, told are"),
        (write_msg(1, 0, b"\x05\0\0\0\1"), "without its end"),
        (write_msg(1, 0, b"\x09\0\0\0\x10a\0\0\0"), "cut off|longer"),
        (write_msg(1, 0, b"\x08\0\0\0\x77a\0\0"), "type 0x77"),
        (write_msg(1, 0, b"\x08\0\0\0\x08aa\0"), "boolean|without its end"),
        (write_msg(1, 0, b"\x09\0\0\0\x08a\0\2\0"), "neither 0 nor 1"),
        (write_msg(1, 0, b"\xff\0\0\0\0"), "a document of 255 bytes"),
        (write_msg(1, 0, b"\x04\0\0\0"), "a document of 4 bytes"),
        (write_msg(1, 0, b"\x0c\0\0\0\x02a\0\0\0\0\0\0"), "a string of 0 bytes"),
    ],
)
def test_what_is_no_message(data: bytes, told: str) -> None:
    with pytest.raises(WireError, match=told):
        message_spans(data)


def test_depth_has_a_bound() -> None:
    document = b"\x05\0\0\0\0"
    for _ in range(300):
        document = struct.pack("<i", len(document) + 8) + b"\3a\0" + document + b"\0"
    with pytest.raises(WireError, match="deeper than 250"):
        document_spans(document)


def test_only_its_own_error_escapes_of_damaged_messages() -> None:
    for data in _MESSAGES.values():
        for at in range(len(data)):
            for value in (0, 1, 0x7F, 0xFF):
                damaged = data[:at] + bytes((value,)) + data[at + 1 :]
                try:
                    spans = message_spans(damaged)
                except WireError:
                    continue
                check_tiles(spans, damaged)
