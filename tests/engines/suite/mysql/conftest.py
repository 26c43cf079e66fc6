"""A database per check, and connections that live as long as the check."""

import datetime as dt
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, closing
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import aiomysql
import pymysql
import pytest
from pymysql.connections import Connection
from pymysql.cursors import Cursor

# Generic for the type checker alone.
if TYPE_CHECKING:
    Client = Connection[Cursor]
else:
    Client = Connection
Row = tuple[Any, ...]
Rows = tuple[Row, ...]


class Connect(Protocol):
    """Opens a PyMySQL connection; arguments go to the client."""

    def __call__(self, **arguments: Any) -> Client: ...


class ConnectAsync(Protocol):
    """Opens an aiomysql connection."""

    async def __call__(self, **arguments: Any) -> aiomysql.Connection: ...


def arguments_of(url: str) -> dict[str, Any]:
    place = urlsplit(url)
    return {
        "host": place.hostname,
        "port": place.port,
        "user": place.username,
        "password": place.password or "",
    }


@pytest.fixture
def database(mysql_url: str, name: str) -> Iterator[str]:
    """The name of an empty database of this check."""
    database = name.replace("-", "_")
    with closing(pymysql.connect(**arguments_of(mysql_url), autocommit=True)) as connection:
        execute(connection, f"CREATE DATABASE {database}")
        yield database
        execute(connection, f"DROP DATABASE {database}")


@pytest.fixture
def connect(mysql_url: str, database: str) -> Iterator[Connect]:
    """All connections are closed before the database is dropped."""
    with ExitStack() as stack:

        def opened(**arguments: Any) -> Client:
            options = {**arguments_of(mysql_url), "database": database, "read_timeout": 30}
            connection = pymysql.connect(**{**options, **arguments})
            stack.callback(_close, connection)
            return connection

        yield opened


@pytest.fixture
async def connect_async(mysql_url: str, database: str) -> AsyncIterator[ConnectAsync]:
    async with AsyncExitStack() as stack:

        async def opened(**arguments: Any) -> aiomysql.Connection:
            place = arguments_of(mysql_url)
            options = {**place, "db": database, **arguments}
            connection = await aiomysql.connect(**options)
            stack.callback(connection.close)
            return connection

        yield opened


@pytest.fixture
def connection(connect: Connect) -> Client:
    return connect(autocommit=True)


@pytest.fixture
def sqlalchemy_url(mysql_url: str, database: str) -> str:
    """For the synchronous dialect of PyMySQL."""
    place = urlsplit(mysql_url)
    return f"mysql+pymysql://{place.netloc}/{database}"


def execute(connection: Client, statement: str, values: object = None) -> int:
    """Runs a statement; the answer is the number of affected rows, or of the rows it gave."""
    with connection.cursor() as cursor:
        return int(cursor.execute(statement, values))


def rows(connection: Client, statement: str, values: object = None) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return tuple(cursor.fetchall())


def value(connection: Client, statement: str, values: object = None) -> Any:
    """The one value of the one row."""
    ((one,),) = rows(connection, statement, values)
    return one


def error_of(connection: Client, statement: str, values: object = None) -> int:
    """The number of the error that the statement ends with."""
    with pytest.raises(pymysql.MySQLError) as raised:
        rows(connection, statement, values)
    return int(raised.value.args[0])


def moment(text: str) -> dt.datetime:
    """A DATETIME as clients give it: without a time zone."""
    return dt.datetime.fromisoformat(text)


def in_thread(work: Callable[[], object]) -> Callable[[], BaseException | None]:
    """Starts the work; the answer waits for its end and tells how it failed."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except pymysql.MySQLError as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()

    def result() -> BaseException | None:
        thread.join(timeout=30)
        assert not thread.is_alive()
        return failures[0] if failures else None

    return result


def _close(connection: Client) -> None:
    if connection.open:
        connection.close()
