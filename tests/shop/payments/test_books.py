"""The books in a real PostgreSQL: what the code forgets to check, the database does not."""

import re
from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest
import pytest_asyncio
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect, text

from stend.chassis.soap.envelope import SoapVersion
from stend.kit.errors import EdgeErrorCode, StendError
from stend.kit.money import Money
from stend.runtime.system import RandomIds
from stend.shop.payments.domain import DeclineRules, Payment, PaymentStatus, Step, void
from stend.shop.payments.stores.books import MIGRATIONS, PostgresBooks
from stend.shop.payments.stores.tables import SCHEMA, metadata
from stend.shop.payments.usecases import Authorise, Capture, Payments
from tests.fakes.orders import MORNING, HandClock
from tests.shop.payments.bank import bank, fresh_ref


@pytest.fixture
def database(bank_url: str, database_url: str) -> Iterator[psycopg.Connection]:
    """With one balanced batch of the payment `payment_ref`."""
    assert bank_url
    with psycopg.connect(database_url) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def batch_id(database: psycopg.Connection, bank_url: str) -> int:
    ref = fresh_ref()
    bank(bank_url, SoapVersion.SOAP_11).Authorise(ref, "cus_1", 100, "RUB")
    found = database.execute(
        "SELECT batch_id FROM payments.batches WHERE payment_ref = %s", [ref]
    ).fetchone()
    assert found
    number: int = found[0]
    return number


@pytest_asyncio.fixture
async def books(bank_url: str, database_url: str) -> AsyncIterator[PostgresBooks]:
    assert bank_url
    opened = PostgresBooks(database_url, 3, 1.0)
    yield opened
    await opened.close()


# ---- the schema --------------------------------------------------------------------------------


@pytest.fixture
def sqlalchemy(database: psycopg.Connection, database_url: str) -> Iterator[Connection]:
    assert not database.closed
    engine = create_engine(
        database_url.replace("postgresql://", "postgresql+psycopg://", 1),
        # The role has the schema's name, and Alembic leaves the default schema unnamed.
        connect_args={"options": "-c search_path=public"},
    )
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_the_tables_of_the_code_are_those_of_the_migrations(sqlalchemy: Connection) -> None:
    context = MigrationContext.configure(
        sqlalchemy,
        opts={
            "include_schemas": True,
            "include_name": lambda name, kind, _: kind != "schema" or name == SCHEMA,
            "compare_type": True,
            "compare_server_default": True,
            "version_table_schema": SCHEMA,
        },
    )
    assert compare_metadata(context, metadata) == []
    present = sqlalchemy.scalar(text("SELECT version_num FROM payments.alembic_version"))
    assert present == MIGRATIONS.newest()


def test_the_checks_of_the_code_are_those_of_the_migrations(sqlalchemy: Connection) -> None:
    # Alembic does not compare them. PostgreSQL writes IN as ANY (ARRAY[…]), so words are compared.
    for table in metadata.sorted_tables:
        made = {
            str(check["name"]): _words(check["sqltext"])
            for check in inspect(sqlalchemy).get_check_constraints(table.name, SCHEMA)
        }
        wanted = {
            str(check.name): _words(str(check.sqltext))  # type: ignore[attr-defined]
            for check in table.constraints
            if "check_constraint" in check.__visit_name__
        }
        assert set(wanted) == set(made)
        for name, words in wanted.items():
            assert words <= made[name], name


def _words(rule: str) -> set[str]:
    return set(re.findall(r"'[^']*'|\b[a-z_]+_(?:minor|id|reason)\b|\b\d+\b", rule))


def test_the_four_accounts_are_there_with_their_titles(database: psycopg.Connection) -> None:
    titles = database.execute("SELECT account, title_ru FROM payments.accounts").fetchall()
    assert ("merchant", "Расчётный счёт Лавки") in titles
    assert len(titles) == 4


async def test_a_start_on_an_existing_database_is_safe(books: PostgresBooks) -> None:
    before = await books.balances()
    await books.open()
    assert await books.balances() == before


# ---- what the database refuses -----------------------------------------------------------------


def test_a_batch_that_does_not_sum_to_nothing_is_refused(
    database: psycopg.Connection, batch_id: int
) -> None:
    database.execute(
        "INSERT INTO payments.entries VALUES (%s, 2, 'cards', -5), (%s, 3, 'merchant', 6)",
        [batch_id, batch_id],
    )
    with pytest.raises(psycopg.errors.CheckViolation, match="do not sum to 0"):
        database.commit()


def test_a_batch_with_two_more_entries_that_cancel_out_is_none_of_its_business(
    database: psycopg.Connection, batch_id: int
) -> None:
    database.execute(
        "INSERT INTO payments.entries VALUES (%s, 2, 'cards', -5), (%s, 3, 'merchant', 5)",
        [batch_id, batch_id],
    )
    database.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments.entries SET amount_minor = amount_minor + 1",
        "DELETE FROM payments.entries",
        "TRUNCATE payments.entries",
    ],
)
def test_entries_are_never_changed_or_removed(database: psycopg.Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="book the opposite"):
        database.execute(statement.encode())


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        (
            (
                "INSERT INTO payments.batches (payment_ref, kind, posted_at)"
                " SELECT payment_ref, kind, posted_at FROM payments.batches LIMIT 1"
            ),
            "uq_batches_payment_ref_kind",
        ),
        (
            "UPDATE payments.payments SET refunded_minor = amount_minor + 1",
            "ck_payments_refund_within_payment",
        ),
        ("UPDATE payments.payments SET currency = 'USD'", "ck_payments_currency_known"),
    ],
)
def test_the_rules_of_the_domain_stand_in_the_database(
    database: psycopg.Connection, batch_id: int, statement: str, constraint: str
) -> None:
    assert batch_id
    with pytest.raises(psycopg.errors.IntegrityError, match=constraint):
        database.execute(statement.encode())


def test_the_ledger_tells_what_the_payments_tell(database: psycopg.Connection) -> None:
    held = database.execute(
        "SELECT coalesce(sum(amount_minor), 0) FROM payments.payments WHERE status = 'authorised'"
    ).fetchone()
    booked = database.execute(
        "SELECT coalesce(sum(amount_minor), 0) FROM payments.entries WHERE account = 'holds'"
    ).fetchone()
    assert held == booked
    earned = database.execute(
        "SELECT coalesce(sum(amount_minor - refunded_minor), 0) FROM payments.payments"
        " WHERE status IN ('captured', 'refunded')"
    ).fetchone()
    booked = database.execute(
        "SELECT coalesce(sum(amount_minor), 0) FROM payments.entries WHERE account = 'merchant'"
    ).fetchone()
    assert earned == booked


# ---- a database that goes and comes back -------------------------------------------------------


async def test_connections_that_died_cost_no_payment(
    books: PostgresBooks, database: psycopg.Connection
) -> None:
    payments = Payments(books, DeclineRules(Money(10_000)), HandClock(), RandomIds())
    ref = fresh_ref()
    held = await payments.authorise(Authorise(ref, "cus_1", Money(100)))
    database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        " AND usename = current_user"
    )
    assert (await payments.capture(Capture(ref))).status is PaymentStatus.CAPTURED
    assert held.status is PaymentStatus.AUTHORISED
    await books.ping()


async def test_a_connection_that_dies_within_a_command_costs_nothing(
    books: PostgresBooks, database_url: str
) -> None:
    ref, calls = fresh_ref(), 0

    def decide(present: Payment | None) -> Step:
        nonlocal calls
        calls += 1
        if calls == 1:
            with psycopg.connect(database_url, autocommit=True) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks"
                    " WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
                )
        return void(present, ref, MORNING)

    voided = await books.change(ref, decide)
    assert (voided.status, calls) == (PaymentStatus.VOIDED, 2)
    assert await books.get(ref) == voided


async def test_a_database_that_is_away_is_told_as_unavailable(database_url: str) -> None:
    away = PostgresBooks(re.sub(r":\d+/", ":1/", database_url), 1, 0.5)
    with pytest.raises(StendError) as caught:
        await away.get("ord_1")
    assert caught.value.code is EdgeErrorCode.UNAVAILABLE
    with pytest.raises(StendError):
        await away.ping()
    await away.close()
