"""What stands where in a command or a reply."""

import re
from collections.abc import Callable

from stend.kit.fields import Field, Value
from stend.wire.content.unnamed import json_inside
from stend.wire.decoding import Undecodable
from stend.wire.reading import MASK, Reader, text_of
from stend.wire.resp.commands import argument_names, secret_places
from stend.wire.resp.meanings import PARTS, TYPE_NAMES, TYPES, argument_meaning, command_meaning
from stend.wire.resp.scanning import BULKS, CRLF, LINES, MAX_DEPTH, number

_KEY_SHOWN = 40
_PAIRS = frozenset(b"%|")
_STREAMED = "?"
_VERBATIM = ord("=")
_FORMAT_SIZE = 4
_WORD = re.compile(rb"\S+")
_INTEGER = re.compile(rb"[+-]?\d{1,19}")
_BOOLEANS: dict[bytes, Value] = {b"t": True, b"f": False}


def command_tree(data: bytes) -> tuple[Field, ...]:
    """An array of bulk strings, each argument by its name."""
    return Reader(data, PARTS).tree(_command)


def inline_tree(data: bytes) -> tuple[Field, ...]:
    """A line with words."""
    return Reader(data, PARTS).tree(_inline)


def reply_tree(data: bytes) -> tuple[Field, ...]:
    """A value of any type, and attributes before it."""

    def read(reader: Reader) -> None:
        while reader.rest and reader.peek(1, "type") == b"|":
            with reader.group("attribute"):
                _value(reader, 0)
        with reader.group("reply"):
            _value(reader, 0)

    return Reader(data, PARTS).tree(read)


def arguments_of(data: bytes) -> list[bytes]:
    """The strings of a command that is known to be whole."""
    end = data.find(CRLF)
    found: list[bytes] = []
    at = end + len(CRLF)
    while at < len(data):
        end = data.find(CRLF, at)
        size = number(data[at + 1 : end], at)
        at = end + len(CRLF)
        found.append(data[at : at + max(size, 0)])
        at += size + len(CRLF) if size >= 0 else 0
    return found


def words_of(line: bytes) -> list[bytes]:
    return _WORD.findall(line)


def _command(reader: Reader) -> None:
    arguments = arguments_of(reader.data)
    with reader.group("request"):
        _type(reader)
        _line(reader, "count", "count")
        if not arguments:
            return
        names = argument_names(arguments)
        secrets = secret_places(arguments)
        word = arguments[0].decode(errors="replace").upper()
        with reader.group("command", command_meaning(word)):
            _string(reader, is_secret=False)
        for place, name in enumerate(names, 1):
            with reader.group(name, argument_meaning(word, name)):
                _string(reader, is_secret=place in secrets)


def _string(reader: Reader, *, is_secret: bool) -> None:
    """An argument: always a bulk string."""
    _type(reader)
    size = _count(reader, "length")
    if size < 0:
        reader.show("null")
        return
    raw = reader.peek(size, "data")
    shown = MASK if is_secret else text_of(raw)
    if is_secret:
        reader.leaf("data", "bulk string", size, shown)
    else:
        reader.document("data", "bulk string", size, shown, json_inside)
    _crlf(reader)
    reader.show(shown, "bulk string")


def _inline(reader: Reader) -> None:
    raw = reader.data.rstrip(b"\r\n")
    words = words_of(raw)
    secrets = secret_places(words) if words else frozenset()
    shown = " ".join(
        MASK if place in secrets else word.decode(errors="replace")
        for place, word in enumerate(words)
    )
    reader.leaf("line", "inline command", len(raw), shown)
    reader.leaf("crlf", "CRLF", reader.rest, None)


def _type(reader: Reader) -> int:
    kind = reader.peek(1, "type")[0]
    name = TYPE_NAMES.get(kind)
    if name is None:
        raise Undecodable(
            f"типа {bytes((kind,))!r} в протоколе нет",
            f"the protocol has no type {bytes((kind,))!r}",
            reader.at,
        )
    reader.leaf("type", "octet", 1, f"{chr(kind)} {name}", TYPES[kind])
    return kind


def _crlf(reader: Reader) -> None:
    if reader.peek(len(CRLF), "crlf") != CRLF:
        raise Undecodable("здесь должен стоять CRLF", "CRLF should stand here", reader.at)
    reader.leaf("crlf", "CRLF", len(CRLF), None)


def _raw_line(reader: Reader, name: str) -> bytes:
    end = reader.data.find(CRLF, reader.at, reader.end)
    if end < 0:
        raise Undecodable(
            f"строка {name} не кончается CRLF", f"the line {name} does not end with CRLF", reader.at
        )
    return reader.data[reader.at : end]


def _line(reader: Reader, name: str, kind: str, shown: Callable[[bytes], Value] = text_of) -> Value:
    raw = _raw_line(reader, name)
    value = shown(raw)
    reader.leaf(name, kind, len(raw), value)
    _crlf(reader)
    return value


def _count(reader: Reader, name: str) -> int:
    """A length or a count that is a number."""
    size = number(_raw_line(reader, name), reader.at)
    _line(reader, name, "decimal", lambda _: size)
    return size


def _value(reader: Reader, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise Undecodable(
            f"значения вложены глубже {MAX_DEPTH} уровней",
            f"values are nested deeper than {MAX_DEPTH} levels",
            reader.at,
        )
    kind = _type(reader)
    name = TYPE_NAMES[kind]
    if kind in LINES:
        reader.show(_line(reader, "data", name, _reader_of(kind)), name)
    elif kind in BULKS:
        _bulk(reader, kind, name)
    else:
        _aggregate(reader, kind, name, depth)


def _reader_of(kind: int) -> Callable[[bytes], Value]:
    if kind == ord(":"):
        return lambda raw: int(raw) if _INTEGER.fullmatch(raw) else text_of(raw)
    if kind == ord("#"):
        return lambda raw: _BOOLEANS.get(raw, text_of(raw))
    if kind == ord("_"):
        return lambda raw: text_of(raw) or "null"
    return text_of


def _bulk(reader: Reader, kind: int, name: str) -> None:
    if _raw_line(reader, "length") == _STREAMED.encode():
        _line(reader, "length", "decimal")
        _chunks(reader)
        return
    size = _count(reader, "length")
    if size < 0:
        reader.show("null", name)
        return
    if kind == _VERBATIM and size >= _FORMAT_SIZE:
        reader.text("format", "octet ×4", _FORMAT_SIZE)
        size -= _FORMAT_SIZE
    shown = text_of(reader.peek(size, "data"))
    reader.document("data", name, size, shown, json_inside)
    _crlf(reader)
    reader.show(shown, name)


def _chunks(reader: Reader) -> None:
    """A string of unknown length, in parts."""
    while True:
        with reader.group("chunk"):
            _type(reader)
            size = _count(reader, "length")
            if size > 0:
                reader.show(reader.text("data", "chunk", size), "chunk")
                _crlf(reader)
        if size <= 0:
            return


def _aggregate(reader: Reader, kind: int, name: str, depth: int) -> None:
    if kind not in b"*~%>|":
        raise Undecodable(
            f"{name} не может начинать значение", f"{name} cannot begin a value", reader.at
        )
    raw = _raw_line(reader, "count")
    count: int | None = None
    if raw == _STREAMED.encode():
        _line(reader, "count", "decimal")
    else:
        count = _count(reader, "count")
        if count < 0:
            reader.show("null", name)
            return
    place = 0
    while count is None or place < count:
        if count is None and reader.peek(1, "end") == b".":
            with reader.group("end"):
                _type(reader)
                _crlf(reader)
            break
        _one_of(reader, kind, place, depth + 1)
        place += 1
    reader.show(f"[{place}]", name)


def _one_of(reader: Reader, kind: int, place: int, depth: int) -> None:
    """An element; of a map or an attribute, a pair."""
    if kind in _PAIRS:
        with reader.group(_key(reader) or f"[{place}]", PARTS["entry"]):
            with reader.group("key", PARTS["entry_key"]):
                _element(reader, depth)
            with reader.group("value", PARTS["entry_value"]):
                _element(reader, depth)
        return
    with reader.group(f"[{place}]", PARTS["element"]):
        _element(reader, depth)


def _element(reader: Reader, depth: int) -> None:
    while reader.peek(1, "type") == b"|":
        with reader.group("attribute"):
            _value(reader, depth)
    _value(reader, depth)


def _key(reader: Reader) -> str | None:
    """What the key says that stands next, where it is a short text."""
    kind = reader.peek(1, "type")[0]
    line = _raw_line(reader, "key")
    if kind == ord("+"):
        raw = line[1:]
    elif kind == ord("$") and line[1:].isdigit() and len(line) < 4:
        at = reader.at + len(line) + len(CRLF)
        raw = reader.data[at : at + int(line[1:])]
    else:
        return None
    text = text_of(raw)
    is_short = isinstance(text, str) and 0 < len(text) <= _KEY_SHOWN and text.isprintable()
    return text if isinstance(text, str) and is_short else None
