"""Sessions without sockets: what bytes become commands, and what is answered."""

import struct
from typing import Any

import bson
import pytest
from bson import Timestamp

from stend.engines.mongo.session import Job, RefusedError, Session
from stend.wire.mongo.frames import HEADER_BYTES, OpCode, framed, read_header
from stend.wire.mongo.messages import CHECKSUM_PRESENT, MORE_TO_COME, read_msg, write_msg

Document = dict[str, Any]
TIME = Timestamp(1, 1)
PING = {"ping": 1, "$db": "admin"}


def replies(session: Session) -> list[tuple[int, Document]]:
    found = []
    for data in session.take_output():
        header = read_header(data)
        body = read_msg(data).body if header.op_code == OpCode.OP_MSG else data[HEADER_BYTES + 20 :]
        found.append((header.response_to, bson.decode(body)))
    return found


def taken(session: Session) -> Job:
    job = session.take(TIME)
    assert job is not None
    return job


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_commands_come_one_by_one(step: int) -> None:
    session = Session()
    data = b"".join(write_msg(number, 0, bson.encode(PING)) for number in (5, 6))
    for at in range(0, len(data), step):
        session.receive(data[at : at + step])
    first = taken(session)
    assert (first.document, first.request_id) == (PING, 5)
    # The second has to wait for the answer to the first.
    assert session.take(TIME) is None
    assert not session.is_idle
    session.answer(first, {"ok": 1.0}, TIME)
    second = taken(session)
    session.answer(second, {"ok": 1.0}, TIME)
    assert replies(session) == [(5, {"ok": 1.0}), (6, {"ok": 1.0})]
    assert session.is_idle


def test_document_sequences_become_fields() -> None:
    body = bson.encode({"insert": "t", "$db": "x"})
    content = b"documents\0" + bson.encode({"_id": 1}) + bson.encode({"_id": 2})
    sequence = b"\1" + struct.pack("<i", len(content) + 4) + content
    session = Session()
    session.receive(framed(OpCode.OP_MSG, 1, 0, bytes(4), b"\0" + body + sequence))
    assert taken(session).document["documents"] == [{"_id": 1}, {"_id": 2}]


def test_a_field_twice_is_refused() -> None:
    body = bson.encode({"insert": "t", "documents": [], "$db": "x"})
    content = b"documents\0"
    sequence = b"\1" + struct.pack("<i", len(content) + 4) + content
    session = Session()
    session.receive(framed(OpCode.OP_MSG, 1, 0, bytes(4), b"\0" + body + sequence))
    assert session.take(TIME) is None
    ((_, answer),) = replies(session)
    assert (answer["ok"], answer["code"]) == (0.0, 22)


def test_who_waits_for_no_answer_gets_none() -> None:
    session = Session()
    session.receive(write_msg(1, 0, bson.encode(PING), MORE_TO_COME))
    session.receive(write_msg(2, 0, bson.encode(PING), CHECKSUM_PRESENT))
    silent = taken(session)
    session.answer(silent, {"ok": 1.0}, TIME)
    session.answer(taken(session), {"ok": 1.0}, TIME)
    assert [one for one, _ in replies(session)] == [2]


class TestOldForm:
    def query(self, document: Document, collection: bytes = b"admin.$cmd") -> bytes:
        content = bytes(4) + collection + b"\0" + bytes(8) + bson.encode(document)
        return framed(OpCode.OP_QUERY, 9, 0, content)

    def test_a_handshake(self) -> None:
        session = Session()
        session.receive(self.query({"ismaster": 1, "helloOk": True}))
        job = taken(session)
        assert job.document == {"ismaster": 1, "helloOk": True, "$db": "admin"}
        session.answer(job, {"ok": 1.0}, TIME)
        assert replies(session) == [(9, {"ok": 1.0})]

    def test_nothing_else(self) -> None:
        session = Session()
        session.receive(self.query({"find": "t"}))
        session.receive(self.query({"ismaster": 1}, b"test.things"))
        assert session.take(TIME) is None
        assert [answer["code"] for _, answer in replies(session)] == [352, 352]


@pytest.mark.parametrize(
    "data",
    [
        framed(OpCode.OP_COMPRESSED, 1, 0, bytes(9)),
        framed(OpCode.OP_INSERT, 1, 0, bytes(9)),
        framed(OpCode.OP_MSG, 1, 0, bytes(4)),
        framed(7, 1, 0),
    ],
)
def test_what_ends_the_connection(data: bytes) -> None:
    session = Session()
    session.receive(data)
    with pytest.raises(RefusedError):
        session.take(TIME)


def test_no_frame() -> None:
    with pytest.raises(RefusedError):
        Session().receive(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")


def nested(levels: int) -> bytes:
    document = b"\x05\0\0\0\0"
    for _ in range(levels):
        document = struct.pack("<i", len(document) + 8) + b"\3a\0" + document + b"\0"
    return document


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"\x08\0\0\0\x77a\0\0", 22),
        (b"\x0d\0\0\0\x02a\0\xff\0\0\0\0\0", 22),
        (b"\x0e\0\0\0\x02a\0\2\0\0\0\xff\0\0", 22),
        (nested(230), 15),
        (nested(50_000), 22),
    ],
    ids=["type", "length", "utf8", "deep", "deeper"],
)
def test_bson_that_is_none_is_answered(body: bytes, code: int) -> None:
    session = Session()
    session.receive(write_msg(3, 0, body))
    session.receive(write_msg(4, 0, bson.encode(PING)))
    assert taken(session).request_id == 4
    ((to, answer),) = replies(session)
    assert (to, answer["ok"], answer["code"]) == (3, 0.0, code)


def test_a_reply_that_is_too_large_is_an_error() -> None:
    session = Session()
    session.receive(write_msg(1, 0, bson.encode(PING)))
    session.answer(taken(session), {"values": ["x" * 1_000_000] * 17}, TIME)
    ((_, answer),) = replies(session)
    assert answer["code"] == 10334


def test_references_are_plain_documents() -> None:
    session = Session()
    document = {"insert": "t", "documents": [{"r": bson.DBRef("c", 1)}], "$db": "x"}
    session.receive(write_msg(1, 0, bson.encode(document)))
    assert taken(session).document["documents"] == [{"r": {"$ref": "c", "$id": 1}}]


def test_a_full_queue_is_not_listened_to() -> None:
    session = Session()
    session.receive(b"".join(write_msg(number, 0, bson.encode(PING)) for number in range(40)))
    assert not session.is_listening
    while job := session.take(TIME):
        session.answer(job, {"ok": 1.0}, TIME)
    assert session.is_listening
