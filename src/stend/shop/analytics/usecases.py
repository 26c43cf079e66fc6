"""The two operations of the service."""

from dataclasses import dataclass
from enum import StrEnum

from stend.shop.analytics.domain import Freshness, Lag, MartName, MartTable, mart_named
from stend.shop.analytics.ports import Marts, Progress, Warehouse


class Operation(StrEnum):
    LIST_MARTS = "ListMarts"
    GET_MART = "GetMart"


@dataclass(frozen=True, slots=True)
class MartList:
    names: tuple[MartName, ...]
    freshness: Freshness
    lag: Lag


@dataclass(frozen=True, slots=True)
class MartReport:
    table: MartTable
    lag: Lag


class Analytics:
    def __init__(self, warehouse: Warehouse, marts: Marts, progress: Progress) -> None:
        self._warehouse = warehouse
        self._marts = marts
        self._progress = progress

    async def list_marts(self) -> MartList:
        return MartList(tuple(MartName), self._warehouse.freshness(), self._progress.lag())

    async def get_mart(self, name: str) -> MartReport:
        """A mart over everything that was committed before the question.

        Raises:
            StendError: MART_UNKNOWN; UNAVAILABLE or DEADLINE_EXCEEDED of the computation.
        """
        mart = mart_named(name)
        # The lag is read first: it may only be told too large, never too small.
        lag = self._progress.lag()
        return MartReport(await self._marts.read(mart, self._warehouse.freshness().sequence), lag)
