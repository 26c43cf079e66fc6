"""The operations as JSON: what every protocol with JSON in it says the same way. Pure."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from stend.kit.clock import rfc3339
from stend.kit.errors import EdgeErrorCode, StendError, Violation, broken_rules
from stend.kit.json import JsonObject
from stend.kit.money import Currency, Money
from stend.shop.catalog.domain import (
    CATEGORY_ID_PATTERN,
    SKU_PATTERN,
    Category,
    DarkStore,
    Product,
)
from stend.shop.catalog.usecases import (
    CURSOR_PATTERN,
    PAGE_LIMIT_DEFAULT,
    PAGE_LIMIT_MAX,
    BrowseCatalog,
    ChangePrice,
    GetProduct,
    ProductPage,
)

_LARGEST_EXACT = 2**53 - 1
_MAX_VERSION = 2**31 - 1


Sku = Annotated[str, Field(pattern=SKU_PATTERN)]
CategoryId = Annotated[str, Field(pattern=CATEGORY_ID_PATTERN)]
# Without control characters; what is no letter and no digit parts words.
QueryText = Annotated[str, Field(pattern="^[^\\x00-\\x1f\\x7f]{1,100}$")]
Cursor = Annotated[str, Field(pattern=CURSOR_PATTERN)]
Limit = Annotated[int, Field(ge=1, le=PAGE_LIMIT_MAX)]
Version = Annotated[int, Field(ge=1, le=_MAX_VERSION)]


class _Message(BaseModel):
    # Strict: "2" is no integer. Unknown members are refused, never ignored.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Browse(_Message):
    category: CategoryId | None = None
    query: QueryText | None = None
    limit: Limit = PAGE_LIMIT_DEFAULT
    cursor: Cursor | None = None


class _Get(_Message):
    sku: Sku


def _integral(value: object) -> object:
    # 44.0 is an integer, too (JSON Schema 2020-12 Core, section 4.2.3), and "44" is not.
    return int(value) if isinstance(value, float) and value.is_integer() else value


class _Price(_Message):
    # Whether it is a price of this shop is a rule of the domain.
    amount_minor: Annotated[
        int, Field(ge=-_LARGEST_EXACT, le=_LARGEST_EXACT), BeforeValidator(_integral)
    ]
    currency: Annotated[Currency, Field(strict=False)]


class _Change(_Message):
    sku: Sku
    price: _Price
    expected_version: Version


_MessageT = TypeVar("_MessageT", bound=_Message)


def browse_from(members: JsonObject) -> BrowseCatalog:
    """
    Raises:
        StendError: INVALID_ARGUMENT.
    """
    message = _parsed(_Browse, members)
    return BrowseCatalog(message.category, message.query, message.limit, message.cursor)


def get_from(members: JsonObject) -> GetProduct:
    """
    Raises:
        StendError: INVALID_ARGUMENT.
    """
    return GetProduct(_parsed(_Get, members).sku)


def change_from(members: JsonObject) -> ChangePrice:
    """
    Raises:
        StendError: INVALID_ARGUMENT.
    """
    message = _parsed(_Change, members)
    price = Money(message.price.amount_minor, message.price.currency)
    return ChangePrice(message.sku, price, message.expected_version)


def price_from(body: bytes) -> JsonObject:
    """A price alone, checked.

    Raises:
        StendError: MALFORMED_MESSAGE, INVALID_ARGUMENT.
    """
    price = _parsed(_Price, body)
    return {"amount_minor": price.amount_minor, "currency": price.currency.value}


def _parsed(kind: type[_MessageT], message: JsonObject | bytes) -> _MessageT:
    try:
        if isinstance(message, bytes):
            return kind.model_validate_json(message)
        return kind.model_validate(message)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        if found[0]["type"] == "json_invalid":
            raise _no_json(found[0]["msg"]) from None
        violations = [Violation(_pointer(item["loc"]), item["msg"]) for item in found]
        raise invalid(violations) from None


def invalid(violations: Sequence[Violation]) -> StendError:
    return broken_rules(
        EdgeErrorCode.INVALID_ARGUMENT,
        "The message breaks the contract.",
        violations,
        "Compare these fields with the contract.",
    )


def _no_json(what: str) -> StendError:
    return StendError(
        EdgeErrorCode.MALFORMED_MESSAGE,
        "The message is not JSON.",
        value=what.removeprefix("Invalid JSON: "),
        expected="one JSON text in UTF-8 (RFC 8259)",
        next_step="Check quotes, commas and brackets near that place.",
    )


def _pointer(location: tuple[int | str, ...]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


# ---- results -----------------------------------------------------------------------------------


def product_to_json(product: Product) -> JsonObject:
    return {
        "sku": product.sku,
        "category_id": product.category_id,
        "title": {"ru": product.title_ru, "en": product.title_en},
        "price": {
            "amount_minor": product.price.amount_minor,
            "currency": product.price.currency.value,
        },
        "version": product.version,
        "updated_at": rfc3339(product.updated_at),
    }


def page_to_json(page: ProductPage) -> JsonObject:
    """`next_cursor` is absent on the last page."""
    members: JsonObject = {"items": [product_to_json(product) for product in page.products]}
    if page.next_cursor:
        members["next_cursor"] = page.next_cursor
    return members


def category_to_json(category: Category) -> JsonObject:
    return {
        "category_id": category.category_id,
        "title": {"ru": category.title_ru, "en": category.title_en},
    }


def dark_store_to_json(store: DarkStore) -> JsonObject:
    return {
        "store_id": store.store_id,
        "title": {"ru": store.title_ru, "en": store.title_en},
        "address": {"city": store.city, "street": store.street, "house": store.house},
        "location": {"latitude": store.latitude, "longitude": store.longitude},
    }
