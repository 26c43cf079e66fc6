"""Reads the contract that the learner wrote, and judges hidden messages by its schemas."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stend.course.case import Case
from stend.course.formats import openapi
from stend.course.formats.checks import check_compatible, check_strength, check_valid, opened
from stend.course.formats.contract import Message
from stend.course.formats.openapi import OpenApi, Response, RestOperation
from stend.course.formats.openapi_changes import breaking
from stend.course.formats.openapi_checks import (
    check_parameter,
    check_values,
    operation_by_id,
    required_body,
)

_V1, _V2 = "openapi.yaml", "v2.yaml"
_JSON, _PROBLEM = "application/json", "application/problem+json"
_STATUSES = ("placed", "confirmed", "delivered", "cancelled")
_METHODS: Mapping[str, tuple[str, ...]] = {
    "placeOrder": ("POST",),
    "listOrders": ("GET",),
    "getOrder": ("GET",),
    "changeOrder": ("PATCH",),
    "cancelOrder": ("POST", "PUT", "DELETE"),
}
_ERRORS: Mapping[str, tuple[str, ...]] = {
    "placeOrder": ("400", "415", "422"),
    "listOrders": ("400",),
    "getOrder": ("404",),
    "changeOrder": ("404", "412", "428"),
    "cancelOrder": ("404", "409"),
}
_VERBS = frozenset(
    [
        *("add", "cancel", "change", "create", "delete", "find", "get", "list", "make", "patch"),
        *("place", "post", "put", "read", "remove", "search", "set", "update"),
    ]
)
_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def valid(case: Case) -> None:
    check_valid(case, _v1(case))


def operations(case: Case) -> None:
    found = {name: operation_by_id(case, _v1(case), name) for name in _METHODS}
    for name, methods in _METHODS.items():
        if found[name].method not in methods:
            case.fail(
                f"{name} — это {found[name].name}, а ждали метод {' или '.join(methods)}.",
                f"{name} is {found[name].name}; the method was to be {' or '.join(methods)}.",
                expected=" / ".join(methods),
                got=found[name].name,
                where=found[name].where,
            )
    collection, one = found["placeOrder"].shape, found["getOrder"].shape
    places = {
        "listOrders": (found["listOrders"].shape == collection, collection),
        "getOrder": (one == f"{collection}/{{}}", f"{collection}/{{…}}"),
        "changeOrder": (found["changeOrder"].shape == one, one),
        "cancelOrder": (_is_below(found["cancelOrder"], one), f"{one} (DELETE), {one}/…"),
    }
    for name, (is_right, expected) in places.items():
        if not is_right:
            case.fail(
                f"{name} стоит на {found[name].path}: это не тот ресурс.",
                f"{name} is at {found[name].path}: that is another resource.",
                expected=expected,
                got=found[name].name,
                where=found[name].where,
            )


def naming(case: Case) -> None:
    for name, pattern, where in _names(_v1(case)):
        if pattern is _KEBAB and _VERBS & set(name.split("-")):
            case.fail(
                f"В адресе есть действие: {name}. Адрес называет ресурс, а действие — это метод.",
                f"An address has an action: {name}. An address names a resource; the action is "
                "the method.",
                got=name,
                where=where,
            )
        if not pattern.fullmatch(name):
            style = "kebab-case" if pattern is _KEBAB else "snake_case"
            case.fail(
                f"Имя {name} не в стиле {style}.",
                f"The name {name} is not {style}.",
                got=name,
                where=where,
            )


def errors(case: Case) -> None:
    for name, statuses in _ERRORS.items():
        operation = operation_by_id(case, _v1(case), name)
        for status in statuses:
            response = _error(operation, status)
            if response is None:
                case.fail(
                    f"{name} не говорит, каким будет ответ {status}.",
                    f"{name} does not tell what its {status} looks like.",
                    expected=f"{status}, {status[0]}XX, default",
                    got=", ".join(operation.responses or {}),
                    where=operation.where,
                )
        for response in operation.errors:
            _check_problem(case, operation, response)


def conditions(case: Case) -> None:
    v1 = _v1(case)
    place, get = operation_by_id(case, v1, "placeOrder"), operation_by_id(case, v1, "getOrder")
    change = operation_by_id(case, v1, "changeOrder")
    check_parameter(case, place, "header", "Idempotency-Key", is_required=True)
    check_parameter(case, change, "header", "If-Match", is_required=True)
    check_parameter(case, get, "header", "If-None-Match", is_required=False)
    for operation, status, names in (
        (place, "201", ("Location", "ETag")),
        (get, "200", ("ETag",)),
        (get, "304", ()),
        (change, "200", ("ETag",)),
    ):
        response = operation.response(status)
        if response is None:
            case.fail(
                f"У {operation.operation_id} нет ответа {status}.",
                f"{operation.operation_id} has no response {status}.",
                expected=status,
                got=", ".join(operation.responses or {}),
                where=operation.where,
            )
        for name in names:
            header = response.header(name)
            if header is None or not header.required:
                case.fail(
                    f"Ответ {status} на {operation.operation_id} не обещает заголовка {name} "
                    "(required: true).",
                    f"The {status} of {operation.operation_id} does not promise the header {name} "
                    "(required: true).",
                    expected=name,
                    got=", ".join(one.name for one in response.headers) or "–",
                    where=response.where,
                )


def paging(case: Case) -> None:
    v1 = _v1(case)
    listing = operation_by_id(case, v1, "listOrders")
    check_parameter(case, listing, "query", "customer_id", is_required=True)
    check_parameter(case, listing, "query", "cursor", is_required=False)
    limit = check_parameter(case, listing, "query", "limit", is_required=False)
    good_limits = (1, 100, case.dice.randint(2, 99))
    check_values(case, v1, limit, "limit", good_limits, (0, 101, "ten", 1.5))
    page = _body(case, listing.response("200"), "listOrders 200")
    orders = [_order(case) for _ in range(case.dice.randint(2, 4))]
    good_pages = [
        {"orders": orders, "next_cursor": case.word(20)},
        {"orders": orders[:1], "next_cursor": None},
        {"orders": [], "next_cursor": None},
    ]
    bad_pages: list[object] = [
        {"orders": orders},
        {"next_cursor": None},
        {"orders": orders, "next_cursor": case.dice.randint(1, 99)},
        {"orders": {}, "next_cursor": None},
        orders,
    ]
    check_strength(case, v1, page.name, good_pages, bad_pages)


def new_order(case: Case) -> None:
    body = required_body(case, operation_by_id(case, _v1(case), "placeOrder"))
    check_strength(case, _v1(case), body, _good_requests(case), _bad_requests(case))


def change(case: Case) -> None:
    body = required_body(case, operation_by_id(case, _v1(case), "changeOrder"))
    good = [{"comment": case.word(200)}, {"comment": None}]
    bad = [{}, {"comment": case.word(201)}, {"comment": 5}, {"comment": None, "status": "placed"}]
    check_strength(case, _v1(case), body, good, bad)


def order(case: Case) -> None:
    v1 = _v1(case)
    for name, status in (("getOrder", "200"), ("placeOrder", "201"), ("changeOrder", "200")):
        message = _body(case, operation_by_id(case, v1, name).response(status), f"{name} {status}")
        check_strength(case, v1, message.name, _good_orders(case), _bad_orders(case))


def valid_v2(case: Case) -> None:
    check_valid(case, _v2(case))
    for name in _METHODS:
        operation_by_id(case, _v2(case), name)


def compatible(case: Case) -> None:
    check_compatible(case, breaking(_v1(case), _v2(case)))


def granted(case: Case) -> None:
    v2 = _v2(case)
    for grant in (_note, _total, _filter, _quantity, _import, _renamed):
        grant(case, v2)


def _v1(case: Case) -> OpenApi:
    return opened(case, _V1, openapi.read)


def _v2(case: Case) -> OpenApi:
    return opened(case, _V2, openapi.read)


def _is_below(operation: RestOperation, one: str) -> bool:
    if operation.method == "DELETE" and operation.shape == one:
        return True
    return operation.shape.startswith(f"{one}/")


def _names(contract: OpenApi) -> Iterator[tuple[str, re.Pattern[str], str]]:
    for one in contract.operations():
        yield from ((name, _KEBAB, one.where) for name in one.shape.split("/") if name.strip("{}"))
        for parameter in one.parameters:
            if parameter.place == "query":
                yield parameter.name, _SNAKE, parameter.where
    for member in contract.properties():
        yield member.name, _SNAKE, member.where


def _error(operation: RestOperation, status: str) -> Response | None:
    for name in (status, f"{status[0]}XX", "default"):
        if found := operation.response(name):
            return found
    return None


def _check_problem(case: Case, operation: RestOperation, response: Response) -> None:
    message = response.content.get(_PROBLEM)
    told = f"{operation.operation_id} {response.status}"
    if message is None or set(response.content) != {_PROBLEM}:
        case.fail(
            f"{told}: ошибка должна приходить как {_PROBLEM}, со схемой, и никак иначе.",
            f"{told}: an error has to come as {_PROBLEM}, with a schema, and as nothing else.",
            expected=_PROBLEM,
            got=", ".join(response.content) or "–",
            where=response.where,
        )
    status = int(response.status) if response.status.isdigit() else 404
    good = {"type": "about:blank", "title": case.word(), "status": status, "detail": case.word()}
    bad = [
        {"title": case.word()},
        {"status": status},
        {**good, "status": str(status)},
        {**good, "title": None},
    ]
    extended = {**good, case.word(): case.word()}
    check_strength(case, _v1(case), message.name, [good, extended], bad)


def _body(case: Case, response: Response | None, name: str) -> Message:
    message = response.content.get(_JSON) if response else None
    if message is None:
        case.fail(
            f"У ответа {name} нет схемы тела {_JSON}.",
            f"The response {name} has no schema of its {_JSON} body.",
            expected=_JSON,
            where=response.where if response else _V1,
        )
    return message


def _line(case: Case) -> dict[str, Any]:
    return {"sku": case.word(), "quantity": case.dice.randint(1, 99)}


def _request(case: Case) -> dict[str, Any]:
    lines = [_line(case) for _ in range(case.dice.randint(1, 4))]
    return {"customer_id": case.word(), "lines": lines}


def _good_requests(case: Case) -> list[object]:
    base = _request(case)
    edges = [{"sku": case.word(1), "quantity": 1}, {"sku": case.word(40), "quantity": 99}]
    return [
        base,
        {**base, "comment": case.word(200)},
        {**base, "comment": ""},
        {**base, "lines": edges},
        {**base, "lines": [_line(case) for _ in range(50)]},
        {**base, "customer_id": case.word(40)},
    ]


def _bad_requests(case: Case) -> list[object]:
    base = _request(case)

    def line(**changed: object) -> dict[str, Any]:
        return {**base, "lines": [*base["lines"], {**_line(case), **changed}]}

    return [
        {"lines": base["lines"]},
        {"customer_id": base["customer_id"]},
        {**base, "lines": []},
        {**base, "lines": [_line(case) for _ in range(51)]},
        line(quantity=0),
        line(quantity=-case.dice.randint(1, 50)),
        line(quantity=100),
        line(quantity=1.5),
        line(quantity=str(case.dice.randint(1, 9))),
        {**base, "lines": [{"sku": case.word()}]},
        {**base, "lines": [{"quantity": 1}]},
        line(sku=""),
        line(sku=case.word(41)),
        {**base, "customer_id": ""},
        {**base, "customer_id": case.word(41)},
        {**base, "comment": case.word(201)},
        {**base, "comment": 5},
        {**base, case.word(): case.word()},
        line(**{case.word(): 1}),
        [base],
    ]


def _order(case: Case) -> dict[str, Any]:
    second, minute = case.dice.randint(0, 59), case.dice.randint(0, 59)
    return {
        "order_id": case.word(),
        **_request(case),
        "comment": case.word(),
        "status": case.dice.choice(_STATUSES),
        "placed_at": f"2026-03-01T10:{minute:02}:{second:02}Z",
    }


def _good_orders(case: Case) -> list[object]:
    base = _order(case)
    return [
        base,
        {**base, "comment": None},
        *({**base, "status": one} for one in _STATUSES),
        {**base, case.word(): case.word()},
        {**base, "placed_at": "2026-03-01T13:00:00.250+03:00"},
    ]


def _bad_orders(case: Case) -> list[object]:
    base = _order(case)
    return [
        *({name: one for name, one in base.items() if name != left} for left in base),
        {**base, "status": case.word()},
        {**base, "status": None},
        {**base, "placed_at": case.dice.choice(["yesterday", "2026-03-01", "10:00"])},
        {**base, "placed_at": 1772359200},
        {**base, "comment": case.dice.randint(1, 9)},
        {**base, "lines": "none"},
        {**base, "lines": [{"sku": case.word()}]},
        {**base, "lines": [{"sku": case.word(), "quantity": "2"}]},
        {**base, "order_id": case.dice.randint(1, 9)},
    ]


def _judge(
    case: Case, contract: OpenApi, where: str, number: int, good: list[object], bad: list[object]
) -> None:
    """A change request by its schema; the sentence begins with its number."""
    for value, is_good in (*((one, True) for one in good), *((one, False) for one in bad)):
        verdict = contract.judge(where, value)
        if verdict.accepted is is_good:
            continue
        ru, en = ("не принимает", "refuses") if is_good else ("принимает", "takes")
        why = verdict.reason
        case.fail(
            f"Просьба {number} не выполнена: {where} {ru} это. {why.ru if why else ''}".strip(),
            f"Change request {number} is not granted: {where} {en} this. "
            f"{why.en if why else ''}".strip(),
            got=value,
            where=next(one.where for one in contract.messages() if one.name == where),
        )


def _note(case: Case, v2: OpenApi) -> None:
    body = required_body(case, operation_by_id(case, v2, "placeOrder"))
    base = _request(case)
    bad: list[object] = [{**base, "delivery_note": case.word(301)}, {**base, "delivery_note": 7}]
    _judge(case, v2, body, 1, [base, {**base, "delivery_note": case.word(300)}], bad)


def _total(case: Case, v2: OpenApi) -> None:
    message = _body(case, operation_by_id(case, v2, "getOrder").response("200"), "getOrder 200")
    amount = case.dice.randint(0, 10_000_000)
    base = _order(case)
    whole = {**base, "customer_comment": None, "total": {"amount": amount, "currency": "RUB"}}
    bad: list[object] = [
        base,
        {**whole, "total": amount},
        {**whole, "total": {"amount": -1, "currency": "RUB"}},
        {**whole, "total": {"amount": amount, "currency": "rubles"}},
        {**whole, "total": {"amount": amount}},
    ]
    _judge(case, v2, message.name, 2, [whole], bad)


def _filter(case: Case, v2: OpenApi) -> None:
    listing = operation_by_id(case, v2, "listOrders")
    schema = check_parameter(case, listing, "query", "status", is_required=False)
    check_values(case, v2, schema, "status", _STATUSES, (case.word(),))


def _quantity(case: Case, v2: OpenApi) -> None:
    base = _request(case)

    def of(quantity: int) -> dict[str, Any]:
        return {**base, "lines": [{"sku": case.word(), "quantity": quantity}]}

    body = required_body(case, operation_by_id(case, v2, "placeOrder"))
    _judge(case, v2, body, 4, [of(999), of(case.dice.randint(100, 998))], [of(1000), of(0)])


def _import(case: Case, v2: OpenApi) -> None:
    starting, reading = (
        operation_by_id(case, v2, "importOrders"),
        operation_by_id(case, v2, "getImport"),
    )
    accepted = starting.response("202")
    location = accepted.header("Location") if accepted else None
    is_right = (starting.method, reading.method) == ("POST", "GET")
    if location is None or not location.required or not is_right:
        case.fail(
            "Просьба 5 не выполнена: importOrders — это POST с ответом 202 и обязательным "
            "Location, а getImport — GET по этому адресу.",
            "Change request 5 is not granted: importOrders is a POST answered with a 202 and "
            "a required Location, getImport a GET of that address.",
            expected="POST: 202, Location; GET: 200",
            got=f"{starting.name}: {', '.join(starting.responses or {})}; {reading.name}",
            where=starting.where,
        )
    _body(case, reading.response("200"), "getImport 200")


def _renamed(case: Case, v2: OpenApi) -> None:
    base = _request(case)
    body = required_body(case, operation_by_id(case, v2, "placeOrder"))
    good: list[object] = [{**base, "customer_comment": case.word()}, {**base, "comment": "x"}]
    _judge(case, v2, body, 6, good, [{**base, "customer_comment": 5}])
    told = [one for one in v2.properties() if one.name == "comment"]
    if not any(one.schema.get("deprecated") is True for one in told):
        case.fail(
            "Просьба 6 не выполнена: comment остаётся, но нигде не помечен deprecated: true.",
            "Change request 6 is not granted: comment stays, and is nowhere marked "
            "deprecated: true.",
            expected="deprecated: true",
            where=told[0].where if told else _V2,
        )
