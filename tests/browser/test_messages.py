"""Messages in a real browser over a real stand: both brokers live, and what is done by hand."""

import json
import re
import subprocess
import sys
from itertools import product

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SCREENSHOTS, NewPage, assert_fits
from tests.conftest import LiveStand

pytestmark = pytest.mark.browser

UNREADABLE = '{"not": "a command"}'
DEAD = "orders.commands.dead"


def opened(page: Page) -> Page:
    page.goto("/messages")
    page.locator('[data-queue="orders.commands"]').wait_for()
    return page


def publish(page: Page, key: str, body: str) -> None:
    page.locator("#publish-amqp summary").click()
    form = page.locator("#publish-amqp")
    form.get_by_label("routing key").fill(key)
    form.locator("textarea").fill(body)
    form.get_by_role("button").click()


def peek(page: Page, queue: str) -> None:
    page.locator("#h-queue").select_option(queue)
    page.locator("#peek").click()


def placed(stand: LiveStand) -> str:
    """The id of the order of the contract's example."""
    base = str(httpx.URL(stand.url).port)
    words = ("call", "PlaceOrder", "--over", "rest", "--json", "--port-base", base)
    told = subprocess.run(
        [sys.executable, "-m", "stend", *words],
        capture_output=True,
        check=True,
        timeout=60,
        env=stand.environment(),
    )
    return str(json.loads(told.stdout)["result"]["order_id"])


def test_an_order_shows_up_while_the_page_is_open(new_page: NewPage, live_stand: LiveStand) -> None:
    page = opened(new_page())
    row = page.locator(f'[data-message="{placed(live_stand)}:1"]')
    row.wait_for()
    expect(row).to_contain_text("OrderPlaced")
    # It reads without a group: no broker knows where it is.
    reader = page.locator(".groups tr", has_text="analytics")
    expect(reader).to_contain_text("orders.events[0]")
    expect(page.locator('[data-topic="orders.events"]').first).to_contain_text("analytics 0")
    row.get_by_role("link").click()
    rows = page.locator(".life tbody")
    # A list that is pointed at holds still.
    page.mouse.move(0, 0)
    expect(rows).to_contain_text("stored in the log")
    expect(rows).to_contain_text("acknowledged, ack")


def test_published_rejected_peeked_requeued_and_its_whole_life(new_page: NewPage) -> None:
    page = opened(new_page())
    publish(page, "orders.commands", UNREADABLE)
    page.locator("#hand-log li").first.wait_for()
    expect(page.locator("#hand-log li").first).to_contain_text("published to AMQP default")
    # The service refuses what it cannot read: without requeue, so it goes to the dead letters.
    page.locator("#hand-log a").first.click()
    expect(page.locator(".life")).to_contain_text("goes to the DLX")
    opened(page)
    for _ in range(2):
        peek(page, DEAD)
        page.locator(".seen > li").first.wait_for()
    first = page.locator(".seen > li").first
    expect(first).to_contain_text("redelivered")
    expect(first).to_contain_text("Refused by the consumer of orders.commands")
    first.locator("input").check()
    page.locator("#requeue").click()
    expect(page.locator("#hand-log li").first).to_contain_text("orders.commands × 1")
    opened(page)
    row = page.locator("#recent tr", has_text="redelivered").first
    row.wait_for()
    row.get_by_role("link").click()
    expect(page.locator(".life")).to_contain_text("published 2 times")
    expect(page.locator(".life")).to_contain_text("duplicate: delivery 2")
    page.locator(".life tbody a").first.click()
    expect(page).to_have_url(re.compile(r"/exchanges/c\d+\.\d+(#.*)?$"))


def test_without_a_script_every_form_works(new_page: NewPage) -> None:
    page = new_page(scripts=False)
    page.goto("/messages")
    publish(page, "stock.commands.dead", "{}")
    expect(page.locator("#hand-log li").first).to_contain_text("key stock.commands.dead")
    peek(page, "stock.commands.dead")
    # Nobody has refused it, so there is nowhere to give it back to.
    expect(page.locator(".seen > li").first).to_contain_text("cannot be requeued")


@pytest.mark.parametrize(("language", "theme"), [*product(("ru", "en"), ("light", "dark"))])
def test_nothing_hangs_out_sideways(new_page: NewPage, language: str, theme: str) -> None:
    page = new_page(language, theme)
    page.goto("/messages")
    page.locator("#messages .kaf table").first.wait_for()
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for width in (1280, 400):
        assert_fits(page, width)
        name = f"messages-{language}-{theme}-{width}.png"
        page.screenshot(path=SCREENSHOTS / name, full_page=True)
