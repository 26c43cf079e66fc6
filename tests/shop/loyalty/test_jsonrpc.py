"""The service over HTTP and WebSocket, with its own client and with one that nobody here wrote."""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import pjrpc.client.backend.httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect

from stend.chassis.access import Caller, OpenAccess
from stend.engines.mysql.launcher import MysqlConfig, MysqlLauncher
from stend.engines.postgresql.launcher import PostgresLauncher
from stend.kit.errors import EdgeErrorCode, StendError
from stend.kit.money import Money
from stend.shop.loyalty.api.jsonrpc import server
from stend.shop.loyalty.api.jsonrpc.client import LoyaltyClient
from stend.shop.loyalty.api.jsonrpc.faults import FAULTS
from stend.shop.loyalty.domain import Account, EntryKind, Level, LoyaltyErrorCode
from stend.shop.loyalty.ports import Booked
from stend.shop.loyalty.service import LoyaltyConfig, LoyaltyService
from stend.shop.loyalty.usecases import Accrue, GetBalance, ListHistory, Reverse
from tests.engines.mysql.running import DATABASE, USER, config_in, running, storage_in
from tests.engines.servers import process_of, ready
from tests.fakes.orders import MORNING, CountingIds, HandClock
from tests.folders import open_folder
from tests.serving import http_client, served
from tests.shop.loyalty.conftest import Mysql, fresh_ulid
from tests.shop.openrpc.contracts import Contract
from tests.waiting import until, until_answered

CONTRACT = Contract(server.contract())
PAID = Money(1_000_00)


@pytest_asyncio.fixture
async def client(url: str) -> AsyncIterator[LoyaltyClient]:
    async with LoyaltyClient(url) as opened:
        yield opened


async def post(url: str, message: Any) -> Any:
    async with http_client() as http:
        response = await http.post(url + server.PATH, json=message)
    return response.json()


def call(method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}


# ---- every method ------------------------------------------------------------------------------


async def test_points_are_accrued_read_and_taken_back(
    client: LoyaltyClient, customer: str, operation: str
) -> None:
    accrued = await client.accrue(Accrue(customer, operation, PAID))
    entry = accrued.entry
    assert (entry.points, entry.balance, entry.level) == (10, 10, Level.BRONZE)
    assert (entry.occurred_at, entry.amount) == (MORNING, PAID)
    assert await client.get_balance(GetBalance(customer)) == Account(customer, 10, 1)
    reversed_ = await client.reverse(Reverse(customer, operation))
    assert (reversed_.entry.points, reversed_.entry.kind) == (-10, EntryKind.REVERSAL)
    history = await client.list_history(ListHistory(customer))
    assert history.entries == (accrued.entry, reversed_.entry)
    assert history.next_after is None


async def test_a_repeated_command_gets_the_first_answer(
    client: LoyaltyClient, customer: str, operation: str
) -> None:
    accrued = await client.accrue(Accrue(customer, operation, PAID))
    reversed_ = await client.reverse(Reverse(customer, operation))
    again = await client.accrue(Accrue(customer, operation, PAID))
    assert (again.entry, again.replayed) == (accrued.entry, True)
    back_again = await client.reverse(Reverse(customer, operation))
    assert (back_again.entry, back_again.replayed) == (reversed_.entry, True)


async def test_a_customer_rises_to_gold_and_earns_twice_as_much(
    client: LoyaltyClient, customer: str
) -> None:
    levels = []
    for amount in (50_000_00, 100_000_00, 100_00):
        booked = await client.accrue(Accrue(customer, f"ord_{fresh_ulid()}", Money(amount)))
        levels.append((booked.entry.level, booked.entry.points))
    assert levels == [(Level.BRONZE, 500), (Level.SILVER, 1500), (Level.GOLD, 2)]


async def test_the_history_is_paged(client: LoyaltyClient, customer: str) -> None:
    for _ in range(3):
        await client.accrue(Accrue(customer, f"ord_{fresh_ulid()}", PAID))
    first = await client.list_history(ListHistory(customer, 0, 2))
    assert ([entry.version for entry in first.entries], first.next_after) == ([1, 2], 2)
    second = await client.list_history(ListHistory(customer, 2, 2))
    assert ([entry.version for entry in second.entries], second.next_after) == ([3], None)


async def test_answers_are_as_the_contract_wants_them(
    url: str, customer: str, operation: str
) -> None:
    params: dict[str, dict[str, Any]] = {
        "loyalty.accrue": {
            "customer_id": customer,
            "operation_id": operation,
            "amount_minor": 100_00,
        },
        "loyalty.reverse": {"customer_id": customer, "operation_id": operation},
        "loyalty.balance": {"customer_id": customer},
        "loyalty.history": {"customer_id": customer, "limit": 1},
    }
    for method, given in params.items():
        answer = await post(url, call(method, **given))
        schema = CONTRACT.methods[method]["result"]["schema"]
        assert CONTRACT.complaints(schema, answer["result"]) == []


async def test_rpc_discover_answers_with_the_contract(url: str) -> None:
    message = {"jsonrpc": "2.0", "method": "rpc.discover", "id": 1}
    assert (await post(url, message))["result"] == json.loads(server.contract())
    refused = await post(url, {**message, "params": {"version": 1}})
    assert refused["error"]["data"]["violations"][0]["where"] == "/version"


async def test_the_same_path_is_a_websocket(url: str, customer: str, operation: str) -> None:
    async with connect(url.replace("http", "ws", 1) + server.PATH) as socket:
        await socket.send(
            json.dumps(
                call(
                    "loyalty.accrue",
                    customer_id=customer,
                    operation_id=operation,
                    amount_minor=100_00,
                )
            )
        )
        assert json.loads(await socket.recv())["result"]["entry"]["points"] == 1


async def test_a_batch_books_each_of_its_calls(url: str, customer: str) -> None:
    batch = [
        call("loyalty.accrue", customer_id=customer, operation_id=f"op-{n}-{customer}") | {"id": n}
        for n in range(3)
    ]
    for one in batch:
        one["params"]["amount_minor"] = 100_00
    answers = await post(url, batch)
    assert [one["id"] for one in answers] == [0, 1, 2]
    balance = await post(url, call("loyalty.balance", customer_id=customer))
    assert balance["result"]["points"] == 3


# ---- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"customer_id": None}, "/customer_id"),
        ({"customer_id": "42"}, "/customer_id"),
        ({"customer_id": "cus_"}, "/customer_id"),
        ({"customer_id": ["cus_a"]}, "/customer_id"),
        ({"customer_id": "cus_a\n"}, "/customer_id"),
        ({"operation_id": ""}, "/operation_id"),
        ({"operation_id": "a" * 65}, "/operation_id"),
        ({"operation_id": "a b"}, "/operation_id"),
        ({"amount_minor": 0}, "/amount_minor"),
        ({"amount_minor": -1}, "/amount_minor"),
        ({"amount_minor": 10**10 + 1}, "/amount_minor"),
        ({"amount_minor": "100"}, "/amount_minor"),
        ({"amount_minor": 1.5}, "/amount_minor"),
        ({"amount_minor": True}, "/amount_minor"),
        ({"currency": "RUB"}, "/currency"),
    ],
)
async def test_a_broken_parameter_is_named(
    url: str, customer: str, operation: str, change: dict[str, Any], where: str
) -> None:
    params = {"customer_id": customer, "operation_id": operation, "amount_minor": 100, **change}
    error = (await post(url, call("loyalty.accrue", **params)))["error"]
    assert (error["code"], error["data"]["code"]) == (-32602, "invalid-argument")
    assert [one["where"] for one in error["data"]["violations"]] == [where]


@pytest.mark.parametrize("change", [{"after": -1}, {"limit": 0}, {"limit": 101}, {"limit": None}])
async def test_a_page_is_bounded(url: str, customer: str, change: dict[str, Any]) -> None:
    error = (await post(url, call("loyalty.history", customer_id=customer, **change)))["error"]
    assert error["code"] == -32602


async def test_a_whole_number_written_with_a_point_is_one(
    url: str, customer: str, operation: str
) -> None:
    params = {"customer_id": customer, "operation_id": operation, "amount_minor": 100_00.0}
    answer = await post(url, call("loyalty.accrue", **params))
    assert answer["result"]["entry"]["amount_minor"] == 100_00


async def test_an_accrual_after_its_reversal_is_refused(
    client: LoyaltyClient, customer: str, operation: str
) -> None:
    barred = await client.reverse(Reverse(customer, operation))
    assert (barred.entry.points, barred.replayed) == (0, False)
    with pytest.raises(StendError) as refused:
        await client.accrue(Accrue(customer, operation, PAID))
    assert refused.value.code is LoyaltyErrorCode.OPERATION_REVERSED
    assert (await client.get_balance(GetBalance(customer))).points == 0


async def test_an_operation_id_is_not_used_for_something_else(
    client: LoyaltyClient, customer: str, operation: str
) -> None:
    await client.accrue(Accrue(customer, operation, PAID))
    for request in (
        Accrue(customer, operation, Money(1)),
        Accrue(f"cus_{fresh_ulid()}", operation, PAID),
    ):
        with pytest.raises(StendError) as refused:
            await client.accrue(request)
        assert refused.value.code is LoyaltyErrorCode.OPERATION_REUSED


class Gatekeeper:
    """Lets nobody in without a credential, and nobody write."""

    def allow(self, scope: str, credential: str | None) -> Caller:
        if credential is None:
            raise StendError(EdgeErrorCode.UNAUTHENTICATED, "Who are you?")
        if scope != "loyalty:read":
            raise StendError(EdgeErrorCode.FORBIDDEN, "You may only look.", value=scope)
        return Caller("reader", frozenset({scope}))


async def test_scopes_are_asked_for_over_http_and_websocket(
    mysql: Mysql, customer: str, operation: str
) -> None:
    service = LoyaltyService(LoyaltyConfig(mysql.url), HandClock(), CountingIds(), Gatekeeper())
    await service.start()
    async with served(service.http[server.PATH]) as url:
        async with LoyaltyClient(url) as nobody:
            with pytest.raises(StendError) as unknown:
                await nobody.get_balance(GetBalance(customer))
        assert unknown.value.code is EdgeErrorCode.UNAUTHENTICATED
        async with LoyaltyClient(url, "Bearer reader") as reader:
            assert (await reader.get_balance(GetBalance(customer))).points == 0
            with pytest.raises(StendError) as forbidden:
                await reader.accrue(Accrue(customer, operation, PAID))
        assert (forbidden.value.code, forbidden.value.value) == ("forbidden", "loyalty:write")
        address = url.replace("http", "ws", 1) + server.PATH
        async with connect(address, additional_headers={"Authorization": "Bearer x"}) as socket:
            await socket.send(json.dumps(call("loyalty.balance", customer_id=customer)))
            assert "result" in json.loads(await socket.recv())
    await service.stop()


# ---- a client nobody here wrote ----------------------------------------------------------------


async def test_pjrpc_calls_notifies_and_sends_batches(
    url: str, customer: str, operation: str
) -> None:
    stock = pjrpc.client.backend.httpx.AsyncClient(url + server.PATH)
    async with stock:
        booked: Any = await stock.proxy.__getattr__("loyalty.accrue")(
            customer_id=customer, operation_id=operation, amount_minor=100_00
        )
        assert booked["entry"]["points"] == 1
        await stock.notify("loyalty.reverse", customer_id=customer, operation_id=operation)
        async with stock.batch() as batch:
            batch.call("loyalty.balance", customer_id=customer)
            batch.call("loyalty.history", customer_id=customer)
        results: Any = batch.get_results()
        balance, history = results
        assert (balance["points"], len(history["entries"])) == (0, 2)
        with pytest.raises(pjrpc.client.exceptions.JsonRpcError) as refused:
            await stock("loyalty.accrue", customer_id="42")
        assert refused.value.code == FAULTS[EdgeErrorCode.INVALID_ARGUMENT]


# ---- outages -----------------------------------------------------------------------------------


async def test_mysql_that_is_away_is_told_and_back_again_is_used(
    customer: str, operation: str
) -> None:
    with open_folder() as made:
        storage = storage_in(made)
        config = config_in(made, storage)
        address = f"mysql://{USER.name}:{USER.password}@127.0.0.1:{config.port}/{DATABASE}"
        service = LoyaltyService(LoyaltyConfig(address), HandClock(), CountingIds(), OpenAccess())
        request = Accrue(customer, operation, PAID)
        with running(config, PostgresLauncher(storage)) as launcher:
            await service.start()
            async with served(service.http[server.PATH]) as url, LoyaltyClient(url) as client:
                await client.accrue(request)
                await service.ping()
                await asyncio.to_thread(_kill, config, launcher)
                with pytest.raises(StendError) as away:
                    await client.accrue(request)
                assert away.value.code is EdgeErrorCode.UNAVAILABLE
                with pytest.raises(StendError, match="MySQL cannot be reached"):
                    await service.ping()
                await asyncio.to_thread(_start_again, launcher)
                assert (await client.accrue(request)).replayed
                await service.ping()
            await service.stop()


def _kill(config: MysqlConfig, launcher: MysqlLauncher) -> None:
    process_of(config.home / "server.pid").kill()
    until(launcher.failure)


def _start_again(launcher: MysqlLauncher) -> None:
    launcher.launch()
    ready(launcher)


@pytest.mark.skipif(sys.platform == "win32", reason="no process can be held still there")
async def test_mysql_that_hangs_is_waited_for_until_the_deadline(
    customer: str, operation: str
) -> None:
    with open_folder() as made:
        storage = storage_in(made)
        config = config_in(made, storage)
        address = f"mysql://{USER.name}:{USER.password}@127.0.0.1:{config.port}/{DATABASE}"
        limits = LoyaltyConfig(address, pool_size=2, deadline_s=0.4)
        service = LoyaltyService(limits, HandClock(), CountingIds(), OpenAccess())
        request = Accrue(customer, operation, PAID)
        with running(config, PostgresLauncher(storage)):
            await service.start()
            async with served(service.http[server.PATH]) as url, LoyaltyClient(url) as client:
                await client.accrue(request)
                victim = process_of(config.home / "server.pid")
                victim.suspend()
                try:
                    for _ in range(4):
                        started = time.monotonic()
                        with pytest.raises(StendError) as hung:
                            await client.accrue(request)
                        assert hung.value.code in {
                            EdgeErrorCode.DEADLINE_EXCEEDED,
                            EdgeErrorCode.UNAVAILABLE,
                        }
                        assert time.monotonic() - started < 3
                finally:
                    victim.resume()
                answered = await first_answer(client, request)
                assert answered is not None
                assert answered.replayed
            await service.stop()


async def first_answer(client: LoyaltyClient, request: Accrue) -> Booked | None:
    async def asked() -> Booked | None:
        with contextlib.suppress(StendError):
            return await client.accrue(request)
        return None

    return await until_answered(asked)


async def test_nobody_at_the_address_is_unavailable() -> None:
    async with LoyaltyClient("http://127.0.0.1:9") as client:
        with pytest.raises(StendError) as refused:
            await client.get_balance(GetBalance("cus_anna"))
    assert refused.value.code is EdgeErrorCode.UNAVAILABLE
