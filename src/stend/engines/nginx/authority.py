"""A certificate authority of this machine, and the two certificates that it signs.

ca.pem       certificate of the authority: give it to clients and browsers
ca.key       its key, for its owner only
gateway.pem  key and certificates of the gateway, for its owner only
partner.pem  key and certificate of a client, for whoever plays the partner: his owner only
"""

import hashlib
import os
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from stend.kit.clock import Clock

# In the subject of the client's certificate.
PARTNER = "Demo partner"
_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
# People put the authority into their browser by hand.
_AUTHORITY_LIFE = timedelta(days=3650)
# Apple's systems refuse certificates of servers that are valid for more than 398 days, and the
# Baseline Requirements of the CA/Browser Forum advise 397 (section 6.3.2).
LEAF_LIFE = timedelta(days=397)
RENEW_BEFORE = timedelta(days=30)
# Clocks of containers and virtual machines lag behind.
_SKEW = timedelta(hours=1)
_OWNER_ONLY = 0o600
_FOR_ALL = 0o644
_FACTS = re.compile(r"names (?P<names>\S+) until (?P<until>\S+) authority (?P<authority>\S+)")


@dataclass(frozen=True, slots=True)
class Authority:
    """
    Args:
        folder: made when it is missing.
        hosts: what the gateway is called beside the local names: DNS names and IP addresses.
    """

    folder: Path
    hosts: tuple[str, ...]
    clock: Clock

    @property
    def ca_path(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def gateway_path(self) -> Path:
        return self.folder / "gateway.pem"

    @property
    def partner_path(self) -> Path:
        return self.folder / "partner.pem"

    @property
    def names(self) -> tuple[str, ...]:
        """All that the gateway's certificate is good for."""
        return tuple(dict.fromkeys((*_LOCAL_NAMES, *self.hosts)))

    @property
    def valid_until(self) -> datetime:
        """When the certificates of the gateway and the partner end.

        Raises:
            OSError: there are none; `ensure` makes them.
        """
        facts = _facts_in(self.gateway_path)
        if facts is None:
            raise OSError(f"{self.gateway_path} is none of this authority's")
        return datetime.fromisoformat(facts["until"])

    def ensure(self) -> bool:
        """Makes what is missing, does not fit, or expires within `RENEW_BEFORE`.

        Returns:
            whether anything had to be made.

        Raises:
            OSError: the folder cannot be written to.
        """
        if self._is_current(self.gateway_path) and self._is_current(self.partner_path):
            return False
        self._issue()
        return True

    def _is_current(self, path: Path) -> bool:
        try:
            facts = _facts_in(path)
            authority = self.ca_path.read_bytes()
        except (OSError, UnicodeDecodeError):
            return False
        if facts is None or facts["authority"] != _fingerprint(authority):
            return False
        left = datetime.fromisoformat(facts["until"]) - self.clock.now()
        return facts["names"] == ",".join(self.names) and left > RENEW_BEFORE

    @property
    def _key_path(self) -> Path:
        return self.folder / "ca.key"

    def _issue(self) -> None:
        # Takes a tenth of a second to import, and is needed once a year.
        from stend.engines.nginx import issuing  # noqa: PLC0415

        self.folder.mkdir(parents=True, exist_ok=True)
        begin = self.clock.now().replace(microsecond=0) - _SKEW
        validity = issuing.Validity(begin, begin + LEAF_LIFE)
        try:
            authority = issuing.Identity(self._key_path.read_bytes(), self.ca_path.read_bytes())
            leaf = issuing.new_leaf(authority, self.names, validity)
        except (OSError, issuing.UnfitAuthorityError):
            ten_years = issuing.Validity(begin, begin + _AUTHORITY_LIFE)
            authority = issuing.new_authority(self.names, ten_years)
            _write(self._key_path, authority.key, _OWNER_ONLY)
            _write(self.ca_path, authority.certificate, _FOR_ALL)
            leaf = issuing.new_leaf(authority, self.names, validity)
        partner = issuing.new_client(authority, self.names, PARTNER, validity)
        facts = (
            f"names {','.join(self.names)} until {validity.end.isoformat()} "
            f"authority {_fingerprint(authority.certificate)}\n"
        ).encode()
        # One file each, so that key and certificate always fit; what stands before the first of
        # them is explanatory text (RFC 7468, section 2).
        parts = facts + leaf.key + leaf.certificate + authority.certificate
        _write(self.gateway_path, parts, _OWNER_ONLY)
        _write(self.partner_path, facts + partner.key + partner.certificate, _OWNER_ONLY)


def _facts_in(path: Path) -> re.Match[str] | None:
    # From the file's head, as certificates need a library that takes a while to import.
    return _FACTS.fullmatch(path.read_text(encoding="ascii").partition("\n")[0])


def _fingerprint(certificate: bytes) -> str:
    return hashlib.sha256(certificate).hexdigest()


def _write(path: Path, content: bytes, mode: int) -> None:
    """Beside and renamed, and never readable for more people than it ends up to be."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    unfinished.replace(path)
