"""The operations of every contract, and those that the files of clients send."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from graphql import GraphQLObjectType, build_schema
from lxml import etree

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "src" / "stend" / "shop"
HTTP = ROOT / "clients" / "http"
_METHODS = {"get", "post", "put", "delete", "patch"}
_BANK = "payments/api/soap/contract/bank"
_WSDL = "{http://schemas.xmlsoap.org/wsdl/}"


def paths() -> Iterator[tuple[str, str]]:
    """Method and path of every operation of HTTP."""
    for file in SHOP.rglob("contract/openapi.yaml"):
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        for path, operations in document["paths"].items():
            for method in operations.keys() & _METHODS:
                yield method.upper(), path


def names() -> Iterator[tuple[str, str]]:
    """The path that it is sent to, and the name of every operation that a body names."""
    for service, path in (("orders", "/rpc/orders"), ("loyalty", "/rpc/loyalty")):
        document = _json(SHOP / service / "api/jsonrpc/contract/openrpc.json")
        yield from ((path, f'"{method["name"]}"') for method in document["methods"])
    for tool in _json(SHOP / "orders/api/mcp/contract/mcp.json")["tools"]:
        yield "/mcp", f'"{tool["name"]}"'
    for file, path in (("orders/api/soap/contract/orders", "/soap/orders"), (_BANK, "/soap/bank")):
        for operation in etree.parse(SHOP / f"{file}.wsdl").iter(f"{_WSDL}portType"):
            for one in operation.iter(f"{_WSDL}operation"):
                yield path, f"<{one.get('name')}"
    for service, path in (("orders", "/graphql"), ("catalog", "/graphql/catalog")):
        yield from ((path, name) for name in _fields(service))


def calls() -> Iterator[str]:
    """The path of every call of gRPC."""
    for service, file in (("orders", "orders.proto"), ("delivery", "delivery.proto")):
        text = (SHOP / service / "api/grpc/contract" / file).read_text(encoding="utf-8")
        package = re.search(r"^package (\S+);", text, re.MULTILINE)
        name = re.search(r"^service (\w+) \{", text, re.MULTILINE)
        assert package
        assert name
        for call in re.findall(r"^  rpc (\w+)\(", text, re.MULTILINE):
            yield f"{package[1]}.{name[1]}/{call}"


def sent_by_postman(language: str) -> Iterator[tuple[str, str, str]]:
    """Method, path and body of every request of the collection."""
    file = ROOT / "clients" / "postman" / f"lavka.{language}.postman_collection.json"
    for folder in _json(file)["item"]:
        for item in folder["item"]:
            request = item["request"]
            url = request["url"]
            raw = url if isinstance(url, str) else url["raw"]
            body = json.dumps(request.get("body", {}), ensure_ascii=False).replace('\\"', '"')
            yield request["method"], _path(raw), body


def sent_by_http_files() -> Iterator[tuple[str, str, str]]:
    """The same of every `.http` file, those for httpYac only, too."""
    for file in HTTP.rglob("*.http"):
        text = file.read_text(encoding="utf-8")
        for part in re.split(r"(?m)^### ", text)[1:]:
            lines = [line for line in part.splitlines()[1:] if not line.startswith("#")]
            method, _, url = lines[0].partition(" ")
            yield method, _path(url), "\n".join(lines[1:])


def _path(url: str) -> str:
    """Without the address, which is a variable, and the query."""
    return re.sub(r"^\{\{\w+\}\}", "", url).partition("?")[0]


def _fields(service: str) -> Iterator[str]:
    schema = build_schema(
        (SHOP / service / "api/graphql/contract/schema.graphql").read_text(encoding="utf-8")
    )
    for kind in (schema.query_type, schema.mutation_type, schema.subscription_type):
        if isinstance(kind, GraphQLObjectType):
            yield from kind.fields


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
