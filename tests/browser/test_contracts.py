"""The pages of the contracts that need a script, in a real browser over a real stand."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage, assert_fits

pytestmark = pytest.mark.browser


def test_a_contract_of_every_format_is_reached_from_the_list_and_fits(new_page: NewPage) -> None:
    page = new_page("ru")
    page.goto("/contracts")
    assert_fits(page, 400, 1280)
    cells = page.locator("tbody td:nth-child(3) a, tbody td:nth-child(4)").all()
    by_format = {
        format_.inner_text(): link.get_attribute("href") or ""
        for link, format_ in zip(cells[::2], cells[1::2], strict=True)
    }
    assert by_format
    for address in by_format.values():
        page.goto(address)
        expect(page.locator(".page-head h1")).to_be_visible()
        assert_fits(page, 400, 1280)


def test_swagger_ui_calls_the_service_within_the_strict_policy(new_page: NewPage) -> None:
    page = new_page(theme="dark")
    page.goto("/contracts/orders/rest")
    expect(page.locator("html")).to_have_class(re.compile("dark-mode"))
    page.locator("#theme").click()
    expect(page.locator("html")).not_to_have_class(re.compile("dark-mode"))
    page.locator(".opblock-summary-control", has_text="List orders").click()
    page.locator("button.execute").click()
    expect(page.locator(".live-responses-table .response-col_status").last).to_contain_text("200")


def test_query_of_graphql_is_run_by_keys(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/contracts/orders/graphql")
    page.locator("#query-text").press("Control+Enter")
    expect(page.locator("#query-state")).to_have_text("200 OK")
    expect(page.locator("#query-answer")).to_contain_text("queryType")
    page.locator("#query-variables").fill("[1]")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#query-state")).to_contain_text("no JSON object")
