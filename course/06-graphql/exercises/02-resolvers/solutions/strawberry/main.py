"""The storefront with strawberry: loaders of one request, and a guard before execution."""

import base64
import binascii
import enum
import json
import os
from typing import Any

import store
import strawberry
import uvicorn
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_named_type,
    get_operation_ast,
    parse,
    validate,
)
from graphql.execution.values import VariableValues, get_argument_values, get_variable_values
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from strawberry.dataloader import DataLoader

MOST_DEPTH, MOST_COST, MOST_FIRST = 10, 1000, 100
GRAPHQL, JSON = "application/graphql-response+json", "application/json"


def refusal(code: str, told: str) -> GraphQLError:
    return GraphQLError(told, extensions={"code": code})


def check_first(first: int) -> None:
    if not 1 <= first <= MOST_FIRST:
        raise refusal("invalid-argument", f"first is {first}; 1 to {MOST_FIRST} is expected.")


# ---- loaders ------------------------------------------------------------------------------------


class Loaders:
    """Of one request: nothing is remembered any longer."""

    def __init__(self) -> None:
        self.products = DataLoader(self._products)
        self.prices = DataLoader(self._prices)
        self.categories = DataLoader(self._categories)
        self.shelves = DataLoader(self._shelves)

    async def _products(self, skus: list[str]) -> list[store.Row | None]:
        rows = {one["sku"]: one for one in await store.products(skus)}
        return [rows.get(sku) for sku in skus]

    async def _prices(self, skus: list[str]) -> list[store.Row | None]:
        rows = {one["sku"]: one for one in await store.prices(skus)}
        return [rows.get(sku) for sku in skus]

    async def _categories(self, ids: list[str]) -> list[store.Row | None]:
        rows = {one["category_id"]: one for one in await store.categories(ids)}
        return [rows.get(category_id) for category_id in ids]

    async def _shelves(self, keys: list[tuple[str, int]]) -> list[list[store.Row]]:
        ids = list(dict.fromkeys(category_id for category_id, _ in keys))
        rows = await store.products_of(ids, max(first for _, first in keys))
        rows.sort(key=lambda one: one["sku"])
        return [
            [one for one in rows if one["category_id"] == category_id][:first]
            for category_id, first in keys
        ]


Info = strawberry.Info[Loaders, None]


# ---- the schema ---------------------------------------------------------------------------------


@strawberry.enum
class Language(enum.Enum):
    RU = "RU"
    EN = "EN"


def title_of(row: store.Row, language: Language) -> str:
    title: str = row[f"title_{language.value.lower()}"]
    return title


@strawberry.type
class Price:
    amount_minor: int
    currency: str
    version: int


@strawberry.type
class Product:
    sku: strawberry.ID
    row: strawberry.Private[store.Row]

    @strawberry.field
    def title(self, language: Language = Language.RU) -> str:
        return title_of(self.row, language)

    @strawberry.field
    async def price(self, info: Info) -> Price | None:
        row = await info.context.prices.load(self.row["sku"])
        if row is None:
            raise refusal("price-unavailable", f"{self.sku} has no price.")
        return Price(
            amount_minor=row["amount_minor"], currency=row["currency"], version=row["version"]
        )

    @strawberry.field
    async def category(self, info: Info) -> "Category | None":
        if self.row["category_id"] is None:
            return None
        row = await info.context.categories.load(self.row["category_id"])
        return Category(category_id=row["category_id"], row=row) if row else None


@strawberry.type
class Category:
    category_id: strawberry.ID
    row: strawberry.Private[store.Row]

    @strawberry.field
    def title(self, language: Language = Language.RU) -> str:
        return title_of(self.row, language)

    @strawberry.field
    async def products(self, info: Info, first: int = 5) -> list[Product]:
        check_first(first)
        return list(map(product_of, await info.context.shelves.load((self.category_id, first))))


def product_of(row: store.Row) -> Product:
    return Product(sku=row["sku"], row=row)


@strawberry.type
class ProductEdge:
    cursor: str
    node: Product


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class ProductConnection:
    edges: list[ProductEdge]
    page_info: PageInfo


def cursor_of(sku: str) -> str:
    return base64.urlsafe_b64encode(sku.encode()).decode()


def place_of(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor.encode()).decode()
    except (binascii.Error, UnicodeError):
        raise refusal("invalid-argument", f"{cursor} is no cursor of this list.") from None


async def product_with(info: Info, sku: str) -> Product:
    row = await info.context.products.load(sku)
    if row is None:
        raise refusal("product-not-found", f"There is no product {sku}.")
    return product_of(row)


@strawberry.type
class Query:
    @strawberry.field
    async def product(self, info: Info, sku: strawberry.ID) -> Product | None:
        return await product_with(info, sku)

    @strawberry.field
    async def products(
        self, first: int = 20, after: str | None = strawberry.UNSET
    ) -> ProductConnection | None:
        check_first(first)
        rows = await store.page(first + 1, place_of(after) if after else None)
        edges = [
            ProductEdge(cursor=cursor_of(one["sku"]), node=product_of(one)) for one in rows[:first]
        ]
        end = edges[-1].cursor if edges else None
        return ProductConnection(
            edges=edges, page_info=PageInfo(has_next_page=len(rows) > first, end_cursor=end)
        )


@strawberry.input
class ChangePriceInput:
    sku: strawberry.ID
    amount_minor: int
    expected_version: int


@strawberry.type
class ChangePricePayload:
    product: Product


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def change_price(
        self,
        info: Info,
        input: ChangePriceInput,  # noqa: A002 - the name in the contract
    ) -> ChangePricePayload | None:
        sku = input.sku
        try:
            row = await store.change_price(sku, input.amount_minor, input.expected_version)
        except store.VersionConflict:
            raise refusal("version-conflict", f"The price of {sku} has changed.") from None
        except store.NoSuchProduct:
            raise refusal("product-not-found", f"There is no product {sku}.") from None
        # What was loaded before the change is out of date.
        info.context.prices.prime(sku, row, force=True)
        return ChangePricePayload(product=await product_with(info, sku))


schema = strawberry.Schema(Query, Mutation)
types: GraphQLSchema = schema._schema  # noqa: SLF001 - strawberry has no public name for it


# ---- the guard ----------------------------------------------------------------------------------


class Measure:
    """Depth and cost of an operation; each fragment is measured once, however often it is used."""

    def __init__(self, document: DocumentNode, variables: VariableValues) -> None:
        self.variables = variables
        self.fragments = {
            one.name.value: one
            for one in document.definitions
            if isinstance(one, FragmentDefinitionNode)
        }
        self.known: dict[str, tuple[int, int]] = {}

    def selections(self, node: Any, parent: Any) -> tuple[int, int]:
        found = [self.one(one, parent) for one in node.selection_set.selections]
        return max(depth for depth, _ in found), sum(cost for _, cost in found)

    def one(self, node: Any, parent: Any) -> tuple[int, int]:
        if isinstance(node, FieldNode):
            return self.field(node, parent)
        if isinstance(node, FragmentSpreadNode):
            return self.fragment(node.name.value)
        condition = node.type_condition
        return self.selections(node, types.get_type(condition.name.value) if condition else parent)

    def fragment(self, name: str) -> tuple[int, int]:
        if name not in self.known:
            node = self.fragments[name]
            self.known[name] = self.selections(node, types.get_type(node.type_condition.name.value))
        return self.known[name]

    def field(self, node: FieldNode, parent: Any) -> tuple[int, int]:
        if node.selection_set is None:
            return 1, 1
        field = types.get_field(parent, node.name.value)
        depth, cost = self.selections(node, get_named_type(field.type))
        first = get_argument_values(field, node, self.variables).get("first", 1)
        # A negative number must not pay for the rest.
        return depth + 1, 1 + max(1, first) * cost


def check_size(document: DocumentNode, operation: Any, variables: VariableValues) -> None:
    root = types.get_root_type(operation.operation)
    depth, cost = Measure(document, variables).selections(operation, root)
    if depth > MOST_DEPTH:
        raise refusal("too-deep", f"The depth is {depth}, at most {MOST_DEPTH} is allowed.")
    if cost > MOST_COST:
        raise refusal("too-costly", f"The cost is {cost}, at most {MOST_COST} is allowed.")


# ---- HTTP ---------------------------------------------------------------------------------------


class Bad(Exception):
    def __init__(self, status: int, told: str, **headers: str) -> None:
        super().__init__(told)
        self.status = status
        self.headers = headers


async def asked_of(request: Request) -> dict[str, Any]:
    if request.method == "GET":
        asked: Any = dict(request.query_params)
        raw = asked.get("variables")
    else:
        if request.headers.get("content-type", "").partition(";")[0].strip() != JSON:
            raise Bad(415, f"The body has to be {JSON}.")
        raw = await request.body()
    try:
        if request.method == "GET":
            asked["variables"] = json.loads(raw) if raw else None
        else:
            asked = json.loads(raw)
    except ValueError:
        raise Bad(400, "This is no JSON.") from None
    kinds = {"query": str, "variables": dict | None, "operationName": str | None}
    if not isinstance(asked, dict):
        raise Bad(400, "An object is expected.")
    for name, kind in kinds.items():
        if not isinstance(asked.get(name), kind):
            raise Bad(400, f"{name} is not what it should be.")
    return asked


async def execute(method: str, asked: dict[str, Any]) -> tuple[int, Any]:
    variables = asked.get("variables") or {}
    try:
        document = parse(asked["query"])
    except GraphQLError as error:
        return 400, {"errors": [error.formatted]}
    if errors := validate(types, document):
        return 400, {"errors": [one.formatted for one in errors]}
    operation = get_operation_ast(document, asked.get("operationName"))
    if not isinstance(operation, OperationDefinitionNode):
        raise Bad(400, "Which of the operations?")
    if method == "GET" and operation.operation is not OperationType.QUERY:
        raise Bad(405, "A GET changes nothing.", Allow="POST")
    coerced = get_variable_values(types, operation.variable_definitions or (), variables)
    if isinstance(coerced, list):
        return 400, {"errors": [one.formatted for one in coerced]}
    try:
        check_size(document, operation, coerced)
    except GraphQLError as error:
        return 400, {"errors": [error.formatted]}
    name = asked.get("operationName")
    result = await schema.execute(asked["query"], variables, Loaders(), operation_name=name)
    answer: dict[str, Any] = {"data": result.data}
    if result.errors:
        answer["errors"] = [one.formatted for one in result.errors]
    return 200, answer


async def endpoint(request: Request) -> Response:
    accepts = request.headers.get("accept", "")
    media_type = JSON if JSON in accepts and GRAPHQL not in accepts else GRAPHQL
    headers: dict[str, str] = {}
    try:
        status, answer = await execute(request.method, await asked_of(request))
    except Bad as bad:
        status, answer, headers = bad.status, {"errors": [{"message": str(bad)}]}, bad.headers
    body = json.dumps(answer, ensure_ascii=False).encode()
    return Response(body, status, headers, f"{media_type}; charset=utf-8")


app = Starlette(routes=[Route("/graphql", endpoint, methods=["GET", "POST"])])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
