"""Reads the contract of events in four versions, and judges hidden events by its schemas."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stend.course.case import Case
from stend.course.formats import asyncapi
from stend.course.formats.asyncapi import AsyncApi, AsyncMessage, Mode, breaking
from stend.course.formats.checks import check_compatible, check_strength, check_valid, opened

_V1 = "asyncapi.yaml"
_ADDRESS = "orders.events"
_TYPES: Mapping[str, str] = {
    "OrderPlaced": "order.placed",
    "OrderPaid": "order.paid",
    "OrderCancelled": "order.cancelled",
    "OrderDelivered": "order.delivered",
}
_WEEK_MS = 7 * 24 * 3600 * 1000
# What says who a customer is, in English and as people write it in a hurry.
_PERSONAL = frozenset(
    {"address", "birthday", "email", "fio", "full_name", "mail", "mobile", "name", "passport"}
    | {"customer_address", "customer_email", "customer_name", "customer_phone", "phone"}
)


def valid(case: Case) -> None:
    check_valid(case, _opened(case, _V1))


def sends(case: Case) -> None:
    contract = _opened(case, _V1)
    for key in _TYPES:
        message = _message(case, contract, key)
        operations = [one for one in contract.operations() if message in one.messages]
        if not any(one.action == "send" for one in operations):
            case.fail(
                f"Ни одна операция не отправляет {key}. Документ — о сервисе заказов, и "
                "отправляет событие он.",
                f"No operation sends {key}. The document is about the service of orders, and it is "
                "the one that sends the event.",
                expected="action: send",
                got=", ".join(f"{one.name}: {one.action}" for one in operations) or "–",
                where=message.where,
            )
        if message.content_type != "application/cloudevents+json":
            case.fail(
                f"У {key} тип содержимого — {message.content_type}, а это конверт CloudEvents.",
                f"The content type of {key} is {message.content_type}, and it is an envelope of "
                "CloudEvents.",
                expected="application/cloudevents+json",
                got=str(message.content_type),
                where=message.where,
            )


def agreements(case: Case) -> None:
    contract = _opened(case, _V1)
    for key in _TYPES:
        message = _message(case, contract, key)
        told = _at(contract.tree, message.pointer)
        if "key" not in _bindings(contract.tree, told):
            case.fail(
                f"У {key} не сказано, по какому ключу упорядочены события.",
                f"{key} does not tell by which key the events are in order.",
                expected="bindings: {kafka: {key: {…}}}",
                got=told.get("bindings"),
                where=message.where,
            )
    channel = _message(case, contract, "OrderPlaced").channel
    told = _resolved(contract.tree, contract.tree["channels"][channel])
    settings = _bindings(contract.tree, told).get("topicConfiguration") or {}
    kept_ms = settings.get("retention.ms")
    if not isinstance(kept_ms, int) or 0 <= kept_ms < _WEEK_MS:
        case.fail(
            "Не сказано, что события хранятся хотя бы неделю: тот, кто проспал выходные, их не "
            "прочтёт.",
            "It is not told that events are kept for a week at least: who sleeps through a weekend "
            "cannot read them.",
            expected=f"bindings: {{kafka: {{topicConfiguration: {{retention.ms: {_WEEK_MS}}}}}}}",
            got=told.get("bindings"),
        )


def envelope(case: Case) -> None:
    for key in _TYPES:
        good = _event(case, key)
        others = [one for one in _TYPES.values() if one != _TYPES[key]]
        bad: list[Any] = [_without(good, name) for name in good if name != "subject"]
        bad += [
            {**good, "type": case.dice.choice(others)},
            {**good, "specversion": "0.3"},
            {**good, "id": ""},
            {**good, "id": 7},
            {**good, "time": "yesterday"},
            {**good, "time": "2026-01-05 10:00"},
            {**good, "data": None},
            {**good, "data": []},
        ]
        _strong(case, _V1, key, [good, _without(good, "subject")], bad)


def data(case: Case) -> None:
    bad: Mapping[str, Sequence[tuple[str, Any]]] = {
        "OrderPlaced": (
            ("customer_id", ""),
            ("customer_id", 5),
            ("total", -1),
            ("total", 12.5),
            ("total", "1500"),
            ("lines", []),
            ("lines", [{"sku": case.word()}]),
            ("lines", [{"sku": case.word(), "quantity": 0}]),
            ("lines", [{"sku": case.word(), "quantity": 100}]),
        ),
        "OrderPaid": (
            ("payment_id", ""),
            ("total", -1),
            ("total", 0.5),
            ("method", "cash"),
            ("method", "Card"),
        ),
        "OrderCancelled": (("reason", "fraud"), ("reason", case.word()), ("reason", None)),
        "OrderDelivered": (("delivered_at", "2026-01-05"), ("delivered_at", 1_767_600_000)),
    }
    for key, rows in bad.items():
        good = _event(case, key)
        every: Sequence[tuple[str, Any]] = (
            ("order_id", case.word()),
            ("order_id", 12),
            ("version", 0),
            ("version", "1"),
            *rows,
        )
        wrong = [{**good, "data": _without(good["data"], name)} for name in good["data"]]
        wrong += [{**good, "data": {**good["data"], name: value}} for name, value in every]
        _strong(case, _V1, key, [good, _event(case, key), _event(case, key)], wrong)


def open_to_more(case: Case) -> None:
    for key in _TYPES:
        good = _event(case, key)
        more = {case.word(): case.word()}
        inside = {**good, "data": {**good["data"], **more}}
        _strong(case, _V1, key, [{**good, **more}, inside], [])


def impersonal(case: Case) -> None:
    contract = _opened(case, _V1)
    for key in _TYPES:
        message = _message(case, contract, key)
        told = _at(contract.tree, message.pointer)
        for name in _members(contract.tree, told.get("payload"), 0):
            if name.lower() in _PERSONAL:
                case.fail(
                    f"В {key} есть {name}: событие хранится долго и читают его многие. Кому нужны "
                    "личные данные, тот спросит по customer_id.",
                    f"{key} has {name}: an event is kept for long and read by many. Who needs "
                    "personal data may ask by customer_id.",
                    expected="customer_id",
                    got=name,
                    where=message.where,
                )


def backward(case: Case) -> None:
    file = "backward.yaml"
    event = _event(case, "OrderCancelled")
    new = _with(event, reason="fraud")
    _strong(case, file, "OrderCancelled", [event, new], [_with(event, reason=case.word())])
    _compatible(case, file, Mode.BACKWARD)


def forward(case: Case) -> None:
    file = "forward.yaml"
    event = _event(case, "OrderPlaced")
    good = [_with(event, channel=one) for one in ("web", "app")]
    _strong(case, file, "OrderPlaced", good, [event, _with(event, channel=case.word())])
    _compatible(case, file, Mode.FORWARD)


def full(case: Case) -> None:
    file = "full.yaml"
    event = _event(case, "OrderPaid")
    amount = {"value": case.dice.randint(0, 10**6), "currency": case.dice.choice(("RUB", "KZT"))}
    good = [event, _with(event, amount=amount)]
    bad = [
        _with(event, amount=amount["value"]),
        _with(event, amount={**amount, "value": -1}),
        _with(event, amount={**amount, "currency": "roubles"}),
        _with(event, amount={"value": amount["value"]}),
        _with({**event, "data": _without(event["data"], "total")}, amount=amount),
    ]
    _strong(case, file, "OrderPaid", good, bad)
    _compatible(case, file, Mode.FULL)


def _compatible(case: Case, file: str, mode: Mode) -> None:
    v1, new = _opened(case, _V1), _opened(case, file)
    for key in _TYPES:
        _message(case, new, key)
    check_compatible(case, breaking(v1, new, mode))


def _strong(case: Case, file: str, key: str, good: Sequence[Any], bad: Sequence[Any]) -> None:
    contract = _opened(case, file)
    check_valid(case, contract)
    check_strength(case, contract, _message(case, contract, key).name, good, bad)


def _opened(case: Case, file: str) -> AsyncApi:
    return opened(case, file, asyncapi.read)


def _message(case: Case, contract: AsyncApi, key: str) -> AsyncMessage:
    """By the address of the channel and the key; how the channel is called is the learner's."""
    check_valid(case, contract)
    known = {(one.address, one.key): one for one in contract.messages()}
    if (_ADDRESS, key) not in known:
        case.fail(
            f"В {contract.file} на канале {_ADDRESS} нет сообщения {key}.",
            f"{contract.file} has no message {key} on the channel {_ADDRESS}.",
            expected=f"address: {_ADDRESS}, messages: {{{key}: …}}",
            got=", ".join(f"{address} {one}" for address, one in known) or "–",
            where=contract.file,
        )
    return known[_ADDRESS, key]


# ---- the document --------------------------------------------------------------------------------


def _at(tree: Any, pointer: str) -> Any:
    for step in pointer.strip("/").split("/"):
        tree = tree[step.replace("~1", "/").replace("~0", "~")]
    return tree


def _resolved(tree: Any, node: Any) -> Any:
    while isinstance(node, dict) and str(node.get("$ref", "")).startswith("#/"):
        node = _at(tree, node["$ref"][1:])
    return node


def _bindings(tree: Any, told: Any) -> Mapping[str, Any]:
    bindings = _resolved(tree, told.get("bindings")) or {}
    found = _resolved(tree, bindings.get("kafka"))
    return found if isinstance(found, dict) else {}


def _members(tree: Any, node: Any, depth: int) -> Iterator[str]:
    """Names of members, wherever a schema tells of them. A schema may be within itself."""
    node = _resolved(tree, node)
    if depth > 12:
        return
    if isinstance(node, dict):
        yield from node.get("properties") or {}
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from _members(tree, one, depth + 1)


# ---- events --------------------------------------------------------------------------------------


def _event(case: Case, key: str) -> dict[str, Any]:
    order_id = f"ord_{case.word()}"
    return {
        "specversion": "1.0",
        "id": case.word(),
        "source": "/lavka/orders",
        "type": _TYPES[key],
        "subject": order_id,
        "time": _time(case),
        "data": {
            "order_id": order_id,
            "version": case.dice.randint(1, 10_000),
            **_data(case, key),
        },
    }


def _data(case: Case, key: str) -> dict[str, Any]:
    total = case.dice.choice((0, case.dice.randint(1, 10_000_000)))
    match key:
        case "OrderPlaced":
            sizes = case.dice.choice(((1,), (99, case.dice.randint(1, 99))))
            lines = [{"sku": case.word(), "quantity": one} for one in sizes]
            return {"customer_id": case.word(), "total": total, "lines": lines}
        case "OrderPaid":
            method = case.dice.choice(("card", "sbp"))
            return {"payment_id": case.word(), "total": total, "method": method}
        case "OrderCancelled":
            reasons = ("customer", "out_of_stock", "payment_failed")
            return {"reason": case.dice.choice(reasons)}
    return {"delivered_at": _time(case)}


def _time(case: Case) -> str:
    day, second = case.dice.randint(1, 28), case.dice.randint(0, 59)
    return f"2026-02-{day:02}T10:15:{second:02}" + case.dice.choice(("Z", "+03:00", ".125Z"))


def _with(event: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {**event, "data": {**event["data"], **more}}


def _without(members: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {one: value for one, value in members.items() if one != name}
