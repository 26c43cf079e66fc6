"""The commands of the service. A command that comes again changes nothing and is answered alike."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from stend.kit.clock import Clock
from stend.kit.errors import EdgeErrorCode, StendError
from stend.kit.json import JsonObject
from stend.shop.stock import domain
from stend.shop.stock.domain import (
    Line,
    Movement,
    MovementKind,
    Quantity,
    Reservation,
    ReservationStatus,
    Restock,
)
from stend.shop.stock.ports import Envelope, StockStore, StockTransaction

PAGE_LIMIT_DEFAULT = 100
PAGE_LIMIT_MAX = 500


class Command(StrEnum):
    """The names as they stand in the property `type`."""

    RESERVE_STOCK = "ReserveStock"
    RELEASE_STOCK = "ReleaseStock"
    COMMIT_STOCK = "CommitStock"
    RESTOCK_PRODUCT = "RestockProduct"
    GET_STOCK = "GetStock"
    LIST_RESERVATIONS = "ListReservations"


@dataclass(frozen=True, slots=True)
class ReserveStock:
    reservation_id: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class ReleaseStock:
    reservation_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class CommitStock:
    reservation_id: str


@dataclass(frozen=True, slots=True)
class RestockProduct:
    """Goods of one product that came in."""

    sku: str
    quantity: int
    restock_id: str


@dataclass(frozen=True, slots=True)
class GetStock:
    skus: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListReservations:
    """`after`: the last reservation id the caller has seen."""

    after: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT


@dataclass(frozen=True, slots=True)
class StockLevels:
    quantities: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class ReservationPage:
    """`next_after` is None on the last page."""

    reservations: tuple[Reservation, ...]
    next_after: str | None


Change = ReserveStock | ReleaseStock | CommitStock | RestockProduct
Question = GetStock | ListReservations
Result = Reservation | Restock | StockLevels | ReservationPage
Words = Callable[[Result | StendError], JsonObject]


class Stock:
    """The application.

    Args:
        words: how a reply is written; the inbox keeps it, and repeats it word for word.
    """

    def __init__(self, store: StockStore, clock: Clock, words: Words) -> None:
        self._store = store
        self._clock = clock
        self._words = words

    async def answer(self, question: Question) -> JsonObject:
        """The reply to what changes nothing; it is asked again rather than kept.

        Raises:
            StendError: SKU_UNKNOWN; UNAVAILABLE.
        """
        match question:
            case GetStock():
                return self._words(await self._levels(question))
            case ListReservations():
                return self._words(await self._page(question))

    async def change(self, change: Change, envelope: Envelope) -> JsonObject:
        """The reply to a change: it, the effect and the message id are committed together.

        A refusal is kept, too: a command that was told "out of stock" must not reserve anything
        when it is delivered again.

        Raises:
            StendError: UNAVAILABLE: nothing is known and nothing was kept.
        """
        async with self._store.transaction() as transaction:
            kept = await transaction.claim(envelope)
            if kept is not None:
                if kept.fingerprint != envelope.fingerprint:
                    return self._words(domain.message_id_reused(envelope.message_id))
                return kept.reply
            try:
                reply = self._words(await self._perform(transaction, change))
            except StendError as error:
                # Every refusal of the domain comes before the first row is written.
                if error.code in set(EdgeErrorCode):
                    raise
                reply = self._words(error)
            await transaction.keep_reply(envelope.message_id, reply)
        return reply

    async def _perform(self, transaction: StockTransaction, change: Change) -> Result:
        match change:
            case ReserveStock():
                return await self._reserve(transaction, change)
            case ReleaseStock():
                return await self._release(transaction, change)
            case CommitStock():
                return await self._commit(transaction, change)
            case RestockProduct():
                return await self._restock(transaction, change)

    async def _reserve(self, transaction: StockTransaction, command: ReserveStock) -> Reservation:
        lines = domain.merged(command.lines)
        made = await transaction.lock_reservation(command.reservation_id)
        if made is not None:
            return domain.same_reservation(made, lines)
        present = await transaction.lock_quantities([line.sku for line in lines])
        now = self._clock.now()
        reservation = domain.reserve(command.reservation_id, lines, present, now)
        await transaction.add_reservation(reservation)
        await transaction.move(_movements(reservation, MovementKind.RESERVED))
        return reservation

    async def _release(self, transaction: StockTransaction, command: ReleaseStock) -> Reservation:
        made = await transaction.lock_reservation(command.reservation_id)
        now = self._clock.now()
        if made is None:
            stone = domain.tombstone(command.reservation_id, command.reason, now)
            await transaction.add_reservation(stone)
            return stone
        released = domain.release(made, command.reason, now)
        return await self._moved(transaction, made, released, MovementKind.RELEASED)

    async def _commit(self, transaction: StockTransaction, command: CommitStock) -> Reservation:
        made = await transaction.lock_reservation(command.reservation_id)
        if made is None:
            raise domain.not_found(command.reservation_id)
        committed = domain.commit(made, self._clock.now())
        return await self._moved(transaction, made, committed, MovementKind.COMMITTED)

    async def _moved(
        self,
        transaction: StockTransaction,
        before: Reservation,
        after: Reservation,
        kind: MovementKind,
    ) -> Reservation:
        if before.status is ReservationStatus.RESERVED:
            await transaction.lock_quantities([line.sku for line in after.lines])
            await transaction.save_reservation(after)
            await transaction.move(_movements(after, kind))
        return after

    async def _restock(self, transaction: StockTransaction, command: RestockProduct) -> Restock:
        restock = Restock(command.restock_id, command.sku, command.quantity)
        domain.check_restock(restock)
        domain.check_known([restock.sku], await transaction.lock_quantities([restock.sku]))
        now = self._clock.now()
        earlier = await transaction.add_restock(restock, now)
        if earlier is None:
            received = MovementKind.RECEIVED
            await transaction.move(
                [Movement(restock.sku, received, restock.quantity, restock.restock_id, now)]
            )
        elif earlier != restock:
            raise domain.restock_id_reused(restock.restock_id)
        return restock

    async def _levels(self, question: GetStock) -> StockLevels:
        skus = tuple(dict.fromkeys(question.skus))
        present = await self._store.quantities(skus)
        domain.check_known(skus, present)
        return StockLevels(tuple(present[sku] for sku in skus))

    async def _page(self, question: ListReservations) -> ReservationPage:
        # One row more than asked for tells whether there is a next page.
        rows = await self._store.reservations(question.after, question.limit + 1)
        page = tuple(rows[: question.limit])
        more = len(rows) > question.limit
        return ReservationPage(page, page[-1].reservation_id if more else None)


def _movements(reservation: Reservation, kind: MovementKind) -> list[Movement]:
    return [
        Movement(line.sku, kind, line.quantity, reservation.reservation_id, reservation.updated_at)
        for line in reservation.lines
    ]
