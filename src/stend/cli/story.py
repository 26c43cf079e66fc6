"""`stend story`: the last traces, or who said what to whom in one of them."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import quote

from stend.cli.lines import cut, printable
from stend.cli.session import Exit, Session
from stend.cli.stand_api import api_of, asking
from stend.cli.story_texts import StoryText as T

_FORMS = {"text": "txt", "mermaid": "mmd", "plantuml": "puml", "svg": "svg"}
_VIEWS = ("services", "brokers", "stores", "all")
_WIDTH = 80
_NS_PER_S = 1_000_000_000


def story_command(
    session: Session, trace: str, form: str, view: str, port_base: int | None, as_json: bool
) -> None:
    """Exit code 1: there is no such trace, or it was let go."""
    if form not in _FORMS:
        _fail(session, T.NO_SUCH_FORMAT, name=form, known=", ".join(_FORMS))
    if view not in _VIEWS:
        _fail(session, T.NO_SUCH_VIEW, name=view, known=", ".join(_VIEWS))
    api = api_of(session, port_base)
    ending = "json" if as_json else _FORMS[form]
    with asking(session):
        told = api.file(_path(trace, ending), view=view, lang=session.language)
    text = told.decode()
    if as_json or form == "svg":
        print(text)  # noqa: T201 - the output
        return
    for line in text.splitlines():
        print(printable(line))  # noqa: T201 - the output


def stories_command(session: Session, limit: int, port_base: int | None, as_json: bool) -> None:
    api = api_of(session, port_base)
    with asking(session):
        found: Mapping[str, Any] = api.get("/stand/traces", limit=str(max(limit, 1)))
    if as_json:
        session.print_json(found)
        return
    if not found["traces"]:
        print(T.NONE(session.language))  # noqa: T201 - the output
    for one in reversed(found["traces"]):
        print(_line(session, one))  # noqa: T201 - the output


def _line(session: Session, one: Mapping[str, Any]) -> str:
    """The whole id, which is what is asked for next, and what tells the trace from others."""
    began = datetime.fromtimestamp(one["start_ns"] / _NS_PER_S, UTC)
    took_s = one["duration_ns"] / _NS_PER_S
    failed = f"  {T.FAILED(session.language)}" if one["error"] else ""
    head = f"{one['trace_id']} {began:%H:%M:%S} {took_s:8.3f} s "
    return head + cut(printable(one["root"]), _WIDTH - len(head) - len(failed)) + failed


def _path(trace: str, ending: str) -> str:
    return f"/story/{quote(trace, safe='')}.{ending}"


def _fail(session: Session, text: T, **values: object) -> NoReturn:
    print(text(session.language, **values), file=sys.stderr)  # noqa: T201 - the output of a command
    raise SystemExit(Exit.FAILURE)
