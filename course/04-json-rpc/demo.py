"""One batch against the same calls one by one and in parallel, at a round-trip time of your choice.

The tap between the client and the shop holds answers back; nothing is computed, all is measured.
"""

import json
import os
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx

from stend.course.demos import Bar, Bars, Exchange, Note, Shown, Stand, Table, Values
from stend.kit.languages import Text

_PATH = "/rpc/orders"
_TIMEOUT_S = 9.0


@dataclass(frozen=True)
class Way:
    name: Text
    requests: int
    sent: int
    came: int
    took_ms: float


def show(stand: Stand, values: Values) -> Iterable[Shown]:
    rtt_ms = values.number("rtt")
    calls = int(values.number("calls"))
    lines = int(values.number("connections"))
    trace = os.urandom(16).hex()
    with ExitStack() as opened:
        # A connection for each that calls at the same time, opened before anything is measured.
        clients = [opened.enter_context(_client(stand)) for _ in range(min(lines, calls))]
        for client in clients:
            _asked(client, [_call(0)])
        opened.enter_context(stand.fault("latency", "client:shop", latency_ms=rtt_ms))
        ways = [
            _measured(
                Text(ru="пакет", en="one batch"), 1, lambda: [_batch(clients[0], calls, trace)]
            ),
            _measured(
                Text(ru="по очереди", en="one by one"),
                calls,
                lambda: [_asked(clients[0], _call(number)) for number in range(calls)],
            ),
            _measured(
                Text(
                    ru=f"параллельно, соединений: {lines}", en=f"in parallel, {lines} connections"
                ),
                calls,
                lambda: _parallel(clients, calls),
            ),
        ]
    yield _bars(ways)
    yield _table(ways)
    yield from _exchange(stand, trace)
    yield _told(ways, rtt_ms, calls, lines)


def _client(stand: Stand) -> httpx.Client:
    return httpx.Client(base_url=stand.tapped_url, trust_env=False, timeout=_TIMEOUT_S)


def _call(number: int) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": "orders.list", "params": {"limit": 1}}


def _batch(client: httpx.Client, calls: int, trace: str) -> tuple[int, int]:
    batch = [_call(number) for number in range(calls)]
    return _asked(client, batch, {"traceparent": f"00-{trace}-{os.urandom(8).hex()}-01"})


def _parallel(clients: Sequence[httpx.Client], calls: int) -> list[tuple[int, int]]:
    def share(place: int) -> list[tuple[int, int]]:
        numbers = range(place, calls, len(clients))
        return [_asked(clients[place], _call(number)) for number in numbers]

    with ThreadPoolExecutor(len(clients)) as pool:
        return [one for done in pool.map(share, range(len(clients))) for one in done]


def _asked(
    client: httpx.Client, body: Any, headers: dict[str, str] | None = None
) -> tuple[int, int]:
    """Bytes of the bodies, both ways. An answer that is missing or an error ends the demo."""
    answer = client.post(_PATH, json=body, headers=headers).raise_for_status()
    asked = body if isinstance(body, list) else [body]
    told = answer.json()
    answered = told if isinstance(told, list) else [told]
    wanted = sorted(one["id"] for one in asked)
    if sorted(one["id"] for one in answered if "result" in one) != wanted:
        raise RuntimeError(f"not every call has a result: {json.dumps(told)[:300]}")
    return len(answer.request.content), len(answer.content)


def _measured(name: Text, requests: int, work: Callable[[], list[tuple[int, int]]]) -> Way:
    began = time.perf_counter()
    passed = work()
    took_ms = (time.perf_counter() - began) * 1000
    return Way(
        name, requests, sum(one[0] for one in passed), sum(one[1] for one in passed), took_ms
    )


def _bars(ways: Sequence[Way]) -> Bars:
    title = Text(ru="Сколько ждёт клиент", en="How long the client waits")
    return Bars(title, "ms", [Bar(one.name, round(one.took_ms, 1)) for one in ways])


def _table(ways: Sequence[Way]) -> Table:
    return Table(
        Text(ru="Что прошло по сети", en="What went over the network"),
        (
            Text(ru="способ", en="way"),
            Text(ru="HTTP-запросов", en="HTTP requests"),
            Text(ru="тела запросов, Б", en="bodies sent, B"),
            Text(ru="тела ответов, Б", en="bodies received, B"),
            Text(ru="время, мс", en="time, ms"),
        ),
        [(one.name, one.requests, one.sent, one.came, round(one.took_ms, 1)) for one in ways],
    )


def _exchange(stand: Stand, trace: str) -> Iterable[Shown]:
    found = stand.http.get("/stand/tap/exchanges", params={"trace": trace, "source": "client"})
    for one in found.json()["exchanges"][:1]:
        yield Exchange(Text(ru="Пакет, байт за байтом", en="The batch, byte by byte"), one["id"])


def _told(ways: Sequence[Way], rtt_ms: float, calls: int, lines: int) -> Note:
    batch, alone, _ = ways
    waves = -(-calls // lines)
    times = f"{alone.took_ms / batch.took_ms:.1f}"
    took = {name: f"{one.took_ms:.0f}" for name, one in zip("bap", ways, strict=True)}
    return Note(
        Text(
            ru=f"По очереди — {calls} ожиданий по {rtt_ms:g} мс, то есть {calls * rtt_ms:g} мс из "
            f"{took['a']}; параллельно их {waves}; у пакета одно. Пакет быстрее в "
            f"{times.replace('.', ',')} раза ({took['b']} мс против {took['a']}), параллельные "
            f"вызовы — {took['p']} мс. Отвод задерживает ответы, а не установку соединений: в "
            "настоящей сети каждое новое соединение стоит ещё RTT, с TLS 1.3 — два.",
            en=f"One by one there are {calls} waits of {rtt_ms:g} ms, {calls * rtt_ms:g} ms of the "
            f"{took['a']}; in parallel there are {waves}; a batch has one. The batch is {times} "
            f"times as fast ({took['b']} ms, not {took['a']}); calls in parallel took "
            f"{took['p']} ms. The tap holds answers back, not handshakes: on a real network every "
            "new connection costs one more RTT, and two with TLS 1.3.",
        )
    )
