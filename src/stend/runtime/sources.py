"""Reads the outside world once: environment, stend.toml, the folder the stand lives in."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stend.kit.languages import Text
from stend.runtime.settings import Settings, SettingsError, parse


def load_settings(command_line: Mapping[str, Any]) -> Settings:
    """
    Raises:
        SettingsError: with every wrong setting.
    """
    return parse(command_line, os.environ, _file(root() / "stend.toml"))


def root() -> Path:
    """The project's folder: the bootstrap says it, otherwise where the command was typed."""
    return Path(os.environ.get("STEND_ROOT") or Path.cwd())


def language_tag() -> str:
    """What the environment says about the language: STEND_LANG first, then the locale."""
    for variable in ("STEND_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if tag := os.environ.get(variable):
            return tag
    return "en"


def quieten_grpc() -> None:
    """Before grpc is imported: its fork handlers print a line for every child process."""
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")


def environment() -> dict[str, str]:
    """A copy, for child processes."""
    return dict(os.environ)


def _file(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problem = Text(
            ru=f"{path.name} не читается: {error}", en=f"{path.name} cannot be read: {error}"
        )
        raise SettingsError([problem]) from None
