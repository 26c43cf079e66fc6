"""Runs the five ways of `lab.py` over a sleep, and holds them against what was predicted."""

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stend.course.amounts import Unit
from stend.course.case import Case
from stend.course.predictions import (
    Amount,
    Choice,
    Choices,
    Idea,
    Within,
    compare,
    predicted,
    run_after,
)
from stend.kit.languages import Text

_MINUTE_S, _TEN_MINUTES_S = 60, 600
_LOOKED_AT_S = 80
_CONSUMERS, _SPREAD_S, _SEED = 1000, 30, 9

_WAYS = {
    "polling": Text(ru="опрос", en="polling"),
    "long-polling": Text(ru="длинный опрос", en="long polling"),
    "webhook": Text(ru="вебхук", en="webhook"),
    "sse": Text(ru="SSE", en="SSE"),
    "websocket": Text(ru="WebSocket", en="WebSocket"),
}
MISSES = Choices(
    "misses-events",
    Text(ru="Кто так и не узнал о каждом из событий?", en="Who never learnt of some events?"),
    _WAYS,
    why=Text(
        ru="Спросите о каждом способе, кто помнит пропущенное: сервер, отправитель или никто.",
        en="Ask of every way who remembers what was missed: the server, the sender, or nobody.",
    ),
    ideas={
        "polling": Text(
            ru="Опрос читает состояние, а не события: «оплачен» и «собран» он не увидел никогда, "
            "хотя состояние у него верное.",
            en="Polling reads the state and not the events: it has never seen paid and "
            "packed, though its state is right.",
        ),
        "long-polling": Text(
            ru="В вопросе длинного опроса нет курсора: сервер ждёт следующего события, а о "
            "прошедших не вспоминает.",
            en="The question of this long polling has no cursor: the server waits for the next "
            "event and does not remember those before.",
        ),
        "webhook": Text(
            ru="Отправитель не получил 2xx и повторяет 75 с: минуту он переждал.",
            en="The sender has had no 2xx and repeats for 75 s: it outlasts a minute.",
        ),
        "sse": Text(
            ru="SSE присылает Last-Event-ID, а журнал сервера помнит пять минут.",
            en="SSE comes back with Last-Event-ID, and the server's journal remembers 5 minutes.",
        ),
        "websocket": Text(
            ru="У WebSocket нет ни номеров, ни повторов: что сказано в пустоту, то пропало.",
            en="A WebSocket has neither numbers nor repetitions: what was said to nobody is gone.",
        ),
    },
)
WRONG = Choices(
    "wrong-state",
    Text(
        ru="У кого на 80-й секунде состояние заказа не то, что у магазина?",
        en="Whose state of the order is not that of the shop at second 80?",
    ),
    _WAYS,
    why=Text(
        ru="Потерять событие и не знать состояния — разные беды. Кто после сна что-нибудь прочёл?",
        en="To miss an event and to have a wrong state are two things. Who has read something "
        "since it woke?",
    ),
    ideas={
        "polling": Text(
            ru="Первый же опрос после сна прочёл состояние целиком.",
            en="The first poll after the sleep has read the whole state.",
        ),
        "webhook": Text(
            ru="Отправитель не знает, что вы проснулись: следующая попытка — на 85-й секунде.",
            en="The sender does not know that you are awake: its next attempt is at second 85.",
        ),
        "sse": Text(
            ru="SSE дочитал журнал сразу, как подключился.",
            en="SSE has read the journal as soon as it was connected.",
        ),
    },
)
LAST = Choice(
    "webhook-last",
    Text(
        ru="Какое событие придёт приёмнику вебхуков последним?",
        en="Which event comes to the receiver of webhooks last?",
    ),
    {one: Text(ru=one, en=one) for one in ("paid", "packed", "on_the_way", "delivered")},
    why=Text(
        ru="У каждого сообщения свой счёт попыток, от своего начала: у packed остался только шаг "
        "+75 с, то есть 105-я секунда.",
        en="Every message counts its attempts from its own beginning: packed has only the step of "
        "+75 s left, which is second 105.",
    ),
    ideas={
        "delivered": Text(
            ru="delivered случился последним, но доставлен сразу, на 90-й секунде, а повторы "
            "старых пришли после него. Приёмник без сверки версий решит, что заказ ещё собирают.",
            en="delivered was the last to happen, and it was delivered at once, at second 90; "
            "repetitions of older ones came after it. A receiver that does not compare versions "
            "will think that the order is still being packed.",
        )
    },
)
DELAY = Amount(
    "webhook-delay",
    Text(
        ru="Через сколько после пробуждения у приёмника вебхуков будут все пять событий?",
        en="How long after waking has the receiver of webhooks got all five events?",
    ),
    Unit.SECONDS,
    least=0,
    most=3600,
    why=Text(
        ru="Проснулся он на 72-й секунде, а последняя попытка для packed — 30 + 75 = 105-я.",
        en="It woke at second 72, and the last attempt for packed is at 30 + 75 = 105.",
    ),
    ideas=(
        Idea(
            0,
            5,
            Text(
                ru="О пробуждении отправителю никто не скажет: он придёт по своему расписанию.",
                en="Nobody tells the sender that you are awake: it comes by its own schedule.",
            ),
        ),
        Idea(
            70,
            80,
            Text(
                ru="75 с — это от события, а не от пробуждения: часть их прошла во сне.",
                en="The 75 s are from the event and not from waking: some passed in the sleep.",
            ),
        ),
    ),
)
TEN_MINUTES = Choices(
    "ten-minutes",
    Text(
        ru="Сон длится десять минут. Кто через час знает, что заказ доставлен?",
        en="The sleep takes ten minutes. Who knows an hour later that the order is delivered?",
    ),
    _WAYS,
    why=Text(
        ru="У всякой памяти есть срок: пять попыток за 75 с, журнал за 300 с.",
        en="Every memory has a term: five attempts within 75 s, a journal of 300 s.",
    ),
    ideas={
        "webhook": Text(
            ru="Попытки кончились через 75 с после события, и отправитель больше не придёт.",
            en="The attempts were over 75 s after the event, and the sender does not come again.",
        ),
        "sse": Text(
            ru="Журнал помнит 300 с: на Last-Event-ID десятиминутной давности ему нечего прислать. "
            "Хороший сервер сказал бы об этом, и клиент прочёл бы состояние.",
            en="The journal remembers 300 s: it has nothing to send to a Last-Event-ID of ten "
            "minutes ago. A good server would say so, and the client would read the state.",
        ),
        "polling": Text(
            ru="Состояние живёт, пока жив заказ: опросу всё равно, сколько он спал.",
            en="The state lives as long as the order: polling does not care how long it slept.",
        ),
    },
)
BUSIEST = Amount(
    "busiest-second",
    Text(
        ru="Тысяча клиентов вернулась, каждый после случайной паузы до 30 с. Сколько их придётся "
        "на самую занятую секунду?",
        en="A thousand clients come back, each after a random pause of up to 30 s. How many come "
        "in the busiest second?",
    ),
    Unit.COUNT,
    least=1,
    most=1000,
    why=Text(
        ru="В среднем 1000 / 30 ≈ 33 в секунду; случай неровен, и худшая секунда раза в полтора "
        "больше.",
        en="On average 1000 / 30 ≈ 33 a second; chance is uneven, and the worst second has about "
        "one and a half times as many.",
    ),
    ideas=(
        Idea(
            300,
            1000,
            Text(
                ru="Столько пришло бы, вернись они все сразу: пауза для того и случайна.",
                en="So many would come if they all came at once: that is what the pause is for.",
            ),
        ),
    ),
)
QUESTIONS = (MISSES, WRONG, LAST, DELAY, TEN_MINUTES, BUSIEST)


@dataclass(frozen=True, slots=True)
class _Run:
    """Attributes: what each way has learnt, over a minute and over ten."""

    minute: Mapping[str, Any]
    ten: Mapping[str, Any]
    busiest: int


def complete(case: Case) -> None:
    predicted(case, QUESTIONS)


def misses_events(case: Case) -> None:
    every = set(_lab().STATUSES)
    missed = [name for name, one in _ran(case).minute.items() if _versions(one) != every]
    compare(case, MISSES, missed)


def wrong_state(case: Case) -> None:
    happened = _lab().HAPPENS_AT_S
    truth = max(version for version, when in happened.items() if when <= _LOOKED_AT_S)
    ways = _ran(case).minute.items()
    compare(case, WRONG, [name for name, one in ways if one.state_at(_LOOKED_AT_S) != truth])


def webhook_last(case: Case) -> None:
    compare(case, LAST, _lab().STATUSES[_ran(case).minute["webhook"].came[-1][1]])


def webhook_delay(case: Case) -> None:
    webhook = _ran(case).minute["webhook"]
    compare(case, DELAY, webhook.came[-1][0] - webhook.wakes_at, Within(amount=5))


def ten_minutes(case: Case) -> None:
    lab = _lab()
    ways = _ran(case).ten.items()
    last = max(lab.STATUSES)
    compare(case, TEN_MINUTES, [name for name, one in ways if one.state_at(lab.ENDS_AT_S) == last])


def busiest_second(case: Case) -> None:
    compare(case, BUSIEST, _ran(case).busiest, Within(times=2))


def _versions(consumer: Any) -> set[int]:
    return {version for _, version in consumer.came}


def _ran(case: Case) -> _Run:
    return run_after(case, QUESTIONS, _experiment)


def _experiment(_: Case) -> _Run:
    lab = _lab()
    minute = {way: lab.run(way, _MINUTE_S) for way in lab.WAYS}
    ten = {way: lab.run(way, _TEN_MINUTES_S) for way in lab.WAYS}
    return _Run(minute, ten, lab.busiest_second(_CONSUMERS, _SPREAD_S, _SEED))


def _lab() -> Any:
    """The exercise's own `lab.py`: what a learner changes in a copy changes no experiment."""
    name = "stend_course_asleep_lab"
    if name not in sys.modules:
        path = Path(__file__).parent / "starter" / "lab.py"
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ImportError(str(path))
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]
