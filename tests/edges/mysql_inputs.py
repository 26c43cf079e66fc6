"""What a hostile MySQL client may send: noise, broken packets, statements that are none.

Each input is made by one number, which a failing test names.
"""

import random
import re
import struct
from collections.abc import Callable

from stend.wire.mysql.handshake import Login
from stend.wire.mysql.numbers import Capability, ColumnType, Command
from stend.wire.mysql.packets import packets
from stend.wire.mysql.source import sized, varied
from tests.edges.damaging import Damage

_CAPABILITIES = int(
    Capability.PROTOCOL_41
    | Capability.PLUGIN_AUTH
    | Capability.PLUGIN_AUTH_LENENC_CLIENT_DATA
    | Capability.CONNECT_WITH_DB
    | Capability.MULTI_STATEMENTS
    | Capability.MULTI_RESULTS
)
_MAX_NOISE = 2000
_DAMAGE = Damage(
    lengths=(b"\xff\xff\xff", b"\0\0\0", b"\1\0\0"),
    odd=[bytes([byte]) for byte in range(256)],
)
# Nobody may wait for the others long.
_FIRST = b"SET innodb_lock_wait_timeout = 1, lock_wait_timeout = 1, max_execution_time = 1000"
# What the statements are about.
TABLES = (
    (
        "CREATE TABLE IF NOT EXISTS f (id INT PRIMARY KEY AUTO_INCREMENT, a INT, b VARCHAR(20),"
        " c DECIMAL(10, 2), d DATETIME, UNIQUE KEY by_b (b))"
    ),
    (
        "CREATE TABLE IF NOT EXISTS g (id INT PRIMARY KEY, f_id INT, j JSON,"
        " FOREIGN KEY (f_id) REFERENCES f (id) ON DELETE CASCADE)"
    ),
    "INSERT IGNORE INTO f VALUES (1, 1, 'a', 1.5, '2026-11-27'), (2, NULL, 'б', 2, NULL)",
)
_STATEMENTS = (
    "SELECT * FROM f",
    "SELECT a, COUNT(*) AS n FROM f GROUP BY a HAVING n > 0 ORDER BY n DESC LIMIT 5 OFFSET 1",
    "SELECT f.id, g.id FROM f LEFT JOIN g ON g.f_id = f.id WHERE f.a BETWEEN 1 AND 3",
    "SELECT b, ROW_NUMBER() OVER (PARTITION BY a ORDER BY id) FROM f",
    "WITH x AS (SELECT id FROM f) SELECT * FROM x UNION ALL SELECT 1",
    "SELECT GROUP_CONCAT(DISTINCT b ORDER BY b SEPARATOR '-') FROM f",
    "SELECT DATE_ADD(d, INTERVAL 1 DAY), DATE_FORMAT(NOW(), '%Y-%m-%d') FROM f",
    "SELECT CASE WHEN a IS NULL THEN 'x' ELSE CONCAT(b, 1) END FROM f FOR UPDATE",
    "SELECT * FROM f WHERE b LIKE '%a_' ESCAPE '|' OR b IN ('a', NULL) OR a <=> NULL",
    "SELECT CAST(b AS SIGNED), a / 0, a DIV 2, -a, ~a, a << 1 FROM f",
    "SELECT j->'$.x', JSON_EXTRACT(j, '$[0]') FROM g",
    "SELECT (SELECT MAX(c) FROM f AS o WHERE o.a = f.a), EXISTS (SELECT 1) FROM f",
    "INSERT INTO f (a, b) VALUES (1, 'a') ON DUPLICATE KEY UPDATE a = VALUES(a) + 1",
    "INSERT IGNORE INTO f SET a = 1, b = 'q'",
    "INSERT INTO g SELECT id + 100, id, '{}' FROM f",
    "REPLACE INTO f (id, b) VALUES (3, 'z')",
    "UPDATE f SET a = a + 1, b = DEFAULT WHERE id = 1 ORDER BY id LIMIT 1",
    "DELETE FROM f WHERE id > 5 LIMIT 1",
    "CREATE TABLE h (id INT PRIMARY KEY, v ENUM('a', 'b') NOT NULL DEFAULT 'a' COMMENT 'x')",
    "ALTER TABLE h ADD COLUMN w DECIMAL(65, 30) UNSIGNED AFTER id, ADD INDEX (w)",
    "DROP TABLE IF EXISTS h",
    "TRUNCATE TABLE g",
    "CREATE INDEX by_a ON f (a, b)",
    "DROP INDEX by_a ON f",
    "SHOW TABLES LIKE 'f%'",
    "SHOW CREATE TABLE f",
    "SHOW FULL COLUMNS FROM f",
    "SHOW VARIABLES WHERE Variable_name = 'autocommit'",
    "SHOW WARNINGS",
    "DESCRIBE f",
    "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()",
    "SET @x = 1 + 1, SESSION sql_mode = DEFAULT, NAMES utf8mb4 COLLATE utf8mb4_bin",
    "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY",
    "SELECT @x, @@version, @@session.autocommit",
    "BEGIN",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    "COMMIT AND CHAIN",
    "ROLLBACK TO SAVEPOINT s",
    "SAVEPOINT s",
    "RELEASE SAVEPOINT s",
    "USE shop",
    "KILL QUERY 999999999",
    "LOCK TABLES f READ",
    "SELECT /*! 1 */ + /* x */ 1 -- end",
    "SELECT x'ff', b'101', _utf8mb4'x', 1e400, .5, 0x1F, \"q\", `f`.`id` FROM `f`",
)
_WORDS = re.compile(r"\w+|'[^']*'|\s+|.", re.DOTALL)
_VOCABULARY = (
    "(",
    ")",
    "((((((((",
    ",",
    ";",
    "'",
    '"',
    "`",
    "/*",
    "*/",
    "--",
    "#",
    "\\",
    "?",
    "@",
    "@@",
    ".",
    "*",
    "NULL",
    "NOT",
    "SELECT",
    "FROM",
    "f",
    "g",
    "id",
    "a",
    "b",
    "AND",
    "IN",
    "UNION",
    "LIMIT",
    "GROUP BY",
    "INTERVAL",
    "-1",
    "99999999999999999999999999",
    "1e308",
    "''",
    "'%'",
    "'ж'",
    "\0",
    "\ud800",
    "😀",
    "DISTINCT",
    "AS",
    "JOIN",
    "ON",
    "OVER ()",
    "DEFAULT",
    "IF",
    "EXISTS",
    "INTO",
)


def input_of(seed: int) -> bytes:
    """One connection's bytes behind the server's greeting."""
    choice = random.Random(seed)
    kinds: tuple[Callable[[random.Random], bytes], ...] = (
        _noise,
        _mutated,
        _mutated,
        _statements,
        _statements,
        _statements,
        _prepared,
        _commands,
    )
    return choice.choice(kinds)(choice)


def _noise(choice: random.Random) -> bytes:
    data = choice.randbytes(choice.randrange(_MAX_NOISE))
    if choice.random() < 0.5:
        return data
    return packets(data, choice.choice((1, 1, 1, 0, 255)))[0]


def _login() -> bytes:
    """Of a user without a password: no proof depends on the challenge."""
    login = Login(_CAPABILITIES, 1 << 24, 45, "open", b"", "shop", "caching_sha2_password")
    return packets(login.encode(), 1)[0]


def _command(command: int, payload: bytes = b"") -> bytes:
    return packets(bytes([command & 0xFF]) + payload, 0)[0]


def _begun(*asked: bytes) -> bytes:
    return b"".join((_login(), _command(Command.QUERY, _FIRST), *asked))


def _statement(choice: random.Random) -> str:
    words: list[str] = _WORDS.findall(choice.choice(_STATEMENTS))
    for _ in range(choice.choice((0, 1, 1, 2, 3, 8))):
        at = choice.randrange(len(words) + 1)
        match choice.randrange(5):
            case 0:
                words[at : at + choice.randrange(1, 4)] = []
            case 1:
                words.insert(at, f" {choice.choice(_VOCABULARY)} ")
            case 2:
                words[at : at + 1] = [choice.choice(_VOCABULARY)]
            case 3:
                other: list[str] = _WORDS.findall(choice.choice(_STATEMENTS))
                cut = choice.randrange(len(other))
                words[at:at] = other[cut : cut + choice.randrange(1, 8)]
            case _:
                words[at:at] = words[at : at + choice.randrange(1, 6)] * choice.choice((1, 2, 50))
    return "".join(words)[:20_000]


def _encoded(choice: random.Random) -> bytes:
    data = _statement(choice).encode("utf-8", "surrogatepass")
    if choice.random() < 0.1 and data:
        at = choice.randrange(len(data))
        data = data[:at] + choice.randbytes(2) + data[at:]
    return data


def _statements(choice: random.Random) -> bytes:
    asked = [_command(Command.QUERY, _encoded(choice)) for _ in range(choice.randrange(1, 6))]
    return _begun(*asked)


def _mutated(choice: random.Random) -> bytes:
    stream = bytearray(_statements(choice))
    for _ in range(choice.randrange(1, 6)):
        _DAMAGE.do(choice, stream)
    return bytes(stream)


def _parameter(choice: random.Random) -> tuple[int, bytes]:
    kind = choice.choice(tuple(ColumnType))
    known: dict[ColumnType, Callable[[], bytes]] = {
        ColumnType.TINY: lambda: choice.randbytes(1),
        ColumnType.SHORT: lambda: choice.randbytes(2),
        ColumnType.YEAR: lambda: choice.randbytes(2),
        ColumnType.LONG: lambda: choice.randbytes(4),
        ColumnType.INT24: lambda: choice.randbytes(4),
        ColumnType.LONGLONG: lambda: choice.randbytes(8),
        ColumnType.FLOAT: lambda: choice.randbytes(4),
        ColumnType.DOUBLE: lambda: struct.pack("<d", choice.choice((0.0, 1e308, float("nan")))),
        ColumnType.NULL: lambda: b"",
        ColumnType.DATE: lambda: b"\4" + struct.pack("<HBB", 2026, 11, choice.randrange(40)),
        ColumnType.DATETIME: lambda: b"\7" + struct.pack("<HBBBBB", 2026, 11, 27, 1, 2, 3),
        ColumnType.NEWDECIMAL: lambda: sized(choice.choice((b"1.5", b"x", b"1e5", b"-0"))),
    }
    make = known.get(kind, lambda: sized(choice.randbytes(choice.randrange(20))))
    return kind, make()


def _prepared(choice: random.Random) -> bytes:
    asked = []
    texts = (
        b"SELECT ?, ? FROM f WHERE id = ?",
        b"INSERT INTO f (a, b, c, d) VALUES (?, ?, ?, ?)",
        b"UPDATE f SET b = ? WHERE a = ? LIMIT ?",
        b"SELECT * FROM f LIMIT ?",
        _encoded(choice),
    )
    for at in range(1, choice.randrange(2, 5)):
        text = choice.choice(texts)
        asked.append(_command(Command.STMT_PREPARE, text))
        number = struct.pack("<I", choice.choice((at, at, at, 0, 77)))
        if choice.random() < 0.2:
            piece = struct.pack("<H", choice.randrange(3)) + choice.randbytes(10)
            asked.append(_command(Command.STMT_SEND_LONG_DATA, number + piece))
        asked += [
            _command(Command.STMT_EXECUTE, number + _execution(choice, text))
            for _ in range(choice.randrange(1, 3))
        ]
        asked.append(_command(choice.choice((Command.STMT_CLOSE, Command.STMT_RESET)), number))
    return _begun(*asked)


def _execution(choice: random.Random, text: bytes) -> bytes:
    if choice.random() < 0.1:
        return choice.randbytes(choice.randrange(30))
    count = max(0, text.count(b"?") + choice.choice((0, 0, 0, 0, 1, -1)))
    head = bytes([choice.choice((0, 0, 0, 0, 1))]) + b"\1\0\0\0"
    if not count:
        return head
    parameters = [_parameter(choice) for _ in range(count)]
    types = b"".join(bytes([kind, choice.choice((0, 0x80))]) for kind, _ in parameters)
    return b"".join(
        (head, bytes((count + 7) // 8), b"\1", types, *(value for _, value in parameters))
    )


def _commands(choice: random.Random) -> bytes:
    asked = []
    for _ in range(choice.randrange(1, 12)):
        # Nobody but the fuzz's own connections may be killed.
        command = choice.choice([one for one in range(34) if one != Command.PROCESS_KILL])
        payload = choice.choice(
            (
                b"",
                choice.randbytes(choice.randrange(20)),
                b"shop",
                b"open\0\0shop\0\x2d\0caching_sha2_password\0",
                varied(choice.randrange(1 << 32)),
            )
        )
        asked.append(_command(command, payload))
    return _begun(*asked)
