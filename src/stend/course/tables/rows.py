"""Rows of a mapping table, read from the cells of a sheet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from stend.course.tables.paths import Path, read_path
from stend.course.tables.problems import Problem, RefusedError, TableError, shown, whole
from stend.course.tables.rules import NONE, SEVERAL, Argument, Rule, Verb, literal, read_rule
from stend.course.tables.sheets import Sheet, columns
from stend.course.tables.steps import MISSING, Value
from stend.kit.languages import Text

SOURCE, TARGET, RULE = "source", "target", "rule"
REQUIRED, DEFAULT, NOTE = "required", "default", "note"
_COLUMNS = (SOURCE, TARGET, RULE, REQUIRED, DEFAULT, NOTE)
_NEEDED = (SOURCE, TARGET, RULE)
_TRUTH = {"": False, "no": False, "нет": False, "false": False, "0": False}
_TRUTH |= {"yes": True, "да": True, "true": True, "1": True}
_BETWEEN = ";"


@dataclass(frozen=True, slots=True)
class MappingRow:
    """
    Attributes:
        number: of the table, from 1 with the heading.
        default: MISSING where there is none.
    """

    number: int
    sources: tuple[Path, ...]
    target: Path
    rule: Rule
    is_required: bool
    default: Value


def read_rows(sheet: Sheet) -> tuple[MappingRow, ...]:
    """
    Raises:
        TableError: with every problem of every row.
    """
    if not sheet.rows:
        raise whole(f"Лист {sheet.name} пуст.", f"The sheet {sheet.name} is empty.")
    heading, *body = sheet.rows
    places = _places(heading.cells)
    rows: list[MappingRow] = []
    problems: list[Problem] = []
    for row in body:
        if row.is_blank:
            continue
        cells = _Cells(row.number, row.cells, places)
        made = cells.row(len(heading.cells))
        problems += cells.problems
        rows += [made] if made is not None else []
    problems = problems or list(_conflicts(rows))
    if problems:
        raise TableError(problems)
    if not rows:
        raise whole(
            f"На листе {sheet.name} есть заголовок, но нет строк.",
            f"The sheet {sheet.name} has a heading and no rows.",
        )
    return tuple(rows)


def _places(heading: Sequence[str]) -> Mapping[str, int]:
    found = columns(heading)
    named = [one.casefold() for one in heading if one]
    missing = [one for one in _NEEDED if one not in found]
    unknown = [one for one in named if one not in _COLUMNS]
    if missing or unknown or len(named) != len(set(named)):
        raise whole(
            f"Заголовок таблицы: {shown(', '.join(heading))}. Нужны столбцы {', '.join(_NEEDED)}, "
            f"могут быть ещё {REQUIRED}, {DEFAULT}, {NOTE}; других нет, и каждый один раз.",
            f"The heading of the table: {shown(', '.join(heading))}. The columns "
            f"{', '.join(_NEEDED)} are needed, {REQUIRED}, {DEFAULT}, {NOTE} may be there; no "
            "others, and each once.",
        )
    return found


class _Cells:
    """One row; problems are gathered, so that all of them are told at once."""

    def __init__(self, number: int, cells: Sequence[str], places: Mapping[str, int]) -> None:
        self._number = number
        self._cells = cells
        self._places = places
        self.problems: list[Problem] = []

    def row(self, width: int) -> MappingRow | None:
        if any(self._cells[width:]):
            self._wrong(
                "",
                "ячеек больше, чем в заголовке: проверьте кавычки и разделители.",
                "it has more cells than the heading: look at the quotes and separators.",
            )
            return None
        sources = self._sources()
        target = self._target()
        rule = self._rule()
        required = self._required()
        if self.problems or target is None or rule is None:
            return None
        self._check(sources, target, rule)
        if self.problems:
            return None
        default = _default(self._cell(DEFAULT))
        return MappingRow(self._number, sources, target, rule, required, default)

    def _cell(self, column: str) -> str:
        at = self._places.get(column, -1)
        return self._cells[at] if 0 <= at < len(self._cells) else ""

    def _sources(self) -> tuple[Path, ...]:
        told = self._cell(SOURCE)
        found = []
        for one in told.split(_BETWEEN) if told else ():
            try:
                found.append(read_path(one.strip()))
            except RefusedError as no:
                self._refused(SOURCE, no)
        return tuple(found)

    def _target(self) -> Path | None:
        try:
            path = read_path(self._cell(TARGET))
        except RefusedError as no:
            self._refused(TARGET, no)
            return None
        if any(isinstance(one, int) for one in path.parts):
            self._wrong(
                TARGET,
                f"«{path}»: место в массиве назначить нельзя, только [] для каждого элемента.",
                f"{path}: a place in an array cannot be set, only [] for each element.",
            )
            return None
        return path

    def _rule(self) -> Rule | None:
        try:
            return read_rule(self._cell(RULE))
        except RefusedError as no:
            self._refused(RULE, no)
            return None

    def _required(self) -> bool:
        told = self._cell(REQUIRED).casefold()
        if told not in _TRUTH:
            self._wrong(
                REQUIRED,
                f"«{shown(told)}»: ожидалось да или нет.",
                f"{shown(told)!r}: yes or no expected.",
            )
        return _TRUTH.get(told, False)

    def _check(self, sources: Sequence[Path], target: Path, rule: Rule) -> None:
        verb = rule.verb
        if verb in NONE:
            if sources:
                self._wrong(
                    SOURCE,
                    f"{verb} не берёт ничего из сообщения: оставьте ячейку пустой.",
                    f"{verb} takes nothing from the message: leave the cell empty.",
                )
        elif not sources:
            self._wrong(
                SOURCE,
                f"откуда брать значение для {verb}? Ячейка пуста.",
                f"where does the value for {verb} come from? The cell is empty.",
            )
        elif len(sources) > 1 and verb not in SEVERAL:
            self._wrong(
                RULE,
                f"{verb} берёт один путь, а их {len(sources)}: начните с concat или first.",
                f"{verb} takes one path, there are {len(sources)}: begin with concat or first.",
            )
        depth = len(target.arrays)
        if verb is Verb.POSITION and not depth:
            self._wrong(
                TARGET,
                "position — место в массиве, а в пути нет [].",
                "position is a place in an array, and the path has no [].",
            )
        for one in sources:
            if len(one.arrays) > depth and verb not in SEVERAL:
                self._wrong(
                    TARGET,
                    f"{one} даёт много значений, а {target} — одно: не хватает [].",
                    f"{one} gives many values, {target} takes one: [] is missing.",
                )

    def _refused(self, column: str, no: RefusedError) -> None:
        self.problems.append(Problem(self._number, column, no.text))

    def _wrong(self, column: str, ru: str, en: str) -> None:
        self.problems.append(Problem(self._number, column, Text(ru=ru, en=en)))


def _default(told: str) -> Value:
    if not told:
        return MISSING
    is_quoted = len(told) > 1 and told[0] == told[-1] and told[0] in "'\""
    return literal(Argument(told[1:-1] if is_quoted else told, is_quoted))


def _conflicts(rows: Sequence[MappingRow]) -> Iterator[Problem]:
    """Two rows that would write the same place."""
    taken: dict[tuple[object, ...], int] = {}
    for row in rows:
        parts = row.target.parts
        for path, number in taken.items():
            shorter, longer = sorted((path, parts), key=len)
            if longer[: len(shorter)] == shorter:
                yield Problem(
                    row.number,
                    TARGET,
                    Text(
                        ru=f"{row.target} уже занято строкой {number}: одна строка на одно поле.",
                        en=f"{row.target} is taken by row {number}: one row per field.",
                    ),
                )
                break
        taken.setdefault(parts, row.number)
    yield from _mixed(rows)


def _mixed(rows: Sequence[MappingRow]) -> Iterator[Problem]:
    """Arrays of the target that are not told where their elements come from, or told twice."""
    domains = domains_of(rows)
    for row in rows:
        for path in row.sources:
            for one, wanted in zip(row.target.arrays, path.arrays, strict=False):
                if domains[one] != wanted:
                    yield _two_origins(row.number, one, domains[one], wanted)
        lonely = next((one for one in row.target.arrays if one not in domains), None)
        if lonely is not None:
            yield Problem(
                row.number,
                SOURCE,
                Text(
                    ru=f"неизвестно, сколько элементов в {lonely}: нужна строка с путём через [].",
                    en=f"nothing tells how many elements {lonely} has: a row with a path through "
                    "[] is needed.",
                ),
            )


def _two_origins(number: int, array: Path, domain: Path, wanted: Path) -> Problem:
    return Problem(
        number,
        SOURCE,
        Text(
            ru=f"элементы {array} берутся из {domain}, а здесь из {wanted}: один массив "
            "собирается из одного.",
            en=f"the elements of {array} come from {domain}, and here from {wanted}: one array is "
            "made from one.",
        ),
    )


def domains_of(rows: Sequence[MappingRow]) -> Mapping[Path, Path]:
    """For each array of the target that of the source whose elements it follows."""
    found: dict[Path, Path] = {}
    for row in rows:
        for array, domain in zip(row.target.arrays, _domain(row), strict=False):
            found.setdefault(array, domain)
    return found


def _domain(row: MappingRow) -> tuple[Path, ...]:
    """Arrays of the source with the most of them, as many as the target has."""
    deepest = max((one.arrays for one in row.sources), key=len, default=())
    return deepest[: len(row.target.arrays)]
