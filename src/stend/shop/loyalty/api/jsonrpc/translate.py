"""Parameters and results of JSON-RPC to use-case inputs and back, for both sides. Pure."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from stend.kit.clock import rfc3339
from stend.kit.errors import EdgeErrorCode, Violation, broken_rules
from stend.kit.json import JsonObject
from stend.kit.money import Money
from stend.shop.loyalty.domain import (
    CUSTOMER_ID_PATTERN,
    MAX_AMOUNT,
    OPERATION_ID_PATTERN,
    Account,
    Entry,
    EntryKind,
    Level,
)
from stend.shop.loyalty.ports import Booked
from stend.shop.loyalty.usecases import (
    PAGE_LIMIT_DEFAULT,
    PAGE_LIMIT_MAX,
    Accrue,
    GetBalance,
    HistoryPage,
    ListHistory,
    Reverse,
)


class MethodName(StrEnum):
    ACCRUE = "loyalty.accrue"
    REVERSE = "loyalty.reverse"
    BALANCE = "loyalty.balance"
    HISTORY = "loyalty.history"
    DISCOVER = "rpc.discover"


def _integral(value: object) -> object:
    # 44.0 is an integer, too (JSON Schema 2020-12 Core, section 4.2.3), and "44" is not.
    return int(value) if isinstance(value, float) and value.is_integer() else value


CustomerId = Annotated[str, Field(pattern=CUSTOMER_ID_PATTERN)]
OperationId = Annotated[str, Field(pattern=OPERATION_ID_PATTERN)]
AmountMinor = Annotated[int, Field(ge=1, le=MAX_AMOUNT.amount_minor), BeforeValidator(_integral)]
Limit = Annotated[int, Field(ge=1, le=PAGE_LIMIT_MAX), BeforeValidator(_integral)]
AfterVersion = Annotated[int, Field(ge=0, le=2**31 - 1), BeforeValidator(_integral)]


class Params(BaseModel):
    # Strict: "2" is no integer and 1 is no text. Unknown members are refused, never ignored.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class AccrueParams(Params):
    customer_id: CustomerId
    operation_id: OperationId
    amount_minor: AmountMinor


class ReverseParams(Params):
    customer_id: CustomerId
    operation_id: OperationId


class BalanceParams(Params):
    customer_id: CustomerId


class HistoryParams(Params):
    customer_id: CustomerId
    after: AfterVersion = 0
    limit: Limit = PAGE_LIMIT_DEFAULT


class DiscoverParams(Params):
    """None at all."""


_ParamsT = TypeVar("_ParamsT", bound=Params)


# ---- requests ----------------------------------------------------------------------------------


def accrue_from(params: JsonObject) -> Accrue:
    """
    Raises:
        StendError: INVALID_ARGUMENT, as everywhere here.
    """
    message = parsed(AccrueParams, params)
    return Accrue(message.customer_id, message.operation_id, Money(message.amount_minor))


def reverse_from(params: JsonObject) -> Reverse:
    message = parsed(ReverseParams, params)
    return Reverse(message.customer_id, message.operation_id)


def balance_from(params: JsonObject) -> GetBalance:
    return GetBalance(parsed(BalanceParams, params).customer_id)


def history_from(params: JsonObject) -> ListHistory:
    message = parsed(HistoryParams, params)
    return ListHistory(message.customer_id, message.after, message.limit)


def parsed(kind: type[_ParamsT], params: JsonObject) -> _ParamsT:
    """
    Raises:
        StendError: INVALID_ARGUMENT.
    """
    try:
        return kind.model_validate(params)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        raise broken_rules(
            EdgeErrorCode.INVALID_ARGUMENT,
            "The parameters break the contract.",
            tuple(Violation(_pointer(one["loc"]), one["msg"]) for one in found),
            "Compare these parameters with the contract (rpc.discover).",
        ) from None


def _pointer(location: tuple[int | str, ...]) -> str:
    """A JSON Pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def request_of(
    request: Accrue | Reverse | GetBalance | ListHistory,
) -> tuple[MethodName, JsonObject]:
    """The method and the parameters that perform an operation."""
    match request:
        case Accrue():
            return MethodName.ACCRUE, {
                "customer_id": request.customer_id,
                "operation_id": request.operation_id,
                "amount_minor": request.amount.amount_minor,
            }
        case Reverse():
            return MethodName.REVERSE, {
                "customer_id": request.customer_id,
                "operation_id": request.operation_id,
            }
        case GetBalance():
            return MethodName.BALANCE, {"customer_id": request.customer_id}
        case ListHistory():
            return MethodName.HISTORY, {
                "customer_id": request.customer_id,
                "after": request.after_version,
                "limit": request.limit,
            }


# ---- results -----------------------------------------------------------------------------------


def booked_to_json(booked: Booked) -> JsonObject:
    return {"entry": entry_to_json(booked.entry), "replayed": booked.replayed}


def account_to_json(account: Account) -> JsonObject:
    return {
        "customer_id": account.customer_id,
        "points": account.points,
        "level": account.level.value,
        "version": account.version,
    }


def page_to_json(page: HistoryPage) -> JsonObject:
    return {
        "entries": [entry_to_json(entry) for entry in page.entries],
        "next_after": page.next_after,
    }


def entry_to_json(entry: Entry) -> JsonObject:
    members: JsonObject = {
        "customer_id": entry.customer_id,
        "version": entry.version,
        "operation_id": entry.operation_id,
        "kind": entry.kind.value,
        "points": entry.points,
        "balance": entry.balance,
        "level": entry.level.value,
        "occurred_at": rfc3339(entry.occurred_at),
    }
    if entry.amount is not None:
        members["amount_minor"] = entry.amount.amount_minor
    return members


# ---- results, read again -----------------------------------------------------------------------


def booked_from_json(members: Mapping[str, Any]) -> Booked:
    return Booked(_entry_from_json(members["entry"]), members["replayed"])


def account_from_json(members: Mapping[str, Any]) -> Account:
    return Account(members["customer_id"], members["points"], members["version"])


def page_from_json(members: Mapping[str, Any]) -> HistoryPage:
    entries = tuple(_entry_from_json(one) for one in members["entries"])
    return HistoryPage(entries, members["next_after"])


def _entry_from_json(members: Mapping[str, Any]) -> Entry:
    amount = members.get("amount_minor")
    return Entry(
        customer_id=members["customer_id"],
        version=members["version"],
        operation_id=members["operation_id"],
        kind=EntryKind(members["kind"]),
        points=members["points"],
        balance=members["balance"],
        level=Level(members["level"]),
        occurred_at=datetime.fromisoformat(members["occurred_at"]),
        amount=None if amount is None else Money(amount),
    )
