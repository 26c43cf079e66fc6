"""A push of ten seconds in a model: with retries, a budget and a queue of your choice."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stend.course.demos import Bar, Bars, Note, Shown, Stand, Values
from stend.kit.languages import Text

_CAPACITY, _PUSHED = 100, 10
_PUSH_FROM_S, _PUSH_TO_S, _RUN_S = 20, 30, 120
_TIMEOUT_S = 1.0
_TICKS_PER_S = 100
_SAVED, _EARNS = 10.0, 0.1
_WINDOW_S = 5
_WELL = 0.99
_QUEUES = {"unbounded": 10**9, "long": 500, "short": 50}


@dataclass(slots=True)
class _Attempt:
    sent: float
    second: int
    left: int
    is_over: bool = False


class _Model:
    """Customers who wait for a second and retry; a service that does not know they have left."""

    def __init__(self, load: int, retries: int, most_waiting: int, *, has_budget: bool) -> None:
        self._load, self._retries, self._most_waiting = load, retries, most_waiting
        self._has_budget, self._saved = has_budget, _SAVED
        self._queue: deque[_Attempt] = deque()
        self._waiting: deque[_Attempt] = deque()
        self.sent, self.answered = [0] * _RUN_S, [0] * _RUN_S

    def run(self) -> None:
        # In hundredths of a request, so that nothing is rounded.
        due = power = 0
        for tick in range(_RUN_S * _TICKS_PER_S):
            now = tick / _TICKS_PER_S
            is_pushed = _PUSH_FROM_S <= now < _PUSH_TO_S
            due += self._load
            power = min(power + (_PUSHED if is_pushed else _CAPACITY), 2 * _TICKS_PER_S)
            while due >= _TICKS_PER_S:
                due -= _TICKS_PER_S
                self._send(now, int(now), self._retries)
            while power >= _TICKS_PER_S:
                power -= _TICKS_PER_S
                self._serve()
            while self._waiting and self._waiting[0].sent <= now - _TIMEOUT_S:
                self._failed(now, self._waiting.popleft())

    def _send(self, now: float, second: int, left: int) -> None:
        attempt = _Attempt(now, second, left)
        self.sent[int(now)] += 1
        if len(self._queue) >= self._most_waiting:
            self._failed(now, attempt)
            return
        self._queue.append(attempt)
        self._waiting.append(attempt)

    def _serve(self) -> None:
        if self._queue:
            attempt = self._queue.popleft()
            if not attempt.is_over:
                attempt.is_over = True
                self.answered[attempt.second] += 1
                self._saved = min(_SAVED, self._saved + _EARNS)

    def _failed(self, now: float, attempt: _Attempt) -> None:
        if attempt.is_over:
            return
        attempt.is_over = True
        if attempt.left and (not self._has_budget or self._saved >= 1):
            self._saved -= self._has_budget
            self._send(now, attempt.second, attempt.left - 1)


def show(_: Stand, values: Values) -> Iterable[Shown]:
    load = int(values.number("load"))
    model = _Model(
        load,
        int(values.number("retries")),
        _QUEUES[values.choice("queue")],
        has_budget=values.switch("budget"),
    )
    model.run()
    yield _told(model, load)
    yield Bars(
        Text(
            ru="Модель: отвечено вовремя, по времени прихода покупателя",
            en="The model: answered in time, by when the customer came",
        ),
        "1/s",
        _windows(model.answered),
    )
    yield Bars(
        Text(ru="Модель: попыток пришло к сервису", en="The model: attempts that the service got"),
        "1/s",
        _windows(model.sent),
    )


def _windows(per_second: Sequence[int]) -> list[Bar]:
    return [
        Bar(
            Text(
                ru=f"{begins}–{begins + _WINDOW_S} с{_mark(begins)[0]}",
                en=f"{begins}–{begins + _WINDOW_S} s{_mark(begins)[1]}",
            ),
            sum(per_second[begins : begins + _WINDOW_S]) / _WINDOW_S,
        )
        for begins in range(0, _RUN_S, _WINDOW_S)
    ]


def _mark(begins: int) -> tuple[str, str]:
    return (" (толчок)", " (push)") if _PUSH_FROM_S <= begins < _PUSH_TO_S else ("", "")


def _told(model: _Model, load: int) -> Note:
    # Who came in the last two seconds may still be waiting when the run ends.
    seen = model.answered[: _RUN_S - 2]
    bad = [second for second, got in enumerate(seen) if got < _WELL * load]
    if not bad:
        return Note(Text(ru="Толчка никто не заметил.", en="Nobody noticed the push."))
    if bad[-1] == len(seen) - 1:
        sent = sum(model.sent[-_WINDOW_S:]) / _WINDOW_S
        return Note(
            Text(
                ru=f"Толчок кончился на {_PUSH_TO_S}-й секунде, а система так и лежит. Приходит "
                f"{sent:g} попыток в секунду при силе {_CAPACITY}: "
                + ("держат её повторы." if sent > _CAPACITY else "она ещё разбирает очередь."),
                en=f"The push ended at {_PUSH_TO_S} s, and the system is still down. {sent:g} "
                f"attempts per second come at a capacity of {_CAPACITY}: "
                + ("retries keep it so." if sent > _CAPACITY else "it is working off its queue."),
            )
        )
    back = bad[-1] + 1 - _PUSH_TO_S
    if back <= 0:
        return Note(
            Text(
                ru="Толчок кончился, и сразу всё снова хорошо.",
                en="The push has ended, and all is well again at once.",
            )
        )
    return Note(
        Text(
            ru=f"Через {back} с после толчка всё снова хорошо, само.",
            en=f"All is well again {back} s after the push, by itself.",
        )
    )
