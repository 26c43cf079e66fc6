"""A page of the course in Markdown, taken apart: sections, fences, links, words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from stend.course.errors import CourseFileError
from stend.course.texts.live import Live, read_live
from stend.kit.languages import Language

_ANCHORED = re.compile(r"^(?P<title>.*\S)\s*\{#(?P<anchor>[a-z0-9]+(?:-[a-z0-9]+)*)\}$")
_WORD = re.compile(r"\S*\w\S*")
_ALIGNED = re.compile(r"text-align:(left|center|right)")
# `Token.meta` of a fence: its place in `Prose.fences`.
FENCE_PLACE = "fence"


class Notation(StrEnum):
    """What a fence is written in."""

    PYTHON = "python"
    CONSOLE = "console"
    TEXT = "text"
    JSON = "json"
    YAML = "yaml"
    TOML = "toml"
    XML = "xml"
    GRAPHQL = "graphql"
    PROTO = "proto"
    SQL = "sql"
    HTTP = "http"
    MERMAID = "mermaid"
    LIVE = "live"


class Attribute(StrEnum):
    """The second word of a fence."""

    STAND = "stand"
    OUTPUT = "output"


_ATTRIBUTES = {Notation.PYTHON: (Attribute.STAND,), Notation.TEXT: (Attribute.OUTPUT,)}
_PRINTS = {Notation.PYTHON, Notation.CONSOLE}


@dataclass(frozen=True, slots=True)
class Fence:
    """
    Attributes:
        section: the anchor of the section that it is in.
        line: of its opening, counted from 1.
        live: what a live block does.
    """

    language: Notation
    attributes: tuple[Attribute, ...]
    content: str
    section: str
    line: int
    live: Live | None = None

    @property
    def info(self) -> str:
        """As it is written after the three backticks."""
        return " ".join((self.language, *self.attributes))


@dataclass(frozen=True, slots=True)
class Link:
    target: str
    line: int


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what follows it, up to the next heading of any level.

    Attributes:
        anchor: empty where the page has none.
        title: without marks.
        tokens: of the body, as markdown-it gives them.
        text: of the body without marks and fences, a paragraph a line.
    """

    level: int
    anchor: str
    title: str
    line: int
    tokens: tuple[Token, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Prose:
    """
    Attributes:
        tokens: of the whole page, as markdown-it gives them.
        sections: the first has the title of the page.
        words: headings and tables included, fences not.
    """

    path: Path
    language: Language
    tokens: tuple[Token, ...]
    sections: tuple[Section, ...]
    fences: tuple[Fence, ...]
    links: tuple[Link, ...]
    words: int

    @property
    def title(self) -> str:
        return self.sections[0].title

    @property
    def anchors(self) -> tuple[str, ...]:
        return tuple(one.anchor for one in self.sections if one.anchor)


def read_prose(path: Path, language: Language, *, anchored: bool) -> Prose:
    """
    Args:
        anchored: every heading has an anchor; without, none has to.

    Raises:
        CourseFileError: the file is missing, or no page of the course; names all that is wrong.
    """
    try:
        source = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CourseFileError(path, error.strerror or str(error)) from None
    except UnicodeDecodeError as error:
        raise CourseFileError(path, str(error)) from None
    return prose_of(source, path, language, anchored=anchored)


def prose_of(source: str, path: Path, language: Language, *, anchored: bool) -> Prose:
    """The page of this Markdown.

    Args:
        path: where it comes from.
        anchored: as in `read_prose`.

    Raises:
        CourseFileError: it is no page of the course; names all that is wrong.
    """
    tokens = parser().parse(source)
    told = [*_wrong_blocks(tokens, source.splitlines()), *_wrong_headings(tokens, anchored)]
    if told:
        raise CourseFileError(path, "; ".join(told))
    fences = tuple(_fences(tokens, path))
    return Prose(
        path=path,
        language=language,
        tokens=tuple(tokens),
        sections=tuple(_sections(tokens)),
        fences=fences,
        links=tuple(_links(tokens)),
        words=sum(len(_WORD.findall(plain(one))) for one in tokens if one.type == "inline"),
    )


@cache
def parser() -> MarkdownIt:
    """CommonMark with tables; HTML stands on the page as it is written."""
    made = MarkdownIt("commonmark", {"html": False}).enable("table")
    made.core.ruler.before("inline", "anchors", _take_anchors)
    made.core.ruler.push("alignment", _style_to_class)
    return made


def plain(inline: Token) -> str:
    """The text of an inline token, without marks."""
    return "".join(
        " " if one.type in {"softbreak", "hardbreak"} else one.content
        for one in inline.children or ()
    )


def _take_anchors(state: StateCore) -> None:
    for token, inline in zip(state.tokens, state.tokens[1:], strict=False):
        if token.type == "heading_open" and (found := _ANCHORED.match(inline.content)):
            token.attrSet("id", found["anchor"])
            inline.content = found["title"]


# The pages of the portal allow no inline style.
def _style_to_class(state: StateCore) -> None:
    for token in state.tokens:
        if aligned := _ALIGNED.match(str(token.attrs.pop("style", ""))):
            token.attrSet("class", aligned[1])


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 0


def _wrong_blocks(tokens: Sequence[Token], lines: Sequence[str]) -> Iterator[str]:
    before = None
    for token in tokens:
        where = f"line {_line(token)}"
        if token.type == "code_block":
            yield f"{where}: indented code; code stands in a fence that names its language"
        elif token.type == "inline":
            if any(one.type == "image" for one in token.children or ()):
                yield f"{where}: an image; pictures are drawn from a mermaid fence"
        elif token.type == "fence":
            yield from (f"{where}: {one}" for one in _wrong_fence(token, before, lines))
        if token.block and token.type != "inline":
            before = token


def _wrong_fence(token: Token, before: Token | None, lines: Sequence[str]) -> Iterator[str]:
    words = token.info.split()
    if not words or words[0] not in set(Notation):
        known = ", ".join(Notation)
        yield f"a fence of {token.info or 'no language'}; known are {known}"
        return
    allowed = _ATTRIBUTES.get(Notation(words[0]), ())
    if len(words) > 2 or (words[1:] and words[1] not in allowed):
        yield f"{token.info!r}: after {words[0]} may follow {' or '.join(allowed) or 'nothing'}"
    if token.map and not lines[token.map[1] - 1].strip().endswith(token.markup):
        yield "a fence that does not end"
    if words[1:] == [Attribute.OUTPUT] and not _prints(before):
        yield "`text output` stands straight after a python or console fence, and here does not"
    if words[0] == Notation.LIVE:
        try:
            read_live(token.content)
        except ValueError as error:
            yield f"live: {error}"


def _prints(before: Token | None) -> bool:
    return (
        before is not None
        and before.type == "fence"
        and before.info.split()[:1] in ([[one] for one in _PRINTS])
    )


def _wrong_headings(tokens: Sequence[Token], anchored: bool) -> Iterator[str]:
    if not tokens or tokens[0].tag != "h1":
        yield "line 1: begins with something else than `# Title`"
    seen: set[str] = set()
    above = 0
    for token in tokens:
        if token.type != "heading_open":
            continue
        where, level = f"line {_line(token)}", int(token.tag[1:])
        anchor = str(token.attrGet("id") or "")
        if token.level:
            yield f"{where}: a heading inside of a list or a quotation"
        if level > above + 1 or (level == 1 and above):
            yield f"{where}: {token.tag} after h{above}; one h1, and no level left out"
        if anchored and not anchor:
            yield f"{where}: a heading without an anchor; write `## Title {{#anchor}}`"
        if anchor in seen:
            yield f"{where}: the anchor {anchor} is there twice"
        seen |= {anchor} - {""}
        above = level


def _sections(tokens: Sequence[Token]) -> Iterator[Section]:
    starts = [place for place, one in enumerate(tokens) if one.type == "heading_open"]
    for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
        heading, body = tokens[start], tuple(tokens[start + 3 : end])
        yield Section(
            level=int(heading.tag[1:]),
            anchor=str(heading.attrGet("id") or ""),
            title=plain(tokens[start + 1]),
            line=_line(heading),
            tokens=body,
            text="\n".join(plain(one) for one in body if one.type == "inline"),
        )


def _fences(tokens: Sequence[Token], path: Path) -> Iterator[Fence]:
    section, place = "", 0
    for token in tokens:
        if token.type == "heading_open":
            section = str(token.attrGet("id") or "")
        if token.type != "fence":
            continue
        token.meta[FENCE_PLACE] = place
        place += 1
        first, *others = token.info.split()
        language = Notation(first)
        yield Fence(
            language=language,
            attributes=tuple(Attribute(one) for one in others),
            content=token.content,
            section=section,
            line=_line(token),
            live=read_live(token.content) if language is Notation.LIVE else None,
        )


def _links(tokens: Sequence[Token]) -> Iterator[Link]:
    for token in tokens:
        for child in token.children or ():
            if child.type == "link_open":
                yield Link(str(child.attrGet("href") or ""), _line(token))
