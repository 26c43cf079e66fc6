"""A learner's way through the course, in a real browser, on the course as it is."""

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from stend.course.model import Exercise
from stend.course.shelf import read_shelf
from stend.course.solving import lay_out_mistake, lay_out_solution
from tests.browser.conftest import SCREENSHOTS, NewPage, assert_fits
from tests.conftest import PROJECT, LiveStand

pytestmark = pytest.mark.browser

MODULE, EXERCISE = "08-rest", "02-orders-service"
AT = f"/course/{MODULE}/{EXERCISE}"
WIDTHS = (390, 640, 1280)
# A check starts a program of the learner's; beside other tests that takes a while.
PATIENCE_MS = 60_000


@pytest.fixture
def workspace(live_stand: LiveStand) -> Path:
    """Of a learner who has done nothing yet."""
    folder = live_stand.root / "workspace"
    shutil.rmtree(folder, ignore_errors=True)
    return folder


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    (found,) = read_shelf(PROJECT / "course").asked(f"{MODULE}/{EXERCISE}")
    return found


def save(laid_out: Path, workspace: Path) -> None:
    """As an editor does: the whole file at once."""
    target = workspace / MODULE / EXERCISE / "main.py"
    beside = target.with_suffix(".saved")
    shutil.copyfile(laid_out / "main.py", beside)
    beside.replace(target)


class Album:
    """Pictures of the way, numbered: `build/screenshots/course-en-1-map.png`."""

    def __init__(self, page: Page, language: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self._page = page
        self._language = language
        self._taken = 0

    def take(self, name: str) -> None:
        self._taken += 1
        file = f"course-{self._language}-{self._taken}-{name}.png"
        self._page.screenshot(path=SCREENSHOTS / file)


def verdict(page: Page) -> str:
    """Of the files as they are now."""
    told = page.locator("#verdict:not(.is-stale):not(.is-checking) footer")
    expect(told).to_contain_text("UTC", timeout=PATIENCE_MS)
    return page.locator("#verdict .ending").inner_text()


@pytest.mark.parametrize(
    ("language", "begin", "not_yet", "passed"),
    [
        ("en", "Take the exercise", "Not yet", "Passed: 20 of 20 points."),
        ("ru", "Взять задание", "Пока нет", "Сдано: 20 из 20 баллов."),
    ],
)
def test_from_the_map_to_a_passed_exercise(
    new_page: NewPage,
    workspace: Path,
    exercise: Exercise,
    tmp_path: Path,
    language: str,
    begin: str,
    not_yet: str,
    passed: str,
) -> None:
    page = new_page(language)
    album = Album(page, language)
    page.goto("/course")
    album.take("map")
    page.locator("#m8 h2 a").click()
    expect(page).to_have_url(re.compile(rf"/course/{MODULE}$"))
    album.take("lesson")
    page.locator(f"aside a[href='{AT}']").click()
    expect(page.locator("#start")).to_have_text(begin)
    album.take("task")
    page.locator("#start").click()
    assert verdict(page).startswith(not_yet)
    album.take("begun")
    lay_out_mistake(exercise, "unknown-order-is-200", tmp_path / "wrong")
    save(tmp_path / "wrong", workspace)
    named = page.locator("#verdict .told dd code")
    expect(named).to_have_text("unknown-order", timeout=PATIENCE_MS)
    expect(page.locator("#verdict .told a")).to_have_attribute(
        "href", f"/course/{MODULE}#status-codes"
    )
    album.take("wrong")
    lay_out_solution(exercise, "standard-library", tmp_path / "right")
    save(tmp_path / "right", workspace)
    expect(page.locator("#verdict .ending")).to_have_text(passed, timeout=PATIENCE_MS)
    expect(page.locator("#exercise-state .st.ok")).to_have_count(1)
    expect(page.locator(f"#course-path a[href='{AT}'] .st.ok")).to_have_count(1)
    expect(page.locator("#to-solution a")).to_have_attribute("href", f"{AT}/solution")
    album.take("passed")
    page.goto("/course")
    row = page.locator(f"#m8 tr:has(a[href='{AT}'])")
    expect(row.locator(".st.ok")).to_have_count(1)
    row.scroll_into_view_if_needed()
    album.take("map-after")
    assert_fits(page, *WIDTHS)


def test_hint_is_confirmed_by_keys_alone(new_page: NewPage, workspace: Path) -> None:
    page = new_page()
    page.goto(AT)
    page.locator(".hints summary").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".hints .note")).to_have_count(1)
    assert (workspace / "progress.json").is_file()


def test_check_now_keeps_what_is_unfolded(new_page: NewPage, workspace: Path) -> None:
    page = new_page()
    page.goto(AT)
    page.locator("#start").click()
    verdict(page)
    page.locator("#also-failed > summary").click()
    page.locator("#check-now").focus()
    with page.expect_response(re.compile(r"/check$"), timeout=PATIENCE_MS):
        page.keyboard.press("Enter")
    expect(page.locator("#verdict")).not_to_have_class(re.compile("is-checking"))
    expect(page.locator("#also-failed")).to_have_attribute("open", "")
    expect(page.locator("#check-now")).to_be_focused()


def test_verdict_is_there_without_scripts(new_page: NewPage, workspace: Path) -> None:
    page = new_page(scripts=False)
    page.goto(AT)
    page.locator("#start").click()
    page.locator("#check-now").click(timeout=PATIENCE_MS)
    assert verdict(page).startswith("Not yet")


@pytest.mark.parametrize("path", [f"/course/{MODULE}", AT, "/course/search?q=etag"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_fit(new_page: NewPage, workspace: Path, path: str, theme: str) -> None:
    page = new_page(theme=theme)
    page.goto(path)
    expect(page.locator("h1")).to_have_count(1)
    assert_fits(page, *WIDTHS)
