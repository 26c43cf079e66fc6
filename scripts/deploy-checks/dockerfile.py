"""The Dockerfile, by hadolint."""

import sys
from pathlib import Path

from tools import ROOT, Tool, run

NAME = "dockerfile"
PACKAGES: tuple[str, ...] = ()
TOOLS: tuple[Tool, ...] = ()


def check() -> str:
    """
    Raises:
        CheckError: hadolint has something to say.
    """
    # From the wheel of the development environment.
    run([Path(sys.executable).parent / "hadolint", ROOT / "deploy" / "images" / "Dockerfile"])
    return "hadolint has nothing to say"
