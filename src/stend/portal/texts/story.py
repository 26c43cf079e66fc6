"""The list of traces, the sequence diagram of one, and the drawer with its bytes."""

from collections.abc import Mapping

from stend.kit.languages import Text

TEXTS: Mapping[str, Text] = {
    "nav.story": Text("История", "Story"),
    # ---- names in the picture, and in the texts that are made from it
    "story.client": Text("клиент", "client"),
    "story.kind.client": Text("снаружи", "outside"),
    "story.kind.gateway": Text("шлюз", "gateway"),
    "story.kind.service": Text("сервис", "service"),
    "story.kind.engine": Text("движок", "engine"),
    "story.kind.outside": Text("снаружи", "outside"),
    "story.answer": Text("ответ", "answer"),
    "story.step": Text("Сага: {step}", "Saga: {step}"),
    "story.undoes": Text("Компенсация: {step}", "Compensation: {step}"),
    "story.compensation": Text("Компенсация", "Compensation"),
    "story.attempt": Text("попытка {number}", "attempt {number}"),
    "story.retry": Text("повтор {number}", "retry {number}"),
    "story.redelivered": Text("доставлено повторно", "redelivered"),
    "story.lost": Text("ответа нет", "no answer"),
    "story.no_answer_yet": Text("ответа пока нет", "no answer yet"),
    "story.streamed": Text("(туда {sent}, обратно {came})", "({sent} out, {came} back)"),
    "story.undone": Text("компенсация", "compensation"),
    "story.blind": Text("без байтов", "no bytes"),
    # ---- the list
    "stories.what": Text("Последние трассы, новые сверху", "The last traces, the newest first"),
    "stories.stale": Text(
        "список замер, повтор каждые 2 с", "the list stands still, retrying every 2 s"
    ),
    "stories.operation": Text("Операция", "Operation"),
    "stories.any_operation": Text("все операции", "every operation"),
    "stories.order": Text("Заказ или трасса", "Order or trace"),
    "stories.errors": Text("только с ошибками", "errors only"),
    "stories.background": Text("фоновые", "background"),
    "stories.background.what": Text(
        "Фоновая трасса начинается в сервисе, который по часам спрашивает другой: сверка (остатки, "
        "платежи, баллы, доставки) и поток новостей о курьерах. Клиент её не начинал.",
        "A background trace begins where one service asks another by the clock: the reconciliation "
        "(stock, payments, points, deliveries) and the stream of couriers' news. No client began "
        "it.",
    ),
    "stories.background.show": Text("Показать фоновые", "Show the background"),
    "stories.hidden": Text("фоновых скрыто:", "background hidden:"),
    "stories.apply": Text("Отобрать", "Filter"),
    "stories.reset": Text("Сбросить", "Reset"),
    "stories.when": Text("Начало, UTC", "Began, UTC"),
    "stories.took": Text("Длилась", "Took"),
    "stories.spans": Text("Спаны", "Spans"),
    "stories.services": Text("Кто участвовал", "Who took part"),
    "stories.outcome": Text("Итог", "Outcome"),
    "stories.running": Text("идёт", "running"),
    "stories.error": Text("ошибка", "error"),
    "stories.fine": Text("без ошибок", "no errors"),
    "stories.none": Text("Трасс ещё нет", "There are no traces yet"),
    "stories.none.what": Text(
        "Каждый заказ оставляет трассу: кто кого вызвал, что ушло брокеру и что ответила база. "
        "Оформите первый.",
        "Every order leaves a trace: who called whom, what went to a broker and what a database "
        "answered. Place the first one.",
    ),
    "stories.none.next": Text("Оформить заказ", "Place an order"),
    "stories.none_such": Text("Таких трасс нет", "There are no such traces"),
    "stories.none_such.what": Text(
        "Под этот отбор не подходит ни одна. Новые появятся сами.",
        "None fits this filter. New ones will appear by themselves.",
    ),
    "stories.shown": Text("показано:", "shown:"),
    "stories.bound": Text("не больше {limit}", "at most {limit}"),
    "stories.left_off": Text("список не показал:", "the list left off:"),
    "stories.held": Text("хранится трасс:", "traces kept:"),
    "stories.of": Text("из {limit}", "of {limit}"),
    "stories.let_go": Text("отпущено:", "let go:"),
    # ---- one story
    "story.all": Text("Все истории", "All stories"),
    "story.order": Text("Заказ", "Order"),
    "story.running": Text("ещё идёт", "still running"),
    "story.failed": Text("с ошибками", "with errors"),
    "story.compensated": Text("с компенсацией", "with compensation"),
    "story.fine": Text("без ошибок", "no errors"),
    "story.facts": Text(
        "{took} · сообщений: {messages} · спанов: {spans}",
        "{took} · {messages} messages · {spans} spans",
    ),
    "story.view": Text("Что показать", "What to show"),
    "story.view.services": Text("Сервисы", "Services"),
    "story.view.brokers": Text("+ брокеры", "+ brokers"),
    "story.view.stores": Text("+ базы", "+ stores"),
    "story.view.all": Text("Всё", "Everything"),
    "story.export": Text("Экспорт", "Export"),
    "story.export.copy": Text("Скопировать", "Copy"),
    "story.export.save": Text("Скачать", "Download"),
    "story.legend.call": Text("вызов", "call"),
    "story.legend.return": Text("ответ", "return"),
    "story.legend.message": Text("сообщение, ответа не ждут", "message, nobody waits"),
    "story.legend.stream": Text("поток", "stream"),
    "story.legend.retry": Text("повтор", "retry"),
    "story.legend.undo": Text("компенсация", "compensation"),
    "story.legend.blind": Text("без байтов", "no bytes"),
    "story.diagram": Text("Диаграмма последовательности", "Sequence diagram"),
    "story.steps": Text("Шаги", "Steps"),
    "story.ms": Text("мс", "ms"),
    "story.stale": Text(
        "картина замерла, повтор каждые 2 с", "the picture stands still, retrying every 2 s"
    ),
    "story.waiting": Text("есть новое: уберите указатель", "there is news: move the pointer away"),
    "story.spread": Text("Развернуть: {count}", "Spread out: {count}"),
    "story.fold": Text("Свернуть базы", "Fold the stores"),
    "story.keys": Text("↑ ↓ сосед, Esc закрыть", "↑ ↓ next, Esc closes"),
    "story.close": Text("Закрыть", "Close"),
    "story.whole": Text("Страница обмена", "Page of the exchange"),
    "story.took": Text("за {time}", "in {time}"),
    "story.no_bytes": Text("Байтов этого сообщения нет", "This message has no bytes to show"),
    "story.missing.tap_off": Text(
        "Отводы выключены: стенд запущен с --no-tap. Стрелка нарисована по спану.",
        "The taps are off: the stand was started with --no-tap. The arrow is drawn from the span.",
    ),
    "story.missing.let_go": Text(
        "Кольцо записи уже отпустило это время. Стрелка нарисована по спану.",
        "The ring of the recording has let that time go. The arrow is drawn from the span.",
    ),
    "story.missing.not_seen": Text(
        "Ни один обмен не указывает на этот спан: вызов прошёл мимо отводов, или в его байтах нет "
        "ни контекста, ни узнаваемого порта. Стрелка нарисована по спану.",
        "No exchange points to this span: the call went past the taps, or its bytes have neither "
        "a context nor a port to know it by. The arrow is drawn from the span.",
    ),
    "story.gone": Text(
        "Обмен был, но кольцо записи его уже отпустило.",
        "There was an exchange, but the ring of the recording has let it go.",
    ),
    "story.empty": Text("В этом виде сообщений нет", "This view has no messages"),
    "story.empty.what": Text(
        "Спаны трассы ни с кем не говорят или говорят только с базами. Покажите всё.",
        "The spans of this trace speak to nobody, or to stores alone. Show everything.",
    ),
    "story.unknown": Text("Такой трассы нет", "There is no such trace"),
    "story.unknown.what": Text(
        "{id} не записан или уже отпущен. Стенд хранит до {traces} трасс и {spans} спанов и с "
        "начала отпустил трасс: {let_go}.",
        "{id} was not recorded, or it has been let go. The stand keeps up to {traces} traces and "
        "{spans} spans; traces let go since the start: {let_go}.",
    ),
    "story.on_exchange": Text("Показать в истории", "Show in its story"),
}
