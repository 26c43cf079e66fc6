"""Every error has its status, and its object tells the whole of it."""

import pytest

from stend.chassis.http import problem_headers
from stend.kit.errors import EdgeErrorCode, StendError, unavailable
from stend.kit.problems import problem_to_json
from stend.shop.analytics.api.rest import faults
from stend.shop.analytics.domain import AnalyticsErrorCode

CODES = [*EdgeErrorCode, *AnalyticsErrorCode]


def test_the_table_is_complete() -> None:
    assert set(faults.FAULTS) == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_problem_has_what_rfc_9457_asks_for(code: EdgeErrorCode) -> None:
    error = StendError(code, "It broke.", value="7", expected="8", next_step="Try 8.")
    kind = faults.FAULTS[code]
    problem = problem_to_json(error, kind)
    assert problem["type"] == f"/errors/{code}"
    assert problem["status"] == kind.status
    assert 400 <= kind.status < 600
    assert problem["detail"] == "It broke. Got: 7. Expected: 8. Try 8."
    assert "violations" not in problem


def test_headers_say_when_and_how_to_come_again() -> None:
    assert problem_headers(unavailable("Kafka", "away")) == {"Retry-After": "1"}
    unknown = StendError(EdgeErrorCode.UNAUTHENTICATED, "Who are you?")
    assert problem_headers(unknown)["WWW-Authenticate"].startswith("Bearer")
    assert problem_headers(StendError(AnalyticsErrorCode.MART_UNKNOWN, "?")) == {}
