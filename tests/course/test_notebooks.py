"""Every notebook of the course, executed on a running stand as a learner gets it."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from stend.course.notebooks import has_notebook, lay_out_notebooks
from stend.course.texts.notebook import FIRST_WITH_NOTEBOOK
from stend.kit.languages import Language
from stend.runtime.course import shelf
from tests.conftest import LiveStand

pytestmark = pytest.mark.slow
_MODULES = {one.folder.name: one for one in shelf().modules if has_notebook(one)}
_CELL_WITHIN_S = 60


@pytest.mark.parametrize("name", list(_MODULES))
def test_it_runs_from_top_to_bottom(
    live: LiveStand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for variable, value in live.environment().items():
        monkeypatch.setenv(variable, value)
    (laid,) = lay_out_notebooks([_MODULES[name]], tmp_path, Language.EN, live.url)
    notebook = nbformat.read(laid.path, nbformat.NO_CONVERT)
    client = NotebookClient(
        notebook,
        timeout=_CELL_WITHIN_S,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    )
    client.execute()
    shown = [one for one in notebook.cells if one.cell_type == "code" and one.outputs]
    assert shown, "a notebook that shows nothing"
    assert not [out for one in shown for out in one.outputs if out.get("name") == "stderr"]


def test_modules_from_the_eleventh_on_have_one() -> None:
    wanted = [one.folder.name for one in shelf().modules if one.number >= FIRST_WITH_NOTEBOOK]
    assert list(_MODULES) == wanted
