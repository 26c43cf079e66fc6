"""What a release consists of besides its own code: locked packages, and files in the repository."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LOCK = ROOT / "locks" / "run.txt"
PAGE = ROOT / "docs" / "dependencies.md"
_PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)
_ROW = re.compile(r"^\| (?!---)(.+) \|$")


@dataclass(frozen=True, slots=True)
class Package:
    """
    Attributes:
        name: as the lock spells it, normalised (PEP 503).
    """

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Vendored:
    """Somebody else's files in the repository, which the package carries.

    Attributes:
        folder: from the root of the repository.
    """

    name: str
    version: str
    licence: str
    folder: str

    @property
    def sha256(self) -> str:
        """Of the names and contents of all files, so that none can change unseen."""
        digest = hashlib.sha256()
        for path in self.files:
            digest.update(f"{path.relative_to(ROOT).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()

    @property
    def files(self) -> list[Path]:
        """Fonts of several families share a folder: theirs begin with the family's name.

        Raises:
            LookupError: there are none, so the page is wrong.
        """
        found = sorted(path for path in (ROOT / self.folder).rglob("*") if path.is_file())
        family = self.name.partition(",")[0].replace(" ", "").lower()
        own = [path for path in found if path.name.replace("-", "").lower().startswith(family)]
        chosen = own if "," in self.name else found
        if not chosen:
            raise LookupError(
                f"docs/dependencies.md: there is nothing of {self.name} in {self.folder}"
            )
        return chosen


def packages() -> list[Package]:
    """Those of the lock, in its order."""
    return [Package(*pin) for pin in _PIN.findall(LOCK.read_text(encoding="utf-8"))]


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def reasons() -> dict[str, tuple[str, str]]:
    """Licence and reason of each package that is named in pyproject.toml, by its name."""
    return {row[0]: (row[3], row[4]) for row in _rows("To run") if len(row) == 5}


def vendored() -> list[Vendored]:
    return [
        Vendored(name, version, licence, folder.split("`")[1])
        for name, version, licence, folder in _rows("Vendored")
        if name != "What"
    ]


def _rows(section: str) -> Iterator[list[str]]:
    """The cells of the table below a heading, its first line included."""
    _, _, below = PAGE.read_text(encoding="utf-8").partition(f"\n## {section}\n")
    for line in re.split(r"\n###? ", below, maxsplit=1)[0].splitlines():
        if row := _ROW.match(line):
            yield row[1].split(" | ")
