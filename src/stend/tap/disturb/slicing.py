"""Slicer: what was written at once arrives in small pieces, as TCP allows at any time."""

from collections.abc import Iterator
from dataclasses import replace

from stend.kit.languages import Text
from stend.tap.disturb.actions import Action, Disturbance, Send
from stend.tap.disturb.kinds import Kind, Parameter, Strikes, stateless


class _Slicer(Disturbance):
    def __init__(self, strikes: Strikes) -> None:
        self._strikes = strikes
        self._size = int(strikes.numbers["piece_bytes"])
        self._pause_s = strikes.numbers["pause_ms"] / 1000

    def passing(self, send: Send) -> Iterator[Action]:
        self._strikes.struck()
        for index, at in enumerate(range(0, len(send.data), self._size)):
            piece = send.data[at : at + self._size]
            yield replace(send, data=piece, due_s=send.due_s + index * self._pause_s)


SLICER = Kind(
    "slicer",
    Text(ru="Нарезка", en="Slicer"),
    Text(
        ru="Написанное разом приходит мелкими кусками с паузами между ними.",
        en="What was written at once arrives in small pieces with pauses.",
    ),
    (
        Parameter(
            "piece_bytes", 16, 1, 65_536, Text(ru="размер куска, байт", en="size of a piece, bytes")
        ),
        Parameter(
            "pause_ms", 5, 0, 1000, Text(ru="пауза между кусками, мс", en="between pieces, ms")
        ),
    ),
    stateless(_Slicer),
)
