"""A server with one answer, and a tap before it: each a process of its own.

    python -m bench.tap_server answer PORT
    python -m bench.tap_server tap PORT TARGET_PORT RING_MB

With a ring of 0 the tap forwards and records nothing.
"""

import asyncio
import sys
from typing import cast

import uvloop

from stend.runtime.system import steady_ns, wall_ns
from stend.tap.pump import Tap
from stend.tap.reading import Reading
from stend.tap.recording import Place, Recording
from stend.tap.room import RoomMaker
from stend.wire.stacks.choosing import decoder_for

_BODY = b"x" * 200
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(_BODY), _BODY)
_MEGABYTE = 1024 * 1024


class _Answering(asyncio.Protocol):
    """Every read of the client is one request: it waits for the answer."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._transport.write(_ANSWER)


async def _answer(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Answering, "127.0.0.1", port)
    await server.serve_forever()


async def _tap(port: int, target_port: int, ring_mb: int) -> None:
    recording = None
    if ring_mb:
        recording = Recording(ring_mb * _MEGABYTE, wall_ns, steady_ns)
        # As in the stand: what the ring lets go is read before, as far as there is time.
        Reading(recording, decoder_for)
        RoomMaker(recording)
    place = Place("client", "answer", "http")
    tap = Tap("127.0.0.1", port, "127.0.0.1", target_port, place=place, recording=recording)
    await tap.start()
    await asyncio.Event().wait()


def main() -> None:
    what, *numbers = sys.argv[1:]
    if what == "answer":
        uvloop.run(_answer(int(numbers[0])))
    else:
        uvloop.run(_tap(*map(int, numbers)))


if __name__ == "__main__":
    main()
