"""What has to be the same in a fence of both languages.

Comments may differ, and so may a string in quotes, where the Russian one has Cyrillic letters. In
`text` it is a line that has them; in `mermaid` it is what people read: labels, names, conditions.
All else is equal, letter by letter.
"""

import re
from collections.abc import Iterator
from functools import cache

from stend.course.texts.prose import Fence, Notation

_CYRILLIC = re.compile(r"[А-яЁё]")
_QUOTED = r'"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"'
_SINGLE = r"'''[\s\S]*?'''|'(?:\\.|[^'\\\n])*'"
# What SQL (ISO 9075) doubles, no backslash escapes.
_SQL = r"'(?:''|[^'])*'|\"(?:\"\"|[^\"])*\""
_STRINGS = {
    Notation.PYTHON: f"{_QUOTED}|{_SINGLE}",
    Notation.CONSOLE: f"{_QUOTED}|{_SINGLE}",
    Notation.YAML: f"{_QUOTED}|'(?:''|[^'\\n])*'",
    Notation.TOML: f"{_QUOTED}|{_SINGLE}",
    Notation.SQL: _SQL,
    Notation.XML: r'"[^"]*"|' + r"'[^'<>\n]*'",
}
# YAML 1.2 (6.6) and shells: white space stands before the sign.
_COMMENTS = {
    Notation.PYTHON: r"#[^\n]*",
    Notation.CONSOLE: r"(?:(?<=\s)|^)#[^\n]*",
    Notation.YAML: r"(?:(?<=\s)|^)#[^\n]*",
    Notation.TOML: r"#[^\n]*",
    Notation.GRAPHQL: r"#[^\n]*",
    Notation.PROTO: r"//[^\n]*|/\*[\s\S]*?\*/",
    Notation.SQL: r"--[^\n]*|/\*[\s\S]*?\*/",
    Notation.XML: r"<!--[\s\S]*?-->",
    Notation.MERMAID: r"^\s*%%[^\n]*",
}
# In mermaid: what stands in quotes, brackets or bars, after a colon, a keyword, or `as`.
_READ = re.compile(
    r'"[^"\n]*"'
    r"|(?<=\|)[^|\n]*(?=\|)"
    r"|(?<=\[)[^\[\]\n]*(?=\])"
    r"|(?<=\()[^()\n]*(?=\))"
    r"|(?<=\w\{)[^{}\n]*(?=\})"
    r"|(?<=:)[^\n]*$"
    r"|(?<= as )[^\n]*$"
    r"|(?:(?<=alt )|(?<=else )|(?<=opt )|(?<=loop )|(?<=par )|(?<=and )|(?<=break )"
    r"|(?<=critical )|(?<=option )|(?<=title )|(?<=subgraph ))[^\n\[]*$",
    re.MULTILINE,
)


def differs(ru: Fence, en: Fence) -> str | None:
    """Why two fences are not one in two languages; None: they are."""
    if ru.info != en.info:
        return f"`{ru.info}` in Russian, `{en.info}` in English"
    if ru.live != en.live:
        return "the live blocks do different things"
    match ru.language:
        case Notation.MERMAID:
            lines = (_skeleton(ru), _skeleton(en))
        case Notation.TEXT:
            lines = _texts(ru, en)
        case _:
            lines = _codes(ru, en)
    return _first_difference(*lines)


def is_same_code(ru: Fence, en: Fence) -> bool:
    """Equal but for comments, so that one run tells about both."""
    return bare(ru) == bare(en)


def bare(fence: Fence) -> list[str]:
    """The lines of a fence without comments and empty lines."""
    return _lines("".join(_pieces(fence.content, fence.language)))


def _pieces(content: str, language: Notation) -> Iterator[str]:
    done = 0
    for one in _scanner(language).finditer(content):
        yield content[done : one.start()]
        if one.lastgroup == "string":
            yield one[0]
        done = one.end()
    yield content[done:]


@cache
def _scanner(language: Notation) -> re.Pattern[str]:
    strings = _STRINGS.get(language, _QUOTED)
    # A sign that never comes, where the language has no comments.
    comments = _COMMENTS.get(language, r"(?!)")
    if language is Notation.MERMAID:
        return re.compile(f"(?P<comment>{comments})", re.MULTILINE)
    return re.compile(f"(?P<string>{strings})|(?P<comment>{comments})", re.MULTILINE)


def _lines(text: str) -> list[str]:
    return [one.rstrip() for one in text.splitlines() if one.strip()]


def _codes(ru: Fence, en: Fence) -> tuple[list[str], list[str]]:
    """Where the Russian string is in Russian, both strings are left out."""
    russian, english = "\n".join(bare(ru)), "\n".join(bare(en))
    scanner = _scanner(ru.language)
    spoken = [bool(_CYRILLIC.search(one[0])) for one in scanner.finditer(russian)]

    def masked(text: str) -> list[str]:
        places = iter(range(len(text)))

        def without(found: re.Match[str]) -> str:
            place = next(places)
            return '"…"' if place < len(spoken) and spoken[place] else found[0]

        return _lines(scanner.sub(without, text))

    return masked(russian), masked(english)


def _texts(ru: Fence, en: Fence) -> tuple[list[str], list[str]]:
    russian, english = ru.content.splitlines(), en.content.splitlines()
    pairs = zip(russian, english, strict=False)
    shown = [("…", "…") if _CYRILLIC.search(a) else (a.rstrip(), b.rstrip()) for a, b in pairs]
    rest = len(shown)
    return [a for a, _ in shown] + russian[rest:], [b for _, b in shown] + english[rest:]


def _skeleton(fence: Fence) -> list[str]:
    return [_READ.sub("…", one).rstrip() for one in bare(fence)]


def _first_difference(russian: list[str], english: list[str]) -> str | None:
    for ours, theirs in zip(russian, english, strict=False):
        if ours != theirs:
            return f"{ours.strip()!r} in Russian, {theirs.strip()!r} in English"
    if len(russian) != len(english):
        return f"{len(russian)} lines in Russian, {len(english)} in English"
    return None
