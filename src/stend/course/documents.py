"""For `checks.py` of an exercise: reads a learner's documents and fails the case in words.

from stend.course.documents import Fact, check_differences, check_facts, sequence_of
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from stend.course.case import Case
from stend.course.diagrams.c4 import C4, read_c4
from stend.course.diagrams.differences import Difference, DifferenceKind
from stend.course.diagrams.model import Diagram, DiagramError
from stend.course.diagrams.reading import read_sequence
from stend.course.tables.mapping import Mapping, read_mapping
from stend.course.tables.problems import TableError
from stend.kit.languages import Text

_SHOWN = 5
_D = TypeVar("_D")


class Absent:
    """What is not in a document; as an accepted value: it must not be there."""

    def __repr__(self) -> str:
        return "–"


class Present:
    """As an accepted value: whatever is there, if it is not empty."""

    def __repr__(self) -> str:
        return "…"


@dataclass(frozen=True, slots=True)
class Containing:
    """As an accepted value: a text or an array with this in it."""

    part: str

    def __repr__(self) -> str:
        return f"…{self.part}…"


ABSENT, PRESENT = Absent(), Present()


@dataclass(frozen=True, slots=True)
class Fact:
    """What a document has to say.

    Attributes:
        pointer: RFC 6901, `/integrations/0/protocol`.
        accepted: any of them is right; texts are compared without regard to case and outer spaces.
            Also `PRESENT`, `ABSENT`, `Containing("SOAP")`.
        ru, en: what is told when none of them is there.
    """

    pointer: str
    accepted: Sequence[object]
    ru: str
    en: str


def check_facts(case: Case, document: object, facts: Iterable[Fact], file: str = "") -> None:
    """
    Args:
        document: as JSON or YAML is parsed, or `c4_document(…)`.
        file: that a failure points into.

    Raises:
        FailedError: of the first fact that the document does not say. What is accepted is not
            shown.
    """
    for one in facts:
        got = value_at(document, one.pointer)
        if not any(_is_accepted(got, wanted) for wanted in one.accepted):
            case.fail(
                one.ru,
                one.en,
                got=repr(got) if isinstance(got, Absent) else got,
                where=f"{file}#{one.pointer}",
            )


def value_at(document: object, pointer: str) -> object:
    """ABSENT where there is nothing."""
    at = document
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(at, dict) and name in at:
            at = at[name]
        elif isinstance(at, list) and name.isdecimal() and int(name) < len(at):
            at = at[int(name)]
        else:
            return ABSENT
    return at


def _is_accepted(got: object, wanted: object) -> bool:
    if isinstance(wanted, Absent) or isinstance(got, Absent):
        return isinstance(wanted, Absent) and isinstance(got, Absent)
    if isinstance(wanted, Present):
        return got not in (None, "", [], {})
    if isinstance(wanted, Containing):
        told = got if isinstance(got, list) else [got]
        return any(_bare(wanted.part) in _bare(one) for one in told if isinstance(one, str))
    if isinstance(got, str) and isinstance(wanted, str):
        return _bare(got) == _bare(wanted)
    # In Python `True == 1`, in JSON it is not.
    return isinstance(got, bool) is isinstance(wanted, bool) and got == wanted


def _bare(text: str) -> str:
    return " ".join(text.casefold().split())


# ---- diagrams ----------------------------------------------------------------------------------


def sequence_of(case: Case, *files: str) -> tuple[str, Diagram]:
    """The learner's sequence diagram, in whichever of the files there is one.

    Returns:
        The file, and what it says.

    Raises:
        FailedError: there is none, there are several, or it is not understood.
    """
    there = [one for one in files if (case.folder / one).is_file()]
    filled = [one for one in there if case.read(one).strip()]
    if len(filled) != 1:
        names = " / ".join(files)
        case.fail(
            f"Нужна одна диаграмма, {names}, а непустых файлов {len(filled)}.",
            f"One diagram is needed, {names}; there are {len(filled)} files that are not empty.",
            got=filled,
        )
    file = filled[0]
    return file, _read(case, file, read_sequence)


def c4_of(case: Case, file: str) -> C4:
    """
    Raises:
        FailedError: there is no such file, or it is not understood.
    """
    return _read(case, file, read_c4)


def _read(case: Case, file: str, read: Callable[[str], _D]) -> _D:
    def reading() -> _D:
        try:
            return read(case.read(file))
        except DiagramError as no:
            case.fail(no.text.ru, no.text.en, where=f"{file}:{no.line}")

    return case.once(f"document {file}", reading)


def check_differences(
    case: Case,
    found: Iterable[Difference],
    kinds: Collection[DifferenceKind] = frozenset(DifferenceKind),
    file: str = "",
) -> None:
    """
    Args:
        kinds: those that this check is about.

    Raises:
        FailedError: there are some; the first is told, a few more are shown.
    """
    mine = [one for one in found if one.kind in kinds]
    if not mine:
        return
    first, *others = mine
    more = [one.text for one in others[:_SHOWN]]
    case.fail(
        first.text.ru,
        first.text.en,
        got=[f"{one.ru} / {one.en}" for one in more] if more else None,
        where=f"{file}:{first.line}" if first.line else file or None,
    )


# ---- tables ------------------------------------------------------------------------------------


def mapping_of(case: Case, *files: str) -> tuple[str, Mapping]:
    """The learner's mapping table, in whichever of the files there is one.

    Returns:
        The file, and the table.

    Raises:
        FailedError: there is none, there are several, or it cannot be executed.
    """
    paths = (case.folder / one for one in files)
    there = [one.name for one in paths if one.is_file() and one.stat().st_size]
    if len(there) != 1:
        names = " / ".join(files)
        case.fail(
            f"Нужна одна таблица, {names}, а непустых файлов {len(there)}.",
            f"One table is needed, {names}; there are {len(there)} files that are not empty.",
            got=there,
        )
    file = there[0]

    def reading() -> Mapping:
        try:
            return read_mapping(case.folder / file)
        except TableError as no:
            _fail_with(case, file, [one.told for one in no.problems])

    return file, case.once(f"document {file}", reading)


def _fail_with(case: Case, file: str, told: Sequence[Text]) -> NoReturn:
    first, *others = told
    more = [f"{one.ru} / {one.en}" for one in others[:_SHOWN]]
    case.fail(first.ru, first.en, got=more or None, where=file)
