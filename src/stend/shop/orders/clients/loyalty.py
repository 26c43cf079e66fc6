"""The consumer of `loyalty`, for sagas and the reconciliation: JSON-RPC 2.0 over HTTP."""

import itertools
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx

from stend.chassis.authorities import authorities_for
from stend.chassis.client_tokens import ClientTokens
from stend.chassis.resilience import PeerGuard
from stend.chassis.tracing.http_client import HttpClient
from stend.chassis.tracing.recording import entered
from stend.chassis.tracing.rpc import begin_call
from stend.kit.errors import deadline_exceeded, unavailable
from stend.shop.orders.clients.answers import raise_for, unreadable
from stend.shop.orders.domain import Order
from stend.shop.orders.reconciliation.ports import PointsEntry

_PEER = "loyalty"


class JsonRpcPointsDesk:
    """
    Args:
        url: of the JSON-RPC endpoint.
        deadline_s: for one call with all its retries.
    """

    def __init__(self, url: str, tokens: ClientTokens, guard: PeerGuard, deadline_s: float) -> None:
        self._tokens = tokens
        self._url = url
        self._guard = guard
        self._deadline_s = deadline_s
        self._http = HttpClient(verify=authorities_for(url), trust_env=False)
        self._ids = itertools.count(1)

    async def accrue(self, order: Order) -> None:
        await self._call(
            "loyalty.accrue",
            customer_id=order.customer_id,
            operation_id=order.order_id,
            amount_minor=order.total.amount_minor,
        )

    async def reverse(self, order: Order) -> None:
        await self._call(
            "loyalty.reverse", customer_id=order.customer_id, operation_id=order.order_id
        )

    async def entries(self, customer_id: str) -> int:
        account = await self._call("loyalty.balance", customer_id=customer_id)
        try:
            return int(account["version"])
        except (ValueError, KeyError, TypeError) as broken:
            raise unreadable(_PEER, broken) from None

    async def history(self, customer_id: str, after: int, limit: int) -> Sequence[PointsEntry]:
        page = await self._call(
            "loyalty.history", customer_id=customer_id, after=after, limit=limit
        )
        try:
            return [
                PointsEntry(
                    one["version"],
                    one["operation_id"],
                    one["kind"] == "accrual",
                    one["points"],
                    datetime.fromisoformat(one["occurred_at"]),
                )
                for one in page["entries"]
            ]
        except (ValueError, KeyError, TypeError) as broken:
            raise unreadable(_PEER, broken) from None

    async def close(self) -> None:
        await self._http.aclose()

    async def _call(self, method: str, **params: Any) -> Any:
        async def attempt(timeout_s: float) -> Any:
            async with self._tokens.presented() as credential:
                with entered(begin_call("jsonrpc", "", method)):
                    return await self._asked(method, params, credential, timeout_s)

        return await self._guard.call(method, attempt, self._deadline_s)

    async def _asked(
        self, method: str, params: Mapping[str, Any], credential: str, timeout_s: float
    ) -> Any:
        request = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}
        headers = {"Authorization": credential}
        try:
            response = await self._http.post(
                self._url, json=request, headers=headers, timeout=timeout_s
            )
            answer = response.json()
            error = answer["error"]["data"] if "error" in answer else None
            result = answer["result"] if error is None else None
        except httpx.TimeoutException:
            raise deadline_exceeded(timeout_s) from None
        except httpx.HTTPError as failure:
            raise unavailable(_PEER, str(failure) or type(failure).__name__) from None
        except (ValueError, KeyError, TypeError) as broken:
            raise unreadable(_PEER, broken) from None
        if error is not None:
            raise_for(_PEER, error, timeout_s)
        return result
