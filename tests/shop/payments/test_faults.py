"""Every error of the bank says who has to act."""

from stend.chassis.soap.faults import Side
from stend.kit.errors import EdgeErrorCode
from stend.shop.payments.api.soap.faults import FAULTS
from stend.shop.payments.domain import PaymentErrorCode


def test_every_error_has_a_side_and_no_side_stands_for_nothing() -> None:
    assert set(FAULTS) == {*EdgeErrorCode, *PaymentErrorCode}


def test_only_what_may_pass_by_itself_is_the_servers() -> None:
    assert {code for code, side in FAULTS.items() if side is Side.SERVER} == {
        EdgeErrorCode.OVERLOADED,
        EdgeErrorCode.DEADLINE_EXCEEDED,
        EdgeErrorCode.UNAVAILABLE,
        EdgeErrorCode.INTERNAL,
    }
