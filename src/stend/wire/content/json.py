"""JSON (RFC 8259) as a tree in which every token has its place."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from stend.kit.fields import Field, Meaning, Value, undecoded
from stend.kit.languages import Text
from stend.wire.content.words import said

MAX_DEPTH = 128
MAX_FIELDS = 20_000

# Possessive: a string that does not end must not be tried again from each of its characters.
_TOKEN = re.compile(
    rb"""(?P<ws>[ \t\r\n]++)
    |(?P<string>"(?:[^"\\]++|\\.)*+")
    |(?P<number>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)
    |(?P<literal>true|false|null)
    |(?P<mark>[][{}:,])""",
    re.VERBOSE | re.DOTALL,
)
_LITERALS: dict[bytes, bool | None] = {b"true": True, b"false": False, b"null": None}
# More digits than Python turns into a number are shown as they are written.
_MAX_DIGITS = 300

_OBJECT = said(
    "RFC 8259 §4",
    "Объект: набор именованных членов, порядок которых ничего не значит.",
    "An object: named members, whose order has no meaning.",
)
_ARRAY = said(
    "RFC 8259 §5",
    "Массив: значения по порядку; типы элементов могут различаться.",
    "An array: values in order; elements may differ in type.",
)
MEMBER = said(
    "RFC 8259 §4",
    "Член представления: что он значит, сказано в контракте API.",
    "A member of the representation: what it means is said in the contract of the API.",
)
_ELEMENT = said(
    "RFC 8259 §5",
    "Элемент массива; номер в скобках считается с нуля и на проводе не передаётся.",
    "An element of the array; the number in brackets counts from zero and is not on the wire.",
)
_VALUE = said(
    "RFC 8259 §3",
    "Весь текст JSON — одно значение: строка, число или литерал.",
    "The whole JSON text is one value: a string, a number or a literal name.",
)
_NAME = said(
    "RFC 8259 §4",
    "Имя члена, строка в кавычках. В объекте имена не должны повторяться: какой из двух членов "
    "возьмёт получатель, неизвестно.",
    "The member's name, a quoted string. Names should not repeat in an object: which of two "
    "members "
    "a receiver takes is unknown.",
)
_WS = said(
    "RFC 8259 §2",
    "Пробелы и переводы строк между лексемами: для людей, на значение не влияют.",
    "Space between tokens: for people, without influence on the value.",
)
_MARKS: dict[bytes, tuple[str, Meaning]] = {
    b"{": (
        "begin-object",
        said("RFC 8259 §2", "Здесь начинается объект.", "An object begins here."),
    ),
    b"}": ("end-object", said("RFC 8259 §2", "Здесь объект кончается.", "The object ends here.")),
    b"[": ("begin-array", said("RFC 8259 §2", "Здесь начинается массив.", "An array begins here.")),
    b"]": ("end-array", said("RFC 8259 §2", "Здесь массив кончается.", "The array ends here.")),
    b":": (
        "name-separator",
        said(
            "RFC 8259 §2",
            "Двоеточие отделяет имя члена от значения.",
            "The colon parts a member's name from its value.",
        ),
    ),
    b",": (
        "value-separator",
        said(
            "RFC 8259 §2",
            "Запятая между членами или элементами; после последнего её нет.",
            "The comma between members or elements; there is none behind the last.",
        ),
    ),
}


def json_fields(data: bytes, start: int, end: int) -> tuple[Field, ...]:
    """A tree of the JSON text from `start` to `end`; its offsets are those in `data`.

    Where the text is none any more, or is too deep or too long, the remainder is one leaf.
    """
    return _Reader(data, start, end).read()


@dataclass(slots=True)
class _Open:
    """A piece whose end has not been seen.

    Attributes:
        awaits: `value`, `first` (value or end), `name`, `first name` (name or end), `colon`,
            `comma` (or end), `nothing`.
        closes: the mark that ends it.
    """

    name: str
    meaning: Meaning
    awaits: str
    closes: bytes = b""
    children: list[Field] = field(default_factory=list)
    elements: int = 0


class _Reader:
    def __init__(self, data: bytes, start: int, end: int) -> None:
        self.data = data
        self.at = start
        self.end = end
        self.count = 0
        self.open = [_Open("", _VALUE, "value")]
        self.takes: dict[str, Callable[[int, int], Text | None]] = {
            "string": self._string,
            "number": self._scalar,
            "literal": self._scalar,
            "mark": self._mark,
        }

    def read(self) -> tuple[Field, ...]:
        why = None
        while self.at < self.end and why is None:
            why = self._next()
        if why is None and (len(self.open) > 1 or self.open[0].awaits != "nothing"):
            why = Text(ru="текст JSON не окончен", en="the JSON text is not finished")
        while len(self.open) > 1:
            self._close()
        root = self.open[0].children
        if why is not None:
            # Perhaps of no bytes: a text that is cut off says so at its end.
            root.append(undecoded(self.at, self.end, why))
        return tuple(root)

    def _next(self) -> Text | None:
        """Takes one token; tells why where it cannot."""
        found = _TOKEN.match(self.data, self.at, self.end)
        if found is None or found.lastgroup is None:
            if self.data[self.at] == ord('"'):
                return Text(ru="строка не закрыта", en="the string is not closed")
            return Text(ru="здесь не лексема JSON", en="there is no token of JSON here")
        if self.count >= MAX_FIELDS:
            return Text(
                ru=f"дальше не разобрано: полей больше {MAX_FIELDS}",
                en=f"not decoded further: there are more than {MAX_FIELDS} fields",
            )
        self.count += 1
        if found.lastgroup == "ws":
            self._leaf("ws", "ws", None, found.end(), _WS)
            return None
        return self.takes[found.lastgroup](found.start(), found.end())

    def _leaf(self, name: str, kind: str, value: Value, end: int, meaning: Meaning) -> None:
        self.open[-1].children.append(Field(name, kind, value, self.at, end, meaning))
        self.at = end

    def _string(self, start: int, end: int) -> Text | None:
        top = self.open[-1]
        if top.awaits not in ("name", "first name"):
            return self._scalar(start, end)
        text = _text_of(self.data[start:end])
        if text is None:
            return _BAD_STRING
        top.awaits = "comma"
        member = _Open(text, MEMBER, "colon")
        self.open.append(member)
        self._leaf("name", "string", text, end, _NAME)
        return None

    def _scalar(self, start: int, end: int) -> Text | None:
        top = self.open[-1]
        if top.awaits not in ("value", "first"):
            return _misplaced(self.data[start:end])
        token = self.data[start:end]
        name, meaning = self._place(top, "value", _VALUE)
        if token[:1] == b'"':
            text = _text_of(token)
            if text is None:
                top.children.append(undecoded(start, end, _BAD_STRING))
                self.at = end
            else:
                self._leaf(name, "string", text, end, meaning)
        elif token in _LITERALS:
            self._leaf(name, "literal", _LITERALS[token], end, meaning)
        else:
            self._leaf(name, "number", _number(token), end, meaning)
        self._filled(top)
        return None

    def _place(self, top: _Open, alone: str, meaning: Meaning) -> tuple[str, Meaning]:
        """What the value that comes now is called."""
        if top.closes == b"]":
            top.elements += 1
            return f"[{top.elements - 1}]", _ELEMENT
        return alone, MEMBER if len(self.open) > 1 else meaning

    def _filled(self, top: _Open) -> None:
        """The value that `top` waited for is there."""
        if top.closes:
            top.awaits = "comma"
        elif len(self.open) > 1:
            self._close()
        else:
            top.awaits = "nothing"

    def _mark(self, start: int, end: int) -> Text | None:
        token = self.data[start:end]
        top = self.open[-1]
        name, meaning = _MARKS[token]
        if token in (b"{", b"["):
            return self._begin(top, token, name, meaning)
        if token == b":" and top.awaits == "colon":
            top.awaits = "value"
        elif token == b"," and top.awaits == "comma" and top.closes:
            top.awaits = "name" if top.closes == b"}" else "value"
        elif token == top.closes and top.awaits in ("comma", "first", "first name"):
            self._leaf(name, token.decode(), None, end, meaning)
            self._close()
            return None
        else:
            return _misplaced(token)
        self._leaf(name, token.decode(), None, end, meaning)
        return None

    def _begin(self, top: _Open, token: bytes, name: str, meaning: Meaning) -> Text | None:
        if top.awaits not in ("value", "first"):
            return _misplaced(token)
        if len(self.open) > MAX_DEPTH:
            return Text(
                ru=f"вложено глубже {MAX_DEPTH} уровней",
                en=f"it is deeper than {MAX_DEPTH} levels",
            )
        is_object = token == b"{"
        if top.closes or len(self.open) == 1:
            kind = ("object", _OBJECT) if is_object else ("array", _ARRAY)
            called, about = self._place(top, *kind)
            top.awaits = "comma" if top.closes else "nothing"
            top = _Open(called, about, "")
            self.open.append(top)
        # A member's object has no level of its own: its pieces are the member's.
        top.closes = b"}" if is_object else b"]"
        top.awaits = "first name" if is_object else "first"
        self._leaf(name, token.decode(), None, self.at + 1, meaning)
        return None

    def _close(self) -> None:
        done = self.open.pop()
        children = tuple(done.children)
        # A member says what its value does.
        value = children[-1].value if not done.closes and len(children) > 2 else None
        start, end = children[0].start, children[-1].end
        self.open[-1].children.append(
            Field(done.name, "", value, start, end, done.meaning, children)
        )


_BAD_STRING = Text(
    ru="строка не в UTF-8 или с неизвестной escape-последовательностью",
    en="the string is not UTF-8, or has an unknown escape",
)


def _misplaced(token: bytes) -> Text:
    shown = token[:20].decode("utf-8", "replace")
    shown = shown if shown.isascii() else "…"
    return Text(ru=f"здесь не может стоять {shown}", en=f"{shown} cannot stand here")


def _text_of(token: bytes) -> str | None:
    """What a quoted string says; None where it is none."""
    try:
        if b"\\" not in token and min(token) >= 0x20:
            return token[1:-1].decode()
        told = json.loads(token)
    except ValueError:
        return None
    # A lone surrogate is no character; its escape is shown instead.
    return str(told).encode("utf-8", "backslashreplace").decode()


def _number(token: bytes) -> int | float | str:
    text = token.decode("ascii")
    if len(text) > _MAX_DIGITS:
        return text
    if text.lstrip("-").isdigit():
        return int(text)
    value = float(text)
    # 1e400 is a number of JSON, and none of a computer.
    return value if abs(value) != float("inf") else text
