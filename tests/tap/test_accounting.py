"""What of a recording is understood: counted by protocol, bugs of decoders named."""

import struct
from collections.abc import Callable

import bson
from pamqp import commands, frame

from stend.kit.fields import Field, Meaning, undecoded
from stend.kit.languages import Text
from stend.tap.accounting import Report, account_all
from stend.tap.reading import Reading
from stend.tap.recording import CHUNK_OVERHEAD_BYTES, Place, Recording
from stend.wire.decoding import Half, Role, StreamDecoder, Undecodable, Unit
from stend.wire.kafka import codec
from stend.wire.kafka.headers import request_header, response_header
from stend.wire.stacks.choosing import decoder_for
from tests.tap.files.recordings import DOWN, UP, recording, talk

_PLACE = Place("client", "lines", "lines")
_MEANING = Meaning(Text(ru="Строка.", en="A line."), "§1")
_WHY = Text(ru="потому что", en="because")

Tree = Callable[[bytes], tuple[Field, ...]]


def _line(data: bytes) -> tuple[Field, ...]:
    return (Field("line", "text", data, 0, len(data), _MEANING),)


class _Lines(StreamDecoder):
    """A line is a unit."""

    protocol = "lines"

    def __init__(self, read: Tree, shift: int = 0) -> None:
        super().__init__()
        self._read, self._shift = read, shift

    def _cut(self, half: Half) -> Unit | None:
        size = half.data.find(b"\n", half.at) + 1 - half.at
        if size <= 0:
            return None
        start = half.start + self._shift
        return Unit(
            "lines", "line", half.direction, start, half.start + size, Role.MESSAGE, self._read
        )


def _report(made: Recording, read: Tree = _line, shift: int = 0) -> Report:
    return account_all(Reading(made, lambda _: _Lines(read, shift)))


def _said(*lines: bytes, ends: bool = True) -> Recording:
    made = recording()
    talk(made, _PLACE, [(UP, line) for line in lines], ends=ends)
    return made


def test_what_has_a_name_is_all_there_is() -> None:
    report = _report(_said(b"one\ntwo\n", b"three\n"))
    row = report.rows["lines"]
    assert (row.connections, row.units, row.exchanges, row.bytes, row.named) == (1, 3, 3, 14, 14)
    assert row.share == 1
    assert report.is_whole


def test_bytes_without_a_name_are_counted_by_their_reason() -> None:
    def read(data: bytes) -> tuple[Field, ...]:
        return (*_line(data[:1]), undecoded(1, len(data), _WHY))

    report = _report(_said(b"one\n", b"two\n"), read)
    assert report.rows["lines"].undecoded == {_WHY: 6}
    assert report.rows["lines"].share == 0.25
    assert not report.is_whole


def test_a_tree_that_does_not_tile_is_told_with_the_id_of_its_exchange() -> None:
    report = _report(_said(b"one\n", b"two\n"), lambda data: _line(data[:2]))
    row = report.rows["lines"]
    assert row.errors_count == 2
    assert row.errors[0].startswith("c1.1 line: ValueError: the pieces end at 2")
    assert (row.named, row.undecoded.total()) == (0, 8)


def test_a_decoder_that_fails_is_told_and_not_raised() -> None:
    def read(data: bytes) -> tuple[Field, ...]:
        raise IndexError(data)

    assert "IndexError" in _report(_said(b"one\n"), read).rows["lines"].errors[0]

    def refuse(_: bytes) -> tuple[Field, ...]:
        raise Undecodable("потому что", "because")

    assert _report(_said(b"one\n"), refuse).rows["lines"].undecoded == {_WHY: 4}


def test_units_that_leave_bytes_out_are_told() -> None:
    report = _report(_said(b"one\n"), shift=1)
    assert report.rows["lines"].errors[0] == "c1.1 line begins at 1, not at 0"


def test_what_has_not_come_whole_and_what_is_cut_off_is_counted_apart() -> None:
    made = _said(b"one\ntw", ends=False)
    assert _report(made).unfinished_bytes == 2
    assert _report(made).is_whole
    made = recording(limit_bytes=2 * (CHUNK_OVERHEAD_BYTES + 4))
    talk(made, _PLACE, [(UP, b"abc\n")] * 3)
    report = _report(made)
    assert (report.cut_off_connections, report.cut_off_bytes, report.rows) == (1, 8, {})


# ---- encoding again ----------------------------------------------------------------------------


def _row_of(protocol: str, *parts: tuple[bytes, bytes]) -> Report:
    made = recording()
    place = Place("client", protocol, protocol)
    talk(
        made,
        place,
        [(way, data) for pair in parts for way, data in zip((UP, DOWN), pair, strict=True)],
    )
    return account_all(Reading(made, decoder_for))


def test_methods_and_content_of_amqp_come_out_the_same() -> None:
    start = commands.Connection.Start(0, 9, {"a": 1, "b": {"c": [True, "x"]}}, "PLAIN", "en_US")
    heartbeat = b"\x08\x00\x00\x00\x00\x00\x00\xce"
    report = _row_of("amqp", (b"AMQP\x00\x00\x09\x01", frame.marshal(start, 0)), (heartbeat, b""))
    row = report.rows["amqp"]
    assert (row.re_encoded, row.re_encoded_equal, row.differences) == (3, 3, [])


def test_requests_and_responses_of_kafka_come_out_the_same() -> None:
    asked = request_header(18, 3, 7, "me") + codec.request(18, 3).encode(
        {"client_software_name": "x", "client_software_version": "1"}
    )
    said = response_header(18, 3, 7) + codec.response(18, 3).encode(
        {"error_code": 0, "api_keys": [{"api_key": 1, "min_version": 0, "max_version": 9}]}
    )
    sized = [struct.pack(">i", len(one)) + one for one in (asked, said)]
    row = _row_of("kafka", (sized[0], sized[1])).rows["kafka"]
    assert (row.re_encoded, row.re_encoded_equal, row.differences) == (2, 2, [])


def test_documents_of_mongodb_come_out_the_same_and_a_doubled_name_is_told() -> None:
    body = bson.encode({"ping": 1, "$db": "admin", "at": bson.Int64(5), "n": [1.5, None, b"\0"]})
    double = b"\0\0\0\0\x10a\0\1\0\0\0\x10a\0\2\0\0\0\0"

    def message(document: bytes, number: int) -> bytes:
        return struct.pack("<iiiiIB", 21 + len(document), number, 0, 2013, 0, 0) + document

    row = _row_of("mongodb", (message(body, 1), b"")).rows["mongodb"]
    assert (row.re_encoded, row.re_encoded_equal, row.differences) == (1, 1, [])
    double = struct.pack("<i", len(double)) + double[4:]
    row = _row_of("mongodb", (message(double, 1), b"")).rows["mongodb"]
    assert (row.re_encoded, row.re_encoded_equal) == (1, 0)
    assert row.differences[0].startswith("c1.1 ")
