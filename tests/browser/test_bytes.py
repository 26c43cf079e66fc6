"""Bytes in a real browser: the tree and the dump linked both ways, the list, the price list."""

import re
from itertools import product

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import SCREENSHOTS, NewPage, assert_fits
from tests.conftest import LiveStand

pytestmark = pytest.mark.browser

NO_SUCH_ORDER = "ord_01JD7W9K3T5X8Q2M4V6B8N0P1R"
PLACE = "/playground?operation=PlaceOrder&protocol=rest"


def called(page: Page, address: str = PLACE, status: str = "201 Created") -> None:
    page.goto(address)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#answer .status")).to_have_text(status, timeout=30_000)


def opened(page: Page) -> str:
    """The page of the exchange of one call over REST, at its answer. Returns its path."""
    called(page)
    path = page.locator("#pane-rest header a[href^='/exchanges/']").get_attribute("href") or ""
    assert re.fullmatch(r"/exchanges/c\d+\.\d+", path)
    page.goto(f"{path}#u2")
    expect(field(page, "status-line")).to_be_visible()
    return path


def field(page: Page, path: str) -> Locator:
    return page.locator(f'.tree [data-path="{path}"]')


def lit(page: Page, mark: str) -> str:
    """The bytes of the dump that carry a mark, as text."""
    return "".join(page.locator(f".hex s b.{mark}").all_text_contents())


def test_field_and_its_bytes_are_linked_by_pointing(new_page: NewPage) -> None:
    page = new_page()
    opened(page)
    field(page, "header%20section/content-type").hover()
    expect(page.locator(".spec .where b")).to_have_text("header section › content-type")
    expect(page.locator(".spec .where span")).to_contain_text("RFC 9110")
    assert lit(page, "hot").lower() == "content-type: application/json··"
    page.locator('.hex i[data-at="9"]').hover()
    expect(field(page, "status-line/status-code")).to_have_class(re.compile("hot"))
    assert lit(page, "hot") == "201"
    page.locator("h1").hover()
    expect(page.locator(".hex .hot")).to_have_count(0)


def test_field_is_pinned_from_both_sides_and_let_go(new_page: NewPage) -> None:
    page = new_page()
    opened(page)
    page.locator('.hex i[data-at="0"]').click()
    expect(field(page, "status-line/HTTP-version")).to_have_attribute("aria-selected", "true")
    expect(page).to_have_url(re.compile(r"#u2\.f/status-line/HTTP-version$"))
    field(page, "status-line/reason-phrase").click()
    assert lit(page, "on") == "Created"
    page.locator("h1").hover()
    expect(page.locator(".spec .where b")).to_have_text("status-line › reason-phrase")
    page.keyboard.press("Escape")
    expect(page.locator('.tree [aria-selected="true"]')).to_have_count(0)
    expect(page).to_have_url(re.compile(r"#u2$"))


def test_keys_walk_the_tree(new_page: NewPage) -> None:
    page = new_page()
    opened(page)
    chosen = page.locator(".units a[aria-current]")
    chosen.focus()
    page.keyboard.press("Tab")
    expect(field(page, "status-line")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(field(page, "status-line/HTTP-version")).to_be_focused()
    assert lit(page, "hot") == "HTTP/1.1"
    page.keyboard.press("ArrowLeft")
    expect(field(page, "status-line")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(field(page, "status-line")).to_have_attribute("aria-expanded", "false")
    expect(field(page, "status-line/HTTP-version")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(field(page, "status-line/HTTP-version")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("End")
    page.keyboard.press("Home")
    expect(field(page, "status-line")).to_be_focused()
    assert page.locator('.tree [tabindex="0"]').count() == 1
    page.keyboard.press("Escape")
    expect(chosen).to_be_focused()


def test_address_of_a_field_survives_a_reload_and_is_sent_on(new_page: NewPage) -> None:
    page = new_page("ru")
    path = opened(page)
    field(page, "header%20section/content-type").click()
    address = page.url
    page.reload()
    expect(field(page, "header%20section/content-type")).to_have_attribute("aria-selected", "true")
    assert lit(page, "on").lower().startswith("content-type")
    other = new_page("en")
    other.goto(address)
    expect(other.locator(".spec .where b")).to_have_text("header section › content-type")
    # The address of a field that is not there leaves the unit.
    other.goto(f"{path}#u1.f/nothing/here")
    expect(other.locator(".unit-name")).to_contain_text("POST")
    expect(other).to_have_url(re.compile(r"#u1$"))


def test_payload_is_solid_and_framing_is_hatched(new_page: NewPage) -> None:
    page = new_page()
    opened(page)
    expect(page.locator('.hex i[data-at="0"]')).to_have_class("w")
    page.locator(".hexbox").evaluate("box => { box.scrollTop = box.scrollHeight; }")
    expect(page.locator(".hex i[data-at]").last).to_have_class("y")


def test_inner_bytes_are_turned_to_and_back(new_page: NewPage) -> None:
    page = new_page()
    called(
        page, f"/playground?operation=GetOrder&protocol=websocket&order_id={NO_SUCH_ORDER}", "error"
    )
    pane = page.locator("#pane-websocket")
    # What a client sends is masked (RFC 6455, section 5.3).
    pane.locator(".units a").first.click()
    expect(pane.locator('.tree [data-path="Masking-key"]')).to_be_visible()
    expect(pane.locator(".space-how")).to_have_text("bytes as on the wire")
    wire = pane.locator(".hex s").first.text_content()
    pane.locator("[data-space=inner]").click()
    expect(pane.locator(".space-how")).to_contain_text("Payload data")
    expect(pane.locator(".hex s").first).to_contain_text("{")
    pane.locator("[data-space=wire]").click()
    expect(pane.locator(".hex s").first).to_have_text(wire or "")


def test_silent_portal_is_asked_again(new_page: NewPage) -> None:
    page = new_page()
    opened(page)
    silent = True

    def answer(route: Route) -> None:
        if silent:
            # Half an answer: a request that is cut would be a complaint of the browser's own.
            route.fulfill(status=200, content_type="application/json", body='{"rows": [')
        else:
            route.continue_()

    page.route("**/units/1", answer)
    page.locator(".units a").first.click()
    expect(page.locator(".tree .state")).to_contain_text("did not answer")
    silent = False
    expect(page.locator('.tree [data-path="request-line"]')).to_be_visible(timeout=5_000)


def test_exchange_is_read_without_scripts(new_page: NewPage) -> None:
    page = new_page()
    path = opened(page)
    plain = new_page(scripts=False)
    plain.goto(f"{path}?unit=2")
    expect(plain.locator(".tree ul").first).to_contain_text("status-code")
    expect(plain.locator(".plain-hex")).to_contain_text("0000  48 54 54 50")


def test_list_grows_freezes_and_waits_while_somebody_points(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/exchanges?edge=client→shop&text=POST%20/api/v1/orders")
    newest = page.locator("#rows tr").first
    caller = new_page()
    called(caller)
    expect(newest.locator(".what a")).to_have_text("POST /api/v1/orders")
    seen = newest.get_attribute("data-id")
    page.locator("#passed-box").hover()
    called(caller)
    expect(page.locator("#waiting")).to_have_text(re.compile(r"^new ones waiting: [1-9]"))
    expect(newest).to_have_attribute("data-id", seen or "")
    page.locator("h1").hover()
    expect(newest).not_to_have_attribute("data-id", seen or "")
    page.locator("#freeze").click()
    seen = newest.get_attribute("data-id")
    called(caller)
    expect(page.locator("#waiting")).to_be_visible()
    expect(newest).to_have_attribute("data-id", seen or "")
    page.locator("#freeze").click()
    expect(newest).not_to_have_attribute("data-id", seen or "")
    expect(page.locator("#left-off")).to_have_text(re.compile(r"^\d+$"))
    newest.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/exchanges/c\d+\.\d+"))


def test_filter_stands_in_the_address(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/exchanges")
    page.locator("#f-text").fill("no such exchange at all")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("text=no"))
    expect(page.locator("#none h2")).to_have_text("There are no such exchanges")
    page.locator("#none a").click()
    expect(page).to_have_url(re.compile(r"/exchanges$"))


def test_background_is_hidden_counted_and_shown_with_the_keyboard(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/exchanges?edge=delivery→redis")
    pings = page.locator("#rows .sum", has_text=re.compile("^PING$"))
    hidden = page.locator("#hidden")
    expect(hidden).to_have_text(re.compile(r"^[1-9]\d*$"))
    # It goes on counting, without a row.
    expect(hidden).not_to_have_text(hidden.inner_text(), timeout=20_000)
    expect(pings).to_have_count(0)
    page.locator("[name=background]").focus()
    page.keyboard.press("Space")
    expect(page).to_have_url(re.compile("background=1"))
    expect(page).to_have_url(re.compile("edge=delivery"))
    expect(pings.first).to_be_visible()
    expect(hidden).to_have_count(0)


def test_protocols_are_priced_side_by_side(new_page: NewPage) -> None:
    page = new_page()
    page.goto(PLACE)
    page.locator("#with-all").click()
    page.keyboard.press("Control+Enter")
    rows = page.locator(".price-table tr[data-price]")
    expect(rows).to_have_count(9, timeout=30_000)
    for row in rows.all():
        assert int(row.locator("td[data-up]").inner_text()) > 100
        assert int(row.locator("td[data-trips]").inner_text()) > 0
        # Everything is decoded, so that payload can be told from framing.
        expect(row.locator(".bar .unknown")).to_have_count(0)
    expect(page.locator(".pane .hex i[data-at]").first).to_be_visible()
    # A comparison that is repeated has new keys: the field shows the next one.
    key = page.locator("[name=idempotency_key]").input_value()
    assert key not in page.locator("#answer").inner_text()


def test_network_is_a_calculation_until_it_is_measured(new_page: NewPage) -> None:
    page = new_page()
    called(page)
    total = page.locator("tr[data-price=rest] .tot")
    expect(page.locator("#how")).to_have_text("measured")
    measured = total.inner_text()
    page.locator("#rtt").fill("300")
    expect(page.locator("#how")).to_have_text("calculation")
    expect(total).not_to_have_text(measured)
    page.locator("#rtt").fill("0")
    expect(page.locator("#how")).to_have_text("measured")
    expect(total).to_have_text(measured)
    page.locator("#pane-rest summary").click()
    expect(page.locator("#pane-rest dl")).to_contain_text("does not happen here, because")


def test_exchange_that_is_gone_says_so(new_page: NewPage, live_stand: LiveStand) -> None:
    page = new_page(scripts=False)
    # The browser complains of the status itself, which is what is asked for here.
    answer = page.request.get(f"{live_stand.url}/exchanges/c999999.1")
    assert answer.status == 404
    assert "The ring holds" in answer.text()


@pytest.mark.parametrize("language", ["ru", "en"])
def test_no_page_of_bytes_scrolls_sideways(new_page: NewPage, language: str) -> None:
    page = new_page(language)
    called(page, f"{PLACE}&with=grpc&with=amqp")
    exchange = page.locator("#pane-rest header a[href^='/exchanges/']").get_attribute("href")
    for path in (None, "/exchanges", exchange):
        if path:
            page.goto(path)
        assert_fits(page, 390, 640, 960, 1280, 1720)


def test_dump_is_narrow_where_there_is_no_room(new_page: NewPage) -> None:
    page = new_page(width=390)
    opened(page)
    for width, per_row in ((390, 8), (1280, 16), (1720, 16)):
        page.set_viewport_size({"width": width, "height": 900})
        expect(page.locator(".hex > div").first.locator("i")).to_have_count(per_row)


@pytest.mark.parametrize(("language", "theme"), list(product(("ru", "en"), ("light", "dark"))))
def test_pictures_of_bytes(new_page: NewPage, language: str, theme: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page = new_page(language, theme)
    called(page, f"{PLACE}&with=grpc&with=soap&with=amqp&with=kafka")
    page.screenshot(path=SCREENSHOTS / f"prices-{language}-{theme}.png", full_page=True)
    page.goto(page.locator("#pane-rest header a[href^='/exchanges/']").get_attribute("href") or "")
    field(page, "header%20section").click()
    page.screenshot(path=SCREENSHOTS / f"exchange-{language}-{theme}.png")
    page.goto("/exchanges")
    page.screenshot(path=SCREENSHOTS / f"exchanges-{language}-{theme}.png")
