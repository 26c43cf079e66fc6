"""The real servers of `--engines external`, and a place of its own on each for one shop.

A shop gets an empty database of PostgreSQL and of MySQL, an empty database of Redis and a virtual
host of RabbitMQ, all of which go with it. Topics of Kafka have no such place around them: no two
shops run at once, and the topics of one are deleted before the next begins.

MongoDB is the one engine that a stand keeps for itself: the server of `real-engines` is FerretDB,
which has not all that the catalogue asks of MongoDB (docs/engines.md).
"""

import contextlib
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
import psycopg
import pymysql
import pytest
import redis
from confluent_kafka.admin import AdminClient
from psycopg import sql

from tests.waiting import until

_PROJECT = Path(__file__).parent.parent
# Where the script keeps what it has started; it tells so itself.
HOME = "REAL_ENGINES_HOME"
SCRIPT = "scripts/real-engines/real-engines"
# All that a run needs: the settings of a stand, each under its name in the environment.
_NEEDED = (
    "STEND_POSTGRESQL_URL",
    "STEND_MYSQL_URL",
    "STEND_REDIS_URL",
    "STEND_AMQP_URL",
    "STEND_AMQP_MANAGEMENT_URL",
    "STEND_KAFKA_URL",
)
ADDRESSES = (*_NEEDED, "STEND_MONGODB_URL")
# Redis has sixteen databases, and 0 is everybody's.
_REDIS_DATABASES = range(1, 16)
_OF_THE_SHOP = "orders."


def is_external(config: pytest.Config) -> bool:
    return str(config.getoption("--engines")) == "external"


def without_addresses() -> dict[str, str]:
    """The environment of a stand that runs all engines itself."""
    return {name: value for name, value in os.environ.items() if name not in ADDRESSES}


class RealServers:
    """Those that `scripts/real-engines` has started, which it also kills and revives."""

    def go_away(self, name: str) -> None:
        _real_engines("kill", name)

    def come_back(self, name: str) -> None:
        _real_engines("revive", name)


def _real_engines(action: str, name: str) -> None:
    home = os.environ[HOME]
    words = [sys.executable, str(_PROJECT / SCRIPT), action, "--home", home, name]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@contextlib.contextmanager
def own_places() -> Iterator[dict[str, str]]:
    """The settings of one shop, as variables of the environment; nothing is left afterwards."""
    if missing := [name for name in _NEEDED if not os.environ.get(name)]:
        pytest.fail(
            f"{', '.join(missing)}: not set, so there is no real server. Start the servers and "
            f"run the tests beside them: {SCRIPT} run -- ./stend test --engines external",
            pytrace=False,
        )
    name = f"stend_test_{uuid.uuid4().hex[:12]}"
    management_url, kafka = (os.environ[f"STEND_{one}_URL"] for one in ("AMQP_MANAGEMENT", "KAFKA"))
    with (
        _postgresql(os.environ["STEND_POSTGRESQL_URL"], name) as postgresql_url,
        _mysql(os.environ["STEND_MYSQL_URL"], name) as mysql_url,
        _redis(os.environ["STEND_REDIS_URL"]) as redis_url,
        _rabbitmq(os.environ["STEND_AMQP_URL"], management_url, name) as amqp_url,
        _kafka(kafka),
    ):
        yield {
            "STEND_POSTGRESQL_URL": postgresql_url,
            "STEND_MYSQL_URL": mysql_url,
            "STEND_REDIS_URL": redis_url,
            "STEND_AMQP_URL": amqp_url,
            "STEND_AMQP_MANAGEMENT_URL": management_url,
            "STEND_KAFKA_URL": kafka,
        }


@contextlib.contextmanager
def _postgresql(url: str, name: str) -> Iterator[str]:
    def execute(statement: str) -> None:
        # A connection of its own each time: the server may be killed in between.
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))

    execute("CREATE DATABASE {}")
    try:
        yield _at_path(url, name)
    finally:
        # What a killed shop was in the middle of goes on in the server for a while.
        execute("DROP DATABASE {} WITH (FORCE)")


@contextlib.contextmanager
def _mysql(url: str, name: str) -> Iterator[str]:
    place = urlsplit(url)

    def execute(statement: str) -> None:
        # As above.
        connection = pymysql.connect(
            host=place.hostname,
            port=place.port or 3306,
            user=place.username,
            password=place.password or "",
            autocommit=True,
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)

    execute(f"CREATE DATABASE {name}")
    try:
        yield _at_path(url, name)
    finally:
        execute(f"DROP DATABASE {name}")


@contextlib.contextmanager
def _redis(url: str) -> Iterator[str]:
    for number in _REDIS_DATABASES:
        own = _at_path(url, str(number))
        with redis.Redis.from_url(own) as client:
            if client.dbsize():
                continue
        try:
            yield own
        finally:
            with redis.Redis.from_url(own) as client:
                client.flushdb()
        return
    pytest.fail(f"no database of Redis is empty: {url}", pytrace=False)


@contextlib.contextmanager
def _rabbitmq(url: str, management_url: str, name: str) -> Iterator[str]:
    user = urlsplit(url).username or ""
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    with httpx.Client(base_url=f"{management_url.rstrip('/')}/api/", trust_env=False) as api:
        api.put(f"vhosts/{name}").raise_for_status()
        try:
            permissions = f"permissions/{name}/{quote(user, safe='')}"
            api.put(permissions, json=everything).raise_for_status()
            yield _at_path(url, name)
        finally:
            api.delete(f"vhosts/{name}").raise_for_status()


@contextlib.contextmanager
def _kafka(servers: str) -> Iterator[None]:
    admin = AdminClient({"bootstrap.servers": servers})

    def topics() -> list[str]:
        known: Mapping[str, object] = admin.list_topics(timeout=10).topics
        return [name for name in known if name.startswith(_OF_THE_SHOP)]

    if found := topics():
        # Somebody's shop may live there, and its events shall not be deleted.
        pytest.fail(f"Kafka has topics of a shop already: {', '.join(found)}", pytrace=False)
    try:
        yield
    finally:
        if made := topics():
            for done in admin.delete_topics(made).values():
                done.result()
        until(lambda: not topics())


def _at_path(url: str, path: str) -> str:
    return urlsplit(url)._replace(path=f"/{path}").geturl()
