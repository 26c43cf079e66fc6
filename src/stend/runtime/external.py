"""Servers of somebody else: there before the stand, and there after it.

Each client library is imported when its server is asked for the first time: a stand with engines
of its own does without them.
"""

import asyncio
import http.client
from collections.abc import Sequence
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import psycopg

from stend.chassis.kafka_security import PLAINTEXT, KafkaSecurity
from stend.chassis.mysql_tls import context_of
from stend.engines.kafka.launcher import probe_version
from stend.runtime.brokers import blame
from stend.runtime.parsers import host_and_port

_TIMEOUT_S = 2
_MYSQL_PORT = 3306


class NotAnsweringError(Exception):
    """What a server said instead of an answer, or why there is none."""


class External(Protocol):
    def probe(self) -> str:
        """The server's version. Blocks, at most some seconds; raises whatever its client raises."""
        ...


class ExternalPostgres:
    def __init__(self, url: str) -> None:
        self._url = url

    def probe(self) -> str:
        with psycopg.connect(self._url, connect_timeout=_TIMEOUT_S) as connection:
            version = connection.info.server_version
        return f"{version // 10000}.{version % 10000}"


class ExternalMysql:
    def __init__(self, url: str) -> None:
        self._url = url

    def probe(self) -> str:
        import pymysql  # noqa: PLC0415 - see above

        place = urlsplit(self._url)
        connection = pymysql.connect(
            host=place.hostname or "",
            port=place.port or _MYSQL_PORT,
            user=unquote(place.username or ""),
            password=unquote(place.password or ""),
            database=unquote(place.path.removeprefix("/")),
            connect_timeout=_TIMEOUT_S,
            read_timeout=_TIMEOUT_S,
            ssl=context_of(self._url),
        )
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT VERSION()")
                ((version,),) = cursor.fetchall()
        finally:
            connection.close()
        return str(version)


class ExternalMongodb:
    def __init__(self, url: str) -> None:
        self._url = url

    def probe(self) -> str:
        import pymongo  # noqa: PLC0415 - see above

        client = pymongo.MongoClient[dict[str, Any]](
            self._url,
            appname="stend",
            serverSelectionTimeoutMS=_TIMEOUT_S * 1000,
            # The look-up of `mongodb+srv` takes it, too.
            connectTimeoutMS=_TIMEOUT_S * 1000,
            socketTimeoutMS=_TIMEOUT_S * 1000,
        )
        with client:
            return str(client.server_info()["version"])


class ExternalRedis:
    def __init__(self, url: str) -> None:
        self._url = url

    def probe(self) -> str:
        import redis  # noqa: PLC0415 - see above

        with redis.Redis.from_url(
            self._url,
            socket_timeout=_TIMEOUT_S,
            socket_connect_timeout=_TIMEOUT_S,
            decode_responses=True,
        ) as client:
            about = client.info("server")
        if not isinstance(about, dict):
            raise NotAnsweringError(f"INFO server answered with {about!r}")
        # Valkey tells the version of Redis that it stands in for, and its own beside it.
        if own := about.get("valkey_version"):
            return f"Valkey {own}"
        return str(about["redis_version"])


class ExternalAmqp:
    """
    Args:
        management_url: also asked, if given; whoever answers there counts, a refusal included.
    """

    def __init__(self, url: str, management_url: str | None) -> None:
        self._url = url
        self._management_url = management_url

    def probe(self) -> str:
        version = asyncio.run(self._open())
        if self._management_url:
            _answers_http(self._management_url)
        return version

    async def _open(self) -> str:
        import aio_pika  # noqa: PLC0415 - see above

        # The whole handshake: the version comes with its first frame, wrong credentials show with
        # its last.
        async with await aio_pika.connect(self._url, timeout=_TIMEOUT_S) as connection:
            if connection.transport is None:
                raise NotAnsweringError("the connection was closed right after it was opened")
            told = connection.transport.connection.server_properties
        return str(told.get("version") or told.get("product") or "unknown")


class ExternalKafka:
    """
    Args:
        servers: `host:port` of some of its brokers; one that answers is enough.
    """

    def __init__(self, servers: Sequence[str], security: KafkaSecurity = PLAINTEXT) -> None:
        self._servers = servers
        self._security = security

    def probe(self) -> str:
        silent = []
        for server in self._servers:
            try:
                return probe_version(*host_and_port(server), self._security)
            except OSError as error:
                silent.append(blame(server, error))
        raise NotAnsweringError("; ".join(silent))


def _answers_http(url: str) -> None:
    split = urlsplit(url)
    kind = http.client.HTTPSConnection if split.scheme == "https" else http.client.HTTPConnection
    connection = kind(split.hostname or "", split.port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", f"{split.path}/api/overview")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException) as error:
        raise NotAnsweringError(f"the management API at {url} does not answer: {error}") from error
    finally:
        connection.close()
