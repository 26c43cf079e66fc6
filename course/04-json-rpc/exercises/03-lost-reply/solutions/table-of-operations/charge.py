"""The shop names a payment once; the bank keeps its outcome by that name, beside the money."""

import uuid
from collections.abc import Callable
from typing import Any

from lab import Bank, Lost, Refused, Unknown

TRIES = 5


def charge(bank: Bank, params: dict[str, Any]) -> dict[str, Any]:
    customer, amount = params["customer"], params["amount"]
    asked = {"customer": customer, "amount": amount}
    with bank.transaction() as books:
        known = books.get("operations", params["operation_id"])
        if known is not None:
            if known["asked"] != asked:
                raise Refused(1002, "This operation_id belongs to another payment")
            return known["answer"]
        left = (books.get("balances", customer) or 0) - amount
        if left < 0:
            raise Refused(1003, "Not enough money")
        books.put("balances", customer, left)
        answer = {"charge": books.append(asked), "balance": left}
        # In the same transaction as the money: no crash fits between them.
        books.put("operations", params["operation_id"], {"asked": asked, "answer": answer})
    return answer


def pay(call: Callable[..., Any], customer: str, amount: int) -> Any:
    # Before the first call, and the same for all of them.
    operation_id = str(uuid.uuid4())
    params = {"operation_id": operation_id, "customer": customer, "amount": amount}
    for _ in range(TRIES):
        try:
            return call("charge", params)
        except Lost:
            pass
    raise Unknown(f"{operation_id}: no answer to {TRIES} calls")
