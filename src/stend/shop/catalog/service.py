"""The service as one part of the stand: opens its stores, serves its protocols, closes again."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.types import ASGIApp

from stend.chassis.access import Access
from stend.chassis.deadlines import within
from stend.chassis.graphql.config import GraphqlLimits
from stend.chassis.intake import Intake
from stend.chassis.lazy import LazyApp
from stend.chassis.service import Migrated
from stend.kit.chance import Chance
from stend.kit.clock import Clock
from stend.kit.errors import StendError
from stend.kit.ids import Ids
from stend.shop.catalog.stores.cache import CacheLimits, RedisCache
from stend.shop.catalog.stores.caching import CachedCatalogStore
from stend.shop.catalog.stores.opening import MongoOpening
from stend.shop.catalog.usecases import Catalog

SERVICE = "catalog"
REST_PREFIX = "/api/v1/catalog"
GRAPHQL_PATH = "/graphql/catalog"
PATH_PREFIXES = (REST_PREFIX, GRAPHQL_PATH)
_log = logging.getLogger("stend.catalog")
# A server is looked for, a connection made and an answer awaited: three times it is within the
# deadline, so that a database that is away is told as UNAVAILABLE.
_WAIT_S = 1.0
_PING_DEADLINE_S = 1.0
# Nobody needs the seed before the first request, which brings it in by itself; until then the
# others have the processor.
_SEED_AFTER_S = 3.0
_SEED_AGAIN_S = 2.0


@dataclass(frozen=True, slots=True)
class CatalogConfig:
    """
    Attributes:
        mongo_url: `mongodb://host:port/database`.
        redis_url: `redis://host:port/0`.
        pool_size: connections to MongoDB.
        deadline_s: for one operation.
    """

    mongo_url: str
    redis_url: str
    pool_size: int = 8
    deadline_s: float = 5.0
    body_limit_bytes: int = 65_536
    cache: CacheLimits = field(default_factory=CacheLimits)
    graphql: GraphqlLimits = field(default_factory=GraphqlLimits)


class CatalogService:
    """
    Args:
        chance: jitter of the life of cache entries.
    """

    def __init__(
        self, config: CatalogConfig, clock: Clock, ids: Ids, chance: Chance, access: Access
    ) -> None:
        self._config = config
        self._access = access
        wait_s = min(_WAIT_S, config.deadline_s / 4)
        self._mongo = MongoOpening(config.mongo_url, config.pool_size, wait_s, clock)
        self._cache = RedisCache(config.redis_url, config.cache, ids, chance)
        self._catalog = Catalog(CachedCatalogStore(self._mongo.store, self._cache), clock)
        self._seeding: asyncio.Task[None] | None = None
        self.http: Mapping[str, ASGIApp] = {
            REST_PREFIX: LazyApp(self._make_rest),
            GRAPHQL_PATH: LazyApp(self._make_graphql),
        }

    async def start(self) -> None:
        """Waits for nobody: MongoDB is opened with the first request, or a moment later."""
        self._seeding = asyncio.create_task(self._seed())

    async def migrate(self) -> Migrated:
        """See `Migrates`: the indexes and the seed, which have no version."""
        await self._mongo.store()
        return Migrated(None, None)

    async def ping(self) -> None:
        """Redis may be away: the catalogue is then slower, and its metrics tell so.

        Raises:
            StendError: UNAVAILABLE, DEADLINE_EXCEEDED.
        """
        await within(_PING_DEADLINE_S, self._mongo.ping())

    def end_streams(self) -> None:
        """There are none."""

    async def stop(self) -> None:
        if self._seeding:
            self._seeding.cancel()
            await asyncio.gather(self._seeding, return_exceptions=True)
        await self._cache.close()
        await self._mongo.close()

    async def _seed(self) -> None:
        await asyncio.sleep(_SEED_AFTER_S)
        while True:
            try:
                await self._mongo.store()
            except StendError as error:
                _log.warning("the catalogue is not seeded yet: %s", error.value)
                await asyncio.sleep(_SEED_AGAIN_S)
            else:
                return

    def _make_rest(self) -> ASGIApp:
        from stend.shop.catalog.api.rest.server import create_app

        return create_app(self._catalog, self._intake("rest"), self._config.body_limit_bytes)

    def _make_graphql(self) -> ASGIApp:
        from stend.shop.catalog.api.graphql.server import create_app

        return create_app(self._catalog, self._intake("graphql"), self._config.graphql)

    def _intake(self, protocol: str) -> Intake:
        return Intake(SERVICE, protocol, self._access, self._config.deadline_s)
