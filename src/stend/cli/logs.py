"""`stend logs`."""

import contextlib
import heapq
import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from stend.cli.session import Session
from stend.cli.stand import Target, target_of
from stend.cli.texts import T
from stend.runtime.rows import SERVICES

# Engines write their own logs in formats of their own; everything else writes JSON.
_ENGINES = ("postgresql", "mysql", "mongodb", "redis", "rabbitmq", "kafka", "nginx")
# MySQL is two servers: the PostgreSQL that keeps its tables has a log of its own.
_MORE = {"mysql": ("mysql-storage",)}
_PARTS = ("stand", *SERVICES, "portal", "tap", *_ENGINES)
_LAST_LINES = 200
# How a line begins, and how its time is read.
_STAMPS = (
    # {"time": "2026-11-23T10:00:00.120Z" of the stand
    (re.compile(r'\{"time": "(?P<at>[\d-]+T[\d:.]+)(?P<zone>Z)'), "%Y-%m-%dT%H:%M:%S.%f"),
    # 2026-11-23 10:00:00.120 UTC of PostgreSQL
    (re.compile(r"(?P<at>\d{4}-\d\d-\d\d [\d:]+\.\d+) (?P<zone>\w+)"), "%Y-%m-%d %H:%M:%S.%f"),
    # 2026-11-23 10:00:00,120 of the brokers
    (
        re.compile(r"(?P<at>\d{4}-\d\d-\d\d [\d:]+,\d+)(?P<zone>)"),
        "%Y-%m-%d %H:%M:%S,%f",
    ),
    # 4711:M 23 Nov 2026 10:00:00.120 of Redis
    (re.compile(r"\d+:\w (?P<at>\d\d \w{3} \d{4} [\d:]+\.\d+)(?P<zone>)"), "%d %b %Y %H:%M:%S.%f"),
    # 2026/11/23 10:00:00 of NGINX
    (re.compile(r"(?P<at>\d{4}/\d\d/\d\d [\d:]+)(?P<zone>)"), "%Y/%m/%d %H:%M:%S"),
)
_UTC_NAMES = frozenset({"Z", "UTC", "GMT"})
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
    return [
        folder / (f"{file}.log" if name in _ENGINES else f"{file}.jsonl")
        for name in wanted
        for file in (name, *_MORE.get(name, ()))
    ]


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
        moment = _moment_of(line) or moment
        yield moment, line


def _moment_of(line: str) -> str | None:
    """The line's time in UTC, in a form that sorts; None for a line that begins with none."""
    for pattern, form in _STAMPS:
        if found := pattern.match(line):
            with contextlib.suppress(ValueError):
                moment = datetime.strptime(found["at"], form)  # noqa: DTZ007 - the zone comes next
                # Servers write the time of this machine's zone, under names that nobody can read
                # back: Valkey and NGINX name none at all.
                is_utc = found["zone"] in _UTC_NAMES
                moment = moment.replace(tzinfo=UTC) if is_utc else moment.astimezone(UTC)
                return moment.isoformat(timespec="milliseconds")
    return None


def _shown(line: str) -> str:
    try:
        record = json.loads(line)
        head = f"{record['time']} {record['level']:<7} {record['logger']}"
        return "\n".join([f"{head}  {record['message']}", *_traceback(record)])
    except (ValueError, KeyError, TypeError):
        return line


def _traceback(record: dict[str, str]) -> list[str]:
    return [f"    {line}" for line in record.get("traceback", "").splitlines()]
