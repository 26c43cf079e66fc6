"""Streams of events let go of what they hold, and do not hide a bug."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from stend.chassis.event_stream import EventStream, StreamLimits
from tests.waiting import until_async


class Frames:
    """One frame, and then silence or a bug."""

    def __init__(self, error: Exception | None = None) -> None:
        self.sent: list[dict[str, Any]] = []
        self.is_closed = False
        self._error = error

    async def frames(self) -> AsyncGenerator[bytes, None]:
        try:
            yield b"data: 1\n\n"
            if self._error:
                raise self._error
            await asyncio.Event().wait()
        finally:
            self.is_closed = True

    async def receive(self) -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    async def serve(self) -> None:
        await EventStream(self.frames(), StreamLimits())({}, self.receive, self.send)


async def test_a_server_that_is_ended_by_force_leaves_no_stream_behind() -> None:
    frames = Frames()
    serving = asyncio.create_task(frames.serve())
    await until_async(lambda: len(frames.sent) == 3)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    assert frames.is_closed
    assert {task for task in asyncio.all_tasks() if task is not asyncio.current_task()} == set()


async def test_a_bug_in_a_stream_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    await Frames(KeyError("a bug")).serve()
    assert [record.getMessage() for record in caplog.records] == ["a stream was interrupted"]
