"""Loads what is new in a folder into the warehouse: `python load.py [FOLDER]`, any number of times.

Exit codes: 0 everything is in, 1 a batch was refused (the others are in), 2 nothing was done.
"""

import csv
import hashlib
import io
import json
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import jsonschema

HERE = Path(__file__).parent
# More than that is not a bad row here and there.
MOST_TOLD = 5
# How DuckDB says that a value is none, or that two rows are for one key.
UNFIT = (duckdb.ConversionException, duckdb.ConstraintException, duckdb.InvalidInputException)
log = logging.getLogger(__name__)

# The batch that is being loaded is the table `batch`, of texts. Rows that are known are let out;
# what is made of the changes is made anew for whom something came, so that it may come late.
LOADING = {
    "customers": """
        INSERT INTO customer_changes
        SELECT customer_id, city, level, strptime(changed_at, '%Y-%m-%dT%H:%M:%SZ') FROM batch
        EXCEPT FROM customer_changes;

        DELETE FROM dim_customer WHERE customer_id IN (SELECT customer_id FROM batch);

        INSERT INTO dim_customer
        WITH differing AS (
            -- A row that changes nothing is no version.
            FROM customer_changes
            WHERE customer_id IN (SELECT customer_id FROM batch)
            QUALIFY (city, level) IS DISTINCT FROM
                lag((city, level)) OVER (PARTITION BY customer_id ORDER BY changed_at)
        )
        SELECT customer_id, city, level, changed_at AS valid_from,
            lead(changed_at) OVER (PARTITION BY customer_id ORDER BY changed_at) AS valid_to,
            valid_to IS NULL
        FROM differing
    """,
    "orders": """
        INSERT INTO order_changes
        SELECT order_id, customer_id, CAST(amount_minor AS BIGINT),
            strptime(ordered_at, '%Y-%m-%dT%H:%M:%SZ'), strptime(updated_at, '%Y-%m-%dT%H:%M:%SZ')
        FROM batch
        EXCEPT FROM order_changes;

        DELETE FROM fact_order WHERE order_id IN (SELECT order_id FROM batch);

        INSERT INTO fact_order
        FROM order_changes
        WHERE order_id IN (SELECT order_id FROM batch)
        QUALIFY row_number() OVER (PARTITION BY order_id ORDER BY updated_at DESC) = 1
    """,
}


class RefusedError(Exception):
    """The batch is not as the contract says. Nothing of it is in the warehouse."""


class Warehouse:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._db = duckdb.connect(folder / "warehouse.duckdb")
        self.run("SET TimeZone = 'UTC'")
        # One by one would do as well: each of them may run again.
        self.run((HERE / "warehouse.sql").read_text(encoding="utf-8"))

    def close(self) -> None:
        self._db.close()

    def run(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        return self._db.execute(query, values).fetchall()

    def load(self, path: Path) -> bool:
        """False where it is in already.

        Raises:
            RefusedError: see there.
        """
        content = path.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        known = self.run("SELECT sha256 FROM loads WHERE batch = ?", (path.name,))
        if known:
            if known[0][0] != sha256:
                raise RefusedError("it was loaded, and has changed since; send a new batch")
            return False
        kind = path.name.partition("-")[0]
        rows = _checked(kind, content)
        self._stage(kind, rows)
        try:
            with self._transaction():
                for statement in LOADING[kind].split(";"):
                    self.run(statement)
                self.run("INSERT INTO loads VALUES (?, ?, ?)", (path.name, sha256, len(rows)))
        except UNFIT as error:
            # 30 February, or a row that contradicts one that is there.
            raise RefusedError(str(error).partition("\n")[0]) from error
        return True

    def export(self) -> None:
        """Lays tables and the mart beside the warehouse as Parquet, for any other tool."""
        for name in ("customer_changes", "dim_customer", "fact_order", "revenue"):
            target = self._folder / f"{name}.parquet"
            draft = target.with_suffix(".new")
            quoted = str(draft).replace("'", "''")
            self.run(f"COPY (FROM {name} ORDER BY ALL) TO '{quoted}' (FORMAT parquet)")
            # Who reads meanwhile sees the old file or the new one, never half of one.
            draft.replace(target)

    def _stage(self, kind: str, rows: list[dict[str, str]]) -> None:
        columns = list(schema_of(kind)["properties"])
        names = ", ".join(f"{name} VARCHAR" for name in columns)
        self.run(f"CREATE OR REPLACE TEMP TABLE batch ({names})")
        marks = ", ".join("?" * len(columns))
        values = [[row[name] for name in columns] for row in rows]
        self._db.executemany(f"INSERT INTO batch VALUES ({marks})", values)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.run("BEGIN")
        try:
            yield
        except BaseException:
            self.run("ROLLBACK")
            raise
        self.run("COMMIT")


def schema_of(kind: str) -> dict[str, Any]:
    contract = json.loads((HERE / "contract.json").read_text(encoding="utf-8"))
    if kind not in contract["$defs"]:
        raise RefusedError(f"{kind} is no kind of batch; known: {', '.join(contract['$defs'])}")
    schema: dict[str, Any] = contract["$defs"][kind]
    return schema


def _checked(kind: str, content: bytes) -> list[dict[str, str]]:
    """All rows, or none: half of a batch would be wrong figures that look right."""
    validator = jsonschema.Draft202012Validator(schema_of(kind))
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise RefusedError(str(error)) from error
    # Row 1 is the header.
    problems = [
        f"row {number}: {error.message}"
        for number, row in enumerate(rows, 2)
        # Under None is what stands beyond the header's columns.
        for error in validator.iter_errors({name or "": value for name, value in row.items()})
    ]
    if not rows:
        problems = ["it is empty"]
    if problems:
        more = f"; and {len(problems) - MOST_TOLD} more" if len(problems) > MOST_TOLD else ""
        raise RefusedError("; ".join(problems[:MOST_TOLD]) + more)
    return rows


def load_all(warehouse: Warehouse, folder: Path) -> bool:
    """Whether none was refused."""
    refused = False
    for path in sorted(folder.glob("*.csv")):
        try:
            loaded = warehouse.load(path)
        except RefusedError as error:
            refused = True
            log.error("%s refused: %s", path.name, error)
        else:
            log.info("%s %s", path.name, "loaded" if loaded else "is in already")
    warehouse.export()
    return not refused


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else HERE / "incoming")
    try:
        warehouse = Warehouse(Path(os.environ.get("WAREHOUSE", "warehouse")))
    except duckdb.IOException as error:
        log.error("The warehouse cannot be opened; is another load at work? %s", error)
        sys.exit(2)
    with closing(warehouse):
        sys.exit(not load_all(warehouse, folder))


if __name__ == "__main__":
    main()
