"""Notebooks in a learner's folder, in one language, never over what the learner has written."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from stend.course.errors import CourseError
from stend.course.model import Module
from stend.course.texts.notebook import NOTEBOOK_FILE, read_notebook
from stend.kit.languages import Language, Text

FOLDER = "notebooks"


class NotebookFolderError(CourseError):
    """The learner's folder cannot be written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            Text(
                ru=f"Тетрадь не записана: {path}: {reason}. Укажите другую папку: --workspace.",
                en=f"The notebook was not written: {path}: {reason}. "
                "Name another folder: --workspace.",
            )
        )


@dataclass(frozen=True, slots=True)
class LaidOut:
    """
    Attributes:
        is_new: it was not there before.
    """

    module: Module
    path: Path
    is_new: bool


def has_notebook(module: Module) -> bool:
    return (module.folder / NOTEBOOK_FILE).is_file()


def lay_out_notebooks(
    modules: Iterable[Module], workspace: Path, language: Language, portal: str
) -> tuple[LaidOut, ...]:
    """Writes `notebooks/14-sql.en.ipynb` and the like; one that is there stays as it is.

    Args:
        modules: those of them without a notebook are passed over.
        portal: its address, for links to pages of the product.

    Raises:
        CourseFileError: a notebook of the course is wrong.
        NotebookFolderError: the folder cannot be written.
    """
    folder = workspace / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotebookFolderError(folder, error.strerror or str(error)) from None
    return tuple(_laid_out(one, folder, language, portal) for one in modules if has_notebook(one))


def _laid_out(module: Module, folder: Path, language: Language, portal: str) -> LaidOut:
    path = folder / f"{module.folder.name}.{language}.ipynb"
    document = read_notebook(module.folder).document(language, portal)
    try:
        with path.open("x", encoding="utf-8") as file:
            json.dump(document, file, ensure_ascii=False, indent=1)
            file.write("\n")
    except FileExistsError:
        return LaidOut(module, path, is_new=False)
    except OSError as error:
        raise NotebookFolderError(path, error.strerror or str(error)) from None
    return LaidOut(module, path, is_new=True)
