"""A mapping table that is executed on messages."""

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from pathlib import Path as File

from stend.course.tables.building import Building
from stend.course.tables.paths import Path
from stend.course.tables.problems import Problem, RefusedError, TableError, shown, whole
from stend.course.tables.resolving import indices_of, resolve
from stend.course.tables.rows import RULE, SOURCE, MappingRow, domains_of, read_rows
from stend.course.tables.rules import SEVERAL
from stend.course.tables.sheets import MOST_BYTES, Book, Sheet, csv_sheet
from stend.course.tables.steps import MISSING, Value
from stend.course.tables.workbooks import xlsx_book
from stend.kit.json import JsonObject, JsonValue
from stend.kit.languages import Text

_SHEET = "mapping"
_HEADING = ("key", "value")


@dataclass(frozen=True, slots=True)
class Mapped:
    """
    Attributes:
        target: what the rows without problems have made.
    """

    target: JsonObject
    problems: tuple[Problem, ...]


class Mapping:
    """
    Args:
        rows: as `read_rows` gives them.
        dictionaries: by their names, for `lookup`.
    """

    def __init__(
        self,
        rows: Sequence[MappingRow],
        dictionaries: Dictionary[str, Dictionary[str, str]],
    ) -> None:
        self.rows = tuple(rows)
        self._dictionaries = dictionaries
        self._domains = domains_of(rows)

    def apply(self, message: JsonValue) -> Mapped:
        """The target message of a source message, and what went wrong on the way."""
        building = Building([one.target for one in self.rows])
        problems: list[Problem] = []
        self._reserve(message, building)
        for row in self.rows:
            for indices in self._indices(row, message, problems):
                made = self._made(row, message, indices, problems)
                if made is not MISSING:
                    building.put(row.target, indices, made)
        return Mapped(building.built(), tuple(dict.fromkeys(problems)))

    def _reserve(self, message: JsonValue, building: Building) -> None:
        """An element may turn out to have no fields, and is an element all the same."""
        for array, domain in self._domains.items():
            try:
                for outer, size in indices_of(message, domain):
                    building.reserve(array, outer, size)
            except RefusedError:
                # Told with the row that reads from it.
                continue

    def _indices(
        self, row: MappingRow, message: JsonValue, problems: list[Problem]
    ) -> Sequence[tuple[int, ...]]:
        if not row.target.arrays:
            return [()]
        domain = self._domains[row.target.arrays[-1]]
        try:
            sizes = list(indices_of(message, domain))
        except RefusedError as no:
            problems.append(Problem(row.number, SOURCE, no.text))
            return []
        if row.is_required and not sizes:
            problems.append(_missing(row, domain))
        return [(*outer, at) for outer, size in sizes for at in range(size)]

    def _made(
        self,
        row: MappingRow,
        message: JsonValue,
        indices: tuple[int, ...],
        problems: list[Problem],
    ) -> Value:
        place = f" [{', '.join(map(str, indices))}]" if indices else ""
        column = SOURCE
        try:
            values = list(self._values(row, message, indices))
            column = RULE
            position = indices[-1] + 1 if indices else 1
            made = row.rule.apply(values, position, self._dictionaries)
        except RefusedError as no:
            told = Text(ru=f"{no.text.ru}{place}", en=f"{no.text.en}{place}")
            problems.append(Problem(row.number, column, told))
            return MISSING
        if made is MISSING or made is None:
            made = made if row.default is MISSING else row.default
        if row.is_required and made in (MISSING, None, ""):
            problems.append(_missing(row, row.target))
            return MISSING
        return made

    def _values(
        self, row: MappingRow, message: JsonValue, indices: tuple[int, ...]
    ) -> Iterator[Value]:
        for path in row.sources:
            found = resolve(message, path, indices)
            if row.rule.verb in SEVERAL:
                yield from found
            else:
                yield found[0]


def _missing(row: MappingRow, what: Path) -> Problem:
    told = shown("; ".join(str(one) for one in row.sources)) or "–"
    return Problem(
        row.number,
        SOURCE,
        Text(
            ru=f"обязательного {what} нет: в сообщении пусто ({told}) и нет значения по умолчанию.",
            en=f"{what} is required, and is not there: the message has nothing ({told}) and there "
            "is no default.",
        ),
    )


def read_mapping(path: File) -> Mapping:
    """
    Args:
        path: of a CSV file, its dictionaries in files `NAME.csv` beside it; or of an XLSX file, the
            table on the sheet `mapping` or on the first one, its dictionaries on the others.

    Raises:
        TableError: with every problem of it.
    """
    content = _content(path)
    if path.suffix.lower() == ".xlsx":
        book = xlsx_book(content)
        sheet = book.get(_SHEET) or next(iter(book.values()))
        return _mapping(sheet, book)
    if path.suffix.lower() != ".csv":
        raise whole(
            f"{path.name}: ожидался файл .csv или .xlsx.",
            f"{path.name}: a file .csv or .xlsx is expected.",
        )
    sheet = csv_sheet(path.stem, content)
    rows = read_rows(sheet)
    names = dict.fromkeys(name for row in rows for name in row.rule.dictionaries)
    files = {name: path.with_name(f"{name}.csv") for name in names}
    book = {name: csv_sheet(name, _content(file)) for name, file in files.items() if file.is_file()}
    return _mapping(sheet, book)


def _content(path: File) -> bytes:
    if not path.is_file():
        raise whole(f"Файла {path.name} нет.", f"There is no file {path.name}.")
    if path.stat().st_size > MOST_BYTES:
        raise whole(f"Файл {path.name} больше 2 МБ.", f"The file {path.name} is larger than 2 MB.")
    return path.read_bytes()


def _mapping(sheet: Sheet, book: Book) -> Mapping:
    rows = read_rows(sheet)
    dictionaries: dict[str, Dictionary[str, str]] = {}
    problems: list[Problem] = []
    for row in rows:
        for name in row.rule.dictionaries:
            if name not in book or book[name] is sheet:
                problems.append(_no_dictionary(row, name))
            elif name not in dictionaries:
                dictionaries[name] = _dictionary(book[name])
    if problems:
        raise TableError(problems)
    return Mapping(rows, dictionaries)


def _no_dictionary(row: MappingRow, name: str) -> Problem:
    return Problem(
        row.number,
        RULE,
        Text(
            ru=f"справочника {name} нет: нужен лист или файл {name}.csv со столбцами key и value.",
            en=f"there is no dictionary {name}: a sheet, or a file {name}.csv, with the columns "
            "key and value is needed.",
        ),
    )


def _dictionary(sheet: Sheet) -> Dictionary[str, str]:
    heading = sheet.rows[0].cells if sheet.rows else ()
    if tuple(one.casefold() for one in heading if one) != _HEADING:
        raise whole(
            f"Справочник {sheet.name}: первая строка — key, value.",
            f"The dictionary {sheet.name}: the first row is key, value.",
        )
    found: dict[str, str] = {}
    for row in sheet.rows[1:]:
        if row.is_blank:
            continue
        key, value = (*row.cells[:2], "")[:2]
        if not key or key in found or any(row.cells[2:]):
            raise TableError([_bad_key(sheet.name, row.number, key)])
        found[key] = value
    return found


def _bad_key(name: str, number: int, key: str) -> Problem:
    return Problem(
        number,
        "key",
        Text(
            ru=f"справочник {name}: ключ «{shown(key)}» пуст, повторяется или в строке больше двух "
            "ячеек.",
            en=f"the dictionary {name}: the key {shown(key)!r} is empty, is there twice, or the "
            "row has more than two cells.",
        ),
    )
