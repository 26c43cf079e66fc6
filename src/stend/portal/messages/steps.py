"""What one exchange of the wire did to messages: published, delivered, settled, called. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from stend.portal.messages.records import Carried
from stend.tap.showing import trace_of
from stend.wire.decoding import Direction, Unit
from stend.wire.exchanges import Exchange


class Did(StrEnum):
    """What happened. Those of a broker's own inside are not here: no wire carries them."""

    PUBLISHED = "published"
    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not_confirmed"
    RETURNED = "returned"
    DELIVERED = "delivered"
    FETCHED = "fetched"
    ACKED = "acked"
    NACKED = "nacked"
    REJECTED = "rejected"
    STORED = "stored"
    NOT_STORED = "not_stored"
    READ = "read"
    CALLED = "called"
    ANSWERED = "answered"
    REFUSED = "refused"


FAILED = frozenset(
    {Did.NOT_CONFIRMED, Did.RETURNED, Did.NACKED, Did.REJECTED, Did.NOT_STORED, Did.REFUSED}
)
ARRIVED = frozenset({Did.DELIVERED, Did.FETCHED, Did.READ, Did.CALLED})
SETTLED = frozenset({Did.ACKED, Did.NACKED, Did.REJECTED})


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to one message.

    Attributes:
        exchange: id of the exchange that shows its bytes.
        at_ns: on the clock of the recording.
        wire: `amqp`, `kafka` or `webhook`.
        source, target: who opened the connection, and who answered.
        to: where to: an exchange of AMQP, a topic, the address of a webhook.
        key: the routing key, or the key of the record.
        queue: of AMQP, where the wire tells it.
        ids: all names of the message; the first is the one that is shown.
        deaths: the counts of x-death together.
        awaits_ack: the consumer has to acknowledge it.
        requeue: with a nack or reject: back to the queue; None where it does not apply.
        multiple: with an acknowledgement: all before it, too.
        channel: connection and channel that `tag` counts on.
        partition, offset: of Kafka.
        detail: in the protocol's own words: a status, an error.
    """

    exchange: str
    at_ns: int
    did: Did
    wire: str
    source: str
    target: str
    ids: tuple[str, ...] = ()
    to: str = ""
    key: str = ""
    queue: str = ""
    consumer: str = ""
    type: str = ""
    correlation: str = ""
    trace: str | None = None
    redelivered: bool = False
    deaths: int = 0
    awaits_ack: bool = False
    requeue: bool | None = None
    multiple: bool = False
    channel: str = ""
    tag: int = 0
    partition: int | None = None
    offset: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Happened:
    """An exchange with what the tap knows around it.

    Attributes:
        times_ns: when each unit had passed whole, in their order.
        carried: records of a unit of Kafka, by its place in the exchange.
    """

    id: str
    connection: int
    source: str
    target: str
    exchange: Exchange
    times_ns: Sequence[int]
    carried: Mapping[int, Sequence[Carried]] = field(default_factory=dict)


def steps_of(happened: Happened) -> tuple[Step, ...]:
    """Everything that it did to messages; nothing for one that is of something else."""
    first = happened.exchange.first
    if first.protocol == "amqp":
        return tuple(_amqp(happened))
    if first.protocol == "kafka":
        return tuple(_kafka(happened))
    if any("webhook_id" in one.facts for one in happened.exchange.units):
        return tuple(_webhook(happened))
    return ()


def _units(happened: Happened) -> Iterator[tuple[Unit, int]]:
    return zip(happened.exchange.units, happened.times_ns, strict=True)


# ---- AMQP ---------------------------------------------------------------------------------------


def _amqp(happened: Happened) -> Iterator[Step]:
    """A method begins each step; the header after it tells the message's properties."""
    known = _properties(happened)
    for unit, at_ns in _units(happened):
        teller = _METHODS.get(unit.name)
        if teller is None:
            continue
        did = teller(unit)
        if did is None:
            continue
        yield _amqp_step(happened, unit, at_ns, did, known)


def _properties(happened: Happened) -> dict[str, str]:
    """The facts of the newest header: they hold those of its method, too."""
    found: dict[str, str] = {}
    for one in happened.exchange.units:
        if one.name in _METHODS or one.name == "header":
            found |= one.facts
    return found


def _amqp_step(
    happened: Happened, unit: Unit, at_ns: int, did: Did, known: Mapping[str, str]
) -> Step:
    facts = unit.facts
    message_id = known.get("message_id", "")
    tag = facts.get("delivery_tag", "0")
    return Step(
        exchange=happened.id,
        at_ns=at_ns,
        did=did,
        wire="amqp",
        source=happened.source,
        target=happened.target,
        ids=(message_id,) if message_id else (),
        to=known.get("exchange", ""),
        key=known.get("routing_key", ""),
        queue=known.get("queue", ""),
        consumer=known.get("consumer_tag", ""),
        type=known.get("type", ""),
        correlation=known.get("correlation_id", ""),
        trace=trace_of(happened.exchange.context),
        redelivered=did in ARRIVED and facts.get("redelivered") == "true",
        deaths=_number(known.get("x_death", "")),
        awaits_ack=did in ARRIVED and _awaits_ack(happened.exchange),
        requeue=facts["requeue"] == "true" if "requeue" in facts else None,
        multiple=facts.get("multiple") == "true",
        channel=f"c{happened.connection}.{facts.get('channel', '')}",
        tag=_number(tag),
        detail=unit.error or "",
    )


def _awaits_ack(exchange: Exchange) -> bool:
    """With `no-ack` nothing follows the message (AMQP 0-9-1 §1.8, basic.consume)."""
    arrived = [one for one in exchange.units if one.direction is Direction.TO_CLIENT]
    return not any(one.is_last for one in arrived)


def _settled(by_consumer: Did, by_broker: Did) -> Callable[[Unit], Did]:
    def told(unit: Unit) -> Did:
        return by_consumer if unit.direction is Direction.TO_SERVER else by_broker

    return told


_METHODS: Mapping[str, Callable[[Unit], Did | None]] = {
    "Basic.Publish": lambda _: Did.PUBLISHED,
    "Basic.Return": lambda _: Did.RETURNED,
    "Basic.Deliver": lambda _: Did.DELIVERED,
    "Basic.GetOk": lambda _: Did.FETCHED,
    "Basic.Ack": _settled(Did.ACKED, Did.CONFIRMED),
    "Basic.Nack": _settled(Did.NACKED, Did.NOT_CONFIRMED),
    "Basic.Reject": lambda _: Did.REJECTED,
}


# ---- Kafka --------------------------------------------------------------------------------------


def _kafka(happened: Happened) -> Iterator[Step]:
    produced: list[Step] = []
    for number, (unit, at_ns) in enumerate(_units(happened)):
        for one in happened.carried.get(number, ()):
            is_read = unit.direction is Direction.TO_CLIENT
            step = _record_step(happened, one, at_ns, Did.READ if is_read else Did.PUBLISHED)
            if not is_read:
                produced.append(step)
            yield step
        if unit.direction is Direction.TO_CLIENT and produced:
            yield from _stored(produced, unit, at_ns)


def _record_step(happened: Happened, one: Carried, at_ns: int, did: Did) -> Step:
    place = f"{one.topic}[{one.partition}]@{one.offset}" if one.offset is not None else ""
    return Step(
        exchange=happened.id,
        at_ns=at_ns,
        did=did,
        wire="kafka",
        source=happened.source,
        target=happened.target,
        ids=tuple(name for name in (one.message_id, place) if name),
        to=one.topic,
        key=one.key,
        type=one.type,
        correlation=one.correlation,
        trace=one.trace,
        partition=one.partition,
        offset=one.offset,
    )


def _stored(produced: Sequence[Step], unit: Unit, at_ns: int) -> Iterator[Step]:
    """What the broker said of the batch. Offsets of several batches cannot be told apart here."""
    offsets = unit.facts.get("offsets", "").split(", ")
    is_one = len({(one.to, one.partition) for one in produced}) == 1 and len(offsets) == 1
    base = _number(offsets[0]) if is_one and offsets[0] else None
    for number, one in enumerate(produced):
        offset = base + number if base is not None and not unit.error else None
        place = (f"{one.to}[{one.partition}]@{offset}",) if offset is not None else ()
        yield replace(
            one,
            at_ns=at_ns,
            did=Did.NOT_STORED if unit.error else Did.STORED,
            ids=(*one.ids, *place),
            offset=offset,
            detail=unit.error or "",
        )


# ---- webhooks -----------------------------------------------------------------------------------


def _webhook(happened: Happened) -> Iterator[Step]:
    asked = next(one for one in happened.exchange.units if "webhook_id" in one.facts)
    is_over = False
    for unit, at_ns in _units(happened):
        if unit is asked:
            did = Did.CALLED
        elif unit.direction is Direction.TO_CLIENT and "status" in unit.facts and not is_over:
            is_over = True
            did = Did.REFUSED if _number(unit.facts["status"]) >= _REFUSALS else Did.ANSWERED
        else:
            continue
        yield Step(
            exchange=happened.id,
            at_ns=at_ns,
            did=did,
            wire="webhook",
            source=happened.source,
            target=happened.target,
            # Of this one delivery, and of the event that it tells of.
            ids=tuple(asked.facts[one] for one in ("webhook_id", "ce_id") if one in asked.facts),
            to=asked.facts.get("target", ""),
            type=asked.facts.get("ce_type", ""),
            trace=trace_of(happened.exchange.context),
            detail=unit.facts.get("status", ""),
        )


_REFUSALS = 300


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() else 0
