"""Routes messages through the learner's topology, deals records out to partitions, and computes.

The rules of routing are those of AMQP 0-9-1 (3.1.3), with the alternate exchanges and the dead
letters of RabbitMQ; the partition of a key is the one that Kafka's own clients choose (murmur2).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stend.course.case import Case
from stend.course.formats.contract import UnreadableError
from stend.course.formats.source import Source, pointer_of, read_source

_FILE = "topology.yaml"
_MESSAGES = 60
_STATUSES = ("placed", "paid", "cancelled", "delivered")
_UNROUTED = frozenset({"unrouted"})
_COMMANDS = ("stock.reserve", "courier.book")
_ORDERS, _EVENTS_OF_ONE = 6000, 3
_RECORDS_PER_S, _RECORD_BYTES, _CONSUMER_PER_S = 600, 500, 100
_DISK_BYTES = 1_200_000_000_000
_LEAST_H = 14 * 24
_MOST_SKEW, _RESERVE = 1.5, 1.3
_MOST_PARTITIONS = 48

Count = Annotated[int, Field(ge=1)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Exchange(_Row):
    type: Literal["direct", "fanout", "topic", "headers"]
    alternate: str | None = None


class _DeadLetter(_Row):
    exchange: str
    key: str | None = None


class _Queue(_Row):
    max_length: Count | None = None
    overflow: Literal["drop-head", "reject-publish"] = "drop-head"
    dead_letter: _DeadLetter | None = None


class _Binding(_Row):
    exchange: str
    queue: str
    key: str = ""
    headers: Mapping[str, str] = {}
    match: Literal["all", "any"] = "all"


class _Topic(_Row):
    key: Literal["order_id", "customer_id", "city", "sku"] | None = None
    partitions: Count
    replicas: Count
    min_insync: Count
    cleanup: Literal["delete", "compact"]
    retention_h: Count | None = None


class _Rabbit(_Row):
    exchanges: Mapping[str, _Exchange]
    queues: Mapping[str, _Queue]
    bindings: tuple[_Binding, ...] = Field(strict=False)


class _Kafka(_Row):
    topics: Mapping[str, _Topic]


class _Topology(_Row):
    rabbitmq: _Rabbit
    kafka: _Kafka


@dataclass(frozen=True, slots=True)
class _Message:
    """Attributes: wanted: the queues that it has to come to."""

    exchange: str
    key: str
    wanted: frozenset[str]
    headers: Mapping[str, str] = field(default_factory=dict)

    def told(self) -> str:
        headers = f", {dict(self.headers)}" if self.headers else ""
        return f"{self.exchange}: {self.key}{headers}"


def readable(case: Case) -> None:
    _topology(case)


def events(case: Case) -> None:
    _routed(case, _events(case), _UNROUTED)


def commands(case: Case) -> None:
    _routed(case, [_Message("commands", one, frozenset({one})) for one in _COMMANDS] * 3)


def customs(case: Case) -> None:
    _routed(case, _documents(case), _UNROUTED)


def prices(case: Case) -> None:
    wanted = frozenset({"storefront", "search"})
    keys = ("", case.word(), f"{case.word()}.{case.word()}", f"price.{case.word()}.{case.word()}")
    _routed(case, [_Message("prices", one, wanted) for one in keys])


def unrouted(case: Case) -> None:
    wanted = _UNROUTED
    keys = (f"promo.{case.word()}", case.word(), f"stock.empty.{case.word()}", "stock.reserved")
    messages = [_Message("shop", one, wanted) for one in keys]
    messages += [_Message("commands", f"courier.{case.word()}", wanted)]
    messages += [_Message("documents", case.word(), wanted, {"country": "RU", "kind": "invoice"})]
    _routed(case, messages)


def dead_letters(case: Case) -> None:
    rabbit = _topology(case).rabbitmq
    for name in _COMMANDS:
        dead = rabbit.queues[name].dead_letter if name in rabbit.queues else None
        if dead is None:
            case.fail(
                f"Команда из {name}, которую не выполнить, никуда не уйдёт: нет dead_letter.",
                f"A command of {name} that cannot be done has nowhere to go: no dead_letter.",
                expected="dead_letter: {exchange: …}",
                where=_where(case, ["rabbitmq", "queues", name]),
            )
        # Without a key of its own a dead message keeps the one that it was published with.
        got = _destinations(rabbit, dead.exchange, dead.key or name, {})
        if got != {"commands.dead"}:
            case.fail(
                f"Мёртвая команда из {name} приходит не в commands.dead.",
                f"A dead command of {name} does not come to commands.dead.",
                expected="commands.dead",
                got=", ".join(sorted(got)) or "–",
                where=_where(case, ["rabbitmq", "queues", name, "dead_letter"]),
            )


def bounds(case: Case) -> None:
    rabbit = _topology(case).rabbitmq
    for name, queue in rabbit.queues.items():
        if queue.max_length is None:
            case.fail(
                f"У очереди {name} нет границы: кончится память, и брокер остановит всех.",
                f"The queue {name} has no bound: when memory is gone the broker stops everybody.",
                expected="max_length: …",
                where=_where(case, ["rabbitmq", "queues", name]),
            )
    for name in (*_COMMANDS, "audit"):
        if name in rabbit.queues and rabbit.queues[name].overflow != "reject-publish":
            case.fail(
                f"Переполненная {name} молча выбросит самые старые сообщения, а терять их нельзя.",
                f"When it is full, {name} silently drops its oldest messages, which must not be "
                "lost.",
                expected="overflow: reject-publish",
                got=rabbit.queues[name].overflow,
                where=_where(case, ["rabbitmq", "queues", name]),
            )


def order_and_skew(case: Case) -> None:
    topic = _topic(case, "order-events")
    records = _records(case)
    places: dict[str, set[int]] = {}
    load: Counter[int] = Counter()
    hashes: dict[str, int] = {}
    for number, record in enumerate(records):
        key = record[topic.key] if topic.key else None
        if key and key not in hashes:
            hashes[key] = _murmur2(key.encode())
        # Records without a key are dealt out in turn.
        place = (hashes[key] if key else number) % topic.partitions
        places.setdefault(record["order_id"], set()).add(place)
        load[place] += 1
    where = _where(case, ["kafka", "topics", "order-events"])
    if apart := [order for order, found in places.items() if len(found) > 1]:
        case.fail(
            f"События одного заказа разложены по {len(places[apart[0]])} разделам: порядка между "
            "ними нет.",
            f"Events of one order are in {len(places[apart[0]])} partitions: there is no order "
            "among them.",
            expected="1",
            got=f"{apart[0]}: {sorted(places[apart[0]])}",
            where=where,
        )
    skew = max(load.values()) * topic.partitions / len(records)
    if skew > _MOST_SKEW:
        case.fail(
            f"Самому занятому разделу досталось в {skew:.1f} раза больше среднего: ключ горячий.",
            f"The busiest partition has {skew:.1f} times the average: that is a hot key.",
            expected=f"≤ {_MOST_SKEW}",
            got=f"key: {topic.key}, {dict(sorted(load.items()))}",
            where=where,
        )


def keeps_up(case: Case) -> None:
    topic = _topic(case, "order-events")
    capacity = topic.partitions * _CONSUMER_PER_S
    needed = _RECORDS_PER_S * _RESERVE
    if not needed <= capacity <= _MOST_PARTITIONS * _CONSUMER_PER_S:
        case.fail(
            f"Разделов {topic.partitions}: группа прочтёт не больше {capacity} записей в секунду, "
            f"а нужно {needed:g}; больше {_MOST_PARTITIONS} разделов заводить незачем.",
            f"With {topic.partitions} partitions a group reads {capacity} records a second, "
            f"and {needed:g} are needed; more than {_MOST_PARTITIONS} are of no use.",
            expected=f"{needed / _CONSUMER_PER_S:g} … {_MOST_PARTITIONS}",
            got=str(topic.partitions),
            where=_where(case, ["kafka", "topics", "order-events", "partitions"]),
        )


def copies(case: Case) -> None:
    for name in ("order-events", "price-table"):
        topic = _topic(case, name)
        # Written, after one broker is lost: enough copies are left, and each write is in two.
        if topic.replicas != 3 or topic.min_insync != 2:
            case.fail(
                f"{name}: копий {topic.replicas}, min_insync {topic.min_insync}. Из трёх брокеров "
                "один может умереть, а запись должна и продолжаться, и лежать в двух местах.",
                f"{name}: {topic.replicas} copies, min_insync {topic.min_insync}. One of three "
                "brokers may die, and a write has both to go on and to be in two places.",
                expected="replicas: 3, min_insync: 2",
                got=f"replicas: {topic.replicas}, min_insync: {topic.min_insync}",
                where=_where(case, ["kafka", "topics", name]),
            )


def retention(case: Case) -> None:
    topic = _topic(case, "order-events")
    where = _where(case, ["kafka", "topics", "order-events"])
    if topic.cleanup != "delete" or topic.retention_h is None or topic.retention_h < _LEAST_H:
        case.fail(
            "Аналитики перечитывают все события за две недели, а столько они не проживут.",
            "Analysts read all events of two weeks again, and they will not live so long.",
            expected=f"cleanup: delete, retention_h ≥ {_LEAST_H}",
            got=f"cleanup: {topic.cleanup}, retention_h: {topic.retention_h}",
            where=where,
        )
    needed = _RECORDS_PER_S * _RECORD_BYTES * 3600 * topic.retention_h * topic.replicas
    if needed > _DISK_BYTES:
        case.fail(
            f"{topic.retention_h} ч займут {needed / 1e12:.2f} ТБ, а дисков 1,2 ТБ.",
            f"{topic.retention_h} h take {needed / 1e12:.2f} TB, and there are disks of 1.2 TB.",
            expected=f"≤ {_DISK_BYTES}",
            got=f"{_RECORDS_PER_S}/s × {_RECORD_BYTES} B × {topic.retention_h} h × {topic.replicas}"
            f" = {needed} B",
            where=where,
        )


def table(case: Case) -> None:
    topic = _topic(case, "price-table")
    if topic.cleanup != "compact" or topic.key != "sku" or topic.retention_h is not None:
        case.fail(
            "Из price-table новый сервис читает последнюю цену каждого товара, сколько бы она ни "
            "держалась. С этими настройками он её не найдёт.",
            "From price-table a new service reads the last price of every product, however long "
            "it has been the price. With these settings it will not find it.",
            expected="cleanup: compact, key: sku, no retention_h",
            got=f"cleanup: {topic.cleanup}, key: {topic.key}, retention_h: {topic.retention_h}",
            where=_where(case, ["kafka", "topics", "price-table"]),
        )


# ---- messages ------------------------------------------------------------------------------------


def _events(case: Case) -> Iterator[_Message]:
    shapes: Sequence[tuple[str, frozenset[str]]] = (
        ("order.{status}", frozenset({"notifications", "audit"})),
        ("order.{word}", frozenset({"notifications", "audit"})),
        ("order.{status}.gift", frozenset({"audit", "gifts"})),
        ("order.{status}.{word}", frozenset({"audit"})),
        ("order.{status}.gift.{word}", frozenset({"audit"})),
        ("payment.{word}", frozenset({"audit"})),
        ("payment.{word}.{word}", frozenset({"audit"})),
        ("stock.reserved.msk", frozenset({"warehouse-msk"})),
        ("stock.{word}.msk", frozenset({"warehouse-msk"})),
        ("stock.{word}.spb", frozenset({"unrouted"})),
    )
    for number in range(_MESSAGES):
        shape, wanted = shapes[number % len(shapes)]
        key = shape.replace("{status}", case.dice.choice(_STATUSES)).replace("{word}", case.word(5))
        yield _Message("shop", key, wanted)


def _documents(case: Case) -> Iterator[_Message]:
    for country in ("KZ", "RU"):
        for kind in ("declaration", "invoice"):
            is_wanted = (country, kind) == ("KZ", "declaration")
            wanted = frozenset({"customs" if is_wanted else "unrouted"})
            headers = {"country": country, "kind": kind, case.word(4): case.word(4)}
            yield _Message("documents", case.word(), wanted, headers)


def _records(case: Case) -> Sequence[Mapping[str, str]]:
    """Half of the orders are Moscow's, and a third is of one customer: a firm."""
    orders = []
    for _ in range(_ORDERS):
        customer = "cus_firm" if case.dice.random() < 1 / 3 else f"cus_{case.word()}"
        city = "Москва" if case.dice.random() < 1 / 2 else case.dice.choice(_CITIES)
        orders.append({"order_id": f"ord_{case.word()}", "customer_id": customer, "city": city})
    records = [
        {**one, "sku": f"SKU-{case.dice.randint(1, 500)}"}
        for one in orders
        for _ in range(_EVENTS_OF_ONE)
    ]
    case.dice.shuffle(records)
    return records


_CITIES = ("Казань", "Омск", "Пермь", "Самара", "Тверь", "Уфа", "Чита")


# ---- routing -------------------------------------------------------------------------------------


def _routed(case: Case, messages: Iterable[_Message], beside: frozenset[str] = frozenset()) -> None:
    """
    Args:
        beside: queues of which another check tells.
    """
    rabbit = _topology(case).rabbitmq
    every = list(messages)
    wrong = [(one, _destinations(rabbit, one.exchange, one.key, one.headers)) for one in every]
    wrong = [(one, got) for one, got in wrong if got - beside != one.wanted - beside]
    if wrong:
        message, got = wrong[0]
        right = len(every) - len(wrong)
        case.fail(
            f"Верно разложено {right} из {len(every)} сообщений. Не туда: {message.told()}.",
            f"{right} of {len(every)} messages come where they have to. Not {message.told()}.",
            expected=", ".join(sorted(message.wanted)),
            got=", ".join(sorted(got)) or "–",
            where=_FILE,
        )


def _destinations(
    rabbit: _Rabbit, exchange: str, key: str, headers: Mapping[str, str]
) -> frozenset[str]:
    seen: set[str] = set()
    at: str | None = exchange
    while at is not None and at not in seen and at in rabbit.exchanges:
        seen.add(at)
        kind = rabbit.exchanges[at].type
        found = [
            one.queue
            for one in rabbit.bindings
            if one.exchange == at and _matches(kind, one, key, headers)
        ]
        if found:
            return frozenset(found)
        at = rabbit.exchanges[at].alternate
    return frozenset()


def _matches(kind: str, binding: _Binding, key: str, headers: Mapping[str, str]) -> bool:
    match kind:
        case "fanout":
            return True
        case "direct":
            return binding.key == key
        case "topic":
            return _topic_matches(binding.key.split("."), key.split(".") if key else [])
    held = [headers.get(name) == value for name, value in binding.headers.items()]
    return all(held) if binding.match == "all" else any(held)


def _topic_matches(pattern: Sequence[str], words: Sequence[str]) -> bool:
    if not pattern or pattern == [""]:
        return not words
    if pattern[0] == "#":
        return any(_topic_matches(pattern[1:], words[at:]) for at in range(len(words) + 1))
    is_first = bool(words) and pattern[0] in ("*", words[0])
    return is_first and _topic_matches(pattern[1:], words[1:])


def _murmur2(data: bytes) -> int:
    """As Kafka's clients hash a key (org.apache.kafka.common.utils.Utils), and made positive."""
    most, scale = 0xFFFFFFFF, 0x5BD1E995
    found = 0x9747B28C ^ len(data)
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        part = int.from_bytes(data[at : at + 4], "little") * scale & most
        part = (part ^ part >> 24) * scale & most
        found = found * scale & most ^ part
    if rest := data[whole:]:
        found = (found ^ int.from_bytes(rest, "little")) * scale & most
    found = (found ^ found >> 13) * scale & most
    return (found ^ found >> 15) & 0x7FFFFFFF


# ---- the file ------------------------------------------------------------------------------------


def _topology(case: Case) -> _Topology:
    return case.once("topology", lambda: _read(case))


def _read(case: Case) -> _Topology:
    source = _source(case)
    try:
        topology = _Topology.model_validate(source.tree)
    except ValidationError as error:
        first = error.errors()[0]
        steps = first["loc"]
        case.fail(
            f"{pointer_of(list(steps))}: здесь не то, что ждут.",
            f"{pointer_of(list(steps))}: this is not what is expected.",
            expected=first["msg"],
            got=first["input"],
            where=_where(case, steps),
        )
    rabbit = topology.rabbitmq
    for number, binding in enumerate(rabbit.bindings):
        if binding.exchange not in rabbit.exchanges or binding.queue not in rabbit.queues:
            case.fail(
                "Привязка называет обменник или очередь, которых нет.",
                "A binding names an exchange or a queue that does not exist.",
                expected=", ".join((*rabbit.exchanges, *rabbit.queues)),
                got=f"{binding.exchange} → {binding.queue}",
                where=_where(case, ["rabbitmq", "bindings", number]),
            )
    return topology


def _source(case: Case) -> Source:
    def reading() -> Source:
        try:
            return read_source(case.read(_FILE), _FILE)
        except UnreadableError as error:
            told = error.problem
            case.fail(told.sentence.ru, told.sentence.en, where=told.where)

    return case.once("source", reading)


def _topic(case: Case, name: str) -> _Topic:
    topics = _topology(case).kafka.topics
    if name not in topics:
        case.fail(
            f"Топика {name} нет.",
            f"There is no topic {name}.",
            expected=name,
            got=", ".join(topics) or "–",
            where=_FILE,
        )
    return topics[name]


def _where(case: Case, steps: Sequence[str | int]) -> str:
    return _source(case).where(pointer_of(list(steps)))
