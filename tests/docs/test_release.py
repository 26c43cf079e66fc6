"""A release gets one number, everywhere, and no number without news."""

import re
import shutil
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import stend
from tests.docs.pages import ROOT

DAY = date(2026, 12, 24)


@pytest.fixture
def changelog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of the script, on a copy of what it changes."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts" / "release"))
    import changelog as module  # type: ignore[import-not-found]

    for name in ("deploy", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name)
    paths = {"PATH": "CHANGELOG.md", "VERSION_FILE": "__init__.py"}
    shutil.copy(ROOT / "CHANGELOG.md", tmp_path)
    shutil.copy(ROOT / "src" / "stend" / "__init__.py", tmp_path)
    for constant, path in paths.items():
        monkeypatch.setattr(module, constant, tmp_path / path)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    found: ModuleType = module
    return found


def test_image_and_chart_have_the_number_of_the_package(changelog: Any) -> None:
    named = dict(changelog.named())
    assert {"deploy/compose/compose.yaml", "deploy/helm/stend/Chart.yaml"} <= set(named)
    assert set(named.values()) == {stend.__version__}


def test_prepared_release_has_its_number_everywhere(changelog: Any) -> None:
    news = changelog.sections()[0].text or "### Fixed\n\n- Something."
    text = changelog.PATH.read_text(encoding="utf-8")
    _, _, released = text.partition("\n## [Unreleased]\n")[2].partition("\n## [")
    changelog.PATH.write_text(f"## [Unreleased]\n\n{news}\n\n## [{released}", encoding="utf-8")
    with pytest.raises(changelog.ChangelogError, match=r"under \[Unreleased\]"):
        changelog.check()
    changelog.prepare("9.0.0rc1", DAY)
    changelog.check()
    unreleased, newest, *_ = changelog.sections()
    assert (unreleased.text, newest.version, newest.day) == ("", "9.0.0rc1", "2026-12-24")
    assert newest.text == news
    assert set(dict(changelog.named()).values()) == {"9.0.0rc1"}
    (changelog.ROOT / "deploy" / "helm" / "stend" / "Chart.yaml").write_text("appVersion: 0.0.1\n")
    with pytest.raises(changelog.ChangelogError, match=r"Chart\.yaml: 0\.0\.1"):
        changelog.check()


@pytest.mark.parametrize(
    ("wanted", "told"), [("0.2", "no version like"), (stend.__version__, "already")]
)
def test_a_number_that_is_none_or_known_is_refused(changelog: Any, wanted: str, told: str) -> None:
    before = changelog.PATH.read_bytes()
    with pytest.raises(changelog.ChangelogError, match=told):
        changelog.prepare(wanted, DAY)
    assert changelog.PATH.read_bytes() == before


def test_without_news_there_is_no_release(changelog: Any) -> None:
    text = changelog.PATH.read_text(encoding="utf-8")
    bare = re.sub(r"(?s)(## \[Unreleased\]\n).*?(\n## \[)", r"\1\2", text, count=1)
    changelog.PATH.write_text(bare, encoding="utf-8")
    with pytest.raises(changelog.ChangelogError, match="no news"):
        changelog.prepare("9.0.0", DAY)
