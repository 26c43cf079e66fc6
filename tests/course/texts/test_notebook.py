"""Notebooks: two languages in one source, and what a source must not have."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from stend.course.errors import CourseFileError
from stend.course.texts.equality import differences
from stend.course.texts.notebook import NOTEBOOK_FILE, read_notebook
from stend.kit.languages import Language

_Cell = dict[str, Any]
_PORTAL = "http://127.0.0.1:8000"


def text(name: str, language: str, source: str) -> _Cell:
    tags = {"tags": [language]}
    return {"cell_type": "markdown", "id": name, "metadata": tags, "source": source}


def code(name: str, source: str, **more: Any) -> _Cell:
    given = {"cell_type": "code", "id": name, "metadata": {}, "source": source.splitlines(True)}
    return {**given, "outputs": [], "execution_count": None, **more}


def both(ru: str, en: str, name: str = "title") -> list[_Cell]:
    return [text(f"{name}-ru", "ru", ru), text(f"{name}-en", "en", en)]


_TITLE = both(
    "# Очередь\n\nСмотрите [урок](/course/11-brokers).", "# Queue\n\n[A](/course/11-brokers)."
)


def written(folder: Path, *cells: _Cell) -> Path:
    document = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / NOTEBOOK_FILE).write_text(json.dumps(document), encoding="utf-8")
    return folder


def test_a_learner_gets_one_language_and_links_to_the_running_portal(tmp_path: Path) -> None:
    notebook = read_notebook(written(tmp_path, *_TITLE, code("ask", "await ask()\n1 + 1")))
    for language, title in ((Language.RU, "# Очередь"), (Language.EN, "# Queue")):
        document = nbformat.from_dict(dict(notebook.document(language, _PORTAL)))
        nbformat.validate(document)
        first, second = document.cells
        assert first.source.startswith(title)
        assert f"]({_PORTAL}/course/11-brokers)" in first.source
        assert (second.cell_type, second.source) == ("code", "await ask()\n1 + 1")
        assert second.outputs == []


def test_as_a_page_its_code_stands_in_fences(tmp_path: Path) -> None:
    notebook = read_notebook(written(tmp_path, *_TITLE, code("ask", "1 + 1")))
    page = notebook.prose(Language.EN)
    assert page.title == "Queue"
    assert [(one.info, one.content) for one in page.fences] == [("python stand", "1 + 1\n")]
    assert list(differences(notebook.prose(Language.RU), page)) == []


def test_languages_that_differ_are_told(tmp_path: Path) -> None:
    cells = both("# Очередь\n\n## Маршрут", "# Queue")
    notebook = read_notebook(written(tmp_path, *cells))
    told = list(differences(notebook.prose(Language.RU), notebook.prose(Language.EN)))
    assert told == ["2 headings in Russian, 1 in English"]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ([*_TITLE, code("ask", "1", outputs=[{"output_type": "stream"}])], "outputs"),
        ([*_TITLE, code("ask", "1", execution_count=3)], "execution_count"),
        ([*_TITLE, code("ask", "1 +")], "cell ask: invalid syntax"),
        ([*_TITLE, code("ask", "%matplotlib inline")], "cell ask: invalid syntax"),
        ([*_TITLE, code("ask", "1  # one")], "cell ask: a comment"),
        (_TITLE[:1], "in Russian only"),
        (_TITLE[1:], "cell title-en: the English text stands straight after the Russian one"),
        ([_TITLE[0], code("ask", "1"), _TITLE[1]], "cell ask: the English text"),
        ([text("title", "de", "# Schlange")], "cells.0.markdown.metadata.tags.0"),
        ([{**_TITLE[0], "metadata": {}}], "cells.0.markdown.metadata.tags"),
        ([{**_TITLE[0], "id": ""}], "cells.0.markdown.id"),
        ([{"cell_type": "raw", "id": "raw", "metadata": {}, "source": ""}], "cells.0"),
    ],
)
def test_what_a_source_must_not_have(tmp_path: Path, cells: list[_Cell], told: str) -> None:
    with pytest.raises(CourseFileError) as caught:
        read_notebook(written(tmp_path, *cells))
    assert told in str(caught.value)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"nbformat": 3, "cells": []}', "\x00"])
def test_what_is_no_notebook(tmp_path: Path, content: str) -> None:
    (tmp_path / NOTEBOOK_FILE).write_text(content, encoding="utf-8")
    with pytest.raises(CourseFileError):
        read_notebook(tmp_path)


def test_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(CourseFileError, match="No such file"):
        read_notebook(tmp_path)
