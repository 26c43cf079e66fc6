"""A recorded trace as plain data: spans, the arrows of its story, and which came before which."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

_NS_PER_MS = 1_000_000
_STEP = "saga.step"
_WAITED_FOR_BY_NOBODY = frozenset({"producer", "consumer"})


class ArrowKind(StrEnum):
    """CALL waits for its RETURN; MESSAGE waits for nobody; STREAM goes on bringing answers."""

    CALL = "call"
    RETURN = "return"
    MESSAGE = "message"
    STREAM = "stream"


@dataclass(frozen=True, slots=True)
class TraceSpan:
    """
    Attributes:
        parent_id: None for the root, and for one whose parent is of another trace.
        kind: `client`, `server`, `producer`, `consumer` or `internal`.
        end_ns: since 1970; None while it goes on.
        links: ids of spans that it follows from and is no child of.
    """

    span_id: str
    parent_id: str | None
    service: str
    name: str
    kind: str
    start_ns: int
    end_ns: int | None
    status: str
    attributes: Mapping[str, Any]
    links: tuple[str, ...]

    @property
    def failed(self) -> bool:
        return self.status == "error"


@dataclass(frozen=True, slots=True)
class Arrow:
    """Who says what to whom.

    Attributes:
        source, target: names of parts; `client` is whoever calls the shop from outside of it.
        number: in the whole story, from 1, in order of time.
        of: for a RETURN, the number of its call.
        protocol: what is spoken: `rest`, `jsonrpc`, `soap`, `graphql`, `grpc`, `amqp`, `kafka`,
            `postgresql`, `redis`, …; None where nobody knows.
        label: `POST /api/v1/orders`, `OrderPlaced`, `INSERT orders.outbox`.
        at_ms, until_ms: since the first span began; `until_ms` is None while it goes on.
        exchanges: ids for `Stand.exchange`; none where the tap has not seen it.
        error: what went wrong, as the protocol says it.
        attempt: from 2 on for a repetition.
        waiting: a call that nobody has answered yet.
        lost: nobody has answered, and nobody will.
    """

    number: int
    kind: ArrowKind
    source: str
    target: str
    label: str
    protocol: str | None
    at_ms: float
    until_ms: float | None
    of: int | None = None
    spans: tuple[str, ...] = ()
    exchanges: tuple[str, ...] = ()
    error: str | None = None
    attempt: int = 1
    redelivered: bool = False
    compensation: bool = False
    waiting: bool = False
    lost: bool = False

    @property
    def is_async(self) -> bool:
        """Whoever sends it does not wait for an answer."""
        return self.kind is ArrowKind.MESSAGE

    def __str__(self) -> str:
        sign = {ArrowKind.RETURN: "-->>", ArrowKind.MESSAGE: "-)"}.get(self.kind, "->>")
        return f"{self.source}{sign}{self.target}: {self.label}".rstrip(": ")


@dataclass(frozen=True, slots=True)
class Step:
    """Where a step of the saga begins: `reserve`, `authorise`, …"""

    step: str
    at_ms: float
    attempt: int
    compensation: bool
    error: str | None


@dataclass(frozen=True)
class Trace:
    """
    Attributes:
        running: a span has not ended yet.
        failed: a span ended with an error.
        spans: in the order in which they began.
        arrows: all of them, stores and brokers too, in order of time.
    """

    trace_id: str
    root: str
    order_ids: tuple[str, ...]
    running: bool
    failed: bool
    duration_ms: float
    spans: tuple[TraceSpan, ...]
    arrows: tuple[Arrow, ...]
    steps: tuple[Step, ...] = field(default=())

    @property
    def services(self) -> tuple[str, ...]:
        """In the order in which they were reached first."""
        return tuple(dict.fromkeys(one.service for one in self.spans))

    @property
    def waiting(self) -> bool:
        """Work goes on, or somebody waits for an answer."""
        return self.running or any(one.waiting for one in self.arrows)

    def between(self, source: str, target: str) -> tuple[Arrow, ...]:
        """What one says to the other, returns left out."""
        return tuple(
            one
            for one in self.arrows
            if (one.source, one.target) == (source, target) and one.kind is not ArrowKind.RETURN
        )

    def returned(self, call: Arrow) -> Arrow | None:
        return next((one for one in self.arrows if one.of == call.number), None)

    def happens_before(self, first: Arrow, second: Arrow) -> bool:
        """Whether the second could not have been sent without the first.

        By cause, not by clock: along parents and links of spans, through the answers that a
        sender has waited for, and from step to step of the saga. Of two arrows that are neither
        before the other, either order is right, whatever the clock says of this trace.
        """
        return second.number in self._after[first.number]

    @cached_property
    def _after(self) -> Mapping[int, frozenset[int]]:
        following: dict[int, set[int]] = {one.number: set() for one in self.arrows}
        causes = {one.number: self._ancestors(one) for one in self.arrows}
        for one in self.arrows:
            following[one.number].update(
                other.number for other in self.arrows if self._leads(one, other, causes)
            )
        return {number: frozenset(_reached(number, following)) for number in following}

    def _leads(self, one: Arrow, other: Arrow, causes: Mapping[int, frozenset[str]]) -> bool:
        if one.number >= other.number:
            return False
        if other.of is not None:
            return self._leads_to_return(one, self._by_number[other.of])
        if one.of is not None:
            return self._returns_to(one, other) or self._ends_step(one, other, causes)
        if not causes[other.number].isdisjoint(one.spans):
            return True
        return self._ends_step(one, other, causes)

    def _leads_to_return(self, one: Arrow, call: Arrow) -> bool:
        """The call itself, and the answers that its server has waited for."""
        if one.of is None:
            return one is call
        return not self._waited_for_by(self._by_number[one.of]).isdisjoint(call.spans)

    def _returns_to(self, one: Arrow, other: Arrow) -> bool:
        """What a piece of work sends after an answer. What waits for nobody tells no order: those
        who hand messages to two brokers do so at the same time.
        """
        call = self._by_number[one.of or 0]
        return self._work(call) == self._work(other)

    def _ends_step(self, one: Arrow, other: Arrow, causes: Mapping[int, frozenset[str]]) -> bool:
        """The saga takes a step when the answer to the one before is there."""
        step = self._step_of(other, causes)
        if step is None or one.target != step.service:
            return False
        before = self._step_of(one, causes)
        return (
            before is not None
            and before.parent_id == step.parent_id
            and before.end_ns is not None
            and before.end_ns <= step.start_ns
            and self._ended_ns(one) <= step.start_ns
        )

    def _step_of(self, arrow: Arrow, causes: Mapping[int, frozenset[str]]) -> TraceSpan | None:
        found = [
            self._spans_by_id[one]
            for one in causes[arrow.number]
            if one in self._spans_by_id and _STEP in self._spans_by_id[one].attributes
        ]
        return max(found, key=lambda one: one.start_ns, default=None)

    def _ended_ns(self, arrow: Arrow) -> float:
        return self.spans[0].start_ns + arrow.at_ms * _NS_PER_MS

    def _waited_for_by(self, arrow: Arrow) -> frozenset[str]:
        """Spans that went on until this call was answered."""
        found: set[str] = set()
        ahead = self._spans_by_id.get(arrow.spans[0]) if arrow.spans else None
        while ahead and ahead.kind not in _WAITED_FOR_BY_NOBODY and ahead.span_id not in found:
            found.add(ahead.span_id)
            ahead = self._spans_by_id.get(ahead.parent_id or "")
        return frozenset(found - set(arrow.spans))

    def _work(self, arrow: Arrow) -> tuple[str, str | None]:
        """Who sends it, and as part of which span."""
        first = self._spans_by_id.get(arrow.spans[0]) if arrow.spans else None
        return arrow.source, first.parent_id if first else None

    def _ancestors(self, arrow: Arrow) -> frozenset[str]:
        found: set[str] = set()
        ahead = deque(self._behind(one) for one in arrow.spans)
        while ahead:
            for one in ahead.popleft():
                if one not in found and one not in arrow.spans:
                    found.add(one)
                    ahead.append(self._behind(one))
        return frozenset(found)

    def _behind(self, span_id: str) -> tuple[str, ...]:
        span = self._spans_by_id.get(span_id)
        if span is None:
            return ()
        return (*((span.parent_id,) if span.parent_id else ()), *span.links)

    @cached_property
    def _spans_by_id(self) -> Mapping[str, TraceSpan]:
        return {one.span_id: one for one in self.spans}

    @cached_property
    def _by_number(self) -> Mapping[int, Arrow]:
        return {one.number: one for one in self.arrows}


def trace_from_json(
    trace: Mapping[str, Any], story: Mapping[str, Any], names: Mapping[str, str]
) -> Trace:
    """
    Args:
        trace: the answer of `/stand/traces/{id}`.
        story: the answer of `/story/{id}.json?view=all`.
        names: of parts, by their addresses: whoever was refused knows no more of the other side.
    """
    rows = story["rows"]
    known = {**names, "portal": "client"}
    return Trace(
        trace_id=story["trace_id"],
        root=story["root"],
        order_ids=tuple(story["order_ids"]),
        running=story["running"],
        failed=story["error"],
        duration_ms=story["duration_ms"],
        spans=tuple(_span(one) for one in trace["spans"]),
        arrows=tuple(_arrow(one, known) for one in rows if one["kind"] != "step"),
        steps=tuple(_step(one) for one in rows if one["kind"] == "step"),
    )


def _span(one: Mapping[str, Any]) -> TraceSpan:
    links = tuple(str(link) for link in one["links"])
    return TraceSpan(**{**one, "links": links})


def _arrow(one: Mapping[str, Any], names: Mapping[str, str]) -> Arrow:
    took = one["took_ms"]
    return Arrow(
        number=one["number"],
        kind=ArrowKind(one["kind"]),
        source=names.get(one["source"], one["source"]),
        target=names.get(one["target"], one["target"]),
        label=one["label"],
        protocol=one["wire"],
        at_ms=one["after_ms"],
        until_ms=None if took is None else one["after_ms"] + took,
        of=one["of"],
        spans=tuple(one["spans"]),
        exchanges=tuple(one["exchanges"]),
        error=one["error"],
        attempt=one["attempt"],
        redelivered=one["redelivered"],
        compensation=one["compensation"],
        waiting=one["waiting"],
        lost=one["lost"],
    )


def _step(one: Mapping[str, Any]) -> Step:
    return Step(one["step"], one["after_ms"], one["attempt"], one["compensation"], one["error"])


def _reached(number: int, following: Mapping[int, set[int]]) -> set[int]:
    found: set[int] = set()
    ahead = deque(following[number])
    while ahead:
        one = ahead.popleft()
        if one not in found:
            found.add(one)
            ahead.extend(following[one] - found)
    return found
