"""The pages of the error codes: what stands around the table of error_pages.py."""

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
    "errors.group.edge": Text("На входе", "At the edge"),
    "errors.group.edge.hint": Text(
        "сообщение не дошло до правил магазина",
        "the message did not reach the rules of the shop",
    ),
    "errors.group.order": Text("Правила заказов", "Rules of orders"),
    "errors.group.order.hint": Text(
        "сообщение понято, но магазин отказывает",
        "the message is understood, and the shop refuses",
    ),
    "errors.all": Text("Все коды", "All codes"),
    "errors.unknown.title": Text("Кода {code} нет", "There is no code {code}"),
    "errors.unknown.what": Text(
        "Такого кода не возвращает ни один протокол этого стенда.",
        "No protocol of this stand returns such a code.",
    ),
}
