"""Requests to the management API, replies, and where an action finds what it needs. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from stend.engines.amqp.errors import AmqpError, ReplyCode
from stend.engines.amqp.management import views
from stend.engines.amqp.management.reading import BadRequestError, Form
from stend.engines.amqp.queues import Queue
from stend.engines.amqp.routing import Binding, Destination, Exchange
from stend.engines.amqp.session import Session
from stend.engines.amqp.state import Broker
from stend.engines.amqp.users import Right, User
from stend.engines.amqp.vhost import VHost

# RabbitMQ's spelling of everything but a failed login.
NOT_AUTHORISED = "not_authorised"


class MissingError(Exception):
    """There is no such object (404). The text tells which, where RabbitMQ tells it."""


class ForbiddenError(Exception):
    """The user may not do this (401, as RabbitMQ answers)."""


@dataclass(frozen=True, slots=True)
class Request:
    """
    Attributes:
        names: the variable parts of the path, in order.
        query: the parameters behind the path.
        headers: by their names in small letters.
        user: who asks.
    """

    user: User
    names: tuple[str, ...]
    body: bytes
    query: Mapping[str, str]
    headers: Mapping[str, str]

    @property
    def form(self) -> Form:
        return Form.of_body(self.body)

    def asks_for(self, parameter: str) -> bool:
        """Whether `?parameter=true` stands behind the path."""
        return self.query.get(parameter, "false") == "true"


@dataclass(frozen=True, slots=True)
class Reply:
    """`body` None is answered without one; `location` names what was made."""

    status: int
    body: object = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """Where an action finds what it needs.

    Attributes:
        sessions: the connections of this moment.
        listeners: what the broker listens on.
        process: its id in the system.
    """

    broker: Broker
    sessions: Callable[[], Iterable[Session]]
    listeners: tuple[views.Json, ...]
    process: int
    new_salt: Callable[[], bytes]

    def visible_vhosts(self, request: Request) -> list[VHost]:
        """One virtual host where the path names it, else all that the user may see."""
        if request.names:
            return [self.vhost(request)]
        may = request.user.permissions
        return [one for one in self.broker.vhosts.values() if one.name in may]

    def vhost(self, request: Request) -> VHost:
        vhost = self.broker.vhosts.get(request.names[0])
        if vhost is None:
            raise MissingError
        is_own = vhost.name in request.user.permissions
        if not is_own and "administrator" not in request.user.tags:
            raise ForbiddenError("User not authorised to access virtual host")
        return vhost

    def home(self, request: Request) -> VHost:
        """The virtual host that something is to be made in."""
        if request.names[0] not in self.broker.vhosts:
            raise MissingError("vhost_not_found")
        return self.vhost(request)

    def user(self, name: str) -> User:
        user = self.broker.users.get(name)
        if user is None:
            raise MissingError
        return user

    def grantee(self, request: Request) -> tuple[VHost, User]:
        """The virtual host and the user of a permission.

        Raises:
            BadRequestError: one of them is not there; RabbitMQ does not tell which.
        """
        vhost = self.broker.vhosts.get(request.names[0])
        user = self.broker.users.get(request.names[1])
        if vhost is None or user is None:
            raise BadRequestError("vhost_or_user_not_found")
        return vhost, user

    def exchange(self, request: Request) -> tuple[VHost, Exchange]:
        vhost = self.vhost(request)
        name = "" if request.names[1] == "amq.default" else request.names[1]
        exchange = vhost.exchanges.get(name)
        if exchange is None:
            raise MissingError
        return vhost, exchange

    def queue(self, request: Request) -> tuple[VHost, Queue]:
        vhost = self.vhost(request)
        queue = vhost.queues.get(request.names[1])
        if queue is None:
            raise MissingError
        return vhost, queue

    def ends(self, request: Request) -> tuple[VHost, Exchange, Destination]:
        vhost, exchange = self.exchange(request)
        kind, name = request.names[2:4]
        found = vhost.queues.get(name) if kind == "q" else vhost.exchanges.get(name)
        if found is None or kind not in ("q", "e"):
            what = "queue" if kind == "q" else "exchange"
            raise MissingError(f"no {what} '{name}' in vhost '{vhost.name}'")
        return vhost, exchange, found

    def binding(self, request: Request) -> Binding:
        _, exchange, destination = self.ends(request)
        for binding in exchange.bindings:
            # Clients send the key as they were told it, or decoded once.
            told = (views.properties_key(binding), unquote(views.properties_key(binding)))
            if binding.destination is destination and request.names[4] in told:
                return binding
        raise MissingError

    def demand_binding(
        self, request: Request, vhost: VHost, exchange: Exchange, destination: Destination
    ) -> None:
        what = "queue" if isinstance(destination, Queue) else "exchange"
        request.user.demand(Right.WRITE, what, destination.name, vhost.name)
        request.user.demand(Right.READ, "exchange", exchange.name, vhost.name)
        if isinstance(destination, Queue):
            vhost.demand_access(destination, request)

    def open_sessions(self) -> list[Session]:
        return [one for one in self.sessions() if one.handshake.is_open]

    def session(self, request: Request) -> Session:
        for session in self.open_sessions():
            if session.name == request.names[0]:
                return session
        raise MissingError


def status_of(error: AmqpError) -> Reply:
    """How an error of the broker is told over HTTP, as RabbitMQ does."""
    if error.code is ReplyCode.NOT_FOUND:
        return Reply(404, {"error": "not_found", "reason": error.text})
    if error.code is ReplyCode.ACCESS_REFUSED:
        return Reply(401, {"error": NOT_AUTHORISED, "reason": error.text})
    if error.code is ReplyCode.NOT_IMPLEMENTED:
        return Reply(501, {"error": "not_implemented", "reason": error.text})
    return Reply(400, {"error": "bad_request", "reason": error.text})


def demand_administrator(request: Request) -> None:
    if "administrator" not in request.user.tags:
        raise ForbiddenError("Not administrator user")
