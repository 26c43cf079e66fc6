"""What a live block of a lesson acts with, where a stand runs."""

from dataclasses import dataclass

from stend.kit.ids import Ids
from stend.portal.callers import Credentials, Lender
from stend.portal.wire import Wire


@dataclass(frozen=True, slots=True)
class Performing:
    """
    Attributes:
        lender: gives the clients of `orders`.
        credentials: of the demo, for a stand where nobody may call without one.
        ids: makes fresh idempotency keys.
        wire: the taps that see the call.
    """

    lender: Lender
    credentials: Credentials
    ids: Ids
    wire: Wire
