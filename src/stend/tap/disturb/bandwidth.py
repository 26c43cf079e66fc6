"""Bandwidth: bytes arrive no faster than a line of that rate would carry them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from stend.kit.languages import Text
from stend.tap.disturb.actions import Action, Disturbance, Finish, Send
from stend.tap.disturb.kinds import Kind, Parameter, Strikes, stateless
from stend.wire.decoding import Direction

# What a line carries at once: smaller pieces arrive more evenly, and cost more.
_PIECE_BYTES = 1460


class _Bandwidth(Disturbance):
    def __init__(self, strikes: Strikes) -> None:
        self._strikes = strikes
        self._bytes_per_s = strikes.numbers["kbit_s"] * 1000 / 8
        self._free_at = dict.fromkeys(Direction, 0.0)

    def passing(self, send: Send) -> Iterator[Action]:
        self._strikes.struck()
        for at in range(0, len(send.data), _PIECE_BYTES):
            piece = send.data[at : at + _PIECE_BYTES]
            begins = max(self._free_at[send.direction], send.due_s)
            ends = begins + len(piece) / self._bytes_per_s
            self._free_at[send.direction] = ends
            yield replace(send, data=piece, due_s=ends)

    def finishing(self, finish: Finish) -> Iterable[Action]:
        due = max(self._free_at[finish.direction], finish.due_s)
        return (replace(finish, due_s=due),)


BANDWIDTH = Kind(
    "bandwidth",
    Text(ru="Узкий канал", en="Bandwidth"),
    Text(
        ru="Байты идут не быстрее канала такой ширины, в обе стороны.",
        en="Bytes pass no faster than through a line of that rate, both ways.",
    ),
    (Parameter("kbit_s", 256, 1, 10_000_000, Text(ru="ширина канала, кбит/с", en="rate, kbit/s")),),
    stateless(_Bandwidth),
)
