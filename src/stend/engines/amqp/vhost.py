"""A virtual host: its exchanges and queues, and the way of a message through them. Pure."""

from collections import deque
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Protocol

from stend.engines.amqp.arguments import Overflow, read_queue_arguments
from stend.engines.amqp.dead_letters import dead_properties, is_cycle
from stend.engines.amqp.declarations import (
    RESERVED,
    ExchangeDeclaration,
    QueueDeclaration,
    default_exchange_error,
    demand_free_name,
    demand_headers_match,
    demand_quorum_shape,
    demand_same_exchange,
    demand_same_queue,
)
from stend.engines.amqp.definitions import binding_change, exchange_change, queue_change
from stend.engines.amqp.errors import (
    AmqpError,
    ReplyCode,
    locked,
    not_found,
    not_implemented,
    precondition_failed,
    type_name,
)
from stend.engines.amqp.journal import Journal
from stend.engines.amqp.message import Entry, Message
from stend.engines.amqp.queues import Queue, Reason
from stend.engines.amqp.routing import (
    Binding,
    Destination,
    Exchange,
    ExchangeType,
    destinations,
)
from stend.wire.amqp.content import (
    decode_content_header,
    encode_content_header,
    headers_of,
)
from stend.wire.amqp.values import Table, Value, encode_table

_PREDEFINED = (
    ("", ExchangeType.DIRECT, False),
    ("amq.direct", ExchangeType.DIRECT, False),
    ("amq.fanout", ExchangeType.FANOUT, False),
    ("amq.headers", ExchangeType.HEADERS, False),
    ("amq.match", ExchangeType.HEADERS, False),
    ("amq.rabbitmq.trace", ExchangeType.TOPIC, True),
    ("amq.topic", ExchangeType.TOPIC, False),
)
# Routes are worked out once per exchange and key; a flood of keys must not fill the memory.
_MAX_ROUTES = 10_000


class Outcome(Enum):
    """What became of a published message."""

    UNROUTED = "unrouted"
    REJECTED = "rejected"
    TAKEN = "taken"
    # Taken, and safe only once the journal is.
    STORED = "stored"


class House(Protocol):
    """The broker, as its virtual hosts see it."""

    now_ms: int
    journal: Journal

    def new_message_id(self) -> int: ...

    def new_queue_number(self) -> int: ...

    def new_name(self, prefix: str) -> str: ...

    def held(self, size_bytes: int) -> None: ...

    def watch(self, vhost: "VHost", queue: Queue, moment_ms: int) -> None: ...


class VHost:
    """Implements the `Keeper` of its queues."""

    def __init__(self, name: str, house: House) -> None:
        self.name = name
        self._house = house
        self.exchanges: dict[str, Exchange] = {}
        self.queues: dict[str, Queue] = {}
        self._routes: dict[tuple[str, str], tuple[Queue, ...]] = {}
        self._dead: deque[tuple[Queue, Entry, Reason]] = deque()
        self._burying = False
        for exchange, kind, internal in _PREDEFINED:
            self.exchanges[exchange] = Exchange(exchange, kind, True, False, internal, {})

    @property
    def now_ms(self) -> int:
        return self._house.now_ms

    # Exchanges

    def declare_exchange(self, told: ExchangeDeclaration) -> Exchange:
        """
        Raises:
            AmqpError: reserved name, unknown type, or declared otherwise before.
        """
        if told.kind not in list(ExchangeType):
            what = "unknown" if told.kind else "invalid"
            raise AmqpError(ReplyCode.COMMAND_INVALID, f"{what} exchange type '{told.kind}'")
        if existing := self.exchanges.get(told.name):
            demand_same_exchange(existing, told, self.name)
            return existing
        demand_free_name("exchange", told.name)
        alternate = told.table.get("alternate-exchange")
        if alternate is not None and not isinstance(alternate, str):
            raise precondition_failed(
                f"invalid type '{type_name(alternate)}' for arg 'alternate-exchange' "
                f"in exchange '{told.name}' in vhost '{self.name}'"
            )
        exchange = Exchange(
            told.name,
            ExchangeType(told.kind),
            told.durable,
            told.auto_delete,
            told.internal,
            told.table,
            alternate,
        )
        self.exchanges[told.name] = exchange
        self._routes.clear()
        if exchange.durable:
            self._house.journal.changed(exchange_change(self.name, exchange))
        return exchange

    def exchange(self, name: str) -> Exchange:
        """
        Raises:
            AmqpError: NOT_FOUND.
        """
        exchange = self.exchanges.get(name)
        if exchange is None:
            raise not_found("exchange", name, self.name)
        return exchange

    def delete_exchange(self, name: str, *, if_unused: bool) -> None:
        """Deleting what is not there is no error (RabbitMQ's extension of section 1.6.2.3)."""
        if not name:
            raise default_exchange_error()
        if name.startswith(RESERVED):
            text = f"deletion of system exchange '{name}' in vhost '{self.name}' not allowed"
            raise AmqpError(ReplyCode.ACCESS_REFUSED, text)
        exchange = self.exchanges.get(name)
        if exchange is None:
            return
        if if_unused and exchange.bindings:
            raise precondition_failed(f"exchange '{name}' in vhost '{self.name}' in use")
        self._remove_exchange(exchange)

    # Queues

    def declare_queue(self, told: QueueDeclaration, connection: object) -> Queue:
        """
        Args:
            connection: who asks; an exclusive queue belongs to it.

        Raises:
            AmqpError: reserved name, wrong arguments, or declared otherwise before.
        """
        if existing := self.queues.get(told.name):
            self.demand_access(existing, connection)
            demand_same_queue(existing, told, self.name)
            # Ours or nobody's: whoever asks for it the other way round is told the same as a
            # stranger.
            if told.exclusive and existing.owner is None:
                raise locked(existing.name, self.name)
            existing.touch()
            return existing
        demand_free_name("queue", told.name)
        name = told.name or self._house.new_name("amq.gen-")
        arguments = read_queue_arguments(told.table, name, self.name)
        if arguments.quorum:
            demand_quorum_shape(told, self.name)
        queue = Queue(
            self._house.new_queue_number(),
            name,
            self,
            durable=told.durable,
            owner=connection if told.exclusive else None,
            auto_delete=told.auto_delete,
            table=told.table,
            arguments=arguments,
        )
        self.add_queue(queue)
        if self.survives(queue):
            self._house.journal.changed(queue_change(self.name, queue))
        return queue

    def add_queue(self, queue: Queue) -> None:
        self.queues[queue.name] = queue
        self._routes.clear()

    def queue(self, name: str, connection: object) -> Queue:
        """
        Raises:
            AmqpError: NOT_FOUND, or RESOURCE_LOCKED when it is another connection's own.
        """
        queue = self.queues.get(name)
        if queue is None:
            raise not_found("queue", name, self.name)
        self.demand_access(queue, connection)
        return queue

    def demand_access(self, queue: Queue, connection: object) -> None:
        if queue.owner is not None and queue.owner is not connection:
            raise locked(queue.name, self.name)

    def delete_queue(self, queue: Queue, *, if_unused: bool = False, if_empty: bool = False) -> int:
        """Returns how many messages were ready in it."""
        if queue.arguments.quorum and (if_unused or if_empty):
            flag = "if-unused" if if_unused else "if-empty"
            raise not_implemented(
                f"cannot delete queue '{queue.name}' in vhost '{self.name}'. queue.delete "
                f"operations with {flag} flag set are not supported by quorum queues"
            )
        if if_unused and queue.consumers:
            raise precondition_failed(f"queue '{queue.name}' in vhost '{self.name}' in use")
        if if_empty and queue.ready:
            raise precondition_failed(f"queue '{queue.name}' in vhost '{self.name}' not empty")
        queue.deleted = True
        del self.queues[queue.name]
        if self.survives(queue):
            self._house.journal.changed(
                {"op": "queue-deleted", "vhost": self.name, "number": queue.number}
            )
        dropped = queue.purge()
        self._unbind_all(queue)
        for consumer in queue.consumers:
            queue.unsubscribe(consumer)
            consumer.sink.cancelled(consumer)
        return dropped

    @staticmethod
    def survives(queue: Queue) -> bool:
        """Whether it is there after a restart: exclusive queues end with their connection."""
        return queue.durable and queue.owner is None

    # Bindings

    def bind(self, source: str, destination: Destination, key: str, table: Table) -> None:
        """
        Raises:
            AmqpError: the source is the default exchange, is not there, or matches in no known way.
        """
        if not source:
            raise default_exchange_error()
        exchange = self.exchange(source)
        if exchange.kind is ExchangeType.HEADERS:
            demand_headers_match(table)
        binding = Binding(destination, key, _canonical(table), table)
        if binding in exchange.bindings:
            return
        exchange.bindings[binding] = binding
        self._routes.clear()
        if self.binding_survives(exchange, destination):
            self._house.journal.changed(binding_change(self.name, exchange.name, binding))

    def unbind(self, source: str, destination: Destination, key: str, table: Table) -> None:
        """Removing what is not there is no error (RabbitMQ's extension)."""
        exchange = self.exchanges.get(source)
        if exchange is None:
            return
        if found := exchange.bindings.get(Binding(destination, key, _canonical(table))):
            self._remove_binding(exchange, found)

    def is_bound(self, source: str, destination: Destination, key: str, table: Table) -> bool:
        exchange = self.exchanges.get(source)
        wanted = Binding(destination, key, _canonical(table))
        return exchange is not None and wanted in exchange.bindings

    def binding_survives(self, exchange: Exchange, destination: Destination) -> bool:
        if isinstance(destination, Queue):
            return exchange.durable and self.survives(destination)
        return exchange.durable and destination.durable

    # The way of a message

    def route(self, message: Message) -> tuple[Queue, ...]:
        """The queues that get the message, each once.

        Raises:
            AmqpError: there is no such exchange.
        """
        exchange, key = message.exchange, message.routing_key
        known = self._routes.get((exchange, key))
        if known is not None and not message.more_keys:
            return known
        headers = headers_of(message.properties)
        found = dict.fromkeys(self._route_one(exchange, key, headers))
        for other in message.more_keys:
            found |= dict.fromkeys(self._route_one(exchange, other, headers))
        return tuple(found)

    def publish(self, message: Message, queues: Iterable[Queue]) -> Outcome:
        """Puts the message into the queues that have room for it, then lets them deliver."""
        outcome = Outcome.UNROUTED
        admitted: list[Queue] = []
        places: list[tuple[Queue, Entry]] = []
        rejected = False
        for queue in queues:
            if queue.is_full_for(message):
                rejected = True
                self._reject(queue, message)
                continue
            entry = queue.admit(message)
            admitted.append(queue)
            if self.survives(queue) and (message.persistent or queue.arguments.quorum):
                places.append((queue, entry))
        if admitted:
            outcome = Outcome.TAKEN
            self._house.held(message.size)
        if places:
            outcome = Outcome.STORED
            self._house.journal.published(message, places)
        for queue in admitted:
            queue.settle()
        return Outcome.REJECTED if rejected else outcome

    # Keeper of its queues

    def release(self, queue: Queue, entry: Entry) -> None:
        message = entry.message
        message.holders -= 1
        if entry.stored:
            self._house.journal.removed(queue, entry)
        if not message.holders:
            self._house.held(-message.size)

    def note_delivery(self, queue: Queue, entry: Entry) -> None:
        self._house.journal.delivered(queue, entry)

    def note_return(self, queue: Queue, entry: Entry) -> None:
        if entry.stored:
            self._house.journal.returned(queue, entry)

    def watch(self, queue: Queue, moment_ms: int) -> None:
        self._house.watch(self, queue, moment_ms)

    def dead_letter(self, queue: Queue, entry: Entry, reason: Reason) -> None:
        if queue.arguments.dead_letter_exchange is None:
            self.release(queue, entry)
            return
        # One dead letter may push out another: they are buried in turn, not one within the other.
        self._dead.append((queue, entry, reason))
        if self._burying:
            return
        self._burying = True
        try:
            while self._dead:
                dead_queue, dead_entry, why = self._dead.popleft()
                self._bury(dead_queue, dead_entry.message, why)
                self.release(dead_queue, dead_entry)
        finally:
            self._burying = False

    # Inside

    def _bury(self, queue: Queue, message: Message, reason: Reason) -> None:
        target = queue.arguments.dead_letter_exchange
        if target is None or target not in self.exchanges:
            return
        key = queue.arguments.dead_letter_routing_key
        now_s = self.now_ms // 1000
        properties = dead_properties(message, queue.name, reason, now_s, drops_keys=key is not None)
        content = decode_content_header(encode_content_header(len(message.body), properties))
        keys = (message.routing_key, *message.more_keys) if key is None else (key,)
        letter = Message(
            self._house.new_message_id(), target, keys[0], content, message.body, None, keys[1:]
        )
        queues = self.route(letter)
        if reason is not Reason.REJECTED:
            queues = tuple(one for one in queues if not is_cycle(properties, one.name))
        self.publish(letter, queues)

    def _reject(self, queue: Queue, message: Message) -> None:
        if queue.arguments.overflow is Overflow.REJECT_PUBLISH_DLX:
            self._bury(queue, message, Reason.MAXLEN)

    def _route_one(self, name: str, key: str, headers: Mapping[str, Value]) -> tuple[Queue, ...]:
        known = self._routes.get((name, key))
        if known is not None:
            return known
        queues, is_lasting = self._walk(self.exchange(name), key, headers)
        if is_lasting:
            if len(self._routes) >= _MAX_ROUTES:
                self._routes.clear()
            self._routes[name, key] = queues
        return queues

    def _walk(
        self, start: Exchange, key: str, headers: Mapping[str, Value]
    ) -> tuple[tuple[Queue, ...], bool]:
        """The queues, and whether the next message with this key goes to the same."""
        todo, seen = deque([start]), {start.name}
        queues: dict[Queue, None] = {}
        is_lasting = True
        while todo:
            exchange = todo.popleft()
            is_lasting = is_lasting and exchange.kind is not ExchangeType.HEADERS
            for destination in self._next_stops(exchange, key, headers):
                if isinstance(destination, Queue):
                    queues[destination] = None
                elif destination.name not in seen:
                    seen.add(destination.name)
                    todo.append(destination)
        return tuple(queues), is_lasting

    def _next_stops(
        self, exchange: Exchange, key: str, headers: Mapping[str, Value]
    ) -> Iterable[Destination]:
        if not exchange.name:
            queue = self.queues.get(key)
            return (queue,) if queue else ()
        found = tuple(destinations(exchange, key, headers))
        alternate = self.exchanges.get(exchange.alternate) if exchange.alternate else None
        if not found and alternate is not None:
            return (alternate,)
        return found

    def _remove_exchange(self, exchange: Exchange) -> None:
        del self.exchanges[exchange.name]
        if exchange.durable:
            self._house.journal.changed(
                {"op": "exchange-deleted", "vhost": self.name, "name": exchange.name}
            )
        exchange.bindings.clear()
        self._unbind_all(exchange)

    def _unbind_all(self, destination: Destination) -> None:
        """Bindings to a thing that is gone. The journal knows of its end, and so of theirs."""
        self._routes.clear()
        for exchange in list(self.exchanges.values()):
            lost = [one for one in exchange.bindings if one.destination is destination]
            for binding in lost:
                del exchange.bindings[binding]
            if lost:
                self._delete_if_idle(exchange)

    def _remove_binding(self, exchange: Exchange, binding: Binding) -> None:
        del exchange.bindings[binding]
        self._routes.clear()
        if self.binding_survives(exchange, binding.destination):
            change = binding_change(self.name, exchange.name, binding)
            self._house.journal.changed({**change, "op": "binding-deleted"})
        self._delete_if_idle(exchange)

    def _delete_if_idle(self, exchange: Exchange) -> None:
        if exchange.auto_delete and not exchange.bindings and exchange.name in self.exchanges:
            self._remove_exchange(exchange)


def _canonical(table: Table) -> bytes:
    return encode_table(dict(sorted(table.items())))
