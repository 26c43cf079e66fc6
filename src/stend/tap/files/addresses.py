"""Addresses for whoever shows packets: a host for each part, the port that a protocol is known by.

What was recorded ran between ports of one machine. In a file each part is a host of its own, so
that lifelines differ, and a server's port is the one by which Wireshark chooses how to dissect it.
"""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address
from typing import NamedTuple

from stend.tap.recording import Connection

# gRPC has no port of its own: Wireshark looks for the preface of HTTP/2 on ports of HTTP only.
_PORTS: Mapping[str, int] = {
    "http": 80,
    "grpc": 8080,
    "postgresql": 5432,
    "mysql": 3306,
    "mongodb": 27017,
    "redis": 6379,
    "amqp": 5672,
    "kafka": 9092,
    "tls": 443,
    "dns": 53,
}
# Of what else there is (IANA, RFC 6335 §6: the first of the dynamic ports).
_OTHER_PORT = 49152
_FIRST_CLIENT_PORT, _LAST_PORT = 1024, 65535
_CLIENTS, _SERVERS = IPv4Address("10.0.0.0"), IPv4Address("10.0.1.0")
# Hosts of one block; the next block of clients begins two further on.
_BLOCK_HOSTS, _BLOCK_STEP = 254, 512


class Sockets(NamedTuple):
    """Both ends of a connection."""

    client: IPv4Address
    client_port: int
    server: IPv4Address
    server_port: int


class Addresses:
    """Gives addresses to the connections of a recording, the same ones each time."""

    def __init__(self, connections: Iterable[Connection]) -> None:
        self._clients: dict[str, IPv4Address] = {}
        self._servers: dict[str, IPv4Address] = {}
        self._given: dict[int, Sockets] = {}
        self._taken: set[Sockets] = set()
        for one in connections:
            self._given[one.number] = self._choose(one)

    def of(self, connection: Connection) -> Sockets:
        return self._given[connection.number]

    def names(self) -> list[tuple[IPv4Address, str]]:
        """Whose each address is."""
        return [
            (address, name)
            for known in (self._clients, self._servers)
            for name, address in known.items()
        ]

    def _choose(self, connection: Connection) -> Sockets:
        place = connection.place
        wanted = Sockets(
            _host(self._clients, place.source, _CLIENTS),
            _port_of(connection.peer),
            _host(self._servers, place.target, _SERVERS),
            _PORTS.get(place.protocol, _OTHER_PORT),
        )
        # A port that was used again, or to another listener: packets of two connections would mix.
        tried = 0
        while wanted in self._taken and tried < _LAST_PORT:
            after = wanted.client_port + 1
            wanted = wanted._replace(
                client_port=after if after <= _LAST_PORT else _FIRST_CLIENT_PORT
            )
            tried += 1
        self._taken.add(wanted)
        return wanted


def _host(known: dict[str, IPv4Address], name: str, network: IPv4Address) -> IPv4Address:
    if name not in known:
        block, number = divmod(len(known), _BLOCK_HOSTS)
        known[name] = network + block * _BLOCK_STEP + number + 1
    return known[name]


def _port_of(peer: str) -> int:
    port = peer.rpartition(":")[2]
    is_port = port.isascii() and port.isdigit() and len(port) <= 5
    return int(port) if is_port and 0 < int(port) <= _LAST_PORT else _FIRST_CLIENT_PORT
