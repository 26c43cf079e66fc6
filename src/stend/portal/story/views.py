"""What of a story is shown: its messages folded and left out, as a reader has chosen."""

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace
from enum import StrEnum

from stend.portal.story.model import (
    Lifeline,
    LineKind,
    Message,
    MessageKind,
    Section,
    Story,
)

BROKERS = frozenset({"rabbitmq", "kafka"})
# After such a pause a step does something else, though it does the same.
_PAUSE_NS = 100_000_000


class View(StrEnum):
    """From the least to the most; STORES folds the calls of one step to one engine."""

    SERVICES = "services"
    BROKERS = "brokers"
    STORES = "stores"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Shown:
    """
    Attributes:
        lines: those that a message touches.
        rows: messages, and the sections that begin between them.
    """

    lines: tuple[Lifeline, ...]
    rows: tuple[Message | Section, ...]

    @property
    def messages(self) -> tuple[Message, ...]:
        return tuple(one for one in self.rows if isinstance(one, Message))


def shown(story: Story, view: View, opened: Set[int] = frozenset()) -> Shown:
    """
    Args:
        opened: numbers of the folds that are to be spread out.
    """
    messages = tuple(_chosen(story, view))
    if view is View.STORES:
        messages = tuple(_folded(story, messages, opened))
    touched = {name for one in messages for name in (one.source, one.target)}
    lines = tuple(one for one in story.lines if one.name in touched)
    return Shown(lines, tuple(_with_sections(story, messages)))


def _chosen(story: Story, view: View) -> Iterator[Message]:
    engines = {one.name for one in story.lines if one.kind is LineKind.ENGINE}
    for one in story.messages:
        touched = {one.source, one.target} & engines
        if view is View.ALL or not touched:
            yield one
        elif touched <= BROKERS:
            if view is not View.SERVICES:
                yield one
            elif one.source in engines and one.origin:
                # Straight from who published it; the broker between them is left out.
                yield replace(one, source=one.origin)
        elif view is View.STORES and (one.kind is not MessageKind.RETURN or one.error):
            # How an engine answers is told when it refuses.
            yield one


def _folded(story: Story, messages: Iterable[Message], opened: Set[int]) -> Iterator[Message]:
    """Calls of one step to one engine, until the step does something else."""
    stores = {one.name for one in story.lines if one.kind is LineKind.ENGINE} - BROKERS
    made: list[list[Message]] = []
    going_on: dict[tuple[str, str], list[Message]] = {}
    for one in messages:
        key = (one.step, one.target)
        if one.target in stores and one.kind is MessageKind.CALL:
            group = going_on.get(key)
            if group is not None and one.at_ns - group[-1].until_ns < _PAUSE_NS:
                group.append(one)
                continue
            group = going_on[key] = [one]
            made.append(group)
            continue
        for known in [known for known in going_on if known[0] == one.step]:
            del going_on[known]
        made.append([one])
    for group in made:
        if len(group) == 1 or group[0].number in opened:
            yield from group
        else:
            yield _fold(group)


def _fold(group: list[Message]) -> Message:
    first, last = group[0], group[-1]
    exchanges = tuple(dict.fromkeys(id_ for one in group for id_ in one.exchanges))
    return replace(
        first,
        label=f"{first.label} … {last.label}",
        until_ns=0 if any(one.is_running for one in group) else max(one.until_ns for one in group),
        spans=tuple(span for one in group for span in one.spans),
        exchanges=exchanges,
        missing=None if exchanges else first.missing,
        error=next((one.error for one in group if one.error), ""),
        members=tuple(group),
    )


def _with_sections(story: Story, messages: Iterable[Message]) -> Iterator[Message | Section]:
    waiting = list(story.sections)
    for one in messages:
        while waiting and waiting[0].at_ns <= one.at_ns:
            yield waiting.pop(0)
        yield one
    yield from waiting
