"""The stand: its map, the table of its parts and the panel of one part."""

from collections.abc import Mapping

from stend.kit.languages import Text

TEXTS: Mapping[str, Text] = {
    "home.title": Text("Стенд «Лавка»", "Stand “Lavka”"),
    "home.ports": Text("порты с {port_base}", "ports from {port_base}"),
    "home.place_order": Text("Оформить заказ", "Place an order"),
    "home.map": Text("Карта стенда", "Map of the stand"),
    "home.client": Text("Клиент", "Client"),
    "home.parts": Text("Части", "Parts"),
    "home.column.part": Text("Часть", "Part"),
    "home.column.state": Text("Состояние", "State"),
    "home.column.label": Text("Уровень", "Level"),
    "home.column.version": Text("Версия", "Version"),
    "home.column.memory": Text("Память", "Memory"),
    "home.column.ports": Text("Порты", "Ports"),
    "home.operations": Text("Операции", "Operations"),
    "home.operations.hint": Text(
        "каждую можно вызвать в песочнице",
        "the playground can call each of them",
    ),
    "home.key.service": Text("сервис", "service"),
    "home.key.engine": Text("движок", "engine"),
    "home.key.outside": Text("снаружи", "outside"),
    "home.key.call": Text("вызов", "call"),
    "home.key.message": Text("сообщение", "message"),
    "home.key.stream": Text("поток", "stream"),
    "home.addresses": Text("Адреса", "Addresses"),
    "home.on_host": Text("на {host}", "on {host}"),
    "home.route": Text("Каким путём", "Which way"),
    "home.direct": Text("прямо", "direct"),
    "home.tapped": Text("через отвод", "via tap"),
    "home.tapped_hint": Text(
        "порт +100, отвод пересылает каждый байт",
        "port +100, the tap forwards every byte",
    ),
    "home.channel.amqp": Text("очередь", "queue"),
    "home.channel.kafka": Text("топик", "topic"),
    "home.fact.label": Text("уровень", "level"),
    "home.fact.version": Text("версия", "version"),
    "home.fact.memory": Text("память (PSS)", "memory (PSS)"),
    "home.fact.engines": Text("движки", "engines"),
    "home.fact.serves": Text("нужен для", "needed by"),
    "home.fact.fronts": Text("стоит перед", "in front of"),
    "home.no_tap.tls": Text(
        ru="Отвода нет: адрес требует TLS, а сертификат выдан на имя самого сервера. Этих обменов "
        "нет ни в сообщениях, ни в историях, и сбоя на них не поставить.",
        en="No tap leads here: the address asks for TLS, and the certificate holds for the "
        "server's own name. These exchanges are in no list and no story, and no fault can be set "
        "on them.",
    ),
    "home.no_tap.leaves": Text(
        ru="Отвода нет: клиенты уходят по адресам, которые называет сам сервер. Этих обменов нет "
        "ни в сообщениях, ни в историях.",
        en="No tap leads here: clients go on at the addresses that the server tells. These "
        "exchanges are in no list and no story.",
    ),
    "home.unused": Text(
        "Ни один запущенный сервис с ним не работает: подключайтесь своим клиентом.",
        "No service that runs works with it: connect with a client of your own.",
    ),
    "home.limits": Text("Чего здесь нет", "What it does not do"),
    "home.call": Text("Вызвать", "Call"),
    "home.reference": Text("Справка API", "API reference"),
    "home.empty.title": Text("Частей ещё нет", "No parts yet"),
    "home.empty.what": Text(
        "Портал отвечает, но ни один сервис и ни один движок не запущен. Они появятся здесь сами.",
        "The portal answers, but no service and no engine has been started. "
        "They will appear here by themselves.",
    ),
    "home.unknown_part": Text(
        "Части {part} на этом стенде нет",
        "This stand has no part {part}",
    ),
    "home.next.starting": Text(
        "Обычно это секунды. Страница обновится сама.",
        "This usually takes seconds. The page updates by itself.",
    ),
    "home.next.failed": Text(
        "Причина подробно — в журнале:",
        "The log has the whole reason:",
    ),
    "home.next.stopped": Text(
        "Остальной стенд работает без этой части.",
        "The rest of the stand works without this part.",
    ),
    "home.why.starting": Text("Запускается", "Starting"),
    "home.why.failed": Text("Отказ", "Failed"),
    "home.why.stopped": Text("Не запущен", "Not started"),
}
