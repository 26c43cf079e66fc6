"""`stend course new`: an exercise to begin with, and what of it is still to be written."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from stend.course.errors import CourseError
from stend.course.model import ExerciseKind, Module, Name, number_of
from stend.kit.languages import Text

_TEMPLATES = "templates/exercise"
# The brackets that every template has where its author has to say something.
_TO_WRITE = re.compile(r"\[(?:to write|написать)\b[^\]]*\]")


class DraftError(CourseError):
    """There is no exercise to be made like that."""


def draft(course: Path, module: Module, name: str, kind: ExerciseKind) -> Path:
    """Lays the template of a kind there, with the next number. Returns the exercise's folder.

    Args:
        course: the folder of the course, which has the templates.

    Raises:
        DraftError: the name cannot be one, or the module has an exercise of that name.
    """
    _check_name(name)
    folder = module.folder / "exercises"
    there = {one.folder.name.split("-", 1)[1]: one for one in module.exercises}
    if name in there:
        there_as = there[name].number
        raise DraftError(
            Text(
                ru=f"Задание {name} в модуле {module.number} уже есть: {there_as}.",
                en=f"Module {module.number} has an exercise {name} already: {there_as}.",
            )
        )
    number = max((number_of(one.folder) for one in module.exercises), default=0) + 1
    target = folder / f"{number:02}-{name}"
    try:
        shutil.copytree(course / _TEMPLATES / kind, target, ignore=_ignored)
    except OSError as error:
        raise DraftError(
            Text(ru=f"{target} не создать: {error}", en=f"{target} cannot be made: {error}")
        ) from None
    return target


def to_write(folder: Path) -> Iterator[str]:
    """`task.ru.md:3: [написать: …]`, for every place that its author has not been at yet."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            for number, line in enumerate(lines, 1):
                if found := _TO_WRITE.search(line):
                    yield f"{path.relative_to(folder).as_posix()}:{number}: {found[0]}"


def _check_name(name: str) -> None:
    try:
        TypeAdapter(Name).validate_python(name)
    except ValidationError:
        raise DraftError(
            Text(
                ru=f"Имя {name!r} не подходит: нужны строчные латинские буквы, цифры и дефисы, "
                "как orders-openapi.",
                en=f"The name {name!r} will not do: small letters, digits and hyphens are "
                "expected, as in orders-openapi.",
            )
        ) from None


def _ignored(_: str, names: list[str]) -> set[str]:
    return {"__pycache__"} & set(names)
