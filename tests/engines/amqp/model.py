"""What queues should do, said as plainly as can be: lists of messages, and who holds which.

The model does not foretell which consumer gets a message: it is shown what was delivered and
demands that it was the next one, that its consumer had room, and that nothing was left lying.
"""

from dataclasses import dataclass, field, replace
from typing import NamedTuple


class Key(NamedTuple):
    """Names a message in a queue: its body, and the queue that it was a dead letter of."""

    body: str
    died_in: str = ""


@dataclass(slots=True)
class Held:
    """A message in one queue, or in the hands of a client.

    Attributes:
        order: of arrival.
        returns: how often it came back, as a quorum queue counts.
    """

    key: Key
    order: int
    persistent: bool
    priority: int = 0
    expires_at_ms: int | None = None
    redelivered: bool = False
    returns: int = 0

    def is_overdue(self, now_ms: int) -> bool:
        return self.expires_at_ms is not None and self.expires_at_ms <= now_ms


@dataclass(frozen=True, slots=True)
class Kind:
    """How a queue is declared."""

    durable: bool = True
    quorum: bool = False
    max_length: int | None = None
    rejects: bool = False
    ttl_ms: int | None = None
    max_priority: int = 0
    delivery_limit: int | None = None
    dead_letters_to: str | None = None

    def arguments(self) -> dict[str, object]:
        told = {
            "x_queue_type": "quorum" if self.quorum else None,
            "x_max_length": self.max_length,
            "x_overflow": "reject-publish" if self.rejects else None,
            "x_message_ttl": self.ttl_ms,
            "x_max_priority": self.max_priority or None,
            "x_delivery_limit": self.delivery_limit,
            "x_dead_letter_exchange": None if self.dead_letters_to is None else "",
            "x_dead_letter_routing_key": self.dead_letters_to,
        }
        return {name: value for name, value in told.items() if value is not None}

    def keeps(self, held: Held) -> bool:
        """Whether the message is there after a restart."""
        return self.durable and (held.persistent or self.quorum)


@dataclass(slots=True, eq=False)
class Consumer:
    tag: str
    no_ack: bool
    prefetch: int
    unacked: int = 0

    @property
    def has_room(self) -> bool:
        return self.no_ack or not self.prefetch or self.unacked < self.prefetch


@dataclass(slots=True, eq=False)
class Queue:
    name: str
    kind: Kind
    ready: list[Held] = field(default_factory=list)
    consumers: list[Consumer] = field(default_factory=list)
    unacked: int = 0
    deleted: bool = False

    @property
    def is_full(self) -> bool:
        longest = self.kind.max_length
        return self.kind.rejects and longest is not None and len(self.ready) >= longest

    def add(self, held: Held) -> None:
        self.ready.append(held)
        self.ready.sort(key=self._place)

    def admit(self, held: Held, now_ms: int, ttl_ms: int | None) -> None:
        """A new message, which lives for the shorter of both times."""
        ttls = [ttl for ttl in (ttl_ms, self.kind.ttl_ms) if ttl is not None]
        self.add(replace(held, expires_at_ms=now_ms + min(ttls) if ttls else None))

    def give_back(self, held: Held) -> bool:
        """Into its old place; False when it came back too often and is a dead letter now."""
        self.unacked -= 1
        held.redelivered = True
        if self.kind.quorum:
            held.returns += 1
            limit = self.kind.delivery_limit
            if limit is not None and held.returns > limit:
                return False
        self.add(held)
        return True

    def take_overdue(self, now_ms: int) -> list[Held]:
        """What is too old at the head; what stands behind a younger one waits."""
        overdue = []
        while self.ready and self.ready[0].is_overdue(now_ms):
            overdue.append(self.ready.pop(0))
        return overdue

    def take_surplus(self) -> list[Held]:
        """What a queue of limited length drops: the oldest."""
        longest = self.kind.max_length
        if longest is None or self.kind.rejects:
            return []
        dropped = self.ready[: max(0, len(self.ready) - longest)]
        del self.ready[: len(dropped)]
        return dropped

    def restart(self) -> None:
        """What a kill of the broker leaves, but for what clients held."""
        self.ready = [held for held in self.ready if self.kind.keeps(held)]
        self.consumers.clear()
        self.unacked = 0

    def _place(self, held: Held) -> tuple[int, int]:
        return -min(held.priority, self.kind.max_priority), held.order


class Taken(NamedTuple):
    """A message in the hands of a client; `consumer` is None after Basic.Get."""

    queue: Queue
    held: Held
    consumer: Consumer | None


class Delivered(NamedTuple):
    """A message as a client saw it in Basic.Deliver or Basic.GetOk."""

    tag: int
    key: Key
    redelivered: bool
    returns: int
