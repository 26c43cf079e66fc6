"""A connection one side of which cannot be read may last for days: what waits for it is let go."""

import pytest
from pamqp import commands

from stend.wire.amqp.decoder import AmqpDecoder
from stend.wire.amqp.frames import PROTOCOL_HEADER
from stend.wire.amqp.methods import encode_method
from stend.wire.decoding import Direction, Role
from stend.wire.latest import MOST, Latest
from stend.wire.stacks.choosing import decoder_for

UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT
ASKED = 200
# None of these protocols has anything like it.
STRANGE = b"\xff" * 40 + b"\r\n\r\n"
STARTUP = b"\0\0\0\x11\0\x03\0\0user\0me\0\0"
CONFIRMED = {"ticket": 0, "exchange": "", "routing_key": "q", "mandatory": True, "immediate": False}


@pytest.mark.parametrize(
    ("protocol", "before", "request_"),
    [
        ("redis", b"", b"*1\r\n$4\r\nPING\r\n"),
        ("postgresql", STARTUP, b"Q\0\0\0\x0dSELECT 1\0"),
        ("http", b"", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ],
)
def test_requests_wait_for_no_answer_that_nobody_can_read(
    protocol: str, before: bytes, request_: bytes
) -> None:
    decoder = decoder_for(protocol)
    decoder.feed(UP, before + request_)
    assert len(decoder.awaited()) == 1
    (broken,) = decoder.feed(DOWN, STRANGE)
    assert broken.role is Role.BROKEN
    units = decoder.feed(UP, request_ * ASKED)
    assert len({one.exchange for one in units}) == ASKED
    assert len(decoder.awaited()) <= 1


def test_publishes_wait_for_no_confirm_that_nobody_can_read() -> None:
    decoder = AmqpDecoder()
    decoder.feed(UP, PROTOCOL_HEADER + encode_method(1, commands.Confirm.Select, nowait=False))
    decoder.feed(DOWN, STRANGE)
    publish = encode_method(1, commands.Basic.Publish, **CONFIRMED)
    assert len(decoder.feed(UP, publish * ASKED)) == ASKED
    channel = decoder._channels[1]
    assert not channel.unconfirmed
    assert not channel.mandatory
    assert not channel.waiting[UP]


def test_the_latest_are_remembered() -> None:
    known: Latest[int, str] = Latest()
    for number in range(MOST + 2):
        known[number] = "known"
        # It comes again and again, and is never the oldest.
        known[0] = "known"
    assert len(known) == MOST
    assert (0 in known, 1 in known, MOST + 1 in known) == (True, False, True)
