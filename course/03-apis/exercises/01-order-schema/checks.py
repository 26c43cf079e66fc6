"""Tries orders on the learner's schema, and reads the choices of a style."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stend.course.case import Case
from stend.course.formats import json_schema
from stend.course.formats.checks import check_strength, check_valid, opened
from stend.course.formats.contract import UnreadableError
from stend.course.formats.json_schema import VALUE, JsonSchema
from stend.course.formats.source import Source, pointer_of, read_source

from .choices import ARGUMENTS, CASES, EMPTY, STYLES

_SCHEMA, _CHOICES = "order.schema.json", "choices.yaml"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MOST_ARGUMENTS = 3
_MOST_LINES, _MOST_COMMENT, _MOST_QUANTITY, _MOST_MINOR = 50, 200, 99, 100_000_000
_Order = dict[str, Any]

# ---- the schema --------------------------------------------------------------------------------


def valid(case: Case) -> None:
    contract = _contract(case)
    check_valid(case, contract)
    tree = contract.source.tree
    if not isinstance(tree, dict) or tree.get("$schema") != _DIALECT:
        case.fail(
            "Схема не говорит, на каком она диалекте: без $schema каждый проверяющий выберет сам.",
            "The schema does not tell its dialect: without $schema every validator picks its own.",
            expected=_DIALECT,
            got=tree.get("$schema") if isinstance(tree, dict) else tree,
            where=contract.source.where(""),
        )


def bounds(case: Case) -> None:
    endless = case.word(12) * 5_000
    bad: list[_Order] = [
        {**_order(case), "comment": endless},
        {**_order(case), "delivery": {**_courier(case), "address": endless}},
        {**_order(case), "lines": [_line(case)] * 1_000},
    ]
    for one in bad:
        if _contract(case).judge(VALUE, one).accepted:
            name = next(name for name in one if len(str(one[name])) > 5_000)
            case.fail(
                f"У {name} нет границы: схема приняла {len(str(one[name]))} знаков.",
                f"{name} has no bound: the schema took {len(str(one[name]))} characters.",
                expected=f"{name}: refused",
                got=f"{str(one[name])[:40]}…",
                where=_contract(case).source.where(f"/properties/{name}"),
            )


def money_once(case: Case) -> None:
    source = _contract(case).source
    places = [
        pointer
        for pointer, schema in _schemas(source.tree)
        if isinstance(schema.get("properties"), dict) and "amount_minor" in schema["properties"]
    ]
    if len(places) != 1:
        case.fail(
            f"Деньги описаны {len(places)} раз: описание одно, а из обоих мест на него ведёт $ref.",
            f"Money is described {len(places)} times: it has one description, and a $ref from both "
            "places leads to it.",
            expected="1",
            got=places,
            where=source.where(places[-1] if places else ""),
        )


def accepts(case: Case) -> None:
    _check(case, good=_good(case))


def shape(case: Case) -> None:
    wanted = ("order_id", "status", "placed_at", "lines", "total", "delivery")
    bad: list[object] = [_without(_order(case), name) for name in wanted]
    bad += [
        {**_order(case), "coment": "typo"},
        {**_order(case), case.word(6): 1},
        {**_order(case), "comment": None},
        {**_order(case), "comment": "x" * (_MOST_COMMENT + 1)},
        {**_order(case), "order_id": case.dice.randint(1000, 9999)},
        {**_order(case), "order_id": f"x{_order_id(case)}"},
        {**_order(case), "order_id": f"{_order_id(case)}z"},
        {**_order(case), "order_id": "ord_12"},
        {**_order(case), "status": "Paid"},
        {**_order(case), "status": case.word(7)},
        {**_order(case), "status": 1},
        [],
        _order_id(case),
    ]
    _check(case, bad=bad)


def lines(case: Case) -> None:
    line = _line(case)
    quantities: list[object] = [0, -1, _MOST_QUANTITY + 1, 1.5, "2", True, None]
    bad = [[{**line, "quantity": one}] for one in quantities]
    bad += [[_without(line, name)] for name in line]
    bad += [
        [],
        [_line(case) for _ in range(_MOST_LINES + 1)],
        [_line(case), {**line, "quantty": 2}],
        [{**line, "sku": "milk-001"}],
        [{**line, "sku": f"X{line['sku']}-1"}],
        [line, line["sku"]],
    ]
    _check(case, bad=[{**_order(case), "lines": one} for one in bad])


def money(case: Case) -> None:
    rubles = case.dice.randint(100, 900)
    bad: list[object] = [
        {"amount_minor": rubles + 0.7, "currency": "RUB"},
        {"amount_minor": str(rubles), "currency": "RUB"},
        {"amount_minor": -rubles, "currency": "RUB"},
        {"amount_minor": _MOST_MINOR + 1, "currency": "RUB"},
        {"amount_minor": rubles},
        {"currency": "RUB"},
        {"amount_minor": rubles, "currency": "rub"},
        {"amount_minor": rubles, "currency": "RUBL"},
        {"amount_minor": rubles, "currency": "XXX"},
        {"amount_minor": rubles, "currency": "RUB", "amount": rubles / 100},
        rubles,
    ]
    orders: list[object] = [{**_order(case), "total": one} for one in bad]
    orders += [{**_order(case), "lines": [{**_line(case), "price": one}]} for one in bad]
    _check(case, bad=orders)


def time(case: Case) -> None:
    day = _day(case)
    bad: list[object] = [
        f"{day}T10:00:00",
        day,
        f"{day} 10.00",
        "2026-02-30T10:00:00Z",
        "05.06.2026",
        case.dice.randint(1_700_000_000, 1_800_000_000),
        "",
    ]
    orders = [{**_order(case), "placed_at": one} for one in bad]
    orders += [{**_order(case), "status": "paid", "paid_at": one} for one in bad]
    _check(case, bad=orders)


def paid(case: Case) -> None:
    order = _without(_order(case), "paid_at")
    bad = [
        {**order, "status": "paid"},
        {**order, "status": "new", "paid_at": _moment(case)},
        {**order, "status": "paid", "paid_at": None},
    ]
    _check(case, bad=bad)


def delivery(case: Case) -> None:
    point, address = _pickup(case), _courier(case)
    bad: list[object] = [
        {"kind": "pickup"},
        {"kind": "courier"},
        {**point, "kind": "courier"},
        {**address, "kind": "pickup"},
        {**point, "address": address["address"]},
        {**address, "point_id": point["point_id"]},
        {**address, "kind": "drone"},
        _without(point, "kind"),
        _without(address, "kind"),
        {**point, "point_id": "12"},
        {**address, "address": "x"},
        {**address, "address": "x" * (_MOST_COMMENT + 1)},
        "courier",
    ]
    _check(case, bad=[{**_order(case), "delivery": one} for one in bad])


def _check(case: Case, good: Sequence[object] = (), bad: Sequence[object] = ()) -> None:
    check_strength(case, _contract(case), VALUE, good, bad)


def _contract(case: Case) -> JsonSchema:
    return opened(case, _SCHEMA, json_schema.read)


def _schemas(tree: Any, steps: tuple[str | int, ...] = ()) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of the file with its pointer; those that are no schemas have no such members."""
    if isinstance(tree, dict):
        yield pointer_of(list(steps)), tree
        for name, one in tree.items():
            # Values that are compared, not schemas.
            if name not in ("enum", "const", "examples", "default"):
                yield from _schemas(one, (*steps, name))
    elif isinstance(tree, list):
        for number, one in enumerate(tree):
            yield from _schemas(one, (*steps, number))


# ---- orders ------------------------------------------------------------------------------------


def _good(case: Case) -> list[object]:
    order = _order(case)
    zone = {**order, "placed_at": f"{_day(case)}T23:59:59.5+03:00"}
    full = [_line(case) for _ in range(_MOST_LINES)]
    return [
        order,
        zone,
        {**order, "delivery": _courier(case), "comment": "я" * _MOST_COMMENT},
        {**order, "comment": ""},
        {**order, "status": "paid", "paid_at": _moment(case)},
        {**order, "status": "cancelled"},
        {**order, "status": "cancelled", "paid_at": _moment(case)},
        {**order, "lines": full},
        {**order, "lines": [{**_line(case), "quantity": _MOST_QUANTITY}]},
        {**order, "lines": [{**_line(case), "price": {"amount_minor": 0, "currency": "BYN"}}]},
        {**order, "total": {"amount_minor": _MOST_MINOR, "currency": "RUB"}},
    ]


def _order(case: Case) -> _Order:
    return {
        "order_id": _order_id(case),
        "status": "new",
        "placed_at": _moment(case),
        "lines": [_line(case)],
        "total": {"amount_minor": case.dice.randint(1, 900_000), "currency": "RUB"},
        "delivery": _pickup(case),
    }


def _order_id(case: Case) -> str:
    return f"ord_{case.dice.randint(1000, 999_999_999)}"


def _line(case: Case) -> _Order:
    letters = "".join(case.dice.choices("ABCDEKMOPT", k=case.dice.randint(2, 4)))
    return {
        "sku": f"{letters}-{case.dice.randint(100, 99999)}",
        "quantity": case.dice.randint(1, _MOST_QUANTITY),
        "price": {"amount_minor": case.dice.randint(1, 90_000), "currency": "RUB"},
    }


def _pickup(case: Case) -> _Order:
    return {"kind": "pickup", "point_id": f"pnt_{case.dice.randint(100, 999)}"}


def _courier(case: Case) -> _Order:
    return {"kind": "courier", "address": f"{case.word(8)}, {case.dice.randint(1, 99)}"}


def _day(case: Case) -> str:
    return f"2026-{case.dice.randint(1, 12):02}-{case.dice.randint(1, 28):02}"


def _moment(case: Case) -> str:
    return f"{_day(case)}T{case.dice.randint(10, 23)}:15:00Z"


def _without(value: Mapping[str, Any], name: str) -> _Order:
    return {one: told for one, told in value.items() if one != name}


# ---- the choice of a style ---------------------------------------------------------------------


def filled(case: Case) -> None:
    source = _table(case)
    table = source.tree if isinstance(source.tree, dict) else {}
    for name in CASES:
        row = table.get(name)
        style = _style(row) if isinstance(row, dict) else None
        if style not in STYLES:
            case.fail(
                f"{name}: нужен style, один из шести.",
                f"{name}: a style is wanted, one of the six.",
                expected=" / ".join(STYLES),
                got=row,
                where=source.where(f"/{name}"),
            )
        because = row.get("because") if isinstance(row, dict) else None
        known = isinstance(because, list) and all(one in ARGUMENTS for one in because)
        if not known or not 1 <= len(because or ()) <= _MOST_ARGUMENTS:
            case.fail(
                f"{name}: because — от одного до трёх доводов из списка. Кто приводит все, не "
                "приводит ни одного.",
                f"{name}: because has one to three arguments of the list. Whoever brings all of "
                "them brings none.",
                expected=f"1–{_MOST_ARGUMENTS}: {', '.join(ARGUMENTS)}",
                got=because,
                where=source.where(f"/{name}/because"),
            )
    if strange := [name for name in table if name not in CASES]:
        case.fail(
            f"Случая {strange[0]} в задании нет.",
            f"There is no case {strange[0]} in the task.",
            expected=", ".join(CASES),
            got=strange[0],
            where=source.where(f"/{strange[0]}"),
        )


def styles(case: Case) -> None:
    source = _table(case)
    for name, about in CASES.items():
        style = _style(source.tree[name])
        if style not in about.accepted:
            case.fail(
                f"{name}: {style} не выдерживает ограничения: {about.decides.ru}.",
                f"{name}: {style} does not stand the constraint: {about.decides.en}.",
                got=style,
                where=source.where(f"/{name}/style"),
            )


def arguments(case: Case) -> None:
    source = _table(case)
    for name, about in CASES.items():
        row = source.tree[name]
        given, choice = row["because"], about.accepted[_style(row)]
        where = source.where(f"/{name}/because")
        for one in given:
            if one in EMPTY:
                case.fail(
                    f"{name}: «{one}» можно сказать о чём угодно; случай этого не подтверждает.",
                    f"{name}: “{one}” can be said of anything; the case does not bear it out.",
                    got=one,
                    where=where,
                )
            if one not in choice.needed | choice.also:
                case.fail(
                    f"{name}: довод {one} не из этого случая или не за этот стиль.",
                    f"{name}: the argument {one} is not of this case, or not for this style.",
                    got=one,
                    where=where,
                )
        if not choice.needed <= set(given):
            case.fail(
                f"{name}: стиль верный, а главного довода нет. Решает вот что: {about.decides.ru}.",
                f"{name}: the style is right, and the main argument is missing. What decides: "
                f"{about.decides.en}.",
                got=given,
                where=where,
            )


def _style(row: Mapping[str, Any]) -> str:
    return str(row.get("style", "")).strip().casefold()


def _table(case: Case) -> Source:
    def reading() -> Source:
        try:
            return read_source(case.read(_CHOICES), _CHOICES)
        except UnreadableError as no:
            told = no.problem.sentence
            case.fail(told.ru, told.en, where=no.problem.where)

    return case.once("choices", reading)
