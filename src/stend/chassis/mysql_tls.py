"""TLS of MySQL, as the options of its own client ask for it in an address.

The client libraries take an `ssl.SSLContext` and no such words.
Source: dev.mysql.com/doc/refman/8.4/en/connection-options.html, `--ssl-mode`, `--ssl-ca`.
"""

from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    import ssl

_MODE, _CA = "ssl-mode", "ssl-ca"


class SslMode(StrEnum):
    """PREFERRED is not offered: it would go on in the clear without a word."""

    DISABLED = "DISABLED"
    REQUIRED = "REQUIRED"
    VERIFY_CA = "VERIFY_CA"
    VERIFY_IDENTITY = "VERIFY_IDENTITY"


def mode_of(url: str) -> SslMode:
    """
    Raises:
        ValueError: another parameter or another mode stands there, or authorities that nobody asks.
    """
    given = parse_qsl(urlsplit(url).query, keep_blank_values=True, strict_parsing=False)
    parameters = dict(given)
    if len(parameters) < len(given) or set(parameters) - {_MODE, _CA}:
        raise ValueError("only ssl-mode and ssl-ca are known, each once")
    mode = SslMode(parameters.get(_MODE, SslMode.DISABLED))
    if _CA in parameters and mode not in (SslMode.VERIFY_CA, SslMode.VERIFY_IDENTITY):
        raise ValueError("ssl-ca is of no use unless ssl-mode verifies")
    return mode


def ca_of(url: str) -> str:
    """The file of authorities; empty means the system's."""
    return dict(parse_qsl(urlsplit(url).query)).get(_CA, "")


def context_of(url: str) -> "ssl.SSLContext | None":
    """What the client secures its connection with; None for one in the clear.

    Raises:
        OSError: the file of authorities cannot be read.
    """
    mode = mode_of(url)
    if mode is SslMode.DISABLED:
        return None
    # Every command reads settings, and few of them need TLS.
    import ssl

    context = ssl.create_default_context(cafile=ca_of(url) or None)
    if mode is not SslMode.VERIFY_IDENTITY:
        context.check_hostname = False
    if mode is SslMode.REQUIRED:
        context.verify_mode = ssl.CERT_NONE
    return context


def without_parameters(url: str) -> str:
    return urlsplit(url)._replace(query="").geturl()
