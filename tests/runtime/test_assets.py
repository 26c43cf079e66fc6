"""What lies beside the source is found in the repository and in an installed package."""

from pathlib import Path

import pytest

from stend.runtime import assets as module
from stend.runtime.assets import Assets, AssetsMissingError, assets, checkout

ROOT = Path(__file__).parents[2]


def test_repository_is_found_by_the_code() -> None:
    assert checkout() == ROOT
    assert assets(Assets.DEPLOY) == ROOT / "deploy"


def test_installed_package_carries_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "stend"
    (package / "assets" / "docs").mkdir(parents=True)
    monkeypatch.setattr(module, "_PACKAGE", package)
    assert checkout() is None
    assert assets(Assets.DOCS) == package / "assets" / "docs"


def test_missing_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PACKAGE", tmp_path / "stend")
    with pytest.raises(AssetsMissingError, match="made without it"):
        assets(Assets.CLIENTS)
