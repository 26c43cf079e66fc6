"""`stend report`: of one learner, and of a class whose folders anybody may have filled."""

import csv
import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.course.sample import PASSED_AT, make_course, make_learner, of_course, passed, record

pytestmark = pytest.mark.slow

_HOSTILE = "</style><script>alert(1)</script>\"'&{{ 7*7 }}"
_WORDS = {
    "en": ("Course: passed 0 of 9", "Begin: ./stend start 4.1"),
    "ru": ("Курс: сдано 0", "4.1"),
}


def said(folder: Path, *words: str, lang: str = "en") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stend", *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**of_course(folder, lang), "PYTHONUTF8": "1"},
        cwd=folder,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("school")
    make_course(folder)
    return folder


@pytest.fixture(scope="module")
def crowd(school: Path) -> Path:
    """Everybody's folders: good, bad and hostile ones."""
    crowd = school / "class"
    make_learner(
        crowd / "anna",
        {
            "08-rest/01-contract": passed(),
            "08-rest/02-service": record(failing="is-right", points=2),
        },
        "Анна",
        {"08-rest": (7, 8)},
    )
    make_learner(crowd / "boris" / "workspace", {"08-rest/02-service": record(failing="is-right")})
    make_learner(crowd / "evil", {"08-rest/01-contract": passed(999)}, _HOSTILE)
    make_learner(crowd / "sum", {"99-gone/01-old": passed()}, "=1+1")
    make_learner(crowd / "twin", {}, "Анна")
    make_learner(crowd / "term", {})
    (crowd / "term" / "learner.toml").write_text('name = "a\\u001b[31m\\u202eb"\n')
    (crowd / "empty").mkdir()
    for name, content in (("bad", "{"), ("future", '{"version": 2}'), ("wrong", '{"version": 1}')):
        (crowd / name).mkdir()
        (crowd / name / "progress.json").write_text(content)
    (crowd / "link").mkdir()
    (crowd / "link" / "progress.json").symlink_to(crowd / "anna" / "progress.json")
    make_learner(crowd / "toml", {})
    (crowd / "toml" / "learner.toml").write_text("name = 1\n")
    return crowd


def folders(crowd: Path) -> list[str]:
    return [*(str(one) for one in sorted(crowd.iterdir())), str(crowd / "nowhere")]


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_nothing_yet(school: Path, tmp_path: Path, lang: str) -> None:
    done = said(school, "report", "--workspace", str(tmp_path), lang=lang)
    assert done.returncode == 0
    for words in _WORDS[lang]:
        assert words in done.stdout


def test_one_learner(school: Path, crowd: Path) -> None:
    done = said(school, "report", "--workspace", str(crowd / "anna"))
    assert done.stdout.splitlines() == [
        "Анна: passed 1 of 9, points 7 of 45",
        "○  8  REST                                       7/15  quiz 7/8",
        "   ● 8.1   Exercise 01-contract                  5/5  tries 1",
        "   ◐ 8.2   Exercise 02-service                   2/5  tries 1",
        "           ✕ is-right: The answer is 42, without spaces.",
        "   ○ 8.3   Exercise 03-break                     0/5",
    ]


def test_one_learner_for_scripts(school: Path, crowd: Path) -> None:
    done = said(school, "report", "--workspace", str(crowd / "anna"), "--json")
    told = json.loads(done.stdout)
    assert (told["version"], told["learner"], told["passed"], told["points"]) == (1, "Анна", 1, 7)
    rest = told["modules"][1]
    assert rest["quiz"] == {"right": 7, "of": 8, "taken_at": PASSED_AT}
    assert [one["state"] for one in rest["exercises"]] == ["passed", "begun", "new"]
    assert rest["exercises"][1]["failing"] == {
        "check": "is-right",
        "meaning": {
            "ru": "Ответ — 42, и без пробелов.",
            "en": "The answer is 42, without spaces.",
        },
    }


def test_nobody_of_a_class_is_lost(school: Path, crowd: Path) -> None:
    told = json.loads(said(school, "report", "--merge", *folders(crowd), "--json").stdout)
    by_folder = {Path(one["folder"]).name: one for one in told["learners"]}
    assert set(by_folder) == {Path(one).name for one in folders(crowd)}
    assert {name: one["reading"] for name, one in by_folder.items()} == {
        **dict.fromkeys(("anna", "boris", "evil", "sum", "twin", "term", "toml"), "read"),
        **dict.fromkeys(("empty", "nowhere"), "missing"),
        **dict.fromkeys(("bad", "link", "wrong"), "bad"),
        "future": "other-version",
    }
    assert all((one["report"] is None) == bool(one["problem"]) for one in told["learners"])
    assert by_folder["anna"]["label"] == "Анна (class/anna)"
    assert by_folder["boris"]["name"] == "boris"
    assert by_folder["evil"]["report"]["points"] == 5
    assert by_folder["sum"]["report"]["unknown"] == ["99-gone/01-old"]
    assert "learner.toml cannot be read" in by_folder["toml"]["note"]["en"]
    assert told["failures"][0]["learners"] == ["boris", "Анна (class/anna)"]


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_a_class_on_a_terminal(school: Path, crowd: Path, lang: str) -> None:
    done = said(school, "report", "--merge", *folders(crowd), lang=lang)
    assert done.returncode == 0
    assert not [letter for letter in done.stdout if not letter.isprintable() and letter != "\n"]
    assert "a\\x1b[31m\\u202eb" in done.stdout
    paths = str(crowd)
    assert not [one for one in done.stdout.splitlines() if len(one) > 80 and paths not in one]
    assert "  2 × 8.2 is-right" in done.stdout


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.words: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        found: dict[str, Any] = dict(attrs)
        assert not [name for name in found if name.startswith("on") or name == "style"]
        self.addresses += [found[name] for name in ("src", "href") if name in found]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_a_class_as_a_page(school: Path, crowd: Path, tmp_path: Path, lang: str) -> None:
    path = tmp_path / "class.html"
    assert (
        said(
            school, "report", "--merge", *folders(crowd), "--html", str(path), lang=lang
        ).returncode
        == 0
    )
    text = path.read_text(encoding="utf-8")
    page = _Page(text)
    assert not page.tags & {"script", "link", "img", "iframe"}
    assert page.addresses == []
    assert _HOSTILE in page.words
    assert "url(" not in text.replace('url("data:font/woff2;base64,', "")
    assert "default-src 'none'" in text
    assert "@media screen and (prefers-color-scheme: dark)" in text
    assert f'<html lang="{lang}">' in text


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def test_one_learner_as_files(school: Path, crowd: Path, tmp_path: Path) -> None:
    files = {kind: tmp_path / f"a.{kind}" for kind in ("html", "csv", "markdown")}
    options = [word for kind, path in files.items() for word in (f"--{kind}", str(path))]
    assert said(school, "report", "--workspace", str(crowd / "evil"), *options).returncode == 0
    assert _HOSTILE in _Page(files["html"].read_text(encoding="utf-8")).words
    rows = _rows(files["csv"])
    assert len(rows) == 9
    assert rows[3]["learner"] == _HOSTILE
    assert rows[3]["points"] == "5"
    told = files["markdown"].read_text(encoding="utf-8")
    assert told.startswith("## Course: passed 1 of 9, points 5 of 45\n")
    assert "| 8.1 Exercise 01-contract | ● passed | 5/5 | 1 |  |  |" in told


def test_a_class_as_rows(school: Path, crowd: Path, tmp_path: Path) -> None:
    path = tmp_path / "class.csv"
    said(school, "report", "--merge", *folders(crowd), "--csv", str(path))
    rows = _rows(path)
    # A spreadsheet computes what begins with a sign, and may call programs for it.
    assert "'=1+1" in {row["learner"] for row in rows}
    assert not [cell for row in rows for cell in row.values() if cell[:1] in {*"=+-@"}]
    lost = {Path(row["folder"]).name for row in rows if row["problem"]}
    assert lost == {"empty", "bad", "future", "wrong", "link", "nowhere"}
    assert len(rows) == 7 * 9 + 6


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--merge",), "--merge wants folders"),
        (("class",), "go with --merge only"),
        (("--deep",), "--deep goes with --check"),
        (("--merge", "x", "--check"), "--merge and --check do not go together"),
        (("--merge", "x", "--workspace", "y"), "--merge and --workspace do not go"),
        (("--merge", "x", "--markdown", "y"), "For a class take --html"),
        (("--csv", "no/such/folder.csv"), "cannot be written"),
    ],
)
def test_what_makes_no_sense_is_refused(school: Path, words: tuple[str, ...], told: str) -> None:
    done = said(school, "report", *words)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_everything_begun_is_checked_anew(school: Path, tmp_path: Path) -> None:
    def report(*more: str) -> subprocess.CompletedProcess[str]:
        return said(school, "report", "--check", "--workspace", str(tmp_path), *more)

    def answer(exercise: str, text: str) -> None:
        place = tmp_path / exercise / "answer.txt"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    assert report().returncode == 0
    answer("08-rest/01-contract", "42")
    answer("08-rest/02-service", "41")
    first = report("--json")
    told = json.loads(first.stdout)
    assert (first.returncode, told["passed"], told["regressed"]) == (0, 1, [])
    assert first.stderr == "● 08-rest/01-contract 5/5\n✕ 08-rest/02-service 2/5\n"
    assert [one["passed"] for one in told["checked"]] == [True, False]
    answer("08-rest/01-contract", "43")
    markdown = tmp_path / "report.md"
    second = report("--markdown", str(markdown))
    assert second.returncode == 1
    assert "Was passed and fails now: 8.1." in second.stdout
    assert "**Was passed and fails now: 8.1.**" in markdown.read_text(encoding="utf-8")


def test_a_check_in_error_is_no_verdict(school: Path, tmp_path: Path) -> None:
    place = tmp_path / "08-rest/01-contract/answer.txt"
    place.parent.mkdir(parents=True)
    place.write_text("42")
    said(school, "report", "--check", "--workspace", str(tmp_path))
    place.write_text("bug")
    done = said(school, "report", "--check", "--workspace", str(tmp_path), "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["regressed"]) == (2, [])
    assert told["undecided"] == ["08-rest/01-contract"]
