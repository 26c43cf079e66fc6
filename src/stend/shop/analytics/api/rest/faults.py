"""Every error of the service as an HTTP status and the title of a problem (RFC 9457)."""

from collections.abc import Mapping
from enum import StrEnum

from stend.kit.problems import EDGE_PROBLEMS, ProblemKind
from stend.shop.analytics.domain import AnalyticsErrorCode

FAULTS: Mapping[StrEnum, ProblemKind] = {
    **EDGE_PROBLEMS,
    AnalyticsErrorCode.MART_UNKNOWN: ProblemKind(404, "Unknown mart"),
}
