"""The shape of a service: what the runtime starts, asks and stops."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from starlette.types import ASGIApp


class Service(Protocol):
    """One part of the shop. It knows the others by their addresses only.

    Attributes:
        http: the application behind each path prefix; complete before `start`.
    """

    @property
    def http(self) -> Mapping[str, ASGIApp]: ...

    async def start(self) -> None:
        """Opens stores and ports; raises whatever they raise, and is then stopped."""
        ...

    async def ping(self) -> None:
        """
        Raises:
            StendError: UNAVAILABLE or DEADLINE_EXCEEDED when it cannot do its work now.
        """
        ...

    def end_streams(self) -> None:
        """Lets go of everybody who follows something; they come back when the service does."""
        ...

    async def stop(self) -> None:
        """Also after a `start` that failed half-way."""
        ...


@runtime_checkable
class ReadsWithoutGroup(Protocol):
    """A service that reads logs of Kafka and keeps its offsets itself: brokers know none."""

    def kept_offsets(self) -> Mapping[tuple[str, int], int]:
        """What it would read next if it started now, by topic and number of the partition."""
        ...


@dataclass(frozen=True, slots=True)
class Migrated:
    """
    Attributes:
        before: the version that was found; None for an empty store, or one that keeps no versions.
        after: the one that is there now; None for a store that keeps no versions.
    """

    before: str | None
    after: str | None


@runtime_checkable
class Migrates(Protocol):
    """A service with a schema or a seed: `start` brings them up to date, and so does this alone."""

    async def migrate(self) -> Migrated:
        """Brings the store to the newest version; nothing is started. `stop` comes afterwards.

        Raises:
            StendError: UNAVAILABLE: the store cannot be reached.
            sqlalchemy.exc.SQLAlchemyError: it refused the migration.
        """
        ...
