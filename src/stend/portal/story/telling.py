"""Spans and exchanges to a story."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from urllib.parse import urlsplit

from stend.chassis.tracing.spans import Kind, Span
from stend.chassis.tracing.store import summary_of
from stend.portal.layout import PLACES
from stend.portal.story.linking import CALLERS, Links, Passed
from stend.portal.story.model import (
    CLIENT,
    GATEWAY,
    Lifeline,
    LineKind,
    Message,
    MessageKind,
    Missing,
    Section,
    Story,
)
from stend.portal.wires import ENGINES

# From the left to the right: whoever begins, the service that everything goes through, what it
# calls, and their engines beside them.
_ORDER = (
    CLIENT,
    GATEWAY,
    "identity",
    "catalog",
    "mongodb",
    "orders",
    "postgresql",
    "kafka",
    "rabbitmq",
    "stock",
    "payments",
    "loyalty",
    "mysql",
    "delivery",
    "redis",
    "notifications",
    "analytics",
)
_STREAMED = frozenset({"sse", "websocket"})


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the taps know.

    Attributes:
        passed: exchanges that may belong to the trace.
        is_on: taps stand on the hops.
        kept_from_ns: since 1970: bytes from before were let go; 0 while nothing was.
    """

    passed: Sequence[Passed] = ()
    is_on: bool = True
    kept_from_ns: int = 0

    def missing(self, span: Span) -> Missing:
        if not self.is_on:
            return Missing.TAP_OFF
        return Missing.LET_GO if span.start_ns < self.kept_from_ns else Missing.NOT_SEEN


def story_of(spans: Sequence[Span], recorded: Recorded) -> Story:
    """
    Args:
        spans: of one trace, at least one, in the order in which they began.
    """
    summary = summary_of(spans)
    messages = _numbered(_Telling(spans, recorded).messages())
    return Story(
        trace_id=summary.trace_id,
        root=summary.root_name,
        start_ns=summary.start_ns,
        duration_ns=summary.duration_ns,
        spans=summary.spans,
        is_running=any(not span.end_ns for span in spans),
        has_error=summary.has_error or any(one.is_lost for one in messages),
        order_ids=orders_of(spans),
        lines=_lines(messages),
        messages=messages,
        sections=tuple(_sections(spans)),
    )


def orders_of(spans: Iterable[Span]) -> tuple[str, ...]:
    """The orders that spans are about."""
    told = (
        span.attributes.get(name)
        for span in spans
        for name in ("order.id", "messaging.kafka.message.key")
    )
    found = (one for one in told if isinstance(one, str) and one.startswith("ord_"))
    return tuple(dict.fromkeys(found))


class _Telling:
    def __init__(self, spans: Sequence[Span], recorded: Recorded) -> None:
        self._spans = spans
        self._recorded = recorded
        self._links = Links(spans, recorded.passed)
        self._by_id = {span.span_id: span for span in spans}
        self._servers: dict[str, Span] = {}
        for span in spans:
            if span.kind is Kind.SERVER:
                self._servers.setdefault(span.parent_id, span)
        self._tries: dict[tuple[str, ...], int] = {}
        self._failed: set[tuple[str, ...]] = set()

    def messages(self) -> list[Message]:
        told: Mapping[Kind, Callable[[Span], list[Message]]] = {
            Kind.CLIENT: self._called,
            Kind.SERVER: self._answered,
            Kind.PRODUCER: self._sent,
            Kind.CONSUMER: self._delivered,
            Kind.INTERNAL: self._streamed,
        }
        return [message for span in self._spans for message in told[span.kind](span)]

    # ---- calls ---------------------------------------------------------------------------------

    def _called(self, span: Span) -> list[Message]:
        bytes_ = self._links.exchanges_of(span)
        server = self._servers.get(span.span_id)
        engine = span.attributes.get("db.system.name")
        if isinstance(engine, str):
            call = self._call(span, bytes_, _name(span.service), engine, engine, span.name)
            is_answered = any(one.answers for one in bytes_) or not bytes_
            call = _unanswered(call, span, bytes_, is_answered)
            # Of an engine that refuses, the answer is what tells it.
            return _with_return(call, _outcome(span))
        target = _callee(span, server, bytes_)
        call = self._call(
            span, bytes_, _name(span.service), target, _wire(span, bytes_), _ask(span)
        )
        has_status = "http.response.status_code" in span.attributes
        is_answered = any(one.answers for one in bytes_) if bytes_ else has_status or bool(server)
        call = replace(
            _unanswered(call, span, bytes_, is_answered),
            attempt=self._attempt(span, (span.service, span.name, target)),
            spans=(*call.spans, server.span_id) if server else call.spans,
        )
        return _through_gateway(_with_return(call, _outcome(span)), bytes_)

    def _answered(self, span: Span) -> list[Message]:
        """The call of somebody who has no span here: his spans came from nowhere."""
        parent = self._by_id.get(span.parent_id)
        if parent is not None and (parent.kind is Kind.CLIENT or parent.service == span.service):
            return []
        source = _name(parent.service) if parent is not None else CLIENT
        bytes_ = self._links.exchanges_of(span)
        call = self._call(span, bytes_, source, span.service, _wire(span, bytes_), _ask(span))
        return _through_gateway(_with_return(call, _outcome(span)), bytes_)

    def _call(
        self,
        span: Span,
        bytes_: Sequence[Passed],
        source: str,
        target: str,
        wire: str,
        label: str,
    ) -> Message:
        stream = next((one for one in bytes_ if one.streams), None)
        is_stream = stream is not None or (not bytes_ and wire in _STREAMED)
        kind = MessageKind.STREAM if is_stream else MessageKind.CALL
        made = self._made(span, bytes_, kind, source, target, wire, label)
        return replace(made, sent=stream.sent, came=stream.came) if stream else made

    # ---- messages ------------------------------------------------------------------------------

    def _sent(self, span: Span) -> list[Message]:
        broker = str(span.attributes.get("messaging.system", ""))
        bytes_ = self._links.exchanges_of(span)
        made = self._made(
            span,
            bytes_,
            MessageKind.MESSAGE,
            _name(span.service),
            broker,
            _spoken(broker),
            _what(span),
        )
        message_id = str(span.attributes.get("messaging.message.id", ""))
        key = (broker, str(span.attributes.get("messaging.destination.name")), message_id)
        attempt = self._attempt(span, key, always=True) if message_id else 1
        return [replace(made, attempt=attempt)]

    def _delivered(self, span: Span) -> list[Message]:
        broker = str(span.attributes.get("messaging.system", ""))
        bytes_ = self._links.exchanges_of(span)
        sender = self._by_id.get(span.parent_id)
        sent = sender if sender is not None and sender.kind is Kind.PRODUCER else None
        label = _what(sent) if sent is not None and not _type(span) else _what(span)
        made = self._made(
            span, bytes_, MessageKind.MESSAGE, broker, _name(span.service), _spoken(broker), label
        )
        return [
            replace(
                made,
                origin=_name(sent.service) if sent is not None else "",
                is_redelivered=span.attributes.get("messaging.redelivered") is True,
            )
        ]

    def _streamed(self, span: Span) -> list[Message]:
        """What came on a stream that was open before: the work of one after that of another."""
        parent = self._by_id.get(span.parent_id)
        if parent is None or parent.service == span.service or parent.service in CALLERS:
            return []
        made = self._made(
            span, (), MessageKind.STREAM, _name(parent.service), _name(span.service), "", span.name
        )
        return [made]

    # ---- both ----------------------------------------------------------------------------------

    def _made(
        self,
        span: Span,
        bytes_: Sequence[Passed],
        kind: MessageKind,
        source: str,
        target: str,
        wire: str,
        label: str,
    ) -> Message:
        error = span.error or next((one.error for one in bytes_ if one.error), "")
        return Message(
            number=0,
            kind=kind,
            source=source,
            target=target,
            at_ns=span.start_ns,
            until_ns=span.end_ns,
            wire=wire,
            label=label,
            step=span.parent_id,
            spans=(span.span_id,),
            exchanges=tuple(one.id for one in bytes_),
            missing=None if bytes_ else self._recorded.missing(span),
            error=error,
            is_compensation=self._compensates(span),
        )

    def _compensates(self, span: Span) -> bool:
        seen: Span | None = span
        while seen is not None:
            if seen.attributes.get("saga.compensation") is True:
                return True
            seen = self._by_id.get(seen.parent_id)
        return False

    def _attempt(self, span: Span, key: tuple[str, ...], *, always: bool = False) -> int:
        """The how manieth time the same is tried; a success ends the count, unless `always`."""
        number = self._tries.get(key, 0) + 1 if always or key in self._failed else 1
        self._tries[key] = number
        if span.error:
            self._failed.add(key)
        else:
            self._failed.discard(key)
        return number


def _unanswered(call: Message, span: Span, bytes_: Sequence[Passed], is_answered: bool) -> Message:
    """Of what nobody has answered: it is lost when its caller gave up or its connection ended."""
    if is_answered:
        return call
    is_cut = bool(bytes_) and all(one.is_cut for one in bytes_)
    is_lost = bool(span.error) or is_cut
    return replace(call, is_lost=is_lost, is_waiting=call.is_running and not is_lost)


def _with_return(call: Message, outcome: str) -> list[Message]:
    if call.is_running or call.is_lost:
        return [call]
    back = replace(
        call,
        kind=MessageKind.RETURN,
        source=call.target,
        target=call.source,
        at_ns=call.until_ns,
        label=outcome,
        attempt=1,
        sent=0,
        came=0,
        # Replaced by the call's number with all others.
        of=-1,
    )
    return [replace(call, error=""), back]


def _through_gateway(messages: list[Message], bytes_: Sequence[Passed]) -> list[Message]:
    """Through the gateway, if the bytes say so: the same context passed on both sides of it."""
    inner = tuple(one.id for one in bytes_ if one.source == GATEWAY)
    if not inner:
        return messages
    outer = tuple(one.id for one in bytes_ if one.source != GATEWAY)
    call, *back = messages
    missing = None if outer else Missing.NOT_SEEN
    first = replace(call, target=GATEWAY, exchanges=outer, missing=missing)
    second = replace(call, source=GATEWAY, exchanges=inner, attempt=1)
    # The gateway may answer for somebody who does not.
    is_swallowed = bool(back) and not any(one.answers for one in bytes_ if one.source == GATEWAY)
    made = [first, replace(second, is_lost=True) if is_swallowed else second]
    for one in back:
        if not is_swallowed:
            made.append(replace(one, target=GATEWAY, exchanges=inner))
        made.append(replace(one, source=GATEWAY, exchanges=outer, missing=first.missing))
    return made


def _numbered(messages: Iterable[Message]) -> tuple[Message, ...]:
    ordered = sorted(messages, key=attrgetter("at_ns"))
    # A call and its return are known by what they were made from and by whom they go between.
    calls: dict[tuple[tuple[str, ...], str, str], int] = {}
    numbered: list[Message] = []
    for number, one in enumerate(ordered, 1):
        if not one.of:
            calls[(one.spans, one.source, one.target)] = number
        of = calls.get((one.spans, one.target, one.source), 0) if one.of else 0
        numbered.append(replace(one, number=number, of=of))
    return tuple(numbered)


def _lines(messages: Sequence[Message]) -> tuple[Lifeline, ...]:
    names = dict.fromkeys(name for one in messages for name in (one.source, one.target))
    known = {name: at for at, name in enumerate(_ORDER)}
    ordered = sorted(names, key=lambda name: known.get(name, len(known)))
    return tuple(Lifeline(name, _kind(name)) for name in ordered)


def _kind(name: str) -> LineKind:
    if name == CLIENT:
        return LineKind.CLIENT
    if name == GATEWAY:
        return LineKind.GATEWAY
    if name in ENGINES:
        return LineKind.ENGINE
    return LineKind.SERVICE if name in PLACES else LineKind.OUTSIDE


def _sections(spans: Iterable[Span]) -> Iterable[Section]:
    for span in spans:
        step = span.attributes.get("saga.step")
        if isinstance(step, str):
            tried = span.attributes.get("retry.attempt", 0)
            yield Section(
                span.start_ns,
                step,
                span.attributes.get("saga.compensation") is True,
                1 + tried if isinstance(tried, int) else 1,
                span.error,
            )


def _name(service: str) -> str:
    return CLIENT if service in CALLERS else service


def _callee(span: Span, server: Span | None, bytes_: Sequence[Passed]) -> str:
    if server is not None:
        return server.service
    # `shop` is the one port of all services: it names none of them.
    known = (one.target for one in reversed(bytes_) if one.target not in ("shop", GATEWAY))
    if (target := next(known, None)) is not None:
        return target
    url = span.attributes.get("url.full")
    if isinstance(url, str):
        return urlsplit(url).netloc
    return str(span.attributes.get("rpc.service") or span.attributes.get("server.address", "?"))


def _wire(span: Span, bytes_: Sequence[Passed]) -> str:
    system = span.attributes.get("rpc.system")
    if isinstance(system, str):
        return system
    return next((one.wire for one in bytes_), "http")


def _ask(span: Span) -> str:
    """`Authorise`, `loyalty.accrue`, `POST /api/v1/orders`."""
    attributes = span.attributes
    if method := attributes.get("rpc.method"):
        return str(method)
    verb = attributes.get("http.request.method")
    if not verb:
        return span.name
    path = attributes.get("http.route") or attributes.get("url.path")
    return f"{verb} {path or urlsplit(str(attributes.get('url.full', ''))).path}"


def _outcome(span: Span) -> str:
    status = span.attributes.get("http.response.status_code")
    if span.error:
        return span.error
    return str(status) if status is not None else ""


def _type(span: Span) -> str:
    return str(span.attributes.get("messaging.message.type", ""))


def _what(span: Span) -> str:
    return _type(span) or str(span.attributes.get("messaging.destination.name", span.name))


def _spoken(broker: str) -> str:
    return "amqp" if broker == "rabbitmq" else broker
