"""Commands as consumers send them, each with ids of its own."""

import os
from collections.abc import Coroutine
from typing import Any

import pytest

from stend.kit.errors import StendError
from stend.kit.ids import encode_ulid
from stend.shop.stock.domain import Line
from stend.shop.stock.usecases import ReserveStock


class SystemIds:
    def ulid(self) -> str:
        return encode_ulid(os.urandom(16))


def fresh_id(prefix: str = "ord_") -> str:
    return prefix + SystemIds().ulid()


def a_reservation(*lines: tuple[str, int], reservation_id: str = "") -> ReserveStock:
    wanted = lines or (("MILK-001", 2), ("BRD-001", 1))
    return ReserveStock(reservation_id or fresh_id(), tuple(Line(*line) for line in wanted))


async def refusal(work: Coroutine[Any, Any, object]) -> StendError:
    with pytest.raises(StendError) as caught:
        await work
    return caught.value
