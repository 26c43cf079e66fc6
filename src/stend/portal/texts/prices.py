"""The price list of the playground: what one call costs over each protocol, and where time goes."""

from collections.abc import Mapping

from stend.kit.languages import Text

TEXTS: Mapping[str, Text] = {
    "price.title": Text("Прайс-лист", "Price list"),
    "price.what": Text(
        "вызовы идут сразу все и мешают друг другу: медианы даёт stend compare",
        "all calls run at once and slow each other: stend compare has medians",
    ),
    "price.choose": Text("По каким протоколам вызвать", "Which protocols to call over"),
    "price.all": Text("все", "all"),
    "price.same_key": Text("один ключ на всех", "one key for all"),
    "price.same_key.hint": Text(
        "Обычно у каждого протокола свой ключ идемпотентности, иначе второй вызов был бы повтором.",
        "Usually each protocol has an idempotency key of its own, or the second call would be a "
        "replay.",
    ),
    "price.outcome": Text("Итог", "Outcome"),
    "price.not_sent": Text("не отправлен", "not sent"),
    "price.up": Text("Запрос, байт", "Request, bytes"),
    "price.down": Text("Ответ, байт", "Answer, bytes"),
    "price.trips": Text("Обороты", "Round trips"),
    "price.trips.hint": Text(
        "Сколько раз сервер заговорил после клиента, на всех соединениях вызова вместе",
        "How many times the server spoke after the client, on all connections of the call together",
    ),
    "price.connections": Text("Соедин.", "Conn."),
    "price.opened": Text(
        "из них открыто ради вызова: {count}; открытие стоило байтов: {bytes}",
        "of them opened for this call: {count}; bytes that opening took: {bytes}",
    ),
    "price.time": Text("Время", "Time"),
    "price.path": Text("Путь до последнего байта", "Path to the last byte"),
    "price.measured": Text("измерено", "measured"),
    "price.calculated": Text("расчёт", "calculation"),
    "price.payload_of": Text(
        "ваши данные {payload} Б, обёртка {framing} Б",
        "your data {payload} B, framing {framing} B",
    ),
    "price.payload_unknown": Text(
        "не всё декодировано: сколько здесь ваших данных, неизвестно",
        "not everything is decoded: how much of it is your data is unknown",
    ),
    "price.not_recorded": Text("в записи его нет", "not in the recording"),
    "price.off": Text(
        "Отводы выключены (--no-tap): байты считать негде, остаётся время вызова.",
        "The taps are off (--no-tap): there is nowhere to count bytes, only the time is left.",
    ),
    "price.one_way": Text("только TrackOrder", "TrackOrder only"),
    "price.network": Text("Сеть", "Network"),
    "price.rtt": Text("Время оборота", "Round-trip time"),
    "price.loss": Text("Потери", "Loss"),
    "price.formula": Text(
        "Расчёт: измеренное время + время оборота × (обороты + новые соединения) + потери × "
        "пакеты × таймер повтора. Таймер — три оборота, но не меньше 200 мс (RFC 6298 §2.2, "
        "Linux); пакет — 1460 байт. Настоящую задержку даёт сбой на отводе «client → …».",
        "Calculation: the measured time + round-trip time × (round trips + new connections) + "
        "loss × packets × retransmission timer. The timer is three round trips, 200 ms at least "
        "(RFC 6298 §2.2, Linux); a packet is 1460 bytes. A real delay comes from a fault on the "
        "tap client → ….",
    ),
    "price.part.own": Text("клиент собирает запрос", "the client builds the request"),
    "price.part.open": Text("соединение и рукопожатие", "connection and handshake"),
    "price.part.ask": Text("запрос", "request"),
    "price.part.wait": Text("ожидание", "waiting"),
    "price.part.tell": Text("ответ", "answer"),
    "price.part.net": Text("обороты сети (расчёт)", "round trips (calculation)"),
    "price.part.loss": Text("повторы (расчёт)", "retransmissions (calculation)"),
    "path.title": Text("Путь вызова", "Path of the call"),
    "path.dns.number": Text(
        "здесь не происходит, потому что адрес задан числом: {host}",
        "does not happen here, because the address is a number: {host}",
    ),
    "path.dns.name": Text(
        "отводу не видно: имя {host} находит система до того, как соединиться",
        "not seen by the tap: the system looks {host} up before it connects",
    ),
    "path.connect": Text("Соединение", "Connection"),
    "path.connect.new": Text("принято в +{time}", "accepted at +{time}"),
    "path.connect.old": Text(
        "здесь не происходит, потому что оно осталось от прошлого вызова",
        "does not happen here, because it is left from an earlier call",
    ),
    "path.tls.none": Text(
        "здесь не происходит, потому что на этом порту открытый текст",
        "does not happen here, because this port speaks plain text",
    ),
    "path.request": Text("Запрос", "Request"),
    "path.first": Text("Первый байт", "First byte"),
    "path.last": Text("Последний байт", "Last byte"),
    "path.none": Text("ответа в записи нет", "no answer in the recording"),
    "pane.empty": Text("Байтов ещё нет", "No bytes yet"),
    "pane.empty.what": Text(
        "Здесь будут запрос и ответ каждого выбранного протокола, байт за байтом.",
        "The request and the answer of every chosen protocol will stand here, byte by byte.",
    ),
    "pane.not_found": Text(
        "В записи этого вызова нет: он не дошёл до отвода, или кольцо его уже отпустило.",
        "The recording has nothing of this call: it did not reach the tap, or the ring has let it "
        "go.",
    ),
    "pane.open": Text("обмен", "exchange"),
    "pane.reply": Text("ответ отдельным обменом", "the answer is an exchange of its own"),
    "pane.more": Text(
        "на тех же соединениях ещё единиц: {count}",
        "units beside these on the same connections: {count}",
    ),
}
