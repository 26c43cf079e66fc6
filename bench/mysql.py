"""Our MySQL beside MariaDB: one run, one machine, the same PyMySQL.

    scripts/real-engines/real-engines run -- ./stend bench mysql

The other one is what STEND_MYSQL_URL leads to; without it only ours is measured. There is no goal:
ours translates each statement and asks a PostgreSQL, and is there for what it answers.
"""

import itertools
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pymysql

from bench.broker import Broker, listener
from bench.databases import Server, Work, build_folder, compare, launched
from bench.stand import free_port
from stend import __version__
from stend.engines.mysql.launcher import MysqlConfig, MysqlLauncher, User
from stend.engines.postgresql.launcher import PostgresConfig, PostgresLauncher, Role

VARIABLE = "STEND_MYSQL_URL"
ROWS = 10_000
_USER = "lavka"
_DATABASE = "bench"


def main() -> None:
    with ours() as (url, launcher):
        servers = {"stend": Server(__version__, works_of(url), launcher.pss_bytes)}
        if real := os.environ.get(VARIABLE):
            place = urlsplit(real)
            process = listener(place.hostname or "", place.port or 3306)
            theirs = Broker(real, version_of(real), process)
            servers["mariadb"] = Server(theirs.version, works_of(real), lambda: theirs.pss_bytes)
        json.dump({**compare("mysql", servers), "goal_met": None}, sys.stdout, indent=2)
    print()


@contextmanager
def ours() -> Iterator[tuple[str, MysqlLauncher]]:
    """Ours with its storage, as in the stand."""
    port, storage_port = free_port(), free_port()
    with build_folder("mysql") as home:
        storage = PostgresLauncher(
            PostgresConfig(
                home=home / "storage",
                log_path=home / "storage.log",
                host="127.0.0.1",
                port=storage_port,
                database="mysql",
                roles=(Role("mysql", "mysql", owner_of_all=True),),
            )
        )
        launcher = MysqlLauncher(
            MysqlConfig(
                home=home / "server",
                log_path=home / "server.log",
                host="127.0.0.1",
                port=port,
                users=(User(_USER, _USER),),
                databases=(),
                dsn=f"postgresql://mysql:mysql@127.0.0.1:{storage_port}/mysql",
            ),
            storage,
        )
        with launched(launcher):
            yield f"mysql://{_USER}:{_USER}@127.0.0.1:{port}/", launcher


def version_of(url: str) -> str:
    connection = connect(url)
    try:
        ((version,),) = Asking(connection)("SELECT VERSION()")
    finally:
        connection.close()
    # MariaDB adds where it was built.
    return str(version).partition("-")[0]


def connect(url: str, **options: Any) -> "pymysql.Connection[pymysql.cursors.Cursor]":
    place = urlsplit(url)
    return pymysql.connect(
        host=place.hostname or "",
        port=place.port or 3306,
        user=place.username,
        password=place.password or "",
        autocommit=True,
        **options,
    )


def works_of(url: str) -> dict[str, Work]:
    """On a database of its own, filled here."""
    connection = connect(url)
    run = Asking(connection)
    run(f"DROP DATABASE IF EXISTS {_DATABASE}")
    run(f"CREATE DATABASE {_DATABASE}")
    connection.select_db(_DATABASE)
    run(
        "CREATE TABLE accounts (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL,"
        " level VARCHAR(10) NOT NULL, points DECIMAL(12, 2) NOT NULL, KEY by_name (name))"
    )
    for start in range(0, ROWS, 1000):
        run.many(
            "INSERT INTO accounts (name, level, points) VALUES (%s, %s, %s)",
            [(f"name-{n}", f"level-{n % 7}", n % 100) for n in range(start, start + 1000)],
        )
    numbers = itertools.count(1)
    return {
        "SELECT by primary key": lambda turn: select_by_key(run, turn),
        "SELECT by an index": lambda turn: select_by_name(run, turn),
        "INSERT": lambda _: insert(run, next(numbers)),
        "FOR UPDATE, UPDATE, COMMIT": lambda turn: transfer(run, connection, turn),
        "SELECT of 1000 rows": lambda _: select_many(run),
        f"GROUP BY over {ROWS} rows": lambda _: group(run),
    }


class Asking:
    """One connection, one cursor."""

    def __init__(self, connection: "pymysql.Connection[pymysql.cursors.Cursor]") -> None:
        self._cursor = connection.cursor()

    def __call__(self, statement: str, *values: object) -> tuple[Any, ...]:
        self._cursor.execute(statement, values or None)
        return tuple(self._cursor.fetchall())

    def many(self, statement: str, rows: list[tuple[object, ...]]) -> None:
        self._cursor.executemany(statement, rows)


def select_by_key(run: Asking, turn: int) -> None:
    if not run("SELECT id, name, points FROM accounts WHERE id = %s", turn * 7919 % ROWS + 1):
        raise LookupError("a row is missing")


def select_by_name(run: Asking, turn: int) -> None:
    name = f"NAME-{turn * 7919 % ROWS}"
    if not run("SELECT id, points FROM accounts WHERE name = %s", name):
        raise LookupError(f"{name} is missing")


def insert(run: Asking, number: int) -> None:
    run("INSERT INTO accounts (name, level, points) VALUES (%s, 'new', 0)", f"new-{number}")


def transfer(
    run: Asking, connection: "pymysql.Connection[pymysql.cursors.Cursor]", turn: int
) -> None:
    connection.begin()
    ((points,),) = run("SELECT points FROM accounts WHERE id = %s FOR UPDATE", turn % 100 + 1)
    run("UPDATE accounts SET points = %s WHERE id = %s", points + 1, turn % 100 + 1)
    connection.commit()


def select_many(run: Asking) -> None:
    if len(run("SELECT id, name, level, points FROM accounts WHERE id <= 1000")) != 1000:
        raise LookupError("rows are missing")


def group(run: Asking) -> None:
    statement = (
        "SELECT level, COUNT(*), SUM(points), AVG(points) FROM accounts WHERE level LIKE 'level%'"
        " GROUP BY level ORDER BY level"
    )
    if len(run(statement)) != 7:
        raise LookupError("groups are missing")


if __name__ == "__main__":
    main()
