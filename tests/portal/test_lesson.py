"""Lessons and their live blocks, quizzes, the glossary, the search."""

import json
from pathlib import Path

import httpx
import pytest

from stend.portal.learning.classroom import Classroom
from tests.fakes.course import DESIGN, EVIL, FIRST, SECOND
from tests.fakes.portal import FakeClient, FakeLender
from tests.portal.looking import part, words
from tests.portal.test_shell import soup

LESSON = f"/course/{FIRST}"
QUIZ = f"{LESSON}/quiz"
CALL_PLACE, BYTES_PLACE = 3, 4
CALL = f"{LESSON}/live/{CALL_PLACE}"


async def test_lesson_is_readable_as_it_comes(http: httpx.AsyncClient) -> None:
    answer = await http.get(LESSON)
    page = soup(answer)
    assert EVIL not in answer.text
    assert [one.text for one in page.select("h1")] == ["The first lesson"]
    assert part(page, "h2#etag").text == "ETag"
    assert [(one["href"], one.text) for one in page.select(".toc a")] == [("#etag", "ETag")]
    assert part(page, ".prose a[href='/course/glossary/saga']").text == "saga"
    assert words(page, "figure.code[data-attributes='output']") == "hello"
    assert part(page, "a[rel=next]")["href"] == f"/course/{SECOND}"
    assert [one.text for one in page.select(".terms-list a")] == ["saga"]


async def test_diagram_is_drawn_and_its_source_is_there(http: httpx.AsyncClient) -> None:
    page = soup(await http.get(LESSON))
    drawing = part(page, ".diagram svg")
    assert "<b>GET</b>" in drawing.get_text(" ")
    assert "A->>B: <b>GET</b>" in part(page, ".diagram details pre").text
    assert page.select(".diagram b") == []


async def test_module_without_a_lesson_says_so(http: httpx.AsyncClient) -> None:
    page = soup(await http.get(f"/course/{SECOND}"))
    assert "There is no lesson yet" in words(page, ".prose")
    assert part(page, "a[rel=prev]")["href"] == LESSON


async def test_wrong_lesson_is_told_and_the_others_are_there(
    http: httpx.AsyncClient, classroom: Classroom
) -> None:
    assert classroom.folder is not None
    wrong = classroom.folder / SECOND / "lesson.en.md"
    wrong.write_text("no heading", encoding="utf-8")
    answer = await http.get(f"/course/{SECOND}")
    assert answer.status_code == 500
    assert "lesson.en.md" in words(soup(answer), ".err")
    assert (await http.get(LESSON)).status_code == 200


async def test_live_call_performs_it_and_leads_on(
    http: httpx.AsyncClient, lender: FakeLender
) -> None:
    page = soup(await http.get(LESSON))
    assert part(page, f"#live-{CALL_PLACE} form")["action"] == CALL
    assert "appears here" in words(page, f"#result-{CALL_PLACE}")
    answer = soup(await http.post(CALL, headers={"HX-Request": "true"}))
    assert answer.html is None
    assert "201 Created" in words(answer, ".row")
    assert str(part(answer, ".links a[href^='/playground']")["href"]).startswith("/playground?")
    assert [one for one, _ in lender.lent] == ["rest"]


async def test_live_call_works_as_a_plain_form(http: httpx.AsyncClient) -> None:
    page = soup(await http.post(CALL))
    assert part(page, "h1").text == "The first lesson"
    assert "201 Created" in words(page, f"#result-{CALL_PLACE}")


async def test_live_call_that_fails_says_why(
    http: httpx.AsyncClient, clients: dict[str, FakeClient]
) -> None:
    from tests.fakes.portal import refused_with_violations

    clients["rest"].failure = refused_with_violations()
    page = soup(await http.post(CALL, headers={"HX-Request": "true"}))
    assert "The message breaks the contract." in words(page, ".why")
    assert part(page, ".row .st")["class"] == ["st", "bad"]


@pytest.mark.parametrize("place", [0, BYTES_PLACE, 99])
async def test_live_call_of_something_else_is_refused(http: httpx.AsyncClient, place: int) -> None:
    assert (await http.post(f"{LESSON}/live/{place}")).status_code == 404


async def test_bytes_are_a_tree_with_spans_without_scripts(http: httpx.AsyncClient) -> None:
    page = soup(await http.get(LESSON))
    block = part(page, f"#live-{BYTES_PLACE}")
    assert "method GET 0–3" in " ".join(
        part(page, f"#live-{BYTES_PLACE} .tree").get_text(" ").split()
    )
    address = str(part(page, f"#live-{BYTES_PLACE} .units a")["data-address"])
    assert address == f"{LESSON}/bytes/{BYTES_PLACE}/units/1"
    assert "47 45 54" in block.get_text()
    tree = (await http.get(address)).json()
    assert tree["rows"][0][1] == "request-line"
    assert (await http.get(address[:-1] + "2")).status_code == 404


async def test_lesson_is_there_without_a_stand(tmp_path: Path) -> None:
    from starlette.applications import Starlette

    from stend.portal.assets import load_assets
    from stend.portal.pages.course import CoursePages
    from stend.portal.rendering import Renderer
    from tests.fakes.course import FakeChecks, classroom_in
    from tests.fakes.portal import FakeStand

    room = classroom_in(tmp_path, FakeChecks())
    pages = CoursePages(Renderer(load_assets(), FakeStand()), room)
    transport = httpx.ASGITransport(Starlette(routes=pages.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        page = soup(await http.get(LESSON, headers={"Accept-Language": "en"}))
        refused = await http.post(CALL)
    assert "./stend call PlaceOrder --over rest" in words(page, f"#live-{CALL_PLACE}")
    assert "on a running stand" in words(page, f"#live-{CALL_PLACE}")
    assert refused.status_code == 404


def given(*places: int, answer: str) -> dict[str, str]:
    return {f"q-q{number}": str(place) for number, place in enumerate(places)} | {"answer": answer}


async def test_quiz_tells_nothing_before_it_is_answered(http: httpx.AsyncClient) -> None:
    answer = await http.get(QUIZ)
    assert "Because" not in answer.text
    assert len(soup(answer).select("fieldset")) == 8


async def test_answer_explains_itself_and_the_others(
    http: httpx.AsyncClient, classroom: Classroom
) -> None:
    page = soup(await http.post(QUIZ, data=given(1, 0, answer="q0")))
    first = part(page, "#q0")
    assert [" ".join(one.get_text(" ").split()) for one in first.select(".why")] == [
        "right Because 0-0",
        "wrong, your answer Because 0-1",
        "wrong Because 0-2",
    ]
    assert all(one.has_attr("disabled") for one in first.select("input[type=radio]"))
    # Chosen and not answered yet: it stays chosen, and tells nothing.
    assert part(page, "#q1 input[checked]")["value"] == "0"
    assert page.select("#q1 .why") == []
    assert "Not answered: 7." in words(page, "#quiz [role=status]")
    assert not (classroom.workspace / "progress.json").exists()


async def test_whole_quiz_is_kept_in_the_progress(
    http: httpx.AsyncClient, classroom: Classroom
) -> None:
    right = [number % 3 for number in range(8)]
    right[0] = 2
    page = soup(await http.post(QUIZ, data=given(*right, answer="all")))
    assert "7 of 8 answers are right." in words(page, "#quiz [role=status]")
    told = json.loads((classroom.workspace / "progress.json").read_text(encoding="utf-8"))
    assert (told["quizzes"][FIRST]["right"], told["quizzes"][FIRST]["of"]) == (7, 8)
    assert "7 of 8" in words(soup(await http.get("/course")), "#m1 .steps")
    assert "Last time: 7 of 8." in words(soup(await http.get(QUIZ)), "#quiz [role=status]")


async def test_answers_that_are_none_are_left_out(http: httpx.AsyncClient) -> None:
    data = {"q-q0": "7", "q-q1": "-1", "q-nothing": "0", "q-q2": EVIL, "answer": "all"}
    answer = await http.post(QUIZ, data=data)
    assert answer.status_code == 200
    assert "Not answered: 8." in words(soup(answer), "#quiz [role=status]")
    assert EVIL not in answer.text


async def test_quiz_of_a_module_that_has_none(http: httpx.AsyncClient) -> None:
    at = f"/course/{SECOND}/quiz"
    assert "This module has no quiz yet" in words(soup(await http.get(at)), ".quiz")
    assert (await http.post(at, data={"answer": "all"})).status_code == 404


@pytest.mark.parametrize(
    ("language", "terms"), [("ru", ["метка версии", "сага"]), ("en", ["entity tag", "saga"])]
)
async def test_glossary_is_sorted_in_its_language(
    http: httpx.AsyncClient, language: str, terms: list[str]
) -> None:
    page = soup(await http.get("/course/glossary", headers={"Accept-Language": language}))
    assert [one.text for one in page.select(".terms td a")] == terms


async def test_term_leads_to_lessons_and_to_its_neighbours(http: httpx.AsyncClient) -> None:
    page = soup(await http.get("/course/glossary/saga"))
    assert "A chain of transactions." in words(page, ".term")
    assert "Цепочка транзакций." in words(page, ".term [lang=ru]")
    link = part(page, f".term a[href='{LESSON}#etag']")
    assert link.text == "1. First: ETag"
    assert part(page, ".near a")["href"] == "/course/glossary/etag"


async def test_glossary_is_narrowed_by_a_beginning(http: httpx.AsyncClient) -> None:
    page = soup(await http.get("/course/glossary", params={"q": "САГ"}))
    assert [one.text for one in page.select(".terms td a")] == ["saga"]
    assert "Nothing was found" in (await http.get("/course/glossary?q=zzz")).text


async def test_glossary_that_is_not_there(http: httpx.AsyncClient, classroom: Classroom) -> None:
    assert classroom.folder is not None
    (classroom.folder / "glossary.yaml").unlink()
    assert "There is no glossary yet" in words(soup(await http.get("/course/glossary")), ".blank")


async def test_search_finds_and_marks(http: httpx.AsyncClient) -> None:
    page = soup(await http.get("/course/search", params={"q": "etag"}))
    addresses = [one["href"] for one in page.select(".hits a")]
    assert f"{LESSON}#etag" in addresses
    assert {one.text for one in page.select("mark")} == {"ETag"}
    task = soup(await http.get("/course/search", params={"q": "well"}))
    assert f"/course/{FIRST}/{DESIGN}" in [one["href"] for one in task.select(".hits a")]


async def test_search_in_russian(http: httpx.AsyncClient) -> None:
    headers = {"Accept-Language": "ru"}
    answer = await http.get("/course/search", params={"q": "сагу"}, headers=headers)
    assert "/course/glossary/saga" in [one["href"] for one in soup(answer).select(".hits a")]


async def test_search_escapes_what_was_asked(http: httpx.AsyncClient) -> None:
    answer = await http.get("/course/search", params={"q": EVIL})
    assert EVIL not in answer.text
    assert part(soup(answer), "#find")["value"] == EVIL


async def test_search_for_nothing_says_what_it_looks_in(http: httpx.AsyncClient) -> None:
    assert "What to find" in words(soup(await http.get("/course/search")), ".blank")
    none = await http.get("/course/search", params={"q": "zzzzz"})
    assert "Nothing was found" in words(soup(none), ".blank")


# ---- notebooks ---------------------------------------------------------------------------------


async def test_notebook_is_read_in_the_portal_and_run_elsewhere(
    http: httpx.AsyncClient, classroom: Classroom
) -> None:
    page_of_notebook = f"{LESSON}/notebook"
    assert (await http.get(page_of_notebook)).status_code == 404
    assert classroom.folder is not None
    texts = [("ru", "# Тетрадь\n\nРаз."), ("en", f"# The notebook\n\nOne {EVIL}.")]
    cells: list[dict[str, object]] = [
        {"cell_type": "markdown", "id": one, "metadata": {"tags": [one]}, "source": text}
        for one, text in texts
    ]
    ran: dict[str, object] = {"outputs": [], "execution_count": None, "metadata": {}}
    cells.append({"cell_type": "code", "id": "code", "source": "await asked()", **ran})
    written = json.dumps({"nbformat": 4, "cells": cells})
    (classroom.folder / FIRST / "notebook.ipynb").write_text(written, encoding="utf-8")
    answer = await http.get(page_of_notebook)
    page = soup(answer)
    assert EVIL not in answer.text
    assert [one.text for one in page.select("h1")] == ["The notebook"]
    assert part(page, "figure.code pre").text.strip() == "await asked()"
    assert "./stend notebook" in words(page, ".side")
    lesson = soup(await http.get(LESSON))
    assert part(lesson, f".steps a[href='{page_of_notebook}']").text == "Notebook"
