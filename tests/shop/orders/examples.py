"""Requests as customers send them, each for a customer and with a key of its own."""

import os
from dataclasses import replace
from typing import Any

from stend.kit.ids import encode_ulid
from stend.shop.orders.domain import Address, CartLine
from stend.shop.orders.usecases import PlaceOrder

HOME = Address("Москва", "Лесная улица", "7", "12", "Домофон не работает")
CART = (CartLine("MILK-001", 2), CartLine("BRD-001", 1))
# Over which every operation can be performed.
PROTOCOLS = ("rest", "jsonrpc", "soap", "graphql", "grpc", "websocket", "amqp", "kafka")
# A tool is called and answers: nothing is followed over it.
UNARY_PROTOCOLS = (*PROTOCOLS, "mcp")
UNKNOWN_ORDER = "ord_00000000000000000000000000"


def fresh_ulid() -> str:
    return encode_ulid(os.urandom(16))


def fresh_customer() -> str:
    return f"cus_{fresh_ulid()}"


def a_request(**changes: Any) -> PlaceOrder:
    request = PlaceOrder(
        customer_id=fresh_customer(), lines=CART, address=HOME, idempotency_key=fresh_ulid()
    )
    return replace(request, **changes)
