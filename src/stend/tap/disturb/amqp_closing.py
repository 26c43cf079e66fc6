"""AMQP: the broker closes a channel, or the connection, because of what the client asks for."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

from pamqp import commands

from stend.kit.languages import Text
from stend.tap.disturb.actions import Action, Finish, Noted, Send
from stend.tap.disturb.amqp_publishing import Publish, PublishFault
from stend.tap.disturb.choosing import Choice, message_kind
from stend.tap.disturb.kinds import Parameter, Strikes
from stend.tap.disturb.messages import DOWN, UP, FinishOnce
from stend.wire.amqp.frames import FRAME, FrameType
from stend.wire.amqp.methods import encode_method
from stend.wire.decoding import Direction, Unit

_WORK = ("Basic.", "Queue.", "Exchange.")
# §1.2: names of the codes, as RabbitMQ writes them in front of its texts.
_CODES = {
    320: "CONNECTION_FORCED",
    403: "ACCESS_REFUSED",
    404: "NOT_FOUND",
    405: "RESOURCE_LOCKED",
    406: "PRECONDITION_FAILED",
}
_FORCED, _SUCCESS = 320, 200


def _close(channel: int, code: int, index: int) -> bytes:
    """
    Args:
        index: class and method that it is the answer to; 0 for none.
    """
    kind: Any = commands.Channel.Close if channel else commands.Connection.Close
    text = f"{_CODES[code]} - a fault of the stand" if code != _SUCCESS else ""
    return encode_method(
        channel,
        kind,
        reply_code=code,
        reply_text=text,
        class_id=index >> 16,
        method_id=index & 0xFFFF,
    )


class _ClosingFault(PublishFault):
    """Strikes whatever a client does: publishes, acknowledges, declares."""

    def publish(self, one: Publish, due_s: float) -> Iterator[Action]:
        if self.is_struck():
            yield from self.close(one.channel, bytes(one.frames), one.name, due_s)
        else:
            yield from self.sent(one, due_s)

    def _up(self, unit: Unit, send: Send, channel: int) -> Iterator[Action]:
        is_work = send.data[0] == FrameType.METHOD and unit.name.startswith(_WORK)
        # Of a message that had begun to pass nothing may be taken away.
        if is_work and unit.name != "Basic.Publish" and self.is_struck():
            yield from self.close(channel, send.data, unit.name, send.due_s)
        else:
            yield from super()._up(unit, send, channel)

    @abstractmethod
    def close(self, channel: int, frames: bytes, name: str, due_s: float) -> Iterator[Action]:
        """
        Args:
            frames: what is struck; begins with a method.
        """


class _ChannelClose(_ClosingFault):
    def __init__(self, strikes: Strikes, choice: Choice) -> None:
        super().__init__(strikes, choice)
        # Channels that a side still believes to be open, by what goes to where.
        self._closing: dict[Direction, set[int]] = {one: set() for one in Direction}

    @property
    def is_needed(self) -> bool:
        return any(self._closing.values()) or super().is_needed

    def unit(self, unit: Unit, send: Send) -> Iterator[Action]:
        channel = int.from_bytes(send.data[1:3], "big")
        if channel not in self._closing[unit.direction]:
            yield from super().unit(unit, send)
        elif unit.name == "Channel.CloseOk":
            self._closing[unit.direction].discard(channel)
        elif unit.direction is UP and unit.name == "Channel.Close":
            # Both close at once (§1.5.2.5).
            self.tell(channel, encode_method(channel, commands.Channel.CloseOk))

    def close(self, channel: int, frames: bytes, name: str, due_s: float) -> Iterator[Action]:
        code = int(self.strikes.numbers["code"])
        index = int.from_bytes(frames[FRAME.size : FRAME.size + 4], "big")
        for closing in self._closing.values():
            closing.add(channel)
        self.numbers.pop(channel, None)
        yield Noted(f"channel {channel} closed by the fault with {code} at {name}")
        self.tell(channel, _close(channel, code, index))
        yield Send(UP, _close(channel, _SUCCESS, 0), due_s)


class _ConnectionClose(_ClosingFault):
    def __init__(self, strikes: Strikes, choice: Choice) -> None:
        super().__init__(strikes, choice)
        self._is_closed = False
        self._finish = FinishOnce()

    @property
    def is_needed(self) -> bool:
        return self._is_closed or super().is_needed

    def unit(self, unit: Unit, send: Send) -> Iterator[Action]:
        if not self._is_closed:
            yield from super().unit(unit, send)
        elif unit.direction is UP and unit.name in ("Connection.CloseOk", "Connection.Close"):
            for direction in Direction:
                yield from self._finish(direction, send.due_s)

    def begun(self, unit: Unit, send: Send) -> Iterator[Action]:
        if not self._is_closed or unit.direction is DOWN:
            yield from super().begun(unit, send)

    def finishing(self, finish: Finish) -> Iterator[Action]:
        if self._is_closed:
            yield from self._finish(finish.direction, finish.due_s)
        else:
            yield from super().finishing(finish)

    def close(self, channel: int, frames: bytes, name: str, due_s: float) -> Iterator[Action]:
        self._is_closed = True
        yield Noted(f"connection closed by the fault with {_FORCED} at {name}")
        self.tell(0, _close(0, _FORCED, 0))
        yield Send(UP, _close(0, _SUCCESS, 0), due_s)


AMQP_CHANNEL_CLOSE = message_kind(
    "amqp_channel_close",
    Text(ru="Закрытие канала AMQP", en="AMQP channel close"),
    Text(
        ru="На метод клиента приходит Channel.Close с этим кодом; канал закрыт и у брокера, "
        "соединение живо.",
        en="A method of the client is answered with Channel.Close and this code; the channel is "
        "closed at the broker, too, the connection lives.",
    ),
    _ChannelClose,
    "amqp",
    parameters=(
        Parameter(
            "code",
            406,
            403,
            406,
            Text(
                ru="код: 403 ACCESS_REFUSED, 404 NOT_FOUND, 405 RESOURCE_LOCKED, "
                "406 PRECONDITION_FAILED",
                en="code: 403 ACCESS_REFUSED, 404 NOT_FOUND, 405 RESOURCE_LOCKED, "
                "406 PRECONDITION_FAILED",
            ),
        ),
    ),
)

AMQP_CONNECTION_CLOSE = message_kind(
    "amqp_connection_close",
    Text(ru="Закрытие соединения AMQP", en="AMQP connection close"),
    Text(
        ru="На метод клиента приходит Connection.Close с кодом 320 CONNECTION_FORCED, как при "
        "остановке брокера.",
        en="A method of the client is answered with Connection.Close and 320 CONNECTION_FORCED, "
        "as when the broker is shut down.",
    ),
    _ConnectionClose,
    "amqp",
)
