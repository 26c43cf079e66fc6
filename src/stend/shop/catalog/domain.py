"""What a product is, what it may cost, and how it is found. No protocol, no database, no clock."""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from stend.kit.errors import StendError
from stend.kit.money import Money

SKU_PATTERN = "^[A-Z]{2,4}-[0-9]{3,5}$"
CATEGORY_ID_PATTERN = "^[a-z]{3,16}$"
# A slip of a keyboard is dearer than anything a grocer sells.
MAX_PRICE = Money(10_000_000)
MAX_QUERY_WORDS = 8

_WORD = re.compile(r"[^\W_]+")


class CatalogErrorCode(StrEnum):
    PRODUCT_NOT_FOUND = "product-not-found"
    CATEGORY_NOT_FOUND = "category-not-found"
    INVALID_PRICE = "invalid-price"
    VERSION_CONFLICT = "version-conflict"


@dataclass(frozen=True, slots=True)
class Category:
    """`position` orders the shelves of the storefront."""

    category_id: str
    title_ru: str
    title_en: str
    position: int


@dataclass(frozen=True, slots=True)
class Product:
    """`version` grows by one with each change of the price."""

    sku: str
    category_id: str
    title_ru: str
    title_en: str
    price: Money
    version: int
    updated_at: datetime

    def repriced(self, price: Money, at: datetime) -> "Product":
        """The next version, at another price.

        Raises:
            StendError: INVALID_PRICE.
        """
        if not 0 < price.amount_minor <= MAX_PRICE.amount_minor:
            raise StendError(
                CatalogErrorCode.INVALID_PRICE,
                "Nothing in this shop costs so much.",
                value=str(price),
                expected=f"more than nothing and at most {MAX_PRICE}",
                next_step="Amounts are in kopecks: 8990 is 89.90 roubles.",
            )
        return replace(self, price=price, version=self.version + 1, updated_at=at)


@dataclass(frozen=True, slots=True)
class DarkStore:
    """Goods are packed there, nobody shops in it."""

    store_id: str
    title_ru: str
    title_en: str
    city: str
    street: str
    house: str
    latitude: float
    longitude: float


def words(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared: lower case, ё as е, accents gone, in order.

    Compatibility forms (Unicode, annex 15, NFKD) make `½` and full-width letters plain; й keeps its
    breve, because in Russian it is a letter and no accent.
    """
    plain = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    return tuple(_WORD.findall("".join(_bare(letter) for letter in plain)))


def search_words(product: Product) -> tuple[str, ...]:
    """Every word that a product is found by, once. Not of its sku: `MILK-003` is no milk."""
    return tuple(dict.fromkeys(words(f"{product.title_ru} {product.title_en}")))


def _bare(letter: str) -> str:
    if letter == "й":
        return letter
    decomposed = unicodedata.normalize("NFD", letter)
    return "".join(part for part in decomposed if not unicodedata.combining(part))
