"""What a reservation is and what may happen to it. No protocol, no database, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from stend.kit.errors import StendError, Violation, broken_rules

SKU_PATTERN = "^[A-Z]{2,4}-[0-9]{3,5}$"
# The id of the order it is made for, or whatever else a consumer names its reservations by.
RESERVATION_ID_PATTERN = "^[A-Za-z0-9_-]{1,64}$"

MAX_LINES = 50
MAX_QUANTITY = 99
MAX_RESTOCK = 10_000


class ReservationStatus(StrEnum):
    RESERVED = "reserved"
    RELEASED = "released"
    COMMITTED = "committed"


class MovementKind(StrEnum):
    RECEIVED = "received"
    RESERVED = "reserved"
    RELEASED = "released"
    COMMITTED = "committed"


class StockErrorCode(StrEnum):
    INVALID_RESERVATION = "invalid-reservation"
    INVALID_RESTOCK = "invalid-restock"
    OUT_OF_STOCK = "out-of-stock"
    SKU_UNKNOWN = "sku-unknown"
    RESERVATION_NOT_FOUND = "reservation-not-found"
    RESERVATION_RELEASED = "reservation-released"
    RESERVATION_COMMITTED = "reservation-committed"
    RESERVATION_ID_REUSED = "reservation-id-reused"
    RESTOCK_ID_REUSED = "restock-id-reused"
    MESSAGE_ID_REUSED = "message-id-reused"


@dataclass(frozen=True, slots=True)
class Line:
    """A product and how many pieces of it."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Quantity:
    """What there is of a product: free to be reserved, and kept for somebody."""

    sku: str
    on_hand: int
    reserved: int


@dataclass(frozen=True, slots=True)
class Reservation:
    """Goods kept for one order.

    Attributes:
        lines: each sku once, in the order of skus; none when it was released before it was made.
        reason: of the release.
    """

    reservation_id: str
    status: ReservationStatus
    lines: tuple[Line, ...]
    created_at: datetime
    updated_at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Restock:
    """Goods of one product that came in."""

    restock_id: str
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of the ledger of goods; it is never changed.

    Attributes:
        reference: the reservation or the restocking it belongs to.
    """

    sku: str
    kind: MovementKind
    quantity: int
    reference: str
    occurred_at: datetime


def merged(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Each sku once, in the order of skus: who locks rows in one order never deadlocks.

    Raises:
        StendError: INVALID_RESERVATION.
    """
    broken = []
    if not 1 <= len(lines) <= MAX_LINES:
        broken.append(Violation("/lines", f"1 to {MAX_LINES} lines"))
    broken += [
        Violation(f"/lines/{number}/quantity", f"1 to {MAX_QUANTITY}")
        for number, line in enumerate(lines)
        if not 1 <= line.quantity <= MAX_QUANTITY
    ]
    if broken:
        raise broken_rules(
            StockErrorCode.INVALID_RESERVATION,
            "The lines break a rule of the warehouse.",
            broken,
            "Correct the lines and reserve again.",
        )
    totals: dict[str, int] = {}
    for line in lines:
        totals[line.sku] = totals.get(line.sku, 0) + line.quantity
    return tuple(Line(sku, totals[sku]) for sku in sorted(totals))


def check_restock(restock: Restock) -> None:
    """
    Raises:
        StendError: INVALID_RESTOCK.
    """
    if not 1 <= restock.quantity <= MAX_RESTOCK:
        raise broken_rules(
            StockErrorCode.INVALID_RESTOCK,
            "No delivery of goods has this size.",
            [Violation("/quantity", f"1 to {MAX_RESTOCK}")],
            "Correct the quantity.",
        )


def reserve(
    reservation_id: str, lines: tuple[Line, ...], present: Mapping[str, Quantity], now: datetime
) -> Reservation:
    """A new reservation of merged lines.

    Args:
        present: what there is of each sku; unknown ones are absent.

    Raises:
        StendError: SKU_UNKNOWN, OUT_OF_STOCK; each names every sku concerned.
    """
    check_known([line.sku for line in lines], present)
    short = [line for line in lines if present[line.sku].on_hand < line.quantity]
    if short:
        raise _out_of_stock(short, present)
    return Reservation(reservation_id, ReservationStatus.RESERVED, lines, now, now)


def check_known(skus: Sequence[str], present: Mapping[str, Quantity]) -> None:
    """
    Raises:
        StendError: SKU_UNKNOWN.
    """
    unknown = [sku for sku in skus if sku not in present]
    if unknown:
        raise StendError(
            StockErrorCode.SKU_UNKNOWN,
            "The warehouse has never had such a product.",
            value=", ".join(unknown),
            expected="skus of the assortment, for example MILK-001",
            next_step="Remove these lines or correct their skus.",
            violations=tuple(Violation(sku, "no such product") for sku in unknown),
        )


def same_reservation(made: Reservation, lines: tuple[Line, ...]) -> Reservation:
    """The first answer again, when the same is asked for under the same id.

    Raises:
        StendError: RESERVATION_RELEASED, RESERVATION_ID_REUSED.
    """
    if made.status is ReservationStatus.RELEASED:
        raise _released(made)
    if made.lines != lines:
        raise StendError(
            StockErrorCode.RESERVATION_ID_REUSED,
            "This reservation was made with other lines.",
            value=made.reservation_id,
            expected="the same lines as the first time, or a fresh id",
            next_step="Use one reservation id per order.",
        )
    return as_made(made)


def as_made(reservation: Reservation) -> Reservation:
    """The reservation as it was answered to who made it, whatever happened since."""
    return replace(
        reservation,
        status=ReservationStatus.RESERVED,
        updated_at=reservation.created_at,
        reason=None,
    )


def release(reservation: Reservation, reason: str, now: datetime) -> Reservation:
    """The goods are free again. A release that is repeated changes nothing.

    Raises:
        StendError: RESERVATION_COMMITTED: the goods have left the warehouse.
    """
    match reservation.status:
        case ReservationStatus.RELEASED:
            return reservation
        case ReservationStatus.COMMITTED:
            raise StendError(
                StockErrorCode.RESERVATION_COMMITTED,
                "The goods of this reservation have left the warehouse.",
                value=reservation.reservation_id,
                expected="a reservation that is not committed",
                next_step="Bring the goods back with RestockProduct.",
            )
        case ReservationStatus.RESERVED:
            status = ReservationStatus.RELEASED
            return replace(reservation, status=status, reason=reason, updated_at=now)


def tombstone(reservation_id: str, reason: str, now: datetime) -> Reservation:
    """A release that came before its reservation: it holds nothing and blocks what comes late."""
    return Reservation(reservation_id, ReservationStatus.RELEASED, (), now, now, reason)


def commit(reservation: Reservation, now: datetime) -> Reservation:
    """The goods leave the warehouse. A commit that is repeated changes nothing.

    Raises:
        StendError: RESERVATION_RELEASED.
    """
    match reservation.status:
        case ReservationStatus.COMMITTED:
            return reservation
        case ReservationStatus.RELEASED:
            raise _released(reservation)
        case ReservationStatus.RESERVED:
            return replace(reservation, status=ReservationStatus.COMMITTED, updated_at=now)


def not_found(reservation_id: str) -> StendError:
    return StendError(
        StockErrorCode.RESERVATION_NOT_FOUND,
        "There is no such reservation.",
        value=reservation_id,
        expected="the id of a reservation that was made",
        next_step="Reserve first.",
    )


def restock_id_reused(restock_id: str) -> StendError:
    return StendError(
        StockErrorCode.RESTOCK_ID_REUSED,
        "This id came before with another product or quantity.",
        value=restock_id,
        expected="the same sku and quantity as the first time, or a fresh id",
        next_step="Use one restock id per delivery of one product.",
    )


def message_id_reused(message_id: str) -> StendError:
    return StendError(
        StockErrorCode.MESSAGE_ID_REUSED,
        "This message id came before with another command.",
        value=message_id,
        expected="the same type and body as the first time, or a fresh id",
        next_step="Give each command an id of its own; repeat it only to repeat the command.",
    )


def _released(reservation: Reservation) -> StendError:
    return StendError(
        StockErrorCode.RESERVATION_RELEASED,
        "This reservation was released.",
        value=reservation.reservation_id,
        expected="a reservation that is not released",
        next_step="Reserve under another id if the goods are still wanted.",
    )


def _out_of_stock(short: Sequence[Line], present: Mapping[str, Quantity]) -> StendError:
    # All of them and not the first ten only: whoever orders has to correct each.
    return StendError(
        StockErrorCode.OUT_OF_STOCK,
        "There is not enough of what is asked for.",
        value=", ".join(f"{line.quantity} of {line.sku}" for line in short),
        expected=", ".join(f"at most {present[line.sku].on_hand} of {line.sku}" for line in short),
        next_step="Take fewer, leave these products out, or wait for the next delivery.",
        violations=tuple(
            Violation(line.sku, f"at most {present[line.sku].on_hand}") for line in short
        ),
    )
