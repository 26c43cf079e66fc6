"""A learner's repository: files from templates, laid where none of them is yet."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from stend.course.errors import CourseError
from stend.kit.languages import Language, Text

_TEMPLATES = "templates/repository"
_ALL = "all"
# Templates are no hidden files, so that no tool takes them for settings of this repository.
_DOT = "dot_"
_MOST_NAME = 80
_MARKDOWN = "\\`*_[]|#~<>&"


class CollisionError(CourseError):
    """Nothing was written: these are there already."""

    def __init__(self, folder: Path, names: tuple[str, ...]) -> None:
        told = ", ".join(names)
        super().__init__(
            Text(
                ru=f"В {folder} уже есть {told}, а чужие файлы не перезаписываются. Ничего не "
                "создано. Переименуйте их или возьмите другую папку.",
                en=f"In {folder} there is {told} already, and no file is ever overwritten. Nothing "
                "was made. Rename what is there, or take another folder.",
            )
        )


class CannotMakeError(CourseError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            Text(ru=f"Не удалось создать {path}: {reason}", en=f"{path} cannot be made: {reason}")
        )


@dataclass(frozen=True, slots=True)
class Repository:
    """What is put into the templates.

    Attributes:
        name: the learner's, any text.
        version: of this stend.
    """

    name: str
    language: Language
    version: str

    @property
    def values(self) -> Mapping[str, str]:
        name = shown_name(self.name)
        return {
            "@NAME@": "".join(f"\\{one}" if one in _MARKDOWN else one for one in name),
            "@NAME_AS_TOML@": json.dumps(name, ensure_ascii=False),
            "@LANGUAGE@": self.language.value,
            "@VERSION@": self.version,
        }


def shown_name(name: str) -> str:
    """On one line, without what moves a cursor or turns a line round."""
    printable = "".join(one if one.isprintable() else " " for one in name)
    return " ".join(printable.split())[:_MOST_NAME] or "?"


def make_repository(course: Path, folder: Path, repository: Repository) -> tuple[str, ...]:
    """
    Args:
        course: the folder of the course, which has the templates.
        folder: need not exist; what is in it stays as it is.

    Returns:
        The files that were made.

    Raises:
        CollisionError: one of them is there; nothing was written.
        CannotMakeError: the system does not let it be written.
    """
    texts = dict(_texts(course / _TEMPLATES, repository))
    if there := tuple(sorted(_collisions(folder, texts))):
        raise CollisionError(folder, there)
    for name, text in texts.items():
        _write(folder / name, text)
    return tuple(sorted(texts))


def _texts(templates: Path, repository: Repository) -> Iterator[tuple[str, str]]:
    for part in (_ALL, repository.language.value):
        for path in sorted((templates / part).rglob("*")):
            if path.is_file():
                text = path.read_text(encoding="utf-8")
                for place, value in repository.values.items():
                    text = text.replace(place, value)
                yield _hidden(path.relative_to(templates / part)), text


def _hidden(path: Path) -> str:
    return "/".join(f".{one[len(_DOT) :]}" if one.startswith(_DOT) else one for one in path.parts)


def _collisions(folder: Path, names: Mapping[str, str]) -> Iterator[str]:
    if folder.exists() and not folder.is_dir():
        raise CannotMakeError(folder, "it is a file")
    for name in names:
        path = folder / name
        if path.exists() or path.is_symlink():
            yield name
        for above in Path(name).parents:
            if (folder / above).exists() and not (folder / above).is_dir():
                yield above.as_posix()


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Whoever has put a file there since it was looked at keeps it.
        with path.open("x", encoding="utf-8", newline="\n") as out:
            out.write(text)
    except OSError as error:
        raise CannotMakeError(path, error.strerror or str(error)) from None
