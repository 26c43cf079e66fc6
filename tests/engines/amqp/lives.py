"""A pure broker with its journal, some clients, and the model that both are held against."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path

from pamqp import base, commands

from stend.engines.amqp.message import Entry, Message
from stend.engines.amqp.state import DEFAULT_VHOST, Broker, Limits
from stend.engines.amqp.store import Store
from stend.wire.amqp.content import decode_content_header, headers_of
from stend.wire.amqp.frames import Frame, FrameType
from tests.engines.amqp.model import Consumer, Delivered, Held, Key, Kind, Queue, Taken
from tests.engines.amqp.peer import START_MS, Peer, new_broker

CLIENTS = range(3)
FANOUT = "both"
BOUND = ("short", "quorum", "transient")
# A queue stands before the one that its dead letters go to.
KINDS = {
    "short": Kind(max_length=3, dead_letters_to="short.dead"),
    "short.dead": Kind(),
    "plain": Kind(),
    "quorum": Kind(quorum=True, delivery_limit=2, dead_letters_to="quorum.dead"),
    "quorum.dead": Kind(quorum=True),
    "timed": Kind(ttl_ms=50, dead_letters_to="timed.dead"),
    "timed.dead": Kind(),
    "refusing": Kind(max_length=2, rejects=True),
    "transient": Kind(durable=False),
    "ranked": Kind(max_priority=3),
}


@dataclass(slots=True)
class Publish:
    held: Held
    queues: list[Queue]
    ttl_ms: int | None


@dataclass(slots=True)
class Client:
    """One connection with one channel, and what it holds.

    Attributes:
        mode: "", "confirm" or "tx".
        publishes, settlements: of the transaction that is open.
        unconfirmed: tags of publishes, and whether Basic.Nack is due.
        seen: deliveries of this step, not yet known to the model.
    """

    peer: Peer
    taken: dict[int, Taken] = field(default_factory=dict)
    consumers: dict[str, tuple[Queue, Consumer]] = field(default_factory=dict)
    prefetch: int = 0
    mode: str = ""
    publishes: list[Publish] = field(default_factory=list)
    settlements: list[tuple[dict[int, Taken], str]] = field(default_factory=list)
    next_tag: int = 1
    next_confirm: int = 1
    unconfirmed: dict[int, bool] = field(default_factory=dict)
    seen: list[tuple[str, Delivered]] = field(default_factory=list)
    replies: list[base.Frame | Delivered] = field(default_factory=list)

    def begin_channel(self) -> None:
        self.prefetch, self.mode, self.next_tag, self.next_confirm = 0, "", 1, 1
        for held in (self.taken, self.consumers, self.unconfirmed):
            held.clear()
        self.publishes, self.settlements = [], []


class World:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now_ms = START_MS
        self.broker = new_broker()
        self.store = Store(folder, self.broker)
        self.store.open()
        self.queues: dict[str, Queue] = {}
        self.clients = [Client(Peer(self.broker).connect()) for _ in CLIENTS]
        self._order = count()
        declare_fanout(self.clients[0].peer)
        for name in KINDS:
            self.declare(self.clients[0], name)
        self.settle()

    # What clients do

    def declare(self, client: Client, name: str) -> None:
        kind = KINDS[name]
        client.peer.declare(name, 1, durable=kind.durable, **kind.arguments())
        self.queues[name] = Queue(name, kind)
        if name in BOUND:
            bind(client.peer, name)

    def publish(self, client: Client, publish: Publish) -> None:
        refused = False
        for queue in publish.queues:
            if queue.deleted:
                continue
            if queue.is_full:
                refused = True
            else:
                publish.held.order = next(self._order)
                queue.admit(publish.held, self.now_ms, publish.ttl_ms)
        if client.mode == "confirm":
            client.unconfirmed[client.next_confirm] = refused
            client.next_confirm += 1

    def put_away(self, taken: dict[int, Taken], how: str) -> None:
        """
        Args:
            how: "ack", "requeue" or "drop".
        """
        for queue, held, consumer in taken.values():
            if consumer is not None:
                consumer.unacked -= 1
            if queue.deleted:
                continue
            if how == "requeue":
                if not queue.give_back(held):
                    self._bury(queue, held)
                continue
            queue.unacked -= 1
            if how == "drop":
                self._bury(queue, held)

    def end_channel(self, client: Client) -> None:
        """What it holds goes back, whatever was planned with it in a transaction."""
        for queue, consumer in client.consumers.values():
            queue.consumers.remove(consumer)
        for planned, _ in client.settlements:
            client.taken |= planned
        self.put_away(dict(sorted(client.taken.items())), "requeue")
        client.begin_channel()

    def crash(self) -> None:
        """The process is gone and comes back; the system has kept what was written."""
        self.store.close()
        for client in self.clients:
            for planned, _ in client.settlements:
                client.taken |= planned
            for queue, held, _ in client.taken.values():
                if queue.kind.keeps(held) and not queue.deleted:
                    held.redelivered = True
                    queue.add(held)
        for queue in self.queues.values():
            queue.restart()
        self.queues = {name: one for name, one in self.queues.items() if one.kind.durable}
        self.broker = Broker(Limits(), lambda: "name")
        self.broker.now_ms = self.now_ms
        self.store = Store(self.folder, self.broker)
        self.store.open()
        self.clients = [Client(Peer(self.broker).connect()) for _ in CLIENTS]

    # One step

    def settle(self, *, in_order: bool = True) -> None:
        """Lets the broker finish its turn, then the model follow what clients have seen.

        Args:
            in_order: False where one step makes a queue deliver, take back and deliver again.
        """
        while (moment := self.broker.next_moment_ms()) is not None and moment <= self.now_ms:
            self.broker.tick()
        self.store.write()
        for client in self.clients:
            client.replies.clear()
            _read(client)
            client.peer.session.synced(self.broker.journal.position - 1)
            _read(client)
            assert not client.unconfirmed
        for name in KINDS:
            if name in self.queues:
                self._follow(self.queues[name], in_order=in_order)
        for client in self.clients:
            assert not client.seen, f"delivered for no reason: {client.seen}"

    def take_head(self, queue: Queue) -> Held | None:
        self.drop_overdue(queue)
        return queue.ready.pop(0) if queue.ready else None

    def drop_overdue(self, queue: Queue) -> None:
        for held in queue.take_overdue(self.now_ms):
            self._bury(queue, held)

    def _follow(self, queue: Queue, *, in_order: bool) -> None:
        while (held := self.take_head(queue)) is not None:
            if not self._was_delivered(queue, held):
                queue.add(held)
                break
        if not in_order:
            for held in tuple(queue.ready):
                if self._was_delivered(queue, held):
                    queue.ready.remove(held)
        for held in queue.take_surplus():
            self._bury(queue, held)
        self.drop_overdue(queue)
        idle = [one.tag for one in queue.consumers if one.has_room]
        assert not (queue.ready and idle), f"{queue.name} does not deliver to {idle}"

    def _was_delivered(self, queue: Queue, held: Held) -> bool:
        for client in self.clients:
            for at, (tag, delivered) in enumerate(client.seen):
                source, consumer = client.consumers[tag]
                if source is not queue:
                    continue
                # What one client gets out of one queue comes in order: only the next one may be it.
                if delivered.key == held.key:
                    del client.seen[at]
                    _hand_over(client, queue, held, consumer, delivered)
                    return True
                break
        return False

    def _bury(self, queue: Queue, held: Held) -> None:
        target = self.queues.get(queue.kind.dead_letters_to or "")
        if target is not None:
            key = Key(held.key.body, queue.name)
            letter = Held(key, next(self._order), held.persistent, held.priority)
            target.admit(letter, self.now_ms, None)

    # What must be true after every step

    def check(self) -> None:
        vhost = self.broker.vhosts[DEFAULT_VHOST]
        assert set(vhost.queues) == set(self.queues)
        for name, queue in self.queues.items():
            found = vhost.queues[name]
            seen = [_seen(entry) for entry in found.entries()]
            told = [_told(held) for held in queue.ready]
            assert seen == told, f"{name} holds {seen}, not {told}"
            assert (found.ready, found.unacked) == (len(queue.ready), queue.unacked), name
            assert len(found.consumers) == len(queue.consumers)
        entries = [one for queue in vhost.queues.values() for one in queue.entries()]
        entries += list(self._in_hands())
        self._check_memory(entries)
        self._check_journal(entries)

    def _in_hands(self) -> Iterable[Entry]:
        for client in self.clients:
            for channel in client.peer.session.channels.values():
                planned = (one for each in channel._settlements for one in each.deliveries)
                for _, delivery in (*channel.unacked.items(), *planned):
                    yield delivery.entry

    def _check_memory(self, entries: list[Entry]) -> None:
        messages = {entry.message.id: entry.message for entry in entries}
        assert self.broker.memory_bytes == sum(one.size for one in messages.values())
        for number, message in messages.items():
            assert message.holders == sum(entry.message.id == number for entry in entries)

    def _check_journal(self, entries: list[Entry]) -> None:
        journal = self.broker.journal
        live = {number: one for each in journal.live.values() for number, one in each.items()}
        stored = {entry.message.id for entry in entries if entry.stored}
        assert set(live) == stored, f"the journal keeps {set(live)}, not {stored}"
        assert journal.live_bytes == sum(one.size_bytes for one in live.values())


def _read(client: Client) -> None:
    frames = iter(client.peer.read())
    for frame in frames:
        if isinstance(frame, commands.Basic.Deliver):
            client.seen.append((str(frame.consumer_tag), _delivered(client, frame, frames)))
        elif isinstance(frame, commands.Basic.GetOk):
            client.replies += [frame, _delivered(client, frame, frames)]
        elif isinstance(frame, commands.Basic.Ack | commands.Basic.Nack):
            _confirm(client, frame)
        elif isinstance(frame, commands.Basic.Cancel):
            # Its queue was deleted, which the model knows.
            client.consumers.pop(str(frame.consumer_tag))
        else:
            assert isinstance(frame, base.Frame), frame
            client.replies.append(frame)


def _delivered(
    client: Client,
    method: commands.Basic.Deliver | commands.Basic.GetOk,
    frames: Iterable[base.Frame | Frame],
) -> Delivered:
    header, body = islice(frames, 2)
    assert isinstance(header, Frame)
    assert isinstance(body, Frame)
    assert body.kind == FrameType.BODY
    assert method.delivery_tag == client.next_tag
    client.next_tag += 1
    headers = headers_of(decode_content_header(header.payload).properties)
    deaths = headers.get("x-death")
    death = deaths[0] if isinstance(deaths, list) else {}
    assert isinstance(death, dict)
    key = Key(body.payload.decode(), str(death.get("queue", "")))
    returns = headers.get("x-delivery-count", 0)
    assert isinstance(returns, int)
    return Delivered(client.next_tag - 1, key, bool(method.redelivered), returns)


def _confirm(client: Client, frame: commands.Basic.Ack | commands.Basic.Nack) -> None:
    last = int(frame.delivery_tag or 0)
    tags = [tag for tag in client.unconfirmed if tag <= last] if frame.multiple else [last]
    for tag in tags:
        assert client.unconfirmed.pop(tag) is isinstance(frame, commands.Basic.Nack)


def _hand_over(
    client: Client, queue: Queue, held: Held, consumer: Consumer, delivered: Delivered
) -> None:
    assert consumer.has_room
    assert (delivered.redelivered, delivered.returns) == (held.redelivered, held.returns)
    if not consumer.no_ack:
        consumer.unacked += 1
        queue.unacked += 1
        client.taken[delivered.tag] = Taken(queue, held, consumer)


def _seen(entry: Entry) -> tuple[object, ...]:
    return (
        _key(entry.message),
        entry.message.persistent,
        entry.expires_at_ms,
        entry.redelivered,
        entry.deliveries or 0,
    )


def _told(held: Held) -> tuple[object, ...]:
    return (held.key, held.persistent, held.expires_at_ms, held.redelivered, held.returns)


def _key(message: Message) -> Key:
    deaths = headers_of(message.properties).get("x-death")
    death = deaths[0] if isinstance(deaths, list) else {}
    assert isinstance(death, dict)
    return Key(message.body.decode(), str(death.get("queue", "")))


def declare_fanout(peer: Peer) -> None:
    peer.call(
        commands.Exchange.Declare,
        ticket=0,
        exchange=FANOUT,
        exchange_type="fanout",
        passive=False,
        durable=True,
        auto_delete=False,
        internal=False,
        nowait=False,
        arguments={},
    )


def bind(peer: Peer, queue: str) -> None:
    peer.call(
        commands.Queue.Bind,
        ticket=0,
        queue=queue,
        exchange=FANOUT,
        routing_key="",
        nowait=False,
        arguments={},
    )
