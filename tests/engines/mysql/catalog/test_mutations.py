"""Statements with words left out, put in and exchanged: an error of MySQL's, or a change that
PostgreSQL makes and the catalogue keeps."""

import random
import re
from contextlib import suppress

import psycopg
import pytest

from stend.engines.mysql.backend import pg_errors
from stend.engines.mysql.catalog import ddl, storing
from stend.engines.mysql.catalog.showing import is_show
from stend.engines.mysql.catalog.syntax.tokens import Tokens
from stend.engines.mysql.errors import MyError, MySqlError
from stend.engines.mysql.sql.lexing import Source, split
from tests.engines.mysql.catalog.defining import FACTS, Defined
from tests.long_runs import is_long_run

_COUNT = 20_000 if is_long_run() else 400
_TABLES = """
    CREATE TABLE parents (id INT PRIMARY KEY AUTO_INCREMENT, code CHAR(3) UNIQUE,
    big BIGINT UNSIGNED, UNIQUE KEY pair (big, code));
    CREATE TABLE c (id INT AUTO_INCREMENT PRIMARY KEY, p INT, n INT, s VARCHAR(20) DEFAULT 'x',
    d DATETIME DEFAULT CURRENT_TIMESTAMP, e ENUM('a','b'), j JSON, t TEXT, dd DECIMAL(8,2),
    f FLOAT, g INT AS (n + 1), FOREIGN KEY (p) REFERENCES parents (id), CHECK (n < 5), KEY (s),
    KEY (t(5)))
"""
_ROWS = """
    INSERT INTO d_shop.parents VALUES (1, 'abc', 5);
    INSERT INTO d_shop.c (id, p, n, s, d, e, j, t, dd, f) VALUES
    (1, 1, 2, '12', '2024-01-01 10:00:00', 'a', '{"a": 1}', '2024-01-01', 1.5, 1e10)
"""
_SEEDS = [
    (
        "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a VARCHAR(9) COLLATE utf8mb4_bin"
        " NOT NULL DEFAULT 'x' COMMENT 'c', b DECIMAL(5,2) UNSIGNED CHECK (b > 0),"
        " UNIQUE KEY u (a DESC, b))"
        " ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
    ),
    (
        "CREATE TABLE t (p INT, CONSTRAINT f FOREIGN KEY k (p) REFERENCES parents (id)"
        " ON DELETE SET NULL ON UPDATE CASCADE, CONSTRAINT ck CHECK (p IN (1, 2)) NOT ENFORCED)"
    ),
    "CREATE TABLE IF NOT EXISTS t LIKE c",
    "CREATE TABLE t AS SELECT id, s, n + 1 AS m FROM c",
    "CREATE OR REPLACE VIEW v (a, b) AS SELECT id, s FROM c WHERE n > 1",
    "CREATE UNIQUE INDEX i ON c (e, n DESC) COMMENT 'c'",
    "CREATE DATABASE IF NOT EXISTS x DEFAULT CHARACTER SET utf8mb4",
    "ALTER TABLE c ADD COLUMN x INT NOT NULL DEFAULT 5 AFTER n, DROP COLUMN s, ADD KEY k (x, d)",
    "ALTER TABLE c MODIFY t VARCHAR(30), CHANGE n m BIGINT FIRST, RENAME COLUMN e TO ee",
    "ALTER TABLE c DROP FOREIGN KEY c_ibfk_1, DROP CHECK c_chk_1, DROP INDEX s, RENAME TO cc",
    "ALTER TABLE c ADD y DATETIME(3) DEFAULT (NOW(3)), ALTER dd SET DEFAULT 1, COMMENT = 'x'",
    "ALTER TABLE parents CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, AUTO_INCREMENT = 9",
    "RENAME TABLE c TO x, parents TO y",
    "TRUNCATE TABLE c",
    "DROP TABLE IF EXISTS c, parents",
    "DROP INDEX s ON c",
    "DROP DATABASE shop",
    "SHOW FULL COLUMNS FROM c FROM shop WHERE Field LIKE 'a%'",
    "SHOW FULL TABLES IN shop LIKE 'c%'",
    "SHOW INDEX FROM c WHERE Key_name = 'PRIMARY'",
    "SHOW CREATE TABLE c",
]
_PIECE = re.compile(r"\w+|'[^']*'|\S")


@pytest.fixture(scope="module")
def filled(defined_once: Defined) -> Defined:
    defined_once.anew()
    defined_once.run(_TABLES)
    defined_once.rows(_ROWS)
    return defined_once


def test_mutated_statements(filled: Defined) -> None:
    chance = random.Random(5)
    words = [word for seed in _SEEDS for word in _PIECE.findall(seed)]
    before = filled.catalog
    done = 0
    for _ in range(_COUNT):
        text = _mutated(_PIECE.findall(chance.choice(_SEEDS)), words, chance)
        with suppress(MySqlError):
            for source in split(text)[:1]:
                done += _try(filled, source)
        assert filled.catalog == before
    assert done > _COUNT // 10


def _mutated(pieces: list[str], words: list[str], chance: random.Random) -> str:
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        at = chance.randrange(len(pieces))
        match chance.randrange(3):
            case 0 if len(pieces) > 1:
                del pieces[at]
            case 1:
                pieces.insert(at, chance.choice(words))
            case _:
                pieces[at] = chance.choice(words)
    return " ".join(pieces)


def _try(filled: Defined, source: Source) -> bool:
    """Whether it was a statement, and PostgreSQL has done what it is made of."""
    if is_show(source):
        filled.shown(source.text)
        return True
    if ddl.is_ddl(Tokens(source).peek.upper):
        plan = ddl.plan(source, filled.catalog, FACTS)
        filled.rows("BEGIN")
        try:
            for statement in plan.statements:
                filled.rows(statement)
            assert storing.read(filled.kept()) == plan.catalog_after, source.text
            return True
        except psycopg.Error as error:
            worded = pg_errors.translate(error.sqlstate, error.diag, plan.catalog_after)
            assert worded.error is not MyError.ER_UNKNOWN_ERROR, (source.text, worded.message)
        finally:
            filled.rows("ROLLBACK")
    return False


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ("MODIFY t JSON", 3152),
        ("MODIFY s TEXT", 1170),
        ("MODIFY s VARCHAR(800)", 1071),
    ],
)
def test_another_type_must_fit_into_the_keys(filled: Defined, change: str, number: int) -> None:
    source = split(f"ALTER TABLE c {change}")[0]
    with pytest.raises(MySqlError) as raised:
        ddl.plan(source, filled.catalog, FACTS)
    assert raised.value.error.number == number


def test_a_prefix_goes_with_the_text(filled: Defined) -> None:
    source = split("ALTER TABLE c MODIFY t DATE")[0]
    after = ddl.plan(source, filled.catalog, FACTS).catalog_after
    (key,) = [one for one in after.databases["shop"]["c"].keys if one.name == "t"]
    assert key.prefixes == (None,)
