"""What the headers of HTTP and the metadata of gRPC are for, whatever version carries them."""

from stend.kit.fields import Meaning
from stend.kit.languages import Text
from stend.wire.content.api_headers import API_HEADERS
from stend.wire.content.words import said

_HTTP = {
    "host": said(
        "RFC 9110 §7.2",
        "К какому хосту обращён запрос: на одном адресе их бывает много.",
        "Which host the request is for: one address often serves many.",
    ),
    "connection": said(
        "RFC 9110 §7.6.1",
        "Что касается только этого соединения: `keep-alive`, `close`, `upgrade`. В HTTP/2 "
        "запрещён.",
        "What concerns this connection only: `keep-alive`, `close`, `upgrade`. Forbidden in "
        "HTTP/2.",
    ),
    "keep-alive": said(
        "RFC 2068 §19.7.1.1",
        "Сколько секунд и запросов соединение ещё проживёт.",
        "For how many seconds and requests the connection stays open.",
    ),
    "upgrade": said(
        "RFC 9110 §7.8",
        "На какой протокол предлагается перейти в этом же соединении, например `websocket`.",
        "Which protocol to change to on the same connection, `websocket` for one.",
    ),
    "via": said(
        "RFC 9110 §7.6.3",
        "Через какие прокси и шлюзы прошло сообщение.",
        "Which proxies and gateways the message has passed.",
    ),
    "content-type": said(
        "RFC 9110 §8.3",
        "Что лежит в теле: медиатип и его параметры, например кодировка.",
        "What the body is: its media type with parameters such as the charset.",
    ),
    "content-length": said(
        "RFC 9110 §8.6",
        "Сколько байт занимает тело.",
        "How many bytes the body has.",
    ),
    "content-encoding": said(
        "RFC 9110 §8.4",
        "Чем сжато тело: `gzip`, `br`, `zstd`.",
        "What the body is compressed with: `gzip`, `br`, `zstd`.",
    ),
    "content-language": said(
        "RFC 9110 §8.5",
        "На каком языке написано содержимое.",
        "Which language the content is written in.",
    ),
    "content-location": said(
        "RFC 9110 §8.7",
        "Адрес именно того представления, которое лежит в теле.",
        "The address of exactly the representation that the body holds.",
    ),
    "content-range": said(
        "RFC 9110 §14.4",
        "Какая часть ресурса лежит в теле и каков он целиком.",
        "Which part of the resource is in the body, and how long all of it is.",
    ),
    "content-disposition": said(
        "RFC 6266",
        "Показать содержимое или сохранить, и под каким именем файла.",
        "Whether to show the content or to save it, and under which file name.",
    ),
    "transfer-encoding": said(
        "RFC 9112 §6.1",
        "Как тело разбито для передачи: `chunked` — кусками с длиной перед каждым. В HTTP/2 его "
        "нет.",
        "How the body is cut for the way: `chunked` means pieces, each with its length. There is "
        "none in HTTP/2.",
    ),
    "te": said(
        "RFC 9110 §10.1.4",
        "Принимает ли клиент трейлеры: gRPC всегда шлёт `trailers`, потому что исход вызова "
        "приходит в них.",
        "Whether the client takes trailers: gRPC always sends `trailers`, because the outcome of "
        "a call comes in them.",
    ),
    "trailer": said(
        "RFC 9110 §6.6.2",
        "Какие поля придут после тела.",
        "Which fields are going to follow the body.",
    ),
    "accept": said(
        "RFC 9110 §12.5.1",
        "Какие медиатипы клиент готов принять; q — насколько охотно.",
        "Which media types the client is ready to take; q says how gladly.",
    ),
    "accept-encoding": said(
        "RFC 9110 §12.5.3",
        "Какое сжатие тела клиент умеет распаковать.",
        "Which compression of the body the client can unpack.",
    ),
    "accept-language": said(
        "RFC 9110 §12.5.4",
        "На каких языках клиент хотел бы получить ответ.",
        "Which languages the client would like the answer in.",
    ),
    "accept-charset": said(
        "RFC 9110 §12.5.2",
        "Какие кодировки клиент принимает; устарел, сейчас все пишут в UTF-8.",
        "Which charsets the client takes; obsolete, now that all write UTF-8.",
    ),
    "accept-ranges": said(
        "RFC 9110 §14.3",
        "Умеет ли сервер отдавать части ресурса.",
        "Whether the server can give parts of the resource.",
    ),
    "range": said(
        "RFC 9110 §14.2",
        "Какая часть ресурса нужна: так докачивают файл.",
        "Which part of the resource is wanted; this is how a download goes on.",
    ),
    "user-agent": said(
        "RFC 9110 §10.1.5",
        "Какая программа делает запрос.",
        "Which program makes the request.",
    ),
    "server": said(
        "RFC 9110 §10.2.4",
        "Какая программа ответила.",
        "Which program has answered.",
    ),
    "referer": said(
        "RFC 9110 §10.1.3",
        "С какой страницы пришёл пользователь; опечатка в имени вошла в стандарт.",
        "Which page the user came from; the misspelling is part of the standard.",
    ),
    "from": said(
        "RFC 9110 §10.1.2",
        "Почта того, кто запустил робота.",
        "The mail address of whoever runs the robot.",
    ),
    "expect": said(
        "RFC 9110 §10.1.1",
        "`100-continue`: прежде чем слать тело, клиент спрашивает, примет ли его сервер.",
        "`100-continue`: the client asks whether the body is welcome before it is sent.",
    ),
    "max-forwards": said(
        "RFC 9110 §7.6.2",
        "Сколько посредников ещё может пройти TRACE или OPTIONS.",
        "How many more intermediaries a TRACE or OPTIONS may pass.",
    ),
    "date": said(
        "RFC 9110 §6.6.1",
        "Когда сообщение создано, по часам отправителя.",
        "When the message was made, by the clock of its sender.",
    ),
    "allow": said(
        "RFC 9110 §10.2.1",
        "Какие методы поддерживает ресурс; обязателен в ответе 405.",
        "Which methods the resource supports; a must in a 405 answer.",
    ),
    "location": said(
        "RFC 9110 §10.2.2",
        "Куда перейти при 3xx; при 201 — где созданный ресурс.",
        "Where to go with a 3xx; with 201, where the new resource is.",
    ),
    "retry-after": said(
        "RFC 9110 §10.2.3",
        "Когда повторить запрос: через сколько секунд или в какой момент.",
        "When to try again: in how many seconds, or at which time.",
    ),
    "vary": said(
        "RFC 9110 §12.5.5",
        "От каких заголовков запроса зависит ответ: по ним кэш различает варианты.",
        "Which request headers the answer depends on: a cache tells variants apart by them.",
    ),
    "etag": said(
        "RFC 9110 §8.8.3",
        "Метка версии ресурса: пока она та же, содержимое не изменилось.",
        "A mark of the resource's version: as long as it is the same, so is the content.",
    ),
    "last-modified": said(
        "RFC 9110 §8.8.2",
        "Когда ресурс последний раз меняли.",
        "When the resource was changed last.",
    ),
    "if-match": said(
        "RFC 9110 §13.1.1",
        "Выполнить, только если версия ещё эта: защита от потерянной правки.",
        "Act only if the version still is this one: protects from a lost update.",
    ),
    "if-none-match": said(
        "RFC 9110 §13.1.2",
        "Ответить телом, только если версия уже другая; иначе хватит 304.",
        "Answer with a body only if the version is another; else 304 is enough.",
    ),
    "if-modified-since": said(
        "RFC 9110 §13.1.3",
        "Ответить телом, только если ресурс менялся с этого момента.",
        "Answer with a body only if the resource has changed since.",
    ),
    "if-unmodified-since": said(
        "RFC 9110 §13.1.4",
        "Выполнить, только если ресурс с этого момента не менялся.",
        "Act only if the resource has not changed since.",
    ),
    "if-range": said(
        "RFC 9110 §13.1.5",
        "Прислать часть, если версия та же, а иначе весь ресурс.",
        "Send the part if the version is the same, else the whole resource.",
    ),
    "cache-control": said(
        "RFC 9111 §5.2",
        "Кому и как долго можно хранить ответ: `no-store`, `max-age=60`.",
        "Who may keep the answer, and for how long: `no-store`, `max-age=60`.",
    ),
    "age": said(
        "RFC 9111 §5.1",
        "Сколько секунд ответ пролежал в кэшах.",
        "For how many seconds the answer has been in caches.",
    ),
    "expires": said(
        "RFC 9111 §5.3",
        "До какого момента ответ свежий; `max-age` важнее.",
        "Until when the answer is fresh; `max-age` counts more.",
    ),
    "pragma": said(
        "RFC 9111 §5.4",
        "`no-cache` времён HTTP/1.0.",
        "The `no-cache` of HTTP/1.0's days.",
    ),
    "authorization": said(
        "RFC 9110 §11.6.2",
        "Кто обращается: схема и доказательство, например `Bearer` и токен.",
        "Who is asking: a scheme and a proof, such as `Bearer` and a token.",
    ),
    "www-authenticate": said(
        "RFC 9110 §11.6.1",
        "Каким способом нужно представиться; обязателен в ответе 401.",
        "In which way to authenticate; a must in a 401 answer.",
    ),
    "proxy-authenticate": said(
        "RFC 9110 §11.7.1",
        "Каким способом нужно представиться прокси.",
        "In which way to authenticate to the proxy.",
    ),
    "proxy-authorization": said(
        "RFC 9110 §11.7.2",
        "Кто обращается к прокси.",
        "Who is asking the proxy.",
    ),
    "cookie": said(
        "RFC 6265 §5.4",
        "Cookie, которые сервер когда-то поручил клиенту хранить.",
        "The cookies that the server once gave the client to keep.",
    ),
    "set-cookie": said(
        "RFC 6265 §5.2",
        "Cookie, которую клиент должен хранить и присылать; здесь же её срок и защита.",
        "A cookie that the client is to keep and to send; with its lifetime and protection.",
    ),
    "link": said(
        "RFC 8288 §3",
        "Ссылки на связанные ресурсы: следующая страница, документация.",
        "Links to related resources: the next page, the documentation.",
    ),
    "strict-transport-security": said(
        "RFC 6797 §6.1",
        "К этому хосту дальше обращаться только по HTTPS, и сколько секунд это помнить.",
        "From now on this host is to be asked over HTTPS only, for so many seconds.",
    ),
    "forwarded": said(
        "RFC 7239 §4",
        "Кто был настоящим клиентом до прокси: адрес, хост, протокол.",
        "Who the real client was before the proxy: address, host, protocol.",
    ),
    "priority": said(
        "RFC 9218 §4",
        "Насколько срочен ответ (`u`) и полезен ли он по частям (`i`).",
        "How urgent the answer is (`u`), and whether parts of it are of use (`i`).",
    ),
    "alt-svc": said(
        "RFC 7838 §3",
        "Где ещё доступен этот сайт, например по HTTP/3.",
        "Where else this site is served, over HTTP/3 for one.",
    ),
    "origin": said(
        "RFC 6454 §7",
        "Какой сайт выполняет запрос: по нему сервер решает о CORS.",
        "Which site makes the request: the server decides on CORS by it.",
    ),
    "access-control-allow-origin": said(
        "WHATWG Fetch §3.3.3",
        "Какому сайту браузер может отдать этот ответ.",
        "Which site a browser may give this answer to.",
    ),
    "access-control-allow-methods": said(
        "WHATWG Fetch §3.3.3",
        "Какие методы разрешены другим сайтам.",
        "Which methods other sites may use.",
    ),
    "access-control-allow-headers": said(
        "WHATWG Fetch §3.3.3",
        "Какие заголовки могут присылать другие сайты.",
        "Which headers other sites may send.",
    ),
    "access-control-allow-credentials": said(
        "WHATWG Fetch §3.3.3",
        "Можно ли другому сайту получить ответ на запрос с cookie.",
        "Whether another site may see the answer to a request with cookies.",
    ),
    "access-control-expose-headers": said(
        "WHATWG Fetch §3.3.3",
        "Какие заголовки ответа увидит код страницы другого сайта.",
        "Which headers of the answer the code of another site's page may see.",
    ),
    "access-control-max-age": said(
        "WHATWG Fetch §3.3.3",
        "Сколько секунд не переспрашивать разрешение.",
        "For how many seconds the permission need not be asked again.",
    ),
    "access-control-request-method": said(
        "WHATWG Fetch §3.3.2",
        "Браузер спрашивает, можно ли ему этот метод.",
        "The browser asks whether it may use this method.",
    ),
    "access-control-request-headers": said(
        "WHATWG Fetch §3.3.2",
        "Браузер спрашивает, можно ли ему эти заголовки.",
        "The browser asks whether it may send these headers.",
    ),
    "x-content-type-options": said(
        "WHATWG Fetch §3.6",
        "`nosniff`: верить `content-type` и не угадывать тип по содержимому.",
        "`nosniff`: believe `content-type` and do not guess by the content.",
    ),
    "content-security-policy": said(
        "CSP Level 3 §3.1",
        "Откуда странице можно брать скрипты, стили и картинки.",
        "Where the page may take scripts, styles and images from.",
    ),
    "sec-websocket-key": said(
        "RFC 6455 §11.3.1",
        "Случайные 16 байт в base64: сервер подтверждает ими, что понял WebSocket.",
        "16 random bytes in base64, with which the server proves that it knows WebSocket.",
    ),
    "sec-websocket-accept": said(
        "RFC 6455 §11.3.3",
        "Хэш ключа клиента: рукопожатие WebSocket принято именно для этого запроса.",
        "A hash of the client's key: this very WebSocket handshake was accepted.",
    ),
    "sec-websocket-version": said(
        "RFC 6455 §11.3.5",
        "Версия WebSocket; в ходу только 13.",
        "The version of WebSocket; only 13 is in use.",
    ),
    "sec-websocket-protocol": said(
        "RFC 6455 §11.3.4",
        "На каком подпротоколе говорить внутри WebSocket.",
        "Which subprotocol to speak inside the WebSocket.",
    ),
    "sec-websocket-extensions": said(
        "RFC 6455 §11.3.2",
        "Какие расширения WebSocket включить: обычно сжатие сообщений.",
        "Which extensions of WebSocket to use: compression of messages, mostly.",
    ),
    "last-event-id": said(
        "WHATWG HTML §9.2.4",
        "Последнее событие, которое клиент получил: с него сервер продолжит поток SSE.",
        "The last event that the client got: the server goes on with the SSE stream behind it.",
    ),
    "soapaction": said(
        "SOAP 1.1 §6.1.1",
        "Какую операцию вызывает сообщение SOAP; в SOAP 1.2 это параметр `content-type`.",
        "Which operation the SOAP message calls; a parameter of `content-type` in SOAP 1.2.",
    ),
    "idempotency-key": said(
        "draft-ietf-httpapi-idempotency-key-header §2",
        "Ключ запроса: повтор с тем же ключом не выполнит действие второй раз.",
        "The key of a request: a repetition with the same key does not act twice.",
    ),
    "deprecation": said(
        "RFC 9745 §2",
        "С какого момента этим ресурсом пользоваться не советуют.",
        "Since when the use of this resource is not advised.",
    ),
    "sunset": said(
        "RFC 8594 §3",
        "Когда ресурс перестанет отвечать.",
        "When the resource is going to stop answering.",
    ),
    "traceparent": said(
        "W3C Trace Context §3.2",
        "Место запроса в трассировке: версия, идентификатор всей операции, идентификатор "
        "вызвавшего шага, флаги.",
        "Where the request stands in a trace: version, id of the whole operation, id of the step "
        "that called, flags.",
    ),
    "tracestate": said(
        "W3C Trace Context §3.3",
        "Что к трассировке добавили разные системы, каждая под своим именем.",
        "What different systems have added to the trace, each under its own name.",
    ),
    "baggage": said(
        "W3C Baggage §3.2",
        "Пары имя=значение, которые едут со всей операцией через все сервисы.",
        "Pairs of name=value that travel with the operation through all services.",
    ),
    "grpc-timeout": said(
        "gRPC over HTTP/2 §Requests",
        "Сколько клиент ещё ждёт: число и единица, `H M S m u n`. Сервер передаёт остаток дальше.",
        "How long the client is going to wait: a number and a unit, `H M S m u n`. A server "
        "hands on what is left of it.",
    ),
    "grpc-encoding": said(
        "gRPC over HTTP/2 §Requests",
        "Чем сжаты сообщения, у которых признак сжатия равен 1.",
        "What the messages whose compressed flag is 1 are compressed with.",
    ),
    "grpc-accept-encoding": said(
        "gRPC over HTTP/2 §Requests",
        "Какое сжатие сообщений отправитель умеет распаковать.",
        "Which compression of messages the sender can unpack.",
    ),
    "grpc-status": said(
        "gRPC over HTTP/2 §Responses",
        "Исход вызова: 0 — успех, остальное — ошибка. Приходит в трейлерах, когда всё тело уже "
        "отправлено.",
        "How the call went: 0 is success, anything else an error. It comes in the trailers, when "
        "all of the body has been sent.",
    ),
    "grpc-message": said(
        "gRPC over HTTP/2 §Responses",
        "Пояснение к ошибке для человека; байты вне ASCII записаны через %XX.",
        "What went wrong, for people; bytes outside of ASCII are written as %XX.",
    ),
    "grpc-status-details-bin": said(
        "gRPC over HTTP/2 §Responses",
        "Подробности ошибки: `google.rpc.Status` в base64, внутри — причина и нарушенные правила.",
        "Details of the error: `google.rpc.Status` in base64, with the reason and the rules that "
        "were broken.",
    ),
    "grpc-previous-rpc-attempts": said(
        "gRPC A6 §Exposed Retry Metadata",
        "Сколько попыток этого вызова уже было.",
        "How many attempts of this call there have been already.",
    ),
}
_MEANINGS = _HTTP | API_HEADERS
_BINARY = Meaning(
    Text(
        ru="Метаданные приложения с двоичным значением: `-bin` в имени обещает base64.",
        en="Metadata of the application with a binary value: `-bin` in the name promises base64.",
    ),
    "gRPC over HTTP/2 §Requests",
)
_OWN = Meaning(
    Text(
        ru="Заголовок приложения: что он значит, договариваются его стороны, а посредники "
        "передают его как есть.",
        en="A header of the application: its two sides agree on what it means, intermediaries "
        "hand it on as it is.",
    ),
    "RFC 9110 §16.3",
)


def header_meaning(name: str) -> Meaning:
    """What a header is for; upper and lower case are the same."""
    lower = name.lower()
    return _MEANINGS.get(lower) or (_BINARY if lower.endswith("-bin") else _OWN)
