"""`stend new`, as a learner types it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stend.kit.languages import Language
from stend.runtime.assets import Assets, assets
from stend.runtime.scaffolding import Kind, ScaffoldingError, make_project
from tests.reader import environment

pytestmark = pytest.mark.slow


def said(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stend", "new", *words],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**environment(), "STEND_LANG": "en"},
        timeout=60,
        check=False,
    )


def files_of(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_project_is_made_and_never_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "deeper" / "my-orders"
    done = said("rest", folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"Made the project my-orders in {folder}, 9 files:\n")
    assert "  openapi.yaml\n" in done.stdout
    assert "# my-orders\n" in (folder / "README.md").read_text(encoding="utf-8")
    assert list(folder.parent.iterdir()) == [folder]
    (folder / "service.py").write_text("mine", encoding="utf-8")
    again = said("soap", folder)
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr.startswith(f"{folder} is there and not empty")
    assert (folder / "service.py").read_text(encoding="utf-8") == "mine"
    assert not (folder / "payments.wsdl").exists()


def test_json_tells_what_was_made(tmp_path: Path) -> None:
    told = json.loads(said("dwh", tmp_path / "marts", "--json").stdout)
    assert (told["kind"], told["name"], told["folder"]) == ("dwh", "marts", str(tmp_path / "marts"))
    assert set(told["files"]) == files_of(tmp_path / "marts")
    assert "incoming/orders-2026-03-01.csv" in told["files"]


def test_the_list_names_every_kind() -> None:
    assert [line.split()[0] for line in said("--list").stdout.splitlines()] == list(Kind)
    kinds = json.loads(said("--list", "--json").stdout)["kinds"]
    assert [one["kind"] for one in kinds] == list(Kind)
    russian = said("--list", "--lang", "ru").stdout
    assert kinds[0]["summary"]["ru"] in russian
    assert max(len(line) for line in russian.splitlines()) <= 80


@pytest.mark.parametrize(
    ("words", "heading"),
    [((), "## Run"), (("--language", "ru"), "## Запуск"), (("--lang", "ru"), "## Запуск")],
)
def test_the_readme_is_in_the_language_that_was_asked_for(
    tmp_path: Path, words: tuple[str, ...], heading: str
) -> None:
    said("saga", tmp_path / "way", *words)
    assert heading in (tmp_path / "way" / "README.md").read_text(encoding="utf-8")


def test_the_folder_where_one_stands_is_good_when_it_is_empty(tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    assert said("grpc", ".", cwd=here).returncode == 0
    assert {"README.md", ".gitignore", "delivery.proto"} <= files_of(here)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "Name the project and a folder: ./stend new rest my-service."),
        (("rest",), "Name the project and a folder"),
        (("rust", "x1"), "There is no project 'rust'. Known: rest, jsonrpc,"),
        (("rest", "x1", "--language", "de"), "There is no README in 'de'. Known: ru, en."),
    ],
)
def test_what_is_missing_or_unknown_is_told(
    tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    done = said(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(told)
    assert list(tmp_path.iterdir()) == []


NAMES = ["", "x", "X1", "1x", "a_b", "a--b", "a-", "-a", "a b", "кот", "a.b", "..", "a" * 41]
NAMES += ["class", "match", "nul", "com1", "fastapi", "pytest", "a\nb", "../up", "a/b"]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_name_is_refused_and_nothing_is_made(tmp_path: Path, name: str) -> None:
    with pytest.raises(ScaffoldingError) as caught:
        make_project(Kind.REST, tmp_path / "folder", Language.EN, name)
    assert caught.value.text.en.startswith(f"The project cannot be named {name!r}.")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["ab", "a1", "my-orders", "a-1-b", "a" * 40])
def test_a_name_may_be_other_than_that_of_the_folder(tmp_path: Path, name: str) -> None:
    made = make_project(Kind.REST, tmp_path / "Some Folder", Language.RU, name)
    assert made.name == name
    assert f"title: {name}\n" in (made.folder / "openapi.yaml").read_text(encoding="utf-8")


def test_a_file_in_the_place_is_left_alone(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.write_text("mine", encoding="utf-8")
    with pytest.raises(ScaffoldingError, match="not empty"):
        make_project(Kind.REST, place, Language.EN)
    with pytest.raises(ScaffoldingError, match="No project was made"):
        make_project(Kind.REST, place / "below", Language.EN)
    assert place.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("there", [False, True])
def test_a_disk_that_is_full_leaves_nothing(
    tmp_path: Path, there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "place"
    if there:
        place.mkdir()
    write = Path.write_text

    def fill(path: Path, *words: str, **more: str) -> int:
        if path.name == "test_service.py":
            raise OSError(28, os.strerror(28))
        return write(path, *words, **more)

    monkeypatch.setattr(Path, "write_text", fill)
    with pytest.raises(ScaffoldingError, match="No space left on device"):
        make_project(Kind.REST, place, Language.EN)
    assert [path for path in tmp_path.rglob("*") if path != place] == []


def test_caches_beside_a_template_are_no_part_of_it(tmp_path: Path) -> None:
    made = make_project(Kind.REST, tmp_path / "place", Language.EN)
    source = assets(Assets.TEMPLATES) / Kind.REST
    hand_made = {name for name in files_of(source) if "__pycache__" not in name}
    expected = {name for name in hand_made if not name.startswith("README.")}
    assert set(made.files) == expected | {"README.md", ".gitignore", "pytest.ini"}
