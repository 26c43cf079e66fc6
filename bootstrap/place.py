"""Where the environment of a project folder lies, and whether it is complete.

This runs at every start, so it reads at most four small files and imports nothing that costs time:
`pathlib`, `dataclasses` or `enum` would each take longer than all the work done here.
"""
# ruff: noqa: PTH110, PTH111, PTH117, PTH118, PTH123

from __future__ import annotations

import os
import sys

# The first name is what gets installed; an environment made from any of them will do. Each lock has
# all that those before it have.
RUN_LOCKS = ("run.txt", "notebooks.txt", "test.txt")
NOTEBOOK_LOCKS = RUN_LOCKS[1:]
TEST_LOCKS = RUN_LOCKS[2:]


class Place:
    """The environment of one project folder.

    Args:
        root: the project folder.
        home: the folder that holds `.venv`: the project folder itself, or one of the user's own
            when the project folder cannot be written.
    """

    __slots__ = ("base", "guard", "home", "mark", "python", "root", "venv")

    def __init__(self, root: str, home: str) -> None:
        self.root = root
        self.home = home
        self.venv = os.path.join(home, ".venv")
        self.mark = os.path.join(self.venv, "stend-lock.txt")
        self.guard = os.path.join(self.venv, "stend-install.lock")
        self.base = os.path.join(self.venv, "pyvenv.cfg")
        if os.name == "nt":
            self.python = os.path.join(self.venv, "Scripts", "python.exe")
        else:
            self.python = os.path.join(self.venv, "bin", "python")


def in_project(root: str) -> Place:
    """Return the usual place: `.venv` in the project folder."""
    return Place(root, root)


def in_user_folder(root: str) -> Place:
    """Return the place for a project folder that cannot be written."""
    return Place(root, user_folder(root))


def user_folder(root: str) -> str:
    """Return the per-user folder that belongs to one project folder; makes nothing."""
    import hashlib

    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Application Support")
    else:
        # XDG Base Directory Specification: a path in the variable that is not absolute is ignored.
        base = os.environ.get("XDG_DATA_HOME", "")
        if not os.path.isabs(base):
            base = os.path.expanduser("~/.local/share")
    return os.path.join(base, "stend", hashlib.sha256(os.fsencode(root)).hexdigest()[:12])


def lock_path(root: str, name: str) -> str:
    """Return the path of a lock by its file name."""
    return os.path.join(root, "locks", name)


def read_bytes(path: str) -> bytes | None:
    """Return what the file holds, or None where it cannot be read."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.readall()
    except OSError:
        return None


def is_ready(place: Place, locks: tuple[str, ...]) -> bool:
    """Tell whether the environment is complete and made from one of these locks."""
    mark = read_bytes(place.mark)
    if not mark or not has_interpreter(place):
        return False
    return any(read_bytes(lock_path(place.root, name)) == mark for name in locks)


def has_interpreter(place: Place) -> bool:
    """Tell whether the interpreter, and the Python it was made from, are still there."""
    if not os.path.exists(place.python):
        return False
    # On Windows python.exe is a small launcher that outlives the Python it starts.
    return os.name != "nt" or _windows_base_exists(place)


def _windows_base_exists(place: Place) -> bool:
    for line in (read_bytes(place.base) or b"").splitlines():
        key, _, value = line.partition(b"=")
        if key.strip() == b"home":
            return os.path.exists(os.fsdecode(value.strip()))
    return False


def find_ready(root: str, locks: tuple[str, ...]) -> Place | None:
    """Return a complete environment for this project folder, or None."""
    place = in_project(root)
    if is_ready(place, locks):
        return place
    if not can_write(place.venv, root):
        place = in_user_folder(root)
        if is_ready(place, locks):
            return place
    return None


def can_write(folder: str, parent: str) -> bool:
    """Tell whether the folder, or its parent where it does not exist yet, can be written."""
    return os.access(folder if os.path.exists(folder) else parent, os.W_OK)


def state_folder(place: Place) -> str | None:
    """Return where the state has to go, or None where `.stend` in the project folder will do."""
    if place.home == place.root and can_write(os.path.join(place.root, ".stend"), place.root):
        return None
    return os.path.join(user_folder(place.root), "state")
