"""Of frames, headers, record batches and records."""

SENTENCES = """\
frame_length
  Сколько байт занимает сообщение после этого поля: по нему поток режется на кадры.
  How many bytes the message behind this field takes: the stream is cut into frames by it.

header
  Заголовок: по нему брокер узнаёт, что за запрос пришёл, а клиент — на что пришёл ответ.
  By the header the broker knows what it is asked, and the client what is answered.

header.request_api_key
  Номер API: какой вызов делает клиент (0 — Produce, 1 — Fetch и так далее).
  The number of the API: which call the client makes (0 is Produce, 1 is Fetch, and so on).

header.request_api_version
  Версия схемы этого запроса; ответ придёт в той же версии.
  In which version of its schema the request is written; the response comes in the same one.

header.correlation_id
  Номер, который выбрал клиент; брокер возвращает его в ответе, чтобы связать пару.
  A number chosen by the client; the broker sends it back, so that request and response are paired.

header.client_id
  Имя программы-клиента: видно в журналах и метриках брокера, по нему задаются квоты.
  The name of the client program: seen in logs and metrics of the broker, quotas go by it.

length
  Длина @ в байтах. В гибких версиях это uvarint: длина плюс один, 0 — null; иначе -1 — null.
  The size of @ in bytes. A uvarint is the size plus one, and 0 is null; else -1 is null.

count
  Сколько элементов в @. В гибких версиях это uvarint: число плюс один, 0 — null.
  How many elements @ has. In flexible versions a uvarint: the number plus one, and 0 is null.

presence
  Есть ли структура @: 1 — есть, -1 — вместо неё null.
  Whether the structure @ is there: 1 when it is, -1 for null.

tagged_fields
  Сколько необязательных полей с тегами стоит в конце структуры; чаще всего ноль.
  How many optional tagged fields stand at the end of the structure; mostly none.
  KIP-482

tag
  Номер необязательного поля: по нему читатель узнаёт поле или пропускает его.
  The number of the optional field: a reader knows the field by it, or skips it.
  KIP-482

size
  Сколько байт занимает поле с тегом: столько пропустит тот, кто его не знает.
  How many bytes the tagged field takes: so many skips whoever does not know it.
  KIP-482

unknown_tag
  Поле с тегом, которого нет в схеме: его прислала более новая сторона, оно пропускается.
  A field whose tag the schema does not have: sent by a newer peer, and skipped.
  KIP-482

behind_the_message
  Байты после конца сообщения: по схеме их здесь быть не должно.
  Bytes behind the end of the message: by the schema there should be none.

batch_that_is_cut_off
  Пачка записей, которой не хватило места: Fetch режет ответ по байтам, клиент запросит её снова.
  A batch that did not fit: Fetch cuts by bytes, and the client asks for it again.

compressed_records
  Записи пачки, сжатые вместе: брокер хранит и отдаёт их как есть, распаковывает потребитель.
  The records of the batch, compressed together: stored as they are, the consumer unpacks them.

batches
  Пачки записей подряд: в них записи лежат в запросе, в журнале на диске и в ответе.
  Record batches in a row: records lie in them in requests, in the log on disk, in responses.

batches.base_offset
  Оффсет первой записи пачки; продюсер шлёт 0, настоящий проставляет брокер.
  The offset of the first record; a producer sends 0, the broker writes the true one.

batches.length
  Длина пачки в байтах после этого поля.
  The size in bytes of the batch behind this field.

batches.leader_epoch
  Эпоха лидера, который принял пачку; по ней реплики находят расхождение журналов. -1 — ещё нет.
  The epoch of the leader that took the batch; replicas find by it where logs differ. -1 for none.

batches.magic
  Версия формата пачки; с Kafka 0.11 это 2.
  The version of the batch's format; 2 since Kafka 0.11.

batches.crc
  CRC-32C от attributes до конца пачки: base_offset и leader_epoch брокер правит, не меняя её.
  CRC-32C from attributes to the end. The broker may write base_offset and leader_epoch freely.

batches.attributes
  Биты пачки: сжатие, чьё время у записей, транзакция, служебная ли пачка.
  Bits of the batch: compression, whose time the records have, transaction, control batch.

batches.last_offset_delta
  На сколько оффсет последней записи больше base_offset; остаётся верным и после сжатия журнала.
  By how much the last record's offset is above base_offset; true after compaction, too.

batches.base_timestamp
  Время первой записи в миллисекундах: времена остальных записаны как разница с ним.
  The time of the first record in milliseconds: those of the others are told from it.

batches.max_timestamp
  Самое позднее время в пачке; по нему ищут оффсет по времени и удаляют старые сегменты.
  The latest time in the batch; offsets are found by time with it, old segments are deleted by it.

batches.producer_id
  Номер идемпотентного продюсера, который ему выдал брокер; -1 — продюсер не идемпотентен.
  The number that the broker gave an idempotent producer; -1 for one that is not.

batches.producer_epoch
  Эпоха продюсера: брокер отвергает пачки от его прежнего воплощения с меньшей эпохой.
  The producer's epoch: batches of a former life with a lower one are refused.

batches.base_sequence
  Номер первой записи у этого продюсера: по нему брокер отбрасывает повторы.
  The producer's number of the first record: by it the broker drops duplicates.

batches.count
  Сколько записей в пачке.
  How many records are in the batch.

batches.records
  Записи пачки: ключ, значение, заголовки и разницы времени и оффсета.
  The records of the batch: key, value, headers, and deltas of time and offset.

batches.records.length
  Длина записи в байтах, zigzag-varint.
  The size of the record in bytes, a zigzag varint.

batches.records.key.length batches.records.value.length batches.records.headers.value.length
  Сколько байт занимает значение; -1 — его нет (null). Zigzag-varint без прибавки единицы.
  How many bytes it takes; -1 for null. A zigzag varint, to which nothing is added.

batches.records.headers.key.length
  Сколько байт занимает имя заголовка; null здесь не бывает.
  How many bytes the header's name takes; it is never null.

batches.records.headers.count
  Сколько заголовков у записи. Zigzag-varint без прибавки единицы.
  How many headers the record has. A zigzag varint, to which nothing is added.

batches.records.attributes
  Биты записи; пока ни один не используется.
  Bits of the record; none is used yet.

batches.records.timestamp_delta
  На сколько миллисекунд запись позже base_timestamp пачки.
  By how many milliseconds the record is later than base_timestamp of the batch.

batches.records.offset_delta
  Место записи в пачке: её оффсет равен base_offset плюс это число.
  The record's place in the batch: its offset is base_offset plus this number.

batches.records.key
  Ключ записи: по нему продюсер выбирает партицию, по нему же журнал сжимается.
  The record's key: the producer chooses the partition by it, the log is compacted by it.

batches.records.value
  Значение записи: само сообщение; Kafka в него не заглядывает. null — удаление ключа (tombstone).
  The message itself; Kafka does not look inside. Null deletes the key (a tombstone).

batches.records.headers
  Заголовки записи: пары имя — байты, например traceparent; имена могут повторяться.
  Headers of the record: pairs of a name and bytes, such as traceparent; names may repeat.

batches.records.headers.key
  Имя заголовка записи.
  The name of the record's header.

batches.records.headers.value
  Байты заголовка; что они значат, решают приложения.
  The bytes of the header; what they mean is up to the applications.
"""
