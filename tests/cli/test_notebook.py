"""`stend notebook`: files in the learner's folder, and JupyterLab over them."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.reader import environment

pytestmark = pytest.mark.slow
_ADDRESS = re.compile(r"(?P<lab>http://127\.0\.0\.1:\d+)/lab\S*\?token=(?P<token>\w+)")
_PORT_BASE = "17800"
_COMMAND = [sys.executable, "-m", "stend", "notebook", "--port-base", _PORT_BASE]


def said(workspace: Path, *words: str, lang: str = "en") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*_COMMAND, *words, "--workspace", str(workspace)],
        capture_output=True,
        text=True,
        env={**environment(), "STEND_LANG": lang, "COLUMNS": "80"},
        timeout=60,
        check=False,
    )


def titles(path: Path) -> str:
    return str(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])


def test_every_notebook_is_laid_out_in_the_language_of_the_learner(tmp_path: Path) -> None:
    done = said(tmp_path, "--only-files", lang="ru")
    assert (done.returncode, done.stdout.count(" · новая\n")) == (0, 5)
    assert "./stend up" in done.stderr
    path = tmp_path / "notebooks/11-brokers.ru.ipynb"
    assert titles(path).startswith("# Брокеры")
    assert f"](http://127.0.0.1:{_PORT_BASE}/course/11-brokers)" in titles(path)


def test_what_a_learner_has_changed_stays(tmp_path: Path) -> None:
    first = json.loads(said(tmp_path, "11", "--json").stdout)
    path = tmp_path / "notebooks/11-brokers.en.ipynb"
    assert first == {"notebooks": [{"module": 11, "path": str(path), "is_new": True}]}
    path.write_text("mine", encoding="utf-8")
    again = said(tmp_path, "11", "--only-files")
    assert again.stdout == f"{path} · yours, left as it is\n"
    assert path.read_text(encoding="utf-8") == "mine"


def test_what_cannot_be_done_is_told(tmp_path: Path) -> None:
    none = said(tmp_path, "3", "--only-files")
    assert none.returncode == 2
    assert none.stderr == (
        "Module 3 has no notebook. There are some of modules 11, 12, 13, 14, 15.\n"
    )
    assert not (tmp_path / "notebooks").exists()
    (tmp_path / "notebooks").write_text("a file", encoding="utf-8")
    refused = said(tmp_path, "11", "--only-files")
    assert (refused.returncode, "--workspace" in refused.stderr) == (2, True)


def test_jupyterlab_opens_the_folder(tmp_path: Path) -> None:
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    own = {name: str(tmp_path / name.lower()) for name in folders}
    lab = subprocess.Popen(
        [*_COMMAND, "14", "--no-browser", "--workspace", str(tmp_path)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**environment(), **own, "STEND_LANG": "en"},
    )
    assert lab.stderr is not None
    try:
        found = next(match for line in lab.stderr if (match := _ADDRESS.search(line)))
        assert "/lab/tree/14-sql.en.ipynb?" in found[0]
        with httpx.Client(base_url=found["lab"], params={"token": found["token"]}) as client:
            shown = client.get("/api/contents").raise_for_status().json()
            assert [one["name"] for one in shown["content"]] == ["14-sql.en.ipynb"]
            assert "JupyterLab" in client.get("/lab").raise_for_status().text
            kernels = client.get("/api/kernelspecs").raise_for_status().json()
            assert "python3" in kernels["kernelspecs"]
        anyone = httpx.get(f"{found['lab']}/api/contents")
        assert anyone.status_code == 403
    finally:
        lab.send_signal(signal.SIGTERM)
        lab.communicate(timeout=20)
