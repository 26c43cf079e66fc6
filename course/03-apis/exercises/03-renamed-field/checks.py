"""Runs the five consumers of `lab.py` against three services, and the old customer against v2."""

import importlib.util
import sys
from collections.abc import Mapping, Sequence
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

_WORKS, _FAILS, _LIES = "works", "fails", "lies"
_OUTCOMES = {
    _WORKS: Text(ru="как прежде", en="as before"),
    _FAILS: Text(ru="падает с ошибкой", en="fails with an error"),
    _LIES: Text(ru="молча даёт неверный результат", en="silently gives a wrong result"),
}
_NAMES = {
    "sheet": Text(ru="лист курьера", en="the courier's sheet"),
    "receipt": Text(ru="касса", en="the till"),
    "revenue": Text(ru="отчёт о выручке", en="the report on revenue"),
    "guard": Text(ru="антифрод", en="the guard"),
    "partner": Text(ru="партнёр", en="the partner"),
}


def _outcome(name: str, why: Text, ideas: Mapping[str, Text]) -> Choice:
    told = _NAMES[name]
    asks = Text(
        ru=f"Что станет с потребителем «{told.ru}», когда total_minor станет amount_minor?",
        en=f"What becomes of {told.en} when total_minor is amount_minor?",
    )
    return Choice(name, asks, _OUTCOMES, why, ideas)


SHEET = _outcome(
    "sheet",
    Text(
        ru="Он читает order_id и lines; того, чего он не читал, для него и не было.",
        en="It reads order_id and lines; what it never read was never there for it.",
    ),
    {},
)
RECEIPT = _outcome(
    "receipt",
    Text(
        ru='order["total_minor"] без этого поля — KeyError.',
        en='order["total_minor"] without the member is a KeyError.',
    ),
    {
        _LIES: Text(
            ru="Скобки не подставляют ничего: без поля будет KeyError, и это лучший из исходов.",
            en="Brackets put nothing in its place: it is a KeyError, and that is the best that "
            "can happen.",
        ),
    },
)
REVENUE = _outcome(
    "revenue",
    Text(
        ru='order.get("total_minor", 0) без поля — ноль: выручка дня молча пропала.',
        en='order.get("total_minor", 0) without the member is zero: the revenue is gone, silently.',
    ),
    {
        _FAILS: Text(
            ru="get со значением по умолчанию не падает: он прибавит к выручке ноль.",
            en="get with a default does not fail: it adds zero to the revenue.",
        ),
        _WORKS: Text(
            ru="Программа дойдёт до конца, но прибавит ноль: не упала — не значит верна.",
            en="The program comes to its end and adds zero: not to fail is not to be right.",
        ),
    },
)
GUARD = _outcome(
    "guard",
    Text(
        ru="None or 0 — это ноль, а ноль не дорог: заказ на 50 000 ₽ проходит без человека.",
        en="None or 0 is zero, and zero is not dear: an order of 50,000 RUB passes with nobody "
        "looking.",
    ),
    {
        _WORKS: Text(
            ru="Так видно на дешёвом заказе; дорогой (50 000 ₽) теперь проходит без человека.",
            en="So it looks with a cheap order; the dear one (50,000 RUB) now passes with nobody "
            "looking.",
        ),
        _FAILS: Text(
            ru="get даёт None, а «or 0» делает из него ноль: ошибки нет, проверки тоже.",
            en="get gives None, and “or 0” makes it a zero: there is no error, and no guard.",
        ),
    },
)
PARTNER = _outcome(
    "partner",
    Text(
        ru="PartnersOrder(**…) требует ровно поля v1: незнакомое amount_minor — TypeError.",
        en="PartnersOrder(**…) wants exactly the members of v1: amount_minor is a TypeError.",
    ),
    {
        _WORKS: Text(
            ru="Нужен ему только статус, но разбирает он ответ целиком: незнакомое поле — "
            "TypeError.",
            en="It needs the status alone, and yet it reads the whole answer: a member that it "
            "does not know is a TypeError.",
        ),
    },
)
MISSED = Choice(
    "missed-by-test",
    Text(
        ru="Кто сломан, а тест с одним заказом на 239,70 ₽ этого не покажет?",
        en="Who is broken, and a test with one order of 239.70 RUB does not show it?",
    ),
    _NAMES,
    why=Text(
        ru="Для 239,70 ₽ и для нуля антифрод решает одинаково; разница видна на дорогом заказе.",
        en="The guard decides alike about 239.70 RUB and about zero; a dear order shows it.",
    ),
    ideas={
        "revenue": Text(
            ru="Отчёт и на маленьком заказе прибавит 0 вместо 23970: тест, который смотрит на "
            "результат, увидит.",
            en="The report adds 0 and not 23970 for a small order, too: a test that looks at the "
            "result sees it.",
        ),
        "sheet": Text(
            ru="Лист курьера не сломан: этого поля он не читает.",
            en="The sheet is not broken: it does not read the member.",
        ),
    },
)
BOTH = Choices(
    "both-names",
    Text(
        ru="Кто работает не как прежде, если сервис отдаёт оба имени сразу?",
        en="Who does not work as before when the service gives both names?",
    ),
    _NAMES,
    why=Text(
        ru="Старое имя на месте, поэтому четверо ничего не заметят; закрытый разбор партнёра не "
        "терпит ни одного нового поля.",
        en="The old name is there, so four notice nothing; the partner's closed reading stands no "
        "new member at all.",
    ),
    ideas={
        "sheet": Text(
            ru="Терпимый клиент пропускает незнакомое в ответе.",
            en="A tolerant client skips what it does not know in an answer.",
        ),
        "partner": Text(
            ru="Лишнее поле безвредно, только если клиент терпим; PartnersOrder(**…) падает на "
            "любом новом.",
            en="One member more is harmless only if the client is tolerant; PartnersOrder(**…) "
            "fails at any new one.",
        ),
        **{
            name: Text(
                ru="Прежнее поле с прежним значением на месте: читать его можно, как читали.",
                en="The member is there with its value: it may be read as it was.",
            )
            for name in ("receipt", "revenue", "guard")
        },
    },
)
LOGGED = Amount(
    "errors-in-log",
    Text(
        ru="Сколько из десяти ответов сервиса в его журнале — ошибки?",
        en="How many of the service's ten answers are errors in its log?",
    ),
    Unit.COUNT,
    least=0,
    most=10,
    why=Text(
        ru="Сервис отвечал 200 на всё: ломаются потребители, и у себя.",
        en="The service answered 200 to everything: it is the consumers that break, at home.",
    ),
    ideas=(
        Idea(
            1,
            10,
            Text(
                ru="Потребитель падает уже после ответа 200, у себя; журнал сервиса об этом не "
                "узнаёт.",
                en="A consumer fails after the 200, at home; the service's log does not hear of "
                "it.",
            ),
        ),
    ),
)
REQUEST = Choice(
    "old-request",
    Text(
        ru="Что получит старое приложение, если promo в запросе теперь зовётся promo_code?",
        en="What does the old app get when promo in the request is called promo_code now?",
    ),
    {
        "discount": Text(ru="200 и цену со скидкой", en="200 and the price with its discount"),
        "full-price": Text(ru="200 и полную цену", en="200 and the full price"),
        "refused": Text(ru="отказ 400", en="a refusal, 400"),
    },
    why=Text(
        ru="Сервис пропускает незнакомое в запросе: promo потерян молча, скидки нет.",
        en="The service skips what it does not know in a request: promo is lost silently, and the "
        "discount with it.",
    ),
    ideas={
        "refused": Text(
            ru="Отказал бы строгий сервис; этот незнакомое поле пропускает, и скидка теряется.",
            en="A strict service would refuse; this one skips the member, and the discount is "
            "lost.",
        ),
        "discount": Text(
            ru="Имя promo новая версия не читает: для неё промокода в запросе нет.",
            en="The new version does not read the name promo: for it there is no code.",
        ),
    },
)
_CONSUMERS = (SHEET, RECEIPT, REVENUE, GUARD, PARTNER)
QUESTIONS = (*_CONSUMERS, MISSED, BOTH, LOGGED, REQUEST)


@dataclass(frozen=True, slots=True)
class _Run:
    """What every consumer made of the small order and of the large one; None for an error.

    Attributes:
        results: by consumer.
        log: statuses that the service has given.
    """

    results: Mapping[str, Sequence[str | None]]
    log: Sequence[int]


def complete(case: Case) -> None:
    predicted(case, QUESTIONS)


def sheet(case: Case) -> None:
    _compare_outcome(case, SHEET)


def receipt(case: Case) -> None:
    _compare_outcome(case, RECEIPT)


def revenue(case: Case) -> None:
    _compare_outcome(case, REVENUE)


def guard(case: Case) -> None:
    _compare_outcome(case, GUARD)


def partner(case: Case) -> None:
    _compare_outcome(case, PARTNER)


def missed_by_test(case: Case) -> None:
    before, after = _ran(case, "V1").results, _ran(case, "RENAMED").results
    missed = [
        name for name in _NAMES if before[name] != after[name] and before[name][0] == after[name][0]
    ]
    if len(missed) != 1:
        raise ValueError(f"one consumer should hide behind the small order: {missed}")
    compare(case, MISSED, missed[0])


def both_names(case: Case) -> None:
    before, after = _ran(case, "V1").results, _ran(case, "BOTH").results
    compare(case, BOTH, {name for name in _NAMES if before[name] != after[name]})


def errors_in_log(case: Case) -> None:
    log = _ran(case, "RENAMED").log
    compare(case, LOGGED, sum(status >= 400 for status in log), Within(amount=0.001))


def old_request(case: Case) -> None:
    lab = _lab()

    def experiment(_: Case) -> str:
        with_discount, now = (_quoted(lab, one) for one in (lab.Version.V1, lab.Version.RENAMED))
        if now[0] != 200:
            return "refused"
        return "discount" if now == with_discount else "full-price"

    compare(case, REQUEST, run_after(case, QUESTIONS, experiment, "request"))


def _compare_outcome(case: Case, question: Choice) -> None:
    before = _ran(case, "V1").results[question.id]
    after = _ran(case, "RENAMED").results[question.id]
    outcome = _FAILS if None in after else _WORKS if after == before else _LIES
    compare(case, question, outcome)


def _ran(case: Case, version: str) -> _Run:
    return run_after(case, QUESTIONS, lambda _: _run(version), version)


def _run(version: str) -> _Run:
    lab = _lab()
    service = lab.Service(lab.Version[version])
    with lab.served(service) as port:
        results = {
            name: [_result(consumer, port, order_id) for order_id in (lab.SMALL, lab.LARGE)]
            for name, consumer in lab.CONSUMERS.items()
        }
    return _Run(results, service.log)


def _result(consumer: Any, port: int, order_id: str) -> str | None:
    # What a program that reads an answer raises when a member is missing, or is one too many.
    try:
        result: str = consumer(port, order_id)
    except (KeyError, TypeError):
        return None
    return result


def _quoted(lab: Any, version: Any) -> tuple[int, int]:
    with lab.served(lab.Service(version)) as port:
        quoted: tuple[int, int] = lab.old_customer(port)
    return quoted


def _lab() -> Any:
    """The exercise's own `lab.py`: what a learner changes in a copy changes no experiment."""
    name = "stend_course_renamed_field_lab"
    if name not in sys.modules:
        path = Path(__file__).parent / "starter" / "lab.py"
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ImportError(str(path))
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]
