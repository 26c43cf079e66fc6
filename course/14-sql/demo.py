"""An anomaly in two sessions of PostgreSQL, and a plan before an index and after it."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from stend.course.demos import Note, Shown, Stand, Table, Values
from stend.kit.languages import Text

_Session = psycopg.Connection[Any]
_ROWS = 100_000
_TIMEOUT = "8s"
_TABLE = "CREATE TABLE duty (name text PRIMARY KEY, on_duty boolean NOT NULL, hours integer)"
_FILLED = "INSERT INTO duty VALUES ('a', true, 10), ('b', true, 10)"
_COUNT = "SELECT count(*) FROM duty WHERE on_duty"
_HOURS = "SELECT hours FROM duty WHERE name = 'a'"
_Steps = Sequence[tuple[str, str]]
_STEPS: dict[str, _Steps] = {
    "non-repeatable": (
        ("A", _HOURS),
        ("B", "UPDATE duty SET hours = 12 WHERE name = 'a'"),
        ("B", "COMMIT"),
        ("A", _HOURS),
        ("A", "COMMIT"),
    ),
    "phantom": (
        ("A", _COUNT),
        ("B", "INSERT INTO duty VALUES ('c', true, 10)"),
        ("B", "COMMIT"),
        ("A", _COUNT),
        ("A", "COMMIT"),
    ),
    "lost-update": (
        ("A", _HOURS),
        ("B", _HOURS),
        ("A", "UPDATE duty SET hours = 10 + 1 WHERE name = 'a'"),
        ("A", "COMMIT"),
        ("B", "UPDATE duty SET hours = 10 + 5 WHERE name = 'a'"),
        ("B", "COMMIT"),
    ),
    "write-skew": (
        ("A", _COUNT),
        ("B", _COUNT),
        ("A", "UPDATE duty SET on_duty = false WHERE name = 'a'"),
        ("B", "UPDATE duty SET on_duty = false WHERE name = 'b'"),
        ("A", "COMMIT"),
        ("B", "COMMIT"),
    ),
}


def show(stand: Stand, values: Values) -> Iterable[Shown]:
    anomaly, level = values.choice("anomaly"), values.choice("level")
    port = int(stand.environment["STEND_PORT_BASE"]) + 10
    with _schema(f"postgresql://lavka:lavka@127.0.0.1:{port}/lavka") as (db, options):
        db.execute(_TABLE)
        db.execute(_FILLED)
        sessions = {"A": psycopg.connect(**options), "B": psycopg.connect(**options)}
        try:
            rows = list(_stepped(sessions, _STEPS[anomaly], level))
        finally:
            for one in sessions.values():
                one.close()
        yield Table(
            Text(ru="По шагам", en="Step by step"),
            (
                Text(ru="шаг", en="step"),
                Text(ru="сессия A", en="session A"),
                Text(ru="сессия B", en="session B"),
                Text(ru="что вышло", en="what came of it"),
            ),
            rows,
        )
        yield _told(anomaly, rows, db)
        if values.switch("plan"):
            yield _plans(db)


def _stepped(
    sessions: dict[str, _Session], steps: _Steps, level: str
) -> Iterator[tuple[int, str, str, str]]:
    written = level.replace("-", " ").upper()
    begin = f"BEGIN ISOLATION LEVEL {written}"
    failed: set[str] = set()
    for number, (who, sql) in enumerate((("A", begin), ("B", begin), *steps), 1):
        if who in failed and sql != "COMMIT":
            continue
        try:
            cursor = sessions[who].execute(sql)
            rows = cursor.fetchall() if cursor.description else None
            came = str(rows[0][0]) if rows else cursor.statusmessage or ""
        except psycopg.Error as error:
            failed.add(who)
            came = f"{error.sqlstate}: {error.diag.message_primary}"
        cells = (sql, "") if who == "A" else ("", sql)
        yield number, *cells, came


def _told(anomaly: str, rows: Sequence[tuple[int, str, str, str]], db: _Session) -> Note:
    if refused := [came for *_, came in rows if came.startswith("40")]:
        return Note(
            Text(
                ru=f"База отменила одну из транзакций ({refused[0][:5]}): программа повторит её и "
                "увидит новое.",
                en=f"The database rolled back one of the transactions ({refused[0][:5]}): the "
                "program retries it, and sees what is new.",
            )
        )
    if anomaly in ("non-repeatable", "phantom"):
        first, *_, last = (came for *_, sql, _, came in rows if sql.startswith("SELECT"))
        if first == last:
            return Note(
                Text(
                    ru=f"A оба раза прочитала {first}: у неё свой снимок.",
                    en=f"A read {first} both times: it has a snapshot of its own.",
                )
            )
        return Note(
            Text(
                ru=f"В одной транзакции A прочитала сперва {first}, потом {last}.",
                en=f"In one transaction A read {first} first, and then {last}.",
            )
        )
    if anomaly == "lost-update":
        (hours,) = db.execute(_HOURS).fetchone() or (0,)
        return Note(
            Text(
                ru=f"Прибавили 1 и 5, было 10, стало {hours}: одно из двух пропало.",
                en=f"1 and 5 were added to 10, and it is {hours}: one of the two is lost.",
            )
        )
    (left,) = db.execute(_COUNT).fetchone() or (0,)
    return Note(
        Text(
            ru=f"На смене осталось {left}: каждый проверил, и оба ушли.",
            en=f"{left} are left on duty: each has checked, and both have left.",
        )
    )


def _plans(db: _Session) -> Table:
    db.execute(
        "CREATE TABLE orders AS SELECT n AS order_id, n %% 5000 AS customer_id FROM"
        " generate_series(1, %s) n",
        [_ROWS],
    )
    db.execute("SET max_parallel_workers_per_gather TO 0")
    db.execute("ANALYZE orders")
    rows = [_plan(db, Text(ru="до индекса", en="before the index"))]
    db.execute("CREATE INDEX ON orders (customer_id)")
    rows.append(_plan(db, Text(ru="после", en="after")))
    return Table(
        Text(
            ru=f"SELECT … WHERE customer_id = 42, строк {_ROWS}",
            en=f"SELECT … WHERE customer_id = 42, {_ROWS} rows",
        ),
        (
            Text(ru="когда", en="when"),
            Text(ru="план", en="plan"),
            Text(ru="страниц прочитано", en="pages read"),
            Text(ru="время, мс", en="time, ms"),
        ),
        rows,
    )


def _plan(db: _Session, when: Text) -> tuple[Text, str, int, float]:
    query = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM orders WHERE customer_id = 42"
    ((told,),) = db.execute(query).fetchall()
    plan = told[0]["Plan"]
    names = [plan["Node Type"], *(one["Node Type"] for one in plan.get("Plans", ()))]
    pages = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return when, " → ".join(names), pages, round(told[0]["Execution Time"], 2)


@contextmanager
def _schema(address: str) -> Iterator[tuple[_Session, dict[str, Any]]]:
    """A schema that is dropped again, and how to connect to it."""
    name = f"demo_{os.urandom(6).hex()}"
    options: dict[str, Any] = {
        "conninfo": address,
        "autocommit": True,
        "options": f"-c search_path={name} -c statement_timeout={_TIMEOUT}",
    }
    with psycopg.connect(**options) as db:
        db.execute(f"CREATE SCHEMA {name}")
        try:
            yield db, options
        finally:
            db.execute(f"DROP SCHEMA {name} CASCADE")
