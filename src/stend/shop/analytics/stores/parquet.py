"""Writes Parquet with DuckDB, which is imported with the first write."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from stend.shop.analytics.stores.tables import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_ItemT = TypeVar("_ItemT")
# A warehouse asks the network for nothing, and one core of a laptop is enough for it.
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "memory_limit": "128MB",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
_OPTIONS = "(FORMAT parquet, COMPRESSION zstd)"


class ParquetWriter:
    """One connection for one thread at a time."""

    def __init__(self) -> None:
        self._connection: DuckDBPyConnection | None = None

    def write(
        self, path: Path, table: Table[_ItemT], items: Sequence[_ItemT], read_at: datetime
    ) -> None:
        """
        Raises:
            OSError: the file cannot be written.
        """
        rows = [table.cells(item, read_at) for item in items]
        columns = {name: [row[at] for row in rows] for at, name in enumerate(table.columns)}
        # Lists that are unnested together become rows: one call for the batch, and no other library
        # between Python's values and DuckDB's.
        selected = ", ".join(
            f'unnest(${name}::{kind}[]) AS "{name}"' for name, kind in table.columns.items()
        )
        self._copy(f"SELECT {selected}", path, columns)

    def merge(self, path: Path, sources: Sequence[Path]) -> None:
        """Writes the rows of all sources into one file, with every column that any of them has.

        Raises:
            OSError: a file cannot be read or written.
        """
        files = ", ".join(quoted(source) for source in sources)
        self._copy(
            f"SELECT * FROM read_parquet([{files}], union_by_name = true,"
            " hive_partitioning = false) ORDER BY kafka_topic, kafka_partition, kafka_offset",
            path,
            {},
        )

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _copy(self, query: str, path: Path, parameters: Mapping[str, object]) -> None:
        from duckdb import IOException, connect

        if self._connection is None:
            self._connection = connect(config=CONFIG)
        try:
            self._connection.execute(f"COPY ({query}) TO {quoted(path)} {_OPTIONS}", parameters)
        except IOException as error:
            raise OSError(str(error)) from error


def quoted(path: Path) -> str:
    """A path as a literal of SQL, where no parameter may stand."""
    return "'" + str(path).replace("'", "''") + "'"
