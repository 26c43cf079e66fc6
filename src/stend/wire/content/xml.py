"""XML 1.0 as a tree in which every piece of markup has its place. Entities are never expanded."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from stend.kit.fields import Field, Meaning, group, undecoded
from stend.kit.languages import Text
from stend.wire.content.xml_words import (
    AMBIGUOUS,
    ATT_VALUE,
    ATTRIBUTE,
    CD_SECT,
    CHAR_DATA,
    CLOSE,
    COMMENT,
    DECLARATION,
    DOCTYPE,
    E_TAG,
    EMPTY_TAG,
    EQ,
    INSTRUCTION,
    NAME,
    NAMESPACE,
    OPEN,
    S_TAG,
    SPACE,
    Explain,
    plain,
)

MAX_DEPTH = 128
MAX_FIELDS = 20_000

_NAME = rb"[^\s<>/=\"'&!?\[\]]++"
_TOKEN = re.compile(
    rb"""(?P<comment><!--.*?-->)
    |(?P<cdata><!\[CDATA\[.*?\]\]>)
    |(?P<declaration><\?xml[ \t\r\n].*?\?>)
    |(?P<instruction><\?.*?\?>)
    |(?P<doctype><!DOCTYPE(?:[^\[\]>"']++|"[^"]*+"|'[^']*+'|\[(?:[^\]"']++|"[^"]*+"|'[^']*+')*+\])*+>)
    |(?P<close></"""
    + _NAME
    + rb"""[ \t\r\n]*+>)
    |(?P<open><"""
    + _NAME
    + rb"""(?:[^<>"']++|"[^<"]*+"|'[^<']*+')*+>)
    |(?P<text>[^<]++)""",
    re.VERBOSE | re.DOTALL,
)
_ATTRIBUTE = re.compile(
    rb"(?P<name>" + _NAME + rb")(?P<eq>[ \t\r\n]*+=[ \t\r\n]*+)(?P<value>\"[^<\"]*+\"|'[^<']*+')"
)
_SPACES = re.compile(rb"[ \t\r\n]++")
_TAG_NAME = re.compile(rb"</?(" + _NAME + rb")")
_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(lt|gt|amp|apos|quot));")
_CHARACTERS = {"lt": "<", "gt": ">", "amp": "&", "apos": "'", "quot": '"'}


class Token(NamedTuple):
    """A piece of markup or of text.

    Attributes:
        kind: `open`, `close`, `text`, `comment`, `cdata`, `declaration`, `instruction`, `doctype`.
    """

    kind: str
    start: int
    end: int


def tokens(data: bytes, start: int, end: int) -> Iterator[Token]:
    """The pieces of a document, up to the first place where it is none."""
    # A comment that does not end would be looked for again from each `<!--`: it ends the reading.
    at = start
    while at < end:
        found = _TOKEN.match(data, at, end)
        if found is None or found.lastgroup is None:
            return
        yield Token(found.lastgroup, at, found.end())
        at = found.end()


def tag_name(data: bytes, token: Token) -> str:
    """The qualified name in a start or end tag."""
    return _text(data[slice(*_name_span(data, token))])


def _name_span(data: bytes, token: Token) -> tuple[int, int]:
    found = _TAG_NAME.match(data, token.start, token.end)
    return (token.start, token.start) if found is None else found.span(1)


def xml_fields(data: bytes, start: int, end: int, explain: Explain = plain) -> tuple[Field, ...]:
    """A tree of the document from `start` to `end`; offsets are those in `data`.

    Args:
        explain: gives an element its meaning, by namespace and local name.
    """
    if data[start : start + 2] in (b"\xff\xfe", b"\xfe\xff"):
        why = Text(ru="документ не в UTF-8, а в UTF-16", en="the document is in UTF-16, not UTF-8")
        return (undecoded(start, end, why),)
    return _Reader(data, start, end, explain).read()


@dataclass(slots=True)
class _Element:
    """An element whose end tag has not been seen."""

    name: str
    spaces: dict[str, str]
    children: list[Field] = field(default_factory=list)


class _Reader:
    def __init__(self, data: bytes, start: int, end: int, explain: Explain) -> None:
        self.data = data
        self.at = start
        self.end = end
        self.explain = explain
        self.count = 0
        self.open = [_Element("", {"xml": "http://www.w3.org/XML/1998/namespace"})]
        self.takes: dict[str, Callable[[Token], Text | None]] = {
            "open": self._start_tag,
            "close": self._end_tag,
        }

    def read(self) -> tuple[Field, ...]:
        if self.data.startswith(b"\xef\xbb\xbf", self.at, self.end):
            self.open[0].children.append(Field("BOM", "", None, self.at, self.at + 3, SPACE))
            self.at += 3
        why: Text | None = None
        for token in tokens(self.data, self.at, self.end):
            why = self.takes.get(token.kind, self._piece)(token)
            if why is not None:
                break
            self.at = token.end
        if why is None and self.at < self.end:
            why = Text(ru="здесь не разметка XML", en="there is no markup of XML here")
        if why is None and len(self.open) > 1:
            why = Text(ru="документ не окончен", en="the document is not finished")
        while len(self.open) > 1:
            self._close()
        root = self.open[0].children
        if why is not None:
            root.append(undecoded(self.at, self.end, why))
        return tuple(root)

    def _close(self) -> None:
        spaces = [one.spaces for one in self.open]
        done = self.open.pop()
        prefix, _, local = done.name.rpartition(":")
        space = next((one[prefix] for one in reversed(spaces) if prefix in one), "")
        element = group(done.name, self.explain(space, local), done.children)
        names = [one.name for one in done.children]
        if names in (["STag", "CharData", "ETag"], ["STag", "CDSect", "ETag"]):
            # Nothing but text: the element says what its text does.
            element = element._replace(value=done.children[1].value)
        self.open[-1].children.append(element)

    def _piece(self, token: Token) -> Text | None:
        name, meaning = _PIECES[token.kind]
        raw = self.data[token.start : token.end]
        if token.kind == "text" and not raw.strip():
            name, meaning = "S", SPACE
        return self._add(Field(name, "", _value(token.kind, raw), token.start, token.end, meaning))

    def _add(self, piece: Field) -> Text | None:
        self.count += 1 + len(piece.children) * 3
        if self.count > MAX_FIELDS:
            return Text(
                ru=f"дальше не разобрано: полей больше {MAX_FIELDS}",
                en=f"not decoded further: there are more than {MAX_FIELDS} fields",
            )
        self.open[-1].children.append(piece)
        return None

    def _start_tag(self, token: Token) -> Text | None:
        empty = self.data[token.end - 2 : token.end] == b"/>"
        if len(self.open) > MAX_DEPTH:
            return Text(
                ru=f"вложено глубже {MAX_DEPTH} уровней",
                en=f"it is deeper than {MAX_DEPTH} levels",
            )
        pieces, spaces = self._tag(token, empty)
        name = tag_name(self.data, token)
        self.open.append(_Element(name, spaces))
        tag = ("EmptyElemTag", EMPTY_TAG) if empty else ("STag", S_TAG)
        why = self._add(group(*tag, pieces))
        if why is not None:
            self.open.pop()
        elif empty:
            self._close()
        return why

    def _tag(self, token: Token, empty: bool) -> tuple[list[Field], dict[str, str]]:
        """The pieces of a start tag, and the namespaces that it declares."""
        _, name_end = _name_span(self.data, token)
        name = _text(self.data[token.start + 1 : name_end])
        pieces = [
            Field("<", "", None, token.start, token.start + 1, OPEN),
            Field("Name", "QName", name, token.start + 1, name_end, NAME),
        ]
        spaces: dict[str, str] = {}
        at, last = name_end, token.end - (2 if empty else 1)
        while at < last:
            found = _SPACES.match(self.data, at, last) or _ATTRIBUTE.match(self.data, at, last)
            if found is None:
                pieces.append(undecoded(at, last, AMBIGUOUS))
                break
            if found.lastgroup is None:
                pieces.append(Field("S", "", None, at, found.end(), SPACE))
            else:
                pieces.append(_attribute(found, spaces))
            at = found.end()
        pieces.append(Field("/>" if empty else ">", "", None, last, token.end, CLOSE))
        return pieces, spaces

    def _end_tag(self, token: Token) -> Text | None:
        name = tag_name(self.data, token)
        if len(self.open) == 1 or name != self.open[-1].name:
            return Text(
                ru="закрывается не тот элемент, который открыт",
                en="the element that is closed is not the one that is open",
            )
        _, name_end = _name_span(self.data, token)
        pieces = [
            Field("</", "", None, token.start, token.start + 2, OPEN),
            Field("Name", "QName", name, token.start + 2, name_end, NAME),
        ]
        if name_end < token.end - 1:
            pieces.append(Field("S", "", None, name_end, token.end - 1, SPACE))
        pieces.append(Field(">", "", None, token.end - 1, token.end, CLOSE))
        why = self._add(group("ETag", E_TAG, pieces))
        if why is None:
            self._close()
        return why


_PIECES: dict[str, tuple[str, Meaning]] = {
    "text": ("CharData", CHAR_DATA),
    "comment": ("Comment", COMMENT),
    "cdata": ("CDSect", CD_SECT),
    "declaration": ("XMLDecl", DECLARATION),
    "instruction": ("PI", INSTRUCTION),
    "doctype": ("doctypedecl", DOCTYPE),
}


def _attribute(found: re.Match[bytes], spaces: dict[str, str]) -> Field:
    name = _text(found["name"])
    value = _value("text", found["value"][1:-1])
    meaning = ATTRIBUTE
    if name == "xmlns" or name.startswith("xmlns:"):
        spaces[name[6:]] = value
        meaning = NAMESPACE
    return group(
        name,
        meaning,
        [
            Field("Name", "QName", name, found.start("name"), found.end("name"), NAME),
            Field("Eq", "", None, found.start("eq"), found.end("eq"), EQ),
            Field("AttValue", "", value, found.start("value"), found.end("value"), ATT_VALUE),
        ],
    )._replace(value=value)


def _value(kind: str, raw: bytes) -> str:
    if kind == "cdata":
        return _text(raw[9:-3])
    text = _text(raw)
    return _REFERENCE.sub(_character, text) if kind == "text" and "&" in text else text


def _character(found: re.Match[str]) -> str:
    hexadecimal, decimal, name = found.groups()
    if name:
        return _CHARACTERS[name]
    number = int(hexadecimal, 16) if hexadecimal else int(decimal)
    # What is no character stays as it is written.
    if number > 0x10FFFF or 0xD800 <= number < 0xE000:
        return found[0]
    return chr(number)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")
