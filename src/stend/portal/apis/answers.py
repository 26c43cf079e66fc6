"""JSON answers and refusals of the portal's own APIs."""

import json
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stend.kit.errors import EdgeErrorCode, StendError
from stend.kit.json import JsonObject
from stend.kit.problems import EDGE_PROBLEMS, problem_to_json

BODY_LIMIT_BYTES = 64 * 1024
_NOT_KEPT = {"Cache-Control": "no-store"}
Handler = Callable[[Request], Awaitable[Response]]


def answer(body: JsonObject, status: int = 200) -> Response:
    return JSONResponse(body, status, _NOT_KEPT)


def refusing(handle: Handler) -> Handler:
    """Errors of the stand become Problem Details (RFC 9457)."""

    async def handled(request: Request) -> Response:
        try:
            return await handle(request)
        except StendError as error:
            kind = EDGE_PROBLEMS[error.code]
            body = problem_to_json(error, kind)
            return JSONResponse(body, kind.status, _NOT_KEPT, "application/problem+json")

    return handled


def not_found(what: str, value: str, next_step: str) -> StendError:
    return StendError(EdgeErrorCode.NO_SUCH_OPERATION, what, value=value, next_step=next_step)


def invalid(what: str, value: str, expected: str) -> StendError:
    return StendError(EdgeErrorCode.INVALID_ARGUMENT, what, value=value, expected=expected)


async def object_of(request: Request) -> JsonObject:
    """The JSON object in the body.

    Raises:
        StendError: it is none, or too large.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT_BYTES:
            raise StendError(
                EdgeErrorCode.MESSAGE_TOO_LARGE,
                "The body is too large.",
                expected=f"at most {BODY_LIMIT_BYTES} bytes",
            )
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise StendError(
            EdgeErrorCode.MALFORMED_MESSAGE, "The body is no JSON.", value=str(error)[:200]
        ) from None
    if not isinstance(found, dict):
        raise invalid("The body is no JSON object.", type(found).__name__, "an object")
    return found


def integer_of(request: Request, name: str, default: int, most: int) -> int:
    """A parameter of the query.

    Raises:
        StendError: it is no number between 0 and `most`.
    """
    given = request.query_params.get(name)
    if given is None:
        return default
    if not (given.isascii() and given.isdigit() and len(given) < 16 and int(given) <= most):
        raise invalid(f"The parameter {name} is wrong.", given[:40], f"a number from 0 to {most}")
    return int(given)
