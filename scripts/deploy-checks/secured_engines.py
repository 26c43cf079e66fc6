"""A stand on real engines that want TLS and passwords, as those of a cloud do.

The servers are those of scripts/real-engines, each with a certificate that was made a moment ago.
Kafka makes no topics by itself and lets nobody do what its ACLs do not allow; topics and ACLs are
those of deploy/terraform.
"""

import json
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

import psycopg
from certificates import Authority, new_authority
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)
from tools import ROOT, CheckError, Tool, run

from stend.chassis.kafka_security import KafkaSecurity, SecurityProtocol
from stend.runtime.external import (
    External,
    ExternalAmqp,
    ExternalKafka,
    ExternalMongodb,
    ExternalMysql,
    ExternalPostgres,
    ExternalRedis,
)

NAME = "secured"
# They import each other by their plain names.
sys.path.insert(0, str(ROOT / "scripts" / "real-engines"))
_machine = import_module("machine")
_kafka_server, _mongodb_server = import_module("kafka_server"), import_module("mongodb_server")
_SERVERS: tuple[ModuleType, ...] = (
    *(import_module(f"{name}_server") for name in ("postgresql", "mysql", "redis", "rabbitmq")),
    _mongodb_server,
    _kafka_server,
)
# `real-engines install` brings the servers, and leaves alone what is there in another way.
PACKAGES: tuple[str, ...] = ()
TOOLS: tuple[Tool, ...] = ()
_USER = "lavka"
_TOPICS = {"orders.events": 3, "orders.commands": 3, "orders.replies": 3, "orders.commands.dead": 1}
# What each engine's address says for TLS; {ca} is the file of the authority.
_WITH_TLS = {
    "postgresql": "?sslmode=verify-full&sslrootcert={ca}",
    "mysql": "?ssl-mode=VERIFY_IDENTITY&ssl-ca={ca}",
    "mongodb": "?tls=true&tlsCAFile={ca}",
    "redis": "?ssl_ca_certs={ca}",
    "amqp": "?cafile={ca}",
    "kafka": "",
}
_SAGA_S = 60
# What the smallest PostgreSQL of DigitalOcean takes.
_CONNECTIONS = 22
# Below the ports that the system hands out to clients, which the servers are given.
_PORT_BASE = 22000


def check() -> str:
    """
    Raises:
        CheckError: an order does not get through, something is tapped or shown that must not be, or
            a certificate of somebody else is believed.
    """
    # It tells of every certificate that is not believed, which is what is tried here.
    logging.getLogger("aiormq.connection").setLevel(logging.CRITICAL)
    with ExitStack() as running:
        folder = running.enter_context(_folder())
        authority, stranger = new_authority("stend cloud"), new_authority("a stranger")
        believed = folder / "of clients"
        believed.mkdir()
        (believed / "ca.pem").write_text(authority.certificate, encoding="ascii")
        (believed / "stranger.pem").write_text(stranger.certificate, encoding="ascii")
        urls = running.enter_context(_servers(folder, authority))
        _prepare_kafka(urls["kafka"], believed / "ca.pem")
        _limit_connections(urls["postgresql"], folder / "postgresql" / "superuser-password")
        _certificates_are_checked(urls, believed)
        said = _stand_works(urls, folder, believed / "ca.pem")
    return f"6 engines over TLS: {said}; foreign certificates and a wrong password are told"


@contextmanager
def _folder() -> Iterator[Path]:
    """That users without rights may enter, as root's servers do."""
    folder = Path(tempfile.mkdtemp(prefix="stend-secured-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _servers(folder: Path, authority: Authority) -> Iterator[Mapping[str, str]]:
    """Their addresses as they tell them, by the section of the settings."""
    for server in (_kafka_server, _mongodb_server):
        server.fetch()
    tls = _machine.Tls(*authority.server())
    started: dict[str, Any] = {}

    def start(server: ModuleType) -> None:
        started[server.NAME] = server.start(folder / server.NAME, tls)

    try:
        with ThreadPoolExecutor(len(_SERVERS)) as pool:
            for _ in pool.map(start, _SERVERS):
                pass
        environment = {k: v for one in started.values() for k, v in one.environment.items()}
        yield {name: environment[f"STEND_{name.upper()}_URL"] for name in _WITH_TLS}
    except _machine.EngineError as error:
        raise CheckError(
            f"{error}\nto install: scripts/real-engines/real-engines install"
        ) from None
    finally:
        for one in started.values():
            _machine.end(one.processes)


def _limit_connections(url: str, password: Path) -> None:
    at = url.rpartition("@")[2]
    superuser = f"postgresql://postgres:{password.read_text('ascii')}@{at}?sslmode=require"
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(f"ALTER ROLE {_USER} CONNECTION LIMIT {_CONNECTIONS}")


def _prepare_kafka(servers: str, ca: Path) -> None:
    """What Terraform does in Confluent Cloud: topics, and what the user of the shop may do."""
    name = _kafka_server.ADMIN
    security = KafkaSecurity(SecurityProtocol.SASL_SSL, name, name, str(ca))
    admin = AdminClient({"bootstrap.servers": servers, **security.config()})
    topics = [NewTopic(topic, partitions, 1) for topic, partitions in _TOPICS.items()]
    for made in admin.create_topics(topics, request_timeout=30).values():
        made.result()
    allowed = [
        (ResourceType.TOPIC, AclOperation.READ),
        (ResourceType.TOPIC, AclOperation.WRITE),
        (ResourceType.GROUP, AclOperation.READ),
    ]
    rules = [
        AclBinding(
            kind,
            "orders",
            ResourcePatternType.PREFIXED,
            f"User:{_USER}",
            "*",
            operation,
            AclPermissionType.ALLOW,
        )
        for kind, operation in allowed
    ]
    for made in admin.create_acls(rules, request_timeout=30).values():
        made.result()


def _certificates_are_checked(urls: Mapping[str, str], folder: Path) -> None:
    own, foreign = folder / "ca.pem", folder / "stranger.pem"
    for name, make in _probes().items():
        make(_secured(urls, name, own), own, _USER).probe()
        said = _refusal(make(_secured(urls, name, foreign), foreign, _USER))
        if "certificate" not in said.lower():
            raise CheckError(f"{name}: a certificate of a stranger is told as {said!r}")
    said = _refusal(_kafka(urls["kafka"], own, "wrong"))
    if "authentication" not in said.lower():
        raise CheckError(f"kafka: a wrong password is told as {said!r}")


def _probes() -> Mapping[str, Callable[[str, Path, str], External]]:
    return {
        "postgresql": lambda url, _, __: ExternalPostgres(url),
        "mysql": lambda url, _, __: ExternalMysql(url),
        "mongodb": lambda url, _, __: ExternalMongodb(url),
        "redis": lambda url, _, __: ExternalRedis(url),
        "amqp": lambda url, _, __: ExternalAmqp(url, None),
        "kafka": _kafka,
    }


def _kafka(servers: str, ca: Path, password: str) -> External:
    security = KafkaSecurity(SecurityProtocol.SASL_SSL, _USER, password, str(ca))
    return ExternalKafka(servers.split(","), security)


def _refusal(server: External) -> str:
    try:
        version = server.probe()
    except Exception as error:  # noqa: BLE001 - each client raises errors of its own
        # What the stand tells of it is the first line.
        return f"{type(error).__name__}: {error}".splitlines()[0]
    raise CheckError(f"{type(server).__name__} was believed and answered {version}")


def _secured(urls: Mapping[str, str], name: str, ca: Path) -> str:
    return urls[name] + _WITH_TLS[name].format(ca=quote(str(ca)))


def _stand_works(urls: Mapping[str, str], folder: Path, ca: Path) -> str:
    sections = [f'[{name}]\nurl = "{_secured(urls, name, ca)}"' for name in _WITH_TLS]
    # The section of Kafka is the last.
    security = ('security_protocol = "SASL_SSL"', f'sasl_username = "{_USER}"')
    kafka = [*security, f'sasl_password = "{_USER}"', f'ssl_ca_location = "{ca}"']
    lines = [*sections, *kafka, "[orders]", "pool_size = 1", ""]
    (folder / "stend.toml").write_text("\n".join(lines), encoding="utf-8")
    stand = _Stand(folder, _PORT_BASE)
    stand("up", "--engines", "external", "--detach", "--no-browser")
    try:
        _nothing_is_tapped_or_shown(stand)
        orders = [stand.place(protocol) for protocol in ("rest", "amqp", "kafka")]
        for order in orders:
            stand.wait_until_picked(order)
        brokers = json.loads(stand("kafka", "brokers", "--json"))["brokers"]
    finally:
        stand("down")
    return f"{len(orders)} orders by REST, AMQP and Kafka picked, {len(brokers)} broker seen"


class _Stand:
    def __init__(self, folder: Path, port_base: int) -> None:
        self._environment = {
            "STEND_ROOT": str(folder),
            "STEND_PORT_BASE": str(port_base),
            "PYTHONPATH": str(ROOT / "src"),
        }

    def __call__(self, *words: str) -> str:
        return run([sys.executable, "-m", "stend", *words], environment=self._environment)

    def place(self, protocol: str) -> str:
        reply = json.loads(self("call", "PlaceOrder", "--over", protocol, "--json"))
        order_id: str = reply["result"]["order_id"]
        return order_id

    def wait_until_picked(self, order_id: str) -> None:
        """Stock, the bank, points and a courier have been asked by then."""
        ends_at = time.monotonic() + _SAGA_S
        while time.monotonic() < ends_at:
            reply = json.loads(
                self("call", "GetOrder", f"order_id={order_id}", "--over", "rest", "--json")
            )
            if (status := reply["result"]["status"]) in ("picking", "on_the_way", "delivered"):
                return
        raise CheckError(f"the order {order_id} is still {status} after {_SAGA_S} s")


def _nothing_is_tapped_or_shown(stand: _Stand) -> None:
    told = stand("status", "--json")
    engines: list[dict[str, Any]] = json.loads(told)["engines"]
    for engine in engines:
        if engine["name"] == "nginx":
            continue
        if engine["tapped_url"] or engine["no_tap"] not in ("tls", "leaves"):
            raise CheckError(f"{engine['name']} has a tap before its TLS: {engine}")
    if f":{_USER}@" in told:
        raise CheckError("status shows a password of an engine that has TLS")
