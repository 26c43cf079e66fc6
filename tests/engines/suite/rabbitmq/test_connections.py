"""Connections: the handshake, virtual hosts and permissions, and how an error ends them."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import quote, urlsplit

import pika
import pytest
from pamqp import body, commands, header, heartbeat
from pika.exceptions import (
    ConnectionClosedByBroker,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

from tests.engines.suite.checks import check
from tests.engines.suite.rabbitmq.asking import refusal
from tests.engines.suite.rabbitmq.blocking import Connection, bodies
from tests.engines.suite.rabbitmq.conftest import Connect, Management, OpenWire
from tests.engines.suite.rabbitmq.wire import Closed, Wire

_CREATED = 201
_DONE = 204
_FORCED = 320
_REFUSED = 403
_NOT_FOUND = 404
_NOT_ALLOWED = 530
_FRAME_MAX = 131_072
_CHANNEL_MAX = 2047
_HEARTBEAT_S = 60

ConnectTo = Callable[[str], Connection]


@pytest.fixture
def connect_to() -> Iterator[ConnectTo]:
    """Opens a connection of pika to any address."""
    opened: list[Connection] = []

    def connected(url: str) -> Connection:
        opened.append(pika.BlockingConnection(pika.URLParameters(url)))
        return opened[-1]

    yield connected
    for connection in opened:
        if connection.is_open:
            connection.close()


def started(wire: Wire) -> commands.Connection.Start:
    wire.send_raw(header.ProtocolHeader().marshal())
    return wire.expect(commands.Connection.Start)


def tuned(wire: Wire, *, frame_max: int = _FRAME_MAX, heartbeat_s: int = 0) -> None:
    """Through the handshake with other values than the server has offered."""
    started(wire)
    wire.log_in()
    wire.expect(commands.Connection.Tune)
    wire.send(commands.Connection.TuneOk(10, frame_max, heartbeat_s), 0)
    wire.send(commands.Connection.Open(wire.vhost), 0)
    wire.expect(commands.Connection.OpenOk)


def addressed(url: str, *, user: str = "", vhost: str = "") -> str:
    """The address for another user, whose password is the name, or for another virtual host."""
    place = urlsplit(url)
    who = f"{user}:{user}@" if user else f"{place.username}:{place.password}@"
    path = "/" + quote(vhost, safe="") if vhost else place.path
    return place._replace(netloc=f"{who}{place.hostname}:{place.port}", path=path).geturl()


@check(
    ru="Приветствие: версия 0-9, PLAIN, en_US и возможности, на которые смотрят клиенты",
    en="The greeting: version 0-9, PLAIN, en_US and the capabilities that clients look at",
)
def test_start(url: str) -> None:
    with Wire(url) as wire:
        start = started(wire)
    assert (start.version_major, start.version_minor) == (0, 9)
    assert "PLAIN" in start.mechanisms.split()
    assert "AMQPLAIN" in start.mechanisms.split()
    assert start.locales == "en_US"
    told = dict(start.server_properties)
    assert {"product", "version", "platform", "cluster_name", "information"} <= set(told)
    assert told["capabilities"] == dict.fromkeys(
        (
            "publisher_confirms",
            "exchange_exchange_bindings",
            "basic.nack",
            "consumer_cancel_notify",
            "connection.blocked",
            "consumer_priorities",
            "authentication_failure_close",
            "per_consumer_qos",
            "direct_reply_to",
        ),
        True,
    )


@check(
    ru="tune: 2047 каналов, кадр 131072 байта, пульс раз в 60 с",
    en="tune: 2047 channels, frames of 131072 bytes, a heartbeat of 60 s",
)
def test_tune(url: str) -> None:
    with Wire(url) as wire:
        started(wire)
        wire.log_in()
        tune = wire.tune_as_told()
    assert (tune.channel_max, tune.frame_max, tune.heartbeat) == (
        _CHANNEL_MAX,
        _FRAME_MAX,
        _HEARTBEAT_S,
    )


@check(
    ru="Неверный пароль: 403 тому, кто понимает authentication_failure_close, иначе обрыв",
    en="A wrong password: 403 to who knows authentication_failure_close, else the socket closes",
)
def test_wrong_password(url: str) -> None:
    with Wire(url) as wire:
        started(wire)
        wire.password = "wrong"
        wire.log_in(capabilities={"authentication_failure_close": True})
        assert wire.connection_end() == (
            _REFUSED,
            (
                "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. "
                "For details see the broker logfile."
            ),
        )
    with Wire(url) as wire:
        started(wire)
        wire.password = "wrong"
        wire.log_in()
        with pytest.raises(Closed):
            wire.receive()


@check(
    ru="pika узнаёт отказ во входе и неизвестного пользователя",
    en="pika recognises a refused login, of an unknown user too",
)
def test_unknown_user(url: str, name: str, connect_to: ConnectTo) -> None:
    with pytest.raises(ProbableAuthenticationError) as refused:
        connect_to(addressed(url, user=name))
    assert "ACCESS_REFUSED" in str(refused.value)


@check(
    ru="Неизвестный виртуальный хост — 530, соединение закрыто",
    en="An unknown virtual host: 530, and the connection is closed",
)
def test_unknown_vhost(url: str, name: str, connect_to: ConnectTo) -> None:
    with pytest.raises(ProbableAccessDeniedError) as denied:
        connect_to(addressed(url, vhost=name))
    assert f"({_NOT_ALLOWED}) 'NOT_ALLOWED - vhost {name} not found'" in str(denied.value)


@check(
    ru="На чужой заголовок протокола сервер отвечает своим, AMQP 0-0-9-1, и закрывает сокет",
    en="To a foreign protocol header the server answers its own, AMQP 0-0-9-1, and closes",
)
@pytest.mark.parametrize("greeting", [b"AMQP\x00\x01\x00\x00", b"HTTP/1.1", b"GET / HT"])
def test_foreign_protocol(url: str, greeting: bytes) -> None:
    with Wire(url) as wire:
        wire.send_raw(greeting)
        assert wire.socket.recv(8) == b"AMQP\x00\x00\x09\x01"
        with suppress(ConnectionResetError):
            assert wire.socket.recv(1) == b""


@check(
    ru="Виртуальные хосты не видят друг друга: одно имя — две очереди и два обменника",
    en="Virtual hosts do not see each other: one name is two queues and two exchanges",
)
def test_vhosts(
    url: str, name: str, connect: Connect, connect_to: ConnectTo, management: Management
) -> None:
    assert management("PUT", f"/vhosts/{name}").status == _CREATED
    try:
        here, there = connect().channel(), connect_to(addressed(url, vhost=name)).channel()
        for channel in (here, there):
            channel.queue_declare(name)
            channel.queue_bind(name, "amq.fanout")
        here.basic_publish("amq.fanout", "", b"here")
        there.basic_publish("", name, b"there")
        assert bodies(there, name) == [b"there"]
        assert bodies(here, name) == [b"here"]
        there.connection.close()
    finally:
        assert management("DELETE", f"/vhosts/{name}").status == _DONE


@check(
    ru="Удаление виртуального хоста закрывает его соединения",
    en="Deleting a virtual host closes its connections",
)
def test_vhost_deletion(url: str, name: str, connect_to: ConnectTo, management: Management) -> None:
    assert management("PUT", f"/vhosts/{name}").status == _CREATED
    connection = connect_to(addressed(url, vhost=name))
    assert management("DELETE", f"/vhosts/{name}").status == _DONE
    with pytest.raises(ConnectionClosedByBroker) as closed:
        connection.process_data_events(10)
    assert closed.value.reply_code == _FORCED
    assert f"CONNECTION_FORCED - vhost '{name}' is " in closed.value.reply_text


@pytest.fixture
def limited(url: str, vhost: str, name: str, management: Management) -> Iterator[str]:
    """The address for a user who may only use queues and exchanges that begin with mine-."""
    user = {"password": name, "tags": ""}
    assert management("PUT", f"/users/{name}", user).status == _CREATED
    rights = {"configure": "^mine-.*", "write": "^mine-.*", "read": "^(mine-.*|amq\\.topic)$"}
    assert management("PUT", f"/permissions/{vhost}/{name}", rights).status == _CREATED
    yield addressed(url, user=name)
    assert management("DELETE", f"/users/{name}").status == _DONE


@check(
    ru="Права по именам: configure, write и read проверяются отдельно — 403",
    en="Permissions by name: configure, write and read are looked at apart, 403",
)
def test_permissions(
    limited: str, name: str, vhost: str, queue: str, connect_to: ConnectTo
) -> None:
    connection = connect_to(limited)

    def answer(act: str, *arguments: object) -> tuple[int, str]:
        code, text = refusal(getattr(connection.channel(), act), *arguments)
        # Later versions say which access: read, write or configure.
        return code, re.sub(r" - \w+ access", " - access", text)

    def no_access(what: str) -> tuple[int, str]:
        text = f"ACCESS_REFUSED - access to {what} in vhost '{vhost}' refused for user '{name}'"
        return _REFUSED, text

    mine = f"mine-{name}"
    channel = connection.channel()
    channel.queue_declare(mine)
    channel.exchange_declare(mine)
    channel.queue_bind(mine, mine, "key")
    channel.basic_publish(mine, "key", b"allowed")
    assert bodies(channel, mine) == [b"allowed"]
    channel.queue_bind(mine, "amq.topic", "#")
    assert answer("queue_bind", mine, "amq.fanout") == no_access("exchange 'amq.fanout'")
    for act, what in (("queue_declare", "queue"), ("exchange_declare", "exchange")):
        assert answer(act, f"{name}-new") == no_access(f"{what} '{name}-new'")
    for act in ("basic_get", "queue_purge", "queue_delete"):
        assert answer(act, queue) == no_access(f"queue '{queue}'")
    assert answer("exchange_bind", "amq.topic", mine) == no_access("exchange 'amq.topic'")


@check(
    ru="Нет прав на виртуальный хост — 530 ещё при открытии",
    en="No permissions for a virtual host: 530 already when it is opened",
)
def test_no_permissions(
    limited: str, name: str, vhost: str, connect_to: ConnectTo, management: Management
) -> None:
    assert management("DELETE", f"/permissions/{vhost}/{name}").status == _DONE
    with pytest.raises(ProbableAccessDeniedError) as denied:
        connect_to(limited)
    expected = f"NOT_ALLOWED - access to vhost '{vhost}' refused for user '{name}'"
    assert f'({_NOT_ALLOWED}) "{expected}"' in str(denied.value)


@check(
    ru="Ошибка канала закрывает только его: соседний канал работает, номер можно открыть снова",
    en="A channel's error closes it alone: its neighbour works, the number may be opened again",
)
def test_channel_error(open_wire: OpenWire, name: str) -> None:
    wire = open_wire()
    wire.reopen(2)
    wire.call(commands.Queue.Declare(queue=name), commands.Queue.DeclareOk, 2)
    code, _ = wire.refusal(commands.Queue.Declare(queue=f"{name}-no", passive=True))
    assert code == _NOT_FOUND
    assert wire.call(commands.Queue.Purge(queue=name), commands.Queue.PurgeOk, 2) is not None
    wire.reopen(1)
    assert wire.call(commands.Queue.Purge(queue=name), commands.Queue.PurgeOk) is not None


@check(
    ru="После ошибки канала его кадры до close-ok пропадают, и возврат сообщений уже сделан",
    en="After a channel's error its frames are dropped until close-ok, messages are returned",
)
def test_frames_after_channel_error(open_wire: OpenWire, name: str) -> None:
    wire = open_wire()
    wire.call(commands.Queue.Declare(queue=name), commands.Queue.DeclareOk)
    wire.send(commands.Queue.Declare(queue=f"{name}-no", passive=True))
    wire.publish("", name, b"never")
    wire.send(commands.Queue.Delete(queue=name))
    assert wire.channel_end()[0] == _NOT_FOUND
    wire.reopen()
    told = wire.call(commands.Queue.Declare(queue=name, passive=True), commands.Queue.DeclareOk)
    assert told.message_count == 0


@check(
    ru="Клиент закрывает канал и соединение: ответ close-ok",
    en="A client closes its channel and its connection: close-ok",
)
def test_clean_end(open_wire: OpenWire) -> None:
    wire = open_wire()
    close = commands.Channel.Close(200, "bye", 0, 0)
    assert wire.call(close, commands.Channel.CloseOk) is not None
    end = commands.Connection.Close(200, "bye", 0, 0)
    assert wire.call(end, commands.Connection.CloseOk, 0) is not None


@check(
    ru="Меньший кадр, о котором договорились: тело доставляется частями не больше его",
    en="A smaller frame agreed on: bodies are delivered in parts no larger than it",
)
def test_small_frames(url: str, queue: str, open_wire: OpenWire) -> None:
    with Wire(url) as wire:
        tuned(wire, frame_max=4096)
        wire.reopen(1)
        consume = commands.Basic.Consume(queue=queue, consumer_tag="one", no_ack=True)
        wire.call(consume, commands.Basic.ConsumeOk)
        open_wire().publish("", queue, b"x" * 10_000)
        wire.expect(commands.Basic.Deliver)
        wire.expect(header.ContentHeader)
        sizes = [len(wire.expect(body.ContentBody).value) for _ in range(3)]
    assert sizes == [4088, 4088, 1824]


@check(
    ru="Пульс: молчащему клиенту сервер шлёт кадры пульса",
    en="Heartbeats: the server sends them to a silent client",
)
def test_heartbeat(url: str) -> None:
    with Wire(url) as wire:
        tuned(wire, heartbeat_s=1)
        channel, told = wire.receive()
    assert (channel, type(told)) == (0, heartbeat.Heartbeat)
