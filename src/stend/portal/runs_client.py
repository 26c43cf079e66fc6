"""The portal as a client of the reconciliation's REST API."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from stend.chassis.access import Caller
from stend.chassis.authorities import authorities_for
from stend.portal.callers import Credentials
from stend.portal.readers.runs import NoAnswerError, RunView, run_of, runs_of

_ReadT = TypeVar("_ReadT")
_RUNS = "/api/v1/reconciliations"
_DEADLINE_S = 6.0
_UNAUTHENTICATED = 401
_SCOPES = frozenset({"orders:read", "orders:write"})


class RunsClient:
    """Every method raises NoAnswerError.

    Args:
        api: `http://host:port` of the service.
        credentials: of the demo, one of which is used where nobody may call without.
        transport: how it is reached; None for the network.
    """

    def __init__(
        self,
        api: str,
        credentials: Credentials,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._credentials = credentials
        # Nothing stays open between two requests, so nothing has to be closed.
        self._http = httpx.AsyncClient(
            base_url=api,
            verify=authorities_for(api),
            timeout=_DEADLINE_S,
            trust_env=False,
            transport=transport,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    async def latest(self, limit: int) -> tuple[RunView, ...]:
        """Newest first, without the lists of their reports."""
        members = await self._ask("GET", f"{_RUNS}?limit={limit}")
        return _told(lambda: runs_of(members))

    async def get(self, run_id: str) -> RunView:
        members = await self._ask("GET", f"{_RUNS}/{quote(run_id, safe='')}")
        return _told(lambda: run_of(members))

    async def request(self) -> None:
        await self._ask("POST", _RUNS)

    async def _ask(self, method: str, path: str) -> Any:
        try:
            answer = await self._http.request(method, path)
            if answer.status_code == _UNAUTHENTICATED and (headers := self._authorization()):
                answer = await self._http.request(method, path, headers=headers)
        except httpx.HTTPError as error:
            detail = str(error) or type(error).__name__
            raise NoAnswerError("away", detail) from None
        try:
            members = answer.json()
            if answer.is_success:
                return members
            told = f"{members['code']}: {members['detail']}"
        except (ValueError, KeyError, TypeError):
            raise NoAnswerError("strange", f"{answer.status_code}: {answer.text[:200]}") from None
        key = "forgotten" if answer.status_code in {404, 422} else "refused"
        raise NoAnswerError(key, told, answer.status_code)

    def _authorization(self) -> Mapping[str, str]:
        for one in self._credentials():
            caller = Caller(one.subject, frozenset(one.scopes))
            if caller.customer_id is None and caller.scopes >= _SCOPES:
                return {"Authorization": one.credential}
        return {}


def _told(read: Callable[[], _ReadT]) -> _ReadT:
    try:
        return read()
    except (ValueError, KeyError, TypeError) as error:
        raise NoAnswerError("strange", repr(error)) from None
