"""Paths about who is connected. Pure."""

from stend.engines.amqp.management import views
from stend.engines.amqp.management.desk import (
    Desk,
    MissingError,
    Reply,
    Request,
    demand_administrator,
)


def connections(desk: Desk, _: Request) -> Reply:
    return Reply(200, [views.connection_view(one) for one in desk.open_sessions()])


def vhost_connections(desk: Desk, request: Request) -> Reply:
    vhost = desk.vhost(request)
    inside = [one for one in desk.open_sessions() if one.vhost is vhost]
    return Reply(200, [views.connection_view(one) for one in inside])


def vhost_channels(desk: Desk, request: Request) -> Reply:
    vhost = desk.vhost(request)
    return Reply(
        200,
        [
            views.channel_view(session, one)
            for session in desk.open_sessions()
            if session.vhost is vhost
            for one in session.channels.values()
        ],
    )


def connection(desk: Desk, request: Request) -> Reply:
    return Reply(200, views.connection_view(desk.session(request)))


def close_connection(desk: Desk, request: Request) -> Reply:
    demand_administrator(request)
    reason = request.headers.get("x-reason", "Closed via management plugin")
    desk.session(request).close(reason)
    return Reply(204)


def channels(desk: Desk, _: Request) -> Reply:
    return Reply(
        200,
        [
            views.channel_view(session, channel)
            for session in desk.open_sessions()
            for channel in session.channels.values()
        ],
    )


def channel(desk: Desk, request: Request) -> Reply:
    for session in desk.open_sessions():
        for one in session.channels.values():
            view = views.channel_view(session, one)
            if view["name"] == request.names[0]:
                consumers_of = [views.consumer_view(one.vhost, it) for it in one.consumers.values()]
                return Reply(200, {**view, "consumer_details": consumers_of})
    raise MissingError


def connection_channels(desk: Desk, request: Request) -> Reply:
    session = desk.session(request)
    return Reply(200, [views.channel_view(session, one) for one in session.channels.values()])


def consumers(desk: Desk, request: Request) -> Reply:
    return Reply(
        200,
        [
            views.consumer_view(vhost, consumer)
            for vhost in desk.visible_vhosts(request)
            for queue in vhost.queues.values()
            for consumer in queue.consumers
        ],
    )
