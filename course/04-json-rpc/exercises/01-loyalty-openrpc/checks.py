"""Reads the contract that the learner wrote, and judges hidden parameters and results by it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from stend.course.case import Case
from stend.course.formats import openrpc
from stend.course.formats.checks import check_compatible, check_strength, check_valid, opened
from stend.course.formats.openrpc import OpenRpc, RpcMethod, Structure, breaking
from stend.course.formats.schemas import resolved
from stend.course.formats.source import at

_V1, _V2 = "openrpc.yaml", "v2.yaml"
_LEVELS = ("bronze", "silver", "gold")
_ID = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
# By method: parameters, and whether each is required; how many ways there are to refuse.
_METHODS: Mapping[str, tuple[Mapping[str, bool], int]] = {
    "loyalty.balance": ({"customer_id": True}, 1),
    "loyalty.accrue": ({"customer_id": True, "operation_id": True, "amount_minor": True}, 2),
    "loyalty.spend": ({"customer_id": True, "operation_id": True, "points": True}, 3),
    "loyalty.history": ({"customer_id": True, "after": False, "limit": False}, 1),
}


# ---- the checks --------------------------------------------------------------------------------


def valid(case: Case) -> None:
    check_valid(case, _v1(case))


def methods(case: Case) -> None:
    for name, (params, _) in _METHODS.items():
        _check_params(case, _method(case, _v1(case), name), params)


def by_name(case: Case) -> None:
    for method in _v1(case).operations():
        if method.structure is not Structure.BY_NAME:
            case.fail(
                f"{method.name} разрешает параметры по порядку: порядок станет частью контракта, "
                "и новый параметр придётся дописывать в конец.",
                f"{method.name} allows parameters by position: their order becomes part of the "
                "contract, and a new one can only be added at the end.",
                expected="paramStructure: by-name",
                got=f"paramStructure: {method.structure.value}",
                where=method.where,
            )


def errors(case: Case) -> None:
    contract = _v1(case)
    for name, (_, least) in _METHODS.items():
        method = _method(case, contract, name)
        told = method.errors or {}
        if len(told) < least:
            case.fail(
                f"{name} умеет отказать {least} способами, а в контракте их {len(told)}.",
                f"{name} can refuse in {least} ways, and the contract tells {len(told)}.",
                expected=least,
                got=dict(told),
                where=method.where,
            )
    _check_codes(case, contract)
    codes = {name: sorted(_method(case, contract, name).errors or {}) for name in _METHODS}
    if not set.intersection(*map(set, codes.values())):
        case.fail(
            "Покупателя может не быть в любом методе, а общего кода у методов нет.",
            "The customer may be unknown to every method, and no code is common to them all.",
            expected="one code in every method",
            got=codes,
        )


def examples(case: Case) -> None:
    contract = _v1(case)
    for method in (_method(case, contract, name) for name in _METHODS):
        pairs = _examples(contract, method)
        if not pairs:
            case.fail(
                f"У {method.name} нет ни одного примера: по нему клиент понимает контракт быстрее, "
                "чем по схеме.",
                f"{method.name} has no example: a client understands it sooner than a schema.",
                expected="examples: [{name, params, result}]",
                where=method.where,
            )
        for pointer, params, result in pairs:
            for part, value in (("params", params), ("result", result)):
                verdict = contract.judge(f"{method.name} {part}", value)
                if verdict.reason is not None:
                    case.fail(
                        f"Пример {method.name} противоречит своему же контракту ({part}). "
                        f"{verdict.reason.ru}",
                        f"An example of {method.name} contradicts its own contract ({part}). "
                        f"{verdict.reason.en}",
                        expected=f"{part}: accepted",
                        got=value,
                        where=contract.source.where(pointer),
                    )


def parameters(case: Case) -> None:
    for name in _METHODS:
        good, bad = _PARAMS[name](case)
        check_strength(case, _v1(case), f"{name} params", good, bad)


def results(case: Case) -> None:
    for name, make in _RESULTS.items():
        good = [make(case) for _ in range(2)]
        good.append({**good[0], case.word(): case.word()})
        bad: list[object] = [_without(good[0], one) for one in good[0]]
        check_strength(case, _v1(case), f"{name} result", good, [*bad, *_BAD_RESULTS[name](case)])


def valid_v2(case: Case) -> None:
    check_valid(case, _v2(case))


def compatible(case: Case) -> None:
    v1, v2 = _v1(case), _v2(case)
    check_compatible(case, breaking(v1, v2))
    for before in v1.operations():
        after = _method(case, v2, before.name)
        if gone := sorted(set(before.errors or {}) - set(after.errors or {})):
            case.fail(
                f"У {before.name} больше нет ошибки {gone[0]}: клиент, который ветвится по этому "
                "числу, её не узнает.",
                f"{before.name} no longer has the error {gone[0]}: a client that branches on this "
                "number does not know it any more.",
                expected=dict(before.errors or {}),
                got=dict(after.errors or {}),
                where=after.where,
            )


def granted(case: Case) -> None:
    v2 = _v2(case)
    _check_codes(case, v2)
    for number, wish in enumerate((_comment, _expiry, _transfer, _ceiling, _tier, _renamed), 1):
        wish(case, v2, number)


# ---- the contract ------------------------------------------------------------------------------


def _v1(case: Case) -> OpenRpc:
    return opened(case, _V1, openrpc.read)


def _v2(case: Case) -> OpenRpc:
    return opened(case, _V2, openrpc.read)


def _method(case: Case, contract: OpenRpc, name: str) -> RpcMethod:
    found = contract.method(name)
    if found is None or found.result is None:
        case.fail(
            f"В {contract.file} нет метода {name} с результатом.",
            f"{contract.file} has no method {name} with a result.",
            expected=name,
            got=", ".join(one.name for one in contract.operations()) or "–",
            where=found.where if found else contract.file,
        )
    return found


def _check_params(case: Case, method: RpcMethod, wanted: Mapping[str, bool]) -> None:
    there = {one.name: one.required for one in method.params}
    if there != dict(wanted):
        case.fail(
            f"{method.name}: параметры или их обязательность не те.",
            f"{method.name}: its parameters, or which of them are required, are others.",
            expected={name: _told(required) for name, required in wanted.items()},
            got={name: _told(required) for name, required in there.items()},
            where=method.where,
        )


def _told(required: bool) -> str:
    return "required" if required else "optional"


def _check_codes(case: Case, contract: OpenRpc) -> None:
    meanings: dict[int, str] = {}
    for method in contract.operations():
        for code, message in (method.errors or {}).items():
            if -32768 <= code <= -32000 and not -32099 <= code <= -32000:
                case.fail(
                    f"{method.name}: код {code} занят протоколом или отложен для него.",
                    f"{method.name}: the code {code} belongs to the protocol, or is kept for it.",
                    expected="≥ -31999, ≤ -32769, -32099 … -32000",
                    got=code,
                    where=method.where,
                )
            meanings.setdefault(code, message)
            same_code = meanings[code] == message
            same_message = sum(one == message for one in meanings.values()) == 1
            if not (same_code and same_message):
                case.fail(
                    f"{method.name}: код {code} и сообщение «{message}» значат в разных методах "
                    "разное: клиент ветвится по числу.",
                    f'{method.name}: the code {code} and the message "{message}" mean different '
                    "things in different methods: clients branch on the number.",
                    expected="one code, one meaning",
                    got=meanings,
                    where=method.where,
                )


def _examples(contract: OpenRpc, method: RpcMethod) -> Sequence[tuple[str, Any, Any]]:
    """Where each stands, its params by name, its result."""
    tree, found = contract.tree, []
    for index in range(len(at(tree, method.pointer).get("examples") or ())):
        pointer = resolved(tree, f"{method.pointer}/examples/{index}")
        row = at(tree, pointer)
        count = len(row.get("params") or ())
        rows = [at(tree, resolved(tree, f"{pointer}/params/{one}")) for one in range(count)]
        result = at(tree, resolved(tree, f"{pointer}/result")) if "result" in row else {}
        params = {one.get("name", ""): one.get("value") for one in rows}
        found.append((pointer, params, result.get("value")))
    return found


# ---- parameters --------------------------------------------------------------------------------
_Sides = tuple[list[object], list[object]]


def _customer(case: Case) -> str:
    return "cus_" + "".join(case.dice.choices(_ID, k=case.dice.randint(1, 32)))


def _bad_customers(case: Case) -> Sequence[object]:
    long = "".join(case.dice.choices(_ID, k=33))
    return ("", "cus_", f"cus_{long}", f"x{_customer(case)}", f"{_customer(case)} ", 42, None)


def _bad_operations(case: Case) -> Sequence[object]:
    return ("", case.word(65), f"{case.word()}/7", f"{case.word()} {case.word()}", 7, None)


def _balance(case: Case) -> _Sides:
    base: dict[str, object] = {"customer_id": _customer(case)}
    bad: list[object] = [{"customer_id": one} for one in _bad_customers(case)]
    return [base, {"customer_id": "cus_1"}], [*bad, {}, {**base, case.word(): 1}]


def _accrue(case: Case) -> _Sides:
    most = 10_000_000_000
    return _changing(case, "amount_minor", (1, most), (0, -1, most + 1, "100", 99.5, None))


def _spend(case: Case) -> _Sides:
    return _changing(case, "points", (1, 1_000_000), (0, -5, 1_000_001, "5", 0.5, None))


def _changing(case: Case, name: str, good: Sequence[object], bad: Sequence[object]) -> _Sides:
    base: dict[str, object] = {"customer_id": _customer(case), "operation_id": case.word(64)}
    base[name] = good[0]
    refused: list[object] = [{**base, name: one} for one in bad]
    refused += [{**base, "operation_id": one} for one in _bad_operations(case)]
    refused += [{**base, "customer_id": one} for one in _bad_customers(case)]
    refused += [_without(base, one) for one in base]
    refused.append({**base, "token": case.word()})
    taken: list[object] = [{**base, name: one} for one in good]
    return [*taken, {**base, "operation_id": "Ord_17-a"}], refused


def _history(case: Case) -> _Sides:
    base: dict[str, object] = {"customer_id": _customer(case)}
    good: list[object] = [base, {**base, "limit": 1}, {**base, "limit": 100, "after": 0}]
    bad: list[object] = [{**base, "limit": one} for one in (0, 101, "10", 1.5)]
    return good, [*bad, {**base, "after": -1}, {**base, "after": "x"}, {"limit": 10}]


_PARAMS: Mapping[str, Callable[[Case], _Sides]] = {
    "loyalty.balance": _balance,
    "loyalty.accrue": _accrue,
    "loyalty.spend": _spend,
    "loyalty.history": _history,
}


# ---- results -----------------------------------------------------------------------------------


def _without(base: Mapping[str, object], name: str) -> dict[str, object]:
    return {key: value for key, value in base.items() if key != name}


def _account(case: Case) -> dict[str, object]:
    points = case.dice.randint(0, 10**7)
    return {"customer_id": _customer(case), "points": points, "level": case.dice.choice(_LEVELS)}


def _booked(case: Case) -> dict[str, object]:
    points = case.dice.randint(-5000, 5000)
    row = {"operation_id": case.word(), "points": points, "balance": case.dice.randint(0, 9999)}
    return {**row, "replayed": case.dice.choice((True, False))}


def _entry(case: Case) -> dict[str, object]:
    minute = case.dice.randint(10, 59)
    return {**_without(_booked(case), "replayed"), "occurred_at": f"2026-03-01T10:{minute}:00Z"}


def _page(case: Case) -> dict[str, object]:
    next_after = case.dice.choice((None, case.dice.randint(1, 9999)))
    entries = [_entry(case) for _ in range(case.dice.randint(0, 3))]
    return {"entries": entries, "next_after": next_after}


def _bad_accounts(case: Case) -> list[object]:
    base = _account(case)
    bad: list[object] = [{**base, "level": one} for one in (case.word(), "Gold", "", None, 1)]
    return [*bad, {**base, "points": -1}, {**base, "points": "7"}, {**base, "points": 0.5}, None]


def _bad_booked(case: Case) -> list[object]:
    base = _booked(case)
    bad: list[object] = [{**base, "replayed": one} for one in ("yes", 1, None)]
    return [*bad, {**base, "balance": -1}, {**base, "points": 1.5}, {**base, "operation_id": 7}]


def _bad_pages(case: Case) -> list[object]:
    entry = _entry(case)
    wrong = [_without(entry, one) for one in entry]
    wrong += [{**entry, "occurred_at": one} for one in ("yesterday", "2026-03-01", 1772359200)]
    bad: list[object] = [{"entries": [one], "next_after": None} for one in wrong]
    return [*bad, {"entries": {}, "next_after": None}, {"entries": [], "next_after": "x"}, [entry]]


_RESULTS: Mapping[str, Callable[[Case], dict[str, object]]] = {
    "loyalty.balance": _account,
    "loyalty.accrue": _booked,
    "loyalty.spend": _booked,
    "loyalty.history": _page,
}
_BAD_RESULTS: Mapping[str, Callable[[Case], list[object]]] = {
    "loyalty.balance": _bad_accounts,
    "loyalty.accrue": _bad_booked,
    "loyalty.spend": _bad_booked,
    "loyalty.history": _bad_pages,
}


# ---- what v2 is asked for ----------------------------------------------------------------------


def _judge(
    case: Case, v2: OpenRpc, number: int, where: str, good: list[object], bad: list[object]
) -> None:
    _method(case, v2, where.partition(" ")[0])
    for value, is_good in (*((one, True) for one in good), *((one, False) for one in bad)):
        verdict = v2.judge(where, value)
        if verdict.accepted is is_good:
            continue
        ru, en = ("не принимает", "refuses") if is_good else ("принимает", "takes")
        why = verdict.reason
        case.fail(
            f"Просьба {number} не выполнена: {where} {ru} это. {why.ru if why else ''}".strip(),
            f"Wish {number} is not granted: {where} {en} this. {why.en if why else ''}".strip(),
            got=value,
            where=next(one.where for one in v2.messages() if one.name == where),
        )


def _account_v2(case: Case) -> dict[str, object]:
    row = {"tier": "platinum", "expires_at": "2026-12-31T21:00:00Z"}
    return {**_account(case), **row}


def _comment(case: Case, v2: OpenRpc, number: int) -> None:
    base = {"customer_id": _customer(case), "operation_id": case.word(), "amount_minor": 100}
    good: list[object] = [base, {**base, "comment": case.word(100)}]
    bad: list[object] = [{**base, "comment": case.word(101)}, {**base, "comment": 7}]
    _judge(case, v2, number, "loyalty.accrue params", good, bad)


def _expiry(case: Case, v2: OpenRpc, number: int) -> None:
    base = _account_v2(case)
    bad: list[object] = [_without(base, "expires_at"), {**base, "expires_at": case.word()}]
    good: list[object] = [base, {**base, "expires_at": None}]
    _judge(case, v2, number, "loyalty.balance result", good, bad)


def _transfer(case: Case, v2: OpenRpc, number: int) -> None:
    method = _method(case, v2, "loyalty.transfer")
    wanted = ("customer_id", "to_customer_id", "operation_id", "points")
    _check_params(case, method, dict.fromkeys(wanted, True))
    base = {"customer_id": _customer(case), "to_customer_id": _customer(case)}
    whole = {**base, "operation_id": case.word(), "points": case.dice.randint(1, 10**6)}
    bad: list[object] = [{**whole, "to_customer_id": one} for one in _bad_customers(case)]
    bad += [{**whole, "operation_id": one} for one in _bad_operations(case)]
    _judge(case, v2, number, "loyalty.transfer params", [whole], [*bad, {**whole, "points": 0}])
    good: list[object] = [_booked(case)]
    _judge(case, v2, number, "loyalty.transfer result", good, _bad_booked(case))
    spend = _method(case, v2, "loyalty.spend")
    if set(method.errors or {}) < set(spend.errors or {}) or method.structure != spend.structure:
        case.fail(
            f"Просьба {number} не выполнена: loyalty.transfer отказывает так же, как "
            "loyalty.spend, и тоже только по имени.",
            f"Wish {number} is not granted: loyalty.transfer refuses as loyalty.spend does, and "
            "takes its parameters by name, too.",
            expected=sorted(spend.errors or {}),
            got=sorted(method.errors or {}),
            where=method.where,
        )


def _ceiling(case: Case, v2: OpenRpc, number: int) -> None:
    base = {"customer_id": _customer(case), "operation_id": case.word()}
    good: list[object] = [{**base, "points": 5_000_000}]
    bad: list[object] = [{**base, "points": 5_000_001}]
    _judge(case, v2, number, "loyalty.spend params", good, bad)


def _tier(case: Case, v2: OpenRpc, number: int) -> None:
    base = _account_v2(case)
    good: list[object] = [{**base, "tier": one} for one in (*_LEVELS, "platinum")]
    bad: list[object] = [_without(base, "tier"), {**base, "tier": case.word()}]
    _judge(case, v2, number, "loyalty.balance result", good, bad)


def _renamed(case: Case, v2: OpenRpc, number: int) -> None:
    old, new = _method(case, v2, "loyalty.history"), _method(case, v2, "loyalty.entries")
    good, bad = _history(case)
    _judge(case, v2, number, "loyalty.entries params", good, bad)
    _judge(case, v2, number, "loyalty.entries result", [_page(case)], _bad_pages(case))
    if not old.deprecated or new.deprecated:
        case.fail(
            f"Просьба {number} не выполнена: устаревшим помечен не loyalty.history.",
            f"Wish {number} is not granted: it is not loyalty.history that is marked deprecated.",
            expected={"loyalty.history": "deprecated: true"},
            where=old.where,
        )
