"""An error of another service, as JSON tells it, in the terms of this one."""

from collections.abc import Mapping
from typing import Any, NoReturn

from stend.kit.errors import Blame, EdgeErrorCode, StendError, deadline_exceeded, unavailable
from stend.shop.orders.ports import PeerRefusal


def raise_for(peer: str, error: Mapping[str, Any], timeout_s: float) -> NoReturn:
    """
    Args:
        peer: as an error names it.
        error: with `code` and `detail`, as every service of the shop tells it.

    Raises:
        StendError: the service could not tell whether it has acted, or does not know or trust this
            one: that is nobody's order's fault, and may be mended by the next attempt.
        PeerRefusal: it will not act.
    """
    code, detail = str(error["code"]), str(error["detail"])
    match code:
        case EdgeErrorCode.DEADLINE_EXCEEDED:
            raise deadline_exceeded(timeout_s)
        case EdgeErrorCode.UNAVAILABLE | EdgeErrorCode.OVERLOADED | EdgeErrorCode.INTERNAL:
            raise unavailable(peer, detail)
        case EdgeErrorCode.UNAUTHENTICATED | EdgeErrorCode.FORBIDDEN:
            raise _not_admitted(EdgeErrorCode(code), peer, detail)
        case _:
            raise PeerRefusal(code, detail)


def unreadable(peer: str, error: Exception) -> StendError:
    """What answered is not the service: a proxy, another program on its port."""
    return unavailable(peer, f"an answer that breaks its contract: {error!r}")


def _not_admitted(code: EdgeErrorCode, peer: str, detail: str) -> StendError:
    return StendError(
        code,
        f"{peer} does not let this service in.",
        value=detail,
        expected=f"a credential that {peer} accepts",
        next_step="Look at the client's secret and scopes, and at the clocks of both.",
        blame=Blame.PEER,
    )
