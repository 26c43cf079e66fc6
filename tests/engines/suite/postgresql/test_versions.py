"""Where the embedded PostgreSQL 18 and the PostgreSQL of a distribution are known to differ."""

from hashlib import sha256

import psycopg
import pytest
from psycopg import errors

from stend.kit.languages import Text
from tests.engines.suite.checks import check, differs_on_real, refused_on_embedded
from tests.engines.suite.postgresql.conftest import Row
from tests.engines.suite.postgresql.test_queries import rows

WITHOUT_OPENSSL = Text(ru="пакет собран без OpenSSL", en="the wheel is built without OpenSSL")


def since(version: int) -> Text:
    return Text(
        ru=f"появилось в PostgreSQL {version}, в дистрибутиве версия 15",
        en=f"new in PostgreSQL {version}, the distribution has 15",
    )


@check(
    ru="uuidv7() даёт возрастающие идентификаторы",
    en="uuidv7() makes identifiers in ascending order",
)
@differs_on_real(since(18), raises=errors.UndefinedFunction)
def test_uuidv7(connection: psycopg.Connection[Row]) -> None:
    ((ordered,),) = rows(
        connection,
        "SELECT array_agg(id) = array_agg(id ORDER BY id)"
        " FROM (SELECT uuidv7() AS id FROM generate_series(1, 100)) AS made",
    )
    assert ordered is True


@check(
    ru="RETURNING отдаёт старое и новое значение", en="RETURNING gives the old and the new value"
)
@differs_on_real(since(18), raises=errors.UndefinedTable)
def test_returning_old_and_new(connection: psycopg.Connection[Row]) -> None:
    connection.execute("CREATE TABLE t (n int)")
    connection.execute("INSERT INTO t VALUES (1)")
    assert rows(connection, "UPDATE t SET n = 2 RETURNING old.n, new.n") == [(1, 2)]


@check(ru="JSON_TABLE разворачивает документ в строки", en="JSON_TABLE makes rows of a document")
@differs_on_real(since(17), raises=errors.SyntaxError)
def test_json_table(connection: psycopg.Connection[Row]) -> None:
    answer = rows(
        connection,
        """SELECT * FROM JSON_TABLE('[{"sku": "a", "n": 1}, {"sku": "b"}]', '$[*]'"""
        """ COLUMNS (sku text PATH '$.sku', n int PATH '$.n' DEFAULT 0 ON EMPTY))""",
    )
    assert answer == [("a", 1), ("b", 0)]


@check(ru="Соединение по TLS", en="A connection over TLS")
@refused_on_embedded(WITHOUT_OPENSSL, raises=psycopg.OperationalError)
def test_tls(postgresql_url: str) -> None:
    with psycopg.connect(postgresql_url, sslmode="require") as connection:
        in_use = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        assert connection.execute(in_use).fetchone() == (True,)


@check(
    ru="Доверенные расширения ставятся без прав суперпользователя",
    en="Trusted extensions are made without a superuser",
)
@pytest.mark.parametrize("extension", ["pg_trgm", "hstore", "citext", "unaccent", "btree_gist"])
def test_trusted_extensions(connection: psycopg.Connection[Row], extension: str) -> None:
    connection.execute(f"CREATE EXTENSION {extension}".encode())
    installed = "SELECT count(*) FROM pg_extension WHERE extname = %s"
    assert rows(connection, installed, extension) == [(1,)]
    connection.rollback()


@pytest.mark.limitation("postgresql", "pgcrypto")
@check(ru="Расширение pgcrypto", en="The extension pgcrypto")
@refused_on_embedded(WITHOUT_OPENSSL, raises=errors.FeatureNotSupported)
def test_pgcrypto(connection: psycopg.Connection[Row]) -> None:
    connection.execute("CREATE EXTENSION pgcrypto")
    digest = "SELECT encode(digest('stend', 'sha256'), 'hex')"
    assert rows(connection, digest) == [(sha256(b"stend").hexdigest(),)]
    connection.rollback()


@pytest.mark.limitation("postgresql", "icu")
@check(
    ru="Порядок русских слов по правилам языка (сортировка ICU)",
    en="Russian words in the order of the language (an ICU collation)",
)
@refused_on_embedded(
    Text(ru="пакет собран без ICU", en="the wheel is built without ICU"),
    raises=errors.UndefinedObject,
)
def test_icu_collation(connection: psycopg.Connection[Row]) -> None:
    answer = rows(
        connection,
        """SELECT string_agg(w, '' ORDER BY w COLLATE "ru-x-icu")"""
        " FROM unnest(ARRAY['ж', 'Ё', 'е', 'ё']) AS w",
    )
    assert answer == [("еёЁж",)]
