"""The shop's side of a payment, and the bank's. So far a lost reply costs a customer twice."""

from collections.abc import Callable
from typing import Any

from lab import Bank, Lost, Refused, Unknown


def charge(bank: Bank, params: dict[str, Any]) -> dict[str, Any]:
    """The method `charge`, in the bank."""
    customer, amount = params["customer"], params["amount"]
    with bank.transaction() as books:
        left = (books.get("balances", customer) or 0) - amount
        if left < 0:
            raise Refused(1003, "Not enough money")
        books.put("balances", customer, left)
        number = books.append({"customer": customer, "amount": amount})
    return {"charge": number, "balance": left}


def pay(call: Callable[..., Any], customer: str, amount: int) -> Any:
    """One payment, in the shop. Returns what the bank has answered."""
    for _ in range(5):
        try:
            return call("charge", {"customer": customer, "amount": amount})
        except Lost:
            continue
    raise Unknown("five calls, and no answer")
