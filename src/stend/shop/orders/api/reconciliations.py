"""Runs of the reconciliation as JSON. Pure."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from stend.kit.clock import rfc3339
from stend.kit.json import JsonObject
from stend.shop.orders.api.messages import money_to_json
from stend.shop.orders.reconciliation.requesting import RUN_ID_PATTERN, RUNS_LIMIT_MAX
from stend.shop.orders.reconciliation.runs import Report, Run
from stend.shop.orders.reconciliation.sides import Finding

RunId = Annotated[str, Field(pattern=RUN_ID_PATTERN)]
RunsLimit = Annotated[int, Field(ge=1, le=RUNS_LIMIT_MAX)]


def run_to_json(run: Run) -> JsonObject:
    """A run with all that its report lists."""
    members = summary_to_json(run)
    if run.report:
        members["report"] = {**_numbers(run.report), **_lists(run.report)}
    return members


def summary_to_json(run: Run) -> JsonObject:
    """A run with the numbers of its report."""
    members: JsonObject = {
        "run_id": run.run_id,
        "cause": run.cause.value,
        "state": run.state.value,
        "requested_at": rfc3339(run.requested_at),
    }
    if run.started_at:
        members["started_at"] = rfc3339(run.started_at)
    if run.ended_at:
        members["ended_at"] = rfc3339(run.ended_at)
    if run.reason is not None:
        members["reason"] = run.reason
    if run.report:
        members["report"] = _numbers(run.report)
    return members


def list_to_json(runs: Sequence[Run]) -> JsonObject:
    return {"items": [summary_to_json(run) for run in runs]}


def _numbers(report: Report) -> JsonObject:
    deliveries = {} if report.deliveries is None else {"deliveries": report.deliveries}
    return {
        "orders": report.orders,
        "compared": report.compared,
        "in_progress": report.in_progress,
        "payments": report.payments,
        "reservations": report.reservations,
        **deliveries,
        "points_compared": report.points_compared,
        "kinds": [
            {"kind": kind.value, "count": count} for kind, count in sorted(report.kinds.items())
        ],
    }


def _lists(report: Report) -> JsonObject:
    return {
        "findings": [_finding_to_json(one) for one in report.findings],
        "accounts": [
            {"account": one.name, "balance": money_to_json(one.balance)} for one in report.accounts
        ],
        "goods": [
            {"sku": one.sku, "on_hand": one.on_hand, "reserved": one.reserved}
            for one in report.goods
        ],
    }


def _finding_to_json(finding: Finding) -> JsonObject:
    members: JsonObject = {
        "kind": finding.kind.value,
        "known_loss": finding.is_known_loss,
        "expected": finding.expected,
        "actual": finding.actual,
    }
    if finding.order_id is not None:
        members["order_id"] = finding.order_id
    if finding.subject is not None:
        members["subject"] = finding.subject
    if finding.amount is not None:
        members["amount"] = money_to_json(finding.amount)
    if finding.actual_amount is not None:
        members["actual_amount"] = money_to_json(finding.actual_amount)
    return members
