"""What a caller may do with runs: see them, and ask for one more."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from stend.chassis.access import Caller, not_for_customers
from stend.kit.clock import Clock
from stend.kit.errors import EdgeErrorCode, StendError
from stend.kit.ids import ULID_PATTERN, Ids
from stend.shop.orders.reconciliation.ports import RunStore
from stend.shop.orders.reconciliation.runs import Run, RunCause

RUN_ID_PATTERN = f"^rec_{ULID_PATTERN}$"
RUNS_LIMIT_DEFAULT = 20
RUNS_LIMIT_MAX = 100


def new_run_id(ids: Ids) -> str:
    return f"rec_{ids.ulid()}"


class Reconciliations:
    """
    Args:
        wake: tells the worker of this process, if it has one, that a run waits.
    """

    def __init__(self, runs: RunStore, clock: Clock, ids: Ids, wake: Callable[[], None]) -> None:
        self._runs = runs
        self._clock = clock
        self._ids = ids
        self._wake = wake

    def on_behalf_of(self, caller: Caller) -> "Reconciliations":
        """
        Raises:
            StendError: FORBIDDEN for a customer: the books are about everybody's orders.
        """
        if caller.customer_id is not None:
            raise not_for_customers("The books of the shop are not for its customers.")
        return self

    async def list_runs(self, limit: int) -> Sequence[Run]:
        """Newest first; their reports tell numbers, and list nothing."""
        return await self._runs.latest(limit)

    async def get_run(self, run_id: str) -> Run:
        """
        Raises:
            StendError: NO_SUCH_OPERATION, also of a run that was forgotten.
        """
        run = await self._runs.find(run_id)
        if run is None:
            raise StendError(
                EdgeErrorCode.NO_SUCH_OPERATION,
                "There is no such run of the reconciliation, or not any more.",
                value=run_id,
                expected=f"one of the last {RUNS_LIMIT_MAX} runs",
                next_step="List the runs.",
            )
        return run

    async def request_run(self) -> Run:
        """One more run, begun as soon as no other is running; the one that waits, if one does."""
        run = await self._runs.request(new_run_id(self._ids), RunCause.REQUEST, self._clock.now())
        self._wake()
        return run


# As the protocols get them: not without who calls.
ReconciliationsOf: TypeAlias = Callable[[Caller], Reconciliations]
