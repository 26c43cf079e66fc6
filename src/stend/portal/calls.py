"""Performs a drafted call with the client of its protocol."""

from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, aclosing, nullcontext
from dataclasses import dataclass

from stend.chassis.tracing.recording import rooted
from stend.kit.errors import EdgeErrorCode, StendError
from stend.portal.callers import Lender
from stend.portal.draft import Draft
from stend.shop.orders.api import dispatch
from stend.shop.orders.api.dispatch import Answer
from stend.shop.orders.api.fields import input_from_fields
from stend.shop.orders.api.reply import OrdersClient, Reply
from stend.shop.orders.domain import Order, OrderEvent
from stend.shop.orders.usecases import OperationInput, OrderPage, PlacedOrder, TrackOrder

_UNWATCHED: AbstractContextManager[object] = nullcontext()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call came to: an answer, or the reason why nothing was sent.

    Attributes:
        trace_id: of the trace that the call has begun; None where nothing is recorded.
    """

    answer: Answer | None = None
    refusal: StendError | None = None
    trace_id: str | None = None

    @property
    def order(self) -> Order | None:
        """The one order of the answer, if it has exactly one."""
        result = self.answer.result if self.answer else None
        if isinstance(result, PlacedOrder):
            return result.order
        return result if isinstance(result, Order) else None

    @property
    def page(self) -> OrderPage | None:
        result = self.answer.result if self.answer else None
        return result if isinstance(result, OrderPage) else None

    @property
    def replayed(self) -> bool:
        result = self.answer.result if self.answer else None
        return isinstance(result, PlacedOrder) and result.replayed


def input_of(draft: Draft) -> OperationInput:
    """
    Raises:
        StendError: INVALID_ARGUMENT when the fields do not make an input.
    """
    return input_from_fields(draft.operation, draft.fields)


async def perform(
    draft: Draft,
    lender: Lender,
    authorization: str | None,
    watch: AbstractContextManager[object] = _UNWATCHED,
) -> Outcome:
    """
    Args:
        watch: entered for the call alone: its client is there by then.
    """
    try:
        operation_input = input_of(draft)
        async with lender.lend(draft.protocol, authorization) as client:
            name = f"playground {draft.operation} over {draft.protocol}"
            with rooted("portal", name) as root, watch:
                answer = await _call(client, operation_input)
            return Outcome(answer=answer, trace_id=root.trace_id if root else None)
    except StendError as refusal:
        return Outcome(refusal=refusal)
    except ValueError as error:
        # An integer beyond int32, a header that is not ASCII: the message cannot be built.
        return Outcome(refusal=unfit(draft, error))


async def _call(client: OrdersClient, operation_input: OperationInput) -> Answer:
    if isinstance(operation_input, TrackOrder):
        raise StendError(
            EdgeErrorCode.INVALID_ARGUMENT,
            "TrackOrder answers with a stream, not with one message.",
            expected="a reader of /playground/events",
            next_step="Turn scripts on in this browser, or use the curl command.",
        )
    return await dispatch.perform(client, operation_input)


async def follow(
    draft: Draft, lender: Lender, authorization: str | None
) -> AsyncGenerator[Reply[OrderEvent], None]:
    """
    Raises:
        StendError: INVALID_ARGUMENT when the fields do not make a TrackOrder.
    """
    operation_input = input_of(draft)
    if not isinstance(operation_input, TrackOrder):
        raise TypeError(f"expected a TrackOrder, got {type(operation_input).__name__}")
    async with (
        lender.lend(draft.protocol, authorization) as client,
        aclosing(client.track_order(operation_input)) as replies,
    ):
        async for reply in replies:
            yield reply


def unfit(draft: Draft, error: ValueError) -> StendError:
    return StendError(
        EdgeErrorCode.INVALID_ARGUMENT,
        f"A value does not fit into the message of {draft.protocol}.",
        value=str(error),
        expected=f"values that {draft.contract} can carry",
        next_step="Correct the value or choose another protocol.",
    )
