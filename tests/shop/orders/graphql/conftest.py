"""The GraphQL server of `orders` on a socket, with the shop in memory behind it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

import httpx
import pytest_asyncio

from stend.chassis.access import Caller
from stend.chassis.intake import Intake
from stend.kit.errors import EdgeErrorCode, StendError
from stend.shop.orders.api.graphql.client import GraphqlClient
from stend.shop.orders.api.graphql.server import create_app
from stend.shop.orders.domain import Price
from tests.fakes.orders import MemoryShop, memory_shop
from tests.serving import served

DEADLINE_S = 0.5


class KnownCallers:
    """`Bearer scope scope`; without a credential everybody is let in."""

    def allow(self, scope: str, credential: str | None) -> Caller:
        granted = frozenset((credential or f"Bearer {scope}").split()[1:])
        if not granted:
            raise StendError(EdgeErrorCode.UNAUTHENTICATED, "Nobody knows you.")
        if scope not in granted:
            raise StendError(EdgeErrorCode.FORBIDDEN, "You may not.", expected=scope)
        return Caller("anna", granted)


@dataclass(slots=True)
class Desk:
    """
    Attributes:
        asked: the skus of each call for prices.
    """

    url: str
    shop: MemoryShop
    client: GraphqlClient
    http: httpx.AsyncClient
    asked: list[list[str]] = field(default_factory=list)

    async def prices(self, skus: Sequence[str]) -> Mapping[str, Price]:
        self.asked.append(list(skus))
        return await self.shop.store.prices(skus)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk() -> AsyncIterator[Desk]:
    shop = memory_shop()
    made: list[Desk] = []

    async def prices(skus: Sequence[str]) -> Mapping[str, Price]:
        return await made[0].prices(skus)

    intake = Intake("orders", "graphql", KnownCallers(), DEADLINE_S)
    async with (
        served(create_app(shop.orders.on_behalf_of, prices, intake)) as url,
        httpx.AsyncClient(base_url=url, trust_env=False) as http,
    ):
        client = GraphqlClient(url)
        made.append(Desk(url, shop, client, http))
        yield made[0]
        await client.close()
