"""The demo of a module: its controls, what it shows, and how it may end."""

from collections.abc import Mapping

import httpx
import pytest

from stend.portal.learning.classroom import Ran, TookTooLongError
from tests.fakes.course import EVIL, FIRST, SECOND, FakeChecks, lines
from tests.portal.looking import part, words
from tests.portal.test_shell import soup

AT = f"/course/{FIRST}/demo"
END = {"kind": "end"}


def text(en: str) -> dict[str, str]:
    return {"ru": f"ру {en}", "en": en}


def shows(checks: FakeChecks, *shown: Mapping[str, object]) -> None:
    checks.shows = lambda: Ran(0, lines(*shown), "")


async def test_controls_stand_as_the_file_says(http: httpx.AsyncClient) -> None:
    page = soup(await http.get(AT))
    slider = part(page, "#c-delay")
    assert [slider[name] for name in ("min", "max", "step", "value")] == ["0", "100", "5", "50"]
    assert words(page, "output") == "50 ms"
    assert part(page, "#c-way option[selected]")["value"] == "one"
    assert part(page, "input[type=checkbox]").has_attr("checked")
    assert part(page, ".go-on a")["href"] == "/messages"
    assert "Nothing is measured yet" in words(page, "#shown")


async def test_everything_that_is_set_reaches_the_demo(
    http: httpx.AsyncClient, checks: FakeChecks
) -> None:
    data = {"delay": "15", "way": "two", "strict": "false"}
    page = soup(await http.post(AT, data=data))
    assert checks.shown == [(1, ["delay=15", "way=two", "strict=false"])]
    assert part(page, "#c-delay")["value"] == "15"
    assert not part(page, "input[type=checkbox]").has_attr("checked")


@pytest.mark.parametrize("data", [{"delay": "7"}, {"way": EVIL}, {"nothing": "1"}])
async def test_what_no_control_offers_is_refused(
    http: httpx.AsyncClient, checks: FakeChecks, data: dict[str, str]
) -> None:
    answer = await http.post(AT, data=data)
    assert answer.status_code == 422
    assert "There is no such setting" in words(soup(answer), ".err")
    assert EVIL not in answer.text
    assert checks.shown == []


async def test_every_kind_is_shown_and_escaped(http: httpx.AsyncClient, checks: FakeChecks) -> None:
    title = text(f"Title {EVIL}")
    shows(
        checks,
        {"kind": "note", "text": text(f"A note {EVIL}")},
        {
            "kind": "table",
            "title": title,
            "columns": [text("what"), text("ms")],
            "rows": [[text("one"), 1234.5], [EVIL, None]],
        },
        {
            "kind": "bars",
            "title": title,
            "unit": "ms",
            "waterfall": True,
            "bars": [
                {"label": "dns", "value": 25.0, "begins": 0.0},
                {"label": text("tcp"), "value": 75.0, "begins": 25.0},
            ],
        },
        {"kind": "bytes", "title": title, "codec": "http1", "hex": b"GET / HTTP/1.1\r\n\r\n".hex()},
        {"kind": "diagram", "title": title, "mermaid": "sequenceDiagram\n    A->>B: hi"},
        {"kind": "diagram", "title": title, "mermaid": f"pie {EVIL}"},
        {"kind": "exchange", "title": title, "id": "c1-2", "link": "/exchanges/c1-2"},
        END,
    )
    answer = await http.post(AT, headers={"HX-Request": "true"})
    page = soup(answer)
    assert EVIL not in answer.text
    assert page.html is None
    assert words(page, "td.num") == "1,234"
    bars = page.select(".bars rect")
    assert [(one["x"], one["width"]) for one in bars] == [("0.00", "25.00"), ("25.00", "75.00")]
    assert "75 ms" in words(page, ".bars")
    assert "method GET 0–3" in " ".join(part(page, ".live .tree").get_text(" ").split())
    address = str(part(page, ".units a")["data-address"])
    assert (await http.get(address)).json()["rows"][0][1] == "request-line"
    assert (await http.get(address + "9")).status_code == 404
    assert len(page.select(".picture svg")) == 1
    assert part(page, "details[open] pre").text == f"pie {EVIL}"
    assert part(page, "a[href='/exchanges/c1-2']") is not None


async def test_numbers_are_written_as_the_language_does(
    http: httpx.AsyncClient, checks: FakeChecks
) -> None:
    row = {"kind": "table", "title": text("t"), "columns": [text("c")], "rows": [[0.25]]}
    shows(checks, row, END)
    page = soup(await http.post(AT, headers={"Accept-Language": "ru"}))
    assert words(page, "td.num") == "0,25"


@pytest.mark.parametrize(
    ("ran", "told"),
    [
        (Ran(1, lines({"kind": "failed", "text": text("It fell")}), ""), "It fell"),
        (Ran(2, b"", f"No stand runs {EVIL}"), "No stand runs"),
        (Ran(0, b"{", ""), "a bug of the stand"),
        (Ran(0, lines({"kind": "note", "text": text("and then")}), "killed"), "does not end"),
        (Ran(0, lines({"kind": "sound", "version": 1}), ""), "a bug of the stand"),
        (Ran(0, lines({"version": 9, "kind": "end"}), ""), "version 9"),
    ],
)
async def test_demo_that_shows_nothing_says_why(
    http: httpx.AsyncClient, checks: FakeChecks, ran: Ran, told: str
) -> None:
    checks.shows = lambda: ran
    answer = await http.post(AT)
    assert told in words(soup(answer), "#shown .err")
    assert EVIL not in answer.text


async def test_demo_that_takes_too_long_is_told(
    http: httpx.AsyncClient, checks: FakeChecks
) -> None:
    def late() -> Ran:
        raise TookTooLongError(30)

    checks.shows = late
    assert "after 30 s" in words(soup(await http.post(AT)), "#shown .err")


async def test_module_without_a_demo(http: httpx.AsyncClient) -> None:
    assert (await http.get(f"/course/{SECOND}/demo")).status_code == 404
