"""OP_MSG, OP_QUERY and OP_REPLY: bytes and what they say."""

import struct

import bson
import pytest
from pymongo import message as pymongo_message

from stend.wire.mongo.errors import WireError
from stend.wire.mongo.frames import MAX_MESSAGE_BYTES, OpCode, framed
from stend.wire.mongo.messages import (
    CHECKSUM_PRESENT,
    EXHAUST_ALLOWED,
    MORE_TO_COME,
    OpMsg,
    OpQuery,
    read_msg,
    read_query,
    write_msg,
    write_reply,
)

BODY = bson.encode({"ping": 1, "$db": "admin"})
DOCUMENTS = tuple(bson.encode({"_id": number}) for number in range(3))


def sequence(name: bytes, *documents: bytes) -> bytes:
    content = name + b"\0" + b"".join(documents)
    return b"\1" + struct.pack("<i", len(content) + 4) + content


def msg(*sections: bytes, flags: int = 0) -> bytes:
    return framed(OpCode.OP_MSG, 1, 0, struct.pack("<I", flags), *sections)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (msg(b"\0" + BODY), OpMsg(0, BODY)),
        (write_msg(1, 0, BODY, MORE_TO_COME), OpMsg(MORE_TO_COME, BODY)),
        (write_msg(1, 0, BODY, CHECKSUM_PRESENT), OpMsg(CHECKSUM_PRESENT, BODY)),
        (msg(b"\0" + BODY, flags=EXHAUST_ALLOWED), OpMsg(EXHAUST_ALLOWED, BODY)),
        # A bit of the upper half is nobody's business.
        (msg(b"\0" + BODY, flags=1 << 20), OpMsg(1 << 20, BODY)),
        (
            msg(b"\0" + BODY, sequence(b"documents", *DOCUMENTS)),
            OpMsg(0, BODY, (("documents", DOCUMENTS),)),
        ),
        (msg(sequence(b"a"), b"\0" + BODY), OpMsg(0, BODY, (("a", ()),))),
    ],
)
def test_op_msg(data: bytes, expected: OpMsg) -> None:
    assert read_msg(data) == expected


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (msg(), "no section of kind 0"),
        (msg(sequence(b"a")), "no section of kind 0"),
        (msg(b"\0" + BODY, b"\0" + BODY), "a second body"),
        (msg(b"\2" + BODY), "a section of kind 2"),
        (msg(b"\0" + BODY, flags=4), "unknown flag bits 0x4"),
        (msg(b"\0" + BODY[:-1]), "a document of"),
        (msg(b"\0" + BODY + b"\1"), "4 bytes, where 0 are left"),
        (msg(b"\0" + BODY + b"\1\xff\0\0\0a\0"), "a section of 255 bytes"),
        (msg(b"\0" + BODY + b"\1\5\0\0\0a\0"), "without its end"),
        (msg(b"\0" + BODY + b"\1\6\0\0\0\xff\0"), "not UTF-8"),
        (msg(b"\0\4\0\0\0"), "a document of 4 bytes"),
        (msg(b"\0" + BODY + b"\1\2\3\4", flags=CHECKSUM_PRESENT), "0x04030201, but it is"),
        (framed(OpCode.OP_MSG, 1, 0, b"\1\0"), "4 bytes, where 2 are left"),
        (framed(OpCode.OP_MSG, 1, 0, b"\1\0\0\0\0"), "no room for the checksum"),
        (b"short", "where a header has 16"),
    ],
)
def test_no_op_msg(data: bytes, told: str) -> None:
    with pytest.raises(WireError, match=told):
        read_msg(data)


def test_what_pymongo_writes_is_read() -> None:
    command = {"insert": "t", "documents": [{"_id": 1}, {"_id": 2}], "$db": "test"}
    _, data, _, _ = pymongo_message._op_msg(0, dict(command), "test", None, bson.CodecOptions())
    found = read_msg(data)
    assert found.sequences == (("documents", tuple(map(bson.encode, command["documents"]))),)  # type: ignore[arg-type]
    assert bson.decode(found.body)["insert"] == "t"


def test_op_query() -> None:
    content = struct.pack("<I", 4) + b"admin.$cmd\0" + struct.pack("<ii", 0, -1) + BODY
    made = framed(OpCode.OP_QUERY, 1, 0, content)
    assert read_query(made) == OpQuery(4, "admin.$cmd", 0, -1, BODY)
    with_fields = framed(OpCode.OP_QUERY, 1, 0, content, BODY)
    assert read_query(with_fields).query == BODY
    with pytest.raises(WireError, match="bytes behind the message"):
        read_query(framed(OpCode.OP_QUERY, 1, 0, content, BODY, b"x"))
    with pytest.raises(WireError, match="a cstring without its end"):
        read_query(framed(OpCode.OP_QUERY, 1, 0, b"\0\0\0\0abc"))


def test_op_reply() -> None:
    made = write_reply(1, 2, BODY)
    assert struct.unpack_from("<iiiiiqii", made) == (len(made), 1, 2, OpCode.OP_REPLY, 8, 0, 0, 1)
    assert made.endswith(BODY)


def test_the_bound_of_a_message_is_what_hello_tells() -> None:
    assert MAX_MESSAGE_BYTES == 48_000_000
