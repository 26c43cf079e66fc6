"""Of what commands are given."""

SENTENCES = """\
filter
  Условие: какие документы нужны.
  The condition: which documents are wanted.

query
  Условие: какие документы нужны.
  The condition: which documents are wanted.

projection fields
  Какие поля документов вернуть.
  Which fields of the documents to return.

sort
  Порядок: поле и направление, 1 — по возрастанию, -1 — по убыванию.
  The order: fields with 1 for ascending and -1 for descending.

limit
  Сколько документов самое большее; в deletes 0 — все, 1 — один.
  How many documents at most; in deletes 0 is all and 1 is one.

skip
  Сколько документов пропустить.
  How many documents to skip.

batchSize
  Сколько документов присылать за раз.
  How many documents to send at a time.

singleBatch
  Закрыть курсор после первой порции.
  Close the cursor after the first batch.

hint
  Какой индекс взять.
  Which index to use.

collation
  Правила сравнения строк: язык, регистр.
  How strings are compared: language, case.

tailable
  Курсор остаётся открыт в конце и ждёт новых документов (capped-коллекция).
  The cursor stays open at the end and waits for new documents (capped collections).

awaitData
  Придержать ответ, пока новых документов нет.
  Hold the answer while there are no new documents.

allowDiskUse
  Можно ли сортировать и группировать на диске.
  Whether sorting and grouping may use the disk.

let
  Переменные, доступные в выражениях команды.
  Variables for the expressions of the command.

noCursorTimeout
  Не закрывать курсор, когда им долго не пользуются.
  Do not close the cursor when it is idle for long.

min max
  Граница ключей индекса.
  A bound of the index's keys.

documents
  Документы, которые вставить.
  The documents to insert.

ordered
  true — остановиться на первой ошибке, false — выполнить остальное.
  True stops at the first error, false goes on with the others.

bypassDocumentValidation
  Не проверять документы по схеме коллекции.
  Do not check documents against the collection's schema.

updates
  Что изменить: условия и новые значения.
  What to change: conditions and new values.

deletes
  Что удалить: условия.
  What to delete: conditions.

q
  Условие: какие документы менять или удалять.
  The condition: which documents to change or delete.

u
  Чем изменить: операторы, новый документ или конвейер.
  How to change: operators, a new document, or a pipeline.

upsert
  Вставить документ, если подходящего нет.
  Insert a document where none matches.

multi
  true — менять все подходящие документы, false — первый.
  True changes all documents that match, false the first.

arrayFilters
  Какие элементы массивов менять.
  Which elements of arrays to change.

c
  Константы для конвейера изменения.
  Constants for a pipeline of changes.

remove
  Удалить найденный документ.
  Remove the document that was found.

new
  Вернуть документ после изменения, а не до него.
  Return the document after the change, not before.

pipeline
  Стадии агрегации по порядку.
  The stages of the aggregation in order.

cursor
  Курсор: в запросе — его настройки, в ответе — порция документов.
  The cursor: its options in a command, a batch of documents in a reply.

key
  Поле, чьи значения нужны, или поля индекса.
  The field whose values are wanted, or the fields of an index.

indexes
  Индексы, которые создать.
  The indexes to make.

index
  Имя индекса; в ошибке записи — номер операции.
  The name of an index; in a write error the number of the operation.

name
  Имя того, о чём речь: индекса, драйвера, системы.
  The name of what this is about: an index, a driver, a system.

unique
  Запретить одинаковые значения.
  Forbid equal values.

sparse
  Не индексировать документы без этого поля.
  Leave documents without the field out of the index.

expireAfterSeconds
  Через сколько секунд удалять документы (TTL).
  After how many seconds documents are deleted (TTL).

partialFilterExpression
  Индексировать только документы с этим условием.
  Index only documents of this condition.

v
  Версия формата индекса.
  The version of the index's format.

background
  Строить индекс в фоне; теперь не действует.
  Build the index in the background; without effect by now.

commitQuorum
  Сколько реплик должны построить индекс.
  How many members have to build the index.

collection
  Имя коллекции.
  The name of the collection.

cursors
  Номера курсоров.
  The numbers of cursors.

nameOnly
  Вернуть только имена.
  Return names only.

authorizedCollections authorizedDatabases
  Показать лишь то, к чему есть доступ.
  List only what may be accessed.

capped
  Коллекция кольцевая: старые документы вытесняются новыми.
  The collection is capped: new documents push out old ones.

validator
  Условие, которому должны отвечать документы.
  The condition that documents have to meet.

validationLevel validationAction
  Когда проверять документы и что делать с неподходящими.
  When documents are checked, and what becomes of those that fail.

ops nsInfo
  Операции bulkWrite и коллекции, к которым они относятся.
  The operations of bulkWrite and the collections that they are for.

to
  Новое имя.
  The new name.

dropTarget
  Удалить коллекцию, которая уже носит новое имя.
  Drop the collection that has the new name already.

client
  Чем подключились: приложение, драйвер, система.
  What connects: application, driver, system.
  MongoDB Handshake

application
  Имя приложения: видно в журнале сервера.
  The name of the application, seen in the server's log.
  MongoDB Handshake

driver
  Название и версия драйвера.
  The name and version of the driver.
  MongoDB Handshake

os
  Операционная система клиента.
  The client's operating system.
  MongoDB Handshake

type
  Вид того, о чём речь: системы, операции, коллекции.
  The kind of what this is about: a system, an operation, a collection.

architecture
  Архитектура процессора.
  The architecture of the processor.
  MongoDB Handshake

version
  Версия того, о чём речь.
  The version of what this is about.

platform
  Среда выполнения драйвера.
  The runtime of the driver.
  MongoDB Handshake

env
  Облачная среда или контейнер, где работает клиент.
  The cloud environment or container that the client runs in.
  MongoDB Handshake

compression
  Способы сжатия сообщений, общие для сторон.
  The compressions of messages that are known.
  MongoDB Handshake

helloOk
  Сторона понимает команду hello.
  The peer knows the command hello.
  MongoDB Handshake

loadBalanced
  Соединение идёт через балансировщик.
  The connection goes through a load balancer.

saslSupportedMechs
  Какие способы входа есть у этого пользователя.
  Which mechanisms the user has for a login.

speculativeAuthenticate
  Первый шаг входа сразу в рукопожатии: экономит один обмен.
  The first step of the login within the handshake: spares a round trip.

mechanism
  Способ входа: SCRAM-SHA-256 и другие.
  The mechanism of the login: SCRAM-SHA-256 and others.

payload
  Сообщение механизма входа; в нём секреты, поэтому оно скрыто.
  A message of the login's mechanism; it holds secrets and is not shown.

conversationId
  Номер входа, который продолжается.
  The number of the login that goes on.

done
  Вход завершён.
  The login is complete.

db
  База, где заведён пользователь.
  The database of the user.

skipEmptyExchange
  Опустить последний пустой шаг входа.
  Leave out the last, empty step of the login.

maxAwaitTimeMS
  Сколько сервер может держать hello, пока ничего не меняется.
  How long the server may hold hello while nothing changes.

topologyVersion
  Версия сведений сервера о себе: сменится — сервер ответит раньше срока.
  The version of what the server knows of itself: when it changes, an answer comes early.

processId
  Номер этого запуска сервера.
  The id of this run of the server.

counter
  Сколько раз сведения менялись.
  How often they have changed.
"""
