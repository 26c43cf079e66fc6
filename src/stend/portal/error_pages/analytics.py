"""Codes of the rules of `analytics`."""

from stend.kit.languages import Text
from stend.portal.error_pages.page import ErrorPage
from stend.shop.analytics.domain import AnalyticsErrorCode

PAGES: tuple[ErrorPage, ...] = (
    ErrorPage(
        AnalyticsErrorCode.MART_UNKNOWN,
        Text(
            "Такой витрины нет.",
            "There is no such mart.",
        ),
        Text(
            "Опечатка в имени. Витрин три: orders-by-hour, delivery-time-by-store, products-sold.",
            "A typo in the name. There are three: orders-by-hour, delivery-time-by-store, "
            "products-sold.",
        ),
        Text(
            "Возьмите имя из списка: GET /api/v1/analytics/marts.",
            "Take a name from the list: GET /api/v1/analytics/marts.",
        ),
    ),
)
