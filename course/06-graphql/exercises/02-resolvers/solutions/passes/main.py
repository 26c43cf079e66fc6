"""The storefront without a loader: execute, note what was missing, fetch all of it, execute again.

Nothing but graphql-core and the standard library; a thread for each connection.
"""

import asyncio
import json
import os
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import store
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    build_schema,
    execute_sync,
    get_named_type,
    get_operation_ast,
    parse,
    validate,
    value_from_ast_untyped,
)

schema = build_schema(Path(__file__).with_name("schema.graphql").read_text("utf-8"))


class Missing(Exception):
    """Not fetched yet."""


class Refused(GraphQLError):
    def __init__(self, code: str, told: str = "") -> None:
        super().__init__(told or code, extensions={"code": code})


class Fetched:
    """What this request knows, and what it has found out that it has to know."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, Any], Any] = {}
        self.missing: dict[str, dict[Any, None]] = defaultdict(dict)
        self.changed: dict[tuple[Any, ...], Any] = {}

    def get(self, kind: str, key: Any) -> Any:
        if (kind, key) not in self.known:
            self.missing[kind][key] = None
            raise Missing
        return self.known[kind, key]

    async def fetch(self) -> None:
        missing, self.missing = self.missing, defaultdict(dict)
        await asyncio.gather(*(self.fetch_kind(kind, list(missing[kind])) for kind in missing))

    async def fetch_kind(self, kind: str, keys: list[Any]) -> None:
        self.known.update({(kind, key): None for key in keys})
        if kind == "page":
            for first, after in keys:
                self.known[kind, (first, after)] = await store.page(first, after)
        elif kind == "shelf":
            rows = await store.products_of([one for one, _ in keys], max(n for _, n in keys))
            for category_id, first in keys:
                own = sorted(
                    (one for one in rows if one["category_id"] == category_id),
                    key=lambda one: one["sku"],
                )
                self.known[kind, (category_id, first)] = own[:first]
        else:
            column = "category_id" if kind == "categories" else "sku"
            for row in await getattr(store, kind)(keys):
                self.known[kind, row[column]] = row


class Category:
    def __init__(self, row: store.Row) -> None:
        self.row = row
        self.categoryId = row["category_id"]

    def title(self, _: Any, language: str) -> Any:
        return self.row[f"title_{language.lower()}"]

    def products(self, info: Any, first: int) -> list["Product"]:
        if not 1 <= first <= 100:
            raise Refused("invalid-argument")
        return [Product(one) for one in info.context.get("shelf", (self.categoryId, first))]


class Product:
    def __init__(self, row: store.Row) -> None:
        self.row = row
        self.sku = row["sku"]

    def title(self, _: Any, language: str) -> Any:
        return self.row[f"title_{language.lower()}"]

    def price(self, info: Any) -> Any:
        row = info.context.get("prices", self.sku)
        if row is None:
            raise Refused("price-unavailable", f"{self.sku} has no price")
        return {**row, "amountMinor": row["amount_minor"]}

    def category(self, info: Any) -> Category | None:
        category_id = self.row["category_id"]
        return Category(info.context.get("categories", category_id)) if category_id else None


class Root:
    def product(self, info: Any, sku: str) -> Product:
        row = info.context.get("products", sku)
        if row is None:
            raise Refused("product-not-found", f"there is no product {sku}")
        return Product(row)

    def products(self, info: Any, first: int, after: str | None = None) -> Any:
        if not 1 <= first <= 100:
            raise Refused("invalid-argument")
        rows = info.context.get("page", (first + 1, after))
        edges = [{"cursor": one["sku"], "node": Product(one)} for one in rows[:first]]
        page = {
            "hasNextPage": len(rows) > first,
            "endCursor": edges[-1]["cursor"] if edges else None,
        }
        return {"edges": edges, "pageInfo": page}

    def changePrice(self, info: Any, **given: Any) -> Any:
        # Executed in every pass, done in the first.
        wanted = given["input"]
        done, place = info.context.changed, tuple(info.path.as_list())
        if place not in done:
            change = store.change_price(
                wanted["sku"], wanted["amountMinor"], wanted["expectedVersion"]
            )
            try:
                done[place] = asyncio.run(change)
            except store.VersionConflict:
                done[place] = "version-conflict"
            except store.NoSuchProduct:
                done[place] = "product-not-found"
        if isinstance(done[place], str):
            raise Refused(done[place])
        product = self.product(info, wanted["sku"])
        product.price = lambda _: {**done[place], "amountMinor": done[place]["amount_minor"]}
        return {"product": product}


def run(document: DocumentNode, variables: Any, name: str | None) -> Any:
    fetched = Fetched()
    while True:
        result = execute_sync(schema, document, Root(), fetched, variables, name)
        if not fetched.missing:
            return result
        asyncio.run(fetched.fetch())


# ---- limits -------------------------------------------------------------------------------------


def size(  # noqa: C901 - three kinds of selections
    document: DocumentNode, operation: Any, variables: dict[str, Any]
) -> tuple[int, int]:
    """Depth and cost."""
    fragments = {
        one.name.value: one
        for one in document.definitions
        if isinstance(one, FragmentDefinitionNode)
    }
    sizes: dict[str, tuple[int, int]] = {}

    def of_set(selection_set: Any, parent: Any) -> tuple[int, int]:
        depths, costs = zip(*(of_one(one, parent) for one in selection_set.selections), strict=True)
        return max(depths), sum(costs)

    def of_one(node: Any, parent: Any) -> tuple[int, int]:
        if isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name not in sizes:
                sizes[name] = of_one(fragments[name], parent)
            return sizes[name]
        if not isinstance(node, FieldNode):
            condition = node.type_condition
            on = schema.get_type(condition.name.value) if condition else parent
            return of_set(node.selection_set, on)
        if not node.selection_set:
            return 1, 1
        field = schema.get_field(parent, node.name.value)
        depth, cost = of_set(node.selection_set, get_named_type(field.type))
        return 1 + depth, 1 + cost * max(1, first_of(node, field))

    def first_of(node: FieldNode, field: Any) -> int:
        for given in node.arguments or ():
            if given.name.value == "first":
                first = value_from_ast_untyped(given.value, variables)
                if isinstance(first, int):
                    return first
        return int(field.ast_node.arguments[0].default_value.value) if "first" in field.args else 1

    return of_set(operation.selection_set, schema.get_root_type(operation.operation))


# ---- HTTP ---------------------------------------------------------------------------------------


class Answer(Exception):
    def __init__(self, status: int, *errors: GraphQLError | str, **headers: str) -> None:
        told = [one.formatted if isinstance(one, GraphQLError) else one for one in errors]
        self.body: Any = {"errors": [{"message": one} if type(one) is str else one for one in told]}
        self.status = status
        self.headers = headers


def executed(asked: Any, *, is_get: bool) -> Any:
    document = parsed(asked)
    variables, name = asked.get("variables"), asked.get("operationName")
    operation = get_operation_ast(document, name)
    if operation is None:
        raise Answer(400, "which operation?")
    if is_get and operation.operation.value != "query":
        raise Answer(405, "a GET only reads", Allow="POST")
    defaults = {
        one.variable.name.value: value_from_ast_untyped(one.default_value)
        for one in operation.variable_definitions or ()
        if one.default_value
    }
    depth, cost = size(document, operation, {**defaults, **(variables or {})})
    if depth > 10:
        raise Answer(400, Refused("too-deep", f"{depth} levels, 10 are allowed"))
    if cost > 1000:
        raise Answer(400, Refused("too-costly", f"costs {cost}, 1000 is allowed"))
    result = run(document, variables, name)
    if result.errors and not any(one.path for one in result.errors):
        raise Answer(400, *result.errors)
    return result.formatted


def parsed(asked: Any) -> DocumentNode:
    if not isinstance(asked, dict) or not isinstance(asked.get("query"), str):
        raise Answer(400, "a query is expected")
    if not isinstance(asked.get("variables"), dict | None):
        raise Answer(400, "variables have to be an object")
    if not isinstance(asked.get("operationName"), str | None):
        raise Answer(400, "operationName has to be a text")
    try:
        document = parse(asked["query"])
    except GraphQLError as error:
        raise Answer(400, error) from None
    if errors := validate(schema, document):
        raise Answer(400, *errors)
    return document


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body are two writes; the second must not wait for an answer to the first.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        def read() -> Any:
            asked: Any = {name: one[0] for name, one in parse_qs(urlsplit(self.path).query).items()}
            asked["variables"] = json.loads(asked.get("variables", "null"))
            return asked

        self.handle_one(read, is_get=True)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))

        def read() -> Any:
            if self.headers.get_content_type() != "application/json":
                raise Answer(415, "application/json is expected")
            return json.loads(body)

        self.handle_one(read, is_get=False)

    def handle_one(self, read: Any, *, is_get: bool) -> None:
        status, headers = 200, {}
        try:
            told = executed(read(), is_get=is_get)
        except Answer as answer:
            status, told, headers = answer.status, answer.body, answer.headers
        except ValueError:
            status, told = 400, {"errors": [{"message": "this is no JSON"}]}
        accept = self.headers.get("Accept", "*/*")
        is_plain = "graphql-response" not in accept and "application/json" in accept
        kind = "application/json" if is_plain else "application/graphql-response+json"
        body = json.dumps(told).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing: a line for each request helps nobody here."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100


if __name__ == "__main__":
    with Server(("127.0.0.1", int(os.environ["PORT"])), Handler) as server:
        server.serve_forever()
