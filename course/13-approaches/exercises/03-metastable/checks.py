"""Runs the models of `lab.py` after everything has been predicted, and compares."""

import importlib.util
import sys
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

_SLOW_S = 0.1
_NEVER_S = 60

NAIVE = Choice(
    "naive",
    Text(
        ru="Повторы без бюджета: когда после толчка покупатели снова получают ответы?",
        en="Retries without a budget: when do customers get answers again after the push?",
    ),
    {
        "at-once": Text(ru="сразу", en="at once"),
        "within-a-minute": Text(ru="в течение минуты", en="within a minute"),
        "never": Text(ru="никогда", en="never"),
    },
    why=Text(
        ru="Четыре попытки на покупателя — 280 в секунду при силе 100: очередь растёт, и каждый "
        "ответ приходит тому, кто уже ушёл.",
        en="Four attempts for each customer are 280 per second at a capacity of 100: the queue "
        "grows, and every answer comes to somebody who has left.",
    ),
    ideas={
        "within-a-minute": Text(
            ru="Очередь разобралась бы, если бы приходило 70 в секунду. Но пока ответов нет, "
            "каждый приходит четырежды.",
            en="The queue would be worked off if 70 per second came. But while there are no "
            "answers everybody comes four times.",
        ),
    },
)
LOAD = Amount(
    "load",
    Text(
        ru="Сколько попыток в секунду приходит к сервису в это время?",
        en="How many attempts per second does the service get in that time?",
    ),
    Unit.COUNT,
    least=0,
    most=10_000,
    why=Text(
        ru="70 покупателей в секунду, у каждого попытка и три повтора: 70 · 4.",
        en="70 customers per second, each with an attempt and three retries: 70 · 4.",
    ),
    ideas=(
        Idea(
            200,
            220,
            Text(
                ru="Три повтора — это четыре попытки: первая тоже считается.",
                en="Three retries are four attempts: the first one counts, too.",
            ),
        ),
        Idea(
            60,
            120,
            Text(
                ru="К сервису приходит не столько, сколько он может, а столько, сколько шлют.",
                en="A service does not get as much as it can do, but as much as is sent.",
            ),
        ),
    ),
)
BUDGET = Amount(
    "with-budget",
    Text(
        ru="Повторы с бюджетом 10 %: через сколько после толчка всё снова хорошо?",
        en="Retries with a budget of 10 %: how long after the push is all well again?",
    ),
    Unit.SECONDS,
    least=0,
    most=200,
    why=Text(
        ru="За толчок накопилось 600 лишних; разбирают по 100 − 70 = 30 в секунду, и хорошо "
        "становится, когда ждать меньше секунды: (600 − 100) / 30.",
        en="The push left 600 too many; they are worked off at 100 − 70 = 30 per second, and all "
        "is well when one waits for less than a second: (600 − 100) / 30.",
    ),
    ideas=(
        Idea(
            0,
            8,
            Text(
                ru="Бюджет убирает повторы, но не очередь: её ещё надо разобрать, а запас всего 30 "
                "в секунду.",
                en="A budget takes away retries and not the queue: that has to be worked off, and "
                "there are only 30 per second to spare.",
            ),
        ),
    ),
)
COMES_BACK = Choices(
    "comes-back",
    Text(
        ru="Что из этого возвращается само в течение минуты?",
        en="Which of these come back by themselves within a minute?",
    ),
    {
        "queue-50": Text(ru="очередь до 50, бюджета нет", en="a queue of 50, no budget"),
        "queue-500": Text(ru="очередь до 500, бюджета нет", en="a queue of 500, no budget"),
        "budget": Text(ru="бюджет, очередь без границы", en="a budget, an unbounded queue"),
    },
    why=Text(
        ru="Помогает то, после чего сервис делает нужную работу: мало повторов или очередь, в "
        "которой ждут меньше таймаута.",
        en="What helps is what lets the service do work that is needed: few retries, or a queue in "
        "which one waits for less than the timeout.",
    ),
    ideas={
        "queue-50": Text(
            ru="50 в очереди — это полсекунды: всё, что попало в неё, отвечено вовремя, и "
            "повторять нечего.",
            en="50 in the queue are half a second: all that got in is answered in time, and there "
            "is nothing to retry.",
        ),
        "queue-500": Text(
            ru="500 в очереди — это пять секунд, а ждут одну: сервис занят целиком, и всё впустую.",
            en="500 in the queue are five seconds, and one is waited for: the service is busy all "
            "the time, and for nothing.",
        ),
    },
)
FAN_OUT = Amount(
    "fan-out",
    Text(
        ru="Страница ждёт 100 частей, каждая медленна в 1 % случаев. Какая доля страниц медленна?",
        en="A page waits for 100 parts, each is slow in 1 % of cases. Which share of pages is?",
    ),
    Unit.PERCENT,
    least=0,
    most=100,
    why=Text(
        ru="Быстра только страница, у которой быстры все сто: 1 − 0,99^100.",
        en="Only a page with all hundred fast is fast: 1 − 0.99^100.",
    ),
    ideas=(
        Idea(
            0,
            5,
            Text(
                ru="1 % — доля медленных частей. Странице довольно одной медленной из ста.",
                en="1 % is the share of slow parts. One slow part of a hundred will do for a page.",
            ),
        ),
        Idea(
            95,
            100,
            Text(
                ru="Вероятности не складываются: у части страниц медленных сразу несколько, а у "
                "других ни одной.",
                en="Probabilities do not add up: some pages have several slow parts, and others "
                "none.",
            ),
        ),
    ),
)
RARE = Amount(
    "rare-enough",
    Text(
        ru="Как редко часть должна быть медленной, чтобы медленным был 1 % страниц?",
        en="How seldom may a part be slow for 1 % of the pages to be slow?",
    ),
    Unit.PERCENT,
    least=0,
    most=100,
    why=Text(
        ru="1 − (1 − p)^100 = 0,01, то есть p около 0,01 %: раз на десять тысяч.",
        en="1 − (1 − p)^100 = 0.01, so p is about 0.01 %: once in ten thousand.",
    ),
    ideas=(
        Idea(
            0.05,
            0.5,
            Text(
                ru="Частей сто, и каждая добавляет своё: 1 % делится на сто.",
                en="There are a hundred parts and each adds its own: 1 % is divided by a hundred.",
            ),
        ),
    ),
)
CLOSED = Amount(
    "closed-p99",
    Text(
        ru="Сервер замер на 5 с. Какой p99 намеряет замкнутый контур?",
        en="The server stood still for 5 s. Which p99 does a closed loop measure?",
    ),
    Unit.SECONDS,
    least=0,
    most=100,
    why=Text(
        ru="Генератор ждал вместе с сервером и записал один плохой ответ из 10 000: до p99 ему "
        "далеко.",
        en="The generator waited with the server and wrote down one bad answer of 10,000: that is "
        "far from p99.",
    ),
    ideas=(
        Idea(
            1,
            6,
            Text(
                ru="Плохой ответ здесь один: пока сервер стоит, замкнутый контур ничего не шлёт.",
                en="There is one bad answer: while the server stands still a closed loop sends "
                "nothing.",
            ),
        ),
    ),
)
CLOSED_SLOW = Amount(
    "closed-slow",
    Text(
        ru="Сколько запросов из 10 000 дольше 100 мс увидит замкнутый контур?",
        en="How many requests of 10,000 over 100 ms does a closed loop see?",
    ),
    Unit.COUNT,
    least=0,
    most=10_000,
    why=Text(
        ru="Он шлёт следующий, только получив ответ: остановку застал ровно один.",
        en="It sends the next one when it has an answer: exactly one met the stop.",
    ),
)
OPEN = Amount(
    "open-p99",
    Text(
        ru="Какой p99 намеряет открытый контур?",
        en="Which p99 does an open loop measure?",
    ),
    Unit.SECONDS,
    least=0,
    most=100,
    why=Text(
        ru="За остановку пришло 500, и ещё 5 с разбирают очередь: худшая сотня пришла в первую "
        "секунду остановки и ждала больше 4,5 с.",
        en="500 came during the stop, and the queue takes 5 s more: the worst hundred came in the "
        "first second of the stop and waited for more than 4.5 s.",
    ),
    ideas=(
        Idea(
            0,
            0.1,
            Text(
                ru="Остановка задела 1000 запросов из 10 000: это десятая часть, а не тысячная.",
                en="The stop touched 1,000 requests of 10,000: a tenth and not a thousandth.",
            ),
        ),
    ),
)
_QUESTIONS = (NAIVE, LOAD, BUDGET, COMES_BACK, FAN_OUT, RARE, CLOSED, CLOSED_SLOW, OPEN)


@dataclass(frozen=True, slots=True)
class _Pushed:
    """When each came back, in s after the push; None for never."""

    naive: int | None
    load: int
    back: dict[str, int | None]


def complete(case: Case) -> None:
    predicted(case, _QUESTIONS)


def naive(case: Case) -> None:
    after_s = _pushed(case).naive
    if after_s is None:
        compare(case, NAIVE, "never")
    else:
        compare(case, NAIVE, "at-once" if after_s <= 1 else "within-a-minute")


def load(case: Case) -> None:
    compare(case, LOAD, _pushed(case).load, Within(share=0.05))


def with_budget(case: Case) -> None:
    after_s = _pushed(case).back["budget"]
    if after_s is None:
        raise ValueError("with a budget the model has not come back")
    compare(case, BUDGET, after_s, Within(share=0.3))


def comes_back(case: Case) -> None:
    back = _pushed(case).back
    good = {name for name, after_s in back.items() if after_s is not None and after_s < _NEVER_S}
    compare(case, COMES_BACK, good)


def fan_out(case: Case) -> None:
    share = run_after(case, _QUESTIONS, lambda _: _lab().slow_pages(100, 0.01), "pages")
    compare(case, FAN_OUT, round(100 * share, 1), Within(amount=3))


def rare_enough(case: Case) -> None:
    share = run_after(case, _QUESTIONS, lambda _: _lab().rare_enough(100, 0.01), "rare")
    compare(case, RARE, round(100 * share, 5), Within(times=1.5))


def closed_p99(case: Case) -> None:
    compare(case, CLOSED, round(_lab().p99(_measured(case, is_open=False)), 4), Within(times=2))


def closed_slow(case: Case) -> None:
    slow = sum(one > _SLOW_S for one in _measured(case, is_open=False))
    compare(case, CLOSED_SLOW, slow, Within(amount=0))


def open_p99(case: Case) -> None:
    measured = round(_lab().p99(_measured(case, is_open=True)), 2)
    compare(case, OPEN, measured, Within(share=0.15))


def _pushed(case: Case) -> _Pushed:
    return run_after(case, _QUESTIONS, _all_pushed, "push")


def _all_pushed(_: Case) -> _Pushed:
    service = _lab().Service
    first = service().run()
    ways = {
        "queue-50": service(most_waiting=50),
        "queue-500": service(most_waiting=500),
        "budget": service(has_budget=True),
    }
    back = {name: one.run().back_after_s() for name, one in ways.items()}
    return _Pushed(first.back_after_s(), first.sent[100], back)


def _measured(case: Case, *, is_open: bool) -> list[float]:
    return run_after(
        case,
        _QUESTIONS,
        lambda _: list(_lab().latencies(is_open=is_open)),
        "open" if is_open else "closed",
    )


def _lab() -> Any:
    """The exercise's own `lab.py`: what a learner changes in a copy changes no experiment."""
    name = "stend_course_metastable_lab"
    if name not in sys.modules:
        path = Path(__file__).parent / "starter" / "lab.py"
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ImportError(str(path))
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]
