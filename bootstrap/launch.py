"""Hands over to the CLI inside the environment; makes the environment first where it has to."""

from __future__ import annotations

import os

from bootstrap.place import (
    NOTEBOOK_LOCKS,
    RUN_LOCKS,
    TEST_LOCKS,
    Place,
    find_ready,
    state_folder,
)

# Commands that need more than the stand does: JupyterLab, or the tools of the tests, among them the
# clients of the benches.
_NEEDED = {
    "notebook": NOTEBOOK_LOCKS,
    "test": TEST_LOCKS,
    "parity": TEST_LOCKS,
    "bench": TEST_LOCKS,
}


def main(root: str, argv: list[str]) -> int:
    """Run the command and return its exit code; on POSIX the process becomes the command.

    Args:
        root: the project folder.
        argv: the command line, the name of the program first.
    """
    locks = _NEEDED.get(command_of(argv), RUN_LOCKS)
    place = find_ready(root, locks)
    if place is None:
        from bootstrap import first_run

        made = first_run.make_ready(root, locks, argv)
        if isinstance(made, int):
            return made
        place = made
    try:
        return hand_over(place, argv[1:])
    except OSError as error:
        from bootstrap import first_run

        return first_run.cannot_start(place, error, argv)


def command_of(argv: list[str]) -> str:
    """Return the first word that is neither an option nor the value of `--lang`, or ''."""
    previous = ""
    for word in argv[1:]:
        if not word.startswith("-") and previous != "--lang":
            return word
        previous = word
    return ""


def hand_over(place: Place, arguments: list[str]) -> int:
    """Start the CLI.

    Raises:
        OSError: the interpreter of the environment cannot be started.
    """
    os.environ["STEND_ROOT"] = place.root
    state = state_folder(place)
    if state is not None and not os.environ.get("STEND_STATE_DIR"):
        os.environ["STEND_STATE_DIR"] = state
    # -P: without it a learner's own json.py in the current folder would take the place of the
    # standard library's.
    command = [place.python, "-P", "-m", "stend", *arguments]
    if os.name != "nt":
        os.execv(place.python, command)  # noqa: S606
    # Windows has no exec that keeps the console and the exit code.
    import signal
    import subprocess

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return subprocess.call(command)
