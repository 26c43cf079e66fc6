"""Event streams, text/event-stream (WHATWG HTML §9.2)."""

import re

from stend.kit.fields import Field, Inner, Meaning, group, undecoded
from stend.kit.languages import Text
from stend.wire.content.documents import document_fields
from stend.wire.content.words import said

MAX_LINES = 2_000

_SYNTAX = "WHATWG HTML §9.2.5"
_READING = "WHATWG HTML §9.2.6"
_LINE_END = re.compile(rb"\r\n|\n|\r")
_EVENT = said(
    _READING,
    "Событие: строки до пустой строки. Пустая строка и отправляет его обработчику.",
    "An event: the lines up to an empty one. The empty line is what dispatches it.",
)
_COMMENT = said(
    _SYNTAX,
    "Комментарий: получатель его пропускает. Сервер шлёт его, чтобы соединение не сочли мёртвым.",
    "A comment, which the receiver skips. Servers send it so that nobody takes the connection for "
    "dead.",
)
_LINES: dict[str, Meaning] = {
    "event": said(
        _READING,
        "Тип события: на какой обработчик addEventListener оно придёт; без него — message.",
        "The event's type: which listener gets it; `message` where it is absent.",
    ),
    "data": said(
        _READING,
        "Данные события. Несколько строк data складываются через перевод строки.",
        "The event's data. Several lines of data are joined with line breaks.",
    ),
    "id": said(
        _READING,
        "Место в потоке: после обрыва браузер пришлёт его в Last-Event-ID, и поток продолжится.",
        "The place in the stream: after a break the browser sends it as Last-Event-ID, and the "
        "stream "
        "goes on from there.",
    ),
    "retry": said(
        _READING,
        "Через сколько миллисекунд подключаться заново после обрыва.",
        "After how many milliseconds to connect again when the connection breaks.",
    ),
    "comment": _COMMENT,
}
_UNKNOWN = said(
    _READING,
    "Неизвестное поле: получатель обязан его пропустить.",
    "An unknown field, which the receiver must ignore.",
)
_NAME = said(_SYNTAX, "Имя поля строки.", "The name of the line's field.")
_COLON = said(
    _SYNTAX,
    "Отделяет имя от значения; строка, которая с него начинается, — комментарий.",
    "Parts name and value; a line that begins with it is a comment.",
)
_SPACE = said(
    _SYNTAX,
    "Один пробел после двоеточия в значение не входит.",
    "One space behind the colon is not part of the value.",
)
_END = said(_SYNTAX, "Конец строки: CRLF, LF или CR.", "The end of the line: CRLF, LF or CR.")
_DISPATCH = said(
    _READING,
    "Пустая строка: событие собрано и уходит обработчику.",
    "The empty line: the event is complete and goes to its listener.",
)
_REST = said(
    _SYNTAX,
    "Продолжение строки, которая началась в предыдущем куске тела.",
    "The rest of a line that began in the piece of the body before.",
)
_BOM = said(
    _SYNTAX, "Метка порядка байтов, пропускается.", "The byte order mark, which is skipped."
)
_HOW = Text(ru="строки data сложены через LF", en="the data lines joined with LF")


def event_fields(
    data: bytes, start: int, end: int, *, continues: bool = False
) -> tuple[Field, ...]:
    """The events from `start` to `end`; offsets are those in `data`.

    Args:
        continues: it begins in the middle of a line.
    """
    fields: list[Field] = []
    at = start
    if continues:
        at = _end_of_line(data, at, end)
        fields.append(Field("continuation", "line", _text(data[start:at]), start, at, _REST))
    elif data.startswith(b"\xef\xbb\xbf", start, end):
        at += 3
        fields.append(Field("BOM", "", None, start, at, _BOM))
    left = MAX_LINES
    while at < end and left > 0:
        at, lines = _event(data, at, end, left)
        left -= len(lines)
        fields.append(_as_event(data, lines))
    if at < end:
        why = Text(
            ru=f"дальше не разобрано: строк больше {MAX_LINES}",
            en=f"not decoded further: there are more than {MAX_LINES} lines",
        )
        fields.append(undecoded(at, end, why))
    return tuple(fields)


def _event(data: bytes, at: int, end: int, most: int) -> tuple[int, list[Field]]:
    lines: list[Field] = []
    while at < end and len(lines) < most:
        stop = _end_of_line(data, at, end)
        if data[at : at + 1] in (b"\r", b"\n"):
            lines.append(Field("dispatch", "end-of-line", None, at, stop, _DISPATCH))
            return stop, lines
        lines.append(_line(data, at, stop))
        at = stop
    return at, lines


def _end_of_line(data: bytes, at: int, end: int) -> int:
    """Behind the line that begins at `at`."""
    found = _LINE_END.search(data, at, end)
    return end if found is None else found.end()


def _line(data: bytes, start: int, stop: int) -> Field:
    text_end = start + len(data[start:stop].rstrip(b"\r\n"))
    colon = data.find(b":", start, text_end)
    cut = text_end if colon < 0 else colon
    name = _text(data[start:cut]) if cut > start else "comment"
    about = _LINES.get(name, _UNKNOWN)
    pieces = [Field("field name", "", name, start, cut, _NAME)] if cut > start else []
    if colon >= 0:
        pieces.append(Field(":", "", None, colon, colon + 1, _COLON))
        pieces += _value(data, name, colon + 1, text_end, about)
    if stop > text_end:
        pieces.append(Field("end-of-line", "", None, text_end, stop, _END))
    told = next((one.value for one in pieces if one.name == "value"), None)
    return group(name, about, pieces)._replace(value=told)


def _value(data: bytes, name: str, at: int, end: int, about: Meaning) -> list[Field]:
    pieces = []
    if data.startswith(b" ", at, end):
        pieces.append(Field("space", "", None, at, at + 1, _SPACE))
        at += 1
    if at >= end:
        return pieces
    if name == "data" and data[at : at + 1] in (b"{", b"["):
        pieces.append(group("value", about, document_fields(data, at, end)))
    else:
        pieces.append(Field("value", "string", _text(data[at:end]), at, end, about))
    return pieces


def _as_event(data: bytes, lines: list[Field]) -> Field:
    """The lines as one event; data of several lines are put together."""
    event = group("event stream message", _EVENT, lines)
    parts = [one for one in lines if one.name == "data"]
    if len(parts) < 2:
        return event
    values = [piece for one in parts for piece in one.children if piece.name == "value"]
    joined = b"\n".join(data[one.start : one.end] for one in values)
    if joined[:1] not in (b"{", b"["):
        return event
    return event._replace(inner=Inner(_HOW, joined, document_fields(joined, 0, len(joined))))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")
