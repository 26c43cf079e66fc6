"""Exchanges, queues and bindings as the journal keeps them. Pure."""

from stend.engines.amqp.journal import Change
from stend.engines.amqp.queues import Queue
from stend.engines.amqp.routing import Binding, Exchange
from stend.wire.amqp.values import encode_table


def exchange_change(vhost: str, exchange: Exchange) -> Change:
    return {
        "op": "exchange",
        "vhost": vhost,
        "name": exchange.name,
        "type": exchange.kind,
        "auto_delete": exchange.auto_delete,
        "internal": exchange.internal,
        "arguments": encode_table(exchange.table).hex(),
    }


def queue_change(vhost: str, queue: Queue) -> Change:
    return {
        "op": "queue",
        "vhost": vhost,
        "name": queue.name,
        "number": queue.number,
        "auto_delete": queue.auto_delete,
        "arguments": encode_table(queue.table).hex(),
    }


def binding_change(vhost: str, source: str, binding: Binding) -> Change:
    return {
        "op": "binding",
        "vhost": vhost,
        "source": source,
        "to": "queue" if isinstance(binding.destination, Queue) else "exchange",
        "destination": binding.destination.name,
        "key": binding.key,
        "arguments": encode_table(binding.table).hex(),
    }
