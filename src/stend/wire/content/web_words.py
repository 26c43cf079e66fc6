"""Members of documents that many APIs share: errors, events, tokens, keys."""

from stend.wire.content.words import Word, Words, said

PROBLEM: Words = {
    "type": Word(
        said(
            "RFC 9457 §3.1.1",
            "URI вида ошибки: по нему программа узнаёт её, человек открывает страницу с описанием.",
            "The URI of the kind of problem: programs know it by this, people open the page.",
        )
    ),
    "status": Word(
        said(
            "RFC 9457 §3.1.2",
            "Статус HTTP ещё раз: тело могут прочесть отдельно от ответа.",
            "The HTTP status again, for whoever reads the body apart from the response.",
        )
    ),
    "title": Word(
        said(
            "RFC 9457 §3.1.3",
            "Название вида ошибки, одно и то же каждый раз.",
            "The name of the kind of problem, the same every time.",
        )
    ),
    "detail": Word(
        said(
            "RFC 9457 §3.1.4",
            "Что случилось именно сейчас и что делать; для человека, не для разбора программой.",
            "What happened this time and what to do; for people, not to be parsed.",
        )
    ),
    "instance": Word(
        said(
            "RFC 9457 §3.1.5",
            "URI этого случая ошибки: по нему её находят в журналах.",
            "The URI of this occurrence, by which it is found in logs.",
        )
    ),
}

CLOUD_EVENT: Words = {
    "specversion": Word(
        said(
            "CloudEvents 1.0 §3.1.1 specversion",
            "Версия CloudEvents, по которой собрано событие.",
            "The version of CloudEvents that the event follows.",
        )
    ),
    "id": Word(
        said(
            "CloudEvents 1.0 §3.1.1 id",
            "Идентификатор события: вместе с source он единственный, по нему отсеивают повторы.",
            "The event's identifier, unique together with source: duplicates are told by it.",
        )
    ),
    "source": Word(
        said(
            "CloudEvents 1.0 §3.1.1 source",
            "Где событие произошло.",
            "Where the event happened.",
        )
    ),
    "type": Word(
        said(
            "CloudEvents 1.0 §3.1.1 type",
            "Что произошло; по типу выбирают обработчик.",
            "What happened; the handler is chosen by it.",
        )
    ),
    "subject": Word(
        said(
            "CloudEvents 1.0 §3.1.2 subject",
            "О каком объекте внутри source событие.",
            "Which thing inside source the event is about.",
        )
    ),
    "time": Word(
        said("CloudEvents 1.0 §3.1.2 time", "Когда произошло.", "When it happened."),
    ),
    "datacontenttype": Word(
        said(
            "CloudEvents 1.0 §3.1.2 datacontenttype",
            "Формат поля data; без него — JSON.",
            "The format of data; JSON where it is absent.",
        )
    ),
    "dataschema": Word(
        said(
            "CloudEvents 1.0 §3.1.2 dataschema",
            "Схема, которой следует data.",
            "The schema that data follows.",
        )
    ),
    "data": Word(
        said("CloudEvents 1.0 §3.2", "Само событие.", "The event itself."),
    ),
    "traceparent": Word(
        said(
            "CloudEvents Distributed Tracing",
            "Контекст трассировки, в котором событие родилось.",
            "The trace context in which the event was born.",
        )
    ),
}

WEBHOOK: Words = {
    "type": Word(
        said(
            "Standard Webhooks §Payload structure",
            "Тип события через точки: order.placed.",
            "The event's type, with dots: order.placed.",
        )
    ),
    "timestamp": Word(
        said(
            "Standard Webhooks §Payload structure",
            "Когда событие произошло; не то же, что время отправки в заголовке.",
            "When the event happened; not when it was sent, which is in the header.",
        )
    ),
    "data": Word(
        said(
            "Standard Webhooks §Payload structure",
            "Само событие, его строение задаёт контракт отправителя.",
            "The event itself, as the sender's contract has it.",
        )
    ),
}

TOKEN: Words = {
    "access_token": Word(
        said(
            "RFC 6749 §5.1",
            "Токен доступа: его шлют в Authorization. Кто его знает, тот и входит.",
            "The access token, to be sent in Authorization. Whoever knows it gets in.",
        )
    ),
    "token_type": Word(
        said(
            "RFC 6749 §7.1",
            "Как предъявлять токен; Bearer — просто показать.",
            "How the token is presented; Bearer means to just show it.",
        )
    ),
    "expires_in": Word(
        said(
            "RFC 6749 §5.1",
            "Сколько секунд токен годен с этого момента.",
            "For how many seconds from now the token is good.",
        )
    ),
    "refresh_token": Word(
        said(
            "RFC 6749 §6",
            "Позволяет получить новый токен доступа без пользователя.",
            "Gets a new access token without the user.",
        )
    ),
    "scope": Word(
        said(
            "RFC 6749 §3.3",
            "Что с токеном можно делать; сервер вправе дать меньше, чем просили.",
            "What the token allows; the server may grant less than was asked for.",
        )
    ),
    "error": Word(
        said(
            "RFC 6749 §5.2",
            "Код отказа: invalid_client, invalid_grant, invalid_scope…",
            "Why it was refused: invalid_client, invalid_grant, invalid_scope…",
        )
    ),
    "error_description": Word(
        said(
            "RFC 6749 §5.2",
            "Причина отказа для разработчика.",
            "The refusal, told to a developer.",
        )
    ),
}

_KEY: Words = {
    "kty": Word(
        said("RFC 7517 §4.1", "Семейство ключа: RSA, EC, OKP.", "The key's family: RSA, EC, OKP.")
    ),
    "use": Word(
        said(
            "RFC 7517 §4.2",
            "Для чего ключ: sig — подписи, enc — шифрование.",
            "What the key is for: sig for signatures, enc for encryption.",
        )
    ),
    "alg": Word(
        said(
            "RFC 7517 §4.4",
            "Алгоритм, с которым ключ можно применять.",
            "The algorithm that the key may be used with.",
        )
    ),
    "kid": Word(
        said(
            "RFC 7517 §4.5",
            "Имя ключа: токен называет его в заголовке, так находят нужный при смене ключей.",
            "The key's name: a token names it in its header, so the right one is found when keys "
            "change.",
        )
    ),
}
JWK_SET: Words = {
    "keys": Word(
        said(
            "RFC 7517 §5.1",
            "Открытые ключи: ими проверяют подписи токенов, не спрашивая того, кто их выдал.",
            "Public keys: signatures of tokens are verified with them, without asking the issuer.",
        ),
        _KEY,
    )
}
