"""Kills the shop and the warehouse between any two steps, and tells the story. Do not edit.

    python crash.py           nobody is killed
    python crash.py 7         the process dies before its 7th step
    python crash.py 7 19      twice

A step is a call of the database or of the broker, an answer to a client, an acknowledgement to the
broker. With a process everything that it had in memory is gone; the two database files and the
broker stay. The checks run this very file.
"""

import contextlib
import io
import json
import sqlite3
import sys
import tempfile
import traceback
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TABLES = {
    "shop": """CREATE TABLE orders (
        order_id TEXT PRIMARY KEY, sku TEXT NOT NULL, quantity INTEGER NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('placed', 'cancelled')))""",
    "warehouse": """CREATE TABLE stock (
        sku TEXT PRIMARY KEY, taken INTEGER NOT NULL, returned INTEGER NOT NULL)""",
}
ROUNDS = 12


class Crash(BaseException):
    """kill -9: no handler of the program sees it."""


class Stop(BaseException):
    """The program cannot be followed any further; the result says why."""


class Cursor(sqlite3.Cursor):
    def execute(self, sql: str, parameters: Any = ()) -> "Cursor":
        self.connection.step(f"{sql} {list(parameters) if parameters else ''}")
        return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any) -> "Cursor":
        for one in parameters:
            self.execute(sql, one)
        return self

    def executescript(self, script: str) -> "Cursor":
        self.connection.executescript(script)
        return self


class Database(sqlite3.Connection):
    """An ordinary connection of sqlite3, every call of which is a step."""

    def __init__(self, path: Path, step: Callable[[str], None]) -> None:
        super().__init__(path, timeout=0)
        self.step = step
        super().execute("PRAGMA synchronous=OFF")

    def cursor(self, factory: Any = Cursor) -> Any:
        return super().cursor(factory)

    def execute(self, sql: str, parameters: Any = ()) -> Any:
        return self.cursor().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any) -> Any:
        return self.cursor().executemany(sql, parameters)

    def executescript(self, script: str) -> Any:
        # As sqlite3 does it: what was begun is committed, and nothing is begun by itself.
        self.commit()
        level, self.isolation_level = self.isolation_level, None
        piece = ""
        for part in script.split(";"):
            piece += part + ";"
            if sqlite3.complete_statement(piece) and part.strip():
                self.execute(piece)
                piece = ""
        self.isolation_level = level
        return self.cursor()

    def commit(self) -> None:
        self.step("COMMIT")
        super().commit()

    def rollback(self) -> None:
        self.step("ROLLBACK")
        super().rollback()

    def __exit__(self, kind: Any, error: Any, where: Any) -> bool:
        if kind is None:
            self.commit()
        elif not issubclass(kind, Crash):
            self.rollback()
        return False


class Broker:
    """Takes messages in. Each is handed to the warehouse at least once."""

    def __init__(self, world: "World", step: Callable[[str], None]) -> None:
        self._world = world
        self._step = step

    def publish(self, message: dict[str, Any]) -> None:
        """
        Raises:
            ConnectionError: the broker is away.
        """
        taken = json.loads(json.dumps(message))
        self._step(f"publish {taken}")
        if self._world.is_away:
            raise ConnectionError("the broker does not answer")
        self._world.log.append(taken)


class Process:
    """The shop or the warehouse, from a start to an end."""

    def __init__(self, world: "World", name: str, *, counts: bool = True) -> None:
        self.world = world
        self.name = name
        self.counts = counts
        self.is_dead = False
        self.db = Database(world.folder / f"{name}.db", self.step)
        self.broker = Broker(world, self.step)
        self.module = types.ModuleType(name)
        self.module.__file__ = str(HERE / f"{name}.py")
        sys.modules[name] = self.module
        exec(world.code[name], self.module.__dict__)  # noqa: S102 - the learner's own module

    def step(self, what: str) -> None:
        if self.is_dead:
            raise Crash
        if self.counts:
            self.world.count(self)
        self.world.tell(" ".join(what.split()), self.world.steps if self.counts else None)

    def call(self, function: str, *arguments: Any) -> None:
        """
        Raises:
            Crash: the process has died in it.
            ConnectionError: the learner's function lets it pass, and the broker is away.
            Stop: it raised something else, or left a transaction open.
        """
        self.world.tell(f"{function}({', '.join(map(str, arguments))})")
        given = (self.db,) if self.name == "warehouse" else (self.db, self.broker)
        try:
            getattr(self.module, function)(*given, *arguments)
        except Exception as error:  # noqa: BLE001 - whatever the learner's function raises
            self._raised(function, error)
        if self.is_dead:
            raise Crash
        if self.db.in_transaction:
            self.world.stop(function, None)

    def _raised(self, function: str, error: Exception) -> None:
        self.world.tell(f"{type(error).__name__}: {error}")
        if self.world.was_disturbed and "locked" in str(error):
            # Two processes wrote at a time, and one is refused by SQLite: it begins anew.
            raise Crash from error
        if self.world.is_away and isinstance(error, ConnectionError):
            raise error
        self.world.stop(function, error)

    def end(self) -> None:
        self.is_dead = True
        self.db.close()


class World:
    """What outlives a process.

    Attributes:
        log: messages that the broker has taken in.
        position: of the next one that the warehouse gets.
        steps: so far.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.code: dict[str, Any] = {}
        self._kept: dict[str, sqlite3.Connection] = {}
        self._empty: dict[str, sqlite3.Connection] = {}
        for name, table in TABLES.items():
            source = (HERE / f"{name}.py").read_text(encoding="utf-8")
            self.code[name] = compile(source, str(HERE / f"{name}.py"), "exec")
            kept = self._kept[name] = sqlite3.connect(folder / f"{name}.db", timeout=0)
            kept.execute("PRAGMA journal_mode=WAL")
            kept.execute("PRAGMA synchronous=OFF")
            kept.execute(table)
            kept.commit()
        self.begin({"actions": [], "crashes": []})
        for name in TABLES:
            process = Process(self, name, counts=False)
            process.module.migrate(process.db)
            process.db.commit()
            process.end()
            self._empty[name] = sqlite3.connect(":memory:")
            self._kept[name].backup(self._empty[name])

    def begin(self, plan: dict[str, Any]) -> None:
        """Everything as it was after the migrations, and a plan to follow."""
        for name, empty in self._empty.items():
            empty.backup(self._kept[name])
        self.plan = plan
        self.crashes = set(plan["crashes"])
        self.log: list[dict[str, Any]] = []
        self.position = self.steps = 0
        self.is_away = self.was_disturbed = False
        self.meanwhile = plan.get("meanwhile")
        self.refused: list[str] = []
        self.story: list[str] = []
        self.problem: dict[str, Any] | None = None
        self._running: dict[str, Process] = {}
        stock = [(one[1]["sku"],) for one in self._all_actions() if one[0] == "place"]
        if stock:
            self._kept["warehouse"].executemany("INSERT INTO stock VALUES (?, 0, 0)", stock)
            self._kept["warehouse"].commit()

    def follow(self) -> dict[str, Any]:
        again = None
        try:
            for action in self.plan["actions"]:
                self._do(action)
            again = self._settle()
        except Stop:
            pass
        for name in list(self._running):
            self._end(name)
        orders = self._kept["shop"].execute("SELECT order_id, status FROM orders")
        stock = self._kept["warehouse"].execute("SELECT sku, taken, returned FROM stock")
        return {
            "orders": dict(orders.fetchall()),
            "stock": {sku: [taken, returned] for sku, taken, returned in stock.fetchall()},
            "log": self.log,
            "refused": self.refused,
            "again": again,
            "steps": self.steps,
            "story": self.story,
            "problem": self.problem,
        }

    def count(self, process: Process) -> None:
        """One step more. Here processes die, and others come in between."""
        self.steps += 1
        if self.steps in self.crashes:
            self.tell(f"* the {process.name} is killed", self.steps)
            process.is_dead = True
            raise Crash
        # Two writers at a time is what SQLite does not have: the other one waits for its turn.
        waited = self.meanwhile and self.steps >= self.meanwhile[0]
        if waited and process.name == "shop" and not process.db.in_transaction:
            _, other = self.meanwhile
            self.meanwhile = None
            self.was_disturbed = True
            self.tell("meanwhile, in another process of the shop:")
            beside = Process(self, "shop", counts=False)
            try:
                beside.call(*_named(other))
            finally:
                beside.end()
            self.tell("back in the first one:")

    def tell(self, what: str, step: int | None = None) -> None:
        mark = "   " if step is None else f"{step:>3}"
        self.story.append(f"{mark} {what[:150]}")

    def stop(self, function: str, error: Exception | None) -> None:
        """
        Args:
            error: what the learner's function raised; None where it left a transaction open.
        """
        raised = f"{type(error).__name__}: {error}" if error else None
        told = "".join(traceback.format_exception(error)[2:]) if error else ""
        self.problem = {"function": function, "raised": raised, "traceback": told}
        raise Stop

    def _all_actions(self) -> list[list[Any]]:
        return [*self.plan["actions"], *([self.meanwhile[1]] if self.meanwhile else [])]

    def close(self) -> None:
        for one in (*self._kept.values(), *self._empty.values()):
            one.close()

    def _do(self, action: list[Any]) -> None:
        match action:
            case ["broker", state]:
                self.is_away = state == "away"
                self.tell(f"the broker is {state}")
            case ["deliver"]:
                self._deliver()
            case ["replay", count]:
                self.position = max(0, self.position - count)
                self.tell(f"the broker hands over the last {count} messages again")
                self._deliver()
            case ["relay"]:
                self._relay()
            case _:
                self._client(action)

    def _client(self, action: list[Any]) -> None:
        """A client that hears no answer comes again, unless the plan says that it gives up."""
        while True:
            try:
                shop = self._process("shop")
                shop.call(*_named(action))
                shop.step("answer to the client")
            except Crash:
                self._end("shop")
                if self.plan.get("gives_up"):
                    return
            except ConnectionError:
                self._end("shop")
                self.refused.append(_named(action)[0])
                return
            else:
                return

    def _relay(self) -> None:
        while True:
            try:
                self._process("shop").call("relay")
            except Crash:
                self._end("shop")
            except ConnectionError:
                self._end("shop")
                return
            else:
                return

    def _deliver(self) -> None:
        while self.position < len(self.log):
            message = json.loads(json.dumps(self.log[self.position]))
            try:
                warehouse = self._process("warehouse")
                warehouse.call("handle", message)
                warehouse.step("acknowledge")
            except Crash:
                self._end("warehouse")
                # A broker knows only what was acknowledged, and that not always to the last.
                self.position = max(0, self.position - self.plan.get("back", 0))
            else:
                self.position += 1

    def _settle(self) -> int:
        """Everybody is there again and has time. Returns what the last relay still published."""
        self.is_away = False
        self.tell("now everybody has time:")
        told: set[str] = set()
        for _ in range(ROUNDS):
            before = len(self.log)
            self._relay()
            fresh = {str(one.get("id")) for one in self.log[before:]} - told
            # Nothing, or the same as in the round before: it would go on like this for ever.
            if not fresh:
                break
            told |= fresh
        self._deliver()
        before = len(self.log)
        self._relay()
        again = len(self.log) - before
        if self.was_disturbed:
            self._relay()
        self._deliver()
        return again

    def _process(self, name: str) -> Process:
        if name not in self._running:
            self._running[name] = Process(self, name)
        return self._running[name]

    def _end(self, name: str) -> None:
        self._running.pop(name).end()


def run(plans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As `follow_all`; whatever the learner's code prints, two hundred times, is dropped."""
    with contextlib.redirect_stdout(io.StringIO()):
        return follow_all(plans)


def follow_all(plans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Follows each plan; returns what the database files and the broker had at its end."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        world = World(Path(folder))
        results = []
        for plan in plans:
            world.begin(plan)
            results.append(world.follow())
        world.close()
    return results


def _named(action: list[Any]) -> tuple[str, Any]:
    """The learner's function and what it is given."""
    return {"place": "place_order", "cancel": "cancel_order"}[action[0]], action[1]


def main() -> None:
    milk = {"order_id": "ord_milk", "sku": "MILK", "quantity": 2}
    bread = {"order_id": "ord_bread", "sku": "BREAD", "quantity": 1}
    actions = [["place", milk], ["place", bread], ["relay"], ["cancel", "ord_milk"], ["relay"]]
    crashes = [int(one) for one in sys.argv[1:]]
    (result,) = follow_all([{"actions": [*actions, ["deliver"]], "crashes": crashes}])
    print(*result.pop("story"), sep="\n")
    for name, value in result.items():
        print(f"{name}: {value}")
    if result["problem"]:
        print(result["problem"]["traceback"])


if __name__ == "__main__":
    main()
