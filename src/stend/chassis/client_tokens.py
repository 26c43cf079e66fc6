"""The token of a service that calls others: asked for once, kept until shortly before its end.

Source: RFC 6749, section 4.4 (client credentials grant).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from stend.chassis.authorities import authorities_for
from stend.chassis.tracing.http_client import HttpClient
from stend.kit.clock import Clock
from stend.kit.errors import EdgeErrorCode, StendError, deadline_exceeded, unavailable

_ISSUER = "The token service"
# A token must not expire on its way, and clocks differ.
_SPARE = timedelta(seconds=30)
_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class Client:
    """
    Attributes:
        token_url: of the token endpoint.
    """

    token_url: str
    client_id: str
    secret: str


class ClientTokens:
    """The credential of one client, for all calls that it makes."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._http = HttpClient(
            verify=authorities_for(client.token_url), trust_env=False, timeout=_TIMEOUT_S
        )
        self._token: str | None = None
        self._good_until: datetime | None = None
        self._asking: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def presented(self) -> AsyncIterator[str]:
        """The value of the header Authorization, for one call.

        A token that the peer does not accept is not presented again, whatever its end: its issuer
        may have got other keys.

        Raises:
            StendError: UNAVAILABLE, DEADLINE_EXCEEDED: the token service gave none.
        """
        token = await self._current()
        try:
            yield f"Bearer {token}"
        except StendError as error:
            if error.code is EdgeErrorCode.UNAUTHENTICATED and token == self._token:
                self._token = None
            raise

    async def _current(self) -> str:
        while self._token is None or self._is_old():
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._ask())
            # Shielded: whoever gives up must not take the answer from those who wait for it, too.
            await asyncio.shield(self._asking)
        return self._token

    async def close(self) -> None:
        await self._http.aclose()

    def _is_old(self) -> bool:
        return self._good_until is None or self._clock.now() >= self._good_until

    async def _ask(self) -> None:
        client = self._client
        try:
            response = await self._http.post(
                client.token_url,
                data={"grant_type": "client_credentials"},
                auth=(client.client_id, client.secret),
            )
            answer = response.json()
            token, seconds = str(answer["access_token"]), float(answer["expires_in"])
        except httpx.TimeoutException:
            raise deadline_exceeded(_TIMEOUT_S) from None
        except httpx.HTTPError as failure:
            raise unavailable(_ISSUER, str(failure) or type(failure).__name__) from None
        except (ValueError, KeyError, TypeError):
            raise _no_token(response) from None
        self._token = token
        self._good_until = self._clock.now() + max(timedelta(seconds=seconds) - _SPARE, _SPARE / 30)


def _no_token(response: httpx.Response) -> StendError:
    return unavailable(_ISSUER, f"it answered {response.status_code}: {response.text[:200]}")
