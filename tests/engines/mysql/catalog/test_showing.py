"""SHOW, DESCRIBE and information_schema."""

import pytest

from stend.engines.mysql.catalog.ddl import Note
from stend.engines.mysql.catalog.showing import Process, Surroundings, is_show
from stend.engines.mysql.errors import MySqlError
from stend.engines.mysql.sql.lexing import split
from tests.engines.mysql.catalog.defining import Defined

_TABLES = """
    CREATE TABLE o (id INT PRIMARY KEY AUTO_INCREMENT, a VARCHAR(10) NOT NULL DEFAULT 'q'
    COMMENT 'cc',
    b DECIMAL(5,2), t TEXT, at TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    g INT AS (id2 * 2) STORED, id2 INT NOT NULL, KEY part (a(3), b), UNIQUE (b), CHECK (b > 0))
    COMMENT 'tt';
    CREATE TABLE b (x INT UNIQUE NOT NULL, o_id INT,
    CONSTRAINT f FOREIGN KEY (o_id) REFERENCES o (id) ON DELETE CASCADE);
    CREATE VIEW v AS SELECT x FROM b;
"""
_AROUND = Surroundings(
    notes=(Note("Warning", 1365, "Division by 0"), Note("Error", 1054, "it's")),
    processes=(Process(7, "root", "here:1", "shop", "Query", 3, "executing", "x" * 200),),
    status={"Uptime": "5", "Threads_connected": "1"},
)


@pytest.fixture(scope="module")
def tables(defined_once: Defined) -> Defined:
    defined_once.anew()
    defined_once.run(_TABLES)
    return defined_once


def _key_part(
    *,
    is_unique: bool,
    key: str,
    place: int,
    column: str,
    prefix: int | None = None,
    nullable: str = "",
) -> tuple[object, ...]:
    """A row of SHOW INDEX FROM o."""
    head = ("o", int(not is_unique), key, place, column, "A", None, prefix, None)
    return (*head, nullable, "BTREE", "", "", "YES", None)


@pytest.mark.parametrize(
    ("statement", "rows"),
    [
        ("SHOW DATABASES", [("information_schema",), ("shop",)]),
        ("SHOW SCHEMAS LIKE 's%'", [("shop",)]),
        ("SHOW TABLES", [("b",), ("o",), ("v",)]),
        ("SHOW TABLES FROM shop LIKE 'O'", []),
        (
            "SHOW FULL TABLES WHERE Table_type = 'VIEW' OR Tables_in_shop = 'b'",
            [("b", "BASE TABLE"), ("v", "VIEW")],
        ),
        (
            "SHOW COLUMNS FROM o",
            [
                ("id", "int", "NO", "PRI", None, "auto_increment"),
                ("a", "varchar(10)", "NO", "MUL", "q", ""),
                ("b", "decimal(5,2)", "YES", "UNI", None, ""),
                ("t", "text", "YES", "", None, ""),
                (
                    *("at", "timestamp", "YES", "", "CURRENT_TIMESTAMP"),
                    "DEFAULT_GENERATED on update CURRENT_TIMESTAMP",
                ),
                ("g", "int", "YES", "", None, "STORED GENERATED"),
                ("id2", "int", "NO", "", None, ""),
            ],
        ),
        (
            "SHOW FULL FIELDS IN o FROM shop LIKE 'A'",
            [
                (
                    *("a", "varchar(10)", "utf8mb4_general_ci", "NO", "MUL", "q", ""),
                    *("select,insert,update,references", "cc"),
                )
            ],
        ),
        (
            "SHOW COLUMNS FROM shop.o WHERE `Null` = 'NO' AND Field LIKE 'i%' AND `Key` = ''",
            [("id2", "int", "NO", "", None, "")],
        ),
        ("DESC b x", [("x", "int", "NO", "PRI", None, "")]),
        ("DESCRIBE b 'o%'", [("o_id", "int", "YES", "MUL", None, "")]),
        ("EXPLAIN v", [("x", "int", "NO", "", None, "")]),
        (
            "SHOW INDEX FROM o WHERE Key_name <> 'PRIMARY'",
            [
                _key_part(is_unique=True, key="b", place=1, column="b", nullable="YES"),
                _key_part(is_unique=False, key="part", place=1, column="a", prefix=3),
                _key_part(is_unique=False, key="part", place=2, column="b", nullable="YES"),
            ],
        ),
        (
            "SHOW CREATE TABLE b",
            [
                (
                    "b",
                    (
                        "CREATE TABLE `b` (\n  `x` int NOT NULL,\n  `o_id` int DEFAULT NULL,\n"
                        "  UNIQUE KEY `x` (`x`),\n  KEY `f` (`o_id`),\n"
                        "  CONSTRAINT `f` FOREIGN KEY (`o_id`) REFERENCES `o` (`id`) "
                        "ON DELETE CASCADE\n"
                        ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci"
                    ),
                )
            ],
        ),
        (
            "SHOW CREATE DATABASE shop",
            [
                (
                    "shop",
                    (
                        "CREATE DATABASE `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE "
                        "utf8mb4_general_ci */ /*!80016 DEFAULT ENCRYPTION='N' */"
                    ),
                )
            ],
        ),
        ("SHOW VARIABLES LIKE 'AUTOCOMMIT'", [("autocommit", "ON")]),
        (
            "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('wait_timeout', 'version')",
            [("version", "8.4.0-stend"), ("wait_timeout", "28800")],
        ),
        ("SHOW STATUS LIKE 'up%'", [("Uptime", "5")]),
        (
            "SHOW ENGINES",
            [
                (
                    *("InnoDB", "DEFAULT"),
                    "Supports transactions, row-level locking, and foreign keys",
                    *("YES", "NO", "YES"),
                )
            ],
        ),
        ("SHOW CHARACTER SET", [("utf8mb4", "UTF-8 Unicode", "utf8mb4_general_ci", 4)]),
        (
            "SHOW COLLATION WHERE Id = 46",
            [("utf8mb4_bin", "utf8mb4", 46, "", "Yes", 1, "PAD SPACE")],
        ),
        ("SHOW WARNINGS", [("Warning", 1365, "Division by 0"), ("Error", 1054, "it's")]),
        ("SHOW WARNINGS LIMIT 1, 5", [("Error", 1054, "it's")]),
        ("SHOW ERRORS", [("Error", 1054, "it's")]),
        ("SHOW COUNT(*) WARNINGS", [(2,)]),
        (
            "SHOW PROCESSLIST",
            [(7, "root", "here:1", "shop", "Query", 3, "executing", "x" * 100)],
        ),
        (
            "SHOW GRANTS FOR CURRENT_USER()",
            [("GRANT ALL PRIVILEGES ON *.* TO `root`@`%` WITH GRANT OPTION",)],
        ),
    ],
)
def test_show(tables: Defined, statement: str, rows: list[tuple[object, ...]]) -> None:
    assert tables.shown(statement, _AROUND) == rows


def test_the_counter_is_shown_when_it_has_begun(tables: Defined) -> None:
    assert "AUTO_INCREMENT=" not in tables.shown("SHOW CREATE TABLE o")[0][1]
    tables.rows("""SELECT nextval('"d_shop"."o#ai"')""")
    assert (
        ") ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET"
        in tables.shown("SHOW CREATE TABLE o")[0][1]
    )
    status = tables.shown("SHOW TABLE STATUS LIKE 'o'")[0]
    assert (status[0], status[4], status[10], status[-1]) == ("o", 0, 2, "tt")


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("SHOW", 1064),
        ("SHOW TABLES FROM", 1064),
        ("SHOW TABLES nope", 1064),
        ("SHOW FULL INDEX FROM o", 1064),
        ("SHOW GLOBAL TABLES", 1064),
        ("SHOW ENGINES LIKE 'x'", 1064),
        ("SHOW TABLES FROM nope", 1049),
        ("SHOW COLUMNS FROM nope", 1146),
        ("SHOW CREATE DATABASE nope", 1049),
        ("SHOW CREATE VIEW o", 1347),
        ("SHOW TABLES WHERE nope = 1", 1054),
        ("SHOW GRANTS FOR somebody", 1235),
        ("SHOW BINARY LOGS", 1235),
        ("SHOW EXTENDED COLUMNS FROM o", 1235),
    ],
)
def test_show_that_fails(tables: Defined, statement: str, number: int) -> None:
    with pytest.raises(MySqlError) as raised:
        tables.shown(statement)
    assert raised.value.error.number == number


@pytest.mark.parametrize(
    ("statement", "is_one"),
    [
        ("SHOW TABLES", True),
        ("desc t", True),
        ("EXPLAIN `select`", True),
        ("EXPLAIN SELECT 1", False),
        ("DESCRIBE FORMAT=JSON SELECT 1", False),
        ("SELECT 1", False),
    ],
)
def test_what_is_a_show(statement: str, is_one: bool) -> None:
    assert is_show(split(statement)[0]) is is_one


@pytest.mark.parametrize(
    ("columns", "table", "rows"),
    [
        ("schema_name", "SCHEMATA", [("information_schema",), ("shop",)]),
        (
            "table_name, table_type, table_comment, auto_increment",
            "TABLES",
            [
                ("b", "BASE TABLE", "", None),
                ("o", "BASE TABLE", "tt", 2),
                ("v", "VIEW", "VIEW", None),
            ],
        ),
        (
            (
                "column_name, data_type, column_type, character_maximum_length, numeric_precision,"
                " numeric_scale, datetime_precision, column_key, ordinal_position"
            ),
            "COLUMNS",
            [
                ("x", "int", "int", None, 10, 0, None, "PRI", 1),
                ("o_id", "int", "int", None, 10, 0, None, "MUL", 2),
                ("id", "int", "int", None, 10, 0, None, "PRI", 1),
                ("a", "varchar", "varchar(10)", 10, None, None, None, "MUL", 2),
                ("b", "decimal", "decimal(5,2)", None, 5, 2, None, "UNI", 3),
                ("t", "text", "text", 65535, None, None, None, "", 4),
                ("at", "timestamp", "timestamp", None, None, None, 0, "", 5),
                ("g", "int", "int", None, 10, 0, None, "", 6),
                ("id2", "int", "int", None, 10, 0, None, "", 7),
                ("x", "int", "int", None, 10, 0, None, "", 1),
            ],
        ),
        (
            "table_name, index_name, seq_in_index, column_name, non_unique, sub_part",
            "STATISTICS",
            [
                ("b", "x", 1, "x", 0, None),
                ("b", "f", 1, "o_id", 1, None),
                ("o", "PRIMARY", 1, "id", 0, None),
                ("o", "b", 1, "b", 0, None),
                ("o", "part", 1, "a", 1, 3),
                ("o", "part", 2, "b", 1, None),
            ],
        ),
        (
            "constraint_name, column_name, referenced_table_name, referenced_column_name",
            "KEY_COLUMN_USAGE",
            [
                ("x", "x", None, None),
                ("f", "o_id", "o", "id"),
                ("PRIMARY", "id", None, None),
                ("b", "b", None, None),
            ],
        ),
        (
            "table_name, constraint_name, constraint_type",
            "TABLE_CONSTRAINTS",
            [
                ("b", "x", "UNIQUE"),
                ("b", "f", "FOREIGN KEY"),
                ("o", "PRIMARY", "PRIMARY KEY"),
                ("o", "b", "UNIQUE"),
                ("o", "o_chk_1", "CHECK"),
            ],
        ),
        (
            (
                "constraint_name, unique_constraint_name, update_rule, delete_rule,"
                " table_name, referenced_table_name"
            ),
            "REFERENTIAL_CONSTRAINTS",
            [("f", "PRIMARY", "NO ACTION", "CASCADE", "b", "o")],
        ),
        ("constraint_name, check_clause", "CHECK_CONSTRAINTS", [("o_chk_1", "(`b` > 0)")]),
        ("table_name, view_definition", "VIEWS", [("v", "SELECT x FROM b")]),
        ("engine", "ENGINES", [("InnoDB",)]),
        ("character_set_name, maxlen", "CHARACTER_SETS", [("utf8mb4", 4)]),
        ("collation_name, id", "COLLATIONS", [("utf8mb4_general_ci", 45), ("utf8mb4_bin", 46)]),
    ],
)
def test_information_schema(
    tables: Defined, columns: str, table: str, rows: list[tuple[object, ...]]
) -> None:
    condition = "WHERE table_schema = 'shop'" if table in _OF_TABLES else ""
    view = f'FROM d_information_schema."{table}"'
    assert tables.rows(" ".join((f"SELECT {columns}", view, condition))) == rows


_OF_TABLES = {"TABLES", "COLUMNS", "STATISTICS", "KEY_COLUMN_USAGE", "TABLE_CONSTRAINTS", "VIEWS"}
