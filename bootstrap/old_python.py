# -*- coding: utf-8 -*-
# This file runs on Python 2.7 and everything after it, without what came later.
# ruff: noqa: UP009, UP025, UP031, PTH118, PTH123, RUF005, S606
"""What an old Python does with stend: finds a newer one and hands over, or says what is missing."""

import os
import subprocess
import sys

NEEDED = (3, 11)
NEWEST_FIRST = ("python3.14", "python3.13", "python3.12", "python3.11")

# fmt: off
ENGLISH = u"""\
stend: This Python is too old.
  Got:      Python {found} ({executable})
  Expected: Python 3.11 or newer; {names} were looked for on PATH
  Next:     install one, then run the same command again:
            Debian, Ubuntu   sudo apt install python3 python3-venv
            Fedora           sudo dnf install python3
            macOS, Windows   the installer from python.org
            anywhere         uv python install 3.13
  Code:     python-too-old
"""
RUSSIAN = u"""\
stend: Этот Python слишком старый.
  Получено:  Python {found} ({executable})
  Ожидалось: Python 3.11 или новее; в PATH искались {names}
  Дальше:    установите его и повторите ту же команду:
             Debian, Ubuntu   sudo apt install python3 python3-venv
             Fedora           sudo dnf install python3
             macOS, Windows   установщик с python.org
             везде            uv python install 3.13
  Код:       python-too-old
"""
# fmt: on


def main(argv):
    # type: (list[str]) -> int
    """Hand over to a newer Python, or explain that there is none and return 2."""
    newer = find_newer(os.environ.get("PATH", ""))
    if newer is None:
        write(explanation(sys.version_info[:3], sys.executable or "?", wants_russian(argv)))
        return 2
    command = [newer] + argv
    if os.name != "nt":
        os.execv(newer, command)
    return subprocess.call(command)


def find_newer(path):
    # type: (str) -> str | None
    """Return the newest Python on PATH that stend can run on, or None."""
    for name in NEWEST_FIRST:
        for folder in path.split(os.pathsep):
            candidate = os.path.join(folder, name + (".exe" if os.name == "nt" else ""))
            if folder and os.access(candidate, os.X_OK) and works(candidate):
                return candidate
    return None


def works(candidate):
    # type: (str) -> bool
    """Tell whether the program really is a Python that is new enough.

    A version manager puts a program of every known name on PATH and lets it fail when started.
    """
    question = "import sys; sys.exit(0 if sys.version_info >= %r else 1)" % (NEEDED,)
    try:
        with open(os.devnull, "r+b") as nothing:
            command = [candidate, "-c", question]
            return subprocess.call(command, stdout=nothing, stderr=nothing) == 0
    except OSError:
        return False


def explanation(version, executable, russian):
    # type: (tuple[int, int, int], str, bool) -> str
    """Return the message for a person whose Python is too old."""
    text = RUSSIAN if russian else ENGLISH
    found = ".".join(str(part) for part in version)
    return text.format(found=found, executable=executable, names=", ".join(NEWEST_FIRST))


def wants_russian(argv):
    # type: (list[str]) -> bool
    """Tell the language by `--lang`, then by the environment."""
    for place, word in enumerate(argv):
        if word.startswith("--lang="):
            return word[7:].lower().startswith("ru")
        if word == "--lang" and place + 1 < len(argv):
            return argv[place + 1].lower().startswith("ru")
    for name in ("STEND_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return os.environ[name].lower().startswith("ru")
    return False


def write(text):
    # type: (str) -> None
    """Write to standard error, whatever it can encode."""
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    # Python 3.6 and older call a terminal ASCII when its locale is not installed.
    if encoding.upper() in ("ASCII", "US-ASCII", "ANSI_X3.4-1968"):
        encoding = "utf-8"
    sys.stderr.flush()
    os.write(2, text.encode(encoding, "backslashreplace"))
