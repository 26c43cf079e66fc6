"""Runs the deep query on a storefront without a guard, then puts the learner's limits before it."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphql import parse

from stend.course.amounts import Unit
from stend.course.case import Case
from stend.course.predictions import Amount, Choice, Idea, Within, compare, predicted, run_after
from stend.kit.languages import Text

from .starter import lab

_STARTER = Path(__file__).parent / "starter"
_LIMITS = "limits.toml"
_EXACTLY, _ABOUT = Within(amount=0.001), Within(share=0.1)
# Limits of our own, for what is asked before the learner's count.
_DEPTH_ALONE = lab.Limits(depth=10, cost=10**12)
_ALIASES, _WIDE = 60, 100

OBJECTS = Amount(
    "objects",
    Text(ru="Сколько объектов будет в ответе?", en="How many objects will be in the answer?"),
    Unit.COUNT,
    least=1,
    most=1e12,
    why=Text(
        ru="Умножают только списки: 3 категории, потом 9 товаров и 9 их категорий, 27 и 27, "
        "81 и 81, 243 и 243, 729 и 729.",
        en="Lists alone multiply: 3 categories, then 9 products and the 9 categories of these, "
        "27 and 27, 81 and 81, 243 and 243, 729 and 729.",
    ),
    ideas=(
        Idea(
            10,
            100,
            Text(
                ru="Уровни не складываются: каждый список умножает всё, что под ним.",
                en="Levels do not add up: each list multiplies all that is below it.",
            ),
        ),
        Idea(
            100_000,
            1e12,
            Text(
                ru="Не каждый уровень умножает: category у товара одна.",
                en="Not every level multiplies: a product has one category.",
            ),
        ),
        Idea(
            700,
            1200,
            Text(
                ru="Считать нужно все уровни, а не один последний.",
                en="All levels count, and not the last one alone.",
            ),
        ),
    ),
)
QUERIES = Amount(
    "queries",
    Text(
        ru="Сколько раз спросят хранилище без загрузчика?",
        en="How often is the store asked without a loader?",
    ),
    Unit.COUNT,
    least=1,
    most=1e12,
    why=Text(
        ru="Одно обращение за категориями, по одному за товарами каждой категории (3 + 9 + 27 + 81 "
        "+ 243) и по одному за категорией каждого товара (9 + 27 + 81 + 243 + 729).",
        en="One query for the categories, one for the products of each category (3 + 9 + 27 + 81 + "
        "243), one for the category of each product (9 + 27 + 81 + 243 + 729).",
    ),
    ideas=(
        Idea(
            1,
            30,
            Text(
                ru="Одно обращение на уровень бывает с загрузчиком. Без него — по одному на каждый "
                "вызов резолвера.",
                en="One query a level is what a loader gives. Without it there is one for every "
                "call of a resolver.",
            ),
        ),
        Idea(
            2000,
            2400,
            Text(
                ru="Столько объектов, а обращений меньше: товары категории приходят списком, за "
                "одно.",
                en="So many are the objects; queries are fewer: the products of a category come as "
                "a list, by one.",
            ),
        ),
    ),
)
LOADER = Choice(
    "loader",
    Text(ru="Что уменьшит загрузчик?", en="What does a loader make fewer?"),
    {
        "queries": Text(ru="обращения к хранилищу", en="queries to the store"),
        "objects": Text(ru="объекты в ответе", en="objects in the answer"),
        "both": Text(ru="и то, и другое", en="both"),
        "none": Text(ru="ничего", en="neither"),
    },
    why=Text(
        ru="Категорий всего три, и загрузчик помнит их на весь запрос: три обращения. Ответ при "
        "этом тот же, и собирать, хранить и слать его приходится целиком.",
        en="There are just three categories, and a loader remembers them for the request: three "
        "queries. The answer is the same, and all of it is put together, kept and sent.",
    ),
    ideas={
        "both": Text(
            ru="Ответ задан запросом: загрузчик не вправе отдать меньше, чем спросили.",
            en="The query says what the answer is: a loader may not give less than was asked for.",
        ),
    },
)
REFUSED = Amount(
    "queries-refused",
    Text(
        ru="Сколько раз спросят хранилище, если запрос отвергнет граница глубины?",
        en="How often is the store asked when the limit of depth refuses the query?",
    ),
    Unit.COUNT,
    least=0,
    most=1e12,
    why=Text(
        ru="Глубина видна в тексте: отказ приходит до выполнения, ни один резолвер не вызван.",
        en="Depth is seen in the text: the refusal comes before execution, no resolver is called.",
    ),
    ideas=(
        Idea(
            1,
            1e12,
            Text(
                ru="Граница — не счётчик по ходу дела: к тому времени, когда он сработал бы, "
                "хранилище уже занято.",
                en="A limit is no counter on the way: by the time that one went off, the store "
                "would be busy already.",
            ),
        ),
    ),
)
WIDE = Choice(
    "wide",
    Text(
        ru=f"Что сделает граница глубины 10 с запросом из {_ALIASES} псевдонимов?",
        en=f"What does a limit of depth 10 do to a query of {_ALIASES} aliases?",
    ),
    {
        "refused": Text(ru="отвергнет", en="refuses it"),
        "executed": Text(ru="пропустит", en="lets it pass"),
    },
    why=Text(
        ru="В нём три уровня: глубина его не видит. Ширину видит цена.",
        en="It has three levels: depth does not see it. Cost sees width.",
    ),
)
QUESTIONS = (OBJECTS, QUERIES, LOADER, REFUSED, WIDE)


@dataclass(frozen=True, slots=True)
class _Runs:
    bare: Any
    loaded: Any
    refused: Any
    wide_is_refused: bool


def complete(case: Case) -> None:
    predicted(case, QUESTIONS)


def objects(case: Case) -> None:
    compare(case, OBJECTS, _runs(case).bare.objects, _ABOUT)


def queries(case: Case) -> None:
    compare(case, QUERIES, _runs(case).bare.queries, _ABOUT)


def loader(case: Case) -> None:
    runs = _runs(case)
    fewer = {
        (True, False): "queries",
        (False, True): "objects",
        (True, True): "both",
        (False, False): "none",
    }
    fell = (runs.loaded.queries < runs.bare.queries, runs.loaded.objects < runs.bare.objects)
    compare(case, LOADER, fewer[fell])


def queries_refused(case: Case) -> None:
    compare(case, REFUSED, _runs(case).refused.queries, _EXACTLY)


def wide(case: Case) -> None:
    compare(case, WIDE, "refused" if _runs(case).wide_is_refused else "executed")


def twelve_pass(case: Case) -> None:
    limits = _limits(case)
    text = (_STARTER / "operations.graphql").read_text(encoding="utf-8")
    given = {"first": lab.FIRST, "after": None}
    for name, document in lab.operations(text).items():
        size = lab.size_of(document, given)
        if why := limits.refuse(size):
            case.fail(
                f"Ваши границы отвергают {name}: приложение сломано. Глубина {size.depth}, цена "
                f"{size.cost}.",
                f"Your limits refuse {name}: the app is broken. Depth {size.depth}, cost "
                f"{size.cost}.",
                expected=f"depth >= {size.depth}, cost >= {size.cost}",
                got=why,
                where=_LIMITS,
            )


def attacks_refused(case: Case) -> None:
    limits = _limits(case)
    for ru, en, text in _attacks(case):
        size = lab.size_of(parse(text), {})
        if limits.refuse(size) is None:
            case.fail(
                f"Ваши границы пропускают то, что кладёт базу: {ru}. Глубина {size.depth}, цена "
                f"{size.cost}.",
                f"Your limits let pass what brings the database down: {en}. Depth {size.depth}, "
                f"cost {size.cost}.",
                expected="refused",
                got=text[:400],
                where=_LIMITS,
            )
    outcome = lab.run(_query(), limits=limits)
    if outcome.refused is None or outcome.queries:
        raise ValueError("the guard of the lab executes what it has to refuse")


def _runs(case: Case) -> _Runs:
    return run_after(case, QUESTIONS, _run)


def _run(_: Case) -> _Runs:
    query = _query()
    size = lab.size_of(parse(_wide()), {})
    return _Runs(
        lab.run(query),
        lab.run(query, with_loader=True),
        lab.run(query, limits=_DEPTH_ALONE),
        _DEPTH_ALONE.refuse(size) is not None,
    )


def _query() -> str:
    return (_STARTER / "query.graphql").read_text(encoding="utf-8")


def _wide() -> str:
    shelf = f"categories {{ products(first: {_WIDE}) {{ title }} }}"
    return f"{{ {' '.join(f'a{n}: {shelf}' for n in range(_ALIASES))} }}"


def _attacks(case: Case) -> Iterator[tuple[str, str, str]]:
    yield "запрос из query.graphql", "the query of query.graphql", _query()
    yield f"{_ALIASES} псевдонимов", f"{_ALIASES} aliases", _wide()
    name, inner = case.word(), "title"
    for level in range(11, 5, -1):
        inner = f"{'category' if level % 2 else 'products(first: 1)'} {{ {inner} }}"
    outer = f"...{name}"
    for level in range(5, 1, -1):
        outer = f"{'category' if level % 2 else 'products(first: 1)'} {{ {outer} }}"
    yield (
        "та же глубина по одному товару, во фрагменте",
        "the same depth with one product each, in a fragment",
        f"{{ categories {{ {outer} }} }} fragment {name} on Category {{ {inner} }}",
    )
    first = case.dice.randint(90, 100)
    lists = f"products(first: {first}) {{ title }}"
    lists = f"categories {{ products(first: {first}) {{ category {{ {lists} }} }} }}"
    ru, en = f"два списка по {first}, один в другом", f"two lists of {first}, one in the other"
    yield ru, en, f"{{ {lists} }}"


def _limits(case: Case) -> Any:
    try:
        told = tomllib.loads(case.read(_LIMITS))
    except tomllib.TOMLDecodeError as error:
        case.fail(f"{_LIMITS} — не TOML: {error}", f"{_LIMITS} is no TOML: {error}", where=_LIMITS)
    numbers = {name: told.get(name) for name in ("depth", "cost")}
    if set(told) != set(numbers) or any(type(one) is not int for one in numbers.values()):
        case.fail(
            f"В {_LIMITS} два целых числа: depth и cost.",
            f"{_LIMITS} has two whole numbers, depth and cost.",
            expected="depth = …\ncost = …",
            got=told,
            where=_LIMITS,
        )
    return lab.Limits(**numbers)
