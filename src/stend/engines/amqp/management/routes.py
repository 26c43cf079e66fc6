"""The paths of the management API. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from stend.engines.amqp.management import administration, clients, definitions, topology
from stend.engines.amqp.management.desk import Desk, Reply, Request

Action = Callable[[Desk, Request], Reply]

# In a path `*` is one name, still quoted as it came: a virtual host may be called `/`.
ROUTES: dict[str, dict[str, Action]] = {
    "overview": {"GET": administration.overview},
    "nodes": {"GET": administration.nodes},
    "whoami": {"GET": administration.who_am_i},
    "aliveness-test/*": {"GET": administration.aliveness_test},
    "cluster-name": {"GET": administration.cluster_name},
    "health/checks/local-alarms": {"GET": administration.alarms},
    "health/checks/virtual-hosts": {"GET": administration.healthy},
    "health/checks/node-is-quorum-critical": {"GET": administration.healthy},
    "health/checks/alarms": {"GET": administration.alarms},
    "vhosts": {"GET": administration.vhosts},
    "vhosts/*": {
        "GET": administration.vhost,
        "PUT": administration.put_vhost,
        "DELETE": administration.delete_vhost,
    },
    "vhosts/*/permissions": {"GET": administration.vhost_permissions},
    "users/*/permissions": {"GET": administration.user_permissions},
    "users": {"GET": administration.users},
    "users/*": {
        "GET": administration.user,
        "PUT": administration.put_user,
        "DELETE": administration.delete_user,
    },
    "permissions": {"GET": administration.permissions},
    "permissions/*/*": {
        "GET": administration.permission,
        "PUT": administration.put_permission,
        "DELETE": administration.delete_permission,
    },
    "exchanges": {"GET": topology.exchanges},
    "exchanges/*": {"GET": topology.exchanges},
    "exchanges/*/*": {
        "GET": topology.exchange,
        "PUT": topology.put_exchange,
        "DELETE": topology.delete_exchange,
    },
    "exchanges/*/*/publish": {"POST": topology.publish},
    "exchanges/*/*/bindings/source": {"GET": topology.bindings_from},
    "exchanges/*/*/bindings/destination": {"GET": topology.bindings_to},
    "queues": {"GET": topology.queues},
    "queues/*": {"GET": topology.queues},
    "queues/*/*": {
        "GET": topology.queue,
        "PUT": topology.put_queue,
        "DELETE": topology.delete_queue,
    },
    "queues/*/*/get": {"POST": topology.get},
    "queues/*/*/contents": {"DELETE": topology.purge},
    "queues/*/*/bindings": {"GET": topology.queue_bindings},
    "bindings": {"GET": topology.bindings},
    "bindings/*": {"GET": topology.bindings},
    "bindings/*/e/*/*/*": {"GET": topology.bindings_between, "POST": topology.bind},
    "bindings/*/e/*/*/*/*": {"GET": topology.binding, "DELETE": topology.unbind},
    "definitions": {"GET": definitions.export, "POST": definitions.load},
    "definitions/*": {"GET": definitions.export_vhost, "POST": definitions.load_vhost},
    "vhosts/*/connections": {"GET": clients.vhost_connections},
    "vhosts/*/channels": {"GET": clients.vhost_channels},
    "connections": {"GET": clients.connections},
    "connections/*": {"GET": clients.connection, "DELETE": clients.close_connection},
    "connections/*/channels": {"GET": clients.connection_channels},
    "channels": {"GET": clients.channels},
    "channels/*": {"GET": clients.channel},
    "consumers": {"GET": clients.consumers},
    "consumers/*": {"GET": clients.consumers},
}

# RabbitMQ has these, this broker does not: there are none, and none can be made.
EMPTY = frozenset(
    (
        "federation-links",
        "global-parameters",
        "operator-policies",
        "parameters",
        "policies",
        "shovels",
        "topic-permissions",
        "vhost-limits",
    )
)
# And these: refused by name, with everything below them.
REFUSED = frozenset(("feature-flags", "rebalance"))


@dataclass(frozen=True, slots=True)
class Found:
    """The methods of a path, and the names in it."""

    methods: dict[str, Action]
    names: tuple[str, ...]


def find(parts: tuple[str, ...]) -> Found | None:
    """
    Args:
        parts: of the path below `/api`, each decoded.
    """
    if parts and parts[0] in EMPTY | REFUSED:
        refused: dict[str, Action] = dict.fromkeys(
            ("GET", "PUT", "POST", "DELETE"), administration.not_supported
        )
        if parts[0] in EMPTY:
            refused["GET"] = administration.none_of_these
        return Found(refused, ())
    for pattern, methods in ROUTES.items():
        expected = pattern.split("/")
        if len(expected) == len(parts) and all(
            want in ("*", part) for want, part in zip(expected, parts, strict=True)
        ):
            names = (part for want, part in zip(expected, parts, strict=True) if want == "*")
            return Found(methods, tuple(names))
    return None
