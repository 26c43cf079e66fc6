"""Sends a signed webhook, and calls whatever comes of it an answer."""

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address

import httpx

from stend.chassis.authorities import authorities_for
from stend.chassis.tracing.http_client import HttpClient
from stend.kit.errors import StendError
from stend.shop.notifications.clients.webhook.envelope import cloud_event, signed_headers
from stend.shop.notifications.clients.webhook.guard import Address, AddressGuard, Destination, Place
from stend.shop.notifications.domain import Answer, Delivery, Outcome, Webhook

# Enough to see what the receiver says, and to read to the end what any sane one answers.
_BODY_LIMIT_BYTES = 16_384
_DETAIL_CHARACTERS = 300
_LOOPBACK = IPv4Address("127.0.0.1")
_NO_TAPS: Mapping[int, int] = {}
_UNPRINTABLE = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127), "�")


class HttpSender:
    """
    Args:
        timeout_s: for one attempt, from the look at the name to the end of the answer.
        loopback_taps: ports of 127.0.0.1 that are gone through on the way to others of it.
    """

    def __init__(
        self, guard: AddressGuard, timeout_s: float, loopback_taps: Mapping[int, int] = _NO_TAPS
    ) -> None:
        self._guard = guard
        self._timeout_s = timeout_s
        self._loopback_taps = loopback_taps
        self._made: httpx.AsyncClient | None = None

    async def send(self, delivery: Delivery, webhook: Webhook, now: datetime) -> Answer:
        started = time.perf_counter()

        def answer(outcome: Outcome, http_status: int | None, detail: str) -> Answer:
            return Answer(
                outcome,
                http_status,
                _shortened(detail),
                round((time.perf_counter() - started) * 1000),
            )

        try:
            async with asyncio.timeout(self._timeout_s):
                destination = await self._guard.destination(webhook.url)
                request = self._request(destination, delivery, webhook, now)
                status, said = await self._exchange(request)
        except StendError as error:
            return answer(Outcome.ADDRESS_FORBIDDEN, None, error.value or error.what)
        except (TimeoutError, httpx.TimeoutException):
            return answer(Outcome.TIMED_OUT, None, f"no whole answer in {self._timeout_s:g} s")
        except (httpx.ReadError, httpx.WriteError) as error:
            how = str(error) or type(error).__name__
            return answer(Outcome.UNREACHABLE, None, f"closed without an answer: {how}")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return answer(Outcome.UNREACHABLE, None, str(error) or type(error).__name__)
        return answer(_outcome_of(status), status, said)

    async def close(self) -> None:
        if self._made is not None:
            await self._made.aclose()

    @property
    def _http(self) -> httpx.AsyncClient:
        """Made for the first webhook, and not for the start: it reads whom to believe."""
        if self._made is None:
            self._made = HttpClient(
                verify=authorities_for("https:"),
                timeout=self._timeout_s,
                # A redirect would lead past the guard; Standard Webhooks counts it as a failure.
                follow_redirects=False,
                # A proxy of the environment would resolve names by itself, past the guard, too.
                trust_env=False,
                # Connections are made by address: a kept one could belong to another name's
                # certificate.
                limits=httpx.Limits(max_keepalive_connections=0),
                headers={"user-agent": "Lavka-Webhooks/1.0", "accept": "*/*"},
            )
        return self._made

    def _request(
        self, destination: Destination, delivery: Delivery, webhook: Webhook, now: datetime
    ) -> httpx.Request:
        body = cloud_event(delivery.event)
        url = httpx.URL(destination.url)
        address = destination.address
        pinned = url.copy_with(
            host=f"[{address}]" if isinstance(address, IPv6Address) else str(address),
            port=self._port(destination.place, address),
        )
        headers = {**signed_headers(delivery, webhook.secret, body, now), "host": _authority(url)}
        request = self._http.build_request("POST", pinned, content=body, headers=headers)
        # The certificate is checked against the name, and not against the address.
        request.extensions["sni_hostname"] = destination.place.host
        return request

    def _port(self, place: Place, address: Address) -> int:
        # TLS would be sealed to a tap: it is let past.
        if address != _LOOPBACK or place.scheme != "http":
            return place.port
        return self._loopback_taps.get(place.port, place.port)

    async def _exchange(self, request: httpx.Request) -> tuple[int, str]:
        response = await self._http.send(request, stream=True)
        try:
            said = b""
            async for chunk in response.aiter_raw():
                said += chunk
                if len(said) >= _BODY_LIMIT_BYTES:
                    break
        finally:
            await response.aclose()
        return response.status_code, said.decode("utf-8", "replace")


def _authority(url: httpx.URL) -> str:
    return url.netloc.decode("ascii")


def _outcome_of(status: int) -> Outcome:
    if httpx.codes.is_success(status):
        return Outcome.ACCEPTED
    return Outcome.GONE if status == httpx.codes.GONE else Outcome.REFUSED


def _shortened(text: str) -> str:
    # PostgreSQL keeps no zero bytes, and a terminal obeys control characters.
    return text[:_DETAIL_CHARACTERS].translate(_UNPRINTABLE)
