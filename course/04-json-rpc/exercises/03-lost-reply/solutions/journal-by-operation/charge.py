"""The line of the ledger carries the key: what the ledger has was charged, and nothing else was."""

import secrets
from collections.abc import Callable
from typing import Any

from lab import Bank, Books, Lost, Refused, Unknown


def charge(bank: Bank, params: dict[str, Any]) -> dict[str, Any]:
    with bank.transaction() as books:
        number = books.get("charged", params["key"])
        if number is None:
            number = _book(books, params)
        line = books.get("lines", str(number))
    if (line["customer"], line["amount"]) != (params["customer"], params["amount"]):
        raise Refused(1002, f"{params['key']} was a charge of {line['amount']}")
    return {"charge": number, "balance": line["balance"]}


def _book(books: Books, params: dict[str, Any]) -> int:
    balance = books.get("balances", params["customer"]) or 0
    if balance < params["amount"]:
        raise Refused(1003, "Not enough money")
    line = {**params, "balance": balance - params["amount"]}
    number = books.append(line)
    books.put("lines", str(number), line)
    books.put("charged", params["key"], number)
    books.put("balances", params["customer"], line["balance"])
    return number


def pay(call: Callable[..., Any], customer: str, amount: int) -> Any:
    asked = {"key": secrets.token_hex(16), "customer": customer, "amount": amount}
    left = 5
    while left:
        left -= 1
        try:
            return call("charge", asked, request_id=asked["key"])
        except Lost:
            if not left:
                raise Unknown(asked["key"]) from None
    raise AssertionError("there is at least one try")
