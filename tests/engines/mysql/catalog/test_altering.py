"""DDL on tables with rows: what MySQL does to them in strict mode."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from stend.engines.mysql.catalog import storing
from stend.engines.mysql.errors import MySqlError
from tests.engines.mysql.catalog.defining import Defined, shown_table

_NOW = datetime.fromisoformat("2026-01-02 03:04:05.678")
_TABLE = """
    CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(10), n INT, d DECIMAL(6,3), dt DATETIME,
    e ENUM('new','done'), b VARBINARY(4), f FLOAT)
"""
_ROWS = """
    INSERT INTO d_shop.t VALUES
    (1, '12', 5, 1.255, '2024-01-02 03:04:05', 'done', 'x', 0.1),
    (2, NULL, -7, NULL, NULL, NULL, NULL, NULL)
"""


@pytest.fixture
def filled(defined: Defined) -> Defined:
    defined.run(_TABLE)
    defined.rows(_ROWS)
    return defined


@pytest.mark.parametrize(
    ("change", "column", "values"),
    [
        ("MODIFY a INT", "a", [12, None]),
        ("MODIFY a TEXT", "a", ["12", None]),
        ("MODIFY n VARCHAR(3)", "n", ["5", "-7"]),
        ("MODIFY n BIGINT NOT NULL", "n", [5, -7]),
        ("MODIFY n DECIMAL(5,1)", "n", [Decimal("5.0"), Decimal("-7.0")]),
        ("MODIFY d DECIMAL(6,2)", "d", [Decimal("1.26"), None]),
        ("MODIFY d INT", "d", [1, None]),
        ("MODIFY dt DATE", "dt", [date(2024, 1, 2), None]),
        ("MODIFY dt DATETIME(6)", "dt", [datetime.fromisoformat("2024-01-02 03:04:05"), None]),
        ("MODIFY e ENUM('done','x')", "e", ["done", None]),
        ("MODIFY e VARCHAR(4)", "e", ["done", None]),
        ("MODIFY b BLOB", "b", [b"x", None]),
        ("MODIFY f DOUBLE", "f", [0.10000000149011612, None]),
        ("CHANGE n m INT", "m", [5, -7]),
        ("RENAME COLUMN n TO m", "m", [5, -7]),
        ("RENAME COLUMN n TO M", "m", [5, -7]),
        ("MODIFY a VARCHAR(10) COLLATE utf8mb4_bin", "a", ["12", None]),
        ("ADD x INT", "x", [None, None]),
        ("ADD x INT NOT NULL", "x", [0, 0]),
        ("ADD x VARCHAR(3) NOT NULL", "x", ["", ""]),
        ("ADD x ENUM('p','q') NOT NULL", "x", ["p", "p"]),
        ("ADD x BINARY(2) NOT NULL", "x", [b"\0\0", b"\0\0"]),
        ("ADD x INT DEFAULT 3 FIRST", "x", [3, 3]),
        (
            "ADD x DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3)",
            "x",
            [_NOW] * 2,
        ),
        ("ADD x INT AS (n * 2) STORED", "x", [10, -14]),
        ("ADD x DATETIME(3) DEFAULT (NOW(3))", "x", [_NOW] * 2),
        ("ADD x BIGINT AUTO_INCREMENT UNIQUE", "x", [1, 2]),
    ],
)
def test_rows_are_converted(
    filled: Defined, change: str, column: str, values: list[object]
) -> None:
    filled.run(f"ALTER TABLE t {change}")
    found = filled.rows(" ".join((f'SELECT "{column}"', "FROM d_shop.t ORDER BY id")))
    assert [row[0] for row in found] == values


@pytest.mark.parametrize(
    ("change", "number", "message"),
    [
        ("MODIFY a VARCHAR(1)", 1406, "Data too long for column 'a' at row 1"),
        ("MODIFY a VARCHAR(10) NOT NULL", 1138, "Invalid use of NULL value"),
        ("MODIFY a DATE", 1292, None),
        ("MODIFY n INT UNSIGNED", 1264, "Out of range value for column 'n' at row 1"),
        ("MODIFY e ENUM('new')", 1265, "Data truncated for column 'e' at row 1"),
        ("MODIFY e INT, ADD CHECK (n > 0)", 3819, "Check constraint 't_chk_1' is violated."),
        (
            "ADD UNIQUE (f), ADD x INT NOT NULL, ADD UNIQUE y (x)",
            1062,
            "Duplicate entry '0' for key 't.y'",
        ),
        ("ADD x DATE NOT NULL", 1292, "Incorrect date value: '0000-00-00' for column 'x' at row 1"),
        ("MODIFY b INT", 1235, None),
    ],
)
def test_rows_that_do_not_fit_leave_all_as_it_was(
    filled: Defined, change: str, number: int, message: str | None
) -> None:
    before = shown_table(filled.catalog, "t")
    with pytest.raises(MySqlError) as raised:
        filled.run(f"ALTER TABLE t {change}")
    assert raised.value.error.number == number
    assert message in {None, raised.value.message}
    assert shown_table(storing.read(filled.kept()), "t") == before


def test_without_rows_anything_becomes_anything(defined: Defined) -> None:
    defined.run(_TABLE)
    defined.run("ALTER TABLE t MODIFY b INT, MODIFY dt TIME, MODIFY f YEAR, ADD x DATE NOT NULL")
    assert "`b` int DEFAULT NULL" in shown_table(defined.catalog, "t")


def test_columns_change_names_places_and_keys(filled: Defined) -> None:
    filled.run(
        "ALTER TABLE t ADD KEY k (n, a), ADD UNIQUE u (e);"
        "ALTER TABLE t CHANGE n number BIGINT AFTER f, DROP COLUMN dt, DROP COLUMN e, DROP b;"
        "ALTER TABLE t MODIFY f FLOAT FIRST, RENAME INDEX k TO kk, ALTER a SET DEFAULT 'q'"
    )
    assert shown_table(filled.catalog, "t") == (
        "CREATE TABLE `t` (\n"
        "  `f` float DEFAULT NULL,\n"
        "  `id` int NOT NULL,\n"
        "  `a` varchar(10) DEFAULT 'q',\n"
        "  `d` decimal(6,3) DEFAULT NULL,\n"
        "  `number` bigint DEFAULT NULL,\n"
        "  PRIMARY KEY (`id`),\n"
        "  KEY `kk` (`number`,`a`)\n"
        ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci"
    )


def test_two_columns_change_names_with_each_other(filled: Defined) -> None:
    filled.run("ALTER TABLE t RENAME COLUMN n TO x; ALTER TABLE t CHANGE x y INT, CHANGE f x FLOAT")
    assert filled.rows("SELECT y, x::text FROM d_shop.t ORDER BY id") == [(5, "0.1"), (-7, None)]


def test_what_is_kept_of_the_catalogue_is_what_holds(filled: Defined) -> None:
    filled.run(
        "CREATE TABLE c (id INT PRIMARY KEY AUTO_INCREMENT, t_id INT,"
        " FOREIGN KEY (t_id) REFERENCES t (id), CHECK (t_id > 0), v INT AS (t_id + 1));"
        "ALTER TABLE t RENAME COLUMN id TO number; RENAME TABLE c TO child, t TO parent;"
        "CREATE TABLE twin LIKE child; CREATE DATABASE other; RENAME TABLE twin TO other.twin"
    )
    assert storing.read(filled.kept()) == filled.catalog
    assert shown_table(filled.catalog, "child").splitlines()[-3:-1] == [
        "  CONSTRAINT `child_ibfk_1` FOREIGN KEY (`t_id`) REFERENCES `parent` (`number`),",
        "  CONSTRAINT `child_chk_1` CHECK ((`t_id` > 0))",
    ]
    error = filled.fails("INSERT INTO d_shop.child (id, t_id) VALUES (1, 99)")
    assert (error.error.number, "REFERENCES `parent` (`number`)" in error.message) == (1452, True)
    error = filled.fails("INSERT INTO d_other.twin (id, t_id) VALUES (1, 0)")
    assert error.message == "Check constraint 'twin_chk_1' is violated."


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("DROP TABLE p", 3730),
        ("TRUNCATE p", 1701),
        ("ALTER TABLE p DROP PRIMARY KEY", 1553),
        ("ALTER TABLE p MODIFY id BIGINT", 1833),
        ("ALTER TABLE p DROP id", 1829),
        ("ALTER TABLE c MODIFY p_id BIGINT", 1832),
        ("ALTER TABLE c DROP p_id", 1828),
        ("ALTER TABLE c DROP KEY f", 1553),
        ("ALTER TABLE c DROP FOREIGN KEY nope", 1091),
        ("ALTER TABLE c ADD CONSTRAINT f FOREIGN KEY (p_id) REFERENCES p (id)", 1826),
        ("ALTER TABLE c DROP n", 3959),
        ("ALTER TABLE c RENAME COLUMN n TO o", 3959),
        ("ALTER TABLE c DROP m", 3108),
    ],
)
def test_what_others_need_stays(defined: Defined, statement: str, number: int) -> None:
    defined.run(
        "CREATE TABLE p (id INT PRIMARY KEY, x INT);"
        "CREATE TABLE c (p_id INT, n INT, k INT, m INT, g INT AS (m + 1) STORED, CHECK (n < k),"
        " CONSTRAINT f FOREIGN KEY (p_id) REFERENCES p (id))"
    )
    with pytest.raises(MySqlError) as raised:
        defined.run(statement)
    assert raised.value.error.number == number
    # Without the foreign key nothing is in the way.
    defined.run("ALTER TABLE c DROP FOREIGN KEY f; DROP TABLE p")


def test_texts_refer_to_texts(defined: Defined) -> None:
    defined.run(
        "CREATE TABLE p (code CHAR(36) PRIMARY KEY);"
        "CREATE TABLE c (code CHAR(36), FOREIGN KEY (code) REFERENCES p (code)"
        " ON DELETE SET NULL ON UPDATE CASCADE)"
    )
    defined.rows("INSERT INTO d_shop.p VALUES ('a'); INSERT INTO d_shop.c VALUES ('a')")
    assert defined.fails("INSERT INTO d_shop.c VALUES ('b')").error.number == 1452
    defined.rows("UPDATE d_shop.p SET code = 'z'")
    assert defined.rows("SELECT code FROM d_shop.c") == [("z",)]
    defined.rows("DELETE FROM d_shop.p")
    assert defined.rows("SELECT code FROM d_shop.c") == [(None,)]
    defined.run("DROP TABLE c; DROP TABLE p")


def test_numbers_go_on_where_they_were(defined: Defined) -> None:
    defined.run("CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a INT) AUTO_INCREMENT = 10")

    def upcoming() -> object:
        return defined.rows("SELECT my.next_number('shop', 't')")[0][0]

    assert upcoming() == 10
    defined.rows("""INSERT INTO d_shop.t VALUES (nextval('"d_shop"."t#ai"'), 1)""")
    assert upcoming() == 11
    defined.run("ALTER TABLE t AUTO_INCREMENT = 5")
    assert upcoming() == 11
    defined.run("ALTER TABLE t AUTO_INCREMENT = 50; RENAME TABLE t TO u; RENAME TABLE u TO t")
    assert upcoming() == 50
    defined.run("TRUNCATE TABLE t")
    assert upcoming() == 1
    defined.run("ALTER TABLE t MODIFY id INT")
    assert upcoming() is None


def test_a_table_is_made_of_a_query(defined: Defined) -> None:
    defined.run("CREATE TABLE s (id INT AUTO_INCREMENT PRIMARY KEY, a VARCHAR(5) DEFAULT 'x')")
    defined.rows("INSERT INTO d_shop.s VALUES (1, 'p'), (2, 'q')")
    defined.run("CREATE TABLE t AS SELECT id, a, id + 1 AS n FROM s WHERE id > 1")
    assert defined.rows("SELECT * FROM d_shop.t") == [(2, "q", 3)]
    assert shown_table(defined.catalog, "t").splitlines()[1:4] == [
        "  `id` int NOT NULL DEFAULT '0',",
        "  `a` varchar(5) DEFAULT 'x',",
        "  `n` bigint NOT NULL DEFAULT '0'",
    ]


def test_views_are_kept_as_they_are_written(defined: Defined) -> None:
    defined.run(
        "CREATE TABLE t (id INT PRIMARY KEY);"
        "CREATE VIEW v (number) AS SELECT id FROM t; CREATE OR REPLACE VIEW v AS SELECT 1 AS one"
    )
    assert defined.shown("SHOW COLUMNS FROM v") == [("one", "bigint", "NO", "", "0", "")]
    for statement, number in (
        ("CREATE VIEW v AS SELECT 1", 1050),
        ("CREATE OR REPLACE VIEW v AS SELECT * FROM v", 1462),
        ("CREATE OR REPLACE VIEW t AS SELECT 1", 1050),
        ("CREATE VIEW w AS SELECT @x", 1351),
        ("CREATE VIEW w (a) AS SELECT 1, 2", 1353),
        ("CREATE VIEW w AS SELECT 1 AS a, 2 AS A", 1060),
        ("CREATE VIEW w AS SELECT id FROM t WITH CHECK OPTION", 1235),
        ("TRUNCATE v", 1146),
        ("DROP TABLE v", 1051),
        ("ALTER TABLE v ADD a INT", 1347),
    ):
        with pytest.raises(MySqlError) as raised:
            defined.run(statement)
        assert (statement, raised.value.error.number) == (statement, number)
    defined.run("DROP VIEW IF EXISTS v, nope; RENAME TABLE t TO v")


def test_dropping_a_database_drops_its_tables(defined: Defined) -> None:
    defined.run("CREATE TABLE t (id INT); CREATE DATABASE x; DROP DATABASE shop")
    assert set(defined.catalog.databases) == {"information_schema", "x"}
    assert defined.rows("SELECT nspname FROM pg_namespace WHERE nspname = 'd_shop'") == []
    assert storing.read(defined.kept()) == defined.catalog


def test_information_of_another_release_is_put_right(defined: Defined) -> None:
    assert storing.refreshed(storing.read(())) is None
    defined.run(
        "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(5) DEFAULT 'it''s', KEY (v));"
        "CREATE TABLE c (p INT, FOREIGN KEY (p) REFERENCES t (id), CHECK (p > 0));"
        "CREATE VIEW v AS SELECT * FROM t"
    )
    refreshed = storing.refreshed(defined.catalog)
    assert refreshed is not None
    counted = f"WITH done AS ({refreshed} RETURNING c.name) SELECT name FROM done"  # noqa: S608
    assert defined.rows(counted) == []
    before = defined.rows("SELECT name, information FROM my.catalogue ORDER BY database, name")
    defined.rows("UPDATE my.catalogue SET information = '{}' WHERE name = 't'")
    assert defined.rows(counted) == [("t",)]
    assert before == defined.rows(
        "SELECT name, information FROM my.catalogue ORDER BY database, name"
    )
