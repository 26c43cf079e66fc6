"""A bank, a shop, and a network between them that loses what it is told to. Not to be changed.

`python lab.py` plays a few schedules with your charge.py.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

_MOST_CALLS = 50


class Lost(Exception):
    """No answer has come. It says nothing of whether the call was performed."""


class Unknown(Exception):
    """The shop gives up, and does not know whether the money was taken."""


class Refused(Exception):
    """An error of JSON-RPC: the bank has answered, and the answer is no."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Crash(BaseException):
    """The bank's process dies here. What was not committed is gone."""


class Books:
    """What one transaction sees."""

    def __init__(self, bank: "Bank", tables: dict[str, dict[str, Any]], ledger: list[Any]) -> None:
        self._bank = bank
        self.tables = tables
        self.ledger = ledger

    def get(self, table: str, key: str) -> Any:
        """A copy of the row; None where there is none."""
        self._bank.step()
        return deepcopy(self.tables.setdefault(table, {}).get(key))

    def put(self, table: str, key: str, row: Any) -> None:
        self._bank.step()
        self.tables.setdefault(table, {})[key] = deepcopy(row)

    def append(self, row: Any) -> int:
        """Adds a line to the ledger. Returns its number, from 1."""
        self._bank.step()
        self.ledger.append(deepcopy(row))
        return len(self.ledger)


class Bank:
    """What survives a crash: tables and the ledger."""

    def __init__(self, balances: Mapping[str, int]) -> None:
        self.tables: dict[str, dict[str, Any]] = {"balances": dict(balances)}
        self.ledger: list[Any] = []
        # After so many steps the process dies; None: it does not.
        self.crash_in: int | None = None

    @contextmanager
    def transaction(self) -> Iterator[Books]:
        """All of it or nothing: what is raised inside, and a crash, roll it back."""
        # Rows are copied where they come in and go out, so their tables are enough here.
        tables = {name: dict(rows) for name, rows in self.tables.items()}
        books = Books(self, tables, list(self.ledger))
        yield books
        self.step()
        self.tables, self.ledger = books.tables, books.ledger
        self.step()

    def step(self) -> None:
        if self.crash_in is not None:
            self.crash_in -= 1
            if self.crash_in < 0:
                raise Crash


class Network:
    """
    Args:
        load: the shop and the bank's method as `charge` and `pay`; a crashed bank loads them anew.
        attempts: what happens to each call: "ok", "request-lost", "reply-lost", "late" (it arrives
            when everybody has stopped waiting), "twice" (it arrives two times), or a number: the
            bank dies after so many steps. After the last one all is well.
    """

    def __init__(self, load: Callable[[], Any], bank: Bank, attempts: Sequence[str | int]) -> None:
        self._load = load
        self._server = load()
        self._bank = bank
        self._attempts = list(attempts)
        self._late: list[Any] = []
        self.calls: list[Any] = []

    def call(self, method: str, params: dict[str, Any], request_id: object = None) -> Any:
        """One call of JSON-RPC.

        Args:
            request_id: None: one that was not used before.

        Raises:
            Lost: there is no answer.
            Refused: the answer is an error.
        """
        if len(self.calls) >= _MOST_CALLS:
            raise RuntimeError(f"{_MOST_CALLS} calls, and there is no end of it")
        made_id = len(self.calls) + 1 if request_id is None else request_id
        request = {"jsonrpc": "2.0", "id": made_id, "method": method, "params": params}
        # What cannot travel as JSON cannot travel.
        self.calls.append(json.loads(json.dumps(request)))
        attempt = self._attempts.pop(0) if self._attempts else "ok"
        if attempt == "late":
            self._late.append(self.calls[-1])
        if attempt in {"late", "request-lost"}:
            raise Lost
        if attempt == "twice":
            self._answer(self.calls[-1])
        if isinstance(attempt, int):
            self._bank.crash_in = attempt
        answer = self._answer(self.calls[-1])
        if attempt == "reply-lost" or answer is None:
            raise Lost
        if "error" in answer:
            raise Refused(answer["error"]["code"], answer["error"]["message"])
        return answer["result"]

    def deliver(self, request: Any) -> Any:
        """The answer to a request that somebody has kept."""
        return self._answer(request)

    def end(self) -> None:
        """What was late arrives."""
        for request in self._late:
            self._answer(request)

    def _answer(self, request: Any) -> Any:
        known = {"jsonrpc": "2.0", "id": request["id"]}
        if request["method"] != "charge":
            return {**known, "error": {"code": -32601, "message": "Method not found"}}
        try:
            result = self._server.charge(self._bank, deepcopy(request["params"]))
        except Refused as no:
            return {**known, "error": {"code": no.code, "message": no.message}}
        except Crash:
            self._server = self._load()
            return None
        finally:
            self._bank.crash_in = None
        return {**known, "result": json.loads(json.dumps(result))}


def loaded() -> Any:
    """Your charge.py, as a new process would have it."""
    names: dict[str, Any] = {"__name__": "charge"}
    exec(_code(), names)  # noqa: S102
    return SimpleNamespace(**names)


@cache
def _code() -> Any:
    path = Path(__file__).with_name("charge.py")
    return compile(path.read_text(encoding="utf-8"), str(path), "exec")


def play(
    attempts: Sequence[str | int],
    payments: Sequence[tuple[str, int]],
    balances: Mapping[str, int],
    load: Callable[[], Any] = loaded,
) -> dict[str, Any]:
    """The shop makes the payments, one after the other. Returns what everybody has in the end."""
    bank = Bank(balances)
    network = Network(load, bank, attempts)
    shop = load()
    outcomes: list[Any] = []
    for customer, amount in payments:
        try:
            outcomes.append({"receipt": shop.pay(network.call, customer, amount)})
        except Unknown:
            outcomes.append({"unknown": True})
        except Refused as no:
            outcomes.append({"refused": no.code})
    network.end()
    told = {"ledger": bank.ledger, "balances": bank.tables["balances"]}
    return {"outcomes": outcomes, "calls": len(network.calls), **told}


def play_all(rows: Sequence[tuple[Any, Any, Any]]) -> list[dict[str, Any]]:
    """`play` for each of them."""
    return [play(*row) for row in rows]


def play_changed(customer: str, amount: int, other: int) -> dict[str, Any]:
    """A payment; then somebody sends its request again with another amount."""
    bank = Bank({customer: amount + other})
    network = Network(loaded, bank, ())
    loaded().pay(network.call, customer, amount)
    kept = deepcopy(network.calls[-1])
    kept["params"]["amount"] = other
    return {"answer": network.deliver(kept), "ledger": bank.ledger}


def main() -> None:
    for attempts in ([], ["request-lost"], ["reply-lost"], ["late"], ["twice"], [3], [5]):
        told = play(attempts, [("anna", 100)], {"anna": 1000})
        print(attempts, told["outcomes"][0], f"{len(told['ledger'])} in the ledger")


if __name__ == "__main__":
    # Under its own name, as charge.py imports it: two of them would have two kinds of Lost.
    import lab

    lab.main()
