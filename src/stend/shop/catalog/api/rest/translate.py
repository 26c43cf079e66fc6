"""HTTP messages to use-case inputs and back. Pure."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from pydantic_core import to_json

from stend.kit.errors import Violation
from stend.kit.json import JsonObject
from stend.shop.catalog.api import messages
from stend.shop.catalog.domain import Product
from stend.shop.catalog.usecases import BrowseCatalog, ChangePrice, ProductPage

ROOT = "/api/v1/catalog"
PRODUCTS = f"{ROOT}/products"
JSON_MEDIA_TYPE = "application/json"
# Prices change rarely and must not be old for long; shelves change with a release.
PRODUCTS_MAX_AGE_S = 5
SHELVES_MAX_AGE_S = 300

_VERSION_TAG = re.compile('"([1-9][0-9]{0,8})"')
_INTEGER = re.compile("-?[0-9]{1,9}")


def browse_from(items: Iterable[tuple[str, str]]) -> BrowseCatalog:
    """
    Args:
        items: names and texts of the query, in order.

    Raises:
        StendError: INVALID_ARGUMENT.
    """
    members: JsonObject = dict(_once(items))
    limit = members.get("limit")
    if isinstance(limit, str) and _INTEGER.fullmatch(limit):
        members["limit"] = int(limit)
    return messages.browse_from(members)


def check_no_query(items: Iterable[tuple[str, str]]) -> None:
    """
    Raises:
        StendError: INVALID_ARGUMENT.
    """
    if broken := [Violation(f"/{name}", "no such parameter") for name, _ in items]:
        raise messages.invalid(broken)


def _once(items: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    # The last of two would win, and nobody would know which.
    seen: dict[str, str] = {}
    for name, text in items:
        if name in seen:
            raise messages.invalid([Violation(f"/{name}", "one value")])
        seen[name] = text
    return seen


def change_from(sku: str, if_match: str, body: bytes) -> ChangePrice:
    """
    Args:
        if_match: the ETag of the product as it was read, a strong one.

    Raises:
        StendError: MALFORMED_MESSAGE, INVALID_ARGUMENT.
    """
    found = _VERSION_TAG.fullmatch(if_match.strip())
    if found is None:
        raise messages.invalid([Violation("/If-Match", 'one ETag of the product, such as "3"')])
    price = messages.price_from(body)
    version = int(found.group(1))
    return messages.change_from({"sku": sku, "price": price, "expected_version": version})


def page_to_json(page: ProductPage, request: BrowseCatalog) -> JsonObject:
    members = messages.page_to_json(page)
    cursor = members.pop("next_cursor", None)
    if cursor is not None:
        wanted = {
            "category": request.category,
            "query": request.query,
            "limit": request.limit,
            "cursor": cursor,
        }
        given = {name: value for name, value in wanted.items() if value is not None}
        members["next"] = f"{PRODUCTS}?{urlencode(given)}"
    return members


def dump(members: JsonObject) -> bytes:
    return to_json(members)


def version_etag(product: Product) -> str:
    return f'"{product.version}"'


def content_etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:16]}"'


def etag_listed(if_none_match: str, etag: str) -> bool:
    """Weak comparison, as If-None-Match wants it (RFC 9110, section 13.1.2)."""
    listed = (one.strip().removeprefix("W/") for one in if_none_match.split(","))
    return any(one in ("*", etag) for one in listed)
