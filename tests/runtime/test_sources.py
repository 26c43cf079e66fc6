"""The folder of an installed stand is the same wherever a command is typed."""

import sys
from pathlib import Path

import pytest

from stend.runtime import assets, sources
from stend.runtime.settings import SettingsError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package, a home folder, and a command typed in a folder below it."""
    monkeypatch.setattr(assets, "_PACKAGE", tmp_path / "site-packages" / "stend")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("STEND_ROOT", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    typed_in = tmp_path / "work" / "project"
    typed_in.mkdir(parents=True)
    monkeypatch.chdir(typed_in)
    return tmp_path


def test_a_stand_of_the_repository_lives_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STEND_ROOT", raising=False)
    assert sources.root() == ROOT
    monkeypatch.setenv("STEND_ROOT", str(tmp_path))
    assert sources.root() == tmp_path


def test_an_installed_one_lives_in_a_folder_of_the_user(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sources.root() == home / ".local" / "share" / "stend"
    monkeypatch.setenv("XDG_DATA_HOME", "not/absolute")
    assert sources.root() == home / ".local" / "share" / "stend"
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    assert sources.root() == home / "data" / "stend"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert sources.root() == home / "Library" / "Application Support" / "stend"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(home / "AppData"))
    assert sources.root() == home / "AppData" / "stend"


def test_the_nearest_stend_toml_makes_its_folder_the_stands(home: Path) -> None:
    (home / "stend.toml").touch()
    assert sources.root() == home
    (home / "work" / "stend.toml").touch()
    assert sources.root() == home / "work"


def test_without_a_home_the_variable_is_asked_for(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_home() -> Path:
        raise RuntimeError

    monkeypatch.setattr(Path, "home", no_home)
    with pytest.raises(SettingsError, match="STEND_ROOT is not set"):
        sources.root()
