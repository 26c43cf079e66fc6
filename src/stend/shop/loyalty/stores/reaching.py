"""MySQL that is away is one error, whichever way its client says so."""

from collections.abc import Iterator
from contextlib import contextmanager

from pymysql.err import InterfaceError, OperationalError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from stend.kit.errors import StendError, unavailable

# Of the server: too many connections, it is shutting down, waited too long for a lock, deadlock.
_SERVER_BUSY = frozenset({1040, 1053, 1205, 1213})
# Of the client itself: from CR_UNKNOWN_ERROR on, such as "can't connect" and "server has gone".
_CLIENT_ERRORS = range(2000, 2100)


@contextmanager
def reaching_mysql() -> Iterator[None]:
    """
    Raises:
        StendError: UNAVAILABLE.
    """
    try:
        yield
    except (PoolTimeout, OSError) as error:
        raise _unreachable(error) from error
    except DBAPIError as error:
        if error.connection_invalidated or _is_away(error.orig):
            raise _unreachable(error.orig or error) from error
        raise


def _is_away(error: BaseException | None) -> bool:
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError):
        return False
    number = error.args[0]
    return number in _SERVER_BUSY or number in _CLIENT_ERRORS


def _unreachable(error: BaseException) -> StendError:
    said = str(error.args[-1]) if error.args else ""
    lines = said.strip().splitlines()
    return unavailable("MySQL", lines[0] if lines else type(error).__name__)
