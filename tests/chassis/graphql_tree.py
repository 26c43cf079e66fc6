"""A schema that is dangerous on purpose: trees inside trees, and a subscription without end."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from enum import StrEnum

import strawberry

from stend.chassis.graphql.config import GraphqlLimits
from stend.chassis.graphql.endpoint import GraphqlEndpoint
from stend.chassis.graphql.running import GraphqlContext
from stend.kit.errors import EdgeErrorCode, StendError, Violation
from stend.kit.json import JsonObject

PATH = "/graphql/tree"
CONTRACT = "type Query { node: Node! }"


class TreeErrorCode(StrEnum):
    FELLED = "felled"


@dataclass(slots=True)
class Seen:
    """What the resolvers were asked for."""

    resolved: int = 0
    ticks: int = 0
    open_streams: int = 0
    credentials: list[str | None] = field(default_factory=list)


class TreeContext(GraphqlContext):
    def __init__(self, credential: str | None, seen: Seen) -> None:
        super().__init__(credential, 5.0)
        self.seen = seen
        seen.credentials.append(credential)


_Info = strawberry.Info[TreeContext, None]


@strawberry.type
class Node:
    name: str

    @strawberry.field
    def nodes(self, info: _Info, first: int = 2) -> list["Node"]:
        info.context.seen.resolved += 1
        return [Node(name=f"{self.name}.{number}") for number in range(first)]

    @strawberry.field
    def twins(self) -> list["Node"]:
        return [Node(name="left"), Node(name="right")]

    @strawberry.field
    def fell(self) -> str | None:
        violations = (Violation("/node", "standing"),)
        raise StendError(TreeErrorCode.FELLED, "It fell.", value="oak", violations=violations)

    @strawberry.field
    def rot(self) -> str | None:
        raise ZeroDivisionError("a secret of the server")


@strawberry.type
class Query:
    @strawberry.field
    def node(self, info: _Info) -> Node:
        info.context.seen.resolved += 1
        return Node(name="root")

    @strawberry.field
    def root(self) -> str:
        raise StendError(TreeErrorCode.FELLED, "It fell.")


@strawberry.type
class Mutation:
    @strawberry.mutation
    def plant(self, info: _Info) -> str:
        info.context.seen.resolved += 1
        return "planted"


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(
        self, info: _Info, count: int = 2**31 - 1, letters: int = 1
    ) -> AsyncGenerator[str, None]:
        seen = info.context.seen
        seen.open_streams += 1
        try:
            for _ in range(count):
                seen.ticks += 1
                yield "t" * letters
        finally:
            seen.open_streams -= 1

    @strawberry.subscription
    async def silence(self, info: _Info) -> AsyncGenerator[str, None]:
        seen = info.context.seen
        seen.open_streams += 1
        try:
            await asyncio.Event().wait()
            yield "never"
        finally:
            seen.open_streams -= 1

    @strawberry.subscription
    async def falling(self) -> AsyncGenerator[str, None]:
        yield "falling"
        raise StendError(TreeErrorCode.FELLED, "It fell.")


class TreeFaults:
    def status_of(self, error: StendError) -> int:
        statuses = {
            EdgeErrorCode.MESSAGE_TOO_LARGE: 413,
            EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE: 415,
            EdgeErrorCode.METHOD_NOT_ALLOWED: 405,
            TreeErrorCode.FELLED: 410,
        }
        return statuses.get(error.code, 400)

    def extensions_of(self, error: StendError) -> JsonObject:
        return {"code": error.code.value, "value": error.value}


def tree_schema() -> strawberry.Schema:
    return strawberry.Schema(Query, Mutation, Subscription)


def tree_endpoint(seen: Seen, limits: GraphqlLimits) -> GraphqlEndpoint:
    return GraphqlEndpoint(
        "tree",
        PATH,
        tree_schema(),
        CONTRACT,
        TreeFaults(),
        limits,
        lambda given: TreeContext(given, seen),
    )
