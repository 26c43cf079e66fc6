"""The management API over HTTP: what it shows, what it does, how it refuses."""

from base64 import b64encode
from collections.abc import Iterator

import pytest

from tests.engines.suite.checks import check
from tests.engines.suite.rabbitmq.blocking import Channel, Connection, bodies, got, publish
from tests.engines.suite.rabbitmq.conftest import Connect, Management
from tests.waiting import until

_OK = 200
_CREATED = 201
_DONE = 204
_BAD_REQUEST = 400
_UNAUTHORIZED = 401
_NOT_FOUND = 404
_NOT_ALLOWED = 405


@check(
    ru="Обзор: продукт, версия, точки обмена по типам, слушатели и общие счётчики",
    en="The overview: product, version, exchange types, listeners and totals",
)
def test_overview(management: Management) -> None:
    told = management("GET", "/overview")
    assert (told.status, told.headers["content-type"]) == (_OK, "application/json")
    assert {"rabbitmq_version", "management_version", "cluster_name", "node"} <= set(told.json)
    kinds = {one["name"] for one in told.json["exchange_types"]}
    assert {"direct", "fanout", "topic", "headers"} <= kinds
    assert {"channels", "connections", "consumers", "exchanges", "queues"} == set(
        told.json["object_totals"]
    )
    assert "amqp" in {one["protocol"] for one in told.json["listeners"]}


@check(
    ru="whoami и вход: без пароля 401, с неверным — 401 not_authorized",
    en="whoami and the login: 401 without a password, 401 not_authorized with a wrong one",
)
def test_login(management: Management) -> None:
    me = management("GET", "/whoami")
    assert (me.json["name"], "administrator" in me.json["tags"]) == ("lavka", True)
    nobody = management("GET", "/whoami", credentials=None)
    assert nobody.status == _UNAUTHORIZED
    assert nobody.headers["www-authenticate"].startswith("Basic realm=")
    wrong = management("GET", "/whoami", credentials="lavka:wrong")
    assert wrong.status == _UNAUTHORIZED
    assert wrong.json == {"error": "not_authorized", "reason": "Login failed"}


@check(
    ru="Чего нет — 404 с error и reason; чего нельзя — 405; не JSON — 400",
    en="What is not there is 404 with error and reason; a wrong method 405; what is no JSON 400",
)
def test_errors(management: Management, vhost: str, name: str) -> None:
    absent = {"error": "Object Not Found", "reason": "Not Found"}
    for path in (
        f"/queues/{vhost}/{name}",
        f"/exchanges/{vhost}/{name}",
        f"/vhosts/{name}",
        f"/users/{name}",
        f"/permissions/{vhost}/{name}",
        f"/queues/{name}",
        f"/connections/{name}",
    ):
        told = management("GET", path)
        assert (told.status, told.json) == (_NOT_FOUND, absent), path
    assert management("DELETE", f"/queues/{vhost}/{name}").status == _NOT_FOUND
    assert management("GET", "/no-such-path").status == _NOT_FOUND
    for method, path in (("PUT", "/overview"), ("DELETE", "/queues"), ("POST", "/whoami")):
        assert management(method, path).status == _NOT_ALLOWED, path
    told = management("PUT", f"/queues/{vhost}/{name}", b"{no json")
    assert (told.status, told.json["error"]) == (_BAD_REQUEST, "bad_request")


@check(
    ru="Очередь: PUT — 201, второй раз — 204, иначе — 400 с текстом 406; DELETE — 204",
    en="A queue: PUT is 201, the second time 204, otherwise 400 with 406's text; DELETE is 204",
)
def test_queue_life(management: Management, vhost: str, name: str) -> None:
    path = f"/queues/{vhost}/{name}"
    wanted = {"durable": True, "arguments": {"x-message-ttl": 60_000}}
    assert [management("PUT", path, wanted).status for _ in range(2)] == [_CREATED, _DONE]
    other = management("PUT", path, {"durable": True, "arguments": {"x-message-ttl": 5}})
    assert other.status == _BAD_REQUEST
    assert other.json["error"] == "bad_request"
    assert other.json["reason"].startswith(
        f"inequivalent arg 'x-message-ttl' for queue '{name}' in vhost '{vhost}'"
    )
    told = management("GET", path).json
    expected = {
        "name": name,
        "vhost": vhost,
        "durable": True,
        "auto_delete": False,
        "exclusive": False,
        "arguments": {"x-message-ttl": 60_000},
        "type": "classic",
    }
    assert {key: told[key] for key in expected} == expected
    assert management("DELETE", path).status == _DONE
    assert management("GET", path).status == _NOT_FOUND


@check(
    ru="Точка обмена: PUT, чтение, DELETE; без type — direct; список виртуального хоста полон",
    en="An exchange: PUT, reading, DELETE; without a type direct; a vhost's list is complete",
)
def test_exchange_life(management: Management, vhost: str, name: str) -> None:
    path = f"/exchanges/{vhost}/{name}"
    wanted = {"type": "topic", "durable": False, "auto_delete": True, "internal": True}
    assert [management("PUT", path, wanted).status for _ in range(2)] == [_CREATED, _DONE]
    assert management("PUT", path, {"type": "direct"}).status == _BAD_REQUEST
    told = management("GET", path).json
    expected = {"name": name, "vhost": vhost, "arguments": {}, **wanted}
    assert {key: told[key] for key in expected} == expected
    assert management("PUT", f"{path}-2", {}).status == _CREATED
    assert management("GET", f"{path}-2").json["type"] == "direct"
    assert management("DELETE", f"{path}-2").status == _DONE
    names = {one["name"] for one in management("GET", f"/exchanges/{vhost}").json}
    standing = {"direct", "fanout", "topic", "headers", "match"}
    assert {"", name} | {f"amq.{one}" for one in standing} <= names
    assert management("DELETE", path).status == _DONE
    assert management("DELETE", path).status == _NOT_FOUND


@check(
    ru="Привязки: создать — 201 с Location, прочитать всеми путями, удалить по properties_key",
    en="Bindings: made with 201 and Location, read by every path, deleted by properties_key",
)
def test_bindings(management: Management, vhost: str, queue: str) -> None:
    between = f"/bindings/{vhost}/e/amq.topic/q/{queue}"
    made = management("POST", between, {"routing_key": "order.#", "arguments": {}})
    assert made.status == _CREATED
    assert made.headers["location"].endswith("/order.%2523")
    (binding,) = management("GET", between).json
    expected = {
        "source": "amq.topic",
        "vhost": vhost,
        "destination": queue,
        "destination_type": "queue",
        "routing_key": "order.#",
        "arguments": {},
        "properties_key": "order.%23",
    }
    assert binding == expected
    by_queue = management("GET", f"/queues/{vhost}/{queue}/bindings").json
    assert [one["source"] for one in by_queue] == ["", "amq.topic"]
    by_source = management("GET", f"/exchanges/{vhost}/amq.topic/bindings/source").json
    assert expected in by_source
    assert expected in management("GET", f"/bindings/{vhost}").json
    one = f"{between}/order.%23"
    assert management("GET", one).json == expected
    assert management("DELETE", one).status == _DONE
    assert management("GET", one).status == _NOT_FOUND


@check(
    ru="publish: routed говорит, нашлась ли очередь; base64 и свойства доходят",
    en="publish: routed tells whether there was a queue; base64 and properties arrive",
)
def test_publish(management: Management, vhost: str, channel: Channel, queue: str) -> None:
    path = f"/exchanges/{vhost}/amq.default/publish"
    properties = {
        "delivery_mode": 2,
        "headers": {"n": 1, "text": "да"},
        "content_type": "text/plain",
        "priority": 4,
    }
    message = {
        "routing_key": queue,
        "payload": b64encode(b"\x00\xff").decode(),
        "payload_encoding": "base64",
        "properties": properties,
    }
    told = management("POST", path, message)
    assert (told.status, told.json) == (_OK, {"routed": True})
    found = until(lambda: got(channel, queue))
    assert found is not None
    assert found.body == b"\x00\xff"
    assert {key: getattr(found.properties, key) for key in properties} == properties
    message = {**message, "routing_key": f"{queue}-none"}
    assert management("POST", path, message).json == {"routed": False}
    assert management("POST", path, {"routing_key": queue}).status == _BAD_REQUEST


@check(
    ru="get: ackmode решает, остаётся ли сообщение; redelivered, счёт и обрезка payload",
    en="get: ackmode decides whether a message stays; redelivered, the count, a cut payload",
)
@pytest.mark.parametrize(
    ("ackmode", "left"),
    [
        ("ack_requeue_true", [b"first", b"second"]),
        ("reject_requeue_true", [b"first", b"second"]),
        ("ack_requeue_false", [b"second"]),
        ("reject_requeue_false", [b"second"]),
    ],
)
def test_get(
    management: Management,
    vhost: str,
    channel: Channel,
    queue: str,
    ackmode: str,
    left: list[bytes],
) -> None:
    channel.confirm_delivery()
    publish(channel, queue, b"first", b"second", type="note", headers={"n": 1})
    path = f"/queues/{vhost}/{queue}/get"
    asked = {"count": 1, "ackmode": ackmode, "encoding": "auto", "truncate": 3}
    told = management("POST", path, asked)
    assert told.status == _OK
    assert told.json == [
        {
            "payload_bytes": 5,
            "redelivered": False,
            "exchange": "",
            "routing_key": queue,
            "message_count": 1,
            "properties": {"type": "note", "headers": {"n": 1}},
            "payload": "fir",
            "payload_encoding": "string",
        }
    ]
    until(lambda: channel.queue_declare(queue, passive=True).method.message_count == len(left))
    assert bodies(channel, queue) == left
    assert management("POST", path, asked).json == []


@check(
    ru="get: тело не из UTF-8 приходит в base64, и то же — по encoding=base64",
    en="get: a body that is no UTF-8 comes in base64, and so does all with encoding=base64",
)
def test_get_encoding(management: Management, vhost: str, channel: Channel, queue: str) -> None:
    channel.confirm_delivery()
    publish(channel, queue, b"\xff\x00", "да".encode())
    path = f"/queues/{vhost}/{queue}/get"
    for encoding, texts in (
        ("auto", [("/wA=", "base64"), ("да", "string")]),
        ("base64", [("/wA=", "base64"), ("0LTQsA==", "base64")]),
    ):
        asked = {"count": 9, "ackmode": "ack_requeue_true", "encoding": encoding}
        told = management("POST", path, asked).json
        assert [(one["payload"], one["payload_encoding"]) for one in told] == texts


@check(
    ru="Очистка очереди через contents: 204, нет очереди — 404",
    en="Purging a queue through contents: 204, for no queue 404",
)
def test_purge(management: Management, vhost: str, channel: Channel, queue: str) -> None:
    channel.confirm_delivery()
    publish(channel, queue, b"one", b"two")
    assert management("DELETE", f"/queues/{vhost}/{queue}/contents").status == _DONE
    assert bodies(channel, queue) == []
    assert management("DELETE", f"/queues/{vhost}/{queue}-no/contents").status == _NOT_FOUND


@check(
    ru="DELETE с if-empty и if-unused не удаляет то, что занято: 400",
    en="DELETE with if-empty and if-unused does not delete what is in use: 400",
)
def test_conditional_delete(
    management: Management, vhost: str, channel: Channel, queue: str, name: str
) -> None:
    channel.confirm_delivery()
    publish(channel, queue, b"one")
    channel.exchange_declare(f"{name}-x")
    channel.queue_bind(queue, f"{name}-x", "key")
    refused = management("DELETE", f"/queues/{vhost}/{queue}?if-empty=true")
    assert (refused.status, refused.json["error"]) == (_BAD_REQUEST, "bad_request")
    assert refused.json["reason"] == f"queue '{queue}' in vhost '{vhost}' not empty"
    refused = management("DELETE", f"/exchanges/{vhost}/{name}-x?if-unused=true")
    assert refused.json["reason"] == f"exchange '{name}-x' in vhost '{vhost}' in use"
    assert bodies(channel, queue) == [b"one"]
    assert management("DELETE", f"/queues/{vhost}/{queue}?if-empty=true").status == _DONE
    assert management("DELETE", f"/exchanges/{vhost}/{name}-x?if-unused=true").status == _DONE


@check(
    ru="Очередь показывает счётчики: готовые, без подтверждения, всего, потребители",
    en="A queue shows its counts: ready, unacknowledged, all of them, consumers",
)
def test_queue_counts(management: Management, vhost: str, channel: Channel, queue: str) -> None:
    channel.confirm_delivery()
    publish(channel, queue, b"1", b"2", b"3")
    got(channel, queue, auto_ack=False)
    channel.basic_qos(prefetch_count=1)
    channel.basic_consume(queue, lambda *_: None, consumer_tag="mine")
    expected = {
        "messages": 3,
        "messages_ready": 1,
        "messages_unacknowledged": 2,
        "consumers": 1,
    }

    def shown() -> bool:
        told = management("GET", f"/queues/{vhost}/{queue}").json
        return {key: told.get(key) for key in expected} == expected

    until(shown)
    listed = {one["name"]: one for one in management("GET", f"/queues/{vhost}").json}
    assert listed[queue]["messages"] == 3


@check(
    ru="Соединения, каналы и потребители видны с именем, пользователем и настройками",
    en="Connections, channels and consumers are shown with name, user and settings",
)
def test_clients(management: Management, vhost: str, connection: Connection, queue: str) -> None:
    channel = connection.channel()
    channel.basic_qos(prefetch_count=7)
    channel.confirm_delivery()
    channel.basic_consume(queue, lambda *_: None, consumer_tag="mine", exclusive=True)

    def mine(path: str, **wanted: object) -> dict[str, object] | None:
        for one in management("GET", path).json:
            if all(one.get(key) == value for key, value in wanted.items()):
                return dict(one)
        return None

    def consuming() -> dict[str, object] | None:
        # RabbitMQ tells an empty list until its statistics know the channel.
        found = mine(f"/consumers/{vhost}", consumer_tag="mine")
        return found if found and found["channel_details"] else None

    consumer = until(consuming)
    assert consumer is not None
    expected = {"ack_required": True, "exclusive": True, "prefetch_count": 7, "arguments": {}}
    assert {key: consumer[key] for key in expected} == expected
    assert consumer["queue"] == {"name": queue, "vhost": vhost}
    details = consumer["channel_details"]
    assert isinstance(details, dict)
    named = str(details["connection_name"])
    shown = until(lambda: mine(f"/vhosts/{vhost}/connections", name=named, state="running"))
    assert shown is not None
    assert {key: shown[key] for key in ("user", "vhost", "protocol", "frame_max")} == {
        "user": "lavka",
        "vhost": vhost,
        "protocol": "AMQP 0-9-1",
        "frame_max": 131_072,
    }
    one = until(lambda: mine("/channels", name=details["name"], consumer_count=1, confirm=True))
    assert one is not None
    assert (one["number"], one["prefetch_count"], one["transactional"]) == (
        channel.channel_number,
        7,
        False,
    )


@check(
    ru="DELETE соединения обрывает клиента с 320 и причиной из X-Reason",
    en="DELETE of a connection ends the client with 320 and the reason of X-Reason",
)
def test_close_connection(management: Management, vhost: str, connect: Connect) -> None:
    import pika.exceptions

    victim = connect()

    def named() -> str | None:
        shown = management("GET", f"/vhosts/{vhost}/connections").json
        place = ":".join(map(str, victim._impl._transport._sock.getsockname()))
        names = [str(one["name"]) for one in shown if place in one.get("name", "")]
        return names[0] if names else None

    name = str(until(named)).replace(" ", "%20").replace(">", "%3E")
    told = management("DELETE", f"/connections/{name}", headers={"X-Reason": "suite"})
    assert told.status == _DONE
    with pytest.raises(pika.exceptions.ConnectionClosedByBroker) as closed:
        victim.process_data_events(10)
    assert (closed.value.reply_code, closed.value.reply_text) == (
        320,
        "CONNECTION_FORCED - suite",
    )


@pytest.fixture
def user(management: Management, name: str) -> Iterator[str]:
    wanted = {"password": "secret", "tags": "monitoring"}
    assert management("PUT", f"/users/{name}", wanted).status == _CREATED
    yield name
    assert management("DELETE", f"/users/{name}").status == _DONE


@check(
    ru="Пользователи и права: создать, изменить, прочитать, отнять",
    en="Users and permissions: made, changed, read, taken away",
)
def test_users(management: Management, vhost: str, user: str) -> None:
    assert management("PUT", f"/users/{user}", {"password": "new", "tags": ""}).status == _DONE
    shown = management("GET", f"/users/{user}").json
    assert shown["name"] == user
    assert "password" not in shown
    assert user in {one["name"] for one in management("GET", "/users").json}
    path = f"/permissions/{vhost}/{user}"
    rights = {"configure": ".*", "write": "^a", "read": ""}
    assert [management("PUT", path, rights).status for _ in range(2)] == [_CREATED, _DONE]
    expected = {"user": user, "vhost": vhost, **rights}
    assert management("GET", path).json == expected
    assert management("GET", f"/users/{user}/permissions").json == [expected]
    assert expected in management("GET", f"/vhosts/{vhost}/permissions").json
    assert management("DELETE", path).status == _DONE
    assert management("GET", path).status == _NOT_FOUND


@check(
    ru="Виртуальные хосты: создать — 201, ещё раз — 204, удалить — 204, нет — 404",
    en="Virtual hosts: made 201, again 204, deleted 204, not there 404",
)
def test_vhosts(management: Management, name: str) -> None:
    path = f"/vhosts/{name}"
    assert [management("PUT", path).status for _ in range(2)] == [_CREATED, _DONE]
    assert management("GET", path).json["name"] == name
    assert name in {one["name"] for one in management("GET", "/vhosts").json}
    assert {one["name"] for one in management("GET", f"/exchanges/{name}").json} >= {"amq.topic"}
    assert [management("DELETE", path).status for _ in range(2)] == [_DONE, _NOT_FOUND]


@check(
    ru="Проверка здоровья: aliveness-test — ok, alarms — ok",
    en="Health: aliveness-test says ok, alarms say ok",
)
def test_health(management: Management, vhost: str) -> None:
    assert management("GET", f"/aliveness-test/{vhost}").json == {"status": "ok"}
    assert management("GET", "/health/checks/alarms").json["status"] == "ok"


@check(
    ru="Списки: выбор колонок, сортировка и страницы",
    en="Lists: columns, sorting and pages",
)
def test_lists(management: Management, vhost: str, channel: Channel, name: str) -> None:
    for number in range(3):
        channel.queue_declare(f"{name}-{number}")
    path = f"/queues/{vhost}?page=1&page_size=2&name={name}&use_regex=false"
    told = management("GET", f"{path}&sort=name&sort_reverse=true&columns=name").json
    assert told["items"] == [{"name": f"{name}-2"}, {"name": f"{name}-1"}]
    expected = {"filtered_count": 3, "item_count": 2, "page": 1, "page_count": 2, "page_size": 2}
    assert {key: told[key] for key in expected} == expected
    listed = management("GET", f"/queues/{vhost}?columns=name").json
    assert {"name": f"{name}-0"} in listed


@check(
    ru="definitions: выгрузка видит очередь, обменник и привязку; загрузка их создаёт",
    en="definitions: an export has the queue, the exchange, the binding; an import makes them",
)
def test_definitions(management: Management, vhost: str, channel: Channel, name: str) -> None:
    channel.exchange_declare(name, "topic", durable=True)
    channel.queue_declare(name, durable=True)
    channel.queue_bind(name, name, "a.#")
    told = management("GET", f"/definitions/{vhost}").json
    mine = {
        kind: [one for one in told[kind] if name in (one.get("name"), one.get("source"))]
        for kind in ("queues", "exchanges", "bindings")
    }
    assert [len(ones) for ones in mine.values()] == [1, 1, 1]
    channel.queue_delete(name)
    channel.exchange_delete(name)
    assert management("POST", f"/definitions/{vhost}", mine).status in (_CREATED, _DONE)
    channel.basic_publish(name, "a.b", b"back")
    assert bodies(channel, name) == [b"back"]
