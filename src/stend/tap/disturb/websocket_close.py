"""WebSocket: a message is lost, and the connection is closed with a code that says why."""

from collections.abc import Iterator

from stend.kit.languages import Text
from stend.tap.disturb.actions import Action, Finish, Noted, Send
from stend.tap.disturb.choosing import Choice, message_kind
from stend.tap.disturb.kinds import Parameter, Strikes
from stend.tap.disturb.messages import DOWN, UP, FinishOnce, MessageFault
from stend.wire.decoding import Direction, Unit

_REASON = b"a fault of the stand"
_CLOSE = 0x88
_MASKED = 0x80
# A mask is to be unforeseeable for pages that attack proxies (RFC 6455 §10.3); nothing of theirs
# is masked here.
_NO_MASK = b"\0\0\0\0"
_GOING_AWAY = 1001
_MESSAGES = ("text", "binary")


class _WebSocketClose(MessageFault):
    holds = frozenset(Direction)

    def __init__(self, strikes: Strikes, choice: Choice) -> None:
        super().__init__(strikes, choice)
        self._is_closed = False
        self._finish = FinishOnce()

    @property
    def is_needed(self) -> bool:
        return self._is_closed

    def passing(self, send: Send) -> Iterator[Action]:
        if not self._is_closed:
            yield from super().passing(send)
            return
        # What is left is the answer of either side to the close frame (§5.5.1).
        if send.direction is UP:
            units = self.decoder.feed(UP, send.data)
            if any(one.exchange == "close" for one in units):
                yield from self._finish(DOWN, send.due_s)
                yield from self._finish(UP, send.due_s)

    def finishing(self, finish: Finish) -> Iterator[Action]:
        if not self._is_closed:
            yield from super().finishing(finish)
        else:
            yield from self._finish(finish.direction, finish.due_s)

    def unit(self, unit: Unit, send: Send) -> Iterator[Action]:
        if self._is_closed:
            return
        may_be = unit.protocol == "websocket" and unit.facts.get("opcode") in _MESSAGES
        is_between = all(self.is_between(one) for one in Direction)
        if not may_be or not is_between or not self.is_struck():
            yield send
            return
        self._is_closed = True
        for held in self._held.values():
            held.clear()
        code = int(self.strikes.numbers["code"])
        yield Noted(f"closed by the fault with {code} instead of a {unit.name} message")
        payload = code.to_bytes(2, "big") + _REASON
        yield Send(DOWN, bytes((_CLOSE, len(payload))) + payload, send.due_s)
        away = _GOING_AWAY.to_bytes(2, "big")
        yield Send(UP, bytes((_CLOSE, _MASKED | len(away))) + _NO_MASK + away, send.due_s)


WEBSOCKET_CLOSE = message_kind(
    "websocket_close",
    Text(ru="Закрытие WebSocket", en="WebSocket close"),
    Text(
        ru="Сообщение пропадает, клиент получает кадр Close с этим кодом, сервер — 1001.",
        en="A message is lost; the client gets a close frame with this code, the server 1001.",
    ),
    _WebSocketClose,
    "http",
    parameters=(
        Parameter(
            "code",
            1011,
            1011,
            1014,
            Text(
                ru="1011 — ошибка сервера, 1012 — перезапуск, 1013 — позже, 1014 — плохой шлюз",
                en="1011 is a server error, 1012 a restart, 1013 try again later, 1014 a gateway",
            ),
        ),
    ),
)
