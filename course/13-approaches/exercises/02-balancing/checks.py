"""Asks the learner's classes one by one, and then runs them inside the models of `rig.py`."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stend.course.case import Case
from stend.course.sandbox.calls import RaisedError

_HARNESS = "rig.py"
_SERVERS = 10
# Of so many draws one share of ten has a standard deviation of 0.6 %: the bounds are far outside.
_DRAWS = 3000
_LEAST_BUSY = (0.14, 0.27)
_EQUAL = (0.06, 0.14)
# With two servers: requests that do not end, and how far the two may be apart.
_OPEN, _APART = 800, 60
_KEYS = 5000
_EVEN = 1.25
_MOVED = 1.2
_SLOW_P99_S = 0.25
_ANSWERED = 0.99
_MOST_RETRIES, _EARNED_BY = 10, 10


# ---- two choices -------------------------------------------------------------------------------


def fewer_wins(case: Case) -> None:
    """With two servers both are looked at; a half is far below what is promised."""
    one, other = case.word(), case.word()
    balancer = _made(case, "TwoChoices", [one, other])
    counts = Counter(map(str, _do(case, balancer, [["pick"]] * _OPEN)))
    if counts.total() != counts[one] + counts[other] or abs(counts[one] - counts[other]) > _APART:
        case.fail(
            f"{_OPEN} запросов на два сервера, и ни один не кончился: каждому половина. Занятость "
            "— это незаконченные запросы, а выигрывает тот, у кого их меньше.",
            f"{_OPEN} requests to two servers, and none has ended: half of them for each. Busy "
            "means requests that have not ended, and the one with fewer wins.",
            expected={one: _OPEN // 2, other: _OPEN // 2},
            got=counts,
        )
    _do(case, balancer, [["done", one]] * counts[one])
    more = counts[one] * 4 // 5
    got = _do(case, balancer, [["pick"]] * more).count(one)
    if got < more * 5 / 8:
        case.fail(
            f"На {one} кончились все запросы, на {other} — ни одного из {counts[other]}: следующие "
            f"{more} идут на {one}.",
            f"All requests to {one} have ended, and none of {counts[other]} to {other}: the next "
            f"{more} go to {one}.",
            expected={one: more},
            got={one: got},
        )


def two_different(case: Case) -> None:
    names, balancer, busiest = _one_differs(case, is_busiest=True)
    counts = _passed(case, balancer, _DRAWS)
    if got := counts.get(busiest, 0):
        case.fail(
            f"Из {len(names)} серверов {busiest} занят больше всех, и всё же получил {got} "
            f"запросов из {_DRAWS}. Двое — это два разных: тогда самый занятый не "
            "выигрывает никогда.",
            f"Of {len(names)} servers {busiest} is the busiest, and yet it got {got} requests of "
            f"{_DRAWS}. Two are two different ones: then the busiest never wins.",
            expected={busiest: 0},
            got={busiest: got},
        )


def at_random(case: Case) -> None:
    _, balancer, least = _one_differs(case, is_busiest=False)
    share = _passed(case, balancer, _DRAWS).get(least, 0) / _DRAWS
    if not _LEAST_BUSY[0] <= share <= _LEAST_BUSY[1]:
        case.fail(
            f"Самому свободному из {_SERVERS} ушло {share:.0%} запросов. В паре он оказывается в "
            "двух случаях из десяти; если больше, смотрят на всех сразу, и при многих "
            "балансировщиках все кинутся на одного.",
            f"The least busy of {_SERVERS} got {share:.0%} of the requests. It is one of the pair "
            "in two cases of ten; where it is more, all are looked at, and with many balancers "
            "everybody would rush at one.",
            expected="20 %",
            got=f"{share:.1%}",
        )
    names = [case.word() for _ in range(_SERVERS)]
    counts = _passed(case, _made(case, "TwoChoices", names), _DRAWS)
    for name in names:
        share = counts.get(name, 0) / _DRAWS
        if not _EQUAL[0] <= share <= _EQUAL[1]:
            case.fail(
                f"Все {_SERVERS} серверов свободны, а {names.index(name) + 1}-й по списку получает "
                f"{share:.0%} запросов вместо десятой части. При равенстве решает случай, а не "
                "место в списке.",
                f"All {_SERVERS} servers are idle, and number {names.index(name) + 1} of the list "
                f"gets {share:.0%} of the requests instead of a tenth. Where two are equal chance "
                "decides, not the place in the list.",
                expected="10 %",
                got=f"{share:.1%}",
            )


def repeatable(case: Case) -> None:
    names, seed = [case.word() for _ in range(_SERVERS)], case.dice.randint(1, 10**9)
    first, second = (
        _do(case, _made(case, "TwoChoices", names, seed), [["pick"]] * 200) for _ in range(2)
    )
    if first != second:
        at = next(n for n, pair in enumerate(zip(first, second, strict=True)) if pair[0] != pair[1])
        case.fail(
            f"Два балансировщика с одинаковыми dice разошлись на {at + 1}-м запросе: случай "
            "берётся не только из dice.",
            f"Two balancers with equal dice differ at request {at + 1}: not all chance comes from "
            "dice.",
            expected=first[at],
            got=second[at],
        )


def come_and_go(case: Case) -> None:
    one, other, third = (case.word() for _ in range(3))
    balancer = _made(case, "TwoChoices", [one, other])
    _do(case, balancer, [["pick"]] * 6)
    _do(case, balancer, [["remove", one]])
    picks = _do(case, balancer, [["pick"]] * 2)
    if picks != [other, other]:
        case.fail(
            f"{one} убрали, остался один {other}: оба запроса его, второго выбирать не из кого.",
            f"{one} was removed and {other} is left alone: both requests are its own, there is no "
            "second one to choose from.",
            expected=[other, other],
            got=picks,
        )
    # Its three requests end after it is gone; it comes back with none.
    late = _do(case, balancer, [["done", one], ["add", one], ["done", one], ["done", one]])
    if told := _raised(late):
        case.fail(
            f"Запросы на {one} кончились, когда его уже убрали: это обычное дело, а не ошибка.",
            f"Requests to {one} ended after it was removed: that is usual, and no error.",
            got=told,
        )
    picks = _do(case, balancer, [["pick"]] * 5 + [["remove", other], ["remove", one]])[:5]
    if picks != [one] * 5:
        case.fail(
            f"{one} вернулся, и все его прежние запросы кончились, у {other} их пять: следующие "
            f"пять идут на {one}.",
            f"{one} is back, all of its former requests have ended, and {other} has five: the next "
            f"five go to {one}.",
            expected=[one] * 5,
            got=picks,
        )
    _below_zero(case, balancer, one, third)


def _below_zero(case: Case, balancer: int, one: str, third: str) -> None:
    (nobody,) = _do(case, balancer, [["pick"]])
    if not (isinstance(nobody, dict) and nobody.get("lookup")):
        case.fail(
            "Серверов не осталось, а pick обещает LookupError.",
            "No server is left, and pick promises a LookupError.",
            expected="LookupError",
            got=nobody,
        )
    _do(case, balancer, [["add", one], ["add", third], ["done", one], ["done", one]])
    picks = _do(case, balancer, [["pick"]] * 6)
    if Counter(map(str, picks)) != {one: 3, third: 3}:
        case.fail(
            f"{one} вернулся новым, и лишь потом кончились его прежние запросы: меньше нуля "
            "незаконченных не бывает, и шесть запросов делятся поровну.",
            f"{one} came back as a new one, and only then its former requests ended: there are "
            "never fewer than no requests, and six are shared equally.",
            expected={one: 3, third: 3},
            got=Counter(map(str, picks)),
        )


def _one_differs(case: Case, *, is_busiest: bool) -> tuple[list[str], int, str]:
    """Servers of which one has more requests than any other, or fewer."""
    names = [case.word() for _ in range(_SERVERS)]
    balancer = _made(case, "TwoChoices", names)
    picks = _do(case, balancer, [["pick"]] * 20 * _SERVERS)
    special = case.dice.choice(names)
    if told := _raised(picks) or [one for one in picks if one not in names]:
        case.fail("pick вернула не сервер.", "pick gave what is no server.", got=told[0])
    if is_busiest and special not in picks:
        case.fail(
            f"За {len(picks)} запросов {special} не получил ни одного.",
            f"{special} got none of {len(picks)} requests.",
            got=Counter(picks),
        )
    ended = [one for one in picks if (one != special) is is_busiest]
    _do(case, balancer, [["done", one] for one in ended])
    return names, balancer, special


# ---- the budget --------------------------------------------------------------------------------


def budget_bound(case: Case) -> None:
    most, earned_by = case.dice.randint(5, 20), case.dice.randint(3, 12)
    budget = _made(case, "RetryBudget", most, earned_by)
    allowed = _do(case, budget, [["may_retry"]] * (3 * most))
    if allowed != [True] * most + [False] * 2 * most:
        case.fail(
            f"RetryBudget({most}, {earned_by}), и подряд идут одни неудачи: сначала можно ровно "
            f"{most} повторов, дальше ни одного.",
            f"RetryBudget({most}, {earned_by}), and nothing but failures: at first exactly {most} "
            "retries are allowed, and none after them.",
            expected=f"{most} × true, {2 * most} × false",
            got=" ".join(json.dumps(one) for one in allowed),
        )


def budget_earns(case: Case) -> None:
    for earned_by in (10, case.dice.randint(3, 9), case.dice.randint(11, 30), 1):
        budget = _made(case, "RetryBudget", 5, earned_by)
        _do(case, budget, [["may_retry"]] * 8)
        for _ in range(3):
            steps = [["succeeded"]] * (earned_by - 1) + [["may_retry"], ["succeeded"]]
            early = _do(case, budget, steps)[earned_by - 1]
            on_time, again = _do(case, budget, [["may_retry"], ["may_retry"]])
            if (early, on_time, again) != (False, True, False):
                case.fail(
                    f"Запас пуст. После {earned_by - 1} удач повтора ещё нет, после {earned_by} "
                    "есть, и ровно один. Отказ ничего не стоит, а доли в double складываются "
                    "неточно: 0.1 десять раз — меньше единицы.",
                    f"Nothing is saved. After {earned_by - 1} successes there is no retry yet, "
                    f"after {earned_by} there is, and exactly one. A refusal costs nothing; and "
                    "shares in a double add up inexactly: 0.1 ten times is less than one.",
                    expected=[False, True, False],
                    got=[early, on_time, again],
                )


def budget_cap(case: Case) -> None:
    most, earned_by = case.dice.randint(5, 20), case.dice.randint(2, 6)
    budget = _made(case, "RetryBudget", most, earned_by)
    _do(case, budget, [["succeeded"]] * (earned_by * most * 5))
    allowed = _do(case, budget, [["may_retry"]] * (4 * most)).count(True)
    if allowed != most:
        case.fail(
            f"После долгого покоя можно {allowed} повторов подряд, а запас — не больше {most}: "
            "иначе спокойная ночь оплатит утреннюю бурю.",
            f"After a long calm {allowed} retries in a row are allowed, and no more than {most} "
            "may be saved: else a calm night pays for the storm of the morning.",
            expected=most,
            got=allowed,
        )
    _as_the_model(case)


def _as_the_model(case: Case) -> None:
    most, earned_by = case.dice.randint(3, 9), case.dice.randint(3, 9)
    budget, saved = _made(case, "RetryBudget", most, earned_by), most * earned_by
    steps, wanted = [], []
    for _ in range(600):
        name = "succeeded" if case.dice.random() < 0.7 else "may_retry"
        is_allowed = saved >= earned_by
        if name == "succeeded":
            saved = min(most * earned_by, saved + 1)
        elif is_allowed:
            saved -= earned_by
        steps.append([name])
        wanted.append(is_allowed if name == "may_retry" else None)
    given = _do(case, budget, steps)
    for at, (got, expected) in enumerate(zip(given, wanted, strict=True)):
        if expected is not None and got is not expected:
            case.fail(
                f"RetryBudget({most}, {earned_by}): на {at + 1}-м из перемешанных шагов ответ "
                "не тот.",
                f"RetryBudget({most}, {earned_by}): step {at + 1} of mixed ones is answered "
                "wrongly.",
                expected=expected,
                got=got,
            )


# ---- the ring ----------------------------------------------------------------------------------


def same_everywhere(case: Case) -> None:
    servers, keys = [case.word() for _ in range(7)], [case.word() for _ in range(200)]
    first = _owners(case, _made(case, "HashRing", servers), keys)
    mixed = list(servers)
    case.dice.shuffle(mixed)
    ring = _made(case, "HashRing", mixed[:3])
    extra = case.word()
    steps = [["add", extra], *(["add", one] for one in mixed[3:]), ["remove", extra]]
    if told := _raised(_do(case, ring, steps)):
        case.fail("add или remove бросает ошибку.", "add or remove raises an error.", got=told)
    _compare_owners(
        case,
        (keys, first, _owners(case, ring, keys)),
        "Те же серверы, но названы в другом порядке и приходили по одному: ключи легли иначе. "
        "Место зависит от имени сервера, а не от очереди.",
        "The same servers in another order, come one by one: keys are elsewhere. A place depends "
        "on a server's name and not on its turn.",
    )
    given = json.dumps({"servers": servers, "keys": keys}).encode()
    for seed in ("11", "12"):
        run = case.script(_HARNESS, "owners", stdin=given, environment={"PYTHONHASHSEED": seed})
        second = json.loads(run.succeeded().text)
        _compare_owners(
            case,
            (keys, first, second),
            "Другой процесс с теми же серверами ищет ключ на другом сервере: hash() у строк в "
            "каждом процессе свой.",
            "Another process with the same servers looks for a key on another one: hash() of a "
            "string differs from process to process.",
        )


def remap(case: Case) -> None:
    names, keys = [f"node-{n}" for n in range(1, 11)], [f"cus_{n}" for n in range(_KEYS)]
    ring = _made(case, "HashRing", names[:-1])
    before = _owners(case, ring, keys)
    _do(case, ring, [["add", names[-1]]])
    after = _owners(case, ring, keys)
    _do(case, ring, [["remove", names[4]]])
    _only_to(case, (keys, before, after), names[-1])
    _only_from(case, (keys, after, _owners(case, ring, keys)), names[4])
    moved = sum(old != new for old, new in zip(before, after, strict=True)) / _KEYS
    if not 0 < moved <= _MOVED / len(names):
        case.fail(
            f"Десятый сервер забрал {moved:.1%} ключей; его доля — десятая, с запасом 12 %.",
            f"The tenth server took {moved:.1%} of the keys; its share is a tenth, 12 % at most.",
            expected=f"≤ {_MOVED / len(names):.0%}",
            got=f"{moved:.1%}",
        )


def even(case: Case) -> None:
    names, keys = [f"node-{n}" for n in range(1, 11)], [f"cus_{n}" for n in range(_KEYS)]
    counts = Counter(_owners(case, _made(case, "HashRing", names), keys))
    name, most = counts.most_common(1)[0]
    if most > _EVEN * _KEYS / len(names) or len(counts) < len(names):
        case.fail(
            f"На {name} лежит {most} ключей из {_KEYS}, ровная доля — {_KEYS // len(names)}. На "
            "кольце у сервера должно быть много точек, сотни: при одной доли различаются в разы.",
            f"{name} has {most} keys of {_KEYS}, an equal share is {_KEYS // len(names)}. On a "
            "ring a server needs many points, hundreds: with one the shares are several times "
            "apart.",
            expected=f"≤ {_EVEN * _KEYS / len(names):.0f}",
            got=dict(counts.most_common()),
        )


def _only_to(case: Case, found: tuple[list[str], list[str], list[str]], new: str) -> None:
    for key, old, now in zip(*found, strict=True):
        if now not in (old, new):
            case.fail(
                f"Добавили {new}, а ключ {key} переехал с {old} на {now}: на новый сервер можно, "
                "между старыми — нет.",
                f"{new} was added, and the key {key} moved from {old} to {now}: to the new one it "
                "may, between old ones it may not.",
                expected=f"{old} / {new}",
                got=now,
            )


def _only_from(case: Case, found: tuple[list[str], list[str], list[str]], gone: str) -> None:
    for key, old, now in zip(*found, strict=True):
        if (old == gone) is (now == old):
            case.fail(
                f"Убрали {gone}: ключ {key} был на {old}, стал на {now}. Переезжают ключи "
                "ушедшего, и только они.",
                f"{gone} was removed: the key {key} was on {old} and is on {now}. The keys of the "
                "one that left move, and no others.",
                got=now,
            )


# ---- inside the models -------------------------------------------------------------------------


def slow_server(case: Case) -> None:
    p99 = max(_call(case, "slow_server", seed) for seed in _seeds(case, 2))
    if p99 > _SLOW_P99_S:
        case.fail(
            f"Модель: один сервер из десяти впятеро медленнее, p99 — {p99:.2f} с. К медленному "
            "копится очередь.",
            f"The model: one server of ten is five times slower, and p99 is {p99:.2f} s. A queue "
            "piles up at the slow one.",
            expected=f"≤ {_SLOW_P99_S} s",
            got=f"{p99:.3f} s",
        )


def outage(case: Case) -> None:
    told = _call(case, "outage", _MOST_RETRIES, _EARNED_BY, True, 0.0, 1)
    if told["answered_at_end"] < _ANSWERED:
        case.fail(
            "Модель: десять медленных секунд давно кончились, а ответов так и нет — повторы держат "
            "сервис занятым.",
            "The model: ten slow seconds are long over, and there are still no answers: retries "
            "keep the service busy.",
            expected=f"≥ {_ANSWERED:.0%}",
            got=f"{told['answered_at_end']:.1%}",
        )
    for seed in _seeds(case, 1):
        told = _call(case, "outage", _MOST_RETRIES, _EARNED_BY, False, 0.03, seed)
        if told["answered"] < _ANSWERED:
            case.fail(
                "Модель: сервис здоров, сеть теряет 3 % пакетов, и бюджета 10 % должно хватать.",
                "The model: the service is healthy, the network loses 3 % of packets, and a budget "
                "of 10 % should do.",
                expected=f"≥ {_ANSWERED:.0%}",
                got=f"{told['answered']:.1%}",
            )


def cache(case: Case) -> None:
    names, keys = [f"cache-{n}" for n in range(9)], [f"sku_{n}" for n in range(2000)]
    told = _call(case, "cache", names, "cache-9", keys)
    if told["after"] < 1 - _MOVED / 10:
        case.fail(
            f"Модель: к девяти серверам кэша добавили десятый, и попаданий осталось "
            f"{told['after']:.0%}. Остальное разом ушло в базу.",
            f"The model: a tenth server joined nine of a cache, and {told['after']:.0%} of hits "
            "are left. All the rest went to the database at once.",
            expected=f"≥ {1 - _MOVED / 10:.0%}",
            got=f"{told['after']:.1%}",
        )


# ---- the rig -----------------------------------------------------------------------------------


def _call(case: Case, function: str, *arguments: Any) -> Any:
    own = Path(__file__).parent / "starter" / _HARNESS
    if case.read(_HARNESS).split() != own.read_text(encoding="utf-8").split():
        case.fail(
            f"{_HARNESS} изменён: проверка понимает только тот, что был выдан. Верните его.",
            f"{_HARNESS} was changed: the check understands the one that was handed out. "
            "Put it back.",
            where=_HARNESS,
        )
    try:
        return case.module("rig").call(function, *arguments)
    except RaisedError as error:
        case.fail(
            f"balancing.py бросает {error.kind}: {error}",
            f"balancing.py raises {error.kind}: {error}",
            got=error.traceback,
        )


def _made(case: Case, kind: str, *arguments: Any) -> int:
    """With dice where it is a balancer; `seed` comes last where it is told."""
    if kind != "TwoChoices":
        return int(_call(case, "make", kind, list(arguments)))
    servers, *told = arguments
    seed = told[0] if told else case.dice.randint(1, 10**9)
    return int(_call(case, "make", kind, [servers], seed))


def _do(case: Case, number: int, steps: Sequence[Sequence[Any]]) -> list[Any]:
    return list(_call(case, "do", number, [list(one) for one in steps]))


def _passed(case: Case, number: int, times: int) -> Mapping[str, int]:
    return dict(_call(case, "passed", number, times))


def _owners(case: Case, number: int, keys: list[str]) -> list[str]:
    return list(_call(case, "owners", number, keys))


def _compare_owners(
    case: Case, found: tuple[list[str], list[str], list[str]], ru: str, en: str
) -> None:
    for key, expected, got in zip(*found, strict=True):
        if expected != got:
            case.fail(ru, en, expected=f"{key} → {expected}", got=f"{key} → {got}")


def _raised(given: Sequence[Any]) -> list[Any]:
    return [one for one in given if isinstance(one, dict) and "raised" in one]


def _seeds(case: Case, count: int) -> list[int]:
    return [case.dice.randint(1, 10**6) for _ in range(count)]
