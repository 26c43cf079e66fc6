"""A running stand as a check sees it: over the HTTP APIs of its portal, like any other program."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

from stend.course.errors import NoStandError, StandError
from stend.course.traces import Trace, trace_from_json
from stend.kit.languages import Text

_ANSWER_WITHIN_S = 20.0
_READY_WITHIN_S = 10.0
_LOOK_EVERY_S = 0.05
# A trace is put together from all that was recorded: asked for too often, it holds up what it is
# about.
_TRACE_MOST_S = 0.3
_TRACE_LATER = 1.5
_FAULT_S = 30.0
_NOT_FOUND = 404
_REFUSED = 400
_ENDED = frozenset({"delivered", "cancelled", "failed"})


class StandTimeoutError(StandError):
    """What a check has waited for has not come.

    Attributes:
        trace: as it was last, where it was a trace.
    """

    def __init__(self, text: Text, trace: Trace | None = None) -> None:
        super().__init__(text)
        self.trace = trace


@dataclass(frozen=True, slots=True)
class Called:
    """One operation, performed by the stand's own client of a protocol.

    Attributes:
        status: the protocol's own word: `201 Created`, `NOT_FOUND`.
        result: what the operation gives, the same over every protocol; None after an error.
        error: `code`, `detail`, `domain`, `violations`; None where it went well.
        trace_id: None where the stand records no traces.
        exchanges: of the request, and of the reply where that is another one.
    """

    operation: str
    protocol: str
    ok: bool
    status: str
    duration_ms: float
    result: Mapping[str, Any] | None
    replayed: bool
    error: Mapping[str, Any] | None
    trace_id: str | None
    exchanges: tuple[str, ...]

    @property
    def value(self) -> Mapping[str, Any]:
        """
        Raises:
            StandError: it went wrong.
        """
        if self.result is None:
            error = self.error or {}
            told = f"{self.operation} ({self.protocol}): {error.get('code')}: {error.get('detail')}"
            raise StandError(
                Text(ru=f"Магазин стенда отказал: {told}", en=f"The stand's shop refused: {told}")
            )
        return self.result

    @property
    def order_id(self) -> str:
        """
        Raises:
            StandError: it went wrong.
        """
        return str(self.value["order_id"])


@dataclass(frozen=True, slots=True)
class Passed:
    """An exchange that a tap has recorded.

    Attributes:
        sent, came: the bytes to the server, and those to the client.
        facts: what the codec knows of it: `method`, `target`, `content_type`, …
    """

    id: str
    source: str
    target: str
    protocol: str
    name: str
    summary: str
    trace_id: str | None
    took_ms: float | None
    error: str | None
    sent: bytes
    came: bytes
    facts: Mapping[str, str]


class Stand:
    """
    Args:
        url: of the portal and the shop, `http://127.0.0.1:8000`.
        fault_s: after which a fault reverts by itself: also where nobody is left to clear it.

    Attributes:
        http: a client of `url`, for what has no method here.

    Raises:
        NoStandError: nothing answers there, or it is not ready, or it has no taps.
    """

    def __init__(self, url: str, fault_s: float = _FAULT_S) -> None:
        self.url = url
        self._fault_s = fault_s
        self.http = httpx.Client(base_url=url, trust_env=False, timeout=_ANSWER_WITHIN_S)
        try:
            self._taps = self._ready()
            self.tapped_url = _tapped(url, self._taps)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self.http.close()

    @property
    def environment(self) -> Mapping[str, str]:
        """What programs of the learner find the stand by.

        What goes through the tapped address is recorded byte by byte, and felt by faults.
        """
        port = httpx.URL(self.url).port
        return {
            "STEND_URL": self.url,
            "STEND_TAPPED_URL": self.tapped_url,
            "STEND_PORT_BASE": str(port),
        }

    # ---- operations ----------------------------------------------------------------------------

    def call(
        self,
        operation: str,
        over: str = "rest",
        fields: Mapping[str, Any] | None = None,
        caller: str | None = None,
    ) -> Called:
        """Performs one operation as a customer.

        Args:
            operation: `PlaceOrder`, `GetOrder`, `ListOrders`, `CancelOrder`.
            over: `rest`, `jsonrpc`, `soap`, `graphql`, `grpc`, `websocket`, `amqp`, `kafka`, `mcp`.
            fields: as the contract nests them; what it needs and is not here gets its example,
                and an idempotency key of its own.
            caller: subject of a caller of the demo; None for who calls without a token.

        Raises:
            StandError: the stand cannot perform it. What the shop refuses is in the answer.
        """
        body = {"operation": operation, "over": over, "fields": dict(_flat(fields or {}))}
        told = self._json("POST", "/stand/calls", {**body, "as": caller})
        return Called(**{**told, "exchanges": tuple(told["exchanges"])})

    def place_order(self, over: str = "rest", fields: Mapping[str, Any] | None = None) -> Called:
        """
        Raises:
            StandError: the shop refuses it.
        """
        called = self.call("PlaceOrder", over, fields)
        called.value  # noqa: B018 - says why there is none
        return called

    def order(self, order_id: str) -> Mapping[str, Any]:
        """As GetOrder over REST tells it.

        Raises:
            StandError: there is none.
        """
        told: Mapping[str, Any] = self._json("GET", f"/api/v1/orders/{order_id}")
        return told

    def wait_for_order(
        self, order_id: str, *statuses: str, within_s: float = 30.0
    ) -> Mapping[str, Any]:
        """
        Args:
            statuses: any of them is waited for; without them, that it ends.

        Raises:
            StandTimeoutError: it has none of them in time.
        """
        wanted = frozenset(statuses) or _ENDED
        deadline = time.monotonic() + within_s
        while (order := self.order(order_id))["status"] not in wanted:
            if time.monotonic() > deadline:
                raise _late(f"order {order_id}", within_s, f"status {order['status']}")
            time.sleep(_LOOK_EVERY_S)
        return order

    # ---- what has happened ---------------------------------------------------------------------

    def trace(
        self,
        wanted: str,
        until: Callable[[Trace], bool] | None = None,
        *,
        within_s: float = 15.0,
    ) -> Trace:
        """Waits for a trace by what is in it, and not for a while.

        Args:
            wanted: its id, or the id of an order: the newest trace that tells it.
            until: what has to be there; without it, that nothing of it runs or waits. The saga of
                an order rests between its steps: for all of it, `wait_for_order` first.

        Raises:
            StandTimeoutError: it is not there, or not so, in time.
        """
        is_there = until or (lambda found: not found.waiting)
        deadline = time.monotonic() + within_s
        rest_s = _LOOK_EVERY_S
        while True:
            found = self._trace(wanted)
            if found is not None and is_there(found):
                return found
            if time.monotonic() > deadline:
                told = "there is none" if found is None else f"{len(found.arrows)} arrows so far"
                raise _late(f"trace {wanted}", within_s, told, found)
            time.sleep(rest_s)
            rest_s = min(rest_s * _TRACE_LATER, _TRACE_MOST_S)

    def exchange(self, id_: str) -> Passed:
        """
        Raises:
            StandError: the ring has let it go.
        """
        told = self._json("GET", f"/stand/tap/exchanges/{id_}")
        return Passed(
            id=told["id"],
            source=told["source"],
            target=told["target"],
            protocol=told["protocol"],
            name=told["name"],
            summary=told["summary"],
            trace_id=told["trace"],
            took_ms=told["took_ms"],
            error=told["error"],
            sent=_bytes(told, "to-server"),
            came=_bytes(told, "to-client"),
            facts=told["facts"],
        )

    def parts(self) -> Mapping[str, str]:
        """Engines and services with their states: `ready`, `starting`, `failed`, `stopped`."""
        told = self._json("GET", "/stand/status")
        return {one["name"]: one["state"] for one in (*told["engines"], *told["services"])}

    # ---- faults --------------------------------------------------------------------------------

    @contextmanager
    def fault(
        self,
        kind: str,
        edge: str,
        *,
        probability: float = 1.0,
        seed: int = 1,
        lasts_s: float | None = None,
        **numbers: float,
    ) -> Iterator[str]:
        """A fault for as long as the block, however that ends.

        Args:
            kind: as `stend fault kinds` lists them.
            edge: `client:shop`, `orders:payments`, `stock:rabbitmq`, …: see `edges`.
            lasts_s: after which it reverts by itself, where `fault_s` is too short.
            numbers: those of its kind, as `latency_ms=50`.

        Yields:
            Its id.

        Raises:
            StandError: there is no such kind, edge or number.
        """
        source, _, target = edge.partition(":")
        body = {"kind": kind, "source": source, "target": target, "numbers": numbers}
        duration_s = self._fault_s if lasts_s is None else lasts_s
        more = {"probability": probability, "seed": seed, "duration_s": duration_s}
        id_ = str(self._json("POST", "/stand/faults", {**body, **more})["id"])
        try:
            yield id_
        finally:
            # It may have reverted by itself; a stand that has gone has no faults.
            with suppress(httpx.HTTPError):
                self.http.delete(f"/stand/faults/{id_}")

    @contextmanager
    def without(self, part: str, *, lasts_s: float | None = None) -> Iterator[None]:
        """A part as if it were stopped: whoever connects to it, or it to, is refused.

        Its process goes on: the stand stops no part. What it has in memory stays.

        Raises:
            StandError: no tap leads to or from it.
        """
        edges = [one for one in self.edges() if part in one.split(":")]
        if not edges:
            told = f"{part}: {', '.join(self.edges())}"
            raise StandError(
                Text(
                    ru=f"К этой части не ведёт ни один отвод: {told}",
                    en=f"No tap leads to this part: {told}",
                )
            )
        with ExitStack() as refused:
            for edge in edges:
                refused.enter_context(self.fault("refuse", edge, lasts_s=lasts_s))
            yield

    def edges(self) -> tuple[str, ...]:
        """Where faults can be set: `SOURCE:TARGET` each."""
        return tuple(dict.fromkeys(f"{one['source']}:{one['target']}" for one in self._taps))

    # ---- asking --------------------------------------------------------------------------------

    def _ready(self) -> Sequence[Mapping[str, Any]]:
        """Its taps. A part that was late to answer a probe may be back in a moment."""
        deadline = time.monotonic() + _READY_WITHIN_S
        try:
            while not self._json("GET", "/stand/status")["ready"]:
                if time.monotonic() > deadline:
                    raise _not_ready(self.url)
                time.sleep(_LOOK_EVERY_S)
            taps: Sequence[Mapping[str, Any]] = self._json("GET", "/stand/tap")["taps"]
        except NoStandError:
            raise
        except StandError as error:
            raise NoStandError(error.text) from None
        return taps

    def _trace(self, wanted: str) -> Trace | None:
        story = self._asked("GET", f"/story/{wanted}.json", {"view": "all"})
        if story.status_code == _NOT_FOUND:
            return None
        told: Mapping[str, Any] = _checked(story)
        spans = self._asked("GET", f"/stand/traces/{told['trace_id']}")
        return (
            None
            if spans.status_code == _NOT_FOUND
            else trace_from_json(_checked(spans), told, self._names)
        )

    @property
    def _names(self) -> Mapping[str, str]:
        host = httpx.URL(self.url).host
        return {f"{host}:{one['port']}": one["target"] for one in self._taps}

    def _json(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return _checked(self._asked(method, path, None, body))

    def _asked(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        try:
            return self.http.request(method, path, params=query, json=body)
        except httpx.HTTPError as error:
            told = f"{self.url}{path}: {str(error) or type(error).__name__}"
            raise StandError(
                Text(
                    ru=f"Стенд не отвечает: {told}. Посмотрите: ./stend status",
                    en=f"The stand does not answer: {told}. See ./stend status",
                )
            ) from None


def _not_ready(url: str) -> NoStandError:
    return NoStandError(
        Text(
            ru=f"Стенд {url} не готов: ./stend status покажет, чего он ждёт.",
            en=f"The stand at {url} is not ready: ./stend status tells what it waits for.",
        )
    )


def _tapped(url: str, taps: Sequence[Mapping[str, Any]]) -> str:
    """The twin of the shop's address that leads through the tap."""
    shop = {"source": "client", "target": "shop", "protocol": "http"}
    port = next((one["port"] for one in taps if shop.items() <= one.items()), None)
    if port is None:
        raise NoStandError(
            Text(
                ru=f"Стенд {url} запущен без отводов, а заданию нужны записанные байты. "
                "Перезапустите: ./stend down, ./stend up",
                en=f"The stand at {url} runs without taps, and the exercise needs the recorded "
                "bytes. Restart it: ./stend down, ./stend up",
            )
        )
    return str(httpx.URL(url).copy_with(port=port))


def _checked(answer: httpx.Response) -> Any:
    if answer.status_code < _REFUSED:
        return answer.json()
    told = f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}"
    raise StandError(Text(ru=f"Стенд отказал: {told[:600]}", en=f"The stand refuses: {told[:600]}"))


def _late(what: str, within_s: float, told: str, trace: Trace | None = None) -> StandTimeoutError:
    return StandTimeoutError(
        Text(
            ru=f"Стенд не сделал за {within_s:g} с того, чего ждёт проверка: {what}: {told}. "
            "Посмотрите: ./stend status",
            en=f"Within {within_s:g} s the stand has not come to what the check waits for: "
            f"{what}: {told}. See ./stend status",
        ),
        trace,
    )


def _flat(value: Mapping[str, Any] | list[Any], path: str = "") -> Iterator[tuple[str, str]]:
    """`lines.0.sku` with its text for each; what is None is left out."""
    pairs = value.items() if isinstance(value, Mapping) else enumerate(value)
    for name, one in pairs:
        here = f"{path}.{name}" if path else str(name)
        if isinstance(one, Mapping | list):
            yield from _flat(one, here)
        elif one is not None:
            yield here, str(one)


def _bytes(told: Mapping[str, Any], direction: str) -> bytes:
    """Of all the units of an exchange that went this way.

    Raises:
        StandError: the ring has let some of them go; the rest alone would be a wrong answer.
    """
    pieces = [one["hex"] for one in told["parts"] if one["direction"] == direction]
    if None in pieces:
        raise StandError(
            Text(
                ru=f"Запись обмена {told['id']} уже вытеснена из кольца: tap.ring_mb",
                en=f"The recording of exchange {told['id']} has been let go: tap.ring_mb",
            )
        )
    return b"".join(bytes.fromhex(one) for one in pieces)
