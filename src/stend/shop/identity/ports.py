"""What the use cases need from outside: somebody who keeps the keys and signs with them."""

from collections.abc import Mapping
from typing import Protocol

from stend.kit.json import JsonObject, JsonValue


class SigningKeys(Protocol):
    """Every method raises StendError INTERNAL when the keys cannot be read or written."""

    def sign(self, claims: Mapping[str, JsonValue]) -> str:
        """A JWT with the type `at+jwt`, signed with the active key."""
        ...

    def published(self) -> JsonObject:
        """The public keys as a JWK set: of the key that signs, of the next one and of former ones
        whose tokens may still be valid."""
        ...

    def rotate(self, keep_s: int) -> str:
        """Makes the next key the active one, and a fresh one the next.

        Args:
            keep_s: how long the former key stays published; 0 withdraws it at once.

        Returns:
            The `kid` that signs from now on.
        """
        ...
