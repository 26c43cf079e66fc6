"""All the pages: by service, and by code."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from stend.kit.errors import EdgeErrorCode
from stend.portal.error_pages import (
    analytics,
    catalog,
    delivery,
    edge,
    identity,
    loyalty,
    notifications,
    orders,
    payments,
    stock,
)
from stend.portal.error_pages.page import ErrorPage
from stend.shop.analytics.domain import AnalyticsErrorCode
from stend.shop.catalog.domain import CatalogErrorCode
from stend.shop.delivery.domain.delivery import DeliveryErrorCode
from stend.shop.identity.domain import IdentityErrorCode
from stend.shop.loyalty.domain import LoyaltyErrorCode
from stend.shop.notifications.domain import NotificationErrorCode
from stend.shop.orders.domain import OrderErrorCode
from stend.shop.payments.domain import PaymentErrorCode
from stend.shop.stock.domain import StockErrorCode

_PAGES: Mapping[str, ErrorPage] = {
    page.code.value: page
    for pages in (
        edge.PAGES,
        orders.PAGES,
        catalog.PAGES,
        stock.PAGES,
        payments.PAGES,
        loyalty.PAGES,
        delivery.PAGES,
        notifications.PAGES,
        analytics.PAGES,
        identity.PAGES,
    )
    for page in pages
}


@dataclass(frozen=True, slots=True)
class Group:
    """The codes of one service, or with the name `edge` those that all services share."""

    name: str
    pages: tuple[ErrorPage, ...]


def _group(name: str, codes: type[StrEnum]) -> Group:
    return Group(name, tuple(_PAGES[code.value] for code in codes))


GROUPS: tuple[Group, ...] = (
    _group("edge", EdgeErrorCode),
    _group("orders", OrderErrorCode),
    _group("catalog", CatalogErrorCode),
    _group("stock", StockErrorCode),
    _group("payments", PaymentErrorCode),
    _group("loyalty", LoyaltyErrorCode),
    _group("delivery", DeliveryErrorCode),
    _group("notifications", NotificationErrorCode),
    _group("analytics", AnalyticsErrorCode),
    _group("identity", IdentityErrorCode),
)


def all_pages() -> tuple[ErrorPage, ...]:
    return tuple(_PAGES.values())


def page_of(code: str) -> ErrorPage | None:
    return _PAGES.get(code)
