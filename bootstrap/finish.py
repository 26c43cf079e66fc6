"""The last steps of an installation: the project on the path, movable commands, the mark."""

from __future__ import annotations

import os
import re
from pathlib import Path

from bootstrap.place import Place

_MOVABLE = b"""#!/bin/sh
'''exec' "$(dirname -- "$(realpath -- "$0")")"/'python' "$0" "$@"
' '''
"""
# pip writes the second form when the path has a space or is too long for the system.
_FIRST_LINES = re.compile(
    rb"\A(?:#!/bin/sh\n'''exec' \"?(/[^\n\"]+)\"? \"\$0\" \"\$@\"\n' '''|#!(/[^\n]+))\n"
)


def add_project(place: Place, packages: Path) -> None:
    """Put `src` on the path of the environment with a path file.

    Args:
        place: the environment.
        packages: its site-packages.
    """
    source = str(Path(place.root, "src"))
    line = os.path.relpath(source, packages) if place.home == place.root else source
    if not line.isascii():
        # Before 3.13 path files are read in the encoding of the locale, whatever that is today.
        line = f"import sys; sys.path.insert(0, {source!a})"
    packages.joinpath("stend.pth").write_text(line + "\n", encoding="ascii")


def make_commands_movable(place: Place) -> None:
    """Let the commands in `bin` find their Python beside them, as uv's do.

    pip writes the full path of the environment into each of them: after a move of the project
    they would run in another folder's environment, or not at all.
    """
    if os.name == "nt":
        return
    commands = Path(place.venv, "bin")
    own = os.fsencode(str(commands)) + b"/"
    for command in commands.iterdir():
        if command.is_symlink() or not command.is_file():
            continue
        text = command.read_bytes()
        match = _FIRST_LINES.match(text)
        if match and (match[1] or match[2]).startswith(own):
            command.write_bytes(_MOVABLE + text[match.end() :])


def set_mark(place: Place, lock: bytes) -> None:
    """Call the environment complete; it is not until this returns."""
    fresh = Path(place.mark + ".new")
    fresh.write_bytes(lock)
    fresh.replace(place.mark)


def size_bytes(folder: Path) -> int:
    """Return what the files in the folder take."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            total += os.lstat(os.path.join(parent, name)).st_size  # noqa: PTH118 - 4000 files
    return total
