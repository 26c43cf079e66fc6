"""GraphQL over strawberry: binds the use cases to schema.graphql. The only file with I/O."""

from collections.abc import Awaitable, Callable, Sequence
from importlib.resources import files
from typing import TypeVar

import strawberry
from starlette.types import ASGIApp
from strawberry.dataloader import DataLoader

from stend.chassis.deadlines import within
from stend.chassis.graphql.config import GraphqlLimits
from stend.chassis.graphql.endpoint import GraphqlEndpoint
from stend.chassis.graphql.running import GraphqlContext
from stend.chassis.graphql.wording import describe
from stend.chassis.intake import Intake
from stend.shop.catalog import domain, usecases
from stend.shop.catalog.api.graphql import translate
from stend.shop.catalog.api.graphql.faults import CatalogFaults
from stend.shop.catalog.usecases import PAGE_LIMIT_DEFAULT, Catalog, Operation

PATH = "/graphql/catalog"
_SERVICE = "catalog"
_READ = "catalog:read"
_WRITE = "catalog:write"
_ResultT = TypeVar("_ResultT")


class CatalogContext(GraphqlContext):
    """Of one request: its dataloaders remember nothing longer."""

    def __init__(self, credential: str | None, catalog: Catalog, intake: Intake) -> None:
        super().__init__(credential, intake.deadline_s)
        self.catalog = catalog
        self._intake = intake
        self.categories: DataLoader[str, domain.Category | None] = DataLoader(self._load_categories)
        self.shelves: DataLoader[tuple[str, int], Sequence[domain.Product]] = DataLoader(
            self._load_shelves
        )

    async def perform(
        self, operation: Operation, scope: str, work: Callable[[], Awaitable[_ResultT]]
    ) -> _ResultT:
        """
        Raises:
            StendError: of access, of the request's deadline, of the operation.
        """
        return await self._intake.perform(
            operation, scope, self.credential, lambda _: work(), self.left_s()
        )

    async def _load_categories(self, ids: list[str]) -> list[domain.Category | None]:
        found = await within(self.left_s(), self.catalog.categories())
        by_id = {category.category_id: category for category in found}
        return [by_id.get(category_id) for category_id in ids]

    async def _load_shelves(self, keys: list[tuple[str, int]]) -> list[Sequence[domain.Product]]:
        # The longest that anybody wants; the others take their part of it.
        longest = max(first for _, first in keys)
        ids = list(dict.fromkeys(category_id for category_id, _ in keys))
        found = await within(self.left_s(), self.catalog.first_products(ids, longest))
        return [found.get(category_id, ())[:first] for category_id, first in keys]


_Info = strawberry.Info[CatalogContext, None]


@strawberry.type
class Query:
    @strawberry.field
    async def products(
        self,
        info: _Info,
        category: strawberry.ID | None = strawberry.UNSET,
        query: str | None = strawberry.UNSET,
        first: int = PAGE_LIMIT_DEFAULT,
        after: str | None = strawberry.UNSET,
    ) -> translate.ProductConnection | None:
        async def browse() -> usecases.ProductPage:
            wanted = translate.browse_from(category, query, first, after)
            return await info.context.catalog.browse(wanted)

        page = await info.context.perform(Operation.BROWSE_CATALOG, _READ, browse)
        return translate.connection_of(page)

    @strawberry.field
    async def product(self, info: _Info, sku: strawberry.ID) -> translate.Product | None:
        async def get() -> domain.Product:
            return await info.context.catalog.get_product(translate.get_from(sku))

        return translate.product_of(await info.context.perform(Operation.GET_PRODUCT, _READ, get))

    @strawberry.field
    async def categories(self, info: _Info) -> list[translate.Category] | None:
        work = info.context.catalog.categories
        found = await info.context.perform(Operation.LIST_CATEGORIES, _READ, work)
        # Their products will ask for them.
        info.context.categories.prime_many({one.category_id: one for one in found})
        return [translate.category_of(category) for category in found]

    @strawberry.field
    async def stores(self, info: _Info) -> list[translate.DarkStore] | None:
        work = info.context.catalog.dark_stores
        found = await info.context.perform(Operation.LIST_STORES, _READ, work)
        return [translate.dark_store_of(store) for store in found]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def change_price(
        self,
        info: _Info,
        input: translate.ChangePriceInput,  # noqa: A002 - the word of Relay
    ) -> translate.ChangePricePayload | None:
        async def change() -> domain.Product:
            return await info.context.catalog.change_price(translate.change_from(input))

        product = await info.context.perform(Operation.CHANGE_PRICE, _WRITE, change)
        return translate.ChangePricePayload(product=translate.product_of(product))


def contract() -> str:
    """The text of schema.graphql."""
    folder = files("stend.shop.catalog.api.graphql")
    return folder.joinpath("contract/schema.graphql").read_text("utf-8")


def make_schema() -> strawberry.Schema:
    schema = strawberry.Schema(Query, Mutation, config=translate.config())
    describe(schema._schema, contract())  # noqa: SLF001 - strawberry has no public name for it
    return schema


def create_app(catalog: Catalog, intake: Intake, limits: GraphqlLimits) -> ASGIApp:
    def context_of(credential: str | None) -> CatalogContext:
        return CatalogContext(credential, catalog, intake)

    return GraphqlEndpoint(
        _SERVICE, PATH, make_schema(), contract(), CatalogFaults(), limits, context_of
    )
