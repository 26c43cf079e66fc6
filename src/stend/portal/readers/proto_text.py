"""Protocol Buffers' own language (protobuf.dev/reference/protobuf/proto3-spec) as a tree.

Read from the text and not from descriptors: these have lost the comments.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""(?P<line>//[^\n]*) | (?P<block>/\*.*?\*/) | (?P<newline>\n)
      | (?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
      | (?P<word>[\w.+-]+) | (?P<mark>[{}()\[\]<>;=,:]) | (?P<space>[^\S\n]+)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """`doc` is the comment that stands right above, or behind on the same line."""

    text: str
    doc: str = ""


@dataclass
class Statement:
    """`words` up to `;` or `{`, and what stands between the braces.

    Attributes:
        body: None where there were no braces.
    """

    words: list[str]
    doc: str = ""
    body: "list[Statement] | None" = None

    @property
    def kind(self) -> str:
        return self.words[0] if self.words else ""


def parse_proto(text: str) -> list[Statement]:
    """
    Raises:
        ValueError: a character that no token begins with, or braces that do not match.
    """
    reading = _Parser(list(_tokens(text)))
    statements = reading.block()
    if reading.left:
        raise ValueError("a } without its {")
    return statements


@dataclass
class _Comments:
    """Collects the comment that belongs to the next statement."""

    lines: list[str] = field(default_factory=list)
    empty_lines: int = 0

    def add(self, text: str) -> None:
        if self.empty_lines > 1:
            self.lines.clear()
        self.lines.append(text)
        self.empty_lines = 0

    def newline(self) -> None:
        self.empty_lines += 1

    def take(self) -> str:
        # A line without anything between them: the comment is about something else.
        told = " ".join(self.lines) if self.empty_lines <= 1 else ""
        self.lines.clear()
        self.empty_lines = 0
        return told


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    comments = _Comments()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise ValueError(f"unexpected {text[at]!r} at character {at}")
        at = match.end()
        match match.lastgroup:
            case "line":
                comments.add(match.group().lstrip("/").strip())
            case "block":
                comments.add(" ".join(match.group()[2:-2].replace("*", " ").split()))
            case "newline":
                comments.newline()
            case "space":
                pass
            case _:
                yield Token(match.group(), comments.take())


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def left(self) -> bool:
        return self._at < len(self._tokens)

    def block(self) -> list[Statement]:
        """Up to the end or to a } that is left for whoever opened it."""
        found: list[Statement] = []
        while self.left and self._tokens[self._at].text != "}":
            statement = self._statement()
            if statement.words:
                found.append(statement)
        return found

    def _statement(self) -> Statement:
        statement = Statement([], self._tokens[self._at].doc)
        depth = 0
        while self.left:
            text = self._tokens[self._at].text
            self._at += 1
            if text == ";" and depth == 0:
                return statement
            if text == "{" and depth == 0 and "=" not in statement.words:
                statement.body = self.block()
                self._close()
                return statement
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(text, 0)
            statement.words.append(text)
        raise ValueError("the text ends in the middle of a statement")

    def _close(self) -> None:
        if not self.left:
            raise ValueError("a { without its }")
        self._at += 1
