"""Latency and jitter: each chunk arrives later, none overtakes another."""

from collections.abc import Iterable
from dataclasses import replace

from stend.kit.languages import Text
from stend.tap.disturb.actions import Action, Disturbance, Finish, Send
from stend.tap.disturb.kinds import Kind, Parameter, Strikes, stateless
from stend.wire.decoding import Direction

_MOST_MS = 60_000


class _Latency(Disturbance):
    def __init__(self, strikes: Strikes) -> None:
        self._strikes = strikes
        self._base_s = strikes.numbers["latency_ms"] / 1000
        self._jitter_s = strikes.numbers["jitter_ms"] / 1000

    def passing(self, send: Send) -> Iterable[Action]:
        if send.direction is not Direction.TO_CLIENT:
            return (send,)
        self._strikes.struck()
        return (replace(send, due_s=send.due_s + self._delay()),)

    def finishing(self, finish: Finish) -> Iterable[Action]:
        if finish.direction is not Direction.TO_CLIENT:
            return (finish,)
        return (replace(finish, due_s=finish.due_s + self._delay()),)

    def _delay(self) -> float:
        spread = self._jitter_s * (2 * self._strikes.chance.random() - 1)
        return max(self._base_s + spread, 0.0)


LATENCY = Kind(
    "latency",
    Text(ru="Задержка", en="Latency"),
    Text(
        ru="Ответы приходят позже на заданное время, порядок не меняется.",
        en="Answers arrive later by so much, their order stays.",
    ),
    (
        Parameter(
            "latency_ms", 200, 0, _MOST_MS, Text(ru="задержка, мс", en="added to each answer, ms")
        ),
        Parameter(
            "jitter_ms",
            0,
            0,
            _MOST_MS,
            Text(ru="разброс в обе стороны, мс", en="spread to either side, ms"),
        ),
    ),
    stateless(_Latency),
)

JITTER = Kind(
    "jitter",
    Text(ru="Дрожание", en="Jitter"),
    Text(
        ru="Задержка каждого ответа случайна: от нуля до удвоенной средней.",
        en="The latency of each answer is random: from zero to twice the mean.",
    ),
    (
        Parameter("latency_ms", 100, 0, _MOST_MS, Text(ru="в среднем, мс", en="on average, ms")),
        Parameter(
            "jitter_ms",
            100,
            0,
            _MOST_MS,
            Text(ru="разброс в обе стороны, мс", en="spread to either side, ms"),
        ),
    ),
    stateless(_Latency),
)
