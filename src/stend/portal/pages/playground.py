"""`/playground`: one operation over one protocol, composed in a form, performed by the portal."""

from collections.abc import AsyncIterator, Mapping, Sequence
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from stend.kit.errors import StendError
from stend.kit.ids import Ids
from stend.kit.languages import Language
from stend.portal.calls import Outcome, follow, input_of, perform, unfit
from stend.portal.draft import OPERATION, PROTOCOL, Draft, address, compose
from stend.portal.error_pages.index import page_of
from stend.portal.events import HEARTBEAT, beating, frame, stream
from stend.portal.highlight import highlighted
from stend.portal.language import language_for
from stend.portal.rendering import Renderer, is_fragment
from stend.portal.snippets import Snippet, snippets
from stend.shop.orders.api.protocols import Protocol, protocols_of
from stend.shop.orders.api.reply import OrdersClient, Reply
from stend.shop.orders.domain import OrderEvent
from stend.shop.orders.usecases import Operation

FORM_LIMIT_BYTES = 64 * 1024
_FIELD_LIMIT = 512
# So many events of one stream reach the page; the page itself shows the last EVENTS_SHOWN.
EVENTS_LIMIT = 1000
EVENTS_SHOWN = 200
_STREAM: dict[str, object] = {"bound": EVENTS_SHOWN, "limit": EVENTS_LIMIT}


def callable_over(
    clients: Mapping[str, OrdersClient],
) -> Mapping[Operation, tuple[str, ...]]:
    """The protocols that can carry each operation and have a client here."""
    return {
        operation: tuple(name for name in protocols_of(operation) if name in clients)
        for operation in Operation
    }


class PlaygroundPage:
    def __init__(
        self,
        renderer: Renderer,
        clients: Mapping[str, OrdersClient],
        ids: Ids,
        addresses: tuple[str, str],
    ) -> None:
        """`addresses`: the public URL of HTTP and the target of gRPC, for the snippets."""
        self._renderer = renderer
        self._clients = clients
        self._ids = ids
        self._public_url, self._grpc_target = addresses
        self._protocols = callable_over(clients)

    def routes(self) -> list[Route]:
        return [
            Route("/playground", self._page, methods=["GET"]),
            Route("/playground", self._call, methods=["POST"]),
            Route("/playground/snippets", self._snippets, methods=["POST"]),
            Route("/playground/events", self._events, methods=["GET"]),
            Route("/playground/key", self._key, methods=["GET"]),
        ]

    async def _page(self, request: Request) -> Response:
        draft = self._draft(request.query_params.multi_items())
        return self._whole(request, draft, Outcome())

    async def _call(self, request: Request) -> Response:
        draft = self._draft(await _form_of(request))
        outcome = await perform(draft, self._clients)
        if is_fragment(request):
            return self._renderer.page(request, "_answer.html", self._answer(draft, outcome))
        return self._whole(request, draft, outcome)

    async def _snippets(self, request: Request) -> Response:
        draft = self._draft(await _form_of(request))
        return self._renderer.page(request, "_snippets.html", self._same_call(draft))

    async def _key(self, _request: Request) -> Response:
        return PlainTextResponse(self._ids.ulid(), headers={"Cache-Control": "no-store"})

    async def _events(self, request: Request) -> Response:
        draft = self._draft(request.query_params.multi_items())
        if not draft.streams:
            raise HTTPException(404)
        return stream(self._frames(draft, language_for(request)))

    async def _frames(self, draft: Draft, language: Language) -> AsyncIterator[str]:
        def piece(event: str, template: str, context: Mapping[str, object]) -> str:
            return frame(event, self._renderer.text(language, template, context))

        yield piece("panel", "_stream.html", _STREAM | {"draft": draft})
        try:
            replies = follow(draft, self._clients)
            async for reply, number in _counted(replies):
                if reply is None:
                    yield HEARTBEAT
                elif reply.error is not None:
                    yield piece("failure", "_answer.html", self._failed(draft, reply))
                    return
                else:
                    yield piece("row", "_event.html", _event_context(reply, number))
                    if number == 1:
                        yield piece("head", "_head.html", {"answer": reply, "draft": draft})
                    if number == EVENTS_LIMIT:
                        yield frame("end", "limit")
                        return
        except (StendError, ValueError) as error:
            refusal = error if isinstance(error, StendError) else unfit(draft, error)
            yield piece("failure", "_answer.html", self._answer(draft, Outcome(refusal=refusal)))
            return
        yield frame("end", "ended")

    def _draft(self, pairs: Sequence[tuple[str, str]]) -> Draft:
        given = dict(pairs)
        operation = given.pop(OPERATION, Operation.PLACE_ORDER)
        protocol = given.pop(PROTOCOL, Protocol.REST)
        if operation not in set(Operation) or protocol not in set(Protocol):
            raise HTTPException(404)
        # Whoever goes on to another operation may come from a protocol that cannot carry it.
        able = self._protocols[Operation(operation)]
        over = protocol if protocol in able else next(iter(able), "")
        return compose(Operation(operation), over, given.items(), self._ids.ulid())

    def _whole(self, request: Request, draft: Draft, outcome: Outcome) -> Response:
        context = {
            "operations": tuple(Operation),
            "protocols": self._protocols[draft.operation],
            "address": address,
            "groups": draft.groups(),
            **self._same_call(draft),
            **self._answer(draft, outcome),
        }
        return self._renderer.page(request, "playground.html", context)

    def _answer(self, draft: Draft, outcome: Outcome) -> dict[str, object]:
        answer = outcome.answer
        return {
            "draft": draft,
            "outcome": outcome,
            "answer": answer,
            "body": highlighted(answer.body) if answer else (),
            "others": [
                name for name in self._protocols[Operation.GET_ORDER] if name != draft.protocol
            ],
            "address": address,
            "page_of": page_of,
        }

    def _failed(self, draft: Draft, reply: Reply[OrderEvent]) -> dict[str, object]:
        shown = {"answer": reply, "body": highlighted(reply.body)}
        return {**self._answer(draft, Outcome()), **shown}

    def _same_call(self, draft: Draft) -> dict[str, object]:
        found: tuple[Snippet, ...] = ()
        try:
            found = snippets(input_of(draft), self._public_url, self._grpc_target)
        except (StendError, ValueError):
            # The answer panel says what is wrong when the call is made; here it is only absent.
            found = ()
        return {"draft": draft, "snippets": found}


def _event_context(reply: Reply[OrderEvent], number: int) -> dict[str, object]:
    return {"reply": reply, "event": reply.result, "number": number}


async def _counted(
    replies: AsyncIterator[Reply[OrderEvent]],
) -> AsyncIterator[tuple[Reply[OrderEvent] | None, int]]:
    """Replies with their number, from 1; None for a silence."""
    number = 0
    source = beating(replies)
    try:
        async for reply in source:
            number += reply is not None
            yield reply, number
    finally:
        await source.aclose()


async def _form_of(request: Request) -> list[tuple[str, str]]:
    """
    Raises:
        HTTPException: 413 when the form is larger than FORM_LIMIT_BYTES.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_LIMIT_BYTES:
            raise HTTPException(413)
    try:
        return parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_FIELD_LIMIT
        )
    except ValueError:
        raise HTTPException(413) from None
