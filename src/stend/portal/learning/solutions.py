"""Solutions as a page shows them: their files, with the text of each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_MOST_CHARACTERS = 100_000


@dataclass(frozen=True, slots=True)
class SolutionFile:
    """`text` is None where it is none."""

    name: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Solution:
    name: str
    folder: Path
    files: tuple[SolutionFile, ...]


def shown_solutions(folders: Iterable[Path]) -> tuple[Solution, ...]:
    return tuple(Solution(one.name, one, tuple(_files(one))) for one in folders)


def _files(folder: Path) -> Iterator[SolutionFile]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield SolutionFile(path.relative_to(folder).as_posix(), _text_of(path))


def _text_of(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")[:_MOST_CHARACTERS]
    except (OSError, UnicodeDecodeError):
        return None
