"""A queue: what is ready, who consumes, when it is too long or too old. Pure.

Everything that leaves a queue for good goes through its `Keeper`, who keeps the books: the journal,
the memory, the dead letters.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Protocol

from stend.engines.amqp.arguments import Overflow, QueueArguments
from stend.engines.amqp.message import Entry, Message
from stend.wire.amqp.values import Table


class Reason(StrEnum):
    """Why a message became a dead letter, as x-death names it."""

    REJECTED = "rejected"
    EXPIRED = "expired"
    MAXLEN = "maxlen"
    DELIVERY_LIMIT = "delivery_limit"


class Sink(Protocol):
    """The channel behind a consumer."""

    def has_room(self, consumer: "Consumer") -> bool: ...

    def take(self, consumer: "Consumer", entry: Entry) -> None: ...

    def cancelled(self, consumer: "Consumer") -> None:
        """The queue is gone."""
        ...

    def told(self) -> dict[str, object]:
        """Whose it is, for people."""
        ...


class Keeper(Protocol):
    """The virtual host of a queue."""

    @property
    def now_ms(self) -> int: ...

    def release(self, queue: "Queue", entry: Entry) -> None: ...

    def dead_letter(self, queue: "Queue", entry: Entry, reason: Reason) -> None: ...

    def note_delivery(self, queue: "Queue", entry: Entry) -> None: ...

    def note_return(self, queue: "Queue", entry: Entry) -> None: ...

    def watch(self, queue: "Queue", moment_ms: int) -> None:
        """Ask for `Queue.expire` at that moment."""
        ...


class Consumer:
    """
    Attributes:
        prefetch: how many unacknowledged messages it may hold; 0 for any number.
        prefix: the beginning of its Basic.Deliver frames, made once.
    """

    __slots__ = (
        "arguments",
        "exclusive",
        "no_ack",
        "prefetch",
        "prefix",
        "priority",
        "queue",
        "sink",
        "tag",
        "unacked",
    )

    def __init__(
        self,
        tag: str,
        queue: "Queue",
        sink: Sink,
        *,
        no_ack: bool,
        exclusive: bool,
        prefetch: int,
        priority: int,
        arguments: Table,
    ) -> None:
        self.tag = tag
        self.queue = queue
        self.sink = sink
        self.no_ack = no_ack
        self.exclusive = exclusive
        self.prefetch = prefetch
        self.priority = priority
        self.arguments = arguments
        self.unacked = 0
        self.prefix = b""


class Queue:
    """
    Attributes:
        number: names the queue in the journal, where a name may come back for another queue.
        owner: the connection that an exclusive queue belongs to.
    """

    def __init__(
        self,
        number: int,
        name: str,
        keeper: Keeper,
        *,
        durable: bool,
        owner: object | None,
        auto_delete: bool,
        table: Table,
        arguments: QueueArguments,
    ) -> None:
        self.number = number
        self.name = name
        self.durable = durable
        self.owner = owner
        self.auto_delete = auto_delete
        self.table = table
        self.arguments = arguments
        self.ready_bytes = 0
        self.unacked = 0
        self.unacked_bytes = 0
        self.used_at_ms = keeper.now_ms
        self.deleted = False
        # How much went through it, for the management API.
        self.published = self.delivered = self.acknowledged = self.redelivered = 0
        self._keeper = keeper
        levels = (arguments.max_priority or 0) + 1
        self._ready: list[deque[Entry]] = [deque() for _ in range(levels)]
        self._consumers: list[deque[Consumer]] = []
        self._active: Consumer | None = None
        self.watched_for_ms: int | None = None
        if arguments.expires_ms is not None:
            self._watch(self.used_at_ms + arguments.expires_ms)

    @property
    def ready(self) -> int:
        return sum(map(len, self._ready))

    @property
    def consumers(self) -> list[Consumer]:
        return [consumer for level in self._consumers for consumer in level]

    @property
    def active(self) -> Consumer | None:
        """The one consumer that gets messages, where the queue has asked for a single one."""
        return self._active

    def entries(self) -> Iterator[Entry]:
        """What is ready, in the order of delivery."""
        for level in reversed(self._ready):
            yield from level

    def is_full_for(self, message: Message) -> bool:
        """Whether a queue that rejects what it cannot hold must reject this message."""
        arguments = self.arguments
        if arguments.overflow is Overflow.DROP_HEAD:
            return False
        longest, largest = arguments.max_length, arguments.max_length_bytes
        too_long = longest is not None and self.ready >= longest
        too_large = largest is not None and self.ready_bytes + len(message.body) > largest
        return too_long or too_large

    def admit(self, message: Message) -> Entry:
        """The message at the end of the queue; `settle` comes after it."""
        ttl = self.arguments.message_ttl_ms
        if message.ttl_ms is not None and (ttl is None or message.ttl_ms < ttl):
            ttl = message.ttl_ms
        entry = Entry(message, None if ttl is None else self._keeper.now_ms + ttl)
        if self.arguments.quorum:
            entry.deliveries = 0
        message.holders += 1
        self.published += 1
        self._level_of(message).append(entry)
        self.ready_bytes += len(message.body)
        return entry

    def restore(self, entry: Entry) -> None:
        """An entry out of the journal, in its old place."""
        entry.message.holders += 1
        self._put_back(entry)

    def settle(self) -> None:
        """Delivers what can be delivered, then drops what is too much or too old."""
        self._dispatch()
        self._drop_surplus()
        self.expire()

    def _dispatch(self) -> None:
        if not self._consumers:
            return
        while (entry := self._head()) is not None:
            if entry.expires_at_ms is not None and self._is_overdue(entry):
                continue
            consumer = self._next_consumer()
            if consumer is None:
                return
            self._pop(entry)
            self._hand_over(consumer, entry)

    def get(self, *, no_ack: bool) -> Entry | None:
        """The next message for Basic.Get, which counts as use of the queue."""
        self.used_at_ms = self._keeper.now_ms
        while (entry := self._head()) is not None:
            if entry.expires_at_ms is not None and self._is_overdue(entry):
                continue
            self._pop(entry)
            self._count_delivery(entry, no_ack=no_ack)
            # The next one may be overdue too, or has to be waited for.
            self.expire()
            return entry
        return None

    def acknowledge(self, entry: Entry) -> None:
        self._take_back(entry)
        self.acknowledged += 1
        self._keeper.release(self, entry)

    def forget(self, entry: Entry) -> None:
        """An entry that a client still held when the queue was deleted."""
        self._keeper.release(self, entry)

    def reject(self, entry: Entry) -> None:
        self._take_back(entry)
        self._keeper.dead_letter(self, entry, Reason.REJECTED)

    def requeue(self, entries: Iterable[Entry]) -> None:
        """Back to where they were (RabbitMQ keeps the order, if it can).

        A quorum queue without a delivery limit puts them at its end: what fails again and again
        must not stand in the way for ever.
        """
        limit = self.arguments.delivery_limit
        to_the_end = self.arguments.quorum and limit is None
        if to_the_end:
            self._requeue_at_end(list(entries))
            return
        # From the last to the first: each then goes before the one just put back.
        for entry in sorted(entries, key=_order, reverse=True):
            self._take_back(entry)
            entry.redelivered = True
            if entry.deliveries is not None:
                entry.deliveries += 1
                self._keeper.note_return(self, entry)
                if limit is not None and entry.deliveries > limit:
                    self._keeper.dead_letter(self, entry, Reason.DELIVERY_LIMIT)
                    continue
            self._put_back(entry)

    def _requeue_at_end(self, entries: list[Entry]) -> None:
        for entry in entries:
            self._take_back(entry)
            entry.redelivered = True
            entry.deliveries = (entry.deliveries or 0) + 1
            self._keeper.note_return(self, entry)
            self._level_of(entry.message).append(entry)
            self.ready_bytes += len(entry.message.body)

    def purge(self) -> int:
        """Drops what is ready; returns how many messages that were."""
        dropped = list(self.entries())
        for level in self._ready:
            level.clear()
        self.ready_bytes = 0
        for entry in dropped:
            self._keeper.release(self, entry)
        return len(dropped)

    def subscribe(self, consumer: Consumer) -> None:
        for level in self._consumers:
            if level[0].priority == consumer.priority:
                level.append(consumer)
                break
        else:
            self._consumers.append(deque([consumer]))
            self._consumers.sort(key=lambda level: -level[0].priority)
        self.used_at_ms = self._keeper.now_ms
        self._choose_active()

    def unsubscribe(self, consumer: Consumer) -> None:
        for level in self._consumers:
            if consumer in level:
                level.remove(consumer)
        self._consumers = [level for level in self._consumers if level]
        self.used_at_ms = self._keeper.now_ms
        if self.arguments.expires_ms is not None:
            self._watch(self.used_at_ms + self.arguments.expires_ms)
        if self._active is consumer:
            self._active = None
        self._choose_active()

    def is_unused(self) -> bool:
        """Whether its x-expires has run out."""
        lifetime = self.arguments.expires_ms
        if lifetime is None or self._consumers:
            return False
        return self._keeper.now_ms >= self.used_at_ms + lifetime

    def touch(self) -> None:
        """A redeclaration counts as use (x-expires)."""
        self.used_at_ms = self._keeper.now_ms

    def expire(self) -> None:
        """Drops what is overdue at the head; what stands behind waits, as in RabbitMQ.

        There is one head: who is overdue waits behind a live message of a higher priority too.
        """
        while (entry := self._head()) is not None and entry.expires_at_ms is not None:
            if entry.expires_at_ms > self._keeper.now_ms:
                self._watch(entry.expires_at_ms)
                break
            self._pop(entry)
            self._keeper.dead_letter(self, entry, Reason.EXPIRED)
        if self.arguments.expires_ms is not None and not self._consumers:
            self._watch(self.used_at_ms + self.arguments.expires_ms)

    def _watch(self, moment_ms: int) -> None:
        if self.watched_for_ms is None or moment_ms < self.watched_for_ms:
            self.watched_for_ms = moment_ms
            self._keeper.watch(self, moment_ms)

    def _is_overdue(self, entry: Entry) -> bool:
        """Whether it was too old and is dropped."""
        if entry.expires_at_ms is None or entry.expires_at_ms > self._keeper.now_ms:
            return False
        # A message with no time to live at all may still go straight to a waiting consumer.
        if entry.message.ttl_ms == 0 or self.arguments.message_ttl_ms == 0:
            fresh = not entry.redelivered and entry.expires_at_ms == self._keeper.now_ms
            if fresh and self._somebody_has_room():
                return False
        self._pop(entry)
        self._keeper.dead_letter(self, entry, Reason.EXPIRED)
        return True

    def _drop_surplus(self) -> None:
        arguments = self.arguments
        longest, largest = arguments.max_length, arguments.max_length_bytes
        if longest is None and largest is None:
            return
        while (entry := self._head()) is not None:
            too_long = longest is not None and self.ready > longest
            too_large = largest is not None and self.ready_bytes > largest
            if not too_long and not too_large:
                return
            self._pop(entry)
            self._keeper.dead_letter(self, entry, Reason.MAXLEN)

    def _head(self) -> Entry | None:
        for level in reversed(self._ready):
            if level:
                return level[0]
        return None

    def _pop(self, entry: Entry) -> None:
        """Takes off the entry that `_head` has found."""
        self._level_of(entry.message).popleft()
        self.ready_bytes -= len(entry.message.body)

    def _put_back(self, entry: Entry) -> None:
        level = self._level_of(entry.message)
        self.ready_bytes += len(entry.message.body)
        number = entry.message.id
        if not level or number < level[0].message.id:
            level.appendleft(entry)
        elif number > level[-1].message.id:
            level.append(entry)
        else:
            place = next(at for at, other in enumerate(level) if number < other.message.id)
            level.insert(place, entry)

    def _level_of(self, message: Message) -> "deque[Entry]":
        levels = self._ready
        if len(levels) == 1:
            return levels[0]
        return levels[min(message.priority, len(levels) - 1)]

    def _hand_over(self, consumer: Consumer, entry: Entry) -> None:
        self._count_delivery(entry, no_ack=consumer.no_ack)
        consumer.sink.take(consumer, entry)

    def _count_delivery(self, entry: Entry, *, no_ack: bool) -> None:
        self.delivered += 1
        self.redelivered += entry.redelivered
        if no_ack:
            self._keeper.release(self, entry)
            return
        self.unacked += 1
        self.unacked_bytes += len(entry.message.body)
        if entry.stored and not entry.redelivered:
            self._keeper.note_delivery(self, entry)

    def _take_back(self, entry: Entry) -> None:
        self.unacked -= 1
        self.unacked_bytes -= len(entry.message.body)

    def _next_consumer(self) -> Consumer | None:
        if self._active is not None:
            return self._active if self._active.sink.has_room(self._active) else None
        for level in self._consumers:
            for _ in range(len(level)):
                consumer = level[0]
                level.rotate(-1)
                if consumer.sink.has_room(consumer):
                    return consumer
        return None

    def _somebody_has_room(self) -> bool:
        if self._active is not None:
            return self._active.sink.has_room(self._active)
        return any(consumer.sink.has_room(consumer) for consumer in self.consumers)

    def _choose_active(self) -> None:
        if self.arguments.single_active_consumer and self._active is None and self._consumers:
            self._active = self._consumers[0][0]


def _order(entry: Entry) -> int:
    return entry.message.id
