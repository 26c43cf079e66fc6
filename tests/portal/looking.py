"""What a page says, by selectors."""

from bs4 import BeautifulSoup, Tag


def part(page: BeautifulSoup, selector: str) -> Tag:
    found = page.select_one(selector)
    assert found is not None, selector
    return found


def words(page: BeautifulSoup, selector: str) -> str:
    return " ".join(part(page, selector).get_text(" ").split())
