"""A connection that ends before its time: cut after so many bytes, reset, refused."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from stend.kit.languages import Text
from stend.tap.disturb.actions import Action, Disturbance, Finish, Noted, Reset, Send
from stend.tap.disturb.kinds import Kind, Parameter, Strikes, stateless
from stend.wire.decoding import Direction


class _CutAfter(Disturbance):
    """Lets so many bytes of the answer pass and ends the connection in order (FIN)."""

    def __init__(self, strikes: Strikes) -> None:
        self._strikes = strikes
        self._left = int(strikes.numbers["after_bytes"])
        self._is_over = False

    @property
    def is_needed(self) -> bool:
        """Behind the end nothing may come any more."""
        return self._is_over

    def passing(self, send: Send) -> Iterator[Action]:
        if self._is_over:
            return
        if send.direction is not Direction.TO_CLIENT or len(send.data) < self._left:
            if send.direction is Direction.TO_CLIENT:
                self._left -= len(send.data)
            yield send
            return
        self._is_over = True
        self._strikes.struck()
        yield Noted("cut: the connection ends after the bytes that were allowed")
        if self._left:
            yield replace(send, data=send.data[: self._left])
        yield Finish(Direction.TO_CLIENT, send.due_s)
        yield Finish(Direction.TO_SERVER, send.due_s)

    def finishing(self, finish: Finish) -> Iterable[Action]:
        return () if self._is_over else (finish,)


class _Reset(Disturbance):
    """Resets the connection so long after its first bytes."""

    def __init__(self, strikes: Strikes) -> None:
        self._strikes = strikes
        self._after_s = strikes.numbers["after_ms"] / 1000
        self._has_begun = False

    def passing(self, send: Send) -> Iterator[Action]:
        if not self._has_begun:
            self._has_begun = True
            self._strikes.struck()
            yield Noted("reset: both sides get RST")
            yield Reset(send.due_s + self._after_s)
        yield send


class _Refuse(Disturbance):
    """Nobody gets in. On a connection that is open already, nothing more gets through."""

    def __init__(self, strikes: Strikes) -> None:
        self._strikes = strikes

    def opened(self, now_s: float) -> Iterable[Action]:
        self._strikes.struck()
        return (Noted("refuse: the connection is reset at once"), Reset(now_s))

    def passing(self, send: Send) -> Iterable[Action]:
        return self.opened(send.due_s)


CUT = Kind(
    "cut",
    Text(ru="Обрыв", en="Cut"),
    Text(
        ru="После стольких байт ответа соединение закрывается (FIN).",
        en="The connection is closed after so many bytes of the answer (FIN).",
    ),
    (
        Parameter(
            "after_bytes",
            100,
            0,
            1_000_000_000,
            Text(ru="сколько байт ответа пропустить", en="bytes of the answer to let pass"),
        ),
    ),
    stateless(_CutAfter),
)

RESET = Kind(
    "reset",
    Text(ru="Сброс", en="Reset"),
    Text(
        ru="Соединение сбрасывается (RST): обе стороны получают ошибку.",
        en="The connection is reset (RST): both sides get an error.",
    ),
    (
        Parameter(
            "after_ms",
            0,
            0,
            60_000,
            Text(ru="через сколько мс после первых байт", en="after the first bytes, ms"),
        ),
    ),
    stateless(_Reset),
)

REFUSE = Kind(
    "refuse",
    Text(ru="Отказ в соединении", en="Refuse"),
    Text(
        ru="Новые соединения сбрасываются сразу, открытые — при первых байтах.",
        en="New connections are reset at once, open ones with their next bytes.",
    ),
    (),
    stateless(_Refuse),
)
