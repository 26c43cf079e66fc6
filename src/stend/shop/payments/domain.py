"""What a payment is, what may happen to it, and what each step moves between the accounts. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from stend.kit.errors import StendError
from stend.kit.money import Money


class PaymentStatus(StrEnum):
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    REFUNDED = "refunded"
    VOIDED = "voided"
    DECLINED = "declined"


class PaymentErrorCode(StrEnum):
    PAYMENT_DECLINED = "payment-declined"
    PAYMENT_NOT_FOUND = "payment-not-found"
    PAYMENT_STATE_FORBIDDEN = "payment-state-forbidden"
    PAYMENT_CONFLICT = "payment-conflict"
    REFUND_EXCEEDS_PAYMENT = "refund-exceeds-payment"


class DeclineReason(StrEnum):
    CARD_BLOCKED = "card-blocked"
    CARD_LIMIT = "card-limit"


class Account(StrEnum):
    """The accounts of the bank.

    Money comes from CARDS, so its balance is what customers have spent, with a minus. Between
    the bank and the merchant it passes CLEARING, which is empty whenever nothing is on its way.
    """

    CARDS = "cards"
    HOLDS = "holds"
    CLEARING = "clearing"
    MERCHANT = "merchant"


class BatchKind(StrEnum):
    AUTHORISATION = "authorisation"
    VOID = "void"
    CAPTURE = "capture"
    SETTLEMENT = "settlement"
    REFUND = "refund"
    PAYOUT = "payout"


@dataclass(frozen=True, slots=True)
class Entry:
    """One side of a batch; negative is money that leaves the account."""

    account: Account
    amount: Money


@dataclass(frozen=True, slots=True)
class Batch:
    """One transfer: what leaves one account arrives on another, so its entries sum to nothing."""

    kind: BatchKind
    from_account: Account
    to_account: Account
    amount: Money

    @property
    def entries(self) -> tuple[Entry, Entry]:
        return Entry(self.from_account, self.amount * -1), Entry(self.to_account, self.amount)


@dataclass(frozen=True, slots=True)
class Payment:
    """
    Attributes:
        payment_ref: the merchant's own name of the payment; every command is keyed by it.
        customer_id: None of a payment that was voided before it was ever authorised.
        amount: zero of such a payment.
        refunded: what went back to the card; at most `amount`.
    """

    payment_ref: str
    status: PaymentStatus
    amount: Money
    refunded: Money
    opened_at: datetime
    updated_at: datetime
    customer_id: str | None = None
    authorisation_id: str | None = None
    decline_reason: DeclineReason | None = None

    @property
    def is_tombstone(self) -> bool:
        """Voided before it was authorised: it only keeps a late Authorise out."""
        return self.customer_id is None


@dataclass(frozen=True, slots=True)
class Step:
    """What a command leads to. A payment that stays as it is has no batches."""

    payment: Payment
    batches: tuple[Batch, ...] = ()


@dataclass(frozen=True, slots=True)
class DeclineRules:
    """When the bank says no, so that everybody can bring it about.

    Attributes:
        card_limit: a larger amount is declined.
        blocked_suffix: a customer whose id ends so has a blocked card.
    """

    card_limit: Money
    blocked_suffix: str = "Declined"

    def reason(self, customer_id: str, amount: Money) -> DeclineReason | None:
        if customer_id.endswith(self.blocked_suffix):
            return DeclineReason.CARD_BLOCKED
        if amount.amount_minor > self.card_limit.amount_minor:
            return DeclineReason.CARD_LIMIT
        return None


def authorise(
    present: Payment | None,
    *,
    payment_ref: str,
    customer_id: str,
    amount: Money,
    authorisation_id: str,
    rules: DeclineRules,
    now: datetime,
) -> Step:
    """Holds the amount on the card, or records that the bank declined.

    Raises:
        StendError: PAYMENT_CONFLICT when the reference came before with another customer or
            amount; PAYMENT_STATE_FORBIDDEN when the payment has been voided or refunded.
    """
    if present is not None:
        return _authorised_again(present, customer_id, amount)
    opened = Payment(
        payment_ref=payment_ref,
        status=PaymentStatus.AUTHORISED,
        amount=amount,
        refunded=Money(0, amount.currency),
        opened_at=now,
        updated_at=now,
        customer_id=customer_id,
    )
    if reason := rules.reason(customer_id, amount):
        return Step(replace(opened, status=PaymentStatus.DECLINED, decline_reason=reason))
    hold = Batch(BatchKind.AUTHORISATION, Account.CARDS, Account.HOLDS, amount)
    return Step(replace(opened, authorisation_id=authorisation_id), (hold,))


def capture(present: Payment | None, payment_ref: str, now: datetime) -> Step:
    """Takes what is held and pays it to the merchant.

    Raises:
        StendError: PAYMENT_NOT_FOUND, PAYMENT_STATE_FORBIDDEN.
    """
    payment = _known(present, payment_ref)
    if payment.status in {PaymentStatus.CAPTURED, PaymentStatus.REFUNDED}:
        return Step(payment)
    if payment.status is not PaymentStatus.AUTHORISED:
        raise _forbidden(payment, "captured", "an authorised payment")
    return Step(
        replace(payment, status=PaymentStatus.CAPTURED, updated_at=now),
        (
            Batch(BatchKind.CAPTURE, Account.HOLDS, Account.CLEARING, payment.amount),
            Batch(BatchKind.SETTLEMENT, Account.CLEARING, Account.MERCHANT, payment.amount),
        ),
    )


def void(present: Payment | None, payment_ref: str, now: datetime) -> Step:
    """Lets go of what is held. Where nothing is, it makes sure that nothing ever will be.

    Raises:
        StendError: PAYMENT_STATE_FORBIDDEN when the money has been taken already.
    """
    if present is None:
        nothing = Money(0)
        return Step(Payment(payment_ref, PaymentStatus.VOIDED, nothing, nothing, now, now))
    if present.status in {PaymentStatus.VOIDED, PaymentStatus.DECLINED}:
        return Step(present)
    if present.status is not PaymentStatus.AUTHORISED:
        raise _forbidden(present, "voided", "an authorised payment; refund a captured one")
    release = Batch(BatchKind.VOID, Account.HOLDS, Account.CARDS, present.amount)
    return Step(replace(present, status=PaymentStatus.VOIDED, updated_at=now), (release,))


def refund(present: Payment | None, payment_ref: str, amount: Money | None, now: datetime) -> Step:
    """Gives money back to the card, once per payment.

    Args:
        amount: None gives back all of it.

    Raises:
        StendError: PAYMENT_NOT_FOUND, PAYMENT_STATE_FORBIDDEN, REFUND_EXCEEDS_PAYMENT;
            PAYMENT_CONFLICT when another amount went back before.
    """
    payment = _known(present, payment_ref)
    wanted = payment.amount if amount is None else amount
    if payment.status is PaymentStatus.REFUNDED:
        if payment.refunded != wanted:
            raise _conflict(payment, f"a refund of {wanted}", f"{payment.refunded}, as refunded")
        return Step(payment)
    if payment.status is not PaymentStatus.CAPTURED:
        raise _forbidden(payment, "refunded", "a captured payment; void an authorised one")
    if wanted.amount_minor > payment.amount.amount_minor:
        raise StendError(
            PaymentErrorCode.REFUND_EXCEEDS_PAYMENT,
            "More cannot go back than was taken.",
            value=str(wanted),
            expected=f"at most {payment.amount}",
            next_step="Refund a smaller amount, or leave it out to refund all.",
        )
    return Step(
        replace(payment, status=PaymentStatus.REFUNDED, refunded=wanted, updated_at=now),
        (
            Batch(BatchKind.REFUND, Account.MERCHANT, Account.CLEARING, wanted),
            Batch(BatchKind.PAYOUT, Account.CLEARING, Account.CARDS, wanted),
        ),
    )


def declined(payment: Payment) -> StendError:
    """The refusal of a payment whose status is DECLINED."""
    words = {
        DeclineReason.CARD_BLOCKED: "the card is blocked",
        DeclineReason.CARD_LIMIT: "the amount is over the limit of the card",
    }
    because = words[payment.decline_reason] if payment.decline_reason else "no reason was kept"
    return StendError(
        PaymentErrorCode.PAYMENT_DECLINED,
        f"The bank declined the payment: {because}.",
        value=payment.payment_ref,
        expected="a card that is not blocked and an amount within its limit",
        next_step="Cancel the order; a new payment needs a new reference.",
    )


def not_found(payment_ref: str) -> StendError:
    return StendError(
        PaymentErrorCode.PAYMENT_NOT_FOUND,
        "There is no such payment.",
        value=payment_ref,
        expected="the reference of a payment that was authorised here",
        next_step="Authorise it first, or find it with ListPayments.",
    )


def _authorised_again(present: Payment, customer_id: str, amount: Money) -> Step:
    if present.is_tombstone:
        raise _forbidden(present, "authorised", "a reference that was not voided before")
    if (present.customer_id, present.amount) != (customer_id, amount):
        raise _conflict(
            present, f"{amount} of {customer_id}", f"{present.amount} of {present.customer_id}"
        )
    if present.status in {PaymentStatus.VOIDED, PaymentStatus.REFUNDED}:
        raise _forbidden(present, "authorised", "a new reference for a new payment")
    return Step(present)


def _known(present: Payment | None, payment_ref: str) -> Payment:
    if present is None:
        raise not_found(payment_ref)
    return present


def _conflict(payment: Payment, got: str, expected: str) -> StendError:
    return StendError(
        PaymentErrorCode.PAYMENT_CONFLICT,
        f"The reference {payment.payment_ref} came before with other contents.",
        value=got,
        expected=expected,
        next_step="Use one reference per payment; repeat it only to repeat the same command.",
    )


def _forbidden(payment: Payment, wish: str, expected: str) -> StendError:
    return StendError(
        PaymentErrorCode.PAYMENT_STATE_FORBIDDEN,
        f"A payment that is {payment.status} cannot be {wish}.",
        value=payment.payment_ref,
        expected=expected,
        next_step="Read the payment again and decide from its present status.",
    )
