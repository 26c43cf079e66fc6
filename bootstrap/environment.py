"""Brings the environment into being: looks at what is there, makes or updates it, marks it."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from enum import Enum, auto
from pathlib import Path

from bootstrap import finish, install
from bootstrap.failure import BootstrapError
from bootstrap.guard import Guard
from bootstrap.install import Tool, Work
from bootstrap.output import BEFORE_ANY_CHANGE, megabytes
from bootstrap.place import (
    Place,
    has_interpreter,
    in_project,
    in_user_folder,
    is_ready,
    lock_path,
    read_bytes,
)
from bootstrap.screen import Screen
from bootstrap.texts import Note, Problem

_UNWRITABLE = {errno.EACCES, errno.EPERM, errno.EROFS}
# Asked in isolation: a PYTHONPATH of the person must not answer for the environment.
_QUESTION = """\
import os, sys, sysconfig
if sys.version_info < (3, 11) or sys.prefix == sys.base_prefix: sys.exit(1)
os.write(1, os.fsencode(sysconfig.get_path("purelib")))
"""


class Condition(Enum):
    """What is found where the environment belongs."""

    ABSENT = auto()
    CUT_OFF = auto()
    BROKEN = auto()
    OUTDATED = auto()
    UNMARKED = auto()
    FOREIGN = auto()


_NOTES = {
    Condition.ABSENT: Note.FIRST_RUN,
    Condition.CUT_OFF: Note.CUT_OFF,
    Condition.BROKEN: Note.BROKEN,
    Condition.OUTDATED: Note.UPDATING,
    Condition.UNMARKED: Note.ADOPTING,
}


def prepare(root: str, locks: tuple[str, ...], screen: Screen) -> Place:
    """Return a complete environment, made now if need be.

    Args:
        root: the project folder.
        locks: the locks that will do, the one to install first.
        screen: where notes and progress go.

    Raises:
        BootstrapError: the environment cannot be made, with the reason.
        OSError: the file system refused, for a reason of its own.
    """
    refused: list[str] = []
    for place in (in_project(root), in_user_folder(root)):
        try:
            guard = Guard(place)
        except (FileExistsError, NotADirectoryError) as error:
            raise BootstrapError(Problem.NOT_AN_ENVIRONMENT, folder=place.venv) from error
        except OSError as error:
            if error.errno not in _UNWRITABLE:
                raise
            refused.append(f"{error.filename}: {error.strerror}")
            continue
        with guard:
            guard.acquire(lambda process: screen.say(Note.WAITING, process=process))
            if not is_ready(place, locks):
                if refused:
                    screen.say(Note.READ_ONLY, root=root, home=place.home)
                _bring_about(place, locks, guard, screen)
            return place
    raise BootstrapError(Problem.NOWHERE_TO_WRITE, reasons="; ".join(refused))


def _bring_about(place: Place, locks: tuple[str, ...], guard: Guard, screen: Screen) -> None:
    condition = examine(place, cut_off=guard.was_cut_off())
    if condition is Condition.FOREIGN:
        raise BootstrapError(Problem.NOT_AN_ENVIRONMENT, folder=place.venv)
    mark = read_bytes(place.mark) or b""
    path = Path(lock_path(place.root, choose_lock(place, locks, mark)))
    lock = read_bytes(str(path))
    if not lock:
        raise BootstrapError(Problem.LOCK_MISSING, lock=path)
    folder = ".venv" if place.home == place.root else place.venv
    screen.say(_NOTES[condition], folder=folder)
    names = install.names_in(lock)
    entries = install.entries_in(lock)
    work = Work(Path(place.venv), place.python, path, names, entries, guard.descriptor, screen)
    guard.begin()
    Path(place.mark).unlink(missing_ok=True)
    if condition in {Condition.OUTDATED, Condition.UNMARKED}:
        _update(place, work, guard, mark)
    else:
        _make(place, work)
    _finish(place, work, lock)
    guard.end()


def examine(place: Place, *, cut_off: bool) -> Condition:
    """Tell what is found where the environment belongs."""
    if cut_off:
        return Condition.CUT_OFF
    if all(path == Path(place.guard) for path in Path(place.venv).iterdir()):
        return Condition.ABSENT
    if not Path(place.base).exists():
        return Condition.FOREIGN
    if packages_folder(place) is None:
        return Condition.BROKEN
    return Condition.OUTDATED if Path(place.mark).exists() else Condition.UNMARKED


def packages_folder(place: Place) -> Path | None:
    """Return site-packages of the environment, or None where its Python does not work."""
    if not has_interpreter(place):
        return None
    try:
        answer = subprocess.run(
            [place.python, "-I", "-c", _QUESTION], capture_output=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return Path(os.fsdecode(answer.stdout))


def choose_lock(place: Place, locks: tuple[str, ...], mark: bytes) -> str:
    """Return the file name of the lock to install.

    An environment that was made for more, such as tests, stays one: a run after a change of the
    locks would otherwise take away what the next test run has to fetch again.
    """
    for name in locks[1:]:
        lock = read_bytes(lock_path(place.root, name)) or b""
        if mark and mark.partition(b"\n")[0] == lock.partition(b"\n")[0]:
            return name
    return locks[0]


def _tools() -> list[Tool]:
    return [Tool.UV, Tool.PIP] if shutil.which("uv") else [Tool.PIP]


def _update(place: Place, work: Work, guard: Guard, mark: bytes) -> None:
    dropped = sorted(install.names_in(mark) - work.names - {"pip"})
    untouched = True
    for tool in _tools():
        try:
            install.install_with(tool, work)
            install.remove_with(tool, work, dropped)
        except BootstrapError as error:
            untouched = untouched and error.problem in BEFORE_ANY_CHANGE
            if _is_final(error, tool):
                if untouched:
                    _restore(place, guard, mark)
                raise
            _announce_pip(error, work.screen)
        else:
            return


def _restore(place: Place, guard: Guard, mark: bytes) -> None:
    # With the old lock checked out again, this environment still serves.
    if mark:
        finish.set_mark(place, mark)
    guard.end()


def _make(place: Place, work: Work) -> None:
    for tool in _tools():
        wipe(place)
        try:
            install.make_with(tool, work)
        except BootstrapError as error:
            if _is_final(error, tool):
                raise
            _announce_pip(error, work.screen)
        else:
            return


def _is_final(error: BootstrapError, tool: Tool) -> bool:
    # pip meets the same full disk, and there is nothing after pip.
    return tool is Tool.PIP or error.problem in {Problem.DISK_FULL, Problem.FILE_REFUSED}


def _announce_pip(error: BootstrapError, screen: Screen) -> None:
    reason = error.tail[-1].strip() if error.tail else error.problem.value.code
    screen.say(Note.UV_FAILED, reason=reason)


def wipe(place: Place) -> None:
    """Remove all that lies in the environment, except the file that tells it is half made."""
    for path in Path(place.venv).iterdir():
        if path == Path(place.guard):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _finish(place: Place, work: Work, lock: bytes) -> None:
    packages = packages_folder(place)
    if packages is None:
        reason = "it does not answer"
        raise BootstrapError(
            Problem.CANNOT_START, python=place.python, reason=reason, folder=place.venv
        )
    finish.add_project(place, packages)
    finish.make_commands_movable(place)
    finish.set_mark(place, lock)
    work.screen.say(
        Note.READY,
        count=len(install.installed(work)),
        size=megabytes(finish.size_bytes(work.venv)),
        seconds=f"{work.screen.elapsed_s:.0f}",
    )
