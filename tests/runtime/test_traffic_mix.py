"""What customers want: realistic, within the rules of the shop, the same for one seed."""

import re
from collections import Counter
from itertools import islice
from random import Random

import pytest

from stend.runtime.traffic import best_sellers, protocols_with_requests, seeded
from stend.runtime.traffic_mix import (
    OPERATION_WEIGHTS,
    Arrival,
    Weighted,
    schedule,
    zipf,
)
from stend.runtime.traffic_profile import Profile
from stend.shop.orders.api import messages
from stend.shop.orders.api.protocols import Protocol
from stend.shop.orders.domain import MAX_LINES, MAX_QUANTITY
from stend.shop.orders.usecases import Operation, PlaceOrder

_MANY = 4000
_PROTOCOLS = ("rest", "grpc", "soap")


def some(seed: int = 1, count: int = _MANY) -> list[Arrival]:
    made = schedule(Profile.DAY, 20, _PROTOCOLS, best_sellers(), seeded(seed))
    return list(islice(made, count))


def test_one_seed_brings_the_same_customers() -> None:
    assert some(5, 300) == some(5, 300) != some(6, 300)
    assert [one.number for one in some(5, 300)] == list(range(300))


def test_most_look_and_some_buy() -> None:
    counts = Counter(one.operation for one in some())
    total = sum(OPERATION_WEIGHTS.values())
    for operation, weight in OPERATION_WEIGHTS.items():
        assert counts[operation] / _MANY == pytest.approx(weight / total, abs=0.03)


def test_every_protocol_is_spoken_and_rest_most() -> None:
    counts = Counter(one.protocol for one in some())
    assert [name for name, _ in counts.most_common(1)] == ["rest"]
    assert set(counts) == set(_PROTOCOLS)
    assert counts["grpc"] / _MANY == pytest.approx(1 / 6, abs=0.03)


def test_carts_are_small_and_keep_the_rules_of_the_shop() -> None:
    placed = [one for one in some() if one.operation is Operation.PLACE_ORDER]
    for one in placed:
        skus = [line.sku for line in one.cart]
        assert 1 <= len(skus) == len(set(skus)) <= 8 <= MAX_LINES
        assert set(skus) <= set(best_sellers())
        assert all(1 <= line.quantity <= 6 <= MAX_QUANTITY for line in one.cart)
        assert one.address is not None
        request = PlaceOrder(one.customer_id, one.cart, one.address, "A" * 26 + f"-{one.number}")
        # The contract takes every one of them.
        told = messages.input_to_json(request)
        assert messages.input_from_json(Operation.PLACE_ORDER, told) == request
    assert all(not one.cart for one in some() if one.operation is not Operation.PLACE_ORDER)


def test_few_products_sell_most() -> None:
    counts = Counter(line.sku for one in some() for line in one.cart)
    shares = [count / counts.total() for _, count in counts.most_common()]
    assert len(best_sellers()) == 60
    assert sum(shares[:6]) > 0.35
    assert counts[best_sellers()[0]] > 5 * counts[best_sellers()[-1]]


def test_some_cards_are_blocked() -> None:
    placed = [one for one in some() if one.operation is Operation.PLACE_ORDER]
    blocked = [one for one in placed if one.customer_id.endswith("Declined")]
    assert 0 < len(blocked) / len(placed) < 0.05
    assert all(re.fullmatch("cus_traffic[0-9]{4}(Declined)?", one.customer_id) for one in some())


def test_the_last_item_may_be_drawn_and_none_behind_it() -> None:
    class AlmostOne:
        def random(self) -> float:
            return 1 - 2**-53

    assert Weighted({"a": 0.1, "b": 0.2}).draw(AlmostOne()) == "b"
    drawn = Counter(zipf("abc").draw(Random(n)) for n in range(2000))
    assert drawn["a"] > drawn["b"] > drawn["c"] > 0


def test_only_protocols_that_ask_and_answer_take_part() -> None:
    every = [protocol.value for protocol in Protocol]
    able = protocols_with_requests(every)
    assert {"rest", "grpc", "amqp", "kafka", "mcp"} <= set(able)
    assert not {"sse", "webhook"} & set(able)
    assert protocols_with_requests(["sse", "grpc"]) == ("grpc",)
