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
        "waits",
        Text(
            ru="кто дождался блокировки, видит изменённые строки новыми, но не видит строк, "
            "вставленных за время ожидания",
            en="who has waited for a lock sees the changed rows as they are then, but no rows "
            "that were inserted meanwhile",
        ),
    ),
    Limitation(
        "kept-locks",
        Text(
            ru="ROLLBACK TO SAVEPOINT и ошибка оператора снимают блокировки того, что отменено; "
            "InnoDB держит их до конца транзакции",
            en="ROLLBACK TO SAVEPOINT and an error of a statement release the locks of what is "
            "undone; InnoDB keeps them until the transaction ends",
        ),
    ),
    Limitation(
        "tables-read-by-changes",
        Text(
            ru="UPDATE, DELETE и INSERT … SELECT не блокируют строк тех таблиц, из которых только "
            "читают",
            en="UPDATE, DELETE and INSERT … SELECT do not lock rows of the tables that they only "
            "read",
        ),
    ),
    Limitation(
        "joined-changes",
        Text(
            ru="UPDATE и DELETE соединённых таблиц: если строку таблицы без первичного ключа или с "
            "необязательной стороны LEFT JOIN успела изменить другая транзакция, — ошибка 1020",
            en="UPDATE and DELETE of joined tables: where another transaction has just changed a "
            "row of a table without a primary key, or of the optional side of a LEFT JOIN, error "
            "1020",
        ),
    ),
    Limitation(
        "self-reference",
        Text(
            ru="нет INSERT … SELECT в таблицу, которая ссылается сама на себя: ошибка 1235",
            en="no INSERT … SELECT into a table that refers to itself: error 1235",
        ),
    ),
    Limitation(
        "ignore",
        Text(
            ru="INSERT IGNORE пропускает только повторы ключей: другая ошибка строки — 1235; "
            "UPDATE IGNORE и DELETE IGNORE — ошибка 1235",
            en="INSERT IGNORE leaves out duplicates of keys only: another error of a row is 1235; "
            "UPDATE IGNORE and DELETE IGNORE are error 1235",
        ),
    ),
    Limitation(
        "text-references",
        Text(
            ru="внешние ключи из текстов сравнивают символы: 'ABC' не ссылается на 'abc' — "
            "ошибка 1452",
            en="foreign keys of texts compare characters: 'ABC' does not refer to 'abc', which is "
            "error 1452",
        ),
    ),
    Limitation(
        "auto-increment",
        Text(
            ru="INSERT … SELECT и INSERT с частью заданных номеров берут номеров столько, сколько "
            "нужно; InnoDB оставляет за ними промежутки",
            en="INSERT … SELECT and an INSERT with some numbers given take as many numbers as "
            "they need; InnoDB leaves gaps behind them",
        ),
    ),
    Limitation(
        "decimal-texts",
        Text(
            ru="IF и CASE из DECIMAL с разным числом знаков как текст показывают большее: '1.50' "
            "вместо '1.5'",
            en="IF and CASE of DECIMALs with different scales show the longer one as a text: "
            "'1.50' for '1.5'",
        ),
    ),
    Limitation(
        "integer-widths",
        Text(
            ru="целое выражение в CREATE TABLE … SELECT и в представлении даёт столбец BIGINT; "
            "MySQL для коротких, таких как 1, берёт INT",
            en="a whole number that is worked out becomes BIGINT in CREATE TABLE … SELECT and in a "
            "view; MySQL takes INT for short ones, such as 1",
        ),
    ),
    Limitation(
        "altered-rows",
        Text(
            ru="ALTER TABLE всегда сообщает о нуле изменённых строк; MySQL считает строки, когда "
            "копирует таблицу",
            en="ALTER TABLE always tells of no affected rows; MySQL counts the rows when it copies "
            "the table",
        ),
    ),
    Limitation(
        "year-0",
        Text(
            ru="даты начинаются с 0001-01-01: год 0 — ошибка 1235, при сравнении с датой — 1525",
            en="dates begin with 0001-01-01: the year 0 is error 1235, 1525 in a comparison with "
            "a date",
        ),
    ),
    Limitation(
        "row-numbers",
        Text(
            ru="сообщения об ошибках говорят «at row 1», какой бы ни была строка",
            en='messages of errors say "at row 1", whichever row it is',
        ),
    ),
    Limitation(
        "collations",
        Text(
            ru="только utf8mb4_general_ci, она же по умолчанию, и utf8mb4_bin; "
            "utf8mb4_0900_ai_ci и другие — ошибка 1273",
            en="only utf8mb4_general_ci, which is the default, and utf8mb4_bin; "
            "utf8mb4_0900_ai_ci and others are error 1273",
        ),
    ),
    Limitation(
        "functions",
        Text(
            ru="часть функций и выражений: нет JSON_TABLE, JSON_SEARCH, JSON_MERGE_PATCH, "
            "MATCH … AGAINST, REGEXP_REPLACE и REGEXP_SUBSTR, в REGEXP — классов и просмотра "
            "вперёд: ошибка 1235",
            en="some of the functions and expressions: no JSON_TABLE, JSON_SEARCH, "
            "JSON_MERGE_PATCH, MATCH … AGAINST, REGEXP_REPLACE and REGEXP_SUBSTR, in REGEXP no "
            "classes and no lookahead: error 1235",
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
        "clauses",
        Text(
            ru="нет WITH ROLLUP, SQL_CALC_FOUND_ROWS, SELECT … INTO @переменная, DEFAULT(столбец), "
            "REPLACE … SELECT и DELETE FROM … USING нескольких таблиц: ошибка 1235",
            en="no WITH ROLLUP, SQL_CALC_FOUND_ROWS, SELECT … INTO @variable, DEFAULT(column), "
            "REPLACE … SELECT and DELETE FROM … USING of several tables: error 1235",
        ),
    ),
    Limitation(
        "definitions",
        Text(
            ru="нет временных таблиц, секций, индексов FULLTEXT, SPATIAL и по выражениям, типов "
            "SET, BIT и пространственных, ZEROFILL, WITH CHECK OPTION: ошибка 1235; из движков — "
            "только InnoDB: другой — 1286",
            en="no temporary tables, partitions, indexes FULLTEXT, SPATIAL and on expressions, "
            "types SET, BIT and spatial ones, ZEROFILL, WITH CHECK OPTION: error 1235; of the "
            "storage engines InnoDB only: another one is error 1286",
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
