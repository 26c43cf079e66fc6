"""What the use cases need from outside: a store of the catalogue, a clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from stend.shop.catalog.domain import Category, DarkStore, Product


@dataclass(frozen=True, slots=True)
class PageFilter:
    """
    Attributes:
        words: each begins some word of the product.
        after_sku: the page holds what comes after it.
    """

    category_id: str | None
    words: tuple[str, ...]
    after_sku: str | None
    limit: int


class CatalogStore(Protocol):
    """Every method raises StendError UNAVAILABLE when the database cannot be reached."""

    async def page(self, wanted: PageFilter) -> Sequence[Product]:
        """In the order of skus."""
        ...

    async def product(self, sku: str) -> Product | None: ...

    async def present_product(self, sku: str) -> Product | None:
        """Never from a cache: what a change is decided on."""
        ...

    async def first_products(
        self, category_ids: Sequence[str], limit: int
    ) -> Mapping[str, Sequence[Product]]:
        """The first of each category, all of them with one question."""
        ...

    async def categories(self) -> Sequence[Category]:
        """In the order of the storefront."""
        ...

    async def dark_stores(self) -> Sequence[DarkStore]: ...

    async def save_price(self, product: Product) -> bool:
        """Writes the next version of a product.

        Returns:
            False when the stored version is not `product.version - 1`: somebody was faster.
        """
        ...
