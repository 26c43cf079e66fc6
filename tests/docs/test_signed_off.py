"""What the stand consists of is signed off, as it is now."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.docs.pages import ROOT

SCRIPTS = ROOT / "scripts" / "release"


@pytest.fixture
def review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of the script, with a record that a test may change."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import review as module  # type: ignore[import-not-found]

    record = tmp_path / "signed-off.json"
    record.write_bytes(module.RECORD.read_bytes())
    monkeypatch.setattr(module, "RECORD", record)
    found: ModuleType = module
    return found


def test_dependencies_are_signed_off_as_locked() -> None:
    done = subprocess.run(
        [sys.executable, SCRIPTS / "release", "sign-off", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("signed off by ")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"lock": {"locks/run.txt": "0" * 64}}, "lock changed since"),
        ({"vendored": {}}, "vendored changed since"),
    ],
)
def test_what_changed_since_is_named(review: Any, change: dict[str, object], told: str) -> None:
    record = json.loads(review.RECORD.read_text(encoding="utf-8"))
    record["packages"]["typer"]["version"] = "0.0.1"
    review.RECORD.write_text(json.dumps({**record, **change}), encoding="utf-8")
    with pytest.raises(review.ReviewError, match=told) as raised:
        review.check()
    assert "typer 0.0.1 → " in str(raised.value)
    assert "scripts/release/release sign-off" in str(raised.value)


def test_an_unknown_and_an_unwanted_licence_are_not_signed_off(review: Any) -> None:
    review.RECORD.unlink()
    with pytest.raises(review.ReviewError, match="nobody has signed off"):
        review.check()
    with pytest.raises(review.ReviewError, match="--licence pywin32=SPDX"):
        review.sign_off("Me", date(2026, 11, 28), {})
    with pytest.raises(review.ReviewError, match="rich: the licence GPL-3"):
        review.sign_off("Me", date(2026, 11, 28), {"rich": "GPL-3.0-only"})
    assert not review.RECORD.exists()


def test_a_licence_is_the_same_on_the_page(review: Any) -> None:
    with pytest.raises(review.ReviewError, match=r"rich: ISC, but docs/dependencies\.md says MIT"):
        review.sign_off("Me", date(2026, 11, 28), {"rich": "ISC"})
