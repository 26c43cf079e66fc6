"""Runs of the reconciliation as the API tells them, for a page to show. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stend.kit.money import Currency, Money
from stend.portal.draft import address
from stend.shop.orders.usecases import Operation

_UNDER_WAY = frozenset({"waiting", "running"})


@dataclass(frozen=True, slots=True)
class FindingView:
    kind: str
    is_known_loss: bool
    order_id: str | None
    link: str | None
    subject: str | None
    expected: str
    actual: str
    amount: Money | None
    actual_amount: Money | None

    @property
    def at_stake(self) -> Money | None:
        """The money that the finding is about: where amounts differ, the difference."""
        if self.amount is None or self.actual_amount is None:
            return self.amount
        return Money(abs(self.amount.amount_minor - self.actual_amount.amount_minor))


@dataclass(frozen=True, slots=True)
class ReportView:
    """`found` and `lost` count all findings, of which `findings` may be the first ones only."""

    numbers: Mapping[str, int]
    found: int
    lost: int
    findings: tuple[FindingView, ...]
    accounts: tuple[tuple[str, Money], ...]
    goods: tuple[tuple[str, int, int], ...]

    @property
    def balance(self) -> Money:
        """Of all accounts together."""
        return sum((amount for _, amount in self.accounts), Money(0))


@dataclass(frozen=True, slots=True)
class RunView:
    run_id: str
    cause: str
    state: str
    requested_at: datetime
    started_at: datetime | None
    took_ms: float | None
    reason: str | None
    report: ReportView | None

    @property
    def is_under_way(self) -> bool:
        return self.state in _UNDER_WAY


class NoAnswerError(Exception):
    """Why there is nothing to show.

    Attributes:
        key: of the text that says what it means; `detail` is what was told.
    """

    def __init__(self, key: str, detail: str, status: int = 502) -> None:
        super().__init__(detail)
        self.key = key
        self.detail = detail
        self.status = status


def runs_of(members: Any) -> tuple[RunView, ...]:
    """Of the list of runs.

    Raises:
        ValueError, KeyError, TypeError: not the service has answered, but something else.
    """
    return tuple(run_of(one) for one in members["items"])


def run_of(members: Mapping[str, Any]) -> RunView:
    """Of one run; raises what `runs_of` raises."""
    started, ended = (_moment_of(members.get(name)) for name in ("started_at", "ended_at"))
    took_ms = (ended - started).total_seconds() * 1000 if started and ended else None
    report = members.get("report")
    return RunView(
        run_id=members["run_id"],
        cause=members["cause"],
        state=members["state"],
        requested_at=datetime.fromisoformat(members["requested_at"]),
        started_at=started,
        took_ms=took_ms,
        reason=members.get("reason"),
        report=_report_of(report) if report else None,
    )


_NUMBERS = (
    "orders",
    "compared",
    "in_progress",
    "payments",
    "reservations",
    "deliveries",
    "points_compared",
)
# Runs of before have no number of it, which is not a zero.
_NEWER = frozenset({"deliveries"})
_LOSSES = frozenset({"goods-written-off"})


def _report_of(members: Mapping[str, Any]) -> ReportView:
    counts = {one["kind"]: int(one["count"]) for one in members["kinds"]}
    lost = sum(count for kind, count in counts.items() if kind in _LOSSES)
    return ReportView(
        numbers={
            name: int(members[name]) for name in _NUMBERS if name in members or name not in _NEWER
        },
        found=sum(counts.values()) - lost,
        lost=lost,
        findings=tuple(_finding_of(one) for one in members.get("findings", ())),
        accounts=tuple(
            (str(one["account"]), _money_of(one["balance"])) for one in members.get("accounts", ())
        ),
        goods=_goods_of(members.get("goods", ())),
    )


def _goods_of(members: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, int, int], ...]:
    return tuple((one["sku"], int(one["on_hand"]), int(one["reserved"])) for one in members)


def _finding_of(members: Mapping[str, Any]) -> FindingView:
    order_id = members.get("order_id")
    amount, actual = members.get("amount"), members.get("actual_amount")
    is_order = isinstance(order_id, str) and order_id.startswith("ord_")
    return FindingView(
        kind=members["kind"],
        is_known_loss=members["known_loss"],
        order_id=order_id,
        link=address(Operation.GET_ORDER, "rest", {"order_id": str(order_id)})
        if is_order
        else None,
        subject=members.get("subject"),
        expected=members["expected"],
        actual=members["actual"],
        amount=_money_of(amount) if amount else None,
        actual_amount=_money_of(actual) if actual else None,
    )


def _money_of(members: Mapping[str, Any]) -> Money:
    return Money(int(members["amount_minor"]), Currency(members["currency"]))


def _moment_of(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
