"""What is background, on bytes as a stand has said them, and what never is."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from stend.runtime.services import POLLS
from stend.tap.reading import Reading, Seen
from stend.tap.recording import Place
from stend.wire.decoding import Direction, Role
from stend.wire.kafka import codec
from stend.wire.kafka.apis import ApiKey
from stend.wire.kafka.frames import frame
from stend.wire.kafka.headers import request_header, response_header
from stend.wire.stacks.choosing import decoder_for
from tests.fakes.wire import DATABASE, SHOP, FakeWire
from tests.wire import captures
from tests.wire.kafka.test_decoder import batch

UP, DOWN = Direction.TO_SERVER, Direction.TO_CLIENT
KAFKA = Place("orders", "kafka", "kafka")
REDIS = Place("delivery", "redis", "redis")
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
START = ((UP, b"\0\0\0\x15\0\x03\0\0user\0orders\0\0"), (DOWN, b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I"))
DUE = ("ZRANGEBYSCORE", "delivery:due", "-inf", "1795864819871", "LIMIT", "0", "100")
NEWS = ("XREAD", "BLOCK", "10000", "COUNT", "500", "STREAMS", "delivery:events", "0-0")
Said = Iterable[tuple[Direction, bytes]]


def seen_of(place: Place, *said: tuple[Direction, bytes]) -> Seen:
    """The latest exchange."""
    wire = FakeWire()
    connection = wire.opened(place)
    for direction, data in said:
        wire.said(connection, direction, data)
    wire.reading.advance()
    return next(wire.reading.all())


def query(sql: str) -> bytes:
    return b"Q" + (len(sql) + 5).to_bytes(4) + sql.encode() + b"\0"


def command(*words: str) -> bytes:
    return b"".join(
        (b"*%d\r\n" % len(words), *(b"$%d\r\n%s\r\n" % (len(one), one.encode()) for one in words))
    )


def answered_rows(tag: bytes) -> bytes:
    return b"C" + (len(tag) + 5).to_bytes(4) + tag + b"\0" + b"Z\0\0\0\x05I"


def fetched(**partition: Any) -> Said:
    wanted = [{"topic": "orders", "partitions": [{"partition": 3, "fetch_offset": 5}]}]
    found = [{"topic": "orders", "partitions": [{"partition_index": 3, **partition}]}]
    asked = request_header(ApiKey.FETCH, 12, 1, "me")
    yield UP, frame(asked + codec.request(ApiKey.FETCH, 12).encode({"topics": wanted}))
    answer = codec.response(ApiKey.FETCH, 12).encode({"responses": found})
    yield DOWN, frame(response_header(ApiKey.FETCH, 12, 1) + answer)


@pytest.mark.parametrize("protocol", captures.PROTOCOLS)
def test_in_what_a_stand_said_no_trace_no_error_and_no_record_is_background(protocol: str) -> None:
    reading = Reading(captures.capture(protocol), decoder_for, polls=POLLS)
    reading.advance()
    for seen in reading.all():
        units = seen.exchange.units
        has_work = any("records" in unit.facts for unit in units)
        is_broken = any(unit.role is Role.BROKEN for unit in units)
        if seen.exchange.context or seen.exchange.error or has_work or is_broken:
            assert not seen.is_background, seen.exchange.first


@pytest.mark.parametrize(
    ("protocol", "names"),
    [
        ("amqp", {"heartbeat", "Queue.Declare"}),
        ("grpc", {"PING"}),
        ("kafka", {"Metadata v13", "Fetch v16", "ListOffsets v7"}),
        ("mongodb", {"hello"}),
        ("mysql", {"COM_PING", "COM_QUERY"}),
        ("postgresql", {"Query", "Parse", "Bind"}),
        ("redis", {"PING", "HVALS", "ZRANGE", "ZRANGEBYSCORE"}),
        ("http", set()),
    ],
)
def test_polls_of_a_stand_are_background_and_nothing_else(protocol: str, names: set[str]) -> None:
    reading = Reading(captures.capture(protocol), decoder_for, polls=POLLS)
    reading.advance()
    found = Counter(seen.exchange.first.name for seen in reading.all() if seen.is_background)
    assert set(found) == names


@pytest.mark.parametrize(
    ("place", "said", "is_background"),
    [
        (REDIS, ((UP, b"*1\r\n$4\r\nPING\r\n"), (DOWN, b"+PONG\r\n")), True),
        (REDIS, ((UP, b"*1\r\n$4\r\nPING\r\n"), (DOWN, b"-LOADING wait\r\n")), False),
        (REDIS, ((UP, b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n"), (DOWN, b"$-1\r\n")), False),
        (REDIS, ((UP, command(*DUE)), (DOWN, b"*0\r\n")), True),
        (REDIS, ((UP, command(*DUE)), (DOWN, b"*1\r\n$3\r\nord\r\n")), False),
        (REDIS, ((UP, command("HVALS", "delivery:couriers")), (DOWN, b"*1\r\n$1\r\na\r\n")), True),
        (REDIS, ((UP, command(*NEWS)), (DOWN, b"*-1\r\n")), True),
        (REDIS, ((UP, command(*NEWS)), (DOWN, b"_\r\n")), True),
        (REDIS, ((UP, command(*NEWS)), (DOWN, b"*1\r\n*0\r\n")), False),
        (REDIS, ((UP, command("HVALS", "mine")), (DOWN, b"*0\r\n")), False),
        (SHOP, ((UP, b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"),), True),
        (SHOP, ((UP, b"GET /orders HTTP/1.1\r\nHost: a\r\n\r\n"),), False),
        (
            SHOP,
            ((UP, f"GET /healthz HTTP/1.1\r\nHost: a\r\ntraceparent: {TRACE}\r\n\r\n".encode()),),
            False,
        ),
        (
            SHOP,
            (
                (UP, b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"),
                (DOWN, b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"),
            ),
            False,
        ),
        (DATABASE, (*START, (UP, query("SELECT 1"))), True),
        (DATABASE, (*START, (UP, query("SELECT 10"))), False),
        (DATABASE, (*START, (UP, query(f"SELECT 1 /*traceparent='{TRACE}'*/"))), False),
        (KAFKA, tuple(fetched(high_watermark=9, records=b"")), True),
        (KAFKA, tuple(fetched(high_watermark=9, records=batch())), False),
        (KAFKA, tuple(fetched(error_code=6)), False),
    ],
    ids=str,
)
def test_polls_are_background_until_something_comes_of_them(
    place: Place, said: tuple[tuple[Direction, bytes], ...], is_background: bool
) -> None:
    assert seen_of(place, *said).is_background is is_background


@pytest.mark.parametrize(
    ("statements", "shown"),
    [
        (("SELECT 1", "ROLLBACK"), []),
        (("SELECT 1", "COMMIT", "SELECT 1", "rollback"), []),
        (("SELECT 2", "SELECT 1", "ROLLBACK"), ["SELECT 2", "ROLLBACK"]),
        (("BEGIN", "SELECT 1", "COMMIT", "COMMIT"), ["BEGIN", "COMMIT"]),
        (("SELECT 2", "COMMIT", "SELECT 1", "COMMIT"), ["SELECT 2", "COMMIT"]),
    ],
    ids=" ".join,
)
def test_the_end_of_a_transaction_is_background_where_nothing_else_was_in_it(
    statements: tuple[str, ...], shown: list[str]
) -> None:
    wire = FakeWire()
    connection = wire.opened(DATABASE)
    for direction, data in START:
        wire.said(connection, direction, data)
    for one in statements:
        wire.said(connection, UP, query(one))
        wire.said(connection, DOWN, answered_rows(b"SELECT 1"))
    wire.reading.advance()
    found = [one.exchange.first for one in wire.reading.all() if not one.is_background]
    assert [one.facts["sql"] for one in found if "sql" in one.facts][::-1] == shown


def test_work_that_a_poll_has_found_shows_the_end_of_its_transaction_too() -> None:
    wire = FakeWire()
    connection = wire.opened(DATABASE)
    for direction, data in (
        *START,
        (UP, query(RELAY)),
        (DOWN, answered_rows(b"SELECT 2")),
        (UP, query("COMMIT")),
        (DOWN, answered_rows(b"COMMIT")),
    ):
        wire.said(connection, direction, data)
    wire.reading.advance()
    assert not any(one.is_background for one in wire.reading.all())


RELAY = "SELECT outbox_id, order_id, version, type, occurred_at, payload::text, trace_context"
LAG = 'SELECT count(*), min(occurred_at) FROM orders.outbox WHERE "published_at" IS NULL'


@pytest.mark.parametrize(
    ("sql", "tag", "is_background"),
    [(RELAY, b"SELECT 0", True), (RELAY, b"SELECT 10", False), (LAG, b"SELECT 1", True)],
)
def test_a_relay_that_finds_work_is_shown_and_a_reading_of_the_lag_is_not(
    sql: str, tag: bytes, is_background: bool
) -> None:
    seen = seen_of(DATABASE, *START, (UP, query(sql)), (DOWN, answered_rows(tag)))
    assert seen.is_background is is_background
    assert bool(seen.surfaced) is not is_background
    assert 0 < seen.born < seen.version
