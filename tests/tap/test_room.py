"""Room in the ring is made between what passes, and in time."""

import asyncio

import pytest

from stend.tap.recording import CHUNK_OVERHEAD_BYTES, Place, Recording
from stend.tap.room import RoomMaker
from tests import virtual_time

_CHUNK = 100 + CHUNK_OVERHEAD_BYTES
_ROOM = 1_600 * _CHUNK


@pytest.fixture
def ring() -> Recording:
    return Recording(_ROOM, lambda: 0, lambda: 0)


def say(ring: Recording, times: int) -> None:
    one = ring.opened(Place("orders", "payments", "http"), "127.0.0.1:1")
    for _ in range(times):
        ring.passed(one, one.to_server, b"x" * 100)


def test_nothing_that_passes_waits_for_room(ring: Recording) -> None:
    async def main() -> tuple[int, int]:
        RoomMaker(ring)
        say(ring, 1_600)
        before = ring.figures().let_go_chunks
        await asyncio.sleep(1)
        return before, ring.figures().let_go_chunks

    assert virtual_time.run(main()) == (0, 100)


def test_it_is_made_again_and_again(ring: Recording) -> None:
    async def main() -> list[int]:
        RoomMaker(ring)
        held = []
        for _ in range(5):
            say(ring, 1_000)
            await asyncio.sleep(1)
            held.append(ring.figures().held_bytes // _CHUNK)
        return held

    assert virtual_time.run(main()) == [1_000, 1_500, 1_500, 1_500, 1_500]


def test_whatever_comes_at_once_the_ring_holds_no_more_than_it_may(ring: Recording) -> None:
    async def main() -> None:
        RoomMaker(ring)
        for _ in range(40):
            say(ring, 100)
            assert ring.figures().held_bytes <= _ROOM

    virtual_time.run(main())


def test_a_ring_with_room_wakes_nobody(ring: Recording) -> None:
    async def main() -> float:
        RoomMaker(ring)
        say(ring, 1_400)
        return asyncio.get_running_loop().time()

    assert virtual_time.run(main()) == 0
    assert ring.figures().let_go_chunks == 0
