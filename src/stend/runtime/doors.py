"""Where a client that is no part of a running stand goes."""

import socket

from stend.runtime.addresses import TAP_OFFSET, Addresses
from stend.runtime.hops import from_outside

_TIMEOUT_S = 2.0


def doors_of(addresses: Addresses) -> Addresses:
    """Through the taps, if those of a running stand are open."""
    seen = from_outside(addresses)
    with socket.socket() as probe:
        probe.settimeout(_TIMEOUT_S)
        tap = (addresses.name, addresses.http_port + TAP_OFFSET)
        return seen if probe.connect_ex(tap) == 0 else addresses
