"""Runs the learner's SQL on PostgreSQL of the stand, in schemas that are dropped again."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random  # noqa: TID251 - one database is always the same
from typing import Any

import psycopg

from stend.course.case import Case, Dice

_QUERIES, _MIGRATION = "queries.sql", "migration.sql"
_PAGE, _MOST_READ = 10, 40
_BATCH, _MOST_BATCHES, _CUSTOMERS = 1000, 20, 2100
_DAYS = 5
_BEGINS = datetime(2026, 3, 1, tzinfo=UTC)
_ENDS = _BEGINS + timedelta(days=_DAYS)
# Days begin at midnight in UTC, whatever the session thinks.
_ZONES = ("UTC", "Asia/Tokyo", "America/New_York")
_FIRST, _LAST = ("Anna", "Boris", "Vera", "Анна"), ("Orlova", "Petrov", "van der Berg", "")
_Connection = psycopg.Connection[Any]


def answers(case: Case) -> None:
    """The open database: always the same."""
    _answers(case, Random(14), _ZONES[0])  # noqa: S311 - chance, no secret


def hidden_answers(case: Case) -> None:
    for zone in _ZONES[1:]:
        _answers(case, case.dice, zone)


def index(case: Case) -> None:
    parts = _sections(case, _QUERIES)
    with _database(case) as db:
        db.execute("INSERT INTO customer SELECT n, 'x' FROM generate_series(1, 200) n")
        db.execute(
            "INSERT INTO orders SELECT n, CASE WHEN n % 10 = 0 THEN 7 ELSE n % 200 + 1 END,"
            " timestamptz '2026-01-01' + n * interval '1 minute', 'placed'"
            " FROM generate_series(1, 20000) n"
        )
        _learners(case, db, parts["indexes"], "indexes")
        db.execute("ANALYZE orders")
        given = {
            "customer_id": 7,
            "placed_at": datetime(2026, 1, 7, tzinfo=UTC),
            "order_id": case.dice.randint(9000, 10000),
        }
        query = psycopg.ClientCursor(db).mogrify(parts["page_of_orders"], given)
        explain = "EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF, FORMAT JSON) "
        (plan,) = _learners(case, db, explain + query, "page_of_orders")[0]
    read = sum(_read_rows(plan[0]["Plan"]))
    nodes = [one["Node Type"] for one in _nodes(plan[0]["Plan"])]
    if read > _MOST_READ or "Seq Scan" in nodes:
        case.fail(
            f"Ради страницы в {_PAGE} заказов прочитано {read} строк из 20 000: {nodes[-1]}. "
            f"Индекс должен подходить и к условию, и к порядку.",
            f"For a page of {_PAGE} orders {read} rows of 20,000 were read: {nodes[-1]}. The index "
            "has to fit both the condition and the order.",
            expected=f"Index Scan, ≤ {_MOST_READ}",
            got=f"{' → '.join(nodes)}, {read}",
            where=f"{_QUERIES}: page_of_orders",
        )


# ---- the queries -------------------------------------------------------------------------------


def _answers(case: Case, dice: Dice, zone: str) -> None:
    parts = _sections(case, _QUERIES)
    shop = _Shop(dice)
    with _database(case) as db:
        db.execute("SELECT set_config('TimeZone', %s, false)", [zone])
        shop.fill(db)
        span = {"begins": _BEGINS, "ends": _ENDS}
        _same(case, db, parts, ("best_in_category", {}), shop.best())
        _same(case, db, parts, ("never_bought", {}), shop.never_bought())
        _same(case, db, parts, ("revenue_by_day", span), shop.by_day())
        customer_id, placed_at, order_id = shop.cursor()
        cursor = {"customer_id": customer_id, "placed_at": placed_at, "order_id": order_id}
        _same(case, db, parts, ("page_of_orders", cursor), shop.page(*shop.cursor()))


def _same(
    case: Case,
    db: _Connection,
    parts: Mapping[str, str],
    asked: tuple[str, Mapping[str, Any]],
    wanted: Sequence[tuple[Any, ...]],
) -> None:
    name, given = asked
    got = [tuple(row) for row in _learners(case, db, parts[name], name, given)]
    if got == list(wanted):
        return
    pairs = enumerate(zip(got, wanted, strict=False))
    at = next((n for n, (one, other) in pairs if one != other), min(len(got), len(wanted)))
    zone = db.execute("SHOW TimeZone").fetchone()[0]  # type: ignore[index]
    case.fail(
        f"{name}: строка {at + 1} не та; строк {len(got)}, ждали {len(wanted)}. Зона сеанса — "
        f"{zone}.",
        f"{name}: row {at + 1} is wrong; there are {len(got)} rows, {len(wanted)} were expected. "
        f"The zone of the session is {zone}.",
        expected=[list(map(str, row)) for row in wanted[at : at + 2]],
        got=[list(map(str, row)) for row in got[at : at + 2]],
        where=f"{_QUERIES}: {name}",
    )


class _Shop:
    """Data with every trap in it, and the answers, computed without SQL."""

    def __init__(self, dice: Dice) -> None:
        self.customers = [(n, "x") for n in range(1, 31)]
        self.products = [(f"SKU-{n:03}", f"cat-{n % 4}") for n in range(16)]
        self.orders: list[tuple[int, int | None, datetime, str]] = []
        self.lines: list[tuple[int, str, int, int]] = []
        for order_id in range(1, 161):
            # The third day has no order, customers from 21 on have none or cancelled ones; and one
            # order in twenty is nobody's.
            day = dice.choice([-1, 0, 1, 3, 4, 5])
            at = _BEGINS + timedelta(days=day, minutes=dice.randint(0, 1439))
            who = None if order_id % 20 == 0 else dice.randint(1, 24)
            is_lost = dice.random() < 0.2 or (who or 0) > 20
            self.orders.append((order_id, who, at, "cancelled" if is_lost else "placed"))
            for sku, _ in {dice.choice(self.products) for _ in range(2)}:
                self.lines.append((order_id, sku, dice.randint(1, 5), dice.randint(1, 9) * 100))
        self._with_ties()
        self._who = dice.randint(1, 20)

    def _with_ties(self) -> None:
        # One customer has thirty orders within two moments, two products earn the same.
        at = [_BEGINS + timedelta(days=3, hours=1), _BEGINS + timedelta(days=3, hours=2)]
        self.orders += [(1000 + n, 20, at[n % 2], "placed") for n in range(30)]
        self.lines += [(1000, "SKU-001", 50, 90_000), (1001, "SKU-005", 90, 50_000)]
        earned = self._revenue()
        for sku in ("SKU-001", "SKU-005"):
            missing = max(earned["SKU-001"], earned["SKU-005"]) - earned[sku]
            if missing:
                self.lines.append((1002, sku, 1, missing))

    def fill(self, db: _Connection) -> None:
        for table, rows in (
            ("customer", self.customers),
            ("product", self.products),
            ("orders", self.orders),
            ("order_line", self.lines),
        ):
            with db.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)

    def best(self) -> list[tuple[str, str, int]]:
        found: dict[str, tuple[int, str]] = {}
        category = dict(self.products)
        for sku, minor in sorted(self._revenue().items()):
            if minor > found.get(category[sku], (0, ""))[0]:
                found[category[sku]] = (minor, sku)
        return [(name, sku, minor) for name, (minor, sku) in sorted(found.items())]

    def never_bought(self) -> list[tuple[int]]:
        bought = {who for _, who, _, status in self.orders if status != "cancelled"}
        return [(who,) for who, _ in self.customers if who not in bought]

    def by_day(self) -> list[tuple[date, int]]:
        days = {(_BEGINS + timedelta(days=n)).date(): 0 for n in range(_DAYS)}
        moments = {order[0]: order[2].date() for order in self._good()}
        for order_id, _, quantity, price in self.lines:
            if moments.get(order_id) in days:
                days[moments[order_id]] += quantity * price
        return list(days.items())

    def cursor(self) -> tuple[int, datetime, int]:
        return 20, _BEGINS + timedelta(days=3, hours=2), 1015

    def page(self, customer_id: int, placed_at: datetime, order_id: int) -> list[tuple[int]]:
        mine = [(at, number) for number, who, at, _ in self.orders if who == customer_id]
        before = sorted((one for one in mine if one < (placed_at, order_id)), reverse=True)
        return [(number,) for _, number in before[:_PAGE]]

    def _good(self) -> list[tuple[int, int | None, datetime, str]]:
        return [one for one in self.orders if one[3] != "cancelled"]

    def _revenue(self) -> dict[str, int]:
        good = {one[0] for one in self._good()}
        earned: dict[str, int] = defaultdict(int)
        for order_id, sku, quantity, price in self.lines:
            if order_id in good:
                earned[sku] += quantity * price
        return earned


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for one in plan.get("Plans", ()):
        yield from _nodes(one)


def _read_rows(plan: Mapping[str, Any]) -> Iterator[int]:
    for one in _nodes(plan):
        if "Plans" not in one:
            removed = one.get("Rows Removed by Filter", 0)
            yield round((one["Actual Rows"] + removed) * one["Actual Loops"])


# ---- the migration -----------------------------------------------------------------------------


def expand(case: Case) -> None:
    names = _migrating(case, "quiet")
    for _ in range(4):
        names.write(case)
    names.compare(case, "expand", only_written=True)
    if names.file() != names.first_file:
        case.fail(
            "expand переписывает всю таблицу, и на это время её никто не прочтёт.",
            "expand rewrites the whole table, and for that time nobody can read it.",
            where=f"{_MIGRATION}: expand",
        )


def batches(case: Case) -> None:
    names = _migrating(case, "quiet")
    changed = list(_run_batches(case, names, writes=False))
    if max(changed) > _BATCH:
        case.fail(
            f"Одна пачка изменила {max(changed)} строк: все они заперты до её конца. Обещано "
            f"не больше {_BATCH}.",
            f"One batch changed {max(changed)} rows, and all are locked until it ends. "
            f"{_BATCH} at most are promised.",
            expected=f"≤ {_BATCH}",
            got=max(changed),
            where=f"{_MIGRATION}: batch",
        )


def nothing_lost(case: Case) -> None:
    names = _migrating(case, "busy")
    for _ in _run_batches(case, names, writes=True):
        pass
    names.compare(case, "batch")


def finish(case: Case) -> None:
    names = _migrating(case, "busy")
    _learners(case, names.db, _sections(case, _MIGRATION)["finish"], "finish", file=_MIGRATION)
    names.write(case)
    names.compare(case, "finish")
    # One day the triggers go; what the table promises has to be its own.
    names.db.execute("ALTER TABLE customer DISABLE TRIGGER USER")
    for column in ("first_name", "last_name"):
        try:
            names.db.execute(f"UPDATE customer SET {column} = NULL WHERE customer_id = 1")  # noqa: S608
        except psycopg.errors.IntegrityError:
            continue
        case.fail(
            f"После finish в {column} можно записать NULL: без триггеров этого не держит ничто.",
            f"After finish {column} takes a NULL: without triggers nothing guards it.",
            expected="not_null_violation / check_violation",
            where=f"{_MIGRATION}: finish",
        )


class _Names:
    """What old and new code have written, and what has to be there."""

    def __init__(self, db: _Connection, case: Case) -> None:
        self.db = db
        self.has: dict[int, tuple[str, str]] = {}
        self.written: set[int] = set()
        for number in range(1, _CUSTOMERS + 1):
            self.has[number] = (case.dice.choice(_FIRST), case.dice.choice(_LAST))
        with db.cursor().copy("COPY customer FROM STDIN") as copy:
            for number in self.has:
                copy.write_row((number, self._name(number)))
        self.first_file = self.file()

    def file(self) -> object:
        return self.db.execute("SELECT pg_relation_filenode('customer')").fetchone()

    def write(self, case: Case) -> None:
        """Old code knows `name` alone, new code the two parts alone; both insert and update."""
        for is_new in (False, True):
            insert, update = len(self.has) + 1, case.dice.randint(2, _CUSTOMERS)
            for number in (insert, update):
                self.has[number] = (f"A{case.word(4)}", case.dice.choice(_LAST))
                if is_new:
                    self.has[number] = (f"B{case.word(4)} {case.word(3)}", case.word(5))
                self._write(case, number, is_new=is_new, is_insert=number == insert)
                self.written.add(number)

    def _write(self, case: Case, number: int, *, is_new: bool, is_insert: bool) -> None:
        first, last = self.has[number]
        given: tuple[object, ...] = (first, last) if is_new else (self._name(number),)
        if is_insert:
            columns = "first_name, last_name" if is_new else "name"
            values = "%s, %s" if is_new else "%s"
            sql = f"INSERT INTO customer ({columns}, customer_id) VALUES ({values}, %s)"  # noqa: S608
        else:
            columns = "first_name = %s, last_name = %s" if is_new else "name = %s"
            sql = f"UPDATE customer SET {columns} WHERE customer_id = %s"  # noqa: S608
        try:
            self.db.execute(sql, (*given, number))
        except psycopg.Error as error:
            who = ("новый", "new") if is_new else ("старый", "old")
            case.fail(
                f"Пока идёт миграция, {who[0]} код не может писать: {error}",
                f"While the migration is on, {who[1]} code cannot write: {error}",
                got=sql,
                where=f"{_MIGRATION}: expand",
            )

    def compare(self, case: Case, after: str, *, only_written: bool = False) -> None:
        query = "SELECT customer_id, name, first_name, last_name FROM customer"
        found = {row[0]: tuple(row[1:]) for row in self.db.execute(query)}
        for number in sorted(self.written if only_written else self.has):
            wanted = (self._name(number), *self.has[number])
            if found.get(number) != wanted:
                case.fail(
                    f"После {after} у покупателя {number} не то, что записано последним: старый "
                    "код читает name, новый — две части, и все три сходятся.",
                    f"After {after} customer {number} is not what was written last: old code reads "
                    "name, new code the two parts, and all three agree.",
                    expected=list(wanted),
                    got=found.get(number),
                    where=f"{_MIGRATION}: {after}",
                )

    def _name(self, number: int) -> str:
        return " ".join(self.has[number]).rstrip()


def _migrating(case: Case, name: str) -> _Names:
    """A database after `expand`; under one name it is always the same one."""

    def expanded() -> _Names:
        expand_sql = _sections(case, _MIGRATION)["expand"]
        names = _Names(case.opened(_database(case)), case)
        _learners(case, names.db, expand_sql, "expand", file=_MIGRATION)
        return names

    return case.once(name, expanded)


def _run_batches(case: Case, names: _Names, *, writes: bool) -> Iterator[int]:
    """How many rows each changed, until there is nothing left to do."""
    batch = _sections(case, _MIGRATION)["batch"]
    for _ in range(_MOST_BATCHES):
        if writes:
            names.write(case)
        with names.db.transaction():
            xact = "SELECT pg_current_xact_id()::xid::text"
            (mine,) = names.db.execute(xact).fetchone() or ("",)
            _learners(case, names.db, batch, "batch", file=_MIGRATION)
        count = "SELECT count(*) FROM customer WHERE xmin::text = %s"
        (changed,) = names.db.execute(count, [mine]).fetchone() or (0,)
        yield changed
        if not changed:
            return
    case.fail(
        f"batch запущена {_MOST_BATCHES} раз на {_CUSTOMERS} строк, и ей всё ещё есть что менять.",
        f"batch has run {_MOST_BATCHES} times on {_CUSTOMERS} rows, and still changes something.",
        where=f"{_MIGRATION}: batch",
    )


# ---- files and databases -----------------------------------------------------------------------


def _sections(case: Case, file: str) -> Mapping[str, str]:
    names = {
        _QUERIES: ("best_in_category", "never_bought", "revenue_by_day", "page_of_orders"),
        _MIGRATION: ("expand", "batch", "finish"),
    }[file]
    names += ("indexes",) if file == _QUERIES else ()
    _, *found = re.split(r"^-- name: *(\w+) *$", case.read(file), flags=re.MULTILINE)
    parts = dict(zip(found[::2], found[1::2], strict=True))
    for name in names:
        bare = re.sub(r"--.*", "", parts.get(name, "")).strip()
        if not bare:
            case.fail(
                f"В {file} нет раздела «-- name: {name}», или он пуст.",
                f"{file} has no section “-- name: {name}”, or it is empty.",
                where=file,
            )
    return parts


def _learners(
    case: Case,
    db: _Connection,
    sql: str,
    name: str,
    given: Mapping[str, Any] | None = None,
    file: str = _QUERIES,
) -> list[Any]:
    try:
        cursor = psycopg.ClientCursor(db).execute(sql, given or None)
        return cursor.fetchall() if cursor.description else []
    except psycopg.Error as error:
        case.fail(
            f"{name}: PostgreSQL отказал: {error}",
            f"{name}: PostgreSQL refused: {error}",
            got=str(error),
            where=f"{file}: {name}",
        )


@contextmanager
def _database(case: Case) -> Iterator[_Connection]:
    """A schema of its own with the tables of `schema.sql`."""
    port = int(case.stand.environment["STEND_PORT_BASE"]) + 10
    address = f"postgresql://lavka:lavka@127.0.0.1:{port}/lavka"
    schema = f"course_{case.word()}"
    with psycopg.connect(address, autocommit=True) as db:
        db.execute(f"CREATE SCHEMA {schema}")
        try:
            db.execute(f"SET search_path TO {schema}")
            db.execute("SET statement_timeout TO '3s'")
            # Nothing here has to outlive a power cut.
            db.execute("SET synchronous_commit TO off")
            db.execute((Path(__file__).parent / "starter" / "schema.sql").read_text("utf-8"))
            yield db
        finally:
            db.execute(f"DROP SCHEMA {schema} CASCADE")
