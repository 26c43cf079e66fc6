"""The view of bytes: units, the tree of fields, the dump, and what a field is for."""

from collections.abc import Mapping

from stend.kit.languages import Text

TEXTS: Mapping[str, Text] = {
    "wire.units": Text("Единицы обмена", "Units of the exchange"),
    "wire.units_left_off": Text(
        "ещё {count}: их адреса — ?unit=…", "{count} more: their addresses are ?unit=…"
    ),
    "wire.up": Text("к серверу", "to the server"),
    "wire.down": Text("к клиенту", "to the client"),
    "wire.tree": Text("Поля", "Fields"),
    "wire.hex": Text("Байты", "Bytes"),
    "wire.which": Text("Какие байты показаны", "Which bytes are shown"),
    "wire.on_wire": Text("на проводе", "on the wire"),
    "wire.inner": Text("внутри", "inside"),
    "wire.here": Text("байты как на проводе", "bytes as on the wire"),
    "wire.inside": Text("внутри", "inside"),
    "wire.from": Text("из поля {field}", "from the field {field}"),
    "wire.bytes": Text("{count} Б", "{count} B"),
    "wire.pick": Text(
        "Наведите на поле или на байт: здесь будет сказано, зачем он нужен и где это записано.",
        "Point at a field or a byte: what it is for, and where that is written, will stand here.",
    ),
    "wire.gone": Text(
        "Этих байтов больше нет: кольцо записи отпустило их, чтобы записать новые.",
        "These bytes are gone: the ring of the recording let them go to make room for newer ones.",
    ),
    "wire.lost": Text(
        "Портал не ответил. Поля появятся, когда ответит: повтор каждые 2 с.",
        "The portal did not answer. The fields appear when it does: retrying every 2 s.",
    ),
    "wire.large": Text(
        "{size}: дерево полей строит скрипт страницы, целиком оно сюда не выписывается.",
        "{size}: a script of the page builds the tree, it is not written out here as a whole.",
    ),
    "wire.first": Text("первые {shown} из {size}", "the first {shown} of {size}"),
    "wire.cut": Text(
        "показаны первые {shown} из {count} байт", "the first {shown} of {count} bytes are shown"
    ),
    "wire.left_off": Text(
        "дерево не показало полей: {count}", "fields that the tree left off: {count}"
    ),
    "wire.not_decoded": Text("Не декодировано, потому что", "Not decoded, because"),
    "wire.empty": Text("Байтов нет.", "There are no bytes."),
    "wire.payload": Text("ваши данные", "your data"),
    "wire.framing": Text("обёртка и заголовки", "headers and framing"),
    "wire.copy_field": Text("Скопировать адрес поля", "Copy the address of the field"),
    "wire.keys": Text(
        "Стрелки ходят по дереву, Enter закрепляет поле, Esc отпускает.",
        "Arrows walk the tree, Enter pins a field, Esc lets it go.",
    ),
}
