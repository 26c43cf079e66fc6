"""Five consumers follow one order of the shop, sleep for a while, and are compared.

Polling, SSE, WebSocket and webhooks are those of the shop. It has no long polling: a small server
of this program answers it, from the same events. Nothing is computed, all is measured.
"""

import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from stend.course.demos import Bar, Bars, Exchange, Note, Shown, Stand, Table, Values
from stend.kit.languages import Text

# The saga goes on to "delivered"; by then the picture has not changed, and the demo has 10 s.
_LAST_VERSION = 5
_WITHIN_S = 7.0
_LISTENS_S = 0.02
# Where the shop's sender of webhooks may call this machine: see the settings of the stand.
_RECEIVER_PORTS = range(5, 10)


@dataclass
class Follower:
    """
    Attributes:
        asked: requests that it made, or that were made to it.
        came: versions, with the moments when they came.
        hang_up: cuts what it waits on.
    """

    name: Text
    asked: int = 0
    came: dict[int, float] = field(default_factory=dict)
    hang_up: Callable[[], None] = lambda: None

    def learn(self, version: int) -> None:
        self.came.setdefault(version, time.perf_counter())

    @property
    def knows(self) -> int:
        return max(self.came, default=0)


class Night:
    """When all of them sleep."""

    def __init__(self, sleep_s: float) -> None:
        self.sleep_s = sleep_s
        self.awake = threading.Event()
        self.awake.set()
        self.over = threading.Event()

    def goes_on(self) -> bool:
        """Waits until it is day; says whether there is still something to do."""
        self.awake.wait(_WITHIN_S)
        return not self.over.is_set()

    def fall(self, followers: Sequence[Follower]) -> None:
        if self.sleep_s:
            self.awake.clear()
            for one in followers:
                one.hang_up()
            threading.Timer(self.sleep_s, self.awake.set).start()


class Events:
    """What has happened, for whoever polls long: the next one, and none of those before."""

    def __init__(self) -> None:
        self.versions: list[int] = []
        self.changed = threading.Condition()

    def add(self, version: int) -> None:
        with self.changed:
            self.versions.append(version)
            self.changed.notify_all()

    def next(self) -> int | None:
        with self.changed:
            before = len(self.versions)
            self.changed.wait_for(lambda: len(self.versions) > before, _WITHIN_S)
            return self.versions[before] if len(self.versions) > before else None


def show(stand: Stand, values: Values) -> Iterable[Shown]:
    night, events, trace = Night(values.number("sleep") / 1000), Events(), os.urandom(16).hex()
    period_s, has_cursor = values.number("period") / 1000, values.switch("cursor")
    order_id = stand.place_order().order_id
    witness = Follower(Text(ru="свидетель", en="witness"))
    polling = Follower(Text(ru="опрос", en="polling"))
    long_polling = Follower(Text(ru="длинный опрос", en="long polling"))
    webhook = Follower(Text(ru="вебхук", en="webhook"))
    sse = Follower(Text(ru="SSE", en="SSE"))
    socket_ = Follower(Text(ru="WebSocket", en="WebSocket"))
    followers = (polling, long_polling, webhook, sse, socket_)
    with ExitStack() as opened:
        port = opened.enter_context(_served(_answers(events)))
        opened.enter_context(_registered(stand, order_id, webhook, night))
        works: Sequence[Callable[[], None]] = (
            lambda: _poll(stand, order_id, polling, night, period_s),
            lambda: _poll_long(port, long_polling, night),
            lambda: _stream(stand, order_id, sse, night, trace),
            lambda: _talk(stand, order_id, socket_, night, has_cursor),
        )
        threads = [threading.Thread(target=_quietly, args=(one,), daemon=True) for one in works]
        for thread in threads:
            thread.start()
        _witness(stand, order_id, witness, events, lambda: night.fall(followers))
        _wait_for(lambda: all(one.knows >= _LAST_VERSION for one in followers), 1.5)
        night.over.set()
        night.awake.set()
        for one in followers:
            one.hang_up()
    yield from _told(witness, followers, night)
    found = stand.http.get("/stand/tap/exchanges", params={"trace": trace, "source": "client"})
    for one in found.json()["exchanges"][:1]:
        yield Exchange(Text(ru="Поток SSE, как он шёл", en="The SSE stream as it was"), one["id"])


# ---- five ways ---------------------------------------------------------------------------------


def _poll(stand: Stand, order_id: str, follower: Follower, night: Night, period_s: float) -> None:
    with httpx.Client(base_url=stand.tapped_url, trust_env=False) as client:
        while night.goes_on() and follower.knows < _LAST_VERSION:
            follower.asked += 1
            follower.learn(client.get(f"/api/v1/orders/{order_id}").json()["version"])
            night.over.wait(period_s)


def _poll_long(port: int, follower: Follower, night: Night) -> None:
    while night.goes_on() and follower.knows < _LAST_VERSION:
        line = HTTPConnection("127.0.0.1", port)
        with suppress(OSError, HTTPException, ValueError):
            line.connect()
            follower.hang_up = _cutting(line)
            follower.asked += 1
            line.request("GET", "/events")
            if version := json.loads(line.getresponse().read()):
                follower.learn(version)
        line.close()


def _stream(stand: Stand, order_id: str, follower: Follower, night: Night, trace: str) -> None:
    while night.goes_on() and follower.knows < _LAST_VERSION:
        with suppress(OSError, HTTPException, ValueError):
            for version in _server_sent(stand.tapped_url, order_id, follower, trace):
                follower.learn(version)


def _server_sent(
    url: str, order_id: str, follower: Follower, trace: str | None = None
) -> Iterator[int]:
    host = urlsplit(url)
    line = HTTPConnection(host.hostname or "", host.port, timeout=_WITHIN_S)
    headers = {"Accept": "text/event-stream"}
    if follower.knows:
        headers["Last-Event-ID"] = str(follower.knows)
    if trace:
        headers["traceparent"] = f"00-{trace}-{os.urandom(8).hex()}-01"
    try:
        line.connect()
        follower.hang_up = _cutting(line)
        follower.asked += 1
        line.request("GET", f"/api/v1/orders/{order_id}/events", headers=headers)
        answer = line.getresponse()
        while text := answer.readline():
            if text.startswith(b"data:"):
                yield int(json.loads(text[5:])["version"])
    finally:
        line.close()


def _talk(stand: Stand, order_id: str, follower: Follower, night: Night, has_cursor: bool) -> None:
    address = f"ws{stand.tapped_url.removeprefix('http')}/ws/orders"
    while night.goes_on() and follower.knows < _LAST_VERSION:
        # Without a cursor it asks for what comes from now on, as a protocol without numbers would.
        now = follower.knows if has_cursor or not follower.knows else _version(stand, order_id)
        params = {"order_id": order_id, **({"after_version": now} if now else {})}
        frame = {"id": "1", "type": "TrackOrder", "params": params}
        with (
            suppress(OSError, ConnectionClosed),
            connect(
                address,
                subprotocols=[Subprotocol("lavka.orders.v1")],
                proxy=None,
            ) as line,
        ):
            follower.hang_up = line.close
            follower.asked += 1
            line.send(json.dumps(frame))
            for text in line:
                told = json.loads(text)
                if told["type"] == "event":
                    follower.learn(told["event"]["version"])


@contextmanager
def _registered(stand: Stand, order_id: str, follower: Follower, night: Night) -> Iterator[None]:
    """A receiver that answers 503 while it sleeps. Exercise 9.2 verifies signatures, this times."""

    class Receiver(_Quiet):
        def do_POST(self) -> None:
            follower.asked += 1
            body = self.rfile.read(int(self.headers["Content-Length"]))
            is_awake = night.awake.is_set()
            if is_awake:
                follower.learn(json.loads(body)["data"]["version"])
            self.answer(204 if is_awake else 503, b"")

    base = httpx.URL(stand.url).port or 0
    with _served(Receiver, [base + one for one in _RECEIVER_PORTS]) as port:
        body = {"url": f"http://127.0.0.1:{port}/", "order_id": order_id, "replay": True}
        headers = {"Idempotency-Key": os.urandom(12).hex()}
        known = _until_known(
            lambda: stand.http.post("/api/v1/webhooks", json=body, headers=headers)
        )
        try:
            yield
        finally:
            stand.http.delete(f"/api/v1/webhooks/{known['webhook_id']}")


def _witness(
    stand: Stand, order_id: str, witness: Follower, events: Events, first: Callable[[], None]
) -> None:
    """Never sleeps: what the others know is held against it."""
    for version in _server_sent(stand.url, order_id, witness):
        witness.learn(version)
        events.add(version)
        if len(witness.came) == 1:
            first()
        if version >= _LAST_VERSION:
            return


# ---- what came of it ---------------------------------------------------------------------------


def _told(witness: Follower, followers: Sequence[Follower], night: Night) -> Iterable[Shown]:
    delays = [_delays_ms(witness, one) for one in followers]
    heads = (
        Text(ru="способ", en="way"),
        Text(ru="запросов или соединений", en="requests or connections"),
        Text(ru="событий увидел", en="events seen"),
        Text(ru="пропустил", en="missed"),
        Text(ru="задержка, медиана, мс", en="delay, median, ms"),
        Text(ru="задержка, наибольшая, мс", en="delay, longest, ms"),
    )
    rows = [
        (
            one.name,
            one.asked,
            len(delay),
            len(witness.came) - len(delay),
            round(median(delay), 1) if delay else None,
            round(max(delay), 1) if delay else None,
        )
        for one, delay in zip(followers, delays, strict=True)
    ]
    yield Table(
        Text(
            ru=f"Событий: {len(witness.came)}, сон: {night.sleep_s:g} с",
            en=f"{len(witness.came)} events, asleep for {night.sleep_s:g} s",
        ),
        heads,
        rows,
    )
    bars = [
        Bar(one.name, round(max(delay), 1))
        for one, delay in zip(followers, delays, strict=True)
        if delay
    ]
    yield Bars(Text(ru="Самая большая задержка", en="The longest delay"), "ms", bars)
    missed = [
        one.name for one, delay in zip(followers, delays, strict=True) if _lost(witness, delay)
    ]
    ru = ", ".join(one.ru for one in missed) or "никто"
    en = ", ".join(one.en for one in missed) or "nobody"
    yield Note(
        Text(
            ru=f"Событий не досчитались: {ru}. Задержка отсчитана от свидетеля, который не спал. "
            "Опрос видит состояния: что сменилось между двумя вопросами, он не узнает.",
            en=f"Who misses events: {en}. Delays are counted from a witness that did not sleep. "
            "Polling sees states: what changed between two questions it never learns.",
        )
    )


def _lost(witness: Follower, delay: Sequence[float]) -> bool:
    return len(delay) < len(witness.came)


def _delays_ms(witness: Follower, follower: Follower) -> list[float]:
    known = follower.came.items()
    return [
        max(0.0, (moment - witness.came[version]) * 1000)
        for version, moment in known
        if version in witness.came
    ]


# ---- the wire ----------------------------------------------------------------------------------


class _Quiet(BaseHTTPRequestHandler):
    def answer(self, status: int, body: bytes) -> None:
        with suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: what comes is counted anyway."""


def _answers(events: Events) -> type[_Quiet]:
    class Handler(_Quiet):
        def do_GET(self) -> None:
            self.answer(200, json.dumps(events.next()).encode())

    return Handler


@contextmanager
def _served(handler: type[_Quiet], ports: Sequence[int] = (0,)) -> Iterator[int]:
    server = None
    for port in ports:
        with suppress(OSError):
            server = ThreadingHTTPServer(("127.0.0.1", port), handler)
            break
    if server is None:
        raise OSError(f"no port is free for a receiver of webhooks: {', '.join(map(str, ports))}")
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(_LISTENS_S,), daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.socket.close()


def _cutting(line: HTTPConnection) -> Callable[[], None]:
    def cut() -> None:
        with suppress(OSError, AttributeError):
            line.sock.shutdown(socket.SHUT_RDWR)

    return cut


def _quietly(work: Callable[[], None]) -> None:
    # Whoever is cut at the end of the demo may be in the middle of anything.
    with suppress(OSError, httpx.HTTPError, ConnectionClosed, HTTPException):
        work()


def _version(stand: Stand, order_id: str) -> int:
    with httpx.Client(base_url=stand.url, trust_env=False) as client:
        return int(client.get(f"/api/v1/orders/{order_id}").json()["version"])


def _until_known(ask: Callable[[], httpx.Response]) -> dict[str, Any]:
    """The sender of webhooks hears of a new order a moment after the shop has answered."""
    ends = time.monotonic() + _WITHIN_S
    while (answer := ask()).status_code != httpx.codes.CREATED:
        if time.monotonic() > ends:
            answer.raise_for_status()
        time.sleep(_LISTENS_S)
    told: dict[str, Any] = answer.json()
    return told


def _wait_for(is_there: Callable[[], bool], within_s: float) -> None:
    ends = time.monotonic() + within_s
    while not is_there() and time.monotonic() < ends:
        time.sleep(_LISTENS_S)
