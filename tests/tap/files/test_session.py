"""A session file gives back what was recorded, and nothing but StendError for any other bytes."""

import json
import random
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import pytest

from stend.kit.errors import StendError
from stend.tap.files.session import Extras, Traces, load, save
from stend.tap.reading import Reading
from stend.tap.recording import CHUNK_OVERHEAD_BYTES, Connection, Place, Recording
from stend.tap.showing import detail, summary
from stend.wire.stacks.choosing import decoder_for
from tests.tap.files.recordings import DOWN, HTTP, UP, recording, redis_talk, talk

_EXTRAS = Extras(
    "0.1.0",
    "2026-09-21T13:46:40Z",
    [{"id": "f1", "kind": "latency", "seed": 7}],
    taps=((HTTP, 8100), (Place("catalog", "redis", "redis"), 40_000)),
    let_go_exchanges=3,
    traces=Traces(2, 5, 10_000, 100_000, 1, 7, b"spans of OTLP"),
)
_ROUNDS = 3_000


def _full() -> Recording:
    made = recording()
    talk(made, HTTP, [(UP, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"), (DOWN, b"HTTP/1.1 204 \r\n\r\n")])
    redis_talk(made)
    talk(made, HTTP, [(UP, b"\x00\xff" * 3000)], ends=False)
    last = made.connections[3]
    made.noted(last, "задержка 100 ms")
    return made


def _told(one: Connection) -> tuple[object, ...]:
    streams = [one.stream(way) for way in (UP, DOWN)]
    return (
        (one.number, one.place, one.peer, one.opened_ns, one.closed_ns, one.notes),
        [(stream.first, stream.total, stream.ended_ns) for stream in streams],
        [list(stream.kept()) for stream in streams],
    )


def test_a_session_gives_back_everything_that_was_recorded() -> None:
    made = _full()
    again, extras = load(save(made, _EXTRAS))
    assert extras == _EXTRAS
    assert again.figures() == made.figures()
    assert [_told(one) for one in again.connections.values()] == [
        _told(one) for one in made.connections.values()
    ]


def test_exchanges_have_the_ids_and_moments_that_they_had() -> None:
    made = _full()
    first, again = (Reading(one, decoder_for) for one in (made, load(save(made, _EXTRAS))[0]))
    first.advance()
    again.advance()
    told = [summary(first, one) for one in first.all()]
    assert told
    assert [summary(again, one) for one in again.all()] == told
    for seen in first.all():
        other = again.one(seen.id)
        assert other is not None
        assert detail(again, other) == detail(first, seen)


def test_what_the_ring_let_go_of_is_missing_and_counted_in_the_file_too() -> None:
    made = recording(limit_bytes=3 * (CHUNK_OVERHEAD_BYTES + 100))
    talk(made, HTTP, [(UP, b"%100d" % number) for number in range(5)])
    again, _ = load(save(made, _EXTRAS))
    assert again.connections[1].to_server.first == 200
    assert again.connections[1].to_server.bytes_between(200, 500) is not None
    assert again.connections[1].to_server.bytes_between(199, 500) is None
    assert again.figures().let_go_bytes == 200
    again.clear()
    assert again.figures().held_bytes == 0


def test_a_copy_stays_as_it_was_while_more_passes() -> None:
    made = _full()
    copy = made.copied()
    file = save(copy, _EXTRAS)
    made.passed(made.connections[3], made.connections[3].to_client, b"later")
    made.clear()
    assert save(copy, _EXTRAS) == file
    assert load(file)[0].connections[3].to_client.total == 0


def test_a_ring_of_one_byte_again_and_again_is_no_bomb() -> None:
    made = recording(limit_bytes=1 << 30)
    talk(made, HTTP, [(UP, bytes(1 << 20))] * 65)
    again, _ = load(save(made, _EXTRAS))
    assert again.connections[1].to_server.total == 65 << 20


def _changed(name: str, content: bytes | None, method: int = ZIP_DEFLATED) -> bytes:
    """A session with another `name` in it."""
    entries: dict[str, bytes | None]
    with ZipFile(BytesIO(save(_full(), _EXTRAS))) as archive:
        entries = {one: archive.read(one) for one in archive.namelist()}
    entries[name] = content
    changed = BytesIO()
    with ZipFile(changed, "w", method) as archive:
        for one, data in entries.items():
            if data is not None:
                archive.writestr(one, data)
    return changed.getvalue()


def _manifest(**changes: object) -> bytes:
    with ZipFile(BytesIO(save(_full(), _EXTRAS))) as archive:
        told = json.loads(archive.read("session.json"))
    return _changed("session.json", json.dumps(told | changes).encode())


def _row(**changes: object) -> bytes:
    row: dict[str, object] = dict.fromkeys(("source", "target", "protocol", "peer"), "x")
    row |= {"number": 1, "opened_ns": 1, "closed_ns": None, "ended_ns": [None, None]}
    row |= {"first": [0, 0], "chunks": [], "notes": []}
    return _manifest(connections=[row | changes])


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "not a zip file"),
        (b"GET / HTTP/1.1", "not a zip file"),
        (_changed("session.json", None), "no session of stend"),
        (_changed("bytes.bin", None), "no session of stend"),
        (_changed("session.json", b"{"), "damaged"),
        (_changed("session.json", b"[" * 100_000), "damaged"),
        (_changed("session.json", b"[]"), "damaged"),
        (_changed("traces.otlp", None), "different things about traces"),
        (_manifest(traces=None), "different things about traces"),
        (_manifest(taps=[{"source": "a", "target": "b", "protocol": "c", "port": 65_536}]), "port"),
        (_manifest(let_go_exchanges=-1), "let_go_exchanges"),
        (_changed("bytes.bin", b"x"), "ends within the connection c1"),
        (_changed("bytes.bin", bytes(1 << 20)), "more than there are chunks"),
        (_changed("bytes.bin", b"x" * 9000, ZIP_BZIP2), "compressed by method 12"),
        (_changed("bytes.bin", bytes(70 << 20)), "too large"),
        (_manifest(format=3), "newer stend. Got: format 3"),
        (_manifest(format=0), "no format 0"),
        (_manifest(format="1"), "format"),
        (_manifest(more=1), "more"),
        (_manifest(wall_offset_ns=10**30), "wall_offset_ns"),
        (_manifest(connections=[{"number": 1}]), "connections.0.source"),
        (_row(number=0), "connections.0.number"),
        (_row(number=True), "connections.0.number"),
        (_row(peer="\ud800"), "damaged"),
        (_row(opened_ns=-(10**18) * 9), "no date"),
        (_row(closed_ns=10**18 * 253), "no date"),
        (_row(chunks=[[2, 1, 1]]), "chunks.0.0"),
        (_row(chunks=[[0, 1, 0]]), "chunks.0.2"),
        (_row(chunks=[[0, 9, 1], [0, 8, 1]]), "not in their order"),
        (_row(chunks=[[0, 1, 1 << 40]]), "ends within"),
    ],
)
def test_what_is_no_session_is_refused_with_the_reason_and_what_to_do(
    data: bytes, told: str
) -> None:
    with pytest.raises(StendError) as refused:
        load(data)
    assert told in refused.value.detail
    assert "stend tap export" in refused.value.detail


def test_damaged_files_are_read_or_refused_and_nothing_else() -> None:
    chance = random.Random(1)
    file = save(_full(), _EXTRAS)
    refused = 0
    for _ in range(_ROUNDS):
        damaged = bytearray(file)
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(damaged))
            if chance.random() < 0.8:
                damaged[at] = chance.randrange(256)
            else:
                del damaged[at : at + chance.randrange(1, 50)]
        try:
            load(bytes(damaged))
        except StendError:
            refused += 1
    assert refused > _ROUNDS // 2


def test_damaged_manifests_are_read_or_refused_and_nothing_else() -> None:
    chance = random.Random(2)
    with ZipFile(BytesIO(save(_full(), _EXTRAS))) as archive:
        told = archive.read("session.json")
    for _ in range(300):
        damaged = bytearray(told)
        for _ in range(chance.randrange(1, 3)):
            at = chance.randrange(len(damaged))
            damaged[at : at + chance.randrange(3)] = chance.choice((b"9", b"-", b"0", b"]", b'"'))
        try:
            again, _ = load(_changed("session.json", bytes(damaged)))
        except StendError:
            continue
        reading = Reading(again, decoder_for)
        reading.advance()
        for seen in reading.all():
            detail(reading, seen)
