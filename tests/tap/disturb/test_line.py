"""Disturbances through the line that carries them out, on a clock that the test moves."""

import random
from collections.abc import Iterator

import pytest

from stend.tap.disturb.catalogue import KINDS
from stend.tap.disturb.kinds import Strikes
from stend.tap.disturb.line import Line
from stend.wire.decoding import StreamDecoder
from tests.tap.disturb.talking import DOWN, UP, Ends, HandLoop


def _none() -> StreamDecoder:
    raise AssertionError("these faults know bytes only")


class World:
    def __init__(self) -> None:
        self.loop = HandLoop()
        self.ends = Ends(self.loop)
        self.line = Line(self.ends, self.loop)
        self.struck = 0

    def set(self, name: str, **numbers: float) -> None:
        kind = KINDS[name]
        values = {one.name: one.default for one in kind.parameters} | numbers
        make = kind.begin()
        one = make(Strikes(values, random.Random(1), 1.0, self._count, _none))
        self.line.disturb({"f1": one})

    def _count(self) -> None:
        self.struck += 1


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.loop.close()


def test_without_a_fault_everything_passes_at_once(world: World) -> None:
    world.line.received(UP, b"ask")
    world.line.received(DOWN, b"yes")
    world.line.finished(UP)
    assert world.ends.log == [(0, "up", b"ask"), (0, "down", b"yes"), (0, "fin", UP)]
    assert world.line.is_idle


def test_latency_delays_answers_and_keeps_their_order(world: World) -> None:
    world.set("latency", latency_ms=200)
    world.line.received(UP, b"ask")
    world.line.received(DOWN, b"1")
    world.loop.pass_by(0.15)
    world.line.received(DOWN, b"2")
    world.line.finished(DOWN)
    world.loop.pass_by(1)
    assert world.ends.log == [
        (0, "up", b"ask"),
        (0.2, "down", b"1"),
        (0.35, "down", b"2"),
        (0.35, "fin", DOWN),
    ]
    assert world.struck == 2


def test_jitter_never_lets_one_answer_overtake_another(world: World) -> None:
    world.set("jitter", latency_ms=100, jitter_ms=100)
    for number in range(20):
        world.line.received(DOWN, b"%02d" % number)
        world.loop.pass_by(0.01)
    world.loop.pass_by(1)
    arrived = [data for _, _, data in world.ends.log]
    assert arrived == [b"%02d" % number for number in range(20)]
    assert len({time for time, _, _ in world.ends.log}) > 5


def test_bandwidth_is_the_rate_that_was_asked_for(world: World) -> None:
    world.set("bandwidth", kbit_s=80)
    world.line.received(DOWN, b"x" * 20_000)
    world.loop.pass_by(10)
    assert sum(len(data) for _, _, data in world.ends.log) == 20_000
    # 10,000 bytes a second.
    assert world.ends.log[-1][0] == pytest.approx(2.0, abs=0.01)


def test_a_slow_line_stops_the_sender_before_memory_fills(world: World) -> None:
    world.set("bandwidth", kbit_s=8000)
    world.line.received(DOWN, b"x" * 2 * 1024 * 1024)
    assert (0, "hold", DOWN) in world.ends.log
    world.loop.pass_by(10)
    assert [what for _, what, _ in world.ends.log if what == "go on"] == ["go on"]


def test_the_slicer_cuts_into_pieces_with_pauses(world: World) -> None:
    world.set("slicer", piece_bytes=2, pause_ms=10)
    world.line.received(UP, b"abcde")
    world.loop.pass_by(1)
    assert world.ends.log == [(0, "up", b"ab"), (0.01, "up", b"cd"), (0.02, "up", b"e")]


def test_a_cut_lets_so_many_bytes_of_the_answer_pass(world: World) -> None:
    world.set("cut", after_bytes=5)
    world.line.received(UP, b"a long question")
    world.line.received(DOWN, b"abc")
    world.line.received(DOWN, b"defgh")
    world.line.received(DOWN, b"more")
    assert [one for one in world.ends.log if one[1] != "up"] == [
        (0, "down", b"abc"),
        (0, "down", b"de"),
        (0, "fin", DOWN),
        (0, "fin", UP),
    ]
    assert world.struck == 1
    assert world.ends.notes == ["cut: the connection ends after the bytes that were allowed"]


def test_a_reset_comes_so_long_after_the_first_bytes(world: World) -> None:
    world.set("reset", after_ms=50)
    world.line.received(UP, b"ask")
    world.loop.pass_by(0.1)
    world.line.received(DOWN, b"too late")
    assert world.ends.log == [(0, "up", b"ask"), (0.05, "reset", "")]


def test_refused_is_reset_before_anything_is_said(world: World) -> None:
    world.set("refuse")
    world.line.opened()
    assert world.ends.log == [(0, "reset", "")]


def test_an_open_connection_is_refused_with_its_next_bytes(world: World) -> None:
    world.line.received(UP, b"before")
    world.set("refuse")
    world.line.received(UP, b"after")
    assert world.ends.log == [(0, "up", b"before"), (0, "reset", "")]


def test_a_black_hole_swallows_and_stays_open(world: World) -> None:
    world.set("black_hole")
    world.line.received(UP, b"ask")
    world.line.received(DOWN, b"yes")
    world.loop.pass_by(100)
    assert world.ends.log == []
    assert world.struck == 2
    assert len(world.ends.notes) == 1


def test_when_a_fault_ends_what_is_on_its_way_still_arrives_in_order(world: World) -> None:
    world.set("latency", latency_ms=200)
    world.line.received(DOWN, b"1")
    world.line.disturb({})
    world.line.received(DOWN, b"2")
    assert not world.line.is_idle
    world.loop.pass_by(1)
    assert [data for _, _, data in world.ends.log] == [b"1", b"2"]
    assert world.line.is_idle


def test_the_same_seed_gives_the_same_delays() -> None:
    def delays() -> list[float]:
        world = World()
        world.set("jitter")
        for _ in range(5):
            world.line.received(DOWN, b"x")
            world.loop.pass_by(1)
        world.loop.close()
        return [time for time, _, _ in world.ends.log]

    assert delays() == delays()


def test_two_faults_are_felt_one_after_the_other(world: World) -> None:
    first, second = KINDS["latency"].begin(), KINDS["slicer"].begin()
    latency = Strikes(
        {"latency_ms": 100, "jitter_ms": 0}, random.Random(1), 1.0, world._count, _none
    )
    slicer = Strikes({"piece_bytes": 1, "pause_ms": 10}, random.Random(1), 1.0, world._count, _none)
    world.line.disturb({"f1": first(latency), "f2": second(slicer)})
    world.line.received(DOWN, b"ab")
    world.loop.pass_by(1)
    assert world.ends.log == [(0.1, "down", b"a"), (0.11, "down", b"b")]
