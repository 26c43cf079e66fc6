"""Headers of webhooks, quotas, MCP, proxies and browsers, beside those of HTTP itself."""

from stend.kit.fields import Meaning
from stend.wire.content.words import said

API_HEADERS: dict[str, Meaning] = {
    "x-api-key": said(
        "convention",
        "Ключ программы-клиента; общей спецификации нет, её заменяет договорённость.",
        "The key of the calling program; there is no specification, only custom.",
    ),
    "idempotency-replayed": said(
        "convention",
        "true: операция была выполнена раньше, это сохранённый ответ.",
        "true: the operation was done before, this is the stored answer.",
    ),
    "ratelimit": said(
        "draft-ietf-httpapi-ratelimit-headers §4",
        "Сколько запросов осталось и когда квота обновится.",
        "How many requests are left, and when the quota is new.",
    ),
    "ratelimit-policy": said(
        "draft-ietf-httpapi-ratelimit-headers §3",
        "Сама квота: сколько запросов за какое время.",
        "The quota itself: how many requests in what time.",
    ),
    "ratelimit-limit": said(
        "draft-ietf-httpapi-ratelimit-headers-03 §5.1",
        "Сколько запросов можно за окно.",
        "How many requests a window allows.",
    ),
    "ratelimit-remaining": said(
        "draft-ietf-httpapi-ratelimit-headers-03 §5.2",
        "Сколько запросов осталось в этом окне.",
        "How many requests are left in this window.",
    ),
    "ratelimit-reset": said(
        "draft-ietf-httpapi-ratelimit-headers-03 §5.3",
        "Через сколько секунд начнётся новое окно.",
        "In how many seconds the next window begins.",
    ),
    "x-ratelimit-limit": said(
        "convention", "Квота на окно, до стандарта.", "The quota of a window, before the standard."
    ),
    "x-ratelimit-remaining": said(
        "convention", "Остаток квоты, до стандарта.", "What is left of it, before the standard."
    ),
    "x-ratelimit-reset": said(
        "convention", "Когда квота обновится, до стандарта.", "When it is new, before the standard."
    ),
    "prefer": said(
        "RFC 7240 §2",
        "Пожелание клиента: respond-async — не ждать, return=minimal — без тела.",
        "What the client would like: respond-async means do not wait, return=minimal no body.",
    ),
    "preference-applied": said(
        "RFC 7240 §3", "Какие пожелания сервер учёл.", "Which wishes the server has met."
    ),
    "x-request-id": said(
        "convention",
        "Номер запроса для поиска в журналах.",
        "The request's number, to be found in logs.",
    ),
    "x-correlation-id": said(
        "convention",
        "Номер всей цепочки запросов.",
        "The number of the whole chain of requests.",
    ),
    "x-forwarded-for": said(
        "convention",
        "Адреса клиента и прокси; верить можно только тому, что добавил свой прокси.",
        "Addresses of the client and of proxies; only what the own proxy added is to be believed.",
    ),
    "x-forwarded-proto": said(
        "convention", "По какой схеме пришёл клиент: https.", "Which scheme the client used: https."
    ),
    "x-forwarded-host": said(
        "convention", "Какой Host просил клиент.", "Which host the client asked for."
    ),
    "x-real-ip": said(
        "convention", "Адрес клиента по мнению прокси.", "The client's address, as a proxy saw it."
    ),
    "x-accel-buffering": said(
        "NGINX proxy_buffering",
        "no: NGINX не копит ответ, события потока уходят сразу.",
        "no: NGINX does not collect the answer, events of a stream go at once.",
    ),
    "mcp-session-id": said(
        "MCP §Transports, Session Management",
        "Сессия MCP: сервер выдал её на initialize, клиент повторяет в каждом запросе.",
        "The session of MCP: given with initialize, repeated by the client in every request.",
    ),
    "mcp-protocol-version": said(
        "MCP §Transports, Protocol Version Header",
        "О какой версии MCP договорились.",
        "Which version of MCP was agreed on.",
    ),
    "webhook-id": said(
        "Standard Webhooks §Webhook headers",
        "Номер сообщения: при повторе тот же, по нему отсеивают дубликаты.",
        "The message's number, the same in every attempt: duplicates are told by it.",
    ),
    "webhook-timestamp": said(
        "Standard Webhooks §Webhook headers",
        "Когда отправлено, в секундах Unix; слишком старое не принимают, это защита от повтора.",
        "When it was sent, in Unix seconds; what is too old is not taken, against replays.",
    ),
    "webhook-signature": said(
        "Standard Webhooks §Signature scheme",
        "Подпись номера, времени и тела: доказывает, кто прислал и что ничего не изменено.",
        "A signature of number, time and body: it proves the sender, and that nothing was changed.",
    ),
    "ce-id": said(
        "CloudEvents HTTP Binding §3.1",
        "Идентификатор события.",
        "The event's identifier.",
    ),
    "ce-source": said(
        "CloudEvents HTTP Binding §3.1", "Где событие произошло.", "Where the event happened."
    ),
    "ce-type": said("CloudEvents HTTP Binding §3.1", "Что произошло.", "What happened."),
    "ce-specversion": said(
        "CloudEvents HTTP Binding §3.1", "Версия CloudEvents.", "The version of CloudEvents."
    ),
    "ce-time": said("CloudEvents HTTP Binding §3.1", "Когда произошло.", "When it happened."),
    "ce-subject": said(
        "CloudEvents HTTP Binding §3.1", "О каком объекте событие.", "What the event is about."
    ),
    "referrer-policy": said(
        "W3C Referrer Policy §4.1",
        "Сколько о странице рассказывать в Referer.",
        "How much Referer tells of the page.",
    ),
    "sec-fetch-site": said(
        "W3C Fetch Metadata §2.3",
        "Свой это запрос или с чужого сайта: сервер может отказать чужому.",
        "Whether the request is from the same site: the server may refuse others.",
    ),
    "sec-fetch-mode": said(
        "W3C Fetch Metadata §2.2",
        "Как запрос возник: переход по ссылке, cors, websocket.",
        "How the request came about: a navigation, cors, websocket.",
    ),
    "sec-fetch-dest": said(
        "W3C Fetch Metadata §2.1",
        "Куда пойдёт ответ: document, script, image, empty.",
        "Where the answer goes: document, script, image, empty.",
    ),
    "sec-fetch-user": said(
        "W3C Fetch Metadata §2.4",
        "?1: переход сделал человек.",
        "?1: a person has navigated.",
    ),
    "upgrade-insecure-requests": said(
        "W3C Upgrade Insecure Requests §3.2.1",
        "Браузер предпочёл бы HTTPS.",
        "The browser would rather have HTTPS.",
    ),
    "dnt": said(
        "W3C Tracking Preference §5.2",
        "1: пользователь просит за ним не следить; устарел.",
        "1: the user asks not to be tracked; obsolete.",
    ),
    "x-frame-options": said(
        "RFC 7034 §2",
        "Можно ли показать страницу внутри чужой (защита от подмены кликов).",
        "Whether the page may be shown inside another (against clickjacking).",
    ),
    "cross-origin-opener-policy": said(
        "WHATWG HTML §7.1.3",
        "Отделяет окно страницы от окон чужих сайтов.",
        "Keeps the page's window apart from those of other sites.",
    ),
    "cross-origin-resource-policy": said(
        "WHATWG Fetch §3.7",
        "Каким сайтам можно встраивать этот ресурс.",
        "Which sites may embed this resource.",
    ),
    "permissions-policy": said(
        "W3C Permissions Policy §5.1",
        "Какие возможности браузера странице доступны.",
        "Which features of the browser the page may use.",
    ),
    "server-timing": said(
        "W3C Server Timing §3",
        "Сколько миллисекунд заняли шаги на сервере.",
        "How many milliseconds the steps on the server took.",
    ),
    "content-digest": said(
        "RFC 9530 §2",
        "Хеш содержимого этого сообщения: испорченное в пути видно сразу.",
        "A hash of this message's content, which shows damage on the way.",
    ),
    "accept-patch": said(
        "RFC 5789 §3.1",
        "В каких форматах ресурс принимает PATCH.",
        "In which formats the resource takes a PATCH.",
    ),
}
