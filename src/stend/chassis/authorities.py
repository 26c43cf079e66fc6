"""Whom a client of HTTP believes who a server is: read once, and only where somebody shows it."""

import ssl
from functools import cache

import httpx


def authorities_for(url: str) -> ssl.SSLContext:
    """What a client of this server verifies its certificate with.

    Left to itself each client of httpx reads the certificates of all authorities: 20 ms of CPU,
    and over plain HTTP for nothing.
    """
    return _known() if url.startswith("https:") else _none()


@cache
def _known() -> ssl.SSLContext:
    """Those that httpx takes by itself."""
    return httpx.create_ssl_context(trust_env=False)


@cache
def _none() -> ssl.SSLContext:
    """Refuses every certificate: whoever is led from HTTP to HTTPS is not led astray."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
