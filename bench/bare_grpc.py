"""A bare grpc.aio server: the same SQL through the same driver, no layers; and a constant answer.

python -m bench.bare_grpc PORT DATABASE_URL
"""

import sys
from datetime import datetime
from typing import Any

import grpc.aio
import uvloop
from google.protobuf.timestamp_pb2 import Timestamp

from bench.bare_row import Reader
from stend.shop.orders.api.grpc.stubs import orders_pb2 as pb

Context = grpc.aio.ServicerContext[Any, Any]
SERVICE = "lavka.orders.v1.Orders"
CONSTANT = pb.Order(order_id="ord_constant", status=pb.ORDER_STATUS_PLACED)


async def serve(port: int, reader: Reader) -> None:
    async def get_order(request: pb.GetOrderRequest, context: Context) -> pb.Order:
        try:
            row = await reader.row(request.order_id)
        except LookupError:
            await context.abort(grpc.StatusCode.NOT_FOUND)
        return as_message(row)

    async def constant(_request: pb.GetOrderRequest, _context: Context) -> pb.Order:
        return CONSTANT

    server = grpc.aio.server()
    handlers = {
        name: grpc.unary_unary_rpc_method_handler(
            handler,
            request_deserializer=pb.GetOrderRequest.FromString,
            response_serializer=pb.Order.SerializeToString,
        )
        for name, handler in {"GetOrder": get_order, "Constant": constant}.items()
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    async with reader.open():
        await server.start()
        await server.wait_for_termination()


def as_message(row: tuple[Any, ...]) -> pb.Order:
    lines = [
        pb.OrderLine(
            sku=sku,
            quantity=quantity,
            unit_price=pb.Money(amount_minor=price, currency=currency),
            total=pb.Money(amount_minor=price * quantity, currency=currency),
        )
        for sku, quantity, price, currency in row[14]
    ]
    return pb.Order(
        order_id=row[0],
        customer_id=row[1],
        status=pb.OrderStatus.Value(f"ORDER_STATUS_{row[2].upper()}"),
        version=row[3],
        lines=lines,
        total=pb.Money(amount_minor=sum(line.total.amount_minor for line in lines), currency="RUB"),
        address=pb.Address(city=row[4], street=row[5], house=row[6], flat=row[7], comment=row[8]),
        slot=pb.Slot(starts_at=stamp(row[9]), ends_at=stamp(row[10])),
        placed_at=stamp(row[11]),
        updated_at=stamp(row[12]),
        reason=row[13],
    )


def stamp(moment: datetime) -> Timestamp:
    timestamp = Timestamp()
    timestamp.FromDatetime(moment)
    return timestamp


if __name__ == "__main__":
    port, url = sys.argv[1:]
    uvloop.run(serve(int(port), Reader(url)))
