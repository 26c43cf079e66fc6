"""The ledger in a real MySQL: one entry per operation, whoever is faster."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect

from stend.chassis.deadlines import within
from stend.kit.errors import StendError
from stend.kit.money import Money
from stend.shop.loyalty.domain import Account, LoyaltyErrorCode
from stend.shop.loyalty.ports import Booked
from stend.shop.loyalty.stores.migrating import newest
from stend.shop.loyalty.stores.store import MysqlPointsStore
from stend.shop.loyalty.stores.tables import VERSION_TABLE, metadata
from stend.shop.loyalty.usecases import Accrue, GetBalance, ListHistory, Loyalty, Reverse
from tests.fakes.orders import MORNING, HandClock
from tests.shop.loyalty.conftest import Mysql, fresh_ulid

PAID = Money(1_000_00)


@pytest_asyncio.fixture
async def store(mysql: Mysql) -> AsyncIterator[MysqlPointsStore]:
    opened = MysqlPointsStore(mysql.url, pool_size=8, wait_s=5)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def loyalty(store: MysqlPointsStore, clock: HandClock) -> Loyalty:
    return Loyalty(store, clock)


async def balances(mysql: Mysql) -> None:
    """Points of every account are the sum of its ledger, and entries are numbered without gaps."""
    wrong = mysql.rows(
        "SELECT a.customer_id FROM loyalty_accounts a LEFT JOIN loyalty_entries e"
        " ON e.customer_id = a.customer_id GROUP BY a.customer_id, a.points, a.version"
        " HAVING COALESCE(SUM(e.points), 0) <> a.points OR COUNT(e.version) <> a.version"
        " OR COALESCE(MAX(e.version), 0) <> a.version"
    )
    assert wrong == []


async def test_an_entry_comes_back_as_it_was_written(
    loyalty: Loyalty, customer: str, operation: str
) -> None:
    booked = await loyalty.accrue(Accrue(customer, operation, PAID))
    assert not booked.replayed
    assert booked.entry.occurred_at == MORNING
    page = await loyalty.list_history(ListHistory(customer))
    assert page.entries == (booked.entry,)
    assert await loyalty.get_balance(GetBalance(customer)) == Account(customer, 10, 1)
    again = await loyalty.accrue(Accrue(customer, operation, PAID))
    assert again == Booked(booked.entry, replayed=True)


async def test_fifty_accruals_of_one_operation_at_once_are_one_entry(
    loyalty: Loyalty, mysql: Mysql, customer: str, operation: str
) -> None:
    request = Accrue(customer, operation, PAID)
    booked = await asyncio.gather(*(loyalty.accrue(request) for _ in range(50)))
    assert sum(not one.replayed for one in booked) == 1
    assert len({one.entry for one in booked}) == 1
    assert (await loyalty.get_balance(GetBalance(customer))).points == 10
    await balances(mysql)


async def test_operations_of_one_customer_at_once_stand_one_after_the_other(
    loyalty: Loyalty, mysql: Mysql, customer: str
) -> None:
    requests = [Accrue(customer, f"ord_{fresh_ulid()}", PAID) for _ in range(20)]
    await asyncio.gather(*(loyalty.accrue(request) for request in requests))
    page = await loyalty.list_history(ListHistory(customer, limit=100))
    assert [entry.version for entry in page.entries] == list(range(1, 21))
    assert [entry.balance for entry in page.entries] == list(range(10, 210, 10))
    await balances(mysql)


async def test_of_two_customers_with_one_operation_one_is_refused(
    loyalty: Loyalty, mysql: Mysql, operation: str
) -> None:
    customers = [f"cus_{fresh_ulid()}" for _ in range(8)]
    outcomes = await asyncio.gather(
        *(loyalty.accrue(Accrue(one, operation, PAID)) for one in customers),
        return_exceptions=True,
    )
    refused = [one for one in outcomes if isinstance(one, StendError)]
    assert [one.code for one in refused] == [LoyaltyErrorCode.OPERATION_REUSED] * 7
    await balances(mysql)


async def test_accrual_and_reversal_at_once_end_without_points_either_way(
    loyalty: Loyalty, mysql: Mysql, customer: str
) -> None:
    for _ in range(5):
        operation = f"ord_{fresh_ulid()}"
        outcomes = await asyncio.gather(
            loyalty.accrue(Accrue(customer, operation, PAID)),
            loyalty.reverse(Reverse(customer, operation)),
            return_exceptions=True,
        )
        assert isinstance(outcomes[1], Booked)
        if isinstance(outcomes[0], BaseException):
            assert isinstance(outcomes[0], StendError)
            assert outcomes[0].code is LoyaltyErrorCode.OPERATION_REVERSED
        assert (await loyalty.get_balance(GetBalance(customer))).points == 0
    await balances(mysql)


async def test_whoever_is_cancelled_half_way_leaves_a_balanced_ledger_and_a_whole_pool(
    loyalty: Loyalty, mysql: Mysql, customer: str
) -> None:
    requests = [Accrue(customer, f"ord_{fresh_ulid()}", PAID) for _ in range(40)]

    async def impatient(number: int) -> None:
        with contextlib.suppress(StendError):
            await within(0.001 + number * 0.002, loyalty.accrue(requests[number]))

    await asyncio.gather(*(impatient(number) for number in range(len(requests))))
    await balances(mysql)
    # What was booked before it was cancelled is only found again.
    booked = await asyncio.gather(*(loyalty.accrue(request) for request in requests))
    assert len({one.entry.version for one in booked}) == len(requests)
    assert (await loyalty.get_balance(GetBalance(customer))).version == len(requests)
    await balances(mysql)


async def test_a_refusal_leaves_nothing_behind(loyalty: Loyalty, mysql: Mysql) -> None:
    first, second = f"cus_{fresh_ulid()}", f"cus_{fresh_ulid()}"
    await loyalty.accrue(Accrue(first, f"op-{first}", PAID))
    with pytest.raises(StendError):
        await loyalty.accrue(Accrue(second, f"op-{first}", PAID))
    assert mysql.rows("SELECT 1 FROM loyalty_accounts WHERE customer_id = %s", second) == []


async def test_ids_that_differ_by_a_capital_letter_are_two(loyalty: Loyalty) -> None:
    lower = f"cus_a{fresh_ulid()}"
    upper = lower.replace("cus_a", "cus_A")
    await loyalty.accrue(Accrue(lower, f"op-a{lower[5:]}", PAID))
    await loyalty.accrue(Accrue(upper, f"op-A{lower[5:]}", Money(200_00)))
    assert (await loyalty.get_balance(GetBalance(lower))).points == 10
    assert (await loyalty.get_balance(GetBalance(upper))).points == 2


async def test_pages_of_the_history_show_every_entry_once(loyalty: Loyalty, customer: str) -> None:
    for number in range(5):
        await loyalty.accrue(Accrue(customer, f"op-{number}-{customer}", PAID))
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        page = await loyalty.list_history(ListHistory(customer, after, 2))
        seen += [entry.version for entry in page.entries]
        after = page.next_after
    assert seen == [1, 2, 3, 4, 5]


async def test_a_customer_without_entries_has_no_points(loyalty: Loyalty, customer: str) -> None:
    assert await loyalty.get_balance(GetBalance(customer)) == Account(customer)
    assert (await loyalty.list_history(ListHistory(customer))).entries == ()


# ---- the schema --------------------------------------------------------------------------------


async def test_opening_again_and_at_once_changes_nothing(mysql: Mysql) -> None:
    stores = [MysqlPointsStore(mysql.url, 3, 5) for _ in range(4)]
    await asyncio.gather(*(store.open() for store in stores))
    for store in stores:
        await store.close()
    assert mysql.rows("SELECT version_num FROM loyalty_alembic_version") == [(newest(),)]


async def test_an_interrupted_migration_is_begun_again(mysql: Mysql) -> None:
    mysql.rows("CREATE DATABASE half_way")
    url = mysql.url.rpartition("/")[0] + "/half_way"
    first = MysqlPointsStore(url, 3, 5)
    await first.open()
    await first.close()
    # As if the process had died between two statements.
    mysql.rows("DROP TABLE half_way.loyalty_entries")
    mysql.rows("DELETE FROM half_way.loyalty_alembic_version")
    second = MysqlPointsStore(url, 3, 5)
    await second.open()
    assert await second.account("cus_anna") is None
    await second.close()
    assert mysql.rows("SELECT COUNT(*) FROM half_way.loyalty_entries") == [(0,)]
    mysql.rows("DROP DATABASE half_way")


async def test_the_tables_of_the_code_are_those_of_the_migrations(
    mysql: Mysql, store: MysqlPointsStore
) -> None:
    engine = create_engine(mysql.url.replace("mysql://", "mysql+pymysql://", 1))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": VERSION_TABLE,
                "include_name": lambda name, kind, _: kind != "table" or name in metadata.tables,
                "compare_type": True,
                "compare_server_default": True,
            },
        )
        assert compare_metadata(context, metadata) == []
        inspector = inspect(connection)
        for table in metadata.sorted_tables:
            made = {str(check["name"]) for check in inspector.get_check_constraints(table.name)}
            wanted = {
                str(constraint.name)
                for constraint in table.constraints
                if constraint.__visit_name__
                in {"check_constraint", "table_or_column_check_constraint"}
            }
            assert made == wanted
            collations = dict(
                mysql.rows(
                    "SELECT column_name, collation_name FROM information_schema.columns"
                    " WHERE table_name = %s AND data_type = 'varchar'"
                    " AND table_schema = DATABASE()",
                    table.name,
                )
            )
            assert set(collations.values()) == {"utf8mb4_bin"}
    engine.dispose()
