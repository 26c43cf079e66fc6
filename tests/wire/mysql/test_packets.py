"""Streams are cut into payloads and put together again, whatever the pieces are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.wire.mysql.errors import OutOfOrderError, TooLargeError
from stend.wire.mysql.packets import MAX_PAYLOAD, PacketReader, packets


@given(st.lists(st.binary(max_size=50), max_size=8), st.integers(1, 20))
def test_payloads_come_out_as_they_went_in(payloads: list[bytes], step: int) -> None:
    reader = PacketReader(1000)
    stream, number = b"", 0
    for one in payloads:
        made, number = packets(one, number)
        stream += made
    found = []
    for at in range(0, len(stream), step):
        reader.feed(stream[at : at + step])
        while (payload := reader.next_payload()) is not None:
            found.append(payload)
    assert found == payloads
    assert reader.sequence == number
    assert reader.held_bytes == 0


@pytest.mark.parametrize("extra", [-1, 0, 1], ids=["shorter", "exact", "longer"])
def test_a_long_payload_goes_on_in_the_next_packet(extra: int) -> None:
    payload = b"x" * (MAX_PAYLOAD + extra)
    made, number = packets(payload, 250)
    assert number == (251 if extra < 0 else 252)
    reader = PacketReader(64 * 1024 * 1024)
    reader.sequence = 250
    reader.feed(made)
    assert reader.next_payload() == payload


def test_what_is_too_long_is_not_waited_for() -> None:
    reader = PacketReader(10)
    reader.feed(b"\x0b\x00\x00\x00")
    with pytest.raises(TooLargeError):
        reader.next_payload()


def test_packets_are_numbered() -> None:
    reader = PacketReader(10)
    reader.feed(b"\x01\x00\x00\x05x")
    with pytest.raises(OutOfOrderError):
        reader.next_payload()
