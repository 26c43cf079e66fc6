"""Notebooks: one source for both languages, in the form of JupyterLab (nbformat 4.5).

A cell of text is tagged `ru` or `en`, and the English one follows the Russian one; cells of code
have no language, and stand for both.
"""

import ast
import io
import json
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stend.course.errors import CourseFileError
from stend.course.model import told_wrong
from stend.course.texts.prose import Prose, prose_of
from stend.kit.languages import Language

NOTEBOOK_FILE = "notebook.ipynb"
# What a learner reads in the lesson is tried there.
FIRST_WITH_NOTEBOOK = 11
_FORMAT = 4
_FENCE = "```"


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
    source: str | tuple[str, ...]

    @property
    def text(self) -> str:
        return self.source if isinstance(self.source, str) else "".join(self.source)


class _Tags(BaseModel):
    tags: Annotated[list[Language], Field(min_length=1, max_length=1)]


class _TextRow(_Row):
    cell_type: Literal["markdown"]
    metadata: _Tags


class _CodeRow(_Row):
    cell_type: Literal["code"]
    outputs: Annotated[tuple[Any, ...], Field(max_length=0)]
    execution_count: None


class _File(BaseModel):
    nbformat: Annotated[int, Field(ge=_FORMAT, le=_FORMAT)]
    cells: tuple[Annotated[_TextRow | _CodeRow, Field(discriminator="cell_type")], ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """
    Attributes:
        language: of a text; None for code.
    """

    id: str
    source: str
    language: Language | None


@dataclass(frozen=True, slots=True)
class Notebook:
    path: Path
    cells: tuple[Cell, ...]

    def prose(self, language: Language) -> Prose:
        """As a page, its cells of code as fences of Python that needs a stand.

        Raises:
            CourseFileError: the texts are no page of the course.
        """
        source = "\n\n".join(_as_markdown(one) for one in self._cells(language))
        return prose_of(f"{source}\n", self.path, language, anchored=False)

    def document(self, language: Language, portal: str) -> Mapping[str, Any]:
        """What JupyterLab opens: texts in one language, and no outputs.

        Args:
            portal: its address; links to pages of the product begin with it.
        """
        return {
            "cells": [_in_document(one, portal) for one in self._cells(language)],
            "metadata": {
                "kernelspec": {
                    "display_name": "Python 3",
                    "language": "python",
                    "name": "python3",
                },
                "language_info": {"name": "python"},
            },
            "nbformat": _FORMAT,
            "nbformat_minor": 5,
        }

    def _cells(self, language: Language) -> Iterator[Cell]:
        return (one for one in self.cells if one.language in {None, language})


def read_notebook(folder: Path) -> Notebook:
    """
    Args:
        folder: of the module.

    Raises:
        CourseFileError: there is none, or it is not written as notebooks of the course are.
    """
    path = folder / NOTEBOOK_FILE
    try:
        file = _File.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise CourseFileError(path, error.strerror or str(error)) from None
    except ValidationError as error:
        raise CourseFileError(path, told_wrong(error)) from None
    except ValueError as error:
        raise CourseFileError(path, str(error)) from None
    cells = tuple(_cell(one) for one in file.cells)
    if told := [*_wrong_order(cells), *_wrong_codes(cells)]:
        raise CourseFileError(path, "; ".join(told))
    return Notebook(path, cells)


def _cell(row: _TextRow | _CodeRow) -> Cell:
    language = row.metadata.tags[0] if isinstance(row, _TextRow) else None
    return Cell(row.id, row.text, language)


def _wrong_order(cells: Sequence[Cell]) -> Iterator[str]:
    after: Language | None = None
    for cell in cells:
        if (cell.language is Language.EN) != (after is Language.RU):
            yield f"cell {cell.id}: the English text stands straight after the Russian one"
        after = cell.language
    if after is Language.RU:
        yield "the last text is there in Russian only"


def _wrong_codes(cells: Sequence[Cell]) -> Iterator[str]:
    for cell in cells:
        if cell.language is not None:
            continue
        try:
            # As the kernel does it, where `await` needs no function around it.
            compile(cell.source, cell.id, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        except SyntaxError as error:
            yield f"cell {cell.id}: {error}"
            continue
        words = tokenize.generate_tokens(io.StringIO(cell.source).readline)
        if any(one.type == tokenize.COMMENT for one in words):
            yield f"cell {cell.id}: a comment, in one language for readers of two; write a text"


def _as_markdown(cell: Cell) -> str:
    if cell.language is not None:
        return cell.source
    return f"{_FENCE}python stand\n{cell.source}\n{_FENCE}"


def _in_document(cell: Cell, portal: str) -> Mapping[str, Any]:
    row: dict[str, Any] = {"id": cell.id, "metadata": {}}
    if cell.language is None:
        row |= {"cell_type": "code", "execution_count": None, "outputs": []}
        return {**row, "source": cell.source}
    return {**row, "cell_type": "markdown", "source": cell.source.replace("](/", f"]({portal}/")}
