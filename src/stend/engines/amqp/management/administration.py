"""Paths about the broker itself, its virtual hosts and users. Pure."""

from stend.engines.amqp.declarations import QueueDeclaration
from stend.engines.amqp.management import views
from stend.engines.amqp.management.desk import (
    Desk,
    MissingError,
    Reply,
    Request,
    demand_administrator,
)
from stend.engines.amqp.management.reading import (
    BadRequestError,
)
from stend.engines.amqp.publishing import new_message
from stend.engines.amqp.users import Permission, Right, User, hash_password
from stend.wire.amqp.content import decode_content_header, encode_content_header


def overview(desk: Desk, _: Request) -> Reply:
    return Reply(200, views.overview(desk.broker, desk.sessions(), desk.listeners))


def nodes(desk: Desk, _: Request) -> Reply:
    return Reply(200, [views.node(desk.broker, desk.process)])


def who_am_i(desk: Desk, request: Request) -> Reply:
    return Reply(200, {"name": request.user.name, "tags": list(request.user.tags)})


def aliveness_test(desk: Desk, request: Request) -> Reply:
    """Sends a message through a queue of its own, as RabbitMQ does."""
    vhost, name = desk.vhost(request), "aliveness-test"
    request.user.demand(Right.CONFIGURE, "queue", name, vhost.name)
    told = QueueDeclaration(name, durable=False, exclusive=False, auto_delete=False, table={})
    queue = vhost.declare_queue(told, request)
    content = decode_content_header(encode_content_header(0, {}))
    message = new_message(desk.broker, "", name, content, b"")
    vhost.publish(message, vhost.route(message))
    if queue.get(no_ack=True) is None:
        return Reply(503, {"status": "failed", "reason": f"nothing came out of '{name}'"})
    return Reply(200, {"status": "ok"})


def alarms(desk: Desk, _: Request) -> Reply:
    if desk.broker.alarmed:
        return Reply(503, {"status": "failed", "reason": "alarm in effect: memory"})
    return Reply(200, {"status": "ok"})


def cluster_name(_: Desk, __: Request) -> Reply:
    return Reply(200, {"name": "stend"})


def healthy(_: Desk, __: Request) -> Reply:
    """Who can be asked is well: there is one node, and its virtual hosts live with it."""
    return Reply(200, {"status": "ok"})


def none_of_these(_: Desk, __: Request) -> Reply:
    """A list of what nobody can make here."""
    return Reply(200, [])


def not_supported(_: Desk, __: Request) -> Reply:
    reason = "the broker of the stand does not have this; see docs/engines.md"
    return Reply(501, {"error": "not_implemented", "reason": reason})


def vhosts(desk: Desk, _: Request) -> Reply:
    return Reply(200, [views.vhost_view(one) for one in desk.broker.vhosts.values()])


def vhost(desk: Desk, request: Request) -> Reply:
    return Reply(200, views.vhost_view(desk.vhost(request)))


def put_vhost(desk: Desk, request: Request) -> Reply:
    demand_administrator(request)
    name = request.names[0]
    is_new = name not in desk.broker.vhosts
    desk.broker.add_vhost(name)
    # Whoever makes a virtual host may use it (RabbitMQ).
    if is_new:
        desk.broker.permit(request.user, name, Permission())
    return Reply(201 if is_new else 204)


def delete_vhost(desk: Desk, request: Request) -> Reply:
    demand_administrator(request)
    vhost = desk.vhost(request)
    for session in desk.sessions():
        if session.handshake.is_open and session.vhost is vhost:
            session.close(f"vhost '{vhost.name}' is deleted")
    desk.broker.remove_vhost(vhost.name)
    return Reply(204)


def users(desk: Desk, request: Request) -> Reply:
    demand_administrator(request)
    return Reply(200, [views.user_view(one) for one in desk.broker.users.values()])


def user(desk: Desk, request: Request) -> Reply:
    demand_administrator(request)
    return Reply(200, views.user_view(desk.user(request.names[0])))


def put_user(desk: Desk, request: Request) -> Reply:
    demand_administrator(request)
    name, form = request.names[0], request.form
    known = desk.broker.users.get(name)
    if not form.has("tags"):
        raise BadRequestError("tags_not_present")
    # Without a password nobody can log in under the name (RabbitMQ).
    password_hash = form.text("password_hash", "")
    if form.has("password"):
        password_hash = hash_password(form.text("password"), desk.new_salt())
    permissions = known.permissions if known else {}
    desk.broker.put_user(User(name, password_hash, form.tags("tags"), permissions))
    return Reply(204 if known else 201)


def delete_user(desk: Desk, request: Request) -> Reply:
    demand_administrator(request)
    user = desk.user(request.names[0])
    if user is request.user:
        raise BadRequestError("a user cannot delete itself")
    desk.broker.remove_user(user.name)
    return Reply(204)


def permissions(desk: Desk, request: Request) -> Reply:
    demand_administrator(request)
    return Reply(
        200,
        [
            views.permission_view(user, vhost, permission)
            for user in desk.broker.users.values()
            for vhost, permission in user.permissions.items()
        ],
    )


def user_permissions(desk: Desk, request: Request) -> Reply:
    demand_administrator(request)
    user = desk.user(request.names[0])
    shown = [views.permission_view(user, vhost, one) for vhost, one in user.permissions.items()]
    return Reply(200, shown)


def vhost_permissions(desk: Desk, request: Request) -> Reply:
    demand_administrator(request)
    vhost = desk.vhost(request).name
    users = [user for user in desk.broker.users.values() if vhost in user.permissions]
    shown = [views.permission_view(user, vhost, user.permissions[vhost]) for user in users]
    return Reply(200, shown)


def permission(desk: Desk, request: Request) -> Reply:
    demand_administrator(request)
    vhost, user = desk.vhost(request), desk.user(request.names[1])
    if vhost.name not in user.permissions:
        raise MissingError
    return Reply(200, views.permission_view(user, vhost.name, user.permissions[vhost.name]))


def put_permission(desk: Desk, request: Request) -> Reply:
    demand_administrator(request)
    form = request.form
    form.demand("configure", "write", "read")
    vhost, user = desk.grantee(request)
    is_new = vhost.name not in user.permissions
    permission = Permission(form.text("configure"), form.text("write"), form.text("read"))
    permission.demand_patterns()
    desk.broker.permit(user, vhost.name, permission)
    return Reply(201 if is_new else 204)


def delete_permission(desk: Desk, request: Request) -> Reply:
    demand_administrator(request)
    vhost, user = desk.vhost(request), desk.user(request.names[1])
    if vhost.name not in user.permissions:
        raise MissingError
    desk.broker.permit(user, vhost.name, None)
    return Reply(204)
