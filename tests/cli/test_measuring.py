"""What a whole run of benches tells, keeps and survives."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stend.cli.bench import _exit_code
from stend.cli.measuring import FIGURES, keep, measured
from stend.cli.session import Exit

DAY = datetime(2026, 11, 28, 12, tzinfo=UTC)
PRINTING = "import json, sys\nprint('round 1 of 1', file=sys.stderr)\nprint(json.dumps({}))\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Benches that take no time: one that measures, and one that cannot."""
    folder = tmp_path / "bench"
    folder.mkdir()
    (tmp_path / "docs").mkdir()
    good = {"bench": "good", "goal_met": True, "padding": "x" * 200_000}
    for name, facts in (("machine", {"cpu": "a fast one"}), ("good", good)):
        source = PRINTING.replace("{}", repr(facts))
        (folder / f"{name}.py").write_text(source, encoding="utf-8")
    (folder / "bad.py").write_text("import sys\nsys.exit('no browser here')\n", encoding="utf-8")
    return tmp_path


def test_one_that_fails_leaves_the_others(
    repository: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    document = measured(repository, ("bad", "good"), (), DAY)
    assert (document["made"], document["machine"]) == ("2026-11-28", {"cpu": "a fast one"})
    assert document["benches"]["bad"] == {"bench": "bad", "failed": "no browser here"}
    assert document["benches"]["good"]["goal_met"] is True
    assert "round 1 of 1" in capfd.readouterr().err


def test_figures_are_kept_by_bench_with_their_day_and_machine(repository: Path) -> None:
    first = measured(repository, ("good",), (), DAY)
    assert keep(repository, first) == []
    second = {"made": "2026-12-24", "machine": {"cpu": "a slow one"}}
    benches = {
        "bad": {"bench": "bad", "goal_met": False},
        "good": {"bench": "good", "failed": "no"},
    }
    assert keep(repository, {**second, "benches": benches}) == ["good"]
    kept = json.loads((repository / FIGURES).read_text(encoding="utf-8"))
    assert list(kept) == ["bad", "good"]
    assert kept["good"]["made"] == "2026-11-28"
    assert kept["bad"] == {**second, "result": {"bench": "bad", "goal_met": False}}


@pytest.mark.parametrize(
    ("results", "code"),
    [
        ({"a": {"goal_met": True}, "b": {"goal_met": None}}, Exit.OK),
        ({"a": {"goal_met": True}, "b": {"goal_met": False}}, Exit.DOMAIN_ERROR),
        ({"a": {"goal_met": False}, "b": {"failed": "no browser"}}, Exit.FAILURE),
    ],
)
def test_exit_code_is_that_of_the_worst(results: dict[str, dict[str, object]], code: Exit) -> None:
    assert _exit_code(results) is code
