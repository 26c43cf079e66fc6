"""The whole service: events on a broker become marts behind HTTP, as the contract says."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
import pytest_asyncio
import yaml
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from stend.chassis.access import Caller, OpenAccess
from stend.kit.errors import EdgeErrorCode, StendError
from stend.shop.analytics.api.rest.server import contract
from stend.shop.analytics.domain import MART_COLUMNS, MartName
from stend.shop.analytics.service import AnalyticsConfig, AnalyticsService
from stend.shop.analytics.usecases import Operation
from stend.shop.analytics.workers.consuming import Flushing
from tests.engines.kafka.running import broker_of
from tests.guarantees.killing import kill, restart
from tests.shop.analytics.conftest import Broker
from tests.shop.analytics.events import NOON, TOPIC, FixedClock, event, record
from tests.shop.orders.examples import fresh_ulid
from tests.waiting import until_answered, until_async

OPENAPI: dict[str, Any] = yaml.safe_load(contract())
MARTS = "/api/v1/analytics/marts"
_MILK = {"sku": "MILK-001", "orders": 1, "quantity": 2, "revenue_minor": 17980}


class SomeIds:
    def ulid(self) -> str:
        return fresh_ulid()


class NoAccess:
    def __init__(self, code: EdgeErrorCode) -> None:
        self._code = code

    def allow(self, scope: str, credential: str | None) -> Caller:
        assert (scope, credential) == ("analytics:read", "Bearer x")
        raise StendError(self._code, "No.")


def service_of(broker: Broker, folder: Path, access: Any = None, **more: Any) -> AnalyticsService:
    config = AnalyticsConfig(folder, broker.servers, flushing=Flushing(age_s=0.05, look_s=0.3))
    access = access or OpenAccess()
    return AnalyticsService(replace(config, **more), FixedClock(), SomeIds(), access)


def client_of(service: AnalyticsService) -> httpx.AsyncClient:
    (app,) = service.http.values()
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://stand")


@pytest_asyncio.fixture
async def service(broker: Broker, tmp_path: Path) -> AsyncIterator[AnalyticsService]:
    made = service_of(broker, tmp_path / "warehouse")
    await made.start()
    yield made
    await made.stop()


@pytest_asyncio.fixture
async def client(service: AnalyticsService) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(service) as made:
        yield made


def check(path: str, answer: httpx.Response) -> Any:
    """The body, once it is what the contract promises."""
    response = OPENAPI["paths"][path]["get"]["responses"][str(answer.status_code)]
    if "$ref" in response:
        response = OPENAPI["components"]["responses"][response["$ref"].rpartition("/")[2]]
    (media_type,) = response["content"]
    assert answer.headers["content-type"] == media_type
    for name in response.get("headers", {}):
        assert name in answer.headers
    name = response["content"][media_type]["schema"]["$ref"]
    schema = {"$ref": name, "components": OPENAPI["components"]}
    body = answer.json()
    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(body)
    return body


def happy_order() -> list[dict[str, Any]]:
    later = NOON + timedelta(seconds=5)
    return [
        event("ord_1", 1, "OrderPlaced", store="north"),
        event("ord_1", 2, "OrderDelivered", later),
    ]


async def until_caught_up(client: httpx.AsyncClient, facts: int) -> None:
    async def caught_up() -> bool:
        told = (await client.get(MARTS)).json()
        return bool(told["freshness"]["facts"] == facts and told["lag"]["records"] == 0)

    await until_answered(caught_up)


# ---- the contract ----------------------------------------------------------------------------


def test_the_contract_is_a_valid_openapi_3_1_document() -> None:
    assert [error.message for error in OPENAPI_31_VALIDATOR.iter_errors(OPENAPI)] == []
    operations = [path["get"]["operationId"] for path in OPENAPI["paths"].values()]
    assert operations == list(Operation)
    assert OPENAPI["components"]["schemas"]["MartName"]["enum"] == list(MartName)


@pytest.mark.parametrize(
    ("name", "schema"), list(zip(MartName, ("HourRow", "StoreRow", "ProductRow"), strict=True))
)
def test_columns_are_those_of_the_contract(name: MartName, schema: str) -> None:
    row = OPENAPI["components"]["schemas"][schema]
    assert list(row["properties"]) == row["required"] == list(MART_COLUMNS[name])


# ---- answers ---------------------------------------------------------------------------------


async def test_an_empty_warehouse_has_empty_marts_and_no_errors(
    service: AnalyticsService, client: httpx.AsyncClient
) -> None:
    told = check(MARTS, await client.get(MARTS))
    assert [one["name"] for one in told["marts"]] == list(MartName)
    assert told["freshness"] == {
        "sequence": 0,
        "committed_at": None,
        "newest_event_at": None,
        "facts": 0,
        "rejected": 0,
        "restarts": 0,
    }
    for one in told["marts"]:
        mart = check(MARTS + "/{name}", await client.get(one["href"]))
        assert (mart["rows"], mart["more"]) == ([], False)
    await until_caught_up(client, 0)
    await service.ping()


async def test_events_become_marts(
    broker: Broker, service: AnalyticsService, client: httpx.AsyncClient
) -> None:
    broker.publish([record(one) for one in happy_order()])
    broker.publish([replace(record(happy_order()[0]), value=b"?")])
    await until_caught_up(client, 2)
    marts = {
        name: check(MARTS + "/{name}", await client.get(f"{MARTS}/{name}")) for name in MartName
    }
    assert marts[MartName.ORDERS_BY_HOUR]["rows"] == [
        {
            "hour": "2026-11-27T12:00:00Z",
            "placed": 1,
            "delivered": 1,
            "cancelled": 0,
            "failed": 0,
            "in_progress": 0,
            "placed_total_minor": 17980,
        }
    ]
    times = dict.fromkeys(("mean_s", "p50_s", "p95_s", "max_s"), 5.0)
    assert marts[MartName.DELIVERY_TIME_BY_STORE]["rows"] == [
        {"store": "north", "deliveries": 1, **times}
    ]
    assert marts[MartName.PRODUCTS_SOLD]["rows"] == [_MILK]
    for mart in marts.values():
        assert mart["freshness"]["newest_event_at"] == "2026-11-27T12:00:05Z"
        assert mart["lag"]["records"] == 0
    told = check(MARTS, await client.get(MARTS))
    assert told["freshness"]["rejected"] == 1
    assert [one["position"] for one in told["lag"]["partitions"]] == [3, 0, 0]
    kept = service.kept_offsets()
    assert [kept[TOPIC, number] for number in range(3)] == [3, 0, 0]


async def test_a_second_start_goes_on(broker: Broker, tmp_path: Path) -> None:
    for number, one in enumerate(happy_order(), 1):
        broker.publish([record(one)])
        service = service_of(broker, tmp_path / "warehouse")
        await service.start()
        try:
            async with client_of(service) as client:
                await until_caught_up(client, number)
        finally:
            await service.stop()


# ---- refusals --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", f"{MARTS}/orders-by-minute", 404, "mart-unknown"),
        ("GET", f"{MARTS}/orders-by-hour?limit=1", 422, "invalid-argument"),
        ("GET", f"{MARTS}?page=2", 422, "invalid-argument"),
        ("POST", MARTS, 405, "method-not-allowed"),
        ("GET", f"{MARTS}/", 404, "no-such-operation"),
        ("GET", "/api/v1/analytics", 404, "no-such-operation"),
    ],
)
async def test_what_the_contract_does_not_know_is_refused(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert ("allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize(
    ("code", "status"), [(EdgeErrorCode.UNAUTHENTICATED, 401), (EdgeErrorCode.FORBIDDEN, 403)]
)
async def test_the_scope_is_asked_for(
    broker: Broker, tmp_path: Path, code: EdgeErrorCode, status: int
) -> None:
    async with client_of(service_of(broker, tmp_path, NoAccess(code))) as client:
        for path in (MARTS, MARTS + "/{name}"):
            answer = await client.get(path, headers={"Authorization": "Bearer x"})
            assert answer.status_code == status
            assert check(path, answer)["code"] == code


# ---- engines that go -------------------------------------------------------------------------


async def test_it_starts_without_a_broker_and_answers_and_tells(
    broker: Broker, tmp_path: Path
) -> None:
    service = service_of(broker, tmp_path / "warehouse", kafka_servers=("127.0.0.1:9",))
    await service.start()
    try:
        async with client_of(service) as client:
            told = check(MARTS, await client.get(MARTS))
        assert told["lag"]["records"] is None
        assert told["lag"]["failure"].startswith("Kafka")
        with pytest.raises(StendError, match="cannot be reached"):
            await service.ping()
    finally:
        await service.stop()


async def test_marts_are_told_while_the_broker_is_away(
    broker: Broker, service: AnalyticsService, client: httpx.AsyncClient
) -> None:
    broker.publish([record(one) for one in happy_order()])
    await until_caught_up(client, 2)
    kill(broker_of(broker.config), broker.launcher)
    try:
        await until_async(lambda: service._consumer.lag().failure)
        sold = check(MARTS + "/{name}", await client.get(f"{MARTS}/products-sold"))
        assert (sold["rows"], sold["lag"]["records"]) == ([_MILK], None)
    finally:
        restart(broker.launcher)
    broker.publish([record(event("ord_2", 1, "OrderPlaced"), partition=1)])
    await until_caught_up(client, 3)
    await service.ping()


async def test_stop_also_ends_what_never_started(broker: Broker, tmp_path: Path) -> None:
    await service_of(broker, tmp_path / "warehouse").stop()
