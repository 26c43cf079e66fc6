"""Of commands and their fields."""

SENTENCES = """\
hello
  Рукопожатие: кто сервер, какая у него роль и что он умеет.
  The handshake: who the server is, which role it has, what it can do.

ismaster isMaster
  Старое имя hello: с него драйверы открывают соединение, пока не знают версии сервера.
  The old name of hello: drivers open a connection with it while they do not know the server.

ping
  Проверка, что сервер отвечает.
  Asks whether the server answers.

find
  Поиск документов; значение — имя коллекции.
  Finds documents; the value is the name of the collection.

insert
  Вставка документов; значение — имя коллекции.
  Inserts documents; the value is the name of the collection.

update
  Изменение документов; значение — имя коллекции.
  Changes documents; the value is the name of the collection.

delete
  Удаление документов; значение — имя коллекции.
  Deletes documents; the value is the name of the collection.

findAndModify findandmodify
  Найти один документ, изменить или удалить его и вернуть — атомарно; значение — имя коллекции.
  Finds one document, changes or removes it and returns it, atomically; the value is the
    collection.

aggregate
  Конвейер агрегации; значение — имя коллекции или 1 — вся база.
  An aggregation; the value is the name of the collection, or 1 for the database.

getMore
  Следующая порция документов; значение — номер курсора.
  The next documents; the value is the number of the cursor.

killCursors
  Закрыть курсоры, которые больше не нужны; значение — имя коллекции.
  Closes cursors that nobody needs; the value is the name of the collection.

count
  Сколько документов подходит; значение — имя коллекции.
  How many documents match; the value is the name of the collection.

distinct
  Разные значения поля; значение — имя коллекции.
  The different values of a field; the value is the name of the collection.

bulkWrite
  Вставки, изменения и удаления в нескольких коллекциях одной командой.
  Inserts, updates and deletes in several collections by one command.

create
  Создать коллекцию с таким именем.
  Creates a collection of this name.

drop
  Удалить коллекцию с таким именем.
  Drops the collection of this name.

dropDatabase
  Удалить базу со всеми коллекциями.
  Drops the database with all its collections.

createIndexes
  Создать индексы в коллекции.
  Makes indexes of the collection.

dropIndexes
  Удалить индексы коллекции.
  Drops indexes of the collection.

listIndexes
  Перечислить индексы коллекции.
  Lists the indexes of the collection.

listCollections
  Перечислить коллекции базы.
  Lists the collections of the database.

listDatabases
  Перечислить базы.
  Lists the databases.

collMod
  Изменить настройки коллекции.
  Changes settings of the collection.

renameCollection
  Переименовать коллекцию; значение — прежнее имя с базой.
  Renames a collection; the value is its former name with the database.

explain
  Показать план выполнения вложенной команды.
  Tells how the command inside would be run.

buildInfo buildinfo
  Версия сервера и как он собран.
  The server's version and how it was built.

serverStatus
  Состояние сервера в числах.
  The state of the server in figures.

endSessions
  Закрыть сессии: драйвер закончил работу; значение — их номера.
  Closes sessions as the driver ends; the value are their ids.

commitTransaction
  Зафиксировать транзакцию этой сессии.
  Commits the transaction of this session.

abortTransaction
  Отменить транзакцию этой сессии.
  Aborts the transaction of this session.

saslStart
  Начать вход по SASL.
  Begins a login by SASL.

saslContinue
  Следующий шаг входа по SASL.
  The next step of a login by SASL.

getParameter
  Прочитать настройки сервера.
  Reads settings of the server.

dbStats collStats
  Размеры базы или коллекции.
  Sizes of the database or the collection.

$db
  База, к которой относится команда: в OP_MSG она стоит в теле.
  The database that the command is for: in OP_MSG it stands in the body.

lsid
  Сессия клиента: на ней держатся транзакции и повторы записи.
  The client's session: transactions and retried writes go by it.

txnNumber
  Номер транзакции или повторяемой записи в сессии: по нему сервер узнаёт повтор.
  The number of the transaction or retryable write in the session: a repetition is known by it.

stmtId stmtIds
  Номер операции внутри повторяемой записи.
  The operation's number within a retryable write.

startTransaction
  Первая команда транзакции.
  The first command of a transaction.

autocommit
  false: команда внутри транзакции, которую фиксируют отдельно.
  False: the command is in a transaction that is committed by itself.

$clusterTime
  Логические часы кластера: стороны передают друг другу самое позднее время.
  The cluster's logical clock: both sides tell each other the latest time.

clusterTime
  Время по логическим часам кластера.
  The time by the cluster's logical clock.

signature
  Подпись времени, чтобы клиент не мог его подделать.
  The signature of the time, so that no client can forge it.

hash
  Подпись времени кластера.
  The signature of the cluster's time.

keyId
  Каким ключом подписано время.
  The key that the time is signed with.

operationTime
  Когда по часам кластера выполнена операция: основа причинной согласованности.
  When the operation ran by the cluster's clock: what causal consistency rests on.

$readPreference
  С какой реплики читать: с главной, со вторичной, с ближайшей.
  Which member to read from: the primary, a secondary, the nearest.

mode
  Режим выбора реплики: primary, secondary, nearest и другие.
  How the member is chosen: primary, secondary, nearest, and others.

readConcern
  Насколько надёжные данные читать: local, majority, snapshot.
  How safe the data that are read have to be: local, majority, snapshot.

level
  Уровень readConcern: local, majority, linearizable, snapshot.
  The level of the read concern: local, majority, linearizable, snapshot.

afterClusterTime atClusterTime
  Читать состояние не раньше (after) или ровно на этот момент (at).
  Read a state that is not older than this moment (after), or exactly of it (at).

writeConcern
  Сколько реплик должны подтвердить запись, прежде чем придёт ответ.
  How many members have to acknowledge the write before the answer.

w
  Сколько реплик ждать: число или majority; 0 — ответа не будет.
  How many members to wait for: a number or majority; with 0 no answer comes.

j
  Ждать ли записи в журнал на диске.
  Whether to wait for the journal on disk.

wtimeout
  Сколько миллисекунд ждать реплик.
  How many milliseconds to wait for the members.

comment
  Пометка от клиента: видна в журнале и профиле; сюда кладут traceparent.
  A note of the client, seen in logs and profiles; traceparent is put here.

traceparent
  Контекст трассировки W3C: к какой трассе и какому спану относится команда.
  The trace context of W3C: the trace and the span that the command belongs to.
  W3C Trace Context §3.2

maxTimeMS
  Сколько миллисекунд сервер может выполнять команду.
  How many milliseconds the server may spend on the command.

container
  В каком контейнере работает клиент.
  The container that the client runs in.
  MongoDB Handshake

backpressure
  Драйвер умеет отступить и повторить, когда сервер перегружен.
  The driver can back off and try again when the server is overloaded.
  MongoDB Handshake
"""
