"""OTLP: what leaves is what another tool reads, and a collector that fails harms nobody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from stend.chassis.tracing.export import Exporter
from stend.chassis.tracing.otlp import decoded, encoded
from stend.chassis.tracing.recording import begin, begin_root, entered, fail, install
from stend.chassis.tracing.spans import Kind
from tests.chassis.tracing.recorded import SAMPLED, recorded, spans_in
from tests.serving import served
from tests.waiting import until_async


def test_spans_come_back_as_they_were() -> None:
    with recorded() as store, entered(begin_root("orders", "place", Kind.SERVER)) as root:
        assert root is not None
        root.attributes |= {"text": "ж", "whole": 7, "part": 0.5, "yes": True}
        root.links.append(SAMPLED)
        with entered(begin("send", Kind.PRODUCER)) as child:
            fail(child, "unavailable")
            assert child is not None
            child.service = "stock"
    spans = spans_in(store)
    again = decoded(encoded(spans))
    for was, now in zip(spans, again, strict=True):
        for name in ("trace_id", "span_id", "parent_id", "name", "kind", "service", "error"):
            assert getattr(was, name) == getattr(now, name), name
        assert (was.start_ns, was.end_ns, was.links) == (now.start_ns, now.end_ns, now.links)
    assert again[0].attributes == spans[0].attributes


@pytest.mark.parametrize("raw", [b"\xff\xff", b"{}"])
def test_what_is_no_request_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="ExportTraceServiceRequest"):
        decoded(raw)


def test_a_span_without_ids_is_refused() -> None:
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.add().name = "lost"
    with pytest.raises(ValueError, match="lost"):
        decoded(request.SerializeToString())


class Collector:
    def __init__(self) -> None:
        self.status = 200
        self.asked = 0
        self.received: list[ExportTraceServiceRequest] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await Request(scope, receive).body()
        assert scope["path"] == "/v1/traces"
        self.asked += 1
        if self.status == 200:
            self.received.append(ExportTraceServiceRequest.FromString(body))
        await Response(b"", self.status)(scope, receive, send)

    @property
    def services(self) -> list[str]:
        return [
            one.resource.attributes[0].value.string_value
            for request in self.received
            for one in request.resource_spans
        ]


@asynccontextmanager
async def exporting(url: str) -> AsyncIterator[Exporter]:
    with recorded() as store:
        exporter = Exporter(url, store)
        from stend.chassis.tracing import recording

        recorder = recording._recorder
        assert recorder is not None
        recorder.sink = exporter
        install(recorder)
        exporter.start()
        try:
            yield exporter
        finally:
            await exporter.stop()


async def test_a_collector_gets_what_has_ended() -> None:
    collector = Collector()
    async with served(collector) as url, exporting(url) as exporter:
        with entered(begin_root("orders", "place")):
            pass
        begin_root("stock", "still running")
        await until_async(lambda: collector.received)
        assert collector.services == ["orders"]
        assert exporter.let_go == 0


async def test_a_collector_that_fails_harms_nobody() -> None:
    collector = Collector()
    collector.status = 503
    async with served(collector) as url, exporting(url) as exporter:
        with entered(begin_root("orders", "place")):
            pass
        await until_async(lambda: exporter.let_go)
        collector.status = 200
        with entered(begin_root("orders", "again")):
            pass
        await until_async(lambda: collector.received)
    assert exporter.let_go == 1


async def test_a_collector_that_is_away_harms_nobody() -> None:
    async with exporting("http://127.0.0.1:9") as exporter:
        with entered(begin_root("orders", "place")):
            pass
        await asyncio.wait_for(until_async(lambda: exporter.let_go), 10)
