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
    "mark.came_dead": Text("умирало раз: {count}, x-death", "died {count} times, x-death"),
    "ending.done": Text("обработано", "done"),
    "ending.waiting": Text("ждёт", "waiting"),
    "ending.with_consumer": Text("у получателя", "with the consumer"),
    "ending.failed": Text("отказ", "failed"),
    "ending.dead": Text("мёртвое", "dead"),
}

TEXTS: Mapping[str, Text] = {**_PAGE, **_LIFE}
