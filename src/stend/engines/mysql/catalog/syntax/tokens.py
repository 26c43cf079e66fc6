"""Words, names, strings and numbers of a statement that sqlglot does not read here."""

import re
from dataclasses import dataclass
from enum import Enum, auto

from stend.engines.mysql.errors import MySqlError
from stend.engines.mysql.sql.lexing import Source, syntax_error
from stend.engines.mysql.sql.reserved import RESERVED

_TOKEN = re.compile(
    r"""
    (?P<quoted>`(?:[^`]|``)*`)
    | (?P<string>(?:_utf8mb4\s*)?(?:'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"))
    | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w$]))
    | (?P<variable>@@?[\w.$]+)
    | (?P<word>[\w$]+)
    | (?P<symbol><=>|<=|>=|<>|!=|:=|->>|->|&&|\|\||<<|>>|[^\s])
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_ESCAPE = re.compile(r"\\(.)|''|\"\"", re.DOTALL)
# The others stand for themselves; the backslash stays before % and _ (section 11.1.1).
_ESCAPES = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a"}
_KEPT = frozenset("%_")


class TokenKind(Enum):
    QUOTED = auto()
    STRING = auto()
    NUMBER = auto()
    VARIABLE = auto()
    WORD = auto()
    SYMBOL = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """
    Attributes:
        text: as it stands there.
        start, end: offsets in the statement.
    """

    kind: TokenKind
    text: str
    start: int
    end: int

    @property
    def upper(self) -> str:
        return self.text.upper()


class Tokens:
    """A statement, read from left to right. What does not fit is ER_PARSE_ERROR."""

    def __init__(self, source: Source) -> None:
        self._source = source
        # Of a long INSERT, only the first word is asked for.
        self._found = _TOKEN.finditer(source.clean)
        self._tokens: list[Token] = []
        end = len(source.clean)
        self._end = Token(TokenKind.END, "", end, end)
        self._index = 0

    @property
    def peek(self) -> Token:
        return self.ahead(0)

    @property
    def at_end(self) -> bool:
        return self.peek.kind is TokenKind.END

    def ahead(self, count: int) -> Token:
        """The token so many behind the next one."""
        index = self._index + count
        while index >= len(self._tokens):
            found = next(self._found, None)
            if found is None:
                return self._end
            self._tokens.append(_token(found))
        return self._tokens[index]

    def next(self) -> Token:
        token = self.peek
        if token.kind is not TokenKind.END:
            self._index += 1
        return token

    def fail(self, token: Token | None = None) -> MySqlError:
        """The error of a token that does not fit: the next one, if no other is named."""
        return syntax_error(self._source.text, (token or self.peek).start)

    def is_word(self, *words: str) -> bool:
        """Whether the next tokens are these words, in upper case here."""
        return all(
            self.ahead(index).kind is TokenKind.WORD and self.ahead(index).upper == word
            for index, word in enumerate(words)
        )

    def accept(self, *words: str) -> bool:
        """Takes these words if they are next."""
        if not self.is_word(*words):
            return False
        self._index += len(words)
        return True

    def accept_any(self, *words: str) -> str | None:
        """Takes one of these words if it is next."""
        return next((word for word in words if self.accept(word)), None)

    def expect(self, *words: str) -> None:
        for word in words:
            if not self.accept(word):
                raise self.fail()

    def expect_any(self, *words: str) -> str:
        word = self.accept_any(*words)
        if word is None:
            raise self.fail()
        return word

    def is_symbol(self, symbol: str) -> bool:
        return self.peek.kind is TokenKind.SYMBOL and self.peek.text == symbol

    def accept_symbol(self, symbol: str) -> bool:
        if not self.is_symbol(symbol):
            return False
        self._index += 1
        return True

    def expect_symbol(self, symbol: str) -> None:
        if not self.accept_symbol(symbol):
            raise self.fail()

    def expect_end(self) -> None:
        if not self.at_end:
            raise self.fail()

    @property
    def is_name(self) -> bool:
        """Whether the next token names something."""
        token = self.peek
        return token.kind is TokenKind.QUOTED or (
            token.kind is TokenKind.WORD and token.upper not in RESERVED
        )

    def name(self) -> str:
        """A name, with quotes or without."""
        if not self.is_name:
            raise self.fail()
        token = self.next()
        if token.kind is TokenKind.QUOTED:
            return token.text[1:-1].replace("``", "`")
        return token.text

    def any_name(self) -> str:
        """A name behind a point, where reserved words are names."""
        if self.peek.kind is TokenKind.WORD:
            return self.next().text
        return self.name()

    @property
    def is_string(self) -> bool:
        return self.peek.kind is TokenKind.STRING

    def string(self) -> str:
        """A string's value; strings one after another are one."""
        token = self.peek
        if token.kind is not TokenKind.STRING:
            raise self.fail()
        parts = []
        while token.kind is TokenKind.STRING:
            parts.append(unquoted(self.next().text))
            token = self.peek
        return "".join(parts)

    def number(self) -> int:
        """A whole number without a sign."""
        token = self.peek
        if token.kind is not TokenKind.NUMBER or not token.text.isdigit():
            raise self.fail()
        self._index += 1
        return int(token.text)

    def parenthesised(self) -> str:
        """The text between a parenthesis and the one that closes it."""
        opening = self.peek
        self.expect_symbol("(")
        depth = 1
        while depth:
            token = self.next()
            if token.kind is TokenKind.END:
                raise self.fail()
            if token.kind is TokenKind.SYMBOL:
                depth += {"(": 1, ")": -1}.get(token.text, 0)
        closing = self._tokens[self._index - 1]
        return self._source.clean[opening.end : closing.start]

    def rest(self) -> str:
        """The text from the next token to the end of the statement, which is then reached."""
        start = self.peek.start
        while not self.at_end:
            self.next()
        return self._source.clean[start:].rstrip()


def _token(found: re.Match[str]) -> Token:
    kind = TokenKind[(found.lastgroup or "symbol").upper()]
    return Token(kind, found.group(), found.start(), found.end())


def unquoted(text: str) -> str:
    """The value of a string literal of MySQL."""
    body = text[text.index(text[-1]) + 1 : -1]
    doubled = text[-1] * 2

    def put(found: re.Match[str]) -> str:
        escaped: str | None = found[1]
        if escaped is None:
            return text[-1] if found[0] == doubled else found[0]
        return found[0] if escaped in _KEPT else _ESCAPES.get(escaped, escaped)

    return _ESCAPE.sub(put, body)
