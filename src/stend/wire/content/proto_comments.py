"""Comments of a `.proto` file: descriptors made by protoc have lost them."""

import re
from collections.abc import Iterator, Mapping

_TOKEN = re.compile(
    r"""//[ \t]?(?P<comment>[^\n]*)
    |/\*.*?\*/
    |"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'
    |(?P<word>[\w.]+)
    |(?P<mark>[{}=;])
    |(?P<newline>\n)""",
    re.VERBOSE | re.DOTALL,
)
_SCOPES = ("message", "group", "oneof", "enum", "service", "extend")


def comments_of(source: str) -> Mapping[str, str]:
    """The comment above each field, or behind it on its line, by the field's full name."""
    reading = _Reading()
    for kind, text in _tokens(source):
        reading.take(kind, text)
    return reading.found


def _tokens(source: str) -> Iterator[tuple[str, str]]:
    for match in _TOKEN.finditer(source):
        if match.lastgroup is not None:
            yield match.lastgroup, match.group(match.lastgroup)


class _Reading:
    """Goes over the tokens; `_scopes` are the names that are open, empty for those without one."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._package = ""
        self._scopes: list[str] = []
        self._words: list[str] = []
        self._above: list[str] = []
        self._behind = ""
        self._blank = True

    def take(self, kind: str, text: str) -> None:
        if kind == "comment":
            self._comment(text.strip())
        elif kind == "newline":
            self._newline()
        elif kind == "word":
            self._blank = False
            self._words.append(text)
        else:
            self._blank = False
            self._mark(text)

    def _comment(self, text: str) -> None:
        if self._behind and not self._words:
            self.found.setdefault(self._behind, text)
        else:
            self._above.append(text)
        self._blank = False

    def _newline(self) -> None:
        if self._blank:
            # A blank line parts a comment from what stands below it.
            self._above = []
        self._blank = True
        self._behind = ""

    def _mark(self, mark: str) -> None:
        words = self._words
        if mark == "=":
            # The number of a field; what stands in front of it is its name.
            if len(words) >= 2 and words[0] != "option":
                self._field(words[-1])
            return
        if mark == "{":
            is_scope = len(words) >= 2 and words[0] in _SCOPES
            self._scopes.append(words[1] if is_scope and words[0] == "message" else "")
        elif mark == "}" and self._scopes:
            self._scopes.pop()
        elif words[:1] == ["package"]:
            self._package = words[1] if len(words) > 1 else ""
        self._words, self._above = [], []

    def _field(self, name: str) -> None:
        full = ".".join(one for one in (self._package, *self._scopes, name) if one)
        if self._above:
            self.found[full] = " ".join(self._above)
        self._behind = full
        self._words, self._above = [], []
