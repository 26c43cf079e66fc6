"""RabbitMQ's management API as the portal asks it."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from stend.chassis.authorities import authorities_for
from stend.portal.messages.answers import NoBrokerAnswerError
from stend.portal.messages.topology import Topology, topology_of

_DEADLINE_S = 3.0
_MOST_BYTES = 8 * 1024 * 1024
_LISTS = ("exchanges", "bindings", "queues", "consumers", "connections")
# Of a message that is only looked at.
PEEKED_BYTES = 16 * 1024


class Management:
    """Every method raises NoBrokerAnswerError.

    Args:
        url: `http://host:port`.
        user, password: as for AMQP.
        transport: how it is reached; None for the network.
    """

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=url,
            auth=(user, password),
            verify=authorities_for(url),
            timeout=_DEADLINE_S,
            trust_env=False,
            transport=transport,
            # Nothing stays open between two looks, so nothing has to be closed.
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    async def topology(self) -> Topology:
        answers = await asyncio.gather(*(self._ask("GET", f"/api/{one}") for one in _LISTS))
        try:
            return topology_of(dict(zip(_LISTS, answers, strict=True)))
        except (KeyError, TypeError, ValueError) as error:
            raise NoBrokerAnswerError("strange", repr(error)[:200]) from None

    async def peek(self, vhost: str, queue: str, count: int) -> list[Mapping[str, Any]]:
        """Takes messages and puts them back: each is marked as redelivered from then on."""
        wanted = {
            "count": count,
            "ackmode": "ack_requeue_true",
            "encoding": "auto",
            "truncate": PEEKED_BYTES,
        }
        path = f"/api/queues/{quote(vhost, safe='')}/{quote(queue, safe='')}/get"
        found = await self._ask("POST", path, wanted)
        if not isinstance(found, list):
            raise NoBrokerAnswerError("strange", str(found)[:200])
        return found

    async def _ask(self, method: str, path: str, body: object = None) -> Any:
        try:
            async with asyncio.timeout(_DEADLINE_S):
                return await self._answer(method, path, body)
        except (httpx.HTTPError, TimeoutError) as error:
            raise NoBrokerAnswerError("away", str(error) or type(error).__name__) from None

    async def _answer(self, method: str, path: str, body: object) -> Any:
        async with self._http.stream(method, path, json=body) as answer:
            data = bytearray()
            async for chunk in answer.aiter_bytes():
                data += chunk
                if len(data) > _MOST_BYTES:
                    raise NoBrokerAnswerError("large", f"{path}: > {_MOST_BYTES} B")
        if not answer.is_success:
            text = data[:200].decode("utf-8", "replace")
            raise NoBrokerAnswerError("refused", f"{answer.status_code}: {text}")
        try:
            return httpx.Response(200, content=bytes(data)).json()
        except ValueError:
            raise NoBrokerAnswerError("strange", data[:200].decode("utf-8", "replace")) from None
