"""A run of the reconciliation and what it has seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from stend.shop.orders.reconciliation.balances import Account, Quantity
from stend.shop.orders.reconciliation.sides import KNOWN_LOSSES, Finding, FindingKind

MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Report:
    """What a run has seen.

    Attributes:
        orders: all that there are; `compared` and `in_progress` are parts of them.
        deliveries: None in a report that was made before deliveries were compared.
        points_compared: orders whose points were looked at: those that ended since the last
            complete run.
        kinds: how many findings there are of each kind.
        findings: the first of them; at most MOST_LISTED.
        accounts, goods: as the bank and the stock told them when the run ended.
    """

    orders: int = 0
    compared: int = 0
    in_progress: int = 0
    payments: int = 0
    reservations: int = 0
    deliveries: int | None = None
    points_compared: int = 0
    kinds: Mapping[FindingKind, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    accounts: tuple[Account, ...] = ()
    goods: tuple[Quantity, ...] = ()

    @property
    def is_clean(self) -> bool:
        return all(kind in KNOWN_LOSSES for kind in self.kinds)


class RunState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    CLEAN = "clean"
    FINDINGS = "findings"
    INCOMPLETE = "incomplete"


ENDED = frozenset({RunState.CLEAN, RunState.FINDINGS, RunState.INCOMPLETE})


class RunCause(StrEnum):
    SCHEDULE = "schedule"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class Run:
    """
    Attributes:
        reason: why it is incomplete.
        report: None until it has ended, and of a run that is incomplete.
    """

    run_id: str
    cause: RunCause
    state: RunState
    requested_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str | None = None
    report: Report | None = None
