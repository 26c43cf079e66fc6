"""Puts a diagram together, statement after statement; both languages are read with it."""

from dataclasses import dataclass, field

from stend.course.diagrams.model import (
    Arrow,
    Block,
    BlockKind,
    Branch,
    Diagram,
    DiagramError,
    Message,
    Participant,
    quoted,
)
from stend.kit.languages import Text

_MOST_NESTED = 20
MOST_LINES = 2000
_MOST_CHARACTERS = 1000


@dataclass(slots=True)
class _Open:
    """A block whose `end` has not come yet."""

    kind: BlockKind
    line: int
    word: str
    label: str
    branch_line: int
    items: list[Message | Block] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)

    def close_branch(self) -> None:
        self.branches.append(Branch(self.label, tuple(self.items), self.branch_line))
        self.items = []


class Builder:
    """
    Raises:
        DiagramError: from any of its methods.
    """

    def __init__(self) -> None:
        self.title = ""
        self._participants: dict[str, Participant] = {}
        self._items: list[Message | Block] = []
        self._messages = 0
        self._open: list[_Open] = []
        self._waiting: list[tuple[str, str]] = []
        self._active: dict[str, int] = {}

    # ---- participants --------------------------------------------------------------------------

    def declare(self, one: Participant) -> None:
        known = self._participants.get(one.id)
        if known is not None and known.role != "":
            raise DiagramError(
                one.line,
                Text(
                    ru=f"участник «{quoted(one.id)}» уже объявлен в строке {known.line}",
                    en=f"the participant {quoted(one.id)} was declared in line {known.line}",
                ),
                Text(ru="одно объявление", en="one declaration"),
                Text(ru="Уберите второе.", en="Remove the second one."),
            )
        self._participants[one.id] = one

    def mention(self, id_: str, line: int) -> None:
        """Whoever is not declared is declared by his first message."""
        self._participants.setdefault(id_, Participant(id_, id_, "", line))

    def check_known(self, id_: str, line: int) -> None:
        if id_ not in self._participants:
            known = ", ".join(self._participants) or "–"
            raise DiagramError(
                line,
                Text(
                    ru=f"участника «{quoted(id_)}» выше нет",
                    en=f"there is no participant {quoted(id_)} above",
                ),
                Text(ru=f"один из: {known}", en=f"one of: {known}"),
                Text(
                    ru="Объявите его или исправьте имя.",
                    en="Declare it, or correct the name.",
                ),
            )

    def activate(self, id_: str, line: int) -> None:
        self.check_known(id_, line)
        self._active[id_] = self._active.get(id_, 0) + 1

    def deactivate(self, id_: str, line: int) -> None:
        self.check_known(id_, line)
        if not self._active.get(id_):
            raise DiagramError(
                line,
                Text(ru=f"«{quoted(id_)}» не активен", en=f"{quoted(id_)} is not active"),
                Text(ru="activate перед deactivate", en="activate before deactivate"),
                Text(ru="Уберите лишнее окончание.", en="Remove the extra ending."),
            )
        self._active[id_] -= 1

    # ---- messages ------------------------------------------------------------------------------

    def message(self, one: Message, *, is_dashed_open: bool = False) -> None:
        """
        Args:
            is_dashed_open: an open head on a dashed line: the answer to a message that has none
                yet, or else one that waits for nobody.
        """
        self.mention(one.source, one.line)
        self.mention(one.target, one.line)
        arrow = one.arrow
        if is_dashed_open:
            waits = (one.target, one.source) in self._waiting
            arrow = Arrow.REPLY if waits else Arrow.ASYNC
        if arrow is not Arrow.REPLY:
            self._waiting.append((one.source, one.target))
        elif (one.target, one.source) in self._waiting:
            self._waiting.remove((one.target, one.source))
        made = Message(one.source, one.target, one.label, arrow, one.line, one.is_lost)
        self._messages += 1
        self._into().append(made)

    # ---- blocks --------------------------------------------------------------------------------

    def begin(self, kind: BlockKind, word: str, label: str, line: int) -> None:
        if len(self._open) >= _MOST_NESTED:
            raise DiagramError(
                line,
                Text(
                    ru=f"блоков друг в друге больше {_MOST_NESTED}",
                    en=f"more than {_MOST_NESTED} blocks inside each other",
                ),
                Text(ru="меньше", en="fewer"),
                Text(ru="Упростите диаграмму.", en="Simplify the diagram."),
            )
        self._open.append(_Open(kind, line, word, label, line))

    def divide(self, word: str, kinds: tuple[BlockKind, ...], label: str, line: int) -> None:
        """`else`, `and`, `option`."""
        if not self._open or self._open[-1].kind not in kinds:
            wanted = ", ".join(kinds)
            raise DiagramError(
                line,
                Text(
                    ru=f"«{word}» стоит не внутри своего блока",
                    en=f"{word} does not stand inside its block",
                ),
                Text(ru=f"блок {wanted} вокруг него", en=f"a block {wanted} around it"),
                Text(
                    ru="Проверьте, не закрыт ли блок раньше.",
                    en="See whether the block was closed before.",
                ),
            )
        block = self._open[-1]
        block.close_branch()
        block.label, block.branch_line = label, line

    def end(self, line: int) -> None:
        if not self._open:
            raise DiagramError(
                line,
                Text(ru="end закрывает то, что не открыто", en="end closes what is not open"),
                Text(ru="alt, opt, loop или другой блок выше", en="alt, opt, loop … above"),
                Text(ru="Уберите лишний end.", en="Remove the extra end."),
            )
        block = self._open.pop()
        block.close_branch()
        self._into().append(Block(block.kind, tuple(block.branches), block.line))

    # ---- all of it -----------------------------------------------------------------------------

    def built(self, line: int) -> Diagram:
        """
        Args:
            line: the last one.
        """
        if self._open:
            block = self._open[-1]
            raise DiagramError(
                block.line,
                Text(ru=f"блок {block.word} не закрыт", en=f"the block {block.word} is not closed"),
                Text(ru="строка end", en="a line end"),
                Text(ru="Поставьте end, где он кончается.", en="Put end where it ends."),
            )
        if not self._messages:
            raise DiagramError(
                line,
                Text(ru="в диаграмме нет ни одного сообщения", en="the diagram has no messages"),
                Text(ru="стрелки между участниками", en="arrows between participants"),
                Text(ru="Нарисуйте их.", en="Draw them."),
            )
        return Diagram(self.title, tuple(self._participants.values()), tuple(self._items))

    def _into(self) -> list[Message | Block]:
        return self._open[-1].items if self._open else self._items


def not_understood(line: int, got: str, expected: Text, remedy: Text) -> DiagramError:
    what = Text(ru=f"«{quoted(got)}» не понято", en=f"{quoted(got)!r} is not understood")
    return DiagramError(line, what, expected, remedy)


def check_size(lines: list[str]) -> None:
    """
    Raises:
        DiagramError: more lines than a diagram has that somebody reads.
    """
    if len(lines) > MOST_LINES:
        raise DiagramError(
            MOST_LINES + 1,
            Text(ru=f"строк {len(lines)}", en=f"there are {len(lines)} lines"),
            Text(ru=f"не больше {MOST_LINES}", en=f"at most {MOST_LINES}"),
            Text(ru="Разделите диаграмму.", en="Divide the diagram."),
        )
    for at, line in enumerate(lines, 1):
        if len(line) > _MOST_CHARACTERS:
            raise DiagramError(
                at,
                Text(ru=f"знаков {len(line)}", en=f"it has {len(line)} characters"),
                Text(ru=f"не больше {_MOST_CHARACTERS}", en=f"at most {_MOST_CHARACTERS}"),
                Text(ru="Сократите строку.", en="Shorten the line."),
            )
