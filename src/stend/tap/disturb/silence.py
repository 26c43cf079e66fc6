"""Black hole: the connection stays open and nothing arrives."""

from collections.abc import Iterator

from stend.kit.languages import Text
from stend.tap.disturb.actions import Action, Disturbance, Noted, Send
from stend.tap.disturb.kinds import Kind, Strikes, stateless


class _BlackHole(Disturbance):
    def __init__(self, strikes: Strikes) -> None:
        self._strikes = strikes
        self._is_noted = False

    def passing(self, send: Send) -> Iterator[Action]:
        self._strikes.struck()
        if not self._is_noted:
            self._is_noted = True
            yield Noted(f"black hole: from here on bytes are swallowed, {send.direction} first")


BLACK_HOLE = Kind(
    "black_hole",
    Text(ru="Чёрная дыра", en="Black hole"),
    Text(
        ru="Соединение открыто, но байты пропадают: помогает только таймаут.",
        en="The connection is open and bytes disappear: only a timeout helps.",
    ),
    (),
    stateless(_BlackHole),
)
