"""Work that a service keeps running does not end in silence."""

import asyncio
import logging

import pytest

from stend.chassis import background
from stend.chassis.background import keep_running
from tests.waiting import until_async

_log = logging.getLogger("stend.test")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "_AGAIN_AFTER_S", 0.0)


async def test_work_that_fails_or_ends_is_begun_anew_and_the_log_tells(
    caplog: pytest.LogCaptureFixture,
) -> None:
    begun = 0

    async def work() -> None:
        nonlocal begun
        begun += 1
        if begun == 1:
            raise KeyError("a bug")
        if begun == 3:
            raise asyncio.CancelledError
        if begun == 4:
            await asyncio.Event().wait()

    task = keep_running("the work", work, _log)
    await until_async(lambda: begun == 4)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    told = [record.getMessage() for record in caplog.records]
    assert told == [
        "the work is interrupted and begins anew",
        "the work has ended and begins anew",
        "the work is cancelled by nobody and begins anew",
    ]
    assert caplog.records[0].exc_info
