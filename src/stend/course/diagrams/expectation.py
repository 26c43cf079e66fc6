"""What an exercise compares a diagram with."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from stend.course.diagrams.model import Arrow
from stend.course.diagrams.naming import Names
from stend.course.diagrams.observed import Observed, Trace, closed
from stend.kit.languages import Text


class Hop(NamedTuple):
    """An operation between two participants, by the names that the stand and the exercise use."""

    source: str
    target: str
    operation: str

    def __str__(self) -> str:
        return f"{self.source} → {self.target}: {self.operation}"


def answer_to(hop: Hop) -> Hop:
    """The reply to a call, for a `Rule`."""
    return Hop(hop.target, hop.source, f"answer to {hop.operation}")


@dataclass(frozen=True, slots=True)
class Rule:
    """An order that no single trace proves.

    Attributes:
        before, after: hops, or `answer_to` one.
        why: one sentence that tells it.
    """

    before: Hop
    after: Hop
    why: Text


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What a diagram may leave out.

    Attributes:
        participants: databases, taps, whoever is not the point.
        operations: by the names of `Names.operations`, or as the stand labels them.
        through: brokers: `A → broker → B` is the same as `A → B`.
        repeated: operations that may be drawn more often than the trace has them: it may have been
            cut, or read too early.
        more_branches: branches that no recorded outcome has taken are no difference.
    """

    participants: frozenset[str] = frozenset()
    operations: frozenset[str] = frozenset()
    through: frozenset[str] = frozenset()
    repeated: frozenset[str] = frozenset()
    more_branches: bool = False


@dataclass(frozen=True, slots=True)
class Expected:
    """
    Attributes:
        main: the outcome that a diagram shows in any case.
        alternatives: further outcomes, each recorded under its own fault or data: every one wants
            a branch.
    """

    main: Trace
    names: Names
    alternatives: tuple[Trace, ...] = ()
    tolerance: Tolerance = field(default_factory=Tolerance)
    rules: tuple[Rule, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """Of every outcome, so that what is drawn in the wrong one is known all the same."""
        arrows = (arrow for one in (self.main, *self.alternatives) for arrow in one.arrows)
        told = (one.label for one in arrows if one.arrow is not Arrow.REPLY)
        return tuple(dict.fromkeys((*told, *sorted(self.tolerance.operations))))


class Happened:
    """A trace under the names of the exercise, with the brokers taken out of its arrows.

    Attributes:
        arrows: without replies, in the order in which they began.
        before: for the number of an arrow, all that had to come before.
    """

    def __init__(self, trace: Trace, expected: Expected) -> None:
        self.title = trace.title
        self.names = expected.names.knowing(expected.labels)
        self._through = expected.tolerance.through
        self.before = closed(trace.arrows)
        self.calls = {one.number: one for one in trace.arrows}
        self.replies = {
            one.of: one for one in trace.arrows if one.arrow is Arrow.REPLY and one.of in self.calls
        }
        self.arrows = tuple(self._direct(trace.arrows))
        self.hops: Mapping[Hop, list[Observed]] = self._by_hop()
        self._tolerance = expected.tolerance

    @property
    def participants(self) -> frozenset[str]:
        return frozenset(name for one in self.arrows for name in (one.source, one.target))

    def hop(self, one: Observed) -> Hop:
        return Hop(one.source, one.target, self.names.operation(one.label) or one.label)

    def is_required(self, hop: Hop) -> bool:
        loose = self._tolerance
        return hop.operation not in loose.operations and not (
            {hop.source, hop.target} & (loose.participants | loose.through)
        )

    @property
    def required(self) -> tuple[Hop, ...]:
        return tuple(hop for hop in self.hops if self.is_required(hop))

    def _direct(self, arrows: tuple[Observed, ...]) -> list[Observed]:
        """What goes through a broker, straight from its sender to its receiver."""
        made: list[Observed] = []
        sent: dict[tuple[str, str], str] = {}
        for one in arrows:
            if one.arrow is Arrow.REPLY:
                continue
            told = self.names.operation(one.label) or one.label
            if one.target in self._through:
                sent[one.target, told] = one.source
            elif one.source in self._through and (one.source, told) in sent:
                made.append(replace(one, source=sent[one.source, told]))
            else:
                made.append(one)
        return made

    def _by_hop(self) -> dict[Hop, list[Observed]]:
        found: dict[Hop, list[Observed]] = {}
        for one in self.arrows:
            found.setdefault(self.hop(one), []).append(one)
        return found
