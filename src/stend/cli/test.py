"""`stend test`."""

import importlib.util
import subprocess
import sys

from stend.cli.session import Session
from stend.cli.texts import T


def test_command(session: Session, arguments: list[str]) -> None:
    """Runs pytest in the project's folder and ends with its exit code."""
    if importlib.util.find_spec("pytest") is None:
        session.fail(T.NEEDS_ENVIRONMENT, command="test")
    command = [sys.executable, "-m", "pytest", *arguments]
    raise SystemExit(subprocess.run(command, cwd=session.root, check=False).returncode)
