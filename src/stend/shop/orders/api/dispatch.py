"""From an operation's input to the method that performs it, of a client or of the use cases."""

from stend.shop.orders.api.reply import OrdersClient, Reply
from stend.shop.orders.domain import Order
from stend.shop.orders.usecases import (
    CancelOrder,
    GetOrder,
    ListOrders,
    OperationInput,
    OrderPage,
    Orders,
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


async def result_of(orders: Orders, request: OperationInput) -> PlacedOrder | Order | OrderPage:
    """Every operation but the stream.

    Raises:
        StendError: the use case refused it, or could not perform it.
        TypeError: TrackOrder, which has events and no result.
    """
    match request:
        case PlaceOrder():
            return await orders.place_order(request)
        case GetOrder():
            return await orders.get_order(request)
        case ListOrders():
            return await orders.list_orders(request)
        case CancelOrder():
            return await orders.cancel_order(request)
        case _:
            raise TypeError("a stream has no result")
