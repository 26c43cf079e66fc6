"""Two doctors leave at once, and parents are deleted: on PostgreSQL, after predictions."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from stend.course.amounts import Unit
from stend.course.case import Case
from stend.course.predictions import Amount, Choice, Idea, Within, compare, predicted, run_after
from stend.kit.languages import Text

_FEW, _MANY, _DELETED = 2000, 20_000, 10
_STUCK_S = 10
_Connection = psycopg.Connection[Any]
_LEFT = {one: Text(ru=one, en=one) for one in ("0", "1", "2")}


def _doctors(id_: str, ru: str, en: str, why: Text, **ideas: Text) -> Choice:
    asks = Text(
        ru=f"{ru}: сколько врачей осталось на смене?", en=f"{en}: how many doctors are left?"
    )
    told = {name.removeprefix("left_"): idea for name, idea in ideas.items()}
    return Choice(id_, asks, _LEFT, why=why, ideas=told)


_SKEW = Text(
    ru="Оба прочитали «нас двое», и каждый изменил свою строку: столкновения нет, мешать некому.",
    en="Both read “there are two of us”, and each changed his own row: there is no collision, and "
    "nobody to object.",
)
READ_COMMITTED = _doctors("read-committed", "Read Committed", "Read Committed", _SKEW)
REPEATABLE = _doctors(
    "repeatable-read",
    "Repeatable Read",
    "Repeatable Read",
    _SKEW,
    left_1=Text(
        ru="Repeatable Read замечает, что изменили ту же строку. Здесь строки разные, а снимок "
        "лишь прячет чужой уход.",
        en="Repeatable Read notices that the same row was changed. Here the rows differ, and the "
        "snapshot only hides that the other has left.",
    ),
)
SERIALIZABLE = _doctors(
    "serializable",
    "Serializable",
    "Serializable",
    Text(
        ru="Один за другим так не вышло бы, и база отменяет одну из двух.",
        en="One after the other it could not have come out so, and one of the two is rolled back.",
    ),
    left_2=Text(
        ru="Отменяют одну, а не обе: первая закрытая транзакция ничего не нарушила.",
        en="One is rolled back, not both: the first to commit has broken nothing.",
    ),
)
OWN_ROW = _doctors(
    "lock-own-row",
    "Read Committed, каждый взял FOR UPDATE свою строку",
    "Read Committed, each took his own row FOR UPDATE",
    Text(
        ru="Запирать надо то, по чему проверяли, а проверяли обоих.",
        en="What has to be locked is what was checked, and both were.",
    ),
)
ALL_ROWS = _doctors(
    "lock-all-rows",
    "Read Committed, сначала FOR UPDATE всех, кто на смене",
    "Read Committed, first FOR UPDATE of all who are on duty",
    Text(
        ru="Второй ждёт первого, а дождавшись, читает строки заново: на смене уже один.",
        en="The second waits for the first, and then reads the rows anew: there is one on duty.",
    ),
)
CODE = Choice(
    "sqlstate",
    Text(
        ru="С каким кодом база отменяет транзакцию при Serializable?",
        en="With which code is a transaction rolled back under Serializable?",
    ),
    {
        "40001": Text(ru="40001, повторить транзакцию", en="40001, retry the transaction"),
        "40P01": Text(ru="40P01, взаимная блокировка", en="40P01, a deadlock"),
        "23514": Text(ru="23514, нарушен CHECK", en="23514, a CHECK is violated"),
    },
    why=Text(
        ru="serialization_failure: правила о врачах база не знает, она знает, что порядка нет.",
        en="serialization_failure: the database does not know the rule of doctors; it knows that "
        "there is no order.",
    ),
    ideas={
        "40P01": Text(
            ru="Никто никого не ждал: у каждого своя строка.",
            en="Nobody waited for anybody: each had a row of his own.",
        ),
        "23514": Text(
            ru="CHECK видит одну строку, правила про две ему не записать.",
            en="A CHECK sees one row; a rule about two cannot be written into it.",
        ),
    },
)
_READS = Text(
    ru="Каждое удаление ищет в большой таблице, не ссылаются ли на строку, а без индекса это вся "
    "таблица: 10 удалений на её размер.",
    en="Each deletion looks in the large table for references to the row, and without an index "
    "that is all of it: 10 deletions times its size.",
)
_ONCE = Text(
    ru="Проверка идёт на каждую удалённую строку, а не одна на команду.",
    en="The check is made for every deleted row, not once for the statement.",
)
_NONE = Text(
    ru="Детей нет, но чтобы это узнать, их надо поискать. Индекс по внешнему ключу PostgreSQL сам "
    "не делает.",
    en="There are no children, but to know it one has to look. PostgreSQL does not make an index "
    "for a foreign key.",
)


def _rows(id_: str, rows: int, ru: str, en: str) -> Amount:
    asks = Text(
        ru=f"Удалили 10 товаров без единой строки заказа, {ru}: сколько строк прочитано подряд?",
        en=f"10 products without any order line are deleted, {en}: how many rows are scanned?",
    )
    ideas = (Idea(0, 10, _NONE), Idea(rows, rows, _ONCE)) if rows else ()
    return Amount(id_, asks, Unit.COUNT, least=0, most=10**8, why=_READS, ideas=ideas)


SMALL = _rows("rows-small", _FEW, "строк 2000, индекса нет", "2,000 lines, no index")
LARGE = _rows("rows-large", _MANY, "строк 20 000, индекса нет", "20,000 lines, no index")
INDEXED = Amount(
    "rows-indexed",
    Text(
        ru="То же с 20 000 строк и индексом по внешнему ключу: сколько прочитано подряд?",
        en="The same with 20,000 lines and an index of the foreign key: how many are scanned?",
    ),
    Unit.COUNT,
    least=0,
    most=10**8,
    why=Text(
        ru="Индекс сразу говорит, что ссылок нет: таблицу не читают вовсе.",
        en="The index says at once that there is no reference: the table is not read at all.",
    ),
)
_QUESTIONS = (
    *(READ_COMMITTED, REPEATABLE, SERIALIZABLE, CODE, OWN_ROW, ALL_ROWS),
    *(SMALL, LARGE, INDEXED),
)


@dataclass(frozen=True, slots=True)
class _Shift:
    left: str
    code: str | None = None


def complete(case: Case) -> None:
    predicted(case, _QUESTIONS)


def read_committed(case: Case) -> None:
    compare(case, READ_COMMITTED, _shift(case, "READ COMMITTED").left)


def repeatable_read(case: Case) -> None:
    compare(case, REPEATABLE, _shift(case, "REPEATABLE READ").left)


def serializable(case: Case) -> None:
    compare(case, SERIALIZABLE, _shift(case, "SERIALIZABLE").left)


def sqlstate(case: Case) -> None:
    code = _shift(case, "SERIALIZABLE").code
    if code is None:
        raise ValueError("under SERIALIZABLE both have committed")
    compare(case, CODE, code)


def lock_own_row(case: Case) -> None:
    own = "SELECT 1 FROM duty WHERE name = %s FOR UPDATE"
    compare(case, OWN_ROW, _shift(case, "READ COMMITTED", own).left)


def lock_all_rows(case: Case) -> None:
    run = run_after(case, _QUESTIONS, _one_waits, "all rows")
    compare(case, ALL_ROWS, run)


def rows_small(case: Case) -> None:
    compare(case, SMALL, _scanned(case, _FEW), Within(share=0.1))


def rows_large(case: Case) -> None:
    compare(case, LARGE, _scanned(case, _MANY), Within(share=0.1))


def rows_indexed(case: Case) -> None:
    compare(case, INDEXED, _scanned(case, _MANY, is_indexed=True), Within(amount=20))


# ---- two doctors -------------------------------------------------------------------------------


def _shift(case: Case, level: str, lock: str = "") -> _Shift:
    return run_after(case, _QUESTIONS, lambda _: _both_leave(case, level, lock), level + lock)


def _both_leave(case: Case, level: str, lock: str) -> _Shift:
    """Both read before either writes: step by step, so that it comes out alike every time."""
    code = None
    with _schema(case) as (db, open_one):
        _on_duty(db)
        sessions = {who: open_one() for who in ("a", "b")}
        for who, session in sessions.items():
            session.execute(f"BEGIN ISOLATION LEVEL {level}")
            if lock:
                session.execute(lock, [who])
            _count(session)
        for who, session in sessions.items():
            try:
                session.execute("UPDATE duty SET on_duty = false WHERE name = %s", [who])
                session.execute("COMMIT")
            except psycopg.errors.SerializationFailure as error:
                code = error.sqlstate
                session.execute("ROLLBACK")
        return _Shift(str(_count(db)), code)


def _one_waits(case: Case) -> str:
    with _schema(case) as (db, open_one):
        _on_duty(db)
        first, second = open_one(), open_one()
        first.execute("BEGIN")
        seen = _locked(first)
        other = threading.Thread(target=_leave, args=(second,))
        other.start()
        if seen > 1:
            first.execute("UPDATE duty SET on_duty = false WHERE name = 'a'")
        first.execute("COMMIT")
        other.join(_STUCK_S)
        return str(_count(db))


def _leave(session: _Connection) -> None:
    session.execute("BEGIN")
    if _locked(session) > 1:
        session.execute("UPDATE duty SET on_duty = false WHERE name = 'b'")
    session.execute("COMMIT")


def _locked(session: _Connection) -> int:
    found = session.execute("SELECT name FROM duty WHERE on_duty ORDER BY name FOR UPDATE")
    return len(found.fetchall())


def _on_duty(db: _Connection) -> None:
    db.execute("CREATE TABLE duty (name text PRIMARY KEY, on_duty boolean NOT NULL)")
    db.execute("INSERT INTO duty VALUES ('a', true), ('b', true)")


def _count(session: _Connection) -> int:
    (count,) = session.execute("SELECT count(*) FROM duty WHERE on_duty").fetchone() or (0,)
    return int(count)


# ---- a foreign key -----------------------------------------------------------------------------


def _scanned(case: Case, lines: int, *, is_indexed: bool = False) -> int:
    name = f"{lines} {is_indexed}"
    return run_after(case, _QUESTIONS, lambda _: _deleted(case, lines, is_indexed), name)


def _deleted(case: Case, lines: int, is_indexed: bool) -> int:
    with _schema(case) as (db, open_one):
        db.execute("CREATE TABLE product (sku bigint PRIMARY KEY)")
        db.execute("CREATE TABLE line (line_id bigint PRIMARY KEY, sku bigint NOT NULL)")
        db.execute("INSERT INTO product SELECT n FROM generate_series(1, 1000) n")
        # The first ten are in no line.
        db.execute(
            "INSERT INTO line SELECT n, 11 + n %% 990 FROM generate_series(1, %s) n", [lines]
        )
        db.execute("ALTER TABLE line ADD FOREIGN KEY (sku) REFERENCES product")
        if is_indexed:
            db.execute("CREATE INDEX ON line (sku)")
        db.execute("ANALYZE line")
        # A session of its own: the counts of this one have the making of the tables in them.
        session = open_one()
        with session.transaction():
            session.execute("DELETE FROM product WHERE sku <= %s", [_DELETED])
            read = (
                "SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relid = 'line'::regclass"
            )
            (rows,) = session.execute(read).fetchone() or (0,)
        return int(rows)


@contextmanager
def _schema(case: Case) -> Iterator[tuple[_Connection, Any]]:
    """A schema of its own, and how to open one more session in it."""
    port = int(case.stand.environment["STEND_PORT_BASE"]) + 10
    address = f"postgresql://lavka:lavka@127.0.0.1:{port}/lavka"
    schema = f"course_{case.word()}"
    opened: list[_Connection] = []

    def open_one() -> _Connection:
        db = psycopg.connect(address, autocommit=True, options=f"-c search_path={schema}")
        opened.append(db)
        db.execute(f"SET statement_timeout TO '{_STUCK_S}s'")
        db.execute("SET synchronous_commit TO off")
        return db

    first = open_one()
    first.execute(f"CREATE SCHEMA {schema}")
    try:
        yield first, open_one
    finally:
        for one in opened[1:]:
            one.close()
        first.execute(f"DROP SCHEMA {schema} CASCADE")
        first.close()
