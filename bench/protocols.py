"""GetOrder over each protocol beside bare servers: one run, one machine, one client per row.

    python -m bench.protocols [PROTOCOL…]

A bare server is the protocol's framework with the same SQL through the same driver and no layers.
REST and gRPC have a constant answer, too, for scale. Rounds alternate between the servers of a row,
so that a machine that gets slower slows all of them; the median round counts.
"""

import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil
import uvloop

from bench.load import Load, measure
from bench.protocol_rows import ROWS, Opener, Target
from bench.stand import Stand, free_port_base, server
from stend.runtime.calling import call, completed
from stend.runtime.system import RandomIds
from stend.shop.orders.api.forms import rest_form
from stend.shop.orders.api.rest.client import RestClient
from stend.shop.orders.usecases import Operation

Facts = dict[str, Any]
Server = tuple[Opener, psutil.Process]

CONNECTIONS = 16
ROUNDS = 5
ROUND_S = 2.0
GOAL = 0.80


def main(protocols: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        # Orders that nobody works on stay as they are.
        stand = Stand(Path(folder), free_port_base(), ORDERS_SAGAS="0")
        stand.command("up", "--detach", "--no-browser", "--no-tap")
        try:
            result = against(stand, protocols or list(ROWS))
        finally:
            stand.command("down")
    json.dump(result, sys.stdout, indent=2)
    print()


def against(stand: Stand, protocols: list[str]) -> Facts:
    orders = uvloop.run(example_orders(stand))
    return {
        "bench": "protocols",
        "operation": "GetOrder",
        "connections": CONNECTIONS,
        "rounds": ROUNDS,
        "round_s": ROUND_S,
        "goal_ratio": GOAL,
        "protocols": {one: row_of(one, stand, orders) for one in protocols},
    }


async def example_orders(stand: Stand) -> list[str]:
    """One for each connection."""
    ids, client = RandomIds(), RestClient(f"http://127.0.0.1:{stand.port_base}")
    form = rest_form(Operation.PLACE_ORDER)
    try:
        return [
            reply.value.order.order_id
            for _ in range(CONNECTIONS)
            async for reply in call(client, Operation.PLACE_ORDER, completed(form, {}, ids))
        ]
    finally:
        await client.close()


def row_of(protocol: str, stand: Stand, orders: list[str]) -> Facts:
    row = ROWS[protocol]
    arguments = [stand.database_url, *row.more(stand)]
    with server(f"bench.bare_{protocol}", *arguments) as (port, process):
        servers: dict[str, Server] = {
            "stend": (row.opener(stand, Target(stand.port_base, is_bare=False)), stand.process),
            "bare": (row.opener(stand, Target(port, is_bare=True)), process),
        }
        if row.constant:
            servers["constant"] = (row.constant(Target(port, is_bare=True)), process)
        facts: Facts = uvloop.run(compare(protocol, servers, orders))
    return facts


async def compare(protocol: str, servers: dict[str, Server], orders: list[str]) -> Facts:
    rounds: dict[str, list[Load]] = {name: [] for name in servers}
    for number in range(ROUNDS):
        print(f"{protocol}: round {number + 1} of {ROUNDS}", file=sys.stderr)
        for name, (opener, process) in servers.items():
            async with opener(orders) as connections:
                rounds[name].append(await measure(connections, ROUND_S, process))
    return summary(rounds)


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
    main(sys.argv[1:])
