"""A queue, a database and a carrier around your consumer. Do not edit.

    python broker.py           nobody is killed
    python broker.py 7 19      the consumer dies before its 7th step and before its 19th

A step is a call of the broker, the database or the carrier. With the process everything that it had
in memory is gone; the queue and the database stay. Time is not waited for: when nothing is left to
do, the clock goes on to the next delayed message. The checks run this very file.
"""

import contextlib
import heapq
import io
import json
import sys
import traceback
import types
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
QUEUE, DLQ = "orders", "orders.dlq"
MOST_DELIVERIES = 600
MOST_STORY = 80


class Crash(BaseException):
    """kill -9: no handler of the program sees it."""


class Stop(BaseException):
    """It cannot be followed any further; the result says why."""


class Broker:
    """The channel of the consumer: it has one message at a time, and the next after an answer."""

    def __init__(self, world: "World") -> None:
        self._world = world

    def ack(self) -> None:
        """The message is done, and gone."""
        self._world.step("ack")
        self._world.answered = "ack"

    def nack(self) -> None:
        """The message goes back to where it was, at once."""
        self._world.step("nack")
        self._world.answered = "nack"
        self._world.nacks += 1

    def publish(self, queue: str, message: dict[str, Any], delay_s: float = 0) -> None:
        """Confirmed by the broker. A delayed message comes to the end of the queue in its time.

        Args:
            queue: `orders` or `orders.dlq`.
            message: has id, headers and body.
        """
        self._world.step(f"publish {queue} +{delay_s:g} s {message.get('id')}")
        self._world.publish(queue, json.loads(json.dumps(message)), delay_s)


class Database:
    """Values by keys."""

    def __init__(self, world: "World") -> None:
        self._world = world

    def get(self, key: str, default: Any = None) -> Any:
        self._world.step(f"get {key}")
        found = self._world.values.get(key)
        return default if found is None else json.loads(found)

    def write(self, values: dict[str, Any]) -> None:
        """Writes all of them in one transaction."""
        told = {key: json.dumps(value) for key, value in values.items()}
        self._world.step(f"write {', '.join(told)}")
        self._world.values.update(told)


class Carrier:
    def __init__(self, world: "World") -> None:
        self._world = world

    def book(self, body: dict[str, Any]) -> None:
        """Books a step of an order. The same step may be booked twice: that changes nothing.

        Raises:
            TimeoutError: not now; it may do later.
            ValueError: never.
        """
        self._world.step(f"book {body}")
        order_id, number = body["order_id"], body["step"]
        self._world.book(order_id, number)


class World:
    """What outlives the consumer."""

    def __init__(self, plan: dict[str, Any], code: Any) -> None:
        self.code = code
        self.now = 0.0
        self.queue: list[dict[str, Any]] = []
        self.values: dict[str, str] = {}
        self.dlq: list[dict[str, Any]] = []
        self.booked: list[tuple[str, int, float, bool]] = []
        self.nacks = self.steps = self.deliveries = 0
        self.answered: str | None = None
        self.story: list[str] = []
        self.problem: dict[str, Any] | None = None
        self._crashes = set(plan.get("crashes", ()))
        self._busy: dict[str, int] = dict(plan.get("busy", {}))
        self._never = set(plan.get("never", ()))
        self._later: list[tuple[float, int, dict[str, Any]]] = []
        self._count = 0
        self._consumer: Any = None
        for message in plan["messages"]:
            self.queue.append(json.loads(json.dumps(message)))

    def publish(self, queue: str, message: dict[str, Any], delay_s: float) -> None:
        if queue == DLQ:
            self.dlq.append(message)
        elif queue != QUEUE:
            raise LookupError(f"there is no queue {queue}")
        elif delay_s > 0:
            self._count += 1
            heapq.heappush(self._later, (self.now + delay_s, self._count, message))
        else:
            self.queue.append(message)

    def book(self, order_id: str, number: int) -> None:
        name = f"{order_id} {number}"
        is_busy = self._busy.get(name, 0) > 0
        if is_busy:
            self._busy[name] -= 1
        is_done = not is_busy and name not in self._never
        self.booked.append((order_id, number, self.now, is_done))
        if is_busy:
            self.tell("TimeoutError")
            raise TimeoutError("the carrier does not answer")
        if not is_done:
            self.tell("ValueError")
            raise ValueError("no such street")

    def follow(self) -> dict[str, Any]:
        with contextlib.suppress(Stop):
            while self._has_next():
                self._deliver()
        steps = {key[6:]: json.loads(value) for key, value in self.values.items() if _is_steps(key)}
        return {
            "steps": steps,
            "dlq": self.dlq,
            "booked": self.booked,
            "nacks": self.nacks,
            "count": self.steps,
            "story": self.story[:MOST_STORY],
            "problem": self.problem,
        }

    def step(self, what: str) -> None:
        self.steps += 1
        self.tell(what, self.steps)
        if self.steps in self._crashes:
            self.tell("* killed before it")
            raise Crash

    def tell(self, what: str, step: int | None = None) -> None:
        self.story.append(f"{'' if step is None else step:>3} {what[:120]}")

    def stop(self, kind: str, told: str = "") -> None:
        self.problem = {"kind": kind, "told": told}
        raise Stop

    def _has_next(self) -> bool:
        if not self.queue and self._later:
            self.now, _, message = heapq.heappop(self._later)
            self.queue.append(message)
        while self._later and self._later[0][0] <= self.now:
            self.queue.append(heapq.heappop(self._later)[2])
        return bool(self.queue)

    def _deliver(self) -> None:
        self.deliveries += 1
        if self.deliveries > MOST_DELIVERIES:
            self.stop("spins")
        message = self.queue[0]
        self.tell(f"--- at {self.now:g} s: {message['id']} {message['body']}")
        self.answered = None
        given = json.loads(json.dumps(message))
        try:
            if self._consumer is None:
                self._consumer = types.ModuleType("consumer")
                exec(self.code, self._consumer.__dict__)  # noqa: S102 - the learner's own module
            self._consumer.handle(given, Broker(self), Database(self), Carrier(self))
        except Crash:
            self._consumer = None
        except Exception as error:  # noqa: BLE001 - whatever the learner's function raises
            told = "".join(traceback.format_exception(error)[2:])
            self.tell(f"handle raised {type(error).__name__}: {error}")
            self.stop("raised", told)
        else:
            if self.answered is None:
                self.stop("silent")
        # A message that was acknowledged is gone, even when the consumer dies right after.
        if self.answered == "ack":
            self.queue.pop(0)


def _is_steps(key: str) -> bool:
    return key.startswith("steps:")


def run(plans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Follows each plan; returns what the queue, the database and the carrier had at its end."""
    source = (HERE / "consumer.py").read_text(encoding="utf-8")
    code = compile(source, str(HERE / "consumer.py"), "exec")
    with contextlib.redirect_stdout(io.StringIO()):
        return [World(plan, code).follow() for plan in plans]


def main() -> None:
    places = [("ord_a", 1), ("ord_b", 1), ("ord_a", 2), ("ord_b", 2), ("ord_c", 1)]
    messages = [
        {"id": f"m{number}", "headers": {}, "body": {"order_id": order, "step": step}}
        for number, (order, step) in enumerate(places, 1)
    ]
    crashes = [int(one) for one in sys.argv[1:]]
    plan = {
        "messages": messages,
        "busy": {"ord_a 1": 2},
        "never": ["ord_c 1"],
        "crashes": crashes,
    }
    (result,) = run([plan])
    print(*result.pop("story"), sep="\n")
    for name, value in result.items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
