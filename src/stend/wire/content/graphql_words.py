"""Members of GraphQL requests and responses over HTTP, and of graphql-transport-ws."""

from stend.wire.content.words import Word, Words, said

_OVER_HTTP = "GraphQL over HTTP §5.1"

GRAPHQL_REQUEST: Words = {
    "query": Word(
        said(
            _OVER_HTTP,
            "Документ GraphQL: клиент перечисляет поля, которые ему нужны, и получит ровно их.",
            "The GraphQL document: the client lists the fields it needs and gets exactly those.",
        )
    ),
    "operationName": Word(
        said(
            _OVER_HTTP,
            "Какую из операций документа выполнить; нужен, когда их несколько.",
            "Which operation of the document to run; needed where there are several.",
        )
    ),
    "variables": Word(
        said(
            _OVER_HTTP,
            "Значения переменных ($order_id) отдельно от текста запроса: его можно кешировать, "
            "и в него ничего не вклеивают.",
            "Values of the variables ($order_id), apart from the document: so it can be cached, "
            "and nothing is pasted into it.",
        )
    ),
    "extensions": Word(
        said(
            _OVER_HTTP,
            "Место для расширений: например, хеш заранее сохранённого запроса.",
            "Room for extensions: the hash of a persisted query, for example.",
        )
    ),
}

_ERROR: Words = {
    "message": Word(
        said(
            "GraphQL §7.1.2",
            "Описание ошибки для разработчика.",
            "The error, told to a developer.",
        )
    ),
    "locations": Word(
        said(
            "GraphQL §7.1.2",
            "Строка и столбец в документе, к которым относится ошибка.",
            "Line and column of the document that the error is about.",
        )
    ),
    "path": Word(
        said(
            "GraphQL §7.1.2",
            "Поле ответа, которое не удалось получить: по нему отличают null от ошибки.",
            "The field of the response that failed: it tells a null from an error.",
        )
    ),
    "extensions": Word(
        said(
            "GraphQL §7.1.2",
            "Код ошибки и подробности для программы, строение определяет сервер.",
            "Code and details for programs; the server decides what they look like.",
        )
    ),
}

GRAPHQL_RESPONSE: Words = {
    "data": Word(
        said(
            "GraphQL §7.1.1",
            "Результат той же формы, что запрос; null, если операция не удалась целиком.",
            "The result, of the same shape as the query; null where the whole operation failed.",
        )
    ),
    "errors": Word(
        said(
            "GraphQL §7.1.2",
            "Ошибки. Статус HTTP может быть 200, а data — заполнено частично.",
            "Errors. The HTTP status may be 200, and data may be there in part.",
        ),
        _ERROR,
    ),
    "extensions": Word(
        said(
            "GraphQL §7.1.3",
            "Место для данных сервера: трассировка, стоимость запроса.",
            "Room for the server: tracing, the cost of the query.",
        )
    ),
}

# The types of messages, and who sends them.
TRANSPORT_WS_TYPES = frozenset(
    {
        "connection_init",
        "connection_ack",
        "ping",
        "pong",
        "subscribe",
        "next",
        "error",
        "complete",
    }
)
_PAYLOAD = Word(
    said(
        "graphql-transport-ws §Message types",
        "Содержимое: у subscribe — запрос GraphQL, у next — очередной результат, у error — ошибки.",
        "The content: a GraphQL request in subscribe, one more result in next, errors in error.",
    ),
    {**GRAPHQL_RESPONSE, **GRAPHQL_REQUEST},
)
TRANSPORT_WS: Words = {
    "id": Word(
        said(
            "graphql-transport-ws §Subscribe",
            "Имя операции на этом соединении: по нему различают потоки, идущие одновременно.",
            "The operation's name on this connection: it tells streams apart that run at once.",
        )
    ),
    "type": Word(
        said(
            "graphql-transport-ws §Message types",
            "Вид сообщения: connection_init и connection_ack открывают разговор, subscribe "
            "начинает "
            "операцию, next несёт результат, complete её заканчивает.",
            "The kind of message: connection_init and connection_ack open the talk, subscribe "
            "begins "
            "an operation, next carries a result, complete ends it.",
        )
    ),
    "payload": _PAYLOAD,
}
