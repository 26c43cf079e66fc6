"""Of the pieces of BSON."""

SENTENCES = """\
document_length
  Длина документа в байтах вместе с этим полем и нулём в конце.
  The size of the document in bytes, with this field and the zero byte at its end.

string_length
  Длина строки в байтах вместе с нулём в конце.
  The size of the string in bytes, with the zero byte at its end.

binary_length
  Сколько байт данных стоит за подтипом.
  How many bytes of data stand behind the subtype.

code_length
  Длина кода вместе с его областью видимости.
  The size of the code together with its scope.

subtype
  Что за байты: 4 — UUID, 0 — просто данные.
  What the bytes are: 4 is a UUID, 0 just data.

name
  Имя поля строкой с нулём в конце; у элемента массива это его номер.
  The field's name as a string with a zero byte; for an element of an array its number.

end
  Нулевой байт: документ кончился.
  The zero byte: the document has ended.

pattern
  Регулярное выражение.
  The regular expression.

options
  Флаги выражения по алфавиту: i — без учёта регистра, m, s, x.
  The expression's flags in alphabetical order: i ignores case, also m, s, x.

scope
  Переменные, которые видит код.
  The variables that the code sees.

double
  Тип поля: число с плавающей точкой, 8 байт.
  The field's type: a floating-point number of 8 bytes.

string
  Тип поля: строка UTF-8 — длина, байты, ноль.
  The field's type: a string in UTF-8, as its length, its bytes, a zero.

object
  Тип поля: вложенный документ.
  The field's type: a document inside the document.

array
  Тип поля: массив — тот же документ, где имена полей — номера по порядку.
  The field's type: an array, which is a document whose names are numbers in order.

binData
  Тип поля: байты с подтипом.
  The field's type: bytes with a subtype.

undefined
  Тип поля: undefined, давно устарел; байт значения нет.
  The field's type: undefined, long deprecated; it has no bytes of value.

objectId
  Тип поля: ObjectId — 4 байта времени, 5 случайных, 3 счётчика.
  The field's type: an ObjectId of 4 bytes of time, 5 random ones, 3 of a counter.

bool
  Тип поля: логический, один байт.
  The field's type: a boolean of one byte.

date
  Тип поля: момент в миллисекундах от 1970 года по UTC, без пояса.
  The field's type: a moment in milliseconds since 1970 in UTC, without a zone.

null
  Тип поля: null; байт значения нет.
  The field's type: null; it has no bytes of value.

regex
  Тип поля: регулярное выражение и его флаги.
  The field's type: a regular expression and its flags.

dbPointer
  Тип поля: ссылка на документ, устарел.
  The field's type: a pointer to a document, deprecated.

javascript
  Тип поля: код JavaScript.
  The field's type: JavaScript code.

symbol
  Тип поля: символ, устарел.
  The field's type: a symbol, deprecated.

javascriptWithScope
  Тип поля: код JavaScript с переменными, устарел.
  The field's type: JavaScript code with variables, deprecated.

int
  Тип поля: целое, 4 байта со знаком.
  The field's type: a signed integer of 4 bytes.

timestamp
  Тип поля: внутренняя метка времени MongoDB — секунды и счётчик в секунде.
  The field's type: MongoDB's own timestamp, of seconds and a counter within the second.

long
  Тип поля: целое, 8 байт со знаком.
  The field's type: a signed integer of 8 bytes.

decimal
  Тип поля: десятичное число decimal128, точное для денег.
  The field's type: a decimal128 number, exact for money.

maxKey
  Тип поля: больше любого другого значения.
  The field's type: larger than any other value.

minKey
  Тип поля: меньше любого другого значения.
  The field's type: smaller than any other value.
"""
