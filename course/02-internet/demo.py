"""The waterfall of real GETs, at a round-trip time of your choice, with a connection kept or not.

A relay between the client and the stand holds back whatever comes for one round trip, handshakes
of TLS included: the tap's latency cannot do that, as the tap ends TLS itself. Nothing is computed.
"""

import asyncio
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import httpx

from stend.course.demos import Bar, Bars, Exchange, Note, Shown, Stand, Table, Values
from stend.kit.languages import Text

_PATH = "/api/v1/catalog/products?limit=50"
_TIMEOUT_S = 8.0
# The tapped twin of each port.
_TAP = 100
_NAME = Text(ru="имя", en="name")
_TCP = Text(ru="соединение TCP", en="TCP connection")
_TLS = Text(ru="TLS", en="TLS")
_WAIT = Text(ru="запрос и первый байт", en="request and first byte")
_BODY = Text(ru="остальное тело", en="the rest of the body")


@dataclass(frozen=True)
class Phase:
    """A part of one GET, in seconds from the beginning of all."""

    number: int
    name: Text
    began_s: float
    ended_s: float

    @property
    def took_ms(self) -> float:
        return (self.ended_s - self.began_s) * 1000


def show(stand: Stand, values: Values) -> Iterable[Shown]:
    rtt_ms, reuse = values.number("rtt"), values.switch("reuse")
    door = _door(stand, is_tls=values.choice("scheme") == "https")
    trace = os.urandom(16).hex()
    with _far_away(door.port, rtt_ms / 1000) as port, ExitStack() as opened:
        watch = Watch(port, trace, opened, is_tls=door.is_tls)
        for number in range(int(values.number("gets"))):
            watch.get(number + 1, keeps_open=reuse)
    yield _waterfall(watch.phases)
    yield _table(watch.phases)
    yield from _recorded(stand, trace, door)
    yield _told(watch, rtt_ms, door)


# ---- the way -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Door:
    """Where the stand listens: NGINX with TLS, or the tap before the shop."""

    port: int
    is_tls: bool


def _door(stand: Stand, *, is_tls: bool) -> Door:
    for one in stand.http.get("/stand/tap").json()["taps"] if is_tls else ():
        if (one["source"], one["target"], one["protocol"]) == ("client", "nginx", "tls"):
            # The tap's twin: there TLS is between the client and NGINX, with nobody in between.
            return Door(one["port"] - _TAP, is_tls=True)
    port = httpx.URL(stand.tapped_url).port
    if port is None:
        raise ValueError(f"no port in {stand.tapped_url}")
    return Door(port, is_tls=False)


@contextmanager
def _far_away(port: int, rtt_s: float) -> Iterator[int]:
    """A port from which everything comes back later by a round trip, in its order."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def back(near: asyncio.StreamReader, far: asyncio.StreamWriter) -> None:
        while data := await near.read(65536):
            loop.call_later(rtt_s, far.write, data)
        loop.call_later(rtt_s, far.close)

    async def there(near: asyncio.StreamReader, far: asyncio.StreamWriter) -> None:
        while data := await near.read(65536):
            far.write(data)
        far.close()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        beyond, out = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(there(reader, out), back(beyond, writer), return_exceptions=True)

    async def ended() -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for one in others:
            one.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    listening = asyncio.start_server(relay, "127.0.0.1", 0)
    server = asyncio.run_coroutine_threadsafe(listening, loop).result(_TIMEOUT_S)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        asyncio.run_coroutine_threadsafe(ended(), loop).result(_TIMEOUT_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_TIMEOUT_S)
        loop.close()


class Watch:
    """Sends GETs and notes when each phase of them ended."""

    def __init__(self, port: int, trace: str, opened: ExitStack, *, is_tls: bool) -> None:
        self.phases: list[Phase] = []
        self.connections = 0
        self._port = port
        # Made beforehand: it reads the certificates of the system, and that is no network.
        self._context = _context() if is_tls else None
        self._trace = trace
        self._opened = opened
        self._line: socket.socket | None = None
        self._began = self._noted = time.perf_counter()

    def get(self, number: int, *, keeps_open: bool) -> None:
        self._noted = time.perf_counter()
        line = self._line or self._connected(number)
        line.sendall(_request(self._trace, keeps_open=keeps_open))
        came = line.recv(65536)
        self._note(number, _WAIT)
        while b"\r\n\r\n" not in came:
            came += _more(line)
        head, _, body = came.partition(b"\r\n\r\n")
        left = _length(head) - len(body)
        while left > 0:
            left -= len(_more(line))
        self._note(number, _BODY)
        self._line = line if keeps_open else None
        if not keeps_open:
            line.close()

    def _connected(self, number: int) -> socket.socket:
        found = socket.getaddrinfo("localhost", self._port, socket.AF_INET)
        kind, address = found[0][0], found[0][4]
        self._note(number, _NAME)
        line = self._opened.enter_context(socket.socket(kind, socket.SOCK_STREAM))
        line.settimeout(_TIMEOUT_S)
        line.connect(address)
        self._note(number, _TCP)
        self.connections += 1
        if self._context is None:
            return line
        secured = self._context.wrap_socket(line, server_hostname="localhost")
        self._opened.callback(secured.close)
        self._note(number, _TLS)
        return secured

    def _note(self, number: int, name: Text) -> None:
        now = time.perf_counter()
        self.phases.append(Phase(number, name, self._noted - self._began, now - self._began))
        self._noted = now


def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    # A demo is not told where the stand keeps its authority, and it sends nothing but a public
    # question to this machine. Whoever writes a client loads ca.pem here.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    return context


def _request(trace: str, *, keeps_open: bool) -> bytes:
    lines = (
        f"GET {_PATH} HTTP/1.1",
        "Host: localhost",
        "Accept: application/json",
        f"traceparent: 00-{trace}-{os.urandom(8).hex()}-01",
        *(() if keeps_open else ("Connection: close",)),
    )
    return "\r\n".join((*lines, "", "")).encode()


def _more(line: socket.socket) -> bytes:
    data = line.recv(65536)
    if not data:
        raise RuntimeError("the answer ended before its body did")
    return data


def _length(head: bytes) -> int:
    status, *lines = head.decode("latin-1").split("\r\n")
    if " 200" not in status:
        raise RuntimeError(f"the shop answered {status}")
    for line in lines:
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            return int(value)
    raise RuntimeError("the answer does not say how long it is")


# ---- what is shown -------------------------------------------------------------------------------


def _waterfall(phases: Sequence[Phase]) -> Bars:
    bars = [
        Bar(
            Text(ru=f"GET {one.number}: {one.name.ru}", en=f"GET {one.number}: {one.name.en}"),
            round(one.took_ms, 1),
            begins=round(one.began_s * 1000, 1),
        )
        for one in phases
    ]
    return Bars(Text(ru="Водопад", en="The waterfall"), "ms", bars)


def _table(phases: Sequence[Phase]) -> Table:
    names = (_NAME, _TCP, _TLS, _WAIT, _BODY)
    rows = []
    for number in sorted({one.number for one in phases}):
        took = {one.name.en: one.took_ms for one in phases if one.number == number}
        cells = [round(took[one.en], 1) if one.en in took else None for one in names]
        rows.append((number, *cells, round(sum(took.values()), 1)))
    heads = (
        Text(ru="GET", en="GET"),
        *(Text(ru=f"{one.ru}, мс", en=f"{one.en}, ms") for one in names),
        Text(ru="всего, мс", en="in all, ms"),
    )
    return Table(Text(ru="Из чего складывается время", en="What the time is made of"), heads, rows)


def _recorded(stand: Stand, trace: str, door: Door) -> Iterable[Shown]:
    source = "nginx" if door.is_tls else "client"
    found = stand.http.get("/stand/tap/exchanges", params={"trace": trace, "source": source})
    for one in found.json()["exchanges"][:1]:
        yield Exchange(
            Text(ru="Первый GET, байт за байтом", en="The first GET, by bytes"), one["id"]
        )


def _told(watch: Watch, rtt_ms: float, door: Door) -> Note:
    whole = f"{watch.phases[-1].ended_s * 1000:.0f}"
    trips = sum(one.name in (_TLS, _WAIT) for one in watch.phases)
    ru, en = "каждый запрос", "every request"
    if door.is_tls:
        ru, en = f"{ru} и на каждую установку TLS 1.3", f"{en} and for every handshake of TLS 1.3"
    return Note(
        Text(
            ru=f"Всего {whole} мс, соединений: {watch.connections}, кругов: {trips}, каждый "
            f"по {rtt_ms:g} мс: по одному на {ru}. Всё, что шлёт стенд, задержано по-настоящему, а "
            "имя и TCP — нет: на этой машине ими занята система; в настоящей сети это ещё по кругу "
            "на новое соединение.",
            en=f"{whole} ms in all; connections: {watch.connections}, round trips: {trips}, each "
            f"of {rtt_ms:g} ms: one for {en}. All that the stand sends is really held back; name "
            "and TCP are not: on this machine the system does them. On a real network each of the "
            "two is one more round trip of a new connection.",
        )
    )
