"""What a learner has drawn, under the names of the exercise."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from stend.course.diagrams.model import Arrow, Diagram
from stend.course.diagrams.naming import Names
from stend.course.diagrams.scenarios import Scenario


@dataclass(frozen=True, slots=True)
class Drawn:
    """One arrow of one scenario.

    Attributes:
        at: its place, from 0.
        operation: None where its label names none.
        parallel: as in `Step`.
    """

    at: int
    source: str
    target: str
    operation: str | None
    label: str
    arrow: Arrow
    line: int
    is_lost: bool
    is_repeated: bool
    parallel: tuple[tuple[int, int], ...]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}: {self.operation or self.label or '–'}"


def drawn(
    scenario: Scenario, who: Mapping[str, str], names: Names, through: frozenset[str]
) -> tuple[Drawn, ...]:
    """
    Args:
        who: by the ids of the diagram, the names that the stand uses; what is not there is left
            out, and so is what somebody sends himself.
        through: brokers, which are taken out from between.
    """
    told = _named(scenario, who, names)
    return tuple(_direct(told, through)) if through else tuple(told)


def _named(scenario: Scenario, who: Mapping[str, str], names: Names) -> Iterator[Drawn]:
    for at, step in enumerate(scenario.steps):
        one = step.message
        if one.source == one.target or one.source not in who or one.target not in who:
            continue
        yield Drawn(
            at=at,
            source=who[one.source],
            target=who[one.target],
            operation=names.operation(one.label),
            label=one.label,
            arrow=one.arrow,
            line=one.line,
            is_lost=one.is_lost,
            is_repeated=step.is_repeated,
            parallel=step.parallel,
        )


def _direct(told: Iterator[Drawn], through: frozenset[str]) -> Iterator[Drawn]:
    sent: dict[tuple[str, str | None], Drawn] = {}
    for one in told:
        if one.target in through:
            if one.arrow is not Arrow.REPLY:
                sent[one.target, one.operation] = one
        elif one.source in through:
            # A broker's confirm is no message of its own.
            first = sent.get((one.source, one.operation))
            if first is not None and one.operation is not None:
                is_sync = Arrow.SYNC in (first.arrow, one.arrow)
                arrow = Arrow.SYNC if is_sync else Arrow.ASYNC
                yield replace(one, source=first.source, arrow=arrow)
            elif one.arrow is not Arrow.REPLY:
                yield one
        else:
            yield one


def who_is_who(diagram: Diagram, names: Names) -> Mapping[str, str]:
    """By the id of a participant the name that the stand uses; unknown ones are left out."""
    found = ((one.id, names.participant(one.name, one.id)) for one in diagram.participants)
    return {id_: name for id_, name in found if name is not None}
