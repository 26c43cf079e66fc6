"""Computes every mart over one manifest: run as a process, `python -m … FOLDER`, with JSON out.

In a process of its own, because Ibis takes half a second and a hundred megabytes: the stand would
pay that for ever, for a question that is asked now and then.
"""

import json
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stend.kit.clock import rfc3339
from stend.kit.json import JsonObject, JsonValue
from stend.shop.analytics.domain import MART_COLUMNS, MartName
from stend.shop.analytics.stores.manifest import Manifest, read_manifest
from stend.shop.analytics.stores.marts import MARTS, events_once, order_events
from stend.shop.analytics.stores.parquet import CONFIG, quoted
from stend.shop.analytics.stores.tables import ORDER_EVENTS, REJECTED

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_ROWS = 2000


def compute(folder: Path) -> JsonObject:
    """All marts over the manifest that stands in the folder now.

    Raises:
        DamagedManifestError: the manifest is not to be understood.
        duckdb.IOException: its files cannot be read.
    """
    from duckdb import connect

    manifest = read_manifest(folder)
    # A merge leaves the files that it has merged for a while: longer than this takes.
    with connect(config=CONFIG) as connection:
        _show(connection, folder, manifest)
        return {
            "freshness": _freshness(manifest),
            "most_rows": MOST_ROWS,
            "marts": {name.value: _rows(connection, name) for name in MartName},
        }


def _freshness(manifest: Manifest) -> JsonObject:
    return {
        "sequence": manifest.sequence,
        "committed_at": manifest.committed_at,
        "newest_event_at": manifest.newest_event_at,
        "facts": manifest.rows(ORDER_EVENTS.name),
        "rejected": manifest.rows(REJECTED.name),
        "restarts": len(manifest.restarts),
    }


def _show(connection: "DuckDBPyConnection", folder: Path, manifest: Manifest) -> None:
    """Makes the view `order_events`: every column is there, also when there are no files."""
    empty = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in ORDER_EVENTS.columns.items())
    query = f"SELECT {empty} WHERE false"
    paths = [
        quoted(folder / file.path) for file in manifest.files if file.table == ORDER_EVENTS.name
    ]
    if paths:
        query += (
            f" UNION ALL BY NAME SELECT * FROM read_parquet([{', '.join(paths)}],"
            " union_by_name = true, hive_partitioning = false)"
        )
    # Hours are told in UTC: a moment with a zone would be truncated in the zone of the machine.
    connection.execute(
        f"CREATE VIEW order_events AS SELECT * REPLACE (make_timestamp(epoch_us(occurred_at)) AS"
        f" occurred_at) FROM ({query})"
    )


def _rows(connection: "DuckDBPyConnection", name: MartName) -> JsonValue:
    from ibis.backends.sql.compilers.duckdb import (  # type: ignore[import-untyped]
        DuckDBCompiler,
    )

    mart = MARTS[name](events_once(order_events()))
    mart = mart.select(*MART_COLUMNS[name]).limit(MOST_ROWS + 1)
    # Compiled, and not executed by Ibis: its own way to rows leads through Arrow and pandas, which
    # are ten times as large as all the rest of it.
    statement = DuckDBCompiler().to_sqlglot(mart).sql(dialect="duckdb")
    found = connection.execute(statement).fetchall()
    return [[_plain(value) for value in row] for row in found]


def _plain(value: Any) -> JsonValue:
    match value:
        case datetime():
            return rfc3339(value.replace(tzinfo=UTC))
        case Decimal():
            # The sum of a BIGINT is a HUGEINT or a decimal, and whole.
            return int(value)
        case bool() | int() | float() | str() | None:
            return value
        case _:
            raise TypeError(f"a mart has no {type(value).__name__}")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(compute(Path(sys.argv[1]))))
