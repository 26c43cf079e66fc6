"""The till: it takes money. What has been taken is not given back, and it is not quick.

Not yours to change: the checks read its books.
"""

import threading
import time

_TAKES_S, _SLOW_S = 0.005, 0.2
_books = threading.Lock()

# Every order for which money was asked, and what was taken.
asked: list[str] = []
taken: list[dict[str, object]] = []


class Declined(Exception):
    """The card says no. It says the same tomorrow."""


class Away(Exception):
    """The till does not answer just now. Nothing has been taken."""


def take(client: str, order_id: str, amount_minor: int) -> str:
    """Takes the money, every time it is asked to; for orders that begin with `slow-`, slowly.

    Returns:
        Id of the charge.

    Raises:
        Declined: for orders that begin with `declined-`.
        Away: for orders that begin with `away-`, the first time.
    """
    time.sleep(_SLOW_S if order_id.startswith("slow-") else _TAKES_S)
    with _books:
        asked.append(order_id)
        if order_id.startswith("declined-"):
            raise Declined
        if order_id.startswith("away-") and asked.count(order_id) == 1:
            raise Away
        charge_id = f"ch_{len(taken) + 1:05}"
        row = {"charge_id": charge_id, "client": client, "order_id": order_id}
        taken.append({**row, "amount_minor": amount_minor})
        return charge_id
