"""The figures over time, in a real browser over a real stand."""

import re
from itertools import product

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import SCREENSHOTS, NewPage, assert_fits

pytestmark = pytest.mark.browser

LIVE = '#numbers[aria-busy="false"]'
CELL = '[data-row="{row}"] [data-figure="{figure}"]'
NUMBER = re.compile(r"^\d+(?:[.,]\d+)?$")


def opened(page: Page) -> Page:
    page.goto("/numbers")
    page.locator(LIVE).wait_for()
    return page


def ask(url: str) -> None:
    with httpx.Client(base_url=url, trust_env=False) as http:
        assert http.get("/api/v1/orders").status_code in {200, 401}


def no_event(route: Route) -> None:
    route.fulfill(status=200, content_type="text/event-stream", body="")


def test_a_call_shows_at_once_in_table_and_picture(new_page: NewPage, stand_url: str) -> None:
    page = opened(new_page())
    ask(stand_url)
    cell = page.locator(CELL.format(row="rest", figure="requests"))
    expect(cell).to_have_text(NUMBER)
    expect(page.locator("#quiet")).to_be_hidden()
    chart = page.locator('[data-band="requests"] .chart[data-figure="requests"] canvas')
    expect(chart).to_be_visible()
    # The line of REST: a picture of nothing has only axes and their texts.
    page.wait_for_function(
        """() => {
          const row = document.querySelector('[data-row="rest"]');
          const drawn = document.querySelector('.chart[data-figure="requests"] canvas');
          const copy = document.createElement('canvas');
          [copy.width, copy.height] = [drawn.width, drawn.height];
          const context = copy.getContext('2d', { willReadFrequently: true });
          context.fillStyle = getComputedStyle(row).getPropertyValue('--c').trim();
          context.fillRect(0, 0, 1, 1);
          const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
          context.clearRect(0, 0, 1, 1);
          context.drawImage(drawn, 0, 0);
          const { data } = context.getImageData(0, 0, copy.width, copy.height);
          for (let at = 0; at < data.length; at += 4) {
            if (data[at] === red && data[at + 1] === green && data[at + 2] === blue) return true;
          }
          return false;
        }"""
    )


def test_a_figure_is_chosen_by_mouse_and_by_keys_and_tells_its_query(new_page: NewPage) -> None:
    page = opened(new_page())
    page.locator(CELL.format(row="grpc", figure="p95")).click()
    query = page.locator("#query")
    expect(query).to_contain_text('rate(shop_request_duration_seconds_bucket{protocol="grpc"}')
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    expect(page.locator(CELL.format(row="graphql", figure="p50"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(query).to_contain_text("histogram_quantile(0.5, sum by (le, protocol)")
    # One figure of the whole page is chosen.
    page.locator('[data-band="brokers"] thead [data-figure="published"]').click()
    expect(query).to_have_text("sum by (broker) (rate(shop_messages_published_total[10s]))")
    expect(page.locator('.cell[aria-pressed="true"]')).to_have_count(1)
    page.keyboard.press("Escape")
    expect(query).to_be_hidden()
    expect(page.locator("#query-copy")).to_be_disabled()


def test_a_frozen_picture_stands_still_and_catches_up(new_page: NewPage) -> None:
    page = opened(new_page())
    at = page.locator('[data-band="requests"] .at')
    page.locator("#freeze").click()
    expect(page.locator("#numbers-state")).to_contain_text("froze at")
    frozen = at.inner_text()
    since = page.evaluate("performance.now()")
    page.wait_for_function("since => performance.now() > since + 2500", arg=since)
    assert at.inner_text() == frozen
    page.locator("#freeze").click()
    expect(at).not_to_have_text(frozen)
    expect(page.locator("#numbers-state")).to_have_text("live")


def test_a_silent_stand_keeps_the_picture_and_says_since_when(new_page: NewPage) -> None:
    page = opened(new_page())
    page.route("**/numbers/events", no_event)
    # What a hidden tab does when it is shown again.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#numbers-state")).to_have_text(re.compile(r"no data since \d\d:\d\d:\d\d"))
    expect(page.locator('[data-band="requests"] canvas').first).to_be_visible()
    page.unroute("**/numbers/events")
    expect(page.locator("#numbers-state")).to_have_text("live")


def test_a_stand_that_never_answered_says_so(new_page: NewPage) -> None:
    page = new_page()
    page.route("**/numbers/events", no_event)
    page.goto("/numbers")
    expect(page.locator("#lost")).to_be_visible()


@pytest.mark.parametrize(("language", "theme"), list(product(("ru", "en"), ("light", "dark"))))
def test_page_fits_and_follows_theme_and_language(
    new_page: NewPage, language: str, theme: str
) -> None:
    page = opened(new_page(language, theme))
    expect(page.locator("h1")).to_have_text({"ru": "Числа", "en": "Numbers"}[language])
    for width in (1920, 1280, 640, 400):
        assert_fits(page, width)
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"numbers-{language}-{theme}-{width}.png")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.locator("#theme").click()
    expect(page.locator("html")).to_have_attribute(
        "data-theme", {"light": "dark", "dark": "light"}[theme]
    )
    expect(page.locator('[data-band="requests"] canvas').first).to_be_visible()


def test_values_are_read_without_a_script(new_page: NewPage) -> None:
    page = new_page(scripts=False)
    page.goto("/numbers")
    expect(page.locator('[data-row="rest"] .cell')).to_have_count(5)
