"""The types of schema.graphql, results to them, and arguments to inputs. Pure."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NewType, Protocol

import strawberry
from strawberry.dataloader import DataLoader
from strawberry.schema.config import StrawberryConfig

from stend.kit.clock import rfc3339
from stend.kit.errors import StendError, Violation
from stend.kit.json import JsonObject
from stend.kit.money import Currency as CurrencyCode
from stend.shop.catalog import domain
from stend.shop.catalog.api import messages
from stend.shop.catalog.usecases import (
    BrowseCatalog,
    ChangePrice,
    GetProduct,
    ProductPage,
    cursor_of,
)

# A double holds every integer up to here (RFC 8259, section 6), and JavaScript reads nothing else.
_LARGEST_EXACT = 2**53 - 1
SHELF_DEFAULT = 5
SHELF_MAX = 20

DateTime = NewType("DateTime", str)
MinorUnits = NewType("MinorUnits", int)


def _exact(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST_EXACT:
        raise ValueError(f"MinorUnits is an integer of at most 53 bits, and not {value!r}")
    return value


def config() -> StrawberryConfig:
    return StrawberryConfig(
        scalar_map={
            DateTime: strawberry.scalar(
                name="DateTime", specified_by_url="https://www.rfc-editor.org/rfc/rfc3339"
            ),
            MinorUnits: strawberry.scalar(name="MinorUnits", serialize=_exact, parse_value=_exact),
        }
    )


class ShelvesContext(Protocol):
    """What products and categories need of the context: each loader asks once for all of them."""

    categories: DataLoader[str, domain.Category | None]
    shelves: DataLoader[tuple[str, int], Sequence[domain.Product]]


_Info = strawberry.Info[ShelvesContext, None]
Currency = strawberry.enum(CurrencyCode, name="Currency")


@strawberry.enum
class Language(StrEnum):
    RU = "ru"
    EN = "en"


def _title(ru: str, en: str, language: Language) -> str:
    return ru if language is Language.RU else en


@strawberry.type
class Money:
    amount_minor: MinorUnits
    currency: CurrencyCode


@strawberry.type
class Product:
    known: strawberry.Private[domain.Product]
    sku: strawberry.ID
    price: Money
    version: int
    updated_at: DateTime

    @strawberry.field
    def title(self, language: Language = Language.RU) -> str:
        return _title(self.known.title_ru, self.known.title_en, language)

    @strawberry.field
    async def category(self, info: _Info) -> "Category | None":
        category = await info.context.categories.load(self.known.category_id)
        return category_of(category) if category else None


@strawberry.type
class Category:
    known: strawberry.Private[domain.Category]
    category_id: strawberry.ID

    @strawberry.field
    def title(self, language: Language = Language.RU) -> str:
        return _title(self.known.title_ru, self.known.title_en, language)

    @strawberry.field
    async def products(self, info: _Info, first: int = SHELF_DEFAULT) -> list[Product]:
        if not 1 <= first <= SHELF_MAX:
            raise messages.invalid([Violation("/first", f"1 to {SHELF_MAX}")])
        found = await info.context.shelves.load((self.known.category_id, first))
        return [product_of(product) for product in found]


@strawberry.type
class StoreAddress:
    city: str
    street: str
    house: str


@strawberry.type
class Location:
    latitude: float
    longitude: float


@strawberry.type
class DarkStore:
    known: strawberry.Private[domain.DarkStore]
    store_id: strawberry.ID
    address: StoreAddress
    location: Location

    @strawberry.field
    def title(self, language: Language = Language.RU) -> str:
        return _title(self.known.title_ru, self.known.title_en, language)


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


@strawberry.type
class ChangePricePayload:
    product: Product


def product_of(product: domain.Product) -> Product:
    price = product.price
    return Product(
        known=product,
        sku=strawberry.ID(product.sku),
        price=Money(amount_minor=MinorUnits(price.amount_minor), currency=price.currency),
        version=product.version,
        updated_at=DateTime(rfc3339(product.updated_at)),
    )


def category_of(category: domain.Category) -> Category:
    return Category(known=category, category_id=strawberry.ID(category.category_id))


def dark_store_of(store: domain.DarkStore) -> DarkStore:
    return DarkStore(
        known=store,
        store_id=strawberry.ID(store.store_id),
        address=StoreAddress(city=store.city, street=store.street, house=store.house),
        location=Location(latitude=store.latitude, longitude=store.longitude),
    )


def connection_of(page: ProductPage) -> ProductConnection:
    edges = [
        ProductEdge(cursor=cursor_of(product.sku), node=product_of(product))
        for product in page.products
    ]
    info = PageInfo(
        has_next_page=page.next_cursor is not None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return ProductConnection(edges=edges, page_info=info)


# ---- arguments ---------------------------------------------------------------------------------


@strawberry.input
class MoneyInput:
    amount_minor: MinorUnits
    currency: CurrencyCode = CurrencyCode.RUB


@strawberry.input
class ChangePriceInput:
    sku: strawberry.ID
    price: MoneyInput
    expected_version: int


def browse_from(
    category: str | None, query: str | None, first: int, after: str | None
) -> BrowseCatalog:
    """
    Raises:
        StendError: INVALID_ARGUMENT, its places in the names of the schema.
    """
    optional = {"category": category, "query": query, "cursor": after}
    members: JsonObject = {"limit": first}
    for name, value in optional.items():
        if value is not None and value is not strawberry.UNSET:
            members[name] = value
    try:
        return messages.browse_from(members)
    except StendError as error:
        raise _in_schema_names(error) from None


def get_from(sku: str) -> GetProduct:
    """
    Raises:
        StendError: INVALID_ARGUMENT.
    """
    return messages.get_from({"sku": sku})


def change_from(message: ChangePriceInput) -> ChangePrice:
    """
    Raises:
        StendError: INVALID_ARGUMENT, its places in the names of the schema.
    """
    price: JsonObject = {
        "amount_minor": message.price.amount_minor,
        "currency": message.price.currency.value,
    }
    members: JsonObject = {
        "sku": message.sku,
        "price": price,
        "expected_version": message.expected_version,
    }
    try:
        return messages.change_from(members)
    except StendError as error:
        raise _in_schema_names(error) from None


_SCHEMA_NAMES: Mapping[str, str] = {
    "limit": "first",
    "cursor": "after",
    "amount_minor": "amountMinor",
    "expected_version": "expectedVersion",
}


def _in_schema_names(error: StendError) -> StendError:
    return messages.invalid(
        [
            Violation("/".join(_SCHEMA_NAMES.get(n, n) for n in one.where.split("/")), one.rule)
            for one in error.violations
        ]
    )
