"""The payments of `lab.py` with banks and shops that learners think of first."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, product
from types import SimpleNamespace
from typing import Any

from .starter import lab

Attempts = Sequence[str | int]
_AMOUNT = 100
_START = 10_000
# More than any of these banks has steps.
_STEPS = 12


@dataclass(frozen=True, slots=True)
class Found:
    """
    Attributes:
        remedies: with which of them every schedule ends in one charge that the shop knows of.
    """

    reply_lost: int
    gave_up: int
    late_request: int
    same_id: str
    crash_between: str
    remedies: frozenset[str]


def run() -> Found:
    return Found(
        reply_lost=_charges(_plain, _new_id, ["reply-lost"]),
        gave_up=_charges(_plain, _new_id, ["reply-lost"] * 5),
        late_request=_charges(_plain, _new_id, ["late"]),
        same_id=_WORDS[_charges(_plain, _same_id, ["reply-lost"])],
        crash_between=_WORDS[_charges(_key_after, _with_key, [_between(_key_after)])],
        remedies=frozenset(name for name, both in _REMEDIES.items() if _always_once(*both)),
    )


def hard_schedules() -> Iterator[Attempts]:
    """Up to three troubles in a row, and a crash at every step, with another one after it."""
    troubles = ("request-lost", "reply-lost", "late", "twice", "ok")
    for length in range(4):
        yield from product(troubles, repeat=length)
    crashes = range(_STEPS)
    yield from product(crashes)
    yield from product(crashes, (*crashes, *troubles))
    yield from product(troubles, crashes)


def _play(charge: Callable[..., Any], pay: Callable[..., Any], attempts: Attempts) -> Any:
    def load() -> Any:
        return SimpleNamespace(charge=charge, pay=pay)

    return lab.play(attempts, [("anna", _AMOUNT)], {"anna": _START}, load)


def _charges(charge: Callable[..., Any], pay: Callable[..., Any], attempts: Attempts) -> int:
    return len(_play(charge, pay, attempts)["ledger"])


def _always_once(charge: Callable[..., Any], pay: Callable[..., Any]) -> bool:
    for attempts in hard_schedules():
        told = _play(charge, pay, attempts)
        if len(told["ledger"]) != 1 or "receipt" not in told["outcomes"][0]:
            return False
    return True


def _between(charge: Callable[..., Any]) -> int:
    """The step at which the money is committed and the key is not yet."""
    for step in count():
        bank = lab.Bank({"anna": _START})
        bank.crash_in = step
        try:
            charge(bank, {"customer": "anna", "amount": _AMOUNT, "operation_id": "x"})
        except lab.Crash:
            if bank.ledger and not bank.tables.get("operations"):
                return step
            continue
        break
    raise ValueError("the money and the key are one transaction")


# ---- banks -------------------------------------------------------------------------------------


def _taken(books: Any, params: Mapping[str, Any]) -> dict[str, Any]:
    left = books.get("balances", params["customer"]) - params["amount"]
    books.put("balances", params["customer"], left)
    row = {"customer": params["customer"], "amount": params["amount"]}
    return {"charge": books.append(row), "balance": left}


def _plain(bank: Any, params: Mapping[str, Any]) -> dict[str, Any]:
    with bank.transaction() as books:
        return _taken(books, params)


def _key_after(bank: Any, params: Mapping[str, Any]) -> Any:
    key = params["operation_id"]
    with bank.transaction() as books:
        known = books.get("operations", key)
    if known is None:
        with bank.transaction() as books:
            known = _taken(books, params)
        with bank.transaction() as books:
            books.put("operations", key, known)
    return known


def _key_before(bank: Any, params: Mapping[str, Any]) -> Any:
    key = params["operation_id"]
    with bank.transaction() as books:
        is_new = books.get("operations", key) is None
        if is_new:
            books.put("operations", key, {"charge": None})
    if is_new:
        with bank.transaction() as books:
            books.put("operations", key, _taken(books, params))
    with bank.transaction() as books:
        return books.get("operations", key)


def _key_together(bank: Any, params: Mapping[str, Any]) -> Any:
    key = params["operation_id"]
    with bank.transaction() as books:
        known = books.get("operations", key)
        if known is None:
            known = _taken(books, params)
            books.put("operations", key, known)
    return known


# ---- shops -------------------------------------------------------------------------------------


def _tried(call: Callable[[], Any], tries: int = 5) -> Any:
    for _ in range(tries):
        try:
            return call()
        except lab.Lost:
            continue
    raise lab.Unknown


def _new_id(call: Callable[..., Any], customer: str, amount: int) -> Any:
    return _tried(lambda: call("charge", {"customer": customer, "amount": amount}))


def _same_id(call: Callable[..., Any], customer: str, amount: int) -> Any:
    return _tried(lambda: call("charge", {"customer": customer, "amount": amount}, 7))


def _once(call: Callable[..., Any], customer: str, amount: int) -> Any:
    return _tried(lambda: call("charge", {"customer": customer, "amount": amount}), 1)


def _with_key(call: Callable[..., Any], customer: str, amount: int) -> Any:
    params = {"customer": customer, "amount": amount, "operation_id": "pay-1"}
    return _tried(lambda: call("charge", params))


_WORDS = {0: "never", 1: "once", 2: "twice"}
_REMEDIES: Mapping[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "same-id": (_plain, _same_id),
    "no-retry": (_plain, _once),
    "key-after": (_key_after, _with_key),
    "key-before": (_key_before, _with_key),
    "key-together": (_key_together, _with_key),
}
