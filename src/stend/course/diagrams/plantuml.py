"""Reads sequence diagrams of PlantUML.

Source: PlantUML Language Reference Guide, "Sequence Diagram".
"""

import re
from dataclasses import dataclass

from stend.course.diagrams.building import Builder, check_size, not_understood
from stend.course.diagrams.model import (
    Arrow,
    BlockKind,
    Diagram,
    DiagramError,
    Message,
    Participant,
)
from stend.kit.languages import Text

HEADER = "@startuml"
_FOOTER = "@enduml"
_ROLES = "participant|actor|boundary|control|entity|database|collections|queue"
_NAME = r'(?:"[^"]+"|[\w.@]+)'
_LOOK = r"(?:\s+order\s+-?\d+|\s+#[\w/|\\-]+|\s+<<[^>]*>>)*"
_DECLARED = re.compile(
    rf"(?:create\s+)?({_ROLES})\s+({_NAME})(?:\s+as\s+({_NAME}))?{_LOOK}",
    re.IGNORECASE,
)
_CREATED = re.compile(rf"create\s+({_NAME}){_LOOK}", re.IGNORECASE)
_COLOUR = r"(?:\[[#\w,]+\])?"
_LINE = rf"(<<?)?(-)({_COLOUR})(-?)(>>?(?:x(?=[\s\"]))?)?"
_MESSAGE = re.compile(
    rf"({_NAME})\s*{_LINE}\s*({_NAME})\s*"
    rf"((?:\+\+|--|\*\*|!!)(?:\s*(?:--|\+\+))?)?(?:\s*#\w+)?\s*(?::(.*))?",
    re.DOTALL,
)
_ACTIVE = re.compile(rf"(activate|deactivate|destroy)\s+({_NAME})(?:\s+#\w+)?", re.IGNORECASE)
_RETURN = re.compile(r"return(?:\s+(.*))?", re.IGNORECASE)
_AUTO = re.compile(r"autoactivate\s+(on|off)", re.IGNORECASE)
_NOTE_PLACE = rf"(?:(?:left|right)(?:\s+of\s+{_NAME})?|over\s+{_NAME}(?:\s*,\s*{_NAME})*|across)"
_NOTE = re.compile(
    rf"/?\s*([hr]?note)\s+{_NOTE_PLACE}(?:\s+#\w+)?\s*(:.*)?",
    re.IGNORECASE | re.DOTALL,
)
_TITLE = re.compile(r"title\s+(.*)", re.IGNORECASE)
# What changes the look alone.
_LOOKS = re.compile(
    r"autonumber(\s+.*)?|==.*==|\.\.\.(.*\.\.\.)?|\|\|\d*\|+|newpage(\s.*)?|hide\s+footbox|"
    r"hide\s+unlinked|(header|footer|caption|mainframe|scale|skin)\s.*|!theme\s.*|!pragma\s.*|"
    r"skinparam\s+[^{]*|box(\s.*)?|end\s*box",
    re.IGNORECASE,
)
# Until its own end, nothing of it is a message.
_LONG = {
    "title": re.compile(r"title", re.IGNORECASE),
    "legend": re.compile(r"legend(\s+(left|right|center|top|bottom))*", re.IGNORECASE),
    "header": re.compile(r"((left|right|center)\s+)?header", re.IGNORECASE),
    "footer": re.compile(r"((left|right|center)\s+)?footer", re.IGNORECASE),
}
_SKIN = re.compile(r"(skinparam|<style>)\b.*\{|<style>", re.IGNORECASE)
_WORD = re.compile(r"([A-Za-z]+)(?:\s+(.*))?", re.DOTALL)
_COLOURED = re.compile(r"(alt|opt|loop|par|critical|break|group|else)(#\w+)+", re.IGNORECASE)
_BLOCKS = {
    "alt": BlockKind.ALT,
    "opt": BlockKind.OPT,
    "loop": BlockKind.LOOP,
    "par": BlockKind.PAR,
    "critical": BlockKind.CRITICAL,
    "break": BlockKind.BREAK,
    "group": BlockKind.GROUP,
}
_DIVIDED = (BlockKind.ALT, BlockKind.PAR, BlockKind.CRITICAL)
_CODE = re.compile(r"<U\+([0-9A-Fa-f]{4,6})>")
_HIGHEST = 0x10FFFF
_STATEMENT = Text(
    ru="сообщение «A -> B : текст», participant, note, alt, else, end и другие слова "
    "диаграммы последовательности",
    en="a message `A -> B : text`, participant, note, alt, else, end or another word of a "
    "sequence diagram",
)
_REMEDY = Text(ru="Исправьте или уберите строку.", en="Correct the line, or remove it.")


@dataclass(frozen=True, slots=True)
class _Call:
    """Somebody active, and who has made him so."""

    callee: str
    caller: str


def read_plantuml(text: str) -> Diagram:
    """
    Raises:
        DiagramError: a line is not understood; nothing is passed over.
    """
    lines = text.splitlines()
    check_size(lines)
    reader = _Reader()
    for line, told in enumerate(lines, 1):
        reader.read(told.strip(), line)
    reader.check_ended(len(lines) or 1)
    return reader.builder.built(len(lines) or 1)


class _Reader:
    def __init__(self) -> None:
        self.builder = Builder()
        self._ids: dict[str, str] = {}
        self._calls: list[_Call] = []
        self._last: Message | None = None
        self._auto = False
        self._has_begun = False
        self._has_ended = False
        # What ends the lines that are passed over, and where they began.
        self._until: re.Pattern[str] | None = None
        self._until_line = 0

    def read(self, told: str, line: int) -> None:
        if self._until is not None:
            if self._until.fullmatch(told):
                self._until = None
            return
        if not told or told.startswith("'"):
            return
        if told.startswith("/'"):
            if not told.endswith("'/") or told == "/'/":
                self._pass_until(r".*'/", line)
            return
        self._statement(told, line)

    def check_ended(self, line: int) -> None:
        if self._until is not None:
            raise not_understood(
                self._until_line,
                "…",
                Text(ru="конец того, что здесь начато", en="the end of what begins here"),
                Text(ru="Закройте заметку или комментарий.", en="Close the note or the comment."),
            )
        if not self._has_ended:
            raise DiagramError(
                line,
                Text(ru="файл кончился", en="the file has ended"),
                Text(ru=_FOOTER, en=_FOOTER),
                Text(ru="Поставьте эту строку в конце.", en="Put that line at the end."),
            )

    def _pass_until(self, pattern: str, line: int) -> None:
        self._until, self._until_line = re.compile(pattern, re.IGNORECASE | re.DOTALL), line

    def _statement(self, told: str, line: int) -> None:
        if not self._has_begun:
            if told.split(maxsplit=1)[0] != HEADER:
                expected = Text(ru=HEADER, en=HEADER)
                raise not_understood(line, told, expected, _REMEDY)
            self._has_begun = True
        elif self._has_ended:
            expected = Text(ru=f"ничего после {_FOOTER}", en=f"nothing after {_FOOTER}")
            raise not_understood(line, told, expected, _REMEDY)
        elif told == _FOOTER:
            self._has_ended = True
        elif not (self._look(told, line) or self._named(told, line) or self._message(told, line)):
            self._worded(told, line)

    # ---- what has no messages in it ------------------------------------------------------------

    def _look(self, told: str, line: int) -> bool:
        if found := _NOTE.fullmatch(told):
            if not found[2]:
                self._pass_until(rf"end\s*{found[1]}", line)
            return True
        if found := _TITLE.fullmatch(told):
            self.builder.title = _plain(found[1])
            return True
        if _SKIN.fullmatch(told):
            self._pass_until(r"</style>" if told.lower().startswith("<") else r"\}", line)
            return True
        for name, pattern in _LONG.items():
            if pattern.fullmatch(told):
                self._pass_until(rf"end\s*{name}", line)
                return True
        return _LOOKS.fullmatch(told) is not None

    # ---- participants --------------------------------------------------------------------------

    def _named(self, told: str, line: int) -> bool:
        if found := _DECLARED.fullmatch(told):
            self._declare(found[1].lower(), found[2], found[3], line)
        elif found := _CREATED.fullmatch(told):
            self.builder.mention(self._id(found[1]), line)
        elif found := _ACTIVE.fullmatch(told):
            self._activate(found[1].lower(), self._id(found[2]), line)
        elif found := _AUTO.fullmatch(told):
            self._auto = found[1].lower() == "on"
        else:
            return False
        return True

    def _declare(self, role: str, first: str, second: str | None, line: int) -> None:
        # The name in quotes may stand on either side of `as`.
        id_, name = (first, first) if second is None else (second, first)
        if second is not None and second.startswith('"'):
            id_, name = first, second
        told = _plain(name.strip('"'))
        self._ids[name.strip('"')] = id_.strip('"')
        self.builder.declare(Participant(id_.strip('"'), told, role, line))

    def _id(self, told: str) -> str:
        name = told.strip('"')
        return self._ids.get(name, name) if told.startswith('"') else name

    def _activate(self, word: str, id_: str, line: int) -> None:
        if word == "activate":
            self.builder.activate(id_, line)
            last = self._last
            if last is not None and last.target == id_:
                self._calls.append(_Call(id_, last.source))
        elif word == "deactivate":
            self.builder.deactivate(id_, line)
            self._forget(id_)
        else:
            self.builder.check_known(id_, line)

    def _forget(self, id_: str) -> None:
        for at in range(len(self._calls) - 1, -1, -1):
            if self._calls[at].callee == id_:
                del self._calls[at]
                return

    # ---- messages ------------------------------------------------------------------------------

    def _message(self, told: str, line: int) -> bool:
        if found := _RETURN.fullmatch(told):
            self._return(_plain(found[1] or ""), line)
            return True
        found = _MESSAGE.fullmatch(told)
        if found is None:
            return False
        left, back, _, _, dash, head, right, marks, label = found.groups()
        if bool(back) == bool(head):
            return False
        is_lost = bool(head) and head.endswith("x")
        is_open = back == "<<" or (head or "").startswith(">>")
        source, target = (right, left) if back else (left, right)
        kind = Arrow.REPLY if dash else Arrow.ASYNC if is_open else Arrow.SYNC
        made = Message(self._id(source), self._id(target), _plain(label or ""), kind, line, is_lost)
        self.builder.message(made, is_dashed_open=bool(dash) and is_open and not is_lost)
        self._last = made
        self._marked(made, marks or "", line)
        return True

    def _marked(self, made: Message, marks: str, line: int) -> None:
        """`++`, `--` behind the target: it becomes active, its source is no longer so."""
        automatic = self._auto and made.arrow is not Arrow.REPLY
        if "++" in marks or (automatic and not marks):
            self.builder.activate(made.target, line)
            self._calls.append(_Call(made.target, made.source))
        if "--" in marks or (self._auto and made.arrow is Arrow.REPLY and not marks):
            self.builder.deactivate(made.source, line)
            self._forget(made.source)

    def _return(self, label: str, line: int) -> None:
        if not self._calls:
            raise not_understood(
                line,
                "return",
                Text(ru="активный участник", en="an active participant"),
                Text(
                    ru="Отметьте вызов знаком ++ или нарисуйте ответ стрелкой -->.",
                    en="Mark the call with ++, or draw the answer with -->.",
                ),
            )
        call = self._calls.pop()
        self.builder.deactivate(call.callee, line)
        self.builder.message(Message(call.callee, call.caller, label, Arrow.REPLY, line))

    # ---- blocks --------------------------------------------------------------------------------

    def _worded(self, told: str, line: int) -> None:
        plain = _COLOURED.sub(lambda found: found[1], told, count=1)
        found = _WORD.fullmatch(plain)
        word = found[1].lower() if found else ""
        label = _plain(found[2] or "") if found else ""
        if word in _BLOCKS:
            self.builder.begin(_BLOCKS[word], word, label, line)
        elif word == "else":
            self.builder.divide(word, _DIVIDED, label, line)
        elif word == "end" and label.lower() in {"", *_BLOCKS}:
            self.builder.end(line)
        else:
            raise _refused(told, line)


def _refused(told: str, line: int) -> DiagramError:
    if told.startswith(("!", "$")):
        remedy = Text(
            ru="Препроцессор здесь не работает: напишите строки сами.",
            en="There is no preprocessor here: write the lines themselves.",
        )
    elif told.lower().startswith("ref"):
        remedy = Text(
            ru="ref прячет сообщения: нарисуйте их здесь.",
            en="ref hides messages: draw them here.",
        )
    elif told.startswith(("[", "]", "?", "&")) or told.partition(":")[0].rstrip().endswith("]"):
        remedy = Text(
            ru="У стрелки два названных конца: заведите участника для внешнего мира.",
            en="An arrow has two named ends: make a participant for the outside.",
        )
    elif "<-" in told and "->" in told:
        remedy = Text(
            ru="Стрелка в обе стороны не говорит, кто начал: нарисуйте две.",
            en="An arrow both ways does not tell who began: draw two.",
        )
    else:
        remedy = _REMEDY
    return not_understood(line, told, _STATEMENT, remedy)


def _plain(text: str) -> str:
    """Without codes and line breaks."""
    told = _CODE.sub(_character, text.replace(r"\n", " "))
    return " ".join(told.split())


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return chr(code) if code <= _HIGHEST else found[0]
