"""Talks of real clients with the stand's PostgreSQL, recorded once for all tests."""

import contextlib
from collections.abc import Iterator

import psycopg
import psycopg2
import psycopg2.extensions

from stend.wire.decoding import Direction
from tests.shop.postgresql import SharedPostgres
from tests.wire.recording import recorded

Talk = list[tuple[Direction, bytes]]
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
COMMENT = f"/*traceparent='{TRACEPARENT}'*/"
TABLE = """
CREATE TEMP TABLE lines (
    id uuid PRIMARY KEY, sku text NOT NULL, quantity int NOT NULL CHECK (quantity > 0),
    price numeric(12,2), weight float8, paid bool, at timestamptz, day date, extra jsonb,
    raw bytea, tags text[], big int8
)
"""
ROW = (
    "INSERT INTO lines VALUES ('4bf92f35-77b3-4da6-a3ce-929d0e0e4736', 'tea', 2, 1234.50, 0.25,"
    " true, '2026-11-28 10:20:30.5+00', '2026-11-28', '{\"a\": [1]}', '\\x00ff', '{x,NULL}', -7)"
)


def psycopg_talk(port: int, dsn: str) -> None:
    with psycopg.connect(dsn, port=port, autocommit=True) as connection:
        connection.execute(f"SELECT 1 {COMMENT}")
        connection.execute(TABLE)
        connection.execute(ROW)
        for binary in (False, True):
            with connection.cursor(binary=binary) as cursor:
                cursor.execute("SELECT * FROM lines WHERE quantity > %s AND sku = %s", (1, "tea"))
                assert cursor.fetchall()
        for _ in range(3):
            connection.execute("SELECT sku FROM lines WHERE big < %s", (1,), prepare=True)
        with contextlib.suppress(psycopg.errors.CheckViolation):
            connection.execute("UPDATE lines SET quantity = %s", (-1,))
        with connection.pipeline():
            first = connection.execute("SELECT %s::int", (1,))
            second = connection.execute("SELECT %s::text", ("два",))
        assert (first.fetchone(), second.fetchone()) == ((1,), ("два",))
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY lines (id, sku, quantity) FROM STDIN") as copy,
        ):
            copy.write_row(("4bf92f35-77b3-4da6-a3ce-929d0e0e4737", "milk", 3))
        with connection.cursor() as cursor, cursor.copy("COPY lines (sku) TO STDOUT") as copy:
            assert b"".join(copy)
        connection.execute("LISTEN orders")
        connection.execute("NOTIFY orders, 'placed'")
        connection.execute("DO $$ BEGIN RAISE NOTICE 'noted'; END $$")
        connection.execute("")


def psycopg2_talk(port: int, dsn: str) -> None:
    with contextlib.closing(psycopg2.connect(dsn, port=port)) as connection:
        with connection, connection.cursor() as cursor:
            cursor.execute(TABLE)
            cursor.execute(ROW)
            cursor.execute("SELECT * FROM lines")
            assert cursor.fetchone()
        with connection, connection.cursor(name="slow") as cursor:
            cursor.execute("SELECT generate_series(1, 5)")
            assert len(cursor.fetchall()) == 5
        with contextlib.suppress(psycopg2.Error), connection, connection.cursor() as cursor:
            cursor.execute("SELECT * FROM nowhere")


def wrong_password(port: int, dsn: str) -> None:
    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(dsn, port=port, password="wrong")


@contextlib.contextmanager
def recorded_talks(postgres: SharedPostgres) -> Iterator[dict[str, Talk]]:
    url = postgres.empty_database("orders")
    dsn = psycopg.conninfo.make_conninfo(url, sslmode="prefer", gssencmode="disable")
    talks: dict[str, Talk] = {}
    with recorded(postgres.port) as recording:
        for talk in (psycopg_talk, psycopg2_talk, wrong_password):
            talk(recording.port, dsn)
            talks[talk.__name__] = recording.talks[-1]
    yield talks
