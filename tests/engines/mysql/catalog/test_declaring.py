"""CREATE TABLE: what is declared is what SHOW CREATE TABLE tells, as MySQL 8.4 prints it."""

import pytest

from stend.engines.mysql.catalog import storing
from stend.engines.mysql.errors import MySqlError
from stend.engines.mysql.tables.model import Catalog, TableName
from tests.engines.mysql.catalog.defining import DATABASE, empty, planned, shown_table


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return planned(
        "CREATE TABLE parents (id INT PRIMARY KEY AUTO_INCREMENT, code CHAR(3) UNIQUE,"
        " big BIGINT UNSIGNED, UNIQUE KEY pair (big, code));"
        "CREATE TABLE plain (a INT)",
        empty(),
    )


@pytest.mark.parametrize(
    ("declared", "shown"),
    [
        ("a INT", "`a` int DEFAULT NULL"),
        ("a INTEGER(11) NOT NULL", "`a` int NOT NULL"),
        ("a BOOL", "`a` tinyint(1) DEFAULT NULL"),
        ("a TINYINT(1) UNSIGNED", "`a` tinyint unsigned DEFAULT NULL"),
        ("a BIGINT UNSIGNED DEFAULT 7", "`a` bigint unsigned DEFAULT '7'"),
        ("a DEC(10,2) DEFAULT 1.5", "`a` decimal(10,2) DEFAULT '1.50'"),
        ("a NUMERIC", "`a` decimal(10,0) DEFAULT NULL"),
        ("a FLOAT(30) DEFAULT 1e20", "`a` double DEFAULT '1e20'"),
        ("a DOUBLE PRECISION", "`a` double DEFAULT NULL"),
        ("a REAL DEFAULT -0.5", "`a` double DEFAULT '-0.5'"),
        ("a VARCHAR(5) DEFAULT 'it''s'", "`a` varchar(5) DEFAULT 'it''s'"),
        (r"a VARCHAR(5) DEFAULT 'a\nb\\'", r"`a` varchar(5) DEFAULT 'a\nb\\'"),
        (
            "a VARCHAR(5) COLLATE utf8mb4_bin",
            "`a` varchar(5) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL",
        ),
        (
            "a CHAR BINARY",
            "`a` char(1) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL",
        ),
        ("a TEXT", "`a` text"),
        ("a TEXT(100)", "`a` text"),
        ("a TEXT(63)", "`a` tinytext"),
        ("a LONGBLOB NOT NULL", "`a` longblob NOT NULL"),
        ("a VARBINARY(3) DEFAULT 'x'", "`a` varbinary(3) DEFAULT 'x'"),
        ("a ENUM('new','it''s') DEFAULT 'NEW'", "`a` enum('new','it''s') DEFAULT 'new'"),
        ("a JSON", "`a` json DEFAULT NULL"),
        ("a YEAR DEFAULT 2024", "`a` year DEFAULT '2024'"),
        ("a DATE DEFAULT '2024-02-29'", "`a` date DEFAULT '2024-02-29'"),
        ("a TIME(2) DEFAULT '-1:02:03.5'", "`a` time(2) DEFAULT '-01:02:03.50'"),
        (
            "a DATETIME(3) DEFAULT '2024-01-01'",
            "`a` datetime(3) DEFAULT '2024-01-01 00:00:00.000'",
        ),
        ("a TIMESTAMP", "`a` timestamp NULL DEFAULT NULL"),
        (
            "a TIMESTAMP(3) NOT NULL DEFAULT NOW(3) ON UPDATE CURRENT_TIMESTAMP(3)",
            "`a` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)",
        ),
        ("a INT COMMENT 'x''y'", "`a` int DEFAULT NULL COMMENT 'x''y'"),
        ("a INT CHECK (a > 1), b INT", "`a` int DEFAULT NULL,\n  `b` int DEFAULT NULL"),
        ("a CHAR(36) DEFAULT (UUID())", "`a` char(36) DEFAULT (uuid())"),
        ("a DATETIME DEFAULT (NOW())", "`a` datetime DEFAULT (now())"),
        ("a INT DEFAULT (1 + 2)", "`a` int DEFAULT ((1 + 2))"),
        (
            "b INT, a INT AS (b * 2) STORED",
            "`b` int DEFAULT NULL,\n  `a` int GENERATED ALWAYS AS ((`b` * 2)) STORED",
        ),
        (
            "b INT, a VARCHAR(30) GENERATED ALWAYS AS (CONCAT(b, 'x')) VIRTUAL NOT NULL",
            (
                "`b` int DEFAULT NULL,\n"
                "  `a` varchar(30) GENERATED ALWAYS AS (concat(`b`,_utf8mb4'x')) VIRTUAL NOT NULL"
            ),
        ),
        ("`a``b` INT", "`a``b` int DEFAULT NULL"),
        ("`Имя` INT", "`Имя` int DEFAULT NULL"),
        ("id SERIAL", "`id` bigint unsigned NOT NULL AUTO_INCREMENT,\n  UNIQUE KEY `id` (`id`)"),
        ("a INT, PRIMARY KEY (a)", "`a` int NOT NULL,\n  PRIMARY KEY (`a`)"),
        (
            "a INT, b INT, KEY (a), KEY (a, b), UNIQUE (b), PRIMARY KEY (a)",
            (
                "`a` int NOT NULL,\n  `b` int DEFAULT NULL,\n  PRIMARY KEY (`a`),\n"
                "  UNIQUE KEY `b` (`b`),\n  KEY `a` (`a`),\n  KEY `a_2` (`a`,`b`)"
            ),
        ),
        (
            "a TEXT, b INT NOT NULL, INDEX i (a(5), b DESC) COMMENT 'c'",
            "`a` text,\n  `b` int NOT NULL,\n  KEY `i` (`a`(5),`b` DESC) COMMENT 'c'",
        ),
        (
            "p INT, FOREIGN KEY (p) REFERENCES parents (id) ON DELETE SET NULL ON UPDATE RESTRICT",
            (
                "`p` int DEFAULT NULL,\n  KEY `p` (`p`),\n"
                "  CONSTRAINT `t_ibfk_1` FOREIGN KEY (`p`) REFERENCES `parents` (`id`) "
                "ON DELETE SET NULL ON UPDATE RESTRICT"
            ),
        ),
        (
            (
                "b BIGINT UNSIGNED, c CHAR(3), CONSTRAINT f FOREIGN KEY (b, c)"
                " REFERENCES parents (big, code) ON DELETE NO ACTION"
            ),
            (
                "`b` bigint unsigned DEFAULT NULL,\n  `c` char(3) DEFAULT NULL,\n"
                "  KEY `f` (`b`,`c`),\n  CONSTRAINT `f` FOREIGN KEY (`b`, `c`) REFERENCES "
                "`parents` (`big`, `code`)"
            ),
        ),
        (
            "id INT PRIMARY KEY, up INT, KEY k (up), FOREIGN KEY (up) REFERENCES t (id)",
            (
                "`id` int NOT NULL,\n  `up` int DEFAULT NULL,\n  PRIMARY KEY (`id`),\n"
                "  KEY `k` (`up`),\n"
                "  CONSTRAINT `t_ibfk_1` FOREIGN KEY (`up`) REFERENCES `t` (`id`)"
            ),
        ),
    ],
)
def test_columns_and_keys_are_shown_as_mysql_prints_them(
    catalog: Catalog, declared: str, shown: str
) -> None:
    after = planned(f"CREATE TABLE t ({declared})", catalog)
    body = shown_table(after, "t").removeprefix("CREATE TABLE `t` (\n  ").rpartition("\n)")[0]
    assert body.partition(",\n  CONSTRAINT `t_chk")[0] == shown


@pytest.mark.parametrize(
    ("declared", "shown"),
    [
        ("a > 0", "(`a` > 0)"),
        ("a > 0 AND (b < 5 AND a <> b)", "((`a` > 0) and (`b` < 5) and (`a` <> `b`))"),
        ("a IN (1, 2) OR b IS NOT NULL", "((`a` in (1,2)) or (`b` is not null))"),
        ("a NOT BETWEEN 1 AND -2", "(`a` not between 1 and -2)"),
        ("CHAR_LENGTH(c) > 2", "(char_length(`c`) > 2)"),
        ("c LIKE 'x%'", "(`c` like _utf8mb4'x%')"),
        ("a % 2 = 0", "((`a` % 2) = 0)"),
    ],
)
def test_a_check_is_shown_as_mysql_prints_it(declared: str, shown: str) -> None:
    columns = "a INT, b INT, c VARCHAR(9)"
    after = planned(f"CREATE TABLE t ({columns}, CHECK ({declared}))", empty())
    line = shown_table(after, "t").splitlines()[-2]
    assert line == f"  CONSTRAINT `t_chk_1` CHECK ({shown})"


def test_options_are_shown_behind_the_parentheses() -> None:
    after = planned(
        "CREATE TABLE t (a VARCHAR(3), CONSTRAINT c CHECK (a > 'b') NOT ENFORCED)"
        " engine = innodb, DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin COMMENT 'it''s'",
        empty(),
    )
    assert shown_table(after, "t") == (
        "CREATE TABLE `t` (\n"
        "  `a` varchar(3) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL,\n"
        "  CONSTRAINT `c` CHECK ((`a` > _utf8mb4'b')) /*!80016 NOT ENFORCED */\n"
        ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='it''s'"
    )


_REFUSED = [
    ("a BIT(3)", 1235),
    ("a SET('x')", 1235),
    ("a POINT", 1235),
    ("a INT ZEROFILL", 1235),
    ("a FLOAT(7,3)", 1235),
    ("a DOUBLE UNSIGNED", 1235),
    ("a INT REFERENCES plain (a)", 1235),
    ("a INT INVISIBLE", 1235),
    ("a VARCHAR(5) CHARACTER SET latin1", 1235),
    ("a TEXT, FULLTEXT KEY (a)", 1235),
    ("a INT, KEY ((a + 1))", 1235),
    ("a VARCHAR(9), UNIQUE KEY (a(3))", 1235),
    ("`a#b` INT", 1235),
    ("a TIMESTAMP DEFAULT '2024-01-01 00:00:00'", 1235),
    ("a FOO", 1064),
    ("a INT FOO", 1064),
    ("a INT,", 1064),
    ("", 1064),
    ("KEY (a)", 1113),
    ("a INT, A INT", 1060),
    ("a INT, KEY k (a), KEY K (a)", 1061),
    ("a INT, KEY `primary` (a)", 1280),
    ("a INT PRIMARY KEY, b INT PRIMARY KEY", 1068),
    ("a INT, KEY (b)", 1072),
    ("a INT, KEY (a, a)", 1060),
    ("a INT, KEY (a(3))", 1089),
    ("a TEXT, KEY (a)", 1170),
    ("a JSON, KEY (a)", 3152),
    ("a VARCHAR(800), KEY (a)", 1071),
    ("a VARCHAR(16384)", 1074),
    ("a CHAR(256)", 1074),
    ("a DECIMAL(66)", 1426),
    ("a DECIMAL(40,31)", 1425),
    ("a DECIMAL(3,4)", 1427),
    ("a DATETIME(7)", 1426),
    ("a ENUM('x','X ')", 1291),
    ("a INT AUTO_INCREMENT", 1075),
    ("a INT AUTO_INCREMENT KEY, b INT AUTO_INCREMENT UNIQUE", 1075),
    ("a VARCHAR(3) AUTO_INCREMENT KEY", 1063),
    ("a INT NULL PRIMARY KEY", 1171),
    ("a INT DEFAULT 'x'", 1067),
    ("a TINYINT DEFAULT 128", 1067),
    ("a DECIMAL(3,1) DEFAULT 100", 1067),
    ("a INT NOT NULL DEFAULT NULL", 1067),
    ("a DATE DEFAULT '2023-02-29'", 1067),
    ("a DATE DEFAULT '0000-00-00'", 1067),
    ("a DATE DEFAULT CURRENT_TIMESTAMP", 1067),
    ("a DATETIME(3) DEFAULT CURRENT_TIMESTAMP", 1067),
    ("a VARCHAR(2) DEFAULT 'abc'", 1067),
    ("a ENUM('x') DEFAULT 'y'", 1067),
    ("a TEXT DEFAULT 'x'", 1101),
    ("a INT ON UPDATE CURRENT_TIMESTAMP", 1294),
    ("a VARCHAR(5) COLLATE utf8mb4_unicode_ci", 1273),
    ("a VARCHAR(5) CHARACTER SET nope", 1115),
    ("a INT CHECK (b > 0)", 1054),
    ("a INT CHECK (a > 0), b INT CHECK (a > 0)", 3813),
    ("a DATETIME CHECK (a < NOW())", 3814),
    ("a INT AUTO_INCREMENT KEY, CHECK (a > 0)", 3818),
    ("a INT, CONSTRAINT c CHECK (a > 0), CONSTRAINT c CHECK (a < 9)", 3822),
    ("a INT, b DATETIME AS (NOW())", 3102),
    ("a INT AUTO_INCREMENT KEY, b INT AS (a + 1)", 3109),
    ("p INT, FOREIGN KEY (p) REFERENCES nope (id)", 1824),
    ("p INT, FOREIGN KEY (p) REFERENCES parents (nope)", 3734),
    ("p INT, FOREIGN KEY (q) REFERENCES parents (id)", 1072),
    ("p INT, FOREIGN KEY (p) REFERENCES parents (id, code)", 1239),
    ("p BIGINT, FOREIGN KEY (p) REFERENCES parents (id)", 3780),
    ("p INT UNSIGNED, FOREIGN KEY (p) REFERENCES parents (id)", 3780),
    ("p INT, FOREIGN KEY (p) REFERENCES plain (a)", 6125),
    ("p INT NOT NULL, FOREIGN KEY (p) REFERENCES parents (id) ON DELETE SET NULL", 1830),
    ("p INT, FOREIGN KEY (p) REFERENCES parents (id) ON DELETE SET DEFAULT", 1235),
    (
        (
            "p INT, CONSTRAINT f FOREIGN KEY (p) REFERENCES parents (id),"
            " CONSTRAINT F FOREIGN KEY (p) REFERENCES parents (id)"
        ),
        1826,
    ),
    (f"`{'x' * 62}` INT", 1059),
]


@pytest.mark.parametrize(("declared", "number"), _REFUSED)
def test_what_cannot_be_declared_is_an_error(catalog: Catalog, declared: str, number: int) -> None:
    with pytest.raises(MySqlError) as raised:
        planned(f"CREATE TABLE t ({declared})", catalog)
    assert raised.value.error.number == number


def test_an_enum_has_so_many_members(catalog: Catalog) -> None:
    members = ",".join(f"'{number}'" for number in range(65_536))
    with pytest.raises(MySqlError) as raised:
        planned(f"CREATE TABLE t (a ENUM({members}))", catalog)
    assert raised.value.error.number == 1097


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("CREATE TABLE plain (a INT)", 1050),
        ("CREATE TABLE nope.t (a INT)", 1049),
        ("CREATE TABLE information_schema.t (a INT)", 1044),
        ("CREATE TABLE t (a INT) ENGINE=MyISAM", 1286),
        ("CREATE TABLE t (a INT) PARTITION BY HASH(a)", 1235),
        ("CREATE TABLE t (a INT) FOO=1", 1064),
        ("CREATE TABLE t (a INT) TABLESPACE x", 1064),
        ("CREATE TEMPORARY TABLE t (a INT)", 1235),
        ("CREATE TABLE t LIKE nope", 1146),
        ("CREATE DATABASE shop", 1007),
        ("CREATE DATABASE x COLLATE utf8mb4_bin", 1235),
        ("CREATE TRIGGER t BEFORE INSERT ON plain FOR EACH ROW SET @a = 1", 1235),
        ("CREATE USER u", 1235),
        ("CREATE FOO", 1064),
        ("DROP DATABASE nope", 1008),
        ("DROP DATABASE mysql", 1044),
        ("DROP TABLE nope", 1051),
        ("DROP TABLE plain, plain", 1066),
        ("DROP INDEX nope ON plain", 1091),
        ("DROP VIEW plain", 1347),
        ("ALTER TABLE nope ADD a INT", 1146),
        ("ALTER TABLE plain ADD a INT", 1060),
        ("ALTER TABLE plain DROP a", 1090),
        ("ALTER TABLE plain DROP nope", 1091),
        ("ALTER TABLE plain MODIFY nope INT", 1054),
        ("ALTER TABLE plain ADD b INT AFTER nope", 1054),
        ("ALTER TABLE plain RENAME INDEX x TO y", 1176),
        ("ALTER TABLE plain DROP CHECK x", 3821),
        ("ALTER TABLE plain DROP CONSTRAINT x", 3940),
        ("ALTER TABLE plain RENAME TO parents", 1050),
        ("ALTER TABLE plain ORDER BY a", 1064),
        ("ALTER VIEW v AS SELECT 1", 1235),
        ("RENAME TABLE nope TO x", 1146),
        ("RENAME TABLE plain TO parents", 1050),
        ("TRUNCATE nope", 1146),
    ],
)
def test_statements_that_fail(catalog: Catalog, statement: str, number: int) -> None:
    with pytest.raises(MySqlError) as raised:
        planned(statement, catalog)
    assert raised.value.error.number == number


def test_without_a_default_database_a_name_needs_its_own() -> None:
    after = planned("CREATE TABLE shop.t (a INT)", empty())
    assert after.table(TableName(DATABASE, "t")) is not None


def test_names_of_information_schema_have_no_case() -> None:
    catalog = storing.read(())
    assert catalog.table(TableName("INFORMATION_SCHEMA", "tables")) is not None
    assert catalog.table(TableName("information_schema", "nope")) is None
