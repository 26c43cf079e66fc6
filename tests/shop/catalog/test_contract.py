"""The service keeps to its two contracts, and strangers' tools agree."""

import asyncio
import csv
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from graphql import (
    build_client_schema,
    build_schema,
    get_introspection_query,
    lexicographic_sort_schema,
    print_schema,
)

from stend.kit.errors import EdgeErrorCode
from stend.shop.catalog.api.graphql import faults as graphql_faults
from stend.shop.catalog.api.graphql import server as graphql
from stend.shop.catalog.api.rest import faults as rest_faults
from stend.shop.catalog.api.rest import server as rest
from stend.shop.catalog.domain import MAX_PRICE, CatalogErrorCode
from stend.shop.catalog.usecases import CURSOR_PATTERN, Operation
from tests.conftest import PROJECT
from tests.shop.catalog.serving import GRAPHQL, Desk

CODES = {*EdgeErrorCode, *CatalogErrorCode}
_TIMEOUT_S = 60


def normal(text: str) -> str:
    return print_schema(lexicographic_sort_schema(build_schema(text)))


def test_the_served_schema_is_the_contract_with_all_its_words() -> None:
    assert normal(graphql.make_schema().as_str()) == normal(graphql.contract())


@pytest.mark.asyncio(loop_scope="module")
async def test_an_introspection_client_builds_the_contract_from_the_server(desk: Desk) -> None:
    query = get_introspection_query(specified_by_url=True, input_value_deprecation=True)
    read = build_client_schema((await desk.graphql(query))["data"])
    assert print_schema(lexicographic_sort_schema(read)) == normal(graphql.contract())
    served = (await desk.http.get(f"{GRAPHQL}/schema.graphql")).text
    assert served == graphql.contract()


def test_every_error_has_its_answer_in_both_protocols() -> None:
    assert set(rest_faults.FAULTS) == CODES
    assert set(graphql_faults.FAULTS) == CODES


def test_openapi_has_the_operations_and_the_bounds_of_the_service() -> None:
    contract = yaml.safe_load(rest.contract())
    operations = {
        spec["operationId"] for path in contract["paths"].values() for spec in path.values()
    }
    assert operations == set(Operation)
    schemas = contract["components"]["schemas"]
    assert schemas["Money"]["properties"]["amount_minor"]["maximum"] == MAX_PRICE.amount_minor
    assert schemas["Cursor"]["pattern"] == CURSOR_PATTERN


@pytest.mark.asyncio(loop_scope="module")
async def test_openapi_is_served(desk: Desk) -> None:
    response = await desk.http.get("/api/v1/catalog/openapi.yaml")
    assert response.text == rest.contract()


def test_the_catalogue_and_the_price_list_of_orders_begin_with_the_same_prices() -> None:
    def rows(package: str, name: str) -> list[dict[str, str]]:
        text = files(package).joinpath(name).read_text("utf-8")
        return list(csv.DictReader(text.splitlines()))

    ours = rows("stend.shop.catalog.stores", "products.csv")
    theirs = rows("stend.shop.orders.stores", "price_list.csv")
    shared = ("sku", "title_ru", "title_en", "currency")
    assert [[one[name] for name in shared] for one in ours] == [
        [one[name] for name in shared] for one in theirs
    ]
    assert [one["price_minor"] for one in ours] == [one["unit_price_minor"] for one in theirs]


@pytest.mark.slow
@pytest.mark.asyncio(loop_scope="module")
async def test_schemathesis_finds_nothing(desk: Desk, tmp_path: Path) -> None:
    contract = PROJECT / "src/stend/shop/catalog/api/rest/contract/openapi.yaml"
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        *("--config-file", str(Path(__file__).with_name("schemathesis.toml"))),
        *("run", str(contract)),
        *("--url", str(desk.http.base_url).rstrip("/"), "--max-examples", "3"),
        *("--phases", "examples,coverage,fuzzing"),
    ]
    # In a thread: the service runs in this loop.
    done = await asyncio.to_thread(
        subprocess.run,
        command,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Selected: 5/5" in done.stdout
