"""Of replies."""

SENTENCES = """\
ok
  1 — команда выполнена, 0 — ошибка. Ошибки отдельных записей сюда не входят: они в writeErrors.
  1 when the command was run, 0 for an error. Errors of single writes are in writeErrors.

n
  Сколько документов затронуто: вставлено, найдено для изменения, удалено.
  How many documents it was: inserted, matched for a change, deleted.

nModified
  Сколько документов изменилось на самом деле: совпавшие без изменений не считаются.
  How many documents really changed: those that were so already do not count.

upserted
  Документы, которые вставил upsert, с их _id.
  Documents that an upsert inserted, with their _id.

errmsg
  Что случилось, словами сервера.
  What happened, in the server's words.

code
  Номер ошибки: 11000 — повтор уникального ключа, 112 — конфликт записи.
  The number of the error: 11000 is a duplicate key, 112 a write conflict.

codeName
  Имя ошибки.
  The name of the error.

errorLabels
  Что с ошибкой делать драйверу: TransientTransactionError — повторить транзакцию.
  What a driver may do: TransientTransactionError lets it repeat the transaction.

writeErrors
  Операции, которые не удались, хотя команда выполнена.
  The operations that failed although the command was run.

writeConcernError
  Запись выполнена, но столько реплик её не подтвердили.
  The write was done, but not acknowledged by so many members.

errInfo
  Подробности ошибки.
  Details of the error.

keyPattern
  Какой уникальный индекс нарушен.
  Which unique index was violated.

keyValue
  Какое значение повторилось.
  Which value came twice.

firstBatch
  Первая порция документов.
  The first batch of documents.

nextBatch
  Следующая порция документов.
  The next batch of documents.

id
  Номер: у курсора 0 — документов больше нет; у сессии — её UUID.
  The number: a cursor's 0 says that nothing is left; a session's is its UUID.

ns
  База и коллекция через точку.
  Database and collection with a dot between.

partialResultsReturned
  Часть шардов не ответила.
  Some shards did not answer.

postBatchResumeToken
  Откуда продолжить поток изменений после этой порции.
  Where to resume the change stream after this batch.

value
  Найденный документ; null — не нашёлся.
  The document that was found; null for none.

values
  Разные значения поля.
  The different values of the field.

lastErrorObject
  Что сделано с документом: изменён, вставлен, не найден.
  What became of the document: updated, inserted, not found.

updatedExisting
  Изменён уже существовавший документ.
  A document that was there has been changed.

cursorsKilled cursorsNotFound cursorsAlive cursorsUnknown
  Что стало с курсорами, которые просили закрыть.
  What became of the cursors that were to be closed.

isWritablePrimary
  Это главный узел: пишут в него.
  This is the primary: writes go to it.
  MongoDB Handshake

secondary
  Это вторичная реплика.
  This is a secondary.
  MongoDB Handshake

setName
  Имя набора реплик.
  The name of the replica set.
  MongoDB Handshake

setVersion electionId
  По ним драйвер узнаёт, какой из главных узлов новее.
  By these a driver knows which of two primaries is the newer one.
  MongoDB Handshake

hosts passives arbiters
  Узлы набора реплик: данные, без права стать главным, только голосующие.
  The members: with data, never primary, voting only.
  MongoDB Handshake

primary
  Адрес главного узла.
  The address of the primary.
  MongoDB Handshake

me
  Под каким адресом узел знают в наборе.
  The address that the set knows this member by.
  MongoDB Handshake

lastWrite opTime lastWriteDate majorityOpTime majorityWriteDate
  Последняя запись узла: по ней судят, насколько реплика отстала.
  The member's last write: tells how far it lags.
  MongoDB Handshake

maxBsonObjectSize
  Сколько байт в документе самое большее.
  How many bytes a document may have.
  MongoDB Handshake

maxMessageSizeBytes
  Сколько байт в сообщении самое большее.
  How many bytes a message may have.
  MongoDB Handshake

maxWriteBatchSize
  Сколько записей в одной команде самое большее.
  How many writes a command may have.
  MongoDB Handshake

localTime
  Время на сервере.
  The time at the server.
  MongoDB Handshake

logicalSessionTimeoutMinutes
  Через сколько минут без дела сессия истечёт; есть — значит, сессии поддерживаются.
  After how many idle minutes a session ends; where it is told there are sessions.
  MongoDB Handshake

connectionId
  Номер соединения на сервере: он же в журнале.
  The number of the connection at the server, as in its log.
  MongoDB Handshake

minWireVersion maxWireVersion
  Какие версии протокола понимает сервер: по ним драйвер решает, что можно.
  The versions of the protocol that the server knows: they tell a driver what it may use.
  MongoDB Handshake

readOnly
  Сервер принимает только чтение.
  The server takes reads only.
  MongoDB Handshake

msg
  isdbgrid — это маршрутизатор mongos.
  isdbgrid says that this is a mongos.
  MongoDB Handshake

databases
  Базы.
  The databases.

sizeOnDisk totalSize totalSizeMb
  Сколько места занято на диске.
  How much of the disk is used.

empty
  В базе ничего нет.
  The database holds nothing.

numIndexesBefore numIndexesAfter nIndexesWas
  Сколько индексов было и стало.
  How many indexes there were and are.

createdCollectionAutomatically
  Коллекции не было, и она создана.
  The collection did not exist and was made.

note
  Пояснение: например, что такие индексы уже есть.
  A remark: that the indexes are there already, for one.

options info idIndex
  Настройки коллекции и сведения о ней.
  Settings of the collection, and what is known of it.

nErrors nInserted nMatched nUpserted nDeleted
  Итоги bulkWrite: ошибки, вставлено, найдено, вставлено через upsert, удалено.
  Results of bulkWrite: errors, inserted, matched, upserted, deleted.

queryPlanner executionStats
  План запроса и во что он обошёлся.
  The plan of the query, and what it cost.

recoveryToken
  Чем восстановить исход транзакции через другой mongos.
  By this the outcome of a transaction is found out through another mongos.

retriedStmtIds
  Какие операции сервер узнал как повтор и не выполнял снова.
  The operations known as repetitions, which were not run again.

idx
  Номер операции в команде.
  The number of the operation in the command.

_id
  Первичный ключ документа.
  The primary key of the document.

ts
  Время записи: секунды и счётчик внутри секунды.
  The time of the write: seconds, and a counter within the second.

t
  Срок, в котором главный узел сделал запись.
  The term of the primary that did the write.
"""
