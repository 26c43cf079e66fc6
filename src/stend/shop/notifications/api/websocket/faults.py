"""Every error of the service as an `error` frame: the same codes as everywhere."""

from collections.abc import Mapping
from enum import StrEnum

from stend.kit.errors import EdgeErrorCode, StendError, error_to_json
from stend.kit.json import JsonObject
from stend.shop.notifications.domain import NotificationErrorCode

# A frame has no status line: who may act on the error stands beside its code.
CLIENT, SERVER = "client", "server"
FAULTS: Mapping[StrEnum, str] = {
    EdgeErrorCode.MALFORMED_MESSAGE: CLIENT,
    EdgeErrorCode.INVALID_ARGUMENT: CLIENT,
    EdgeErrorCode.MESSAGE_TOO_LARGE: CLIENT,
    EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE: CLIENT,
    EdgeErrorCode.NO_SUCH_OPERATION: CLIENT,
    EdgeErrorCode.METHOD_NOT_ALLOWED: CLIENT,
    EdgeErrorCode.UNAUTHENTICATED: CLIENT,
    EdgeErrorCode.FORBIDDEN: CLIENT,
    EdgeErrorCode.OVERLOADED: SERVER,
    EdgeErrorCode.DEADLINE_EXCEEDED: SERVER,
    EdgeErrorCode.UNAVAILABLE: SERVER,
    EdgeErrorCode.INTERNAL: SERVER,
    **dict.fromkeys(NotificationErrorCode, CLIENT),
}


def fault_of(error: StendError) -> JsonObject:
    """The member `error` of a frame. `side` tells who has to change something."""
    return {**error_to_json(error), "side": FAULTS[error.code]}
