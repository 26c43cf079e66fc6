"""Proofs of passwords: caching_sha2_password and mysql_native_password. Pure."""

import hashlib
import hmac
from collections.abc import Callable

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

SHA2 = "caching_sha2_password"
NATIVE = "mysql_native_password"
PLUGINS = (SHA2, NATIVE)


def native_proof(password: bytes, challenge: bytes) -> bytes:
    """SHA1(password) XOR SHA1(challenge, SHA1(SHA1(password)))."""
    first = _sha1(password)
    return _xor(first, _sha1(challenge + _sha1(first)))


def sha2_proof(password: bytes, challenge: bytes) -> bytes:
    """SHA256(password) XOR SHA256(SHA256(SHA256(password)), challenge)."""
    first = _sha256(password)
    return _xor(first, _sha256(_sha256(first) + challenge))


def proves(plugin: str, password: str, challenge: bytes, proof: bytes) -> bool:
    """Whether the proof shows that its sender knows the password.

    Args:
        plugin: one of `PLUGINS`.
    """
    if not password or not proof:
        return not password and not proof
    make = sha2_proof if plugin == SHA2 else native_proof
    return hmac.compare_digest(make(password.encode(), challenge), proof)


class PasswordKey:
    """The RSA key under which a client without TLS sends its password.

    Args:
        make: of a key; called when one is first needed, since that takes a while.
    """

    def __init__(self, make: Callable[[], RSAPrivateKey]) -> None:
        self._make = make
        self._key: RSAPrivateKey | None = None

    def public_pem(self) -> bytes:
        return (
            self._private()
            .public_key()
            .public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )

    def opens(self, encrypted: bytes, password: str, challenge: bytes) -> bool:
        """Whether it is this password, encrypted by the public key."""
        oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303
        try:
            hidden = self._private().decrypt(encrypted, oaep)
        except ValueError:
            return False
        told = bytes(one ^ challenge[at % len(challenge)] for at, one in enumerate(hidden))
        return hmac.compare_digest(told, password.encode() + b"\0")

    def _private(self) -> RSAPrivateKey:
        if self._key is None:
            self._key = self._make()
        return self._key


def _sha1(data: bytes) -> bytes:
    # The plugin's own hash: nothing is signed by it.
    return hashlib.sha1(data, usedforsecurity=False).digest()


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))
