"""Reads the outside world once: environment, stend.toml, the folder the stand lives in."""

import os
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from stend.kit.languages import Text
from stend.runtime.assets import checkout
from stend.runtime.settings import Settings, SettingsError, parse

SETTINGS_FILE = "stend.toml"


def load_settings(command_line: Mapping[str, Any]) -> Settings:
    """
    Raises:
        SettingsError: with every wrong setting.
    """
    settings = parse(command_line, os.environ, _file(root() / SETTINGS_FILE))
    if problems := [*_missing_authorities(settings)]:
        raise SettingsError(problems)
    return settings


# Where a file of certificate authorities is named, by the word of each client library.
_AUTHORITIES = {
    "postgresql": "sslrootcert",
    "mysql": "ssl-ca",
    "mongodb": "tlsCAFile",
    "redis": "ssl_ca_certs",
    "amqp": "cafile",
}
# libpq's word for those that the system believes.
_OF_THE_SYSTEM = "system"


def _missing_authorities(settings: Settings) -> Iterator[Text]:
    # Each client would say so in its own way, and some of them only that nobody answers.
    files = {"kafka.ssl_ca_location": settings.kafka.ssl_ca_location}
    for engine, word in _AUTHORITIES.items():
        query = urlsplit(getattr(settings, engine).url).query
        files[f"{engine}.url, {word}"] = dict(parse_qsl(query)).get(word, "")
    for name, path in files.items():
        if path and path != _OF_THE_SYSTEM and not Path(path).is_file():
            yield Text(
                ru=f"{name}: файла {path!r} нет, а в нём ожидаются сертификаты центров в PEM",
                en=f"{name}: there is no file {path!r}; expected certificates of authorities in "
                "PEM there",
            )


def root() -> Path:
    """The project's folder: what STEND_ROOT says, else the repository whose code this is.

    An installed stand has a folder of the user's, wherever the command was typed, unless a
    `stend.toml` lies there or in a folder above: then it is that folder.

    Raises:
        SettingsError: the user has no home folder, and STEND_ROOT names none.
    """
    if told := os.environ.get("STEND_ROOT"):
        return Path(told)
    here = Path.cwd()
    above = (folder for folder in (here, *here.parents) if (folder / SETTINGS_FILE).is_file())
    try:
        return checkout() or next(above, None) or _users_folder()
    except RuntimeError:
        problem = Text(
            ru="STEND_ROOT не задана, и домашней папки у пользователя нет: в какой папке жить "
            "стенду, должна сказать переменная",
            en="STEND_ROOT is not set, and the user has no home folder: the variable has to name "
            "the folder that the stand lives in",
        )
        raise SettingsError([problem]) from None


def _users_folder() -> Path:
    if sys.platform == "win32":
        given = os.environ.get("LOCALAPPDATA")
        return Path(given or Path.home() / "AppData" / "Local") / "stend"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "stend"
    # XDG Base Directory Specification: a path in the variable that is not absolute is ignored.
    data = Path(os.environ.get("XDG_DATA_HOME", ""))
    return (data if data.is_absolute() else Path.home() / ".local" / "share") / "stend"


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
