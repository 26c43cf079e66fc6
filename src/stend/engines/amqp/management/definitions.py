"""Definitions: everything durable as one document, to be kept and to be loaded again. Pure.

https://www.rabbitmq.com/docs/definitions: users, virtual hosts, permissions, queues, exchanges and
bindings; messages are no part of it.
"""

from collections.abc import Mapping

from stend import __version__
from stend.engines.amqp.declarations import RESERVED, ExchangeDeclaration, QueueDeclaration
from stend.engines.amqp.management import views
from stend.engines.amqp.management.desk import Desk, Reply, Request, demand_administrator
from stend.engines.amqp.management.reading import BadRequestError, Form
from stend.engines.amqp.routing import Destination
from stend.engines.amqp.users import Permission, Right, User
from stend.engines.amqp.vhost import VHost

# Nobody can make these here; a document that has some was made by another broker.
_ALWAYS_EMPTY = ("parameters", "global_parameters", "policies", "topic_permissions")


def export(desk: Desk, request: Request) -> Reply:
    demand_administrator(request)
    vhosts = desk.broker.vhosts.values()
    users = desk.broker.users.values()
    document: views.Json = {
        "rabbit_version": __version__,
        "rabbitmq_version": __version__,
        "product_name": "stend",
        "product_version": __version__,
        "users": [views.user_view(user) for user in users],
        "vhosts": [{"name": vhost.name} for vhost in vhosts],
        "permissions": [
            views.permission_view(user, vhost, permission)
            for user in users
            for vhost, permission in user.permissions.items()
        ],
        **{name: [] for name in _ALWAYS_EMPTY},
    }
    for kind in ("queues", "exchanges", "bindings"):
        document[kind] = [one for vhost in vhosts for one in _of(vhost)[kind]]
    return Reply(200, document)


def export_vhost(desk: Desk, request: Request) -> Reply:
    vhost = desk.vhost(request)
    named: dict[str, list[views.Json]] = {kind: [] for kind in _ALWAYS_EMPTY} | _of(vhost)
    # A document of one virtual host can be loaded into any.
    document: views.Json = {"rabbit_version": __version__}
    for kind, items in named.items():
        document[kind] = [
            {name: value for name, value in item.items() if name != "vhost"} for item in items
        ]
    return Reply(200, document)


def load(desk: Desk, request: Request) -> Reply:
    """Makes what the document has and is not there yet; nothing is deleted.

    Raises:
        BadRequestError: the document has what this broker cannot make.
    """
    demand_administrator(request)
    form = request.form
    _demand_makeable(form)
    for told in form.objects("vhosts"):
        desk.broker.add_vhost(told.text("name"))
    for told in form.objects("users"):
        _load_user(desk, told)
    for told in form.objects("permissions"):
        user, vhost = desk.broker.users.get(told.text("user")), told.text("vhost")
        if user is None or vhost not in desk.broker.vhosts:
            raise BadRequestError("vhost_or_user_not_found")
        permission = Permission(told.text("configure"), told.text("write"), told.text("read"))
        permission.demand_patterns()
        desk.broker.permit(user, vhost, permission)
    _load_topology(desk, request, form, None)
    return Reply(204)


def load_vhost(desk: Desk, request: Request) -> Reply:
    """The same for one virtual host."""
    form = request.form
    _demand_makeable(form)
    _load_topology(desk, request, form, desk.vhost(request))
    return Reply(204)


def _of(vhost: VHost) -> dict[str, list[views.Json]]:
    exchanges = [
        exchange
        for exchange in vhost.exchanges.values()
        if exchange.durable and exchange.name and not exchange.name.startswith(RESERVED)
    ]
    queues = [queue for queue in vhost.queues.values() if vhost.survives(queue)]
    bindings = [
        views.binding_view(vhost, exchange.name, binding)
        for exchange in vhost.exchanges.values()
        for binding in exchange.bindings
        if vhost.binding_survives(exchange, binding.destination)
    ]
    kept = ("name", "vhost", "durable", "auto_delete", "arguments")
    return {
        "queues": [
            {name: value for name, value in views.queue_view(vhost, queue).items() if name in kept}
            for queue in queues
        ],
        "exchanges": [views.exchange_view(vhost, exchange) for exchange in exchanges],
        "bindings": [
            {name: value for name, value in one.items() if name != "properties_key"}
            for one in bindings
        ],
    }


def _demand_makeable(form: Form) -> None:
    for kind in _ALWAYS_EMPTY:
        # RabbitMQ keeps the name of its cluster among the global parameters.
        if kind != "global_parameters" and form.objects(kind):
            raise BadRequestError(f"{kind}: this broker has none; see docs/engines.md")


def _load_user(desk: Desk, told: Form) -> None:
    name = told.text("name")
    known = desk.broker.users.get(name)
    permissions = known.permissions if known else {}
    user = User(name, told.text("password_hash"), told.tags("tags"), permissions)
    desk.broker.put_user(user)


def _load_topology(desk: Desk, request: Request, form: Form, into: VHost | None) -> None:
    for told in form.objects("exchanges"):
        vhost, name = _home(desk, told, into), told.text("name")
        request.user.demand(Right.CONFIGURE, "exchange", name, vhost.name)
        vhost.declare_exchange(
            ExchangeDeclaration(
                name,
                told.text("type"),
                told.switch("durable"),
                told.switch("auto_delete"),
                told.switch("internal"),
                told.table("arguments"),
            )
        )
    for told in form.objects("queues"):
        vhost, name = _home(desk, told, into), told.text("name")
        request.user.demand(Right.CONFIGURE, "queue", name, vhost.name)
        durable, auto_delete = told.switch("durable"), told.switch("auto_delete")
        table = told.table("arguments")
        vhost.declare_queue(QueueDeclaration(name, durable, False, auto_delete, table), request)
    for told in form.objects("bindings"):
        vhost = _home(desk, told, into)
        exchange, destination = vhost.exchange(told.text("source")), _destination(vhost, told)
        desk.demand_binding(request, vhost, exchange, destination)
        vhost.bind(exchange.name, destination, told.text("routing_key"), told.table("arguments"))


def _home(desk: Desk, told: Form, into: VHost | None) -> VHost:
    if into is not None:
        return into
    vhost = desk.broker.vhosts.get(told.text("vhost"))
    if vhost is None:
        raise BadRequestError(f"vhost_not_found: {told.text('vhost')}")
    return vhost


def _destination(vhost: VHost, told: Form) -> Destination:
    name, kind = told.text("destination"), told.text("destination_type")
    things: Mapping[str, Destination] = {}
    if kind in ("queue", "exchange"):
        things = vhost.queues if kind == "queue" else vhost.exchanges
    if name not in things:
        raise BadRequestError(f"bindings: there is no {kind} {name!r} in '{vhost.name}'")
    return things[name]
