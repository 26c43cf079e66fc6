"""Puts the packages of a lock into an environment, with uv where it is found, else with pip."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import sys
import sysconfig
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from bootstrap import child
from bootstrap.failure import BootstrapError
from bootstrap.output import Stage, Tally, megabytes, reason_of
from bootstrap.screen import Screen
from bootstrap.texts import Note, Problem

TAIL_LINES = 8
TAIL_WIDTH = 240
_PACKAGES = "Lib/site-packages" if os.name == "nt" else "lib/*/site-packages"
_NAME = re.compile(rb"^([A-Za-z0-9][A-Za-z0-9._-]*)==", re.MULTILINE)


class Tool(Enum):
    """The installers."""

    UV = "uv"
    PIP = "pip"


@dataclass(frozen=True, slots=True)
class Work:
    """One installation.

    Args:
        venv: folder of the environment.
        python: its interpreter.
        lock: the lock to install.
        names: the packages the lock names, for this and for other systems.
        entries: the entries of the lock; a name may have one for each system or Python.
        guard: the open file that the installers hold open with us.
        screen: where progress goes.
    """

    venv: Path
    python: str
    lock: Path
    names: frozenset[str]
    entries: int
    guard: int
    screen: Screen


def names_in(lock: bytes) -> frozenset[str]:
    """Return the normalised names of the packages in a lock."""
    return frozenset(normalise(name.decode()) for name in _NAME.findall(lock))


def entries_in(lock: bytes) -> int:
    """Return the number of entries in a lock."""
    return len(_NAME.findall(lock))


def normalise(name: str) -> str:
    """Return the name as the specification of package names compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def base_python() -> str:
    """Return the Python to make environments from: never one inside another environment."""
    base: str = getattr(sys, "_base_executable", None) or sys.executable
    # /usr/bin/python3 becomes another version some day; python3.11 either stays or goes.
    return base if sys.platform == "win32" else os.path.realpath(base)


def make_with(tool: Tool, work: Work) -> None:
    """Make the environment and install the lock into it.

    Raises:
        BootstrapError: it did not work, with the reason.
    """
    _announce(tool, work)
    venv = str(work.venv)
    if tool is Tool.UV:
        options = ["--no-project", "--allow-existing", "--relocatable", "--no-python-downloads"]
        _prepare(tool, ["uv", "venv", *options, "--python", base_python(), venv], work)
    else:
        # By itself `venv` would install pip first, and hide why it could not.
        _prepare(tool, [base_python(), "-I", "-m", "venv", "--without-pip", venv], work)
    _install(tool, work)


def install_with(tool: Tool, work: Work) -> None:
    """Install the lock into an environment that is there.

    Raises:
        BootstrapError: it did not work, with the reason.
    """
    _announce(tool, work)
    _install(tool, work)


def _announce(tool: Tool, work: Work) -> None:
    work.screen.say(Note.WITH_TOOL, tool=tool.value, lock=f"locks/{work.lock.name}")


def _install(tool: Tool, work: Work) -> None:
    if tool is Tool.PIP and not _has_pip(work) and _carried_pip() is None:
        _prepare(tool, [work.python, "-I", "-m", "ensurepip", "--default-pip"], work)
    try:
        _follow(tool, _install_command(tool, work, only_builds=True), work)
    except BootstrapError as error:
        if error.problem is not Problem.NO_BUILD:
            raise
        work.screen.say(Note.FROM_SOURCE)
        _follow(tool, _install_command(tool, work, only_builds=False), work)


def remove_with(tool: Tool, work: Work, names: Sequence[str]) -> None:
    """Take packages out of the environment; those that are not there are no error."""
    if not names:
        return
    if tool is Tool.UV:
        _prepare(tool, ["uv", "pip", "uninstall", "--python", work.python, *names], work)
    else:
        _prepare(tool, [*_pip(work), "uninstall", "--yes", *names], work)


def _has_pip(work: Work) -> bool:
    return any(work.venv.glob(f"{_PACKAGES}/pip"))


def _pip(work: Work) -> list[str]:
    """The pip of the environment, or the one that Python carries for those without.

    It runs out of its wheel as well (pip's own `__main__.py` provides for that); to install and
    compile it first, as ensurepip does, takes longer than all it has to do here.
    """
    carried = None if _has_pip(work) else _carried_pip()
    return [work.python, "-I", *(["-m", "pip"] if carried is None else [str(carried / "pip")])]


def _carried_pip() -> Path | None:
    """The wheel from which ensurepip would install; distributions keep it in a folder of theirs."""
    ensurepip = importlib.util.find_spec("ensurepip")
    if ensurepip is None:
        return None
    folders = [Path(one, "_bundled") for one in ensurepip.submodule_search_locations or ()]
    if of_distribution := sysconfig.get_config_var("WHEEL_PKG_DIR"):
        folders.insert(0, Path(of_distribution))
    wheels = (wheel for folder in folders for wheel in folder.glob("pip-*.whl"))
    return next(wheels, None)


def _install_command(tool: Tool, work: Work, *, only_builds: bool) -> list[str]:
    if tool is Tool.UV:
        command = ["uv", "pip", "install", "--python", work.python, "--compile-bytecode"]
    else:
        command = [*_pip(work), "install", "--no-input"]
        command += ["--progress-bar", "off", "--no-warn-script-location"]
    # The lock names every package, so there is nothing to resolve.
    command += ["--no-deps", "--require-hashes"]
    if only_builds:
        command += ["--only-binary", ":all:"]
    return [*command, "-r", str(work.lock)]


def _prepare(tool: Tool, command: Sequence[str], work: Work) -> None:
    """Run a step whose output says nothing about the progress of the lock."""
    _run(tool, command, work, Tally(total=work.entries), lambda _: None)


def _follow(tool: Tool, command: Sequence[str], work: Work) -> None:
    tally = Tally(total=work.entries)
    _run(tool, command, work, tally, tally.read)


def _run(
    tool: Tool,
    command: Sequence[str],
    work: Work,
    tally: Tally,
    read: Callable[[str], None],
) -> None:
    lines: deque[str] = deque(maxlen=200)

    def on_line(line: str) -> None:
        lines.append(line)
        read(line)

    def on_tick() -> None:
        installs = tally.stage is Stage.INSTALLING
        work.screen.progress(tally, len(installed(work)) if installs else 0)

    try:
        status = child.run(command, _environment(os.environ), work.guard, on_line, on_tick)
    except OSError as error:
        lines.append(str(error))
        status = error.errno or 1
    if status != 0:
        raise _failure(tool, status, lines, work)


def _failure(tool: Tool, status: int, lines: Sequence[str], work: Work) -> BootstrapError:
    free = min(shutil.disk_usage(folder).free for folder in (work.venv, tempfile.gettempdir()))
    return BootstrapError(
        reason_of(lines),
        tool=tool.value,
        tail=tail_of(lines),
        status=status,
        free=megabytes(free),
        folder=work.venv,
        lock=work.lock,
        version=f"{sys.version_info[0]}.{sys.version_info[1]}",
    )


def tail_of(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the last lines of an output, shortened to what a person can take in.

    pip repeats itself, with another number, each time it tries again: only the last one stays.
    """
    kept: list[str] = []
    for line in filter(str.strip, lines):
        if kept and kept[-1][:24] == line[:24]:
            kept.pop()
        kept.append(line)
    return tuple(map(_shortened, kept[-TAIL_LINES:]))


def _shortened(line: str) -> str:
    # The reason stands at the end of a long line.
    half = TAIL_WIDTH // 2
    return line if len(line) <= TAIL_WIDTH else f"{line[: half - 5]} ... {line[-half:]}"


def _environment(outer: Mapping[str, str]) -> dict[str, str]:
    # The person's own index, proxy and certificate settings count; a target they set for their
    # own installations would send ours past the environment.
    strays = {"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_REQUIRE_VIRTUALENV"}
    strays |= {"UV_TARGET", "UV_PREFIX", "UV_SYSTEM_PYTHON", "UV_PYTHON", "VIRTUAL_ENV"}
    kept = {name: value for name, value in outer.items() if name not in strays}
    if kept.get("PIP_RETRIES") == "0":
        # Only when it tries again does pip say that it did not reach the index.
        kept["PIP_RETRIES"] = "1"
    return {**kept, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONUNBUFFERED": "1"}


def installed(work: Work) -> frozenset[str]:
    """Return the packages of the lock that the environment has."""
    entries = work.venv.glob(f"{_PACKAGES}/*.dist-info")
    found = (normalise(path.name.split("-")[0]) for path in entries)
    return work.names & frozenset(found)
