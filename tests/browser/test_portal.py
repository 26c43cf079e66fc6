"""The portal in a real browser, over a real stand."""

import re
from itertools import product

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import SCREENSHOTS, NewPage, assert_fits
from tests.conftest import LiveStand

pytestmark = pytest.mark.browser

ORDER_ID = re.compile(r"ord_[0-7][0-9A-HJKMNP-TV-Z]{25}")
PAGES = ("/", "/playground", "/numbers", "/tokens", "/errors", "/errors/invalid-argument")
WIDTHS = (390, 640, 1280)
ALL_READY = re.compile(r"^(\d+) of \1 ready$")


def placed(page: Page) -> str:
    """Places an order in the playground over REST and gives back its id."""
    page.goto("/playground?operation=PlaceOrder&protocol=rest")
    page.locator("#send").click()
    expect(page.locator("#answer .status")).to_have_text("201 Created")
    order_id = page.locator("#copy-order").get_attribute("data-copy") or ""
    assert ORDER_ID.fullmatch(order_id)
    return order_id


def test_home_shows_a_stand_that_is_ready(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/")
    expect(page.locator("#stand-state")).to_have_text(ALL_READY)
    expect(page.locator("#node-orders")).to_have_attribute("aria-label", "orders: ready")
    expect(page.locator("#node-postgresql .sub")).to_contain_text("real")
    expect(page.locator("#part-title")).to_have_text("orders")


def test_part_is_chosen_by_mouse_keys_and_address(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/")
    page.locator("#node-stock").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#node-postgresql")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#part-title")).to_have_text("PostgreSQL")
    expect(page.locator("#node-postgresql")).to_be_focused()
    expect(page).to_have_url(re.compile(r"/\?part=postgresql$"))
    page.reload()
    expect(page.locator("#part-title")).to_have_text("PostgreSQL")
    page.locator("tr", has=page.locator("#row-orders")).click()
    expect(page.locator("#part-title")).to_have_text("orders")
    page.go_back()
    expect(page.locator("#part-title")).to_have_text("PostgreSQL")


def test_a_refresh_on_its_way_does_not_bring_the_former_part_back(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/?part=orders")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    # The stand may change by itself: then that refresh is the one that is held.
    with page.expect_request("**/stand/fragment/home?part=orders"):
        page.route("**/stand/fragment/home?part=orders", hold)
        page.evaluate("htmx.trigger(document.body, 'stand-changed')")
    page.locator("#node-postgresql").click()
    expect(page.locator("#part-title")).to_have_text("PostgreSQL")
    with page.expect_request("**/stand/fragment/home?part=postgresql"):
        page.evaluate("htmx.trigger(document.body, 'stand-changed')")
    expect(page.locator("#part-title")).to_have_text("PostgreSQL")
    assert held


def test_limits_of_an_engine_are_read_on_its_panel(new_page: NewPage) -> None:
    page = new_page("ru")
    page.goto("/")
    page.locator("#node-rabbitmq").click()
    expect(page.locator(".side .tier")).to_have_text("эмуляция")
    expect(page.locator("#limit-streams")).to_contain_text("нет потоков")
    page.locator("[data-language=en]").click()
    expect(page.locator("#limit-streams")).to_contain_text("no streams")


def test_portal_works_through_the_gateway(new_page: NewPage, live_stand: LiveStand) -> None:
    page = new_page()
    page.goto(f"http://127.0.0.1:{live_stand.port_base + 80}/")
    expect(page.locator("#stand-state")).to_have_text(ALL_READY)
    page.locator("#act-call").click()
    page.locator("#send").click()
    expect(page.locator("#answer .status")).to_have_text("201 Created")
    page.locator("[data-follow=track]").click()
    expect(page.locator("#stream-rows")).to_contain_text("OrderPlaced")


def test_address_is_copied_directly_and_through_the_tap(new_page: NewPage, stand_url: str) -> None:
    page = new_page()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/?part=orders")
    page.locator("#copy-1").click()
    expect(page.locator("#copy-1")).to_have_class(re.compile("done"))
    direct = page.evaluate("navigator.clipboard.readText()")
    assert direct.startswith(stand_url)
    page.locator("#route-tap").click()
    expect(page.locator("#copy-1")).to_be_hidden()
    page.locator("#copy-tap-1").click()
    expect(page.locator("#copy-tap-1")).to_have_class(re.compile("done"))
    assert page.evaluate("navigator.clipboard.readText()") != direct
    page.reload()
    expect(page.locator("#copy-tap-1")).to_be_visible()


def test_theme_and_language_are_remembered(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/playground?operation=GetOrder&protocol=grpc&order_id=ord_x")
    page.locator("#theme").click()
    page.locator("[data-language=ru]").click()
    root = page.locator("html")
    expect(root).to_have_attribute("lang", "ru")
    expect(root).to_have_attribute("data-theme", "dark")
    expect(page.locator("[name=order_id]")).to_have_value("ord_x")
    assert "lang=" not in page.url
    page.goto("/errors")
    expect(root).to_have_attribute("lang", "ru")
    expect(root).to_have_attribute("data-theme", "dark")


def test_order_is_placed_over_rest_and_read_over_grpc(new_page: NewPage) -> None:
    page = new_page()
    order_id = placed(page)
    page.locator("[data-follow=get-grpc]").click()
    expect(page).to_have_url(re.compile("operation=GetOrder&protocol=grpc"))
    expect(page.locator("#answer .status")).to_have_text("OK")
    expect(page.locator("#answer pre")).to_contain_text(order_id)
    page.locator("[data-follow=cancel]").click()
    expect(page.locator("#answer .gist")).to_contain_text("cancelled")


@pytest.mark.parametrize(
    "protocol", ["jsonrpc", "soap", "graphql", "websocket", "amqp", "kafka", "mcp"]
)
def test_order_is_placed_and_followed_over(new_page: NewPage, protocol: str) -> None:
    page = new_page()
    page.goto(f"/playground?operation=PlaceOrder&protocol={protocol}")
    page.locator("#send").click()
    expect(page.locator("#copy-order")).to_be_visible(timeout=15_000)
    assert_fits(page)
    page.locator("[data-follow=track]").click()
    expect(page.locator("#stream-rows")).to_contain_text("OrderPlaced")


def test_caller_without_the_scope_is_refused_and_finds_the_tokens(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/tokens")
    page.locator("#try-readonly").click()
    expect(page.locator("#as")).to_have_value("readonly")
    page.locator("#send").click()
    expect(page.locator("#answer .status")).to_have_text("200 OK")
    page.locator("[data-operation=PlaceOrder]").click()
    page.locator("#send").click()
    expect(page.locator("#answer .status")).to_have_text("403 Forbidden")
    expect(page.locator("#answer .err b")).to_have_text("Access refused")
    page.locator("#answer .err a[href='/tokens']").click()
    expect(page.locator("h1")).to_have_text("Tokens")


def test_own_token_is_sent_and_is_in_no_address(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/tokens")
    token = page.locator("#copy-operator").get_attribute("data-copy") or ""
    page.goto("/playground?operation=PlaceOrder")
    expect(page.locator("#credential")).to_be_hidden()
    page.locator("#as").select_option("custom")
    page.locator("#credential").fill(token)
    expect(page.locator("#text-curl")).to_contain_text(token)
    page.locator("#send").click()
    expect(page.locator("#answer .status")).to_have_text("201 Created")
    page.locator("[data-follow=track]").click()
    expect(page.locator("#stream-rows")).to_contain_text("OrderPlaced")
    expect(page.locator("#as")).to_have_value("custom")
    expect(page.locator("#credential")).to_have_value(token)
    assert token.removeprefix("Bearer ") not in page.url


def test_follow_up_runs_only_after_a_click(new_page: NewPage) -> None:
    page = new_page()
    order_id = placed(page)
    page.goto(f"/playground?operation=CancelOrder&protocol=rest&order_id={order_id}")
    expect(page.locator("#answer .blank")).to_be_visible()


def test_last_order_is_remembered(new_page: NewPage) -> None:
    page = new_page()
    order_id = placed(page)
    page.locator("[data-operation=GetOrder]").click()
    expect(page.locator("[name=order_id]")).to_have_value(order_id)
    expect(page.locator("#text-curl")).to_contain_text(order_id)


def test_events_come_while_they_happen(new_page: NewPage) -> None:
    page = new_page()
    order_id = placed(page)
    page.locator("[data-follow=track]").click()
    expect(page.locator("#stream-rows")).to_contain_text("OrderPlaced")
    other = page.context.new_page()
    other.goto(f"/playground?operation=CancelOrder&protocol=grpc&order_id={order_id}")
    other.keyboard.press("Control+Enter")
    expect(other.locator("#answer .gist")).to_contain_text("cancelled")
    expect(page.locator("#stream-rows")).to_contain_text("OrderCancelled")
    expect(page.locator("#stream-state")).to_contain_text("no more events")


def test_stream_is_stopped_by_hand(new_page: NewPage) -> None:
    page = new_page()
    placed(page)
    page.locator("[data-follow=track]").click()
    expect(page.locator("#stream-rows tr").first).to_be_visible()
    page.locator("#stop").click()
    expect(page.locator("#stream-state")).to_have_text("stopped by you")


def test_error_says_what_and_leads_to_its_page(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/playground?operation=PlaceOrder&protocol=grpc")
    page.locator("[name='lines.0.quantity']").fill("0")
    page.locator("#send").click()
    expect(page.locator("#answer .status")).to_have_text("INVALID_ARGUMENT")
    expect(page.locator("#answer .err")).to_contain_text("invalid-order")
    page.locator("#answer .err a").click()
    expect(page.locator("h1")).to_have_text("invalid-order")


def test_form_keeps_its_state_in_the_address(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/playground")
    page.locator("[data-add-row]").click()
    page.locator("[name='lines.2.sku']").fill("TEA-001")
    page.locator("[name='lines.2.quantity']").fill("3")
    page.locator("[data-remove-row]").first.click()
    page.locator("[name='address.street']").fill('ул. "Мира" & Ко')
    expect(page.locator("#text-curl")).to_contain_text("ул.")
    page.locator(".chip[data-protocol=grpc]").click()
    expect(page.locator("[name='lines.1.sku']")).to_have_value("TEA-001")
    expect(page.locator("[name='lines.2.sku']")).to_have_count(0)
    expect(page.locator("[name='address.street']")).to_have_value('ул. "Мира" & Ко')
    page.reload()
    expect(page.locator("[name='lines.1.quantity']")).to_have_value("3")


def test_address_of_a_fresh_form_can_be_sent_on(new_page: NewPage) -> None:
    page = new_page()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/playground")
    key = page.locator("[name=idempotency_key]").input_value()
    page.locator("#copy-link").click()
    expect(page.locator("#copy-link")).to_have_class(re.compile("done"))
    page.goto(page.evaluate("navigator.clipboard.readText()"))
    expect(page.locator("[name=idempotency_key]")).to_have_value(key)


def test_silent_portal_keeps_the_picture_and_says_since_when(new_page: NewPage) -> None:
    page = new_page()
    # A stream that ends at once, as that of a portal which has just been stopped.
    page.route(
        "**/stand/events",
        lambda route: route.fulfill(status=200, content_type="text/event-stream", body=""),
    )
    page.goto("/")
    expect(page.locator("#stale")).to_have_text(re.compile(r"no answer since \d\d:\d\d:\d\d"))
    expect(page.locator("#stand-state")).to_be_hidden()
    expect(page.locator("#node-orders")).to_be_visible()
    page.unroute("**/stand/events")
    expect(page.locator("#stand-state")).to_have_text(ALL_READY)
    expect(page.locator("#stale")).to_be_hidden()


def test_order_is_placed_without_scripts(new_page: NewPage) -> None:
    page = new_page(scripts=False)
    page.goto("/")
    page.locator("#act-call").click()
    page.locator("#send").click()
    expect(page.locator("#answer .status")).to_have_text("201 Created")
    expect(page.locator("#text-httpx")).to_be_visible()


def test_new_key_is_fresh(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/playground")
    key = page.locator("[name=idempotency_key]")
    before = key.input_value()
    page.locator("#new-key").click()
    expect(key).not_to_have_value(before)
    expect(page.locator("#text-curl")).not_to_contain_text(before)


def test_snippet_is_copied_as_it_stands(new_page: NewPage) -> None:
    page = new_page()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/playground?protocol=grpc")
    page.locator("#tab-grpcurl").click()
    page.locator("#copy-grpcurl").click()
    expect(page.locator("#copy-grpcurl")).to_have_class(re.compile("done"))
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("grpcurl -plaintext")
    assert "Лесная улица" in copied


@pytest.mark.parametrize("language", ["ru", "en"])
def test_no_page_scrolls_sideways(new_page: NewPage, language: str) -> None:
    page = new_page(language)
    for path in PAGES:
        page.goto(path)
        assert_fits(page, *WIDTHS)
    placed(page)
    assert_fits(page, *WIDTHS)


def test_pictures_of_the_main_pages(new_page: NewPage) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for language, theme in product(("ru", "en"), ("light", "dark")):
        page = new_page(language, theme, width=1440)
        page.goto("/")
        expect(page.locator("#node-orders.ok")).to_be_visible()
        page.screenshot(path=SCREENSHOTS / f"home-{language}-{theme}.png")
        page.goto("/?part=rabbitmq")
        expect(page.locator("#limit-streams")).to_be_visible()
        page.screenshot(path=SCREENSHOTS / f"rabbitmq-{language}-{theme}.png")
        page.goto("/?part=kafka")
        expect(page.locator(".side .tier")).to_be_visible()
        page.screenshot(path=SCREENSHOTS / f"kafka-{language}-{theme}.png")
        placed(page)
        page.screenshot(path=SCREENSHOTS / f"playground-{language}-{theme}.png")
