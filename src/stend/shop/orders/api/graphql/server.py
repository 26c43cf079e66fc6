"""GraphQL over strawberry: binds the use cases to schema.graphql. The only file with I/O."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from importlib.resources import files
from typing import Any, cast

import strawberry
from starlette.types import ASGIApp
from strawberry.dataloader import DataLoader

from stend.chassis.access import Caller
from stend.chassis.deadlines import within
from stend.chassis.graphql.config import GraphqlLimits
from stend.chassis.graphql.endpoint import GraphqlEndpoint
from stend.chassis.graphql.running import GraphqlContext
from stend.chassis.graphql.wording import describe
from stend.chassis.intake import Intake
from stend.shop.orders import domain, usecases
from stend.shop.orders.api.graphql import translate
from stend.shop.orders.api.graphql.faults import OrderFaults
from stend.shop.orders.usecases import PAGE_LIMIT_DEFAULT, Operation, OrdersOf

PATH = "/graphql"
_SERVICE = "orders"
_READ = "orders:read"
_WRITE = "orders:write"

PriceList = Callable[[Sequence[str]], Awaitable[Mapping[str, domain.Price]]]


class OrdersContext(GraphqlContext):
    """Of one request: its dataloaders remember nothing longer."""

    def __init__(
        self,
        credential: str | None,
        orders_of: OrdersOf,
        prices: PriceList,
        intake: Intake,
    ) -> None:
        super().__init__(credential, intake.deadline_s)
        self.orders_of = orders_of
        self.intake = intake
        self._prices = prices
        self.products: DataLoader[str, domain.Price | None] = DataLoader(self._load_products)

    async def perform(self, operation: Operation, scope: str, work: Callable[[Caller], Any]) -> Any:
        """
        Raises:
            StendError: of access, of the request's deadline, of the operation.
        """
        return await self.intake.perform(operation, scope, self.credential, work, self.left_s())

    async def _load_products(self, skus: list[str]) -> list[domain.Price | None]:
        prices = await within(self.left_s(), self._prices(skus))
        return [prices.get(sku) for sku in skus]


_Info = strawberry.Info[OrdersContext, None]


@strawberry.type
class Query:
    @strawberry.field
    async def order(self, info: _Info, order_id: strawberry.ID) -> translate.Order | None:
        members = {"order_id": order_id}

        async def get(caller: Caller) -> domain.Order:
            wanted = translate.input_of(Operation.GET_ORDER, dict(members))
            orders = info.context.orders_of(caller)
            return await orders.get_order(cast("usecases.GetOrder", wanted))

        return translate.order_of(await info.context.perform(Operation.GET_ORDER, _READ, get))

    @strawberry.field
    async def orders(
        self,
        info: _Info,
        customer_id: strawberry.ID | None = strawberry.UNSET,
        status: domain.OrderStatus | None = strawberry.UNSET,
        first: int = PAGE_LIMIT_DEFAULT,
        after: str | None = strawberry.UNSET,
    ) -> translate.OrderConnection | None:
        async def list_page(caller: Caller) -> usecases.OrderPage:
            wanted = translate.input_of(
                Operation.LIST_ORDERS,
                translate.list_orders_members(customer_id, status, first, after),
            )
            orders = info.context.orders_of(caller)
            return await orders.list_orders(cast("usecases.ListOrders", wanted))

        page = await info.context.perform(Operation.LIST_ORDERS, _READ, list_page)
        return translate.connection_of(page)


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def place_order(
        self,
        info: _Info,
        input: translate.PlaceOrderInput,  # noqa: A002 - the word of Relay
    ) -> translate.PlaceOrderPayload | None:
        async def place(caller: Caller) -> usecases.PlacedOrder:
            members = translate.place_order_members(input)
            wanted = translate.input_of(Operation.PLACE_ORDER, members)
            orders = info.context.orders_of(caller)
            return await orders.place_order(cast("usecases.PlaceOrder", wanted))

        placed = await info.context.perform(Operation.PLACE_ORDER, _WRITE, place)
        return translate.PlaceOrderPayload(
            order=translate.order_of(placed.order), replayed=placed.replayed
        )

    @strawberry.mutation
    async def cancel_order(
        self,
        info: _Info,
        input: translate.CancelOrderInput,  # noqa: A002 - the word of Relay
    ) -> translate.CancelOrderPayload | None:
        async def cancel(caller: Caller) -> domain.Order:
            members = translate.cancel_order_members(input)
            wanted = translate.input_of(Operation.CANCEL_ORDER, members)
            orders = info.context.orders_of(caller)
            return await orders.cancel_order(cast("usecases.CancelOrder", wanted))

        order = await info.context.perform(Operation.CANCEL_ORDER, _WRITE, cancel)
        return translate.CancelOrderPayload(order=translate.order_of(order))


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def order_events(
        self, info: _Info, order_id: strawberry.ID, after_version: int = 0
    ) -> AsyncGenerator[translate.OrderEvent, None]:
        context = info.context
        caller = context.intake.open(Operation.TRACK_ORDER, _READ, context.credential)
        wanted = translate.input_of(
            Operation.TRACK_ORDER, {"order_id": order_id, "after_version": after_version}
        )
        orders = context.orders_of(caller)
        events = orders.track_order(cast("usecases.TrackOrder", wanted))
        async with aclosing(events):
            async for event in events:
                yield translate.event_of(event)


def contract() -> str:
    """The text of schema.graphql."""
    folder = files("stend.shop.orders.api.graphql")
    return folder.joinpath("contract/schema.graphql").read_text("utf-8")


def make_schema() -> strawberry.Schema:
    schema = strawberry.Schema(Query, Mutation, Subscription, config=translate.config())
    describe(schema._schema, contract())  # noqa: SLF001 - strawberry has no public name for it
    return schema


def create_app(
    orders: OrdersOf, prices: PriceList, intake: Intake, limits: GraphqlLimits | None = None
) -> ASGIApp:
    """
    Args:
        prices: rows of the price list by sku, such as `OrderStore.prices`.
    """

    def context_of(credential: str | None) -> OrdersContext:
        return OrdersContext(credential, orders, prices, intake)

    return GraphqlEndpoint(
        _SERVICE,
        PATH,
        make_schema(),
        contract(),
        OrderFaults(),
        limits or GraphqlLimits(),
        context_of,
    )
