"""What each method is for (chapters 1.4 to 1.9 of the specification; the rest is RabbitMQ's)."""

from stend.kit.fields import Meaning
from stend.wire.content.words import meanings_of

_CHAPTERS = {
    "Connection": "1.4",
    "Channel": "1.5",
    "Exchange": "1.6",
    "Queue": "1.7",
    "Basic": "1.8",
    "Tx": "1.9",
}
_TABLE = """
Connection.Start
  Брокер начинает: называет себя, версию протокола и способы входа.
  The broker begins: it names itself, the version of the protocol and the ways to log in.

Connection.StartOk
  Клиент называет себя и входит выбранным способом.
  The client names itself and logs in, in the way it chose.

Connection.Secure
  Брокер продолжает диалог входа: задаёт вызов механизма SASL.
  The broker goes on with the login: a challenge of the SASL mechanism.

Connection.SecureOk
  Ответ клиента на вызов механизма SASL.
  The client's response to the challenge of the SASL mechanism.

Connection.Tune
  Брокер предлагает пределы: число каналов, размер кадра, период heartbeat.
  The broker proposes limits: channels, size of a frame, delay of heartbeats.

Connection.TuneOk
  Клиент принимает пределы или уменьшает их; с этого места они действуют.
  The client takes the limits or lowers them; they hold from here.

Connection.Open
  Клиент выбирает виртуальный хост: у каждого свои обменники, очереди и права.
  The client chooses a virtual host: each has exchanges, queues and permissions of its own.

Connection.OpenOk
  Хост открыт: можно открывать каналы.
  The host is open: channels can be opened now.

Connection.Close
  Сторона закрывает соединение; код и текст говорят, почему. Все каналы закрываются вместе с ним.
  One side closes the connection; code and text tell why. All its channels close with it.

Connection.CloseOk
  Закрытие подтверждено: можно разрывать TCP.
  The close is confirmed: TCP may be cut.

Connection.Blocked
  Брокеру не хватает памяти или диска: публикации этого соединения ждут.
  The broker lacks memory or disk: what this connection publishes has to wait.
  RabbitMQ: connection.blocked

Connection.Unblocked
  Ресурсов снова хватает: публиковать можно.
  There are resources again: publishing may go on.
  RabbitMQ: connection.blocked

Connection.UpdateSecret
  Клиент присылает новый токен, пока старый не истёк, не разрывая соединения.
  The client sends a new token before the old one expires, without a new connection.
  RabbitMQ: connection.update-secret

Connection.UpdateSecretOk
  Новый токен принят.
  The new token was taken.
  RabbitMQ: connection.update-secret

Channel.Open
  Открывает канал: независимый разговор внутри того же TCP-соединения.
  Opens a channel: a conversation of its own inside the same TCP connection.

Channel.OpenOk
  Канал открыт.
  The channel is open.

Channel.Flow
  Просит другую сторону приостановить или продолжить поток сообщений.
  Asks the other side to pause or to go on with sending messages.

Channel.FlowOk
  Подтверждает, что поток приостановлен или возобновлён.
  Confirms that the flow is paused or goes on.

Channel.Close
  Закрывает канал. От брокера это ответ на ошибку: код и текст говорят, что не так, соединение живо.
  Closes the channel. From the broker it answers a mistake: code and text tell which; the
    connection lives on.

Channel.CloseOk
  Закрытие канала подтверждено; его номер можно открыть снова.
  The close is confirmed; the number of the channel may be opened again.

Exchange.Declare
  Создаёт обменник или проверяет, что он есть и такой же: с другими свойствами будет ошибка 406.
  Makes an exchange, or checks that it is there and the same: other properties give error 406.

Exchange.DeclareOk
  Обменник есть.
  The exchange is there.

Exchange.Delete
  Удаляет обменник вместе с его привязками.
  Deletes an exchange with its bindings.

Exchange.DeleteOk
  Обменник удалён.
  The exchange is deleted.

Exchange.Bind
  Привязывает обменник к обменнику: подходящие сообщения пойдут из source в destination.
  Binds one exchange to another: messages that match go from source to destination.
  RabbitMQ: exchange to exchange bindings

Exchange.BindOk
  Обменники связаны.
  The exchanges are bound.
  RabbitMQ: exchange to exchange bindings

Exchange.Unbind
  Убирает привязку обменника к обменнику.
  Removes a binding between two exchanges.
  RabbitMQ: exchange to exchange bindings

Exchange.UnbindOk
  Привязки больше нет.
  The binding is gone.
  RabbitMQ: exchange to exchange bindings

Queue.Declare
  Создаёт очередь или проверяет, что она есть и такая же: с другими свойствами будет ошибка 406.
  Makes a queue, or checks that it is there and the same: other properties give error 406.

Queue.DeclareOk
  Очередь есть; ответ говорит её имя, сколько в ней сообщений и потребителей.
  The queue is there; the answer tells its name, its messages and its consumers.

Queue.Bind
  Привязывает очередь к обменнику: какие из его сообщений в неё попадут.
  Binds a queue to an exchange: which of its messages come into the queue.

Queue.BindOk
  Очередь привязана.
  The queue is bound.

Queue.Unbind
  Убирает привязку очереди к обменнику.
  Removes the binding of a queue to an exchange.

Queue.UnbindOk
  Привязки больше нет.
  The binding is gone.

Queue.Purge
  Выбрасывает из очереди все сообщения, кроме уже доставленных без подтверждения.
  Throws away all messages of a queue, except those delivered and not acknowledged.

Queue.PurgeOk
  Очередь очищена; ответ говорит, сколько сообщений пропало.
  The queue is empty; the answer tells how many messages are gone.

Queue.Delete
  Удаляет очередь вместе с сообщениями и привязками.
  Deletes a queue with its messages and its bindings.

Queue.DeleteOk
  Очередь удалена; ответ говорит, сколько сообщений пропало.
  The queue is deleted; the answer tells how many messages went with it.

Basic.Qos
  Сколько неподтверждённых сообщений брокер может держать у потребителя разом (prefetch).
  How many unacknowledged messages a consumer may hold at once (prefetch).

Basic.QosOk
  Предел принят.
  The limit is set.

Basic.Consume
  Подписывает потребителя на очередь: брокер будет присылать сообщения сам.
  Starts a consumer of a queue: the broker will send it messages unasked.

Basic.ConsumeOk
  Подписка есть; за этим ответом пойдут доставки.
  The consumer is there; deliveries follow this answer.

Basic.Cancel
  Отменяет подписку. От брокера — значит, очередь потребителя исчезла.
  Ends a consumer. From the broker it means that the consumer's queue is gone.

Basic.CancelOk
  Подписка отменена.
  The consumer has ended.

Basic.Publish
  Отдаёт сообщение обменнику. Ответа нет: дойдёт ли оно, скажут подтверждения публикаций.
  Gives a message to an exchange. Nothing answers: publisher confirms tell whether it arrived.

Basic.Return
  Брокер возвращает сообщение, которое с флагом mandatory некуда было направить.
  The broker returns a message that was mandatory and had no queue to go to.

Basic.Deliver
  Доставка потребителю; само сообщение идёт следом: заголовок и тело.
  A delivery to a consumer; the message itself follows: header and body.

Basic.Get
  Просит одно сообщение из очереди, без подписки. Дорого: на каждое нужен свой запрос.
  Asks for one message of a queue, without a consumer. Costly: each takes a request of its own.

Basic.GetOk
  Сообщение есть и идёт следом: заголовок и тело.
  There is a message, and it follows: header and body.

Basic.GetEmpty
  Очередь пуста.
  The queue is empty.

Basic.Ack
  Подтверждение: от потребителя — сообщение обработано, можно забыть; от брокера — публикация
    принята.
  An acknowledgement: from a consumer — the message is done with and may be forgotten; from the
    broker — what was published is taken.

Basic.Reject
  Потребитель отказывается от одного сообщения: вернуть в очередь или выбросить (в DLX, если он
    есть).
  A consumer refuses one message: back into the queue, or away (to the dead letter exchange, where
    there is one).

Basic.Nack
  Отказ, как Reject, но можно сразу от многих. От брокера — публикацию принять не удалось.
  A refusal like Reject, of many at once if need be. From the broker: the publish was not taken.
  RabbitMQ: basic.nack

Basic.RecoverAsync
  Старый способ вернуть в очередь всё неподтверждённое, без ответа.
  The old way to have all that is unacknowledged delivered again, without an answer.

Basic.Recover
  Просит доставить заново всё, что канал не подтвердил.
  Asks for everything that the channel has not acknowledged to be delivered again.

Basic.RecoverOk
  Неподтверждённое вернулось в очередь.
  What was unacknowledged is back.

Tx.Select
  Канал становится транзакционным: публикации и подтверждения ждут Commit.
  The channel becomes transactional: what is published and acknowledged waits for Commit.

Tx.SelectOk
  Канал транзакционный.
  The channel is transactional.

Tx.Commit
  Применяет всё, что накопилось с прошлого Commit.
  Applies everything since the last Commit.

Tx.CommitOk
  Транзакция применена.
  The transaction is applied.

Tx.Rollback
  Отменяет накопленное: публикации забыты, подтверждения не состоялись.
  Undoes what has gathered: nothing is published, nothing acknowledged.

Tx.RollbackOk
  Транзакция отменена.
  The transaction is undone.

Confirm.Select
  Включает подтверждения публикаций: брокер ответит Ack или Nack на каждую.
  Turns on publisher confirms: the broker answers each publish with Ack or Nack.
  RabbitMQ: publisher confirms

Confirm.SelectOk
  Подтверждения включены; публикации канала считаются с 1.
  Confirms are on; what the channel publishes is counted from 1.
  RabbitMQ: publisher confirms
"""


def source_of(method: str) -> str:
    """The place in the specification where a method is described."""
    name, _, verb = method.partition(".")
    chapter = _CHAPTERS.get(name)
    if chapter is None:
        return f"RabbitMQ: {name.lower()}.{verb.lower()}"
    return f"AMQP 0-9-1 §{chapter} {name.lower()}.{verb.lower()}"


METHODS: dict[str, Meaning] = {
    name: one if one.source else one._replace(source=source_of(name))
    for name, one in meanings_of("", _TABLE).items()
}
