"""An engine that is away is one error, whichever way its client says so."""

from types import TracebackType

from psycopg import OperationalError
from psycopg_pool import PoolClosed, PoolTimeout
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as SqlAlchemyPoolTimeout

from stend.kit.errors import StendError, unavailable


class _ReachingPostgresql:
    """Turns every way in which the database can be away into UNAVAILABLE.

    A class and not a generator: it stands around each statement, and costs a third of one.
    """

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if isinstance(error, _AWAY):
            raise _unreachable(error) from error
        # A constraint that broke is a bug of ours and no outage.
        if isinstance(error, DBAPIError) and (
            error.connection_invalidated or isinstance(error.orig, OperationalError)
        ):
            raise _unreachable(error.orig or error) from error


_AWAY = (OperationalError, PoolTimeout, PoolClosed, SqlAlchemyPoolTimeout, OSError)
reaching_postgresql = _ReachingPostgresql()


def _unreachable(error: BaseException) -> StendError:
    lines = str(error).strip().splitlines()
    return unavailable("PostgreSQL", lines[0] if lines else type(error).__name__)
