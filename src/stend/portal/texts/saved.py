"""A session that was saved to a file: its banner, its beginning, and what it has not."""

from collections.abc import Mapping

from stend.kit.languages import Text

TEXTS: Mapping[str, Text] = {
    "nav.session": Text("Сессия", "Session"),
    "saved.mark": Text("сессия из файла", "a session from a file"),
    # ---- the banner
    "saved.of": Text("Сессия от {time} UTC", "Session of {time} UTC"),
    "saved.by": Text(
        "сохранил stend {version}, только чтение", "saved by stend {version}, read only"
    ),
    "saved.faults": Text("стояли сбои:", "faults that were set:"),
    "saved.faultless": Text("сбоев не стояло", "no fault was set"),
    # ---- its beginning
    "saved.what": Text(
        "Что прошло через отводы стенда до этого момента: стенда за этими страницами нет",
        "What had passed the taps of a stand by then: there is no stand behind these pages",
    ),
    "saved.holds": Text("Что в файле", "What the file holds"),
    "saved.saved_at": Text("Сохранена, UTC", "Saved, UTC"),
    "saved.version": Text("Чем", "By"),
    "saved.exchanges": Text("Обмены", "Exchanges"),
    "saved.traces": Text("Трассы", "Traces"),
    "saved.spans": Text("спанов: {count}", "{count} spans"),
    "saved.untraced": Text("файл без трасс", "the file has no traces"),
    "saved.connections": Text("Соединения", "Connections"),
    "saved.bytes": Text("Байты", "Bytes"),
    "saved.ring": Text("кольцо на {limit}", "from a ring of {limit}"),
    "saved.let_go": Text("отпущено до сохранения: {size}", "let go before it was saved: {size}"),
    "saved.let_go.exchanges": Text("обменов — {count}", "{count} exchanges"),
    "saved.cut": Text(
        "Начало соединений, которые жили дольше кольца, в файл не попало. Они читаются с "
        "ближайшего целого сообщения, а HTTP/2 и MySQL без начала не понять: байты на таких "
        "соединениях показаны как недекодированные.",
        "The beginning of connections that lived longer than the ring is not in the file. They are "
        "read from the next whole message, but HTTP/2 and MySQL cannot be understood without it: "
        "on such connections bytes are shown as not decoded.",
    ),
    "saved.faults.title": Text("Сбои, которые стояли", "Faults that were set"),
    "saved.faults.none": Text("Ни одного: трафик шёл как есть.", "None: traffic passed as it was."),
    "saved.probability": Text("Вероятность", "Probability"),
    "saved.take": Text("Взять с собой", "Take it along"),
    "saved.take.pcapng": Text("pcapng, для Wireshark", "pcapng, for Wireshark"),
    "saved.take.har": Text("HAR, обмены HTTP", "HAR, exchanges of HTTP"),
    "saved.take.session": Text("Эта сессия", "This session"),
    # ---- what it has not
    "saved.needs": Text(
        "Раздел «{section}» есть только у работающего стенда",
        "“{section}” needs a running stand",
    ),
    "saved.needs.what": Text(
        "Это сессия из файла: записанное можно читать, но вызвать, изменить или измерить здесь "
        "нечего. Запустите стенд:",
        "This is a session from a file: what was recorded can be read, and there is nothing here "
        "to call, change or measure. Start a stand:",
    ),
    "saved.needs.next": Text(
        "Раздел откроется по адресу {path} на его порту.",
        "The section is at {path} on its port.",
    ),
    "saved.elsewhere": Text(
        "Проверьте адрес или начните с начала сессии. Страницы стенда есть у работающего: "
        "./stend up.",
        "Check the address or start from the beginning of the session. A running stand has its "
        "pages: ./stend up.",
    ),
    "saved.broken": Text(
        "Подробности — в терминале, где открыта сессия. Сообщите о них, пожалуйста.",
        "The terminal that the session was opened in has the details. Please report them.",
    ),
    "saved.home": Text("К началу сессии", "To the beginning of the session"),
    # ---- in place of what a stand says
    "saved.off": Text(
        "Стенд, с которого сохранена сессия, работал с --no-tap: байты шли мимо записи.",
        "The stand that the session was saved from ran with --no-tap: bytes passed unrecorded.",
    ),
    "saved.no_exchanges": Text("В сессии нет обменов", "The session has no exchanges"),
    "saved.no_exchanges.what": Text(
        "До сохранения через отводы ничего не прошло, или запись очистили.",
        "Nothing had passed the taps when it was saved, or the recording had been cleared.",
    ),
    "saved.none_such": Text(
        "Под этот отбор в сессии ничего не подходит.", "Nothing in the session fits this filter."
    ),
    "saved.gone": Text(
        "Обмена {id} в сессии нет: кольцо записи отпустило его раньше, или его никогда не было.",
        "The session has no exchange {id}: the ring had let it go by then, or it never was there.",
    ),
    "saved.no_traces": Text("В сессии нет трасс", "The session has no traces"),
    "saved.no_traces.saved": Text(
        "Её сохранила прежняя версия stend, которая трасс в файл не писала. Обмены на месте.",
        "An earlier stend saved it, which wrote no traces into the file. The exchanges are there.",
    ),
    "saved.no_traces.recorded": Text(
        "Стенд не записал ни одной до сохранения. Обмены на месте.",
        "The stand had recorded none when it was saved. The exchanges are there.",
    ),
}
