"""Places two orders on the stand, and compares their traces with the learner's diagram."""

from collections.abc import Collection

from stend.course.case import Case
from stend.course.diagrams.comparing import compare
from stend.course.diagrams.differences import Difference, DifferenceKind
from stend.course.diagrams.expectation import Expected, Hop, Rule, Tolerance, answer_to
from stend.course.diagrams.model import DiagramError
from stend.course.diagrams.naming import Names
from stend.course.diagrams.observed import Observed, observed, up_to
from stend.course.documents import check_differences, sequence_of
from stend.course.traces import Trace
from stend.kit.languages import Text

_FILES = ("sequence.mmd", "sequence.puml")
_SKU = "BRD-001"
# Both sagas go through eight services, on whatever machine this is.
_WITHIN_S = 60.0
_NAMES = Names(
    {
        "client": ["customer", "buyer", "portal", "клиент", "покупатель"],
        "orders": ["order service", "заказы", "заказов"],
        "stock": ["warehouse", "склад", "складов", "склада"],
        "payments": ["payment", "bank", "банк", "оплата", "платежи", "платежей"],
        "loyalty": ["points", "баллы", "лояльность", "лояльности", "баллов"],
        "delivery": ["доставка", "доставки", "курьеры"],
        "notifications": ["notification", "уведомления", "уведомлений"],
        "analytics": ["аналитика", "аналитики"],
        "rabbitmq": ["rabbit", "rabbit mq", "amqp"],
        "kafka": ["apache kafka"],
        "postgresql": ["postgres", "db", "database", "база", "бд", "orders db", "база заказов"],
        "mysql": [],
        "redis": [],
        "mongodb": ["mongo"],
    },
    {
        "PlaceOrder": ["POST /api/v1/orders", "POST /orders", "разместить заказ"],
        "ReserveStock": ["зарезервировать товар"],
        "ReleaseStock": ["вернуть резерв"],
        "Authorise": ["authorize", "удержать деньги"],
        "loyalty.accrue": ["accrue", "accrue points", "начислить баллы"],
        "AssignCourier": ["назначить курьера"],
    },
)
_SEEN = frozenset(
    {"client", "orders", "stock", "payments", "loyalty", "delivery", "notifications"} | {"rabbitmq"}
)
_TOLERANCE = Tolerance(
    participants=frozenset({"analytics", "postgresql", "mysql", "redis", "mongodb"}),
    operations=frozenset(
        {"OrderReserved", "PickingStarted", "OrderDispatched", "OrderDelivered", "OrderCancelled"}
        | {"CommitStock", "CommitStockReply", "Capture", "Void"}
        | {"ReserveStockReply", "ReleaseStockReply"}
    ),
    through=frozenset({"rabbitmq", "kafka"}),
    # Delivery is asked again while the courier is on the way, which is out of scope.
    repeated=frozenset({"AssignCourier"}),
)
_CALL = Hop("client", "orders", "PlaceOrder")
_RULES = (
    Rule(
        before=answer_to(_CALL),
        after=Hop("orders", "payments", "Authorise"),
        why=Text(
            ru="Покупатель на диаграмме ждёт банка, а магазин отвечает 201 сразу после записи "
            "заказа: сага идёт уже без него.",
            en="In the diagram the customer waits for the bank, but the shop answers 201 as soon "
            "as the order is written: the saga goes on without him.",
        ),
    ),
)
_ACCEPTED = Text(ru="оплата прошла", en="the payment goes well")
_REFUSED = Text(ru="оплата отклонена", en="the payment is refused")


def readable(case: Case) -> None:
    sequence_of(case, *_FILES)


def participants(case: Case) -> None:
    _check(case, {DifferenceKind.MISSING_PARTICIPANT, DifferenceKind.INVENTED_PARTICIPANT})


def messages(case: Case) -> None:
    kinds = {DifferenceKind.MISSING_HOP, DifferenceKind.INVENTED_HOP}
    _check(case, kinds | {DifferenceKind.WRONG_DIRECTION})


def sync_or_async(case: Case) -> None:
    _check(case, {DifferenceKind.SYNC_DRAWN_ASYNC, DifferenceKind.ASYNC_DRAWN_SYNC})


def order(case: Case) -> None:
    _check(case, {DifferenceKind.WRONG_ORDER})


def refused_payment(case: Case) -> None:
    file, _ = sequence_of(case, *_FILES)
    kinds = {DifferenceKind.MISSING_ALTERNATIVE, DifferenceKind.INVENTED_ALTERNATIVE}
    kinds.add(DifferenceKind.UNCONDITIONAL)
    found = [one for one in _differences(case) if one.kind in kinds or one.outcome]
    check_differences(case, found, file=file)


def _check(case: Case, kinds: Collection[DifferenceKind]) -> None:
    """What the main outcome shows; the refusal has a check of its own."""
    file, _ = sequence_of(case, *_FILES)
    found = [one for one in _differences(case) if not one.outcome]
    check_differences(case, found, kinds, file)


def _differences(case: Case) -> tuple[Difference, ...]:
    return case.once("differences", lambda: _compared(case))


def _compared(case: Case) -> tuple[Difference, ...]:
    file, diagram = sequence_of(case, *_FILES)
    try:
        return compare(diagram, _expected(case))
    except DiagramError as no:
        case.fail(no.text.ru, no.text.en, where=f"{file}:{no.line}")


def _expected(case: Case) -> Expected:
    # Both are under way before either is waited for.
    accepted = _placed(case, f"cus_{case.word()}")
    refused = _placed(case, f"cus_{case.word()}Declined")
    paid = case.stand.trace(accepted, _has_courier, within_s=_WITHIN_S)
    undone = case.stand.trace(refused, _is_undone, within_s=_WITHIN_S)
    return Expected(
        main=up_to(observed(_ACCEPTED, paid, _SEEN), _is_end),
        names=_NAMES,
        alternatives=(observed(_REFUSED, undone, _SEEN),),
        tolerance=_TOLERANCE,
        rules=_RULES,
    )


def _placed(case: Case, customer: str) -> str:
    lines = [{"sku": _SKU, "quantity": 1}]
    called = case.stand.place_order(fields={"customer_id": customer, "lines": lines})
    return called.order_id


def _is_end(one: Observed) -> bool:
    """The courier is assigned; picking and delivery are out of scope."""
    return (one.source, one.target) == ("delivery", "orders")


def _has_courier(trace: Trace) -> bool:
    calls = trace.between("orders", "delivery")
    is_told = _was_told(trace, "OrderPlaced", "OrderPaid")
    return is_told and any(trace.returned(one) is not None for one in calls)


def _is_undone(trace: Trace) -> bool:
    replies = [one.label for one in trace.between("rabbitmq", "orders")]
    return "ReleaseStockReply" in replies and _was_told(trace, "OrderPlaced", "OrderFailed")


def _was_told(trace: Trace, *events: str) -> bool:
    told = {one.label for one in trace.between("rabbitmq", "notifications")}
    return told >= set(events)
