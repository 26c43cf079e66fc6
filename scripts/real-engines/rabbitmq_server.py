"""RabbitMQ with its plugins of management and of Prometheus, on a node and an epmd of its own."""

import base64
import hashlib
import http.client
import json
import os
import shutil
import signal
import socket
from pathlib import Path

import machine
from machine import EngineError, Process, Started

NAME = "rabbitmq"
PACKAGES = ("rabbitmq-server",)
_USERS = ("lavka", "guest")
_START_TIMEOUT_S = 120
_ANSWER_TIMEOUT_S = 5


def find() -> Path:
    """The server's own script; the one in /usr/sbin insists on the machine's folders.

    Raises:
        EngineError: it is not installed.
    """
    found = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server"))
    if found:
        return found[-1]
    anywhere = shutil.which("rabbitmq-server")
    if anywhere is None or shutil.which("epmd") is None:
        raise EngineError("rabbitmq-server was not found")
    return Path(anywhere)


def start(folder: Path, tls: machine.Tls | None = None) -> Started:
    """
    Raises:
        EngineError: not installed, or it did not start.
    """
    server = find()
    owner = machine.account("rabbitmq")
    machine.empty_folder(folder, owner)
    amqp, management, metrics, epmd, distribution = machine.free_ports(5)
    _write_configuration(folder, owner, (amqp, management, metrics), tls)
    environment = _environment(folder, amqp, epmd, distribution)
    # Erlang would start a daemon that nobody stops; this one is a child whose id is known.
    names = machine.spawn(
        ["epmd", "-address", "127.0.0.1", "-port", str(epmd)], folder, owner, environment
    )
    node = machine.spawn([str(server)], folder, owner, environment)
    try:
        version = machine.wait_for(
            lambda: _version(amqp, management), node, folder, timeout_s=_START_TIMEOUT_S
        )
        # The script is only the parent of the Erlang machine and cannot stop it in order.
        beam = adopted(folder)
    except BaseException:
        machine.end((node, names))
        raise
    return Started(
        version=f"RabbitMQ {version}",
        processes=(beam, node, names),
        environment={
            "STEND_AMQP_URL": f"amqp{'s' if tls else ''}://lavka:lavka@127.0.0.1:{amqp}/",
            "STEND_AMQP_MANAGEMENT_URL": f"http://lavka:lavka@127.0.0.1:{management}",
            # Nothing that the stand reads: where a Prometheus finds the broker's own metrics.
            "RABBITMQ_METRICS": f"127.0.0.1:{metrics}",
        },
    )


def _environment(folder: Path, amqp: int, epmd: int, distribution: int) -> dict[str, str]:
    return {
        # The Erlang cookie is kept at home.
        "HOME": str(folder),
        "ERL_EPMD_PORT": str(epmd),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": "stend-real@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(amqp),
        "RABBITMQ_DIST_PORT": str(distribution),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        # Otherwise /etc/rabbitmq/rabbitmq-env.conf of the machine has the last word.
        "RABBITMQ_CONF_ENV_FILE": str(folder / "rabbitmq-env.conf"),
    }


def _write_configuration(
    folder: Path,
    owner: machine.Account | None,
    ports: tuple[int, int, int],
    tls: machine.Tls | None,
) -> None:
    amqp, management, metrics = ports
    definitions = {
        "vhosts": [{"name": "/"}],
        "users": [_user(name) for name in _USERS],
        "permissions": [
            {"user": name, "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}
            for name in _USERS
        ],
    }
    path = folder / "definitions.json"
    machine.write(path, json.dumps(definitions), owner)
    lines = (
        *_listeners(folder, owner, amqp, tls),
        "loopback_users = none",
        "management.tcp.ip = 127.0.0.1",
        f"management.tcp.port = {management}",
        "prometheus.tcp.ip = 127.0.0.1",
        f"prometheus.tcp.port = {metrics}",
        f"load_definitions = {path}",
        "",
    )
    machine.write(folder / "rabbitmq.conf", "\n".join(lines), owner)
    machine.write(folder / "enabled_plugins", "[rabbitmq_management,rabbitmq_prometheus].\n", owner)
    machine.write(folder / "rabbitmq-env.conf", "", owner)


def _listeners(
    folder: Path, owner: machine.Account | None, amqp: int, tls: machine.Tls | None
) -> tuple[str, ...]:
    if tls is None:
        return (f"listeners.tcp.1 = 127.0.0.1:{amqp}",)
    chain, key = machine.write_tls(folder, tls, owner)
    return (
        "listeners.tcp = none",
        f"listeners.ssl.1 = 127.0.0.1:{amqp}",
        f"ssl_options.certfile = {chain}",
        f"ssl_options.keyfile = {key}",
        "ssl_options.verify = verify_none",
    )


def _user(name: str) -> dict[str, object]:
    """Its password is its name, stored the way of rabbit_password_hashing_sha256."""
    salt = os.urandom(4)
    digest = hashlib.sha256(salt + name.encode()).digest()
    return {
        "name": name,
        "password_hash": base64.b64encode(salt + digest).decode(),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": "administrator",
    }


def _version(amqp: int, management: int) -> str:
    # The plugin may answer before the broker takes clients.
    socket.create_connection(("127.0.0.1", amqp), _ANSWER_TIMEOUT_S).close()
    connection = http.client.HTTPConnection("127.0.0.1", management, timeout=_ANSWER_TIMEOUT_S)
    try:
        credentials = base64.b64encode(b"lavka:lavka").decode()
        connection.request(
            "GET", "/api/overview", headers={"Authorization": f"Basic {credentials}"}
        )
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise ConnectionError(f"the management plugin answers {answer.status} {answer.reason}")
        version: str = json.load(answer)["rabbitmq_version"]
    finally:
        connection.close()
    return version


def adopted(folder: Path) -> Process:
    """The Erlang machine, which the script has started."""
    pid = int((folder / "pid").read_text(encoding="utf-8"))
    return machine.adopt(pid, signal.SIGTERM)
