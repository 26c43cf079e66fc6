"""The number of a release: in the changelog, in the package, and where others name its image.

CHANGELOG.md is in the form of Keep a Changelog: what is released, and what is to be.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from locked import ROOT

PATH = ROOT / "CHANGELOG.md"
VERSION_FILE = ROOT / "src" / "stend" / "__init__.py"
# Files that name the image of the services, `stend:0.1.0`, or say which one a chart is for.
_DEPLOYED = ("deploy/**/*", "docs/*.md")
_NAMED = re.compile(r"(?P<before>\bstend:|^appVersion: )(?P<number>\d+\.\d+\.\d+\w*)", re.MULTILINE)
_UNRELEASED = "## [Unreleased]\n"
_SECTION = re.compile(
    r"^## \[(?P<version>[^\]]+)\](?: - (?P<day>\d{4}-\d{2}-\d{2}))?$", re.MULTILINE
)
_VERSION = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)
_RELEASE = re.compile(r"\d+\.\d+\.\d+((a|b|rc)\d+)?")


class ChangelogError(Exception):
    """It does not fit the version; the text says how and what to do."""


@dataclass(frozen=True, slots=True)
class Section:
    version: str
    day: str | None
    text: str


def version() -> str:
    """The one of the package, from the one place that has it."""
    found = _VERSION.search(VERSION_FILE.read_text(encoding="utf-8"))
    if found is None:
        raise ChangelogError(f"{VERSION_FILE} has no __version__")
    return found[1]


def sections() -> list[Section]:
    """The newest first, as they stand."""
    text = PATH.read_text(encoding="utf-8")
    heads = list(_SECTION.finditer(text))
    ends = [*(head.start() for head in heads[1:]), len(text)]
    return [
        Section(head["version"], head["day"], text[head.end() : end].strip())
        for head, end in zip(heads, ends, strict=True)
    ]


def check() -> None:
    """
    Raises:
        ChangelogError: the version has no section with a date, or changes wait for one.
    """
    unreleased, newest, *_ = sections()
    if unreleased.text:
        raise ChangelogError(
            "CHANGELOG.md has changes under [Unreleased]: scripts/release/release prepare VERSION"
        )
    if newest.version != version() or newest.day is None:
        raise ChangelogError(
            f"CHANGELOG.md begins with [{newest.version}], and the package is {version()}"
        )
    if others := sorted(f"{path}: {number}" for path, number in named() if number != version()):
        raise ChangelogError(f"the package is {version()}, but {', '.join(others)}")


def named() -> Iterator[tuple[str, str]]:
    """File and number, wherever the image or the chart of a version is named."""
    for path in _deployed():
        for found in _NAMED.finditer(path.read_text(encoding="utf-8")):
            yield path.relative_to(ROOT).as_posix(), found["number"]


def _deployed() -> Iterator[Path]:
    for path in (path for glob in _DEPLOYED for path in ROOT.glob(glob) if path.is_file()):
        # Pictures and the like name nothing.
        if _NAMED.search(path.read_text(encoding="utf-8", errors="ignore")):
            yield path


def prepare(wanted: str, today: date) -> None:
    """Gives the package its new number, and what is unreleased the number and the date.

    Raises:
        ChangelogError: no number of a version, a known one, or nothing to release.
    """
    unreleased, *released = sections()
    if not _RELEASE.fullmatch(wanted):
        raise ChangelogError(f"{wanted!r} is no version like 0.2.0 or 0.2.0rc1")
    if wanted in {one.version for one in released}:
        raise ChangelogError(f"{wanted} is in CHANGELOG.md already")
    if not unreleased.text:
        raise ChangelogError("CHANGELOG.md has nothing under [Unreleased]: there is no news")
    text = PATH.read_text(encoding="utf-8")
    head = f"{_UNRELEASED}\n## [{wanted}] - {today.isoformat()}\n"
    PATH.write_text(text.replace(_UNRELEASED, head, 1), encoding="utf-8", newline="\n")
    source = VERSION_FILE.read_text(encoding="utf-8")
    numbered = _VERSION.sub(f'__version__ = "{wanted}"', source)
    VERSION_FILE.write_text(numbered, encoding="utf-8", newline="\n")
    for path in list(_deployed()):
        renumbered = _NAMED.sub(rf"\g<before>{wanted}", path.read_text(encoding="utf-8"))
        path.write_text(renumbered, encoding="utf-8", newline="\n")
