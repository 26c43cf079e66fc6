"""Git, where there is one: whose machine this is, and a repository in a folder."""

import subprocess
from enum import StrEnum
from pathlib import Path

from stend.runtime.sources import environment

_WAIT_S = 20
# What a hook of git is called with would lead to its own repository.
_OF_HOOKS = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"})


class GitState(StrEnum):
    """What has become of a folder."""

    MADE = "made"
    # It was a repository before.
    THERE = "there"
    # This machine has no git.
    MISSING = "missing"
    FAILED = "failed"


def make_git(folder: Path) -> tuple[GitState, str]:
    """Makes a repository with the branch `main`. Returns also what git complained of."""
    if (folder / ".git").exists():
        return GitState.THERE, ""
    try:
        _git("init", "--quiet", str(folder))
        # `git init -b` is of 2.28; this does the same in any of them.
        _git("-C", str(folder), "symbolic-ref", "HEAD", "refs/heads/main")
    except FileNotFoundError:
        return GitState.MISSING, ""
    except subprocess.CalledProcessError as error:
        return GitState.FAILED, str(error.stderr).strip()
    except (OSError, subprocess.TimeoutExpired) as error:
        return GitState.FAILED, str(error)
    return GitState.MADE, ""


def git_name() -> str | None:
    """The name that the person has told git; None where there is none."""
    try:
        return _git("config", "--get", "user.name").strip() or None
    except (OSError, subprocess.SubprocessError):
        return None


def _git(*words: str) -> str:
    own = {name: value for name, value in environment().items() if name not in _OF_HOOKS}
    done = subprocess.run(
        ["git", *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=own,
        timeout=_WAIT_S,
        check=True,
    )
    return done.stdout
