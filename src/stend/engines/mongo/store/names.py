"""What databases and collections may be called."""

from typing import Final

from stend.engines.mongo.errors import Code, MongoError

_MAX_DATABASE_BYTES: Final = 63
_MAX_NAMESPACE_BYTES: Final = 255
_NOT_IN_DATABASES: Final = frozenset('/\\. "$\0')


def check_database(name: str) -> None:
    """
    Raises:
        MongoError: no database can be called so.
    """
    too_long = len(name.encode()) > _MAX_DATABASE_BYTES
    if not name or too_long or not _NOT_IN_DATABASES.isdisjoint(name):
        raise MongoError(Code.InvalidNamespace, f"Invalid database name: '{name}'")


def check_collection(database: str, name: str) -> None:
    """
    Raises:
        MongoError: no collection can be called so.
    """
    check_database(database)
    if not name or "\0" in name:
        raise MongoError(Code.InvalidNamespace, f"Invalid namespace specified '{database}.{name}'")
    if name.startswith(".") or name.endswith(".") or ".." in name or "$" in name:
        raise MongoError(Code.InvalidNamespace, f"Invalid collection name: {name}")
    if name.startswith("system."):
        raise MongoError(Code.InvalidNamespace, f"Invalid system namespace: {database}.{name}")
    if len(f"{database}.{name}".encode()) > _MAX_NAMESPACE_BYTES:
        raise MongoError(
            Code.InvalidNamespace,
            f"Fully qualified namespace is too long. Namespace: {database}.{name} "
            f"Max: {_MAX_NAMESPACE_BYTES}",
        )
