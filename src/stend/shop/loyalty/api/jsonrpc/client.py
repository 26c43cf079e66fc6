"""A consumer of the service over HTTP, written with httpx."""

from itertools import count
from types import TracebackType
from typing import Any

import httpx
from pydantic_core import from_json, to_json

from stend.chassis.authorities import authorities_for
from stend.chassis.jsonrpc.messages import request_of
from stend.chassis.tracing.http_client import HttpClient
from stend.kit.errors import EdgeErrorCode, StendError, Violation, deadline_exceeded, unavailable
from stend.kit.json import JsonObject
from stend.shop.loyalty.api.jsonrpc import translate
from stend.shop.loyalty.domain import Account, LoyaltyErrorCode
from stend.shop.loyalty.ports import Booked
from stend.shop.loyalty.usecases import Accrue, GetBalance, HistoryPage, ListHistory, Reverse

_PATH = "/rpc/loyalty"
_CODES = {code.value: code for kind in (EdgeErrorCode, LoyaltyErrorCode) for code in kind}


class LoyaltyClient:
    """
    Args:
        base_url: `http://host:port`, without the path of the API.
        credential: the header Authorization, or None.
        timeout_s: for one call.
    """

    def __init__(
        self, base_url: str, credential: str | None = None, timeout_s: float = 10.0
    ) -> None:
        headers = {} if credential is None else {"Authorization": credential}
        # trust_env off: a proxy of the environment has no business between two local processes.
        self._http = HttpClient(
            base_url=base_url,
            verify=authorities_for(base_url),
            timeout=timeout_s,
            trust_env=False,
            headers=headers,
        )
        self._timeout_s = timeout_s
        self._ids = count(1)

    async def __aenter__(self) -> "LoyaltyClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def accrue(self, request: Accrue) -> Booked:
        """
        Raises:
            StendError: what the service refused with; UNAVAILABLE, DEADLINE_EXCEEDED.
        """
        return translate.booked_from_json(await self._call(request))

    async def reverse(self, request: Reverse) -> Booked:
        return translate.booked_from_json(await self._call(request))

    async def get_balance(self, request: GetBalance) -> Account:
        return translate.account_from_json(await self._call(request))

    async def list_history(self, request: ListHistory) -> HistoryPage:
        return translate.page_from_json(await self._call(request))

    async def _call(self, request: Accrue | Reverse | GetBalance | ListHistory) -> dict[str, Any]:
        method, params = translate.request_of(request)
        request_id = next(self._ids)
        message: JsonObject = request_of(method, params, request_id)
        headers = {"Content-Type": "application/json"}
        try:
            response = await self._http.post(_PATH, content=to_json(message), headers=headers)
        except httpx.TimeoutException:
            raise deadline_exceeded(self._timeout_s) from None
        except httpx.HTTPError as error:
            raise unavailable("loyalty", str(error) or type(error).__name__) from error
        return _result(response, request_id)


def _result(response: httpx.Response, request_id: int) -> dict[str, Any]:
    try:
        answer = from_json(response.content)
        if answer.get("error") is None and answer["id"] == request_id:
            result: dict[str, Any] = answer["result"]
            return result
        data = answer["error"]["data"]
        code = _CODES[data["code"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        # Not our service answered but something in between: a proxy, another program on the port.
        said = f"{response.status_code}, no JSON-RPC answer: {response.text[:200]}"
        raise unavailable("loyalty", said) from None
    raise StendError(
        code,
        answer["error"]["message"],
        value=data.get("value"),
        expected=data.get("expected", ""),
        next_step=data.get("next_step", ""),
        violations=tuple(
            Violation(one["where"], one["rule"]) for one in data.get("violations", [])
        ),
    )
