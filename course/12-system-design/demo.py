"""A tiny server under three loads: what is measured, beside what M/M/1 and M/M/c say.

The work of a request is to wait for a random time, so the laptop's processor is not the server that
is measured. Everything else is real: sockets, a queue, requests that come when they come.
"""

import asyncio
import math
import os
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from stend.course.demos import Bar, Bars, Note, Shown, Stand, Table, Values
from stend.kit.languages import Text

# Shares of the highest utilisation, and how long each is measured: the busier, the longer.
_LOADS = ((0.4, 1.0), (0.75, 1.5), (1.0, 3.5))
_LEAST_WORK_S, _WORK_PER_SERVER_S = 0.006, 0.004
_CALIBRATED_BY = 40
# The queue begins empty, which is not how it goes on.
_WARM_UP_SHARE = 0.15
_BATCHES, _STUDENT_T = 8, 2.36


def show(_: Stand, values: Values) -> Iterable[Shown]:
    servers = int(values.number("servers"))
    points = asyncio.run(_measured(servers, values.number("utilisation") / 100))
    yield _table(points)
    yield _bars(points)
    yield _told(points[-1])


# ---- what is measured ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Point:
    """
    Attributes:
        times_s: in the system, by the client, from when a request was due.
        work_s: the mean work, as the server saw it.
        span_s: how long requests arrived.
    """

    servers: int
    times_s: Sequence[float]
    work_s: float
    span_s: float

    @property
    def arrivals_per_s(self) -> float:
        return len(self.times_s) / self.span_s

    @property
    def utilisation(self) -> float:
        return self.arrivals_per_s * self.work_s / self.servers

    @property
    def mean_s(self) -> float:
        return sum(self.times_s) / len(self.times_s)

    @property
    def p95_s(self) -> float:
        return sorted(self.times_s)[int(len(self.times_s) * 0.95)]

    @property
    def margin_s(self) -> float:
        """With 95 % confidence the mean of the long run is within this, by batch means."""
        size = len(self.times_s) // _BATCHES
        if size == 0:
            return math.inf
        means = [sum(self.times_s[at * size : (at + 1) * size]) / size for at in range(_BATCHES)]
        middle = sum(means) / _BATCHES
        spread = sum((one - middle) ** 2 for one in means) / (_BATCHES - 1)
        return _STUDENT_T * math.sqrt(spread / _BATCHES)

    @property
    def one_queue_s(self) -> float | None:
        """M/M/c: the mean time in the system; None where there is none."""
        offered = self.utilisation * self.servers
        blocked = 1.0
        for number in range(1, self.servers + 1):
            blocked = offered * blocked / (number + offered * blocked)
        busy = self.utilisation
        if busy >= 1:
            return None
        waits = blocked / (1 - busy * (1 - blocked))
        return self.work_s + waits * self.work_s / (self.servers * (1 - busy))

    @property
    def own_queues_s(self) -> float | None:
        """M/M/1: the same where each server has a queue of its own."""
        return self.work_s / (1 - self.utilisation) if self.utilisation < 1 else None


async def _measured(servers: int, highest: float) -> Sequence[Point]:
    work_s = max(_LEAST_WORK_S, _WORK_PER_SERVER_S * servers)
    # A sleep is always a little longer than it was asked to be, and near the limit that counts.
    late_s = await _lateness(work_s)
    points = []
    for share, span_s in _LOADS:
        arrivals = highest * share * servers / (work_s + late_s)
        points.append(await _point(servers, work_s, arrivals, span_s))
    return points


async def _lateness(work_s: float) -> float:
    late = 0.0
    for _ in range(_CALIBRATED_BY):
        wanted = _exponential(work_s / 4)
        began = time.perf_counter()
        await asyncio.sleep(wanted)
        late += time.perf_counter() - began - wanted
    return late / _CALIBRATED_BY


async def _point(servers: int, work_s: float, arrivals: float, span_s: float) -> Point:
    workers = Workers(servers, work_s)
    skipped_s = span_s * _WARM_UP_SHARE
    async with workers.listening() as port:
        client = Client(port)
        began = due = time.perf_counter()
        asked: list[tuple[float, asyncio.Task[float]]] = []
        while (due := due + _exponential(1 / arrivals)) < began + skipped_s + span_s:
            await asyncio.sleep(due - time.perf_counter())
            asked.append((due - began, asyncio.create_task(client.ask(due))))
        times = [(at, await one) for at, one in asked]
        client.close()
    counted = [took for at, took in times if at >= skipped_s]
    return Point(servers, counted, sum(workers.works_s) / len(workers.works_s), span_s)


@dataclass
class Workers:
    """So many servers with one queue before them, first come, first served."""

    servers: int
    mean_s: float
    works_s: list[float] = field(default_factory=list)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        self._free = asyncio.Semaphore(self.servers)
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            port: int = server.sockets[0].getsockname()[1]
            yield port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readline():
                async with self._free:
                    began = time.perf_counter()
                    await asyncio.sleep(_exponential(self.mean_s))
                    self.works_s.append(time.perf_counter() - began)
                writer.write(b"done\n")
        finally:
            writer.close()


class Client:
    """Asks whenever a request is due, however many have no answer yet: an open system."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, due: float) -> float:
        """Seconds from when it was due until its answer was there."""
        if not self._idle:
            self._idle.append(await asyncio.open_connection("127.0.0.1", self._port))
        reader, writer = self._idle.pop()
        writer.write(b"work\n")
        await reader.readline()
        self._idle.append((reader, writer))
        return time.perf_counter() - due

    def close(self) -> None:
        for _, writer in self._idle:
            writer.close()


def _exponential(mean: float) -> float:
    even = (int.from_bytes(os.urandom(6)) + 1) / 2**48
    return -mean * math.log(even)


# ---- what is shown -------------------------------------------------------------------------------


def _table(points: Sequence[Point]) -> Table:
    heads = (
        Text(ru="загрузка", en="utilisation"),
        Text(ru="приходит, /с", en="arrivals, /s"),
        Text(ru="запросов", en="requests"),
        Text(ru="среднее, мс", en="mean, ms"),
        Text(ru="± 95 %, мс", en="± 95 %, ms"),
        Text(ru="M/M/c, мс", en="M/M/c, ms"),
        Text(ru="M/M/1, мс", en="M/M/1, ms"),
        Text(ru="p95, мс", en="p95, ms"),
        Text(ru="внутри (λW)", en="inside (λW)"),
    )
    rows = [
        (
            round(one.utilisation, 3),
            round(one.arrivals_per_s, 1),
            len(one.times_s),
            _ms(one.mean_s),
            _ms(one.margin_s),
            _ms(one.one_queue_s),
            _ms(one.own_queues_s),
            _ms(one.p95_s),
            round(one.arrivals_per_s * one.mean_s, 2),
        )
        for one in points
    ]
    title = Text(ru="Измерено и посчитано", en="Measured and computed")
    return Table(title, heads, rows)


def _bars(points: Sequence[Point]) -> Bars:
    bars = []
    for one in points:
        at = f"{one.utilisation:.2f}"
        named = (
            (Text(ru=f"ρ {at}: измерено", en=f"ρ {at}: measured"), one.mean_s),
            (
                Text(ru=f"ρ {at}: M/M/{one.servers}", en=f"ρ {at}: M/M/{one.servers}"),
                one.one_queue_s,
            ),
            (Text(ru=f"ρ {at}: M/M/1", en=f"ρ {at}: M/M/1"), one.own_queues_s),
        )
        known = [(label, seconds) for label, seconds in named if seconds is not None]
        # With one server both curves are one.
        bars += [Bar(label, round(s * 1000, 1)) for label, s in known[: 2 + (one.servers > 1)]]
    title = Text(ru="Среднее время в системе", en="The mean time in the system")
    return Bars(title, "ms", bars)


def _told(last: Point) -> Note:
    mean, margin = f"{last.mean_s * 1000:.1f}", f"{last.margin_s * 1000:.1f}"
    work, load = f"{last.work_s * 1000:.1f}", f"{last.utilisation:.2f}"
    share = f"{last.work_s / last.mean_s * 100:.0f}"
    queue_ru = "у каждого сервера своя очередь" if last.servers > 1 else "сервер один"
    queue_en = "each server had its own queue" if last.servers > 1 else "there were one server"
    return Note(
        Text(
            ru=f"При загрузке {_comma(load)} запрос внутри {_comma(mean)} мс (± {_comma(margin)}), "
            f"из них работы — {_comma(work)} мс, то есть {share} %; остальное он ждёт. Загрузка и "
            "работа измерены, и в формулы взяты они, а не ползунок. M/M/1 — то, что было бы, если "
            f"{queue_ru}. Чем ближе загрузка к единице, тем шире разброс: за несколько секунд "
            "среднее не успевает установиться, и точка может лечь далеко от кривой.",
            en=f"At a utilisation of {load} a request is inside for {mean} ms (± {margin}), and "
            f"{work} ms of them, {share} %, are work; the rest is waiting. Utilisation and work "
            "were measured, and the formulae take them, not the slider. M/M/1 is what it would be "
            f"if {queue_en}. The nearer to one, the wider the spread: a few seconds are too few "
            "for the mean to settle, and a point may lie far from the curve.",
        )
    )


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None or math.isinf(seconds) else round(seconds * 1000, 1)


def _comma(number: str) -> str:
    return number.replace(".", ",")
