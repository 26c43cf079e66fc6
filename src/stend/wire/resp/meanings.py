"""What the parts of commands and replies are for, by their names."""

from stend.kit.fields import Meaning
from stend.wire.content.words import meanings_of, said
from stend.wire.resp.data_sentences import DATA
from stend.wire.resp.serving_sentences import SERVING

_SOURCE = "Redis serialization protocol"
_PARTS = """
type
  Первый октет значения: он говорит, какого оно типа.
  The first octet of a value: it tells the type.

count
  Сколько элементов следует; у map и attribute — сколько пар. «?» — заранее не известно, −1 — null.
  How many elements follow; of a map or an attribute, how many pairs. ? — not known yet, -1 — null.
  Redis serialization protocol: Arrays

length
  Длина строки в байтах; −1 — это null, и данных нет.
  Bytes of the string; -1 means null, and no data follow.
  Redis serialization protocol: Bulk strings

crlf
  Возврат каретки и перевод строки: ими кончается каждая строка протокола и каждые данные.
  Carriage return and line feed: they end each line of the protocol and all data.

data
  Само значение.
  The value itself.

format
  Три буквы о том, как показывать текст: txt или mkd, и двоеточие.
  Three letters on how to show the text, txt or mkd, and a colon.
  Redis serialization protocol: Verbatim strings

reply
  Ответ сервера: на n-ю команду приходит n-й ответ.
  A reply of the server: the n-th one answers the n-th command.
  Redis serialization protocol: Request-Response model

request
  Команда клиента: массив строк, сначала имя, потом аргументы.
  A command of a client: an array of strings, the name first, then the arguments.
  Redis serialization protocol: Sending commands to a Redis server

element
  Элемент массива, множества или push.
  An element of an array, a set or a push.
  Redis serialization protocol: Arrays

entry
  Пара: ключ и значение.
  A pair: a key and a value.
  Redis serialization protocol: Maps

entry_key
  Ключ пары.
  The key of a pair.
  Redis serialization protocol: Maps

entry_value
  Значение пары.
  The value of a pair.
  Redis serialization protocol: Maps

attribute
  Сведения к ответу, который следует за ними: кто их не ждёт, пропускает.
  Something about the reply that follows; who does not expect it passes over it.
  Redis serialization protocol: Attributes

chunk
  Часть строки, длина которой заранее не известна; часть длины 0 — последняя.
  A part of a string whose length was not known before; a part of length 0 is the last.
  RESP3 specification: Streamed strings

end
  Точка: элементы, число которых заранее не было известно, кончились.
  A full stop: the elements, whose number was not known before, are over.
  RESP3 specification: Streamed aggregate data types

line
  Команда, набранная руками: слова через пробел до конца строки.
  A command typed by hand: words with spaces between, up to the end of the line.
  Redis serialization protocol: Inline commands
"""
_ARGUMENTS = """
key
  Ключ: имя, под которым лежит значение.
  The key: the name that a value has.

newkey
  Новый ключ: куда попадёт значение.
  The new key: where the value goes.

value
  Значение, которое записывают.
  The value to write.

field
  Имя поля: в хэше или в записи потока.
  The name of a field: of a hash, or of an entry of a stream.

option
  Ключевое слово команды или его значение: EX, NX, COUNT, BLOCK и подобные.
  A keyword of the command or its value: EX, NX, COUNT, BLOCK and the like.

argument
  Аргумент команды.
  An argument of the command.

subcommand
  Какая из команд этого семейства.
  Which one of this family of commands.

seconds
  Срок жизни в секундах.
  The time to live, in seconds.

milliseconds
  Время в миллисекундах: срок жизни или сколько запись уже ждёт.
  A time in milliseconds: to live, or for how long an entry has waited.

timestamp
  Момент, до которого жить: время Unix.
  The moment to live until: Unix time.

increment
  На сколько изменить; может быть отрицательным.
  By how much; it may be negative.

start
  Начало отрезка.
  Where the range begins.

stop
  Конец отрезка, включительно.
  Where the range ends, itself included.

min
  Нижняя граница; скобка «(» — не включая.
  The lower bound; with ( it is not included itself.

max
  Верхняя граница; скобка «(» — не включая.
  The upper bound; with ( it is not included itself.

offset
  Место внутри значения, с нуля.
  A place inside the value, from zero.

count
  Сколько элементов.
  How many elements.

cursor
  Откуда продолжить обход: 0 — с начала, дальше — что вернул прошлый ответ.
  Where to go on: 0 — from the beginning, then what the last reply said.

pattern
  Шаблон имени: * — что угодно, ? — один знак.
  A pattern of names: * is anything, ? one character.

element
  Элемент, который добавляют или удаляют.
  The element to add or to remove.

member
  Элемент множества; в гео — имя точки.
  A member of a set; of a geo set, the name of a point.

score
  Вес: по нему упорядочены элементы.
  The score: members stand in its order.

longitude
  Долгота в градусах; идёт раньше широты.
  The longitude in degrees; it comes before the latitude.

latitude
  Широта в градусах.
  The latitude in degrees.

group
  Группа потребителей потока.
  The consumer group of a stream.

consumer
  Имя потребителя внутри группы: за ним числятся выданные записи.
  The consumer's name inside its group: entries handed out are on its account.

id
  Номер записи потока: миллисекунды и счётчик; «>» — ещё никому не выданные, «$» — только новые.
  The id of an entry of a stream: milliseconds and a counter; > — those handed to nobody, $ — new
    ones only.

channel
  Имя канала pub/sub.
  The name of a channel of pub/sub.

message
  Сообщение.
  The message.

script
  Скрипт Lua, его SHA-1 или имя функции.
  A Lua script, its SHA-1, or the name of a function.

numkeys
  Сколько из следующих аргументов — ключи (KEYS); остальные попадут в ARGV.
  How many of the next arguments are keys (KEYS); the others become ARGV.

protover
  Версия протокола: 2 или 3.
  The version of the protocol: 2 or 3.

username
  Имя пользователя.
  The name of the user.

password
  Пароль; здесь скрыт, хотя байты на месте.
  The password; masked here, though its bytes are there.

index
  Номер базы, с нуля.
  The number of the database, from zero.

timeout
  Сколько ждать; 0 — сколько угодно.
  How long to wait; 0 — for ever.

numreplicas
  От скольких реплик ждать.
  How many replicas to wait for.
"""
_TYPES = """
+
  Короткая строка без перевода строки: чаще всего OK.
  A short string without line breaks: mostly OK.
  Redis serialization protocol: Simple strings

-
  Ошибка: первое слово — её род, дальше объяснение.
  An error: its first word is the kind, then it is explained.
  Redis serialization protocol: Simple errors

:
  Целое число.
  An integer.
  Redis serialization protocol: Integers

$
  Строка с длиной впереди: в ней могут быть любые байты.
  A string with its length before it: any bytes may be in it.
  Redis serialization protocol: Bulk strings

*
  Массив: за числом элементов следуют сами элементы.
  An array: its elements follow their number.
  Redis serialization protocol: Arrays

_
  Ничего нет: в RESP3 null один, в RESP2 были null-строка и null-массив.
  Nothing: RESP3 has one null, RESP2 had a null string and a null array.
  Redis serialization protocol: Nulls

#
  Да или нет: t или f.
  Yes or no: t or f.
  Redis serialization protocol: Booleans

,
  Число с плавающей точкой, записанное текстом.
  A floating-point number, written as text.
  Redis serialization protocol: Doubles

(
  Целое, которому мало 64 бит.
  An integer that 64 bits cannot hold.
  Redis serialization protocol: Big numbers

!
  Ошибка, в тексте которой могут быть любые байты.
  An error whose text may hold any bytes.
  Redis serialization protocol: Bulk errors

=
  Текст для человека, с пометкой о его виде.
  Text for people, with a mark of its format.
  Redis serialization protocol: Verbatim strings

%
  Словарь: пары ключей и значений.
  A dictionary: pairs of keys and values.
  Redis serialization protocol: Maps

~
  Множество: порядок элементов ничего не значит.
  A set: the order of its elements means nothing.
  Redis serialization protocol: Sets

|
  Сведения к ответу, который следует за ними.
  Something about the reply that follows.
  Redis serialization protocol: Attributes

>
  Пришло без запроса: сообщение канала, отмена кэша. Ответом не считается.
  It comes unasked: a message of a channel, a key to forget. It is no reply.
  Redis serialization protocol: Pushes

;
  Часть строки неизвестной длины.
  A part of a string of unknown length.
  RESP3 specification: Streamed strings

.
  Конец элементов, число которых не называли.
  The end of elements whose number was not told.
  RESP3 specification: Streamed aggregate data types
"""
_TYPE_NAMES = {
    "+": "simple string",
    "-": "simple error",
    ":": "integer",
    "$": "bulk string",
    "*": "array",
    "_": "null",
    "#": "boolean",
    ",": "double",
    "(": "big number",
    "!": "bulk error",
    "=": "verbatim string",
    "%": "map",
    "~": "set",
    "|": "attribute",
    ">": "push",
    ";": "chunk",
    ".": "end",
}

TYPE_NAMES: dict[int, str] = {ord(letter): name for letter, name in _TYPE_NAMES.items()}
TYPES: dict[int, Meaning] = {
    ord(letter): one for letter, one in meanings_of(_SOURCE, _TYPES).items()
}
PARTS: dict[str, Meaning] = meanings_of(_SOURCE, _PARTS)
_NAMED = meanings_of("", _ARGUMENTS)
_COMMANDS = meanings_of("", DATA + SERVING)
_UNKNOWN = said(
    f"{_SOURCE}: Sending commands to a Redis server",
    "Имя команды; о ней здесь ничего не написано.",
    "The name of a command; nothing is written about it here.",
)


def command_meaning(name: str) -> Meaning:
    """What a command does.

    Args:
        name: in capitals.
    """
    known = _COMMANDS.get(name)
    return known._replace(source=f"Redis commands: {name}") if known else _UNKNOWN


def argument_meaning(command: str, name: str) -> Meaning:
    known = _COMMANDS.get(command)
    source = f"Redis commands: {command}" if known else _UNKNOWN.source
    return _NAMED[name]._replace(source=source)
