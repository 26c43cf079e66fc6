"""Of commands."""

SENTENCES = """\
length
  Длина поля @ в байтах.
  The size of the field @ in bytes.
  MySQL client/server protocol, Basic Data Types

command
  Номер команды: с него начинается всё, что просит клиент.
  The number of the command: everything that a client asks begins with it.
  MySQL client/server protocol, Command Phase

query
  Текст SQL; при подготовке вопросительные знаки — места параметров.
  The text of the SQL; in a preparation question marks stand for parameters.

data
  Содержимое команды.
  The content of the command.

COM_STMT_SEND_LONG_DATA.data
  Очередной кусок большого параметра.
  The next piece of a large parameter.

statement_id
  Номер подготовленного запроса в этом соединении.
  The number of the prepared statement in this connection.

COM_STMT_EXECUTE.flags
  Нужен ли курсор, чтобы забирать строки частями.
  Whether a cursor is wanted, to fetch rows in parts.

flags
  Свойства: что именно, зависит от пакета.
  Properties, as the packet defines them.

column_definition.flags
  Свойства колонки: NOT_NULL, PRIMARY_KEY, UNSIGNED и другие.
  Properties of the column: NOT_NULL, PRIMARY_KEY, UNSIGNED, and others.
  MySQL client/server protocol, Column Definition Flags

iteration_count
  Сколько раз выполнить; всегда 1.
  How often to execute; always 1.

parameter_count
  Сколько параметров или атрибутов у запроса.
  How many parameters or attributes the query has.

parameter_set_count
  Сколько наборов параметров; всегда 1.
  How many sets of parameters; always 1.

null_bitmap
  По биту на значение: 1 — оно NULL и дальше не стоит. В строках ответа первые два бита пусты.
  A bit for each value: 1 says that it is NULL and left out. In rows the first two bits are empty.
  MySQL client/server protocol, NULL-Bitmap

new_params_bind_flag
  1 — дальше стоят типы параметров, 0 — они те же, что в прошлый раз.
  1 when the types of parameters follow, 0 when they are those of the last time.

types
  Типы параметров, какими их считает клиент.
  The types of the parameters, as the client has them.

types.type
  Тип параметра: по нему читается его значение.
  The type of the parameter: its value is read by it.
  MySQL client/server protocol, Column Types

types.flags
  unsigned, если число без знака.
  Unsigned where the number has no sign.

types.name
  Имя атрибута запроса; у параметра пусто.
  The name of the query's attribute; empty for a parameter.

parameters
  Значения параметров по порядку; NULL здесь не стоит.
  The values of parameters in order; NULLs are left out.

parameters.value
  Значение параметра в двоичном виде его типа.
  The parameter's value in the binary form of its type.
  MySQL client/server protocol, Binary Protocol Value

parameter
  Номер параметра, с нуля.
  The parameter's number, from zero.

num_rows
  Сколько строк взять из курсора.
  How many rows to fetch from the cursor.

connection_id
  Номер соединения, которое закрыть.
  The number of the connection to close.

option
  0 — разрешить несколько запросов через точку с запятой, 1 — запретить.
  0 allows several statements with semicolons, 1 forbids them.

sub_command
  Что обновить: привилегии, журналы, таблицы.
  What to refresh: privileges, logs, tables.

binlog_position
  С какого места журнала репликации слать.
  From which place of the binary log to send.

server_id
  Номер реплики.
  The number of the replica.

binlog_filename
  Файл журнала репликации.
  The file of the binary log.

part
  Продолжение пакета, который не поместился в 16 МБ.
  The rest of a packet that did not fit into 16 MB.
  MySQL client/server protocol, MySQL Packets

content
  Кусок файла клиента; пустой пакет — конец.
  A piece of the client's file; an empty packet ends it.
"""
