"""Parts of a page that follow the stand, however long the answers take."""

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import NewPage
from tests.waiting import until

pytestmark = pytest.mark.browser

NEWS = "document.body.dispatchEvent(new Event('stand-changed'))"
EVENTS = "**/stand/events"
STATE = "**/stand/fragment/state"


def told(text: str) -> str:
    return f'<a id="stand-state" href="/" data-fragment="/stand/fragment/state">{text}</a>'


def test_news_that_comes_faster_than_answers_keeps_none_of_them_away(new_page: NewPage) -> None:
    page = new_page()
    asked: list[Route] = []
    # The stand's own news stays away: nobody answers, so only ours is counted.
    page.route(EVENTS, lambda _: None)
    page.goto("/")

    def keep(route: Route) -> None:
        asked.append(route)

    page.route(STATE, keep)
    page.evaluate(NEWS)
    until(lambda: page.evaluate("0") or asked)
    for _ in range(3):
        page.evaluate(NEWS)
    assert len(asked) == 1
    with page.expect_request(STATE):
        asked[0].fulfill(body=told("the first answer"), content_type="text/html")
    expect(page.locator("#stand-state")).to_have_text("the first answer")
    assert len(asked) == 2
    asked[1].fulfill(body=told("the newest answer"), content_type="text/html")
    expect(page.locator("#stand-state")).to_have_text("the newest answer")
    assert len(asked) == 2
