"""JSON and XML for the eye: indented, with their parts told apart."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

_JSON = re.compile(
    r"""(?P<key>"(?:\\.|[^"\\])*")(?=\s*:)
      | (?P<text>"(?:\\.|[^"\\])*")
      | (?P<literal>-?\d[\d.eE+-]*|true|false|null)
    """,
    re.VERBOSE,
)
# Markup, or the text between two pieces of it; an attribute may hold a `>`.
_XML = re.compile(
    r"""<!--.*?-->|<!\[CDATA\[.*?\]\]>|<(?:"[^"]*"|'[^']*'|[^<>"'])*>|[^<]+""", re.DOTALL
)
_XML_STEP = "  "


class TokenKind(Enum):
    KEY = "key"
    TEXT = "str"
    LITERAL = "lit"
    PLAIN = ""


@dataclass(frozen=True, slots=True)
class Token:
    kind: TokenKind
    text: str


_KINDS = {"key": TokenKind.KEY, "text": TokenKind.TEXT, "literal": TokenKind.LITERAL}


def highlighted(body: str) -> tuple[Token, ...]:
    """The body in tokens; one that is neither JSON nor XML comes back as it is, in one token."""
    if body.lstrip().startswith("<"):
        return tuple(_xml_tokens(indented_xml(body)))
    try:
        pretty = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return (Token(TokenKind.PLAIN, body),) if body else ()
    return tuple(_json_tokens(pretty))


def indented_xml(text: str) -> str:
    """One element a line, those with nothing but text in one line; broken XML as it is."""
    found = _XML.findall(text.strip())
    if "".join(found) != text.strip():
        return text
    pieces = [piece for place, piece in enumerate(found) if not _is_space(found, place)]
    lines: list[str] = []
    depth = 0
    for place, piece in enumerate(pieces):
        closes = piece.startswith("</")
        depth -= closes
        if depth < 0:
            return text
        before = pieces[place - 1] if place else ""
        # Text stays between its tags, so that no space is added to it.
        joined = lines and (_is_text(piece) or _is_text(before))
        joined = joined or (closes and _opens(before))
        if joined:
            lines[-1] += piece
        else:
            lines.append(_XML_STEP * depth + piece)
        depth += _opens(piece)
    return "\n".join(lines)


def _is_space(pieces: list[str], place: int) -> bool:
    """Whether it only stands between elements: alone in its element, white space is text."""
    if pieces[place].strip():
        return False
    return not (_opens(pieces[place - 1]) and pieces[place + 1].startswith("</"))


def _is_text(piece: str) -> bool:
    return not piece.startswith("<") or piece.startswith("<![CDATA[")


def _opens(piece: str) -> bool:
    return piece.startswith("<") and piece[1:2] not in {"/", "?", "!"} and not piece.endswith("/>")


def _xml_tokens(text: str) -> Iterator[Token]:
    pieces = _XML.findall(text)
    if "".join(pieces) != text:
        yield Token(TokenKind.PLAIN, text)
        return
    for piece in pieces:
        if not _is_text(piece):
            yield Token(TokenKind.KEY, piece)
        else:
            yield Token(TokenKind.TEXT if piece.strip() else TokenKind.PLAIN, piece)


def _json_tokens(text: str) -> Iterator[Token]:
    at = 0
    for match in _JSON.finditer(text):
        if match.start() > at:
            yield Token(TokenKind.PLAIN, text[at : match.start()])
        yield Token(_KINDS[match.lastgroup or ""], match.group())
        at = match.end()
    if at < len(text):
        yield Token(TokenKind.PLAIN, text[at:])
