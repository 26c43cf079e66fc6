"""`stend logs`."""

import heapq
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

from stend.cli.session import Session
from stend.cli.stand import Target, target_of
from stend.cli.texts import T

_PARTS = ("stand", "orders", "portal", "tap", "postgresql")
_LAST_LINES = 200
_MOMENT = re.compile(r'(?:\{"time": ")?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d\.\d{3})')
_POLL_EVERY_S = 0.2


def logs_command(session: Session, part: str | None, follow: bool, port_base: int | None) -> None:
    if part is not None and part not in _PARTS:
        session.fail(T.NO_SUCH_PART, name=part, known=", ".join(_PARTS))
    target = target_of(session, port_base)
    paths = _paths(target, part)
    if not (target.state / "logs").is_dir():
        session.fail(T.NO_LOGS)
    tails = [_Tail(path) for path in paths]
    last = heapq.merge(*(_timed(tail.last(_LAST_LINES)) for tail in tails))
    for _, line in list(last)[-_LAST_LINES:]:
        print(_shown(line))  # noqa: T201 - the output
    try:
        while follow:
            for tail in tails:
                for line in tail.fresh():
                    print(_shown(line), flush=True)  # noqa: T201 - the output
            time.sleep(_POLL_EVERY_S)
    except KeyboardInterrupt:
        return


def _paths(target: Target, part: str | None) -> list[Path]:
    folder = target.state / "logs"
    wanted = (part,) if part else _PARTS
    # PostgreSQL writes its own log in its own format.
    postgresql = folder / "postgresql.log"
    return [postgresql if name == "postgresql" else folder / f"{name}.jsonl" for name in wanted]


class _Tail:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def last(self, count: int) -> list[str]:
        lines = list(self.fresh())
        return lines[-count:]

    def fresh(self) -> Iterator[str]:
        if not self._path.exists():
            return
        if self._path.stat().st_size < self._offset:
            # Rotated: the rest of the old file is in the other generation.
            self._offset = 0
        with self._path.open("rb") as file:
            file.seek(self._offset)
            for raw in file:
                # A line that is still being written is read whole the next time.
                if not raw.endswith(b"\n"):
                    return
                self._offset += len(raw)
                yield raw.decode("utf-8", errors="replace").rstrip("\n")


def _timed(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Each line with its time; one that has none, part of a longer message, has the one before."""
    moment = ""
    for line in lines:
        # Our own lines begin with {"time": "2026-11-23T…, PostgreSQL's with 2026-11-23 ….
        if found := _MOMENT.match(line):
            moment = f"{found[1]} {found[2]}"
        yield moment, line


def _shown(line: str) -> str:
    try:
        record = json.loads(line)
        head = f"{record['time']} {record['level']:<7} {record['logger']}"
        return "\n".join([f"{head}  {record['message']}", *_traceback(record)])
    except (ValueError, KeyError, TypeError):
        return line


def _traceback(record: dict[str, str]) -> list[str]:
    return [f"    {line}" for line in record.get("traceback", "").splitlines()]
