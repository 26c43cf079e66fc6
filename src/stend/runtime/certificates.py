"""Certificates for a gateway that is not the stand's own, such as that of compose."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path

from stend.engines.nginx.authority import Authority
from stend.kit.clock import Clock
from stend.kit.languages import Text
from stend.runtime.refusals import RefusalError

# RFC 1123, section 2.1: letters, digits and hyphens, up to 63 of them between two dots. A browser
# compares names in this form, whatever its user sees.
_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DNS_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_LONGEST_DNS_NAME = 253


class CertificatesError(RefusalError):
    """No certificate was made."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """
    Attributes:
        authority: certificate that clients must trust.
        gateway: key and certificates of the gateway.
        partner: key and certificate of a client.
        names: that the gateway's certificate is good for.
        valid_until: when those of the gateway and the partner end.
        made: whether they were made now; otherwise they were there and fit.
    """

    authority: Path
    gateway: Path
    partner: Path
    names: tuple[str, ...]
    valid_until: datetime
    made: bool


def ensure_certificates(folder: Path, names: Sequence[str], clock: Clock) -> Certificates:
    """
    Args:
        folder: made when it is missing.
        names: of the gateway beside the local ones.

    Raises:
        CertificatesError: a name is none, or the folder cannot be written to.
    """
    for name in names:
        _check(name)
    authority = Authority(folder, tuple(names), clock)
    try:
        made = authority.ensure()
        valid_until = authority.valid_until
    except OSError as error:
        raise CertificatesError(
            Text(
                ru=f"не получается писать в {folder}: {error.strerror or error}. Нужна папка, куда "
                "этому пользователю можно писать.",
                en=f"cannot write to {folder}: {error.strerror or error}. Give a folder that this "
                "user may write to.",
            )
        ) from None
    return Certificates(
        authority.ca_path,
        authority.gateway_path,
        authority.partner_path,
        authority.names,
        valid_until,
        made,
    )


def _check(name: str) -> None:
    try:
        ip_address(name)
    except ValueError:
        if len(name) <= _LONGEST_DNS_NAME and _DNS_NAME.fullmatch(name):
            return
        raise CertificatesError(
            Text(
                ru=f"{name!r} — не имя и не адрес машины. Ожидается имя DNS из букв, цифр и "
                "дефисов, такое как nginx или shop.example (кириллица — в виде xn--…), либо "
                "адрес IP.",
                en=f"{name!r} is neither a name nor an address of a machine. Expected: a DNS name "
                "of letters, digits and hyphens, such as nginx or shop.example (other alphabets "
                "in the form xn--…), or an IP address.",
            )
        ) from None
