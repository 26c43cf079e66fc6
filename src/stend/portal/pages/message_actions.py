"""Forms of `/messages`: look into a queue or a log, publish, requeue, replay. POST, then 303."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import parse_qsl, urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from stend.portal.messages.answers import NoBrokerAnswerError
from stend.portal.messages.hand import Hand, UnfitError

_FORM_LIMIT_BYTES = 256 * 1024
_MOST_FIELDS = 256
_UNFIT, _NO_BROKER = 422, 502
Fields = Mapping[str, Sequence[str]]
# What the page shows beside the picture: a refusal with the fields as they were sent.
Refuse = Callable[[Request, int, Mapping[str, object]], Awaitable[Response]]


class MessageActions:
    """
    Args:
        page: where a reader is sent afterwards.
        refuse: shows the page with a refusal in it.
    """

    def __init__(self, page: str, hand: Hand, refuse: Refuse) -> None:
        self._page = page
        self._hand = hand
        self._refuse = refuse

    def routes(self) -> list[Route]:
        return [
            Route(f"{self._page}/{name}", self._handler(name, act), methods=["POST"])
            for name, act in (
                ("publish", self._publish),
                ("peek", self._peek),
                ("requeue", self._requeue),
                ("replay", self._replay),
            )
        ]

    def _handler(
        self, name: str, act: Callable[[Fields], Awaitable[Mapping[str, str]]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def handled(request: Request) -> Response:
            fields = await _fields_of(request)
            try:
                query = await act(fields)
            except UnfitError as error:
                refusal: dict[str, object] = {
                    "unfit": error,
                    "broker": None,
                    "action": name,
                    "fields": fields,
                }
                return await self._refuse(request, _UNFIT, refusal)
            except NoBrokerAnswerError as error:
                self._hand.failed(f"failed_{name}", f"{error.key}: {error.detail}")
                refusal = {"unfit": None, "broker": error, "action": name, "fields": fields}
                return await self._refuse(request, _NO_BROKER, refusal)
            asked = f"?{urlencode(query)}" if query else ""
            return RedirectResponse(f"{self._page}{asked}#hand", 303)

        return handled

    async def _publish(self, fields: Fields) -> Mapping[str, str]:
        headers, body = _one(fields, "headers"), _one(fields, "body")
        if _one(fields, "broker") == "kafka":
            topic, key = _one(fields, "topic"), _one(fields, "record_key")
            if not topic:
                raise UnfitError("topic", topic)
            partition = _one(fields, "partition")
            await self._hand.publish_kafka(topic, partition, key, headers, body)
        else:
            exchange, key = _one(fields, "exchange"), _one(fields, "routing_key")
            if not (exchange or key):
                raise UnfitError("routing_key", key)
            await self._hand.publish_amqp(exchange, key, headers, body)
        return {}

    async def _peek(self, fields: Fields) -> Mapping[str, str]:
        if topic := _one(fields, "topic"):
            partition, offset = _one(fields, "partition"), _one(fields, "offset")
            return {"look": await self._hand.read(topic, partition, offset)}
        queue = _one(fields, "queue")
        if not queue:
            raise UnfitError("queue", queue)
        return {"look": await self._hand.peek(_one(fields, "vhost") or "/", queue)}

    async def _requeue(self, fields: Fields) -> Mapping[str, str]:
        await self._hand.requeue(_one(fields, "queue"), fields.get("chosen", ()))
        return {}

    async def _replay(self, fields: Fields) -> Mapping[str, str]:
        topic, partition = _one(fields, "topic"), _one(fields, "partition")
        await self._hand.replay(topic, partition, _one(fields, "offset"))
        return {}


def _one(fields: Fields, name: str) -> str:
    return next(iter(fields.get(name, ())), "").strip()


async def _fields_of(request: Request) -> Fields:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _FORM_LIMIT_BYTES:
            raise HTTPException(413)
    found: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise HTTPException(413) from None
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
