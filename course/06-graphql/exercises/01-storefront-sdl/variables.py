"""Variables of the clients' operations: those that they send, and those that cannot be."""

from collections.abc import Iterator, Mapping
from typing import Any

from stend.course.case import Case
from stend.kit.languages import Text

_Variables = Mapping[str, Any]


def good(case: Case) -> Iterator[tuple[str, _Variables]]:
    word, first = case.word(), case.dice.randint(1, 100)
    yield "ProductCard", {"sku": word}
    yield "Shelf", {"categoryId": word, "first": first, "sort": "PRICE"}
    yield "Shelf", {"categoryId": word, "first": first, "after": word, "sort": "TITLE"}
    yield "Search", {"text": word, "first": first}
    yield "Search", {"text": word, "first": first, "filter": None}
    yield "Search", {"text": word, "first": first, "filter": {}}
    filters = {"categoryIds": [word], "maxPrice": case.dice.randint(1, 10**6)}
    yield "Search", {"text": word, "first": first, "filter": filters}
    yield "Cart", {"cartId": word}
    quantity = case.dice.randint(1, 9)
    yield "AddToCart", {"input": {"cartId": word, "sku": word, "quantity": quantity}}
    yield "RemoveFromCart", {"input": {"cartId": word, "sku": word}}
    yield "PlaceOrder", {"input": _order(case)}
    yield "OrderScreen", {"orderId": word}
    yield "MyOrders", {"first": first, "after": None, "statuses": ["PLACED", "DELIVERED"]}
    yield "MyOrders", {"first": first}
    yield "CancelOrder", {"input": {"orderId": word}}
    yield "CancelOrder", {"input": {"orderId": word, "reason": word}}
    yield "OrderChanged", {"orderId": word}


def bad(case: Case) -> Iterator[tuple[str, Text, _Variables]]:
    word = case.word()
    order = _order(case)
    shelf = {"categoryId": word, "first": 10, "sort": "PRICE"}
    search = {"text": word, "first": 10}
    line = {"cartId": word, "sku": word, "quantity": 1}
    yield "Shelf", _said("нет такого порядка", "no such order"), {**shelf, "sort": word.upper()}
    yield "Shelf", _said("first нет", "no first"), _without(shelf, "first")
    yield "Search", _said("first — текст", "first is a text"), {**search, "first": "10"}
    for what, filters in (
        (_said("цена — текст", "the price is a text"), {"maxPrice": "100"}),
        (_said("цена дробная", "the price is a fraction"), {"maxPrice": 99.5}),
        (_said("незнакомый член", "an unknown member"), {word: 1}),
        (_said("пустое место в списке", "a hole in the list"), {"categoryIds": [word, None]}),
    ):
        yield "Search", what, {**search, "filter": filters}
    statuses = {"first": 10, "statuses": ["PLACED", word.upper()]}
    yield "MyOrders", _said("нет такого статуса", "no such status"), statuses
    for name in ("cartId", "sku"):
        yield "AddToCart", _said(f"{name} нет", f"no {name}"), {"input": _without(line, name)}
        less = {"input": _without({"cartId": word, "sku": word}, name)}
        yield "RemoveFromCart", _said(f"{name} нет", f"no {name}"), less
    yield (
        "AddToCart",
        _said("штук — полторы", "one and a half"),
        {"input": {**line, "quantity": 1.5}},
    )
    yield "AddToCart", _said("штук — null", "quantity: null"), {"input": {**line, "quantity": None}}
    for name in ("cartId", "address", "idempotencyKey"):
        yield "PlaceOrder", _said(f"{name} нет", f"no {name}"), {"input": _without(order, name)}
    for name in ("city", "street", "house"):
        address = _without(order["address"], name)
        what = _said(f"в адресе нет {name}", f"no {name} in the address")
        yield "PlaceOrder", what, {"input": {**order, "address": address}}
    text = _said("адрес — текст", "the address is a text")
    yield "PlaceOrder", text, {"input": {**order, "address": word}}
    yield "CancelOrder", _said("orderId нет", "no orderId"), {"input": {"reason": word}}


def _order(case: Case) -> dict[str, Any]:
    address = {"city": case.word(), "street": case.word(), "house": case.word(2)}
    return {"cartId": case.word(), "address": address, "idempotencyKey": case.word()}


def _without(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key != name}


def _said(ru: str, en: str) -> Text:
    return Text(ru=ru, en=en)
