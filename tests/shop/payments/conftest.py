"""A bank with an empty database of its own, for all tests of this folder."""

from collections.abc import Iterator

import pytest

from stend.kit.money import Money
from stend.shop.payments.api.users import BankUser
from stend.shop.payments.service import PaymentsConfig, PaymentsService
from tests.fakes.orders import CountingIds, HandClock
from tests.shop.payments.bank import hang_up
from tests.shop.payments.serving import serving
from tests.shop.postgresql import SharedPostgres

READ, WRITE = "payments:read", "payments:write"


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
def database_url(postgres: SharedPostgres) -> str:
    return postgres.empty_database("payments")


@pytest.fixture(scope="session")
def bank_clock() -> HandClock:
    return HandClock()


@pytest.fixture(scope="session")
def bank_url(database_url: str, bank_clock: HandClock) -> Iterator[str]:
    config = config_of(database_url)
    with serving(lambda: PaymentsService(config, bank_clock, CountingIds())) as url:
        yield url + "/soap/bank"
        hang_up()
