"""The figures over time: what each means, its unit, and what to do where there is none."""

from collections.abc import Mapping

from stend.kit.languages import Text

TEXTS: Mapping[str, Text] = {
    "nav.numbers": Text("Числа", "Numbers"),
    "numbers.title": Text("Числа", "Numbers"),
    "numbers.intro": Text(
        "скорость и квантили за {window} с; те же метрики —",
        "rates and quantiles over {window} s; the same metrics:",
    ),
    "numbers.range": Text("Сколько времени видно", "How much time is shown"),
    "numbers.range.60": Text("1 мин", "1 min"),
    "numbers.range.300": Text("5 мин", "5 min"),
    "numbers.range.900": Text("15 мин", "15 min"),
    "numbers.freeze": Text("Замереть", "Freeze"),
    "numbers.freeze.hint": Text(
        "Останавливает картинку, а не стенд",
        "Stops the picture, not the stand",
    ),
    "numbers.stale": Text(
        "нет данных с {time}, повтор каждые 2 с",
        "no data since {time}, retrying every 2 s",
    ),
    "numbers.frozen": Text("картинка замерла в {time}", "the picture froze at {time}"),
    "numbers.live": Text("обновляется", "live"),
    "numbers.loading": Text("читаю историю", "reading the history"),
    "numbers.lost.title": Text("Стенд не отвечает", "The stand does not answer"),
    "numbers.lost.what": Text(
        "История не прочитана: портал не ответил. Повтор каждые 2 с.",
        "The history was not read: the portal has not answered. Retrying every 2 s.",
    ),
    "numbers.quiet.title": Text("Покупателей ещё не было", "No customer yet"),
    "numbers.quiet.what": Text(
        "К orders никто не обращался: всё, что в таблице, — вызовы самого стенда. Пустить"
        " в магазин покупателей:",
        "Nobody has asked orders for anything: what the table has are calls of the stand itself."
        " To let customers into the shop:",
    ),
    "numbers.no_rows": Text("пока нет ни одного значения", "no value so far"),
    "numbers.query.none": Text(
        "Выберите число в таблице или линию на графике: здесь будет его запрос к Prometheus.",
        "Choose a figure in the table or a line in a chart: its query for Prometheus will be here.",
    ),
    "numbers.query.copy": Text("Скопировать запрос", "Copy the query"),
    "numbers.pick.all": Text("{figure}, {unit}: все ряды", "{figure}, {unit}: all rows"),
    "numbers.compensation": Text("компенсация", "compensation"),
    "numbers.bound": Text(
        "Хранится {minutes} мин, не чаще точки в секунду: {size}, рядов {series} из {most},"
        " не поместилось {dropped}.",
        "{minutes} min are kept, at most a point a second: {size}, {series} of {most} series,"
        " {dropped} had no place.",
    ),
    "numbers.scrape": Text(
        "Окну в {window} с нужны два замера: Prometheus должен снимать метрики раз в {most} с"
        " или чаще.",
        "A window of {window} s needs two samples: Prometheus has to scrape every {most} s or"
        " more often.",
    ),
    "numbers.interpolated": Text(
        "Квантиль — интерполяция внутри бакета, как в histogram_quantile: он не точнее границ"
        " бакетов.",
        "A quantile is interpolated inside a bucket, as histogram_quantile does: it is no more"
        " exact than the bounds of the buckets.",
    ),
    "numbers.unit.per_second": Text("1/с", "1/s"),
    "numbers.unit.ms": Text("мс", "ms"),
    "numbers.unit.s": Text("с", "s"),
    "numbers.unit.count": Text("шт.", "count"),
    "numbers.band.requests": Text("Запросы", "Requests"),
    "numbers.band.events": Text("События заказов", "Events of orders"),
    "numbers.band.sagas": Text("Саги", "Sagas"),
    "numbers.band.steps": Text("Шаги саг", "Steps of sagas"),
    "numbers.band.brokers": Text("Отправка и outbox", "Publishing and outbox"),
    "numbers.band.queues": Text("Очереди RabbitMQ", "Queues of RabbitMQ"),
    "numbers.band.groups": Text("Группы Kafka", "Groups of Kafka"),
    "numbers.band.calls": Text("Вызовы между сервисами", "Calls between services"),
    "numbers.band.cache": Text("Кэш каталога", "Cache of the catalogue"),
    "numbers.about.requests": Text(
        "по протоколам, все сервисы; задержка — от прочитанного запроса до готового ответа",
        "by protocol, all services; latency is from the request read to the answer ready",
    ),
    "numbers.about.events": Text(
        "подтверждены брокером и отмечены в outbox",
        "confirmed by the broker and ticked off in the outbox",
    ),
    "numbers.about.sagas": Text(
        "по исходу; длительность — от заказа до конца саги",
        "by outcome; the duration is from the order to the end of its saga",
    ),
    "numbers.about.steps": Text(
        "попытки: удалась, не удалась и повторится, отказ",
        "attempts: done, failed and to be repeated, refused",
    ),
    "numbers.about.brokers": Text(
        "что подтвердил брокер и что его ещё ждёт",
        "what the broker has confirmed and what still waits for it",
    ),
    "numbers.about.queues": Text(
        "готовые — раз в 5 с, без ack — у потребителей этого процесса",
        "ready is looked at every 5 s, unacked is what consumers of this process hold",
    ),
    "numbers.about.groups": Text(
        "отставание — после последней пачки, сумма по разделам",
        "the lag is that after the last batch, summed over partitions",
    ),
    "numbers.about.calls": Text("кто → кого, каждая попытка", "who → whom, each attempt"),
    "numbers.about.cache": Text("чтения через Redis", "reads through Redis"),
    "numbers.rows.requests": Text("Протокол", "Protocol"),
    "numbers.rows.events": Text("Событие", "Event"),
    "numbers.rows.sagas": Text("Исход", "Outcome"),
    "numbers.rows.steps": Text("Шаг", "Step"),
    "numbers.rows.brokers": Text("Брокер", "Broker"),
    "numbers.rows.queues": Text("Очередь", "Queue"),
    "numbers.rows.groups": Text("Группа, тема", "Group, topic"),
    "numbers.rows.calls": Text("Кто, кого", "Who, whom"),
    "numbers.rows.cache": Text("Чтение", "Read"),
    "numbers.figure.requests": Text("запросы", "requests"),
    "numbers.figure.errors": Text("ошибки", "errors"),
    "numbers.figure.p50": Text("задержка p50", "latency p50"),
    "numbers.figure.p95": Text("задержка p95", "latency p95"),
    "numbers.figure.p99": Text("задержка p99", "latency p99"),
    "numbers.figure.events_kafka": Text("в Kafka", "to Kafka"),
    "numbers.figure.events_rabbitmq": Text("в RabbitMQ", "to RabbitMQ"),
    "numbers.figure.sagas": Text("закончено", "ended"),
    "numbers.figure.saga_p50": Text("длительность p50", "duration p50"),
    "numbers.figure.saga_p95": Text("длительность p95", "duration p95"),
    "numbers.figure.steps_done": Text("удалось", "done"),
    "numbers.figure.steps_failed": Text("повторы", "failed"),
    "numbers.figure.steps_refused": Text("отказы", "refused"),
    "numbers.figure.published": Text("отправлено", "published"),
    "numbers.figure.outbox_rows": Text("ждут в outbox", "wait in outbox"),
    "numbers.figure.outbox_lag": Text("возраст старшей", "age of oldest"),
    "numbers.figure.acked": Text("обработано", "acked"),
    "numbers.figure.rejected": Text("в dead letters", "dead-lettered"),
    "numbers.figure.ready": Text("готовы", "ready"),
    "numbers.figure.unacked": Text("без ack", "unacked"),
    "numbers.figure.records": Text("записи", "records"),
    "numbers.figure.lag": Text("отставание", "lag"),
    "numbers.figure.calls": Text("вызовы", "calls"),
    "numbers.figure.calls_failed": Text("ошибки", "errors"),
    "numbers.figure.cache": Text("чтения", "reads"),
}
