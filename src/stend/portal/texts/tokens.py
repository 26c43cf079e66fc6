"""The callers of the demo and their tokens."""

from collections.abc import Mapping

from stend.kit.languages import Text

TEXTS: Mapping[str, Text] = {
    "tokens.what": Text(
        "от чьего имени можно вызывать «Лавку» на этом стенде",
        "whom you may call Lavka as on this stand",
    ),
    "tokens.who": Text("Кто", "Who"),
    "tokens.may": Text("Что можно", "May do"),
    "tokens.scopes": Text("Области доступа", "Scopes"),
    "tokens.credential": Text("Заголовок Authorization", "Header Authorization"),
    "tokens.try": Text("Попробовать", "Try it"),
    "tokens.anonymous": Text(
        "Токен действует не дольше часа. Вызов без токена здесь разрешён: вы тогда покупатель.",
        "A token is valid for an hour at most. Calls without one are allowed here: "
        "you are a customer then.",
    ),
    "tokens.example": Text("Вызов с токеном", "A call with a token"),
    "tokens.none": Text("Демонстрационных токенов нет", "There are no demo tokens"),
    "tokens.none.why": Text(
        "Стенд требует настоящих токенов или сервис identity не запущен. "
        "Свой токен можно вставить в песочнице.",
        "The stand demands real tokens, or the service identity does not run. "
        "You can paste a token of your own in the playground.",
    ),
    "tokens.own": Text("В песочницу", "To the playground"),
}
