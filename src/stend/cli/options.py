"""How options and arguments of all commands are declared."""

from collections.abc import Callable
from typing import Any

import typer

from stend.cli.session import Session
from stend.kit.languages import Language

CONTEXT: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 80}
_Text = Callable[[Language], str]


def option(session: Session, text: _Text, *names: str, **more: Any) -> Any:
    """An option with its help; what holds without it stands there.

    Typer would add "[default: …]" in English, whatever the language is.
    """
    return typer.Option(*names, help=text(session.language), show_default=False, **more)


def argument(session: Session, text: _Text, **more: Any) -> Any:
    return typer.Argument(help=text(session.language), **more)
