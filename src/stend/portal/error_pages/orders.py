"""Codes of the rules of `orders`."""

from stend.kit.languages import Text
from stend.portal.error_pages.page import ErrorPage
from stend.shop.orders.domain import OrderErrorCode

PAGES: tuple[ErrorPage, ...] = (
    ErrorPage(
        OrderErrorCode.INVALID_ORDER,
        Text(
            "Корзина нарушает правило магазина.",
            "The cart breaks a rule of the shop.",
        ),
        Text(
            "Количество вне пределов 1–99, больше 50 строк или один sku в двух строках.",
            "A quantity outside of 1 to 99, more than 50 lines, or one sku in two lines.",
        ),
        Text(
            "Исправьте названные строки и оформите заказ снова. Нужен новый ключ, "
            "если прежний уже оформил заказ.",
            "Correct the lines that are named and place the order again. Take a new key if the "
            "old one has placed an order.",
        ),
    ),
    ErrorPage(
        OrderErrorCode.SKU_UNKNOWN,
        Text(
            "В прайс-листе orders или на складе stock нет такого товара.",
            "The price list of orders or the warehouse of stock has no such product.",
        ),
        Text(
            "Опечатка в sku. Образец верен, например MILK-001, но такой строки нет.",
            "A typo in the sku. Its pattern is right, as in MILK-001, but no such row exists.",
        ),
        Text(
            "Исправьте sku или уберите строку.",
            "Correct the sku or remove the line.",
        ),
    ),
    ErrorPage(
        OrderErrorCode.SLOT_UNAVAILABLE,
        Text(
            "На это окно доставки нельзя обещать курьера.",
            "No courier can be promised for this window of delivery.",
        ),
        Text(
            "Окно короче 15 минут или длиннее 4 часов, начинается в прошлом или кончается "
            "позже чем через 14 дней.",
            "The window is shorter than 15 minutes or longer than 4 hours, begins in the past or "
            "ends more than 14 days from now.",
        ),
        Text(
            "Выберите другое окно или не указывайте его: магазин возьмёт ближайшее.",
            "Choose another window or leave it out: the shop will take the nearest one.",
        ),
    ),
    ErrorPage(
        OrderErrorCode.ORDER_NOT_FOUND,
        Text(
            "Заказа с таким номером на этом стенде нет, или notifications о нём ещё не слышал. "
            "Покупателю так же отвечают на чужой заказ.",
            "This stand has no order with this id, or notifications has not heard of it yet. A "
            "customer gets the same answer for another's order.",
        ),
        Text(
            "Номер с другого стенда, опечатка, состояние стенда было сброшено, или токен — другого "
            "покупателя.",
            "An id of another stand, a typo, the state of the stand was reset, or the token is of "
            "another customer.",
        ),
        Text(
            "Найдите номер операцией ListOrders. Если заказ оформлен только что, повторите через "
            "секунду.",
            "Find the id with ListOrders. If the order was placed just now, retry in a second.",
        ),
    ),
    ErrorPage(
        OrderErrorCode.TRANSITION_FORBIDDEN,
        Text(
            "Из нынешнего статуса заказа такого шага нет.",
            "There is no such step from the present status of the order.",
        ),
        Text(
            "Курьер уже в пути, заказ доставлен, отменён или не состоялся.",
            "The courier is on the way, or the order was delivered, cancelled or has failed.",
        ),
        Text(
            "Прочитайте заказ заново и решайте по его нынешнему статусу.",
            "Read the order again and decide from its present status.",
        ),
    ),
    ErrorPage(
        OrderErrorCode.VERSION_CONFLICT,
        Text(
            "Заказ (в catalog — товар) изменился после того, как вы его прочитали.",
            "The order, or in catalog the product, has changed since you read it.",
        ),
        Text(
            "Кто-то успел раньше: версия в If-Match или expected_version устарела.",
            "Somebody was faster: the version in If-Match or expected_version is out of date.",
        ),
        Text(
            "Прочитайте снова, возьмите новую версию и решите заново. Вслепую не повторяйте.",
            "Read it again, take the new version and decide anew. Do not repeat blindly.",
        ),
    ),
    ErrorPage(
        OrderErrorCode.IDEMPOTENCY_KEY_REUSED,
        Text(
            "Этот ключ уже приходил с другим запросом.",
            "This key came before with another request.",
        ),
        Text(
            "Поля изменились, а ключ остался прежним. Ключ помнят 24 часа.",
            "The fields changed and the key did not. A key is remembered for 24 hours.",
        ),
        Text(
            "Новому заказу или вебхуку — новый ключ. Прежний повторяют только с прежним запросом.",
            "A new order or webhook takes a new key. Repeat an old key only with its old request.",
        ),
    ),
)
