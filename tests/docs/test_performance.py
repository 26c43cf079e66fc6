"""The page of the figures says all of them, and says so where there is none."""

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.docs.pages import DOCS, ROOT


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The maker of the page, on a copy of its files."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import performance_pages as module  # type: ignore[import-not-found]

    for name in ("performance.md", "performance.json"):
        (tmp_path / name).write_bytes((DOCS / name).read_bytes())
    monkeypatch.setattr(module, "DOCS", tmp_path)
    found: ModuleType = module
    return found


def change(pages: Any, **figures: Any) -> str:
    path = pages.DOCS / "performance.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**kept, **figures}), encoding="utf-8")
    page: str = pages.performance()
    return page


def test_page_shows_every_kind_of_figures_once(pages: Any) -> None:
    text = pages.performance()
    for name in pages._BLOCKS:
        assert text.count(f"<!-- figures {name} -->") == 1, name
    # Made anew it is the same.
    (pages.DOCS / "performance.md").write_text(text, encoding="utf-8")
    assert pages.performance() == text


def test_nothing_measured_is_told_as_that(pages: Any) -> None:
    (pages.DOCS / "performance.json").write_text("{}", encoding="utf-8")
    text = pages.performance()
    assert text.count("Not measured yet.") == len(pages._BLOCKS) - 2
    assert "| `stend up`, cold | ≤ 5 s | the engines alone, summed | not measured yet | – |" in text
    assert "| simulator, events/s | ≥ 10 times | SimPy, Ciw | does not exist yet | – |" in text
    # No empty cells but those that a table is wide.
    assert "| |" not in text.replace("| Measured | |", "").partition("## How")[0]


def test_without_the_real_server_the_page_says_so(pages: Any) -> None:
    rate = {"messages_per_s": 3503, "broker_cpu_us": 47}
    alone = {
        "made": "2026-11-30",
        "machine": {"cores": 4, "cpu": "X", "memory_bytes": 2**33, "os": "Y", "python": "Z"},
        "result": {
            "bench": "amqp",
            "goal_ratio": 1.0,
            "goal_met": None,
            "brokers": {"stend": {"version": "0.1.0", "pss_bytes": None}},
            "works": {"publish": {"stend": rate}},
        },
    }
    text = change(pages, amqp=alone)
    assert "RabbitMQ was not there: the stand's was measured alone." in text
    assert "| measured alone: the real one was not there | nothing beside it |" in text
    assert "- 2026-11-30: 4 cores of X, 8 GB, Y, Z. `amqp`." in text
    assert "Memory after it: stend not seen." in text


def test_budgets_that_are_missed_are_told(pages: Any) -> None:
    about = json.loads((DOCS / "performance.json").read_text(encoding="utf-8"))["start"]
    commands = {"python -c pass": {"s": 0.02}, "stend status": {"s": 0.41}}
    cli = {"commands": commands, "goal_s": 0.3, "goal_met": False}
    first = {"installers": {"pip": {"environment_s": 30.2, "ready_s": 41.0}}, "goal_s": 60.0}
    text = change(
        pages,
        cli={**about, "result": cli},
        first={**about, "result": {**first, "goal_met": True}},
    )
    assert "0.41 s at the most (`stend status`) | **missed** |" in text
    assert "41 s by pip | met |" in text
    assert "uv was not installed: pip was measured alone." in text


def test_an_unknown_mark_is_an_error(pages: Any) -> None:
    path = pages.DOCS / "performance.md"
    path.write_text("<!-- figures speed -->\n<!-- end -->\n", encoding="utf-8")
    with pytest.raises(pages.PageError, match="'speed'"):
        pages.performance()
