"""A session of a real stand, opened without it: bytes and arrows in both languages and themes."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import SCREENSHOTS, NewPage, assert_fits
from tests.conftest import LiveStand, stand_of_its_own
from tests.folders import open_folder
from tests.reader import reading
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_LATENCY = ("fault", "set", "latency", "latency_ms=40", "--on", "orders:payments", "--seed", "7")


def _paid(stand: LiveStand) -> bool:
    traces = httpx.get(f"{stand.url}/stand/traces").json()["traces"]
    return any({"delivery", "payments"} <= set(one["services"]) for one in traces)


@pytest.fixture(scope="module")
def stand_url() -> Iterator[str]:
    """Of the pages over the file: the stand that it is from has ended by then."""
    with open_folder() as folder:
        path = folder / "lavka.stend.zip"
        with stand_of_its_own() as stand:
            stand.up()
            stand.command(*_LATENCY, "--for", "600")
            stand.command("call", "PlaceOrder", "--over", "rest")
            until(lambda: _paid(stand), 30)
            done = stand.command("tap", "export", str(path))
            assert done.returncode == 0, done.stderr
        with reading(path) as reader:
            yield reader.url


@pytest.fixture(scope="module")
def story(stand_url: str) -> str:
    traces = httpx.get(f"{stand_url}/stand/traces").json()["traces"]
    found = next(one for one in traces if {"delivery", "payments"} <= set(one["services"]))
    return f"/story/{found['trace_id']}"


WORDS = {
    "en": ("read only", "seed 7", "Exchanges", "needs a running stand"),
    "ru": ("только чтение", "зерно 7", "Обмены", "у работающего стенда"),
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_bytes_and_a_story_are_read_in_each_language_and_theme(
    new_page: NewPage, story: str, language: str, theme: str
) -> None:
    only, seed, exchanges, _ = WORDS[language]
    page = new_page(language, theme)

    def kept(name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"open-{name}-{language}-{theme}.png")

    page.goto("/")
    expect(page.locator("#banner")).to_contain_text(only)
    expect(page.locator("#banner")).to_contain_text(seed)
    kept("beginning")
    page.locator("#rail a", has_text=exchanges).click()
    expect(page.locator("#passed tbody tr").first).to_be_visible()
    kept("exchanges")
    page.goto("/exchanges?edge=orders→payments")
    page.locator("#passed .what a", has_text="POST /soap/bank").last.click()
    expect(page.locator(".tree [role=treeitem]").first).to_be_visible()
    shown = [page.locator(f'.hex i[data-at="{at}"]') for at in range(4)]
    for byte, pair in zip(shown, ("50", "4f", "53", "54"), strict=True):
        expect(byte).to_have_text(pair)
    kept("exchange")
    page.goto(story)
    call = page.locator(".msg", has_text="Authorise").first
    call.click()
    expect(page.locator("#drawer .unit-name")).to_have_text("POST /soap/bank")
    expect(page.locator(".heads .name", has_text="payments")).to_be_visible()
    kept("story")
    assert_fits(page)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_what_needs_a_stand_says_so(stand_url: str, browser: Browser, language: str) -> None:
    # Not `new_page`: the console tells of every 404, and here that is the answer.
    with browser.new_context(base_url=stand_url, locale=language) as context:
        page = context.new_page()
        for address in ("/playground", "/messages", "/faults", "/numbers", "/contracts", "/docs"):
            page.goto(address)
            expect(page.locator("h1")).to_contain_text(WORDS[language][3])
            expect(page.locator("pre")).to_have_text("./stend up")
            expect(page.locator("#banner")).to_contain_text(WORDS[language][0])


def test_exports_are_saved_and_the_switches_work(new_page: NewPage, story: str) -> None:
    page = new_page("en")
    page.goto("/")
    for name, begins in (("session", b"PK"), ("pcapng", b"\x0a\x0d\x0d\x0a"), ("har", b"{")):
        with page.expect_download() as saving:
            page.locator(f"#take-{name}").click()
        assert saving.value.path().read_bytes().startswith(begins)
    page.locator("#theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.locator('[data-language="ru"]').click()
    expect(page.locator("#banner")).to_contain_text("только чтение")
    page.goto(story)
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    page.locator("#export summary").click()
    with page.expect_download() as saving:
        page.locator('[data-save="svg"]').click()
    assert saving.value.path().read_bytes().startswith(b"<svg")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_it_fits(new_page: NewPage, story: str, language: str) -> None:
    page = new_page(language)
    for address in ("/", "/story", story, "/exchanges"):
        page.goto(address)
        expect(page.locator("#banner")).to_contain_text(WORDS[language][0])
        assert_fits(page, 390, 1024)
