"""Codes of the rules of `notifications`."""

from stend.kit.languages import Text
from stend.portal.error_pages.page import ErrorPage
from stend.shop.notifications.domain import NotificationErrorCode

PAGES: tuple[ErrorPage, ...] = (
    ErrorPage(
        NotificationErrorCode.WEBHOOK_NOT_FOUND,
        Text(
            "Такого вебхука нет.",
            "There is no such webhook.",
        ),
        Text(
            "Вебхук удалён, или номер неверен.",
            "The webhook was removed, or the id is wrong.",
        ),
        Text(
            "Найдите номер в списке: GET /api/v1/webhooks.",
            "Find the id in the list: GET /api/v1/webhooks.",
        ),
    ),
    ErrorPage(
        NotificationErrorCode.WEBHOOK_DISABLED,
        Text(
            "Вебхук отключён, и на него больше ничего не отправляется.",
            "The webhook is disabled, and nothing is sent to it any more.",
        ),
        Text(
            "Получатель ответил 410 Gone: его больше нет, и спрашивать его не надо (Standard "
            "Webhooks).",
            "Its receiver answered 410 Gone: it is no more and shall not be asked (Standard "
            "Webhooks).",
        ),
        Text(
            "Зарегистрируйте вебхук заново.",
            "Register the webhook anew.",
        ),
    ),
    ErrorPage(
        NotificationErrorCode.WEBHOOK_LIMIT_REACHED,
        Text(
            "Вебхуков уже столько, сколько сервис хранит.",
            "There are as many webhooks as this service keeps.",
        ),
        Text(
            "Старые вебхуки никто не удалял.",
            "Nobody has removed old webhooks.",
        ),
        Text(
            "Удалите ненужные: DELETE /api/v1/webhooks/{webhook_id}.",
            "Remove those that nobody needs: DELETE /api/v1/webhooks/{webhook_id}.",
        ),
    ),
    ErrorPage(
        NotificationErrorCode.URL_FORBIDDEN,
        Text(
            "На такой адрес вебхуки не отправляются.",
            "No webhook may be sent to this URL.",
        ),
        Text(
            "Схема не http и не https, либо имя ведёт внутрь сети: loopback, частные и служебные "
            "адреса закрыты от подделки запросов (SSRF).",
            "The scheme is neither http nor https, or the name leads inside: loopback, private "
            "and special addresses are closed against forged requests (SSRF).",
        ),
        Text(
            "Возьмите публичный адрес. Получатель на этой машине слушает порты блока с +5 по +9: "
            "127.0.0.1:8005 и дальше до 8009.",
            "Take a public host. A receiver on this machine listens on ports +5 to +9 of the "
            "block: 127.0.0.1:8005 and on to 8009.",
        ),
    ),
    ErrorPage(
        NotificationErrorCode.DELIVERY_NOT_DEAD,
        Text(
            "Отправить заново можно только то, что попало в недоставленные.",
            "Only a dead letter can be redelivered.",
        ),
        Text(
            "Событие уже доставлено или ещё ждёт следующей попытки.",
            "The event was delivered, or still waits for its next attempt.",
        ),
        Text(
            "Недоставленные перечислит GET /api/v1/webhooks/dead-letters. Ожидающие повторяются "
            "сами.",
            "GET /api/v1/webhooks/dead-letters lists dead letters. What waits is retried by "
            "itself.",
        ),
    ),
)
