"""Places orders in three services, or in none. `python saga.py run` works until SIGTERM.

`python saga.py place ORDER_ID SKU QUANTITY CUSTOMER AMOUNT_MINOR` writes an order down and moves it
to its end. Whoever dies in between: the next one that runs goes on where it was.
"""

import json
import logging
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum
from pathlib import Path

from participants import Ledger, Listener, Order, Reason, RefusedError, transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS sagas (
    order_id TEXT PRIMARY KEY, sku TEXT, quantity INTEGER, customer TEXT, amount_minor INTEGER,
    state TEXT NOT NULL, step INTEGER NOT NULL, attempts INTEGER NOT NULL, reason TEXT
);
CREATE TABLE IF NOT EXISTS outbox (
    event_id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, sent INTEGER NOT NULL DEFAULT 0
);
"""
MAX_ATTEMPTS = 5
POLL_S = 1
log = logging.getLogger(__name__)


class State(StrEnum):
    RUNNING = "running"
    COMPENSATING = "compensating"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


UNFINISHED = (State.RUNNING, State.COMPENSATING)


@dataclass(frozen=True, slots=True)
class Step:
    """Both may be called again and again, and `undo` also for what was never done."""

    name: str
    act: Callable[[Order], None]
    undo: Callable[[Order], None]


@dataclass(frozen=True, slots=True)
class Saga:
    order: Order
    state: State
    # Of what comes next: to be done while running, to be undone while compensating.
    step: int
    attempts: int
    reason: Reason | None


class Orchestrator:
    def __init__(
        self, path: Path, steps: Sequence[Step], publish: Callable[[dict[str, object]], None]
    ) -> None:
        self._path = path
        self._steps = steps
        self._publish = publish
        with transaction(path) as db:
            for statement in SCHEMA.split(";"):
                db.execute(statement)

    def place(self, order: Order) -> None:
        """Written down, and no more; a repeat of the order changes nothing."""
        with transaction(self._path) as db:
            row = (*astuple(order), State.RUNNING, 0, 0, None)
            marks = ", ".join("?" * len(row))
            db.execute(f"INSERT OR IGNORE INTO sagas VALUES ({marks})", row)

    def run(self) -> None:
        """Moves every saga as far as it goes now, and sends what is to be told."""
        for order_id in self._unfinished():
            while self._advance(order_id):
                pass
        self._relay()

    def _advance(self, order_id: str) -> bool:
        """One move: a call, then what it changes. False where nothing more can be done now."""
        saga = self._read(order_id)
        if saga.state not in UNFINISHED:
            return False
        if saga.state is State.RUNNING and saga.step == len(self._steps):
            self._finish(saga, State.CONFIRMED)
        elif saga.state is State.COMPENSATING and saga.step < 0:
            self._finish(saga, State.REJECTED)
        elif saga.state is State.RUNNING:
            return self._act(saga)
        else:
            return self._undo(saga)
        return True

    def _act(self, saga: Saga) -> bool:
        step = self._steps[saga.step]
        try:
            step.act(saga.order)
        except RefusedError as error:
            # Nothing was done here, so what is to be undone begins before it.
            self._move(saga, State.COMPENSATING, saga.step - 1, reason=error.reason)
        except sqlite3.OperationalError as error:
            log.warning("%s: %s: %s", saga.order.order_id, step.name, error)
            if saga.attempts + 1 < MAX_ATTEMPTS:
                self._move(saga, State.RUNNING, saga.step, saga.attempts + 1)
                return False
            # Nobody knows whether it was done, so this step is to be undone, too.
            self._move(saga, State.COMPENSATING, saga.step, reason=Reason.NO_ANSWER)
        else:
            # Dies the process before this line, the step is done once more, which changes nothing.
            self._move(saga, State.RUNNING, saga.step + 1)
        return True

    def _undo(self, saga: Saga) -> bool:
        step = self._steps[saga.step]
        try:
            step.undo(saga.order)
        except sqlite3.OperationalError as error:
            # There is no way out of an undo: it is tried until it is done.
            log.warning("%s: undo %s: %s", saga.order.order_id, step.name, error)
            return False
        self._move(saga, State.COMPENSATING, saga.step - 1, reason=saga.reason)
        return True

    def _finish(self, saga: Saga, end: State) -> None:
        """The end and the event about it are one transaction: nobody hears what did not happen."""
        event = {"type": f"Order{end.capitalize()}", "order_id": saga.order.order_id}
        if saga.reason:
            event["reason"] = saga.reason
        with transaction(self._path) as db:
            query = "UPDATE sagas SET state = ? WHERE order_id = ? AND state = ?"
            # Two orchestrators may have come this far; one of them tells.
            if db.execute(query, (end, saga.order.order_id, saga.state)).rowcount:
                db.execute("INSERT INTO outbox (event) VALUES (?)", (json.dumps(event),))
        log.info("%s %s %s", saga.order.order_id, end, saga.reason or "")

    def _relay(self) -> None:
        """Sends, then marks: a kill in between sends again, and the listener knows the id."""
        with transaction(self._path) as db:
            query = "SELECT event_id, event FROM outbox WHERE NOT sent ORDER BY event_id"
            waiting = db.execute(query).fetchall()
        for event_id, event in waiting:
            self._publish({**json.loads(event), "event_id": event_id})
            with transaction(self._path) as db:
                db.execute("UPDATE outbox SET sent = 1 WHERE event_id = ?", (event_id,))

    def _move(
        self, saga: Saga, state: State, step: int, attempts: int = 0, reason: Reason | None = None
    ) -> None:
        with transaction(self._path) as db:
            # Only from where it was read: another orchestrator may have been faster.
            db.execute(
                "UPDATE sagas SET state = ?, step = ?, attempts = ?, reason = ? "
                "WHERE order_id = ? AND state = ? AND step = ?",
                (state, step, attempts, reason, saga.order.order_id, saga.state, saga.step),
            )

    def _read(self, order_id: str) -> Saga:
        with transaction(self._path) as db:
            query = "SELECT * FROM sagas WHERE order_id = ?"
            *order, state, step, attempts, reason = db.execute(query, (order_id,)).fetchone()
        told = Reason(reason) if reason else None
        return Saga(Order(*order), State(state), step, attempts, told)

    def _unfinished(self) -> list[str]:
        with transaction(self._path) as db:
            query = "SELECT order_id FROM sagas WHERE state IN (?, ?) ORDER BY rowid"
            return [row[0] for row in db.execute(query, UNFINISHED)]


def make_orchestrator(folder: Path) -> Orchestrator:
    folder.mkdir(parents=True, exist_ok=True)
    stock = Ledger(folder / "stock.db", Reason.OUT_OF_STOCK, {"MILK-1": 10})
    money = Ledger(folder / "payments.db", Reason.NOT_ENOUGH_MONEY, {"ann": 1_000_00})
    listener = Listener(folder / "listener.db")
    steps = (
        Step(
            "reserve",
            lambda order: stock.take(order.order_id, order.sku, order.quantity),
            lambda order: stock.undo(order.order_id),
        ),
        Step(
            "pay",
            lambda order: money.take(order.order_id, order.customer, order.amount_minor),
            lambda order: money.undo(order.order_id),
        ),
    )
    return Orchestrator(folder / "orders.db", steps, listener.take)


def main(words: Sequence[str]) -> None:
    logging.basicConfig(level=logging.INFO)
    orchestrator = make_orchestrator(Path(os.environ.get("FOLDER", "data")))
    match words:
        case ["place", order_id, sku, quantity, customer, amount_minor]:
            order = Order(order_id, sku, int(quantity), customer, int(amount_minor))
            orchestrator.place(order)
            orchestrator.run()
        case ["run"]:
            stop = threading.Event()
            for one in (signal.SIGTERM, signal.SIGINT):
                signal.signal(one, lambda *_: stop.set())
            print("running", flush=True)
            # What was left is finished even if a signal comes at once.
            orchestrator.run()
            while not stop.wait(POLL_S):
                orchestrator.run()
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
