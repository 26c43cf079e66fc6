"""Modules, exercises and checks, as the files of the course tell them."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stend.kit.languages import Text

HINTS = 3
# A check, a mistake, a right solution: part of addresses, commands and names of functions.
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
_Prose = Annotated[str, Field(min_length=1, max_length=600)]


class Row(BaseModel):
    """Nothing is ignored: a misspelt key is an error, not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Words(Row):
    """A text in both languages, as `{ ru = "…", en = "…" }`."""

    ru: _Prose
    en: _Prose

    @property
    def text(self) -> Text:
        return Text(ru=self.ru, en=self.en)


class CheckKind(StrEnum):
    """What a check looks at."""

    LINT = "L"
    STRENGTH = "S"
    BREAKING = "B"
    WIRE = "W"
    TRACE = "T"
    FAULTS = "F"
    PREDICTION = "P"


class ExerciseKind(StrEnum):
    DESIGN = "design"
    CODE = "code"
    BREAK = "break"


class CheckRow(Row):
    """
    Attributes:
        meaning: what is promised, as a sentence; told even where the check itself is hidden.
        hidden: the learner does not see what it sends, only what it means.
        deep: takes too long for every save, so it runs with `--deep` alone.
        needs: checks without which this one cannot say anything.
        lesson: the heading of the lesson that explains it, as an anchor.
        source: specification and section.
    """

    id: Name
    kind: Annotated[CheckKind, Field(strict=False)]
    points: Annotated[int, Field(ge=1, le=20)]
    meaning: Words
    hidden: bool = False
    deep: bool = False
    needs: tuple[Name, ...] = Field(default=(), strict=False)
    lesson: Name
    source: str = ""


class MistakeRow(Row):
    """
    Attributes:
        check: the one that has to fail first.
        solution: the right one that the mistake is made in; `starter` for the starter.
    """

    check: Name
    solution: Name


class ServiceRow(Row):
    """A program of the learner that listens.

    Attributes:
        start_s: how long it may take until it does.
    """

    file: str
    start_s: Annotated[float, Field(gt=0, le=20)] = 10.0


class ExerciseRow(Row):
    """`exercise.toml`.

    Attributes:
        files: what the learner edits, and what the checks read.
        hardest: who passes it has passed the module.
        stand: the checks ask a running stand.
        mistakes: named wrong solutions, each with the check that has to tell it.
    """

    title: Words
    kind: Annotated[ExerciseKind, Field(strict=False)]
    minutes: Annotated[int, Field(ge=1, le=240)]
    files: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
    hardest: bool = False
    stand: bool = False
    service: ServiceRow | None = None
    hints: Annotated[tuple[Words, ...], Field(min_length=HINTS, max_length=HINTS, strict=False)]
    checks: Annotated[tuple[CheckRow, ...], Field(min_length=1, strict=False)]
    mistakes: Mapping[Name, MistakeRow]

    @model_validator(mode="after")
    def _names_what_exists(self) -> Self:
        seen: set[str] = set()
        for check in self.checks:
            if check.id in seen:
                raise ValueError(f"the check {check.id} is there twice")
            if missing := set(check.needs) - seen:
                raise ValueError(f"{check.id} needs {', '.join(missing)}, not a check before it")
            seen.add(check.id)
        for name, mistake in self.mistakes.items():
            if mistake.check not in seen:
                raise ValueError(f"the mistake {name} names {mistake.check}, which is no check")
        return self


class ModuleRow(Row):
    """`module.toml`.

    Attributes:
        summary: what the module is about, where modules are listed.
    """

    title: Words
    summary: Words
    outcomes: Annotated[tuple[Words, ...], Field(min_length=3, strict=False)]


class Exercise:
    """One exercise of the course.

    Args:
        folder: what it is made of.
    """

    def __init__(self, folder: Path, row: ExerciseRow) -> None:
        self.folder = folder
        self.row = row

    @property
    def id(self) -> str:
        """`08-rest/01-orders-openapi`: also its folder in the workspace."""
        return f"{self.folder.parent.parent.name}/{self.folder.name}"

    @property
    def number(self) -> str:
        """`8.1`: how it is called on a command line."""
        return f"{number_of(self.folder.parent.parent)}.{number_of(self.folder)}"

    @property
    def starter(self) -> Path:
        return self.folder / "starter"

    @property
    def solutions(self) -> tuple[Path, ...]:
        return folders_in(self.folder / "solutions")

    @property
    def wrong(self) -> tuple[Path, ...]:
        return folders_in(self.folder / "wrong")

    @property
    def points(self) -> int:
        return sum(check.points for check in self.row.checks)


class Module:
    def __init__(self, folder: Path, row: ModuleRow, exercises: tuple[Exercise, ...]) -> None:
        self.folder = folder
        self.row = row
        self.exercises = exercises

    @property
    def number(self) -> int:
        return number_of(self.folder)

    @property
    def slug(self) -> str:
        """`rest` of `08-rest`."""
        return self.folder.name.split("-", 1)[1]


def told_wrong(error: ValidationError) -> str:
    """Every fault that was found, each with the place it is at."""
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())


def number_of(folder: Path) -> int:
    """The number that the name of a module or an exercise begins with."""
    return int(folder.name.split("-", 1)[0])


def folders_in(folder: Path) -> tuple[Path, ...]:
    if not folder.is_dir():
        return ()
    return tuple(sorted(one for one in folder.iterdir() if one.is_dir()))
