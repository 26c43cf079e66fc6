"""The disk: one SQLite file in a folder, written by one thread in group commits.

A unit is told to be safe when SQLite has synced its log (WAL with synchronous=FULL).
"""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final

from stend.engines.mongo.store.volume import (
    Contents,
    DropCollection,
    ForgetRetries,
    Operation,
    Put,
    Remove,
    SaveCollection,
    SaveRetry,
    SetClusterTime,
)

_FILE: Final = "mongodb.sqlite3"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS collections (number INTEGER PRIMARY KEY, definition BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS retries (
    session BLOB PRIMARY KEY, number INTEGER NOT NULL, value BLOB NOT NULL, expires REAL NOT NULL
) WITHOUT ROWID;
"""
_CREATE_RECORDS: Final = """
CREATE TABLE IF NOT EXISTS {} (record INTEGER PRIMARY KEY, document BLOB NOT NULL)
"""
_FORMAT: Final = 1
# Rounds of a group commit: more units wait for the next one.
_MOST_UNITS: Final = 1000

Unit = tuple[Sequence[Operation], int]


class UnknownFormatError(Exception):
    """The file was written by another version of this program."""


class SqliteDisk:
    """
    Args:
        folder: is there.
        tell: called in the thread of the disk when all units up to a position are safe.
        failed: called there when the disk failed: nothing written later will be safe.
    """

    def __init__(
        self,
        folder: Path,
        tell: Callable[[int], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._path = folder / _FILE
        self._tell = tell
        self._failed = failed
        self._units: SimpleQueue[Unit | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="disk", daemon=True)

    def load(self) -> Contents:
        """What is there; from now on the thread takes units.

        Raises:
            UnknownFormatError: the file is of another version.
            sqlite3.Error: it cannot be read.
        """
        connection = _connect(self._path)
        try:
            _prepare(connection)
            contents = _read(connection)
        finally:
            connection.close()
        self._thread.start()
        return contents

    def write(self, unit: Sequence[Operation], position: int) -> None:
        """Takes a unit and returns."""
        self._units.put((unit, position))

    def close(self) -> None:
        """Waits until all that was taken is safe."""
        self._units.put(None)
        self._thread.join()

    def _run(self) -> None:
        connection = _connect(self._path)
        try:
            while self._write_some(connection):
                pass
        except Exception as error:  # noqa: BLE001 - the thread ends with any
            self._failed(error)
        finally:
            connection.close()

    def _write_some(self, connection: sqlite3.Connection) -> bool:
        """Waits for a unit and writes all that are there; False when there are no more."""
        units, is_last = self._take()
        if units:
            connection.execute("BEGIN IMMEDIATE")
            for operations, _ in units:
                _write(connection, operations)
            connection.execute("COMMIT")
            self._tell(units[-1][1])
        return not is_last

    def _take(self) -> tuple[list[Unit], bool]:
        units: list[Unit] = []
        unit = self._units.get()
        while unit is not None:
            units.append(unit)
            if len(units) == _MOST_UNITS:
                return units, False
            try:
                unit = self._units.get_nowait()
            except Empty:
                return units, False
        return units, True


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version not in (0, _FORMAT):
        raise UnknownFormatError(
            f"the data of MongoDB has format {version}, this program writes {_FORMAT}; "
            "reset the stand or start the program that wrote it"
        )
    connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_FORMAT}; COMMIT;")


def _read(connection: sqlite3.Connection) -> Contents:
    facts = dict(connection.execute("SELECT name, value FROM facts"))
    rows = connection.execute("SELECT number, definition FROM collections ORDER BY number")
    return Contents(
        [
            (number, definition, _records(connection, number))
            for number, definition in rows.fetchall()
        ],
        [
            SaveRetry(*row)
            for row in connection.execute("SELECT session, number, value, expires FROM retries")
        ],
        (facts.get("seconds", 0), facts.get("increment", 0)),
    )


def _records(connection: sqlite3.Connection, number: int) -> list[tuple[int, bytes]]:
    query = f"SELECT record, document FROM {_table(number)} ORDER BY record"  # noqa: S608
    return connection.execute(query).fetchall()


def _table(number: int) -> str:
    return f"records_{int(number)}"


def _write(connection: sqlite3.Connection, operations: Iterable[Operation]) -> None:
    for (kind, number), run in groupby(operations, key=_kind):
        if kind is Put:
            connection.executemany(
                f"INSERT OR REPLACE INTO {_table(number)} VALUES (?, ?)",  # noqa: S608
                (operation[1:] for operation in run),
            )
        elif kind is Remove:
            connection.executemany(
                f"DELETE FROM {_table(number)} WHERE record = ?",  # noqa: S608
                (operation[1:] for operation in run),
            )
        else:
            for operation in run:
                for statement, values in _rare(operation):
                    connection.execute(statement, values)


def _kind(operation: Operation) -> tuple[type, int]:
    number = operation.collection if isinstance(operation, Put | Remove) else 0
    return type(operation), number


def _rare(operation: Operation) -> Iterator[tuple[str, tuple[Any, ...]]]:
    match operation:
        case SaveCollection(number, definition):
            yield (
                _CREATE_RECORDS.format(_table(number)),
                (),
            )
            yield "INSERT OR REPLACE INTO collections VALUES (?, ?)", (number, definition)
        case DropCollection(number):
            yield f"DROP TABLE IF EXISTS {_table(number)}", ()
            yield "DELETE FROM collections WHERE number = ?", (number,)
        case SaveRetry():
            yield "INSERT OR REPLACE INTO retries VALUES (?, ?, ?, ?)", tuple(operation)
        case ForgetRetries(before):
            yield "DELETE FROM retries WHERE expires < ?", (before,)
        case SetClusterTime(seconds, increment):
            yield (
                "INSERT OR REPLACE INTO facts VALUES ('seconds', ?), ('increment', ?)",
                (seconds, increment),
            )
