"""The span in hand, and the one recorder of this process that its children go to.

As with metrics, there is one for the process: drivers and pools, which nobody could hand it to,
record here, too. Without a recorder nothing is recorded, and no context is sent.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Protocol

from stend.chassis.tracing.sampling import RateLimit
from stend.chassis.tracing.spans import Kind, Span, SpanContext, context_of

_current: ContextVar[SpanContext | None] = ContextVar("trace", default=None)
_asked: ContextVar[str] = ContextVar("asked", default="unknown")
_TRACE_BITS, _SPAN_BITS = 128, 64


class Sink(Protocol):
    """What keeps spans. Called from any thread; must not block."""

    def began(self, span: Span) -> None: ...

    def ended(self, span: Span) -> None: ...


class Recorder:
    """
    Args:
        limit: of traces that begin by themselves.
        now_ns: since 1970.
        bits: so many random bits; ids are made of them.
    """

    def __init__(
        self,
        sink: Sink,
        limit: RateLimit,
        now_ns: Callable[[], int],
        bits: Callable[[int], int],
    ) -> None:
        self.sink = sink
        self.limit = limit
        self.now_ns = now_ns
        self._bits = bits

    def root(self, service: str, is_sampled: bool = True) -> SpanContext:
        """A trace without a span yet."""
        trace_id = f"{self._bits(_TRACE_BITS) or 1:032x}"
        return SpanContext(service, trace_id, self.span_id(), "", is_sampled)

    def span_id(self) -> str:
        return f"{self._bits(_SPAN_BITS) or 1:016x}"

    def begin(self, parent: SpanContext, parent_id: str, name: str, kind: Kind) -> Span:
        span = Span(parent, parent_id, self.span_id(), name, kind, self.now_ns())
        self.sink.began(span)
        return span

    def end(self, span: Span) -> None:
        span.end_ns = self.now_ns()
        self.sink.ended(span)


_recorder: Recorder | None = None


def install(recorder: Recorder | None) -> None:
    """For this process, from now on; None ends recording."""
    global _recorder  # noqa: PLW0603 - see the head of this module
    _recorder = recorder


def current() -> Span | None:
    """The span in hand, if it is one of this process and recorded."""
    context = _current.get()
    return context if isinstance(context, Span) else None


def stored() -> str | None:
    """The context in hand as a row or a record keeps it, for whoever goes on with the work."""
    context = _current.get()
    if context is None or not context.is_sampled:
        return None
    return f"{context.traceparent} {context.tracestate}".rstrip()


def context_in(service: str, kept: str | None) -> SpanContext | None:
    """What `stored` has told, or None.

    Args:
        service: whose work goes on.
    """
    traceparent, _, tracestate = (kept or "").partition(" ")
    return context_of(service, traceparent, tracestate)


def begin(name: str, kind: Kind = Kind.INTERNAL) -> Span | None:
    """A child of the span in hand; None where nothing is recorded. Ends with `end`."""
    parent = _current.get()
    if parent is None or not parent.is_sampled or _recorder is None:
        return None
    return _recorder.begin(parent, parent.span_id, name, kind)


def begin_after(context: SpanContext | None, name: str, kind: Kind) -> Span | None:
    """A child of a span that is told of: one of another process, or one that was stored."""
    if context is None or not context.is_sampled or _recorder is None:
        return None
    return _recorder.begin(context, context.span_id, name, kind)


def begin_root(service: str, name: str, kind: Kind = Kind.INTERNAL) -> Span | None:
    """A new trace, whatever the rate limit; None without a recorder."""
    if _recorder is None:
        return None
    return _recorder.begin(_recorder.root(service), "", name, kind)


def rooted(service: str, name: str) -> AbstractContextManager[Span | None]:
    """Work that somebody asks for who wants to see it: a trace of its own."""
    return entered(begin_root(service, name))


def received(
    service: str,
    name: str,
    kind: Kind,
    traceparent: str | None,
    tracestate: str = "",
    *,
    starts: bool = True,
) -> Span | None:
    """The span of what has come from outside: a request, a message.

    Args:
        traceparent: as it came. A sampled one is always followed, an unsampled one never.
        starts: without one a trace may begin here, within the rate limit.
    """
    if _recorder is None:
        return None
    context = context_of(service, traceparent, tracestate) if traceparent else None
    if context is not None:
        return begin_after(context, name, kind)
    if not starts or not _recorder.limit.admits():
        return None
    return _recorder.begin(_recorder.root(service), "", name, kind)


def ask(service: str) -> None:
    """What this task does from now on is asked of the service, whose name `received_here` takes."""
    _asked.set(service)


def received_here(
    name: str, kind: Kind, traceparent: str | None, tracestate: str = ""
) -> Span | None:
    """The span of a message that came over a connection, or inside of another message.

    Args:
        traceparent: of the message itself; without one it belongs to what carried it.
    """
    if traceparent is None and _current.get() is not None:
        return begin(name, kind)
    return received(_asked.get(), name, kind, traceparent, tracestate)


def end(span: Span | None, error: BaseException | str | None = None) -> None:
    """
    Args:
        error: what the work failed with, or its `error.type`.
    """
    if span is None or span.end_ns:
        return
    if error is not None:
        fail(span, error)
    if _recorder is not None:
        _recorder.end(span)


def fail(span: Span | None, error: BaseException | str) -> None:
    """The work has failed, and goes on: with a repetition, with writing it down."""
    if span is not None:
        span.error = error if isinstance(error, str) else error_type(error)
        span.attributes["error.type"] = span.error


def error_type(error: BaseException) -> str:
    """The stable code of an error of the stand; the class of any other."""
    code = getattr(error, "code", None)
    return str(code) if isinstance(code, str) else type(error).__name__


def carrier(span: Span | None) -> list[tuple[str, str]]:
    """What a message to somebody else carries: the context of its span.

    Work that is not recorded says so where it was decided for it; otherwise nothing is said, and
    whoever is asked may begin a trace.
    """
    if span is not None:
        return span.carrier()
    context = _current.get()
    return [] if context is None or context.is_sampled else context.carrier()


class _Entered:
    """The span in hand for the length of a block; the block's end is its end, too."""

    __slots__ = ("_span", "_token")

    def __init__(self, span: Span) -> None:
        self._span = span
        self._token: Token[SpanContext | None] | None = None

    def __enter__(self) -> Span:
        self._token = _current.set(self._span)
        return self._span

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        _leave(self._token)
        # What the work itself has called the failure stands.
        end(self._span, None if self._span.error else error)


class _Resumed:
    __slots__ = ("_context", "_token")

    def __init__(self, context: SpanContext) -> None:
        self._context = context
        self._token: Token[SpanContext | None] | None = None

    def __enter__(self) -> None:
        self._token = _current.set(self._context)

    def __exit__(self, *_: object) -> None:
        _leave(self._token)


class _Nothing:
    __slots__ = ()

    def __enter__(self) -> None:
        """Nothing is recorded."""

    def __exit__(self, *_: object) -> None:
        """Nothing was recorded."""


_nothing = _Nothing()


def entered(span: Span | None) -> AbstractContextManager[Span | None]:
    """The span in hand for the length of the block, and ended with it."""
    return _nothing if span is None else _Entered(span)


def resumed(service: str, kept: str | None) -> AbstractContextManager[None]:
    """Work that goes on with what was `stored`: with its trace, or, without one, unrecorded."""
    if _recorder is None:
        return _nothing
    context = context_in(service, kept)
    return _Resumed(context or _recorder.root(service, is_sampled=False))


@contextmanager
def batch_entered(service: str, name: str, kept: Sequence[str | None]) -> Iterator[Span | None]:
    """One piece of work for several messages: a child of the first that is recorded, with links to
    the others (OpenTelemetry's semantic conventions for messaging, "Batch").

    Args:
        kept: what was `stored` with each of them.
    """
    told = [one for one in kept if one]
    with resumed(service, told[0] if told else None), entered(begin(name)) as span:
        if span is not None:
            span.links.extend(one.partition(" ")[0] for one in told[1:])
        yield span


def resumed_unless_traced(service: str, kept: str | None) -> AbstractContextManager[None]:
    """The same for work that a caller may have in hand already, whose trace it then belongs to."""
    return _nothing if _current.get() is not None else resumed(service, kept)


def _leave(token: "Token[SpanContext | None] | None") -> None:
    try:
        if token is not None:
            _current.reset(token)
    except ValueError:
        # A generator that is closed by another task than the one it ran in.
        _current.set(None)
