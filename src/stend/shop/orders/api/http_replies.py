"""Answers over HTTP as replies: what clients with httpx tell of refusals and of failures."""

import time
from typing import Any

import httpx

from stend.kit.errors import EdgeErrorCode
from stend.shop.orders.api import messages
from stend.shop.orders.api.reply import Reply, ReplyError
from stend.shop.orders.domain import OrderErrorCode


def refusal(response: httpx.Response, started: float) -> Reply[Any]:
    """Of an answer with a Problem Details object (RFC 9457).

    Args:
        started: `time.perf_counter()` before the request.
    """
    return Reply(
        status=f"{response.status_code} {response.reason_phrase}",
        headers=tuple(response.headers.multi_items()),
        body=response.text,
        duration_ms=_ms_since(started),
        error=_error_of(response),
    )


def failure(error: httpx.HTTPError, started: float) -> Reply[Any]:
    """Of an exchange that had no answer."""
    timed_out = isinstance(error, httpx.TimeoutException)
    code = EdgeErrorCode.DEADLINE_EXCEEDED if timed_out else EdgeErrorCode.UNAVAILABLE
    return unsent(type(error).__name__, code, str(error) or type(error).__name__, started)


def unsent(status: str, code: EdgeErrorCode, detail: str, started: float) -> Reply[Any]:
    """Of what the client itself could not, or would not, send."""
    error = ReplyError(code, detail, domain=False)
    return Reply(status=status, headers=(), body="", duration_ms=_ms_since(started), error=error)


def _error_of(response: httpx.Response) -> ReplyError:
    try:
        problem = messages.json_from(response.content)
        code, detail = problem["code"], problem["detail"]
    except (ValueError, KeyError):
        # Not our service answered but something in between: a proxy, another program on the port.
        said = response.text[:200]
        return ReplyError(EdgeErrorCode.UNAVAILABLE, f"Not a Problem Details answer: {said}", False)
    is_domain = code in set(OrderErrorCode) or code == EdgeErrorCode.INVALID_ARGUMENT
    return ReplyError(code, detail, is_domain, messages.violations_from_json(problem))


def _ms_since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
