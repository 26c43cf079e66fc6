"""The pages over a saved session: they read, and say where a stand is needed."""

import json
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest
from bs4 import BeautifulSoup

from stend.kit.languages import Language
from stend.portal.sections import NEEDS_A_STAND
from stend.runtime.opening import opened
from stend.tap.files.session import Extras, save
from tests.fakes.sessions import FAULT, written
from tests.fakes.spans import TRACE
from tests.fakes.wire import SHOP
from tests.tap.files.recordings import recording

READ = (
    *("/", "/exchanges", "/exchanges/c1.1", "/story", f"/story/{TRACE}"),
    # Not a lesson: it leads to pages of a stand, too, which say that they need one.
    *("/course", "/errors"),
)
_OTHER = {**FAULT, "id": "f2", "kind": "from-the-future", "source": "<b>client", "seed": 9}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path / "a.stend.zip", FAULT, _OTHER)


@pytest.fixture
def content(path: Path) -> bytes:
    return path.read_bytes()


@pytest.fixture
async def http(path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """English unless a test says otherwise."""
    async with _client(path) as client:
        yield client


def _client(path: Path) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(opened(path).pages, raise_app_exceptions=False)
    headers = {"Accept-Language": "en"}
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:80", headers=headers)


def soup(response: httpx.Response) -> BeautifulSoup:
    return BeautifulSoup(response.text, "html.parser")


def text_of(page: BeautifulSoup, selector: str) -> str:
    found = page.select_one(selector)
    assert found is not None
    return " ".join(found.get_text(" ").split())


BANNERS = {
    Language.EN: "Session of 2026-11-18 10:02:00 UTC , saved by stend 0.1.0, read only · faults "
    "that were set: orders → payments , Latency, seed 424242 and 1 more",
    Language.RU: "Сессия от 2026-11-18 10:02:00 UTC , сохранил stend 0.1.0, только чтение · "
    "стояли сбои: orders → payments , Задержка, зерно 424242 и ещё 1",
}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("address", READ)
async def test_a_page_is_whole_and_its_banner_tells_of_the_session(
    http: httpx.AsyncClient, address: str, language: Language
) -> None:
    response = await http.get(address, headers={"Accept-Language": language})
    assert response.status_code == 200
    page = soup(response)
    assert page.html is not None
    assert page.html["lang"] == language
    assert text_of(page, "#banner") == BANNERS[language]
    assert [one["href"] for one in page.select("#rail a")] == [
        "/",
        "/story",
        "/exchanges",
        "/course",
        "/errors",
    ]
    ids = [element["id"] for element in page.select("[id]")]
    assert len(ids) == len(set(ids))
    symbols = {f"#{symbol['id']}" for symbol in page.select("symbol")}
    assert {use["href"] for use in page.select("use")} <= symbols
    for selector in ("#stand-state", "#freeze", "[data-live]", "[data-fragment]"):
        assert page.select_one(selector) is None, selector


@pytest.mark.parametrize("address", READ)
async def test_no_link_leads_to_what_needs_a_stand(http: httpx.AsyncClient, address: str) -> None:
    page = soup(await http.get(address))
    links = {str(one["href"]).partition("#")[0] for one in page.select("a[href]")}
    for link in links - {""}:
        answer = await http.get(httpx.URL("http://127.0.0.1:80" + address).join(link))
        assert answer.status_code in {200, 302}, link


async def test_bytes_and_arrows_are_those_of_the_file(http: httpx.AsyncClient) -> None:
    exchange = soup(await http.get("/exchanges/c1.1"))
    assert "/soap/bank" in text_of(exchange, ".tree")
    assert "50 4f 53 54 20 2f 73 6f 61 70" in text_of(exchange, ".plain-hex")
    link = exchange.select_one('a[href^="/story/"]')
    assert link is not None
    story = soup(await http.get(f"/story/{TRACE}"))
    labels = [str(one["aria-label"]) for one in story.select(".msg")]
    assert any("orders → payments: SOAP Authorise" in label for label in labels)
    message = await http.get(f"/story/{TRACE}/messages/2")
    assert "/exchanges/c1.1/units/1" in message.text
    units = await http.get("/exchanges/c1.1/units/1")
    assert units.status_code == 200
    for form in ("mmd", "puml", "svg", "json", "txt"):
        assert "Authorise" in (await http.get(f"/story/{TRACE}.{form}")).text


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("section", NEEDS_A_STAND, ids=lambda one: one.key)
async def test_a_section_that_needs_a_stand_says_what_to_do(
    http: httpx.AsyncClient, section: object, language: Language
) -> None:
    href = str(getattr(section, "href", ""))
    for address in (href, f"{href}/anything/below"):
        for method in ("GET", "POST"):
            told = {"Accept-Language": language}
            response = await http.request(method, address, headers=told)
            assert response.status_code == 404
            page = soup(response)
            assert text_of(page, ".blank pre") == "./stend up"
            assert "read only" in page.text or "только чтение" in page.text
            needed = "needs a running stand" if language is Language.EN else "у работающего стенда"
            assert needed in text_of(page, "h1")


async def test_what_is_nowhere_says_that_a_stand_has_more_pages(http: httpx.AsyncClient) -> None:
    for language, told in ((Language.EN, "./stend up"), (Language.RU, "./stend up")):
        page = await http.get("/nowhere", headers={"Accept-Language": language})
        assert page.status_code == 404
        assert told in page.text
        assert "./stend logs" not in page.text


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("DELETE", "/stand/tap"),
        ("POST", "/stand/faults"),
        ("GET", "/stand/faults"),
        ("GET", "/stand/status"),
        ("POST", "/api/v1/orders"),
    ],
)
async def test_programs_are_refused_with_a_problem(
    http: httpx.AsyncClient, method: str, address: str
) -> None:
    answer = await http.request(method, address)
    assert answer.status_code == 404
    problem = answer.json()
    assert problem["code"] == "no-such-operation"
    assert problem["value"] == f"{method} {address}"
    assert "stend up" in problem["next_step"]
    assert len((await http.get("/stand/tap/exchanges")).json()["exchanges"]) == 1


@pytest.mark.parametrize("address", ["/stand/tap/session", "/stand/tap/export?format=session"])
async def test_saved_again_it_is_the_same_file(
    http: httpx.AsyncClient, content: bytes, address: str
) -> None:
    assert (await http.get(address)).content == content


async def test_other_tools_get_their_files(http: httpx.AsyncClient) -> None:
    packets = await http.get("/stand/tap/export?format=pcapng")
    assert b"c1.1 " in packets.content
    har = (await http.get("/stand/tap/export?format=har")).json()
    assert har["log"]["entries"][0]["request"]["url"].endswith("/soap/bank")


async def test_all_faults_are_told_and_nothing_of_the_file_is_markup(
    http: httpx.AsyncClient,
) -> None:
    page = soup(await http.get("/"))
    rows = [" ".join(row.get_text(" ").split()) for row in page.select("#faults tbody tr")]
    assert rows == [
        "orders → payments Latency latency latency_ms=120 jitter_ms=0 0.5 424242 3",
        "<b>client → payments from-the-future latency_ms=120 jitter_ms=0 0.5 9 3",
    ]
    assert page.select_one("#faults b") is None


async def test_the_beginning_tells_what_the_file_holds(http: httpx.AsyncClient) -> None:
    page = soup(await http.get("/"))
    facts = text_of(page, ".facts")
    assert "Exchanges 1 Traces 1 3 spans Connections 1 Bytes" in facts
    assert facts.endswith("from a ring of 1.0 MB")
    assert page.select_one(".note") is None


@pytest.fixture(params=[True, False], ids=["silent", "without taps"])
def silent(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Nothing was recorded: because nothing passed, or because there were no taps."""
    taps = ((SHOP, 8_100),) if request.param else ()
    path = tmp_path / "silent.zip"
    path.write_bytes(save(recording(), Extras("0.1.0", "2026-09-21T13:46:40Z", taps=taps)))
    return path


@pytest.mark.parametrize("language", Language)
async def test_a_session_in_which_nothing_was_recorded_says_why(
    silent: Path, language: Language
) -> None:
    reasons = {Language.EN: "The session has no exchanges", Language.RU: "В сессии нет обменов"}
    async with _client(silent) as http:
        headers = {"Accept-Language": language}
        page = (await http.get("/exchanges", headers=headers)).text
        assert (reasons[language] in page) is not ("--no-tap" in page)
        assert "./stend down" not in page
        stories = soup(await http.get("/story", headers=headers))
        assert ("traces" if language is Language.EN else "трасс") in text_of(stories, ".blank")
        gone = await http.get("/exchanges/c7.1", headers=headers)
        assert gone.status_code == 404
        assert "./stend down" not in gone.text


@pytest.fixture
def cut(path: Path) -> Path:
    """As if the ring had let the first 70 bytes of the connection go."""
    made = BytesIO()
    with ZipFile(path) as source, ZipFile(made, "w") as archive:
        for name in source.namelist():
            data = source.read(name)
            archive.writestr(name, data.replace(b'"first":[0,0]', b'"first":[70,0]'))
    path.write_bytes(made.getvalue())
    return path


async def test_a_beginning_that_the_ring_let_go_is_told(cut: Path) -> None:
    async with _client(cut) as http:
        page = soup(await http.get("/"))
        assert "lived longer than the ring" in text_of(page, ".note")


@pytest.fixture
def early(path: Path) -> Path:
    """As format 1 is, with a ring that had let something go."""
    made = BytesIO()
    with ZipFile(path) as source, ZipFile(made, "w") as archive:
        manifest = json.loads(source.read("session.json"))
        for name in ("taps", "let_go_exchanges", "traces"):
            del manifest[name]
        manifest["ring"]["let_go_bytes"] = 7_000
        archive.writestr("session.json", json.dumps(manifest | {"format": 1}))
        archive.writestr("bytes.bin", source.read("bytes.bin"))
    path.write_bytes(made.getvalue())
    return path


async def test_what_an_early_file_does_not_tell_is_not_made_up(early: Path) -> None:
    async with _client(early) as http:
        beginning = text_of(soup(await http.get("/")), ".facts")
        assert "let go before it was saved: 7.0 kB" in beginning
        assert "the file has no traces" in beginning
        assert " 0 exchanges" not in beginning
        listed = soup(await http.get("/exchanges"))
        assert text_of(listed, "#let-go") == "–"
        gone = await http.get("/exchanges/c7.1")
        assert "exchanges that it let go since the start" not in gone.text
        stories = soup(await http.get("/story"))
        assert "An earlier stend saved it" in text_of(stories, ".blank")
        assert "traces kept" not in stories.text
        unknown = await http.get(f"/story/{TRACE}")
        assert unknown.status_code == 404
        assert "An earlier stend saved it" in unknown.text
