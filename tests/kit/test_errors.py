"""An error says what happened, the value, what was expected and what to do."""

from collections.abc import Callable

import pytest

from stend.kit.errors import (
    Blame,
    EdgeErrorCode,
    StendError,
    Violation,
    broken_rules,
    deadline_exceeded,
    internal,
    too_large,
    unavailable,
)

EVERY_KIND: dict[str, tuple[Callable[[], StendError], EdgeErrorCode, Blame]] = {
    "deadline": (lambda: deadline_exceeded(5), EdgeErrorCode.DEADLINE_EXCEEDED, Blame.PEER),
    "unavailable": (lambda: unavailable("X", "gone"), EdgeErrorCode.UNAVAILABLE, Blame.PEER),
    "internal": (internal, EdgeErrorCode.INTERNAL, Blame.STAND),
    "announced": (lambda: too_large(11, 10), EdgeErrorCode.MESSAGE_TOO_LARGE, Blame.CALLER),
    "counted": (lambda: too_large(None, 10), EdgeErrorCode.MESSAGE_TOO_LARGE, Blame.CALLER),
}


@pytest.mark.parametrize(("make", "code", "blame"), EVERY_KIND.values(), ids=EVERY_KIND)
def test_every_kind_has_code_blame_and_a_next_step(
    make: Callable[[], StendError], code: EdgeErrorCode, blame: Blame
) -> None:
    error = make()
    assert (error.code, error.blame) == (code, blame)
    assert error.what.endswith(".")
    assert error.next_step.endswith(".")


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (StendError(EdgeErrorCode.INTERNAL, "It broke."), "It broke."),
        (StendError(EdgeErrorCode.INTERNAL, "It broke.", value=""), "It broke. Got: ."),
        (
            StendError(
                EdgeErrorCode.INTERNAL, "It broke.", value="1", expected="2", next_step="Do."
            ),
            "It broke. Got: 1. Expected: 2. Do.",
        ),
    ],
)
def test_the_detail_is_the_whole_error_as_prose(error: StendError, detail: str) -> None:
    assert error.detail == detail


def test_few_broken_rules_are_all_told() -> None:
    rules = (Violation("/a", "one"), Violation("/b", "two"), Violation("/c", "two"))
    error = broken_rules(EdgeErrorCode.INVALID_ARGUMENT, "No.", rules, "Fix.")
    assert error.violations == rules
    assert (error.value, error.expected) == ("/a, /b, /c", "one; two")


def test_of_many_broken_rules_ten_are_told_and_the_others_counted() -> None:
    rules = tuple(Violation(f"/{number}", "rule") for number in range(1000))
    error = broken_rules(EdgeErrorCode.INVALID_ARGUMENT, "No.", rules, "Fix.")
    assert error.violations == rules[:10]
    assert error.value is not None
    assert error.value.endswith("/9 and 990 more")
    assert len(error.detail) < 200
