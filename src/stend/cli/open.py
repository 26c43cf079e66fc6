"""`stend open`: a saved session in the browser."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from stend.cli.lines import printable
from stend.cli.open_texts import OpenText as T
from stend.cli.session import Exit, Session
from stend.kit.json import JsonObject

if TYPE_CHECKING:
    from stend.runtime.opening import Opened


def open_command(session: Session, path: Path, port: int, browser: bool, as_json: bool) -> None:
    """Exit code 2: there is no such file, it is no session, or the port is taken."""
    from stend.runtime.opening import opened, serve
    from stend.runtime.refusals import RefusalError

    def ready(url: str) -> None:
        if as_json:
            session.print_json(_told(saved, path, url))
        else:
            _print(session, saved, url)
        sys.stdout.flush()
        # Only for a person at a terminal: a script wants no window.
        if browser and sys.stdout.isatty():
            import webbrowser

            webbrowser.open(url)

    try:
        saved = opened(path)
        serve(saved, port, ready)
    except RefusalError as error:
        session.fail_with(error.text)
    except KeyboardInterrupt:
        # Before the pages are there, Ctrl-C ends the reading.
        raise SystemExit(Exit.FAILURE) from None


def _told(saved: "Opened", path: Path, url: str) -> JsonObject:
    extras = saved.extras
    return {
        "url": url,
        "path": str(path),
        "saved_at": extras.saved_at,
        "stend": extras.stend,
        "exchanges": saved.exchanges,
        "traces": saved.traces.held().traces if extras.traces else None,
        "faults": list(extras.faults),
    }


def _print(session: Session, saved: "Opened", url: str) -> None:
    from stend.portal.numbers import moment

    told = saved.told
    traces = saved.traces.held().traces
    when = f"{moment(told.saved_at)} UTC"
    _say(
        session, T.OPENED, saved_at=when, stend=told.stend, exchanges=saved.exchanges, traces=traces
    )
    for one in told.faults:
        kind = one.title[session.language]
        _say(session, T.FAULT, kind=kind, source=one.source, target=one.target, seed=one.seed)
    _say(session, T.AT, url=url)
    _say(session, T.HINT)


def _say(session: Session, text: T, **values: object) -> None:
    print(printable(text(session.language, **values)))  # noqa: T201 - the output of a command
