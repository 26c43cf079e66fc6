"""An order is a connected trace, and of each hop there are the bytes: both ways.

Two orders over each protocol; with LONG_TESTS=1 a hundred.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx
import pytest

from stend.chassis.tracing.spans import Kind, Span, SpanContext
from stend.chassis.tracing.store import TraceStore
from stend.portal.story.finding import spans_of
from stend.portal.story.linking import Links, Passed
from stend.portal.story.recorded import recorded
from stend.portal.wire import TapView, Wire
from stend.runtime.addresses import addresses_of
from stend.runtime.calling import OrdersClients, call, completed
from stend.runtime.hops import from_outside
from stend.runtime.settings import parse
from stend.runtime.system import RandomIds
from stend.runtime.tracing import traced_call
from stend.shop.orders.api.forms import rest_form
from stend.shop.orders.usecases import Operation
from stend.tap.files import session
from stend.tap.following import Changes
from stend.tap.reading import Reading
from stend.tap.recording import Place
from stend.wire.stacks.choosing import decoder_for
from tests.conftest import LiveStand, stand_of_its_own
from tests.fakes.wire import FakeWire
from tests.long_runs import is_long_run
from tests.runtime.test_traces import PROTOCOLS, SERVICES, check_connected, whole_trace

ORDERS = 100 if is_long_run() else 2 * len(PROTOCOLS)
# Lists go back 20,000 exchanges, and an order makes about 250.
AT_ONCE = 25
WIRE = frozenset(Kind) - {Kind.INTERNAL}
# One port serves all of the shop's HTTP; gRPC has its own.
DOORS = frozenset({"shop", "nginx"})

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stand() -> Iterator[LiveStand]:
    """With sagas, and a ring that lets nothing go."""
    with stand_of_its_own() as own:
        own.up(STEND_TAP_RING_MB="512", STEND_TRACE_KEPT_SPANS="200000")
        yield own


class Seen:
    """What a stand has recorded so far, read by the portal's own code."""

    def __init__(self, http: httpx.Client, trace_ids: Sequence[str]) -> None:
        self.http = http
        self.store = TraceStore(10_000, 1_000_000)
        self.spans = {trace_id: self._spans(trace_id) for trace_id in trace_ids}
        saved = http.get("/stand/tap/session").raise_for_status()
        self.recording, _ = session.load(saved.content)
        self.reading = Reading(self.recording, decoder_for)
        view = TapView(Place("client", "shop", "http"), 0, 0)
        self.wire = Wire(self.reading, Changes(self.recording), FakeWire().faults, lambda: (view,))
        self.reading.advance()

    def _spans(self, trace_id: str) -> Sequence[Span]:
        told = self.http.get(f"/stand/traces/{trace_id}").raise_for_status().json()
        spans = [span_from(trace_id, one) for one in told["spans"]]
        for span in spans:
            self.store.began(span)
        return spans


def span_from(trace_id: str, told: Mapping[str, Any]) -> Span:
    context = SpanContext(told["service"], trace_id, "")
    kind = Kind[told["kind"].upper()]
    parent_id = told["parent_id"] or ""
    span = Span(context, parent_id, told["span_id"], told["name"], kind, told["start_ns"])
    span.end_ns, span.attributes, span.links = told["end_ns"], told["attributes"], told["links"]
    span.error = str(span.attributes.get("error.type", ""))
    return span


async def placed(stand: LiveStand, first: int, count: int) -> Sequence[str]:
    """The traces of so many orders, over one protocol after the other."""
    settings = parse({"stand.port_base": stand.port_base}, {}, {})
    ids, form = RandomIds(), rest_form(Operation.PLACE_ORDER)
    clients = OrdersClients(from_outside(addresses_of(settings)), ids)
    traces = []
    try:
        for number in range(first, first + count):
            protocol = PROTOCOLS[number % len(PROTOCOLS)]
            async with traced_call(f"test {protocol}", stand.url) as trace_id:
                async for reply in call(
                    clients[protocol], Operation.PLACE_ORDER, completed(form, {}, ids)
                ):
                    assert reply.error is None
            traces.append(trace_id)
    finally:
        await clients.close()
    async with httpx.AsyncClient(base_url=stand.url, trust_env=False) as http:
        for trace_id in traces:
            check_connected(await whole_trace(http, trace_id))
    return traces


async def test_every_hop_of_an_order_has_its_bytes(stand: LiveStand) -> None:
    hops: Counter[object] = Counter()
    services: Counter[str] = Counter()
    with httpx.Client(base_url=stand.url, trust_env=False, timeout=60) as http:
        for first in range(0, ORDERS, AT_ONCE):
            traces = await placed(stand, first, min(AT_ONCE, ORDERS - first))
            seen = Seen(http, traces)
            assert seen.recording.figures().let_go_chunks == 0
            owners: dict[str, set[str]] = {}
            for trace_id in traces:
                check_trace(seen, trace_id, owners)
                services.update({span.service for span in seen.spans[trace_id]})
                hops.update(map(system_of, seen.spans[trace_id]))
            check_ways_back(seen, owners)
            for trace_id in traces[-len(PROTOCOLS) :]:
                check_story(seen, trace_id)
        check_pages(http, traces[-1])
    assert services == dict.fromkeys(SERVICES | {"cli"}, ORDERS)
    assert hops.keys() >= {"postgresql", "redis", "mysql", "rabbitmq", "kafka", "grpc", "soap"}


def check_trace(seen: Seen, trace_id: str, owners: dict[str, set[str]]) -> None:
    """
    Args:
        owners: what is found out: by exchange, the traces that it is shown in.
    """
    spans = seen.spans[trace_id]
    links = Links(spans, recorded(seen.wire, spans).passed)
    by_id = {span.span_id: span for span in spans}
    for span in spans:
        found = links.exchanges_of(span)
        if span.kind not in WIRE:
            assert found == ()
            continue
        assert found, f"{span.service} {span.kind.name} {span.name}: no bytes"
        for one in found:
            check_kept(seen, one)
            check_place(one, span, by_id)
            owners.setdefault(one.id, set()).add(trace_id)
        check_said(span, found)


def check_kept(seen: Seen, one: Passed) -> None:
    exchange = seen.reading.one(one.id)
    assert exchange is not None
    for unit in exchange.exchange.units:
        assert seen.reading.data(exchange, unit)


def check_place(one: Passed, span: Span, by_id: Mapping[str, Span]) -> None:
    """It passed between the two that the span tells."""
    source, target = ends_of(span, by_id)
    told = f"{span.service} {span.kind.name} {span.name}: {one.source}→{one.target}"
    assert one.source in {source, "nginx"}, told
    assert one.target in {target, *DOORS}, told


def ends_of(span: Span, by_id: Mapping[str, Span]) -> tuple[str, str]:
    """Who connects, and who answers."""
    own = "client" if span.service == "cli" else span.service
    system = span.attributes.get("db.system.name") or span.attributes.get("messaging.system")
    if system:
        return own, str(system)
    if span.kind is Kind.SERVER:
        parent = by_id.get(span.parent_id)
        outside = parent is None or parent.service == "cli"
        return "client" if outside or parent is None else parent.service, own
    answering = [one for one in by_id.values() if one.parent_id == span.span_id]
    return own, next((one.service for one in answering if one.kind is Kind.SERVER), "?")


def system_of(span: Span) -> object:
    names = ("db.system.name", "messaging.system", "rpc.system")
    return next((span.attributes[name] for name in names if name in span.attributes), "http")


def check_said(span: Span, found: Sequence[Passed]) -> None:
    """One of them is what the span is about; what names no span says nothing else."""
    unnamed = [one for one in found if not one.contexts]
    said = [spoken(one) for one in unnamed]
    assert all(re.match(words_of(span), one) for one in said), (span.name, said)
    opening = re.compile(OPENING)
    about = [one for one in said if not opening.match(one)]
    assert about or len(unnamed) < len(found), (span.name, said)


OPENING = r"(BEGIN|HELLO|CLIENT|AUTH|SELECT \d)"


def words_of(span: Span) -> str:
    """A pattern of what bytes without a context may begin with, as the span tells it."""
    summary = str(span.attributes.get("db.query.summary", ""))
    system = system_of(span)
    if system == "redis":
        own = [re.escape(word) for word in summary.split()]
        own += ["EXEC"] if span.name == "MULTI" else []
        return "|".join([*own, OPENING])
    if system == "postgresql":
        return f"COMMIT$|{OPENING}" if span.name == "COMMIT" else OPENING
    return "nothing at all"


def spoken(one: Passed) -> str:
    return one.name if one.place == "redis" else one.summary


def check_ways_back(seen: Seen, owners: Mapping[str, set[str]]) -> None:
    for id_, traces in owners.items():
        exchange = seen.reading.one(id_)
        assert exchange is not None
        spans = spans_of(seen.wire, seen.store, exchange)
        assert {span.trace_id for span in spans} == traces, (id_, exchange.exchange.first)
        # A batch may carry several; what names nobody belongs to one alone.
        assert exchange.connection.place.protocol == "kafka" or len(traces) == 1


def check_story(seen: Seen, trace_id: str) -> None:
    """The stand itself shows the same, and no arrow without its bytes."""
    story = seen.http.get(f"/story/{trace_id}.json?view=all").raise_for_status().json()
    arrows = [row for row in story["rows"] if row["kind"] != "step"]
    assert [row for row in arrows if not row["exchanges"]] == []
    spans = seen.spans[trace_id]
    links = Links(spans, recorded(seen.wire, spans).passed)
    found = {one.id for span in spans for one in links.exchanges_of(span)}
    assert {id_ for row in arrows for id_ in row["exchanges"]} == found


def check_pages(http: httpx.Client, trace_id: str) -> None:
    """From the page of an exchange a link leads to its arrow."""
    story = http.get(f"/story/{trace_id}.json?view=all").json()
    for row in story["rows"]:
        if row["kind"] != "step":
            page = http.get(f"/exchanges/{row['exchanges'][-1]}").raise_for_status().text
            assert f"/story/{trace_id}" in page, row
