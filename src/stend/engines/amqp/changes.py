"""Durable changes as the journal keeps them: made from the broker, and done again. Pure."""

from collections.abc import Iterator

from stend.engines.amqp.arguments import read_queue_arguments
from stend.engines.amqp.declarations import RESERVED, ExchangeDeclaration
from stend.engines.amqp.definitions import binding_change, exchange_change, queue_change
from stend.engines.amqp.journal import Change
from stend.engines.amqp.queues import Queue
from stend.engines.amqp.routing import Destination
from stend.engines.amqp.users import Permission, User
from stend.engines.amqp.vhost import VHost
from stend.wire.amqp.values import Table, read_table


def definitions_of(vhost: VHost) -> Iterator[Change]:
    exchanges = vhost.exchanges.values()
    for exchange in exchanges:
        if exchange.durable and exchange.name and not exchange.name.startswith(RESERVED):
            yield exchange_change(vhost.name, exchange)
    for queue in vhost.queues.values():
        if vhost.survives(queue):
            yield queue_change(vhost.name, queue)
    for exchange in exchanges:
        for binding in exchange.bindings:
            if vhost.binding_survives(exchange, binding.destination):
                yield binding_change(vhost.name, exchange.name, binding)


def apply_to_vhost(vhost: VHost, change: Change, numbers: dict[int, tuple[VHost, Queue]]) -> None:
    name = str(change.get("name", ""))
    match change["op"]:
        case "exchange":
            vhost.declare_exchange(
                ExchangeDeclaration(
                    name,
                    str(change["type"]),
                    durable=True,
                    auto_delete=bool(change["auto_delete"]),
                    internal=bool(change["internal"]),
                    table=_table(change),
                )
            )
        case "exchange-deleted":
            vhost.delete_exchange(name, if_unused=False)
        case "queue":
            queue = _queue(vhost, change)
            vhost.add_queue(queue)
            numbers[queue.number] = (vhost, queue)
        case "queue-deleted":
            gone = numbers.pop(int(str(change["number"])), None)
            if gone:
                vhost.delete_queue(gone[1])
        case "binding":
            if destination := _destination(vhost, change):
                vhost.bind(str(change["source"]), destination, str(change["key"]), _table(change))
        case "binding-deleted":
            if destination := _destination(vhost, change):
                vhost.unbind(str(change["source"]), destination, str(change["key"]), _table(change))
        case unknown:
            raise ValueError(f"the journal holds an unknown change: {unknown}")


def _queue(vhost: VHost, change: Change) -> Queue:
    table, name = _table(change), str(change["name"])
    return Queue(
        int(str(change["number"])),
        name,
        vhost,
        durable=True,
        owner=None,
        auto_delete=bool(change["auto_delete"]),
        table=table,
        arguments=read_queue_arguments(table, name, vhost.name),
    )


def _destination(vhost: VHost, change: Change) -> Destination | None:
    name = str(change["destination"])
    return vhost.queues.get(name) if change["to"] == "queue" else vhost.exchanges.get(name)


def _table(change: Change) -> Table:
    return read_table(bytes.fromhex(str(change["arguments"])))[0]


def user_change(user: User) -> Change:
    permissions = {
        vhost: [one.configure, one.write, one.read] for vhost, one in user.permissions.items()
    }
    return {
        "op": "user",
        "name": user.name,
        "password_hash": user.password_hash,
        "tags": list(user.tags),
        "permissions": permissions,
    }


def user_of(change: Change) -> User:
    tags, permissions = change["tags"], change["permissions"]
    if not isinstance(tags, list) or not isinstance(permissions, dict):
        raise ValueError(f"the journal holds a user without tags or permissions: {change}")
    return User(
        str(change["name"]),
        str(change["password_hash"]),
        tuple(tags),
        {vhost: Permission(*patterns) for vhost, patterns in permissions.items()},
    )
