"""Codes of the rules of `loyalty`."""

from stend.kit.languages import Text
from stend.portal.error_pages.page import ErrorPage
from stend.shop.loyalty.domain import LoyaltyErrorCode

PAGES: tuple[ErrorPage, ...] = (
    ErrorPage(
        LoyaltyErrorCode.OPERATION_REVERSED,
        Text(
            "Операция отменена раньше, чем начислила баллы.",
            "The operation was reversed before it accrued anything.",
        ),
        Text(
            "loyalty.reverse обогнала loyalty.accrue: заказ отменили, пока начисление было в пути.",
            "loyalty.reverse overtook loyalty.accrue: the order was cancelled while the accrual "
            "was on its way.",
        ),
        Text(
            "Ничего: отмена пришла первой и остаётся в силе.",
            "Nothing: the reversal came first and stands.",
        ),
    ),
    ErrorPage(
        LoyaltyErrorCode.OPERATION_REUSED,
        Text(
            "Этот operation_id уже приходил с другим запросом.",
            "This operation_id came before with another request.",
        ),
        Text(
            "Изменились покупатель или сумма, а номер остался прежним.",
            "The customer or the amount changed and the id did not.",
        ),
        Text(
            "Берите номер заказа: одному заказу — одно начисление.",
            "Take the order id: each order has one accrual.",
        ),
    ),
)
