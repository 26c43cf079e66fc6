"""A bare Strawberry server on its own ASGI application.

    python -m bench.bare_graphql PORT DATABASE_URL

Validated documents are kept, as Strawberry recommends for production and as the stand does.
"""

import sys
from typing import Any

import strawberry
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache

from bench.bare_row import Reader, serve, starlette


@strawberry.type
class Money:
    amount_minor: int
    currency: str


@strawberry.type
class OrderLine:
    sku: strawberry.ID
    quantity: int
    unit_price: Money
    total: Money


@strawberry.type
class Address:
    city: str
    street: str
    house: str
    flat: str | None = None
    comment: str | None = None


@strawberry.type
class Slot:
    starts_at: str
    ends_at: str


@strawberry.type
class Order:
    order_id: strawberry.ID
    customer_id: strawberry.ID
    status: str
    version: int
    lines: list[OrderLine]
    total: Money
    address: Address
    slot: Slot
    placed_at: str
    updated_at: str
    reason: str | None = None


def schema_of(reader: Reader) -> strawberry.Schema:
    @strawberry.type
    class Query:
        @strawberry.field
        async def order(self, order_id: strawberry.ID) -> Order | None:
            return order_of(await reader.order(order_id))

    return strawberry.Schema(query=Query, extensions=[ParserCache, ValidationCache])


def order_of(members: dict[str, Any]) -> Order:
    lines = [
        OrderLine(
            sku=line["sku"],
            quantity=line["quantity"],
            unit_price=Money(**line["unit_price"]),
            total=Money(**line["total"]),
        )
        for line in members["lines"]
    ]
    return Order(
        **{
            **members,
            "lines": lines,
            "total": Money(**members["total"]),
            "address": Address(**members["address"]),
            "slot": Slot(**members["slot"]),
        }
    )


if __name__ == "__main__":
    port, url = sys.argv[1:]
    reader = Reader(url)
    app = starlette(reader, Route("/graphql", GraphQL[None, None](schema_of(reader))))
    serve(app, int(port))
