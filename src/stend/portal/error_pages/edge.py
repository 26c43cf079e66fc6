"""Codes of every service: the message did not reach its rules, or a part is missing."""

from stend.kit.errors import EdgeErrorCode
from stend.kit.languages import Text
from stend.portal.error_pages.page import ErrorPage

PAGES: tuple[ErrorPage, ...] = (
    ErrorPage(
        EdgeErrorCode.MALFORMED_MESSAGE,
        Text(
            "Сообщение не разбирается как формат протокола: это не JSON, не XML или не protobuf.",
            "The message cannot be parsed as the protocol's format: it is not JSON, XML, protobuf.",
        ),
        Text(
            "Лишняя запятая, кавычки другого вида, обрезанное тело, чужая кодировка. "
            "В оболочке часто теряются кавычки вокруг JSON.",
            "A trailing comma, curly quotes, a truncated body, another encoding. "
            "A shell often eats the quotes around JSON.",
        ),
        Text(
            "Проверьте место, которое называет ошибка. Возьмите команду из песочницы: "
            "кавычки в ней уже верны.",
            "Look at the place that the error names. Take the command from the playground: "
            "its quoting is right.",
        ),
    ),
    ErrorPage(
        EdgeErrorCode.INVALID_ARGUMENT,
        Text(
            "Сообщение разобрано, но поле нарушает контракт: тип, образец, длину или "
            "обязательность.",
            "The message was parsed, but a field breaks the contract: its type, pattern, length "
            "or presence.",
        ),
        Text(
            "Число строкой, дата без смещения, неизвестное поле или опечатка в его имени.",
            "A number as a string, a date without an offset, an unknown field or a misspelt one.",
        ),
        Text(
            "Ошибка перечисляет поля и правила. Сверьте их с контрактом: портал показывает их на "
            "странице /contracts.",
            "The error lists fields and rules. Compare them with the contract: the portal shows "
            "all of them at /contracts.",
        ),
    ),
    ErrorPage(
        EdgeErrorCode.MESSAGE_TOO_LARGE,
        Text(
            "Тело больше, чем сервис готов прочитать.",
            "The body is larger than the service is willing to read.",
        ),
        Text(
            "В одном запросе слишком много данных или тело не то, что вы думали.",
            "Too much data in one request, or the body is not what you thought.",
        ),
        Text(
            "Разделите данные на несколько запросов. Предел назван в тексте ошибки.",
            "Split the data into several requests. The text of the error names the limit.",
        ),
    ),
    ErrorPage(
        EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE,
        Text(
            "Тип содержимого не тот, который понимает операция.",
            "The media type is not one that the operation understands.",
        ),
        Text(
            "Нет заголовка Content-Type: application/json, а для SOAP — text/xml или "
            "application/soap+xml. curl с -d без -H посылает тип формы. В AMQP и Kafka это "
            "content_type сообщения.",
            "Content-Type: application/json is missing, or for SOAP text/xml or "
            "application/soap+xml. curl with -d and no -H sends the type of a form. In AMQP and "
            "Kafka it is the content_type of the message.",
        ),
        Text(
            "Пошлите тип, который назван в ошибке после Expected.",
            "Send the type that the error names after Expected.",
        ),
    ),
    ErrorPage(
        EdgeErrorCode.NO_SUCH_OPERATION,
        Text(
            "По этому адресу нет ресурса, или у сервиса нет такого метода.",
            "There is no resource at this address, or the service has no such method.",
        ),
        Text(
            "Опечатка в пути, другая версия API, имя метода без пакета.",
            "A typo in the path, another version of the API, a method name without its package.",
        ),
        Text(
            "Сверьте адрес со справкой API; в gRPC метод пишется полностью: "
            "lavka.orders.v1.Orders/GetOrder.",
            "Compare the address with the API reference; in gRPC a method is written in full: "
            "lavka.orders.v1.Orders/GetOrder.",
        ),
    ),
    ErrorPage(
        EdgeErrorCode.METHOD_NOT_ALLOWED,
        Text(
            "Ресурс есть, но этот метод HTTP он не принимает.",
            "The resource exists but does not accept this HTTP method.",
        ),
        Text(
            "GET вместо POST или наоборот. Отмена — это POST на /cancellation, а не DELETE.",
            "GET instead of POST or the other way round. Cancelling is a POST to /cancellation, "
            "not a DELETE.",
        ),
        Text(
            "Заголовок Allow в ответе перечисляет допустимые методы.",
            "The header Allow of the answer lists the methods that are accepted.",
        ),
    ),
    ErrorPage(
        EdgeErrorCode.UNAUTHENTICATED,
        Text(
            "Вызов не доказал, от чьего он имени: токена или ключа нет, либо он не действует.",
            "The call does not prove who makes it: there is no token or key, or it is not valid.",
        ),
        Text(
            "Токен истёк, подписан чужим ключом или переписан с ошибкой. Без токена отказывают, "
            "если стенд запущен с auth.required или если такое право покупателю для примера не "
            "дано. Банк ждёт WS-Security UsernameToken, а не токен.",
            "The token has expired, was signed with a foreign key or was copied wrongly. A call "
            "without one is refused where auth.required is set, or where the demo customer has no "
            "such right. The bank wants a WS-Security UsernameToken and no token.",
        ),
        Text(
            "Возьмите новый токен: POST /oauth/token. Пошлите его как Authorization: Bearer, в "
            "gRPC — в метаданных authorization, в AMQP и Kafka — в заголовке сообщения "
            "authorization.",
            "Take a new token: POST /oauth/token. Send it as Authorization: Bearer, in gRPC as "
            "the metadata authorization, in AMQP and Kafka as the header authorization of the "
            "message.",
        ),
    ),
    ErrorPage(
        EdgeErrorCode.FORBIDDEN,
        Text(
            "Кто вызывает, известно, но этого ему нельзя: в токене нет нужного скоупа, или "
            "покупатель назвал другого покупателя. Либо HTTP-порт или NGINX отказали самому "
            "отправителю.",
            "The caller is known and may not do this: its token lacks the scope, or a customer "
            "named another customer. Or the HTTP port or NGINX refused the sender itself.",
        ),
        Text(
            "Скоуп — это право вида orders:write, и в токене его нет. Токен покупателя открывает "
            "только его данные, а сверка и списки по всем покупателям — не для него. HTTP-порт "
            "отказывает на чужое имя в Host и на страницу с другого сайта в Origin, NGINX — на "
            "вызов под /partner/ без сертификата клиента.",
            "A scope is a right such as orders:write, and the token does not have it. A customer's "
            "token opens his own data only, and neither the reconciliation nor lists of all "
            "customers. The HTTP port refuses a foreign name in Host and a page of another site in "
            "Origin, NGINX a call below /partner/ without a certificate of a client.",
        ),
        Text(
            "Ошибка называет недостающий скоуп: попросите токен с ним от имени клиента, которому "
            "он положен. Токен клиента, например traffic, действует за любого покупателя. Если "
            "дело в Host, обращайтесь на 127.0.0.1 или добавьте имя в stand.allowed_hosts.",
            "The error names the scope: ask for a token with it, as a client that may have it. The "
            "token of a client, such as traffic, acts for any customer. If it is about Host, use "
            "127.0.0.1 or add your name to stand.allowed_hosts.",
        ),
    ),
    ErrorPage(
        EdgeErrorCode.OVERLOADED,
        Text(
            "Кто-то не успевает: сервис не взял вызов или читатель не забирает ответы вовремя.",
            "Somebody cannot keep up: the service did not take the call, or the reader does not "
            "take the answers in time.",
        ),
        Text(
            "Слишком много вызовов сразу, слишком много открытых потоков или подписок, читатель "
            "не успевает за ответами, либо заполнена переборка перед медленным соседом.",
            "Too many calls at once, too many open streams or subscriptions, a reader that does "
            "not keep up with the answers, or a full bulkhead in front of a slow neighbour.",
        ),
        Text(
            "Подождите секунду и повторите с тем же ключом или номером сообщения. Если ошибка "
            "возвращается, шлите меньше одновременно.",
            "Wait a second and repeat with the same key or message id. If it goes on, send less at "
            "once.",
        ),
    ),
    ErrorPage(
        EdgeErrorCode.DEADLINE_EXCEEDED,
        Text(
            "Операция не успела к сроку. Выполнена она или нет, по этой ошибке не узнать.",
            "The operation did not finish before its deadline. This error does not tell whether "
            "it took effect.",
        ),
        Text(
            "Медленная или занятая база, задержка на пути, слишком короткий срок.",
            "A slow or busy database, a delay on the way, a deadline that is too short.",
        ),
        Text(
            "Повторите с тем же ключом идемпотентности: второго заказа не будет.",
            "Repeat with the same idempotency key: there will be no second order.",
        ),
    ),
    ErrorPage(
        EdgeErrorCode.UNAVAILABLE,
        Text(
            "Часть, без которой операция невозможна, не отвечает.",
            "A part that the operation needs does not answer.",
        ),
        Text(
            "Сервис или движок ещё запускается, остановлен или отказал.",
            "A service or an engine is still starting, has stopped or has failed.",
        ),
        Text(
            "Посмотрите на страницу стенда, какая часть не готова. Повтор через секунду безопасен.",
            "See on the page of the stand which part is not ready. Retrying in a second is safe.",
        ),
    ),
    ErrorPage(
        EdgeErrorCode.INTERNAL,
        Text(
            "Ошибка в самом стенде. Ваше сообщение ни при чём.",
            "A bug in the stand itself. Your message is not to blame.",
        ),
        Text(
            "Случай, который мы не предусмотрели.",
            "A case that we did not foresee.",
        ),
        Text(
            "Подробности покажет команда ./stend logs. Сообщите о них, пожалуйста.",
            "The command ./stend logs shows the details. Please report them.",
        ),
    ),
)
