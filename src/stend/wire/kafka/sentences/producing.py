"""Of producing, fetching and transactions."""

SENTENCES = """\
transactional_id
  Имя транзакционного продюсера, которое переживает перезапуск: по нему брокер отсекает старые
    копии. null — без транзакций.
  The name of a transactional producer, kept over restarts: old copies are fenced by it. Null
    without transactions.

acks
  Чьего подтверждения ждёт продюсер: 0 — ничьего и ответа не будет, 1 — лидера, -1 — всех реплик
    ISR.
  Whose acknowledgement is awaited: 0 nobody's and no response comes, 1 the leader's, -1 all
    in-sync replicas'.

timeout_ms
  Сколько миллисекунд брокер может ждать выполнения, прежде чем ответить ошибкой.
  How many milliseconds the broker may wait for completion before it answers with an error.

topic_data
  Записи, разложенные по топикам: один запрос может писать сразу в несколько.
  The records by topics: one request can write to several.

partition_data
  Записи топика по партициям: каждая партиция принимается или отвергается отдельно.
  A topic's records by partitions: each partition is accepted or refused on its own.

index
  Номер партиции в топике.
  The number of the partition in its topic.

records
  Пачки записей так, как они лежат в журнале: брокер не перекладывает их, а хранит и отдаёт
    целиком.
  Record batches as they lie in the log: the broker stores and serves them without repacking.

responses
  Итоги по тем, кого назвал запрос: у каждого свой код ошибки.
  Results for what the request named: each has its own error code.

partition_responses
  Итог записи в каждую партицию.
  The result of writing to each partition.

base_offset
  Оффсет, который получила первая запись: с ним продюсер узнаёт место своих данных в журнале.
  The offset that the first record got: tells the producer where in the log its data are.

log_append_time_ms
  Время, которое брокер поставил записям; -1, если топик хранит время продюсера (CreateTime).
  The time that the broker gave the records; -1 where the topic keeps the producer's (CreateTime).

log_start_offset
  Самый ранний оффсет, который ещё есть в журнале: что раньше, уже удалено.
  The earliest offset still in the log: what was before is deleted.

record_errors
  Записи, из-за которых отвергнута вся пачка.
  The records because of which the whole batch was refused.
  KIP-467

batch_index
  Номер отвергнутой записи в пачке.
  The number of the refused record in the batch.
  KIP-467

batch_index_error_message
  Чем не подошла именно эта запись; null — подробностей нет.
  What is wrong with this very record; null where nothing more is told.
  KIP-467

current_leader
  Кто теперь лидер партиции: клиент обновит адрес без нового запроса Metadata.
  Who leads the partition now: the client learns it without asking for Metadata again.
  KIP-951

node_endpoints
  Адреса новых лидеров, названных в этом ответе.
  Addresses of the new leaders that this response names.
  KIP-951

transaction_timeout_ms
  Сколько транзакция может оставаться открытой: потом координатор отменит её сам.
  How long a transaction may stay open: then the coordinator aborts it.

producer_id
  Номер продюсера, выданный брокером: вместе с эпохой и номером записи отсекает повторы. -1 — нет.
  The producer's number, given by the broker: drops duplicates with epoch and sequence. -1 for
    none.

producer_epoch
  Эпоха продюсера: растёт с каждым перезапуском, меньшие эпохи брокер отвергает.
  The producer's epoch: grows with each restart, lower ones are refused.

enable2_pc
  Продюсер участвует во внешней двухфазной фиксации: координатор не отменит транзакцию по таймауту.
  The producer is part of a two-phase commit outside: its transaction is not aborted by a timeout.
  KIP-939

keep_prepared_txn
  Не отменять при перезапуске транзакцию, которую внешний координатор уже подготовил.
  Keep the transaction that an outside coordinator has prepared, instead of aborting it on restart.
  KIP-939

ongoing_txn_producer_id
  Номер продюсера, чья подготовленная транзакция ещё открыта; -1 — такой нет.
  The producer whose prepared transaction is still open; -1 for none.
  KIP-939

ongoing_txn_producer_epoch
  Эпоха продюсера той подготовленной транзакции.
  The producer's epoch of that prepared transaction.
  KIP-939

transactions
  Транзакции, к которым добавляются партиции; брокеры спрашивают сразу о нескольких.
  The transactions that partitions are added to; brokers ask about several at once.
  KIP-890

verify_only
  Не добавлять партиции, а лишь проверить, что они уже в транзакции.
  Add nothing, only check that the partitions are in the transaction already.
  KIP-890

v3_and_below_transactional_id
  Транзакция, к которой продюсер добавляет партиции (старая форма запроса, до версии 3).
  The transaction that the producer adds partitions to (the old form, up to version 3).

v3_and_below_producer_id
  Номер продюсера этой транзакции (старая форма запроса).
  The producer of this transaction (the old form).

v3_and_below_producer_epoch
  Эпоха продюсера этой транзакции (старая форма запроса).
  The producer's epoch in this transaction (the old form).

v3_and_below_topics
  Топики, чьи партиции входят в транзакцию (старая форма запроса).
  Topics whose partitions join the transaction (the old form).

results_by_transaction
  Итоги по каждой транзакции запроса.
  The results for each transaction of the request.

topic_results
  Итоги по топикам транзакции.
  The results by topics of the transaction.

results_by_topic_v3_and_below
  Итоги по топикам (старая форма ответа, до версии 3).
  The results by topics (the old form of the response, up to version 3).

results_by_partition
  Итоги по партициям топика.
  The results by partitions of the topic.

partition_error_code
  Почему партицию не добавили в транзакцию; 0 — добавили.
  Why the partition was not added to the transaction; 0 when it was.

committed
  Чем закончить транзакцию: true — зафиксировать, false — отменить.
  How to end the transaction: true commits it, false aborts it.

markers
  Метки конца транзакций, которые координатор велит записать в партиции.
  Markers of ended transactions that the coordinator wants written to the partitions.

transaction_result
  Чем кончилась транзакция: true — фиксация, false — отмена.
  How the transaction ended: true is a commit, false an abort.

transaction_version
  Версия протокола транзакций, по которой пишется метка.
  The version of the transaction protocol that the marker is written by.

coordinator_epoch
  Эпоха координатора транзакций: метки от прежнего координатора отвергаются.
  The epoch of the transaction coordinator: markers of a former one are refused.

active_producers
  Продюсеры, которых партиция помнит: их номера, последние записи, открытые транзакции.
  The producers that the partition remembers: numbers, last records, open transactions.
  KIP-664

last_sequence
  Номер последней записи этого продюсера в партиции.
  The number of this producer's last record in the partition.

last_timestamp
  Время последней записи этого продюсера.
  The time of this producer's last record.

current_txn_start_offset
  Где в партиции началась открытая транзакция продюсера; -1 — открытой нет.
  Where the producer's open transaction begins in the partition; -1 for none.

transaction_states
  Состояния транзакций, о которых спросили.
  The states of the transactions that were asked for.

transaction_state
  Состояние транзакции: Empty, Ongoing, PrepareCommit, CompleteCommit и так далее.
  The state of the transaction: Empty, Ongoing, PrepareCommit, CompleteCommit, and so on.

transaction_start_time_ms
  Когда транзакция открылась, в миллисекундах; -1 — не открыта.
  When the transaction was opened, in milliseconds; -1 when it is not.

transactional_ids
  Транзакции, о которых спрашивают.
  The transactions that are asked for.

state_filters
  Показать транзакции только в этих состояниях; пусто — во всех.
  Only transactions in these states; empty for all.

producer_id_filters
  Показать транзакции только этих продюсеров; пусто — всех.
  Only transactions of these producers; empty for all.

duration_filter
  Показать транзакции, открытые дольше стольких миллисекунд; -1 — любые.
  Only transactions open for more milliseconds than this; -1 for any.

transactional_id_pattern
  Регулярное выражение для имён транзакций; null — любые.
  A regular expression for the names of transactions; null for any.

unknown_state_filters
  Состояния из фильтра, которых брокер не знает.
  States of the filter that the broker does not know.

max_wait_ms
  Сколько брокер может держать запрос, ожидая min_bytes: так потребитель не опрашивает впустую.
  How long the broker may hold the request for min_bytes: spares the consumer empty polling.

min_bytes
  С каким количеством байт брокер отвечает сразу; меньше — ждёт до max_wait_ms.
  With how many bytes the broker answers at once; with fewer it waits up to max_wait_ms.

max_bytes
  Сколько байт записей отдать самое большее; первая пачка придёт целиком, даже если она больше.
  How many bytes of records to send at most; a first batch comes whole even if it is larger.

isolation_level
  Что видит читатель: 0 — и записи незавершённых транзакций, 1 — только зафиксированные.
  What the reader sees: 0 also records of open transactions, 1 only committed ones.

session_id
  Номер сессии чтения: в ней клиент шлёт лишь изменения списка партиций. 0 — сессии нет.
  The fetch session: within it the client sends only changes of its partitions. 0 without one.
  KIP-227

session_epoch
  Номер запроса внутри сессии чтения; 0 — открыть сессию, -1 — закрыть.
  The request's number in the fetch session; 0 opens one, -1 closes it.
  KIP-227

current_leader_epoch
  Какую эпоху лидера знает клиент: отставший получит FENCED_LEADER_EPOCH вместо неверных данных.
  The leader's epoch that the client knows: a stale one gets FENCED_LEADER_EPOCH, not wrong data.
  KIP-320

fetch_offset
  С какого оффсета читать.
  The offset to read from.

last_fetched_epoch
  Эпоха последней прочитанной записи: по ней лидер замечает, что журнал читателя разошёлся с его.
  The epoch of the last record read: tells the leader that the reader's log has diverged.
  KIP-595

partition_max_bytes
  Сколько байт записей отдать из этой партиции самое большее.
  How many bytes of records to send from this partition at most.

replica_directory_id
  Каталог с журналами, из которого спрашивает реплика; потребитель поле не заполняет.
  The log directory that a replica asks from; consumers leave it empty.

high_watermark
  Оффсет, до которого записи есть у всех реплик ISR: дальше потребитель не читает.
  The offset up to which all in-sync replicas have the records: consumers read no further.

forgotten_topics_data
  Партиции, которые клиент убирает из сессии чтения.
  Partitions that the client takes out of its fetch session.
  KIP-227

rack_id
  Стойка клиента: брокер может направить его читать с ближайшей реплики.
  The client's rack: the broker may send it to the nearest replica.
  KIP-392

replica_state
  Кто читает, если это реплика, а не потребитель.
  Who reads, where it is a replica and no consumer.

replica_id
  Номер брокера-реплики, которая спрашивает; -1 — обычный клиент.
  The number of the replica that asks; -1 for an ordinary client.

replica_epoch
  Эпоха брокера-реплики: запросы его прежнего запуска отвергаются.
  The epoch of the replica's broker: requests of its former run are refused.

last_stable_offset
  Оффсет, до которого нет незавершённых транзакций: предел чтения для READ_COMMITTED.
  The offset before which no transaction is open: how far READ_COMMITTED reads.

aborted_transactions
  Отменённые транзакции в этих данных: читатель READ_COMMITTED сам пропускает их записи.
  Aborted transactions in these data: a READ_COMMITTED reader skips their records itself.

first_offset
  Оффсет, с которого начинается этот отрезок.
  The offset that this range begins with.

last_offset
  Оффсет, которым этот отрезок кончается, включительно.
  The offset that this range ends with, inclusive.

preferred_read_replica
  С какой реплики читать дальше; -1 — с лидера.
  Which replica to read from next; -1 for the leader.
  KIP-392

diverging_epoch
  Последнее место, где журналы лидера и читателя совпадают: дальше читатель должен обрезать свой.
  Where the logs of leader and reader agree last: the reader has to cut its own there.
  KIP-595

snapshot_id
  Снимок состояния, который надо скачать вместо журнала.
  The snapshot that has to be fetched instead of the log.
  KIP-630

end_offset
  Оффсет, перед которым отрезок кончается: первый, который в него уже не входит.
  The offset before which the range ends: the first that is not in it.

timestamp
  Момент в миллисекундах, для которого ищут оффсет; -1 — конец журнала, -2 — его начало.
  The moment in milliseconds to find the offset for; -1 is the end of the log, -2 its beginning.

offset
  Оффсет — номер записи в партиции.
  The offset: the number of a record in its partition.

low_watermark
  Самый ранний оффсет, который остался после удаления.
  The earliest offset that is left after the deletion.
"""
