"""`stend bench`."""

import json
import os
import subprocess
import sys
from typing import Any

from stend.cli.session import Exit, Session
from stend.cli.texts import T
from stend.runtime.sources import environment

_BENCHES = ("start", "protocols")


def bench_command(session: Session, name: str | None, as_json: bool) -> None:
    """Exit code 1 when a goal is missed: the figures are printed all the same."""
    if name is not None and name not in _BENCHES:
        session.fail(T.NO_SUCH_BENCH, name=name, known=", ".join(_BENCHES))
    if not (session.root / "bench").is_dir():
        session.fail(T.NEEDS_PROJECT)
    results = [_run(session, one) for one in ((name,) if name else _BENCHES)]
    if as_json:
        shown = results[0] if name else {"benches": results}
        session.print_json(shown)
    else:
        for result in results:
            _print(session, result)
    raise SystemExit(Exit.OK if all(_met(result) for result in results) else Exit.DOMAIN_ERROR)


def _run(session: Session, name: str) -> dict[str, Any]:
    source = os.pathsep.join([str(session.root / "src"), str(session.root)])
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{name}"],
        cwd=session.root,
        stdout=subprocess.PIPE,
        text=True,
        env={**environment(), "PYTHONPATH": source},
        check=False,
    )
    if done.returncode:
        raise SystemExit(Exit.FAILURE)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _met(result: dict[str, Any]) -> bool:
    if "protocols" in result:
        return all(row["goal_met"] for row in result["protocols"].values())
    return bool(result["goal_met"])


def _print(session: Session, result: dict[str, Any]) -> None:
    from rich.table import Table

    from stend.cli.screen import console

    if "protocols" not in result:
        table = Table("", T.COLD(session.language), T.WARM(session.language), box=None)
        for row, name in ((T.WHOLE_STAND, ""), (T.ENGINES_ALONE, "engines_"), (T.GOAL, "goal_")):
            cells = [f"{result[f'{name}{kind}_s']:.2f} s" for kind in ("cold", "warm")]
            table.add_row(row(session.language), *cells)
        console().print(table)
        return
    table = Table("", "", "req/s", "p50, ms", "p99, ms", "CPU, µs", box=None)
    for protocol, row in result["protocols"].items():
        for server in ("stend", "bare", "constant"):
            facts = row[server]
            cells = [str(value) for value in facts.values()]
            table.add_row(protocol if server == "stend" else "", server, *cells)
        table.add_row("", T.RATIO(session.language), f"{row['ratio_to_bare']:.0%}")
    console().print(table)
