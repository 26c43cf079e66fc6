"""Statements of MySQL, translated and run on a PostgreSQL without a server before it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg

from stend.engines.mysql.backend import pg_errors
from stend.engines.mysql.catalog import ddl, storing
from stend.engines.mysql.errors import MySqlError
from stend.engines.mysql.sql import my_schema
from stend.engines.mysql.sql.facts import Facts, Value
from stend.engines.mysql.sql.lexing import split
from stend.engines.mysql.sql.parsing import parse
from stend.engines.mysql.sql.translated import StatementKind, Translated
from stend.engines.mysql.sql.translating import translate
from stend.engines.mysql.tables.model import Catalog

DATABASE = "shop"
NOW = datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
SCHEMA = """
create database shop;
create table users (
    id int auto_increment primary key, name varchar(50) not null unique, city varchar(50), age int
);
create table orders (
    id bigint auto_increment primary key, user_id int not null, total decimal(10,2) not null,
    status enum('new','paid','sent') not null default 'new', created datetime not null,
    foreign key (user_id) references users (id)
);
create table order_lines (
    order_id bigint not null, sku varchar(20) not null, quantity int not null,
    primary key (order_id, sku)
);
create view adults as select id, name from users where age >= 30;
create table t (id int auto_increment primary key, k varchar(10) unique, v int default 7, n int);
create table plain (
    id int primary key, d decimal(8,2) default '1.50', s varchar(5) not null default 'x',
    e enum('a','b') not null, g int as (id * 2) stored, u datetime null on update current_timestamp
);
create table two (
    id int auto_increment primary key, a varchar(10) unique, b int unique, n int default 0
);
create table child (
    id int primary key, t_id int, foreign key (t_id) references t (id) on delete cascade
);
create table nokey (a int, b int)
"""
ROWS = """
insert into users values (1,'Анна','Москва',30), (2,'борис','Тула',25), (3,'Вера','москва',null),
    (4,'Глеб',null,41);
insert into orders values (1,1,10.5,'new','2024-01-01 10:00:00'), (2,1,20,'paid','2024-02-01'),
    (3,2,5.25,'sent','2024-02-03 01:02:03'), (4,3,7,'new','2024-03-03');
insert into order_lines values (1,'MILK',2), (1,'BREAD',1), (2,'milk',3)
"""


class World:
    """One connection in one transaction: a test leaves nothing behind."""

    def __init__(self, dsn: str) -> None:
        self._connection = psycopg.connect(dsn, autocommit=True)
        settings = ("timezone = 'UTC'", "client_min_messages = 'error'")
        for setting in settings:
            self._connection.execute(f"SET {setting}".encode())
        self._connection.execute(my_schema.schema_sql().encode())
        for statement in storing.CREATE:
            self._connection.execute(statement.encode())
        self.database: str | None = DATABASE
        self.catalog: Catalog = storing.read(())
        self.define(SCHEMA)
        self.run(ROWS)
        self._known = self.catalog
        self.last: Translated | None = None

    def begin(self) -> None:
        self.catalog, self.database = self._known, DATABASE
        self._connection.execute("BEGIN")

    def end(self) -> None:
        self._connection.execute("ROLLBACK")

    def close(self) -> None:
        self._connection.close()

    def facts(self, *, is_strict: bool) -> Facts:
        return Facts(self.database, "root@%", 1, "8.4.0-stend", NOW, is_strict=is_strict)

    def define(self, text: str) -> None:
        """DDL."""
        for source in split(text):
            plan = ddl.plan(source, self.catalog, self.facts(is_strict=True))
            for statement in plan.statements:
                self._connection.execute(statement.encode())
            self.catalog = plan.catalog_after

    def translated(self, text: str, *parameters: Value) -> Translated:
        (source,) = split(text)
        is_strict = text.split(maxsplit=1)[0].lower() in ("insert", "update", "delete", "replace")
        return translate(parse(source), self.catalog, self.facts(is_strict=is_strict), parameters)

    def rows(self, text: str, *parameters: Value) -> list[tuple[Any, ...]]:
        """The rows of a query; those of a change are its counts."""
        self.last = self.translated(text, *parameters)
        with self._connection.cursor() as cursor:
            cursor.execute(self.last.sql.encode())
            found = [tuple(_plain(one) for one in row) for row in cursor.fetchall()]
        if self.last.kind is StatementKind.SELECT:
            assert all(len(row) == len(self.last.columns) for row in found)
        return found

    def run(self, text: str) -> tuple[Any, ...]:
        """What the last of some changes answers: matched, affected, generated, given."""
        counts: tuple[Any, ...] = ()
        for source in split(text):
            (counts,) = self.rows(source.clean.strip())
        return counts

    def count_from(self, table: str, last: int) -> None:
        """Sequences are not rolled back."""
        counter = f'"d_{DATABASE}"."{table}#ai"'
        text = f"SELECT setval('{counter}', {max(last, 1)}, {last > 0})"
        self._connection.execute(text.encode())

    def names(self, text: str) -> list[str]:
        return [column.name for column in self.translated(text).columns]

    def error(self, text: str, *parameters: Value) -> tuple[int, str]:
        """Number and text of the error that a statement ends with."""
        try:
            with self._connection.transaction():
                found = self.rows(text, *parameters)
        except MySqlError as error:
            return error.error.number, error.message
        except psycopg.Error as error:
            said = pg_errors.said_texts(split(text)[0])
            worded = pg_errors.translate(error.sqlstate, error.diag, self.catalog, said)
            return worded.error.number, worded.message
        raise AssertionError(f"{text} gives {found}")


def _plain(value: object) -> object:
    """Decimals as texts: their digits count."""
    if isinstance(value, Decimal):
        return (
            int(value)
            if value == value.to_integral_value() and "." not in str(value)
            else str(value)
        )
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return value
