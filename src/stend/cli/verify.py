"""`stend tap verify`: how much of a recording is understood."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import wrap
from typing import Any

from stend.cli.lines import printable
from stend.cli.session import Exit, Session
from stend.cli.stand_api import api_of, asking, fail
from stend.cli.tap_texts import TapText as T

_COLUMNS = 80


def verify_command(
    session: Session, path: Path | None, port_base: int | None, as_json: bool
) -> None:
    """Exit code 1: a byte has no name, or a decoder errs; 2: there is nothing to read."""
    from stend.kit.errors import StendError
    from stend.runtime.verifying import verified

    data = _read(session, path) if path else _fetched(session, port_base)
    try:
        report: Mapping[str, Any] = verified(data)
    except StendError as error:
        fail(session, T.NO_FILE, path=path or "session", reason=error.detail)
    if as_json:
        session.print_json(report)
    else:
        _print(session, report)
    raise SystemExit(Exit.OK if report["is_whole"] else Exit.DOMAIN_ERROR)


def _read(session: Session, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        fail(session, T.NO_FILE, path=path, reason=error.strerror or error)


def _fetched(session: Session, port_base: int | None) -> bytes:
    api = api_of(session, port_base)
    with asking(session):
        return api.file("/stand/tap/session")


def _print(session: Session, report: Mapping[str, Any]) -> None:
    if report["protocols"]:
        _print_table(session, report["protocols"])
    else:
        print(T.NOTHING_RECORDED(session.language))  # noqa: T201 - the output of a command
    for text in _told(session, report):
        for line in wrap(printable(text), _COLUMNS, subsequent_indent="  "):
            print(line)  # noqa: T201 - as above


def _print_table(session: Session, rows: list[Mapping[str, Any]]) -> None:
    from rich.table import Table

    from stend.cli.screen import console

    heads = (T.SPOKEN, T.CONNECTIONS, T.UNITS, T.EXCHANGES_COUNT, T.SIZE, T.NAMED, T.AGAIN)
    table = Table(box=None, pad_edge=False)
    for head in heads:
        left = head is T.SPOKEN
        table.add_column(head(session.language), justify="left" if left else "right")
    for row in rows:
        counts = (str(row[name]) for name in ("connections", "units", "exchanges", "bytes"))
        equal, of = row["re_encoded_equal"], row["re_encoded"]
        again = f"{equal}/{of}" if of else "–"
        table.add_row(row["protocol"], *counts, _percent(row["share"]), again)
    console().print(table)


def _told(session: Session, report: Mapping[str, Any]) -> Iterator[str]:
    from stend.portal.numbers import size

    language = session.language
    for row in report["protocols"]:
        yield from _told_of(session, row)
    if report["is_whole"] and report["protocols"]:
        yield T.WHOLE(language)
    if report["cut_off_connections"]:
        yield T.CUT_OFF(
            language,
            connections=report["cut_off_connections"],
            size=size(report["cut_off_bytes"], language),
        )
    if report["unfinished_bytes"]:
        yield T.UNFINISHED(language, size=size(report["unfinished_bytes"], language))


def _told_of(session: Session, row: Mapping[str, Any]) -> Iterator[str]:
    language, protocol = session.language, row["protocol"]
    for text, reasons in ((T.REASON, "undecoded"), (T.INNER_REASON, "inner_undecoded")):
        for one in row[reasons]:
            why = one[language.value]
            yield text(language, protocol=protocol, count=one["bytes"], why=why)
    if row["errors_count"]:
        yield T.TREE_ERRORS(language, protocol=protocol, count=row["errors_count"])
        yield from (f"  {one}" for one in row["errors"])
    different = row["re_encoded"] - row["re_encoded_equal"]
    if different:
        yield T.DIFFERENCES(language, protocol=protocol, count=different, of=row["re_encoded"])
        yield from (f"  {one}" for one in row["differences"])


def _percent(share: float) -> str:
    # Rounded up, a share of 99.999 % would look whole.
    return f"{int(share * 100_00) / 100:.2f}%"
