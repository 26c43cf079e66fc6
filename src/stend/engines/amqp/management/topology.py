"""Paths about exchanges, queues, bindings and the messages in them. Pure."""

from urllib.parse import quote

from stend.engines.amqp.declarations import ExchangeDeclaration, QueueDeclaration
from stend.engines.amqp.management import views
from stend.engines.amqp.management.desk import Desk, Reply, Request
from stend.engines.amqp.management.reading import (
    BadRequestError,
    read_payload,
    read_properties,
)
from stend.engines.amqp.message import Entry
from stend.engines.amqp.publishing import new_message
from stend.engines.amqp.queues import Queue
from stend.engines.amqp.routing import Destination
from stend.engines.amqp.users import Right
from stend.engines.amqp.vhost import Outcome, VHost
from stend.wire.amqp.content import decode_content_header, encode_content_header

ACK_MODES = ("ack_requeue_true", "ack_requeue_false", "reject_requeue_true", "reject_requeue_false")


def exchanges(desk: Desk, request: Request) -> Reply:
    return Reply(
        200,
        [
            views.exchange_view(vhost, exchange)
            for vhost in desk.visible_vhosts(request)
            for exchange in vhost.exchanges.values()
        ],
    )


def exchange(desk: Desk, request: Request) -> Reply:
    vhost, exchange = desk.exchange(request)
    return Reply(200, views.exchange_view(vhost, exchange))


def put_exchange(desk: Desk, request: Request) -> Reply:
    vhost, name, form = desk.home(request), request.names[1], request.form
    # As in AMQP, where the type of Exchange.Declare has this default.
    kind = form.text("type", "direct")
    request.user.demand(Right.CONFIGURE, "exchange", name, vhost.name)
    is_new = name not in vhost.exchanges
    vhost.declare_exchange(
        ExchangeDeclaration(
            name,
            kind,
            form.switch("durable"),
            form.switch("auto_delete"),
            form.switch("internal"),
            form.table("arguments"),
        )
    )
    return Reply(201 if is_new else 204)


def delete_exchange(desk: Desk, request: Request) -> Reply:
    vhost, exchange = desk.exchange(request)
    request.user.demand(Right.CONFIGURE, "exchange", exchange.name, vhost.name)
    vhost.delete_exchange(exchange.name, if_unused=request.asks_for("if-unused"))
    return Reply(204)


def publish(desk: Desk, request: Request) -> Reply:
    vhost, exchange = desk.exchange(request)
    form = request.form
    form.demand("properties", "routing_key", "payload", "payload_encoding")
    request.user.demand(Right.WRITE, "exchange", exchange.name, vhost.name)
    body = read_payload(form)
    if len(body) > desk.broker.limits.message_bytes:
        raise BadRequestError(
            f"payload of {len(body)} bytes, the largest is {desk.broker.limits.message_bytes}"
        )
    header = encode_content_header(len(body), read_properties(form))
    content = decode_content_header(header)
    key = form.text("routing_key")
    message = new_message(desk.broker, exchange.name, key, content, body)
    outcome = vhost.publish(message, vhost.route(message))
    return Reply(200, {"routed": outcome in (Outcome.TAKEN, Outcome.STORED)})


def queues(desk: Desk, request: Request) -> Reply:
    return Reply(
        200,
        [
            views.queue_view(vhost, queue)
            for vhost in desk.visible_vhosts(request)
            for queue in vhost.queues.values()
        ],
    )


def queue(desk: Desk, request: Request) -> Reply:
    vhost, queue = desk.queue(request)
    return Reply(200, views.queue_view(vhost, queue))


def put_queue(desk: Desk, request: Request) -> Reply:
    vhost, name, form = desk.home(request), request.names[1], request.form
    request.user.demand(Right.CONFIGURE, "queue", name, vhost.name)
    is_new = name not in vhost.queues
    told = QueueDeclaration(
        name,
        durable=form.switch("durable"),
        exclusive=False,
        auto_delete=form.switch("auto_delete"),
        table=form.table("arguments"),
    )
    vhost.declare_queue(told, request)
    return Reply(201 if is_new else 204)


def delete_queue(desk: Desk, request: Request) -> Reply:
    vhost, queue = desk.queue(request)
    request.user.demand(Right.CONFIGURE, "queue", queue.name, vhost.name)
    vhost.demand_access(queue, request)
    vhost.delete_queue(
        queue, if_unused=request.asks_for("if-unused"), if_empty=request.asks_for("if-empty")
    )
    return Reply(204)


def purge(desk: Desk, request: Request) -> Reply:
    vhost, queue = desk.queue(request)
    request.user.demand(Right.READ, "queue", queue.name, vhost.name)
    vhost.demand_access(queue, request)
    queue.purge()
    return Reply(204)


def get(desk: Desk, request: Request) -> Reply:
    vhost, queue = desk.queue(request)
    form = request.form
    form.demand("count", "ackmode", "encoding")
    request.user.demand(Right.READ, "queue", queue.name, vhost.name)
    vhost.demand_access(queue, request)
    count, mode, encoding = form.number("count", 1), form.text("ackmode"), form.text("encoding")
    if mode not in ACK_MODES:
        raise BadRequestError(f"ackmode {mode!r}, expected one of {', '.join(ACK_MODES)}")
    if encoding not in ("auto", "base64"):
        raise BadRequestError(f"encoding {encoding!r}, expected auto or base64")
    truncate = form.number("truncate", 0) if form.has("truncate") else None
    shown: list[views.Json] = []
    taken: list[Entry] = []
    while len(taken) < count and (entry := queue.get(no_ack=False)) is not None:
        taken.append(entry)
        shown.append(views.message_view(entry, queue.ready, encoding, truncate))
    _put_away(queue, taken, mode)
    return Reply(200, shown)


def bindings(desk: Desk, request: Request) -> Reply:
    shown: list[views.Json] = []
    for vhost in desk.visible_vhosts(request):
        shown += [views.default_binding_view(vhost, queue) for queue in vhost.queues.values()]
        for exchange in vhost.exchanges.values():
            shown += [views.binding_view(vhost, exchange.name, one) for one in exchange.bindings]
    return Reply(200, shown)


def queue_bindings(desk: Desk, request: Request) -> Reply:
    vhost, queue = desk.queue(request)
    shown = [views.default_binding_view(vhost, queue)]
    return Reply(200, shown + _bindings_to(vhost, queue))


def bindings_from(desk: Desk, request: Request) -> Reply:
    vhost, exchange = desk.exchange(request)
    if not exchange.name:
        shown = [views.default_binding_view(vhost, one) for one in vhost.queues.values()]
    else:
        shown = [views.binding_view(vhost, exchange.name, one) for one in exchange.bindings]
    return Reply(200, shown)


def bindings_to(desk: Desk, request: Request) -> Reply:
    vhost, exchange = desk.exchange(request)
    return Reply(200, _bindings_to(vhost, exchange))


def bindings_between(desk: Desk, request: Request) -> Reply:
    vhost, exchange, destination = desk.ends(request)
    found = [one for one in exchange.bindings if one.destination is destination]
    shown = [views.binding_view(vhost, exchange.name, one) for one in found]
    if not exchange.name and isinstance(destination, Queue):
        shown.append(views.default_binding_view(vhost, destination))
    return Reply(200, shown)


def bind(desk: Desk, request: Request) -> Reply:
    vhost, exchange, destination = desk.ends(request)
    desk.demand_binding(request, vhost, exchange, destination)
    form = request.form
    key, table = form.text("routing_key", ""), form.table("arguments")
    vhost.bind(exchange.name, destination, key, table)
    made = next(
        one
        for one in exchange.bindings
        if one.destination is destination and one.key == key and one.table == table
    )
    return Reply(
        201,
        location=f"{quote(destination.name, safe='')}/{quote(views.properties_key(made), safe='')}",
    )


def binding(desk: Desk, request: Request) -> Reply:
    vhost, exchange, _ = desk.ends(request)
    return Reply(200, views.binding_view(vhost, exchange.name, desk.binding(request)))


def unbind(desk: Desk, request: Request) -> Reply:
    vhost, exchange, destination = desk.ends(request)
    desk.demand_binding(request, vhost, exchange, destination)
    binding = desk.binding(request)
    vhost.unbind(exchange.name, destination, binding.key, binding.table)
    return Reply(204)


def _bindings_to(vhost: VHost, destination: Destination) -> list[views.Json]:
    return [
        views.binding_view(vhost, exchange.name, binding)
        for exchange in vhost.exchanges.values()
        for binding in exchange.bindings
        if binding.destination is destination
    ]


def _put_away(queue: Queue, taken: list[Entry], mode: str) -> None:
    if mode.endswith("requeue_true"):
        queue.requeue(taken)
    elif mode.startswith("ack"):
        for entry in taken:
            queue.acknowledge(entry)
    else:
        for entry in taken:
            queue.reject(entry)
    queue.settle()
