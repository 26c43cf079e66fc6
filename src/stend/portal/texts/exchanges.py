"""The list of exchanges, one exchange, and what stands there when there is none."""

from collections.abc import Mapping

from stend.kit.languages import Text

TEXTS: Mapping[str, Text] = {
    "nav.exchanges": Text("Обмены", "Exchanges"),
    "exchange.all": Text("Все обмены", "All exchanges"),
    "exchange.complete": Text("завершён", "complete"),
    "exchange.open": Text("ещё идёт", "still open"),
    "exchange.look_again": Text("Перечитать", "Read again"),
    "exchange.broken": Text("не декодирован", "not decoded"),
    "exchange.began": Text("Начало, UTC", "Began, UTC"),
    "exchange.took": Text("Длился", "Took"),
    "exchange.up": Text("К серверу", "To the server"),
    "exchange.down": Text("К клиенту", "To the client"),
    "exchange.connection": Text("Соединение", "Connection"),
    "exchange.opened": Text("Соединение открыто", "Connection opened"),
    "exchange.before": Text("за {time} до начала", "{time} before it began"),
    "exchange.trace": Text("Трасса", "Trace"),
    "exchange.no_trace": Text("контекста в байтах нет", "no context in the bytes"),
    "gone.title": Text("Этого обмена уже нет", "This exchange is gone"),
    "gone.what": Text(
        "Обмен {id} кольцо записи отпустило, или его никогда не было: стенд мог быть запущен "
        "заново.",
        "The ring let the exchange {id} go, or it never was there: the stand may have been "
        "started anew.",
    ),
    "gone.ring": Text(
        "Кольцо вмещает {size} и с начала отпустило обменов: {exchanges}.",
        "The ring holds {size}; exchanges that it let go since the start: {exchanges}.",
    ),
    "gone.next": Text("К списку обменов", "To the list of exchanges"),
    "off.title": Text("Отводы выключены", "The taps are off"),
    "off.what": Text(
        "Стенд запущен с --no-tap: байты идут мимо записи. Запустите его без этого ключа, и обмены "
        "появятся здесь.",
        "The stand was started with --no-tap, so bytes pass unrecorded. Start it without that "
        "option and exchanges will appear here.",
    ),
    "list.what": Text(
        "Что прошло через отводы, новое сверху",
        "What passed through the taps, the newest first",
    ),
    "list.stale": Text(
        "список замер, повтор каждые 2 с", "the list stands still, retrying every 2 s"
    ),
    "list.freeze": Text("Замереть", "Freeze"),
    "list.go_on": Text("Продолжить", "Go on"),
    "list.edge": Text("Между кем", "Between"),
    "list.any_edge": Text("все рёбра", "every edge"),
    "list.protocol": Text("Протокол", "Protocol"),
    "list.any_protocol": Text("все протоколы", "every protocol"),
    "list.text": Text("Слово в названии", "Word in the name"),
    "list.trace": Text("Трасса", "Trace"),
    "list.errors": Text("только ошибки", "errors only"),
    "list.background": Text("фоновые", "background"),
    "list.background.what": Text(
        "Фоновый обмен повторяется по часам: heartbeat и Fetch без записей, ping, SELECT 1, опросы "
        "outbox, чтение отставания. В нём нет ни трассы, ни ошибки, ни данных для обработки.",
        "A background exchange repeats by the clock: heartbeats, fetches of nothing, pings, "
        "SELECT 1, polls of the outbox, readings of the lag. It has no trace, no error, no work.",
    ),
    "list.background.show": Text("Показать фоновые", "Show the background"),
    "list.only_background": Text("Пока только фоновые обмены", "Only background so far"),
    "list.hidden": Text("фоновых скрыто:", "background hidden:"),
    "list.apply": Text("Отобрать", "Filter"),
    "list.reset": Text("Сбросить", "Reset"),
    "list.when": Text("Когда, UTC", "When, UTC"),
    "list.name": Text("Обмен", "Exchange"),
    "list.outcome": Text("Итог", "Outcome"),
    "list.up": Text("К серверу", "Up"),
    "list.down": Text("К клиенту", "Down"),
    "list.took": Text("Время", "Time"),
    "list.open": Text("идёт", "open"),
    "list.broken": Text("не декодирован", "not decoded"),
    "list.none": Text("Через отводы ещё ничего не прошло", "Nothing has passed the taps yet"),
    "list.none.what": Text(
        "Здесь появится каждый обмен: запрос и ответ, кадр, сообщение брокера, команда базы.",
        "Every exchange will stand here: a request with its answer, a frame, a message of a "
        "broker, a command of a database.",
    ),
    "list.none.next": Text("Вызвать что-нибудь в песочнице", "Call something in the playground"),
    "list.none_such": Text("Таких обменов нет", "There are no such exchanges"),
    "list.none_such.what": Text(
        "Под этот отбор ничего не подходит. Новые обмены появятся сами.",
        "Nothing fits this filter. New ones will appear by themselves.",
    ),
    "list.shown": Text("показано:", "shown:"),
    "list.bound": Text("не больше {limit}", "at most {limit}"),
    "list.left_off": Text("список не показал:", "the list left off:"),
    "list.let_go": Text("кольцо отпустило обменов:", "exchanges the ring let go:"),
    "list.let_go_bytes": Text("байтов:", "bytes of it:"),
    "list.waiting": Text("новых ждёт: {count}", "new ones waiting: {count}"),
}
