"""JSON for the eye: indented, with its parts told apart."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

_TOKEN = re.compile(
    r"""(?P<key>"(?:\\.|[^"\\])*")(?=\s*:)
      | (?P<text>"(?:\\.|[^"\\])*")
      | (?P<literal>-?\d[\d.eE+-]*|true|false|null)
    """,
    re.VERBOSE,
)


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
    """The body in tokens; a body that is not JSON comes back as it is, in one token."""
    try:
        pretty = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return (Token(TokenKind.PLAIN, body),) if body else ()
    return tuple(_tokens(pretty))


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    for match in _TOKEN.finditer(text):
        if match.start() > at:
            yield Token(TokenKind.PLAIN, text[at : match.start()])
        yield Token(_KINDS[match.lastgroup or ""], match.group())
        at = match.end()
    if at < len(text):
        yield Token(TokenKind.PLAIN, text[at:])
