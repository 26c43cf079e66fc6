"""The pages of the contracts: the list, one of each, files as they are, and hostile names."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from bs4 import BeautifulSoup
from starlette.applications import Starlette
from starlette.types import ASGIApp

from stend.kit.languages import Language
from stend.portal.assets import load_assets
from stend.portal.pages.contracts import ContractPages
from stend.portal.readers.contract_files import Contract, ContractFiles
from stend.portal.rendering import Renderer
from stend.portal.stand import Endpoint
from tests.fakes.portal import ORDERS_READY, FakeStand, view_of
from tests.portal.conftest import BASE_URL
from tests.portal.test_shell import soup

SHOP = list(ContractFiles(files("stend.shop")).all())
EVIL = "<script>alert(1)</script>\"' onload=x {{ 7*7 }}"


def page_of(contract: Contract) -> str:
    return f"{contract.page}?file={contract.name}"


async def test_list_has_every_contract_with_its_files(http: httpx.AsyncClient) -> None:
    page = soup(await http.get("/contracts"))
    rows = page.select("tbody tr")
    assert len(rows) == len(SHOP)
    for row, contract in zip(rows, SHOP, strict=True):
        assert row.select("td")[0].text == contract.service
        link, *downloads = (str(one["href"]) for one in row.select("a"))
        assert link == page_of(contract)
        assert (await http.get(link)).status_code == 200
        assert len(downloads) == 1 + len(contract.others)
        for address in downloads:
            answer = await http.get(address)
            assert answer.status_code == 200
            assert answer.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    "contract", SHOP, ids=lambda one: f"{one.service}-{one.protocol}-{one.name}"
)
async def test_page_of_a_contract(
    http: httpx.AsyncClient, contract: Contract, language: Language
) -> None:
    response = await http.get(page_of(contract), headers={"Accept-Language": language})
    assert response.status_code == 200
    page = soup(response)
    assert page.html is not None
    assert page.html["lang"] == language
    ids = [str(element["id"]) for element in page.select("[id]")]
    assert len(ids) == len(set(ids))
    for link in page.select("main a[href^='#']"):
        assert str(link["href"])[1:] in ids
    assert not page.select(".err")
    assert not page.select("[style], style")
    assert all(script.get("src") for script in page.select("script"))
    assert {str(use["href"])[1:] for use in page.select("use")} <= set(ids)
    for script in page.select("script"):
        assert (await http.get(str(script["src"]))).status_code == 200
    source = page.select_one("#source pre")
    assert source is not None
    # A text node of HTML has no carriage returns and loses a first line break.
    assert source.text.strip() == contract.text.strip()


@pytest.mark.parametrize(
    "contract", SHOP, ids=lambda one: f"{one.service}-{one.protocol}-{one.name}"
)
async def test_file_is_served_as_it_is_and_as_plain_text(
    http: httpx.AsyncClient, contract: Contract
) -> None:
    for name, text in ((contract.name, contract.text), *contract.others):
        answer = await http.get(contract.file(name))
        assert answer.text == text
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "content-disposition" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/contracts/orders",
        "/contracts/orders/nothing",
        "/contracts/nobody/rest",
        "/contracts/orders/rest?file=other.yaml",
        "/contracts/orders/rest/other.yaml",
        "/contracts/orders/rest/..%2Fserver.py",
        "/contracts/..%2F..%2Fportal/rest",
        "/contracts/swagger-ui/000000000000/swagger-ui.css",
        "/contracts/swagger-ui/000000000000/index.html",
    ],
)
async def test_what_is_not_there_is_a_page_that_says_so(http: httpx.AsyncClient, path: str) -> None:
    response = await http.get(path)
    assert response.status_code == 404
    assert "There is no such page" in response.text


async def test_swagger_ui_comes_from_this_very_host(http: httpx.AsyncClient) -> None:
    page = soup(await http.get("/contracts/orders/rest"))
    script = page.select_one("script[src*=swagger-ui-bundle]")
    sheet = page.select_one("link[href*=swagger-ui]")
    place = page.select_one("#swagger-ui")
    assert script is not None
    assert sheet is not None
    assert place is not None
    for address, kind in ((script["src"], "text/javascript"), (sheet["href"], "text/css")):
        answer = await http.get(str(address))
        assert answer.headers["content-type"].startswith(kind)
        assert "immutable" in answer.headers["cache-control"]
    assert (await http.get(str(place["data-contract"]))).text.startswith("openapi:")


# ---- a shop of our own -------------------------------------------------------------------------


def shop_of(folder: Path, contracts: dict[str, str]) -> Path:
    for path, text in contracts.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


def app_of(shop: Path, stand: FakeStand) -> ASGIApp:
    return Starlette(
        routes=ContractPages(Renderer(load_assets(), stand, tuple), stand, shop).routes()
    )


async def client_of(shop: Path, stand: FakeStand) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app_of(shop, stand))
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        yield client


EVIL_JSON = json.dumps(EVIL)
EVIL_XML = EVIL.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
HOSTILE = {
    "a/api/rest/contract/openapi.yaml": json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": EVIL, "version": EVIL, "description": EVIL},
            "paths": {"/a": {"get": {"operationId": EVIL, "summary": EVIL}}},
        }
    ).replace('{"openapi": "3.1.0",', "openapi: 3.1.0\n{", 1),
    "a/api/jsonrpc/contract/openrpc.json": json.dumps(
        {
            "openrpc": EVIL,
            "info": {"title": EVIL, "version": EVIL, "description": EVIL},
            "servers": [{"name": EVIL, "url": "javascript:alert(1)"}],
            "methods": [
                {
                    "name": EVIL,
                    "summary": EVIL,
                    "params": [{"name": EVIL, "schema": {"$ref": f"#/components/schemas/{EVIL}"}}],
                    "result": {"name": EVIL, "schema": {"enum": [EVIL]}},
                    "errors": [{"code": EVIL, "message": EVIL}],
                    "examples": [{"name": EVIL, "params": [{"name": EVIL, "value": EVIL}]}],
                }
            ],
            "components": {"schemas": {EVIL: {"type": EVIL, "description": EVIL}}},
        }
    ).replace("</script>", "<~1script>", 1),
    "a/api/amqp/contract/asyncapi.yaml": f"""asyncapi: 3.0.0
info: {{title: {EVIL_JSON}, version: {EVIL_JSON}}}
channels: {{c: {{address: {EVIL_JSON}, description: {EVIL_JSON}}}}}
operations: {{{EVIL_JSON}: {{action: {EVIL_JSON}, channel: {{$ref: '#/channels/c'}}}}}}
""",
    "a/api/soap/contract/b.wsdl": f"""<d:definitions xmlns:d="http://schemas.xmlsoap.org/wsdl/"
  name="{EVIL_XML}" targetNamespace="{EVIL_XML}"><d:documentation>{EVIL_XML}</d:documentation>
  <d:portType><d:operation name="{EVIL_XML}"/></d:portType></d:definitions>""",
    "a/api/grpc/contract/c.proto": f"""// {EVIL}
syntax = "proto3";
// {EVIL}
message M {{
  // {EVIL}
  string a = 1 [(x) = {EVIL_JSON}];
}}""",
    "a/api/graphql/contract/s.graphql": f'"""{EVIL} """ type Query {{ "{EVIL[:20]}" a: Int }}',
    "a/api/odd/contract/broken.proto": EVIL,
}


@pytest.mark.parametrize("language", Language)
async def test_hostile_names_are_shown_and_never_run(tmp_path: Path, language: Language) -> None:
    stand = FakeStand()
    async for http in client_of(shop_of(tmp_path, HOSTILE), stand):
        protocols = ["rest", "jsonrpc", "amqp", "soap", "grpc", "graphql", "odd"]
        for path in ("/contracts", *(f"/contracts/a/{one}" for one in protocols)):
            response = await http.get(path, headers={"Accept-Language": language})
            assert response.status_code == 200, path
            page = soup(response)
            assert all(script.get("src") for script in page.select("script")), path
            assert all(script.text == "" for script in page.select("script")), path
            assert "alert(1)" in page.text, path
            assert "49" not in page.text, path
            names = [name for tag in page.find_all() for name in tag.attrs]
            assert not [name for name in names if name.startswith("on")], path
            for link in page.select("[href], [src]"):
                address = str(link.get("href") or link.get("src"))
                assert address.startswith(("/", "#", "?")), path


async def test_broken_contract_is_told_with_its_source(tmp_path: Path) -> None:
    stand = FakeStand()
    async for http in client_of(shop_of(tmp_path, HOSTILE), stand):
        page = soup(await http.get("/contracts/a/odd", headers={"Accept-Language": "en"}))
        error = page.select_one(".err")
        assert error is not None
        assert "unexpected" in error.text
        assert page.select_one("details[open] pre") is not None
        listed = soup(await http.get("/contracts", headers={"Accept-Language": "en"}))
        assert "unreadable" in listed.text


async def test_shop_without_contracts(tmp_path: Path) -> None:
    (tmp_path / "a" / "api" / "rest").mkdir(parents=True)
    stand = FakeStand()
    async for http in client_of(tmp_path, stand):
        assert "No contracts" in (await http.get("/contracts")).text


async def test_file_of_an_unknown_format_is_shown_as_it_is(tmp_path: Path) -> None:
    contracts = {"a/api/mcp/contract/tools.toml": "name = 1"}
    async for http in client_of(shop_of(tmp_path, contracts), FakeStand()):
        assert "tools.toml" in (await http.get("/contracts")).text
        page = soup(await http.get("/contracts/a/mcp"))
        source = page.select_one("details[open] pre")
        assert source is not None
        assert source.text == "name = 1"
        assert page.select_one(".contract-index") is None


async def test_several_contracts_of_one_protocol_have_a_switch(tmp_path: Path) -> None:
    proto = 'syntax = "proto3"; package {0}; message {1} {{}}'
    contracts = {
        "a/api/grpc/contract/one.proto": proto.format("first", "M"),
        "a/api/grpc/contract/two.proto": proto.format("second", "M"),
    }
    async for http in client_of(shop_of(tmp_path, contracts), FakeStand()):
        first = soup(await http.get("/contracts/a/grpc"))
        second = soup(await http.get("/contracts/a/grpc?file=two.proto"))
        assert title_of(first) == "first"
        assert title_of(second) == "second"
        current = second.select_one(".page-head [aria-current]")
        assert current is not None
        assert current.text == "two.proto"


async def test_file_with_an_odd_name_is_downloaded_under_it(tmp_path: Path) -> None:
    name = 'a "b" %; я.proto'
    contracts = {f"a/api/grpc/contract/{name}": 'syntax = "proto3";'}
    async for http in client_of(shop_of(tmp_path, contracts), FakeStand()):
        page = soup(await http.get("/contracts"))
        link = page.select_one("a[download]")
        assert link is not None
        answer = await http.get(str(link["href"]))
        assert answer.headers["content-disposition"].endswith(quote(name))
        assert (await http.get(f"/contracts/a/grpc?file={quote(name)}")).status_code == 200


def title_of(page: BeautifulSoup) -> str:
    heading = page.select_one("h1")
    assert heading is not None
    return heading.text


# ---- the query box -----------------------------------------------------------------------------

SDL = {"orders/api/graphql/contract/schema.graphql": "type Query { a: Int }"}


async def test_query_box_calls_the_address_that_the_stand_tells(tmp_path: Path) -> None:
    endpoint = Endpoint("graphql", "http://127.0.0.1:8000/graphql/orders", None)
    stand = FakeStand(view_of(replace(ORDERS_READY, endpoints=(endpoint,))))
    async for http in client_of(shop_of(tmp_path, SDL), stand):
        page = soup(await http.get("/contracts/orders/graphql"))
        form = page.select_one(".query-form")
        assert form is not None
        assert form["data-endpoint"] == "/graphql/orders"
        assert page.select_one("script[src*=contracts-query]") is not None


async def test_query_box_says_so_where_nobody_serves_the_schema(tmp_path: Path) -> None:
    async for http in client_of(shop_of(tmp_path, SDL), FakeStand()):
        page = soup(await http.get("/contracts/orders/graphql", headers={"Accept-Language": "en"}))
        assert page.select_one(".query-form") is None
        assert "does not serve GraphQL" in page.text
