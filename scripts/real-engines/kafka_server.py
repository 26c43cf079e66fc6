"""Kafka: one node that is broker and controller (KRaft), from the jars of its Maven artifact."""

import base64
import shutil
import socket
import struct
from collections.abc import Mapping
from pathlib import Path

import machine
from machine import EngineError, Started

NAME = "kafka"
PACKAGES = ("default-jre-headless", "maven")
_VERSION = "4.4.0"
# In the build folder: Debian has no package of Kafka.
_JARS = Path(__file__).resolve().parent.parent.parent / "build" / "kafka" / _VERSION
# The first is the broker; the others are the logging that its distribution brings along and its
# artifact does not.
_ARTIFACTS = (
    ("org.apache.kafka", "kafka_2.13", _VERSION),
    ("org.apache.logging.log4j", "log4j-slf4j-impl", "2.24.3"),
)
# As in Kafka's own start script, but it takes the memory as it needs it.
_JVM = ("-Xms256m", "-Xmx1g", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:-UsePerfData")
_LOGGING = "-Dorg.apache.logging.log4j.level=INFO"
# Sixteen bytes; the data lasts as long as the server, so that one name will do.
_CLUSTER_ID = base64.urlsafe_b64encode(b"stend-real-kafka").decode().rstrip("=")
_START_TIMEOUT_S = 120
_ANSWER_TIMEOUT_S = 5
# ApiVersions, version 0 (KIP-35): the one request that every broker answers.
_API_VERSIONS = struct.pack(">hhih", 18, 0, 1, -1)
# Who may do everything where Kafka has TLS and asks for a password; the password is the name.
ADMIN = "admin"
# What is not Kafka's default here, and why.
_SETTINGS = {
    # There is one broker; its inner topics would wait for two more.
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # Five partitions are made sooner than fifty, which are for clusters.
    "offsets.topic.num.partitions": "5",
    "transaction.state.log.num.partitions": "5",
    # The first member of a group need not wait 3 s for others.
    "group.initial.rebalance.delay.ms": "100",
    # The heartbeat of the consumer protocol is told by the broker (KIP-848); 5 s by default.
    "group.consumer.heartbeat.interval.ms": "200",
    "group.consumer.min.heartbeat.interval.ms": "200",
    "group.consumer.session.timeout.ms": "6000",
    "group.consumer.min.session.timeout.ms": "6000",
    # Retention, compaction and timeouts of transactions are looked after at once, not in minutes.
    "log.initial.task.delay.ms": "100",
    "log.retention.check.interval.ms": "200",
    "log.cleaner.backoff.ms": "100",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "200",
}


def find() -> Path:
    """The folder of its jars.

    Raises:
        EngineError: they are not here, or there is no Java to run them.
    """
    if shutil.which("java") is None:
        raise EngineError("java was not found")
    if not _JARS.is_dir():
        raise EngineError(f"the jars of Kafka {_VERSION} were not found in {_JARS}")
    return _JARS


def fetch() -> None:
    """Brings the jars here with Maven; does nothing while that is not installed.

    Raises:
        EngineError: Maven could not get them; the text is its own.
    """
    if _JARS.is_dir() or shutil.which("mvn") is None:
        return
    # A folder that is only half full must not be taken for Kafka.
    half = machine.empty_folder(_JARS.with_name(f"{_VERSION}.part"), None)
    machine.write(half / "pom.xml", _pom(), None)
    words = ["mvn", "--batch-mode", "--quiet", "dependency:copy-dependencies"]
    words += ["-DincludeScope=runtime", "-DoutputDirectory=jars"]
    machine.run(words, half, None)
    (half / "jars").rename(_JARS)
    shutil.rmtree(half)


def _pom() -> str:
    dependencies = "".join(
        f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
        f"<version>{version}</version></dependency>"
        for group, artifact, version in _ARTIFACTS
    )
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        "<groupId>stend</groupId><artifactId>real-kafka</artifactId><version>1</version>"
        f"<dependencies>{dependencies}</dependencies></project>"
    )


def start(folder: Path, tls: machine.Tls | None = None) -> Started:
    """
    Raises:
        EngineError: not installed, or it did not start.
    """
    jars = find()
    # It reads its jars as whoever it has become.
    owner = machine.account("kafka") if machine.can_be_entered_by_others(jars) else None
    machine.empty_folder(folder, owner)
    port, controller, secured = machine.free_ports(3)
    place = _place(folder, port, controller)
    if tls:
        place |= _secured(
            folder, owner, tls, {"PLAINTEXT": port, "SASL_SSL": secured, "CONTROLLER": controller}
        )
    settings = _write_settings(folder, owner, place)
    # Native libraries are unpacked beside the data, which goes with the server.
    java = ["java", *_JVM, _LOGGING, f"-Djava.io.tmpdir={folder}", "-cp", f"{jars}/*"]
    formatting = ["kafka.tools.StorageTool", "format", "--cluster-id", _CLUSTER_ID]
    machine.run([*java, *formatting, "--config", str(settings)], folder, owner)
    process = machine.spawn([*java, "kafka.Kafka", str(settings)], folder, owner)
    try:
        machine.wait_for(lambda: _answer(port), process, folder, timeout_s=_START_TIMEOUT_S)
    except BaseException:
        machine.end([process])
        raise
    return Started(
        version=f"Kafka {_VERSION}",
        processes=(process,),
        environment={"STEND_KAFKA_URL": f"127.0.0.1:{secured if tls else port}"},
    )


def _place(folder: Path, port: int, controller: int) -> dict[str, str]:
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "log.dirs": str(folder / "data"),
    }


def _secured(
    folder: Path, owner: machine.Account | None, tls: machine.Tls, ports: Mapping[str, int]
) -> dict[str, str]:
    """As a cloud has it: clients come with TLS and a password, and may do what ACLs allow.

    The plain listener is the broker's own.
    """
    keys = machine.write(folder / "server.pem", tls.key + tls.chain, owner)
    keys.chmod(0o600)
    clients = [name for name in ports if name != "CONTROLLER"]
    listeners = ",".join(f"{name}://127.0.0.1:{ports[name]}" for name in clients)
    users = " ".join(f'user_{name}="{name}"' for name in (ADMIN, "lavka"))
    module = "org.apache.kafka.common.security.plain.PlainLoginModule"
    return {
        "listeners": f"{listeners},CONTROLLER://127.0.0.1:{ports['CONTROLLER']}",
        "advertised.listeners": listeners,
        "listener.security.protocol.map": ",".join(f"{name}:{name}" for name in clients)
        + ",CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(keys),
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.sasl_ssl.plain.sasl.jaas.config": f"{module} required {users};",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:ANONYMOUS;User:{ADMIN}",
        "auto.create.topics.enable": "false",
    }


def _write_settings(folder: Path, owner: machine.Account | None, place: Mapping[str, str]) -> Path:
    lines = (f"{name}={value}\n" for name, value in {**_SETTINGS, **place}.items())
    return machine.write(folder / "server.properties", "".join(lines), owner)


def _answer(port: int) -> str:
    """The broker's answer to ApiVersions, in hexadecimal."""
    with socket.create_connection(("127.0.0.1", port), _ANSWER_TIMEOUT_S) as connection:
        connection.sendall(struct.pack(">i", len(_API_VERSIONS)) + _API_VERSIONS)
        answer = connection.recv(4, socket.MSG_WAITALL)
        if len(answer) < 4:
            raise ConnectionResetError("the server closed the connection")
    return answer.hex()
