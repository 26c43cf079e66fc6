"""REST over Starlette: binds the use cases to the paths of openapi.yaml. The only file with I/O."""

import logging
from collections.abc import Awaitable, Callable
from importlib.resources import files

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from stend.chassis.http import problem_response
from stend.chassis.intake import Intake
from stend.kit.errors import EdgeErrorCode, StendError, Violation, broken_rules, internal
from stend.kit.json import JsonObject
from stend.shop.analytics.api.rest import translate
from stend.shop.analytics.api.rest.faults import FAULTS
from stend.shop.analytics.usecases import Analytics, Operation

_log = logging.getLogger("stend.analytics.rest")
_SCOPE = "analytics:read"
_METHODS = "GET, HEAD"
_METHOD_NOT_ALLOWED = 405


def contract() -> str:
    """The text of openapi.yaml."""
    folder = files("stend.shop.analytics.api.rest")
    return folder.joinpath("contract/openapi.yaml").read_text("utf-8")


def create_app(analytics: Analytics, intake: Intake) -> ASGIApp:
    async def list_marts(request: Request) -> Response:
        async def work() -> JsonObject:
            _refuse_query(request)
            return translate.list_to_json(await analytics.list_marts())

        return await _answer(intake, Operation.LIST_MARTS, request, work)

    async def get_mart(request: Request) -> Response:
        async def work() -> JsonObject:
            _refuse_query(request)
            return translate.report_to_json(await analytics.get_mart(request.path_params["name"]))

        return await _answer(intake, Operation.GET_MART, request, work)

    app = Starlette(
        routes=[
            Route(translate.ROOT, list_marts, methods=["GET"]),
            Route(translate.ROOT + "/{name}", get_mart, methods=["GET"]),
        ],
        exception_handlers={HTTPException: _no_route},
    )
    # Only the paths of the contract exist: none is redirected to for a slash too many.
    app.router.redirect_slashes = False
    return app


async def _answer(
    intake: Intake,
    operation: Operation,
    request: Request,
    work: Callable[[], Awaitable[JsonObject]],
) -> Response:
    credential = request.headers.get("authorization")
    try:
        members = await intake.perform(operation, _SCOPE, credential, lambda _: work())
        return Response(translate.dump(members), media_type=translate.JSON_MEDIA_TYPE)
    except StendError as error:
        return _problem(error)
    except Exception:  # noqa: BLE001 - whatever a bug raises, the caller gets a problem
        _log.exception("%s failed", operation)
        return _problem(internal())


def _refuse_query(request: Request) -> None:
    # A filter that is ignored would answer with rows that nobody asked for.
    names = list(request.query_params)
    if names:
        raise broken_rules(
            EdgeErrorCode.INVALID_ARGUMENT,
            "The marts take no parameters.",
            [Violation(f"/{name}", "no such parameter") for name in names],
            "Leave them out and choose among the rows.",
        )


def _problem(error: StendError) -> Response:
    return problem_response(error, FAULTS[error.code])


def _no_route(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.status_code == _METHOD_NOT_ALLOWED:
        refusal = _problem(
            StendError(
                EdgeErrorCode.METHOD_NOT_ALLOWED,
                "This resource does not know the method.",
                value=request.method,
                expected=_METHODS,
                next_step="The marts are only read.",
            )
        )
        refusal.headers["Allow"] = _METHODS
        return refusal
    return _problem(
        StendError(
            EdgeErrorCode.NO_SUCH_OPERATION,
            "Nothing stands at this path.",
            value=request.url.path,
            expected=translate.ROOT,
            next_step="The contract lists the paths.",
        )
    )
