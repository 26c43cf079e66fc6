"""What each argument of the methods is for: those of one method, then those of several."""

from stend.kit.fields import Meaning
from stend.wire.amqp.method_meanings import METHODS, source_of
from stend.wire.content.words import meanings_of

_TABLE = """
version_major
  Старшая часть версии протокола: 0 у AMQP 0-9-1.
  The major part of the protocol's version: 0 in AMQP 0-9-1.

version_minor
  Младшая часть версии протокола: 9 у AMQP 0-9-1.
  The minor part of the protocol's version: 9 in AMQP 0-9-1.

server_properties
  Что брокер говорит о себе: продукт, версия и какие расширения он умеет (capabilities).
  What the broker says of itself: product, version, and its extensions (capabilities).

mechanisms
  Способы входа через пробел: PLAIN — имя и пароль, EXTERNAL — по сертификату.
  Ways to log in, with spaces between: PLAIN — name and password, EXTERNAL — by certificate.

locales
  Языки текстов об ошибках через пробел; на деле один en_US.
  Languages of error texts, with spaces between; in practice en_US alone.

client_properties
  Что клиент говорит о себе: библиотека, версия, имя соединения и какие расширения он понимает.
  What the client says of itself: library, version, name of the connection, extensions it knows.

mechanism
  Выбранный способ входа.
  The way to log in that was chosen.

Connection.StartOk.response
  Данные для входа; у PLAIN это имя и пароль через нулевые байты, поэтому здесь скрыты.
  What logs in; with PLAIN it is name and password between zero bytes, so it is masked here.

Connection.SecureOk.response
  Ответ механизма SASL на вызов; скрыт, потому что доказывает знание секрета.
  The mechanism's response to the challenge; masked, since it proves to know a secret.

challenge
  Вызов механизма SASL: данные, на которые клиент должен ответить.
  The challenge of the SASL mechanism: what the client has to respond to.

locale
  Выбранный язык текстов об ошибках.
  The language of error texts that was chosen.

channel_max
  Наибольший номер канала; 0 — предела нет.
  The highest number of a channel; 0 — there is no limit.

frame_max
  Наибольший размер кадра вместе с его восемью служебными байтами; длинное тело делят на кадры.
  The largest frame, its eight own bytes included; a longer body is cut into several.

heartbeat
  Период heartbeat в секундах; 0 — не слать. Два пропуска подряд означают, что собеседник умер.
  Seconds between heartbeats; 0 — none. Where two are missing, the peer is taken for dead.

virtual_host
  Имя виртуального хоста; обычно «/».
  The name of the virtual host; usually /.

capabilities
  Осталось от прежних версий протокола; всегда пусто.
  Left over from earlier versions of the protocol; always empty.

insist
  Осталось от прежних версий протокола; всегда 0.
  Left over from earlier versions of the protocol; always 0.

known_hosts
  Осталось от прежних версий протокола; всегда пусто.
  Left over from earlier versions of the protocol; always empty.

Connection.Close.reply_code Channel.Close.reply_code
  Почему закрыто: 200 — по доброй воле, 404 — нет такого, 406 — условие не выполнено.
  Why it is closed: 200 — of free will, 404 — no such thing, 406 — a condition was not met.

Basic.Return.reply_code
  Почему сообщение вернулось: 312 NO_ROUTE — ни одна очередь не подошла.
  Why the message came back: 312 NO_ROUTE — no queue matched.

reply_text
  То же словами; RabbitMQ пишет сюда подробности.
  The same in words; RabbitMQ puts details here.

class_id
  Класс метода, который вызвал ошибку; 0 — дело не в методе.
  The class of the method that caused the error; 0 — it was no method.

method_id
  Номер метода, который вызвал ошибку, внутри его класса.
  The method that caused the error, by its number inside its class.

Connection.Blocked.reason
  Чего не хватает брокеру: памяти или места на диске.
  What the broker lacks: memory or disk.

new_secret
  Новый токен; скрыт.
  The new token; masked.

Connection.UpdateSecret.reason
  Зачем секрет меняют; попадает в журнал брокера.
  Why the secret is changed; the broker's log has it.

out_of_band
  Осталось от прежних версий протокола; всегда пусто.
  Left over from earlier versions of the protocol; always empty.

channel_id
  Осталось от прежних версий протокола; всегда пусто.
  Left over from earlier versions of the protocol; always empty.

active
  1 — сообщения идут, 0 — остановлены.
  1 — messages flow, 0 — they are held.

ticket
  Осталось от прежних версий протокола (билет доступа); всегда 0.
  Left over from earlier versions of the protocol (an access ticket); always 0.

Exchange.Declare.exchange
  Имя обменника; начинаться с amq. могут только встроенные.
  The name of the exchange; only those built in may begin with amq.

exchange_type
  Как обменник выбирает очереди: direct — по равенству ключа, topic — по шаблону, fanout — во все,
    headers — по заголовкам.
  How the exchange finds queues: direct — by an equal key, topic — by a pattern, fanout — all of
    them, headers — by headers.

Exchange.Declare.passive Queue.Declare.passive
  1 — только проверить, что есть: иначе ошибка 404; ничего не создавать.
  1 — only check that it is there, error 404 otherwise; make nothing.

Exchange.Declare.durable
  1 — обменник переживёт перезапуск брокера.
  1 — the exchange survives a restart of the broker.

Queue.Declare.durable
  1 — очередь переживёт перезапуск брокера; сообщения — только если у них ещё и delivery_mode 2.
  1 — the queue survives a restart of the broker; its messages do only with delivery_mode 2.

Exchange.Declare.auto_delete
  1 — обменник исчезнет, когда уйдёт последняя его привязка.
  1 — the exchange goes away with its last binding.

Queue.Declare.auto_delete
  1 — очередь исчезнет, когда уйдёт последний её потребитель.
  1 — the queue goes away with its last consumer.

internal
  1 — публиковать в обменник нельзя: он получает сообщения только от других обменников.
  1 — nobody may publish to the exchange: it gets messages from other exchanges only.

nowait
  1 — отвечать не нужно: клиент не ждёт. Ошибку он всё равно узнает — канал закроется.
  1 — no answer is wanted: the client does not wait. A mistake still closes the channel.

Exchange.Declare.arguments
  Дополнительные свойства, например alternate-exchange: куда отдать то, что некуда направить.
  Further properties, such as alternate-exchange: who gets what cannot be routed.

Exchange.Delete.exchange
  Какой обменник удалить.
  Which exchange to delete.

Exchange.Delete.if_unused
  1 — удалить, только если у обменника нет привязок.
  1 — delete it only where it has no bindings.

destination
  Обменник, который получит сообщения.
  The exchange that gets the messages.

source
  Обменник, из которого пойдут сообщения.
  The exchange that the messages come from.

routing_key
  Ключ привязки: у direct — точный, у topic — шаблон, где * — одно слово, а # — сколько угодно.
  The key of the binding: exact with direct; a pattern with topic, where * is one word and # any.

Exchange.Bind.arguments Exchange.Unbind.arguments Queue.Bind.arguments Queue.Unbind.arguments
  Условия обменника headers: значения заголовков и x-match — все или хотя бы одно.
  What a headers exchange compares: values of headers, and x-match — all of them or any.

Queue.Declare.queue
  Имя очереди; пустое — пусть брокер придумает сам.
  The name of the queue; empty — the broker shall make one up.

exclusive
  1 — только для одного: очередь живёт, пока живо это соединение; потребитель не терпит других.
  1 — for one alone: the queue lives as long as this connection; the consumer suffers no other.

Queue.Declare.arguments
  Свойства очереди: тип, срок жизни и предел числа сообщений, куда уходят отвергнутые
    (x-dead-letter-…).
  Properties of the queue: its type, how long and how many messages it keeps, where dead ones go.

Queue.DeclareOk.queue
  Имя очереди: важно, если его придумал брокер.
  The name of the queue: it matters where the broker made it up.

Queue.DeclareOk.message_count
  Сколько сообщений ждут доставки; доставленные без подтверждения не считаются.
  How many messages wait for delivery; those delivered and unacknowledged do not count.

consumer_count
  Сколько у очереди потребителей.
  How many consumers the queue has.

Queue.Bind.queue Queue.Unbind.queue
  Какая очередь; пустое имя — та, что объявлена на этом канале последней.
  Which queue; an empty name is the one declared last on this channel.

Queue.Bind.exchange Queue.Unbind.exchange
  К какому обменнику относится привязка.
  Which exchange the binding is with.

Queue.Purge.queue
  Какую очередь очистить.
  Which queue to empty.

Queue.PurgeOk.message_count Queue.DeleteOk.message_count
  Сколько сообщений пропало.
  How many messages are gone.

Queue.Delete.queue
  Какую очередь удалить.
  Which queue to delete.

Queue.Delete.if_unused
  1 — удалить, только если у очереди нет потребителей.
  1 — delete it only where it has no consumers.

if_empty
  1 — удалить, только если очередь пуста.
  1 — delete it only where it is empty.

prefetch_size
  Предел в байтах; RabbitMQ понимает только 0 — без предела.
  A limit in bytes; RabbitMQ takes 0 alone, which is none.

prefetch_count
  Сколько неподтверждённых сообщений держать у потребителя; 0 — сколько угодно. Чем меньше, тем
    ровнее делится работа.
  How many unacknowledged messages a consumer holds; 0 — any number. The fewer, the more evenly
    work is shared.

global_
  0 — предел для каждого нового потребителя, 1 — общий на весь канал: так у RabbitMQ.
  0 — the limit of each new consumer, 1 — one for the whole channel: so RabbitMQ has it.

Basic.Consume.queue
  Из какой очереди получать; пустое имя — объявленная последней.
  The queue to get messages from; empty is the one declared last.

Basic.Consume.consumer_tag
  Имя потребителя на этом канале; пустое — пусть брокер придумает сам.
  The name of the consumer on this channel; empty — the broker shall make one up.

no_local
  1 — не получать опубликованного этим же соединением; RabbitMQ этого не умеет и не замечает.
  1 — not what this same connection publishes; RabbitMQ does not know it and takes no notice.

no_ack
  1 — брокер забывает сообщение, едва отправив: подтверждать нечего, но упавший потребитель его
    теряет.
  1 — the broker forgets a message once it is sent: nothing to acknowledge, lost if a consumer dies.

Basic.Consume.arguments
  Свойства потребителя: например, x-priority или с какого места читать поток (x-stream-offset).
  Properties of the consumer, such as x-priority, or where to begin in a stream (x-stream-offset).

Basic.ConsumeOk.consumer_tag
  Имя потребителя: с ним придут его доставки.
  The name of the consumer: its deliveries carry it.

Basic.Cancel.consumer_tag Basic.CancelOk.consumer_tag
  Какого потребителя отменяют.
  Which consumer ends.

Basic.Publish.exchange
  Какому обменнику; пустое имя — встроенный, который кладёт прямо в очередь с именем routing_key.
  To which exchange; the empty name is the default one, which puts it into the queue routing_key.

Basic.Publish.routing_key
  Ключ, по которому обменник выбирает очереди.
  The key by which the exchange finds queues.

mandatory
  1 — если направить некуда, вернуть (Basic.Return); 0 — молча выбросить.
  1 — return it where no queue matches (Basic.Return); 0 — drop it without a word.

immediate
  1 — вернуть, если некому отдать сразу; RabbitMQ этого больше не умеет и закроет соединение.
  1 — return it where no consumer takes it at once; RabbitMQ has dropped that and closes.

Basic.Return.exchange
  Куда сообщение публиковали.
  Where the message was published.

Basic.Return.routing_key
  С каким ключом его публиковали.
  The key that it was published with.

Basic.Deliver.consumer_tag
  Кому доставка: имя потребителя из ConsumeOk.
  Who it is for: the consumer's name of ConsumeOk.

Basic.Deliver.delivery_tag Basic.GetOk.delivery_tag
  Номер доставки на этом канале, с 1: им подтверждают.
  The number of the delivery on this channel, from 1: what acknowledges it names it.

redelivered
  1 — сообщение уже доставляли: возможно, его успели обработать, поэтому нужна идемпотентность.
  1 — it was delivered before, and may have been dealt with: a consumer must be idempotent.

Basic.Deliver.exchange Basic.GetOk.exchange
  Через какой обменник сообщение пришло.
  The exchange that the message came through.

Basic.Deliver.routing_key Basic.GetOk.routing_key
  С каким ключом сообщение опубликовали.
  The key that the message was published with.

Basic.Get.queue
  Из какой очереди.
  From which queue.

Basic.GetOk.message_count
  Сколько сообщений в очереди осталось.
  How many messages are left in the queue.

cluster_id
  Осталось от прежних версий протокола; всегда пусто.
  Left over from earlier versions of the protocol; always empty.

Basic.Ack.delivery_tag
  Что подтверждается: номер доставки, а от брокера — номер публикации на канале. 0 с multiple — всё.
  What is acknowledged: a delivery's number, from the broker that of a publish. 0 with multiple:
    all.

Basic.Ack.multiple Basic.Nack.multiple
  1 — не только этот номер, но и все меньшие.
  1 — not this number alone, but all lower ones with it.

Basic.Reject.delivery_tag Basic.Nack.delivery_tag
  Номер, к которому относится отказ.
  The number that is refused.

Basic.Reject.requeue Basic.Nack.requeue
  1 — вернуть в очередь, 0 — выбросить или отдать в DLX. С 1 испорченное сообщение ходит по кругу.
  1 — back into the queue, 0 — away, or to the dead letter exchange. With 1 a poison message loops.

Basic.Recover.requeue Basic.RecoverAsync.requeue
  1 — можно отдать другому потребителю; 0 (тому же самому) RabbitMQ не умеет.
  1 — another consumer may get it; 0 (the same one) RabbitMQ cannot do.
"""

_ARGUMENTS = meanings_of("", _TABLE)


def argument_meaning(method: str, name: str) -> Meaning:
    """What an argument is for: in that method, where it has a sentence of its own.

    Args:
        method: `Basic.Publish`.
    """
    found = _ARGUMENTS.get(f"{method}.{name}") or _ARGUMENTS[name]
    known = METHODS.get(method)
    return found._replace(source=known.source if known else source_of(method))
