"""Nobody gets in: the client gets an error where a session begins, and the connection ends."""

from collections.abc import Iterator

from stend.tap.disturb.actions import Action, Finish, Noted, Send
from stend.tap.disturb.choosing import Choice
from stend.tap.disturb.kinds import Strikes
from stend.tap.disturb.messages import DOWN, UP, MessageFault
from stend.wire.decoding import Unit


class RefusingFault(MessageFault):
    """
    Attributes:
        opening: name of the message with which a session begins, whoever sends it.
        refusal: what the client gets instead.
    """

    opening: str
    refusal: bytes

    def __init__(self, strikes: Strikes, choice: Choice) -> None:
        super().__init__(strikes, choice)
        self._is_closed = False

    @property
    def is_needed(self) -> bool:
        return self._is_closed

    def passing(self, send: Send) -> Iterator[Action]:
        if not self._is_closed:
            yield from super().passing(send)

    def finishing(self, finish: Finish) -> Iterator[Action]:
        if not self._is_closed:
            yield from super().finishing(finish)

    def unit(self, unit: Unit, send: Send) -> Iterator[Action]:
        if unit.name != self.opening or not self.is_struck():
            yield send
            return
        self._is_closed = True
        yield Noted("refused by the fault: too many connections")
        yield Send(DOWN, self.refusal, send.due_s)
        yield Finish(DOWN, send.due_s)
        yield Finish(UP, send.due_s)
