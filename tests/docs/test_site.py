"""The check of the site finds what is broken in it."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.docs.pages import DOCS, ROOT

PAGE = """<html><head>{head}</head><body><h1 id="top">A page</h1>{body}</body></html>"""


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(ROOT / "scripts" / "deploy-checks"))
    yield importlib.import_module("docs_site")
    # Scripts know each other by short names, which nobody else shall find here.
    for name in ("docs_site", "tools"):
        sys.modules.pop(name)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A page for each of docs/, in both languages."""
    for source in DOCS.rglob("*.md"):
        name = source.relative_to(DOCS).as_posix()
        stem = name.removesuffix(".md").removesuffix(".ru").replace("README", "index")
        path = tmp_path / ("ru" if name.endswith(".ru.md") else "") / f"{stem}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PAGE.format(head="", body='<a href="#top">up</a>'), encoding="utf-8")
    return tmp_path


def test_a_whole_site_holds(check: ModuleType, site: Path) -> None:
    assert "lead somewhere" in check.follow(site)


@pytest.mark.parametrize(
    ("head", "body", "said"),
    [
        ("", '<a href="nowhere.html">', "index.html: nowhere.html leads nowhere"),
        ("", '<a href="faq.html#nothing">', "index.html: faq.html#nothing leads nowhere"),
        ("", '<a href="../../etc/passwd">', "leads nowhere"),
        ("", '<img src="images/none.png">', "images/none.png leads nowhere"),
        ('<script src="https://example.org/a.js"></script>', "", "the browser would fetch"),
        ('<link rel="stylesheet" href="//example.org/a.css">', "", "the browser would fetch"),
    ],
)
def test_what_is_broken_is_named(
    check: ModuleType, site: Path, head: str, body: str, said: str
) -> None:
    (site / "index.html").write_text(PAGE.format(head=head, body=body), encoding="utf-8")
    with pytest.raises(check.CheckError, match=said.replace(".", r"\.")):
        check.follow(site)


def test_a_page_that_is_lost_is_named(check: ModuleType, site: Path) -> None:
    (site / "ru" / "faq.html").unlink()
    with pytest.raises(check.CheckError, match=r"docs/faq\.ru\.md has no page"):
        check.follow(site)
