"""Statements that are wrong somewhere end with MySQL's errors, never otherwise."""

import ast
import random
import re
from pathlib import Path

import pytest

from stend.engines.mysql.catalog import ddl
from stend.engines.mysql.errors import MySqlError
from stend.engines.mysql.sql.facts import Facts
from stend.engines.mysql.sql.lexing import split
from stend.engines.mysql.sql.parsing import parse
from stend.engines.mysql.sql.translating import translate
from stend.engines.mysql.tables.model import Catalog
from tests.engines.mysql.statements.world import DATABASE, NOW, SCHEMA
from tests.long_runs import is_long_run

_STATEMENT = re.compile(r"\(?(?:select|with|values|table|insert|update|delete|replace)\b")
_TOKEN = re.compile(r"""'[^']*'|"[^"]*"|`[^`]*`|\w+|[<>=!:]+|[^\w\s]""")
_SPLIT = re.compile(r"\s*\|\s*")
_TEXTS = """
id|name|total|u.id|t.k|1|null|'x'|1.5|count(*)|sum(total)|(select 1)|now()|(1, 2)|users|orders
|(select max(id) from users)|row_number() over (order by id)|(select * from users) q|*|u.*|+ 1
|group_concat(name)|exists (select 1 from orders)|is null|in (select id from users)|as z|, id
|between 1 and 2|desc|union select 1|group by id|order by id|limit 1|having id > 1|for update
|join users j on j.id = 1|where id = 1|?|/*! */|--|'|;|\\|\0|é|@x|@@autocommit|{|}|[|:a|0x|1e|$
"""
_PIECES = tuple(_SPLIT.split(_TEXTS.strip()))
_COUNT = 100_000 if is_long_run() else 1_500


def corpus() -> list[list[str]]:
    """The statements of the other tests."""
    found: list[list[str]] = []
    for name in ("test_selecting.py", "test_changing.py", "test_parsing.py"):
        tree = ast.parse((Path(__file__).parent / name).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and _STATEMENT.match(text):
                found.append(_TOKEN.findall(text))
    return found


def mutated(tokens: list[str], others: list[list[str]], choice: random.Random) -> str:
    tokens = list(tokens)
    for _ in range(choice.choice((1, 1, 2, 3))):
        at = choice.randrange(len(tokens) + 1)
        what = choice.random()
        if what < 0.4:
            tokens[at : at + 1] = [choice.choice(_PIECES)]
        elif what < 0.7:
            tokens[at:at] = [choice.choice(_PIECES)]
        elif what < 0.8:
            del tokens[at : at + 1]
        else:
            other = choice.choice(others)
            begin = choice.randrange(len(other))
            tokens[at : at + choice.randrange(4)] = other[begin : begin + choice.randrange(1, 10)]
    return " ".join(tokens)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    catalog = Catalog()
    facts = Facts(DATABASE, "root@%", 1, "8.4.0-stend", NOW, is_strict=True)
    for source in split(SCHEMA):
        catalog = ddl.plan(source, catalog, facts).catalog_after
    return catalog


def test_only_errors_of_mysql_are_raised(catalog: Catalog) -> None:
    choice = random.Random(8406)
    statements = corpus()
    assert len(statements) > 300
    facts = Facts(DATABASE, "root@%", 1, "8.4.0-stend", NOW, is_strict=True)
    translated = 0
    for _ in range(_COUNT):
        text = mutated(choice.choice(statements), statements, choice)
        try:
            for source in split(text):
                statement = parse(source)
                translate(statement, catalog, facts, (1,) * statement.placeholders)
                translated += 1
        except MySqlError:
            continue
        except Exception as error:
            raise AssertionError(f"{text!r} ends with {error!r}") from error
    assert translated > _COUNT // 50
