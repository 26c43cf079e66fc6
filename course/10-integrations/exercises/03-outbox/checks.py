"""Follows plans of clients, crashes and absences, and compares what is left with what was ordered.

`crash.py` of the starter runs a plan in the process of the learner's code; what its result means is
judged here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from stend.course.case import Case
from stend.course.sandbox.calls import RaisedError

_SCHEDULES = 200
_MANY_SCHEDULES = 400
# A call of the learner's process may take 2 s; so many plans take a twentieth of that.
_AT_ONCE = 20
_BEFORE, _AFTER = 9, 11
_HARNESS = "crash.py"
_KILLED = "is killed"
_PLACED, _CANCELLED = "OrderPlaced", "OrderCancelled"


class _Wrong(Enum):
    LOST = "lost"
    TWICE = "twice"
    INVENTED = "invented"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class _Order:
    order_id: str
    sku: str
    quantity: int

    def told(self) -> Mapping[str, Any]:
        return {"order_id": self.order_id, "sku": self.sku, "quantity": self.quantity}


@dataclass(frozen=True, slots=True)
class _Plan:
    orders: tuple[_Order, ...]
    actions: tuple[Any, ...]
    crashes: tuple[int, ...] = ()
    gives_up: bool = False
    back: int = 0
    meanwhile: tuple[int, Any] | None = None

    def told(self) -> Mapping[str, Any]:
        return {
            "actions": list(self.actions),
            "crashes": list(self.crashes),
            "gives_up": self.gives_up,
            "back": self.back,
            "meanwhile": self.meanwhile and list(self.meanwhile),
        }


@dataclass(frozen=True, slots=True)
class _Finding:
    kind: _Wrong
    ru: str
    en: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class _Run:
    plan: _Plan
    result: Any

    def findings(self) -> Iterator[_Finding]:
        yield from _invented(self.result)
        yield from _out_of_order(self.result["log"])
        for order in self.plan.orders:
            yield from _applied(order, self.result)


def works(case: Case) -> None:
    orders = _some_orders(case, 3)
    cancelled = orders[0].order_id
    actions = (*map(_place, orders), ["relay"], ["cancel", cancelled], ["relay"], ["deliver"])
    (run,) = _followed(case, [_Plan(orders, actions)])
    _no_problem(case, run)
    _as_promised(case, run, orders, cancelled)
    for message in run.result["log"]:
        if not ({"id", "type", "order_id"} <= set(message) and message["id"]):
            case.fail(
                "В сообщении нет id, type или order_id: по ним его узнают.",
                "A message lacks id, type or order_id, by which it is known.",
                expected={"id": "…", "type": _PLACED, "order_id": "…"},
                got=message,
            )
    _fail_on(case, [run], *_Wrong)


def broker_away(case: Case) -> None:
    orders = _some_orders(case, 3)
    first, *others = map(_place, orders)
    cancel = ["cancel", orders[0].order_id]
    actions = (["broker", "away"], first, ["relay"], cancel, *others, ["relay"])
    back = (["broker", "back"], ["relay"], ["deliver"])
    (run,) = _followed(case, [_Plan(orders, (*actions, *back))])
    if refused := run.result["refused"]:
        case.fail(
            f"Брокера нет, и {refused[0]} отказала покупателю. Магазин обязан работать и без "
            "брокера: сообщение подождёт.",
            f"The broker is away, and {refused[0]} refused the customer. The shop has to work "
            "without it: a message can wait.",
            expected=f"{refused[0]}() returns",
            got=_story(run),
        )
    _no_problem(case, run)
    _fail_on(case, [run], _Wrong.LOST, _Wrong.TWICE, _Wrong.INVENTED)


def nothing_lost(case: Case) -> None:
    runs = _crashed(case)
    for run in runs:
        _no_problem(case, run)
    _fail_on(case, runs, _Wrong.LOST)


def nothing_twice(case: Case) -> None:
    _fail_on(case, _crashed(case), _Wrong.TWICE)


def nothing_invented(case: Case) -> None:
    orders = _some_orders(case, 2)
    unknown = ["cancel", f"ord_{case.word(6)}"]
    plan = _Plan(orders, (_place(orders[0]), unknown, _place(orders[1]), ["relay"], ["deliver"]))
    _fail_on(case, [*_crashed(case), *_followed(case, [plan])], _Wrong.INVENTED)


def in_order(case: Case) -> None:
    orders = _some_orders(case, 4)
    cancels = [["cancel", one.order_id] for one in orders[:3]]
    plan = _Plan(orders, (*map(_place, orders), *cancels, ["relay"], ["deliver"]))
    _fail_on(case, [*_followed(case, [plan]), *_crashed(case)], _Wrong.ORDER)


def while_relaying(case: Case) -> None:
    *orders, late = _some_orders(case, 4)
    actions = (*map(_place, orders), ["relay"], ["deliver"])
    alone = _Plan(tuple(orders), actions)
    (run,) = _followed(case, [alone])
    every = [
        _Plan((*orders, late), actions, meanwhile=(step, _place(late)))
        for step in range(1, min(run.result["steps"], _SCHEDULES // 2) + 1)
    ]
    runs = list(_followed(case, every))
    for one in runs:
        _no_problem(case, one)
    _fail_on(case, runs, *_Wrong)


def relay_ends(case: Case) -> None:
    for run in _crashed(case):
        again = run.result["again"]
        if again:
            case.fail(
                f"Всё уже опубликовано, а relay публикует снова: {again}. "
                "Отправленное нужно помечать или удалять.",
                f"Everything is published, and relay publishes again: {again}. "
                "What is sent has to be marked, or removed.",
                expected="0",
                got=f"{again}\n\n{_story(run)}",
            )


def any_schedule(case: Case) -> None:
    runs: list[_Run] = []
    for _ in range(_MANY_SCHEDULES // _SCHEDULES):
        plans = [_any_plan(case, 90) for _ in range(_SCHEDULES)]
        runs = list(_followed(case, plans))
        for run in runs:
            _no_problem(case, run)
        _fail_on(case, runs, *_Wrong)


def _crashed(case: Case) -> list[_Run]:
    """A short plan with a crash before every step of it, and longer ones with more."""
    return case.once("crashed", lambda: list(_with_crashes(case)))


def _with_crashes(case: Case) -> Iterator[_Run]:
    orders = _some_orders(case, 2)
    cancel = ["cancel", orders[0].order_id]
    actions = (
        *map(_place, orders),
        *(["relay"], ["deliver"], cancel, ["relay"], ["deliver"], ["replay", 3]),
    )
    (alone,) = _followed(case, [_Plan(orders, actions)])
    plans = [
        _Plan(orders, actions, (step,), gives_up, back=case.dice.randint(0, 3))
        for gives_up in (False, True)
        for step in range(1, min(alone.result["steps"], _SCHEDULES // 2) + 1)
    ]
    yield alone
    steps = alone.result["steps"]
    plans += [_any_plan(case, steps + 20) for _ in range(_SCHEDULES - len(plans))]
    yield from _followed(case, plans)


def _any_plan(case: Case, steps: int) -> _Plan:
    dice = case.dice
    orders = _some_orders(case, dice.randint(2, 4))
    actions: list[Any] = []
    for order in orders:
        actions.append(_place(order))
        actions += dice.choice(_BETWEEN)
        if dice.random() < 0.4:
            actions.append(["cancel", dice.choice(orders).order_id])
    crashes = {dice.randint(1, steps) for _ in range(dice.randint(1, 3))}
    return _Plan(
        orders,
        (*actions, ["relay"], ["deliver"], ["replay", dice.randint(1, 4)]),
        tuple(sorted(crashes)),
        gives_up=dice.random() < 0.5,
        back=dice.randint(0, 3),
    )


_BETWEEN: tuple[list[Any], ...] = (
    [],
    [["relay"]],
    [["relay"], ["deliver"]],
    [["relay"], ["deliver"], ["replay", 2]],
    [["broker", "away"], ["relay"], ["broker", "back"]],
)


def _some_orders(case: Case, count: int) -> tuple[_Order, ...]:
    """Each with a product of its own: what the stock says of it is about this order alone."""
    return tuple(
        _Order(f"ord_{case.word(6)}", f"sku-{case.word(4)}{place}", case.dice.randint(1, 9))
        for place in range(count)
    )


def _place(order: _Order) -> list[Any]:
    return ["place", order.told()]


def _followed(case: Case, plans: list[_Plan]) -> Iterator[_Run]:
    harness = case.once("harness", lambda: _harness(case))
    for start in range(0, len(plans), _AT_ONCE):
        some = plans[start : start + _AT_ONCE]
        for plan, result in zip(some, harness([one.told() for one in some]), strict=True):
            yield _Run(plan, result)


def _harness(case: Case) -> Callable[[Any], Iterable[Any]]:
    own = Path(__file__).parent / "starter" / _HARNESS
    if case.read(_HARNESS).split() != own.read_text(encoding="utf-8").split():
        case.fail(
            f"{_HARNESS} изменён: проверка понимает только тот, что был выдан. Верните его.",
            f"{_HARNESS} was changed: the check understands the one that was handed out. "
            "Put it back.",
            where=_HARNESS,
        )
    module = case.module("crash")

    def run(plans: Any) -> Iterable[Any]:
        try:
            found: Any = module.call("run", plans)
        except RaisedError as error:
            case.fail(
                f"Модули не загружаются, или migrate не работает: {error.kind}: {error}",
                f"The modules cannot be loaded, or migrate does not work: {error.kind}: {error}",
                got=error.traceback,
            )
        return list(found)

    return run


def _no_problem(case: Case, run: _Run) -> None:
    problem = run.result["problem"]
    if problem is None:
        return
    name, raised = problem["function"], problem["raised"]
    if raised is None:
        case.fail(
            f"{name} вернулась посреди транзакции: если процесс сейчас погибнет, всё пропадёт.",
            f"{name} came back in the middle of a transaction: if the process dies now, "
            "all of it is gone.",
            expected="COMMIT",
            got=_end(run),
        )
    again = _is_repeated(run.result, name)
    if again and name == "handle":
        case.fail(
            f"handle упала на сообщении, которое пришло повторно: {raised}. Брокер будет отдавать "
            "его снова и снова, и все, что за ним, не дойдут никогда.",
            f"handle raised on a message that came again: {raised}. The broker will hand it over "
            "for ever, and what is behind it never arrives.",
            expected="handle() returns",
            got=_end(run),
        )
    if again and name != "relay":
        case.fail(
            f"{name} упала, когда покупатель, не услышав ответа, пришёл ещё раз: {raised}.",
            f"{name} raised when the customer, who had heard no answer, came again: {raised}.",
            expected=f"{name}() returns",
            got=_end(run),
        )
    case.fail(
        f"{name} упала: {raised}.",
        f"{name} raised: {raised}.",
        expected=f"{name}() returns",
        got=f"{problem['traceback']}\n{_end(run)}",
    )


def _is_repeated(result: Any, name: str) -> bool:
    told = [line for line in result["story"] if line.strip().startswith(f"{name}(")]
    return len(told) != len(set(told))


def _as_promised(case: Case, run: _Run, orders: Iterable[_Order], cancelled: str) -> None:
    wanted = {
        one.order_id: "cancelled" if one.order_id == cancelled else "placed" for one in orders
    }
    if run.result["orders"] != wanted:
        case.fail(
            "В таблице orders не те заказы, что оформили и отменили покупатели.",
            "The table orders does not hold what customers placed and cancelled.",
            expected=wanted,
            got=run.result["orders"],
        )


def _fail_on(case: Case, runs: Iterable[_Run], *kinds: _Wrong) -> None:
    """The run with the fewest crashes is told: it is read the quickest."""
    wrong = [(run, finding) for run in runs for finding in run.findings() if finding.kind in kinds]
    if not wrong:
        return
    run, finding = min(wrong, key=lambda one: (len(one[0].plan.crashes), len(one[0].plan.actions)))
    before = ", ".join(line.split()[0] for line in run.result["story"] if _KILLED in line)
    case.fail(
        finding.ru + (f" Процесс погиб перед шагом {before}." if before else ""),
        finding.en + (f" A process died before step {before}." if before else ""),
        expected=finding.expected,
        got=f"{finding.got}\n\n{_story(run)}",
    )


def _applied(order: _Order, result: Any) -> Iterator[_Finding]:
    status = result["orders"].get(order.order_id)
    taken, returned = result["stock"].get(order.sku, [0, 0])
    due = (
        ("taken", taken, order.quantity if status else 0, _PLACED),
        ("returned", returned, order.quantity if status == "cancelled" else 0, _CANCELLED),
    )
    for column, found, wanted, kind in due:
        # What nobody ordered is told as a message that was made up.
        if found == wanted or (wanted == 0 and found > 0):
            continue
        yield _missed(order, column, found, wanted, kind, _was_published(result, order, kind))


def _missed(
    order: _Order, column: str, found: int, wanted: int, kind: str, was_published: bool
) -> _Finding:
    expected, got = f"{order.sku}: {column} {wanted}", f"{order.sku}: {column} {found}"
    if found > wanted:
        return _Finding(
            _Wrong.TWICE,
            f"Склад учёл {kind} заказа {order.order_id} больше одного раза.",
            f"The warehouse applied {kind} of order {order.order_id} more than once.",
            expected,
            got,
        )
    if was_published:
        return _Finding(
            _Wrong.LOST,
            f"{kind} заказа {order.order_id} дошло до склада, а остаток не изменился.",
            f"{kind} of order {order.order_id} has reached the warehouse, and its stock has not "
            "changed.",
            expected,
            got,
        )
    return _Finding(
        _Wrong.LOST,
        f"Заказ {order.order_id} в базе магазина есть, а {kind} так и не опубликовано.",
        f"Order {order.order_id} is in the shop's database, and its {kind} is never published.",
        expected,
        got,
    )


def _was_published(result: Any, order: _Order, kind: str) -> bool:
    return any(
        (one.get("order_id"), one.get("type")) == (order.order_id, kind) for one in result["log"]
    )


def _invented(result: Any) -> Iterator[_Finding]:
    for message in result["log"]:
        order_id, kind = str(message.get("order_id")), message.get("type")
        status = result["orders"].get(order_id)
        allowed = {None: (), "placed": (_PLACED,), "cancelled": (_PLACED, _CANCELLED)}[status]
        if kind not in allowed:
            yield _Finding(
                _Wrong.INVENTED,
                f"Опубликовано {kind} заказа {order_id}, а в базе магазина этого не было.",
                f"{kind} of order {order_id} was published, and the shop's database has nothing "
                "of the kind.",
                f"{order_id}: {status}",
                str(message),
            )


def _out_of_order(log: Any) -> Iterator[_Finding]:
    first: dict[tuple[str, str], int] = {}
    for place, message in enumerate(log):
        first.setdefault((str(message.get("order_id")), str(message.get("type"))), place)
    for (order_id, kind), place in first.items():
        if kind == _CANCELLED and place < first.get((order_id, _PLACED), -1):
            yield _Finding(
                _Wrong.ORDER,
                f"Отмена заказа {order_id} опубликована раньше, чем сам заказ.",
                f"The cancellation of order {order_id} was published before the order itself.",
                f"{_PLACED}, {_CANCELLED}",
                f"{_CANCELLED}, {_PLACED}",
            )


def _end(run: _Run) -> str:
    """What happened last."""
    return "\n".join(run.result["story"][-2 * _BEFORE :])


def _story(run: _Run) -> str:
    """What happened around the crashes; all of it where nobody died."""
    lines: list[str] = run.result["story"]
    marked = [place for place, line in enumerate(lines) if _KILLED in line or "meanwhile" in line]
    if not marked:
        return "\n".join(lines[-_BEFORE * 3 :])
    shown: list[str] = []
    last = 0
    for place in marked:
        start = max(last, place - _BEFORE)
        shown += ["    …"] * (start > last) + lines[start : place + _AFTER]
        last = place + _AFTER
    return "\n".join(shown)
