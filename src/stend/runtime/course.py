"""The course on this machine: where it lies, whose workspace it is, what programs may see."""

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from stend.course.checking import Run
from stend.course.reports.learners import LEARNER_FILE
from stend.course.shelf import Shelf, read_shelf
from stend.course.workspace import Workspace
from stend.runtime.addresses import state_of
from stend.runtime.assets import Assets, assets
from stend.runtime.process import find
from stend.runtime.settings import Settings
from stend.runtime.sources import environment, root
from stend.runtime.system import seeded_dice

WORKSPACE = "workspace"
_SEED_BITS = 32
# A learner's program gets no more of the environment than it takes to start Python with a name in
# any language; on Windows sockets need the folder of the system.
_SEEN = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT")


def shelf() -> Shelf:
    """
    Raises:
        RefusalError: this installation has no course.
        CourseFileError: a file of the course is wrong.
    """
    return read_shelf(assets(Assets.COURSE))


def workspace(folder: Path | None) -> Workspace:
    """
    Args:
        folder: as it was given; None for the learner's repository that the command is typed in,
            or below, and elsewhere for the one of the stand.
    """
    return Workspace(folder or _own_repository() or root() / WORKSPACE)


def _own_repository() -> Path | None:
    here = Path.cwd()
    above = (folder for folder in (here, *here.parents) if (folder / LEARNER_FILE).is_file())
    return next(above, None)


def fresh_seed() -> int:
    return int.from_bytes(os.urandom(_SEED_BITS // 8))


def run_of(seed: int, *, deep: bool, stand: str | None = None) -> Run:
    """
    Args:
        stand: address of the one that runs; see `running_stand`.
    """
    return Run(partial(seeded_dice, seed), deep, seen_environment(), stand=stand)


def running_stand(settings: Settings) -> str | None:
    """Where the portal of the stand of these settings is, if it runs."""
    running = find(state_of(settings, root()))
    return f"http://{running.host}:{running.http_port}" if running else None


def seen_environment() -> Mapping[str, str]:
    given = environment()
    return {name: given[name] for name in _SEEN if name in given}
