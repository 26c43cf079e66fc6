"""What the parts of frames, content headers and field tables are for, by their names."""

from stend.kit.fields import Meaning
from stend.wire.content.words import meanings_of

_FRAMES = """
protocol_id
  Четыре буквы AMQP: с них клиент начинает соединение, ещё до первого кадра.
  The four letters AMQP: a client begins a connection with them, before any frame.
  AMQP 0-9-1 §4.2.2

protocol_version
  Версия протокола, которую хочет клиент. Если брокер такой не знает, он ответит своей и закроет
    TCP.
  The version that the client wants. A broker that does not know it answers with its own and closes.
  AMQP 0-9-1 §4.2.2

type
  Что в кадре: 1 — метод, 2 — заголовок содержимого, 3 — часть тела, 8 — heartbeat.
  What the frame holds: 1 — a method, 2 — a content header, 3 — a part of a body, 8 — a heartbeat.

channel
  Номер канала: разговоры разных каналов чередуются в одном соединении. 0 — о соединении самом.
  The channel: conversations of several alternate on one connection. 0 is the connection itself.

size
  Сколько байт в кадре между этим полем и последним октетом.
  How many bytes stand between this field and the last octet of the frame.

frame_end
  Всегда 0xCE: по нему замечают, что размер не сошёлся и поток сбился.
  Always 0xCE: where it is anything else, a size was wrong and the stream is lost.

class
  Класс метода: connection, channel, exchange, queue, basic, tx, confirm.
  The class of the method: connection, channel, exchange, queue, basic, tx, confirm.

heartbeat
  Пустой кадр: «я жив». Его шлют, когда больше нечего.
  An empty frame: it says nothing but that the peer is alive.
  AMQP 0-9-1 §4.2.7

length
  Длина строки в байтах.
  How many bytes the string has.
  AMQP 0-9-1 §4.2.5.3

text
  Сама строка.
  The string itself.
  AMQP 0-9-1 §4.2.5.3

bits
  Несколько флагов подряд делят один октет, начиная с младшего бита.
  Flags that stand one after another share an octet, from its lowest bit on.
  AMQP 0-9-1 §4.2.5.2
"""
_CONTENT = """
content_class
  Класс содержимого: всегда 60, basic.
  The class of the content: always 60, basic.

weight
  Не используется; всегда 0.
  Not used; always 0.

body_size
  Длина тела в байтах: столько соберётся из следующих кадров. 0 — кадров тела не будет вовсе.
  Bytes of the body: as many come in the frames that follow. 0 — there are none at all.

property_flags
  Какие из четырнадцати свойств присутствуют: по биту на каждое, старший — первое.
  Which of the fourteen properties are there: a bit each, the highest for the first.

body
  Тело сообщения или его часть: брокер в него не заглядывает.
  The body of the message or a part of it: the broker does not look inside.
  AMQP 0-9-1 §4.2.6.2

content_type
  Что лежит в теле: тип MIME, например application/json.
  What the body is: a MIME type, such as application/json.

content_encoding
  Как тело сжато, например gzip; брокер сам ничего не сжимает.
  How the body is compressed, such as gzip; the broker never does it itself.

headers
  Заголовки приложения: любые имена и значения. По ним выбирает обменник headers, здесь же едет
    traceparent.
  Headers of the application, any names and values. A headers exchange looks at them; traceparent
    travels here.

delivery_mode
  1 — сообщение можно потерять при перезапуске, 2 — хранить на диске (если очередь durable).
  1 — a restart may lose the message, 2 — it is kept on disk (where the queue is durable).

priority
  Приоритет от 0 до 255: действует в очереди, объявленной с x-max-priority.
  The priority, 0 to 255: it matters in a queue declared with x-max-priority.

correlation_id
  К какому запросу относится ответ: отвечающий возвращает его без изменений.
  Which request an answer belongs to: who answers gives it back unchanged.

reply_to
  Куда слать ответ: обычно имя очереди.
  Where to send the answer: usually the name of a queue.

expiration
  Сколько миллисекунд сообщение может ждать в очереди; число записано строкой.
  How many milliseconds the message may wait in a queue; the number is written as a string.

message_id
  Имя сообщения, которое дал отправитель: по нему потребитель узнаёт повтор.
  The sender's name for the message: by it a consumer knows a repetition.

timestamp
  Когда сообщение создано, в секундах с 1970 года.
  When the message was made, in seconds since 1970.

type_property
  Какого рода сообщение, по словарю приложения: например, имя события.
  Which kind of message it is, in the application's words: the name of an event.

user_id
  Кто отправил; брокер проверит, что это имя, под которым вошло соединение.
  Who sent it; the broker checks that the connection logged in under this name.

app_id
  Какое приложение отправило.
  Which application sent it.

cluster_id
  Осталось от прежних версий протокола; не используется.
  Left over from earlier versions of the protocol; not used.
"""
_TABLES = """
table_size
  Сколько байт занимает таблица за этим полем.
  How many bytes the table takes behind this field.

array_size
  Сколько байт занимает массив за этим полем.
  How many bytes the array takes behind this field.

name_length
  Длина имени в байтах.
  How many bytes the name has.

name
  Имя записи таблицы.
  The name of an entry of the table.

value_type
  Буква типа: S — строка, t — да/нет, I и l — целые, F — таблица, A — массив, T — время.
  The letter of the type: S — string, t — yes or no, I and l — integers, F — table, A — array, T —
    time.

value_length
  Сколько байт в значении.
  How many bytes the value has.

value
  Само значение.
  The value itself.

scale
  Сколько знаков десятичного числа стоит после точки.
  How many digits of the decimal number stand behind its point.

entry
  Запись таблицы: имя, тип и значение.
  An entry of a table: name, type and value.

element
  Элемент массива: тип и значение.
  An element of an array: type and value.
"""
_ENTRIES = """
traceparent
  Контекст трассировки W3C: номер трассы и шага, который отправил сообщение.
  The trace context of W3C: the trace, and the span that sent the message.
  W3C Trace Context §3.2

x-death
  История «смертей» сообщения: из какой очереди, почему и сколько раз оно уходило в DLX.
  How the message died before: in which queue, why, and how often it went to a dead letter exchange.
  RabbitMQ: dead letter exchanges

x-first-death-exchange x-first-death-queue x-first-death-reason
  Где и почему сообщение «умерло» в первый раз; больше не меняется.
  Where and why the message died for the first time; it does not change later.
  RabbitMQ: dead letter exchanges

x-delivery-count
  Сколько раз доставка не удалась: так очередь quorum узнаёт испорченное сообщение.
  How many deliveries failed: so a quorum queue knows a poison message.
  RabbitMQ: quorum queues

x-dead-letter-exchange
  Куда уходят сообщения, которые истекли, отвергнуты или не поместились.
  Where messages go that expired, were refused, or found no room.
  RabbitMQ: dead letter exchanges

x-dead-letter-routing-key
  С каким ключом они туда уходят; без него — с прежним.
  The key they go there with; without it they keep their own.
  RabbitMQ: dead letter exchanges

x-message-ttl
  Сколько миллисекунд сообщение ждёт в этой очереди самое большее.
  How many milliseconds a message waits in this queue at most.
  RabbitMQ: time-to-live and expiration

x-expires
  Через сколько миллисекунд без дела очередь удаляется сама.
  After how many idle milliseconds the queue deletes itself.
  RabbitMQ: time-to-live and expiration

x-max-length x-max-length-bytes
  Предел очереди; что делать с лишним, говорит x-overflow.
  The limit of the queue; x-overflow tells what happens to more.
  RabbitMQ: queue length limit

x-overflow
  Что делать с лишним: выбросить самое старое, отказать новому или отдать его в DLX.
  What happens to more: the oldest goes, or the newest is refused, or goes to the DLX.
  RabbitMQ: queue length limit

x-max-priority
  Сколько приоритетов различает очередь.
  How many priorities the queue tells apart.
  RabbitMQ: priority queues

x-queue-type
  Как устроена очередь: classic, quorum или stream.
  How the queue is made: classic, quorum or stream.
  RabbitMQ: queues

x-single-active-consumer
  Сообщения получает только один потребитель, прочие ждут, пока он уйдёт.
  One consumer alone gets messages, the others wait until it leaves.
  RabbitMQ: consumers

x-match
  all — должны совпасть все заголовки привязки, any — хотя бы один.
  all — each header of the binding has to match, any — one is enough.

alternate-exchange
  Какому обменнику отдать сообщения, которые этот никуда не направил.
  The exchange that gets what this one found no queue for.
  RabbitMQ: alternate exchanges

x-priority
  Приоритет потребителя: больший получает сообщения первым.
  The consumer's priority: the higher one gets messages first.
  RabbitMQ: consumer priorities

x-stream-offset
  С какого места потока читать: first, last, next, номер или время.
  Where in the stream to begin: first, last, next, a number or a time.
  RabbitMQ: streams

product version platform copyright information
  Сведения о программе на другом конце.
  What the program at the other end says of itself.
  AMQP 0-9-1 §1.4 connection.start

connection_name
  Имя соединения: его показывает панель управления RabbitMQ.
  The name of the connection; RabbitMQ's management shows it.
  RabbitMQ: connections

capabilities
  Какие расширения протокола понимает эта сторона.
  The extensions of the protocol that this side knows.
  RabbitMQ: protocol extensions

publisher_confirms
  Умеет подтверждать публикации (Confirm.Select).
  Publisher confirms are known (Confirm.Select).
  RabbitMQ: publisher confirms

consumer_cancel_notify
  Понимает Basic.Cancel от брокера: очередь потребителя исчезла.
  Basic.Cancel from the broker is known: a consumer's queue is gone.
  RabbitMQ: consumer cancel notify

basic.nack
  Умеет Basic.Nack.
  Basic.Nack is known.
  RabbitMQ: basic.nack

connection.blocked
  Понимает, что брокер может приостановить публикации.
  That the broker may hold publishes up is known.
  RabbitMQ: connection.blocked

authentication_failure_close
  Понимает отказ во входе как Connection.Close с кодом 403, а не молчаливый разрыв.
  A refused login comes as Connection.Close with code 403, not as a silent cut.
  RabbitMQ: authentication failure notifications

exchange_exchange_bindings
  Умеет привязывать обменник к обменнику.
  Exchanges can be bound to exchanges.
  RabbitMQ: exchange to exchange bindings
"""

FIELDS: dict[str, Meaning] = {
    **meanings_of("AMQP 0-9-1 §4.2.3", _FRAMES),
    **meanings_of("AMQP 0-9-1 §4.2.6.1", _CONTENT),
    **meanings_of("AMQP 0-9-1 §4.2.5.5", _TABLES),
}
ENTRIES: dict[str, Meaning] = meanings_of("RabbitMQ: exchanges", _ENTRIES)
