"""Products over GraphQL, as schema.graphql says it. `python service.py` serves until SIGTERM."""

import os
import socket
from asyncio import to_thread
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import strawberry
import uvicorn
from graphql import GraphQLError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import (
    MaskErrors,
    MaxAliasesLimiter,
    MaxTokensLimiter,
    QueryDepthLimiter,
)

from catalogue import Catalogue, ProductRow

# A client writes any query it likes, so the service says how much it may cost.
MAX_PAGE = 50
MAX_DEPTH = 6
MAX_ALIASES = 10
MAX_TOKENS = 1000
MAX_PRICE_MINOR = 100_000_000
STOP_TIMEOUT_S = 10


class Loaders:
    """Of one request: they collect the keys of a whole level and ask the catalogue once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.category = DataLoader(self._categories)
        self.products = DataLoader(self._products)

    async def _categories(self, ids: list[str]) -> Sequence[str]:
        found = await to_thread(self.catalogue.categories, ids)
        return [found[one] for one in ids]

    async def _products(self, ids: list[str]) -> Sequence[list[ProductRow]]:
        found = await to_thread(self.catalogue.of_categories, ids)
        return [found[one] for one in ids]


@dataclass
class Context:
    loaders: Loaders


Info = strawberry.Info[Context, None]


@strawberry.type
class Category:
    id: strawberry.ID

    @strawberry.field
    async def name(self, info: Info) -> str:
        return await info.context.loaders.category.load(self.id)

    @strawberry.field
    async def products(self, info: Info) -> list["Product"]:
        rows = await info.context.loaders.products.load(self.id)
        return [Product.of(row) for row in rows]


@strawberry.type
class Product:
    sku: strawberry.ID
    name: str
    price_minor: int
    version: int
    category: Category

    @classmethod
    def of(cls, row: ProductRow) -> "Product":
        category = Category(id=strawberry.ID(row.category))
        return cls(
            sku=strawberry.ID(row.sku),
            name=row.name,
            price_minor=row.price_minor,
            version=row.version,
            category=category,
        )


@strawberry.type
class ProductPage:
    items: list[Product]
    next: strawberry.ID | None


@strawberry.type
class ProductNotFound:
    message: str


@strawberry.type
class PriceConflict:
    message: str
    current: Product


@strawberry.type
class BadPrice:
    message: str


SetPriceResult = Annotated[
    Product | ProductNotFound | PriceConflict | BadPrice, strawberry.union("SetPriceResult")
]


@strawberry.type
class Query:
    @strawberry.field
    async def product(self, info: Info, sku: strawberry.ID) -> Product | None:
        found = await to_thread(info.context.loaders.catalogue.products, [sku])
        return Product.of(found[sku]) if sku in found else None

    @strawberry.field
    async def products(
        self, info: Info, first: int = 20, after: strawberry.ID | None = strawberry.UNSET
    ) -> ProductPage:
        if not 1 <= first <= MAX_PAGE:
            raise GraphQLError(
                f"first: from 1 to {MAX_PAGE}", extensions={"code": "BAD_USER_INPUT"}
            )
        # One more than asked for tells whether there is a next page.
        rows = await to_thread(info.context.loaders.catalogue.page, first + 1, after or "")
        items = [Product.of(row) for row in rows[:first]]
        return ProductPage(items=items, next=items[-1].sku if len(rows) > first else None)


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def set_price(
        self, info: Info, sku: strawberry.ID, price_minor: int, version: int
    ) -> SetPriceResult:
        if not 0 < price_minor <= MAX_PRICE_MINOR:
            return BadPrice(message=f"priceMinor: from 1 to {MAX_PRICE_MINOR}")
        set_price = info.context.loaders.catalogue.set_price
        row, done = await to_thread(set_price, sku, price_minor, version)
        if row is None:
            return ProductNotFound(message=f"there is no product {sku!r}")
        product = Product.of(row)
        if done:
            return product
        message = f"version {version} is not the last one: read again, decide again"
        return PriceConflict(message=message, current=product)


def make_schema() -> strawberry.Schema:
    return strawberry.Schema(
        Query,
        Mutation,
        extensions=[
            lambda: MaxTokensLimiter(MAX_TOKENS),
            lambda: MaxAliasesLimiter(MAX_ALIASES),
            lambda: QueryDepthLimiter(MAX_DEPTH),
            lambda: MaskErrors(_is_ours, "The service has failed; see its log"),
        ],
    )


def _is_ours(error: GraphQLError) -> bool:
    # The traceback goes to the log. What is inside is nobody's business outside.
    return error.original_error is not None and not isinstance(error.original_error, GraphQLError)


class Endpoint(GraphQL[Context, None]):
    def __init__(self, catalogue: Catalogue) -> None:
        # By POST only: a link on somebody's page must not be able to call.
        super().__init__(make_schema(), graphql_ide=None, allow_queries_via_get=False)
        self._catalogue = catalogue

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        return Context(Loaders(self._catalogue))


def main() -> None:
    catalogue = Catalogue(os.environ.get("DATABASE", "catalogue.db"))
    app = Starlette(routes=[Route("/graphql", Endpoint(catalogue))])
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8093"))
    listening = socket.create_server((host, port))
    print(f"listening on http://{host}:{listening.getsockname()[1]}/graphql", flush=True)
    # On SIGTERM uvicorn takes no more requests and lets those that run come to their end.
    config = uvicorn.Config(app, timeout_graceful_shutdown=STOP_TIMEOUT_S)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
