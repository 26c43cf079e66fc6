"""Launches PostgreSQL alone, prints the seconds until its first answer, stops it.

python -m bench.engine_alone HOME PORT cold|warm
"""

import sys
import time
from pathlib import Path

import psycopg

from stend.engines.postgresql.launcher import PostgresConfig, PostgresLauncher, Role

PROBE_EVERY_S = 0.01


def main(home: Path, port: int, cold: bool) -> None:
    roles = (Role("orders", "orders"), Role("lavka", "lavka", owner_of_all=True))
    launcher = PostgresLauncher(
        PostgresConfig(home, home / "postgresql.log", "127.0.0.1", port, "lavka", roles)
    )
    if cold:
        launcher.erase()
    started = time.perf_counter()
    launcher.launch()
    while True:
        try:
            launcher.probe()
        except psycopg.OperationalError:
            time.sleep(PROBE_EVERY_S)
        else:
            break
    print(time.perf_counter() - started)
    launcher.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "cold")
