"""A release: built, installed in an empty environment elsewhere, and used as a person would."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from tools import ROOT, CheckError, Tool, run

from stend.runtime.process import CONSOLE_LOG

NAME = "wheel"
PACKAGES: tuple[str, ...] = ()
TOOLS: tuple[Tool, ...] = ()

_UV = Path(sys.executable).parent / "uv"
_PORT_BASE = "26400"
# As a person types them once the stand runs.
_USES = (
    ("call", "PlaceOrder", "--over", "rest"),
    ("call", "PlaceOrder", "--over", "soap"),
    ("status", "--json"),
    ("doctor",),
    ("compare", "GetOrder", "--times", "1"),
    ("traffic", "--duration", "1"),
    ("tap", "verify"),
    ("tap", "export", "saved.stend.zip"),
)
_DEPLOY = "from stend.runtime.assets import Assets, assets; print(assets(Assets.DEPLOY))"
_OF_THE_REPOSITORY = ("test", "bench", "parity")


def check() -> str:
    """
    Raises:
        CheckError: it is not built, not installed, or does not do what the repository does.
    """
    with tempfile.TemporaryDirectory() as folder:
        release = Path(folder, "release")
        build: list[str | Path] = [
            ROOT / "scripts" / "release" / "release",
            "build",
            "--draft",
            "--to",
            release,
        ]
        run([sys.executable, *build])
        (wheel,) = release.glob("*.whl")
        Path(folder, "typed-in").mkdir()
        stend = _installed(wheel, Path(folder))
        used = _used(stend, Path(folder))
        parts = json.loads(next(release.glob("*.cdx.json")).read_text(encoding="utf-8"))
    return (
        f"{wheel.name} is the same from the archive; outside of the repository {used} commands did "
        f"their work; the SBOM is valid and has {len(parts['components'])} components"
    )


def _installed(wheel: Path, folder: Path) -> Path:
    """The command, in an environment that has nothing but the package and what it needs."""
    venv = folder / "venv"
    run([_UV, "venv", "--quiet", "--python", sys.executable, venv])
    # What the release was tested with: newer versions of others are no defect of it.
    install: list[str | Path] = [
        _UV,
        "pip",
        "install",
        "--quiet",
        "--python",
        venv / "bin" / "python",
    ]
    run([*install, "--constraints", ROOT / "locks" / "run.txt", wheel], folder=folder)
    return venv / "bin" / "stend"


def _used(stend: Path, folder: Path) -> int:
    """How many commands were typed in a folder that has nothing to do with the stand."""
    elsewhere = {"HOME": str(folder), "XDG_DATA_HOME": "", "STEND_LANG": "en", "PYTHONPATH": ""}
    elsewhere |= {"STEND_PORT_BASE": _PORT_BASE, "STEND_ROOT": ""}
    # A learner's own file of that name is no part of the stand.
    typed_in = folder / "typed-in"
    (typed_in / "json.py").write_text("raise SystemExit('a file of the folder was imported')\n")

    def typed(*words: str) -> str:
        return run([stend, *words], folder=typed_in, environment=elsewhere)

    state = folder / ".local" / "share" / "stend" / ".stend" / _PORT_BASE
    told = typed("up", "--detach", "--no-browser")
    try:
        if "./stend" in told:
            raise CheckError(f"stend up names a command that is not there:\n{told}")
        for use in _USES:
            typed(*use)
        if not state.is_dir():
            raise CheckError(f"the state is not in {state}")
    except CheckError as error:
        raise CheckError(f"{error}\nand the stand says:\n{_said(state)}") from error
    finally:
        typed("down")
    _opened(stend, typed_in, elsewhere)
    deploy = run([stend.with_name("python"), "-c", _DEPLOY], folder=folder, environment=elsewhere)
    if not Path(deploy.strip(), "images", "Dockerfile").is_file():
        raise CheckError(f"deploy/ is not in {deploy}")
    for command in _OF_THE_REPOSITORY:
        _refused(stend, command, typed_in, elsewhere)
    return len(_USES) + 3


def _said(state: Path) -> str:
    log = state / CONSOLE_LOG
    return log.read_text(encoding="utf-8", errors="replace") if log.exists() else "nothing"


def _opened(stend: Path, folder: Path, environment: dict[str, str]) -> None:
    """The saved session is shown without a stand, until Ctrl-C."""
    with subprocess.Popen(
        [stend, "open", "saved.stend.zip", "--no-browser", "--json"],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    ) as opened:
        try:
            told = json.loads(_document(opened))
            with urllib.request.urlopen(told["url"]) as page:  # noqa: S310 - of the stand itself
                shown = page.read().decode()
        finally:
            opened.send_signal(signal.SIGINT)
    if "<title>Session" not in shown:
        raise CheckError("stend open shows another page than the session's")


def _refused(stend: Path, command: str, folder: Path, environment: dict[str, str]) -> None:
    try:
        run([stend, command], folder=folder, environment=environment)
    except CheckError as error:
        if f"python stend {command}" in str(error):
            return
        raise
    raise CheckError(f"stend {command} did something outside of the repository")


def _document(process: subprocess.Popen[str]) -> str:
    """The JSON that a process prints before it goes on."""
    lines = []
    for line in process.stdout or ():
        lines.append(line)
        if line == "}\n":
            break
    return "".join(lines)
