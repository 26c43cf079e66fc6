"""One transaction on the stand's PostgreSQL that is always rolled back: nothing of it is ever seen.

The learner's SQL sees one schema with a random name; only what makes tables and writes rows in it
is let in, and nothing that could end the transaction.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from stend.course.case import Case

from .world import Told

_POSTGRES_AT = 10
_WITHIN = "5s"
_TOKEN = re.compile(
    r"""(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")"""
    r"""|(?P<end>;)|(?P<word>\w+(?:\s*\.\s*\w+)*)|(?P<other>.)""",
    re.DOTALL,
)
_DDL = re.compile(
    r"CREATE TABLE\b|CREATE (UNIQUE )?INDEX\b|CREATE (OR REPLACE )?VIEW\b|CREATE DOMAIN\b"
    r"|ALTER TABLE\b|COMMENT ON\b|INSERT INTO\b|CREATE EXTENSION IF NOT EXISTS BTREE_GIST$",
    re.IGNORECASE,
)
_DML = re.compile(r"(INSERT|UPDATE|WITH)\b", re.IGNORECASE)
_MADE_ELSEWHERE = re.compile(
    r"^(CREATE|ALTER|INSERT)\b.*?\b(TABLE|VIEW|INTO|DOMAIN)\s+(IF NOT EXISTS\s+)?\w+\s*\.",
    re.IGNORECASE,
)
_QUALIFIED = re.compile(r"(\w+)\s*\.\s*(\w+)")
_TABLES = """
    SELECT nspname || '.' || relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
    WHERE nspname !~ '^pg_' AND relkind IN ('r', 'v', 'p', 'm')"""
_DANGEROUS = re.compile(
    r"\b(pg_\w+|set_config|dblink\w*|lo_\w+|\w+_to_xml\w*|SET\s+SCHEMA|OWNER\s+TO|information_schema"
    r"|OPERATOR|CONCURRENTLY)\b",
    re.IGNORECASE,
)
# Texts that end elsewhere than the splitter below thinks: E'\\'' and $$.
_ESCAPES, _DOLLARS = re.compile(r"\bE'", re.IGNORECASE), re.compile(r"\$\w*\$")
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")
_REFUSED = (psycopg.IntegrityError, psycopg.DataError)


class Database:
    """
    Args:
        session: inside of a transaction, its search_path the schema of this run.
    """

    def __init__(self, session: psycopg.Connection[Any]) -> None:
        self._session = session
        # Its role may read and write what the services of the stand own.
        self.elsewhere = frozenset(name for (name,) in self.rows(_TABLES))

    def run(self, statement: str, values: Mapping[str, Any] | None = None) -> int:
        """Rows that were touched.

        Raises:
            psycopg.Error: PostgreSQL refuses; the transaction goes on.
        """
        with self._session.transaction():
            return self._session.cursor().execute(statement.encode(), values).rowcount

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """
        Raises:
            psycopg.Error: PostgreSQL refuses; the transaction goes on.
        """
        with self._session.transaction():
            return self._session.cursor(row_factory=tuple_row).execute(query.encode()).fetchall()

    def tell(self, recipe: Mapping[str, Sequence[str]], facts: Sequence[Told]) -> None:
        """
        Raises:
            psycopg.Error: one of them is refused.
            LookupError: one of them has touched no row.
        """
        for kind, values in facts:
            if sum(max(self.run(one, values), 0) for one in recipe[kind]) == 0:
                raise LookupError(kind)

    def tried(self, recipe: Mapping[str, Sequence[str]], before: Sequence[Told], fact: Told) -> str:
        """Whether a fact is taken, and takes it back. Returns the refusal, "" where it was taken.

        Raises:
            psycopg.Error: of `before`, or for another reason than the data.
            LookupError: of `before`.
        """
        told = ""
        with self._session.transaction():
            self.tell(recipe, before)
            try:
                self.tell(recipe, [fact])
                # Constraints that wait for the end of the transaction speak now.
                self.run("SET CONSTRAINTS ALL IMMEDIATE")
            except _REFUSED as no:
                told = no.diag.message_primary or "refused"
            except LookupError:
                told = "no row was written"
            raise psycopg.Rollback
        return told


@contextmanager
def opened(case: Case) -> Iterator[Database]:
    port = int(case.stand.environment["STEND_PORT_BASE"]) + _POSTGRES_AT
    address = f"postgresql://lavka:lavka@127.0.0.1:{port}/lavka"
    schema = f"learner_{case.word(16)}"
    session = psycopg.connect(address, cursor_factory=psycopg.ClientCursor, connect_timeout=5)
    try:
        session.execute(
            f"CREATE SCHEMA {schema}; SET LOCAL search_path = {schema};"
            f"SET LOCAL statement_timeout = '{_WITHIN}'; SET LOCAL lock_timeout = '{_WITHIN}';"
            "SET LOCAL timezone = 'UTC'; CREATE EXTENSION IF NOT EXISTS btree_gist;"
        )
        yield Database(session)
    finally:
        session.rollback()
        session.close()


def statements_of(
    case: Case, text: str, where: str, elsewhere: frozenset[str], *, is_schema: bool
) -> list[str]:
    """
    Args:
        elsewhere: tables that are not the learner's, with their schemas.

    Raises:
        FailedError: something else than tables, indexes, views and rows of one schema.
    """
    found = [one for one in _split(text) if one]
    for one in found:
        bare = " ".join(re.sub(r"'(?:[^']|'')*'", "''", one).replace('"', "").split())
        allowed = (_DDL if is_schema else _DML).match(bare)
        named = {f"{table}.{name}".lower() for table, name in _QUALIFIED.findall(bare)}
        strange = any(no.search(bare) for no in (_MADE_ELSEWHERE, _DANGEROUS, _DOLLARS))
        strange = strange or _ESCAPES.search(one) is not None
        if not allowed or strange or named & elsewhere:
            case.fail(
                "Такая команда здесь не выполняется: можно создавать таблицы, индексы, домены и "
                "представления и писать строки, и всё без имени схемы перед таблицей.",
                "This command is not run here: tables, indexes, domains and views may be made and "
                "rows written, and all that without a schema's name before a table.",
                expected="CREATE TABLE … / CREATE VIEW …" if is_schema else "INSERT … / UPDATE …",
                got=one[:200],
                where=where,
            )
    return found


def _split(text: str) -> list[str]:
    parts = [""]
    for token in _TOKEN.finditer(text):
        if token["end"]:
            parts.append("")
        elif not token["comment"]:
            parts[-1] += token[0]
        else:
            parts[-1] += " "
    return [one.strip() for one in parts]


def template_of(statement: str) -> str:
    """With the places of values as psycopg wants them."""
    return _PARAMETER.sub(r"%(\1)s", statement.replace("%", "%%"))


def parameters_of(statement: str) -> set[str]:
    return set(_PARAMETER.findall(statement))
