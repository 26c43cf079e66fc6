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


@pytest.mark.limitation("mysql", "self-reference")
def test_a_query_into_a_table_that_refers_to_itself(peer: Peer) -> None:
    peer.query("DROP TABLE IF EXISTS tree")
    peer.query(
        "CREATE TABLE tree (id INT PRIMARY KEY, up INT, FOREIGN KEY (up) REFERENCES tree (id))"
    )
    assert _refused(peer, "INSERT INTO tree SELECT 1, 2 UNION ALL SELECT 2, 2") == NOT_SUPPORTED


@pytest.mark.limitation("mysql", "ignore")
@pytest.mark.parametrize(
    "sql",
    [
        "INSERT IGNORE INTO ignoring VALUES (2, 'x')",
        "INSERT IGNORE INTO ignoring VALUES (2, 99999999999)",
        "INSERT IGNORE INTO ignoring VALUES (2, NULL)",
        "INSERT IGNORE INTO ignoring VALUES (1, 'x')",
        "UPDATE IGNORE ignoring SET id = 1",
        "DELETE IGNORE FROM ignoring",
    ],
)
def test_only_duplicates_are_ignored(peer: Peer, sql: str) -> None:
    peer.query("DROP TABLE IF EXISTS ignoring")
    peer.query("CREATE TABLE ignoring (id INT PRIMARY KEY, v INT NOT NULL)")
    peer.query("INSERT INTO ignoring VALUES (1, 1)")
    assert peer.query("INSERT IGNORE INTO ignoring VALUES (1, 2), (3, 3)").affected_rows == 1
    assert _refused(peer, sql) == NOT_SUPPORTED
    assert peer.query("SELECT * FROM ignoring").texts == [("1", "1"), ("3", "3")]


@pytest.mark.limitation("mysql", "text-references")
def test_references_of_texts_compare_characters(peer: Peer) -> None:
    peer.query("DROP TABLE IF EXISTS goods, kinds")
    peer.query("CREATE TABLE kinds (name VARCHAR(9) PRIMARY KEY)")
    peer.query("CREATE TABLE goods (kind VARCHAR(9), FOREIGN KEY (kind) REFERENCES kinds (name))")
    peer.query("INSERT INTO kinds VALUES ('abc')")
    assert _refused(peer, "INSERT INTO goods VALUES ('ABC')") == 1452
    assert peer.query("INSERT INTO goods VALUES ('abc')").affected_rows == 1


@pytest.mark.limitation("mysql", "auto-increment")
def test_numbers_have_no_gaps(peer: Peer) -> None:
    peer.query("DROP TABLE IF EXISTS numbered")
    peer.query("CREATE TABLE numbered (id INT AUTO_INCREMENT PRIMARY KEY, v INT)")
    peer.query("INSERT INTO numbered (v) SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3")
    peer.query("INSERT INTO numbered VALUES (NULL, 4), (10, 5), (NULL, 6)")
    peer.query("INSERT INTO numbered (v) VALUES (7)")
    found = peer.query("SELECT id FROM numbered").texts
    assert found == [("1",), ("2",), ("3",), ("4",), ("10",), ("11",), ("12",)]


@pytest.mark.limitation("mysql", "integer-widths")
def test_whole_numbers_that_are_worked_out_are_wide(peer: Peer) -> None:
    peer.query("DROP TABLE IF EXISTS widths")
    peer.query("CREATE TABLE widths SELECT 1 AS a, LENGTH('b') AS b")
    columns = peer.query("SHOW COLUMNS FROM widths").texts
    assert [column[:2] for column in columns] == [("a", "bigint"), ("b", "bigint")]


@pytest.mark.limitation("mysql", "altered-rows")
def test_rows_of_an_altered_table_are_not_counted(peer: Peer) -> None:
    peer.query("DROP TABLE IF EXISTS altered")
    peer.query("CREATE TABLE altered SELECT 1 AS a UNION ALL SELECT 2")
    assert peer.query("ALTER TABLE altered MODIFY a INT").affected_rows == 0


@pytest.mark.limitation("mysql", "year-0")
@pytest.mark.parametrize(
    ("sql", "number"),
    [
        ("SELECT DATE('0000-05-01')", NOT_SUPPORTED),
        ("SELECT DATE_SUB('0001-01-01', INTERVAL 1 DAY)", NOT_SUPPORTED),
        ("INSERT INTO years VALUES ('0000-05-01')", NOT_SUPPORTED),
        ("SELECT * FROM years WHERE day > '0000-05-01'", 1525),
    ],
)
def test_years_begin_with_1(peer: Peer, sql: str, number: int) -> None:
    peer.query("CREATE TABLE IF NOT EXISTS years (day DATE)")
    assert _refused(peer, sql) == number


@pytest.mark.limitation("mysql", "decimal-texts")
def test_decimals_of_several_scales_as_texts(peer: Peer) -> None:
    sql = "SELECT CONCAT(IF(1, 1.5, 2.25)), CONCAT(CASE WHEN 1 THEN 1.5 ELSE 2.25 END), 1.5"
    assert peer.query(sql).texts == [("1.50", "1.50", "1.5")]


@pytest.mark.limitation("mysql", "row-numbers")
def test_the_row_of_an_error_is_the_first(peer: Peer) -> None:
    peer.query("DROP TABLE IF EXISTS rowed")
    peer.query("CREATE TABLE rowed (v INT)")
    with pytest.raises(RefusedError, match="for column 'v' at row 1"):
        peer.query("INSERT INTO rowed VALUES (1), (2), ('x')")


@pytest.mark.limitation("mysql", "collations")
def test_other_collations(peer: Peer) -> None:
    peer.query("DROP TABLE IF EXISTS collated")
    for collation in ("utf8mb4_0900_ai_ci", "utf8mb4_unicode_ci"):
        assert _refused(peer, f"CREATE TABLE collated (v TEXT COLLATE {collation})") == 1273
        assert _refused(peer, f"SELECT 'a' COLLATE {collation}") == 1273
    peer.query("CREATE TABLE collated (v VARCHAR(9), b VARCHAR(9) COLLATE utf8mb4_bin)")
    assert "COLLATE=utf8mb4_general_ci" in str(peer.query("SHOW CREATE TABLE collated").texts)


@pytest.mark.limitation("mysql", "functions")
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM JSON_TABLE('[]', '$' COLUMNS (a INT PATH '$')) AS t",
        "SELECT JSON_SEARCH('{}', 'one', 'x')",
        "SELECT JSON_MERGE_PATCH('{}', '{}')",
        "SELECT REGEXP_REPLACE('abc', 'b', 'x')",
        "SELECT REGEXP_SUBSTR('abc', 'b')",
        "SELECT 'a' REGEXP '[[:alpha:]]'",
        "SELECT 'a' REGEXP 'a(?=b)'",
    ],
)
def test_functions_that_are_not_there(peer: Peer, sql: str) -> None:
    assert _refused(peer, sql) == NOT_SUPPORTED


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


@pytest.mark.limitation("mysql", "clauses")
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id, COUNT(*) FROM limited GROUP BY id WITH ROLLUP",
        "SELECT SQL_CALC_FOUND_ROWS id FROM limited",
        "SELECT id INTO @x FROM limited",
        "SELECT DEFAULT(a) FROM limited",
        "REPLACE INTO limited SELECT 1, 1",
        "DELETE FROM limited, other USING limited JOIN limited AS other",
    ],
)
def test_clauses_that_are_not_there(peer: Peer, sql: str) -> None:
    peer.query("CREATE TABLE IF NOT EXISTS limited (id INT PRIMARY KEY, a INT)")
    assert _refused(peer, sql) == NOT_SUPPORTED


@pytest.mark.limitation("mysql", "definitions")
@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TEMPORARY TABLE made (a INT)",
        "CREATE TABLE made (a INT) PARTITION BY HASH (a)",
        "CREATE TABLE made (a TEXT, FULLTEXT (a))",
        "CREATE TABLE made (a INT, SPATIAL KEY (a))",
        "CREATE TABLE made (a INT, KEY ((a + 1)))",
        "CREATE TABLE made (a SET('x', 'y'))",
        "CREATE TABLE made (a BIT(3))",
        "CREATE TABLE made (a POINT)",
        "CREATE TABLE made (a INT ZEROFILL)",
        "CREATE VIEW made AS SELECT 1 WITH CHECK OPTION",
    ],
)
def test_definitions_that_are_not_there(peer: Peer, sql: str) -> None:
    assert _refused(peer, sql) == NOT_SUPPORTED


@pytest.mark.limitation("mysql", "definitions")
def test_other_storage_engines(peer: Peer) -> None:
    assert _refused(peer, "CREATE TABLE made (a INT) ENGINE=MyISAM") == 1286


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
