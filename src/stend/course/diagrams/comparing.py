"""Compares a diagram with what happened."""

from collections.abc import Iterator
from dataclasses import dataclass

from stend.course.diagrams import differences as told
from stend.course.diagrams.differences import Difference, DifferenceKind
from stend.course.diagrams.drawn import drawn, who_is_who
from stend.course.diagrams.expectation import Expected, Happened
from stend.course.diagrams.matching import Matching
from stend.course.diagrams.model import Diagram, Participant
from stend.course.diagrams.scenarios import Scenario, conditional_branches, scenarios


@dataclass(frozen=True, slots=True)
class _Fit:
    """How well a way through the diagram tells an outcome."""

    scenario: Scenario
    matching: Matching

    @property
    def differences(self) -> tuple[Difference, ...]:
        return self.matching.differences


def compare(diagram: Diagram, expected: Expected) -> tuple[Difference, ...]:
    """
    Returns:
        Nothing if the diagram tells each outcome as it was recorded; arrows that the traces do not
        order may stand in any order.

    Raises:
        DiagramError: it has too many combinations of branches.
    """
    return tuple(_once(_Comparison(diagram, expected).differences()))


def _once(found: Iterator[Difference]) -> Iterator[Difference]:
    """What several outcomes have in common is told of the first."""
    seen: set[tuple[object, ...]] = set()
    for one in found:
        key = (one.kind, one.line, one.hop or one.text.en)
        if key not in seen:
            seen.add(key)
            yield one


class _Comparison:
    def __init__(self, diagram: Diagram, expected: Expected) -> None:
        self._diagram = diagram
        self._expected = expected
        self._main = Happened(expected.main, expected)
        self._others = [Happened(one, expected) for one in expected.alternatives]
        self._who = who_is_who(diagram, expected.names)
        self._ways = scenarios(diagram)

    def differences(self) -> Iterator[Difference]:
        yield from self._participants()
        main = self._best(self._main, self._ways)
        fits = [main]
        yield from self._conditioned(main, self._main)
        for other in self._others:
            ways = self._ways_of(other, main)
            if not ways:
                if not self._is_drawn_always(other, main):
                    yield told.missing_alternative(other.title)
                continue
            fit = self._best(other, ways)
            fits.append(fit)
            yield from self._conditioned(fit, other)
        yield from self._branches(fits)

    # ---- participants --------------------------------------------------------------------------

    def _participants(self) -> Iterator[Difference]:
        loose = self._expected.tolerance.participants | self._expected.tolerance.through
        happened = [self._main, *self._others]
        acting = {name for one in happened for name in one.participants}
        needed = {n for one in happened for hop in one.required for n in (hop.source, hop.target)}
        drawn_ones = set(self._who.values())
        for lacking in sorted(needed - drawn_ones):
            yield told.missing_participant(lacking)
        by_name: dict[str, Participant] = {}
        for one in self._diagram.participants:
            name = self._who.get(one.id)
            if name is None or name not in acting | loose:
                yield told.invented_participant(one)
            elif name in by_name:
                yield told.doubled_participant(one, by_name[name])
            else:
                by_name[name] = one

    # ---- outcomes ------------------------------------------------------------------------------

    def _best(self, happened: Happened, ways: tuple[Scenario, ...]) -> _Fit:
        fits = [_Fit(way, self._match(way, happened)) for way in ways]
        return min(fits, key=lambda one: len(one.differences))

    def _match(self, way: Scenario, happened: Happened) -> Matching:
        through = self._expected.tolerance.through
        arrows = drawn(way, self._who, happened.names, through)
        return Matching(arrows, happened, self._expected, frozenset(self._who.values()))

    def _ways_of(self, other: Happened, main: _Fit) -> tuple[Scenario, ...]:
        """Those that show what sets an outcome apart, in branches of their own."""
        apart = set(other.required) - set(self._main.hops)
        ways = [way for way in self._ways if way.taken != main.scenario.taken]
        if not apart:
            return tuple(ways)
        shown = (way for way in ways if apart & set(self._match(way, other).hops))
        return tuple(shown)

    def _is_drawn_always(self, other: Happened, main: _Fit) -> bool:
        """What sets an outcome apart is drawn, but under no condition: told as such already."""
        apart = set(other.required) - set(self._main.hops)
        return any(
            one.kind is DifferenceKind.INVENTED_HOP and one.hop in apart for one in main.differences
        )

    def _conditioned(self, fit: _Fit, happened: Happened) -> Iterator[Difference]:
        """What does not happen in this outcome, but in another, is told so."""
        for one in fit.differences:
            other = self._where_it_happens(one, happened)
            if other is not None and one.hop is not None:
                yield told.unconditional(one.hop, one.line, happened.title, other.title)
            else:
                yield one if happened is self._main else one.of(happened.title)

    def _where_it_happens(self, one: Difference, happened: Happened) -> Happened | None:
        if one.kind is not DifferenceKind.INVENTED_HOP or one.hop in happened.hops:
            return None
        others = (other for other in (self._main, *self._others) if other is not happened)
        return next((other for other in others if one.hop in other.hops), None)

    def _branches(self, fits: list[_Fit]) -> Iterator[Difference]:
        if self._expected.tolerance.more_branches:
            return
        if len(fits) < 1 + len(self._others):
            # Which branch was meant for the outcome that is missing is not known.
            return
        taken: frozenset[int] = frozenset().union(*(one.scenario.taken for one in fits))
        for branch in conditional_branches(self._diagram):
            if branch.line not in taken:
                yield told.invented_alternative(branch.label, branch.line)
