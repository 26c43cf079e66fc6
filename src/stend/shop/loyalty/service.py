"""The service as one part of the stand: opens its store, serves JSON-RPC, closes again."""

from dataclasses import dataclass

from starlette.types import ASGIApp

from stend.chassis.access import Access
from stend.chassis.deadlines import within
from stend.chassis.intake import Intake
from stend.chassis.jsonrpc.dispatching import JsonRpcLimits
from stend.chassis.service import Migrated
from stend.kit.clock import Clock
from stend.kit.ids import Ids
from stend.shop.loyalty.api.jsonrpc.server import PATH, create_app
from stend.shop.loyalty.stores.reaching import reaching_mysql
from stend.shop.loyalty.stores.store import MysqlPointsStore
from stend.shop.loyalty.usecases import Loyalty

_SERVICE, _PROTOCOL = "loyalty", "jsonrpc"
# Always shorter than the deadline: a database that is away is told as UNAVAILABLE.
_POOL_WAIT_S = 1.0
_PING_DEADLINE_S = 1.0


@dataclass(frozen=True, slots=True)
class LoyaltyConfig:
    """
    Attributes:
        database_url: `mysql://user:password@host:port/database`.
        pool_size: connections to MySQL.
        deadline_s: for one operation.
        message_limit_bytes: largest message.
    """

    database_url: str
    pool_size: int = 4
    deadline_s: float = 5.0
    message_limit_bytes: int = 65_536


class LoyaltyService:
    """Needs no ids of its own: those of operations are the caller's, entries have numbers."""

    def __init__(self, config: LoyaltyConfig, clock: Clock, ids: Ids, access: Access) -> None:
        del ids
        self._store = MysqlPointsStore(
            config.database_url, config.pool_size, min(_POOL_WAIT_S, config.deadline_s / 2)
        )
        app = create_app(
            Loyalty(self._store, clock).on_behalf_of,
            Intake(_SERVICE, _PROTOCOL, access, config.deadline_s),
            JsonRpcLimits(config.message_limit_bytes, concurrent_calls=config.pool_size),
        )
        self.http: dict[str, ASGIApp] = {PATH: app}

    async def start(self) -> None:
        """
        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database refused the migration.
        """
        await self._store.open()

    async def migrate(self) -> Migrated:
        """See `Migrates`."""
        with reaching_mysql():
            return await self._store.open()

    async def ping(self) -> None:
        """
        Raises:
            StendError: UNAVAILABLE, DEADLINE_EXCEEDED.
        """
        await within(_PING_DEADLINE_S, self._store.ping())

    def end_streams(self) -> None:
        """Nobody follows anything here."""

    async def stop(self) -> None:
        await self._store.close()
