"""Chunks to exchanges: times, gaps, forgetting, and that nothing is read twice."""

from stend.kit.fields import Field, Meaning
from stend.kit.languages import Text
from stend.tap.reading import Reading
from stend.tap.recording import Connection, Place, Recording
from stend.wire.decoding import Direction, Half, Role, StreamDecoder, Undecodable, Unit
from tests.fakes.wire import Ticks

PLACE = Place("orders", "payments", "lines")
_MEANING = Meaning(Text(ru="строка", en="a line"), "here")
_UP, _DOWN = Direction.TO_SERVER, Direction.TO_CLIENT


def _read(data: bytes) -> tuple[Field, ...]:
    return (Field("line", "text", data.decode(), 0, len(data), _MEANING),)


class Lines(StreamDecoder):
    """Lines `7 text`, answered by lines with the same number; `!` is none."""

    protocol = "lines"

    def _cut(self, half: Half) -> Unit | None:
        end = half.data.find(b"\n", half.at)
        if end < 0:
            return None
        line = bytes(half.data[half.at : end + 1])
        if line.startswith(b"!"):
            raise Undecodable("не строка", "no line")
        is_answer = half.direction is _DOWN
        return Unit(
            "lines",
            line.decode().strip(),
            half.direction,
            half.start,
            half.start + len(line),
            Role.RESPONSE if is_answer else Role.REQUEST,
            _read,
            exchange=line.split()[0].decode(),
            is_last=True,
        )


class World:
    def __init__(self, ring_bytes: int = 1_000_000) -> None:
        self.ticks = Ticks()
        self.recording = Recording(ring_bytes, lambda: 0, self.ticks)
        # Reading takes no time of this clock: how busy the machine is does not matter.
        self.reading = Reading(self.recording, lambda _: Lines(), lambda: 0)

    def opened(self) -> Connection:
        return self.recording.opened(PLACE, "peer")

    def said(self, at: int, connection: Connection, direction: Direction, data: bytes) -> None:
        self.ticks.now_ns = at
        self.recording.passed(connection, connection.stream(direction), data)

    def names(self) -> list[list[str]]:
        self.reading.advance()
        return [[unit.name for unit in one.exchange.units] for one in self.reading.all()][::-1]


def test_a_request_and_its_answer_are_one_exchange_with_the_times_of_their_bytes() -> None:
    world = World()
    one = world.opened()
    world.said(10, one, _UP, b"1 as")
    world.said(20, one, _UP, b"k\n2 more\n")
    world.said(35, one, _DOWN, b"1 yes\n2 no\n")
    assert world.names() == [["1 ask", "1 yes"], ["2 more", "2 no"]]
    first, second = list(world.reading.all())[::-1]
    assert [tuple(one) for one in first.moments] == [(10, 20), (35, 35)]
    assert [tuple(one) for one in second.moments] == [(20, 20), (35, 35)]
    assert (first.began_ns, first.ended_ns) == (10, 35)
    assert first.size(_UP) == 6


def test_both_directions_are_read_in_the_order_in_which_they_passed() -> None:
    world = World()
    one = world.opened()
    for number in range(3):
        world.said(number * 10, one, _UP, b"%d ask\n" % number)
        world.said(number * 10 + 5, one, _DOWN, b"%d yes\n" % number)
    assert world.names() == [["0 ask", "0 yes"], ["1 ask", "1 yes"], ["2 ask", "2 yes"]]


def test_reading_goes_on_where_it_stopped() -> None:
    world = World()
    one = world.opened()
    world.said(1, one, _UP, b"1 ask\n")
    world.reading.advance()
    version = world.reading.version
    world.reading.advance()
    assert world.reading.version == version
    world.said(2, one, _DOWN, b"1 yes\n")
    world.reading.advance()
    (changed,) = world.reading.since(version)
    assert changed.id == "c1.1"
    assert [unit.name for unit in changed.exchange.units] == ["1 ask", "1 yes"]


def test_the_tree_and_the_bytes_of_a_unit_are_made_when_they_are_asked_for() -> None:
    world = World()
    one = world.opened()
    world.said(1, one, _UP, b"1 ask\n")
    world.reading.advance()
    seen = world.reading.one("c1.1")
    assert seen is not None
    unit = seen.exchange.first
    assert world.reading.data(seen, unit) == b"1 ask\n"
    assert world.reading.fields(seen, unit) == _read(b"1 ask\n")
    world.recording.clear()
    assert world.reading.data(seen, unit) is None
    assert world.reading.fields(seen, unit) is None


def test_the_end_of_a_connection_gives_what_is_left() -> None:
    world = World()
    one = world.opened()
    world.said(1, one, _UP, b"1 ask\n2 cut off")
    world.recording.closed(one)
    assert world.names() == [["1 ask"], ["not decoded"]]
    (cut, _) = world.reading.all()
    (leaf,) = world.reading.fields(cut, cut.exchange.first) or ()
    assert leaf.why_not is not None
    assert "ended" in leaf.why_not.en


def test_what_the_ring_lets_go_is_read_before_it_goes() -> None:
    """Else a connection that lives long could not be understood once its beginning is gone."""
    world = World(ring_bytes=5_000)
    one = world.opened()
    for number in range(50):
        world.said(number, one, _UP, b"%d ask\n" % number)
    names = world.names()
    assert names[-1] == ["49 ask"]
    assert all("not decoded" not in one for one in names)
    # Their bytes are gone, so they are gone, and counted.
    assert world.reading.let_go == 50 - len(names)


def test_a_gap_is_told_and_is_no_guess() -> None:
    world = World(ring_bytes=5_000)
    world.recording.before_letting_go = lambda _: None
    one = world.opened()
    for number in range(50):
        world.said(number, one, _UP, b"%d ask\n" % number)
    assert world.names() == [["not decoded"]] * 2
    (seen, *_) = world.reading.all()
    (leaf,) = world.reading.fields(seen, seen.exchange.first) or ()
    assert leaf.why_not is not None
    assert "let go" in leaf.why_not.en


def test_bytes_of_another_protocol_are_not_decoded_and_not_lost() -> None:
    world = World()
    one = world.opened()
    world.said(1, one, _UP, b"1 ask\n!what\n")
    world.said(2, one, _UP, b"more")
    assert world.names() == [["1 ask"], ["not decoded"], ["not decoded"]]
    sizes = [one.size(_UP) for one in world.reading.all()]
    assert sum(sizes) == one.to_server.total


def test_a_connection_that_says_nothing_costs_no_decoder() -> None:
    made: list[str] = []

    def decoder_for(protocol: str) -> StreamDecoder:
        made.append(protocol)
        return Lines()

    recording = Recording(1_000_000, lambda: 0)
    reading = Reading(recording, decoder_for)
    one = recording.opened(PLACE, "peer")
    recording.closed(one)
    reading.advance()
    assert made == []


def test_who_is_never_looked_at_keeps_no_more_than_the_ring() -> None:
    """Nobody calls advance(): exchanges, decoders and connections are forgotten all the same."""
    world = World(ring_bytes=20_000)
    for number in range(3_000):
        one = world.opened()
        world.said(number, one, _UP, b"1 ask\n")
        world.said(number, one, _DOWN, b"1 yes\n")
        world.recording.closed(one)
    assert len(list(world.reading.all())) < 20
    assert len(world.reading._readers) < 1_600
    assert len(world.recording.touched) < 600
    assert world.reading.let_go > 2_900


def test_lists_go_back_as_far_as_chunks_are_paid_for_in_the_ring() -> None:
    for ring_bytes in (240_000, 480_000):
        world = World(ring_bytes)
        one = world.opened()
        world.said(1, one, _UP, b"".join(b"%d ask\n" % number for number in range(300)))
        assert len(world.names()) == ring_bytes // 2_400
        assert world.reading.let_go == 300 - ring_bytes // 2_400


def test_a_stream_that_never_ends_grows_no_exchange_for_ever() -> None:
    world = World(ring_bytes=50_000)
    one = world.opened()
    for number in range(5_000):
        world.said(number, one, _UP, b"7 goes on\n")
    world.reading.advance()
    assert max(len(seen.exchange.units) for seen in world.reading.all()) <= 500


def test_what_is_never_answered_is_not_waited_for_for_ever() -> None:
    world = World(ring_bytes=50_000)
    one = world.opened()
    for number in range(5_000):
        world.said(number, one, _UP, b"%d ask\n" % number)
    world.reading.advance()
    assert len(world.reading._readers[1]._grouping._open) <= 1_000


def test_a_long_backlog_is_not_read_at_once() -> None:
    """Whatever passes waits while it is read."""
    world = World(ring_bytes=1_000_000)
    world.recording.on_nearly_full = lambda: None
    one = world.opened()
    for number in range(400):
        world.said(number, one, _UP, b"%d ask\n" % number)
    assert world.recording.make_room()
    assert world.reading._readers[one.number].exchanges == 64
