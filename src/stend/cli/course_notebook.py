"""`stend notebook`: the notebooks of the course, in JupyterLab."""

import importlib.util
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from stend.cli.course import refusing, say_wrapped
from stend.cli.course_notebook_texts import NotebookText as N
from stend.cli.session import Exit, Session
from stend.cli.stand import target_of

if TYPE_CHECKING:
    from stend.course.notebooks import LaidOut

_INSTALL = 'pip install "stend[notebooks]"'
# A class on a network without the internet: nothing is asked of other machines.
_OFFLINE = (
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
)


@dataclass(frozen=True, slots=True)
class NotebookOptions:
    """
    Attributes:
        module: whose notebook is opened; None for the list.
        only_files: starts nothing.
    """

    module: int | None
    workspace: Path | None
    port_base: int | None
    only_files: bool
    browser: bool
    as_json: bool


def notebook_command(session: Session, options: NotebookOptions) -> None:
    """The process becomes JupyterLab. Exit code 2: no such notebook, or no JupyterLab."""
    from stend.course.notebooks import FOLDER, has_notebook, lay_out_notebooks
    from stend.runtime.addresses import addresses_of
    from stend.runtime.course import shelf, workspace

    target = target_of(session, options.port_base)
    with refusing(session):
        modules = [one for one in shelf().modules if has_notebook(one)]
        if options.module is not None:
            known = [one.number for one in modules]
            modules = [one for one in modules if one.number == options.module]
            if not modules:
                there = ", ".join(map(str, known))
                _fail(session, N.NONE, number=options.module, known=there)
        folder = workspace(options.workspace).folder.absolute()
        portal = addresses_of(target.settings).http_url
        found = lay_out_notebooks(modules, folder, session.language, portal)
    _tell(session, found, options)
    if options.as_json:
        return
    if target.running is None:
        _complain(session, N.NO_STAND)
    if options.only_files:
        return
    if importlib.util.find_spec("jupyterlab") is None:
        _fail(session, N.NO_LAB, command=_INSTALL)
    say_wrapped(N.STARTING(session.language))
    opened = found[0].path if options.module is not None else None
    _become_lab(
        _lab(folder / FOLDER, opened, browser=options.browser),
        {"STEND_PORT_BASE": str(target.settings.stand.port_base), "STEND_ROOT": str(session.root)},
    )


def _tell(session: Session, found: Sequence["LaidOut"], options: NotebookOptions) -> None:
    if options.as_json:
        rows = [
            {"module": one.module.number, "path": str(one.path), "is_new": one.is_new}
            for one in found
        ]
        session.print_json({"notebooks": rows})
        return
    for one in found:
        state = (N.NEW if one.is_new else N.KEPT)(session.language)
        print(f"{one.path} · {state}")  # noqa: T201 - the output of a command


def _lab(folder: Path, opened: Path | None, *, browser: bool) -> list[str]:
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}", *_OFFLINE]
    command += ["--ServerApp.ip=127.0.0.1"]
    # In a container the learner often is root; it is one machine, and a token is asked for.
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    if not browser:
        command.append("--no-browser")
    if opened:
        command.append(f"--LabApp.default_url=/lab/tree/{opened.name}")
    return command


def _become_lab(command: list[str], more: dict[str, str]) -> None:
    from stend.runtime.sources import environment

    variables = {**environment(), **more}
    sys.stdout.flush()
    if os.name != "nt":
        os.execve(command[0], command, variables)  # noqa: S606
    # Windows has no exec that keeps the console and the exit code.
    import signal
    import subprocess

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise SystemExit(subprocess.call(command, env=variables))


def _complain(session: Session, text: N, **values: object) -> None:
    print(text(session.language, **values), file=sys.stderr)  # noqa: T201 - as above


def _fail(session: Session, text: N, **values: object) -> NoReturn:
    _complain(session, text, **values)
    raise SystemExit(Exit.FAILURE)
