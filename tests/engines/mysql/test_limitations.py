"""How the server answers what it does not do."""

from collections.abc import Iterator

import pytest

from stend.engines.mysql.backend.link import MAX_RESULT_BYTES
from stend.engines.mysql.launcher import MysqlConfig
from stend.wire.mysql.numbers import Capability
from stend.wire.mysql.source import Source
from tests.engines.mysql.peer import Peer, RefusedError

NOT_SUPPORTED = 1235


@pytest.fixture
def peer(server: MysqlConfig) -> Iterator[Peer]:
    with Peer.entered(server.port) as made:
        yield made


def _refused(peer: Peer, sql: str) -> int:
    with pytest.raises(RefusedError) as raised:
        peer.query(sql)
    return raised.value.number


@pytest.mark.limitation("mysql", "gap-locks")
def test_gaps_are_not_locked(server: MysqlConfig, peer: Peer) -> None:
    peer.query("DROP TABLE IF EXISTS gaps")
    peer.query("CREATE TABLE gaps (id INT PRIMARY KEY)")
    peer.query("INSERT INTO gaps VALUES (1), (9)")
    peer.query("BEGIN")
    assert len(peer.query("SELECT * FROM gaps WHERE id BETWEEN 1 AND 9 FOR UPDATE").rows) == 2
    with Peer.entered(server.port) as other:
        assert other.query("INSERT INTO gaps VALUES (5)").affected_rows == 1
    peer.query("COMMIT")


@pytest.mark.limitation("mysql", "read-uncommitted")
@pytest.mark.parametrize(
    "sql",
    [
        "SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED",
        "SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED",
        "SET transaction_isolation = 'READ-UNCOMMITTED'",
    ],
)
def test_uncommitted_rows_are_never_read(peer: Peer, sql: str) -> None:
    assert _refused(peer, sql) == NOT_SUPPORTED


@pytest.mark.limitation("mysql", "security")
@pytest.mark.parametrize(
    "sql", ["GRANT ALL ON *.* TO shop", "REVOKE ALL ON *.* FROM shop", "CREATE USER anna"]
)
def test_privileges(peer: Peer, sql: str) -> None:
    assert _refused(peer, sql) == NOT_SUPPORTED


@pytest.mark.limitation("mysql", "security")
def test_neither_tls_nor_compression_is_offered(peer: Peer) -> None:
    source = Source(peer.greeting, 1)
    source.until_zero()
    source.take(13)
    low = source.integer(2)
    source.take(3)
    offered = low | source.integer(2) << 16
    assert not offered & (Capability.SSL | Capability.COMPRESS | Capability.ZSTD_COMPRESSION)
    assert not offered & Capability.LOCAL_FILES


@pytest.mark.limitation("mysql", "stored-programs")
@pytest.mark.parametrize(
    "sql",
    [
        "CREATE PROCEDURE p() SELECT 1",
        "CREATE FUNCTION f() RETURNS INT RETURN 1",
        "CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW SET @x = 1",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1",
        "CALL p()",
    ],
)
def test_stored_programs(peer: Peer, sql: str) -> None:
    assert _refused(peer, sql) == NOT_SUPPORTED


@pytest.mark.limitation("mysql", "sql-statements")
@pytest.mark.parametrize(
    "sql",
    [
        "LOCK TABLES t READ",
        "PREPARE s FROM 'SELECT 1'",
        "EXECUTE s",
        "DEALLOCATE PREPARE s",
        "EXPLAIN SELECT 1",
        "LOAD DATA INFILE 'x' INTO TABLE t",
        "LOAD DATA LOCAL INFILE 'x' INTO TABLE t",
        "XA START 'x'",
        "HANDLER t OPEN",
        "DO SLEEP(1)",
        "ANALYZE TABLE t",
        "OPTIMIZE TABLE t",
        "CHECK TABLE t",
        "REPAIR TABLE t",
        "FLUSH TABLES",
        "SHUTDOWN",
        "SET PERSIST autocommit = 1",
        "SET PASSWORD = 'x'",
    ],
)
def test_statements_that_are_not_there(peer: Peer, sql: str) -> None:
    assert _refused(peer, sql) == NOT_SUPPORTED


@pytest.mark.limitation("mysql", "sql-mode")
@pytest.mark.parametrize("sql", ["SET sql_mode = ''", "SET NAMES latin1", "SET NAMES cp1251"])
def test_other_modes_and_character_sets(peer: Peer, sql: str) -> None:
    assert _refused(peer, sql) == NOT_SUPPORTED


@pytest.mark.limitation("mysql", "sizes")
def test_a_result_is_bounded(peer: Peer) -> None:
    many = "WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM c WHERE n < 20)"
    size = MAX_RESULT_BYTES // 16
    text = f"{many} SELECT n, REPEAT('x', {size}) FROM c"  # noqa: S608
    assert _refused(peer, text) == 1041
    assert peer.query("SELECT 1").texts == [("1",)]


@pytest.mark.limitation("mysql", "sizes")
def test_a_query_is_bounded(peer: Peer) -> None:
    assert _refused(peer, "SELECT '" + "x" * 17_000_000 + "'") == NOT_SUPPORTED
