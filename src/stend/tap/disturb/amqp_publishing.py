"""AMQP: what may happen to a message on its way from a publisher to the broker."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from pamqp import commands

from stend.kit.languages import Text
from stend.tap.disturb.actions import Action, Noted, Send, Wake
from stend.tap.disturb.amqp_numbers import Confirm, Numbers
from stend.tap.disturb.choosing import Choice, message_kind
from stend.tap.disturb.kinds import Parameter, Strikes
from stend.tap.disturb.messages import DOWN, UP, MessageFault
from stend.wire.amqp.decoder import AmqpDecoder
from stend.wire.amqp.frames import FRAME, FRAME_OVERHEAD, FrameType
from stend.wire.amqp.methods import decode_method, encode_method
from stend.wire.decoding import Direction, Unit

_CONFIRMS: dict[str, Any] = {"Basic.Ack": commands.Basic.Ack, "Basic.Nack": commands.Basic.Nack}


@dataclass(slots=True)
class Publish:
    """A message that comes from the client, frame by frame.

    Attributes:
        tag: its number in confirm mode.
        rest: bytes of the body that have not come; None before the header has.
    """

    name: str
    channel: int
    tag: int | None
    frames: bytearray = field(default_factory=bytearray)
    rest: int | None = None

    def add(self, frame: bytes) -> bool:
        """Takes its next frame; whether it is complete."""
        self.frames += frame
        kind, _, _ = FRAME.unpack_from(frame)
        if kind == FrameType.HEADER:
            at = FRAME.size + 4
            self.rest = int.from_bytes(frame[at : at + 8], "big")
        elif kind == FrameType.BODY and self.rest is not None:
            self.rest -= len(frame) - FRAME_OVERHEAD
        return self.rest is not None and self.rest <= 0


class PublishFault(MessageFault):
    """Holds each publish until it is complete, and tells confirms in the client's numbers."""

    holds = frozenset(Direction)

    def __init__(self, strikes: Strikes, choice: Choice) -> None:
        super().__init__(strikes, choice)
        self._coming: dict[int, Publish] = {}
        self.numbers: dict[int, Numbers] = {}
        # Frames for the client that wait until a message to it has ended.
        self._own: list[tuple[int, bytes]] = []

    @property
    def is_needed(self) -> bool:
        return bool(self._own) or any(one.differ for one in self.numbers.values())

    def holds_on(self, direction: Direction) -> bool:
        del direction
        return self.is_needed

    def passing(self, send: Send) -> Iterator[Action]:
        yield from super().passing(send)
        yield from self._given(send.due_s)

    def unit(self, unit: Unit, send: Send) -> Iterator[Action]:
        channel = int.from_bytes(send.data[1:3], "big")
        if unit.direction is DOWN:
            yield from self._down(unit, send, channel)
            return
        coming = self._coming.get(channel)
        if coming is None and unit.name == "Basic.Publish" and not self.is_over:
            coming = self._coming[channel] = Publish(unit.name, channel, _tag_of(unit))
        if coming is None:
            yield from self._up(unit, send, channel)
        elif coming.add(send.data):
            del self._coming[channel]
            yield from self.publish(coming, send.due_s)

    def begun(self, unit: Unit, send: Send) -> Iterator[Action]:
        if unit.direction is UP:
            self._count(unit, int(unit.facts.get("channel", 0)))
        yield send

    def kept_back(self, due_s: float) -> Iterator[Action]:
        yield from self.waiting(None, due_s)
        for one in self._coming.values():
            yield from self.sent(one, due_s)
        self._coming.clear()

    @abstractmethod
    def publish(self, one: Publish, due_s: float) -> Iterator[Action]:
        """What is done with a whole message."""

    def waiting(self, channel: int | None, due_s: float) -> Iterator[Action]:
        """What was held back of a channel, or of all, goes on, as something else follows it."""
        del channel, due_s
        return iter(())

    def sent(self, one: Publish, due_s: float) -> Iterator[Action]:
        """A message goes on to the broker."""
        if one.tag is not None:
            self.numbers_of(one.channel, one.tag).sent(one.tag)
        yield Send(UP, bytes(one.frames), due_s)

    def numbers_of(self, channel: int, tag: int) -> Numbers:
        return self.numbers.setdefault(channel, Numbers(tag))

    def tell(self, channel: int, frame: bytes) -> None:
        """A frame for the client, as soon as no message to it is interrupted."""
        self._own.append((channel, frame))

    def _up(self, unit: Unit, send: Send, channel: int) -> Iterator[Action]:
        if unit.name == "Channel.Open":
            self.numbers.pop(channel, None)
        if unit.name != "heartbeat":
            yield from self.waiting(channel or None, send.due_s)
        self._count(unit, channel)
        yield send

    def _count(self, unit: Unit, channel: int) -> None:
        """A publish goes on that was not held."""
        tag = _tag_of(unit) if unit.name == "Basic.Publish" else None
        if tag is not None:
            self.numbers_of(channel, tag).sent(tag)

    def _down(self, unit: Unit, send: Send, channel: int) -> Iterator[Action]:
        kind = _CONFIRMS.get(unit.name)
        numbers = self.numbers.get(channel)
        if kind is None or numbers is None:
            yield send
            return
        told = cast(Any, decode_method(send.data[FRAME.size : -1]))
        found = numbers.confirmed(Confirm(told.delivery_tag, told.multiple))
        flags = {"requeue": told.requeue} if unit.name == "Basic.Nack" else {}
        frames = [
            encode_method(channel, kind, delivery_tag=one.tag, multiple=one.multiple, **flags)
            for one in found
        ]
        if frames:
            yield Send(DOWN, b"".join(frames), send.due_s)

    def _given(self, due_s: float) -> Iterator[Action]:
        decoder = cast(AmqpDecoder, self.decoder)
        for channel, frame in tuple(self._own):
            if self.is_between(DOWN) and not decoder.is_in_content(DOWN, channel):
                self._own.remove((channel, frame))
                yield Send(DOWN, frame, due_s)


def _tag_of(unit: Unit) -> int | None:
    found = unit.facts.get("delivery_tag")
    return None if found is None else int(found)


class _Nack(PublishFault):
    def publish(self, one: Publish, due_s: float) -> Iterator[Action]:
        if one.tag is None or not self.is_struck():
            yield from self.sent(one, due_s)
            return
        self.numbers_of(one.channel, one.tag).kept(one.tag)
        yield Noted(f"refused by the fault: publish {one.tag} of channel {one.channel}")
        flags = {"delivery_tag": one.tag, "multiple": False, "requeue": False}
        self.tell(one.channel, encode_method(one.channel, commands.Basic.Nack, **flags))


class _Duplicate(PublishFault):
    def publish(self, one: Publish, due_s: float) -> Iterator[Action]:
        yield from self.sent(one, due_s)
        if self.is_struck():
            yield Noted(f"sent twice by the fault: a publish on channel {one.channel}")
            if one.tag is not None:
                self.numbers_of(one.channel, one.tag).sent(None)
            yield Send(UP, bytes(one.frames), due_s)


class _Reorder(PublishFault):
    def __init__(self, strikes: Strikes, choice: Choice) -> None:
        super().__init__(strikes, choice)
        self._wait_s = strikes.numbers["wait_ms"] / 1000
        # Messages that wait to be overtaken, and until when.
        self._waiting: dict[int, tuple[Publish, float]] = {}

    @property
    def is_needed(self) -> bool:
        return bool(self._waiting) or super().is_needed

    def publish(self, one: Publish, due_s: float) -> Iterator[Action]:
        if one.channel in self._waiting:
            yield Noted(f"overtaken by the fault: a publish on channel {one.channel}")
            yield from self.sent(one, due_s)
            yield from self.waiting(one.channel, due_s)
        elif self.is_struck():
            if one.tag is not None:
                self.numbers_of(one.channel, one.tag).kept(one.tag)
            self._waiting[one.channel] = one, due_s + self._wait_s
            yield Wake(due_s + self._wait_s)
        else:
            yield from self.sent(one, due_s)

    def waiting(self, channel: int | None, due_s: float) -> Iterator[Action]:
        for number in tuple(self._waiting):
            if channel in (None, number):
                yield from self.sent(self._waiting.pop(number)[0], due_s)

    def woken(self, now_s: float) -> Iterator[Action]:
        for number, (_, until) in tuple(self._waiting.items()):
            # Nothing came that could overtake it.
            if until <= now_s:
                yield from self.waiting(number, now_s)


AMQP_NACK = message_kind(
    "amqp_nack",
    Text(ru="Отказ брокера (Nack)", en="Refused by the broker (Nack)"),
    Text(
        ru="Публикация до брокера не доходит, издатель получает Basic.Nack. Действует в каналах с "
        "подтверждениями (Confirm.Select).",
        en="A publish does not reach the broker; the publisher gets Basic.Nack. Felt on channels "
        "with confirms (Confirm.Select).",
    ),
    _Nack,
    "amqp",
)

AMQP_DUPLICATE = message_kind(
    "amqp_duplicate",
    Text(ru="Дубль сообщения", en="Duplicate message"),
    Text(
        ru="Публикация доходит до брокера дважды, как после повтора: потребитель видит два "
        "одинаковых сообщения, издатель — одно подтверждение.",
        en="A publish reaches the broker twice, as after a retry: the consumer sees two equal "
        "messages, the publisher one confirm.",
    ),
    _Duplicate,
    "amqp",
)

AMQP_REORDER = message_kind(
    "amqp_reorder",
    Text(ru="Перестановка сообщений", en="Messages change places"),
    Text(
        ru="Два подряд опубликованных сообщения канала меняются местами. Если второго нет, первое "
        "уходит, подождав.",
        en="Two messages published in a row on a channel change places. Where no second one "
        "comes, the first goes on after a while.",
    ),
    _Reorder,
    "amqp",
    parameters=(
        Parameter(
            "wait_ms",
            200,
            1,
            10_000,
            Text(ru="сколько ждать второго, мс", en="how long to wait for the second, ms"),
        ),
    ),
)
