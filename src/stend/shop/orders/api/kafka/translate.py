"""Records of Kafka to commands of the service, and replies to records. Pure."""

from stend.kit.errors import EdgeErrorCode, StendError, Violation, broken_rules
from stend.shop.orders.api.commands import CONTENT_TYPE, Command, CommandReply
from stend.shop.orders.api.messages import dump
from stend.shop.orders.usecases import (
    CancelOrder,
    GetOrder,
    ListOrders,
    OperationInput,
    PlaceOrder,
    TrackOrder,
)

COMMANDS_TOPIC = "orders.commands"
REPLIES_TOPIC = "orders.replies"
DEAD_TOPIC = "orders.commands.dead"
PARTITIONS = 3

TYPE = "type"
MESSAGE_ID = "message_id"
CORRELATION_ID = "correlation_id"
REPLY_PARTITION = "reply_partition"
TIMEOUT_MS = "timeout_ms"
CONTENT_TYPE_HEADER = "content-type"
AUTHORIZATION = "authorization"
LAST = "last"
ERROR = "error"

Headers = list[tuple[str, bytes]]


# ---- server ------------------------------------------------------------------------------------


def command_of(
    body: bytes | None,
    headers: dict[str, str | None],
    timestamp_ms: int | None,
    now_ms: int,
) -> Command:
    """
    Args:
        body: None for a record without a value.
        headers: those of this module, as text.
        timestamp_ms: when the record was made.

    Raises:
        StendError: INVALID_ARGUMENT: `timeout_ms` is no number.
    """
    return Command(
        name=headers.get(TYPE),
        body=body or b"",
        content_type=headers.get(CONTENT_TYPE_HEADER),
        credential=headers.get(AUTHORIZATION),
        deadline_s=_remaining_s(headers.get(TIMEOUT_MS), timestamp_ms, now_ms),
    )


def correlation_of(headers: dict[str, str | None]) -> str:
    """
    Raises:
        StendError: INVALID_ARGUMENT: there is none, so no reply would find its command.
    """
    correlation_id = headers.get(CORRELATION_ID)
    if not correlation_id:
        raise _bad_header(CORRELATION_ID, "the id that the reply shall carry")
    return correlation_id


def reply_partition_of(headers: dict[str, str | None]) -> int:
    """Where the sender reads; 0 without the header.

    Raises:
        StendError: INVALID_ARGUMENT.
    """
    text = headers.get(REPLY_PARTITION)
    if text is None:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) < len(str(PARTITIONS)) + 1):
        raise _bad_header(REPLY_PARTITION, f"0 to {PARTITIONS - 1}")
    if int(text) >= PARTITIONS:
        raise _bad_header(REPLY_PARTITION, f"0 to {PARTITIONS - 1}")
    return int(text)


def reply_headers(name: str | None, correlation_id: str, message_id: str, last: bool) -> Headers:
    return [
        (TYPE, f"{name or ''}Reply".encode()),
        (MESSAGE_ID, message_id.encode()),
        (CORRELATION_ID, correlation_id.encode()),
        (CONTENT_TYPE_HEADER, CONTENT_TYPE.encode()),
        (LAST, b"true" if last else b"false"),
    ]


def reply_body(reply: CommandReply) -> bytes:
    return dump(reply.body)


def _remaining_s(timeout_ms: str | None, timestamp_ms: int | None, now_ms: int) -> float | None:
    if timeout_ms is None:
        return None
    if not (timeout_ms.isascii() and timeout_ms.isdecimal() and len(timeout_ms) < 10):
        raise _bad_header(TIMEOUT_MS, "milliseconds, up to 9 digits")
    began_ms = now_ms if timestamp_ms is None else timestamp_ms
    # A sender whose clock is ahead does not wait longer for that.
    return (min(began_ms, now_ms) + int(timeout_ms) - now_ms) / 1000


def _bad_header(name: str, rule: str) -> StendError:
    return broken_rules(
        EdgeErrorCode.INVALID_ARGUMENT,
        "A header of the record is not as the contract says.",
        [Violation(name, rule)],
        "Compare the headers with asyncapi.yaml.",
    )


# ---- client ------------------------------------------------------------------------------------


def operation_name(request: OperationInput) -> str:
    return type(request).__name__


def key_of(request: OperationInput) -> bytes | None:
    """Commands with one key are worked off in their order: those of a customer, of an order."""
    match request:
        case PlaceOrder():
            return request.customer_id.encode()
        case ListOrders():
            return request.customer_id.encode() if request.customer_id else None
        case GetOrder() | CancelOrder() | TrackOrder():
            return request.order_id.encode()


def command_headers(
    request: OperationInput,
    correlation_id: str,
    reply_partition: int,
    timeout_s: float,
    authorization: str | None,
) -> Headers:
    headers = [
        (TYPE, operation_name(request).encode()),
        (MESSAGE_ID, correlation_id.encode()),
        (CORRELATION_ID, correlation_id.encode()),
        (REPLY_PARTITION, str(reply_partition).encode()),
        (TIMEOUT_MS, str(int(timeout_s * 1000)).encode()),
        (CONTENT_TYPE_HEADER, CONTENT_TYPE.encode()),
    ]
    if authorization is not None:
        headers.append((AUTHORIZATION, authorization.encode()))
    return headers
