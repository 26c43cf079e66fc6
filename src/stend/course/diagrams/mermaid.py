"""Reads sequence diagrams of Mermaid.

Source: Mermaid's documentation, "Sequence diagrams", and its grammar `sequenceDiagram.jison`.
"""

import html
import re
from collections.abc import Iterator

from stend.course.diagrams.building import Builder, check_size, not_understood
from stend.course.diagrams.model import (
    Arrow,
    BlockKind,
    Diagram,
    DiagramError,
    Message,
    Participant,
    quoted,
)
from stend.kit.languages import Text

HEADER = "sequenceDiagram"
_NAME = r"\w(?:[\w ./-]*[\w.])?"
# The same, as short as what follows allows.
_SHORT = r"\w(?:[\w ./-]*?[\w.])??"
_ARROWS = {
    "-->>": Arrow.REPLY,
    "->>": Arrow.SYNC,
    "-->": Arrow.REPLY,
    "->": Arrow.SYNC,
    "--x": Arrow.REPLY,
    "-x": Arrow.SYNC,
    "--)": Arrow.ASYNC,
    "-)": Arrow.ASYNC,
}
_MESSAGE = re.compile(
    rf"({_SHORT})\s*({'|'.join(map(re.escape, _ARROWS))})\s*([+-]?)\s*({_NAME})\s*:(.*)", re.DOTALL
)
_TWO_WAYS = re.compile(r"<<--?>>")
_DECLARED = re.compile(
    rf"(?:create\s+)?(participant|actor)\s+({_SHORT})(?:\s+as\s+(.+))?",
    re.IGNORECASE,
)
_DESTROYED = re.compile(rf"destroy\s+({_NAME})", re.IGNORECASE)
_ACTIVE = re.compile(rf"(activate|deactivate)\s+({_NAME})", re.IGNORECASE)
_NOTE = re.compile(
    rf"note\s+(?:(?:left|right)\s+of\s+({_NAME})|over\s+({_NAME})(?:\s*,\s*({_NAME}))?)\s*:.*",
    re.IGNORECASE | re.DOTALL,
)
_TITLE = re.compile(r"title\s*:?\s+(.*)|(?:accTitle|accDescr)\s*:.*", re.IGNORECASE)
_NUMBERED = re.compile(r"autonumber(?:\s+off|(?:\s+\d+){0,2})", re.IGNORECASE)
_WORD = re.compile(r"([A-Za-z]+)(?:\s+(.*))?", re.DOTALL)
_ENTITY = re.compile(r"#(\w+);")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
# An entity while its semicolon would divide statements.
_MARK = "\ue000"
_BLOCKS = {
    "alt": BlockKind.ALT,
    "opt": BlockKind.OPT,
    "loop": BlockKind.LOOP,
    "par": BlockKind.PAR,
    "critical": BlockKind.CRITICAL,
    "break": BlockKind.BREAK,
    "rect": BlockKind.GROUP,
}
_DIVIDERS = {"else": BlockKind.ALT, "and": BlockKind.PAR, "option": BlockKind.CRITICAL}
_STATEMENT = Text(
    ru="сообщение «A->>B: текст», participant, note, alt, else, end и другие слова "
    "диаграммы последовательности",
    en="a message `A->>B: text`, participant, note, alt, else, end or another word of a "
    "sequence diagram",
)
_REMEDY = Text(ru="Исправьте или уберите строку.", en="Correct the line, or remove it.")


def read_mermaid(text: str) -> Diagram:
    """
    Raises:
        DiagramError: a line is not understood; nothing is passed over.
    """
    lines = text.splitlines()
    check_size(lines)
    reader = _Reader()
    begin = _front_matter(lines, reader.builder)
    for line, statement in _statements(lines, begin):
        reader.read(statement, line)
    if not reader.has_begun:
        raise _no_header(len(lines) or 1, "")
    if reader.box_line:
        raise DiagramError(
            reader.box_line,
            Text(ru="box не закрыт", en="the box is not closed"),
            Text(ru="строка end", en="a line end"),
            Text(ru="Поставьте end после участников.", en="Put end after its participants."),
        )
    return reader.builder.built(len(lines) or 1)


def _front_matter(lines: list[str], builder: Builder) -> int:
    """Passes over the YAML before a diagram; the number of its lines."""
    if not lines or lines[0].strip() != "---":
        return 0
    for at, line in enumerate(lines[1:], 2):
        if line.strip() == "---":
            return at
        if line.strip().startswith("title:"):
            builder.title = line.partition(":")[2].strip()
    raise DiagramError(
        1,
        Text(ru="вводная часть не закрыта", en="the front matter is not closed"),
        Text(ru="вторая строка ---", en="a second line ---"),
        Text(ru="Закройте её или уберите.", en="Close it, or remove it."),
    )


def _statements(lines: list[str], begin: int) -> Iterator[tuple[int, str]]:
    for at, line in enumerate(lines[begin:], begin + 1):
        if line.strip().startswith("%%"):
            continue
        # A semicolon ends a statement, unless it ends an entity.
        marked = _ENTITY.sub(lambda found: f"#{found[1]}{_MARK}", line)
        for part in marked.split(";"):
            if told := part.replace(_MARK, ";").strip():
                yield at, told


class _Reader:
    def __init__(self) -> None:
        self.builder = Builder()
        self.has_begun = False
        self.box_line = 0

    def read(self, told: str, line: int) -> None:
        if not self.has_begun:
            if told != HEADER:
                raise _no_header(line, told)
            self.has_begun = True
        elif self.box_line:
            self._in_box(told, line)
        elif not (self._message(told, line) or self._named(told, line)):
            self._worded(told, line)

    def _in_box(self, told: str, line: int) -> None:
        if told.lower() == "end":
            self.box_line = 0
        elif not self._declared(told, line):
            expected = Text(ru="participant, actor или end", en="participant, actor or end")
            raise not_understood(line, told, expected, _REMEDY)

    def _message(self, told: str, line: int) -> bool:
        found = _MESSAGE.fullmatch(told)
        if found is None:
            return False
        source, arrow, active, target, label = found.groups()
        kind = _ARROWS[arrow]
        made = Message(source, target, _plain(label), kind, line, arrow.endswith("x"))
        self.builder.message(made, is_dashed_open=arrow == "--)")
        if active == "+":
            self.builder.activate(target, line)
        elif active == "-":
            self.builder.deactivate(source, line)
        return True

    def _named(self, told: str, line: int) -> bool:
        """Statements about participants."""
        if self._declared(told, line):
            return True
        if found := _ACTIVE.fullmatch(told):
            on = found[1].lower() == "activate"
            (self.builder.activate if on else self.builder.deactivate)(found[2], line)
        elif found := _NOTE.fullmatch(told):
            for name in filter(None, found.groups()):
                self.builder.mention(name, line)
        elif found := _DESTROYED.fullmatch(told):
            self.builder.check_known(found[1], line)
        elif found := _TITLE.fullmatch(told):
            self.builder.title = _plain(found[1] or self.builder.title)
        else:
            return _NUMBERED.fullmatch(told) is not None
        return True

    def _declared(self, told: str, line: int) -> bool:
        found = _DECLARED.fullmatch(told)
        if found is None:
            return False
        name = _plain(found[3] or found[2])
        self.builder.declare(Participant(found[2], name, found[1].lower(), line))
        return True

    def _worded(self, told: str, line: int) -> None:
        """Blocks, and what is left."""
        found = _WORD.fullmatch(told)
        word = found[1].lower() if found else ""
        label = _plain(found[2] or "") if found else ""
        if word in _BLOCKS:
            self.builder.begin(_BLOCKS[word], word, label, line)
        elif word in _DIVIDERS:
            self.builder.divide(word, (_DIVIDERS[word],), label, line)
        elif word == "end" and not label:
            self.builder.end(line)
        elif word == "box":
            self.box_line = line
        else:
            raise _refused(told, line)


def _refused(told: str, line: int) -> DiagramError:
    if _TWO_WAYS.search(told):
        remedy = Text(
            ru="Стрелка в обе стороны не говорит, кто начал: нарисуйте две.",
            en="An arrow both ways does not tell who began: draw two.",
        )
        return not_understood(line, told, _STATEMENT, remedy)
    if any(arrow in told for arrow in _ARROWS) and ":" not in told:
        remedy = Text(
            ru="У стрелки нет текста: допишите двоеточие и операцию.",
            en="The arrow has no text: add a colon and the operation.",
        )
        return not_understood(line, told, _STATEMENT, remedy)
    return not_understood(line, told, _STATEMENT, _REMEDY)


def _no_header(line: int, got: str) -> DiagramError:
    what = Text(
        ru=f"диаграмма начинается с «{quoted(got)}»" if got else "диаграммы нет",
        en=f"the diagram begins with {quoted(got)!r}" if got else "there is no diagram",
    )
    expected = Text(
        ru=f"{HEADER} (Mermaid) или @startuml (PlantUML)",
        en=f"{HEADER} (Mermaid) or @startuml (PlantUML)",
    )
    return DiagramError(
        line,
        what,
        expected,
        Text(ru="Начните файл с этой строки.", en="Begin the file with that line."),
    )


def _plain(text: str) -> str:
    """Without entities and line breaks."""
    told = re.sub(r"^\s*(?:no)?wrap:", "", text)
    told = _ENTITY.sub(_entity, _BREAK.sub(" ", told))
    return " ".join(told.split())


def _entity(found: re.Match[str]) -> str:
    name = found[1]
    return html.unescape(f"&#{name};" if name.isdecimal() else f"&{name};")
