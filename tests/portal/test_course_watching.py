"""The stream of an exercise: a verdict at once, and one after every save, however many listen."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from stend.course.shelf import read_shelf
from stend.kit.languages import Language
from stend.portal.assets import load_assets
from stend.portal.learning.classroom import Classroom
from stend.portal.learning.desk import Desk
from stend.portal.learning.reading import Reader
from stend.portal.pages.exercise import ExercisePages
from stend.portal.rendering import Renderer
from tests.fakes.course import DESIGN, FIRST, FakeChecks
from tests.fakes.portal import NOW, FakeStand


@pytest.fixture
def pages(classroom: Classroom) -> ExercisePages:
    desk = Desk(Renderer(load_assets(), FakeStand()), classroom)
    return ExercisePages(desk, classroom, Reader(classroom))


def listen(pages: ExercisePages, classroom: Classroom) -> AsyncIterator[str]:
    assert classroom.folder is not None
    module = read_shelf(classroom.folder).module(1)
    return pages.frames(module, module.exercises[0], Language.EN)


def begin(classroom: Classroom, pages: ExercisePages) -> None:
    assert classroom.folder is not None
    (exercise,) = read_shelf(classroom.folder).asked("1.1")
    pages.workspace.start(exercise, NOW, Language.EN)


async def next_of(frames: AsyncIterator[str]) -> str:
    async with asyncio.timeout(10):
        return await anext(frames)


async def test_verdict_comes_at_once_and_after_every_save(
    pages: ExercisePages, classroom: Classroom, checks: FakeChecks
) -> None:
    begin(classroom, pages)
    frames = listen(pages, classroom)
    assert (await next_of(frames)).startswith("event: checking\n")
    assert "Passed: 1 of 1 points." in await next_of(frames)
    (classroom.workspace / FIRST / DESIGN / "answer.txt").write_text("longer", encoding="utf-8")
    assert (await next_of(frames)).startswith("event: checking\n")
    assert (await next_of(frames)).startswith("event: verdict\n")
    assert checks.asked == [("1.1", False)] * 2
    classroom.close()
    with pytest.raises(StopAsyncIteration):
        await next_of(frames)


async def test_two_who_listen_get_one_run(
    pages: ExercisePages, classroom: Classroom, checks: FakeChecks
) -> None:
    begin(classroom, pages)
    first, second = listen(pages, classroom), listen(pages, classroom)
    heard = [await next_of(first), await next_of(first), await next_of(second)]
    assert [one.split("\n")[0] for one in heard] == [
        "event: checking",
        "event: verdict",
        "event: verdict",
    ]
    assert checks.asked == [("1.1", False)]
    classroom.close()


async def test_exercise_that_is_not_begun_is_waited_for(
    pages: ExercisePages, classroom: Classroom, checks: FakeChecks
) -> None:
    frames = listen(pages, classroom)
    waiting = asyncio.create_task(next_of(frames))
    await asyncio.to_thread(begin, classroom, pages)
    assert (await waiting).startswith("event: checking\n")
    assert checks.asked == []
    classroom.close()
