"""Clients whose token is renewed while they are in use."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest_asyncio

from stend.kit.languages import Text
from stend.runtime.addresses import addresses_of
from stend.runtime.authorizing import NoTokenError, RenewedClients, keep_renewing
from stend.runtime.calling import OrdersClients
from stend.runtime.settings import parse
from stend.runtime.system import RandomIds
from stend.shop.orders.api.protocols import Protocol
from tests.waiting import until_async


class Closable(OrdersClients):
    """The clients of one credential; none of them is made before it is asked for."""

    closed = False

    async def close(self) -> None:
        self.closed = True
        await super().close()


@dataclass
class Made:
    all: dict[str | None, Closable] = field(default_factory=dict)

    def __call__(self, authorization: str | None) -> Closable:
        clients = Closable(addresses_of(parse({}, {}, {})), RandomIds(), authorization)
        self.all[authorization] = clients
        return clients

    @property
    def closed(self) -> list[str | None]:
        return [one for one, clients in self.all.items() if clients.closed]


@pytest_asyncio.fixture
async def made() -> AsyncIterator[Made]:
    made = Made()
    yield made
    assert made.closed == list(made.all)


async def test_a_new_token_brings_new_clients_and_the_same_one_keeps_them(made: Made) -> None:
    clients = RenewedClients(made, "Bearer 1")
    first = clients[Protocol.REST]
    await clients.renew("Bearer 1")
    assert clients[Protocol.REST] is first
    await clients.renew("Bearer 2")
    assert clients[Protocol.REST] is made.all["Bearer 2"][Protocol.REST] is not first
    # A call of the first may still be under way.
    assert made.closed == []
    await clients.renew("Bearer 3")
    assert made.closed == ["Bearer 1"]
    assert list(clients) == list(made.all["Bearer 3"])
    await clients.close()


async def test_renewing_outlives_an_issuer_that_is_away(made: Made) -> None:
    class Tokens:
        asked = 0

        async def authorization(self) -> str:
            self.asked += 1
            if self.asked == 1:
                raise NoTokenError(Text(ru="нет", en="away"))
            return "Bearer 2"

    clients, tokens = RenewedClients(made, "Bearer 1"), Tokens()
    renewing = asyncio.create_task(keep_renewing(clients, tokens, every_s=0.001))
    await until_async(lambda: "Bearer 2" in made.all)
    assert not renewing.done()
    renewing.cancel()
    await asyncio.wait({renewing})
    await clients.close()
