"""Follows plans of deliveries, failures and crashes, and compares what is left with what was sent.

`broker.py` of the starter runs a plan in the process of the learner's code; what its result means
is judged here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from stend.course.case import Case

_HARNESS = "broker"
_TRIES = 4
_FOREVER = 10_000
_AT_ONCE = 25
_MOST_CRASHES, _PAIRS = 200, 50
_Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Plan:
    """
    Attributes:
        busy: how often the carrier has no time, by the order and the step.
        never: what it refuses for good.
    """

    messages: Sequence[_Message]
    busy: Mapping[str, int] = field(default_factory=dict)
    never: Sequence[str] = ()
    crashes: Sequence[int] = ()

    def told(self) -> dict[str, Any]:
        return {
            "messages": list(self.messages),
            "busy": dict(self.busy),
            "never": list(self.never),
            "crashes": list(self.crashes),
        }

    def dead(self) -> Sequence[_Message]:
        return [one for one in self.messages if self._is_dead(one)]

    def steps(self) -> Mapping[str, list[int]]:
        """Those that have to be there in the end, in this order."""
        wanted: dict[str, list[int]] = {}
        for one in self.messages:
            if not self._is_dead(one):
                steps = wanted.setdefault(one["body"]["order_id"], [])
                if one["body"]["step"] not in steps:
                    steps.append(one["body"]["step"])
        return wanted

    def _is_dead(self, message: _Message) -> bool:
        body = message["body"]
        if not isinstance(body, dict) or not {"order_id", "step"} <= set(body):
            return True
        name = f"{body['order_id']} {body['step']}"
        return name in self.never or self.busy.get(name, 0) >= _TRIES


def works(case: Case) -> None:
    plan = _Plan(_messages(case, 3, 3))
    (result,) = _followed(case, [plan])
    _fail_on(case, plan, result)
    if result["dlq"]:
        case.fail(
            "Ничего не сломалось, а в orders.dlq что-то лежит.",
            "Nothing was wrong, and there is something in orders.dlq.",
            expected=[],
            got=result["dlq"],
        )


def temporary(case: Case) -> None:
    messages = _messages(case, 3, 1)
    name = _name(messages[0])
    plan = _Plan(messages, busy={name: 2})
    (result,) = _followed(case, [plan])
    _no_spin(case, result)
    _fail_on(case, plan, result)
    _pauses(case, result, messages[0], 3)
    others = [one for one in result["booked"] if f"{one[0]} {one[1]}" != name]
    if late := [one for one in others if one[2] > 0]:
        case.fail(
            "Перевозчик не ответил про один заказ, и остальные заказы ждали вместе с ним.",
            "The carrier did not answer about one order, and other orders waited with it.",
            expected=f"{late[0][0]}: 0 s",
            got=f"{late[0][0]}: {late[0][2]:g} s\n\n{_story(result)}",
        )


def gives_up(case: Case) -> None:
    messages = _messages(case, 2, 1)
    plan = _Plan(messages, busy={_name(messages[0]): _FOREVER})
    (result,) = _followed(case, [plan])
    _no_spin(case, result)
    _pauses(case, result, messages[0], _TRIES)
    _fail_on(case, plan, result)
    _buried(case, result, messages[0])


def poison(case: Case) -> None:
    messages = _messages(case, 3, 1)
    plan = _Plan(messages, never=[_name(messages[1])])
    (result,) = _followed(case, [plan])
    _no_spin(case, result)
    tried = _times(result, messages[1])
    if len(tried) > 1:
        case.fail(
            f"Перевозчик сказал «никогда», а его спросили {len(tried)} раз: повторять незачем.",
            f"The carrier said never, and it was asked {len(tried)} times: there is no point in "
            "trying again.",
            expected="1",
            got=_story(result),
        )
    _fail_on(case, plan, result)
    _buried(case, result, messages[1])


def malformed(case: Case) -> None:
    good = _messages(case, 2, 1)
    bodies: Sequence[Any] = (None, {}, {"order_id": f"ord_{case.word()}"}, {"step": 1}, [], "ord_1")
    bad = [{"id": case.word(), "headers": {}, "body": body} for body in bodies]
    plan = _Plan([good[0], *bad, good[1]])
    (result,) = _followed(case, [plan])
    _fail_on(case, plan, result)
    for one in bad:
        _buried(case, result, one)


def duplicates(case: Case) -> None:
    messages = _messages(case, 2, 3)
    again = [*messages[:4], *messages, messages[0]]
    plans = [
        _Plan(again),
        _Plan(again, busy={_name(messages[0]): 1}),
        _Plan([*messages, *messages], busy={_name(messages[2]): 2}),
    ]
    for plan, result in zip(plans, _followed(case, plans), strict=True):
        _fail_on(case, plan, result)


def order(case: Case) -> None:
    messages = _messages(case, 2, 4)
    first, third = _name(messages[0]), _name(messages[4])
    plans = [
        _Plan(messages, busy={first: 1}),
        _Plan(messages, busy={first: 3, third: 2}),
        _Plan(messages, busy={first: _FOREVER}),
        _Plan(messages, busy={third: 2}, never=[first]),
    ]
    for plan, result in zip(plans, _followed(case, plans), strict=True):
        _fail_on(case, plan, result)


def crashes(case: Case) -> None:
    messages = _messages(case, 3, 2)
    names = [_name(one) for one in messages]
    story = _Plan(
        [*messages, messages[3]], busy={names[0]: 2, names[1]: _FOREVER}, never=[names[2]]
    )
    (calm,) = _followed(case, [story])
    _fail_on(case, story, calm)
    count = calm["count"]
    # Before every step; where somebody takes very many of them, before some.
    numbers = range(1, count + 1, 1 + count // _MOST_CRASHES)
    plans = [_Plan(story.messages, story.busy, story.never, [number]) for number in numbers]
    for _ in range(_PAIRS):
        pair = [case.dice.randint(1, count), case.dice.randint(1, count)]
        plans.append(_Plan(story.messages, story.busy, story.never, pair))
    for plan, result in zip(plans, _followed(case, plans), strict=True):
        _fail_on(case, plan, result)


# ---- plans ---------------------------------------------------------------------------------------


def _messages(case: Case, orders: int, steps: int) -> list[_Message]:
    """Steps of several orders, mixed; those of one order as they follow."""
    names = [f"ord_{case.word()}" for _ in range(orders)]
    return [
        {
            "id": f"msg_{case.word()}",
            "headers": {},
            "body": {"order_id": name, "step": step, "note": case.word()},
        }
        for step in range(1, steps + 1)
        for name in names
    ]


def _name(message: _Message) -> str:
    return f"{message['body']['order_id']} {message['body']['step']}"


def _followed(case: Case, plans: Sequence[_Plan]) -> list[Any]:
    module = case.module(_HARNESS)
    results: list[Any] = []
    for begin in range(0, len(plans), _AT_ONCE):
        told: Any = module.call("run", [one.told() for one in plans[begin : begin + _AT_ONCE]])
        results += told
    return results


# ---- what came of it -----------------------------------------------------------------------------


def _fail_on(case: Case, plan: _Plan, result: Any) -> None:
    _no_problem(case, result)
    for ru, en, expected, got in _wrong(plan, result):
        killed = ", ".join(map(str, sorted(plan.crashes)))
        case.fail(
            f"{ru} Потребитель умирал перед шагом {killed}." if killed else ru,
            f"{en} The consumer died before step {killed}." if killed else en,
            expected=str(expected),
            got=f"{got}\n\n{_story(result)}",
        )


def _wrong(plan: _Plan, result: Any) -> Iterator[tuple[str, str, object, object]]:
    buried = {one.get("id") for one in result["dlq"]}
    for order_id, wanted in plan.steps().items():
        got = result["steps"].get(order_id, [])
        if twice := [one for one in got if got.count(one) > 1]:
            yield (
                f"Шаг {twice[0]} заказа {order_id} записан дважды.",
                f"Step {twice[0]} of {order_id} is written twice.",
                wanted,
                got,
            )
        if lost := [one for one in wanted if one not in got]:
            yield (
                f"Шаг {lost[0]} заказа {order_id} потерян: ни в базе, ни в очереди.",
                f"Step {lost[0]} of {order_id} is lost: neither in the database nor in a queue.",
                wanted,
                got,
            )
        if got != wanted:
            yield (
                f"Шаги заказа {order_id} записаны не по порядку или лишние.",
                f"Steps of {order_id} are written out of order, or are too many.",
                wanted,
                got,
            )
    for message in plan.dead():
        if message["id"] not in buried:
            yield (
                f"{message['id']} не обработать, а в orders.dlq его нет: сообщение потеряно.",
                f"{message['id']} cannot be done, and is not in orders.dlq: the message is lost.",
                message["id"],
                sorted(map(str, buried)),
            )
    dead = {one["id"] for one in plan.dead()}
    for one in buried - dead:
        yield (
            f"{one} обработать можно, а оно в orders.dlq.",
            f"{one} can be done, and it is in orders.dlq.",
            sorted(dead),
            sorted(map(str, buried)),
        )


def _no_problem(case: Case, result: Any) -> None:
    problem = result["problem"]
    if not problem:
        return
    kinds = {
        "spins": (
            "Очередь не пустеет: сообщения крутятся без конца.",
            "The queue never gets empty: messages go round without an end.",
        ),
        "silent": (
            "handle вернулась, не сказав ни ack, ни nack: брокер ждёт ответа и молчит.",
            "handle came back with neither ack nor nack: the broker waits for an answer.",
        ),
        "raised": (
            "handle упала с исключением: сообщение вернётся, и она упадёт снова.",
            "handle raised an exception: the message will come back, and it will raise again.",
        ),
    }
    ru, en = kinds[problem["kind"]]
    case.fail(ru, en, expected="ack", got=f"{problem['told']}\n{_story(result)}".strip())


def _no_spin(case: Case, result: Any) -> None:
    if result["nacks"]:
        case.fail(
            f"nack вернул сообщение в очередь немедленно, раз: {result['nacks']}. Причина за "
            "миллисекунду не прошла: повторяют с задержкой.",
            f"nack put a message back at once, times: {result['nacks']}. Within a millisecond the "
            "cause has not gone: a retry has a delay.",
            expected="0 nack",
            got=_story(result),
        )


def _pauses(case: Case, result: Any, message: _Message, tries: int) -> None:
    times = _times(result, message)
    gaps = [round(after - before, 3) for before, after in pairwise(times)]
    if len(times) != tries:
        case.fail(
            f"К перевозчику с этим шагом пришли {len(times)} раз, а обещано {tries}: одна попытка "
            "и до трёх повторов.",
            f"The carrier was asked {len(times)} times about this step, and {tries} were promised: "
            "one try and up to three retries.",
            expected=str(tries),
            got=f"{times}\n\n{_story(result)}",
        )
    if gaps[0] < 1 or any(after < before * 2 for before, after in pairwise(gaps)):
        case.fail(
            "Паузы перед повторами не растут: первая — от секунды, каждая следующая — хотя бы "
            "вдвое длиннее.",
            "The pauses before retries do not grow: the first is a second or more, each next one "
            "twice as long at least.",
            expected="1 s, 2 s, 4 s",
            got=", ".join(f"{one:g} s" for one in gaps),
        )


def _buried(case: Case, result: Any, message: _Message) -> None:
    found = [one for one in result["dlq"] if one.get("id") == message["id"]]
    if not found or found[0].get("body") != message["body"]:
        case.fail(
            "В orders.dlq нет сообщения таким, каким оно пришло: тот же id, то же тело.",
            "The message is not in orders.dlq as it came: the same id, the same body.",
            expected={"id": message["id"], "body": message["body"]},
            got=result["dlq"],
        )
    if len(found) > 1:
        case.fail(
            "Никто не умирал, а сообщение лежит в orders.dlq дважды.",
            "Nobody died, and the message is in orders.dlq twice.",
            expected="1",
            got=result["dlq"],
        )
    reason = (found[0].get("headers") or {}).get("reason")
    if not reason or not isinstance(reason, str):
        case.fail(
            "У сообщения в orders.dlq нет заголовка reason: дежурный не поймёт, что с ним делать.",
            "The message in orders.dlq has no header reason: whoever looks cannot tell what to do.",
            expected={"headers": {"reason": "…"}},
            got=found[0],
        )


def _times(result: Any, message: _Message) -> list[float]:
    body = message["body"]
    return [
        one[2] for one in result["booked"] if [one[0], one[1]] == [body["order_id"], body["step"]]
    ]


def _story(result: Any) -> str:
    return "\n".join(result["story"])
