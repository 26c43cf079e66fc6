"""The consumer of `stock`, for sagas and the reconciliation: commands and replies over RabbitMQ."""

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from stend.chassis.amqp import AmqpLink, AmqpMessage
from stend.chassis.amqp_calls import AmqpCaller
from stend.chassis.client_tokens import ClientTokens
from stend.chassis.resilience import PeerGuard
from stend.shop.orders.clients.answers import raise_for, unreadable
from stend.shop.orders.domain import Order
from stend.shop.orders.reconciliation.balances import Quantity
from stend.shop.orders.reconciliation.ports import Page
from stend.shop.orders.reconciliation.sides import ReservationSide, ReservationState

_ReadT = TypeVar("_ReadT")
_QUEUE = "stock.commands"
_PEER = "stock"
# Of one question, by the contract.
_MOST_SKUS = 100


class AmqpStockDesk:
    """
    Args:
        deadline_s: for one command with all its retries.
    """

    def __init__(
        self, link: AmqpLink, tokens: ClientTokens, guard: PeerGuard, deadline_s: float
    ) -> None:
        self._tokens = tokens
        self._caller = AmqpCaller(link)
        self._guard = guard
        self._deadline_s = deadline_s
        self._questions = itertools.count(1)

    async def reserve(self, order: Order) -> None:
        lines = [{"sku": line.sku, "quantity": line.quantity} for line in order.lines]
        await self._command("ReserveStock", order.order_id, lines=lines)

    async def release(self, order: Order) -> None:
        reason = order.reason or order.status
        await self._command("ReleaseStock", order.order_id, reason=reason)

    async def commit(self, order: Order) -> None:
        await self._command("CommitStock", order.order_id)

    async def reservations(self, after: str | None, limit: int) -> Page[ReservationSide]:
        body = {"after": after, "limit": limit} if after else {"limit": limit}
        return await self._question("ListReservations", body, _page_of)

    async def quantities(self, skus: Sequence[str]) -> Sequence[Quantity]:
        found: list[Quantity] = []
        for start in range(0, len(skus), _MOST_SKUS):
            body = {"skus": [*skus[start : start + _MOST_SKUS]]}
            found += await self._question("GetStock", body, _quantities_of)
        return found

    async def _command(self, command: str, order_id: str, **more: Any) -> None:
        # One command per order and kind: a second copy is recognised by the id.
        body = {"reservation_id": order_id, **more}
        await self._call(command, body, f"{order_id}:{command}", lambda _: None)

    async def _question(
        self, command: str, body: Mapping[str, Any], read: Callable[[Any], _ReadT]
    ) -> _ReadT:
        # The service keeps no replies to questions; the id only has to be there.
        return await self._call(command, body, f"question-{next(self._questions)}", read)

    async def _call(
        self,
        command: str,
        body: Mapping[str, Any],
        message_id: str,
        read: Callable[[Any], _ReadT],
    ) -> _ReadT:
        message = AmqpMessage(
            json.dumps(body, ensure_ascii=False).encode(),
            type=command,
            message_id=message_id,
            content_type="application/json",
        )

        async def attempt(timeout_s: float) -> _ReadT:
            async with self._tokens.presented() as credential:
                outgoing = replace(message, headers={"authorization": credential})
                reply = await self._caller.call(_QUEUE, outgoing, timeout_s)
                try:
                    answer = json.loads(reply.body)
                    if answer["ok"] is not True:
                        raise_for(_PEER, answer["error"], timeout_s)
                    return read(answer["result"])
                except (ValueError, KeyError, TypeError) as broken:
                    raise unreadable(_PEER, broken) from None

        return await self._guard.call(command, attempt, self._deadline_s)


def _page_of(result: Any) -> Page[ReservationSide]:
    items = tuple(
        ReservationSide(
            one["reservation_id"],
            ReservationState(one["status"]),
            {line["sku"]: line["quantity"] for line in one["lines"]},
        )
        for one in result["reservations"]
    )
    return Page(items, result["next_after"])


def _quantities_of(result: Any) -> list[Quantity]:
    return [Quantity(one["sku"], one["on_hand"], one["reserved"]) for one in result["quantities"]]
