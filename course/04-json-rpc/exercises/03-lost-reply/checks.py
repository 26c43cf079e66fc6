"""Holds what was predicted against the experiment, and plays schedules with the repaired charge."""

from collections.abc import Mapping, Sequence
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

from .experiment import Attempts, Found, hard_schedules, run

_AT_ONCE = 60
_EXACTLY = Within(amount=0.001)
_TRIES = 5
_OTHER_PAYMENT, _NOT_ENOUGH = 1002, 1003

REPLY_LOST = Amount(
    "reply-lost",
    Text(
        ru="Потерян ответ на первую попытку. Сколько раз спишутся деньги?",
        en="The reply to the first try is lost. How many times is the money taken?",
    ),
    Unit.COUNT,
    least=0,
    most=100,
    why=Text(
        ru="Первая попытка выполнена, вторая для банка — новый вызов.",
        en="The first try was performed, and to the bank the second is a new call.",
    ),
    ideas=(
        Idea(
            1,
            1,
            Text(
                ru="Потерялся ответ, а не вызов: к этому моменту деньги уже списаны.",
                en="It was the reply that was lost, not the call: the money had been taken.",
            ),
        ),
    ),
)
GAVE_UP = Amount(
    "gave-up",
    Text(
        ru="Потеряны ответы на все пять попыток, магазин сдался. Сколько раз спишутся деньги?",
        en="The replies to all five tries are lost, the shop gives up. How many charges are there?",
    ),
    Unit.COUNT,
    least=0,
    most=100,
    why=Text(
        ru="Каждая попытка дошла и списала; магазин не знает ни об одной.",
        en="Every try arrived and took the money; the shop knows of none.",
    ),
    ideas=(
        Idea(
            0,
            0,
            Text(
                ru="«Не получилось» — вывод магазина из молчания. Банк пять раз ответил успехом.",
                en='"It failed" is what the shop makes of silence. The bank said yes five times.',
            ),
        ),
    ),
)
LATE = Amount(
    "late-request",
    Text(
        ru="Первый запрос задержался и дошёл после удачного повтора. Сколько раз спишутся деньги?",
        en="The first request was held up and arrives after a retry that succeeded. How many "
        "charges are there?",
    ),
    Unit.COUNT,
    least=0,
    most=100,
    why=Text(
        ru="Сеть не знает, что запрос больше не нужен: он придёт и будет выполнен.",
        en="The network does not know that a request is not wanted any more: it comes and is done.",
    ),
)
SAME_ID = Choice(
    "same-id",
    Text(
        ru="Магазин повторяет с тем же id JSON-RPC. Сколько раз спишутся деньги?",
        en="The shop repeats with the same id of JSON-RPC. How many charges are there?",
    ),
    {
        "once": Text(ru="один", en="one"),
        "twice": Text(ru="два", en="two"),
        "refused": Text(ru="один, повтор получит отказ", en="one, and the retry is refused"),
        "never": Text(ru="ни одного", en="none"),
    },
    why=Text(
        ru="id — метка ответа в одном соединении: сервер её возвращает и не помнит.",
        en="An id marks an answer within a connection: a server returns it and remembers nothing.",
    ),
)
CRASH_BETWEEN = Choice(
    "crash-between",
    Text(
        ru="Банк списал деньги одной транзакцией и упал перед второй, которая запишет ключ. "
        "Магазин повторил. Сколько раз спишутся деньги?",
        en="The bank took the money in one transaction and died before the second, which writes "
        "the key down. The shop repeats. How many charges are there?",
    ),
    {
        "once": Text(ru="один", en="one"),
        "twice": Text(ru="два", en="two"),
        "never": Text(ru="ни одного", en="none"),
    },
    why=Text(
        ru="После падения ключа нет, и повтор выглядит как первая попытка.",
        en="After the crash there is no key, and the retry looks like a first try.",
    ),
    ideas={
        "never": Text(
            ru="Первая транзакция завершена: её падение уже не отменит.",
            en="The first transaction is committed: no crash undoes it.",
        ),
    },
)
REMEDIES = Choices(
    "remedies",
    Text(
        ru="После чего при любых потерях и падениях списано ровно раз, и магазин это знает?",
        en="With what is there just one charge after any losses and crashes, and the shop knows?",
    ),
    {
        "same-id": Text(ru="тот же id", en="the same id"),
        "no-retry": Text(ru="без повторов", en="no retries"),
        "key-after": Text(ru="ключ после денег", en="the key after the money"),
        "key-before": Text(ru="ключ до денег", en="the key before the money"),
        "key-together": Text(ru="ключ вместе с деньгами", en="the key together with the money"),
    },
    why=Text(
        ru="Помогает только ключ, записанный в одной транзакции с деньгами.",
        en="Only a key helps that is written in one transaction with the money.",
    ),
    ideas={
        "same-id": Text(
            ru="id сервер не хранит, повтор по нему не узнать.",
            en="A server does not keep ids, so a retry is not known by one.",
        ),
        "no-retry": Text(
            ru="Без повторов лишнего не спишется, но потерянный запрос так и не будет выполнен.",
            en="Without retries nothing is taken twice, and a lost request is never performed.",
        ),
        "key-after": Text(
            ru="Между деньгами и ключом помещается падение: повтор спишет второй раз.",
            en="A crash fits between the money and the key: the retry takes it again.",
        ),
        "key-before": Text(
            ru="Падение помещается между ключом и деньгами: повтор увидит ключ и решит, что всё "
            "сделано.",
            en="A crash fits between the key and the money: the retry sees the key and takes it "
            "for done.",
        ),
    },
)
QUESTIONS = (REPLY_LOST, GAVE_UP, LATE, SAME_ID, CRASH_BETWEEN, REMEDIES)


# ---- what was predicted ------------------------------------------------------------------------


def complete(case: Case) -> None:
    predicted(case, QUESTIONS)


def reply_lost(case: Case) -> None:
    compare(case, REPLY_LOST, _found(case).reply_lost, _EXACTLY)


def gave_up(case: Case) -> None:
    compare(case, GAVE_UP, _found(case).gave_up, _EXACTLY)
    compare(case, LATE, _found(case).late_request, _EXACTLY)


def same_id(case: Case) -> None:
    compare(case, SAME_ID, _found(case).same_id)


def remedies(case: Case) -> None:
    compare(case, CRASH_BETWEEN, _found(case).crash_between)
    compare(case, REMEDIES, _found(case).remedies)


def _found(case: Case) -> Found:
    return run_after(case, QUESTIONS, lambda _: run())


# ---- the repair --------------------------------------------------------------------------------


def losses(case: Case) -> None:
    _check_lab(case)
    _check_once(case, [one for one in hard_schedules() if not _has_crash(one)])


def crashes(case: Case) -> None:
    _check_once(case, [one for one in hard_schedules() if _has_crash(one)])


def payments_differ(case: Case) -> None:
    customer, amount = case.word(), case.dice.randint(1, 10**6)
    start = amount * 10
    payments = [[customer, amount]] * 3
    told = _play(case, [["reply-lost"], payments, {customer: start}])[0]
    if len(told["ledger"]) != 3 or told["balances"][customer] != start - 3 * amount:
        case.fail(
            "Три одинаковые покупки — три списания, а не повторы одного: называйте операцию, а не "
            "покупателя с суммой.",
            "Three equal purchases are three charges and no repetitions of one: name the "
            "operation, not the customer and the amount.",
            expected="3 × charge",
            got=told,
        )
    other = amount + case.dice.randint(1, 999)
    changed: Any = case.module("lab").call("play_changed", customer, amount, other)
    error = changed["answer"].get("error") or {}
    if error.get("code") != _OTHER_PAYMENT or len(changed["ledger"]) != 1:
        case.fail(
            "Тот же ключ пришёл с другой суммой. Прежний ответ скажет неправду, второе списание "
            f"— тоже: нужен отказ {_OTHER_PAYMENT}.",
            "The same key came with another amount. The answer of before would be a lie, a second "
            f"charge a mistake: it has to be refused with {_OTHER_PAYMENT}.",
            expected={"error": {"code": _OTHER_PAYMENT}},
            got=changed,
        )


def silence(case: Case) -> None:
    customer, amount = case.word(), case.dice.randint(1, 10**6)
    payment, start = [[customer, amount]], {customer: amount * 9}
    troubles = ("request-lost", "reply-lost", "late", 3)
    for attempts in [[one] * (_TRIES + 3) for one in troubles]:
        told = _play(case, [attempts, payment, start])[0]
        if told["outcomes"] != [{"unknown": True}] or told["calls"] != _TRIES:
            case.fail(
                f"Ответа нет ни на одну попытку ({attempts[0]}): после {_TRIES} вызовов должно "
                "быть Unknown — магазин не знает исхода, и сказать «не списано» он не вправе.",
                f"There is no answer to any try ({attempts[0]}): after {_TRIES} calls it has to be "
                'Unknown; the shop does not know, and may not say "not charged".',
                expected={"calls": _TRIES, "outcomes": [{"unknown": True}]},
                got=told,
            )
        if len(told["ledger"]) > 1:
            case.fail(
                "Магазин сдался, а списано больше раза.",
                "The shop has given up, and there is more than one charge.",
                expected="0 … 1",
                got=told,
            )
    told = _play(case, [[], payment, {customer: amount - 1}])[0]
    if told["outcomes"] != [{"refused": _NOT_ENOUGH}] or told["calls"] != 1:
        case.fail(
            "Отказ банка — это ответ: повторять его незачем, и дойти он должен как Refused.",
            "A refusal of the bank is an answer: it need not be repeated, and has to arrive as "
            "Refused.",
            expected={"calls": 1, "outcomes": [{"refused": _NOT_ENOUGH}]},
            got=told,
        )


def _has_crash(attempts: Attempts) -> bool:
    return any(isinstance(one, int) for one in attempts)


def _check_lab(case: Case) -> None:
    own = Path(__file__).parent / "starter" / "lab.py"
    if case.read("lab.py").split() != own.read_text(encoding="utf-8").split():
        case.fail(
            "lab.py изменён: им играют расписания, и чинить нужно не его. Верните, как было.",
            "lab.py was changed: it plays the schedules, and is not what needs mending. Put it "
            "back.",
            where="lab.py",
        )


def _check_once(case: Case, schedules: Sequence[Attempts]) -> None:
    customer, amount = case.word(), case.dice.randint(1, 10**6)
    start = amount + case.dice.randint(0, 10**6)
    rows = [[list(one), [[customer, amount]], {customer: start}] for one in schedules]
    for attempts, told in zip(schedules, _play(case, *rows), strict=True):
        charged = [one.get("amount") for one in told["ledger"]]
        if charged != [amount] or told["balances"] != {customer: start - amount}:
            case.fail(
                f"Расписание {_shown(attempts)}: списаний {len(charged)}, а должно быть одно, и "
                "баланс должен с ним сходиться.",
                f"The schedule {_shown(attempts)}: {len(charged)} charges; there should be one, "
                "and the balance should agree with it.",
                expected={"charges": [amount], "balance": start - amount},
                got=told,
            )
        receipt = {"charge": 1, "balance": start - amount}
        if told["outcomes"] != [{"receipt": receipt}]:
            case.fail(
                f"Расписание {_shown(attempts)}: деньги списаны, а магазин получил не тот ответ, "
                "который дал бы первый вызов.",
                f"The schedule {_shown(attempts)}: the money was taken, and the shop did not get "
                "the answer that the first call would have given.",
                expected={"receipt": receipt},
                got=told["outcomes"],
            )


def _shown(attempts: Attempts) -> str:
    words = (f"crash({one})" if isinstance(one, int) else one for one in attempts)
    return " → ".join([*words, "ok"])


def _play(case: Case, *rows: list[Any]) -> Sequence[Mapping[str, Any]]:
    told: list[Any] = []
    for first in range(0, len(rows), _AT_ONCE):
        # One call has 2 s; so many take a small part of them even on a busy machine.
        part: Any = case.module("lab").call("play_all", list(rows[first : first + _AT_ONCE]))
        told += part
    return told
