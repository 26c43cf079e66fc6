"""`stend open` as a process of its own, for tests that call it from outside."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import PROJECT


@dataclass(frozen=True, slots=True)
class Reader:
    """
    Attributes:
        told: what it has printed, before it serves.
    """

    child: subprocess.Popen[str]
    told: dict[str, Any]

    @property
    def url(self) -> str:
        return str(self.told["url"])

    def ended(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """Its exit code after a signal, and what it complained of."""
        self.child.send_signal(number)
        _, complaints = self.child.communicate(timeout=20)
        return self.child.returncode, complaints


def environment() -> dict[str, str]:
    """Without a stand, a folder of one or settings."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("STEND_")}
    return own | {"PYTHONPATH": str(PROJECT / "src"), "STEND_LANG": "en"}


@contextlib.contextmanager
def reading(path: Path, *words: str) -> Iterator[Reader]:
    child = subprocess.Popen(
        [sys.executable, "-m", "stend", "open", str(path), "--json", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    try:
        assert child.stdout is not None
        lines = [child.stdout.readline()]
        # One object with an indent: its last line is its closing brace.
        while lines[-1] not in ("}\n", ""):
            lines.append(child.stdout.readline())
        assert lines[-1], child.communicate()[1]
        yield Reader(child, json.loads("".join(lines)))
    finally:
        child.kill()
        child.communicate()
