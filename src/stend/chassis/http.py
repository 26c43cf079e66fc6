"""What the REST APIs of the shop answer alike."""

from collections.abc import Mapping

from pydantic_core import to_json
from starlette.responses import Response

from stend.chassis.access import www_authenticate
from stend.kit.errors import EdgeErrorCode, StendError
from stend.kit.problems import ProblemKind, problem_to_json

_PROBLEM_MEDIA_TYPE = "application/problem+json"
_RETRY_AFTER_S = 1
_COME_BACK = frozenset({EdgeErrorCode.UNAVAILABLE, EdgeErrorCode.OVERLOADED})


def problem_response(error: StendError, kind: ProblemKind) -> Response:
    body = to_json(problem_to_json(error, kind))
    return Response(body, kind.status, problem_headers(error), _PROBLEM_MEDIA_TYPE)


def problem_headers(error: StendError) -> Mapping[str, str]:
    """When to come back, or with which credential."""
    if error.code in _COME_BACK:
        return {"Retry-After": str(_RETRY_AFTER_S)}
    challenge = www_authenticate(error)
    return {"WWW-Authenticate": challenge} if challenge else {}
