"""The ring: what is kept, what is let go, and that the count of it is right."""

import pytest

from stend.tap.recording import CHUNK_OVERHEAD_BYTES, Connection, Place, Recording, Stream
from stend.wire.decoding import Direction
from tests.fakes.wire import Ticks

PLACE = Place("orders", "payments", "http")
_ROOM_FOR_THREE = 3 * (100 + CHUNK_OVERHEAD_BYTES)


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def ring(ticks: Ticks) -> Recording:
    return Recording(_ROOM_FOR_THREE, lambda: 1_000, ticks)


def opened(ring: Recording) -> Connection:
    return ring.opened(PLACE, "127.0.0.1:1")


def test_bytes_are_found_by_their_offset_across_chunks() -> None:
    stream = Stream(1)
    for data in (b"abc", b"defgh", b"i"):
        stream.append(0, data)
    assert stream.bytes_between(0, 9) == b"abcdefghi"
    assert stream.bytes_between(2, 4) == b"cd"
    assert stream.bytes_between(4, 5) == b"e"
    assert stream.bytes_between(5, 5) == b""
    assert stream.bytes_between(8, 10) is None


def test_what_was_let_go_is_not_found_and_the_rest_still_is() -> None:
    stream = Stream(1)
    for number in range(10):
        stream.append(0, b"%02d" % number)
    for _ in range(7):
        stream.let_go()
    assert stream.first == 14
    assert stream.bytes_between(12, 16) is None
    assert stream.bytes_between(14, 20) == b"070809"
    assert [chunk.data for chunk in stream.since(16)] == [b"08", b"09"]


def test_a_stream_without_chunks_begins_where_it_ends() -> None:
    stream = Stream(1)
    stream.append(0, b"abc")
    stream.let_go()
    assert (stream.first, stream.total) == (3, 3)
    assert list(stream.since(3)) == []


def test_the_oldest_chunks_of_all_connections_go_first(ring: Recording) -> None:
    one, two = opened(ring), opened(ring)
    ring.passed(one, one.to_server, b"a" * 100)
    ring.passed(two, two.to_server, b"b" * 100)
    ring.passed(one, one.to_client, b"c" * 100)
    assert ring.figures().let_go_chunks == 0
    ring.passed(two, two.to_client, b"d" * 100)
    figures = ring.figures()
    assert (figures.let_go_chunks, figures.let_go_bytes) == (1, 100)
    assert figures.recorded_bytes == 400
    assert figures.held_bytes == _ROOM_FOR_THREE
    assert one.to_server.first == one.to_server.total == 100
    assert two.to_server.bytes_between(0, 100) == b"b" * 100


def test_a_chunk_larger_than_the_ring_is_let_go_and_counted(ring: Recording) -> None:
    one = opened(ring)
    ring.passed(one, one.to_server, b"x" * 10_000)
    assert ring.figures().let_go_bytes == 10_000
    assert ring.figures().held_bytes == 0


def test_who_reads_is_asked_before_anything_goes(ring: Recording) -> None:
    seen: list[tuple[int, int]] = []
    ring.before_letting_go = lambda them: seen.extend(
        (one.number, one.to_server.first) for one in them
    )
    one = opened(ring)
    for _ in range(4):
        ring.passed(one, one.to_server, b"x" * 100)
    assert seen == [(1, 0)]


def test_clearing_counts_as_letting_go(ring: Recording) -> None:
    one = opened(ring)
    ring.passed(one, one.to_server, b"x" * 100)
    ring.clear()
    assert ring.figures().let_go_bytes == 100
    assert ring.figures().held_bytes == 0


def test_times_are_the_wall_clocks(ring: Recording, ticks: Ticks) -> None:
    ticks.now_ns = 50
    one = opened(ring)
    assert ring.wall_ns(one.opened_ns) == 1_050


def test_a_connection_ends_once_in_both_directions(ring: Recording, ticks: Ticks) -> None:
    one = opened(ring)
    ticks.now_ns = 5
    ring.ended(one, one.to_server)
    ticks.now_ns = 9
    ring.closed(one)
    ticks.now_ns = 20
    ring.closed(one)
    assert [one.stream(direction).ended_ns for direction in Direction] == [5, 9]
    assert one.closed_ns == 9


def test_closed_connections_without_bytes_do_not_pile_up(ring: Recording) -> None:
    for _ in range(5_000):
        ring.closed(opened(ring))
    assert len(ring.connections) <= 2_000


def test_notes_go_with_the_bytes_they_are_about(ticks: Ticks) -> None:
    ring = Recording(200 * (100 + CHUNK_OVERHEAD_BYTES), lambda: 0, ticks)
    one = opened(ring)
    for number in range(1_000):
        ticks.now_ns = number
        ring.passed(one, one.to_server, b"x" * 100)
        ring.noted(one, "a fault struck")
    assert [note.at_ns for note in one.notes] == list(range(800, 1_000))
    # Nothing is kept of it any more: the last notes still are.
    ring.clear()
    ring.noted(one, "closed by a fault")
    assert len(one.notes) == 100
    assert one.notes[-1].text == "closed by a fault"
