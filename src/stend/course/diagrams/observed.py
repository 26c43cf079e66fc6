"""What really happened: arrows of a trace, and which of them had to come before which."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from stend.course.diagrams.model import Arrow
from stend.kit.languages import Text

# A stream is neither waited for nor forgotten: what it is drawn as is not judged.
_ARROWS: Mapping[str, Arrow | None] = {
    "call": Arrow.SYNC,
    "return": Arrow.REPLY,
    "message": Arrow.ASYNC,
    "stream": None,
}


@dataclass(frozen=True, slots=True)
class Observed:
    """One arrow.

    Attributes:
        number: of it, in the order in which arrows began.
        source, target: as the stand calls them: `orders`, `rabbitmq`, `client`.
        label: the operation: `Authorise`, `POST /api/v1/orders`, `OrderPlaced`.
        arrow: None where either is right.
        wire: `rest`, `soap`, `amqp` …
        of: for a reply, the number of its call.
        error: what it failed with; empty if it did not.
        after: numbers of arrows without which this one could not have begun.
    """

    number: int
    source: str
    target: str
    label: str
    arrow: Arrow | None
    wire: str = ""
    of: int = 0
    error: str = ""
    after: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Trace:
    """
    Attributes:
        title: the outcome, as a learner calls it: «оплата отклонена», "the payment is refused".
    """

    title: Text
    arrows: tuple[Observed, ...]


class RecordedArrow(Protocol):
    """As `stend.course.traces.Arrow` has them; `kind` is `call`, `return`, `message`, `stream`."""

    @property
    def number(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def protocol(self) -> str | None: ...
    @property
    def of(self) -> int | None: ...
    @property
    def error(self) -> str | None: ...


_A = TypeVar("_A", bound=RecordedArrow)


class Recorded(Protocol[_A]):
    """A trace of the stand: what `case.stand.trace(…)` returns."""

    @property
    def arrows(self) -> tuple[_A, ...]: ...

    def happens_before(self, first: _A, second: _A) -> bool: ...


def observed(title: Text, trace: Recorded[_A], among: Collection[str]) -> Trace:
    """
    Args:
        among: participants that are looked at; what others send or get is left out.
    """
    kept = [one for one in trace.arrows if one.source in among and one.target in among]
    return Trace(title, tuple(_observed(one, kept, trace) for one in kept))


def _observed(one: _A, kept: Sequence[_A], trace: Recorded[_A]) -> Observed:
    before = (other.number for other in kept if trace.happens_before(other, one))
    return Observed(
        number=one.number,
        source=one.source,
        target=one.target,
        label=one.label,
        arrow=_ARROWS[str(one.kind)],
        wire=one.protocol or "",
        of=one.of or 0,
        error=one.error or "",
        after=frozenset(before),
    )


def up_to(trace: Trace, is_last: Callable[[Observed], bool]) -> Trace:
    """Without what could only begin after the first arrow for which `is_last` holds.

    A trace that is read while work goes on has more in it the later it is read; cut like this it
    has the same each time, but for what nothing orders.
    """
    last = next((one.number for one in trace.arrows if is_last(one)), None)
    if last is None:
        return trace
    before = closed(trace.arrows)
    kept = tuple(one for one in trace.arrows if last not in before[one.number])
    return Trace(trace.title, kept)


def closed(arrows: Sequence[Observed]) -> Mapping[int, frozenset[int]]:
    """For each arrow all that came before it, directly or not."""
    known = {one.number for one in arrows}
    found = {one.number: one.after & known for one in arrows}
    has_grown = True
    while has_grown:
        has_grown = False
        for number, before in found.items():
            further = before.union(*(found[one] for one in before))
            if len(further) > len(before):
                found[number], has_grown = further, True
    return found
