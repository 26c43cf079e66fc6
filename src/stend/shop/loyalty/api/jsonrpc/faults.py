"""Every error of the service as the number of a JSON-RPC error object. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from stend.chassis.jsonrpc.messages import EDGE_FAULTS
from stend.shop.loyalty.domain import LoyaltyErrorCode

# Section 5.1 of JSON-RPC 2.0 leaves what is outside of -32768 to -32000 to the application.
FAULTS: Mapping[StrEnum, int] = {
    **EDGE_FAULTS,
    LoyaltyErrorCode.OPERATION_REVERSED: 2001,
    LoyaltyErrorCode.OPERATION_REUSED: 2002,
}
