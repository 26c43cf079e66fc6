"""The table of parts on a terminal: 80 columns, colour only where it is wanted."""

from collections.abc import Iterable, Mapping
from textwrap import wrap
from typing import Any

from rich.console import Console
from rich.table import Table

from stend.cli.session import Session
from stend.cli.texts import T
from stend.portal.numbers import size
from stend.portal.parts import port_of

# Mark, word and colour: nothing is told by colour alone.
_STATES: Mapping[str, tuple[str, T, str]] = {
    "starting": ("◐", T.WAITING, "yellow"),
    "ready": ("●", T.IS_READY, "green"),
    "failed": ("✕", T.HAS_FAILED, "red"),
    "stopped": ("○", T.IS_STOPPED, "dim"),
}
_LABELS = {"real": T.LABEL_REAL, "emulated": T.LABEL_EMULATED, "subset": T.LABEL_SUBSET}
_NO_TAP = {"tls": T.NO_TAP_TLS, "leaves": T.NO_TAP_LEAVES}
# A pipe has no width of its own, and long addresses must stay whole there.
_PIPE_WIDTH = 200
_TEXT_WIDTH = 80


def console() -> Console:
    made = Console(highlight=False, emoji=False)
    return made if made.is_terminal else Console(highlight=False, emoji=False, width=_PIPE_WIDTH)


def state_words(session: Session, state: str) -> str:
    mark, word, colour = _STATES[state]
    return f"[{colour}]{mark}[/] {word(session.language)}"


def print_parts(session: Session, status: Mapping[str, Any], *, limits: bool = False) -> None:
    """Engines, services and their addresses, as `stend status` shows them.

    Args:
        limits: also what each engine does not do; otherwise where that is to be found.
    """
    engines, services = status["engines"], status["services"]
    table = Table.grid(padding=(0, 2))
    for engine in engines:
        table.add_row(*_head(session, engine), *_about(session, engine))
    for service in services:
        table.add_row(*_head(session, service))
    console().print(table)
    addresses = Table.grid(padding=(0, 2))
    for part in (*engines, *services):
        if part["state"] != "stopped":
            _add_addresses(session, addresses, part)
    console().print()
    console().print(addresses)
    for part in (*engines, *services):
        if part["reason"]:
            console().print(f"{part['name']}: {part['reason']}", markup=False)
    if limits:
        _print_limits(session, engines)
    elif any(engine["limitations"] for engine in engines):
        console().print(T.LIMITS_ARE_IN(session.language))


def _print_limits(session: Session, engines: Iterable[Mapping[str, Any]]) -> None:
    for engine in engines:
        if engine["limitations"]:
            console().print(f"\n[bold]{engine['name']}[/]")
        for limit in engine["limitations"]:
            text = limit[session.language.value]
            for line in wrap(text, _TEXT_WIDTH, initial_indent="- ", subsequent_indent="  "):
                console().print(line, markup=False)


def _head(session: Session, part: Mapping[str, Any]) -> tuple[str, str]:
    return f"[bold]{part['name']}[/]", state_words(session, part["state"])


def _about(session: Session, engine: Mapping[str, Any]) -> tuple[str, ...]:
    language, memory = session.language, engine["pss_bytes"]
    limits = len(engine["limitations"])
    return (
        engine["version"] or "–",
        _LABELS[engine["label"]](language),
        size(memory, language) if memory else "",
        T.LIMITS(language, count=limits) if limits else "",
    )


def _add_addresses(session: Session, table: Table, part: Mapping[str, Any]) -> None:
    own = [] if "endpoints" in part else [{**part, "protocol": part["name"]}, *part["also_at"]]
    for one in part.get("endpoints", own):
        # The tap differs in its port alone; a whole second address would not fit into 80 columns.
        tap = f"tap :{port_of(one['tapped_url'])}" if one["tapped_url"] else ""
        if one["no_tap"]:
            tap = _NO_TAP[one["no_tap"]](session.language)
        table.add_row(one["protocol"], one["url"], tap)
