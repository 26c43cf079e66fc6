"""`/messages`: brokers, what can be done to them, and the life of one message."""

from collections.abc import Mapping

from stend.kit.languages import Text

_PAGE: Mapping[str, Text] = {
    "nav.messages": Text("Сообщения", "Messages"),
    "msg.intro": Text("брокеры сейчас и путь каждого сообщения", "the brokers now, and each path"),
    "msg.freeze": Text("Замереть", "Freeze"),
    "msg.go_on": Text("Продолжить", "Go on"),
    "msg.stale": Text("не обновляется, повтор каждые 2 с", "not live, retrying every 2 s"),
    "msg.reading": Text("читаем брокер", "reading the broker"),
    "msg.per_s": Text("{rate}/с", "{rate}/s"),
    # ---- RabbitMQ
    "msg.rabbit.what": Text(
        "обменник, привязка, очередь, потребитель", "exchange, binding, queue, consumer"
    ),
    "msg.ready": Text("готовы", "ready"),
    "msg.unacked": Text("без ack", "unacked"),
    "msg.topology": Text("Топология RabbitMQ", "Topology of RabbitMQ"),
    "msg.queue": Text("Очередь", "Queue"),
    "msg.consumers": Text("Читают", "Consumers"),
    "msg.default": Text("(по умолчанию)", "(default)"),
    "msg.prefetch.none": Text("prefetch без предела", "unlimited prefetch"),
    "msg.nobody": Text("никто не читает", "nobody reads"),
    "msg.nobody.dead": Text("вернуть вручную", "requeue by hand"),
    "msg.publisher": Text("публикует", "publishes"),
    "msg.undrawn": Text(
        "На схеме {shown} очередей, ещё {more} не поместились: брокер у вас большой.",
        "The picture shows {shown} queues, {more} more do not fit: your broker is a large one.",
    ),
    "msg.unread": Text(
        "Портал читает не больше {limit} объектов каждого вида; не прочитано: {count}.",
        "The portal reads up to {limit} objects of a kind; not read: {count}.",
    ),
    "msg.no_publishers": Text(
        "Кто публикует, видно только отводу, а он выключен.",
        "Only the tap sees who publishes, and it is off.",
    ),
    "msg.rates_window": Text(
        "темп очередей — по счётчикам брокера, темп публикаций — по отводу за {seconds} с",
        "rates of queues by the broker's counters, of publishing by the tap over {seconds} s",
    ),
    # ---- Kafka
    "msg.kafka.what": Text("тема, раздел, группа", "topic, partition, group"),
    "msg.topic": Text("Тема", "Topic"),
    "msg.partition": Text("Раздел", "Partition"),
    "msg.log": Text("Журнал: от старого к новому", "Log: old to new"),
    "msg.begin": Text("Начало", "Begin"),
    "msg.end": Text("Конец", "End"),
    "msg.lag": Text("отставание", "lag"),
    "msg.lag.of": Text("Отстаёт", "Lag"),
    "msg.group": Text("Группа", "Group"),
    "msg.group.state": Text("Состояние", "State"),
    "msg.group.members": Text("Участники", "Members"),
    "msg.group.partitions": Text("Разделы", "Partitions"),
    "msg.group.none": Text("никого", "none"),
    "msg.group.own": Text("без группы, оффсеты хранит сам", "no group, keeps its offsets itself"),
    "msg.cursor": Text(
        "{group}: оффсет {offset}, отстаёт на {lag}", "{group}: offset {offset}, lag {lag}"
    ),
    "msg.no_groups": Text(
        "Групп нет: кто читает без группы, своих оффсетов брокеру не отдаёт.",
        "No groups: who reads without one commits no offsets to the broker.",
    ),
    "msg.no_leader": Text("нет лидера", "no leader"),
    "msg.no_topics": Text("Тем пока нет", "No topics yet"),
    "msg.no_topics.what": Text(
        "Темы заводят те, кто в них пишет: первый же заказ создаст orders.events.",
        "Topics are made by who writes to them: the first order makes orders.events.",
    ),
    # ---- why there is nothing
    "msg.failure.absent": Text("Этого брокера в стенде нет", "The stand has no such broker"),
    "msg.failure.absent.what": Text(
        "Стенд запущен без него: показать нечего.", "The stand was started without it."
    ),
    "msg.failure.down": Text("Брокер не работает", "The broker does not run"),
    "msg.failure.down.what": Text(
        "Дело в брокере, не в странице. Спросим снова через секунду.",
        "It is the broker, not this page. It is asked again in a second.",
    ),
    "msg.failure.away": Text("Брокер не отвечает", "The broker does not answer"),
    "msg.failure.away.what": Text(
        "Дело в брокере или пути к нему. Спросим снова через секунду.",
        "It is the broker or the way to it. It is asked again in a second.",
    ),
    "msg.failure.refused": Text("Брокер отказал", "The broker refuses"),
    "msg.failure.refused.what": Text(
        "Проверьте права пользователя из адреса брокера.",
        "See what the user in the broker's address may do.",
    ),
    "msg.failure.strange": Text("Ответил не брокер", "Something else has answered"),
    "msg.failure.strange.what": Text(
        "По этому адресу отвечает не то, чего ждёт портал.",
        "What answers at this address is not what the portal expects.",
    ),
    "msg.failure.large": Text("Ответ слишком велик", "The answer is too large"),
    "msg.failure.large.what": Text(
        "Портал столько не читает, чтобы не занять память стенда.",
        "The portal does not read so much, to spare the stand's memory.",
    ),
    "msg.failure.no_management": Text(
        "Адрес API управления неизвестен", "The management API's address is unknown"
    ),
    "msg.failure.no_management.what": Text(
        "RabbitMQ ваш, а очереди и счётчики он отдаёт только через HTTP API управления. "
        "Задайте amqp.management_url. Жизнь сообщений видна и без него.",
        "RabbitMQ is yours, and only its management API tells queues and counts. "
        "Set amqp.management_url. The lives of messages show without it.",
    ),
    "msg.failure.no_leader": Text("У раздела нет лидера", "The partition has no leader"),
    "msg.failure.no_leader.what": Text(
        "Пока его не выберут, писать и читать некуда.",
        "Until one is elected nobody can write or read.",
    ),
    "msg.failure.no_partition": Text("Такого раздела нет", "There is no such partition"),
    "msg.failure.no_partition.what": Text("Возьмите один из существующих.", "Take one there is."),
    "msg.stale_since": Text("картина на {time}, обновить не удаётся", "as of {time}, not updated"),
    # ---- recent
    "msg.recent": Text("Недавние сообщения", "Recent messages"),
    "msg.recent.when": Text("Когда", "When"),
    "msg.recent.id": Text("Сообщение", "Message"),
    "msg.recent.type": Text("Тип", "Type"),
    "msg.recent.wires": Text("Протокол", "Protocol"),
    "msg.recent.path": Text("Последний шаг", "Last step"),
    "msg.recent.state": Text("Итог", "State"),
    "msg.recent.filter": Text("id, очередь, тема, тип", "id, queue, topic, type"),
    "msg.recent.any": Text("все", "all"),
    "msg.recent.apply": Text("Показать", "Show"),
    "msg.recent.reset": Text("Сбросить", "Reset"),
    "msg.recent.bound": Text("не больше {limit}", "up to {limit}"),
    "msg.recent.let_go": Text(
        "кольцо отпустило обменов с сообщениями: {count}",
        "exchanges with messages that the ring let go: {count}",
    ),
    "msg.twice": Text("дубль", "duplicate"),
    "msg.none": Text("Сообщений ещё не было", "No message yet"),
    "msg.none.what": Text(
        "Здесь появится каждое сообщение, которое пройдёт через отвод. Оформите заказ.",
        "Every message that passes the tap shows up here. Place an order.",
    ),
    "msg.none.next": Text("Оформить заказ", "Place an order"),
    "msg.none_such": Text("Под фильтр ничего не попало", "Nothing fits the filter"),
    "msg.none_such.what": Text(
        "Сбросьте фильтр или поищите другую часть имени.",
        "Reset the filter or look for another part of a name.",
    ),
    "msg.off": Text("Отвод выключен", "The tap is off"),
    "msg.off.what": Text(
        "Топология и счётчики приходят от самих брокеров и видны. Жизнь сообщения собирается из "
        "того, что прошло через отвод, поэтому её нет. Запустите стенд без --no-tap.",
        "Topology and counts come from the brokers and are there. The life of a message is made "
        "of what passes the tap, so there is none. Start the stand without --no-tap.",
    ),
}

_LIFE: Mapping[str, Text] = {
    "life.title": Text("Жизнь сообщения", "Life of a message"),
    "life.other_names": Text("Другие имена", "Other names"),
    "life.what": Text(
        "собрана из обменов, которые записал отвод, и ни из чего больше",
        "made of exchanges that the tap recorded, and of nothing else",
    ),
    "life.step": Text("Шаг", "Step"),
    "life.after": Text("Через", "After"),
    "life.where": Text("Место", "Place"),
    "life.who": Text("Между кем", "Between"),
    "life.bytes": Text("Байты", "Bytes"),
    "life.left_off": Text("ранних шагов не показано: {count}", "earlier steps not shown: {count}"),
    "life.no_beginning": Text(
        "Начала не видно: публикация прошла до записи или кольцо её уже отпустило.",
        "The beginning is not there: it passed before the recording, or the ring let it go.",
    ),
    "life.ring": Text(
        "Кольцо {limit}; отпущено обменов: {count}.",
        "The ring holds {limit}; exchanges let go: {count}.",
    ),
    "life.related": Text("Рядом", "Near it"),
    "life.related.what": Text(
        "сообщения той же трассы или с тем же correlation_id",
        "messages of the same trace or correlation_id",
    ),
    "life.trace": Text("Трасса", "Trace"),
    "life.gone": Text("О таком сообщении отвод не помнит", "The tap remembers no such message"),
    "life.gone.what": Text(
        "Либо оно не проходило через отвод, либо кольцо его уже отпустило.",
        "It did not pass the tap, or the ring has let it go.",
    ),
    "life.back": Text("К сообщениям", "To the messages"),
    "life.routed": Text("ключ {routing}", "key {routing}"),
    "life.by_multiple": Text("вместе с другими (multiple)", "with others (multiple)"),
    "life.back_to_queue": Text("requeue: обратно в очередь", "requeue: back to the queue"),
    "life.not_back": Text("без requeue", "without requeue"),
    "did.published": Text("опубликовано", "published"),
    "did.confirmed": Text("принято брокером", "confirmed"),
    "did.not_confirmed": Text("брокер не принял, nack", "nacked by the broker"),
    "did.returned": Text("вернулось: очереди нет", "returned: no queue"),
    "did.delivered": Text("доставлено", "delivered"),
    "did.fetched": Text("взято по basic.get", "fetched by basic.get"),
    "did.acked": Text("подтверждено, ack", "acknowledged, ack"),
    "did.nacked": Text("не принято, nack", "refused, nack"),
    "did.rejected": Text("отвергнуто, reject", "refused, reject"),
    "did.stored": Text("записано в журнал", "stored in the log"),
    "did.not_stored": Text("не записано", "not stored"),
    "did.read": Text("прочитано", "read"),
    "did.called": Text("вызван вебхук", "webhook called"),
    "did.answered": Text("получатель принял", "accepted"),
    "did.refused": Text("получатель отказал", "refused"),
    "mark.redelivered": Text("доставлено повторно, redelivered", "redelivered"),
    "mark.again": Text("дубль: доставка {count}", "duplicate: delivery {count}"),
    "mark.published_again": Text("опубликовано {count}-й раз", "published {count} times"),
    "mark.attempt": Text("попытка {count}", "attempt {count}"),
    "mark.retried": Text("будет повтор", "to be retried"),
    "mark.dead": Text("уходит в DLX", "goes to the DLX"),
    "mark.came_dead": Text("умерло раз: {count}, x-death", "deaths: {count}, x-death"),
    "ending.done": Text("обработано", "done"),
    "ending.waiting": Text("ждёт", "waiting"),
    "ending.with_consumer": Text("у получателя", "with the consumer"),
    "ending.failed": Text("отказ", "failed"),
    "ending.dead": Text("мёртвое", "dead"),
}

_HAND: Mapping[str, Text] = {
    "hand.title": Text("Сделать вручную", "By hand"),
    "hand.peek": Text("Посмотреть", "Look"),
    "hand.peek.queue": Text("Заглянуть в очередь", "Look into a queue"),
    "hand.peek.log": Text("Прочитать журнал Kafka", "Read a log of Kafka"),
    "hand.peek.what": Text(
        "До 50 сообщений берутся и сразу возвращаются (ack_requeue_true): порядок тот же, "
        "но каждое получает пометку redelivered.",
        "Up to 50 messages are taken and put back at once (ack_requeue_true): in the same order, "
        "but each is marked as redelivered.",
    ),
    "hand.peek.did": Text(
        "Все сообщения вернулись в очередь, теперь с пометкой redelivered.",
        "All messages are back in the queue, marked as redelivered from now on.",
    ),
    "hand.read.what": Text(
        "До 50 записей с этого оффсета, без группы: ничьи оффсеты не сдвигаются.",
        "Up to 50 records from this offset, without a group: nobody's offsets move.",
    ),
    "hand.read.did": Text(
        "Чтение без группы ничего не меняет. Повтор — новая запись в конец того же раздела, "
        "с заголовком stend_replayed_from.",
        "Reading without a group changes nothing. A replay is a new record at the end of the same "
        "partition, with the header stend_replayed_from.",
    ),
    "hand.offset": Text("Оффсет", "Offset"),
    "hand.key": Text("Ключ", "Key"),
    "hand.exchange": Text("Обменник", "Exchange"),
    "hand.headers": Text("Заголовки, JSON", "Headers, JSON"),
    "hand.body": Text("Тело, JSON", "Body, JSON"),
    "hand.publish": Text("Опубликовать", "Publish"),
    "hand.publish.amqp": Text("Опубликовать в RabbitMQ", "Publish to RabbitMQ"),
    "hand.publish.kafka": Text("Опубликовать в Kafka", "Publish to Kafka"),
    "hand.publish.what": Text(
        "Без обменника ключ — имя очереди. Портал ждёт подтверждения брокера; "
        "если очереди нет, сообщение вернётся (mandatory).",
        "Without an exchange the key names a queue. The portal waits for the broker's confirm; "
        "without a queue the message comes back (mandatory).",
    ),
    "hand.publish.kafka.what": Text(
        "Раздел выбираете вы, а не хэш ключа. Портал ждёт acks=all.",
        "You choose the partition, not the hash of the key. The portal waits for acks=all.",
    ),
    "hand.requeue": Text("Вернуть в очередь", "Requeue"),
    "hand.requeue.what": Text(
        "отмеченные, туда, где умерли; если связь оборвётся посередине, сообщение может удвоиться",
        "the chosen ones, where they died; a connection lost half-way may double a message",
    ),
    "hand.replay": Text("Записать ещё раз", "Produce again"),
    "hand.nothing": Text("Здесь пусто", "Nothing here"),
    "hand.nothing.what": Text("Сообщений не нашлось.", "No message was found."),
    "hand.advice.rejected": Text(
        "Отвергнуто потребителем {queue}. Возврат поможет, только если причина устранена: "
        "то же тело тот же код отвергнет снова.",
        "Refused by the consumer of {queue}. Requeueing helps only if the cause is gone: "
        "the same code refuses the same body again.",
    ),
    "hand.advice.expired": Text(
        "Просрочено в {queue}. Возврат поможет, если потребитель теперь успевает; "
        "проверьте, нужен ли ещё ответ.",
        "Expired in {queue}. Requeueing helps if the consumer keeps up now; "
        "see whether anybody still waits for it.",
    ),
    "hand.advice.maxlen": Text(
        "Вытеснено из переполненной {queue}. Возврат поможет, когда в ней есть место.",
        "Pushed out of {queue}, which was full. Requeueing helps once there is room.",
    ),
    "hand.advice.delivery_limit": Text(
        "Исчерпало попытки в {queue}. Без исправления потребителя кончится тем же.",
        "Out of attempts in {queue}. Without a fix of the consumer it ends the same way.",
    ),
    "hand.advice.other": Text(
        "Умерло в {queue} по причине, которой портал не знает: решать вам.",
        "Died in {queue} for a reason that the portal does not know: it is up to you.",
    ),
    "hand.advice.unknown": Text(
        "Нет x-death: откуда сообщение, неизвестно, вернуть некуда.",
        "No x-death: where it comes from is unknown, so it cannot be requeued.",
    ),
    "hand.log": Text("Что сделано", "What was done"),
    "hand.log.none": Text(
        "Пока ничего. Журнал хранится до остановки стенда.",
        "Nothing yet. The log lasts until the stand stops.",
    ),
    "hand.did.published": Text(
        "опубликовано в {place}, ключ {routing}:", "published to {place}, key {routing}:"
    ),
    "hand.did.peeked": Text("просмотрено в {place}: {count}", "looked into {place}: {count}"),
    "hand.did.read": Text("прочитано из {place}: {count}", "read from {place}: {count}"),
    "hand.did.requeued": Text(
        "из {place} возвращено: {to}; не найдено {missing}, некуда вернуть {homeless}",
        "requeued from {place}: {to}; not found {missing}, nowhere to go {homeless}",
    ),
    "hand.did.replayed": Text("{place} записано ещё раз:", "{place} produced again:"),
    "hand.did.failed_publish": Text("не опубликовано", "not published"),
    "hand.did.failed_peek": Text("не просмотрено", "not looked into"),
    "hand.did.failed_requeue": Text("не возвращено", "not requeued"),
    "hand.did.failed_replay": Text("не повторено", "not replayed"),
    "hand.unfit": Text("Так отправить нельзя", "This cannot be sent"),
    "hand.unfit.value": Text("Получено:", "Got:"),
    "hand.expected.headers": Text(
        "Нужен плоский объект JSON: строки и числа.", "Expected: a flat JSON object."
    ),
    "hand.expected.body": Text("Нужен JSON.", "Expected: JSON."),
    "hand.expected.large": Text("Нужно не больше 65536 байт.", "Expected: 65536 bytes at most."),
    "hand.expected.partition": Text("Нужен номер раздела от 0.", "Expected: a partition from 0."),
    "hand.expected.offset": Text(
        "Нужен оффсет от 0, который есть.", "Expected: an offset there is."
    ),
    "hand.expected.topic": Text("Нужно имя темы.", "Expected: the name of a topic."),
    "hand.expected.queue": Text("Нужна очередь.", "Expected: a queue."),
    "hand.expected.routing_key": Text(
        "Нужен обменник или ключ: без обменника ключ — имя очереди.",
        "Expected: an exchange or a key: without an exchange the key names a queue.",
    ),
    "hand.expected.chosen": Text("Отметьте хотя бы одно сообщение.", "Expected: a chosen message."),
    "msg.failure.unroutable": Text("Ни одна очередь не подошла", "No queue has wanted it"),
    "msg.failure.unroutable.what": Text(
        "Брокер вернул сообщение: привязки с таким ключом нет.",
        "The broker gave the message back: no binding has such a key.",
    ),
}

TEXTS: Mapping[str, Text] = {**_PAGE, **_LIFE, **_HAND}
