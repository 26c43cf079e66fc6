"""The operations of the service. Every protocol calls these and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from stend.kit.clock import Clock
from stend.kit.errors import StendError
from stend.kit.money import Money
from stend.shop.catalog.domain import (
    MAX_QUERY_WORDS,
    CatalogErrorCode,
    Category,
    DarkStore,
    Product,
    words,
)
from stend.shop.catalog.ports import CatalogStore, PageFilter

PAGE_LIMIT_DEFAULT = 20
PAGE_LIMIT_MAX = 100
# The digits of a sku (domain.SKU_PATTERN) in hexadecimal: whatever fits is a cursor.
CURSOR_PATTERN = "^(4[1-9a-f]|5[0-9a]){2,4}2d(3[0-9]){3,5}$"


class Operation(StrEnum):
    """The canonical names, the same over every protocol."""

    BROWSE_CATALOG = "BrowseCatalog"
    GET_PRODUCT = "GetProduct"
    LIST_CATEGORIES = "ListCategories"
    LIST_STORES = "ListStores"
    CHANGE_PRICE = "ChangePrice"


@dataclass(frozen=True, slots=True)
class BrowseCatalog:
    category: str | None = None
    query: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class GetProduct:
    sku: str


@dataclass(frozen=True, slots=True)
class ChangePrice:
    """`expected_version`: the version that the caller has read."""

    sku: str
    price: Money
    expected_version: int


@dataclass(frozen=True, slots=True)
class ProductPage:
    """`next_cursor` is None on the last page."""

    products: tuple[Product, ...]
    next_cursor: str | None


class Catalog:
    """The application: every method is one operation."""

    def __init__(self, store: CatalogStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def browse(self, request: BrowseCatalog) -> ProductPage:
        """Products in the order of their skus, all of them or of one category or search.

        A query without any word, such as `"!"`, finds nothing: everything would be a lie.

        Raises:
            StendError: CATEGORY_NOT_FOUND.
        """
        if request.category is not None:
            await self._check_category(request.category)
        query_words = words(request.query or "")[:MAX_QUERY_WORDS]
        if request.query is not None and not query_words:
            return ProductPage((), None)
        after = sku_of(request.cursor) if request.cursor else None
        # One row more than asked for tells whether there is a next page.
        wanted = PageFilter(request.category, query_words, after, request.limit + 1)
        found = await self._store.page(wanted)
        page = tuple(found[: request.limit])
        more = len(found) > request.limit
        return ProductPage(page, cursor_of(page[-1].sku) if more else None)

    async def get_product(self, request: GetProduct) -> Product:
        """
        Raises:
            StendError: PRODUCT_NOT_FOUND.
        """
        product = await self._store.product(request.sku)
        if product is None:
            raise _no_product(request.sku)
        return product

    async def first_products(
        self, category_ids: Sequence[str], limit: int
    ) -> Mapping[str, Sequence[Product]]:
        """The first products of several shelves at once, for a storefront's front page."""
        return await self._store.first_products(category_ids, limit)

    async def categories(self) -> Sequence[Category]:
        return await self._store.categories()

    async def dark_stores(self) -> Sequence[DarkStore]:
        return await self._store.dark_stores()

    async def change_price(self, request: ChangePrice) -> Product:
        """Sets a price; setting the price that a product has already changes nothing.

        Raises:
            StendError: PRODUCT_NOT_FOUND, INVALID_PRICE; VERSION_CONFLICT when the product is not
                at `expected_version` or changed meanwhile.
        """
        product = await self._store.present_product(request.sku)
        if product is None:
            raise _no_product(request.sku)
        repriced = product.repriced(request.price, self._now())
        if product.version != request.expected_version:
            # A retry of the very change that has been made gets its answer.
            is_repeated = product.version == request.expected_version + 1
            if is_repeated and product.price == request.price:
                return product
            raise _version_conflict(product, request.expected_version)
        if product.price == request.price:
            return product
        if not await self._store.save_price(repriced):
            raise _version_conflict(product, request.expected_version)
        return repriced

    def _now(self) -> datetime:
        # A date of BSON has milliseconds; more would be lost on the way.
        now = self._clock.now()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    async def _check_category(self, category_id: str) -> None:
        known = [category.category_id for category in await self._store.categories()]
        if category_id not in known:
            raise StendError(
                CatalogErrorCode.CATEGORY_NOT_FOUND,
                "There is no such category.",
                value=category_id,
                expected=", ".join(known),
                next_step="List the categories to find its id.",
            )


def cursor_of(sku: str) -> str:
    """Opaque to clients: how pages are cut may change. See CURSOR_PATTERN."""
    return sku.encode().hex()


def sku_of(cursor: str) -> str:
    """Back from `cursor_of`."""
    return bytes.fromhex(cursor).decode()


def _no_product(sku: str) -> StendError:
    return StendError(
        CatalogErrorCode.PRODUCT_NOT_FOUND,
        "There is no such product.",
        value=sku,
        expected="a sku of the catalogue, for example MILK-001",
        next_step="Browse the catalogue to find its sku.",
    )


def _version_conflict(product: Product, expected: int) -> StendError:
    return StendError(
        CatalogErrorCode.VERSION_CONFLICT,
        "The product has changed since it was read.",
        value=f"version {expected}",
        expected=f"version {product.version}",
        next_step="Read the product again and decide anew.",
    )
