"""The bank as one part of the stand: opens its books, serves SOAP, closes again."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import ASGIApp

from stend.chassis.deadlines import within
from stend.chassis.intake import Intake
from stend.chassis.lazy import LazyApp
from stend.chassis.reaching import reaching_postgresql
from stend.chassis.service import Migrated
from stend.kit.clock import Clock
from stend.kit.ids import Ids
from stend.kit.money import Money
from stend.shop.payments.api.users import BankAccess, BankUser
from stend.shop.payments.domain import DeclineRules
from stend.shop.payments.stores.books import PostgresBooks
from stend.shop.payments.usecases import Payments

PATH = "/soap/bank"
# Always shorter than the deadline: a database that is away is told as UNAVAILABLE.
_POOL_WAIT_S = 1.0
_PING_DEADLINE_S = 1.0


@dataclass(frozen=True, slots=True)
class PaymentsConfig:
    """
    Attributes:
        database_url: `postgresql://user:password@host:port/database`.
        pool_size: connections at most.
        users: who may call, with their passwords.
        card_limit: a larger payment is declined.
        deadline_s: for one operation.
        body_limit_bytes: largest request body.
        nonce_limit: how many used nonces of WS-Security are remembered for five minutes.
    """

    database_url: str
    pool_size: int
    users: tuple[BankUser, ...]
    card_limit: Money
    deadline_s: float
    body_limit_bytes: int
    nonce_limit: int


class PaymentsService:
    """A `stend.chassis.service.Service`. Access is its own: see `BankAccess`."""

    def __init__(self, config: PaymentsConfig, clock: Clock, ids: Ids) -> None:
        self._config = config
        self._clock = clock
        self._books = PostgresBooks(
            config.database_url, config.pool_size, min(_POOL_WAIT_S, config.deadline_s / 2)
        )
        self._payments = Payments(self._books, DeclineRules(config.card_limit), clock, ids)
        self.http: Mapping[str, ASGIApp] = {PATH: LazyApp(self._make_app)}

    async def start(self) -> None:
        """
        Raises:
            psycopg.Error, sqlalchemy.exc.SQLAlchemyError: the database refused the migration.
        """
        await self._books.open()

    async def migrate(self) -> Migrated:
        """See `Migrates`."""
        with reaching_postgresql:
            return await self._books.open()

    async def ping(self) -> None:
        """
        Raises:
            StendError: UNAVAILABLE, DEADLINE_EXCEEDED.
        """
        await within(_PING_DEADLINE_S, self._books.ping())

    def end_streams(self) -> None:
        """There are none."""

    async def stop(self) -> None:
        await self._books.close()

    def _make_app(self) -> ASGIApp:
        from stend.chassis.soap.security import UsernameTokens
        from stend.shop.payments.api.soap.server import create_app

        config = self._config
        passwords = {user.name: user.password for user in config.users}
        return create_app(
            PATH,
            self._payments,
            Intake("payments", "soap", BankAccess(config.users), config.deadline_s),
            UsernameTokens(passwords, self._clock, config.nonce_limit),
            config.body_limit_bytes,
        )
