"""Files that lie beside the source in the repository, and inside the package in a wheel."""

from enum import StrEnum
from pathlib import Path

from stend.kit.languages import Text
from stend.kit.place import assets_of, checkout_of
from stend.runtime.refusals import RefusalError

_PACKAGE = Path(__file__).parent.parent


class Assets(StrEnum):
    """The folders; pyproject.toml puts each of them into the wheel as `stend/assets/NAME`."""

    DEPLOY = "deploy"
    CLIENTS = "clients"
    DOCS = "docs"
    COURSE = "course"
    TEMPLATES = "templates"


class AssetsMissingError(RefusalError):
    """This installation was made without the folder."""


def checkout() -> Path | None:
    """The repository's folder where this code runs from one, None where it is installed."""
    return checkout_of(_PACKAGE)


def assets(kind: Assets) -> Path:
    """The folder, for reading: another user may own it.

    Raises:
        AssetsMissingError: it is not there, as in an image made of `src/` alone.
    """
    folder = assets_of(_PACKAGE) / kind
    if not folder.is_dir():
        raise AssetsMissingError(
            Text(
                ru=f"Нет папки {folder}: эта установка собрана без неё. "
                "Установите пакет stend целиком или запустите из репозитория.",
                en=f"There is no folder {folder}: this installation was made without it. "
                "Install the whole package stend, or start from the repository.",
            )
        )
    return folder
