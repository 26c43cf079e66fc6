"""One channel: its consumers, what they hold, its confirms and its transaction. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import Protocol

from pamqp import commands

from stend.engines.amqp.confirms import Confirms
from stend.engines.amqp.deliveries import deliver, deliver_prefix, get_ok, returned
from stend.engines.amqp.errors import (
    AmqpError,
    ReplyCode,
    not_implemented,
    precondition_failed,
    type_name,
)
from stend.engines.amqp.message import Entry, Message
from stend.engines.amqp.queues import Consumer, Queue
from stend.engines.amqp.state import DIRECT_REPLY_TO, Broker
from stend.engines.amqp.users import User
from stend.engines.amqp.vhost import Outcome, VHost
from stend.wire.amqp.methods import encode_method
from stend.wire.amqp.values import Table, Value

_NO_ROUTE_TEXT = "NO_ROUTE"


class Line(Protocol):
    """The connection, as its channels see it."""

    name: str
    broker: Broker
    frame_max: int

    @property
    def vhost(self) -> VHost: ...

    @property
    def user(self) -> User: ...

    @property
    def is_roomy(self) -> bool:
        """Whether more can be sent now, or the client reads too slowly."""
        ...

    @property
    def is_stuffed(self) -> bool:
        """Whether the client leaves so much unread that nothing more is kept for it."""
        ...

    def write(self, data: bytes) -> None: ...

    def confirms_ready(self, channel: "Channel") -> None: ...

    def tells_cancels(self) -> bool:
        """Whether the client wants to hear of consumers that the server has cancelled."""
        ...


@dataclass(slots=True)
class Delivery:
    """A message in the hands of the client. `consumer` is None for Basic.Get."""

    queue: Queue
    entry: Entry
    consumer: Consumer | None


@dataclass(frozen=True, slots=True)
class Publish:
    """A message on its way in.

    Attributes:
        queues: where it goes, worked out when it came.
        tag: of its confirm; 0 without.
    """

    message: Message
    queues: tuple[Queue, ...]
    reply_token: str | None
    mandatory: bool
    tag: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """An acknowledgement that waits for Tx.Commit."""

    deliveries: tuple[tuple[int, Delivery], ...]
    requeue: bool | None


class Channel:
    """Implements the `Sink` of its consumers and the `ReplyTaker` of the broker."""

    def __init__(self, number: int, line: Line) -> None:
        self.number = number
        self.line = line
        self.broker = line.broker
        self.vhost = line.vhost
        self.consumers: dict[str, Consumer] = {}
        self.unacked: dict[int, Delivery] = {}
        self.prefetch = 0
        self.channel_prefetch = 0
        self.confirms: Confirms | None = None
        self.is_transactional = False
        self.unacked_messages = 0
        self._publishes: list[Publish] = []
        self._settlements: list[Settlement] = []
        self._next_tag = 1
        self._reply_token: str | None = None
        self._reply_tag, self._reply_prefix = "", b""
        # What an empty queue name stands for.
        self.last_queue = ""
        # Exchanges that this user has been found to be allowed to write to.
        self.writable: set[str] = set()

    # Consumers

    def consume(
        self, queue: Queue, tag: str, *, no_ack: bool, exclusive: bool, table: Table
    ) -> Consumer:
        """The consumer, which gets nothing before `Queue.settle`.

        Raises:
            AmqpError: the tag is taken, or somebody has the queue for himself.
        """
        self.demand_free_tag(tag)
        if queue.arguments.quorum and self.channel_prefetch:
            raise not_implemented(
                f"queue '{queue.name}' in vhost '{self.vhost.name}' does not support global qos"
            )
        others = queue.consumers
        is_single = queue.arguments.single_active_consumer
        if (exclusive and (others or is_single)) or any(one.exclusive for one in others):
            raise AmqpError(
                ReplyCode.ACCESS_REFUSED,
                f"queue '{queue.name}' in vhost '{self.vhost.name}' in exclusive use",
            )
        consumer = Consumer(
            tag,
            queue,
            self,
            no_ack=no_ack,
            exclusive=exclusive,
            prefetch=self.prefetch,
            priority=_consumer_priority(table, queue, self.vhost.name),
            arguments=table,
        )
        consumer.prefix = deliver_prefix(tag)
        self.consumers[tag] = consumer
        queue.subscribe(consumer)
        return consumer

    def consume_replies(self, tag: str, *, no_ack: bool) -> None:
        """Direct reply-to: answers come to this channel without a queue.

        Raises:
            AmqpError: with acknowledgements, or asked for twice.
        """
        self.demand_free_tag(tag)
        if not no_ack:
            raise precondition_failed("reply consumer cannot acknowledge")
        if self._reply_token is not None:
            raise precondition_failed("reply consumer already set")
        # RabbitMQ's end so, too; clients that check the names of queues do not let it through.
        self._reply_token = self.broker.new_name(f"{DIRECT_REPLY_TO}.") + "=="
        self._reply_tag, self._reply_prefix = tag, deliver_prefix(tag)
        self.broker.reply_takers[self._reply_token] = self

    def demand_free_tag(self, tag: str) -> None:
        if tag in self.consumers or (self._reply_token is not None and tag == self._reply_tag):
            text = f"attempt to reuse consumer tag '{tag}'"
            raise AmqpError(ReplyCode.NOT_ALLOWED, text)

    @property
    def reply_token(self) -> str:
        """The address that replaces `amq.rabbitmq.reply-to` in a request.

        Raises:
            AmqpError: nobody waits for replies here.
        """
        if self._reply_token is None:
            raise precondition_failed("fast reply consumer does not exist")
        return self._reply_token

    def cancel(self, tag: str) -> None:
        """Cancelling what is not there is no error."""
        if tag == self._reply_tag:
            self._forget_replies()
        consumer = self.consumers.pop(tag, None)
        if consumer is None:
            return
        queue = consumer.queue
        queue.unsubscribe(consumer)
        if queue.auto_delete and not queue.consumers and not queue.deleted:
            self.vhost.delete_queue(queue)
        else:
            queue.settle()

    def has_room(self, consumer: Consumer) -> bool:
        if not self.line.is_roomy:
            return False
        if consumer.no_ack:
            return True
        if consumer.prefetch and consumer.unacked >= consumer.prefetch:
            return False
        return not self.channel_prefetch or self.unacked_messages < self.channel_prefetch

    def take(self, consumer: Consumer, entry: Entry) -> None:
        tag = self._next_tag
        self._next_tag = tag + 1
        if not consumer.no_ack:
            consumer.unacked += 1
            self.unacked_messages += 1
            self.unacked[tag] = Delivery(consumer.queue, entry, consumer)
        self.broker.delivered += 1
        self.line.write(deliver(self.number, consumer.prefix, tag, entry, self.line.frame_max))

    def cancelled(self, consumer: Consumer) -> None:
        self.consumers.pop(consumer.tag, None)
        if self.line.tells_cancels():
            cancel = commands.Basic.Cancel
            self.line.write(
                encode_method(self.number, cancel, consumer_tag=consumer.tag, nowait=True)
            )

    def told(self) -> dict[str, object]:
        name = self.line.name
        return {
            "name": f"{name} ({self.number})",
            "number": self.number,
            "connection_name": name,
            "user": self.line.user.name,
        }

    @property
    def takes_replies(self) -> bool:
        return not self.line.is_stuffed

    def reply(self, message: Message) -> None:
        entry = Entry(message, None)
        tag = self._next_tag
        self._next_tag = tag + 1
        self.line.write(deliver(self.number, self._reply_prefix, tag, entry, self.line.frame_max))

    def get(self, queue: Queue, *, no_ack: bool) -> bool:
        """Sends Basic.GetOk with the next message; False when the queue is empty."""
        entry = queue.get(no_ack=no_ack)
        if entry is None:
            return False
        tag = self._next_tag
        self._next_tag = tag + 1
        if not no_ack:
            self.unacked[tag] = Delivery(queue, entry, None)
        self.broker.delivered += 1
        self.line.write(get_ok(self.number, tag, entry, queue.ready, self.line.frame_max))
        return True

    # Acknowledgements

    def acknowledge(self, tag: int, *, multiple: bool) -> None:
        """
        Raises:
            AmqpError: no such delivery is open.
        """
        self._settle(Settlement(self._take_unacked(tag, multiple=multiple), None))

    def reject(self, tag: int, *, multiple: bool, requeue: bool) -> None:
        """
        Raises:
            AmqpError: no such delivery is open.
        """
        self._settle(Settlement(self._take_unacked(tag, multiple=multiple), requeue))

    def recover(self) -> None:
        """Everything unacknowledged goes back to its queue."""
        open_deliveries = tuple(self.unacked.items())
        self.unacked.clear()
        self._carry_out(Settlement(open_deliveries, True))

    def resume(self) -> None:
        """There may be room again: lets the queues of the consumers deliver."""
        for queue in {consumer.queue for consumer in self.consumers.values()}:
            queue.settle()

    # Publishing

    def publish(self, publish: Publish) -> None:
        if self.is_transactional:
            self._publishes.append(publish)
        else:
            self._carry_in(publish)

    # Transactions

    def select_transactions(self) -> None:
        if self.confirms:
            raise precondition_failed("cannot switch from confirm to tx mode")
        self.is_transactional = True

    def select_confirms(self) -> None:
        if self.is_transactional:
            raise precondition_failed("cannot switch from tx to confirm mode")
        if self.confirms is None:
            self.confirms = Confirms()

    def commit(self) -> None:
        """All publishes and acknowledgements since the last one, as one batch of the journal."""
        self._demand_transaction()
        publishes, self._publishes = self._publishes, []
        settlements, self._settlements = self._settlements, []
        for publish in publishes:
            self._carry_in(publish)
        for settlement in settlements:
            self._carry_out(settlement)

    def roll_back(self) -> None:
        """Publishes are forgotten; what was acknowledged is unacknowledged again."""
        self._demand_transaction()
        self._publishes.clear()
        settlements, self._settlements = self._settlements, []
        again = {tag: one for settlement in settlements for tag, one in settlement.deliveries}
        self.unacked = dict(sorted({**self.unacked, **again}.items()))

    def close(self) -> None:
        """What the client holds goes back; its consumers end."""
        self._publishes.clear()
        settlements, self._settlements = self._settlements, []
        for settlement in settlements:
            self.unacked |= dict(settlement.deliveries)
        self._forget_replies()
        for consumer in list(self.consumers.values()):
            consumer.queue.unsubscribe(consumer)
        self.recover()
        for consumer in list(self.consumers.values()):
            queue = consumer.queue
            if queue.auto_delete and not queue.consumers and not queue.deleted:
                self.vhost.delete_queue(queue)
        self.consumers.clear()

    # Inside

    def _forget_replies(self) -> None:
        if self._reply_token is not None:
            self.broker.reply_takers.pop(self._reply_token, None)
        self._reply_token = None

    def _carry_in(self, publish: Publish) -> None:
        message, tag = publish.message, publish.tag
        self.broker.published += 1
        if publish.reply_token is not None:
            outcome = self._reply(publish.reply_token, message)
        else:
            # A transaction may have taken so long that a queue is gone.
            queues = [queue for queue in publish.queues if not queue.deleted]
            outcome = self.vhost.publish(message, queues)
        # A direct reply reaches no queue, and until 4.2 RabbitMQ returns it even when it was taken
        # (rabbitmq.com/docs/3.13/direct-reply-to, "Caveats and Limitations").
        is_routed = outcome is not Outcome.UNROUTED and publish.reply_token is None
        if publish.mandatory and not is_routed:
            code = ReplyCode.NO_ROUTE
            frame_max = self.line.frame_max
            self.line.write(returned(self.number, code, _NO_ROUTE_TEXT, message, frame_max))
        if tag and self.confirms:
            self._confirm(self.confirms, tag, outcome)

    def _confirm(self, confirms: Confirms, tag: int, outcome: Outcome) -> None:
        if outcome is Outcome.STORED:
            confirms.wait(tag, self.broker.journal.position)
        elif outcome is Outcome.REJECTED:
            confirms.reject(tag)
        else:
            confirms.settle(tag)
        self.line.confirms_ready(self)

    def _reply(self, token: str, message: Message) -> Outcome:
        taker = self.broker.reply_takers.get(token)
        if taker is None or not taker.takes_replies:
            return Outcome.UNROUTED
        taker.reply(message)
        return Outcome.TAKEN

    def _take_unacked(self, tag: int, *, multiple: bool) -> tuple[tuple[int, Delivery], ...]:
        if not multiple:
            delivery = self.unacked.pop(tag, None)
            if delivery is None:
                raise precondition_failed(f"unknown delivery tag {tag}")
            return ((tag, delivery),)
        if tag == 0:
            taken = tuple(self.unacked.items())
            self.unacked.clear()
            return taken
        if tag not in self.unacked:
            raise precondition_failed(f"unknown delivery tag {tag}")
        # The tags are in order, as deliveries were.
        tags = takewhile(lambda one: one <= tag, self.unacked)
        taken = tuple((one, self.unacked[one]) for one in tags)
        for one, _ in taken:
            del self.unacked[one]
        return taken

    def _settle(self, settlement: Settlement) -> None:
        if self.is_transactional:
            self._settlements.append(settlement)
        else:
            self._carry_out(settlement)

    def _carry_out(self, settlement: Settlement) -> None:
        queues: dict[Queue, list[Entry]] = {}
        for _, delivery in settlement.deliveries:
            if delivery.consumer is not None:
                delivery.consumer.unacked -= 1
                self.unacked_messages -= 1
            queues.setdefault(delivery.queue, []).append(delivery.entry)
        for queue, entries in queues.items():
            _put_away(queue, entries, requeue=settlement.requeue)
        if settlement.requeue is None:
            self.broker.acknowledged += len(settlement.deliveries)
        self._let_deliver(queues)

    def _let_deliver(self, queues: Iterable[Queue]) -> None:
        for queue in queues:
            if not queue.deleted:
                queue.settle()
        # A limit over the whole channel kept back its other consumers too.
        if self.channel_prefetch:
            self.resume()

    def _demand_transaction(self) -> None:
        if not self.is_transactional:
            raise precondition_failed("channel is not transactional")


def _put_away(queue: Queue, entries: list[Entry], *, requeue: bool | None) -> None:
    """`requeue` is None for an acknowledgement."""
    if queue.deleted:
        for entry in entries:
            queue.forget(entry)
    elif requeue is None:
        for entry in entries:
            queue.acknowledge(entry)
    elif requeue:
        queue.requeue(entries)
    else:
        for entry in entries:
            queue.reject(entry)


def _consumer_priority(table: Table, queue: Queue, vhost: str) -> int:
    priority: Value = table.get("x-priority", 0)
    if isinstance(priority, bool) or not isinstance(priority, int):
        raise precondition_failed(
            f"invalid arg 'x-priority' for queue '{queue.name}' in vhost '{vhost}': "
            f'"expected integer, got {type_name(priority)}"'
        )
    return priority
