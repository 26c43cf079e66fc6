"""The life of one message, put together from what the wire showed of it. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from stend.portal.messages.steps import ARRIVED, FAILED, SETTLED, Did, Step

# Of one life; who is delivered again and again has the newest shown.
MOST_ROWS = 200


class Mark(StrEnum):
    """Why a row is no ordinary one."""

    REDELIVERED = "redelivered"
    AGAIN = "again"
    PUBLISHED_AGAIN = "published_again"
    ATTEMPT = "attempt"
    RETRIED = "retried"
    DEAD = "dead"
    CAME_DEAD = "came_dead"


class Ending(StrEnum):
    """How the life looks at its last row."""

    DONE = "done"
    WAITING = "waiting"
    WITH_CONSUMER = "with_consumer"
    FAILED = "failed"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Row:
    """
    Attributes:
        after_ms: since the first row.
        marks: with the number that belongs to each: an attempt, a count of deaths; else 0.
    """

    step: Step
    after_ms: float
    marks: Mapping[Mark, int]

    @property
    def is_failed(self) -> bool:
        return self.step.did in FAILED


@dataclass(frozen=True, slots=True)
class Life:
    """
    Attributes:
        ids: all names of the message.
        has_beginning: its publishing was seen.
        left_off: rows that are not shown.
    """

    ids: tuple[str, ...]
    rows: tuple[Row, ...]
    ending: Ending
    has_beginning: bool
    left_off: int

    @property
    def marks(self) -> frozenset[Mark]:
        return frozenset(mark for row in self.rows for mark in row.marks)

    @property
    def wires(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.step.wire for row in self.rows))

    @property
    def last(self) -> Step:
        return self.rows[-1].step

    @property
    def type(self) -> str:
        return next((row.step.type for row in self.rows if row.step.type), "")

    @property
    def traces(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.step.trace for row in self.rows if row.step.trace))

    @property
    def correlations(self) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(row.step.correlation for row in self.rows if row.step.correlation)
        )


def no_dead_letters(_queue: str) -> bool:
    """Where nobody knows the arguments of queues."""
    return False


def life_of(
    steps: Iterable[Step],
    settling: Sequence[Step] = (),
    goes_dead: Callable[[str], bool] = no_dead_letters,
) -> Life | None:
    """
    Args:
        steps: of this message.
        settling: acknowledgements of several deliveries at once, or of one that the wire does not
            name: of any message.
        goes_dead: whether a queue hands what it rejects to a dead-letter exchange.

    Returns:
        None without any step.
    """
    found = sorted({*steps}, key=lambda one: one.at_ns)
    if not found:
        return None
    found = sorted(found + _settled_elsewhere(found, settling), key=lambda one: one.at_ns)
    first_ns = found[0].at_ns
    seen = _Seen(goes_dead)
    rows = [Row(one, (one.at_ns - first_ns) / 1_000_000, seen.marks_of(one)) for one in found]
    return Life(
        ids=tuple(dict.fromkeys(name for one in found for name in one.ids)),
        rows=tuple(rows[-MOST_ROWS:]),
        ending=_ending(rows),
        has_beginning=found[0].did in (Did.PUBLISHED, Did.CALLED),
        left_off=max(0, len(rows) - MOST_ROWS),
    )


def _settled_elsewhere(found: Sequence[Step], settling: Sequence[Step]) -> list[Step]:
    """Acknowledgements that stand in other exchanges than the delivery (AMQP 0-9-1 §1.8)."""
    settled = {(one.channel, one.tag) for one in found if one.did in SETTLED}
    more = []
    for one in found:
        if one.did not in (Did.DELIVERED, Did.FETCHED) or (one.channel, one.tag) in settled:
            continue
        cover = next(
            (
                other
                for other in settling
                if other.channel == one.channel
                and other.at_ns >= one.at_ns
                and _covers(other, one.tag)
            ),
            None,
        )
        if cover is not None:
            more.append(_covering(cover, one))
    return more


def _covers(settling: Step, tag: int) -> bool:
    """With `multiple`, zero means all that were delivered so far."""
    if settling.multiple:
        return settling.tag == 0 or settling.tag >= tag
    return settling.tag == tag


def _covering(cover: Step, delivery: Step) -> Step:
    return Step(
        exchange=cover.exchange,
        at_ns=cover.at_ns,
        did=cover.did,
        wire=cover.wire,
        source=cover.source,
        target=cover.target,
        ids=delivery.ids,
        to=delivery.to,
        key=delivery.key,
        queue=delivery.queue,
        consumer=delivery.consumer,
        requeue=cover.requeue,
        multiple=cover.multiple,
        channel=cover.channel,
        tag=cover.tag,
    )


class _Seen:
    """What has happened before the row that is looked at."""

    def __init__(self, goes_dead: Callable[[str], bool]) -> None:
        self._goes_dead = goes_dead
        self._arrivals: dict[tuple[str, ...], int] = {}
        self._published: dict[tuple[str, str, str], int] = {}
        self._refused = False

    def marks_of(self, step: Step) -> Mapping[Mark, int]:
        marks: dict[Mark, int] = {}
        if step.did is Did.PUBLISHED:
            self._publish(step, marks)
        if step.did in ARRIVED:
            self._arrive(step, marks)
        is_refusal = step.did in (Did.NACKED, Did.REJECTED)
        if is_refusal and step.requeue:
            marks[Mark.RETRIED] = 0
        if is_refusal and step.requeue is False and self._goes_dead(step.queue):
            marks[Mark.DEAD] = 0
        return marks

    def _publish(self, step: Step, marks: dict[Mark, int]) -> None:
        place = (step.wire, step.to, step.key)
        count = self._published[place] = self._published.get(place, 0) + 1
        if count > 1:
            marks[Mark.PUBLISHED_AGAIN] = count

    def _arrive(self, step: Step, marks: dict[Mark, int]) -> None:
        # Two consumers that read the same log are no duplicate, one that reads it twice is.
        where = step.queue or step.consumer or step.to
        if step.wire == "webhook":
            # Each delivery has an id of its own, the same at every attempt (Standard Webhooks).
            where = step.ids[0]
        place = (step.wire, where, step.source, step.key)
        count = self._arrivals[place] = self._arrivals.get(place, 0) + 1
        if step.redelivered:
            marks[Mark.REDELIVERED] = 0
        if step.deaths:
            marks[Mark.CAME_DEAD] = step.deaths
        if count > 1:
            marks[Mark.ATTEMPT if step.wire == "webhook" else Mark.AGAIN] = count


def _ending(rows: Sequence[Row]) -> Ending:
    # A broker often answers its publisher after the message has arrived.
    later = [one for one in rows if one.step.did not in (Did.CONFIRMED, Did.STORED)]
    last = later[-1] if later else rows[-1]
    if Mark.DEAD in last.marks:
        return Ending.DEAD
    if last.step.did in (Did.NACKED, Did.REJECTED) and last.step.requeue:
        return Ending.WAITING
    if last.is_failed:
        return Ending.FAILED
    if last.step.did is Did.CALLED or last.step.awaits_ack:
        return Ending.WITH_CONSUMER
    if last.step.did in ARRIVED or last.step.did in (Did.ACKED, Did.ANSWERED):
        return Ending.DONE
    return Ending.WAITING
