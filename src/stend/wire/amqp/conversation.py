"""What a decoder remembers of each channel, so that it can tell what belongs together."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import NamedTuple

from stend.wire.decoding import Direction, Role
from stend.wire.latest import Latest

# Answers come in order; what is further back is damage, and looking for it would cost without end.
_LOOKED_AT = 8


class Waiting(NamedTuple):
    """A method that the other side has to answer.

    Attributes:
        number: of its class and of itself, as they stand on the wire.
        facts: of its arguments.
    """

    name: str
    number: int
    exchange: str
    facts: Mapping[str, str]


class Published(NamedTuple):
    """A publish that the broker has not confirmed."""

    exchange: str
    to: str
    routing_key: str
    is_mandatory: bool


class Consumer(NamedTuple):
    queue: str
    no_ack: bool


@dataclass(slots=True)
class Content:
    """A message that is under way in one direction: its method came, header or body have not.

    Attributes:
        role: of its header and its body frames.
        ends: nothing more of the exchange follows behind it.
        rest: bytes of the body that have not come; None before the header has.
        size: all bytes of the body.
        media_type: content type, content encoding.
        summary: what is said of the message in a list.
    """

    exchange: str
    role: Role
    ends: bool
    facts: Mapping[str, str]
    summary: str
    rest: int | None = None
    size: int = 0
    media_type: tuple[str, str] = ("", "")


@dataclass
class Channel:
    """
    Attributes:
        number: as it stands on the wire.
        lives: how often it was opened; numbers of deliveries begin anew each time.
        unconfirmed: publishes by their number, in confirm mode.
        mandatory: those of them that may be given back, by exchange and routing key.
        has_acks: a consumer acknowledged something, so others that were not heard may do so, too.
        fetched: exchanges of Basic.Get that wait for an acknowledgement, by delivery tag.
    """

    number: int
    lives: int = 0
    has_confirms: bool = False
    has_acks: bool = False
    publishes: int = 0
    confirmed_from: int = 0
    last_queue: str = ""
    last_delivery: int = 0
    unconfirmed: dict[int, Published] = field(default_factory=dict)
    mandatory: dict[tuple[str, str], deque[int]] = field(default_factory=dict)
    consumers: dict[str, Consumer] = field(default_factory=Latest)
    fetched: dict[int, str] = field(default_factory=Latest)
    contents: dict[Direction, Content] = field(default_factory=dict)
    waiting: dict[Direction, deque[Waiting]] = field(
        default_factory=lambda: {one: deque() for one in Direction}
    )
    _questions: int = 0
    _returns: int = 0

    def open(self) -> None:
        """What was before has nothing to do with what follows."""
        self.lives += 1
        self.has_confirms = False
        self.last_queue, self.last_delivery = "", 0
        self.unconfirmed.clear()
        self.mandatory.clear()
        self.consumers.clear()
        self.fetched.clear()
        self.contents.clear()
        for queue in self.waiting.values():
            queue.clear()

    def forget(self) -> None:
        """Something was not heard: which number the next publish has, and what is answered next."""
        self.has_confirms = False
        self.unconfirmed.clear()
        self.mandatory.clear()
        self.contents.clear()
        for queue in self.waiting.values():
            queue.clear()

    def unheard(self, direction: Direction) -> None:
        """What goes the other way cannot be read: nothing that waits for it is remembered."""
        self.waiting[direction].clear()
        if direction is Direction.TO_SERVER:
            self.unconfirmed.clear()
            self.mandatory.clear()
        else:
            self.fetched.clear()

    def question(self) -> str:
        self._questions += 1
        return f"c{self.number}.q{self._questions}"

    def answered(self, direction: Direction, fits: Callable[[Waiting], bool]) -> Waiting | None:
        """The oldest method of `direction` that fits; it waits no longer."""
        waiting = self.waiting[direction]
        for place, one in enumerate(islice(waiting, _LOOKED_AT)):
            if fits(one):
                del waiting[place]
                return one
        return None

    def publish(self, to: str, routing_key: str, *, is_mandatory: bool) -> tuple[str, int | None]:
        """Its exchange, and its number where the broker will confirm it."""
        self.publishes += 1
        key = f"c{self.number}.p{self.publishes}"
        if not self.has_confirms:
            return key, None
        tag = self.publishes - self.confirmed_from
        self.unconfirmed[tag] = Published(key, to, routing_key, is_mandatory)
        if is_mandatory:
            self.mandatory.setdefault((to, routing_key), deque()).append(tag)
        return key, tag

    def confirm(self) -> None:
        """From the next one on, what is published is counted from 1."""
        if not self.has_confirms:
            self.has_confirms, self.confirmed_from = True, self.publishes

    def confirmed(self, tag: int, *, multiple: bool) -> tuple[str | None, list[int]]:
        """The exchange of the highest number that this confirms, and all numbers."""
        highest = tag or next(reversed(self.unconfirmed), 0)
        tags = [highest]
        if multiple:
            # They are in their order.
            tags = list(takewhile(lambda one: one <= highest, self.unconfirmed))
        found = self.unconfirmed.get(highest)
        for one in tags:
            gone = self.unconfirmed.pop(one, None)
            if gone and gone.is_mandatory:
                self._first_mandatory(gone.to, gone.routing_key)
        return (found.exchange if found else None), tags

    def returning(self, to: str, routing_key: str) -> tuple[str, bool]:
        """The exchange of a message that comes back, and whether a confirm follows.

        Without confirms nothing tells which of several equal publishes it was: it stands alone.
        """
        tag = self._first_mandatory(to, routing_key)
        if tag is not None:
            self.mandatory[to, routing_key].popleft()
            return self.unconfirmed[tag].exchange, True
        self._returns += 1
        return f"c{self.number}.r{self._returns}", False

    def _first_mandatory(self, to: str, routing_key: str) -> int | None:
        """The oldest that may still be given back."""
        tags = self.mandatory.get((to, routing_key))
        while tags and tags[0] not in self.unconfirmed:
            tags.popleft()
        if tags:
            return tags[0]
        self.mandatory.pop((to, routing_key), None)
        return None

    def delivery(self, tag: int) -> str:
        """The exchange of a delivery."""
        if tag in self.fetched:
            return self.fetched[tag]
        life = f"~{self.lives}" if self.lives > 1 else ""
        return f"c{self.number}{life}.d{tag}"

    def awaits_ack(self, consumer_tag: str) -> bool:
        """Whether a consumer acknowledges what it gets.

        Of one whose Basic.Consume was not heard nothing is known but what its channel does.
        """
        known = self.consumers.get(consumer_tag)
        return self.has_acks if known is None else not known.no_ack

    def settled(self, tag: int, *, multiple: bool) -> str:
        """The exchange of a delivery that a consumer is done with."""
        highest = tag or self.last_delivery
        self.has_acks = True
        exchange = self.delivery(highest)
        gone = [highest]
        if multiple:
            gone += list(takewhile(lambda one: one <= highest, self.fetched))
        for one in gone:
            self.fetched.pop(one, None)
        return exchange
