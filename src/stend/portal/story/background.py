"""Which traces nobody outside has asked for: what the shop does again and again by itself. Pure.

A trace is background when it begins in a service with an operation that only other services call,
by the clock: the questions of the reconciliation, and the stream of couriers' news.
"""

from collections.abc import Sequence

from stend.chassis.tracing.spans import Span

_OF_RECONCILIATION = frozenset(
    {
        "GetBalances",
        "ListPayments",
        "ListDeliveries",
        "ListReservations",
        "loyalty.balance",
        "loyalty.history",
    }
)
_OF_COURIERS = frozenset({"WatchDeliveries"})
_OPERATIONS = _OF_RECONCILIATION | _OF_COURIERS


def is_background(spans: Sequence[Span]) -> bool:
    """
    Args:
        spans: of one trace, in the order in which they began.
    """
    present = {span.span_id for span in spans}
    root = next((span for span in spans if span.parent_id not in present), None)
    # Whoever asks with a trace of his own wants to see it.
    if root is None or root.parent_id:
        return False
    told = (root.attributes.get(name) for name in ("rpc.method", "messaging.message.type"))
    return any(one in _OPERATIONS for one in told)
