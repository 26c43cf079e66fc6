"""A bank with an empty PostgreSQL of its own, for all tests of this folder."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from stend.engines.postgresql.launcher import PostgresConfig, PostgresLauncher, Role
from stend.kit.money import Money
from stend.shop.payments.api.users import BankUser
from stend.shop.payments.service import PaymentsConfig, PaymentsService
from tests.engines.servers import HOST, free_port, ready
from tests.fakes.orders import CountingIds, HandClock
from tests.folders import open_folder
from tests.shop.payments.serving import serving

READ, WRITE = "payments:read", "payments:write"
CLOCK_STEP = timedelta(seconds=1)


def config_of(database_url: str) -> PaymentsConfig:
    return PaymentsConfig(
        database_url=database_url,
        pool_size=8,
        users=(
            BankUser("orders", "orders", frozenset({READ, WRITE})),
            BankUser("auditor", "пароль", frozenset({READ})),
        ),
        card_limit=Money(10_000_000),
        deadline_s=5,
        body_limit_bytes=65_536,
        nonce_limit=1000,
    )


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    with open_folder() as folder:
        port = free_port()
        launcher = PostgresLauncher(
            PostgresConfig(
                home=folder / "postgresql",
                log_path=folder / "postgresql.log",
                host=HOST,
                port=port,
                database="lavka",
                roles=(Role("payments", "payments"),),
                # What a crash would lose nobody reads again.
                options=("fsync=off",),
            )
        )
        launcher.launch()
        try:
            ready(launcher, psycopg.OperationalError)
            yield f"postgresql://payments:payments@{HOST}:{port}/lavka"
        finally:
            launcher.stop()


@pytest.fixture(scope="session")
def bank_clock() -> HandClock:
    return HandClock()


@pytest.fixture(scope="session")
def bank_url(database_url: str, bank_clock: HandClock) -> Iterator[str]:
    config = config_of(database_url)
    with serving(lambda: PaymentsService(config, bank_clock, CountingIds())) as url:
        yield url + "/soap/bank"
