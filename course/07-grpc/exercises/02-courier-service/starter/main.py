"""Couriers over gRPC: so far one can begin a shift and be given an order.

`grpc.protos_and_services` compiles a contract when the program starts; what it gives is what
`python -m grpc_tools.protoc --python_out=. --grpc_python_out=. -I. courier.proto` writes to files.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any

import grpc

courier, couriers_grpc = grpc.protos_and_services("courier.proto")
maps, maps_grpc = grpc.protos_and_services("maps.proto")


class Couriers(couriers_grpc.CouriersServicer):
    def __init__(self, stub: Any) -> None:
        self.maps = stub
        self.on_shift: list[str] = []

    async def AssignCourier(self, request: Any, context: Any) -> Any:
        route = await self.maps.Route(maps.RouteRequest(address=request.address))
        courier_id = self.on_shift[0]
        return courier.Assignment(
            order_id=request.order_id, courier_id=courier_id, eta_s=route.eta_s
        )

    async def Shift(self, requests: AsyncIterator[Any], context: Any) -> AsyncIterator[Any]:
        async for message in requests:
            if message.HasField("start"):
                self.on_shift.append(message.start.courier_id)
                yield courier.DispatcherMessage(started=courier.Started())


async def main() -> None:
    server = grpc.aio.server()
    async with grpc.aio.insecure_channel(os.environ["MAPS"]) as channel:
        couriers_grpc.add_CouriersServicer_to_server(Couriers(maps_grpc.MapsStub(channel)), server)
        server.add_insecure_port(f"127.0.0.1:{os.environ['PORT']}")
        await server.start()
        await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main())
