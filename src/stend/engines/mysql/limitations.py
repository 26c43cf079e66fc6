"""What this server does not do, though MySQL does. Each line has a test with its code."""

from stend.engines.limitation import Limitation
from stend.kit.languages import Text

LIMITATIONS = (
    Limitation(
        "read-after-others",
        Text(
            ru="REPEATABLE READ: SELECT из таблицы без первичного ключа или из представления, в "
            "которые писала и сама транзакция, и (после её снимка) другая, — ошибка 1020",
            en="REPEATABLE READ: a SELECT of a table without a primary key, or of a view, that the "
            "transaction itself has written and another one since its snapshot is error 1020",
        ),
    ),
    Limitation(
        "gap-locks",
        Text(
            ru="блокируются строки, а не промежутки между ними: другая транзакция может вставить "
            "строку в диапазон, прочитанный с FOR UPDATE",
            en="rows are locked, not the gaps between them: another transaction may insert into a "
            "range that was read by FOR UPDATE",
        ),
    ),
    Limitation(
        "read-uncommitted",
        Text(
            ru="нет уровня READ UNCOMMITTED: ошибка 1235",
            en="no level READ UNCOMMITTED: error 1235",
        ),
    ),
    Limitation(
        "security",
        Text(
            ru="нет TLS, сжатия и прав (GRANT, CREATE USER): они не предложены клиенту, "
            "операторы — ошибка 1235",
            en="no TLS, compression and privileges (GRANT, CREATE USER): they are not offered to "
            "clients, the statements are error 1235",
        ),
    ),
    Limitation(
        "stored-programs",
        Text(
            ru="нет хранимых процедур, функций, триггеров и событий: ошибка 1235",
            en="no stored procedures, functions, triggers and events: error 1235",
        ),
    ),
    Limitation(
        "sql-statements",
        Text(
            ru="нет LOCK TABLES, PREPARE на SQL, EXPLAIN запроса, LOAD DATA, XA, HANDLER, DO и "
            "обслуживания таблиц (ANALYZE, OPTIMIZE, CHECK, REPAIR, FLUSH): ошибка 1235",
            en="no LOCK TABLES, PREPARE in SQL, EXPLAIN of a query, LOAD DATA, XA, HANDLER, DO and "
            "care of tables (ANALYZE, OPTIMIZE, CHECK, REPAIR, FLUSH): error 1235",
        ),
    ),
    Limitation(
        "sql-mode",
        Text(
            ru="sql_mode только обычный для MySQL 8.4, из кодировок — utf8mb4: другое в SET — "
            "ошибка 1235, в приветствии клиента — 1043",
            en="sql_mode is the default of MySQL 8.4, the character set utf8mb4: another one in "
            "SET is error 1235, in the handshake 1043",
        ),
    ),
    Limitation(
        "cursors",
        Text(
            ru="у подготовленных операторов нет курсоров (COM_STMT_FETCH): ошибка 1235",
            en="prepared statements have no cursors (COM_STMT_FETCH): error 1235",
        ),
    ),
    Limitation(
        "sizes",
        Text(
            ru="текст запроса — до 16 МБ (ошибка 1235), строки одного результата вместе — до 64 МБ "
            "(1041), транзакций одновременно — около 28: следующие ждут, потом ошибка 1040",
            en="a query has up to 16 MB (error 1235), the rows of a result 64 MB together (1041), "
            "some 28 transactions run at once: the next ones wait, then get error 1040",
        ),
    ),
)
