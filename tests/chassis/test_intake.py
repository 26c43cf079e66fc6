"""What every request is counted as."""

import asyncio
from contextlib import nullcontext

import pytest

from stend.chassis.access import Caller, OpenAccess
from stend.chassis.intake import Intake
from stend.chassis.metrics import REQUESTS
from stend.kit.errors import unavailable


def counted(operation: str, code: str) -> float:
    count: float = REQUESTS.labels("orders", "a test", operation, code)._value.get()
    return count


async def performed(operation: str, error: BaseException | None) -> None:
    async def work(_: Caller) -> None:
        if error:
            raise error

    await Intake("orders", "a test", OpenAccess(), 5.0).perform(operation, "a scope", None, work)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (None, "ok"),
        (unavailable("Redis", "a test"), "unavailable"),
        (ValueError("a bug"), "internal"),
        # As grpc.aio ends the work of a call whose client has gone.
        (asyncio.CancelledError(), "cancelled"),
    ],
)
async def test_a_request_is_counted_by_its_end(error: BaseException | None, code: str) -> None:
    operation = f"Ends{code}"
    with pytest.raises(type(error)) if error else nullcontext():
        await performed(operation, error)
    assert counted(operation, code) == 1
