"""Breaks a step of a real order's saga, and shows which way the saga went and what it left.

The stand's own faults do it, between the two services that talk at that step.
"""

import time
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import fromstring

from stend.course.demos import Diagram, Exchange, Note, Shown, Stand, Table, Values
from stend.course.stand import StandTimeoutError
from stend.course.traces import Step, Trace
from stend.kit.languages import Text

# A demo has 10 s; what is not there by now is shown as it stands.
_UNTIL_S = 6.0
_FAULT_S = 8.0
_SETTLES_S = 2.5
_LOOK_EVERY_S = 0.05
_LAST_BACK = "release-stock"
_LAST_FORWARD = "assign-courier"
_BANK = "urn:lavka:bank:v1"
_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_PASSWORD = (
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0"  # noqa: S105 - a type
    "#PasswordText"
)


# An answer that is lost: over HTTP and gRPC it is cut off, the reply of the stock is not taken in
# by its broker.
_BREAKS = {
    ("reserve-stock", "away"): ("refuse", "stock:rabbitmq"),
    ("reserve-stock", "lost"): ("amqp_nack", "stock:rabbitmq"),
    ("authorise-payment", "away"): ("refuse", "orders:payments"),
    ("authorise-payment", "lost"): ("cut", "orders:payments"),
    ("accrue-points", "away"): ("refuse", "orders:loyalty"),
    ("accrue-points", "lost"): ("cut", "orders:loyalty"),
    ("assign-courier", "away"): ("refuse", "orders:delivery"),
    ("assign-courier", "lost"): ("cut", "orders:delivery"),
}
_NEIGHBOURS = {"stock", "payments", "loyalty", "delivery"}


@dataclass(frozen=True)
class Told:
    """
    Attributes:
        noticed: the step at which the saga found the order cancelled, and did not try again.
        is_done: the saga has come as far as it was waited for.
    """

    trace: Trace
    noticed: Step | None
    is_done: bool


def show(stand: Stand, values: Values) -> Iterable[Shown]:
    step, how, cancels = values.choice("step"), values.choice("how"), values.switch("cancels")
    ends_at = time.monotonic() + _UNTIL_S
    order_id, trace_id = _broken(stand, _BREAKS[step, how], step, cancels, ends_at)
    told = _waited_for(stand, trace_id, _LAST_BACK if cancels else _LAST_FORWARD, ends_at)
    yield _steps(told)
    yield from _picture(stand, told.trace)
    yield _left(stand, order_id)
    yield from _exchange(told.trace)
    yield _sentence(told, step)


def _broken(
    stand: Stand, wanted: tuple[str, str], step: str, cancels: bool, ends_at: float
) -> tuple[str, str]:
    """Places an order, breaks the step, mends it. Returns the ids of the order and its trace."""
    with _fault(stand, *wanted) as fault:
        placed = stand.place_order()
        trace_id = placed.trace_id or placed.order_id
        while not _has_struck(stand, fault, trace_id, step):
            if time.monotonic() > ends_at - _SETTLES_S:
                break
            time.sleep(_LOOK_EVERY_S)
        if cancels:
            stand.call("CancelOrder", fields={"order_id": placed.order_id})
    return placed.order_id, trace_id


def _fault(stand: Stand, kind: str, edge: str) -> AbstractContextManager[str]:
    if kind == "cut":
        return stand.fault(kind, edge, lasts_s=_FAULT_S, after_bytes=0)
    return stand.fault(kind, edge, lasts_s=_FAULT_S)


def _has_struck(stand: Stand, fault: str, trace_id: str, step: str) -> bool:
    """Whether the saga is at the step and has felt the fault."""
    active = stand.http.get("/stand/faults").json()["faults"]
    if not any(one["id"] == fault and one["struck"] for one in active):
        return False
    found = _trace_now(stand, trace_id)
    # The command to the stock waits in its queue: nothing comes back that could be an error.
    return any(
        one.step == step and (one.error or step == "reserve-stock")
        for one in (found.steps if found else ())
    )


def _trace_now(stand: Stand, trace_id: str) -> Trace | None:
    try:
        return stand.trace(trace_id, until=lambda _: True, within_s=0)
    except StandTimeoutError:
        return None


def _waited_for(stand: Stand, trace_id: str, step: str, ends_at: float) -> Told:
    """What the trace tells when the step is done, or when there is no more time."""

    def is_done(found: Trace) -> bool:
        return any(
            one.name == f"saga {step}" and one.end_ns is not None and not one.failed
            for one in found.spans
        )

    within_s = max(ends_at - time.monotonic(), 0.0)
    try:
        trace = stand.trace(trace_id, until=is_done, within_s=within_s)
    except StandTimeoutError as late:
        if late.trace is None:
            raise
        trace = late.trace
    return Told(trace, _noticed(trace.steps), is_done(trace))


def _noticed(steps: Sequence[Step]) -> Step | None:
    forward = [one for one in steps if not one.compensation]
    turned = len(forward) < len(steps)
    return forward[-1] if turned and forward and forward[-1].error is None else None


def _steps(told: Told) -> Table:
    forward, back = Text(ru="вперёд", en="forward"), Text(ru="назад", en="back")
    cancelled = Text(ru="заказ отменён, поворот", en="the order is cancelled: turns back")
    return Table(
        Text(ru="Шаги саги", en="Steps of the saga"),
        (
            Text(ru="мс", en="ms"),
            Text(ru="шаг", en="step"),
            Text(ru="куда", en="way"),
            Text(ru="попытка", en="attempt"),
            Text(ru="чем кончилась", en="outcome"),
        ),
        [
            (
                round(one.at_ms),
                one.step,
                back if one.compensation else forward,
                None if one is told.noticed else one.attempt,
                cancelled if one is told.noticed else one.error or Text(ru="сделано", en="done"),
            )
            for one in told.trace.steps
        ],
    )


def _picture(stand: Stand, trace: Trace) -> Iterable[Shown]:
    drawn = stand.http.get(f"/story/{trace.trace_id}.mmd", params={"view": "services"})
    if drawn.is_success:
        yield Diagram(Text(ru="Что было на самом деле", en="What really happened"), drawn.text)


def _left(stand: Stand, order_id: str) -> Table:
    order = stand.order(order_id)
    return Table(
        Text(ru="Что осталось", en="What is left"),
        (Text(ru="где", en="where"), Text(ru="что", en="what")),
        [
            (Text(ru="заказ", en="order"), str(order["status"])),
            (Text(ru="платёж в банке", en="payment at the bank"), _payment(stand, order_id)),
            (
                Text(ru="баллы за этот заказ", en="points for this order"),
                _points(stand, str(order["customer_id"]), order_id),
            ),
        ],
    )


def _payment(stand: Stand, order_id: str) -> str | Text:
    envelope = f"""<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">
      <s:Header>
        <w:Security xmlns:w="{_WSS}"><w:UsernameToken>
          <w:Username>auditor</w:Username><w:Password Type="{_PASSWORD}">auditor</w:Password>
        </w:UsernameToken></w:Security>
      </s:Header>
      <s:Body>
        <GetPayment xmlns="{_BANK}"><payment_ref>{order_id}</payment_ref></GetPayment>
      </s:Body>
    </s:Envelope>"""
    answer = stand.http.post(
        "/soap/bank",
        content=envelope.encode(),
        headers={"Content-Type": "text/xml", "SOAPAction": f'"{_BANK}:GetPayment"'},
    )
    told = fromstring(answer.text)  # noqa: S314 - the answer of our own stand
    status = told.find(f".//{{{_BANK}}}status")
    if status is not None and status.text:
        return status.text
    return Text(ru="банк о нём не знает", en="the bank does not know of it")


def _points(stand: Stand, customer_id: str, order_id: str) -> int:
    """The sum of the ledger's entries for the order."""
    newest = int(_asked(stand, "balance", customer_id=customer_id)["version"])
    after = max(newest - 100, 0)
    page = _asked(stand, "history", customer_id=customer_id, after=after, limit=100)
    return sum(one["points"] for one in page["entries"] if one["operation_id"] == order_id)


def _asked(stand: Stand, method: str, **params: object) -> dict[str, Any]:
    call = {"jsonrpc": "2.0", "id": 1, "method": f"loyalty.{method}", "params": params}
    result: dict[str, Any] = stand.http.post("/rpc/loyalty", json=call).json()["result"]
    return result


def _exchange(trace: Trace) -> Iterable[Shown]:
    undone = [
        one
        for one in trace.arrows
        if one.compensation and one.exchanges and one.target in _NEIGHBOURS
    ]
    for one in undone[:1]:
        title = Text(ru=f"Отмена в байтах: {one.label}", en=f"Undoing, in bytes: {one.label}")
        yield Exchange(title, one.exchanges[0])


def _sentence(told: Told, step: str) -> Note:
    tried = sum(one.step == step and one is not told.noticed for one in told.trace.steps)
    back = ", ".join(dict.fromkeys(one.step for one in told.trace.steps if one.compensation))
    if not told.is_done:
        return Note(
            Text(
                ru="За шесть секунд сага не дошла туда, куда шла: здесь то, что успела. Остальное "
                "покажет история заказа.",
                en="In six seconds the saga has not come to where it was going: this is how far "
                "it came. The story of the order shows the rest.",
            )
        )
    if not back:
        return Note(
            Text(
                ru=f"Попыток шага {step}: {tried}. Ключ у всех один, номер заказа, поэтому повтор "
                "ничего не удвоил, и сага пошла дальше.",
                en=f"Attempts of {step}: {tried}. All have one key, the id of the order, so the "
                "repetition doubled nothing, and the saga went on.",
            )
        )
    return Note(
        Text(
            ru=f"Попыток шага {step}: {tried}. Потом сага пошла назад: {back}. Она не гадает, был "
            "ли шаг сделан: что начато, то и отменяется, а отмена повторяется, пока не выйдет.",
            en=f"Attempts of {step}: {tried}. Then the saga went back: {back}. It does not guess "
            "whether a step was done: what was begun is undone, and that is repeated until it "
            "succeeds.",
        )
    )
