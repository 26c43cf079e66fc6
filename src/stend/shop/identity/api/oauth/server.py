"""The endpoints of OAuth 2.0 over Starlette: token, keys, metadata. The only file with I/O."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from importlib.resources import files

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stend.chassis.access import Access, OpenAccess
from stend.chassis.intake import Intake
from stend.kit.errors import EdgeErrorCode, StendError, internal, too_large
from stend.kit.json import JsonObject
from stend.shop.identity.api.oauth import faults, translate
from stend.shop.identity.domain import KEYS_SCOPE
from stend.shop.identity.usecases import Identity

PATH_PREFIXES = ("/oauth", "/.well-known/oauth-authorization-server")
_SERVICE, _PROTOCOL = "identity", "oauth"
_BODY_LIMIT_BYTES = 16_384
_METHOD_NOT_ALLOWED = 405
# RFC 6749, section 5.1, for every answer that tells of a token.
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
# Shorter than the time for which the next key is published before it signs.
_KEYS_HEADERS = {"Cache-Control": "public, max-age=60"}


def contract() -> str:
    """The text of openapi.yaml."""
    folder = files("stend.shop.identity.api.oauth").joinpath("contract")
    return folder.joinpath("openapi.yaml").read_text("utf-8")


class OAuthServer:
    """
    Args:
        access: of the operator, who changes the keys; the other endpoints are open to everybody.
        issuer: `http://host:port`, as clients reach this server.
        deadline_s: for one operation.
    """

    def __init__(
        self, identity: Identity, access: Access, issuer: str, demo: bool, deadline_s: float
    ) -> None:
        self._identity = identity
        self._metadata = translate.metadata_to_json(issuer, demo)
        self._open = Intake(_SERVICE, _PROTOCOL, OpenAccess(), deadline_s)
        self._guarded = Intake(_SERVICE, _PROTOCOL, access, deadline_s)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                _route("/oauth/token", self._token, "POST"),
                _route("/oauth/jwks", self._jwks, "GET"),
                _route("/oauth/keys/rotation", self._rotate, "POST"),
                _route("/oauth/openapi.yaml", self._contract, "GET"),
                _route("/.well-known/oauth-authorization-server", self._about, "GET"),
            ],
            exception_handlers={
                StendError: _on_error,
                HTTPException: _on_error,
                Exception: _on_error,
            },
        )

    async def _token(self, request: Request) -> Response:
        async def work() -> Response:
            body = await _form_body(request)
            grant = translate.grant_from(body, request.headers.get("authorization"))
            # In a thread: the first signature imports the cryptography, and reads the keys.
            token = await asyncio.to_thread(self._identity.issue_token, grant)
            return _json(translate.token_to_json(token), headers=_NO_STORE)

        return await self._open.perform("IssueToken", "", None, lambda _: work())

    async def _jwks(self, _request: Request) -> Response:
        async def work() -> Response:
            keys = await asyncio.to_thread(self._identity.published_keys)
            return _json(keys, headers=_KEYS_HEADERS, media_type="application/jwk-set+json")

        return await self._open.perform("PublishKeys", "", None, lambda _: work())

    async def _rotate(self, request: Request) -> Response:
        async def work() -> Response:
            kid = await asyncio.to_thread(self._identity.rotate_keys)
            return _json({"kid": kid}, headers=_NO_STORE)

        credential = request.headers.get("authorization")
        return await self._guarded.perform("RotateKeys", KEYS_SCOPE, credential, lambda _: work())

    async def _about(self, _request: Request) -> Response:
        return _json(self._metadata)

    async def _contract(self, _request: Request) -> Response:
        return Response(contract(), media_type="application/yaml")


def _route(path: str, endpoint: Callable[[Request], Awaitable[Response]], method: str) -> Route:
    return Route(path, endpoint, methods=[method])


async def _form_body(request: Request) -> bytes:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != translate.FORM_MEDIA_TYPE:
        raise StendError(
            EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE,
            "The token endpoint reads forms only.",
            value=ascii(media_type[:64]),
            expected=translate.FORM_MEDIA_TYPE,
            next_step="Send the fields as curl -d does.",
        )
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_LIMIT_BYTES:
            raise too_large(None, _BODY_LIMIT_BYTES)
    return bytes(body)


def _json(
    body: JsonObject,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    media_type: str = "application/json",
) -> Response:
    text = json.dumps(body, separators=(",", ":"))
    return Response(text, status, headers, media_type)


def _on_error(request: Request, error: Exception) -> Response:
    match error:
        case StendError():
            told, more = error, {}
        case HTTPException(status_code=status) if status == _METHOD_NOT_ALLOWED:
            more = dict(error.headers or {})
            told = _method_not_allowed(request, more.get("Allow", ""))
        case HTTPException():
            told, more = _no_such_resource(request), {}
        case _:
            told, more = internal(), {}
    headers = {**_NO_STORE, **faults.headers_of(told), **more}
    return _json(faults.error_of(told), faults.status_of(told), headers)


def _method_not_allowed(request: Request, allowed: str) -> StendError:
    return StendError(
        EdgeErrorCode.METHOD_NOT_ALLOWED,
        "This resource does not know the method.",
        value=request.method,
        expected=allowed,
        next_step="/oauth/openapi.yaml lists the methods of every path.",
    )


def _no_such_resource(request: Request) -> StendError:
    return StendError(
        EdgeErrorCode.NO_SUCH_OPERATION,
        "Nothing stands at this path.",
        value=ascii(request.url.path[:200]),
        expected="a path of the contract",
        next_step="/oauth/openapi.yaml lists them.",
    )
