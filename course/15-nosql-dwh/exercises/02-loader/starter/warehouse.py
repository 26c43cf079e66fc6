"""Feeds batches to `loader.py`, kills it where it is told to, and shows the tables. Do not edit.

    python warehouse.py           three batches, and what the tables hold after each
    python warehouse.py 4         the second load dies before its 4th call of the database

Every load is a process of its own: what the module had in memory is gone with it, the database
stays. The checks run this very file.
"""

import contextlib
import csv
import io
import sys
import tempfile
import traceback
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

HERE = Path(__file__).parent
# until is the first moment after a version; of the current one it is 9999-12-31.
TABLES = """
    CREATE TABLE dim_customer (
        customer_key BIGINT, customer_id VARCHAR, city VARCHAR, level VARCHAR, phone VARCHAR,
        since TIMESTAMP, until TIMESTAMP);
    CREATE TABLE fact_sales (
        order_id VARCHAR, line INTEGER, customer_key BIGINT, sold_at TIMESTAMP, amount BIGINT);
"""
DIM = """SELECT customer_key, customer_id, city, level, phone, CAST(since AS VARCHAR),
    CAST(until AS VARCHAR) FROM dim_customer ORDER BY customer_id, since, until"""
FACTS = """SELECT order_id, line, customer_key, CAST(sold_at AS VARCHAR), amount
    FROM fact_sales ORDER BY order_id, line"""
# What only reads a result is no step.
NO_STEP = ("fetch", "description", "close")


class Crash(BaseException):
    """kill -9: no handler of the program sees it."""


class Connection:
    """An ordinary connection of DuckDB; every call of it is a step."""

    def __init__(self, inner: duckdb.DuckDBPyConnection, dies_before: int | None) -> None:
        self._inner = inner
        self._dies_before = dies_before
        self.steps = 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found) or name.startswith(NO_STEP):
            return found
        return self._counted(name, found)

    def _counted(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            self.steps += 1
            # A dead process does nothing more, whatever its handlers try.
            if self._dies_before is not None and self.steps >= self._dies_before:
                raise Crash
            result = call(*given, **named)
            return self if result is self._inner else result

        return counted


class World:
    """A database in memory, and a folder where batches arrive."""

    def __init__(self, engine: duckdb.DuckDBPyConnection) -> None:
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._source = compile((HERE / "loader.py").read_text("utf-8"), HERE / "loader.py", "exec")
        self._engine = engine
        # An engine takes long to start; a database of its own is as empty.
        engine.execute("ATTACH OR REPLACE ':memory:' AS warehouse")
        self._db = self._connected()
        self._db.execute(TABLES)
        self._process("migrate", None)

    def load(self, action: dict[str, Any]) -> dict[str, Any]:
        """One load, and what the tables hold after it."""
        folder = Path(self._folder.name, f"batch-{action['batch']}")
        folder.mkdir(exist_ok=True)
        for name in ("customers", "sales"):
            with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
                csv.writer(file, lineterminator="\n").writerows(action[name])
        told = self._process("load", action.get("dies_before"), action["batch"], str(folder))
        return {
            **told,
            "dim": self._db.execute(DIM).fetchall(),
            "facts": self._db.execute(FACTS).fetchall(),
        }

    def close(self) -> None:
        self._db.close()
        self._engine.execute("DETACH warehouse")
        self._folder.cleanup()

    def _connected(self) -> duckdb.DuckDBPyConnection:
        connection = self._engine.cursor()
        connection.execute("USE warehouse")
        return connection

    def _process(self, function: str, dies_before: int | None, *given: Any) -> dict[str, Any]:
        module = types.ModuleType("loader")
        module.__file__ = str(HERE / "loader.py")
        sys.modules["loader"] = module
        inner = self._connected()
        connection = Connection(inner, dies_before)
        raised: dict[str, Any] = {"raised": None}
        try:
            exec(self._source, module.__dict__)  # noqa: S102 - the learner's own module
            module.__dict__[function](connection, *given)
        except Crash:
            raised = {"raised": "Crash"}
        except Exception as error:
            told = "".join(traceback.format_exception(error)[-4:])
            raised = {"raised": type(error).__name__, "told": str(error)[:500], "traceback": told}
            if function == "migrate":
                raise
        finally:
            # With the process goes its transaction, if it has not been committed.
            inner.close()
        return {**raised, "steps": connection.steps}


_engines: list[duckdb.DuckDBPyConnection] = []
_worlds: list[World] = []


def started() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:", config={"threads": 1})


def begin() -> None:
    """An empty warehouse; the one before is gone."""
    while _worlds:
        _worlds.pop().close()
    if not _engines:
        _engines.append(started())
    with contextlib.redirect_stdout(io.StringIO()):
        _worlds.append(World(_engines[0]))


def load(action: dict[str, Any]) -> dict[str, Any]:
    """One load of the warehouse that was begun; whatever the learner's code prints is dropped."""
    with contextlib.redirect_stdout(io.StringIO()):
        return _worlds[-1].load(action)


def main() -> None:
    customers = ["customer_id", "city", "level", "phone", "changed_at"]
    sales = ["order_id", "line", "customer_id", "sold_at", "amount"]
    kazan = ["cus_1", "Kazan", "base", "+7 1", "2026-01-01 00:00:00"]
    omsk = ["cus_1", "Omsk", "base", "+7 2", "2026-03-01 00:00:00"]
    plan: list[dict[str, Any]] = [
        {
            "batch": 1,
            "customers": [customers, kazan],
            "sales": [sales, ["ord_1", "1", "cus_1", "2026-02-01 10:00:00", "30000"]],
        },
        {
            "batch": 2,
            "customers": [customers, omsk],
            "sales": [sales, ["ord_2", "1", "cus_1", "2026-03-01 00:00:00", "5000"]],
        },
        {
            "batch": 3,
            "customers": [customers],
            "sales": [sales, ["ord_3", "1", "cus_1", "2026-02-27 12:00:00", "700"]],
        },
    ]
    if len(sys.argv) > 1:
        plan.insert(1, {**plan[1], "dies_before": int(sys.argv[1])})
    world = World(started())
    for action in plan:
        told = world.load(action)
        print(f"batch {action['batch']}: {told['raised'] or 'loaded'}, {told['steps']} calls")
        for row in (*told["dim"], *told["facts"]):
            print("   ", *row)
        print(told.get("traceback", ""), end="")
    world.close()


if __name__ == "__main__":
    main()
