"""The consumer of `payments`, for sagas and the reconciliation: the bank's SOAP, with zeep."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from stend.chassis.authorities import authorities_for
from stend.chassis.lazy import has_failed
from stend.chassis.resilience import PeerGuard
from stend.chassis.tracing.http_client import HttpClient
from stend.chassis.tracing.recording import entered
from stend.chassis.tracing.rpc import begin_call
from stend.chassis.tracing.spans import Span
from stend.kit.errors import deadline_exceeded, unavailable
from stend.kit.money import Currency, Money
from stend.shop.orders.clients.answers import raise_for, unreadable
from stend.shop.orders.domain import Order
from stend.shop.orders.reconciliation.balances import Account
from stend.shop.orders.reconciliation.ports import Page
from stend.shop.orders.reconciliation.sides import PaymentSide, PaymentState

_PEER = "payments"
_NAMESPACE = "urn:lavka:bank:v1"


@dataclass(frozen=True, slots=True)
class _Zeep:
    """The bank's contract as zeep has read it, and what zeep raises.

    Attributes:
        broken: about an answer that is no SOAP.
    """

    service: Any
    fault: type[Exception]
    broken: tuple[type[Exception], ...]


class SoapBank:
    """
    Args:
        url: of the SOAP endpoint; its WSDL is read from there with the first call.
        user, password: of WS-Security; the password goes as a digest.
        deadline_s: for one call with all its retries.
    """

    def __init__(
        self, url: str, user: str, password: str, guard: PeerGuard, deadline_s: float
    ) -> None:
        self._url = url
        self._token = (user, password)
        self._guard = guard
        self._deadline_s = deadline_s
        self._http = HttpClient(verify=authorities_for(url), trust_env=False, timeout=deadline_s)
        self._opening: asyncio.Task[_Zeep] | None = None

    async def authorise(self, order: Order) -> None:
        await self._call(
            "Authorise",
            payment_ref=order.order_id,
            customer_id=order.customer_id,
            amount_minor=order.total.amount_minor,
            currency=order.total.currency.value,
        )

    async def capture(self, order: Order) -> None:
        await self._call("Capture", payment_ref=order.order_id)

    async def void(self, order: Order) -> None:
        await self._call("Void", payment_ref=order.order_id)

    async def payments(self, after: str | None, limit: int) -> Page[PaymentSide]:
        more = {"after": after} if after else {}
        answer = await self._call("ListPayments", limit=limit, **more)
        try:
            found = answer.payments.payment if answer.payments else ()
            return Page(tuple(_payment_of(one) for one in found), answer.next_after)
        except (ValueError, AttributeError, TypeError) as broken:
            raise unreadable(_PEER, broken) from None

    async def accounts(self) -> Sequence[Account]:
        answer = await self._call("GetBalances")
        try:
            return [
                Account(one.account, Money(one.amount_minor, Currency(one.currency)))
                for one in answer
            ]
        except (ValueError, AttributeError, TypeError) as broken:
            raise unreadable(_PEER, broken) from None

    async def close(self) -> None:
        await self._http.aclose()

    async def _call(self, operation: str, **arguments: Any) -> Any:
        async def attempt(timeout_s: float) -> Any:
            try:
                zeep = await self._opened()
                return await _performed(zeep, operation, arguments, timeout_s)
            except httpx.TimeoutException:
                raise deadline_exceeded(timeout_s) from None
            except httpx.HTTPError as failure:
                raise unavailable(_PEER, str(failure) or type(failure).__name__) from None

        return await self._guard.call(operation, attempt, self._deadline_s)

    async def _opened(self) -> _Zeep:
        if self._opening is None or has_failed(self._opening):
            self._opening = asyncio.create_task(asyncio.to_thread(self._open))
        # Shielded: whoever gives up must not take the client from those who wait for it, too.
        return await asyncio.shield(self._opening)

    def _open(self) -> _Zeep:
        # zeep takes a quarter of a second to import, and reads a WSDL with a client that blocks.
        from lxml.etree import LxmlError
        from zeep import AsyncClient
        from zeep.exceptions import Error, Fault
        from zeep.transports import AsyncTransport
        from zeep.wsse.username import UsernameToken

        verify = authorities_for(self._url)
        with httpx.Client(verify=verify, trust_env=False, timeout=self._deadline_s) as reading:
            try:
                client = AsyncClient(
                    f"{self._url}?wsdl",
                    transport=AsyncTransport(client=self._http, wsdl_client=reading),
                    wsse=UsernameToken(*self._token, use_digest=True),
                )
            except (Error, LxmlError) as broken:
                raise unreadable(_PEER, broken) from None
        return _Zeep(client.service, Fault, (Error, LxmlError))


async def _performed(
    zeep: _Zeep, operation: str, arguments: Mapping[str, Any], timeout_s: float
) -> Any:
    with entered(begin_call("soap", _NAMESPACE, operation)) as span:
        return await _asked(zeep, operation, {**arguments, **_headers(span)}, timeout_s)


def _headers(span: Span | None) -> dict[str, Any]:
    if span is None:
        return {}
    # lxml comes with zeep, and both of them with the first call.
    from stend.chassis.soap.tracing import blocks_of

    return {"_soapheaders": blocks_of(span.carrier())}


async def _asked(
    zeep: _Zeep, operation: str, arguments: Mapping[str, Any], timeout_s: float
) -> Any:
    try:
        return await zeep.service[operation](**arguments)
    except zeep.fault as fault:
        error = _error_in(fault)
        if error is None:
            raise unreadable(_PEER, fault) from None
        raise_for(_PEER, error, timeout_s)
    except zeep.broken as broken:
        raise unreadable(_PEER, broken) from None


def _payment_of(element: Any) -> PaymentSide:
    currency = Currency(element.currency)
    return PaymentSide(
        element.payment_ref,
        PaymentState(element.status),
        Money(element.amount_minor, currency),
        Money(element.refunded_minor, currency),
    )


def _error_in(fault: Any) -> dict[str, str] | None:
    """The element `error` of the bank's contract, if that is what the fault carries."""
    if fault.detail is None:
        return None
    told = fault.detail.find(f"{{{_NAMESPACE}}}error")
    if told is None:
        return None
    code = told.findtext(f"{{{_NAMESPACE}}}code")
    detail = told.findtext(f"{{{_NAMESPACE}}}detail")
    return {"code": code, "detail": detail} if code and detail else None
