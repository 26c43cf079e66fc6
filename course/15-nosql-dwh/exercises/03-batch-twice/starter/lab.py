"""What the check runs: a batch loaded twice, replicas that lag, a key that everybody asks for.

    python lab.py        the beginning of each experiment, without its end

Tables are those of SQLite. Time does not pass by itself, so the same comes out every time.
"""

import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence

# ---- a batch, twice ----------------------------------------------------------------------------

SECOND, THIRD = "2026-03-02", "2026-03-03"
Row = tuple[str, str, str, int]


def second_of_march() -> list[Row]:
    """order_id, day, customer, amount: 100 orders of 20 customers."""
    return [(f"b{n}", SECOND, f"cus_{n % 20}", 100 + n) for n in range(100)]


def third_of_march() -> list[Row]:
    """100 orders of the 3rd, and one of the 2nd that came late."""
    own = [(f"c{n}", THIRD, f"cus_{n % 25}", 200 + n) for n in range(100)]
    return [*own, ("late", SECOND, "cus_1", 500)]


class Warehouse:
    def __init__(self) -> None:
        self.db = sqlite3.connect(":memory:")
        self.db.execute("CREATE TABLE sales (order_id, day, customer, amount)")

    def append(self, rows: Iterable[Row]) -> None:
        self.db.executemany("INSERT INTO sales VALUES (?, ?, ?, ?)", rows)

    def replace_days(self, rows: Sequence[Row]) -> None:
        """Deletes the days that the batch is about, and writes its rows."""
        days = {(row[1],) for row in rows}
        self.db.executemany("DELETE FROM sales WHERE day = ?", sorted(days))
        self.append(rows)

    def report(self, day: str) -> dict[str, float]:
        asked = """SELECT sum(amount), count(*), avg(amount), count(DISTINCT customer)
            FROM sales WHERE day = ?"""
        row = self.db.execute(asked, (day,)).fetchone()
        return dict(zip(("sum", "count", "mean", "buyers"), row, strict=True))

    def close(self) -> None:
        self.db.close()


# ---- replicas ----------------------------------------------------------------------------------

WRITTEN_AT_MS = 1000
LAGS_MS = (200, 800)
# When the customer's page is opened after that, and which replica answers: the balancer chooses.
READS = ((50, 0), (300, 0), (350, 1))


class Database:
    """A log of writes. A replica has of it what is older than its lag."""

    def __init__(self) -> None:
        self.log: list[tuple[int, str]] = [(0, "old")]

    def write(self, now_ms: int, value: str) -> int:
        """Its position in the log."""
        self.log.append((now_ms, value))
        return len(self.log)

    def position(self, now_ms: int, lag_ms: int = 0) -> int:
        return sum(at + lag_ms <= now_ms for at, _ in self.log)

    def read(self, now_ms: int, lag_ms: int = 0) -> str:
        return self.log[max(1, self.position(now_ms, lag_ms)) - 1][1]


# ---- a hot key ---------------------------------------------------------------------------------

NODES = 8
NODE_SERVES = 1000
REQUESTS = 4000
HOT_SHARE = 0.4
SALTS = 64


def requests() -> list[str]:
    """One second: 40 % of 4000 ask for one product, the others for 800 products alike."""
    hot = int(REQUESTS * HOT_SHARE)
    return ["hot"] * hot + [f"product-{n % 800}" for n in range(REQUESTS - hot)]


def per_node(keys: Iterable[str], nodes: int, hashed_with: str = "") -> Counter[int]:
    """How many requests come to each node: the hash of its key decides."""
    return Counter(zlib.crc32((hashed_with + key).encode()) % nodes for key in keys)


def served(loads: Counter[int]) -> int:
    return sum(min(load, NODE_SERVES) for load in loads.values())


def main() -> None:
    warehouse = Warehouse()
    warehouse.append(second_of_march())
    print(f"{SECOND}: {warehouse.report(SECOND)}")
    warehouse.close()
    database = Database()
    database.write(WRITTEN_AT_MS, "new")
    print(f"primary: {database.read(WRITTEN_AT_MS)}, replicas lag {LAGS_MS} ms")
    print(f"{REQUESTS} requests for {len(set(requests()))} keys on {NODES} nodes")


if __name__ == "__main__":
    main()
