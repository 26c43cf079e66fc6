"""Messages of RabbitMQ to commands of the service, and results to replies. Pure."""

import hashlib
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import from_json, to_json

from stend.kit.clock import rfc3339
from stend.kit.errors import EdgeErrorCode, StendError, Violation, broken_rules, too_large
from stend.kit.json import JsonObject
from stend.shop.stock.domain import (
    RESERVATION_ID_PATTERN,
    SKU_PATTERN,
    Line,
    Quantity,
    Reservation,
    Restock,
    StockErrorCode,
)
from stend.shop.stock.ports import Envelope
from stend.shop.stock.usecases import (
    PAGE_LIMIT_DEFAULT,
    PAGE_LIMIT_MAX,
    Change,
    Command,
    CommitStock,
    GetStock,
    ListReservations,
    Question,
    ReleaseStock,
    ReservationPage,
    ReserveStock,
    RestockProduct,
    Result,
    StockLevels,
)

CONTENT_TYPE = "application/json"
_MOST_SKUS = 100
# A short string of AMQP 0-9-1 may hold anything, even a NUL, which no text of PostgreSQL does.
MESSAGE_ID_PATTERN = "^[\\x21-\\x7e]{1,128}$"
_MESSAGE_ID = re.compile(MESSAGE_ID_PATTERN)

# ---- commands in -------------------------------------------------------------------------------


def _integral(value: object) -> object:
    # 44.0 is an integer, too (JSON Schema 2020-12 Core, section 4.2.3), and "44" is not.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _not_null(value: object) -> object:
    # The contract lets an optional member be absent, and never null.
    if value is None:
        raise ValueError("a value; leave the member out to send none")
    return value


Integer = Annotated[int, BeforeValidator(_integral)]
Sku = Annotated[str, Field(pattern=SKU_PATTERN)]
ReservationId = Annotated[str, Field(pattern=RESERVATION_ID_PATTERN)]
Reason = Annotated[str, Field(pattern="^[^\\x00-\\x1f\\x7f]{1,280}$")]


class _Message(BaseModel):
    # Strict: "2" is no integer and 1 is no text. Unknown members are refused, never ignored.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Line(_Message):
    sku: Sku
    # How many is a rule of the warehouse, which the domain keeps.
    quantity: Integer


class _ReserveStock(_Message):
    reservation_id: ReservationId
    lines: list[_Line]


class _ReleaseStock(_Message):
    reservation_id: ReservationId
    reason: Reason


class _CommitStock(_Message):
    reservation_id: ReservationId


class _RestockProduct(_Message):
    sku: Sku
    quantity: Integer
    restock_id: ReservationId


class _GetStock(_Message):
    skus: Annotated[list[Sku], Field(min_length=1, max_length=_MOST_SKUS)]


class _ListReservations(_Message):
    after: Annotated[ReservationId | None, BeforeValidator(_not_null)] = None
    limit: Annotated[Integer, Field(ge=1, le=PAGE_LIMIT_MAX)] = PAGE_LIMIT_DEFAULT


def command_from(name: str | None, body: bytes) -> Change | Question:
    """
    Args:
        name: the property `type`.

    Raises:
        StendError: NO_SUCH_OPERATION, MALFORMED_MESSAGE, INVALID_ARGUMENT.
    """
    try:
        command = Command(name or "")
    except ValueError:
        raise StendError(
            EdgeErrorCode.NO_SUCH_OPERATION,
            "The service has no such command.",
            value=name or "no type",
            expected=f"the property type is one of {', '.join(Command)}",
            next_step="Set the property type of the message.",
        ) from None
    try:
        return _READERS[command](body)
    except ValidationError as error:
        raise _refusal(error) from None


def _reserve(body: bytes) -> ReserveStock:
    message = _ReserveStock.model_validate_json(body)
    lines = tuple(Line(line.sku, line.quantity) for line in message.lines)
    return ReserveStock(message.reservation_id, lines)


def _release(body: bytes) -> ReleaseStock:
    message = _ReleaseStock.model_validate_json(body)
    return ReleaseStock(message.reservation_id, message.reason)


def _commit(body: bytes) -> CommitStock:
    return CommitStock(_CommitStock.model_validate_json(body).reservation_id)


def _restock(body: bytes) -> RestockProduct:
    message = _RestockProduct.model_validate_json(body)
    return RestockProduct(message.sku, message.quantity, message.restock_id)


def _levels(body: bytes) -> GetStock:
    return GetStock(tuple(_GetStock.model_validate_json(body).skus))


def _page(body: bytes) -> ListReservations:
    message = _ListReservations.model_validate_json(body)
    return ListReservations(message.after, message.limit)


_READERS: Mapping[Command, Callable[[bytes], Change | Question]] = {
    Command.RESERVE_STOCK: _reserve,
    Command.RELEASE_STOCK: _release,
    Command.COMMIT_STOCK: _commit,
    Command.RESTOCK_PRODUCT: _restock,
    Command.GET_STOCK: _levels,
    Command.LIST_RESERVATIONS: _page,
}


def envelope_of(message_id: str | None, name: str, body: bytes) -> Envelope:
    """
    Raises:
        StendError: INVALID_ARGUMENT.
    """
    if message_id is None or not _MESSAGE_ID.fullmatch(message_id):
        raise missing_property("message_id", "1 to 128 visible characters of ASCII, its own")
    # A length before the text: no two different commands can run together.
    digest = hashlib.sha256(f"{len(name)}:{name}".encode() + body).digest()
    return Envelope(message_id, digest)


def check_body(body: bytes, content_type: str | None, limit_bytes: int) -> None:
    """
    Raises:
        StendError: MESSAGE_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE.
    """
    if len(body) > limit_bytes:
        raise too_large(len(body), limit_bytes)
    if content_type not in (None, CONTENT_TYPE):
        raise StendError(
            EdgeErrorCode.UNSUPPORTED_MEDIA_TYPE,
            "The service reads JSON only.",
            value=content_type,
            expected=f"the property content_type is {CONTENT_TYPE}",
            next_step="Send JSON in UTF-8.",
        )


def missing_property(name: str, rule: str) -> StendError:
    return broken_rules(
        EdgeErrorCode.INVALID_ARGUMENT,
        "The message lacks a property.",
        [Violation(name, rule)],
        "Set it among the basic properties of the message.",
    )


def _refusal(error: ValidationError) -> StendError:
    found = error.errors(include_url=False, include_input=False, include_context=False)
    if found[0]["type"] == "json_invalid":
        return StendError(
            EdgeErrorCode.MALFORMED_MESSAGE,
            "The message is not JSON.",
            value=found[0]["msg"].removeprefix("Invalid JSON: "),
            expected="one JSON text in UTF-8 (RFC 8259)",
            next_step="Check quotes, commas and brackets near that place.",
        )
    violations = [Violation(_pointer(item["loc"]), item["msg"]) for item in found]
    return broken_rules(
        EdgeErrorCode.INVALID_ARGUMENT,
        "The message breaks the contract.",
        violations,
        "Compare these fields with asyncapi.yaml.",
    )


def _pointer(location: tuple[int | str, ...]) -> str:
    """A JSON Pointer (RFC 6901): `/lines/0/sku`."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


# ---- replies out -------------------------------------------------------------------------------


def result_to_json(result: Result) -> JsonObject:
    """The body of a reply that is no refusal."""
    return {"ok": True, "result": _result_to_json(result)}


def code_of(text: str) -> StrEnum:
    """
    Raises:
        ValueError: no code of this service.
    """
    return StockErrorCode(text) if text in set(StockErrorCode) else EdgeErrorCode(text)


def reply_type(name: str | None) -> str:
    return f"{name or ''}Reply"


def dump(members: JsonObject) -> bytes:
    return to_json(members)


def _result_to_json(result: Result) -> JsonObject:
    match result:
        case Reservation():
            return _reservation_to_json(result)
        case Restock():
            return {
                "restock_id": result.restock_id,
                "sku": result.sku,
                "quantity": result.quantity,
            }
        case StockLevels():
            return {"quantities": [_quantity_to_json(one) for one in result.quantities]}
        case ReservationPage():
            return {
                "reservations": [_reservation_to_json(one) for one in result.reservations],
                "next_after": result.next_after,
            }


def _quantity_to_json(quantity: Quantity) -> JsonObject:
    return {"sku": quantity.sku, "on_hand": quantity.on_hand, "reserved": quantity.reserved}


def _reservation_to_json(reservation: Reservation) -> JsonObject:
    members: JsonObject = {
        "reservation_id": reservation.reservation_id,
        "status": reservation.status.value,
        "lines": [{"sku": line.sku, "quantity": line.quantity} for line in reservation.lines],
        "created_at": rfc3339(reservation.created_at),
        "updated_at": rfc3339(reservation.updated_at),
    }
    if reservation.reason is not None:
        members["reason"] = reservation.reason
    return members


# ---- client: commands out, replies in ----------------------------------------------------------


def command_to_json(command: Change | Question) -> JsonObject:
    match command:
        case ReserveStock():
            return {
                "reservation_id": command.reservation_id,
                "lines": [{"sku": line.sku, "quantity": line.quantity} for line in command.lines],
            }
        case ReleaseStock():
            return {"reservation_id": command.reservation_id, "reason": command.reason}
        case CommitStock():
            return {"reservation_id": command.reservation_id}
        case RestockProduct():
            return {
                "sku": command.sku,
                "quantity": command.quantity,
                "restock_id": command.restock_id,
            }
        case GetStock():
            return {"skus": [*command.skus]}
        case ListReservations():
            if command.after is None:
                return {"limit": command.limit}
            return {"after": command.after, "limit": command.limit}


def reply_from(body: bytes) -> Mapping[str, Any]:
    """
    Raises:
        ValueError: not the JSON of a reply.
    """
    reply = from_json(body)
    if not isinstance(reply, dict) or not isinstance(reply.get("ok"), bool):
        raise ValueError("the reply has no member ok")
    return reply
