"""Writes a thousand orders to a database and a broker, kills every tenth process, and counts.

Then a bank that is down is called through three layers that retry. Both are really run: SQLite
there, HTTP servers here.
"""

import http.client
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from stend.course.amounts import Unit
from stend.course.case import Case
from stend.course.predictions import Amount, Idea, Within, compare, predicted, run_after
from stend.kit.languages import Text

_ORDERS = 1000
# Every tenth process dies, at one of four points in turn.
_DIES_EVERY = 10
_POINTS = 4
# The relay dies at every twentieth row, before and after it publishes in turn.
_RELAY_DIES_EVERY = 20
_ATTEMPTS = 4
_REQUESTS = 100
_SHARE, _SAVED = 0.1, 10.0
_DOWN = 503
_CLOSE = Within(amount=2)


def _count(id_: str, most: int, asks: Text, why: Text, *ideas: Idea) -> Amount:
    return Amount(id_, asks, Unit.COUNT, least=0, most=most, why=why, ideas=ideas)


LOST = _count(
    "lost",
    _ORDERS,
    Text(
        ru="COMMIT, затем publish: сколько заказов в базе, о которых брокер не узнал?",
        en="COMMIT, then publish: how many orders are in the database and unknown to the broker?",
    ),
    Text(
        ru="Теряет только одна точка из четырёх: база уже записала, а публиковать стало некому. До "
        "COMMIT пропадает и сам заказ, после publish сказано всё.",
        en="One point of the four loses: the database has written, and nobody is left to publish. "
        "Before COMMIT the order is gone, too; after publish all has been said.",
    ),
    Idea(
        0,
        1,
        Text(
            ru="try/except и finally не помогут: убитый процесс не выполняет ничего.",
            en="try/except and finally do not help: a process that is killed runs nothing more.",
        ),
    ),
)
INVENTED = _count(
    "invented",
    _ORDERS,
    Text(
        ru="publish, затем COMMIT: о скольких заказах брокер знает, а в базе их нет?",
        en="publish, then COMMIT: of how many orders does the broker know that are in no database?",
    ),
    Text(
        ru="Порядок записей лишь меняет вид ошибки: точка между ними та же, но теперь склад "
        "собирает заказы, которых никто не оформил.",
        en="The order of the writes only changes the kind of error: the point between them is the "
        "same, but now the warehouse packs orders that nobody placed.",
    ),
    Idea(
        0,
        1,
        Text(
            ru="Потерь и правда нет, но опубликованное не откатить: появились лишние сообщения.",
            en="Nothing is lost, indeed, but what is published cannot be rolled back: there are "
            "messages too many.",
        ),
    ),
)
RETRIED = _count(
    "lost-with-retries",
    _ORDERS,
    Text(
        ru="COMMIT, затем publish, и покупатель повторяет запрос: сколько заказов неизвестны "
        "брокеру?",
        en="COMMIT, then publish, and the customer retries: how many orders are unknown to the "
        "broker?",
    ),
    Text(
        ru="Повтор находит заказ в базе и честно отвечает «уже есть». Публиковать он и не пробует: "
        "откуда ему знать, что первый раз не успел?",
        en="The retry finds the order in the database and honestly answers that it is there. It "
        "does not even try to publish: how could it know that the first one had no time to?",
    ),
)
TWICE = _count(
    "twice",
    _ORDERS,
    Text(
        ru="Outbox: сколько сообщений брокер получил дважды?",
        en="Outbox: how many messages has the broker got twice?",
    ),
    Text(
        ru="Дважды приходит то, что опубликовано и не помечено: outbox меняет потерю на повтор.",
        en="What was published and not marked comes twice: an outbox trades a loss for a "
        "repetition.",
    ),
    Idea(
        0,
        1,
        Text(
            ru="Отметку и публикацию нельзя сделать одной транзакцией. «Ровно один раз» здесь даёт "
            "только потребитель, который узнаёт повтор.",
            en="Marking and publishing cannot be one transaction. Here “exactly once” is made by "
            "the consumer alone, who recognises a repetition.",
        ),
    ),
)
BANK_CALLS = _count(
    "bank-calls",
    100_000,
    Text(
        ru="Три слоя, у каждого до трёх повторов: сколько вызовов придёт в банк на один запрос?",
        en="Three layers with up to three retries each: how many calls does one request bring?",
    ),
    Text(
        ru="Повторы слоёв перемножаются: каждый делает четыре попытки, 4 · 4 · 4.",
        en="The retries of layers are multiplied: each makes four attempts, 4 · 4 · 4.",
    ),
    Idea(
        9,
        13,
        Text(
            ru="Складывать нельзя: каждая попытка верхнего слоя запускает все попытки нижнего.",
            en="They do not add up: every attempt of an upper layer starts all those of the lower.",
        ),
    ),
    Idea(
        27,
        27,
        Text(
            ru="Три повтора — это четыре попытки: первая тоже считается.",
            en="Three retries are four attempts: the first one counts, too.",
        ),
    ),
)
ONE_LAYER = _count(
    "one-layer",
    100_000,
    Text(
        ru="Повторяет только верхний слой: сколько вызовов придёт в банк на один запрос?",
        en="The top layer alone retries: how many calls does one request bring to the bank?",
    ),
    Text(
        ru="Слои, которые не повторяют, пропускают вызов один к одному.",
        en="Layers that do not retry pass a call on, one for one.",
    ),
)
BUDGET = _count(
    "budget",
    100_000,
    Text(
        ru="100 запросов подряд и бюджет повторов 10 %: сколько вызовов придёт в лежащий банк?",
        en="100 requests in a row and a retry budget of 10 %: how many calls does the bank get?",
    ),
    Text(
        ru="Каждый запрос приносит десятую долю повтора, и десять было накоплено: "
        "100 + 10 + около 10.",
        en="Every request brings a tenth of a retry, and ten had been saved: 100 + 10 + about 10.",
    ),
    Idea(
        350,
        450,
        Text(
            ru="Столько было бы без бюджета: когда банк лежит, повторы почти все запрещены.",
            en="So many there would be without a budget: while the bank is down nearly all retries "
            "are refused.",
        ),
    ),
)
_QUESTIONS = (LOST, INVENTED, RETRIED, TWICE, BANK_CALLS, ONE_LAYER, BUDGET)


def complete(case: Case) -> None:
    predicted(case, _QUESTIONS)


def lost(case: Case) -> None:
    compare(case, LOST, _written(case).lost, _CLOSE)


def invented(case: Case) -> None:
    compare(case, INVENTED, _written(case).invented, _CLOSE)


def lost_with_retries(case: Case) -> None:
    compare(case, RETRIED, _written(case).lost_with_retries, _CLOSE)


def twice(case: Case) -> None:
    compare(case, TWICE, _written(case).twice, _CLOSE)


def bank_calls(case: Case) -> None:
    compare(case, BANK_CALLS, _called(case).three_layers, Within(amount=0))


def one_layer(case: Case) -> None:
    compare(case, ONE_LAYER, _called(case).one_layer, Within(amount=0))


def budget(case: Case) -> None:
    compare(case, BUDGET, _called(case).with_budget, Within(share=0.1))


# ---- two writes --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Written:
    lost: int
    invented: int
    lost_with_retries: int
    twice: int


class _Killed(BaseException):
    """The process is gone: nothing of it runs any more."""


class _Systems:
    """A database and a broker, which share no transaction."""

    def __init__(self) -> None:
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.db.execute("CREATE TABLE orders (order_id INTEGER PRIMARY KEY)")
        self.db.execute("CREATE TABLE outbox (order_id INTEGER PRIMARY KEY, sent INTEGER)")
        self.told: list[int] = []

    def has(self, order_id: int) -> bool:
        found = self.db.execute("SELECT 1 FROM orders WHERE order_id = ?", (order_id,))
        return found.fetchone() is not None

    def orders(self) -> set[int]:
        return {order_id for (order_id,) in self.db.execute("SELECT order_id FROM orders")}

    def lives(self, process: Callable[[], None]) -> bool:
        """Whether it came to its end. What it had not committed is gone with it."""
        try:
            process()
        except _Killed:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            return False
        return True


def _written(case: Case) -> _Written:
    return run_after(case, _QUESTIONS, lambda _: _write_all(), "writes")


def _write_all() -> _Written:
    commit_first, publish_first, retried = _Systems(), _Systems(), _Systems()
    for order_id in range(_ORDERS):
        dies_at = order_id // _DIES_EVERY % _POINTS if order_id % _DIES_EVERY == 0 else None
        commit_first.lives(lambda: _commit_first(commit_first, order_id, dies_at))  # noqa: B023
        publish_first.lives(lambda: _publish_first(publish_first, order_id, dies_at))  # noqa: B023
        if not retried.lives(lambda: _commit_first(retried, order_id, dies_at)):  # noqa: B023
            _commit_first(retried, order_id, None)
    return _Written(
        lost=len(commit_first.orders() - set(commit_first.told)),
        invented=len(set(publish_first.told) - publish_first.orders()),
        lost_with_retries=len(retried.orders() - set(retried.told)),
        twice=_relayed_twice(),
    )


def _commit_first(systems: _Systems, order_id: int, dies_at: int | None) -> None:
    _point(0, dies_at)
    if systems.has(order_id):
        return
    systems.db.execute("BEGIN")
    systems.db.execute("INSERT INTO orders VALUES (?)", (order_id,))
    _point(1, dies_at)
    systems.db.execute("COMMIT")
    _point(2, dies_at)
    systems.told.append(order_id)
    _point(3, dies_at)


def _publish_first(systems: _Systems, order_id: int, dies_at: int | None) -> None:
    _point(0, dies_at)
    systems.db.execute("BEGIN")
    systems.db.execute("INSERT INTO orders VALUES (?)", (order_id,))
    _point(1, dies_at)
    systems.told.append(order_id)
    _point(2, dies_at)
    systems.db.execute("COMMIT")
    _point(3, dies_at)


def _relayed_twice() -> int:
    systems = _Systems()
    for order_id in range(_ORDERS):
        systems.db.execute("BEGIN")
        systems.db.execute("INSERT INTO orders VALUES (?)", (order_id,))
        systems.db.execute("INSERT INTO outbox VALUES (?, 0)", (order_id,))
        systems.db.execute("COMMIT")
    deaths = {row: row // _RELAY_DIES_EVERY % 2 for row in range(0, _ORDERS, _RELAY_DIES_EVERY)}
    while not systems.lives(lambda: _relay(systems, deaths)):
        pass
    return len(systems.told) - len(set(systems.told))


def _relay(systems: _Systems, deaths: dict[int, int]) -> None:
    waiting = "SELECT order_id FROM outbox WHERE sent = 0 ORDER BY order_id"
    for (order_id,) in systems.db.execute(waiting).fetchall():
        # It dies once at a row, and then another one begins there.
        dies_at = deaths.pop(order_id, None)
        _point(0, dies_at)
        systems.told.append(order_id)
        _point(1, dies_at)
        systems.db.execute("UPDATE outbox SET sent = 1 WHERE order_id = ?", (order_id,))


def _point(number: int, dies_at: int | None) -> None:
    if number == dies_at:
        raise _Killed


# ---- three layers ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Called:
    three_layers: int
    one_layer: int
    with_budget: int


class _Bank:
    """Answers that it is down, and counts who came."""

    def __init__(self) -> None:
        self.calls = 0
        self._lock = threading.Lock()

    def answer(self) -> int:
        with self._lock:
            self.calls += 1
        return _DOWN


def _called(case: Case) -> _Called:
    return run_after(case, _QUESTIONS, lambda _: _call_all(), "calls")


def _call_all() -> _Called:
    return _Called(_through(_ATTEMPTS, _ATTEMPTS), _through(_ATTEMPTS, 1), _with_budget())


def _through(top: int, others: int) -> int:
    """Calls of the bank for one request through three layers.

    Args:
        top, others: attempts of the top layer, and of the other two.
    """
    bank = _Bank()
    with ExitStack() as running:
        port = running.enter_context(_served(bank.answer))
        for attempts in (others, others, top):
            port = running.enter_context(_served(_layer(port, attempts)))
        _ask(port)
    return bank.calls


def _layer(port: int, attempts: int) -> Callable[[], int]:
    def answer() -> int:
        for _ in range(attempts):
            if (status := _ask(port)) != _DOWN:
                break
        return status

    return answer


def _with_budget() -> int:
    bank, tokens = _Bank(), _SAVED
    with _served(bank.answer) as port:
        for _ in range(_REQUESTS):
            tokens = min(_SAVED, tokens + _SHARE)
            _ask(port)
            for _ in range(_ATTEMPTS - 1):
                if tokens < 1:
                    break
                tokens -= 1
                _ask(port)
    return bank.calls


@contextmanager
def _served(answer: Callable[[], int]) -> Iterator[int]:
    """A server that answers every GET with that status. Yields its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answer())
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _ask(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/")
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()
