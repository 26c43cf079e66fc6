"""Where this code lies, the repository or a package, and what people are told accordingly."""

import re
import sys
from pathlib import Path

_PACKAGE = Path(__file__).parent.parent
# As the texts have it; so it is typed in the repository.
_COMMAND = "./stend"
# Not `docs/` in the address of somebody else's page.
_PAGE = re.compile(r"(?<![\w/.])docs/(?=[\w.-]+\.md\b)")


def checkout_of(package: Path) -> Path | None:
    """The repository's folder for the folder of the package, None where that is installed."""
    return package.parent.parent if package.parent.name == "src" else None


def assets_of(package: Path) -> Path:
    """What holds deploy/, clients/ and docs/."""
    return checkout_of(package) or package / "assets"


def told(text: str, package: Path = _PACKAGE, platform: str = sys.platform) -> str:
    """The text with its commands and its pages as they are typed and found here.

    Args:
        text: as it reads in the repository: `./stend up`, `docs/settings.md`.
        package: the folder of this package.
        platform: as `sys.platform`.
    """
    if checkout_of(package):
        return text.replace(_COMMAND, "python stend") if platform == "win32" else text
    pages = f"{assets_of(package) / 'docs'}/"
    return _PAGE.sub(lambda _: pages, text.replace(_COMMAND, "stend"))
