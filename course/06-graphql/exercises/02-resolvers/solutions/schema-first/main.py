"""The storefront from schema.graphql itself: resolvers by coordinate, a loader of twenty lines."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Hashable
from pathlib import Path
from typing import Any

import store
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    build_schema,
    execute,
    get_named_type,
    parse,
    validate,
)
from graphql.execution.values import get_argument_values, get_variable_values

schema = build_schema(Path(__file__).with_name("schema.graphql").read_text("utf-8"))
RESPONSE = "application/graphql-response+json"
LIMITS = {"too-deep": 10, "too-costly": 1000}


class Failed(GraphQLError):
    def __init__(self, code: str, told: str) -> None:
        super().__init__(told, extensions={"code": code})


# ---- loading ------------------------------------------------------------------------------------


class Loader:
    """Gathers keys until everything that can run has run, then asks for all of them at once."""

    def __init__(self, ask: Callable[[list[Any]], Awaitable[dict[Any, Any]]]) -> None:
        self.ask = ask
        self.answers: dict[Hashable, asyncio.Future[Any]] = {}
        self.waiting: list[Any] = []
        # asyncio itself forgets a task that nobody holds.
        self.tasks: set[asyncio.Task[None]] = set()

    def load(self, key: Hashable) -> asyncio.Future[Any]:
        if key not in self.answers:
            loop = asyncio.get_running_loop()
            self.answers[key] = loop.create_future()
            self.waiting.append(key)
            if len(self.waiting) == 1:
                loop.call_soon(lambda: self.tasks.add(loop.create_task(self.fetch())))
        return self.answers[key]

    async def fetch(self) -> None:
        keys, self.waiting = self.waiting, []
        try:
            found = await self.ask(keys)
        except Exception as error:  # noqa: BLE001 - it belongs to whoever waits
            for key in keys:
                self.answers[key].set_exception(error)
            return
        for key in keys:
            self.answers[key].set_result(found.get(key))


def by(column: str, find: Callable[[list[str]], Awaitable[list[store.Row]]]) -> Loader:
    async def ask(keys: list[str]) -> dict[str, store.Row]:
        return {row[column]: row for row in await find(keys)}

    return Loader(ask)


async def shelves(keys: list[tuple[str, int]]) -> dict[tuple[str, int], list[store.Row]]:
    found: dict[tuple[str, int], list[store.Row]] = {key: [] for key in keys}
    for first in {first for _, first in keys}:
        ids = [category_id for category_id, wanted in keys if wanted == first]
        for row in sorted(await store.products_of(ids, first), key=lambda one: one["sku"]):
            found[row["category_id"], first].append(row)
    return found


class Loaders:
    def __init__(self) -> None:
        self.products = by("sku", store.products)
        self.prices = by("sku", store.prices)
        self.categories = by("category_id", store.categories)
        self.shelves = Loader(shelves)


# ---- resolvers ----------------------------------------------------------------------------------


def bounded(first: int) -> int:
    if first < 1 or first > 100:
        raise Failed("invalid-argument", "first goes from 1 to 100")
    return first


async def product(_: Any, info: Any, sku: str) -> Any:
    found = await info.context.products.load(sku)
    if not found:
        raise Failed("product-not-found", f"no product {sku}")
    return found


async def products(_: Any, info: Any, first: int, after: str | None = None) -> Any:
    bounded(first)
    if after is not None and not after.startswith("after:"):
        raise Failed("invalid-argument", "this is no cursor")
    rows = await store.page(first + 1, after and after.removeprefix("after:"))
    edges = [{"cursor": f"after:{row['sku']}", "node": row} for row in rows[:first]]
    end = edges[-1]["cursor"] if edges else None
    return {"edges": edges, "pageInfo": {"hasNextPage": len(rows) > first, "endCursor": end}}


async def price(row: store.Row, info: Any) -> Any:
    found = await info.context.prices.load(row["sku"])
    if not found:
        raise Failed("price-unavailable", f"no price of {row['sku']}")
    return {**found, "amountMinor": found["amount_minor"]}


async def category(row: store.Row, info: Any) -> Any:
    key = row["category_id"]
    return await info.context.categories.load(key) if key else None


async def products_of(row: store.Row, info: Any, first: int) -> Any:
    return await info.context.shelves.load((row["category_id"], bounded(first)))


async def change_price(_: Any, info: Any, **given: Any) -> Any:
    wanted = given["input"]
    try:
        await store.change_price(wanted["sku"], wanted["amountMinor"], wanted["expectedVersion"])
    except store.VersionConflict:
        raise Failed("version-conflict", "the price has changed meanwhile") from None
    except store.NoSuchProduct:
        raise Failed("product-not-found", f"no product {wanted['sku']}") from None
    info.context.prices.answers.pop(wanted["sku"], None)
    return {"product": await product(None, info, wanted["sku"])}


def title(row: store.Row, _: Any, language: str) -> Any:
    return row["title_en" if language == "EN" else "title_ru"]


RESOLVERS: dict[str, Callable[..., Any]] = {
    "Query.product": product,
    "Query.products": products,
    "Mutation.changePrice": change_price,
    "Product.title": title,
    "Product.price": price,
    "Product.category": category,
    "Category.categoryId": lambda row, _: row["category_id"],
    "Category.title": title,
    "Category.products": products_of,
}
for coordinate, resolver in RESOLVERS.items():
    kind, _, name = coordinate.partition(".")
    schema.type_map[kind].fields[name].resolve = resolver  # type: ignore[attr-defined]


# ---- limits -------------------------------------------------------------------------------------


def check_limits(document: DocumentNode, operation: Any, variables: dict[str, Any]) -> None:
    fragments = {
        one.name.value: one
        for one in document.definitions
        if isinstance(one, FragmentDefinitionNode)
    }
    left = LIMITS["too-costly"] + 1
    # Every field pays as many times as it is there; whoever has spent too much is stopped at once.
    open_sets = [(operation.selection_set, schema.get_root_type(operation.operation), 1, 1)]
    while open_sets:
        selection_set, parent, depth, times = open_sets.pop()
        for node in selection_set.selections:
            if node.kind == "fragment_spread":
                fragment = fragments[node.name.value]
                on = schema.get_type(fragment.type_condition.name.value)
                open_sets.append((fragment.selection_set, on, depth, times))
                continue
            if node.kind == "inline_fragment":
                on = node.type_condition and schema.get_type(node.type_condition.name.value)
                open_sets.append((node.selection_set, on or parent, depth, times))
                continue
            if depth > LIMITS["too-deep"]:
                raise Failed("too-deep", f"deeper than {LIMITS['too-deep']}")
            left -= times
            if left <= 0:
                raise Failed("too-costly", f"costs more than {LIMITS['too-costly']}")
            if node.selection_set:
                field = schema.get_field(parent, node.name.value)
                first = get_argument_values(field, node, variables).get("first", 1)
                below = get_named_type(field.type)
                open_sets.append((node.selection_set, below, depth + 1, times * max(1, first)))


# ---- HTTP ---------------------------------------------------------------------------------------

app = FastAPI(openapi_url=None)


def answer(request: Request, status: int, body: Any) -> Response:
    wanted = request.headers.get("accept", "*/*")
    plain = "application/json" in wanted and RESPONSE not in wanted
    return JSONResponse(body, status, media_type="application/json" if plain else RESPONSE)


def refused(request: Request, status: int, *errors: GraphQLError | str) -> Response:
    told = [one.formatted if isinstance(one, GraphQLError) else {"message": one} for one in errors]
    return answer(request, status, {"errors": told})


@app.post("/graphql")
async def post(request: Request) -> Response:
    if not request.headers.get("content-type", "").startswith("application/json"):
        return refused(request, 415, "application/json is expected")
    try:
        asked = await request.json()
    except ValueError:
        return refused(request, 400, "no JSON")
    return await run(request, asked)


@app.get("/graphql")
async def get(request: Request) -> Response:
    asked: dict[str, Any] = dict(request.query_params)
    try:
        asked["variables"] = json.loads(asked.get("variables") or "null")
    except ValueError:
        return refused(request, 400, "variables are no JSON")
    return await run(request, asked)


async def run(request: Request, asked: Any) -> Response:
    if not isinstance(asked, dict) or not isinstance(asked.get("query"), str):
        return refused(request, 400, "a query is expected")
    if not isinstance(asked.get("variables"), dict | None):
        return refused(request, 400, "variables have to be an object")
    if not isinstance(asked.get("operationName"), str | None):
        return refused(request, 400, "operationName has to be a text")
    try:
        document = parse(asked["query"])
    except GraphQLSyntaxError as error:
        return refused(request, 400, error)
    if errors := validate(schema, document):
        return refused(request, 400, *errors)
    return await run_valid(request, document, asked)


async def run_valid(request: Request, document: DocumentNode, asked: dict[str, Any]) -> Response:
    named = asked.get("operationName")
    operations = [
        one
        for one in document.definitions
        if isinstance(one, OperationDefinitionNode)
        and (named is None or (one.name and one.name.value == named))
    ]
    if len(operations) != 1:
        return refused(request, 400, f"{len(operations)} operations could be meant")
    operation = operations[0]
    if request.method == "GET" and operation.operation.value != "query":
        return refused(request, 405, "a GET reads")
    variables = asked.get("variables") or {}
    coerced = get_variable_values(schema, operation.variable_definitions or (), variables)
    if isinstance(coerced, list):
        return refused(request, 400, *coerced)
    try:
        check_limits(document, operation, coerced)
    except Failed as failed:
        return refused(request, 400, failed)
    done: Any = execute(schema, document, None, Loaders(), variables, named)
    result = await done if asyncio.iscoroutine(done) else done
    return answer(request, 200, result.formatted)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
