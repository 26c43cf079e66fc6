"""The manifest: which files the warehouse is made of, and up to which offsets they were read.

One file that is replaced as a whole, so that facts and offsets change together or not at all. It is
what the metadata file of a table format such as Apache Iceberg is, at its smallest.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from stend.kit.clock import rfc3339

FILE_NAME = "manifest.json"
_FORMAT = 1
# Older ones are told by the log only.
_RESTARTS_KEPT = 100


class DamagedManifestError(Exception):
    """What stands in the file is no manifest of this version: nothing may be guessed from it."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """
    Attributes:
        path: below the warehouse's folder, with slashes.
        table, day: what it is one partition of; the day is `YYYY-MM-DD`, in UTC.
        offsets: the first and the last offset in it, by partition of Kafka (`orders.events/0`).
    """

    path: str
    table: str
    day: str
    rows: int
    size_bytes: int
    offsets: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Restart:
    """A partition was read again from its beginning, because the broker lost the position."""

    partition: str
    position: int
    at: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    Attributes:
        sequence: the number of the commit; 0 of an empty warehouse.
        topic_ids: of each topic, as the broker gave it.
        positions: the next offset to be read, by partition of Kafka (`orders.events/0`).
    """

    sequence: int = 0
    committed_at: str | None = None
    newest_event_at: str | None = None
    topic_ids: Mapping[str, str] = field(default_factory=dict)
    positions: Mapping[str, int] = field(default_factory=dict)
    files: tuple[DataFile, ...] = ()
    restarts: tuple[Restart, ...] = ()

    def rows(self, table: str) -> int:
        return sum(file.rows for file in self.files if file.table == table)

    def next(self, at: datetime, **changes: Any) -> "Manifest":
        """The manifest of the next commit."""
        return replace(self, sequence=self.sequence + 1, committed_at=rfc3339(at), **changes)

    def restarted(self, partition: str, at: datetime) -> "Manifest":
        """The position of the partition is forgotten, and that is remembered."""
        lost = Restart(partition, self.positions.get(partition, 0), rfc3339(at))
        positions = {name: place for name, place in self.positions.items() if name != partition}
        restarts = (*self.restarts, lost)[-_RESTARTS_KEPT:]
        return replace(self, positions=positions, restarts=restarts)


def to_text(manifest: Manifest) -> str:
    return json.dumps({"format": _FORMAT, **asdict(manifest)}, ensure_ascii=False, indent=1)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a warehouse; an empty one where there is none yet.

    Raises:
        DamagedManifestError: there is a file, and it is no manifest of this format.
    """
    path = folder / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Manifest()
    try:
        return _from_text(text)
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedManifestError(f"{path} is no manifest of format {_FORMAT}: {error}") from error


def _from_text(text: str) -> Manifest:
    members = json.loads(text)
    if members.pop("format") != _FORMAT:
        raise ValueError("another format")
    files = tuple(DataFile(**_with_pairs(file)) for file in members.pop("files"))
    restarts = tuple(Restart(**restart) for restart in members.pop("restarts"))
    return Manifest(**members, files=files, restarts=restarts)


def _with_pairs(file: dict[str, Any]) -> dict[str, Any]:
    pairs = {partition: (first, last) for partition, (first, last) in file["offsets"].items()}
    return {**file, "offsets": pairs}
