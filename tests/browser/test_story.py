"""The story of an order in a real browser, over a real stand whose sagas run."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage, assert_fits
from tests.conftest import stand_of_its_own
from tests.waiting import until

pytestmark = pytest.mark.browser

LIFELINES = {
    "client",
    "orders",
    "stock",
    "payments",
    "loyalty",
    "delivery",
    "Kafka",
    "RabbitMQ",
    "PostgreSQL",
}
_PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def stand_url() -> Iterator[str]:
    with stand_of_its_own() as stand:
        stand.up()
        stand.command("call", "PlaceOrder", "--over", "rest")
        yield stand.url


@pytest.fixture(scope="module")
def story(stand_url: str) -> str:
    """The address of the order's story, once a courier has it."""

    def told() -> str | None:
        traces = httpx.get(f"{stand_url}/stand/traces").json()["traces"]
        found = (one for one in traces if {"delivery", "analytics"} <= set(one["services"]))
        return next((f"/story/{one['trace_id']}" for one in found), None)

    return until(told, 30) or ""


def test_an_order_has_a_lifeline_for_each_who_took_part(new_page: NewPage, story: str) -> None:
    page = new_page()
    page.goto("/story")
    page.locator(f'a[href="{story}"]').click()
    expect(page.locator(".msg").first).to_be_visible()
    assert set(page.locator(".heads .name").all_text_contents()) >= LIFELINES
    assert_fits(page)


def test_an_arrow_opens_its_bytes_and_keys_walk_on(new_page: NewPage, story: str) -> None:
    page = new_page()
    page.goto(story)
    call = page.locator(".msg", has_text="Authorise").first
    call.click()
    drawer = page.locator("#drawer")
    expect(drawer.locator(".tree [role=treeitem]").first).to_be_visible()
    expect(drawer.locator(".unit-name")).to_have_text("POST /soap/bank")
    assert page.url.endswith("#" + (call.get_attribute("id") or "?"))
    page.keyboard.press("ArrowDown")
    expect(call).to_have_attribute("aria-pressed", "false")
    expect(page.locator('.msg[aria-pressed="true"]')).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(call).to_be_focused()
    page.keyboard.press("Enter")
    expect(drawer.locator(".unit-name")).to_have_text("POST /soap/bank")


def test_an_exchange_leads_back_to_its_arrow(new_page: NewPage, story: str) -> None:
    page = new_page()
    page.goto(f"{story}?view=all")
    page.locator(".msg", has_text="COMMIT").first.click()
    page.locator("#drawer header a").click()
    expect(page.locator("h1")).to_be_visible()
    page.locator('a[href*="#s-"]').click()
    expect(page.locator('.msg[aria-pressed="true"]')).to_have_count(1)
    expect(page.locator("#drawer .unit-name")).to_be_visible()


def test_a_fold_is_spread_out_and_stores_are_left_out(new_page: NewPage, story: str) -> None:
    page = new_page()
    page.goto(story)
    folded = page.locator(".msg", has_text="×").first
    number = folded.get_attribute("id") or "?"
    folded.click()
    page.locator("#drawer header a", has_text="Spread out").click()
    expect(page.locator(f"#{number}")).not_to_contain_text("×")
    expect(page.locator(f"#{number}")).to_have_attribute("aria-pressed", "true")
    page.locator(".under a", has_text="Services").click()
    expect(page.locator(".heads", has_text="PostgreSQL")).to_have_count(0)


def test_a_call_without_an_answer_waits_and_then_is_lost(new_page: NewPage, stand_url: str) -> None:
    fault = {"kind": "black_hole", "source": "orders", "target": "payments"}
    httpx.post(f"{stand_url}/stand/faults", json=fault).raise_for_status()
    try:
        page = new_page()
        page.goto("/playground?operation=PlaceOrder&protocol=rest")
        page.locator("#send").click()
        expect(page.locator("#answer .status")).to_have_text("201 Created")
        order = page.locator("#copy-order").get_attribute("data-copy") or ""
        page.goto(f"/story/{order}")
        # A picture that is pointed at holds still.
        page.mouse.move(0, 0)
        call = page.locator(".msg", has_text="Authorise").first
        expect(call).to_contain_text("no answer yet")
        expect(call).not_to_contain_text("no answer yet", timeout=20_000)
        expect(call).to_contain_text("no answer")
        expect(page.locator("#story-head .bad, #story-head .wait").first).to_be_visible()
        lost = page.locator(".msg", has_text="Authorise").filter(has_text="no answer")
        expect(lost.locator(".glyph-fail").first).to_be_attached()
        # A page without the picture tells it, too.
        shown = httpx.get(f"{page.url.partition('#')[0].rstrip('/')}.json").json()
        assert any(row.get("lost") for row in shown["rows"])
        assert shown["error"]
    finally:
        httpx.delete(f"{stand_url}/stand/faults")


def test_a_stream_is_drawn_as_one_and_counts_its_messages(
    new_page: NewPage, stand_url: str
) -> None:
    page = new_page()
    page.goto("/playground?operation=PlaceOrder&protocol=rest")
    page.locator("#send").click()
    order = page.locator("#copy-order").get_attribute("data-copy") or ""
    page.goto(f"/playground?operation=TrackOrder&protocol=grpc&order_id={order}")
    page.locator("#send").click()
    expect(page.locator("#answer .stream")).to_be_visible()

    def told() -> str | None:
        traces = httpx.get(f"{stand_url}/stand/traces").json()["traces"]
        found = (one for one in traces if "TrackOrder" in one["root"])
        return next((one["trace_id"] for one in found), None)

    page.goto(f"/story/{until(told)}")
    stream = page.locator(".msg", has=page.locator("path.stream")).first
    expect(stream).to_contain_text("(1 out,")


def test_other_forms_are_saved(new_page: NewPage, story: str) -> None:
    page = new_page()
    page.goto(story)
    page.locator("#export summary").click()
    for form, begins in (("mmd", b"sequenceDiagram"), ("puml", b"@startuml"), ("svg", b"<svg")):
        with page.expect_download() as saving:
            page.locator(f'[data-save="{form}"]').click()
        assert Path(saving.value.path()).read_bytes().startswith(begins)
    with page.expect_download() as saving:
        page.locator("#png").click()
    pixels = Path(saving.value.path()).read_bytes()
    assert pixels.startswith(_PNG)
    assert len(pixels) > 20_000
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator('[data-form="mmd"]').click()
    expect(page.locator('[data-form="mmd"]')).to_have_class("btn sm done")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("sequenceDiagram")


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_in_both_languages_and_themes(
    new_page: NewPage, story: str, language: str, theme: str
) -> None:
    page = new_page(language, theme)
    for address in ("/story", story):
        page.goto(address)
        title = "История" if language == "ru" else "Story"
        expect(page).to_have_title(f"{title} · stend" if address == "/story" else page.title())
        assert_fits(page, 1440, 1024, 390)
    # Too narrow for a diagram.
    expect(page.locator(".steps li").first).to_be_visible()
    expect(page.locator(".canvas")).to_be_hidden()
