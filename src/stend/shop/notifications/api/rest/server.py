"""REST and SSE over Starlette: binds the use cases to the paths of openapi.yaml."""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from importlib.resources import files

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from stend.chassis.event_stream import EventStream, StreamLimits, frame
from stend.chassis.http import problem_response
from stend.chassis.intake import Intake
from stend.kit.errors import EdgeErrorCode, StendError, Violation, internal, too_large
from stend.kit.json import JsonObject
from stend.shop.notifications.api import messages
from stend.shop.notifications.api.rest import translate
from stend.shop.notifications.api.rest.faults import FAULTS
from stend.shop.notifications.domain import DeliveryStatus, Notification
from stend.shop.notifications.usecases import Follow, Notifications, NotificationsOf, Operation

_log = logging.getLogger("stend.notifications.rest")
READ = "notifications:read"
WRITE = "notifications:write"
_DEAD_LETTERS = f"{translate.WEBHOOKS}/dead-letters"

Handler = Callable[[Request], Awaitable[ASGIApp]]


@dataclass(frozen=True, slots=True)
class RestLimits:
    """
    Attributes:
        body_limit_bytes: largest request body.
    """

    body_limit_bytes: int
    stream: StreamLimits


def contract() -> str:
    """The text of openapi.yaml."""
    folder = files("stend.shop.notifications.api.rest")
    return folder.joinpath("contract/openapi.yaml").read_text("utf-8")


def create_app(notifications: NotificationsOf, intake: Intake, limits: RestLimits) -> ASGIApp:
    api = _Api(notifications, intake, limits)
    webhook = translate.WEBHOOKS + "/{webhook_id}"
    dead_letter = _DEAD_LETTERS + "/{message_id}"
    table: Mapping[str, Mapping[str, Handler]] = {
        translate.WEBHOOKS: {"GET": api.list_webhooks, "POST": api.register},
        _DEAD_LETTERS: {"GET": api.list_dead_letters},
        dead_letter + "/redelivery": {"POST": api.redeliver},
        webhook: {"GET": api.get_webhook, "DELETE": api.remove_webhook},
        webhook + "/deliveries": {"GET": api.list_deliveries},
        webhook + "/deliveries/{message_id}": {"GET": api.get_delivery},
        translate.NOTIFICATIONS: {"GET": api.list_notifications},
        translate.NOTIFICATIONS + "/stream": {"GET": api.follow},
        translate.NOTIFICATIONS + "/openapi.yaml": {"GET": _contract},
    }
    routes = [Route(path, _Resource(by_method)) for path, by_method in table.items()]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _on_no_route})
    # Only the paths of the contract exist: none is redirected to for a slash too many.
    app.router.redirect_slashes = False
    return app


class _Api:
    def __init__(
        self, notifications_of: NotificationsOf, intake: Intake, limits: RestLimits
    ) -> None:
        self._notifications_of = notifications_of
        self._intake = intake
        self._limits = limits

    async def register(self, request: Request) -> Response:
        _no_query(request)

        async def work(notifications: Notifications) -> Response:
            body = await self._json_body(request)
            wanted = messages.registration_of(body, request.headers.get("idempotency-key"))
            registered = await notifications.register(wanted)
            headers = {
                "Location": translate.location(registered.webhook),
                "Idempotency-Replayed": str(registered.replayed).lower(),
            }
            return _json(messages.registered_to_json(registered), 201, headers)

        return await self._perform(Operation.REGISTER_WEBHOOK, WRITE, request, work)

    async def list_webhooks(self, request: Request) -> Response:
        async def work(notifications: Notifications) -> Response:
            query = messages.query_of(messages.PageQuery, request.query_params.multi_items())
            page = await notifications.list_webhooks(query.cursor, query.limit)
            return _json(messages.webhooks_to_json(page))

        return await self._perform(Operation.LIST_WEBHOOKS, READ, request, work)

    async def get_webhook(self, request: Request) -> Response:
        _no_query(request)

        async def work(notifications: Notifications) -> Response:
            webhook = await notifications.get_webhook(request.path_params["webhook_id"])
            return _json(messages.webhook_to_json(webhook))

        return await self._perform(Operation.GET_WEBHOOK, READ, request, work)

    async def remove_webhook(self, request: Request) -> Response:
        _no_query(request)

        async def work(notifications: Notifications) -> Response:
            await notifications.remove_webhook(request.path_params["webhook_id"])
            return Response(status_code=204)

        return await self._perform(Operation.REMOVE_WEBHOOK, WRITE, request, work)

    async def list_deliveries(self, request: Request) -> Response:
        async def work(notifications: Notifications) -> Response:
            query = messages.query_of(messages.DeliveriesQuery, request.query_params.multi_items())
            page = await notifications.list_deliveries(
                request.path_params["webhook_id"], query.status, query.cursor, query.limit
            )
            return _json(messages.deliveries_to_json(page))

        return await self._perform(Operation.LIST_DELIVERIES, READ, request, work)

    async def get_delivery(self, request: Request) -> Response:
        _no_query(request)

        async def work(notifications: Notifications) -> Response:
            report = await notifications.get_delivery(
                request.path_params["webhook_id"], request.path_params["message_id"]
            )
            return _json(messages.report_to_json(report))

        return await self._perform(Operation.GET_DELIVERY, READ, request, work)

    async def list_dead_letters(self, request: Request) -> Response:
        async def work(notifications: Notifications) -> Response:
            query = messages.query_of(messages.PageQuery, request.query_params.multi_items())
            page = await notifications.list_deliveries(
                None, DeliveryStatus.DEAD, query.cursor, query.limit
            )
            return _json(messages.deliveries_to_json(page))

        return await self._perform(Operation.LIST_DEAD_LETTERS, READ, request, work)

    async def redeliver(self, request: Request) -> Response:
        _no_query(request)

        async def work(notifications: Notifications) -> Response:
            if await self._body(request):
                raise messages.invalid((Violation("", "no body"),))
            delivery = await notifications.redeliver(request.path_params["message_id"])
            return _json(messages.delivery_to_json(delivery), 202)

        return await self._perform(Operation.REDELIVER, WRITE, request, work)

    async def list_notifications(self, request: Request) -> Response:
        async def work(notifications: Notifications) -> Response:
            pairs = request.query_params.multi_items()
            wanted, limit = messages.notifications_query_of(pairs)
            found = await notifications.list_notifications(wanted, limit)
            return _json(messages.notifications_to_json(found, wanted.target))

        return await self._perform(Operation.LIST_NOTIFICATIONS, READ, request, work)

    async def follow(self, request: Request) -> ASGIApp:
        pairs = request.query_params.multi_items()
        wanted = messages.follow_query_of(pairs, request.headers.get("last-event-id"))
        caller = self._intake.open(Operation.FOLLOW_NOTIFICATIONS, READ, _credential(request))
        followed = self._notifications_of(caller).follow(wanted)
        return EventStream(_frames(wanted, followed), self._limits.stream)

    async def _perform(
        self,
        operation: Operation,
        scope: str,
        request: Request,
        work: Callable[[Notifications], Awaitable[Response]],
    ) -> Response:
        return await self._intake.perform(
            operation,
            scope,
            _credential(request),
            lambda caller: work(self._notifications_of(caller)),
        )

    async def _json_body(self, request: Request) -> bytes:
        body = await self._body(request)
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != translate.JSON_MEDIA_TYPE:
            raise StendError(
                EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE,
                "This resource reads JSON only.",
                value=media_type or "no Content-Type",
                expected=translate.JSON_MEDIA_TYPE,
                next_step="Send the header Content-Type: application/json.",
            )
        return body

    async def _body(self, request: Request) -> bytes:
        # A chunked body announces no length, so the bytes are counted as they come.
        limit_bytes = self._limits.body_limit_bytes
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit_bytes:
                raise too_large(None, limit_bytes)
        return body


async def _frames(
    wanted: Follow, followed: AsyncGenerator[Notification, None]
) -> AsyncGenerator[bytes, None]:
    async with aclosing(followed):
        async for notification in followed:
            position = wanted.target.position(notification)
            data = translate.event_data(notification, position)
            yield frame(position, notification.event.type, data)


class _Resource:
    """One path: its methods, and an answer to whatever goes wrong."""

    def __init__(self, by_method: Mapping[str, Handler]) -> None:
        self._by_method = by_method

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = await self._answer(request)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> ASGIApp:
        handler = self._by_method.get(request.method)
        if handler is None:
            return _method_not_allowed(request, ", ".join(sorted(self._by_method)))
        try:
            return await handler(request)
        except StendError as error:
            return _problem(error)
        except Exception:  # noqa: BLE001 - whatever a bug raises, the caller gets a problem
            _log.exception("%s %s failed", request.method, request.url.path)
            return _problem(internal())


async def _contract(request: Request) -> Response:
    return Response(contract(), media_type="application/yaml")


def _credential(request: Request) -> str | None:
    return request.headers.get("authorization")


def _no_query(request: Request) -> None:
    messages.query_of(messages.NoQuery, request.query_params.multi_items())


def _json(
    members: JsonObject, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(messages.dump(members), status, headers, translate.JSON_MEDIA_TYPE)


def _problem(error: StendError) -> Response:
    return problem_response(error, FAULTS[error.code])


def _method_not_allowed(request: Request, allowed: str) -> Response:
    response = _problem(
        StendError(
            EdgeErrorCode.METHOD_NOT_ALLOWED,
            "This resource does not know the method.",
            value=request.method,
            expected=allowed,
            next_step="The contract lists the methods of every path.",
        )
    )
    response.headers["Allow"] = allowed
    return response


async def _on_no_route(request: Request, error: Exception) -> Response:
    return _problem(
        StendError(
            EdgeErrorCode.NO_SUCH_OPERATION,
            "Nothing stands at this path.",
            value=request.url.path,
            expected="a path of the contract",
            next_step="The contract at /api/v1/notifications/openapi.yaml lists them.",
        )
    )
