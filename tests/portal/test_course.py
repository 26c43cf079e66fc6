"""The map of the course, and exercises: their states, their verdicts, hints and solutions."""

import json
from pathlib import Path

import httpx
import pytest

from stend.kit.languages import Language
from stend.portal.learning.classroom import Classroom, Ran, TookTooLongError
from tests.fakes.course import CODE, DESIGN, EVIL, FIRST, FakeChecks, judged, result
from tests.portal.looking import part, words
from tests.portal.test_shell import soup

MAP = "/course"
AT = f"/course/{FIRST}/{DESIGN}"


async def start(http: httpx.AsyncClient, at: str = AT) -> None:
    answer = await http.post(f"{at}/start")
    assert (answer.status_code, answer.headers["location"]) == (303, at)


def progress(classroom: Classroom) -> dict[str, dict[str, object]]:
    told = json.loads((classroom.workspace / "progress.json").read_text(encoding="utf-8"))
    found: dict[str, dict[str, object]] = told["exercises"]
    return found


async def test_map_has_the_modules_in_order_with_what_there_is_to_do(
    http: httpx.AsyncClient,
) -> None:
    page = soup(await http.get(MAP))
    assert [one.text for one in page.select(".mod h2 a")] == ["First", "Second"]
    steps = [" ".join(one.get_text(" ").split()) for one in page.select("#m1 .name")]
    assert steps == ["Lesson next", "Demo", "1.1 Task 1.1", "1.2 Task 1.2", "Quiz"]
    assert "0 of 12" in words(page, ".sums")
    assert part(page, "#next-step")["href"] == f"/course/{FIRST}"
    assert "No lesson and no exercises yet." in words(page, "#m2")


@pytest.mark.parametrize(("language", "word"), [("ru", "Следующий шаг"), ("en", "The next step")])
async def test_map_is_in_both_languages(http: httpx.AsyncClient, language: str, word: str) -> None:
    page = soup(await http.get(MAP, headers={"Accept-Language": language}))
    assert word in words(page, ".next-step")


async def test_next_step_of_a_module_that_is_begun_is_its_exercise(
    http: httpx.AsyncClient,
) -> None:
    await start(http)
    page = soup(await http.get(MAP))
    assert part(page, "#next-step")["href"] == AT
    assert words(page, "#next-step") == "Go on"
    assert part(page, "#m1 tr:nth-of-type(3) .st")["class"] == ["st", "wait"]


async def test_installation_without_a_course_says_so(tmp_path: Path) -> None:
    from starlette.applications import Starlette

    from stend.portal.assets import load_assets
    from stend.portal.pages.course import CoursePages
    from stend.portal.rendering import Renderer
    from tests.fakes.orders import HandClock
    from tests.fakes.portal import FakeStand

    room = Classroom(None, tmp_path, FakeChecks().run, FakeChecks().demo, HandClock())
    renderer = Renderer(load_assets(), FakeStand())
    transport = httpx.ASGITransport(Starlette(routes=CoursePages(renderer, room).routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        page = soup(await http.get(MAP, headers={"Accept-Language": "en"}))
    assert "This installation has no course" in words(page, ".blank")


async def test_wrong_file_of_the_course_is_named(
    http: httpx.AsyncClient, classroom: Classroom
) -> None:
    assert classroom.folder is not None
    (classroom.folder / FIRST / "module.toml").write_text(f'title = "{EVIL}"', encoding="utf-8")
    answer = await http.get(MAP)
    assert answer.status_code == 500
    assert "module.toml" in words(soup(answer), ".err")
    assert EVIL not in answer.text


async def test_changed_file_of_the_course_is_read_again(
    http: httpx.AsyncClient, classroom: Classroom
) -> None:
    assert classroom.folder is not None
    await http.get(MAP)
    path = classroom.folder / FIRST / "module.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("First", "Renamed"), encoding="utf-8")
    assert "Renamed" in words(soup(await http.get(MAP)), "#m1 h2")


async def test_unreadable_progress_is_no_bug_of_the_portal(
    http: httpx.AsyncClient, classroom: Classroom
) -> None:
    classroom.workspace.mkdir()
    (classroom.workspace / "progress.json").write_text("{", encoding="utf-8")
    answer = await http.get(MAP)
    assert answer.status_code == 500
    assert "progress.json" in words(soup(answer), ".err")
    assert (classroom.workspace / "progress.json").read_text(encoding="utf-8") == "{"


@pytest.mark.parametrize(
    "path",
    [
        "/course/99-nothing",
        f"/course/{FIRST}/99-nothing",
        f"/course/{FIRST}/..%2f..%2fetc",
        "/course/glossary/nothing",
        "/course/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    ],
)
async def test_what_is_not_there_is_a_page(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert "<script>alert" not in answer.text


async def test_task_is_escaped_and_offers_to_begin(http: httpx.AsyncClient) -> None:
    answer = await http.get(AT)
    page = soup(answer)
    assert EVIL not in answer.text
    assert "Do it well." in words(page, ".prose")
    assert words(page, "#start") == "Take the exercise"
    assert page.select_one("#verdict") is None


async def test_start_lays_the_files_there_and_shows_where(
    http: httpx.AsyncClient, classroom: Classroom
) -> None:
    await start(http)
    folder = classroom.workspace / FIRST / DESIGN
    assert (folder / "answer.txt").read_text(encoding="utf-8") == "?\n"
    page = soup(await http.get(AT))
    copied = {one["data-copy"] for one in page.select(".files [data-copy]")}
    assert {str(folder), f"{folder}/answer.txt", "./stend check 1.1"} <= copied
    assert "Not checked yet" in words(page, "#verdict")
    assert "There is an answer." in words(page, "#all-checks")


async def test_second_start_keeps_what_was_written(
    http: httpx.AsyncClient, classroom: Classroom
) -> None:
    await start(http)
    mine = classroom.workspace / FIRST / DESIGN / "answer.txt"
    mine.write_text("mine", encoding="utf-8")
    await start(http)
    assert mine.read_text(encoding="utf-8") == "mine"


FAILED = judged(
    "is-there",
    "fail",
    sentence={"ru": "Ответа нет.", "en": f"No answer. {EVIL}"},
    expected="201 Created",
    got=EVIL,
    where="main.py:41",
)
HIDDEN = judged(
    "is-right",
    "fail",
    hidden=True,
    points_of=2,
)


async def checked(
    http: httpx.AsyncClient, checks: FakeChecks, *rows: dict[str, object], left_out: int = 0
) -> httpx.Response:
    failed = any(one["status"] != "pass" for one in rows)
    checks.answer = lambda: Ran(int(failed), result(*rows, left_out=left_out), "")
    await start(http)
    await http.post(f"{AT}/check")
    return await http.get(AT)


async def test_first_failure_is_told_in_full(http: httpx.AsyncClient, checks: FakeChecks) -> None:
    answer = await checked(http, checks, FAILED, HIDDEN, judged("is-fast", "pass", points_of=3))
    page = soup(answer)
    assert EVIL not in answer.text
    assert words(page, ".sentence") == f"No answer. {EVIL}"
    assert words(page, ".ending") == "Not yet: 3 of 6 points."
    assert words(page, ".told .expected") == "201 Created"
    assert words(page, ".told .got") == EVIL
    assert "main.py:41" in words(page, ".told")
    assert part(page, ".told a")["href"] == f"/course/{FIRST}#etag"
    assert "RFC 9110, 13.1.1" in words(page, ".told")
    assert "Meaning of is-right." in words(page, "#also-failed")
    assert "Meaning of is-fast." in words(page, "#has-passed")
    assert checks.asked == [("1.1", False)]


async def test_hidden_check_tells_its_meaning_alone(
    http: httpx.AsyncClient, checks: FakeChecks
) -> None:
    page = soup(await checked(http, checks, judged("is-there", "pass"), HIDDEN))
    assert words(page, ".sentence") == "Meaning of is-right."
    assert "The open checks pass, hidden ones do not yet: 1." in words(page, ".ending")
    assert "Passed" not in words(page, ".said")
    assert part(page, ".said")["class"] == ["said", "wait"]


async def test_quick_checks_alone_are_no_pass(http: httpx.AsyncClient, checks: FakeChecks) -> None:
    page = soup(await checked(http, checks, judged("is-there", "pass"), left_out=1))
    assert words(page, ".ending") == ("The quick checks pass: 1 of 1 points. Long ones left: 1.")
    assert part(page, "#check-deep")["class"] == ["btn", "go"]


async def test_pass_keeps_its_links_and_explanations(
    http: httpx.AsyncClient, checks: FakeChecks
) -> None:
    page = soup(await checked(http, checks, judged("is-there", "pass")))
    assert words(page, ".ending") == "Passed: 1 of 1 points."
    assert part(page, "#has-passed a")["href"] == f"/course/{FIRST}#etag"
    assert part(page, "#has-passed").has_attr("open")


async def test_error_of_a_check_is_not_the_learners(
    http: httpx.AsyncClient, checks: FakeChecks
) -> None:
    row = judged("is-there", "error", sentence={"ru": "Сама проверка", "en": "The check itself"})
    page = soup(await checked(http, checks, row))
    assert words(page, ".ending") == "No verdict: a check itself went wrong."
    assert part(page, ".said")["class"] == ["said", "wait"]


async def test_verdict_on_former_files_is_no_verdict_on_these(
    http: httpx.AsyncClient, checks: FakeChecks, classroom: Classroom
) -> None:
    page = soup(await checked(http, checks, judged("is-there", "pass")))
    assert page.select_one(".is-stale") is None
    (classroom.workspace / FIRST / DESIGN / "answer.txt").write_text("newer", encoding="utf-8")
    assert "saved again since" in words(soup(await http.get(AT)), ".is-stale footer")


async def test_deep_asks_for_the_long_ones(http: httpx.AsyncClient, checks: FakeChecks) -> None:
    await start(http)
    await http.post(f"{AT}/check", data={"deep": "1"})
    assert checks.asked == [("1.1", True)]


async def test_check_of_nothing_runs_nothing(http: httpx.AsyncClient, checks: FakeChecks) -> None:
    answer = await http.post(f"{AT}/check")
    assert answer.status_code == 303
    assert checks.asked == []


async def test_fragment_is_the_verdict_alone(http: httpx.AsyncClient, checks: FakeChecks) -> None:
    await start(http)
    answer = await http.post(f"{AT}/check", headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith("<section")
    page = soup(answer)
    assert "Passed: 1 of 1 points." in words(page, "#verdict")
    # What else on the page a verdict changes.
    ids = {str(one["id"]) for one in page.select("[hx-swap-oob]")}
    assert ids == {"course-path", "exercise-state", "to-solution"}


@pytest.mark.parametrize(
    ("ran", "told"),
    [
        (Ran(2, b"", f"The course itself is wrong {EVIL}"), "It could not be checked"),
        (Ran(0, b"{", ""), "in a way that the portal cannot read"),
        (Ran(1, b'{"version": 99}', ""), "version 99"),
        (Ran(1, b'{"version": 1}', "Traceback"), "Traceback"),
        (Ran(-9, b"", "killed"), "killed"),
    ],
)
async def test_command_without_a_verdict_is_told(
    http: httpx.AsyncClient, checks: FakeChecks, ran: Ran, told: str
) -> None:
    checks.answer = lambda: ran
    await start(http)
    await http.post(f"{AT}/check")
    answer = await http.get(AT)
    assert told in words(soup(answer), "#verdict .err")
    assert EVIL not in answer.text


async def test_command_that_took_too_long_is_told(
    http: httpx.AsyncClient, checks: FakeChecks
) -> None:
    def late() -> Ran:
        raise TookTooLongError(60)

    checks.answer = late
    await start(http)
    await http.post(f"{AT}/check")
    assert "did not end within 60 s" in words(soup(await http.get(AT)), "#verdict .err")


async def test_hints_come_one_by_one(http: httpx.AsyncClient, classroom: Classroom) -> None:
    assert "The first hint." not in (await http.get(AT)).text
    for count, told in enumerate(("first", "second", "third"), 1):
        answer = await http.post(f"{AT}/hint")
        assert answer.headers["location"] == f"{AT}#hints"
        page = soup(await http.get(AT))
        assert len(page.select(".hints .note")) == count
        assert f"The {told} hint." in words(page, ".hints")
    assert progress(classroom)[f"{FIRST}/{DESIGN}"]["hints"] == 3
    assert soup(await http.get(AT)).select_one(f"form[action='{AT}/hint']") is None


async def test_solution_is_closed_until_a_pass_or_giving_up(
    http: httpx.AsyncClient, classroom: Classroom
) -> None:
    closed = await http.get(f"{AT}/solution")
    assert closed.status_code == 403
    assert "right" not in words(soup(closed), ".prose")
    assert (await http.post(f"{AT}/solution", data={"give_up": "0"})).status_code == 403
    given_up = await http.post(f"{AT}/solution", data={"give_up": "1"})
    assert given_up.headers["location"] == f"{AT}/solution"
    shown = await http.get(f"{AT}/solution")
    assert shown.status_code == 200
    assert words(soup(shown), ".prose pre") == f"right {EVIL}"
    assert EVIL not in shown.text
    assert progress(classroom)[f"{FIRST}/{DESIGN}"]["gave_up"] is True


async def test_solution_opens_after_a_pass(http: httpx.AsyncClient, classroom: Classroom) -> None:
    record = {"passed_at": "2026-11-23T10:00:00+00:00", "points": 6, "tries": 1}
    classroom.workspace.mkdir()
    told = {"version": 1, "exercises": {f"{FIRST}/{CODE}": record}, "quizzes": {}}
    (classroom.workspace / "progress.json").write_text(json.dumps(told), encoding="utf-8")
    answer = await http.get(f"/course/{FIRST}/{CODE}/solution")
    assert answer.status_code == 200
    page = soup(await http.get(MAP))
    # The hardest exercise is passed, so the module is.
    assert "6 of 12" in words(page, ".sums")
    assert "1 of 2" in words(page, ".sums")


@pytest.mark.parametrize("path", ["start", "check", "hint"])
async def test_what_changes_something_is_a_post(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(f"{AT}/{path}")
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]


async def test_exercise_is_in_both_languages(http: httpx.AsyncClient, checks: FakeChecks) -> None:
    await checked(http, checks, FAILED)
    for language, told in ((Language.RU, "Ответа нет."), (Language.EN, "No answer.")):
        page = soup(await http.get(AT, headers={"Accept-Language": language}))
        assert told in words(page, ".sentence")
