"""Every command in every state of a payment, and what moves between the accounts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.kit.errors import StendError
from stend.kit.money import Money
from stend.shop.payments import domain
from stend.shop.payments.domain import (
    Account,
    Batch,
    BatchKind,
    DeclineReason,
    DeclineRules,
    Payment,
    PaymentErrorCode,
    PaymentStatus,
    Step,
)
from tests.fakes.orders import MORNING

LATER = MORNING + timedelta(seconds=5)
AMOUNT, NOTHING = Money(5000), Money(0)
RULES = DeclineRules(Money(10_000))
PAID = Payment("ord_1", PaymentStatus.AUTHORISED, AMOUNT, NOTHING, MORNING, MORNING, "cus_1", "a_1")
STATES: dict[str, Payment | None] = {
    "unknown": None,
    "authorised": PAID,
    "captured": replace(PAID, status=PaymentStatus.CAPTURED),
    "refunded": replace(PAID, status=PaymentStatus.REFUNDED, refunded=AMOUNT),
    "voided": replace(PAID, status=PaymentStatus.VOIDED),
    "declined": replace(
        PAID,
        status=PaymentStatus.DECLINED,
        authorisation_id=None,
        decline_reason=DeclineReason.CARD_BLOCKED,
    ),
    "tombstone": Payment("ord_1", PaymentStatus.VOIDED, NOTHING, NOTHING, MORNING, MORNING),
}


def authorise(present: Payment | None, customer_id: str = "cus_1", amount: Money = AMOUNT) -> Step:
    return domain.authorise(
        present,
        payment_ref="ord_1",
        customer_id=customer_id,
        amount=amount,
        authorisation_id="a_2",
        rules=RULES,
        now=LATER,
    )


COMMANDS: dict[str, Callable[[Payment | None], Step]] = {
    "authorise": authorise,
    "capture": lambda present: domain.capture(present, "ord_1", LATER),
    "void": lambda present: domain.void(present, "ord_1", LATER),
    "refund": lambda present: domain.refund(present, "ord_1", None, LATER),
}
FORBIDDEN = PaymentErrorCode.PAYMENT_STATE_FORBIDDEN
NOT_FOUND = PaymentErrorCode.PAYMENT_NOT_FOUND
# A status that a command leads to, None where nothing changes, or a refusal.
TABLE: dict[str, dict[str, PaymentStatus | PaymentErrorCode | None]] = {
    "authorise": {
        "unknown": PaymentStatus.AUTHORISED,
        "authorised": None,
        "captured": None,
        "refunded": FORBIDDEN,
        "voided": FORBIDDEN,
        "declined": None,
        "tombstone": FORBIDDEN,
    },
    "capture": {
        "unknown": NOT_FOUND,
        "authorised": PaymentStatus.CAPTURED,
        "captured": None,
        "refunded": None,
        "voided": FORBIDDEN,
        "declined": FORBIDDEN,
        "tombstone": FORBIDDEN,
    },
    "void": {
        "unknown": PaymentStatus.VOIDED,
        "authorised": PaymentStatus.VOIDED,
        "captured": FORBIDDEN,
        "refunded": FORBIDDEN,
        "voided": None,
        "declined": None,
        "tombstone": None,
    },
    "refund": {
        "unknown": NOT_FOUND,
        "authorised": FORBIDDEN,
        "captured": PaymentStatus.REFUNDED,
        "refunded": None,
        "voided": FORBIDDEN,
        "declined": FORBIDDEN,
        "tombstone": FORBIDDEN,
    },
}


@pytest.mark.parametrize(
    ("command", "state", "expected"),
    [
        pytest.param(command, state, expected, id=f"{command}-{state}")
        for command, row in TABLE.items()
        for state, expected in row.items()
    ],
)
def test_every_command_in_every_state(
    command: str, state: str, expected: PaymentStatus | PaymentErrorCode | None
) -> None:
    present = STATES[state]
    if isinstance(expected, PaymentErrorCode):
        with pytest.raises(StendError) as caught:
            COMMANDS[command](present)
        assert caught.value.code is expected
        return
    step = COMMANDS[command](present)
    if expected is None:
        assert step == Step(present)  # type: ignore[arg-type]
        assert step.payment is present
        return
    assert step.payment.status is expected
    # A second time changes nothing, whatever the command was.
    assert COMMANDS[command](step.payment) == Step(step.payment)


def test_the_table_is_complete() -> None:
    assert set(TABLE) == set(COMMANDS)
    assert all(set(row) == set(STATES) for row in TABLE.values())


# ---- conflicts and declines --------------------------------------------------------------------


@pytest.mark.parametrize("state", ["authorised", "captured", "refunded", "voided", "declined"])
@pytest.mark.parametrize("change", [{"customer_id": "cus_2"}, {"amount": Money(5001)}])
def test_the_same_reference_with_other_contents_is_a_conflict(
    state: str, change: dict[str, str | Money]
) -> None:
    with pytest.raises(StendError) as caught:
        authorise(STATES[state], **change)  # type: ignore[arg-type]
    assert caught.value.code is PaymentErrorCode.PAYMENT_CONFLICT


@pytest.mark.parametrize(
    ("customer_id", "amount", "reason"),
    [
        ("cus_1", Money(10_000), None),
        ("cus_1", Money(10_001), DeclineReason.CARD_LIMIT),
        ("cus_1Declined", Money(1), DeclineReason.CARD_BLOCKED),
        ("cus_Declined1", Money(1), None),
        ("cus_1declined", Money(1), None),
    ],
)
def test_the_bank_declines_by_two_rules(
    customer_id: str, amount: Money, reason: DeclineReason | None
) -> None:
    step = authorise(None, customer_id, amount)
    assert step.payment.decline_reason is reason
    if reason:
        assert (step.payment.status, step.batches) == (PaymentStatus.DECLINED, ())
        assert step.payment.authorisation_id is None
        assert domain.declined(step.payment).code is PaymentErrorCode.PAYMENT_DECLINED


def test_a_part_goes_back_once() -> None:
    captured = STATES["captured"]
    step = domain.refund(captured, "ord_1", Money(1200), LATER)
    assert (step.payment.status, step.payment.refunded) == (PaymentStatus.REFUNDED, Money(1200))
    assert domain.refund(step.payment, "ord_1", Money(1200), LATER).payment is step.payment
    for other in (None, Money(1201)):
        with pytest.raises(StendError) as caught:
            domain.refund(step.payment, "ord_1", other, LATER)
        assert caught.value.code is PaymentErrorCode.PAYMENT_CONFLICT
    with pytest.raises(StendError) as caught:
        domain.refund(captured, "ord_1", Money(5001), LATER)
    assert caught.value.code is PaymentErrorCode.REFUND_EXCEEDS_PAYMENT


# ---- the books ---------------------------------------------------------------------------------


def test_what_each_step_moves() -> None:
    held = authorise(None)
    assert held.batches == (Batch(BatchKind.AUTHORISATION, Account.CARDS, Account.HOLDS, AMOUNT),)
    taken = COMMANDS["capture"](held.payment)
    assert [(batch.from_account, batch.to_account) for batch in taken.batches] == [
        (Account.HOLDS, Account.CLEARING),
        (Account.CLEARING, Account.MERCHANT),
    ]
    back = domain.refund(taken.payment, "ord_1", Money(1200), LATER)
    assert [(batch.from_account, batch.to_account, batch.amount) for batch in back.batches] == [
        (Account.MERCHANT, Account.CLEARING, Money(1200)),
        (Account.CLEARING, Account.CARDS, Money(1200)),
    ]
    (release,) = COMMANDS["void"](held.payment).batches
    assert (release.from_account, release.to_account) == (Account.HOLDS, Account.CARDS)
    assert COMMANDS["void"](None).batches == ()


@given(
    st.lists(st.sampled_from(sorted(COMMANDS)), max_size=8),
    st.integers(1, 10_000),
)
def test_whatever_happens_the_books_tell_the_state(commands: list[str], minor: int) -> None:
    balances = dict.fromkeys(Account, 0)
    payment: Payment | None = None
    kinds: list[BatchKind] = []
    for name in commands:
        try:
            step = (
                authorise(payment, amount=Money(minor))
                if name == "authorise"
                else COMMANDS[name](payment)
            )
        except StendError:
            continue
        payment = step.payment
        for batch in step.batches:
            kinds.append(batch.kind)
            assert sum(entry.amount.amount_minor for entry in batch.entries) == 0
            for entry in batch.entries:
                balances[entry.account] += entry.amount.amount_minor
    status = payment and payment.status
    held = minor if status is PaymentStatus.AUTHORISED else 0
    earned = minor if status is PaymentStatus.CAPTURED else 0
    assert balances == {
        Account.CARDS: -held - earned,
        Account.HOLDS: held,
        Account.CLEARING: 0,
        Account.MERCHANT: earned,
    }
    assert len(kinds) == len(set(kinds))
