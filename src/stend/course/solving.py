"""Lays out solutions of an exercise: right ones, and the same with one mistake in them."""

import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from stend.course.errors import CourseFileError
from stend.course.model import Exercise

_MISTAKE_FILE = "mistake.toml"
_STARTER = "starter"


@dataclass(frozen=True, slots=True)
class Edit:
    """
    Attributes:
        find: stands in the file exactly once.
        replace: what comes in its place.
    """

    file: str
    find: str
    replace: str


def lay_out_starter(exercise: Exercise, target: Path) -> None:
    """
    Args:
        target: a folder that does not exist yet, or has none of these files.
    """
    _copy(exercise.starter, target)


def lay_out_solution(exercise: Exercise, name: str, target: Path) -> None:
    """The starter with the files of a solution laid over it.

    Args:
        name: of a folder in `solutions/`, or `starter`.
    """
    _copy(exercise.starter, target)
    if name == _STARTER:
        return
    folder = exercise.folder / "solutions" / name
    if not folder.is_dir():
        raise CourseFileError(folder, "there is no such solution")
    _copy(folder, target)


def lay_out_mistake(exercise: Exercise, name: str, target: Path) -> None:
    """A right solution with the edits of `wrong/NAME/mistake.toml`, or with its files.

    Raises:
        CourseFileError: an edit does not fit, or the folder changes nothing.
    """
    folder = exercise.folder / "wrong" / name
    lay_out_solution(exercise, exercise.row.mistakes[name].solution, target)
    edits = _edits(folder / _MISTAKE_FILE)
    for edit in edits:
        _apply(edit, target, folder / _MISTAKE_FILE)
    others = [one for one in folder.rglob("*") if one.is_file() and one.name != _MISTAKE_FILE]
    if not (edits or others):
        raise CourseFileError(folder, "it changes nothing")
    for path in others:
        _copy_file(path, target / path.relative_to(folder))


def _edits(path: Path) -> tuple[Edit, ...]:
    if not path.is_file():
        return ()
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["edit"]
        return tuple(Edit(one["file"], one["find"], one["replace"]) for one in rows)
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise CourseFileError(
            path, f"[[edit]] with file, find, replace expected: {error}"
        ) from None


def _apply(edit: Edit, target: Path, source: Path) -> None:
    path = target / edit.file
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    if (count := text.count(edit.find)) != 1:
        raise CourseFileError(
            source, f"in {edit.file} {edit.find!r} is there {count} times, not once"
        )
    path.write_text(text.replace(edit.find, edit.replace), encoding="utf-8")


def _copy(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            _copy_file(path, target / path.relative_to(source))


def _copy_file(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # The contents alone: where the course is installed its files may be read-only.
    shutil.copyfile(source, target)
