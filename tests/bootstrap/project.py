"""A tiny project folder with the real bootstrap in it, and the processes that run there."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.bootstrap.index import DEADLINE_S, Package

ROOT = Path(__file__).resolve().parents[2]
BASE_PYTHON = os.path.realpath(getattr(sys, "_base_executable", sys.executable))

# Stands for the CLI: shows what it was given, and ends with the code it was asked for.
PROGRAM = """\
import importlib.util, json, os, sys
names = ("STEND_ROOT", "STEND_STATE_DIR")
packages = ("alpha", "beta", "gamma", "delta")
print(json.dumps({
    "arguments": sys.argv[1:],
    "prefix": sys.prefix,
    "path": sys.path,
    "source": __file__,
    "json": json.__file__,
    "environment": {name: os.environ[name] for name in names if name in os.environ},
    "packages": [name for name in packages if importlib.util.find_spec(name)],
}))
sys.exit(int(os.environ.get("EXIT_WITH", "0")))
"""

ALPHA = Package("alpha", "1.0")
ALPHA_2 = Package("alpha", "2.0")
BETA = Package("beta", "1.0")
GAMMA = Package("gamma", "1.0")
SOURCE_ONLY = Package("delta", "1.0", source=True)
LARGE = Package("large", "1.0", ballast=2 << 20)


@dataclass
class Project:
    """A project folder.

    Args:
        root: the folder.
        environment: all the environment variables that its processes get.
        python: the Python that the bootstrap runs on.
        user: who starts the commands, where that is not the one who runs the tests.
        folder: where the commands are started, where that is not the project folder.
    """

    root: Path
    environment: dict[str, str]
    python: str = BASE_PYTHON
    user: int | None = None
    folder: Path | None = None
    _started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def mark(self) -> Path:
        return self.venv / "stend-lock.txt"

    @property
    def packages(self) -> Path:
        return next(self.venv.glob("lib/*/site-packages"))

    def fill(self) -> Project:
        """Put the bootstrap, a CLI and both locks into the folder."""
        source = self.root / "src" / "stend"
        source.mkdir(parents=True)
        (source / "__init__.py").touch()
        (source / "__main__.py").write_text(PROGRAM, encoding="utf-8")
        shutil.copy(ROOT / "stend", self.root)
        code = ROOT / "bootstrap"
        shutil.copytree(code, self.root / "bootstrap", ignore=shutil.ignore_patterns("__pycache__"))
        self.lock(ALPHA)
        self.lock_tests(ALPHA, BETA)
        return self

    def lock(self, *packages: Package, text: str = "") -> None:
        """Write `locks/run.txt`."""
        self._write("run.txt", "# run", packages, text)

    def lock_notebooks(self, *packages: Package) -> None:
        """Write `locks/notebooks.txt`."""
        self._write("notebooks.txt", "# notebooks", packages, "")

    def lock_tests(self, *packages: Package) -> None:
        """Write `locks/test.txt`."""
        self._write("test.txt", "# test", packages, "")

    def _write(self, name: str, title: str, packages: tuple[Package, ...], text: str) -> None:
        path = self.root / "locks" / name
        path.parent.mkdir(exist_ok=True)
        entries = "".join(package.entry for package in packages)
        path.write_text(f"{title}\n{entries}{text}", encoding="utf-8")

    def command(self, *arguments: str) -> list[str]:
        return [self.python, str(self.root / "stend"), *arguments]

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.command(*arguments),
            env={**self.environment, **environment},
            cwd=self.folder or self.root,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=DEADLINE_S,
            check=False,
            user=self.user,
            group=self.user,
            extra_groups=[] if self.user else None,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command in a process group of its own."""
        process = subprocess.Popen(
            self.command(*arguments),
            env=self.environment,
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        self._started.append(process)
        return process

    def end_all(self) -> None:
        """Kill what is left of the commands that were started, with their installers."""
        for process in self._started:
            kill_group(process)
            process.communicate()

    def moved_to(self, folder: Path) -> Project:
        """Return the project after its folder has been renamed."""
        self.root.rename(folder)
        return Project(folder, self.environment, self.python, self.user)

    def copied_to(self, folder: Path) -> Project:
        """Return a copy of the project."""
        shutil.copytree(self.root, folder, symlinks=True)
        return Project(folder, dict(self.environment), self.python, self.user)


def kill_group(process: subprocess.Popen[str]) -> None:
    """Kill the process and all it has started, as a lost battery would."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
