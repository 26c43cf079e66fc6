"""`/playground`: one operation, composed in a form, performed by the portal over one protocol or
over several at once, and what that costs on the wire."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from stend.kit.errors import StendError
from stend.kit.ids import Ids
from stend.kit.languages import Language
from stend.portal.callers import ANONYMOUS, CUSTOM, Credentials, Lender, authorization_of
from stend.portal.calls import Outcome, follow, input_of, unfit
from stend.portal.draft import (
    KEY_FIELD,
    OPERATION,
    OWN_CREDENTIAL,
    PROTOCOL,
    SAME_KEY,
    WHO,
    WITH,
    Draft,
    compose,
)
from stend.portal.error_pages.index import page_of
from stend.portal.events import HEARTBEAT, beating, frame, stream
from stend.portal.forms import form_of
from stend.portal.highlight import highlighted
from stend.portal.language import language_for
from stend.portal.prices.running import Run, drafts_of, run_all
from stend.portal.prices.showing import Prices, share
from stend.portal.rendering import Renderer, has_story, is_fragment
from stend.portal.snippets.choosing import snippets_for
from stend.portal.snippets.snippet import Call, Places, Snippet
from stend.portal.wire import Wire
from stend.shop.orders.api.protocols import Protocol, protocols_of
from stend.shop.orders.api.reply import Reply
from stend.shop.orders.domain import OrderEvent
from stend.shop.orders.usecases import Operation

# So many events of one stream reach the page; the page itself shows the last EVENTS_SHOWN.
EVENTS_LIMIT = 1000
EVENTS_SHOWN = 200
_STREAM: dict[str, object] = {"bound": EVENTS_SHOWN, "limit": EVENTS_LIMIT}


def callable_over(known: Collection[str]) -> Mapping[Operation, tuple[str, ...]]:
    """Which of the known protocols can carry each operation."""
    return {
        operation: tuple(name for name in protocols_of(operation) if name in known)
        for operation in Operation
    }


@dataclass(frozen=True, slots=True)
class Asked:
    """A call as a reader asks for it.

    Attributes:
        own: the credential that he has typed.
        others: over which it is performed, too, at the same time.
        same_key: with one idempotency key for all.
    """

    draft: Draft
    own: str
    others: tuple[str, ...] = ()
    same_key: bool = False


class PlaygroundPage:
    def __init__(
        self,
        renderer: Renderer,
        lender: Lender,
        credentials: Credentials,
        ids: Ids,
        places: Places,
        wire: Wire,
    ) -> None:
        """`places`: for the snippets."""
        self._wire = wire
        self._renderer = renderer
        self._lender = lender
        self._credentials = credentials
        self._ids = ids
        self._places = places
        self._protocols = callable_over(lender.protocols)

    def routes(self) -> list[Route]:
        return [
            Route("/playground", self._page, methods=["GET"]),
            Route("/playground", self._call, methods=["POST"]),
            Route("/playground/snippets", self._snippets, methods=["POST"]),
            Route("/playground/events", self._events, methods=["POST"]),
            Route("/playground/key", self._key, methods=["GET"]),
        ]

    async def _page(self, request: Request) -> Response:
        asked = self._asked(request.query_params.multi_items())
        return await self._whole(request, asked, ())

    async def _call(self, request: Request) -> Response:
        asked = self._asked(await form_of(request))
        runs = await self._performed(asked)
        if is_fragment(request):
            context = self._called(request, asked, runs)
            return self._renderer.page(request, "_called.html", context)
        return await self._whole(request, asked, runs)

    async def _performed(self, asked: Asked) -> Sequence[Run]:
        """The first is that of the protocol in hand."""
        try:
            authorization = self._authorization(asked)
        except StendError as refusal:
            return [Run(asked.draft, Outcome(refusal=refusal))]
        drafts = drafts_of(asked.draft, asked.others, self._ids, same_key=asked.same_key)
        return await run_all(drafts, self._lender, authorization, self._wire)

    async def _snippets(self, request: Request) -> Response:
        asked = self._asked(await form_of(request))
        return self._renderer.page(request, "_snippets.html", await self._same_call(asked))

    async def _key(self, _request: Request) -> Response:
        return PlainTextResponse(self._ids.ulid(), headers={"Cache-Control": "no-store"})

    async def _events(self, request: Request) -> Response:
        asked = self._asked(await form_of(request))
        if not asked.draft.streams:
            raise HTTPException(404)
        return stream(self._frames(asked, language_for(request)))

    async def _frames(self, asked: Asked, language: Language) -> AsyncIterator[str]:
        draft = asked.draft

        def piece(event: str, template: str, context: Mapping[str, object]) -> str:
            return frame(event, self._renderer.text(language, template, context))

        yield piece("panel", "_stream.html", _STREAM | {"draft": draft})
        try:
            replies = follow(draft, self._lender, self._authorization(asked))
            async for reply, number in _counted(replies):
                if reply is None:
                    yield HEARTBEAT
                elif reply.error is not None:
                    yield piece("failure", "_answer.html", self._failed(draft, reply))
                    return
                else:
                    yield piece("row", "_event.html", _event_context(draft, reply, number))
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

    def _asked(self, pairs: Sequence[tuple[str, str]]) -> Asked:
        given = dict(pairs)
        chosen = [value for name, value in pairs if name == WITH]
        given.pop(WITH, None)
        same_key = given.pop(SAME_KEY, "") == "1"
        operation = given.pop(OPERATION, Operation.PLACE_ORDER)
        protocol = given.pop(PROTOCOL, Protocol.REST)
        who, own = given.pop(WHO, ANONYMOUS), given.pop(OWN_CREDENTIAL, "")
        if operation not in set(Operation) or protocol not in set(Protocol):
            raise HTTPException(404)
        # Whoever goes on to another operation may come from a protocol that cannot carry it.
        able = self._protocols[Operation(operation)]
        over = protocol if protocol in able else next(iter(able), "")
        fresh_key = self._ids.ulid()
        draft = compose(Operation(operation), over, given.items(), fresh_key, who)
        others = () if draft.streams else tuple(one for one in able if one in chosen)
        return Asked(draft, own, others, same_key)

    def _authorization(self, asked: Asked) -> str | None:
        known = {one.subject: one for one in self._credentials()}
        return authorization_of(asked.draft.who, asked.own, known)

    async def _whole(self, request: Request, asked: Asked, runs: Sequence[Run]) -> Response:
        draft = asked.draft
        context = {
            "operations": tuple(Operation),
            "protocols": self._lender.protocols,
            "others_chosen": asked.others,
            "same_key": asked.same_key,
            "has_key": any(one.field.path == KEY_FIELD for one in draft.inputs),
            "groups": draft.groups(),
            "callers": self._credentials(),
            "custom": CUSTOM,
            "own": asked.own,
            **await self._same_call(asked),
            **self._called(request, asked, runs),
        }
        return self._renderer.page(request, "playground.html", context)

    def _called(self, request: Request, asked: Asked, runs: Sequence[Run]) -> dict[str, object]:
        able = self._protocols[asked.draft.operation]
        return {
            **self._answer(asked.draft, runs[0].outcome if runs else Outcome()),
            "able": able,
            "not_able": [one for one in self._lender.protocols if one not in able],
            "prices": Prices(runs, self._wire, self._places.http_url),
            "share": share,
            "has_story": has_story(request),
        }

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
            "page_of": page_of,
        }

    def _failed(self, draft: Draft, reply: Reply[OrderEvent]) -> dict[str, object]:
        shown = {"answer": reply, "body": highlighted(reply.body)}
        return {**self._answer(draft, Outcome()), **shown}

    async def _same_call(self, asked: Asked) -> dict[str, object]:
        draft = asked.draft
        found: tuple[Snippet, ...] = ()
        try:
            call = Call(input_of(draft), self._places, self._authorization(asked))
            found = await snippets_for(draft.protocol, call)
        except (StendError, ValueError):
            # The answer panel says what is wrong when the call is made; here it is only absent.
            found = ()
        return {"draft": draft, "snippets": found}


def _event_context(draft: Draft, reply: Reply[OrderEvent], number: int) -> dict[str, object]:
    return {"draft": draft, "reply": reply, "event": reply.result, "number": number}


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
