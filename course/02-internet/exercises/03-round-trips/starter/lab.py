"""What the check runs: a browser loads a page, round trip by round trip.

It is a model with a clock of its own, so that 200 ms pass in an instant and always alike. It
knows: round trips of DNS, TCP and TLS 1.3; up to six connections, which stay open; TCP that begins
with ten packets and doubles what it sends every round trip (RFC 6928, RFC 5681); a line of a given
width; the time of the server. It knows no losses, no HTTP/2, and no browser that draws.

    python lab.py
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush

FIRST_WINDOW_BYTES = 10 * 1460


@dataclass(frozen=True, slots=True)
class Part:
    """
    Attributes:
        after: the part in which the browser finds that it needs this one.
    """

    name: str
    size_bytes: int
    after: str | None


PAGE = (
    Part("page", 30_000, None),
    Part("style", 20_000, "page"),
    Part("script", 100_000, "page"),
    Part("products", 10_000, "script"),
    *(Part(f"picture-{number}", 30_000, "products") for number in range(12)),
)
# The same where the server has put the products into the page.
FLAT = tuple(
    replace(one, after="page") if one.after == "products" else one
    for one in PAGE
    if one.name != "products"
)


@dataclass(frozen=True, slots=True)
class Network:
    """
    Attributes:
        setup_trips: round trips before the first request of a connection: TCP, then TLS 1.3.
    """

    rtt_s: float
    server_s: float = 0.020
    bits_per_s: float = 100e6
    connections: int = 6
    keeps_alive: bool = True
    setup_trips: int = 2


@dataclass(slots=True)
class Connection:
    free_at_s: float
    window_bytes: int = FIRST_WINDOW_BYTES
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class Fetched:
    name: str
    began_s: float
    ended_s: float


def load(network: Network, page: Sequence[Part] = PAGE) -> Sequence[Fetched]:
    """When each part was asked for and was there; the page has come with the last of them."""
    # The name is looked up once.
    waiting = [(network.rtt_s, 0, page[0])]
    connections: list[Connection] = []
    fetched: list[Fetched] = []
    order = 0
    while waiting:
        ready_s, _, part = heappop(waiting)
        connection = _connection(connections, network, ready_s)
        began_s = max(ready_s, connection.free_at_s)
        ended_s = began_s + _takes(connection, network, part.size_bytes)
        connection.free_at_s = ended_s
        if not network.keeps_alive:
            connection.is_new, connection.window_bytes = True, FIRST_WINDOW_BYTES
        fetched.append(Fetched(part.name, began_s, ended_s))
        for one in page:
            if one.after == part.name:
                order += 1
                heappush(waiting, (ended_s, order, one))
    return fetched


def page_s(network: Network, page: Sequence[Part] = PAGE) -> float:
    return max(one.ended_s for one in load(network, page))


def _connection(connections: list[Connection], network: Network, now: float) -> Connection:
    """One that is idle, else a new one, else the one that is free first."""
    idle = [one for one in connections if one.free_at_s <= now]
    if idle:
        return max(idle, key=lambda one: one.window_bytes)
    if len(connections) < network.connections:
        connections.append(Connection(now))
        return connections[-1]
    return min(connections, key=lambda one: one.free_at_s)


def _takes(connection: Connection, network: Network, size_bytes: int) -> float:
    trips = network.setup_trips if connection.is_new else 0
    connection.is_new = False
    took_s = (trips + 1) * network.rtt_s + network.server_s
    left = size_bytes
    while left > connection.window_bytes:
        left -= connection.window_bytes
        # What the line cannot carry within a round trip makes the round longer.
        took_s += max(network.rtt_s, connection.window_bytes * 8 / network.bits_per_s)
        connection.window_bytes *= 2
    return took_s + left * 8 / network.bits_per_s


def main() -> None:
    far = Network(0.2)
    for title, seconds in (
        ("RTT 1 ms", page_s(Network(0.001))),
        ("RTT 200 ms", page_s(far)),
        ("  a server of 10 ms", page_s(replace(far, server_s=0.010))),
        ("  a server of 5 ms", page_s(replace(far, server_s=0.005))),
        ("  a line of 1 Gbit/s", page_s(replace(far, bits_per_s=1e9))),
        ("  a new connection each time", page_s(replace(far, keeps_alive=False))),
        ("  TLS without a round trip of its own", page_s(replace(far, setup_trips=1))),
        ("  products within the page", page_s(far, FLAT)),
    ):
        print(f"{title:40}{seconds * 1000:8.0f} ms")
    print()
    for one in load(far):
        print(f"{one.name:12}{one.began_s * 1000:8.0f} … {one.ended_s * 1000:.0f} ms")


if __name__ == "__main__":
    main()
