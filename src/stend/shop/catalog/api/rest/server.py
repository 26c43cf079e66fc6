"""REST over Starlette: binds the use cases to the paths of openapi.yaml. The only file with I/O."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from importlib.resources import files

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from stend.chassis import http
from stend.chassis.intake import Intake
from stend.kit.errors import EdgeErrorCode, StendError, Violation, internal, too_large
from stend.kit.json import JsonObject
from stend.shop.catalog.api import messages
from stend.shop.catalog.api.rest import translate
from stend.shop.catalog.api.rest.faults import FAULTS
from stend.shop.catalog.usecases import Catalog, Operation

_log = logging.getLogger("stend.catalog.rest")
_READ = "catalog:read"
_WRITE = "catalog:write"
_PRECONDITION_REQUIRED = 428

Handler = Callable[[Request], Awaitable[Response]]


def contract() -> str:
    """The text of openapi.yaml."""
    folder = files("stend.shop.catalog.api.rest")
    return folder.joinpath("contract/openapi.yaml").read_text("utf-8")


def create_app(catalog: Catalog, intake: Intake, body_limit_bytes: int) -> ASGIApp:
    api = _Api(catalog, intake, body_limit_bytes)
    table: Mapping[str, Mapping[str, Handler]] = {
        translate.PRODUCTS: {"GET": api.browse},
        translate.PRODUCTS + "/{sku}": {"GET": api.get_product},
        translate.PRODUCTS + "/{sku}/price": {"PUT": api.change_price},
        f"{translate.ROOT}/categories": {"GET": api.categories},
        f"{translate.ROOT}/stores": {"GET": api.dark_stores},
        f"{translate.ROOT}/openapi.yaml": {"GET": _contract},
    }
    routes = [Route(path, _Resource(by_method)) for path, by_method in table.items()]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _on_no_route})
    # Only the paths of the contract exist: none is redirected to for a slash too many.
    app.router.redirect_slashes = False
    return app


class _Api:
    def __init__(self, catalog: Catalog, intake: Intake, body_limit_bytes: int) -> None:
        self._catalog = catalog
        self._intake = intake
        self._body_limit_bytes = body_limit_bytes

    async def browse(self, request: Request) -> Response:
        async def work() -> Response:
            wanted = translate.browse_from(request.query_params.multi_items())
            page = translate.page_to_json(await self._catalog.browse(wanted), wanted)
            response = _list_response(request, page, translate.PRODUCTS_MAX_AGE_S)
            if following := page.get("next"):
                response.headers["Link"] = f'<{following}>; rel="next"'
            return response

        return await self._perform(Operation.BROWSE_CATALOG, _READ, request, work)

    async def get_product(self, request: Request) -> Response:
        async def work() -> Response:
            translate.check_no_query(request.query_params.multi_items())
            wanted = messages.get_from({"sku": request.path_params["sku"]})
            product = await self._catalog.get_product(wanted)
            body = translate.dump(messages.product_to_json(product))
            etag = translate.version_etag(product)
            return _response(request, body, etag, translate.PRODUCTS_MAX_AGE_S)

        return await self._perform(Operation.GET_PRODUCT, _READ, request, work)

    async def change_price(self, request: Request) -> Response:
        async def work() -> Response:
            translate.check_no_query(request.query_params.multi_items())
            if_match = request.headers.get("if-match")
            if if_match is None:
                return problem_response(_no_if_match(), _PRECONDITION_REQUIRED)
            body = await self._json_body(request)
            wanted = translate.change_from(request.path_params["sku"], if_match, body)
            product = await self._catalog.change_price(wanted)
            return Response(
                translate.dump(messages.product_to_json(product)),
                headers={"ETag": translate.version_etag(product), "Cache-Control": "no-store"},
                media_type=translate.JSON_MEDIA_TYPE,
            )

        return await self._perform(Operation.CHANGE_PRICE, _WRITE, request, work)

    async def categories(self, request: Request) -> Response:
        async def work() -> Response:
            translate.check_no_query(request.query_params.multi_items())
            found = await self._catalog.categories()
            items: JsonObject = {"items": [messages.category_to_json(one) for one in found]}
            return _list_response(request, items, translate.SHELVES_MAX_AGE_S)

        return await self._perform(Operation.LIST_CATEGORIES, _READ, request, work)

    async def dark_stores(self, request: Request) -> Response:
        async def work() -> Response:
            translate.check_no_query(request.query_params.multi_items())
            found = await self._catalog.dark_stores()
            items: JsonObject = {"items": [messages.dark_store_to_json(one) for one in found]}
            return _list_response(request, items, translate.SHELVES_MAX_AGE_S)

        return await self._perform(Operation.LIST_STORES, _READ, request, work)

    async def _perform(
        self,
        operation: Operation,
        scope: str,
        request: Request,
        work: Callable[[], Awaitable[Response]],
    ) -> Response:
        credential = request.headers.get("authorization")
        return await self._intake.perform(operation, scope, credential, lambda _: work())

    async def _json_body(self, request: Request) -> bytes:
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != translate.JSON_MEDIA_TYPE:
            raise _no_json(media_type)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self._body_limit_bytes:
                raise too_large(None, self._body_limit_bytes)
        return bytes(body)


class _Resource:
    """One path with its methods. Whatever goes wrong becomes a problem without a traceback."""

    def __init__(self, by_method: Mapping[str, Handler]) -> None:
        self._by_method = by_method

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = await self._respond(request)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        handler = self._by_method.get(request.method)
        if handler is None:
            return _no_method(request, ", ".join(sorted(self._by_method)))
        try:
            return await handler(request)
        except StendError as error:
            return problem_response(error)
        except Exception:  # noqa: BLE001 - whatever a bug raises, the caller gets a problem
            _log.exception("%s %s failed", request.method, request.url.path)
            return problem_response(internal())


async def _contract(_: Request) -> Response:
    return Response(contract(), media_type="application/yaml")


def _list_response(request: Request, members: JsonObject, max_age_s: int) -> Response:
    body = translate.dump(members)
    return _response(request, body, translate.content_etag(body), max_age_s)


def _response(request: Request, body: bytes, etag: str, max_age_s: int) -> Response:
    # Neither public nor private: shared caches keep what needs no credential, and only that
    # (RFC 9111, section 3.5).
    headers = {"ETag": etag, "Cache-Control": f"max-age={max_age_s}"}
    known = request.headers.get("if-none-match")
    if known and translate.etag_listed(known, etag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=translate.JSON_MEDIA_TYPE)


# ---- errors ------------------------------------------------------------------------------------


def problem_response(error: StendError, status: int | None = None) -> Response:
    kind = FAULTS[error.code]
    return http.problem_response(error, replace(kind, status=status) if status else kind)


def _on_no_route(request: Request, _: Exception) -> Response:
    return problem_response(
        StendError(
            EdgeErrorCode.NO_SUCH_OPERATION,
            "Nothing stands at this path.",
            value=request.url.path,
            expected="a path of the contract",
            next_step=f"The contract is at {translate.ROOT}/openapi.yaml.",
        )
    )


def _no_method(request: Request, allowed: str) -> Response:
    response = problem_response(
        StendError(
            EdgeErrorCode.METHOD_NOT_ALLOWED,
            "This resource does not know the method.",
            value=request.method,
            expected=allowed,
            next_step=f"The contract is at {translate.ROOT}/openapi.yaml.",
        )
    )
    response.headers["Allow"] = allowed
    return response


def _no_json(media_type: str) -> StendError:
    return StendError(
        EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE,
        "This resource reads JSON only.",
        value=media_type or "no Content-Type",
        expected=translate.JSON_MEDIA_TYPE,
        next_step="Send the header Content-Type: application/json.",
    )


def _no_if_match() -> StendError:
    # RFC 6585, section 3: without a condition two managers would overwrite each other.
    return StendError(
        EdgeErrorCode.INVALID_ARGUMENT,
        "A price is changed only on condition that it is the one that was read.",
        expected="the header If-Match with the ETag of the product",
        next_step="Read the product and send its ETag.",
        violations=(Violation("/If-Match", "required"),),
    )
