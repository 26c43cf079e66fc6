"""Every decoder on what a whole stand has said: each byte named, damage survived, work linear."""

import sys
from collections import Counter
from types import FrameType
from typing import TYPE_CHECKING

import pytest

from stend.tap.accounting import account_all
from stend.tap.reading import Reading
from stend.wire.decoding import Direction
from stend.wire.stacks.choosing import decoder_for
from tests.long_runs import is_long_run
from tests.wire import captures
from tests.wire.checking import Talk, check, demand_survival, hear

if TYPE_CHECKING:
    from _typeshed import TraceFunction

pytestmark = pytest.mark.slow
# Mutated captures of each protocol.
_MUTATED = 200_000 if is_long_run() else 600
# Beginnings of connections: what damage does shows in a few messages.
_BEGINNING_BYTES = 1_500


def test_every_protocol_of_the_stand_has_a_capture() -> None:
    assert set(captures.PROTOCOLS) == {
        "amqp",
        "dns",
        "grpc",
        "http",
        "kafka",
        "mongodb",
        "mysql",
        "postgresql",
        "redis",
        "tls",
    }


@pytest.mark.parametrize("protocol", captures.PROTOCOLS)
def test_every_byte_belongs_to_a_named_field(protocol: str) -> None:
    report = account_all(Reading(captures.capture(protocol), decoder_for))
    for row in report.rows.values():
        assert row.errors == []
        assert row.undecoded == row.inner_undecoded == Counter()
        assert row.differences == []
    assert report.rows


@pytest.mark.parametrize("protocol", captures.PROTOCOLS)
def test_beginnings_are_read_the_same_however_their_bytes_come(protocol: str) -> None:
    for talk in captures.talks(protocol):
        check(lambda: decoder_for(protocol), captures.beginning(talk, _BEGINNING_BYTES))


@pytest.mark.parametrize("protocol", captures.PROTOCOLS)
def test_damage_gives_units_that_tile_and_never_an_error(protocol: str) -> None:
    talks = [captures.beginning(one, _BEGINNING_BYTES) for one in captures.talks(protocol)]
    for number, talk in enumerate(talks):
        rounds = -(-_MUTATED // len(talks))
        demand_survival(lambda: decoder_for(protocol), talk, rounds=rounds, seed=number)


@pytest.mark.parametrize("protocol", captures.PROTOCOLS)
def test_work_grows_with_the_bytes_and_not_faster(protocol: str) -> None:
    """Lines of Python are counted, so that no other work of the machine matters."""
    talk = max(captures.talks(protocol), key=lambda one: sum(len(data) for _, data in one))
    whole = sum(len(data) for _, data in talk)
    half, all_of_it = (
        _lines(protocol, captures.beginning(talk, size)) for size in (whole // 2, whole)
    )
    # A half and a whole never cost the same apiece; twice as much would be quadratic.
    assert all_of_it < half * 3


def _lines(protocol: str, talk: Talk) -> int:
    count = 0

    def counting(_frame: FrameType, _event: str, _argument: object) -> "TraceFunction":
        nonlocal count
        count += 1
        return counting

    decoder = decoder_for(protocol)
    before = sys.gettrace()
    sys.settrace(counting)
    try:
        # Byte by byte: what looks again and again at what has come shows itself.
        for direction, data in talk:
            for at in range(0, len(data), 16):
                decoder.feed(direction, data[at : at + 16])
    finally:
        sys.settrace(before)
    return count


def test_a_talk_of_one_side_alone_is_survived() -> None:
    """An answer without its question, a question without its answer."""
    for protocol in captures.PROTOCOLS:
        for talk in captures.talks(protocol):
            part = captures.beginning(talk, _BEGINNING_BYTES)
            for direction in Direction:
                heard = hear(decoder_for(protocol), [one for one in part if one[0] is direction])
                for unit in heard.units:
                    heard.tree(unit)
