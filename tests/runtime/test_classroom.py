"""Checks in processes of their own: what they print, and that nothing is left of them."""

import asyncio
import os
from pathlib import Path

import httpx
import psutil
import pytest

from stend.course.shelf import read_shelf
from stend.course.workspace import Workspace
from stend.kit.languages import Language
from stend.portal.learning.classroom import TookTooLongError
from stend.portal.learning.verdicts import Ending, verdict_of
from stend.runtime.classroom import Commands
from stend.runtime.system import SystemClock
from tests.conftest import PROJECT, LiveStand
from tests.waiting import until_async

NUMBER = "8.2"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """With the exercise begun."""
    folder = tmp_path / "workspace"
    (exercise,) = read_shelf(PROJECT / "course").asked(NUMBER)
    Workspace(folder).start(exercise, SystemClock().now(), Language.EN)
    return folder


def commands(workspace: Path, **within_s: float) -> Commands:
    return Commands(workspace, {**os.environ, "STEND_ROOT": str(workspace.parent)}, **within_s)


def children() -> list[str]:
    return [one.name() for one in psutil.Process().children(recursive=True)]


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example"}])
@pytest.mark.parametrize("path", ["start", "check", "hint", "solution"])
def test_pages_of_others_cannot_act_for_the_learner(
    live_stand: LiveStand, path: str, headers: dict[str, str]
) -> None:
    at = f"{live_stand.url}/course/08-rest/01-orders-openapi/{path}"
    answer = httpx.post(at, headers=headers, data={"give_up": "1"})
    assert answer.status_code == 403
    assert not (live_stand.root / "workspace" / "08-rest" / "01-orders-openapi").exists()


async def test_verdict_comes_from_the_command(workspace: Path) -> None:
    ran = await commands(workspace).check(NUMBER, deep=False)
    verdict = verdict_of(ran.out, SystemClock().now())
    assert (ran.code, verdict.ending) == (1, Ending.FAILED)
    assert verdict.first is not None
    assert verdict.first.id == "creates"


async def test_exercise_that_is_not_begun_says_so(tmp_path: Path) -> None:
    ran = await commands(tmp_path / "workspace").check(NUMBER, deep=False)
    assert ran.code == 2
    assert ran.out == b""
    assert NUMBER in ran.said


async def test_program_that_hangs_is_ended_with_all_that_it_has_started(workspace: Path) -> None:
    before = children()
    with pytest.raises(TookTooLongError):
        await commands(workspace, quick_s=0.8).check(NUMBER, deep=False)
    assert children() == before


async def test_who_goes_away_leaves_nothing_behind(workspace: Path) -> None:
    before = children()
    waiting = asyncio.create_task(commands(workspace).check(NUMBER, deep=False))
    await until_async(lambda: children() != before)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert children() == before
