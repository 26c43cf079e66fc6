"""From an operation's input to the method of a client that performs it."""

from stend.shop.orders.api.reply import OrdersClient, Reply
from stend.shop.orders.domain import Order
from stend.shop.orders.usecases import (
    CancelOrder,
    GetOrder,
    ListOrders,
    OrderPage,
    PlacedOrder,
    PlaceOrder,
)

UnaryInput = PlaceOrder | GetOrder | ListOrders | CancelOrder
Answer = Reply[PlacedOrder] | Reply[Order] | Reply[OrderPage]


async def perform(client: OrdersClient, request: UnaryInput) -> Answer:
    """Every operation but the stream.

    Raises:
        ValueError: a value does not fit into the protocol's message, for example an integer
            beyond int32.
    """
    match request:
        case PlaceOrder():
            return await client.place_order(request)
        case GetOrder():
            return await client.get_order(request)
        case ListOrders():
            return await client.list_orders(request)
        case CancelOrder():
            return await client.cancel_order(request)
