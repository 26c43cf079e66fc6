"""Runs the reconciliation: by the clock and when asked, in one process at a time."""

import asyncio
import logging
from datetime import datetime, timedelta

from stend.kit.clock import Clock
from stend.kit.errors import StendError
from stend.kit.ids import Ids
from stend.shop.orders.ports import PeerRefusal
from stend.shop.orders.reconciliation.ports import RunStore
from stend.shop.orders.reconciliation.requesting import new_run_id
from stend.shop.orders.reconciliation.runs import Report, Run, RunCause, RunState
from stend.shop.orders.stores.reconciliations import Lead
from stend.shop.orders.workers.reconciling import Books, Reconciliation
from stend.shop.orders.workers.waking import Wake

_log = logging.getLogger("stend.orders.reconciliation")
# Another process may have been asked for a run, or may have given up the lead.
_LOOK_EVERY_S = 2.0
_RETRY_S = 0.5
# A run reads everything; runs by the clock may take a tenth of the time at most.
_REST_PER_RUN = 9
_BUG = "A bug of the service ended the run; its log has the details."


class Reconciler:
    """
    Args:
        every: from the beginning of one run to that of the next.
    """

    def __init__(
        self,
        books: Books,
        runs: RunStore,
        lead: Lead,
        every: timedelta,
        clock: Clock,
        ids: Ids,
        wake: Wake,
    ) -> None:
        self._books = books
        self._runs = runs
        self._lead = lead
        self._every = every
        self._clock = clock
        self._ids = ids
        self._wake = wake
        self._due_at: datetime | None = None

    async def run(self) -> None:
        """Until cancelled; what was begun then is told as incomplete by the next one."""
        try:
            while True:
                self._wake.clear()
                try:
                    await self._work()
                except StendError as error:
                    _log.warning("the reconciliation waits: %s", error.detail)
                    # The lead may have gone with the connection.
                    await self._lead.close()
                    self._due_at = None
                    await asyncio.sleep(_RETRY_S)
                else:
                    await self._wake.wait(_LOOK_EVERY_S)
        finally:
            await self._lead.close()

    async def _work(self) -> None:
        if not await self._lead.take():
            self._due_at = None
            return
        if self._due_at is None:
            await self._runs.abandon(self._clock.now())
            self._due_at = await self._first_due()
        if self._clock.now() >= self._due_at:
            run_id = new_run_id(self._ids)
            await self._runs.request(run_id, RunCause.SCHEDULE, self._clock.now())
        run = await self._runs.begin(self._clock.now())
        if run is None:
            return
        began_at = run.started_at or self._clock.now()
        await self._perform(run, began_at)
        took = self._clock.now() - began_at
        self._due_at = began_at + max(self._every, took * (_REST_PER_RUN + 1))

    async def _first_due(self) -> datetime:
        """Not at once: a stand that has just started has other things to do."""
        now, last = self._clock.now(), await self._runs.last_begun()
        longest = now + self._every
        if last is None or last.started_at is None:
            return longest
        # A clock that was set back must not put the run off for longer than usual.
        return min(max(last.started_at + self._every, now + self._every / 4), longest)

    async def _perform(self, run: Run, began_at: datetime) -> None:
        outcome = await self._outcome(began_at)
        if isinstance(outcome, str):
            state = RunState.INCOMPLETE
            _log.warning("the reconciliation is incomplete: %s", outcome)
        else:
            state = RunState.CLEAN if outcome.is_clean else RunState.FINDINGS
            _log.info("the reconciliation is %s: %s", state, dict(outcome.kinds))
        await self._runs.end(run, state, self._clock.now(), outcome)

    async def _outcome(self, began_at: datetime) -> Report | str:
        """The report, or why there is none."""
        try:
            last = await self._runs.last_complete()
            return await Reconciliation(self._books, began_at, last).report()
        except PeerRefusal as refusal:
            return f"{refusal.code}: {refusal.detail}"
        except StendError as error:
            return f"{error.code}: {error.detail}"
        except Exception:  # noqa: BLE001 - whatever a bug raises, the run is told as incomplete
            _log.exception("the reconciliation was interrupted")
            return _BUG
