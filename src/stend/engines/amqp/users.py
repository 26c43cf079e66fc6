"""Who may connect, and what each may do in which virtual host (RabbitMQ's access control). Pure."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from enum import StrEnum

from stend.engines.amqp.errors import AmqpError, ReplyCode

_SALT_BYTES = 4


class Right(StrEnum):
    CONFIGURE = "configure"
    WRITE = "write"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Permission:
    """Patterns of the names that a user may configure, write to and read from."""

    configure: str = ".*"
    write: str = ".*"
    read: str = ".*"

    def demand_patterns(self) -> None:
        """
        Raises:
            AmqpError: a pattern is no regular expression.
        """
        for pattern in (self.configure, self.write, self.read):
            try:
                re.compile(pattern)
            except re.error as error:
                text = f"{pattern!r} is no regular expression: {error}"
                raise AmqpError(ReplyCode.PRECONDITION_FAILED, text) from None

    def allows(self, right: Right, name: str) -> bool:
        pattern = {
            Right.CONFIGURE: self.configure,
            Right.WRITE: self.write,
            Right.READ: self.read,
        }[right]
        # RabbitMQ: an empty pattern matches nothing but the empty name.
        return re.search(pattern or "^$", name) is not None


@dataclass(slots=True)
class User:
    """`password_hash` is RabbitMQ's: base64 of a salt of four bytes and its SHA-256 with it."""

    name: str
    password_hash: str
    tags: tuple[str, ...] = ()
    permissions: dict[str, Permission] = field(default_factory=dict)

    def has_password(self, password: str) -> bool:
        kept = base64.b64decode(self.password_hash)
        if not kept:
            return False
        return hmac.compare_digest(kept, _hashed(kept[:_SALT_BYTES], password))

    def demand(self, right: Right, what: str, name: str, vhost: str) -> None:
        """
        Raises:
            AmqpError: ACCESS_REFUSED, when the user may not.
        """
        # RabbitMQ checks the default exchange under this name.
        shown = name or "amq.default"
        permission = self.permissions.get(vhost)
        if permission is None or not permission.allows(right, shown):
            raise AmqpError(
                ReplyCode.ACCESS_REFUSED,
                f"{right} access to {what} '{shown}' in vhost '{vhost}' "
                f"refused for user '{self.name}'",
            )


def hash_password(password: str, salt: bytes) -> str:
    """
    Args:
        salt: four random bytes.
    """
    return base64.b64encode(_hashed(salt, password)).decode()


def _hashed(salt: bytes, password: str) -> bytes:
    return salt + hashlib.sha256(salt + password.encode()).digest()
