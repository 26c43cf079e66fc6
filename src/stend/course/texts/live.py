"""Live blocks: what a lesson does on the running stand."""

import tomllib
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from stend.course.model import Row, told_wrong


class Operation(StrEnum):
    """The operations of orders that a block may perform."""

    PLACE_ORDER = "PlaceOrder"
    GET_ORDER = "GetOrder"
    LIST_ORDERS = "ListOrders"
    CANCEL_ORDER = "CancelOrder"
    TRACK_ORDER = "TrackOrder"


class Over(StrEnum):
    REST = "rest"
    JSONRPC = "jsonrpc"
    SOAP = "soap"
    GRAPHQL = "graphql"
    GRPC = "grpc"
    WEBSOCKET = "websocket"
    SSE = "sse"
    AMQP = "amqp"
    KAFKA = "kafka"
    MCP = "mcp"


class Call(Row):
    """Performs an operation and shows the exchange."""

    do: Literal["call"]
    operation: Annotated[Operation, Field(strict=False)]
    over: Annotated[Over, Field(strict=False)]

    @model_validator(mode="after")
    def _is_offered(self) -> Self:
        tracks = self.operation is Operation.TRACK_ORDER
        if self.over is Over.SSE and not tracks:
            raise ValueError(f"sse carries TrackOrder alone, not {self.operation}")
        if self.over is Over.MCP and tracks:
            raise ValueError("mcp does not carry TrackOrder")
        return self


class Side(StrEnum):
    """Whose bytes they are."""

    REQUEST = "request"
    RESPONSE = "response"


class Bytes(Row):
    """Decodes bytes into a tree with spans.

    Attributes:
        codec: the name of a module in `stend.wire` that has a decoder.
        side: who says them, a client or a server.
        text, hex: the bytes, in one of the two ways.
    """

    do: Literal["bytes"]
    codec: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    side: Annotated[Side, Field(strict=False)] = Side.REQUEST
    text: Annotated[str, Field(min_length=1)] | None = None
    hex: Annotated[str, Field(min_length=2)] | None = None

    @model_validator(mode="after")
    def _has_bytes(self) -> Self:
        if (self.text is None) is (self.hex is None):
            raise ValueError("the bytes stand in `text` or in `hex`: give one of them")
        if self.hex is not None:
            bytes.fromhex(self.hex)
        return self

    @property
    def octets(self) -> bytes:
        return bytes.fromhex(self.hex) if self.hex is not None else (self.text or "").encode()


class Demo(Row):
    """The demo of this module."""

    do: Literal["demo"]


Live = Call | Bytes | Demo


def read_live(content: str) -> Live:
    """
    Raises:
        ValueError: it is no TOML, or says what no live block may.
    """
    kinds: TypeAdapter[Live] = TypeAdapter(Annotated[Live, Field(discriminator="do")])
    try:
        return kinds.validate_python(tomllib.loads(content))
    except ValidationError as error:
        raise ValueError(told_wrong(error)) from None
