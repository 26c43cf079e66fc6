"""The store that the use cases see: MongoDB behind the cache.

Cached is what has few keys: products that exist, the first pages of categories, the shelves. A
search or a later page is read from MongoDB each time: anybody could fill a Redis with such keys.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from pydantic import TypeAdapter

from stend.shop.catalog.domain import Category, DarkStore, Product
from stend.shop.catalog.ports import CatalogStore, PageFilter

_ValueT = TypeVar("_ValueT")

_PRODUCT = TypeAdapter(Product | None)
_PRODUCTS = TypeAdapter(tuple[Product, ...])
_SHELVES = TypeAdapter(dict[str, tuple[Product, ...]])
_CATEGORIES = TypeAdapter(tuple[Category, ...])
_DARK_STORES = TypeAdapter(tuple[DarkStore, ...])


class Cache(Protocol):
    async def read(self, key: str, load: Callable[[], Awaitable[str]]) -> str: ...

    async def invalidate(self) -> None: ...


class CachedCatalogStore:
    """
    Args:
        store: opens the database when it is first needed.
    """

    def __init__(self, store: Callable[[], Awaitable[CatalogStore]], cache: Cache) -> None:
        self._store = store
        self._cache = cache

    async def page(self, wanted: PageFilter) -> Sequence[Product]:
        async def load() -> tuple[Product, ...]:
            return tuple(await (await self._store()).page(wanted))

        if wanted.words or wanted.after_sku is not None:
            return await load()
        return await self._read(f"page:{wanted.category_id}:{wanted.limit}", _PRODUCTS, load)

    async def product(self, sku: str) -> Product | None:
        async def load() -> Product | None:
            return await (await self._store()).product(sku)

        return await self._read(f"product:{sku}", _PRODUCT, load)

    async def present_product(self, sku: str) -> Product | None:
        return await (await self._store()).present_product(sku)

    async def first_products(
        self, category_ids: Sequence[str], limit: int
    ) -> Mapping[str, Sequence[Product]]:
        async def load() -> dict[str, tuple[Product, ...]]:
            shelves = await (await self._store()).first_products(category_ids, limit)
            return {name: tuple(products) for name, products in shelves.items()}

        key = f"shelves:{','.join(sorted(category_ids))}:{limit}"
        return await self._read(key, _SHELVES, load)

    async def categories(self) -> Sequence[Category]:
        async def load() -> tuple[Category, ...]:
            return tuple(await (await self._store()).categories())

        return await self._read("categories", _CATEGORIES, load)

    async def dark_stores(self) -> Sequence[DarkStore]:
        async def load() -> tuple[DarkStore, ...]:
            return tuple(await (await self._store()).dark_stores())

        return await self._read("dark-stores", _DARK_STORES, load)

    async def save_price(self, product: Product) -> bool:
        try:
            return await (await self._store()).save_price(product)
        finally:
            # Also when somebody was faster, by another process perhaps, and when no answer came:
            # the change may have been written all the same.
            await self._cache.invalidate()

    async def _read(
        self, key: str, adapter: TypeAdapter[_ValueT], load: Callable[[], Awaitable[_ValueT]]
    ) -> _ValueT:
        async def load_text() -> str:
            return adapter.dump_json(await load()).decode()

        return adapter.validate_json(await self._cache.read(key, load_text))
