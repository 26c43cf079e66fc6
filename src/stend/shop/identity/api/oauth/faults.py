"""Every error of the service as a status and an error code of OAuth 2.0 (RFC 6749, section 5.2)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from stend.chassis.access import www_authenticate
from stend.kit.errors import EdgeErrorCode, StendError
from stend.kit.json import JsonObject
from stend.shop.identity.domain import IdentityErrorCode

ERROR_PAGES = "/errors/"
# RFC 6749, section 5.2: what error_description may hold.
_NOT_IN_DESCRIPTION = re.compile(r"[^\x20-\x21\x23-\x5B\x5D-\x7E]")


@dataclass(frozen=True, slots=True)
class Fault:
    """`error` is one of section 5.2, of RFC 6750 where a token is asked for, or of section 4.1.2.1
    where the server is to blame: section 5.2 has none for that."""

    status: int
    error: str


FAULTS: Mapping[StrEnum, Fault] = {
    EdgeErrorCode.MALFORMED_MESSAGE: Fault(400, "invalid_request"),
    EdgeErrorCode.INVALID_ARGUMENT: Fault(400, "invalid_request"),
    EdgeErrorCode.MESSAGE_TOO_LARGE: Fault(413, "invalid_request"),
    EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE: Fault(415, "invalid_request"),
    EdgeErrorCode.NO_SUCH_OPERATION: Fault(404, "invalid_request"),
    EdgeErrorCode.METHOD_NOT_ALLOWED: Fault(405, "invalid_request"),
    EdgeErrorCode.UNAUTHENTICATED: Fault(401, "invalid_token"),
    EdgeErrorCode.FORBIDDEN: Fault(403, "insufficient_scope"),
    EdgeErrorCode.OVERLOADED: Fault(503, "temporarily_unavailable"),
    EdgeErrorCode.DEADLINE_EXCEEDED: Fault(504, "temporarily_unavailable"),
    EdgeErrorCode.UNAVAILABLE: Fault(503, "temporarily_unavailable"),
    EdgeErrorCode.INTERNAL: Fault(500, "server_error"),
    IdentityErrorCode.INVALID_CLIENT: Fault(401, "invalid_client"),
    IdentityErrorCode.INVALID_GRANT: Fault(400, "invalid_grant"),
    IdentityErrorCode.INVALID_SCOPE: Fault(400, "invalid_scope"),
    IdentityErrorCode.UNSUPPORTED_GRANT_TYPE: Fault(400, "unsupported_grant_type"),
}


def status_of(error: StendError) -> int:
    return FAULTS[error.code].status


def error_of(error: StendError) -> JsonObject:
    return {
        "error": FAULTS[error.code].error,
        "error_description": _NOT_IN_DESCRIPTION.sub("'", error.detail),
        "error_uri": ERROR_PAGES + error.code.value,
    }


def headers_of(error: StendError) -> Mapping[str, str]:
    """A 401 always names the scheme that would do (RFC 9110, section 15.5.2)."""
    if error.code is IdentityErrorCode.INVALID_CLIENT:
        return {"WWW-Authenticate": 'Basic realm="lavka"'}
    challenge = www_authenticate(error)
    return {"WWW-Authenticate": challenge} if challenge else {}
