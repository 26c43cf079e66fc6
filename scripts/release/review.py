"""Who has looked at what a release consists of, and when: `locks/signed-off.json`.

It has every package of the lock with its licence, and a digest of the lock: a lock that has changed
since is not signed off.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import metadata
from typing import Any

from locked import LOCK, ROOT, packages, reasons, sha256_of, vendored

RECORD = ROOT / "locks" / "signed-off.json"
SELF = "scripts/release/release sign-off"
# By SPDX. The LGPL ones are used as libraries of their own, unchanged; nothing is linked into them.
ACCEPTED = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CNRI-Python",
        "ISC",
        "LGPL-2.1-or-later",
        "LGPL-3.0-only",
        "MIT",
        "MIT-0",
        "MPL-2.0",
        "OFL-1.1",
        "PSF-2.0",
    }
)
# What authors write where there was no SPDX yet, in the field or in the classifier.
_SPELT = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License": "ISC",
    "MIT License": "MIT",
    "MIT style": "MIT",
    "PSF": "PSF-2.0",
}


class ReviewError(Exception):
    """Something of it is not signed off; the text says what, and what to do."""


@dataclass(frozen=True, slots=True)
class Review:
    """
    Attributes:
        licences: SPDX expression by package.
        versions: by package.
    """

    by: str
    on: str
    licences: Mapping[str, str]
    versions: Mapping[str, str]


def check() -> Review:
    """
    Raises:
        ReviewError: the record is not that of the lock, the page and the files of today.
    """
    record = _read()
    if record is None:
        raise ReviewError(f"nobody has signed off the dependencies yet: {SELF}")
    different = [name for name, now in _facts().items() if record[name] != now]
    if different:
        changes = "".join(f"\n  {line}" for line in differences())
        raise ReviewError(
            f"{', '.join(different)} changed since {record['by']} signed it off on "
            f"{record['on']}:{changes}\nlook at what changed, then: {SELF}"
        )
    licences = {name: one["licence"] for name, one in record["packages"].items()}
    wrong = [*_refused(licences), *_contradicted(licences)]
    if wrong:
        raise ReviewError("\n".join(wrong))
    versions = {name: one["version"] for name, one in record["packages"].items()}
    return Review(record["by"], record["on"], licences, versions)


def sign_off(by: str, today: date, given: Mapping[str, str]) -> list[str]:
    """Records that `by` agrees with what the lock holds now; what changed since the last time.

    Args:
        given: licences by package, where no metadata tells them.

    Raises:
        ReviewError: the licence of a package is not known or not accepted; nothing is recorded.
    """
    changes = differences()
    record = _read()
    known = {name: one["licence"] for name, one in record["packages"].items()} if record else {}
    licences, unknown = {}, []
    for package in packages():
        licence = given.get(package.name) or _told(package.name) or known.get(package.name)
        if licence is None:
            unknown.append(package.name)
        else:
            licences[package.name] = _as_on_the_page(package.name, licence)
    wrong = [*_refused(licences), *_contradicted(licences)]
    if unknown:
        options = " ".join(f"--licence {name}=SPDX" for name in unknown)
        wrong.append(f"not installed here, so nothing tells their licence: {SELF} {options}")
    if wrong:
        raise ReviewError("\n".join(wrong))
    listed = {
        package.name: {"version": package.version, "licence": licences[package.name]}
        for package in packages()
    }
    made = {"by": by, "on": today.isoformat(), **_facts(), "packages": listed}
    RECORD.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return changes


def differences() -> list[str]:
    """A line for each package that came, went or changed since the last sign-off."""
    record = _read()
    before = {name: one["version"] for name, one in record["packages"].items()} if record else {}
    now = {package.name: package.version for package in packages()}
    return [
        f"{name} {before.get(name, '(new)')} → {now.get(name, '(gone)')}"
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name)
    ]


def _facts() -> dict[str, Any]:
    return {
        "lock": {LOCK.relative_to(ROOT).as_posix(): sha256_of(LOCK)},
        "vendored": {one.name: f"{one.version} sha256:{one.sha256}" for one in vendored()},
    }


def _read() -> Any:
    try:
        return json.loads(RECORD.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def _told(name: str) -> str | None:
    """What the metadata of the installed package says, as SPDX; None where it is not installed."""
    try:
        told = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    if "License-Expression" in told:
        return told["License-Expression"]
    words = told["License"].splitlines()[:1] if "License" in told else []
    words += [
        classifier.rpartition(" :: ")[2]
        for classifier in told.get_all("Classifier", [])
        if classifier.startswith("License :: OSI Approved :: ")
    ]
    spelt = [_SPELT.get(word, word) for word in words]
    return next((word for word in spelt if word in ACCEPTED), spelt[0] if spelt else None)


def _as_on_the_page(name: str, licence: str) -> str:
    """Metadata often name one of two licences; the page has both, as the files do."""
    page = _pages().get(name, licence)
    return page if _parts(licence) <= _parts(page) else licence


def _pages() -> dict[str, str]:
    return {
        name: licence.replace(" or ", " OR ").replace(" and ", " AND ")
        for name, (licence, _) in reasons().items()
    }


def _parts(licence: str) -> set[str]:
    return set(re.split(r" OR | AND |[()]", licence)) - {""}


def _refused(licences: Mapping[str, str]) -> list[str]:
    return [
        f"{name}: the licence {licence} is not among those accepted in scripts/release/review.py"
        for name, licence in licences.items()
        if not _parts(licence) <= ACCEPTED
    ]


def _contradicted(licences: Mapping[str, str]) -> list[str]:
    """Where docs/dependencies.md says something else than the package itself."""
    pages = _pages()
    return [
        f"{name}: {licence}, but docs/dependencies.md says {pages[name]}"
        for name, licence in licences.items()
        if name in pages and pages[name] != licence
    ]
