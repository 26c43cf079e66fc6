"""What the dispatcher calls: points of customers. Nothing here knows JSON-RPC; do not change it.

On the wire `accrue` is called `loyalty.accrue`, and so are the others.
"""

import threading

_balances: dict[str, int] = {}
_lock = threading.Lock()


class BadArgument(Exception):
    """An argument has a wrong value: the caller's fault, -32602."""


class Refused(Exception):
    """The loyalty programme says no: its own number, its own data."""

    def __init__(self, code: int, message: str, data: dict[str, object]) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


def accrue(customer: str, points: int) -> int:
    """Adds points. Returns the balance."""
    _check_points(points)
    with _lock:
        _balances[customer] = _balances.get(customer, 0) + points
        return _balances[customer]


def spend(customer: str, points: int) -> int:
    """Takes points. Returns the balance."""
    _check_points(points)
    with _lock:
        balance = _balances.get(customer, 0)
        if points > balance:
            raise Refused(1001, "Not enough points", {"balance": balance, "asked": points})
        _balances[customer] = balance - points
        return _balances[customer]


def balance(customer: str) -> int:
    """Points of a customer; 0 where nothing is known of them."""
    with _lock:
        return _balances.get(customer, 0)


def forget(customer: str) -> None:
    """Removes a customer. Returns nothing."""
    with _lock:
        _balances.pop(customer, None)


def quote(amount: int, percent: int = 5) -> int:
    """How many points a purchase brings."""
    _check_points(amount)
    return amount * percent // 100


def levels() -> list[str]:
    return ["bronze", "silver", "gold"]


def audit(customer: str) -> int:
    """Always fails: the journal is not where it was."""
    raise ConnectionError(f"journal-7.internal:5432 refused the password of {customer}")


def expire(months: int) -> int:
    """Always fails: there is a mistake in it."""
    return len(months)  # type: ignore[arg-type]


def _check_points(points: int) -> None:
    if type(points) is not int or points < 1:
        raise BadArgument(f"a whole number from 1 is expected, not {points!r}")
