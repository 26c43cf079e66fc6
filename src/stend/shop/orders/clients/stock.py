"""The saga's consumer of `stock`: commands and replies over RabbitMQ."""

import json
from dataclasses import replace
from typing import Any

from stend.chassis.amqp import AmqpLink, AmqpMessage
from stend.chassis.amqp_calls import AmqpCaller
from stend.chassis.client_tokens import ClientTokens
from stend.chassis.resilience import PeerGuard
from stend.shop.orders.clients.answers import raise_for, unreadable
from stend.shop.orders.domain import Order

_QUEUE = "stock.commands"
_PEER = "stock"


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

    async def reserve(self, order: Order) -> None:
        lines = [{"sku": line.sku, "quantity": line.quantity} for line in order.lines]
        await self._call("ReserveStock", order.order_id, lines=lines)

    async def release(self, order: Order) -> None:
        await self._call("ReleaseStock", order.order_id, reason=order.reason or order.status)

    async def commit(self, order: Order) -> None:
        await self._call("CommitStock", order.order_id)

    async def _call(self, command: str, order_id: str, **more: Any) -> None:
        body = json.dumps({"reservation_id": order_id, **more}, ensure_ascii=False).encode()
        message = AmqpMessage(
            body,
            type=command,
            # One command per order and kind: a second copy is recognised by it.
            message_id=f"{order_id}:{command}",
            content_type="application/json",
        )

        async def attempt(timeout_s: float) -> None:
            headers = {"authorization": await self._tokens.credential()}
            reply = await self._caller.call(_QUEUE, replace(message, headers=headers), timeout_s)
            try:
                answer = json.loads(reply.body)
                error = None if answer["ok"] is True else answer["error"]
            except (ValueError, KeyError, TypeError) as broken:
                raise unreadable(_PEER, broken) from None
            if error is not None:
                raise_for(_PEER, error, timeout_s)

        await self._guard.call(command, attempt, self._deadline_s)
