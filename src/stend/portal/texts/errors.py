"""The pages of the error codes: what stands around the pages of error_pages/."""

from collections.abc import Mapping

from stend.kit.languages import Text

TEXTS: Mapping[str, Text] = {
    "errors.title": Text("Ошибки", "Errors"),
    "errors.intro": Text(
        "Код один и тот же по любому протоколу, статус у каждого протокола свой.",
        "A code is the same over every protocol; each protocol has its own status.",
    ),
    "errors.code": Text("Код", "Code"),
    "errors.meaning": Text("Что значит", "What it means"),
    "errors.cause": Text("Вероятная причина", "Likely cause"),
    "errors.action": Text("Что делать", "What to do"),
    "errors.statuses": Text("Как это выглядит", "How it looks"),
    "errors.group.edge": Text("У всех сервисов", "Of every service"),
    "errors.group.edge.hint": Text(
        "сообщение не дошло до правил сервиса",
        "the message did not reach the rules of the service",
    ),
    "errors.group.orders": Text("Заказы: orders", "Orders: orders"),
    "errors.group.orders.hint": Text(
        "сообщение понято, но магазин отказывает",
        "the message is understood, and the shop refuses",
    ),
    "errors.group.catalog": Text("Каталог: catalog", "Catalogue: catalog"),
    "errors.group.catalog.hint": Text(
        "товары, цены и категории", "products, prices and categories"
    ),
    "errors.group.stock": Text("Склад: stock", "Warehouse: stock"),
    "errors.group.stock.hint": Text("остатки и резервы", "quantities and reservations"),
    "errors.group.payments": Text("Банк: payments", "Bank: payments"),
    "errors.group.payments.hint": Text(
        "удержание, списание и возврат денег", "money held, taken and given back"
    ),
    "errors.group.loyalty": Text("Баллы: loyalty", "Points: loyalty"),
    "errors.group.loyalty.hint": Text(
        "начисление и отмена начисления", "accruals and their reversals"
    ),
    "errors.group.delivery": Text("Доставка: delivery", "Delivery: delivery"),
    "errors.group.delivery.hint": Text("курьеры и их заказы", "couriers and their orders"),
    "errors.group.notifications": Text("Уведомления: notifications", "Messages: notifications"),
    "errors.group.notifications.hint": Text(
        "вебхуки и их отправка", "webhooks and what is sent to them"
    ),
    "errors.group.analytics": Text("Аналитика: analytics", "Analytics: analytics"),
    "errors.group.analytics.hint": Text("витрины", "marts"),
    "errors.group.identity": Text("Токены: identity", "Tokens: identity"),
    "errors.group.identity.hint": Text("выдача токенов по OAuth 2.0", "tokens issued by OAuth 2.0"),
    "errors.all": Text("Все коды", "All codes"),
    "errors.unknown.title": Text("Кода {code} нет", "There is no code {code}"),
    "errors.unknown.what": Text(
        "Такого кода не возвращает ни один протокол этого стенда.",
        "No protocol of this stand returns such a code.",
    ),
}
