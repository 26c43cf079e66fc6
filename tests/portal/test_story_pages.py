"""The pages of stories: the list, the diagram, its bytes, its other forms, and what is unknown."""

import asyncio
import re

import httpx
import pytest
from bs4 import BeautifulSoup
from lxml import etree

from stend.chassis.tracing.spans import Kind, Span
from stend.chassis.tracing.store import TraceStore
from stend.portal.pages.story import told_of
from stend.portal.story.background import is_background
from stend.wire.decoding import Direction
from tests.fakes.spans import TRACE, Trace
from tests.fakes.wire import BANK, SHOP, FakeWire

ORDER = "ord_01M8FWZCYM1JB2NR3VRZ2EPN6G"


def keep(traces: TraceStore, trace: Trace) -> None:
    for span in trace.spans:
        traces.began(span)


@pytest.fixture
def trace() -> Trace:
    return Trace()


@pytest.fixture
def root(trace: Trace, traces: TraceStore) -> Span:
    """A story of an order, in the store."""
    root = trace.add("orders", "POST /api/v1/orders", Kind.SERVER, 0, 50)
    trace.sql("orders", 2, root, "INSERT orders")
    trace.sql("orders", 4, root, "COMMIT")
    trace.message("orders", "stock", "ReserveStock", 8, root)
    step = trace.add(
        "orders", "saga", Kind.INTERNAL, 20, 20, parent=root, order__id=ORDER, saga__step="pay"
    )
    trace.call("orders", "payments", "Authorise<b>", 21, step, "Declined")
    keep(traces, trace)
    return root


def charge(wire: FakeWire, span: Span) -> str:
    """The bytes of a call of the bank in the name of a span."""
    connection = wire.opened(BANK)
    # The recording begins where the spans do.
    head = f"POST /soap/bank HTTP/1.1\r\nHost: bank\r\ntraceparent: {span.traceparent}\r\n"
    wire.said(connection, Direction.TO_SERVER, f"{head}Content-Length: 0\r\n\r\n".encode())
    wire.said(connection, Direction.TO_CLIENT, b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n")
    return f"c{connection.number}.1"


async def test_without_traces_the_list_says_how_to_get_one(http: httpx.AsyncClient) -> None:
    page = (await http.get("/story")).text
    assert "There are no traces yet" in page
    assert "/playground?operation=PlaceOrder" in page


@pytest.mark.usefixtures("root")
async def test_the_list_tells_the_last_traces(http: httpx.AsyncClient) -> None:
    page = (await http.get("/story")).text
    assert f'href="/story/{TRACE}"' in page
    assert ORDER in page
    assert "traces kept: <b" in page


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("operation=POST+/api/v1/orders", True),
        ("operation=other", False),
        ("errors=1", True),
        (f"order={ORDER[:12]}", True),
        (f"order={TRACE[:8]}", True),
        ("order=ord_2", False),
    ],
)
async def test_the_list_is_narrowed(http: httpx.AsyncClient, query: str, found: bool) -> None:
    page = (await http.get(f"/story/fragment/list?{query}")).text
    assert (f'href="/story/{TRACE}"' in page) is found
    assert ("There are no such traces" in page) is not found


@pytest.mark.usefixtures("root")
async def test_a_diagram_has_arrows_with_their_numbers(http: httpx.AsyncClient) -> None:
    page = (await http.get(f"/story/{TRACE}")).text
    assert re.findall(r'id="m(\d+)"', page) == ["1", "2", "6", "7", "8", "9", "10"]
    assert "INSERT orders … COMMIT ×2" in page
    assert "Authorise&lt;b&gt;" in page
    assert "<b>" not in page.partition('class="seq"')[2].partition("</svg>")[0]
    assert "style=" not in page


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize(("view", "count"), [("services", 5), ("brokers", 6), ("all", 10)])
async def test_views_leave_out_or_show_everything(
    http: httpx.AsyncClient, view: str, count: int
) -> None:
    page = (await http.get(f"/story/{TRACE}?view={view}")).text
    assert len(re.findall(r'id="m\d+"', page)) == count


@pytest.mark.usefixtures("root")
async def test_a_fold_is_spread_out(http: httpx.AsyncClient) -> None:
    page = (await http.get(f"/story/{TRACE}?open=2")).text
    assert "×2" not in page
    assert "Fold the stores" in page


async def test_an_arrow_opens_its_bytes(
    http: httpx.AsyncClient, root: Span, trace: Trace, wire: FakeWire
) -> None:
    client = next(one for one in trace.spans if one.kind is Kind.CLIENT and one.error)
    exchange = charge(wire, client)
    opened = (await http.get(f"/story/{TRACE}/messages/8")).text
    assert f'href="/exchanges/{exchange}?unit=1"' in opened
    assert "POST /soap/bank" in opened
    answer = (await http.get(f"/story/{TRACE}/messages/9")).text
    assert f'href="/exchanges/{exchange}?unit=2"' in answer
    page = (await http.get(f"/exchanges/{exchange}")).text
    assert f'href="/story/{TRACE}#s-{client.span_id}"' in page
    assert root.trace_id == TRACE


@pytest.mark.usefixtures("root")
async def test_an_arrow_without_bytes_says_why(http: httpx.AsyncClient) -> None:
    opened = (await http.get(f"/story/{TRACE}/messages/1")).text
    assert "This message has no bytes to show" in opened
    assert "No exchange points to this span" in opened
    assert (await http.get(f"/story/{TRACE}/messages/99")).status_code == 404


async def test_an_exchange_of_no_trace_says_so(http: httpx.AsyncClient, wire: FakeWire) -> None:
    connection = wire.opened(SHOP)
    wire.said(connection, Direction.TO_SERVER, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert "no context in the bytes" in (await http.get("/exchanges/c1.1")).text


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("form", ["mmd", "puml", "svg", "txt", "json"])
async def test_other_forms_by_trace_and_by_order(http: httpx.AsyncClient, form: str) -> None:
    by_trace = await http.get(f"/story/{TRACE}.{form}")
    by_order = await http.get(f"/story/{ORDER}.{form}?save=1")
    assert by_trace.status_code == 200
    assert by_trace.text == by_order.text
    assert by_order.headers["content-disposition"].endswith(f'.{form}"')
    assert (await http.get(f"/story/ord_2.{form}")).status_code == 404


@pytest.mark.usefixtures("root")
async def test_the_picture_stands_alone(http: httpx.AsyncClient) -> None:
    text = (await http.get(f"/story/{TRACE}.svg")).text
    drawing = etree.fromstring(text.encode())
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    assert not re.search(r"class=|var\(| style=|https?://(?!www\.w3\.org/2000/svg)", text)
    used = set(re.findall(r'href="#([^"]+)"', text))
    assert used <= set(re.findall(r'symbol id="([^"]+)"', text))


@pytest.mark.usefixtures("root")
async def test_an_order_leads_to_its_trace(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"/story/{ORDER}?view=all")
    assert answer.headers["location"] == f"/story/{TRACE}?view=all"


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize(
    ("query", "names", "hidden"),
    [
        ("", ["POST /api/v1/orders"], "1"),
        ("?background=1", ["GetBalances", "POST /api/v1/orders"], None),
        # Who names it gets it.
        ("?operation=GetBalances", ["GetBalances"], None),
        ("?errors=1", ["POST /api/v1/orders"], "0"),
    ],
)
async def test_what_nobody_outside_asked_for_is_hidden_and_counted(
    http: httpx.AsyncClient, traces: TraceStore, query: str, names: list[str], hidden: str | None
) -> None:
    other = Trace("1" * 32)
    other.add("payments", "GetBalances", Kind.SERVER, 0, rpc__method="GetBalances")
    keep(traces, other)
    page = BeautifulSoup((await http.get(f"/story{query}")).text, "html.parser")
    assert sorted(one.text for one in page.select("td.what a")) == names
    counted = page.select_one("#background-hidden b")
    assert (counted.text if counted else None) == hidden
    assert "the reconciliation" in page.text
    box = page.select_one("input[name=background]")
    assert box is not None
    assert box.has_attr("checked") is ("background" in query)


def test_what_a_program_outside_asks_for_is_no_background() -> None:
    trace = Trace()
    asked = trace.add("cli", "call", Kind.INTERNAL, 0)
    trace.add("payments", "GetBalances", Kind.SERVER, 1, parent=asked, rpc__method="GetBalances")
    assert not is_background(trace.spans)
    # A caller whose own spans are elsewhere wants to see it, too.
    assert not is_background(trace.spans[1:])


async def test_an_unknown_trace_says_what_is_kept(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"/story/{'0' * 32}")
    assert answer.status_code == 404
    assert "keeps up to 100 traces" in answer.text
    assert (await http.get(f"/story/{'0' * 32}/fragment")).status_code == 404


async def test_a_running_trace_says_so(
    http: httpx.AsyncClient, trace: Trace, traces: TraceStore
) -> None:
    trace.add("orders", "POST /api/v1/orders", Kind.SERVER, 0, None)
    keep(traces, trace)
    assert "still running" in (await http.get(f"/story/{TRACE}")).text


async def test_changes_are_told_and_end_with_the_store(
    trace: Trace, traces: TraceStore, wire: FakeWire
) -> None:
    told = told_of(traces, wire.wire, TRACE)
    assert (await anext(told)).startswith("event: changed")
    waiting = asyncio.ensure_future(anext(told))
    for _ in range(10):
        await asyncio.sleep(0)
    other = Trace("1" * 32)
    other.add("orders", "x", Kind.SERVER, 0)
    keep(traces, other)
    trace.add("orders", "x", Kind.SERVER, 0)
    keep(traces, trace)
    assert (await waiting).startswith("event: changed")
    traces.close()
    with pytest.raises(StopAsyncIteration):
        await anext(told)


@pytest.mark.parametrize("is_running", [True, False])
async def test_while_a_trace_goes_on_what_passes_is_news(
    trace: Trace, traces: TraceStore, wire: FakeWire, is_running: bool
) -> None:
    trace.add("orders", "x", Kind.SERVER, 0, None if is_running else 1)
    keep(traces, trace)
    told = told_of(traces, wire.wire, TRACE)
    await anext(told)
    waiting = asyncio.ensure_future(anext(told))
    connection = wire.opened(BANK)
    for _ in range(10):
        wire.said(connection, Direction.TO_SERVER, b"GET / HTTP/1.1\r\n\r\n")
        await asyncio.sleep(0)
    assert waiting.done() is is_running
    traces.close()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


@pytest.mark.usefixtures("root")
async def test_russian_is_russian(http: httpx.AsyncClient) -> None:
    page = (await http.get(f"/story/{TRACE}?lang=ru")).text
    assert "клиент" in page
    assert "с ошибками" in page
