"""A gate that lets one credential read and none write: what a protocol carried is what counts."""

from stend.chassis.access import Caller
from stend.kit.errors import EdgeErrorCode, StendError

READER = "Bearer reader"


class ReadersOnly:
    def allow(self, scope: str, credential: str | None) -> Caller:
        if credential != READER:
            raise StendError(EdgeErrorCode.UNAUTHENTICATED, "Who are you?")
        if not scope.endswith(":read"):
            raise StendError(EdgeErrorCode.FORBIDDEN, "Readers do not write.")
        return Caller("reader", frozenset({scope}))
