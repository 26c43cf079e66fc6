"""Whether an order was lost: what customers were told, beside what the shop knows in the end."""

import json
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stend.shop.orders.domain import OrderErrorCode
from stend.shop.orders.reconciliation.sides import KNOWN_LOSSES

_RUNS = "/api/v1/reconciliations"
_ENDED = {"clean", "findings", "incomplete"}
_LOOK_EVERY_S = 0.2
_PAUSE_S = 2.0
_RUN_S = 120
# How long sagas may need when no customer comes any more.
_SETTLED_S = 180
_PLACES = "PlaceOrder"
# A customer who thinks better of it may come too late. No other rule is in a customer's way: that
# an accepted order is not known, for one, would be an error.
_RULES = frozenset({OrderErrorCode.TRANSITION_FORBIDDEN})


@dataclass(frozen=True, slots=True)
class Placed:
    """What the customers saw.

    Attributes:
        sent: orders that they wanted to place.
        ok: that the shop has accepted.
        unsure: they were told nothing, or of a failure: the shop may have accepted them or not.
    """

    sent: int
    ok: int
    unsure: int


def placed(traffic: Mapping[str, Any]) -> Placed:
    """
    Args:
        traffic: what `stend traffic --json` prints.
    """
    rows = [row for row in traffic["rows"] if row["operation"] == _PLACES]
    sent, ok = (sum(row[name] for row in rows) for name in ("sent", "ok"))
    return Placed(sent, ok, sent - ok)


def errors(traffic: Mapping[str, Any]) -> dict[str, int]:
    """Answers that say that something is wrong, and requests without one."""
    return _told(traffic, lambda code: code not in _RULES)


def refusals(traffic: Mapping[str, Any]) -> dict[str, int]:
    """Answers that follow from the shop's rules, such as to a cancellation that comes too late."""
    return _told(traffic, lambda code: code in _RULES)


def _told(traffic: Mapping[str, Any], counts: Callable[[str], bool]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for row in traffic["rows"]:
        for code, count in row["errors"].items():
            if counts(code):
                found[f"{row['protocol']} {row['operation']}: {code}"] += count
    return dict(found.most_common())


def lost(told: Placed, known: int) -> int:
    """Orders that were accepted and are not known.

    Args:
        known: how many orders the shop knows more than before.
    """
    return max(0, told.ok - known)


class UnknownError(Exception):
    """No run of the reconciliation was complete: says what was in its way."""


def settled(url: str) -> dict[str, Any]:
    """The report of a run that has found every order at its end, or of the last complete one.

    Raises:
        UnknownError: no run was complete.
    """
    ends_at = time.monotonic() + _SETTLED_S
    report: dict[str, Any] | None = None
    reason: Exception | None = None
    while time.monotonic() < ends_at and (report is None or report["in_progress"]):
        time.sleep(_PAUSE_S)
        try:
            report = reconciled(url)
        except UnknownError as error:
            # A service that was asked too much is not asked for a while.
            reason = error
    if report is None:
        raise reason or UnknownError("no run was made")
    return report


def reconciled(url: str) -> dict[str, Any]:
    """The report of a run made now.

    Raises:
        UnknownError: it was incomplete, did not end, or nobody answered.
    """
    try:
        run = _run(url)
    except OSError as error:
        raise UnknownError(str(error)) from error
    if "report" not in run:
        raise UnknownError(run.get("reason", run["state"]))
    report: dict[str, Any] = run["report"]
    return report


def _run(url: str) -> dict[str, Any]:
    run_id = _asked(url, _RUNS, b"")["run_id"]
    ends_at = time.monotonic() + _RUN_S
    while True:
        run = _asked(url, f"{_RUNS}/{run_id}")
        if run["state"] in _ENDED or time.monotonic() > ends_at:
            return run
        time.sleep(_LOOK_EVERY_S)


def unbalanced(kinds: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Findings by kind, without losses that the shop knows of and has booked."""
    return {one["kind"]: one["count"] for one in kinds if one["kind"] not in KNOWN_LOSSES}


def _asked(url: str, path: str, body: bytes | None = None) -> dict[str, Any]:
    # Always the address of a stand that was started here.
    with urllib.request.urlopen(f"{url}{path}", data=body, timeout=10) as answer:  # noqa: S310
        told: dict[str, Any] = json.load(answer)
        return told
