"""What the pieces of a frame are for, and what close codes tell."""

from stend.kit.fields import Meaning
from stend.wire.content.words import said

FIRST_OCTET = said(
    "RFC 6455 §5.2",
    "FIN — это последний фрагмент сообщения; RSV1 — сообщение сжато; opcode — вид кадра.",
    "FIN: it is the message's last fragment; RSV1: the message is compressed; opcode: the kind of "
    "frame.",
)
SECOND_OCTET = said(
    "RFC 6455 §5.2",
    "MASK — данные замаскированы, так обязан делать клиент; дальше длина: 126 и 127 значат, что "
    "она "
    "в следующих байтах.",
    "MASK: the payload is masked, which a client must do; then the length: 126 and 127 say that it "
    "is in the next bytes.",
)
EXTENDED_LENGTH = said(
    "RFC 6455 §5.2",
    "Длина данных, когда она больше 125 байт.",
    "The length of the payload where it is more than 125 bytes.",
)
MASKING_KEY = said(
    "RFC 6455 §5.3",
    "Ключ: с ним сложен по XOR каждый байт. Это не шифр, а защита прокси, которые приняли бы "
    "данные "
    "за HTTP.",
    "The key that each byte is XORed with. No cipher: it protects proxies that would take the data "
    "for HTTP.",
)
PAYLOAD = said(
    "RFC 6455 §5.2",
    "Данные кадра: сообщение приложения или его часть.",
    "The frame's payload: a message of the application, or a part of one.",
)
CONTROL = said(
    "RFC 6455 §5.5",
    "Данные служебного кадра, не больше 125 байт.",
    "The payload of a control frame, 125 bytes at most.",
)
FRAGMENT = said(
    "RFC 6455 §5.4",
    "Фрагмент сообщения: смысл имеет всё сообщение целиком.",
    "A fragment of a message: only the whole message has a sense.",
)
COMPRESSED = said(
    "RFC 7692 §7.2",
    "Сжатые данные. Они ссылаются на прежние сообщения, поэтому одно без других не распаковать.",
    "Compressed data. They point back into earlier messages, so one alone cannot be inflated.",
)
TEXT = said(
    "RFC 6455 §5.6",
    "Сообщение-текст в UTF-8; о формате договариваются подпротоколом.",
    "A text message in UTF-8; its format is agreed on by the subprotocol.",
)
PING = said(
    "RFC 6455 §5.5.2",
    "Данные ping: другая сторона вернёт их в pong. Так проверяют, живо ли соединение.",
    "Data of a ping: the other side returns them in a pong. That is how a connection is tested.",
)
PONG = said(
    "RFC 6455 §5.5.3",
    "Те же данные, что были в ping: значит, другая сторона на месте.",
    "The same data as in the ping: the other side is there.",
)
REASON = said(
    "RFC 6455 §7.1.6",
    "Причина закрытия словами, для журналов.",
    "The reason for the close in words, for logs.",
)

_CODES: dict[int, Meaning] = {
    1000: said(
        "RFC 6455 §7.4.1",
        "Код 1000: всё сказано, закрываем.",
        "Code 1000: all is said, the connection is closed.",
    ),
    1001: said(
        "RFC 6455 §7.4.1",
        "Код 1001: сторона уходит — сервер останавливают или страницу закрыли.",
        "Code 1001: one side goes away: the server is stopped, or the page was closed.",
    ),
    1002: said(
        "RFC 6455 §7.4.1",
        "Код 1002: нарушен сам протокол WebSocket.",
        "Code 1002: WebSocket itself was broken.",
    ),
    1003: said(
        "RFC 6455 §7.4.1",
        "Код 1003: такие данные не принимаются, например двоичные.",
        "Code 1003: such data are not taken, binary ones for example.",
    ),
    1007: said(
        "RFC 6455 §7.4.1",
        "Код 1007: данные не того вида, например текст не в UTF-8.",
        "Code 1007: the data are not what they should be, text that is no UTF-8 for example.",
    ),
    1008: said(
        "RFC 6455 §7.4.1",
        "Код 1008: нарушены правила сервера.",
        "Code 1008: the server's rules were broken.",
    ),
    1009: said(
        "RFC 6455 §7.4.1",
        "Код 1009: сообщение слишком велико.",
        "Code 1009: the message is too large.",
    ),
    1010: said(
        "RFC 6455 §7.4.1",
        "Код 1010: клиенту нужно расширение, о котором не договорились.",
        "Code 1010: the client needs an extension that was not agreed on.",
    ),
    1011: said(
        "RFC 6455 §7.4.1",
        "Код 1011: сервер сломался.",
        "Code 1011: the server has failed.",
    ),
    1012: said(
        "IANA WebSocket Close Codes",
        "Код 1012: сервер перезапускается.",
        "Code 1012: the server restarts.",
    ),
    1013: said(
        "IANA WebSocket Close Codes",
        "Код 1013: сервер перегружен, приходите позже.",
        "Code 1013: the server is overloaded, come again later.",
    ),
}
_OF_LIBRARIES = said(
    "RFC 6455 §7.4.2",
    "Коды 3000–3999: их закрепляют за библиотеками и протоколами в реестре IANA.",
    "Codes 3000 to 3999: registered with IANA for libraries and protocols.",
)
_OF_APPLICATIONS = said(
    "RFC 6455 §7.4.2",
    "Коды 4000–4999: приложения договариваются о них сами, смотрите контракт.",
    "Codes 4000 to 4999: applications agree on them, see the contract.",
)
_OF_NOBODY = said(
    "RFC 6455 §7.4.2",
    "Такого кода закрытия на проводе быть не должно.",
    "There must be no such close code on the wire.",
)


def close_meaning(code: int) -> Meaning:
    """What a close code tells."""
    if 3000 <= code < 4000:
        return _OF_LIBRARIES
    if 4000 <= code < 5000:
        return _OF_APPLICATIONS
    return _CODES.get(code, _OF_NOBODY)
