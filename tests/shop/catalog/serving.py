"""The service on real engines and a real socket, and what a test sees of it."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from stend.chassis.access import Access, Caller
from stend.chassis.metrics import REGISTRY
from stend.engines.mongo.launcher import MongoConfig, MongoLauncher
from stend.engines.redis.launcher import RedisConfig, RedisLauncher
from stend.kit.errors import EdgeErrorCode, StendError
from stend.shop.catalog.service import CatalogConfig, CatalogService
from stend.shop.catalog.stores.cache import CacheLimits
from tests.engines.mongo.running import config_in as mongo_config_in
from tests.engines.redis.running import config_in as redis_config_in
from tests.engines.servers import launched
from tests.fakes.orders import HandClock
from tests.serving import served
from tests.shop.orders.examples import fresh_ulid

PRODUCTS = "/api/v1/catalog/products"
GRAPHQL = "/graphql/catalog"


class KnownCallers:
    """`Bearer scope scope`; without a credential everybody is let in."""

    def allow(self, scope: str, credential: str | None) -> Caller:
        granted = frozenset((credential or f"Bearer {scope}").split()[1:])
        if not granted:
            raise StendError(EdgeErrorCode.UNAUTHENTICATED, "Nobody knows you.")
        if scope not in granted:
            raise StendError(EdgeErrorCode.FORBIDDEN, "You may not.", expected=scope)
        return Caller("manager", granted)


class FreshIds:
    """Caches of several tests share a Redis, and no two of them may have a version in common."""

    def ulid(self) -> str:
        return fresh_ulid()


class NoJitter:
    def random(self) -> float:
        return 0.0


@dataclass(frozen=True, slots=True)
class Engines:
    mongo: MongoConfig
    redis: RedisConfig

    def mongo_url(self, database: str) -> str:
        return f"mongodb://127.0.0.1:{self.mongo.port}/{database}"

    @property
    def redis_url(self) -> str:
        return f"redis://127.0.0.1:{self.redis.port}/0"


@contextlib.contextmanager
def engines_in(folder: Path) -> Iterator[Engines]:
    mongo, redis = mongo_config_in(folder), redis_config_in(folder)
    with launched(MongoLauncher(mongo)), launched(RedisLauncher(redis)):
        yield Engines(mongo, redis)


@dataclass(slots=True)
class Desk:
    service: CatalogService
    http: httpx.AsyncClient
    clock: HandClock = field(default_factory=HandClock)

    async def graphql(self, query: str, **variables: Any) -> dict[str, Any]:
        response = await self.http.post(GRAPHQL, json={"query": query, "variables": variables})
        answer: dict[str, Any] = response.json()
        return answer

    async def product(self, sku: str) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.http.get(f"{PRODUCTS}/{sku}")).json()
        return answer

    async def set_price(self, sku: str, amount: int, version: int, **more: str) -> httpx.Response:
        headers = {"If-Match": f'"{version}"', **more}
        body = {"amount_minor": amount, "currency": "RUB"}
        return await self.http.put(f"{PRODUCTS}/{sku}/price", json=body, headers=headers)


@contextlib.asynccontextmanager
async def desk_on(
    mongo_url: str, redis_url: str, access: Access | None = None, **more: Any
) -> AsyncIterator[Desk]:
    clock = HandClock()
    settings = {"deadline_s": 2.0, "cache": CacheLimits(pause_s=0.05), **more}
    config = CatalogConfig(mongo_url, redis_url, **settings)
    service = CatalogService(config, clock, FreshIds(), NoJitter(), access or KnownCallers())
    await service.start()
    try:
        async with (
            served(_routed(service)) as url,
            httpx.AsyncClient(base_url=url, trust_env=False, timeout=10) as http,
        ):
            yield Desk(service, http, clock)
    finally:
        await service.stop()


def _routed(service: CatalogService) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for prefix, inner in service.http.items():
            if scope["path"] == prefix or scope["path"].startswith(prefix + "/"):
                await inner(scope, receive, send)
                return
        await PlainTextResponse("no service", 404)(scope, receive, send)

    return app


def cache_count(result: str) -> float:
    labels = {"service": "catalog", "result": result}
    return REGISTRY.get_sample_value("shop_cache_requests_total", labels) or 0.0
