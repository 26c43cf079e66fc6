"""The figures over time: how they are computed, kept within bounds, shown and told of."""

import asyncio
import json
import math
from datetime import timedelta

import httpx
import pytest
from bs4 import BeautifulSoup
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp

from stend.chassis.metrics import REGISTRY
from stend.kit.languages import Language
from stend.portal.figures.bands import BANDS, FIGURES
from stend.portal.figures.figure import Figure, Match, Rate, Source, Unit
from stend.portal.figures.quantile import histogram_quantile
from stend.portal.figures.ring import KEPT_S, MOST_POINTS, Point, Ring
from stend.portal.figures.sampler import Sampler
from stend.portal.pages.numbers import shown
from stend.shop.catalog.stores.cache import CACHE_REQUESTS
from tests.fakes.orders import HandClock
from tests.portal.test_streams import read_and_leave


class Shop:
    """The metrics of a service under the names that the figures look for."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.clock = HandClock()
        self.requests = Counter(
            "shop_requests_total",
            "-",
            ("service", "protocol", "operation", "code"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "shop_request_duration_seconds",
            "-",
            ("service", "protocol", "operation"),
            buckets=(0.01, 0.1, 1.0),
            registry=self.registry,
        )
        self.lag = Gauge(
            "shop_consumer_lag_records",
            "-",
            ("group", "topic", "partition"),
            registry=self.registry,
        )
        self.age = Gauge(
            "shop_outbox_lag_seconds", "-", ("service", "target"), registry=self.registry
        )
        self.sampler = Sampler(self.registry, self.clock)

    def ask(self, protocol: str, count: int = 1, code: str = "ok", seconds: float = 0.05) -> None:
        self.requests.labels("orders", protocol, "GetOrder", code).inc(count)
        for _ in range(count):
            self.seconds.labels("orders", protocol, "GetOrder").observe(seconds)

    def sample(self, after_s: float = 1.0) -> None:
        self.clock.pass_by(timedelta(seconds=after_s))
        self.sampler.sample()

    def value(self, figure: str, row: str) -> float | None:
        last = self.sampler.ring.last()
        assert last is not None
        return last.figures[figure][row]


@pytest.fixture
def shop() -> Shop:
    return Shop()


# ---- quantiles ---------------------------------------------------------------------------------

# Worked out by hand, by the rule of Prometheus' documentation.
_BUCKETS = {0.1: 20.0, 0.5: 60.0, 1.0: 90.0, math.inf: 100.0}


@pytest.mark.parametrize(
    ("quantile", "value"),
    [(0.1, 0.05), (0.2, 0.1), (0.5, 0.4), (0.75, 0.75), (0.9, 1.0), (0.95, 1.0), (0.99, 1.0)],
)
def test_quantile_is_that_of_prometheus(quantile: float, value: float) -> None:
    assert histogram_quantile(quantile, _BUCKETS) == pytest.approx(value)


@pytest.mark.parametrize(
    "buckets",
    [{}, {0.1: 0.0, math.inf: 0.0}, {0.1: 5.0}, {math.inf: 5.0}],
)
def test_nothing_is_said_without_observations_or_bounds(buckets: dict[float, float]) -> None:
    assert histogram_quantile(0.5, buckets) is None


def test_quantile_in_the_first_bucket_counts_from_zero() -> None:
    assert histogram_quantile(0.5, {0.001: 10.0, math.inf: 10.0}) == pytest.approx(0.0005)


# ---- sampling ----------------------------------------------------------------------------------


def test_rate_is_the_growth_over_the_window(shop: Shop) -> None:
    shop.ask("rest", 100)
    shop.sample()
    assert shop.value("requests", "rest") is None
    for _ in range(10):
        shop.ask("rest", 4)
        shop.sample()
    assert shop.value("requests", "rest") == 4
    shop.sample()
    assert shop.value("requests", "rest") == pytest.approx(3.6)
    for _ in range(10):
        shop.sample()
    assert shop.value("requests", "rest") == 0


def test_a_series_that_was_not_there_is_counted_from_zero(shop: Shop) -> None:
    shop.sample()
    shop.ask("grpc", 3)
    shop.sample(2)
    assert shop.value("requests", "grpc") == 1.5


def test_errors_are_what_is_not_ok(shop: Shop) -> None:
    shop.sample()
    shop.ask("soap", 2)
    shop.ask("soap", 4, "overloaded")
    shop.ask("soap", 2, "not-found")
    shop.sample(2)
    assert (shop.value("requests", "soap"), shop.value("errors", "soap")) == (4, 3)


def test_quantiles_are_of_the_window_and_in_milliseconds(shop: Shop) -> None:
    shop.ask("rest", 1000, seconds=0.5)
    shop.sample()
    shop.ask("rest", 9, seconds=0.005)
    shop.ask("rest", 1, seconds=0.05)
    shop.sample()
    assert shop.value("p50", "rest") == pytest.approx(5.556)
    assert shop.value("p95", "rest") == pytest.approx(55)
    for _ in range(11):
        shop.sample()
    assert shop.value("p95", "rest") is None


def test_lags_are_summed_over_partitions_and_ages_are_the_greatest(shop: Shop) -> None:
    shop.lag.labels("analytics", "orders.events", "0").set(12_345)
    shop.lag.labels("analytics", "orders.events", "1").set(55)
    shop.age.labels("orders", "kafka").set(1.5)
    shop.age.labels("other", "kafka").set(7)
    shop.sample()
    assert shop.value("lag", "analytics|orders.events") == 12_400
    assert shop.value("outbox_lag", "kafka") == 7


def test_after_a_sleep_of_the_machine_there_is_a_gap_and_no_wrong_rate(shop: Shop) -> None:
    shop.ask("rest", 5)
    shop.sample()
    shop.ask("rest", 5)
    shop.sample(3600)
    assert shop.value("requests", "rest") is None


def test_a_clock_that_is_put_back_begins_anew(shop: Shop) -> None:
    shop.ask("rest")
    for _ in range(5):
        shop.sample()
    shop.sample(-3)
    assert len(shop.sampler.ring) == 1
    assert shop.value("requests", "rest") is None


def test_it_is_quiet_until_a_customer_asks(shop: Shop) -> None:
    shop.requests.labels("identity", "oauth", "IssueToken", "ok").inc()
    shop.sample()
    assert shop.sampler.is_quiet
    shop.ask("rest")
    shop.sample()
    assert not shop.sampler.is_quiet


async def test_points_come_until_the_stand_ends(shop: Shop) -> None:
    shop.sample()
    first = shop.sampler.ring.last()
    assert first is not None
    points = shop.sampler.points(first.at_s)
    waiting = asyncio.ensure_future(anext(points))
    await asyncio.sleep(0)
    shop.sample()
    assert (await waiting).at_s == first.at_s + 1
    # A clock that was put back must not silence the reader.
    shop.sample(-60)
    assert (await anext(points)).at_s == first.at_s - 59
    shop.sampler.close()
    assert [point async for point in points] == []


async def test_it_looks_more_often_while_somebody_watches(shop: Shop) -> None:
    running = asyncio.ensure_future(shop.sampler.run())
    try:
        async with asyncio.timeout(4):
            points = shop.sampler.points(-math.inf)
            first = await anext(points)
            shop.clock.pass_by(timedelta(seconds=1))
            # It would be five seconds, were nobody here.
            assert (await anext(points)).at_s == first.at_s + 1
            await points.aclose()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


# ---- bounds ------------------------------------------------------------------------------------


def test_ring_keeps_a_quarter_of_an_hour_and_no_more(shop: Shop) -> None:
    shop.ask("rest")
    for _ in range(MOST_POINTS + 100):
        shop.sample()
    ring = shop.sampler.ring
    times = ring.times()
    assert len(times) == MOST_POINTS
    assert times[-1] - times[0] < KEPT_S
    assert ring.size_bytes == 8 * MOST_POINTS * (1 + ring.series)


def test_ring_drops_old_points_of_a_slow_time() -> None:
    ring = Ring()
    for number in range(400):
        ring.add(Point(number * 5.0, {"requests": {"rest": float(number)}}))
    assert ring.times()[0] == 399 * 5 - KEPT_S + 5
    column = ring.columns()["requests"]["rest"]
    assert (len(column), column[-1]) == (len(ring), 399.0)


def test_ring_takes_no_more_series_than_it_has_places_for() -> None:
    ring = Ring(most_points=10, most_series=3)
    for number in range(100):
        ring.add(Point(float(number), {"lag": {f"group-{number}": 1.0}}))
    assert (ring.series, len(ring)) == (3, 10)
    assert ring.dropped == 3
    assert ring.size_bytes == 8 * 10 * 4


def test_a_late_series_has_nothing_before_it_came() -> None:
    ring = Ring()
    ring.add(Point(1.0, {"lag": {"a": 1.0}}))
    ring.add(Point(2.0, {"lag": {"a": 2.0, "b": None}}))
    ring.add(Point(3.0, {"lag": {"b": 5.0}}))
    assert ring.columns() == {"lag": {"a": [1.0, 2.0, None], "b": [None, None, 5.0]}}
    assert [point.at_s for point in ring.since(1.5)] == [2.0, 3.0]


# ---- what there is, and how Prometheus is asked ------------------------------------------------


def test_every_figure_is_of_a_metric_that_exists() -> None:
    names = {family.name: family for family in REGISTRY.collect()}
    assert {one.name for one in CACHE_REQUESTS.describe()} <= set(names)
    for figure in FIGURES:
        sample = figure.of.source.sample
        family = sample.removesuffix("_total").removesuffix("_bucket").removesuffix("_count")
        assert family in names, sample
        kind = {"Rate": {"counter", "histogram"}, "Level": {"gauge"}, "Quantile": {"histogram"}}
        assert names[family].type in kind[type(figure.of).__name__], sample
    keys = [figure.key for figure in FIGURES]
    assert len(set(keys)) == len(keys)
    assert len({band.key for band in BANDS}) == len(BANDS)


@pytest.mark.parametrize(
    ("key", "row", "promql"),
    [
        ("requests", None, "sum by (protocol) (rate(shop_requests_total[10s]))"),
        (
            "errors",
            "rest",
            'sum by (protocol) (rate(shop_requests_total{protocol="rest", code!="ok"}[10s]))',
        ),
        (
            "p95",
            "grpc",
            (
                "1000 * histogram_quantile(0.95, sum by (le, protocol) "
                '(rate(shop_request_duration_seconds_bucket{protocol="grpc"}[10s])))'
            ),
        ),
        (
            "saga_p50",
            None,
            (
                "histogram_quantile(0.5, sum by (le, outcome) "
                "(rate(shop_saga_duration_seconds_bucket[10s])))"
            ),
        ),
        (
            "lag",
            "analytics|orders.events",
            (
                "sum by (group, topic) "
                '(shop_consumer_lag_records{group="analytics", topic="orders.events"})'
            ),
        ),
        ("outbox_lag", "kafka", 'max by (target) (shop_outbox_lag_seconds{target="kafka"})'),
    ],
)
def test_promql_asks_for_the_same_figure(key: str, row: str | None, promql: str) -> None:
    figure = next(one for one in FIGURES if one.key == key)
    assert figure.promql(row) == promql


def test_promql_quotes_what_a_label_holds() -> None:
    figure = Figure("odd", Rate(Source("a_total", ("b",), (Match("c", 'x"\\y'),))))
    assert figure.promql('"') == 'sum by (b) (rate(a_total{b="\\"", c="x\\"\\\\y"}[10s]))'


# ---- the page ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "russian", "english"),
    [
        (None, Unit.PER_SECOND, "–", "–"),
        (0.0, Unit.PER_SECOND, "0", "0"),
        (0.1, Unit.PER_SECOND, "0,10", "0.10"),
        (12.34, Unit.MILLISECONDS, "12,3", "12.3"),
        (1234.5, Unit.MILLISECONDS, "1 234", "1,234"),
        (12_400.0, Unit.COUNT, "12 400", "12,400"),
    ],
)
def test_values_are_written_as_a_reader_writes_them(
    value: float | None, unit: Unit, russian: str, english: str
) -> None:
    assert shown(value, unit, Language.RU).replace("\u00a0", " ") == russian
    assert shown(value, unit, Language.EN) == english


@pytest.fixture
def sampler(shop: Shop) -> Sampler:
    return shop.sampler


async def test_page_has_a_value_and_a_query_for_every_row_without_a_script(
    http: httpx.AsyncClient, shop: Shop
) -> None:
    shop.sample()
    shop.ask("rest", 5)
    shop.lag.labels("analytics", "orders.events", "0").set(1200)
    shop.sample(2)
    page = BeautifulSoup((await http.get("/numbers")).text, "html.parser")
    rest = page.select_one('[data-row="rest"]')
    assert rest is not None
    assert [cell.get_text() for cell in rest.select(".cell")] == [
        "2.50",
        "–",
        "55.0",
        "95.5",
        "99.1",
    ]
    lag = page.select_one('[data-row="analytics|orders.events"] [data-figure="lag"]')
    assert lag is not None
    assert lag.get_text() == "1,200"
    assert "analytics" in str(lag["data-query"])
    assert lag["aria-label"] == "analytics · orders.events: lag, count"
    quiet = page.select_one("#quiet")
    assert quiet is not None
    assert quiet.has_attr("hidden")


async def test_a_quiet_stand_says_what_to_do(http: httpx.AsyncClient, shop: Shop) -> None:
    for _ in range(2):
        page = BeautifulSoup((await http.get("/numbers")).text, "html.parser")
        quiet = page.select_one("#quiet")
        assert quiet is not None
        assert not quiet.has_attr("hidden")
        assert "./stend traffic" in quiet.get_text()
        shop.sample()


async def test_rows_of_one_band_are_a_fragment(http: httpx.AsyncClient, shop: Shop) -> None:
    shop.lag.labels("new", "orders.events", "0").set(1)
    shop.sample()
    answer = await http.get("/numbers/fragment?band=groups")
    assert "<html" not in answer.text
    assert 'data-row="new|orders.events"' in answer.text


@pytest.fixture
async def history(portal: ASGIApp, shop: Shop) -> str:
    shop.ask("rest", 5)
    shop.sample()
    shop.sample()
    shop.sampler.close()
    transport = httpx.ASGITransport(portal)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        answer = await client.get("/numbers/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    return answer.text


def test_stream_begins_with_what_was_and_ends_with_the_stand(history: str, shop: Shop) -> None:
    event, data, *rest = history.strip().split("\n")
    assert (event, rest) == ("event: history", [])
    told = json.loads(data.removeprefix("data: "))
    assert told["times"] == shop.sampler.ring.times()
    assert told["figures"]["requests"]["rest"] == [None, 0.0]
    assert told["quiet"] is False


async def test_a_reader_who_leaves_is_watched_for_no_more(portal: ASGIApp, shop: Shop) -> None:
    shop.sample()
    await read_and_leave(portal, "/numbers/events", b"history")
    assert not shop.sampler.is_watched
