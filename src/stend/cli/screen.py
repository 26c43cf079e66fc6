"""The table of parts on a terminal: 80 columns, colour only where it is wanted."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from stend.cli.session import Session
from stend.cli.texts import T

# Mark, word and colour: nothing is told by colour alone.
_STATES: Mapping[str, tuple[str, T, str]] = {
    "starting": ("◐", T.WAITING, "yellow"),
    "ready": ("●", T.IS_READY, "green"),
    "failed": ("✕", T.HAS_FAILED, "red"),
    "stopped": ("○", T.IS_STOPPED, "dim"),
}
_LABELS = {"real": T.LABEL_REAL, "emulated": T.LABEL_EMULATED, "subset": T.LABEL_SUBSET}
# A pipe has no width of its own, and long addresses must stay whole there.
_PIPE_WIDTH = 200


def console() -> Console:
    made = Console(highlight=False)
    return made if made.is_terminal else Console(highlight=False, width=_PIPE_WIDTH)


def state_words(session: Session, state: str) -> str:
    mark, word, colour = _STATES[state]
    return f"[{colour}]{mark}[/] {word(session.language)}"


def print_parts(session: Session, status: Mapping[str, Any]) -> None:
    """Engines, services and their addresses, as `stend status` shows them."""
    table = Table.grid(padding=(0, 2))
    for engine in status["engines"]:
        label = _LABELS[engine["label"]](session.language)
        version = f"{engine['version'] or '–'}, {label}"
        name = f"[bold]{engine['name']}[/]"
        table.add_row(name, state_words(session, engine["state"]), version, engine["url"])
        _add_reason(table, engine["reason"])
    for service in status["services"]:
        table.add_row(f"[bold]{service['name']}[/]", state_words(session, service["state"]))
        _add_reason(table, service["reason"])
        for endpoint in service["endpoints"]:
            table.add_row("", "", endpoint["protocol"], endpoint["url"])
    console().print(table)


def _add_reason(table: Table, reason: str | None) -> None:
    if reason:
        table.add_row("", "", "", reason)
