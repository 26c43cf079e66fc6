"""Every error of the bank as the side of a fault: who has to act. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from stend.chassis.soap.faults import Side
from stend.kit.errors import EdgeErrorCode
from stend.shop.payments.domain import PaymentErrorCode

FAULTS: Mapping[StrEnum, Side] = {
    EdgeErrorCode.MALFORMED_MESSAGE: Side.CLIENT,
    EdgeErrorCode.INVALID_ARGUMENT: Side.CLIENT,
    EdgeErrorCode.MESSAGE_TOO_LARGE: Side.CLIENT,
    EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE: Side.CLIENT,
    EdgeErrorCode.NO_SUCH_OPERATION: Side.CLIENT,
    EdgeErrorCode.METHOD_NOT_ALLOWED: Side.CLIENT,
    EdgeErrorCode.UNAUTHENTICATED: Side.CLIENT,
    EdgeErrorCode.FORBIDDEN: Side.CLIENT,
    # The same bytes may succeed in a moment (SOAP 1.1, section 4.4.1): that is Server.
    EdgeErrorCode.OVERLOADED: Side.SERVER,
    EdgeErrorCode.DEADLINE_EXCEEDED: Side.SERVER,
    EdgeErrorCode.UNAVAILABLE: Side.SERVER,
    EdgeErrorCode.INTERNAL: Side.SERVER,
    PaymentErrorCode.PAYMENT_DECLINED: Side.CLIENT,
    PaymentErrorCode.PAYMENT_NOT_FOUND: Side.CLIENT,
    PaymentErrorCode.PAYMENT_STATE_FORBIDDEN: Side.CLIENT,
    PaymentErrorCode.PAYMENT_CONFLICT: Side.CLIENT,
    PaymentErrorCode.REFUND_EXCEEDS_PAYMENT: Side.CLIENT,
}
