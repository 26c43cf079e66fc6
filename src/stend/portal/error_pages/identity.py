"""Codes of the rules of `identity`."""

from stend.kit.languages import Text
from stend.portal.error_pages.page import ErrorPage
from stend.shop.identity.domain import IdentityErrorCode

PAGES: tuple[ErrorPage, ...] = (
    ErrorPage(
        IdentityErrorCode.INVALID_CLIENT,
        Text(
            "Клиент неизвестен, или секрет не его.",
            "The client is not known, or its secret is not this one.",
        ),
        Text(
            "Опечатка в client_id или секрете, нет заголовка Authorization: Basic, или стенд не "
            "демонстрационный.",
            "A typo in the client_id or the secret, no header Authorization: Basic, or no demo "
            "stand.",
        ),
        Text(
            "Клиенты стенда перечислены в docs/shop.ru.md. Пока auth.required выключен, секрет — "
            "имя клиента и -demo-secret, если не задан свой; иначе действуют только заданные.",
            "docs/shop.md lists the clients of the stand. While auth.required is off the secret is "
            "the id with -demo-secret, unless one is set; else only those that are set count.",
        ),
    ),
    ErrorPage(
        IdentityErrorCode.INVALID_GRANT,
        Text(
            "Пользователь, на которого просят токен, — не покупатель магазина.",
            "The user that a token is asked for is no customer of the shop.",
        ),
        Text(
            "user не вида cus_ и до 32 латинских букв и цифр.",
            "user is not cus_ and up to 32 letters and digits.",
        ),
        Text(
            "Возьмите любой номер такого вида, например cus_0042: демонстрационный стенд пароля "
            "не спрашивает.",
            "Take any id of this form, for example cus_0042: a demo stand asks for no password.",
        ),
    ),
    ErrorPage(
        IdentityErrorCode.INVALID_SCOPE,
        Text(
            "Скоуп неизвестен, записан неверно или этому клиенту не положен.",
            "The scope is unknown, malformed, or not one that this client may have.",
        ),
        Text(
            "Опечатка, лишний пробел между скоупами или клиент просит чужое право.",
            "A typo, more than one space between scopes, or a right that is not for this client.",
        ),
        Text(
            "Попросите меньше или уберите scope: придут все права клиента.",
            "Ask for less, or leave scope out to get all that the client may have.",
        ),
    ),
    ErrorPage(
        IdentityErrorCode.UNSUPPORTED_GRANT_TYPE,
        Text(
            "Сервер не выдаёт токены по такому grant_type.",
            "The server issues no tokens for this grant_type.",
        ),
        Text(
            "Есть client_credentials и urn:lavka:grant:demo; второй — только на демонстрационном "
            "стенде.",
            "There are client_credentials and urn:lavka:grant:demo; the second on a demo stand "
            "only.",
        ),
        Text(
            "Возьмите один из них. Их перечисляет /.well-known/oauth-authorization-server.",
            "Take one of them. /.well-known/oauth-authorization-server lists them.",
        ),
    ),
)
