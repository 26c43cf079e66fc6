"""The operations of the bank. Each may be repeated: the reference makes it the same one."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from stend.kit.clock import Clock
from stend.kit.ids import Ids
from stend.kit.money import Money
from stend.shop.payments import domain
from stend.shop.payments.domain import Account, DeclineRules, Payment, PaymentStatus, Step
from stend.shop.payments.ports import Books

PAGE_LIMIT_DEFAULT = 100
PAGE_LIMIT_MAX = 500
AUTHORISATION_ID_PREFIX = "auth_"


class Operation(StrEnum):
    AUTHORISE = "Authorise"
    CAPTURE = "Capture"
    VOID = "Void"
    REFUND = "Refund"
    GET_PAYMENT = "GetPayment"
    LIST_PAYMENTS = "ListPayments"
    GET_BALANCES = "GetBalances"


@dataclass(frozen=True, slots=True)
class Authorise:
    payment_ref: str
    customer_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Capture:
    payment_ref: str


@dataclass(frozen=True, slots=True)
class Void:
    payment_ref: str


@dataclass(frozen=True, slots=True)
class Refund:
    """`amount` is None to refund all."""

    payment_ref: str
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class GetPayment:
    payment_ref: str


@dataclass(frozen=True, slots=True)
class ListPayments:
    """`after`: the last reference of the page before."""

    after: str | None = None
    limit: int = PAGE_LIMIT_DEFAULT


@dataclass(frozen=True, slots=True)
class GetBalances:
    """Has no fields."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One page. `next_after` is None on the last one."""

    payments: tuple[Payment, ...]
    next_after: str | None


OperationInput = Authorise | Capture | Void | Refund | GetPayment | ListPayments | GetBalances


class Payments:
    """The application: every method is one operation, atomic and safe to repeat."""

    def __init__(self, books: Books, rules: DeclineRules, clock: Clock, ids: Ids) -> None:
        self._books = books
        self._rules = rules
        self._clock = clock
        self._ids = ids

    async def authorise(self, request: Authorise) -> Payment:
        """
        Raises:
            StendError: PAYMENT_DECLINED, PAYMENT_CONFLICT, PAYMENT_STATE_FORBIDDEN.
        """
        now = self._clock.now()
        authorisation_id = AUTHORISATION_ID_PREFIX + self._ids.ulid()

        def decide(present: Payment | None) -> Step:
            return domain.authorise(
                present,
                payment_ref=request.payment_ref,
                customer_id=request.customer_id,
                amount=request.amount,
                authorisation_id=authorisation_id,
                rules=self._rules,
                now=now,
            )

        payment = await self._books.change(request.payment_ref, decide)
        # After the commit: that the bank declined is remembered, even when its rules change.
        if payment.status is PaymentStatus.DECLINED:
            raise domain.declined(payment)
        return payment

    async def capture(self, request: Capture) -> Payment:
        """
        Raises:
            StendError: PAYMENT_NOT_FOUND, PAYMENT_STATE_FORBIDDEN.
        """
        now, ref = self._clock.now(), request.payment_ref
        return await self._books.change(ref, lambda present: domain.capture(present, ref, now))

    async def void(self, request: Void) -> Payment:
        """
        Raises:
            StendError: PAYMENT_STATE_FORBIDDEN.
        """
        now, ref = self._clock.now(), request.payment_ref
        return await self._books.change(ref, lambda present: domain.void(present, ref, now))

    async def refund(self, request: Refund) -> Payment:
        """
        Raises:
            StendError: PAYMENT_NOT_FOUND, PAYMENT_STATE_FORBIDDEN, REFUND_EXCEEDS_PAYMENT,
                PAYMENT_CONFLICT.
        """
        now, ref = self._clock.now(), request.payment_ref
        return await self._books.change(
            ref, lambda present: domain.refund(present, ref, request.amount, now)
        )

    async def get_payment(self, request: GetPayment) -> Payment:
        """
        Raises:
            StendError: PAYMENT_NOT_FOUND.
        """
        payment = await self._books.get(request.payment_ref)
        if payment is None:
            raise domain.not_found(request.payment_ref)
        return payment

    async def list_payments(self, request: ListPayments) -> Statement:
        """The statement that a merchant compares with his own books, in order of reference."""
        rows = await self._books.list_page(request.after, request.limit + 1)
        page = tuple(rows[: request.limit])
        more = len(rows) > request.limit
        return Statement(page, page[-1].payment_ref if more else None)

    async def get_balances(self) -> Mapping[Account, Money]:
        """Of every account; together they are nothing."""
        return await self._books.balances()
