"""So many exchanges a second through the taps of a stand, and what its ring says of them.

    python -m bench.screen_load PORT_BASE ORDER_ID RATE SECONDS

Orders are asked for over HTTP; what else passes on the stand then is counted, and commands to Redis
make up the rest. Ten requests a second carry a mark, by which their rows are known on the screen.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from typing import Any

from bench.load import Call, get

MARK = "/mark/"
_TAP = 100
_REDIS = 13
_REQUESTS_PER_S = 90.0
_MARKS_PER_S = 10.0
_CONNECTIONS = 4
_COUNTED_S = 4


class Http:
    """A keep-alive connection; an order is asked for."""

    def __init__(self, port: int, path: str) -> None:
        self._port, self._path = port, path
        self._sent = 0

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def call(self) -> None:
        await self.asked(self._path)

    async def mark(self) -> None:
        """Asks for a path that nobody else asks for, and that does not exist."""
        await self.asked(f"{MARK}{self._sent}", b"404")
        self._sent += 1

    async def asked(self, path: str, status: bytes = b"200") -> bytes:
        self._writer.write(get(path))
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        body = await self._reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 " + status):
            raise AssertionError(f"not an answer: {head[:200]!r} {body[:400]!r}")
        return body


class Redis:
    """One connection; a key that does not exist is asked for."""

    _COMMAND = b"*2\r\n$3\r\nGET\r\n$6\r\nscreen\r\n"
    _NOTHING = b"$-1\r\n"

    def __init__(self, port: int) -> None:
        self._port = port

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def call(self) -> None:
        self._writer.write(self._COMMAND)
        answer = await self._reader.readexactly(len(self._NOTHING))
        if answer != self._NOTHING:
            raise AssertionError(f"not an answer: {answer!r}")


@dataclass(frozen=True, slots=True)
class Count:
    """Exchanges that a second brought, by the ring; how long the second was."""

    exchanges: int
    seconds: float


class Ring:
    """Asks the stand itself, past the taps, so that the asking is no exchange."""

    def __init__(self, port: int) -> None:
        self._http = Http(port, "")
        self._version = 0
        self._asked_at = 0.0

    async def open(self) -> None:
        await self._http.open()
        await self.count()

    async def count(self) -> Count:
        """Of those that have changed since the last time."""
        body = await self._http.asked(f"/stand/tap/exchanges?limit=1&since={self._version}")
        now = time.monotonic()
        told = json.loads(body)
        self._version = told["version"]
        found = Count(len(told["exchanges"]) + told["left_off"], now - self._asked_at)
        self._asked_at = now
        return found


async def paced(call: Call, per_s: float, ends_at: float) -> float:
    """Calls one by one, as often as the rate says; tells by how much the latest one was late, s."""
    begun, number, late_s = time.monotonic(), 0, 0.0
    while (due := begun + number / per_s) < ends_at:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        late_s = max(late_s, time.monotonic() - due)
        await call()
        number += 1
    return late_s


async def run(port_base: int, order_id: str, rate: float, seconds: float) -> dict[str, Any]:
    path = f"/api/v1/orders/{order_id}"
    asking = [Http(port_base + _TAP, path) for _ in range(_CONNECTIONS)]
    marking = Http(port_base + _TAP, MARK)
    filling = [Redis(port_base + _REDIS + _TAP) for _ in range(_CONNECTIONS)]
    ring = Ring(port_base)
    await ring.open()
    await asyncio.gather(*(one.open() for one in (*asking, marking)))
    await asyncio.gather(*(one.open() for one in filling))
    ends_at = time.monotonic() + _COUNTED_S + seconds
    async with asyncio.TaskGroup() as group:
        share = _REQUESTS_PER_S / len(asking)
        paces = [group.create_task(paced(one.call, share, ends_at)) for one in asking]
        paces.append(group.create_task(paced(marking.mark, _MARKS_PER_S, ends_at)))
        rest = max(1.0, rate - await _rate_now(ring)) / len(filling)
        paces += [group.create_task(paced(one.call, rest, ends_at)) for one in filling]
        counts = [await _second(ring) for _ in range(int(seconds))]
    return {
        "per_s": [round(one.exchanges / one.seconds, 1) for one in counts],
        "redis_per_s": round(rest * len(filling), 1),
        "late_ms": round(max(one.result() for one in paces) * 1000, 1),
    }


async def _rate_now(ring: Ring) -> float:
    counts = [await _second(ring) for _ in range(_COUNTED_S)]
    # In the first second connections are made and libraries loaded.
    return sum(one.exchanges for one in counts[1:]) / sum(one.seconds for one in counts[1:])


async def _second(ring: Ring) -> Count:
    await asyncio.sleep(1)
    return await ring.count()


def main() -> None:
    port_base, order_id, rate, seconds = sys.argv[1:]
    told = asyncio.run(run(int(port_base), order_id, float(rate), float(seconds)))
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
