"""`stend tap list`, `follow`, `export`, `clear`: the recording of a running stand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stend.cli.lines import cut, printable
from stend.cli.session import Exit, Session
from stend.cli.stand_api import api_of, asking, complain, edge_of, fail
from stend.cli.tap_texts import TapText as T

_ANYBODY = "*"
LIMIT = 20
_MOST = 2000
_FORMATS = {".zip": "session", ".pcapng": "pcapng", ".har": "har"}
_PLACE_WIDTH = 22
_TO_CLOCK = slice(11, 23)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which exchanges; None does not narrow.

    Attributes:
        on: SOURCE:TARGET.
    """

    on: str | None
    protocol: str | None
    trace: str | None
    errors: bool
    background: bool

    def query(self, session: Session) -> dict[str, str | None]:
        source, target = edge_of(session, self.on) if self.on else (_ANYBODY, _ANYBODY)
        return {
            "source": None if source == _ANYBODY else source,
            "target": None if target == _ANYBODY else target,
            "protocol": self.protocol,
            "trace": self.trace,
            "errors": "1" if self.errors else None,
            "background": "1" if self.background else None,
        }


def list_command(session: Session, port_base: int | None, as_json: bool) -> None:
    api = api_of(session, port_base)
    with asking(session):
        state: Mapping[str, Any] = api.get("/stand/tap")
    if as_json:
        session.print_json(state)
    elif not state["is_on"]:
        _say(session, T.IS_OFF)
    else:
        _print_taps(session, state)
        _print_ring(session, state["ring"])


def exchanges_command(
    session: Session, filters: Filters, limit: int, port_base: int | None, as_json: bool
) -> None:
    if not 1 <= limit <= _MOST:
        fail(session, T.BAD_LIMIT, value=limit, most=_MOST)
    api = api_of(session, port_base)
    query = filters.query(session)
    with asking(session):
        found: Mapping[str, Any] = api.get("/stand/tap/exchanges", limit=str(limit), **query)
    if as_json:
        session.print_json(found)
        return
    for one in found["exchanges"]:
        _print_line(session, one)
    if not found["exchanges"]:
        _say(session, T.NOTHING)
    if found["hidden"]:
        complain(session, T.HIDDEN, count=found["hidden"])


def follow_command(
    session: Session, filters: Filters, port_base: int | None, as_json: bool
) -> None:
    """A line for each exchange, with --json one object a line; the latest line of an id counts.

    What it does not show is counted on stderr, at its end.
    """
    api = api_of(session, port_base)
    query = filters.query(session)
    hidden = 0
    try:
        with asking(session):
            for found in api.events("/stand/tap/stream", **query):
                more = _print_found(session, found, as_json)
                # A terminal where nothing moves for a minute has to say why.
                if more and not hidden:
                    complain(session, T.HIDES)
                hidden += more
    except KeyboardInterrupt:
        raise SystemExit(Exit.OK) from None
    finally:
        if hidden:
            complain(session, T.HIDDEN, count=hidden)


def export_command(
    session: Session, path: Path, wanted: str | None, port_base: int | None, as_json: bool
) -> None:
    wanted = wanted or _FORMATS.get(path.suffix.lower())
    if wanted is None:
        fail(session, T.NO_FORMAT, name=path.name)
    if wanted not in _FORMATS.values():
        fail(session, T.BAD_FORMAT, name=wanted)
    api = api_of(session, port_base)
    with asking(session):
        data = api.file("/stand/tap/export", format=wanted)
    _write(session, path, data)
    if as_json:
        session.print_json({"path": str(path), "format": wanted, "bytes": len(data)})
    else:
        _say(session, T.SAVED, size=_size(session, len(data)), path=path)


def clear_command(session: Session, port_base: int | None, as_json: bool) -> None:
    api = api_of(session, port_base)
    with asking(session):
        api.delete("/stand/tap")
    if as_json:
        session.print_json({"cleared": True})
    else:
        _say(session, T.CLEARED)


def _write(session: Session, path: Path, data: bytes) -> None:
    # Written beside and renamed: nobody finds half a file.
    unfinished = path.with_name(f".{path.name}.part")
    try:
        unfinished.write_bytes(data)
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        fail(session, T.NO_FILE, path=path, reason=error.strerror or error)


def _print_found(session: Session, found: Mapping[str, Any], as_json: bool) -> int:
    """Returns how many more are hidden."""
    for one in found["exchanges"]:
        if as_json:
            print(json.dumps(one, ensure_ascii=False), flush=True)  # noqa: T201 - the output
        else:
            _print_line(session, one)
    if found["left_off"]:
        complain(session, T.LEFT_OFF, count=found["left_off"])
    hidden: int = found["hidden"]
    return hidden


def _print_taps(session: Session, state: Mapping[str, Any]) -> None:
    from rich.table import Table

    from stend.cli.screen import console

    rows: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for tap in state["taps"]:
        rows.setdefault((tap["source"], tap["target"], tap["protocol"]), []).append(tap)
    passed = {(one["source"], one["target"], one["protocol"]): one for one in state["places"]}
    table = Table(box=None, pad_edge=False)
    heads = (T.PLACE, T.SPOKEN, T.PORTS, T.OPEN, T.TO_SERVER, T.TO_CLIENT)
    for head in heads:
        right = head in heads[3:]
        table.add_column(head(session.language), justify="right" if right else "left")
    for key, taps in rows.items():
        counts = passed.get(key, {"bytes_to_server": 0, "bytes_to_client": 0})
        first, *others = sorted(tap["port"] for tap in taps)
        table.add_row(
            f"{key[0]}→{key[1]}",
            key[2],
            f"{first} +{len(others)}" if others else str(first),
            str(sum(tap["open"] for tap in taps)),
            _size(session, counts["bytes_to_server"]),
            _size(session, counts["bytes_to_client"]),
        )
    console().print(table)


def _print_ring(session: Session, ring: Mapping[str, Any]) -> None:
    held, limit, recorded = (
        _size(session, ring[name]) for name in ("held_bytes", "limit_bytes", "recorded_bytes")
    )
    print()  # noqa: T201 - the output of a command
    _say(session, T.RING, held=held, limit=limit, recorded=recorded)
    if ring["let_go_bytes"]:
        let_go = _size(session, ring["let_go_bytes"])
        _say(session, T.LET_GO, bytes=let_go, exchanges=ring["let_go_exchanges"])


def _print_line(session: Session, one: Mapping[str, Any]) -> None:
    from rich.text import Text

    from stend.cli.screen import console
    from stend.portal.numbers import duration

    screen = console()
    took = duration(one["took_ms"], session.language) if one["is_complete"] else "…"
    end = f"  ✕ {printable(one['error'])[:20]}" if one["error"] else ""
    end += f"  {took}"
    place = cut(f"{one['source']}→{one['target']}", _PLACE_WIDTH)
    head = f"{one['id']:<8} {one['began_at'][_TO_CLOCK]:<12} {place:<{_PLACE_WIDTH}} "
    room = max(screen.width - len(head) - len(end), 8)
    # Some summaries begin with the name that stands before them.
    name = "" if one["summary"].startswith(one["name"]) else f"{one['name']}  "
    what = printable(f"{name}{one['summary']}".strip())
    line = Text(head + cut(what, room))
    line.append(end, style="red" if one["error"] else "dim")
    screen.print(line, soft_wrap=True)


def _say(session: Session, text: T, **values: object) -> None:
    print(text(session.language, **values))  # noqa: T201 - the output of a command


def _size(session: Session, count: int) -> str:
    from stend.portal.numbers import size

    return size(count, session.language)
