"""NGINX: the suite starts it itself, in front of its own stand; here it is found and asked."""

import re
import shutil
import subprocess
from pathlib import Path

from machine import EngineError, Started

NAME = "nginx"
PACKAGES = ("nginx",)


def find() -> Path:
    """
    Raises:
        EngineError: it is not installed.
    """
    # Debian keeps it in /usr/sbin, which is not on everybody's PATH.
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if found is None:
        raise EngineError("nginx was not found")
    return Path(found)


def start(folder: Path) -> Started:
    """A gateway needs something behind it, so no process is started here.

    Raises:
        EngineError: not installed, or its program does not run.
    """
    server = find()
    done = subprocess.run([server, "-v"], capture_output=True, text=True, check=False)
    version = re.search(r"nginx/([\d.]+)", done.stderr)
    if done.returncode or version is None:
        raise EngineError(f"{server} -v ended with code {done.returncode}: {done.stderr.strip()}")
    return Started(
        version=f"NGINX {version[1]}",
        processes=(),
        environment={"REAL_NGINX": str(server)},
    )
