"""What every page has: language, headers, static files, refusals."""

import re
from urllib.parse import urlsplit

import httpx
import pytest
from bs4 import BeautifulSoup

from stend.kit.languages import Language
from stend.portal.language import preferred

PAGES = (
    "/",
    "/?part=postgresql",
    "/playground",
    "/numbers",
    "/contracts",
    "/errors",
    "/errors/internal",
    "/course",
    "/course/search?q=etag",
    "/course/glossary",
    "/course/glossary/saga",
    "/course/01-first",
    "/course/01-first/quiz",
    "/course/01-first/01-design",
    "/course/01-first/01-design/solution",
    "/course/02-second",
    "/nowhere",
)


def soup(response: httpx.Response) -> BeautifulSoup:
    return BeautifulSoup(response.text, "html.parser")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", Language)
async def test_page_is_whole_and_in_its_language(
    http: httpx.AsyncClient, path: str, language: Language
) -> None:
    page = soup(await http.get(path, headers={"Accept-Language": language}))
    assert page.html is not None
    assert page.html["lang"] == language
    assert page.select_one("h1, h2") is not None
    current = page.select_one(".seg [aria-current]")
    assert current is not None
    assert current.text.lower() == language
    ids = [element["id"] for element in page.select("[id]")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", PAGES)
async def test_nothing_is_inline_and_nothing_comes_from_elsewhere(
    http: httpx.AsyncClient, path: str
) -> None:
    response = await http.get(path)
    page = soup(response)
    assert not page.select("[style], style")
    assert not [script for script in page.select("script") if not script.get("src")]
    assert not [name for tag in page.find_all() for name in tag.attrs if name.startswith("on")]
    for element in page.select("[src], [href]"):
        address = str(element.get("src") or element.get("href"))
        assert not urlsplit(address).netloc, address
    policy = response.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("path", PAGES)
async def test_every_mark_and_every_static_file_exists(http: httpx.AsyncClient, path: str) -> None:
    page = soup(await http.get(path))
    symbols = {f"#{symbol['id']}" for symbol in page.select("symbol")}
    assert {use["href"] for use in page.select("use")} <= symbols
    for element in page.select("link[href^='/static'], script[src]"):
        address = str(element.get("src") or element.get("href"))
        answer = await http.get(address)
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["cache-control"]


async def test_imports_and_fonts_of_static_files_exist(http: httpx.AsyncClient) -> None:
    page = soup(await http.get("/playground"))
    for element in page.select("link[rel=stylesheet], script[type=module]"):
        address = str(element.get("src") or element.get("href"))
        text = (await http.get(address)).text
        relative = re.findall(r"""(?:from |import )'\./([^']+)'|url\("([^"]+)"\)""", text)
        for names in relative:
            name = "".join(names)
            found = await http.get(f"{address.rpartition('/')[0]}/{name}")
            assert found.status_code == 200, name


async def test_script_has_the_media_type_that_nosniff_demands(http: httpx.AsyncClient) -> None:
    page = soup(await http.get("/"))
    script = page.select_one("script[type=module]")
    assert script is not None
    answer = await http.get(str(script["src"]))
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


async def test_static_file_of_another_version_is_refused(http: httpx.AsyncClient) -> None:
    assert (await http.get("/static/000000000000/page.js")).status_code == 404


async def test_language_of_the_query_is_kept_in_a_cookie(http: httpx.AsyncClient) -> None:
    first = soup(await http.get("/errors?lang=ru"))
    then = soup(await http.get("/errors"))
    assert first.html is not None
    assert then.html is not None
    assert (first.html["lang"], then.html["lang"]) == ("ru", "ru")


async def test_unknown_language_changes_nothing(http: httpx.AsyncClient) -> None:
    response = await http.get("/?lang=de")
    assert "set-cookie" not in response.headers
    assert 'lang="en"' in response.text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", Language.EN),
        ("ru", Language.RU),
        ("ru-RU,ru;q=0.9,en;q=0.8", Language.RU),
        ("de-DE,de;q=0.9", Language.EN),
        ("de, ru;q=0.5, en;q=0.4", Language.RU),
        ("ru;q=0, en", Language.EN),
        ("en;q=0.5, ru;q=oops", Language.EN),
        (",;;,=", Language.EN),
    ],
)
def test_accept_language(header: str, language: Language) -> None:
    assert preferred(header) is language


async def test_missing_page_is_a_page(http: httpx.AsyncClient) -> None:
    response = await http.get("/<script>alert(1)</script>")
    assert response.status_code == 404
    assert "There is no such page" in response.text
    assert "<script>alert" not in response.text


async def test_wrong_method_is_a_page_and_names_the_right_ones(http: httpx.AsyncClient) -> None:
    response = await http.delete("/playground")
    assert response.status_code == 405
    assert "POST" in response.headers["allow"] or "GET" in response.headers["allow"]
    assert "Method not allowed" in response.text


async def test_rail_has_only_what_exists(http: httpx.AsyncClient) -> None:
    page = soup(await http.get("/"))
    links = [str(link["href"]) for link in page.select(".rail a")]
    # /docs belongs to the service and /reconciliation asks it; the rest must answer here.
    assert links == [
        "/",
        "/playground",
        "/story",
        "/messages",
        "/exchanges",
        "/faults",
        "/numbers",
        "/contracts",
        "/reconciliation",
        "/tokens",
        "/course",
        "/errors",
        "/docs",
    ]
    for link in set(links) - {"/docs", "/reconciliation"}:
        assert (await http.get(link)).status_code == 200
