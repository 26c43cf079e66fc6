"""Runs the queue of `lab.py` request by request, and holds what was predicted against it."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

from stend.course.amounts import Unit
from stend.course.case import Case
from stend.course.predictions import Amount, Choice, Idea, Within, compare, predicted, run_after
from stend.kit.languages import Text

_ARRIVALS = 95
_TENTH_FASTER_S = 0.009

HALF = Amount(
    "mean-at-half",
    Text(
        ru="Среднее время в системе при загрузке 0,5?",
        en="The mean time in the system at a utilisation of 0.5?",
    ),
    Unit.SECONDS,
    least=0.01,
    most=60,
    why=Text(
        ru="M/M/1: S / (1 - ρ) = 10 / 0,5 мс: половину этого времени ждут.",
        en="M/M/1: S / (1 - ρ) = 10 / 0.5 ms, half of it waiting.",
    ),
    ideas=(
        Idea(
            0.009,
            0.0125,
            Text(
                ru="Половину времени сервер свободен, но приходят случайно: кто-то попадает на "
                "занятый.",
                en="Half of the time the server is free, but arrivals are random: some of them "
                "find it busy.",
            ),
        ),
    ),
)
FULL = Amount(
    "mean-at-95",
    Text(
        ru="Среднее время в системе при загрузке 0,95?",
        en="The mean time in the system at a utilisation of 0.95?",
    ),
    Unit.SECONDS,
    least=0.01,
    most=60,
    why=Text(
        ru="S / (1 - ρ) = 10 / 0,05 мс: в знаменателе то, что осталось свободным.",
        en="S / (1 - ρ) = 10 / 0.05 ms: what is left free is in the denominator.",
    ),
    ideas=(
        Idea(
            0.015,
            0.06,
            Text(
                ru="Время растёт не вместе с загрузкой, а с тем, чего от неё осталось до единицы: "
                "осталось вдесятеро меньше.",
                en="Time does not grow with the utilisation, but with what is left of one: ten "
                "times less is left.",
            ),
        ),
    ),
)
P95 = Amount(
    "p95-at-95",
    Text(ru="А p95 там же?", en="And the p95 there?"),
    Unit.SECONDS,
    least=0.01,
    most=60,
    why=Text(
        ru="Время в M/M/1 распределено показательно: p95 — это среднее × ln 20, втрое больше.",
        en="The time in an M/M/1 is exponential: p95 is the mean × ln 20, three times as much.",
    ),
    ideas=(
        Idea(
            0.14,
            0.26,
            Text(
                ru="Это среднее; у каждого двадцатого — втрое дольше.",
                en="That is the mean; one in twenty takes three times as long.",
            ),
        ),
    ),
)
INSIDE = Amount(
    "inside",
    Text(
        ru="Сколько запросов в среднем внутри при загрузке 0,95?",
        en="How many requests are inside, on the average, at a utilisation of 0.95?",
    ),
    Unit.COUNT,
    least=0,
    most=10_000,
    why=Text(
        ru="Закон Литтла: 95 в секунду по 0,2 с.",
        en="Little's law: 95 a second for 0.2 s each.",
    ),
    ideas=(
        Idea(
            0,
            2,
            Text(
                ru="0,95 — это сколько занимает сервер. Очередь перед ним тоже внутри.",
                en="0.95 is how many the server holds. The queue before it is inside, too.",
            ),
        ),
    ),
)
FASTER = Amount(
    "tenth-faster",
    Text(
        ru="Работа стала 9 мс, приходит столько же. Каким стало среднее время?",
        en="The work takes 9 ms now, and as many arrive. What is the mean time?",
    ),
    Unit.SECONDS,
    least=0.001,
    most=60,
    why=Text(
        ru="ρ = 0,855, и свободного стало втрое больше: 9 / 0,145 мс.",
        en="ρ = 0.855, and three times as much is free: 9 / 0.145 ms.",
    ),
    ideas=(
        Idea(
            0.15,
            0.2,
            Text(
                ru="Десятую часть отняли у загрузки, а не у времени: свободного втрое больше.",
                en="The tenth was not taken from the time but from the load: three times as much "
                "is free.",
            ),
        ),
    ),
)
SECOND = Amount(
    "second-server",
    Text(
        ru="Работа снова 10 мс, рядом встал второй сервер с той же очередью. Каким стало среднее?",
        en="10 ms of work again, and a second server takes from the same queue. What is the mean?",
    ),
    Unit.SECONDS,
    least=0.001,
    most=60,
    why=Text(
        ru="M/M/2 при ρ = 0,475: S / (1 - ρ²), ждать почти не приходится.",
        en="M/M/2 at ρ = 0.475: S / (1 - ρ²), there is hardly any waiting.",
    ),
    ideas=(
        Idea(
            0.08,
            0.12,
            Text(
                ru="Пополам делится загрузка, а не время: очередь пропадает почти вся.",
                en="The load is halved, not the time: almost all of the queue is gone.",
            ),
        ),
        Idea(
            0.001,
            0.0099,
            Text(
                ru="Меньше самой работы быть не может: второй сервер не ускоряет первого.",
                en="It cannot be less than the work: a second server makes nobody faster.",
            ),
        ),
    ),
)
REGULAR = Choice(
    "regular-work",
    Text(
        ru="Один сервер, 95 в секунду, но работа всегда ровно 10 мс. Что стало с ожиданием?",
        en="One server, 95 a second, and the work is always just 10 ms. What becomes of the wait?",
    ),
    {
        "same": Text(ru="почти не изменилось", en="hardly any change"),
        "half": Text(ru="вдвое меньше", en="half of it"),
        "none": Text(ru="почти исчезло", en="almost gone"),
    },
    why=Text(
        ru="Поллачек и Хинчин: очередь держится на двух случайностях поровну, одну убрали.",
        en="Pollaczek and Khinchine: the queue rests on two kinds of chance; one was removed.",
    ),
    ideas={
        "none": Text(
            ru="Приходят по-прежнему случайно, и при загрузке 0,95 этого хватает на очередь.",
            en="Arrivals are as random as before, and at 0.95 that is enough for a queue.",
        ),
        "same": Text(
            ru="Средняя работа та же, но длинных больше нет, а очередь росла за ними.",
            en="The mean is the same, but the long ones are gone, and queues grow behind them.",
        ),
    },
)
QUESTIONS = (HALF, FULL, P95, INSIDE, FASTER, SECOND, REGULAR)


def complete(case: Case) -> None:
    predicted(case, QUESTIONS)


def mean_at_half(case: Case) -> None:
    compare(case, HALF, _run(case, "half").mean_s, Within(share=0.2))


def mean_at_95(case: Case) -> None:
    compare(case, FULL, _run(case, "full").mean_s, Within(share=0.3))


def p95_at_95(case: Case) -> None:
    compare(case, P95, _run(case, "full").p95_s, Within(share=0.3))


def inside(case: Case) -> None:
    compare(case, INSIDE, _run(case, "full").inside, Within(share=0.3))


def tenth_faster(case: Case) -> None:
    compare(case, FASTER, _run(case, "faster").mean_s, Within(share=0.3))


def second_server(case: Case) -> None:
    compare(case, SECOND, _run(case, "second").mean_s, Within(share=0.2))


def regular_work(case: Case) -> None:
    lab = _lab()
    random_wait = _run(case, "full").mean_s - lab.SERVICE_S
    share = (_run(case, "regular").mean_s - lab.SERVICE_S) / random_wait
    compare(case, REGULAR, "none" if share < 0.25 else "half" if share < 0.75 else "same")


def _run(case: Case, name: str) -> Any:
    """One of the experiments; the seed is fixed, so it always gives the same."""
    arrivals, requests, settings = _EXPERIMENTS[name]
    return run_after(case, QUESTIONS, lambda _: _lab().run(arrivals, requests, **settings), name)


_EXPERIMENTS: dict[str, tuple[int, int, dict[str, Any]]] = {
    "half": (50, 50_000, {}),
    # At 0.95 what happened is remembered for long: fewer requests say too little of the mean.
    "full": (_ARRIVALS, 400_000, {}),
    "faster": (_ARRIVALS, 100_000, {"service_s": _TENTH_FASTER_S}),
    "second": (_ARRIVALS, 50_000, {"servers": 2}),
    "regular": (_ARRIVALS, 100_000, {"is_regular": True}),
}


def _lab() -> Any:
    """The exercise's own `lab.py`: what a learner changes in a copy changes no experiment."""
    name = "stend_course_utilisation_lab"
    if name not in sys.modules:
        path = Path(__file__).parent / "starter" / "lab.py"
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ImportError(str(path))
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]
