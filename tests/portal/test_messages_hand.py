"""What can be done by hand: forms, refusals, and the log. The brokers are a test's own."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from stend.portal.messages.answers import NoBrokerAnswerError
from stend.portal.messages.dead import death_of, mark_of, peeked_of
from stend.portal.messages.kafka import Stored
from stend.portal.messages.management import Management
from stend.wire.kafka.records import Record
from tests.portal.test_messages_page import Bench
from tests.portal.test_shell import soup

DEATHS = [
    {"queue": "work", "reason": "rejected", "count": 2, "exchange": "events"},
    {"queue": "older", "reason": "expired", "count": 1, "exchange": "events"},
]


def told(body: str, headers: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    properties = {"message_id": "m1", "headers": headers} if headers is not None else []
    return {
        "payload": body,
        "payload_bytes": len(body),
        "payload_encoding": "string",
        "redelivered": True,
        "exchange": "dlx",
        "routing_key": "work",
        "properties": properties,
        **more,
    }


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    async with made.http:
        yield made


def test_a_dead_message_tells_its_last_queue_and_why() -> None:
    found = peeked_of(told("{}", {"x-death": DEATHS}))
    assert (found.origin, found.reason, found.deaths) == ("work", "rejected", 3)
    assert found.advice == "rejected"
    assert found.mark == mark_of("m1", b"{}")


@pytest.mark.parametrize(
    "headers",
    [None, {}, {"x-death": []}, {"x-death": "no"}, {"x-death": [7]}, {"x-death": [{"count": 1}]}],
)
def test_without_a_death_there_is_no_way_back(headers: Mapping[str, Any] | None) -> None:
    found = peeked_of(told("{}", headers))
    assert (found.origin, found.advice) == (None, "unknown")


def test_a_reason_that_nobody_knows_is_not_explained() -> None:
    assert peeked_of(told("{}", {"x-death": [{"queue": "q", "reason": "new"}]})).advice == "other"
    assert death_of({"x-death": [{"queue": "q", "reason": "new"}]}) == ("q", "new", 0)


def test_two_bodies_under_one_name_are_told_apart() -> None:
    assert mark_of("m1", b"1") != mark_of("m1", b"2")
    assert mark_of("m1", b"x" * 20_000) == mark_of("m1", b"x" * 30_000)


async def test_a_look_lists_messages_with_advice(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def peek(_vhost: str, queue: str, _count: int) -> list[Mapping[str, Any]]:
        assert queue == "work.dead"
        return [told('{"a": 1}', {"x-death": DEATHS}), told("<b>", None)]

    monkeypatch.setattr(bench.management, "peek", peek)
    sent = await bench.http.post("/messages/peek", data={"queue": "work.dead"})
    assert sent.status_code == 303
    page = soup(await bench.http.get(sent.headers["location"]))
    rows = page.select(".seen > li")
    assert "Refused by the consumer of work" in rows[0].text
    assert "redelivered" in rows[0].text
    assert "cannot be requeued" in rows[1].text
    assert rows[1].select_one("input[disabled]") is not None
    assert "<b>" in rows[1].text
    assert "looked into work.dead: 2" in page.text


async def test_a_log_is_read_without_a_group(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(topic: str, partition: int, offset: int, _most: int) -> list[Stored]:
        assert (topic, partition, offset) == ("orders.events", 1, 5)
        return [Stored(5, 0, Record(0, 0, b"ord_1", b'{"x": 1}', []))]

    monkeypatch.setattr(bench.kafka, "read", read)
    fields = {"topic": "orders.events", "partition": "1", "offset": "5"}
    sent = await bench.http.post("/messages/peek", data=fields)
    page = soup(await bench.http.get(sent.headers["location"]))
    row = page.select_one(".seen > li")
    assert row is not None
    assert "@5" in row.text
    assert "ord_1" in row.text
    assert row.select_one("form[action='/messages/replay']") is not None


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        ("publish", {"routing_key": "q", "body": "{oops"}, "Expected: JSON."),
        ("publish", {"routing_key": "q", "body": "{}", "headers": "[1]"}, "flat JSON object"),
        ("publish", {"body": "{}"}, "an exchange or a key"),
        ("publish", {"routing_key": "q", "body": json.dumps("x" * 70_000)}, "65536 bytes"),
        ("publish", {"broker": "kafka", "body": "{}"}, "name of a topic"),
        (
            "publish",
            {"broker": "kafka", "topic": "t", "partition": "-1", "body": "{}"},
            "a partition from 0",
        ),
        ("peek", {}, "Expected: a queue"),
        ("peek", {"topic": "t", "partition": "0", "offset": "last"}, "Expected: an offset"),
        ("requeue", {"queue": "work.dead"}, "a chosen message"),
        ("replay", {"topic": "t", "partition": "0", "offset": ""}, "Expected: an offset"),
    ],
)
async def test_what_cannot_be_sent_is_refused_with_what_was_expected(
    bench: Bench, path: str, fields: Mapping[str, str], said: str
) -> None:
    answer = await bench.http.post(f"/messages/{path}", data=fields)
    assert answer.status_code == 422
    refusal = soup(answer).select_one('[role="alert"]')
    assert refusal is not None
    assert said in refusal.text


async def test_a_refused_form_keeps_what_was_typed(bench: Bench) -> None:
    fields = {"broker": "amqp", "exchange": "events", "routing_key": "k", "body": "<oops>"}
    page = soup(await bench.http.post("/messages/publish", data=fields))
    body = page.select_one("#publish-amqp[open] textarea")
    assert body is not None
    assert body.text == "<oops>"
    exchange = page.select_one("#publish-amqp [name=exchange]")
    assert exchange is not None
    assert exchange["value"] == "events"


async def test_a_broker_that_refuses_is_told_and_logged(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def peek(*_: object) -> list[Mapping[str, Any]]:
        raise NoBrokerAnswerError("refused", "403: no access")

    monkeypatch.setattr(bench.management, "peek", peek)
    answer = await bench.http.post("/messages/peek", data={"queue": "work"})
    assert answer.status_code == 502
    page = soup(answer)
    log = page.select_one("#hand-log")
    assert log is not None
    assert "403: no access" in log.text


async def test_a_form_that_is_too_large_is_not_read(bench: Bench) -> None:
    answer = await bench.http.post("/messages/publish", content=b"body=" + b"x" * 300_000)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("status", "content", "key"),
    [(401, b"no", "refused"), (200, b"<html>", "strange"), (200, b'{"a": 1}', "strange")],
)
async def test_what_the_management_api_says_is_told_by_its_kind(
    status: int, content: bytes, key: str
) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=content))
    management = Management("http://127.0.0.1:1", "u", "p", transport)
    with pytest.raises(NoBrokerAnswerError) as refused:
        await management.topology()
    assert refused.value.key == key
