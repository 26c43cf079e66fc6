"""Of what a server answers."""

SENTENCES = """\
header
  Первый байт ответа: по нему узнают вид — 00 OK, FE EOF, FF ошибка; у двоичной строки 00.
  The first byte tells the kind: 00 OK, FE EOF, FF an error; 00 of a binary row, too.

affected_rows
  Сколько строк изменил запрос.
  How many rows the statement changed.

last_insert_id
  Значение AUTO_INCREMENT, которое получила вставленная строка; 0 — не было.
  The AUTO_INCREMENT value of the row that was inserted; 0 for none.

warnings warning_count
  Сколько предупреждений: их покажет SHOW WARNINGS.
  How many warnings there are: SHOW WARNINGS lists them.

info
  Пояснение для человека: сколько строк подошло и изменилось.
  A remark for people: how many rows matched and were changed.

session_state_info
  Что изменилось в сессии: база, переменные, транзакция.
  What has changed in the session: database, variables, transaction.
  MySQL client/server protocol, Session State Information

error_code
  Номер ошибки: 1062 — повтор уникального ключа, 1213 — взаимная блокировка.
  The number of the error: 1062 is a duplicate key, 1213 a deadlock.

sql_state_marker
  Знак #: за ним стоит SQLSTATE.
  The sign # before the SQLSTATE.

sql_state
  SQLSTATE — пять знаков по стандарту SQL; первые два — класс ошибки.
  The SQLSTATE: five characters of the SQL standard, the first two are the class.

error_message
  Что случилось, словами сервера.
  What happened, in the server's words.

status
  0 — запрос подготовлен.
  0 when the statement was prepared.

num_columns
  Сколько колонок будет в ответе; их описания идут следом.
  How many columns the result will have; their definitions follow.

num_params
  Сколько параметров у запроса; их описания идут следом.
  How many parameters the statement has; their definitions follow.

metadata_follows
  Придут ли описания колонок: 1 — да.
  Whether definitions of columns follow: 1 when they do.

column_count
  Сколько колонок в ответе: столько описаний придёт следом.
  How many columns the result has: so many definitions follow.

catalog
  Каталог; всегда def.
  The catalogue; always def.

schema
  База, где лежит таблица.
  The database of the table.

table
  Таблица, как её называет запрос.
  The table as the statement names it.

org_table
  Настоящее имя таблицы.
  The true name of the table.

name
  Имя колонки, как её называет запрос.
  The column's name as the statement has it.

org_name
  Настоящее имя колонки.
  The true name of the column.

length_of_fixed_fields
  Сколько байт занимают поля дальше; всегда 12.
  How many bytes the fields behind it take; always 12.

column_length
  Сколько знаков или байт значение занимает самое большее.
  The most characters or bytes that a value shows.

type
  Тип колонки: по нему читаются значения.
  The type of the column: values are read by it.
  MySQL client/server protocol, Column Types

decimals
  Сколько цифр после запятой; 31 — сколько угодно.
  How many digits behind the point; 31 for any number.

default_value
  Значение по умолчанию.
  The default value.

row
  Значения строки по порядку колонок; в текстовом виде любое из них — строка, FB — это NULL.
  The row's values in the order of columns; in the text form each is a string, FB is NULL.

text
  Состояние сервера одной строкой.
  The state of the server in a line.

request
  Имя файла, который сервер просит у клиента (LOAD DATA LOCAL).
  The name of the file that the server wants of the client (LOAD DATA LOCAL).

compressed_length
  Сколько байт занимает сжатое содержимое.
  How many bytes the compressed payload takes.

compressed_sequence_id
  Номер сжатого пакета; счёт свой, не тот, что внутри.
  The number of the compressed packet; not that of the packets inside.

uncompressed_length
  Сколько байт станет после распаковки; 0 — содержимое не сжато.
  How many bytes it becomes; 0 when the payload is not compressed.
"""
