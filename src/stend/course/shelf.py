"""Reads the folders of the course."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from stend.course.errors import CourseFileError, NoSuchExerciseError
from stend.course.model import Exercise, ExerciseRow, Module, ModuleRow, folders_in, told_wrong

_NUMBERED = re.compile(r"^\d\d-[a-z0-9]+(-[a-z0-9]+)*$")
_ASKED = re.compile(r"^(\d{1,2})(?:\.(\d{1,2}))?$")
_RowT = TypeVar("_RowT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Shelf:
    modules: tuple[Module, ...]

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        return tuple(one for module in self.modules for one in module.exercises)

    def module(self, number: int) -> Module:
        """
        Raises:
            NoSuchExerciseError: no module has the number.
        """
        for module in self.modules:
            if module.number == number:
                return module
        raise NoSuchExerciseError(str(number), self._known())

    def asked(self, name: str) -> tuple[Exercise, ...]:
        """What a person means by `8`, `8.1` or `08-rest/01-orders-openapi`.

        Returns:
            One exercise, or all of a module, in their order.

        Raises:
            NoSuchExerciseError: nothing is called so.
        """
        for exercise in self.exercises:
            if name in {exercise.id, exercise.number}:
                return (exercise,)
        number = _ASKED.match(name)
        if number and number[2] is None:
            found = self.module(int(number[1])).exercises
        elif number:
            plain = f"{int(number[1])}.{int(number[2])}"
            found = tuple(one for one in self.exercises if one.number == plain)
        else:
            found = ()
        if not found:
            raise NoSuchExerciseError(name, self._known())
        return found

    def _known(self) -> tuple[str, ...]:
        return tuple(one.number for one in self.exercises)


def read_shelf(folder: Path) -> Shelf:
    """
    Args:
        folder: holds `NN-slug/` for every module.

    Raises:
        CourseFileError: a file is missing, or says what it must not.
    """
    modules = tuple(_module(one) for one in _numbered(folder))
    return Shelf(tuple(sorted(modules, key=lambda one: one.number)))


def _module(folder: Path) -> Module:
    exercises = tuple(
        Exercise(one, _row(one / "exercise.toml", ExerciseRow))
        for one in _numbered(folder / "exercises")
    )
    return Module(folder, _row(folder / "module.toml", ModuleRow), exercises)


def _numbered(folder: Path) -> tuple[Path, ...]:
    return tuple(one for one in folders_in(folder) if _NUMBERED.match(one.name))


def _row(path: Path, kind: type[_RowT]) -> _RowT:
    try:
        return kind.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise CourseFileError(path, error.strerror or str(error)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseFileError(path, str(error)) from None
    except ValidationError as error:
        raise CourseFileError(path, told_wrong(error)) from None
