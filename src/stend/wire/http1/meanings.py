"""What the pieces of a message of HTTP/1.1 are for."""

from stend.wire.content.words import said

REQUEST_LINE = said(
    "RFC 9112 §3",
    "Строка запроса: что сделать и с чем.",
    "The request line: what to do, and with what.",
)
STATUS_LINE = said(
    "RFC 9112 §4",
    "Строка состояния: чем кончилось.",
    "The status line: how it went.",
)
TARGET = said(
    "RFC 9112 §3.2",
    "К чему обращён запрос: путь и параметры; хост — отдельно, в Host.",
    "What the request is about: path and query; the host is apart, in Host.",
)
PATH = said(
    "RFC 9112 §3.2.1",
    "Путь: какой ресурс нужен. Что в нём значит каждая часть, сказано в контракте.",
    "The path: which resource is wanted. The contract says what each part of it means.",
)
QUESTION_MARK = said(
    "RFC 3986 §3.4", "Дальше параметры запроса.", "The parameters of the query follow."
)
QUERY = said(
    "RFC 3986 §3.4",
    "Параметры: фильтр, страница, поля. Попадают в журналы, секретам здесь не место.",
    "Parameters: a filter, a page, fields. They end up in logs, so secrets have no place here.",
)
VERSION = said(
    "RFC 9112 §2.3",
    "Версия HTTP, которую понимает отправитель.",
    "The version of HTTP that the sender knows.",
)
REASON = said(
    "RFC 9112 §4",
    "Пояснение к коду для людей; программы его не читают.",
    "The code in words for people; programs do not read it.",
)
SP = said(
    "RFC 9112 §3",
    "Ровно один пробел между частями строки.",
    "Exactly one space between the parts of the line.",
)
CRLF = said(
    "RFC 9112 §2.2",
    "Конец строки: возврат каретки и перевод строки.",
    "The end of the line: carriage return and line feed.",
)
EMPTY_BEFORE = said(
    "RFC 9112 §2.2",
    "Пустая строка перед сообщением: её пропускают, так чинили старых клиентов.",
    "An empty line before the message: it is skipped, for the sake of old clients.",
)
EMPTY_LINE = said(
    "RFC 9112 §2.1",
    "Пустая строка: заголовки кончились, дальше тело, если оно есть.",
    "The empty line: the headers end, the body follows if there is one.",
)
HEADER_SECTION = said(
    "RFC 9112 §5",
    "Заголовки: всё о сообщении, что нужно знать до тела. Порядок разных имён не важен.",
    "The headers: all about the message that is to be known before its body. The order of "
    "different "
    "names does not matter.",
)
FIELD_NAME = said(
    "RFC 9110 §5.1",
    "Имя заголовка; большие и малые буквы в нём равны.",
    "The header's name; capital and small letters are the same in it.",
)
COLON = said(
    "RFC 9112 §5.1",
    "Двоеточие сразу за именем: пробел перед ним запрещён, на нём обманывали прокси.",
    "The colon right behind the name: a space before it is forbidden, proxies were fooled by it.",
)
OWS = said(
    "RFC 9110 §5.6.3",
    "Необязательные пробелы: в значение не входят.",
    "Optional white space, not part of the value.",
)
BODY = said(
    "RFC 9112 §6",
    "Тело сообщения: само представление, как оно передано.",
    "The body of the message: the representation itself, as it is sent.",
)
BODY_PART = said(
    "RFC 9112 §6",
    "Часть тела: оно слишком длинно, чтобы показать целиком.",
    "A part of the body, which is too long to be shown as one.",
)
CHUNK = said(
    "RFC 9112 §7.1",
    "Кусок тела: отправитель шлёт то, что готово, не зная общей длины.",
    "A chunk of the body: the sender sends what is ready, without knowing the length of all.",
)
LAST_CHUNK = said(
    "RFC 9112 §7.1",
    "Кусок длины 0: тело кончилось. Без него ответ оборван.",
    "A chunk of size 0: the body ends. An answer without it was cut off.",
)
CHUNK_SIZE = said(
    "RFC 9112 §7.1",
    "Длина куска в байтах, шестнадцатеричными цифрами.",
    "The size of the chunk in bytes, in hexadecimal digits.",
)
CHUNK_EXT = said(
    "RFC 9112 §7.1.1",
    "Расширение куска: почти никто не пользуется, получатель пропускает.",
    "An extension of the chunk: hardly anybody uses it, receivers skip it.",
)
CHUNK_DATA = said("RFC 9112 §7.1", "Сами данные куска.", "The data of the chunk.")
CHUNK_CRLF = said(
    "RFC 9112 §7.1",
    "Конец куска; в его длину не входит.",
    "The end of the chunk, not counted in its size.",
)
TRAILERS = said(
    "RFC 9112 §7.1.2",
    "Заголовки после тела: то, что узнают только в конце, например хеш.",
    "Headers behind the body: what is known only at its end, a hash for example.",
)
