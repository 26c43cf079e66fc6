"""The broker's objects as RabbitMQ's management API shows them. Pure.

Field names and shapes as of RabbitMQ 3.10 (https://www.rabbitmq.com/docs/management#http-api);
fields that have no meaning here are left out rather than made up.
"""

import base64
import contextlib
import math
from collections.abc import Iterable
from decimal import Decimal
from urllib.parse import quote

from stend import __version__
from stend.engines.amqp.channel import Channel
from stend.engines.amqp.message import Entry
from stend.engines.amqp.queues import Consumer, Queue
from stend.engines.amqp.routing import Binding, Exchange, ExchangeType
from stend.engines.amqp.session import Session
from stend.engines.amqp.state import Broker
from stend.engines.amqp.users import Permission, User
from stend.engines.amqp.vhost import VHost
from stend.wire.amqp.content import (
    NAMES,
    headers_of,
    octet_property,
    text_property,
    timestamp_property,
)
from stend.wire.amqp.values import Table, Value

Json = dict[str, object]
NODE = "stend@localhost"


def overview(broker: Broker, sessions: Iterable[Session], listeners: Iterable[Json]) -> Json:
    queues = [queue for vhost in broker.vhosts.values() for queue in vhost.queues.values()]
    connections = [one for one in sessions if one.handshake.is_open]
    exchanges = sum(len(vhost.exchanges) for vhost in broker.vhosts.values())
    return {
        "management_version": __version__,
        "rabbitmq_version": __version__,
        "product_name": "stend",
        "product_version": __version__,
        "cluster_name": "stend",
        "node": NODE,
        "rates_mode": "none",
        "exchange_types": [{"name": kind.value, "enabled": True} for kind in ExchangeType],
        "message_stats": {
            "publish": broker.published,
            "deliver_get": broker.delivered,
            "ack": broker.acknowledged,
        },
        "queue_totals": _totals(queues),
        "object_totals": {
            "connections": len(connections),
            "channels": sum(len(one.channels) for one in connections),
            "exchanges": exchanges,
            "queues": len(queues),
            "consumers": sum(len(queue.consumers) for queue in queues),
        },
        "listeners": list(listeners),
    }


def node(broker: Broker, process: int) -> Json:
    return {
        "name": NODE,
        "type": "disc",
        "running": True,
        "os_pid": str(process),
        "mem_used": broker.memory_bytes,
        "mem_limit": broker.limits.memory_bytes,
        "mem_alarm": broker.alarmed,
    }


def vhost_view(vhost: VHost) -> Json:
    return {
        "name": vhost.name,
        "description": "",
        "tags": [],
        "tracing": False,
        **_totals(vhost.queues.values()),
    }


def user_view(user: User) -> Json:
    return {
        "name": user.name,
        "password_hash": user.password_hash,
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": list(user.tags),
        "limits": {},
    }


def permission_view(user: User, vhost: str, permission: Permission) -> Json:
    return {
        "user": user.name,
        "vhost": vhost,
        "configure": permission.configure,
        "write": permission.write,
        "read": permission.read,
    }


def exchange_view(vhost: VHost, exchange: Exchange) -> Json:
    return {
        "name": exchange.name,
        "vhost": vhost.name,
        "type": exchange.kind.value,
        "durable": exchange.durable,
        "auto_delete": exchange.auto_delete,
        "internal": exchange.internal,
        "arguments": table_view(exchange.table),
    }


def queue_view(vhost: VHost, queue: Queue) -> Json:
    ready, unacked = queue.ready, queue.unacked
    active = queue.active
    return {
        "name": queue.name,
        "vhost": vhost.name,
        "node": NODE,
        "type": "quorum" if queue.arguments.quorum else "classic",
        "state": "running",
        "durable": queue.durable,
        "auto_delete": queue.auto_delete,
        "exclusive": queue.owner is not None,
        "arguments": table_view(queue.table),
        "messages": ready + unacked,
        "messages_ready": ready,
        "messages_unacknowledged": unacked,
        "message_bytes": queue.ready_bytes + queue.unacked_bytes,
        "message_bytes_ready": queue.ready_bytes,
        "message_bytes_unacknowledged": queue.unacked_bytes,
        "policy": None,
        "operator_policy": None,
        "effective_policy_definition": {},
        "consumers": len(queue.consumers),
        "consumer_details": [consumer_view(vhost, one) for one in queue.consumers],
        "single_active_consumer_tag": active.tag if active else None,
        "exclusive_consumer_tag": next((one.tag for one in queue.consumers if one.exclusive), None),
        **_owner(queue),
        "message_stats": {
            "publish": queue.published,
            "deliver_get": queue.delivered,
            "ack": queue.acknowledged,
            "redeliver": queue.redelivered,
        },
    }


def binding_view(vhost: VHost, source: str, binding: Binding) -> Json:
    is_queue = isinstance(binding.destination, Queue)
    return {
        "source": source,
        "vhost": vhost.name,
        "destination": binding.destination.name,
        "destination_type": "queue" if is_queue else "exchange",
        "routing_key": binding.key,
        "arguments": table_view(binding.table),
        "properties_key": properties_key(binding),
    }


def default_binding_view(vhost: VHost, queue: Queue) -> Json:
    """Every queue is bound to the default exchange by its name (section 3.1.3.1)."""
    return binding_view(vhost, "", Binding(queue, queue.name, b""))


def properties_key(binding: Binding) -> str:
    """The name of a binding in its path: the key, and a hash where there are arguments."""
    key = quote(binding.key, safe="") or "~"
    if not binding.table:
        return key
    digest = base64.urlsafe_b64encode(binding.arguments).decode().rstrip("=")
    return f"{key}~{digest}"


def connection_view(session: Session) -> Json:
    host, _, port = session.name.partition(" -> ")[0].rpartition(":")
    return {
        "name": session.name,
        "node": NODE,
        "user": session.user.name,
        "vhost": session.vhost.name,
        "protocol": "AMQP 0-9-1",
        "auth_mechanism": session.handshake.mechanism,
        "state": "blocked" if session.is_blocked else "running",
        "peer_host": host,
        "peer_port": int(port),
        "ssl": False,
        "channels": len(session.channels),
        "channel_max": session.handshake.channel_max,
        "frame_max": session.frame_max,
        "timeout": session.heartbeat_s,
        "connected_at": session.opened_at_ms,
        "recv_oct": session.received_bytes,
        "send_oct": session.sent_bytes,
        "client_properties": table_view(session.handshake.client_properties),
    }


def channel_view(session: Session, channel: Channel) -> Json:
    return {
        "name": f"{session.name} ({channel.number})",
        "number": channel.number,
        "node": NODE,
        "user": session.user.name,
        "vhost": session.vhost.name,
        "state": "running",
        "confirm": channel.confirms is not None,
        "transactional": channel.is_transactional,
        "consumer_count": len(channel.consumers),
        "messages_unacknowledged": len(channel.unacked),
        "prefetch_count": channel.prefetch,
        "global_prefetch_count": channel.channel_prefetch,
        "connection_details": {"name": session.name},
    }


def consumer_view(vhost: VHost, consumer: Consumer) -> Json:
    queue = consumer.queue
    return {
        "consumer_tag": consumer.tag,
        "queue": {"name": queue.name, "vhost": vhost.name},
        "ack_required": not consumer.no_ack,
        "exclusive": consumer.exclusive,
        "prefetch_count": consumer.prefetch,
        "active": queue.active in (None, consumer),
        "arguments": table_view(consumer.arguments),
        "channel_details": consumer.sink.told(),
    }


def message_view(entry: Entry, remaining: int, encoding: str, truncate: int | None) -> Json:
    """A message of `POST …/get`; `encoding` is `auto` (text where it is UTF-8) or `base64`."""
    message = entry.message
    body = message.body if truncate is None else message.body[:truncate]
    payload, how = base64.b64encode(body).decode(), "base64"
    if encoding == "auto":
        with contextlib.suppress(UnicodeDecodeError):
            payload, how = body.decode(), "string"
    return {
        "payload_bytes": len(message.body),
        "redelivered": entry.redelivered,
        "exchange": message.exchange,
        "routing_key": message.routing_key,
        "message_count": remaining,
        "properties": properties_view(message.properties),
        "payload": payload,
        "payload_encoding": how,
    }


def properties_view(properties: dict[str, bytes]) -> Json | list[object]:
    """A message without properties has an empty list of them, as Erlang tells it."""
    if not properties:
        return []
    shown: Json = {}
    for name in NAMES:
        if name not in properties:
            continue
        if name == "headers":
            shown[name] = table_view(headers_of(properties))
        elif name in ("delivery_mode", "priority"):
            shown[name] = octet_property(properties, name)
        elif name == "timestamp":
            shown[name] = timestamp_property(properties)
        else:
            shown[name] = text_property(properties, name)
    return shown


def table_view(table: Table) -> Json:
    return {name: _json(value) for name, value in table.items()}


def _owner(queue: Queue) -> Json:
    if not isinstance(queue.owner, Session):
        return {}
    return {"owner_pid_details": {"name": queue.owner.name}}


def _totals(queues: Iterable[Queue]) -> Json:
    ready = unacked = 0
    for queue in queues:
        ready += queue.ready
        unacked += queue.unacked
    return {
        "messages": ready + unacked,
        "messages_ready": ready,
        "messages_unacknowledged": unacked,
    }


def _json(value: Value) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal):
        return float(value)
    # JSON has no infinities and no NaN.
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if isinstance(value, list):
        return [_json(one) for one in value]
    if isinstance(value, dict):
        return table_view(value)
    return value
