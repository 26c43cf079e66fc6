"""The page of messages over brokers that a test answers for, in every state they can be in."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import httpx
import pytest
from starlette.applications import Starlette

from stend.portal.assets import load_assets
from stend.portal.messages.answers import NoBrokerAnswerError
from stend.portal.messages.kafka import Kafka
from stend.portal.messages.ledger import Ledger
from stend.portal.messages.logs import Extent, Group, Logs, Member, Reader, topic_of
from stend.portal.messages.management import Management
from stend.portal.messages.watch import BrokerAccess, Watch
from stend.portal.pages.messages import MessagesPage
from stend.portal.rendering import Renderer
from stend.portal.stand import (
    Endpoint,
    EngineLabel,
    EngineView,
    PartState,
    StandView,
)
from stend.tap.recording import Place
from stend.wire.amqp.content import encode_content_header
from stend.wire.decoding import Direction
from tests.fakes.portal import FakeIds, FakeStand
from tests.fakes.wire import FakeWire
from tests.portal.test_messages_brokers import a_broker
from tests.portal.test_shell import soup

EVIL = "<script>alert(1)</script>"
BROKER = Place("orders", "rabbitmq", "amqp")


def an_engine(name: str, url: str, *also: Endpoint) -> EngineView:
    return EngineView(
        name, EngineLabel.EMULATED, "1", PartState.READY, None, url, None, also, None, ()
    )


RABBITMQ = an_engine(
    "rabbitmq",
    "amqp://lavka:lavka@127.0.0.1:8014/",
    Endpoint("management", "http://127.0.0.1:8018", None),
)
KAFKA = an_engine("kafka", "127.0.0.1:8015")


def view(*engines: EngineView) -> StandView:
    return StandView(True, 8000, engines, ())


def some_logs() -> Logs:
    member = Member("id-1", "analytics", "127.0.0.1", (("orders.events", 0),))
    group = Group("analytics", "Stable", (member,), {("orders.events", 0): 60})
    topic = topic_of("orders.events", False, (Extent(0, 1, 0, 100),), (group,))
    return Logs((topic,), (group,), 0)


READER = Reader("mirror", {("orders.events", 2): 7})


class FakeManagement(Management):
    """Answers with what the test has set."""

    failure: NoBrokerAnswerError | None = None

    def __init__(self) -> None:
        self.answer = a_broker()

    async def topology(self):  # type: ignore[no-untyped-def]
        if self.failure:
            raise self.failure
        return self.answer


class FakeKafka(Kafka):
    failure: NoBrokerAnswerError | None = None

    def __init__(self) -> None:
        self.answer = some_logs()

    def look(self, readers: Sequence[Reader]) -> Logs:
        self.readers = readers
        if self.failure:
            raise self.failure
        return self.answer


class Bench:
    """The page with everything around it."""

    def __init__(self) -> None:
        self.stand = FakeStand(view(RABBITMQ, KAFKA))
        self.wire = FakeWire(places=(BROKER,))
        self.management = FakeManagement()
        self.kafka = FakeKafka()
        self.seconds = 0.0
        self.watch = Watch(
            self.stand,
            self.wire.clock,
            lambda: self.seconds,
            lambda: [READER],
            lambda _: self.management,
            lambda _: self.kafka,
        )
        assets = load_assets()
        page = MessagesPage(
            Renderer(assets, self.stand, tuple),
            self.stand,
            self.wire.wire,
            self.wire.clock,
            FakeIds(),
            tuple,
            BrokerAccess(),
            self.watch,
        )
        transport = httpx.ASGITransport(Starlette(routes=[*page.routes(), assets.route()]))
        self.http = httpx.AsyncClient(
            transport=transport,
            base_url="http://127.0.0.1:8000",
            headers={"Accept-Language": "en"},
        )


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    async with made.http:
        yield made


async def test_queues_and_logs_are_there_with_counts(bench: Bench) -> None:
    page = soup(await bench.http.get("/messages"))
    queue = page.select_one('[data-queue="work"]')
    assert queue is not None
    assert "ready 7 · unacked 2" in queue.text
    row = page.select_one('[data-topic="orders.events"]')
    assert row is not None
    assert "analytics 40" in row.text
    lag = row.select_one(".lagging")
    assert lag is not None
    assert lag["x"] == "60.0%"
    assert "No message yet" in page.text


async def test_readers_without_a_group_are_handed_on_and_told_apart(bench: Bench) -> None:
    keeps = Group("mirror", "", (), {("orders.events", 2): 7}, keeps_offsets=True)
    bench.kafka.answer = replace(some_logs(), groups=(*some_logs().groups, keeps))
    page = soup(await bench.http.get("/messages"))
    assert bench.kafka.readers == [READER]
    (row,) = [one for one in page.select(".groups tbody tr") if "mirror" in one.text]
    assert "keeps its offsets itself" in row.text
    assert "orders.events[2]" in row.text


async def test_both_languages_are_whole(bench: Bench) -> None:
    russian = await bench.http.get("/messages", headers={"Accept-Language": "ru"})
    assert "готовы 7" in " ".join(soup(russian).text.split())
    assert "отставание" in russian.text


async def test_a_broker_that_stops_answering_stays_in_sight_as_stale(bench: Bench) -> None:
    await bench.http.get("/messages")
    bench.management.failure = NoBrokerAnswerError("away", EVIL)
    bench.kafka.failure = NoBrokerAnswerError("away", "127.0.0.1:8015: refused")
    bench.seconds += 2
    answer = await bench.http.get("/messages")
    page = soup(answer)
    assert len(page.select(".err")) == 2
    assert "asked again in a second" in page.text
    assert page.select_one('[data-queue="work"]') is not None
    assert page.text.count("not updated") == 2
    assert EVIL not in answer.text


@pytest.mark.parametrize(
    ("engines", "said"),
    [
        ((KAFKA,), "The stand has no such broker"),
        ((replace(RABBITMQ, state=PartState.FAILED, reason="port taken"), KAFKA), "port taken"),
    ],
)
async def test_a_broker_that_is_not_there_is_told_why(
    bench: Bench, engines: tuple[EngineView, ...], said: str
) -> None:
    bench.stand.show(view(*engines))
    page = soup(await bench.http.get("/messages"))
    assert said in page.text
    assert page.select_one('[data-topic="orders.events"]') is not None


async def test_without_an_address_of_the_management_api_the_setting_is_named(bench: Bench) -> None:
    bench.stand.show(view(replace(RABBITMQ, also_at=()), KAFKA))
    page = MessagesPage(
        Renderer(load_assets(), bench.stand, tuple),
        bench.stand,
        bench.wire.wire,
        bench.wire.clock,
        FakeIds(),
        tuple,
        BrokerAccess(),
    )
    with pytest.raises(NoBrokerAnswerError) as refused:
        await page.watch.management()
    assert refused.value.key == "no_management"
    # The password stays where it is.
    assert refused.value.detail == "127.0.0.1:8014/"


async def test_brokers_are_asked_once_a_second_however_many_look(bench: Bench) -> None:
    for _ in range(3):
        await bench.http.get("/messages")
    bench.management.answer = a_broker(queues=[])
    assert soup(await bench.http.get("/messages")).select_one('[data-queue="work"]')
    bench.seconds += 1
    assert not soup(await bench.http.get("/messages")).select_one('[data-queue="work"]')


async def test_without_a_tap_there_is_a_topology_and_a_reason(bench: Bench) -> None:
    bench.wire.places = ()
    page = soup(await bench.http.get("/messages"))
    assert page.select_one('[data-queue="work"]') is not None
    assert "The tap is off" in page.text
    gone = await bench.http.get("/messages/ord_1:4")
    assert gone.status_code == 404
    assert "The tap is off" in gone.text


def method(class_id: int, number: int, arguments: bytes) -> bytes:
    payload = class_id.to_bytes(2, "big") + number.to_bytes(2, "big") + arguments
    return frame(1, payload)


def frame(kind: int, payload: bytes) -> bytes:
    return bytes([kind, 0, 1]) + len(payload).to_bytes(4, "big") + payload + b"\xce"


def text(value: str) -> bytes:
    return bytes([len(value)]) + value.encode()


def a_message(message_id: str) -> bytes:
    header = encode_content_header(2, {"message_id": text(message_id), "type": text("OrderPlaced")})
    return frame(2, header) + frame(3, b"{}")


def publish(bench: Bench, message_id: str) -> None:
    connection = bench.wire.opened(BROKER)
    head = b"\0\0" + text("events") + text("order.placed") + b"\0"
    bench.wire.said(connection, Direction.TO_SERVER, method(60, 40, head) + a_message(message_id))


def deliver(bench: Bench, message_id: str, *, redelivered: bool) -> None:
    connection = bench.wire.opened(Place("stock", "rabbitmq", "amqp"))
    tag = (1).to_bytes(8, "big")
    head = text("ctag1") + tag + bytes([redelivered]) + text("events") + text("order.placed")
    bench.wire.said(connection, Direction.TO_CLIENT, method(60, 60, head) + a_message(message_id))
    bench.wire.said(connection, Direction.TO_SERVER, method(60, 80, tag + b"\0"))


async def test_a_life_is_put_together_of_what_passed(bench: Bench) -> None:
    publish(bench, "ord_1:4")
    deliver(bench, "ord_1:4", redelivered=True)
    listed = soup(await bench.http.get("/messages"))
    row = listed.select_one('[data-message="ord_1:4"]')
    assert row is not None
    assert "redelivered" in row.text
    link = row.select_one("a")
    assert link is not None
    life = soup(await bench.http.get(str(link["href"])))
    assert [str(one["class"]) for one in life.select(".life tbody tr")] == [
        "['did-published']",
        "['did-delivered']",
        "['did-acked']",
    ]
    assert "redelivered" in life.select(".life tbody tr")[1].text
    # The wire told the consumer's tag only; the broker knows its queue.
    assert "work" in life.select(".life tbody tr")[1].text
    for one in life.select(".life tbody a"):
        assert str(one["href"]).startswith("/exchanges/c")


@pytest.mark.parametrize(
    ("query", "found"),
    [("text=ORDERPLACED", 1), ("text=nothing", 0), ("broker=kafka", 0), ("broker=amqp", 1)],
)
async def test_the_list_is_narrowed(bench: Bench, query: str, found: int) -> None:
    publish(bench, "ord_1:4")
    page = soup(await bench.http.get(f"/messages?{query}"))
    assert len(page.select("[data-message]")) == found
    assert bool(found) != ("Nothing fits" in page.text)


async def test_names_of_messages_are_shown_and_linked_as_text(bench: Bench) -> None:
    publish(bench, EVIL)
    answer = await bench.http.get("/messages")
    assert EVIL not in answer.text
    link = soup(answer).select_one("[data-message] a")
    assert link is not None
    life = await bench.http.get(str(link["href"]))
    assert life.status_code == 200
    assert EVIL not in life.text


async def test_a_message_that_nobody_remembers_is_told_so(bench: Bench) -> None:
    answer = await bench.http.get("/messages/nobody")
    assert answer.status_code == 404
    assert "remembers no such message" in answer.text
    live = await bench.http.get("/messages/nobody?part=live")
    assert live.status_code == 200
    assert "<html" not in live.text


async def test_what_the_ring_has_let_go_is_counted(bench: Bench) -> None:
    publish(bench, "ord_1:4")
    await bench.http.get("/messages")
    for _ in range(110):
        connection = bench.wire.opened(BROKER)
        bench.wire.said(connection, Direction.TO_SERVER, bytes([8, 0, 0]) + bytes(40_000))
    page = soup(await bench.http.get("/messages"))
    assert not page.select('[data-message="ord_1:4"]')


async def test_what_comes_while_much_is_read_is_read_the_next_time(bench: Bench) -> None:
    ledger = Ledger(bench.wire.reading)
    for number in range(300):
        publish(bench, f"ord_{number}:1")
    following = asyncio.create_task(ledger.follow())
    # Others have their turn after every two hundred, and read on, as any open page does.
    await asyncio.sleep(0)
    publish(bench, "ord_late:1")
    bench.wire.reading.advance()
    await following
    assert ledger.of("ord_299:1")
    await ledger.follow()
    assert ledger.of("ord_late:1")
