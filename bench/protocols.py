"""GetOrder over each protocol beside bare servers and a constant answer: one run, one client.

Rounds alternate between the servers, so that a machine that gets slower slows all of them; the
median round counts.
"""

import asyncio
import json
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil
import uvloop

from bench.load import Connection, GrpcConnection, HttpConnection, Load, measure
from bench.stand import Stand, free_port_base, server
from stend.shop.orders.api.grpc.stubs import orders_pb2 as pb

Facts = dict[str, Any]
Opener = Callable[[], Awaitable[Connection]]
Bare = tuple[int, psutil.Process]
Server = tuple[Opener, psutil.Process]

CONNECTIONS = 16
ROUNDS = 5
ROUND_S = 2.0
GOAL = 0.80


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        stand = Stand(Path(folder), free_port_base())
        stand.command("up", "--detach", "--no-browser", "--no-tap")
        try:
            result = against(stand)
        finally:
            stand.command("down")
    json.dump(result, sys.stdout, indent=2)
    print()


def against(stand: Stand) -> Facts:
    answer = json.loads(stand.command("call", "PlaceOrder", "--over", "rest", "--json").stdout)
    order_id = answer["result"]["order_id"]
    url = stand.database_url
    with server("bench.bare_rest", url) as rest, server("bench.bare_grpc", url) as grpc:
        rows = {
            "rest": http_rows(stand, rest, order_id),
            "grpc": grpc_rows(stand, grpc, order_id),
        }
        facts: Facts = uvloop.run(compare(rows))
        return facts


def http_rows(stand: Stand, bare: Bare, order_id: str) -> dict[str, Server]:
    path = f"/api/v1/orders/{order_id}"
    bare_port, bare_process = bare

    def opener(port: int, path: str) -> Opener:
        return lambda: HttpConnection.open(port, path)

    return {
        "stend": (opener(stand.port_base, path), stand.process),
        "bare": (opener(bare_port, path), bare_process),
        "constant": (opener(bare_port, "/constant"), bare_process),
    }


def grpc_rows(stand: Stand, bare: Bare, order_id: str) -> dict[str, Server]:
    request = pb.GetOrderRequest(order_id=order_id).SerializeToString()
    bare_port, bare_process = bare
    service = "/lavka.orders.v1.Orders"

    def opener(port: int, method: str) -> Opener:
        async def open_one() -> GrpcConnection:
            return GrpcConnection(port, f"{service}/{method}", request)

        return open_one

    return {
        "stend": (opener(stand.port_base + 1, "GetOrder"), stand.process),
        "bare": (opener(bare_port, "GetOrder"), bare_process),
        "constant": (opener(bare_port, "Constant"), bare_process),
    }


async def compare(rows: dict[str, dict[str, Server]]) -> Facts:
    protocols = {}
    for protocol, servers in rows.items():
        rounds: dict[str, list[Load]] = {name: [] for name in servers}
        for number in range(ROUNDS):
            print(f"{protocol}: round {number + 1} of {ROUNDS}", file=sys.stderr)
            for name, (opener, process) in servers.items():
                rounds[name].append(await one_round(opener, process))
        protocols[protocol] = summary(rounds)
    return {
        "bench": "protocols",
        "operation": "GetOrder",
        "connections": CONNECTIONS,
        "rounds": ROUNDS,
        "round_s": ROUND_S,
        "goal_ratio": GOAL,
        "protocols": protocols,
    }


async def one_round(opener: Opener, process: psutil.Process) -> Load:
    connections = [await opener() for _ in range(CONNECTIONS)]
    try:
        return await measure(connections, ROUND_S, process)
    finally:
        await asyncio.gather(*(connection.close() for connection in connections))


def summary(rounds: dict[str, list[Load]]) -> Facts:
    facts = {
        name: {
            "requests_per_s": round(statistics.median(load.requests_per_s for load in loads)),
            "p50_ms": round(statistics.median(load.p50_ms for load in loads), 2),
            "p99_ms": round(statistics.median(load.p99_ms for load in loads), 2),
            "server_cpu_us": round(statistics.median(load.server_cpu_us for load in loads)),
        }
        for name, loads in rounds.items()
    }
    ratio = facts["stend"]["requests_per_s"] / facts["bare"]["requests_per_s"]
    cpu_ratio = facts["bare"]["server_cpu_us"] / facts["stend"]["server_cpu_us"]
    return {
        **facts,
        "ratio_to_bare": round(ratio, 3),
        "cpu_ratio_to_bare": round(cpu_ratio, 3),
        "goal_met": ratio >= GOAL,
    }


if __name__ == "__main__":
    main()
