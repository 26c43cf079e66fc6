"""The picture of RabbitMQ's topology: publisher, exchange, key, queue, consumer. Pure.

Left to right on 852 units; a row is a queue. What dies in a queue comes back to the row below it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stend.portal.geometry import Box, Point, path
from stend.portal.messages.topology import (
    DEFAULT_EXCHANGE,
    Exchange,
    Queue,
    Topology,
    used_exchanges,
)

WIDTH = 852
MOST_ROWS = 24
_ROW = 64
_PUBLISHER = (0, 104)
_EXCHANGE = (148, 148)
_QUEUE = (456, 204)
_CONSUMER = (716, 136)
_BOX_HEIGHT = 50
_SMALL_HEIGHT = 44
_BUS_X = 308
_BAR = 184


@dataclass(frozen=True, slots=True)
class DrawnExchange:
    name: str
    kind: str
    box: Box


@dataclass(frozen=True, slots=True)
class DrawnQueue:
    """`ready`, `unacked`: widths of the bar's parts, on one scale for all queues."""

    queue: Queue
    box: Box
    ready: float
    unacked: float


@dataclass(frozen=True, slots=True)
class DrawnPublisher:
    names: tuple[str, ...]
    box: Box


@dataclass(frozen=True, slots=True)
class DrawnConsumers:
    queue: Queue
    box: Box
    names: str
    prefetch: int


@dataclass(frozen=True, slots=True)
class Wire:
    """`label` stands on the middle of the line's last straight part."""

    path: str
    label: str
    at: Point
    source: str
    target: str
    is_dead: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """`left_off`: queues beyond those that are drawn."""

    height: int
    exchanges: tuple[DrawnExchange, ...]
    queues: tuple[DrawnQueue, ...]
    publishers: tuple[DrawnPublisher, ...]
    consumers: tuple[DrawnConsumers, ...]
    wires: tuple[Wire, ...]
    left_off: int


def drawing_of(topology: Topology, published: Mapping[tuple[str, str], int]) -> Drawing:
    """
    Args:
        published: which sources publish to which exchanges, as the tap has seen.
    """
    return _Drawer(topology, published).draw()


class _Drawer:
    def __init__(self, topology: Topology, published: Mapping[tuple[str, str], int]) -> None:
        self._topology = topology
        self._published = published
        ordered = _ordered(topology)
        self._queues = ordered[:MOST_ROWS]
        self._left_off = len(ordered) - len(self._queues)
        self._row = {(one.vhost, one.name): place for place, one in enumerate(self._queues)}
        self._exchanges = self._placed_exchanges()

    def draw(self) -> Drawing:
        publishers, published = self._publishers()
        rows = max(len(self._queues), 1 + max(self._lanes(), default=0))
        return Drawing(
            height=round(rows * _ROW + 8),
            exchanges=tuple(self._exchanges.values()),
            queues=tuple(self._drawn_queue(one) for one in self._queues),
            publishers=publishers,
            consumers=tuple(self._consumers()),
            wires=(*published, *self._bindings(), *self._to_consumers(), *self._dead()),
            left_off=self._left_off,
        )

    def _lanes(self) -> list[int]:
        return [int(one.box.y // _ROW) for one in self._exchanges.values()]

    def _box(self, column: tuple[int, int], row: float, height: int = _BOX_HEIGHT) -> Box:
        return Box(column[0], row * _ROW + (_ROW - height) / 2 + 4, column[1], height)

    def _keys_of(self, exchange: Exchange) -> list[tuple[Queue, str]]:
        if exchange.name == DEFAULT_EXCHANGE:
            # Every queue is bound to it; those that nothing else leads to are its own.
            fed = {(one.vhost, one.target) for one in self._topology.bindings if one.source}
            return [(one, one.name) for one in self._queues if (one.vhost, one.name) not in fed]
        return [
            (self._queues[self._row[one.vhost, one.target]], one.key)
            for one in self._topology.bindings
            if one.to_queue
            and (one.vhost, one.source) == (exchange.vhost, exchange.name)
            and (one.vhost, one.target) in self._row
        ]

    def _placed_exchanges(self) -> dict[tuple[str, str], DrawnExchange]:
        """Each beside one of its queues: first those that have no choice."""
        wanted = used_exchanges(self._topology, {to for _, to in self._published})
        default = [one for one in self._topology.exchanges if one.name == DEFAULT_EXCHANGE]
        rows_of = {}
        for one in dict.fromkeys((*wanted, *default)):
            rows = {self._row[queue.vhost, queue.name] for queue, _ in self._keys_of(one)}
            if rows:
                rows_of[one] = sorted(rows)
        taken: set[float] = set()
        found: dict[tuple[str, str], DrawnExchange] = {}
        for one in sorted(rows_of, key=lambda one: len(rows_of[one])):
            row = _free_row(rows_of[one], taken)
            taken.add(row)
            box = self._box(_EXCHANGE, row, _SMALL_HEIGHT)
            found[one.vhost, one.name] = DrawnExchange(one.name, one.kind, box)
        return found

    def _publishers(self) -> tuple[tuple[DrawnPublisher, ...], list[Wire]]:
        """One box for each pair: who publishes to two exchanges has two."""
        boxes, wires = [], []
        by_exchange: dict[str, list[str]] = {}
        for source, to in sorted(self._published):
            by_exchange.setdefault(to, []).append(source)
        for drawn in self._exchanges.values():
            sources = by_exchange.get(drawn.name)
            if not sources:
                continue
            x, middle = drawn.box.x, drawn.box.middle[1]
            box = Box(_PUBLISHER[0], middle - _SMALL_HEIGHT / 2, _PUBLISHER[1], _SMALL_HEIGHT)
            boxes.append(DrawnPublisher(tuple(sources), box))
            line = ((box.right, middle), (x, middle))
            wires.append(Wire(path(line), "", (126, middle - 9), sources[0], drawn.name))
        return tuple(boxes), wires

    def _bindings(self) -> list[Wire]:
        wires = []
        for (vhost, name), drawn in self._exchanges.items():
            exchange = Exchange(vhost, name, drawn.kind)
            for queue, key in self._keys_of(exchange):
                y = self._box(_QUEUE, self._row[queue.vhost, queue.name]).middle[1]
                start = drawn.box.right, drawn.box.middle[1]
                end = float(_QUEUE[0]), y
                line = (start, end) if start[1] == y else _stepped(start, end)
                label = (_BUS_X + 8 + _QUEUE[0] - 8) / 2
                wires.append(Wire(path(line), key, (label, y), name, queue.name))
        return wires

    def _consumers(self) -> list[DrawnConsumers]:
        found = []
        for one in self._queues:
            if not one.consumers:
                continue
            box = self._box(_CONSUMER, self._row[one.vhost, one.name], _SMALL_HEIGHT)
            names = ", ".join(dict.fromkeys(consumer.name for consumer in one.consumers))
            prefetch = max(consumer.prefetch for consumer in one.consumers)
            found.append(DrawnConsumers(one, box, names, prefetch))
        return found

    def _to_consumers(self) -> list[Wire]:
        wires = []
        for one in self._consumers():
            y = one.box.middle[1]
            start, end = float(sum(_QUEUE)), float(_CONSUMER[0])
            line = ((start, y), (end, y))
            wires.append(
                Wire(path(line), "", ((start + end) / 2, y - 9), one.queue.name, one.names)
            )
        return wires

    def _dead(self) -> list[Wire]:
        """From a queue to its dead-letter exchange in the row below; others are told in words."""
        wires = []
        for one in self._queues:
            drawn = self._exchanges.get((one.vhost, one.dead_letter_exchange or ""))
            if drawn is None or not one.dead_letter_exchange:
                continue
            box = self._box(_QUEUE, self._row[one.vhost, one.name])
            if not 0 < drawn.box.middle[1] - box.middle[1] <= _ROW:
                continue
            down = box.x + 92
            lane = box.bottom + 7
            top = drawn.box.middle[0], drawn.box.y
            line = ((down, box.bottom), (down, lane), (top[0], lane), top)
            wires.append(
                Wire(path(line), "", ((down + top[0]) / 2, lane), one.name, drawn.name, True)
            )
        return wires

    def _drawn_queue(self, queue: Queue) -> DrawnQueue:
        most = max((one.ready + one.unacked for one in self._queues), default=0) or 1
        # A bar that is there can be seen.
        ready, unacked = (
            max(3.0, _BAR * count / most) if count else 0.0
            for count in (queue.ready, queue.unacked)
        )
        over = max(0.0, ready + unacked - _BAR)
        if ready > unacked:
            ready -= over
        else:
            unacked -= over
        box = self._box(_QUEUE, self._row[queue.vhost, queue.name])
        return DrawnQueue(queue, box, round(ready, 1), round(unacked, 1))


def _free_row(rows: Sequence[int], taken: set[float]) -> float:
    """The one nearest to the middle of these that nobody has; else the next below them."""
    middle = sum(rows) / len(rows)
    for row in sorted(rows, key=lambda one: abs(one - middle)):
        if row not in taken:
            return row
    row = rows[0]
    while row in taken:
        row += 1
    return row


def _stepped(start: Point, end: Point) -> tuple[Point, ...]:
    return (start, (_BUS_X, start[1]), (_BUS_X, end[1]), end)


def _ordered(topology: Topology) -> Sequence[Queue]:
    """Living queues with what they lead to when a message dies right below them."""
    dead = [one for one in topology.queues if one.is_dead_letter]
    order: list[Queue] = []
    for one in topology.queues:
        if one.is_dead_letter:
            continue
        order.append(one)
        if one.dead_letter_exchange is None:
            continue
        targets = {
            (binding.vhost, binding.target)
            for binding in topology.bindings
            if (binding.vhost, binding.source) == (one.vhost, one.dead_letter_exchange)
        }
        order += [
            other for other in dead if (other.vhost, other.name) in targets and other not in order
        ]
    return [*order, *(one for one in dead if one not in order)]
