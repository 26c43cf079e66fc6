"""What answers at an address: the product and its version, as the server itself says."""

import socket
from urllib.parse import urlsplit

import psycopg
import pymongo
import pymysql
import redis
from kafka import KafkaAdminClient
from pamqp import commands, header


def postgresql(url: str) -> str:
    with psycopg.connect(url) as connection:
        version = connection.info.server_version
    return f"PostgreSQL {version // 10000}.{version % 10000}"


def redis_server(url: str) -> str:
    with redis.Redis.from_url(url, decode_responses=True) as client:
        facts = client.execute_command("INFO", "server")
    # Valkey tells the version of the Redis that it stands in for, and its own beside it.
    own = facts.get("valkey_version")
    return f"Valkey {own}" if own else f"Redis {facts['redis_version']}"


def rabbitmq(url: str) -> str:
    place = urlsplit(url)
    with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
        connection.sendall(header.ProtocolHeader().marshal())
        start = commands.Connection.Start()
        # A method frame: type, channel, size, payload, end octet (AMQP 0-9-1, section 4.2.3).
        head = connection.recv(7, socket.MSG_WAITALL)
        size = int.from_bytes(head[3:], "big")
        payload = connection.recv(size + 1, socket.MSG_WAITALL)
        start.unmarshal(payload[4:-1])
    told = start.server_properties
    return f"{told['product']!s} {told['version']!s}"


# Kafka tells no version, only the level of its metadata, and every release has its own: the numbers
# of MetadataVersion in Kafka's sources, the last one of each release.
_KAFKA_RELEASES = {25: "4.0", 27: "4.1", 29: "4.2", 30: "4.3", 33: "4.4"}


def kafka(url: str) -> str:
    client = KafkaAdminClient(bootstrap_servers=url.removeprefix("kafka://"))
    try:
        features = client.describe_features()
    finally:
        client.close()
    _, level = features["metadata.version"]["finalized"]
    release = _KAFKA_RELEASES.get(level)
    return f"Kafka {release}" if release else f"Kafka, metadata.version {level}"


def mysql(url: str) -> str:
    place = urlsplit(url)
    connection = pymysql.connect(
        host=str(place.hostname),
        port=place.port or 0,
        user=place.username,
        password=place.password or "",
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT VERSION()")
            ((version,),) = cursor.fetchall()
    finally:
        connection.close()
    # MariaDB adds where it was built; the stand's says after the hyphen whose it is.
    number, _, rest = str(version).partition("-")
    return f"MariaDB {number}" if rest.startswith("MariaDB") else f"MySQL {version}"


def mongodb(url: str) -> str:
    with pymongo.MongoClient[dict[str, object]](url) as client:
        facts = client.admin.command("buildInfo")
    if "ferretdbVersion" not in facts:
        return f"MongoDB {facts['version']}"
    # Its embedded build does not know its own version, only the MongoDB that it stands in for.
    return f"FerretDB for MongoDB {facts['version']}"
