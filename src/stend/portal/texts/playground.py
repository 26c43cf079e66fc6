"""The playground: one operation, its form, its answer and the same call by other means."""

from collections.abc import Mapping

from stend.kit.languages import Text

TEXTS: Mapping[str, Text] = {
    "play.title": Text("Песочница", "Playground"),
    "play.copy_link": Text("Скопировать ссылку", "Copy link"),
    "play.operation": Text("Операция", "Operation"),
    "play.protocol": Text("Протокол", "Protocol"),
    "play.request": Text("Запрос", "Request"),
    "play.operation.PlaceOrder": Text("оформить заказ", "place an order"),
    "play.operation.GetOrder": Text("прочитать заказ", "read one order"),
    "play.operation.ListOrders": Text("список заказов", "list orders"),
    "play.operation.CancelOrder": Text("отменить заказ", "cancel an order"),
    "play.operation.TrackOrder": Text("следить за заказом", "follow an order"),
    "play.cannot.sse": Text(
        "SSE только сообщает о событиях: вызвать по нему ничего нельзя.",
        "SSE only tells of events: nothing can be called over it.",
    ),
    "play.cannot.webhook": Text(
        "Вебхук только сообщает о событиях: вызвать по нему ничего нельзя.",
        "A webhook only tells of events: nothing can be called over it.",
    ),
    "play.cannot.mcp": Text(
        "Инструмент MCP отвечает один раз: потока событий у него нет.",
        "A tool of MCP answers once: it has no stream of events.",
    ),
    "play.as": Text("От чьего имени", "As whom"),
    "play.as.tokens": Text("токены", "tokens"),
    "play.as.anonymous": Text("без токена", "without a token"),
    "play.as.custom": Text("свой токен", "a token of your own"),
    "play.as.hint": Text(
        "Значение целиком, со схемой. В адрес страницы оно не попадает.",
        "The whole value with its scheme. It never becomes part of the page's address.",
    ),
    "play.form_of": Text("поля из {contract}", "fields from {contract}"),
    "play.required": Text("обязательное", "required"),
    "play.new_key": Text("новый", "new"),
    "play.new_key.hint": Text("Взять свежий ключ", "Take a fresh key"),
    "play.add_row": Text("Добавить строку", "Add a row"),
    "play.remove_row": Text("Убрать строку {number}", "Remove row {number}"),
    "play.absent": Text("не задано", "not set"),
    "play.send": Text("Отправить", "Send"),
    "play.follow": Text("Следить", "Follow"),
    "play.no_script": Text(
        "Поток событий читает скрипт страницы, а скрипты в браузере выключены. "
        "Возьмите команду curl ниже.",
        "A script of the page reads the stream, and scripts are off in this browser. "
        "Use the curl command below.",
    ),
    "play.answer": Text("Ответ", "Answer"),
    "play.waiting": Text("ждём ответа", "waiting for the answer"),
    "play.empty.title": Text("Ответа ещё нет", "No answer yet"),
    "play.empty.what": Text(
        "Здесь будут статус, время, заголовки и тело, как их вернул {protocol}.",
        "Status, time, headers and body will stand here as {protocol} returned them.",
    ),
    "play.empty.next": Text("Отправьте запрос:", "Send the request:"),
    "play.time": Text("время", "time"),
    "play.trace": Text("трасса", "trace"),
    "play.server_side": Text(
        "Вызов сделал портал, на стороне сервера: время от первого отправленного байта "
        "до последнего прочитанного.",
        "The portal made this call, on the server side: the time runs from the first byte "
        "sent to the last byte read.",
    ),
    "play.headers.http": Text("Заголовки", "Headers"),
    "play.headers.metadata": Text("Метаданные", "Metadata"),
    "play.headers.properties": Text("Свойства", "Properties"),
    "play.headers.none": Text("Пусто.", "None."),
    "play.body": Text("Тело", "Body"),
    "play.body.none": Text("Тела нет.", "No body."),
    "play.orders.none": Text(
        "Таких заказов нет. Оформите первый.",
        "There are no such orders. Place the first one.",
    ),
    "play.order": Text("Заказ", "Order"),
    "play.status": Text("Статус", "Status"),
    "play.total": Text("Сумма", "Total"),
    "play.version": Text("Версия", "Version"),
    "play.placed_at": Text("Оформлен, UTC", "Placed, UTC"),
    "play.replayed": Text(
        "Повтор: этот ключ уже оформил этот заказ, второго не появилось.",
        "A replay: this key had placed this order before, there is no second one.",
    ),
    "play.next_steps": Text("Дальше", "Next"),
    "play.then.over": Text("Прочитать по", "Read it over"),
    "play.then.get": Text("Прочитать по {protocol}", "Read it over {protocol}"),
    "play.then.cancel": Text("Отменить", "Cancel it"),
    "play.then.track": Text("Следить", "Follow it"),
    "play.then.page": Text("Следующая страница", "Next page"),
    "play.error.tokens": Text("Кто что может и токены", "Who may do what, and tokens"),
    "play.error.code": Text("код", "code"),
    "play.error.expected": Text("ожидалось", "expected"),
    "play.error.value": Text("пришло", "got"),
    "play.error.where": Text("Где", "Where"),
    "play.error.rule": Text("Правило", "Rule"),
    "play.error.not_sent": Text("Ничего не отправлено", "Nothing was sent"),
    "play.error.refused": Text("Сервис отказал", "The service refused"),
    "play.error.access": Text("Доступа нет", "Access refused"),
    "play.error.exchange": Text("Обмен не удался", "The exchange failed"),
    "play.stream.open": Text("слушаем", "listening"),
    "play.stream.waiting": Text(
        "Событий ещё нет. Отмените заказ в другой вкладке, и событие появится здесь.",
        "No events yet. Cancel the order in another tab and the event will appear here.",
    ),
    "play.stream.stop": Text("Остановить", "Stop"),
    "play.stream.count": Text("событий:", "events:"),
    "play.stream.bound": Text(
        "на странице не больше {bound}, старые уходят",
        "at most {bound} on the page, older ones go",
    ),
    "play.stream.ended": Text(
        "поток закончился: больше событий не будет",
        "the stream ended: no more events will come",
    ),
    "play.stream.limit": Text(
        "поток остановлен на {limit} событиях",
        "the stream was stopped at {limit} events",
    ),
    "play.stream.stopped": Text("остановлено вами", "stopped by you"),
    "play.stream.broken": Text("поток оборвался", "the stream broke off"),
    "play.stream.type": Text("Событие", "Event"),
    "play.stream.when": Text("Когда, UTC", "When, UTC"),
    "play.stream.after": Text("Через", "After"),
    "play.lost.title": Text("Портал не ответил", "The portal did not answer"),
    "play.lost.what": Text(
        "Запрос к порталу не дошёл или ответ не пришёл. Был ли выполнен вызов, неизвестно: "
        "повторите его с тем же ключом.",
        "The request did not reach the portal or its answer got lost. Whether the call was "
        "made is unknown: repeat it with the same key.",
    ),
    "play.snippets": Text("Тот же вызов", "The same call"),
    "play.snippets.copy": Text("Скопировать", "Copy"),
    "play.snippets.none": Text(
        "Команды появятся, когда из полей сложится {operation}.",
        "The commands appear when the fields make a {operation}.",
    ),
}
