"""Loads batches with the learner's loader, and compares the tables with what the batches say.

`warehouse.py` of the starter loads them in the process of the learner's code; what must be in
the tables is computed by `batches.py`, from the last contents of every batch.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from stend.course.case import Case
from stend.course.sandbox.calls import RaisedError
from stend.kit.languages import Text

from .batches import (
    CUSTOMERS,
    EVER,
    SALES,
    Batch,
    Change,
    Sale,
    Tables,
    Version,
    World,
    later,
    meant,
)

_HARNESS = "warehouse"
_CRASHES = 6
_MANY_CRASHES = 16
_SHOWN = 6


def works(case: Case) -> None:
    world = World(case)
    batch = Batch(1, *world.some(3, 5))
    _loaded(
        case,
        [batch],
        "Первая пачка легла в таблицы не так, как обещано.",
        "The first batch is not in the tables as it was promised.",
    )


def replay(case: Case) -> None:
    world = World(case)
    first, second = Batch(1, *world.some(2, 3)), Batch(2, *world.some(2, 3))
    _loaded(
        case,
        [first, first, second, first],
        "Пачку загрузили ещё раз, и таблицы от этого изменились. Повтор ничего не меняет.",
        "A batch was loaded once more, and that has changed the tables. A repetition changes "
        "nothing.",
    )


def duplicates(case: Case) -> None:
    world = World(case)
    changes, sold = world.some(2, 3)
    first = Batch(1, [*changes, changes[0]], [*sold, sold[0], sold[0]])
    more, others = world.some(1, 2)
    second = Batch(2, [*more, changes[1]], [*others, sold[1]])
    _loaded(
        case,
        [first, second],
        "Одна и та же строка пришла дважды — в одной пачке или в двух — и учтена не один раз.",
        "The same row came twice, in one batch or in two, and does not count once.",
    )


def replaced(case: Case) -> None:
    world = World(case)
    changes, sold = world.some(2, 4)
    second = Batch(2, [], [sold[1], *world.some(0, 1, changes)[1]])
    mended = Sale(sold[0].order, sold[0].line, sold[0].customer, sold[0].at, sold[0].amount + 500)
    moved = Change(changes[0].customer, "Murmansk", "gold", changes[0].phone, changes[0].at)
    again = Batch(1, [moved, changes[1]], [mended, sold[2]])
    _loaded(
        case,
        [Batch(1, changes, sold), second, again],
        "Пачка пришла снова, исправленной: её новое содержимое заменяет прежнее. Чего в ней больше "
        "нет, того нет, если этого не принесла другая пачка.",
        "A batch came again, corrected: its new contents replace the old ones. What it no longer "
        "has is gone, unless another batch has brought it.",
    )


def history(case: Case) -> None:
    world = World(case)
    customer, (first, second, third) = world.customer(), world.moments(3)
    kazan = Change(customer, "Kazan", "base", world.phone(), first)
    omsk = Change(customer, "Omsk", "base", world.phone(), second)
    called = Change(customer, "Omsk", "base", world.phone(), third)
    loads = [
        Batch(1, [kazan], [world.sale(customer, later(first, 60))]),
        Batch(2, [omsk], [world.sale(customer, second)]),
        Batch(3, [called], [world.sale(customer, later(third, 60))]),
    ]
    _loaded(
        case,
        loads,
        "История покупателя не та: новая версия — это новый city или level, с мига changed_at "
        "включительно; phone во всех версиях последний.",
        "The history of a customer is wrong: a new version is another city or level, from "
        "changed_at on, that moment included; phone is the last one in every version.",
    )


def late(case: Case) -> None:
    steps = (_late_sale, _late_change, _late_and_alike, _unknown_customer)
    told = [step(World(case)) for step in steps]
    known = Batch(
        1, [row for one in told for row in one[0]], [row for one in told for row in one[1]]
    )
    loads = [known, *(Batch(place, one[2], one[3]) for place, one in enumerate(told, 2))]
    for place, result in enumerate(_followed(case, loads)):
        _no_problem(case, result)
        # What is there from the beginning may be wrong for the customer who came after his sales.
        sentence = told[place - 1][4] if place else told[-1][4]
        _same(case, result, [meant(loads[: place + 1])], sentence.ru, sentence.en)


_Late = tuple[Sequence[Change], Sequence[Sale], Sequence[Change], Sequence[Sale], Text]


def _late_sale(world: World) -> _Late:
    customer, (first, second, third) = world.customer(), world.moments(3)
    changes = [world.change(customer, "Kazan", first), world.change(customer, "Omsk", third)]
    sentence = Text(
        ru="Продажа опоздала и отнесена не к той версии покупателя, что действовала тогда.",
        en="A sale came late, and does not belong to the version of the customer that was valid "
        "when it was made.",
    )
    return changes, [], [], [world.sale(customer, second)], sentence


def _late_change(world: World) -> _Late:
    customer, times = world.customer(), world.moments(6)
    known = [world.change(customer, "Kazan", times[0]), world.change(customer, "Omsk", times[4])]
    sold = [world.sale(customer, times[one]) for one in (1, 3, 5)]
    sentence = Text(
        ru="Изменение покупателя опоздало: оно делит версию, в которую попало, и продажи после "
        "него переходят к новой.",
        en="A change of a customer came late: it divides the version that it falls into, and the "
        "sales after it go over to the new one.",
    )
    return known, sold, [world.change(customer, "Perm", times[2])], [], sentence


def _late_and_alike(world: World) -> _Late:
    customer, times = world.customer(), world.moments(5)
    known = [world.change(customer, "Kazan", times[0]), world.change(customer, "Omsk", times[3])]
    sold = [world.sale(customer, times[one]) for one in (2, 4)]
    sentence = Text(
        ru="Опоздавшее изменение оказалось таким же, как следующее: следующее больше не начинает "
        "версии.",
        en="A late change turned out to be the same as the next one: that no longer begins a "
        "version.",
    )
    return known, sold, [world.change(customer, "Omsk", times[1])], [], sentence


def _unknown_customer(world: World) -> _Late:
    customer, times = world.customer(), world.moments(3)
    sold = [world.sale(customer, times[0]), world.sale(customer, times[2])]
    sentence = Text(
        ru="Продажа пришла раньше своего покупателя: её ключ 0, пока о покупателе ничего не "
        "известно на этот миг, а потом — ключ его версии. Терять её нельзя.",
        en="A sale came before its customer: its key is 0 as long as nothing is known of him at "
        "that moment, and that of his version then. It must not get lost.",
    )
    return [], sold, [world.change(customer, "Tula", times[1])], [], sentence


def keys_stay(case: Case) -> None:
    world = World(case)
    customer, times = world.customer(), world.moments(4)
    known = [world.change(customer, "Kazan", times[1]), world.change(customer, "Omsk", times[3])]
    loads = [
        Batch(2, known, [world.sale(customer, times[3])]),
        Batch(1, *world.some(3, 3)),
        Batch(3, [world.change(customer, "Perm", times[0])]),
        Batch(4, [world.change(customer, "Tula", times[2])]),
        Batch(2, known, [world.sale(customer, times[3])]),
    ]
    before: dict[Version, int] = {}
    for result in _followed(case, loads):
        _no_problem(case, result)
        keys = {(row[1], row[5]): row[0] for row in result["dim"]}
        if len(set(keys.values())) != len(keys) or 0 in keys.values():
            case.fail(
                "customer_key у версий повторяется или равен 0.",
                "The customer_key of versions is repeated, or is 0.",
                expected="a key of its own for every row",
                got=_lines(result["dim"]),
            )
        for version, key in keys.items():
            if before.get(version, key) != key:
                case.fail(
                    "Пачка сменила ключ у версии, которая осталась: всё, что на него ссылалось, "
                    "теперь показывает на чужую.",
                    "A batch has changed the key of a version that is still there: whatever "
                    "referred to it points at another one now.",
                    expected=f"{_cell(version)}: {before[version]}",
                    got=f"{_cell(version)}: {key}",
                )
        before |= keys


def drift(case: Case) -> None:
    world = World(case)
    first = Batch(1, *world.some(2, 3))
    changes, sold = world.some(2, 3)
    bad = [*_drifted(case, changes, sold)]
    # One of each kind would replace a batch that is in already.
    bad += [(what, replace(one, number=1)) for what, one in (bad[0], bad[3])]
    loads = [first, *(one for _, one in bad)]
    good = Batch(3, *world.some(1, 2))
    turned = Batch(4, changes, sold, CUSTOMERS[::-1], SALES[::-1])
    _, *results, next_night, other_order = _followed(case, [*loads, good, turned])
    for place, result in enumerate(results):
        _refused(case, first, result, bad[place][0])
    _no_problem(case, next_night)
    _same(
        case,
        next_night,
        [meant([first, good])],
        "Пачку отвергли, и следа не было видно, но следующая загрузка достала из неё строки.",
        "A batch was refused and no trace of it was seen, and the next load brought rows of it.",
    )
    _no_problem(case, other_order)
    _same(
        case,
        other_order,
        [meant([first, good, turned])],
        "Столбцы те же, но в другом порядке. Имена сошлись — это не Drift, и каждое значение идёт "
        "в свой столбец.",
        "The columns are the same, in another order. Their names are as agreed: that is no drift, "
        "and every value goes to its own column.",
    )


def _drifted(
    case: Case, changes: Sequence[Change], sold: Sequence[Sale]
) -> Iterable[tuple[str, Batch]]:
    extra = case.word(6)
    without = tuple(one for one in SALES if one != "line")
    yield f"sales.csv + {extra}", Batch(2, changes, sold, sales=(*SALES, extra))
    yield f"customers.csv + {extra}", Batch(2, changes, sold, (*CUSTOMERS, extra))
    yield "sales.csv - line", Batch(2, changes, sold, sales=without)
    cents = f"{case.dice.randint(10, 99)}.50"
    for file, column, value in (
        ("sales", "amount", cents),
        ("sales", "amount", case.word(4)),
        ("sales", "sold_at", "2026-02-30 10:00:00"),
        ("customers", "changed_at", "01.02.2026"),
    ):
        spoiled = {(file, column): value}
        yield f"{file}.csv, {column} = {value}", Batch(2, changes, sold, spoiled=spoiled)


def _refused(case: Case, first: Batch, result: Mapping[str, Any], what: str) -> None:
    if result["raised"] != "Drift":
        case.fail(
            f"Пачка не такая, как договорились ({what}), а load не бросила Drift.",
            f"A batch is not as agreed ({what}), and load has not raised Drift.",
            expected="Drift",
            got=result.get("traceback") or result["raised"] or "loaded",
        )
    _same(
        case,
        result,
        [meant([first])],
        f"Пачка отвергнута ({what}), а таблицы всё-таки изменились. Отвергнутая пачка не "
        "оставляет следа и не трогает прежнего содержимого.",
        f"A batch was refused ({what}), and the tables have changed all the same. A refused "
        "batch leaves no trace, and does not touch what was there before.",
    )


def half_way(case: Case) -> None:
    _killed(case, _CRASHES, "")


def every_step(case: Case) -> None:
    _killed(case, _MANY_CRASHES, "every step")


def _killed(case: Case, crashes: int, process: str) -> None:
    world = World(case)
    first = Batch(1, *world.some(2, 4))
    (_, alone) = _followed(case, [first, _halves(world, first, 2)], process)
    _no_problem(case, alone)
    loads = [first]
    for number, step in enumerate(_spread(alone["steps"], crashes), 2):
        batch = _halves(world, first, number)
        loads += [replace(batch, dies_before=step), batch]
    before = meant([])
    for place, (load, result) in enumerate(
        zip(loads, _followed(case, loads, process), strict=True)
    ):
        after = meant(loads[: place + 1])
        died = result["raised"] == "Crash"
        if not died:
            _no_problem(case, result)
        _same(
            case,
            result,
            [before, after] if died else [after],
            f"Процесс погиб перед вызовом {load.dies_before} базы, и в таблицах половина пачки. "
            "Читатель видит её либо всю, либо никакой."
            if died
            else "Загрузка погибла на середине, её повторили, и в таблицах не то, что в пачках.",
            f"The process died before call {load.dies_before} of the database, and half of the "
            "batch is in the tables. A reader sees all of it or none."
            if died
            else "A load died half-way and was repeated, and the tables are not what the batches "
            "say.",
        )
        before = after


def _halves(world: World, known: Batch, number: int) -> Batch:
    """New customers and sales, and a late change that moves sales of the first batch."""
    changes, sold = world.some(1, 2)
    moved = world.change(known.sold[0].customer, world.city(), world.moments(1)[0])
    return Batch(number, [*changes, moved], sold)


def _spread(steps: int, most: int) -> Sequence[int]:
    """Every step, or as many as there is time for, the last one among them."""
    count = min(steps, most)
    return sorted({steps - (steps - 1) * one // max(1, count - 1) for one in range(count)})


def validity(case: Case) -> None:
    _, results = _at_random(case)
    for result in results:
        by_customer: dict[str, list[Any]] = defaultdict(list)
        for row in result["dim"]:
            by_customer[row[1]].append(row)
        for rows in by_customer.values():
            ends = [*(row[5] for row in rows[1:]), EVER]
            if any(row[6] != end for row, end in zip(rows, ends, strict=True)):
                case.fail(
                    "Версии одного покупателя пересекаются, оставляют дыру или текущая не одна: "
                    "until каждой — это since следующей, у последней 9999-12-31.",
                    "Versions of one customer overlap, leave a gap, or there is not just one "
                    "current: until of each is since of the next, 9999-12-31 of the last.",
                    expected=ends,
                    got=_lines(rows),
                )


def totals(case: Case) -> None:
    loads, results = _at_random(case)
    for place, result in enumerate(results):
        wanted = meant(loads[: place + 1])
        days: Counter[str] = Counter()
        for row, count in wanted.facts.items():
            days[row[3][:10]] += row[4] * count
        got: Counter[str] = Counter()
        for row in result["facts"]:
            got[row[3][:10]] += row[4]
        differing = sorted(one for one in days | got if days[one] != got[one])
        if differing:
            case.fail(
                "Сверка не сошлась: сумма продаж за день в хранилище не та, что в пачках.",
                "The reconciliation fails: the sum of a day's sales in the warehouse is not that "
                "in the batches.",
                expected={one: days[one] for one in differing[:_SHOWN]},
                got={one: got[one] for one in differing[:_SHOWN]},
            )
        _same(
            case,
            result,
            [wanted],
            "Суммы за день сошлись, а строки нет: продажа или версия не та.",
            "The sums of the days agree, the rows do not: a sale or a version is wrong.",
        )


def any_order(case: Case) -> None:
    loads = _random_loads(case, 6, replacing=False)
    for _ in range(2):
        _loaded(
            case,
            loads,
            "Те же пачки, загруженные в другом порядке, дали другие таблицы.",
            "The same batches, loaded in another order, make other tables.",
            "any order",
        )
        case.dice.shuffle(loads)


def _at_random(case: Case) -> tuple[list[Batch], list[Any]]:
    def making() -> tuple[list[Batch], list[Any]]:
        loads = _random_loads(case, 6, replacing=True)
        results = _followed(case, loads)
        for one in results:
            _no_problem(case, one)
        return loads, results

    return case.once("random", making)


def _random_loads(case: Case, count: int, *, replacing: bool) -> list[Batch]:
    """Rows out of one heap, so that they come late, twice, and in batches that come again."""
    world = World(case)
    customers = [world.customer() for _ in range(4)]
    changes = [
        world.change(one, world.city(), moment, world.level())
        for one in customers
        for moment in world.moments(4)
    ]
    sold = [world.sale(case.dice.choice(customers), one) for one in world.moments(16)]
    loads = []
    for place in range(1, count + 1):
        comes_again = replacing and place > 3 and case.dice.random() < 0.5
        number = case.dice.randint(1, place) if comes_again else place
        loads.append(Batch(number, case.dice.choices(changes, k=3), case.dice.choices(sold, k=4)))
    return loads


def _loaded(case: Case, loads: Sequence[Batch], ru: str, en: str, process: str = "") -> None:
    """After every load the tables are what was loaded so far."""
    for place, result in enumerate(_followed(case, loads, process)):
        _no_problem(case, result)
        _same(case, result, [meant(loads[: place + 1])], ru, en)


def _followed(case: Case, loads: Sequence[Batch], process: str = "") -> list[Any]:
    # A call for each load: a busy machine may be slow, and a call may not take for ever.
    module = case.module(_HARNESS, process)
    try:
        module.call("begin")
        found: list[Any] = [module.call("load", one.told()) for one in loads]
    except RaisedError as error:
        case.fail(
            f"Модуль loader не загрузился, или migrate не отработала: {error.kind}: {error}",
            f"The module loader was not loaded, or migrate did not get through: "
            f"{error.kind}: {error}",
            got=error.traceback,
        )
    return [
        {**one, "load": f"{place}, batch {load.number}"}
        for place, (load, one) in enumerate(zip(loads, found, strict=True), 1)
    ]


def _no_problem(case: Case, result: Mapping[str, Any]) -> None:
    if result["raised"]:
        case.fail(
            f"load бросила {result['raised']} на пачке, с которой всё в порядке.",
            f"load has raised {result['raised']} at a batch that is all right.",
            expected="None",
            got=result.get("traceback"),
            where=f"load {result['load']}",
        )


def _same(
    case: Case, result: Mapping[str, Any], accepted: Sequence[Tables], ru: str, en: str
) -> None:
    """The tables are one of these."""
    versions: Mapping[int, Version] = {row[0]: (row[1], row[5]) for row in result["dim"]}
    dim = Counter(tuple(row[1:]) for row in result["dim"])
    facts = Counter(
        (row[0], row[1], _version_of(row[2], versions), row[3], row[4]) for row in result["facts"]
    )
    if any((dim, facts) == (one.dim, one.facts) for one in accepted):
        return
    wanted = accepted[-1]
    expected, got = (wanted.dim, dim) if dim != wanted.dim else (wanted.facts, facts)
    case.fail(
        ru,
        en,
        expected=_lines((expected - got).elements()) or "–",
        got=_lines((got - expected).elements()) or "–",
        where=f"load {result['load']}: {'dim_customer' if dim != wanted.dim else 'fact_sales'}",
    )


def _version_of(key: int | None, versions: Mapping[int, Version]) -> object:
    return None if key == 0 else versions.get(key or -1, f"customer_key {key}: no such row")


def _lines(rows: Iterable[Sequence[Any]]) -> str:
    shown = sorted(" | ".join(_cell(cell) for cell in row) for row in rows)
    more = [f"… {len(shown) - _SHOWN} more"] if len(shown) > _SHOWN else []
    return "\n".join([*shown[:_SHOWN], *more])


def _cell(cell: object) -> str:
    if isinstance(cell, tuple):
        return f"{cell[0]} since {cell[1]}"
    return "key 0" if cell is None else str(cell)
