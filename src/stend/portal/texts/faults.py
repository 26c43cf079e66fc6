"""Faults: the page, the banner on all pages, the marks on the map."""

from collections.abc import Mapping

from stend.kit.languages import Text

TEXTS: Mapping[str, Text] = {
    "nav.faults": Text("Сбои", "Faults"),
    "banner.set": Text("Сбой:", "Fault:"),
    "banner.seed": Text("зерно", "seed"),
    "banner.left": Text("снимется через", "reverts in"),
    "banner.more": Text("и ещё {count}", "and {count} more"),
    "banner.configure": Text("Настроить", "Configure"),
    "banner.off": Text("Снять", "Turn off"),
    "faults.what": Text(
        "Выберите ребро и сбой: отвод испортит трафик на заданное время",
        "Choose an edge and a fault: its tap disturbs the traffic for a while",
    ),
    "faults.mark": Text("сбой", "fault"),
    "faults.map.keys": Text("стрелки — по рёбрам, Enter — выбрать", "arrows walk, Enter chooses"),
    "faults.edges": Text("Рёбра вне карты", "Edges that are not on the map"),
    "faults.edges.all": Text("Все рёбра", "All edges"),
    "faults.off.what": Text(
        "Сбои ставят отводы, а стенд запущен с --no-tap. Перезапустите его без этого ключа.",
        "Faults are made by the taps, and the stand was started with --no-tap. Start it again "
        "without that option.",
    ),
    "faults.choose": Text("Выберите ребро", "Choose an edge"),
    "faults.choose.what": Text(
        "На карте или в списке. Здесь появятся сбои, которые на нём имеют смысл.",
        "On the map or in the list. The faults that have a meaning there will appear here.",
    ),
    "faults.unknown": Text("На таком ребре отвода нет", "No tap stands on this edge"),
    "faults.unfit": Text(
        "Такого сбоя нет, или на этом ребре он не имеет смысла",
        "There is no such fault, or it has no meaning on this edge",
    ),
    "faults.spoken": Text("Протокол", "Protocol"),
    "faults.shared": Text(
        "Отвод один на несколько рёбер карты, сбой заденет их все:",
        "Several edges of the map share this tap, and the fault strikes all of them:",
    ),
    "faults.turned": Text(
        "Сообщения идут от брокера, но соединение открывает {source}: сбой ставится на него.",
        "Messages come from the broker, but {source} opens the connection: that is disturbed.",
    ),
    "faults.webhook": Text(
        "Вебхуки идут через отвод к приёмникам этой машины; наружу и по HTTPS — мимо него.",
        "Webhooks go through the tap to receivers on this machine; out and over HTTPS, past it.",
    ),
    "faults.siblings": Text("На этих рёбрах стоят и отводы", "Other taps on these edges"),
    "faults.kinds.any": Text("Любое соединение", "Any connection"),
    "faults.kinds.own": Text("Этот протокол", "This protocol"),
    "faults.probability.connection": Text(
        "вероятность для соединения", "probability of a connection"
    ),
    "faults.probability.message": Text("вероятность для сообщения", "probability of a message"),
    "faults.duration": Text("на сколько, с", "for how long, s"),
    "faults.seed": Text("зерно (seed)", "seed"),
    "faults.seed.hint": Text("пусто — выберет стенд", "empty: the stand chooses"),
    "faults.wrong": Text("получено «{value}», ожидается", "got “{value}”, expected"),
    "faults.set": Text("Поставить", "Set"),
    "faults.unanswered": Text("Стенд не отвечает", "The stand does not answer"),
    "faults.unanswered.next": Text(
        "Сбой не поставлен. Повторите, когда стенд ответит.",
        "No fault was set. Try again once the stand answers.",
    ),
    "faults.active": Text("Стоят сейчас", "Set now"),
    "faults.none": Text(
        "Ни одного сбоя не стоит: трафик идёт как есть.",
        "No fault is set: traffic passes as it is.",
    ),
    "faults.clear": Text("Снять", "Clear"),
    "faults.clear_all": Text("Снять все", "Clear all"),
    "faults.again": Text(
        "Поставить такой же ещё раз, с тем же зерном", "Set the same once more, with this seed"
    ),
    "faults.column.edge": Text("Ребро", "Edge"),
    "faults.column.kind": Text("Сбой", "Fault"),
    "faults.column.numbers": Text("Параметры", "Parameters"),
    "faults.column.seed": Text("Зерно", "Seed"),
    "faults.column.struck": Text("Сработал, раз", "Struck, times"),
    "faults.column.left": Text("Осталось", "Left"),
    "faults.same": Text("То же из терминала", "The same from a terminal"),
    "faults.same.none": Text(
        "Команда появится, когда ребро выбрано.", "The command appears once an edge is chosen."
    ),
    "faults.same.wrong": Text(
        "Сначала исправьте поля формы.", "Correct the fields of the form first."
    ),
}
