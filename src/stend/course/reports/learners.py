"""A learner's folder: who it is of, and what lies in it. Strangers may have filled it."""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stend.course.errors import OtherVersionError, ProgressFileError
from stend.course.progress import PROGRESS_FILE, Progress, ProgressBook
from stend.kit.languages import Text

LEARNER_FILE = "learner.toml"
# A repository of a learner is a workspace itself; in a clone of the stand it is a folder of it.
_PLACES = (".", "workspace")
_MOST_NAME = 80
_MOST_BYTES = 10_000


class Reading(StrEnum):
    """How far one got with a learner's folder."""

    READ = "read"
    MISSING = "missing"
    BAD = "bad"
    OTHER_VERSION = "other-version"


class LearnerRow(BaseModel):
    """`learner.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str = Field(min_length=1, max_length=_MOST_NAME, pattern=r"\S")


@dataclass(frozen=True, slots=True)
class Learner:
    """
    Attributes:
        name: as `learner.toml` has it, else that of the folder; any text that a stranger chose.
        progress: None where it could not be read.
        problem: why not.
        note: what is wrong with `learner.toml`.
    """

    name: str
    folder: Path
    reading: Reading
    progress: Progress | None
    problem: Text | None = None
    note: Text | None = None


def read_learner(folder: Path) -> Learner:
    """Whatever lies there, this returns."""
    name, note = _name(folder)
    reading, progress, problem = _progress(folder)
    return Learner(name, folder, reading, progress, problem, note)


def name_in(folder: Path) -> str | None:
    """The name that a learner has given; None where there is none, or none that can be read."""
    row, _ = _row(folder / LEARNER_FILE)
    return row.name.strip() if row else None


def _name(folder: Path) -> tuple[str, Text | None]:
    row, note = _row(folder / LEARNER_FILE)
    # A name on the disk need not be UTF-8; what cannot be shown is shown as such.
    plain = folder.resolve().name.encode("utf-8", "replace").decode()
    return (row.name.strip() if row else plain[:_MOST_NAME] or "/"), note


def _row(path: Path) -> tuple[LearnerRow | None, Text | None]:
    try:
        if path.is_symlink() or not path.is_file():
            return None, _is_link(path) if path.is_symlink() else None
        with path.open("rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise ValueError(f"more than {_MOST_BYTES} bytes")
        return LearnerRow.model_validate(tomllib.loads(content.decode())), None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    except (OSError, ValueError, RecursionError) as error:
        reason = str(error)
    return None, Text(
        ru=f"{path.name} не читается, поэтому имя взято от папки: {reason}",
        en=f"{path.name} cannot be read, so the name is that of the folder: {reason}",
    )


def _progress(folder: Path) -> tuple[Reading, Progress | None, Text | None]:
    path = next((one for one in _candidates(folder) if _is_there(one)), None)
    if path is None:
        return Reading.MISSING, None, _missing(folder)
    if path.is_symlink():
        # A link in a stranger's repository may lead to a file of the teacher's, or of a neighbour.
        return Reading.BAD, None, _is_link(path)
    try:
        return Reading.READ, ProgressBook(path.parent).read(), None
    except OtherVersionError as error:
        return Reading.OTHER_VERSION, None, _other_version(error.version)
    except ProgressFileError as error:
        return Reading.BAD, None, error.text


def _candidates(folder: Path) -> tuple[Path, ...]:
    return tuple(folder / place / PROGRESS_FILE for place in _PLACES)


def _is_there(path: Path) -> bool:
    try:
        return path.is_symlink() or path.exists()
    except OSError:
        return False


def _missing(folder: Path) -> Text:
    if not folder.is_dir():
        return Text(ru=f"Папки {folder} нет.", en=f"There is no folder {folder}.")
    return Text(
        ru=f"Нет файла {PROGRESS_FILE}: ничего не начато, или это не та папка.",
        en=f"There is no {PROGRESS_FILE}: nothing has been begun, or it is another folder.",
    )


def _is_link(path: Path) -> Text:
    return Text(
        ru=f"{path.name} — ссылка на другой файл; она не читается.",
        en=f"{path.name} is a link to another file, which is not followed.",
    )


def _other_version(version: int) -> Text:
    return Text(
        ru=f"Файл прогресса версии {version}: его записал другой stend. "
        "Откройте его той же версией, которой он записан.",
        en=f"The file of progress has version {version}: another stend has written it. "
        "Read it with the version that wrote it.",
    )
