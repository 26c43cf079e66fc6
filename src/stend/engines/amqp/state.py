"""The broker: virtual hosts, users, memory, moments to wait for. Pure: time is told to it."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Protocol

from stend.engines.amqp.changes import apply_to_vhost, definitions_of, user_change, user_of
from stend.engines.amqp.errors import AmqpError, ReplyCode
from stend.engines.amqp.journal import Change, Journal, Place, Recovered, Stored
from stend.engines.amqp.message import Entry, Message
from stend.engines.amqp.queues import Queue
from stend.engines.amqp.users import Permission, User
from stend.engines.amqp.vhost import VHost

DEFAULT_VHOST = "/"
DIRECT_REPLY_TO = "amq.rabbitmq.reply-to"
# The alarm ends somewhat below where it began, so that it does not flicker.
_CALM_AGAIN = 0.9
# So many moments may be waited for before those of deleted queues are looked for.
_SWEEP_FROM = 1000


class ReplyTaker(Protocol):
    """A channel that has asked for direct replies."""

    @property
    def takes_replies(self) -> bool:
        """Whether its client still reads what it is sent."""
        ...

    def reply(self, message: Message) -> None: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """
    Attributes:
        memory_bytes: of messages; above it publishers wait (Connection.Blocked).
        message_bytes: the largest body, as in RabbitMQ 4.
        frame_bytes, channels, heartbeat_s: offered in Connection.Tune.
        connections: that may be open at once.
    """

    memory_bytes: int = 128 * 1024 * 1024
    message_bytes: int = 16 * 1024 * 1024
    frame_bytes: int = 131_072
    channels: int = 2047
    heartbeat_s: int = 60
    connections: int = 1000


class Broker:
    """Implements the `House` of its virtual hosts.

    Attributes:
        now_ms: since 1970; whoever calls in says first what time it is.
        alarmed: publishers have to wait until messages are consumed.
    """

    def __init__(self, limits: Limits, new_token: Callable[[], str]) -> None:
        self.limits = limits
        self.now_ms = 0
        self.journal = Journal()
        self.users: dict[str, User] = {}
        self.vhosts: dict[str, VHost] = {}
        self.memory_bytes = 0
        self.alarmed = False
        self.reply_takers: dict[str, ReplyTaker] = {}
        self.connections = 0
        self.published = self.delivered = self.acknowledged = 0
        self._new_token = new_token
        self._message_ids = count(1)
        self._queue_numbers = count(1)
        self._watched: list[tuple[int, int, VHost, Queue]] = []
        self._sweep_at = _SWEEP_FROM
        self._ticket = count()

    # House

    def new_message_id(self) -> int:
        return next(self._message_ids)

    def new_queue_number(self) -> int:
        return next(self._queue_numbers)

    def new_name(self, prefix: str) -> str:
        return prefix + self._new_token()

    def held(self, size_bytes: int) -> None:
        self.memory_bytes += size_bytes
        limit = self.limits.memory_bytes
        if self.alarmed:
            self.alarmed = self.memory_bytes > limit * _CALM_AGAIN
        else:
            self.alarmed = self.memory_bytes > limit

    def watch(self, vhost: VHost, queue: Queue, moment_ms: int) -> None:
        heapq.heappush(self._watched, (moment_ms, next(self._ticket), vhost, queue))
        if len(self._watched) >= self._sweep_at:
            self._forget_passed_over()

    # Time

    def next_moment_ms(self) -> int | None:
        """When `tick` has something to do."""
        return self._watched[0][0] if self._watched else None

    def tick(self) -> None:
        """Drops what has expired by now: messages, and queues that nobody uses."""
        while self._watched and self._watched[0][0] <= self.now_ms:
            moment, _, vhost, queue = heapq.heappop(self._watched)
            if not _is_awaited(moment, queue):
                continue
            queue.watched_for_ms = None
            if queue.is_unused():
                vhost.delete_queue(queue)
            else:
                queue.expire()

    def _forget_passed_over(self) -> None:
        """A moment of a deleted queue may be years away: nobody waits for it any more."""
        self._watched = [one for one in self._watched if _is_awaited(one[0], one[3])]
        heapq.heapify(self._watched)
        self._sweep_at = max(_SWEEP_FROM, 2 * len(self._watched))

    # Users and virtual hosts

    def vhost(self, name: str) -> VHost | None:
        return self.vhosts.get(name)

    def add_vhost(self, name: str) -> VHost:
        if name not in self.vhosts:
            self.vhosts[name] = VHost(name, self)
            self.journal.changed({"op": "vhost", "name": name})
        return self.vhosts[name]

    def remove_vhost(self, name: str) -> None:
        vhost = self.vhosts.pop(name)
        for queue in list(vhost.queues.values()):
            vhost.delete_queue(queue)
        for user in self.users.values():
            user.permissions.pop(name, None)
        self.journal.changed({"op": "vhost-deleted", "name": name})

    def put_user(self, user: User) -> None:
        self.users[user.name] = user
        self.journal.changed(user_change(user))

    def remove_user(self, name: str) -> None:
        del self.users[name]
        self.journal.changed({"op": "user-deleted", "name": name})

    def permit(self, user: User, vhost: str, permission: Permission | None) -> None:
        """None takes the permission away."""
        if permission is None:
            user.permissions.pop(vhost, None)
        else:
            user.permissions[vhost] = permission
        self.journal.changed(user_change(user))

    def authenticated(self, name: str, password: str) -> User:
        """
        Raises:
            AmqpError: ACCESS_REFUSED.
        """
        user = self.users.get(name)
        if user is None or not user.has_password(password):
            raise AmqpError(ReplyCode.ACCESS_REFUSED, "wrong user or password")
        return user

    # The journal

    def definitions(self) -> Iterator[Change]:
        """The changes that make everything durable of this broker out of an empty one."""
        for name in self.vhosts:
            yield {"op": "vhost", "name": name}
        for user in self.users.values():
            yield user_change(user)
        for vhost in self.vhosts.values():
            yield from definitions_of(vhost)

    def recover(self, recovered: Recovered) -> None:
        """Takes over what the journal has kept. The broker must be empty."""
        numbers: dict[int, tuple[VHost, Queue]] = {}
        for change in recovered.changes:
            self._apply(change, numbers)
        # What was just made again is in the journal already.
        self.journal.records.clear()
        entries: dict[int, list[tuple[Queue, Entry]]] = {}
        for number, places in recovered.places.items():
            if number in numbers:
                for message, place in sorted(places.items()):
                    queue = numbers[number][1]
                    entry = _entry(queue, recovered.messages[message], place)
                    queue.restore(entry)
                    entries.setdefault(message, []).append((queue, entry))
        for number, stored in entries.items():
            self._keep(recovered, number, stored)
        self._message_ids = count(recovered.last_message + 1)
        self._queue_numbers = count(max(numbers, default=0) + 1)
        for _, queue in numbers.values():
            queue.settle()

    def _keep(self, recovered: Recovered, number: int, places: list[tuple[Queue, Entry]]) -> None:
        message = recovered.messages[number]
        segment, size = recovered.segments[number]
        message.segment = segment
        self.journal.live.setdefault(segment, {})[number] = Stored(message, places, size)
        self.journal.live_bytes += size
        self.held(message.size)

    def _apply(self, change: Change, numbers: dict[int, tuple[VHost, Queue]]) -> None:
        name = str(change.get("name", ""))
        match change["op"]:
            case "vhost":
                self.add_vhost(name)
            case "vhost-deleted":
                if name in self.vhosts:
                    self.remove_vhost(name)
            case "user":
                self.users[name] = user_of(change)
            case "user-deleted":
                self.users.pop(name, None)
            case _:
                vhost = self.vhosts.get(str(change["vhost"]))
                if vhost is not None:
                    apply_to_vhost(vhost, change, numbers)


def _is_awaited(moment_ms: int, queue: Queue) -> bool:
    return not queue.deleted and queue.watched_for_ms == moment_ms


def _entry(queue: Queue, message: Message, place: Place) -> Entry:
    entry = Entry(message, place.expires_at_ms)
    entry.redelivered = place.redelivered
    entry.deliveries = place.deliveries if queue.arguments.quorum else None
    entry.stored = True
    return entry
