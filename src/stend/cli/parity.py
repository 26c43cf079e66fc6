"""`stend parity`."""

import importlib.util
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from textwrap import wrap
from typing import Any

from stend.cli.session import Exit, Session
from stend.cli.texts import T
from stend.kit.languages import Language
from stend.runtime.sources import environment

_SCRIPT = "scripts/real-engines/real-engines"
_TABLE = "docs/parity.json"
_COLUMNS = ("equal", "differs", "refused", "fail")
_WIDTH = 80


def parity_command(session: Session, as_json: bool) -> None:
    """Exit code 1 when a check failed: the documents are left as they are then."""
    repository = session.repository("parity")
    if importlib.util.find_spec("pytest") is None:
        session.fail(T.NEEDS_ENVIRONMENT, command="parity")
    table = _measure(session, repository)
    failed = [check for role in table["roles"] for check in role["checks"] if _how(check) == "fail"]
    failed += [row for row in table["shop"] if not _passed(row)]
    if as_json:
        session.print_json(table)
    else:
        _print(session, table)
    if failed:
        session.complain(T.PARITY_FAILED, count=len(failed), table=_TABLE)
        raise SystemExit(Exit.DOMAIN_ERROR)
    _publish(session, repository, table)


def _measure(session: Session, repository: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.engines.suite.parity"],
        cwd=repository,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**environment(), "PYTHONPATH": str(repository), "PYTHONUTF8": "1"},
        check=False,
    )
    if done.returncode:
        session.fail(T.PARITY_DID_NOT_RUN, script=_SCRIPT)
    table: dict[str, Any] = json.loads(done.stdout)
    return table


def _publish(session: Session, repository: Path, table: Mapping[str, Any]) -> None:
    text = json.dumps(table, ensure_ascii=False, indent=1) + "\n"
    (repository / _TABLE).write_text(text, encoding="utf-8", newline="\n")
    session.complain(T.PARITY_WRITTEN, table=_TABLE)
    made = subprocess.run(
        [sys.executable, repository / "scripts" / "docs"],
        stdout=sys.stderr,
        env={**environment(), "PYTHONUTF8": "1"},
        check=False,
    )
    if made.returncode:
        raise SystemExit(Exit.FAILURE)


def _passed(row: Mapping[str, Any]) -> bool:
    """Whether every test of the shop that this row is of has passed on both sides."""
    sides = (row["embedded"], row["real"])
    return all(0 < side["tests"] == side["passed"] for side in sides)


def _how(check: Mapping[str, Any]) -> str:
    sides = {check["embedded"], check["real"]}
    return next((one for one in ("fail", "refused", "differs") if one in sides), "equal")


def _print(session: Session, table: Mapping[str, Any]) -> None:
    from rich.table import Table

    from stend.cli.screen import console

    language = session.language
    heads = (T.ROLE, T.EMBEDDED, T.REAL_SERVER, T.EQUAL, T.DIFFERENT, T.REFUSED, T.FAILED)
    shown = Table(*(head(language) for head in heads), box=None, width=_WIDTH, pad_edge=False)
    for role in table["roles"]:
        counts = Counter(_how(check) for check in role["checks"])
        numbers = [str(counts[column]) for column in _COLUMNS]
        shown.add_row(role["role"], role["embedded"] or "–", role["real"] or "–", *numbers)
    console().print(shown)
    console().print()
    _print_shop(language, table["shop"])
    for role in table["roles"]:
        for check in role["checks"]:
            if _how(check) != "equal":
                for line in _difference(language, role["role"], check):
                    console().print(line, markup=False)


def _print_shop(language: Language, rows: list[Mapping[str, Any]]) -> None:
    from stend.cli.screen import console

    for row in rows:
        sides = ((T.EMBEDDED, row["embedded"]), (T.REAL_SERVER, row["real"]))
        told = ", ".join(f"{head(language)} {one['passed']}/{one['tests']}" for head, one in sides)
        for line in wrap(f"{row['title'][language]}: {told}", _WIDTH, subsequent_indent="  "):
            console().print(line, markup=False)
    console().print()


def _difference(language: Language, role: str, check: Mapping[str, Any]) -> list[str]:
    words = {"refused": T.IS_REFUSED, "differs": T.IS_DIFFERENT, "fail": T.HAS_FAILED_ON}
    how = _how(check)
    sides = ", ".join(side for side in ("embedded", "real") if check[side] == "fail")
    reason = check["reason"][language] if check["reason"] else check["name"]
    title = check["title"][language]
    said = f"{words[how](language, sides=sides)}: {reason}"
    return [
        *wrap(f"{role}: {title}", _WIDTH, subsequent_indent="  "),
        *wrap(said, _WIDTH, initial_indent="  ", subsequent_indent="    "),
    ]
