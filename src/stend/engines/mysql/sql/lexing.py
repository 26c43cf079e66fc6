"""A statement's text as MySQL's lexer sees it: without comments, each statement by itself.

The comments are taken out here because MySQL's have meanings that sqlglot does not know: what is in
`/*! … */` is run, and `/*+ … */` may hold a setting. Every offset stays what it was.
"""

import re
from dataclasses import dataclass

from stend.engines.mysql.errors import MyError, MySqlError, not_supported

# A query longer than this would hold up the others while it is parsed.
MAX_LENGTH = 16 * 1024 * 1024
# sqlglot and the translation go down into each.
MAX_NESTING = 60
_VERSION = 80400
_NEAR_LENGTH = 80

_SPECIAL = re.compile(
    r"""
    '(?:[^'\\]++|\\.|'')*+'
    | "(?:[^"\\]++|\\.|"")*+"
    | `(?:[^`]++|``)*+`
    | --(?=[\x00-\x20]|\Z)[^\n]*+
    | \#[^\n]*+
    | /\*!(?:\d{5,6})?
    | /\*(?!!)(?:[^*]++|\*(?!/))*+\*/
    | /\*
    | \*/
    | [();'"`]
    """,
    re.VERBOSE | re.DOTALL,
)
_HINT_PLACE = re.compile(r"(?:select|insert|replace|update|delete)\s*\Z", re.IGNORECASE)
# Hints that change more than the way in which the same rows are found.
_HINT_WITH_MEANING = re.compile(r"\b(?:SET_VAR|MAX_EXECUTION_TIME|RESOURCE_GROUP)\b", re.IGNORECASE)
_BAD_BYTES = re.compile("[\ud800-\udfff]+")
_BINARY_INTRODUCER = re.compile(r"(?:_binary|\bx|\bb)\s*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Source:
    """One statement.

    Attributes:
        text: as the client sent it.
        clean: as long as `text`, with blanks for comments and for the marks around `/*! … */`.
    """

    text: str
    clean: str


def syntax_error(text: str, offset: int) -> MySqlError:
    """ER_PARSE_ERROR as MySQL words it.

    Args:
        text: of the statement.
        offset: of the first token that does not fit; the text's length where one is missing.
    """
    near = text[offset : offset + _NEAR_LENGTH]
    line = text.count("\n", 0, offset) + 1
    return MySqlError(
        MyError.ER_PARSE_ERROR,
        "You have an error in your SQL syntax; check the manual that corresponds to your MySQL "
        f"server version for the right syntax to use near '{near}' at line {line}",
    )


def split(text: str) -> tuple[Source, ...]:
    """The statements of a query, in their order; empty ones are left out.

    Args:
        text: UTF-8 as the client sent it, what is no UTF-8 as lone surrogates (surrogateescape):
            such bytes may stand in binary strings only.

    Raises:
        MySqlError: ER_PARSE_ERROR: a string or a comment has no end, a parenthesis has no other;
            it is too long or too deep; ER_INVALID_CHARACTER_STRING.
    """
    if len(text) > MAX_LENGTH:
        raise not_supported(f"A query of more than {MAX_LENGTH} characters")
    return _Splitter(text).run()


class _Splitter:
    def __init__(self, text: str) -> None:
        self._text = text
        self._statements: list[Source] = []
        self._parts: list[str] = []
        self._copied = 0
        self._begun = 0
        self._depth = 0
        self._runs_comment = False

    def run(self) -> tuple[Source, ...]:
        for found in _SPECIAL.finditer(self._text):
            self._meet(found.group(), found.start(), found.end())
        if self._runs_comment:
            raise self._error(len(self._text))
        self._end(len(self._text))
        return tuple(self._statements)

    def _meet(self, piece: str, start: int, end: int) -> None:
        first = piece[0]
        if first in "()":
            self._nest(1 if first == "(" else -1, start)
        elif first in "'\"`":
            self._check_quoted(piece, start)
        elif first == ";":
            self._end(start)
            self._begun = self._copied = end
        elif piece.startswith("/*"):
            self._comment(piece, start, end)
        elif piece == "*/":
            self._end_of_comment(start, end)
        else:
            self._blank(start, end)

    def _nest(self, step: int, start: int) -> None:
        self._depth += step
        if self._depth < 0:
            raise self._error(start)
        if self._depth > MAX_NESTING:
            raise too_deep()

    def _check_quoted(self, piece: str, start: int) -> None:
        if len(piece) == 1:
            raise self._error(start)
        bad = _BAD_BYTES.search(piece)
        if bad is None or _BINARY_INTRODUCER.search(self._text, max(start - 12, 0), start):
            return
        shown = "".join(f"\\x{byte:02X}" for byte in bad.group().encode("utf-8", "surrogateescape"))
        raise MySqlError(
            MyError.ER_INVALID_CHARACTER_STRING, f"Invalid utf8mb4 character string: '{shown}'"
        )

    def _comment(self, piece: str, start: int, end: int) -> None:
        if piece.startswith("/*!"):
            self._executable(piece, start, end)
            return
        if len(piece) == 2:
            raise self._error(start)
        if piece.startswith("/*+") and _HINT_PLACE.search(self._text, max(start - 40, 0), start):
            meaning = _HINT_WITH_MEANING.search(piece)
            if meaning:
                raise not_supported(f"The optimizer hint {meaning.group().upper()}")
        self._blank(start, end)

    def _executable(self, piece: str, start: int, end: int) -> None:
        version = piece[3:]
        if self._runs_comment or (version and int(version) > _VERSION):
            raise not_supported("A comment for another version of the server")
        self._runs_comment = True
        self._blank(start, end)

    def _end_of_comment(self, start: int, end: int) -> None:
        # `2 */ 3` outside of a comment is left to the parser to refuse.
        if self._runs_comment:
            self._runs_comment = False
            self._blank(start, end)

    def _blank(self, start: int, end: int) -> None:
        self._parts += [self._text[self._copied : start], " " * (end - start)]
        self._copied = end

    def _end(self, stop: int) -> None:
        if self._depth:
            raise self._error(stop)
        clean = "".join([*self._parts, self._text[self._copied : stop]])
        self._parts = []
        if clean and not clean.isspace():
            self._statements.append(Source(self._text[self._begun : stop], clean))

    def _error(self, offset: int) -> MySqlError:
        return syntax_error(self._text[self._begun :], offset - self._begun)


def too_deep() -> MySqlError:
    """What MySQL says of a statement with too many levels."""
    return MySqlError(
        MyError.ER_STACK_OVERRUN_NEED_MORE,
        f"Thread stack overrun: the statement has more than {MAX_NESTING} levels",
    )
