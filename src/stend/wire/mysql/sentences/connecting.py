"""Of packets and of the connection phase."""

SENTENCES = """\
payload_length
  Длина содержимого пакета без этих четырёх байт заголовка; 16 777 215 — продолжение в следующем
    пакете.
  The size of the payload without the four bytes of header; 16,777,215 goes on in the next packet.
  MySQL client/server protocol, MySQL Packets

sequence_id
  Номер пакета внутри команды: команда начинает с 0, ответ продолжает счёт.
  The packet's number within a command: a command begins with 0, the answer counts on.
  MySQL client/server protocol, MySQL Packets

protocol_version
  Версия протокола: 10 с MySQL 3.21.
  The version of the protocol: 10 since MySQL 3.21.

server_version
  Версия сервера строкой.
  The server's version as a string.

thread_id
  Номер соединения на сервере: по нему соединение видно в SHOW PROCESSLIST и его можно закрыть
    (KILL).
  The connection's number at the server: seen in SHOW PROCESSLIST, and closed by KILL.

auth_plugin_data_part_1 auth_plugin_data_part_2 plugin_data
  Случайные байты от сервера: клиент смешивает с ними пароль, чтобы ответ нельзя было повторить.
  Random bytes of the server: the client mixes its password with them, so no answer can be
    replayed.

filler reserved
  Байты про запас: значения не имеют.
  Bytes in reserve: they mean nothing.

capability_flags_1 capability_flags_2
  Что умеет сервер, по биту на возможность; младшая и старшая половины стоят отдельно.
  What the server can do, a bit each; the lower and the upper half stand apart.
  MySQL client/server protocol, Capabilities Flags

capabilities
  Что из умений сервера берёт клиент: от этого зависит вид остальных пакетов.
  Which of the server's abilities the client takes: the form of other packets depends on it.
  MySQL client/server protocol, Capabilities Flags

character_set
  Номер кодировки и порядка сравнения строк.
  The number of the character set and of how strings are compared.
  MySQL client/server protocol, Character Set

status_flags
  Состояние сессии: открыта ли транзакция, включён ли autocommit, есть ли ещё ответы.
  The state of the session: an open transaction, autocommit, whether more results follow.
  MySQL client/server protocol, Status Flags

auth_plugin_data_len
  Сколько всего случайных байт в обеих частях.
  How many random bytes both parts have.

auth_plugin_name plugin_name client_plugin
  Способ входа: caching_sha2_password, mysql_native_password и другие.
  The way to log in: caching_sha2_password, mysql_native_password, and others.

max_packet_size
  Сколько байт в пакете клиент готов принять.
  How many bytes of a packet the client takes.

user
  Имя пользователя.
  The name of the user.

auth_response
  Доказательство, что клиент знает пароль; скрыто.
  The proof that the client knows the password; not shown.

auth_data
  Следующий шаг входа: пароль, ключ или его хеш; скрыто.
  The next step of the login: password, key or hash; not shown.
  MySQL client/server protocol, Authentication Phase

auth_more_data
  Что плагин входа говорит клиенту: 3 — пароль узнан по кешу, 4 — нужен полный вход.
  What the plugin says to the client: 3 the cache knows the password, 4 a full login is needed.

database
  База, которая станет текущей.
  The database to become the current one.

attributes
  Сведения о клиенте: имя драйвера, версия, система; видны в performance_schema.
  What the client tells of itself: driver, version, system; seen in performance_schema.

attributes.key
  Имя сведения.
  The name of the attribute.

attributes.value
  Значение сведения.
  The value of the attribute.

zstd_compression_level
  Насколько сильно сжимать zstd.
  How hard to compress with zstd.
"""
