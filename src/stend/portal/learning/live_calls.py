"""Performs what a live block of a lesson asks for, with the machinery of the playground."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass

from stend.course.texts.live import Call
from stend.kit.errors import EdgeErrorCode, StendError
from stend.portal.calls import Outcome, follow
from stend.portal.draft import Draft, compose
from stend.portal.highlight import Token, highlighted
from stend.portal.learning.performing import Performing
from stend.portal.prices.running import Run, run_all
from stend.shop.orders.api.protocols import Protocol, protocols_of
from stend.shop.orders.api.reply import Reply
from stend.shop.orders.domain import OrderEvent
from stend.shop.orders.usecases import Operation

ORDER = "order_id"
_OF_ONE_ORDER = frozenset({Operation.GET_ORDER, Operation.CANCEL_ORDER, Operation.TRACK_ORDER})
_SCOPES = frozenset({"orders:read", "orders:write"})
# What an order tells within so long, or so often, is enough to see how it tells it.
_FOLLOWED_S = 2.0
_FOLLOWED_EVENTS = 12


@dataclass(frozen=True, slots=True)
class Performed:
    """
    Attributes:
        run: None where an order was followed, or there is none to ask for.
        events: what an order told.
        no_order: nothing was ordered yet.
    """

    draft: Draft
    run: Run | None = None
    events: tuple[Reply[OrderEvent], ...] = ()
    no_order: bool = False
    refusal: StendError | None = None

    @property
    def body(self) -> tuple[Token, ...]:
        answer = self.run.outcome.answer if self.run else None
        return tuple(highlighted(answer.body)) if answer else ()


def _operation_of(call: Call) -> Operation:
    return Operation(call.operation.value)


def asks_for_order(call: Call) -> bool:
    return _operation_of(call) in _OF_ONE_ORDER


async def perform_live(call: Call, order_id: str, performing: Performing) -> Performed:
    """
    Args:
        order_id: of the order that is meant; empty for the newest.
    """
    operation, over = _operation_of(call), call.over.value
    given: Mapping[str, str] = {}
    if operation in _OF_ONE_ORDER:
        order_id = order_id or await _newest(performing)
        given = {ORDER: order_id}
    draft = compose(operation, over, given.items(), performing.ids.ulid())
    if Protocol(over) not in protocols_of(operation) or over not in performing.lender.protocols:
        return Performed(draft, refusal=_not_carried(operation, over))
    if operation in _OF_ONE_ORDER and not order_id:
        return Performed(draft, no_order=True)
    if draft.streams:
        return await _followed(draft, performing)
    return Performed(draft, await _run(draft, performing))


async def _run(draft: Draft, performing: Performing) -> Run:
    run = await _once(draft, performing, None)
    if _is_unknown(run.outcome) and (credential := _credential(performing)):
        return await _once(draft, performing, credential)
    return run


async def _once(draft: Draft, performing: Performing, credential: str | None) -> Run:
    runs = await run_all([draft], performing.lender, credential, performing.wire)
    return runs[0]


async def _newest(performing: Performing) -> str:
    over = performing.lender.protocols[0]
    draft = compose(Operation.LIST_ORDERS, over, {"limit": "1"}.items(), "")
    page = (await _run(draft, performing)).outcome.page
    return page.orders[0].order_id if page and page.orders else ""


async def _followed(draft: Draft, performing: Performing) -> Performed:
    events: list[Reply[OrderEvent]] = []
    try:
        async with (
            asyncio.timeout(_FOLLOWED_S),
            aclosing(follow(draft, performing.lender, None)) as replies,
        ):
            async for reply in replies:
                events.append(reply)
                if reply.error is not None or len(events) == _FOLLOWED_EVENTS:
                    break
    except TimeoutError:
        pass
    except StendError as refusal:
        return Performed(draft, refusal=refusal)
    return Performed(draft, events=tuple(events))


def _is_unknown(outcome: Outcome) -> bool:
    error = outcome.answer.error if outcome.answer else None
    return error is not None and error.code == EdgeErrorCode.UNAUTHENTICATED


def _credential(performing: Performing) -> str | None:
    able = (one for one in performing.credentials() if set(one.scopes) >= _SCOPES)
    found = next(able, None)
    return found.credential if found else None


def _not_carried(operation: Operation, over: str) -> StendError:
    return StendError(
        EdgeErrorCode.INVALID_ARGUMENT,
        f"{over} does not carry {operation}.",
        value=over,
        expected=", ".join(protocols_of(operation)),
        next_step="Perform it over another protocol in the playground.",
    )
