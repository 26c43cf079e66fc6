"""What commands of MongoDB take is told by the client that sent them."""

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from stend.chassis.metrics import REGISTRY
from stend.shop.catalog.stores.command_figures import CommandFigures
from tests.shop.catalog.serving import Engines


def commands(command: str, outcome: str, suffix: str = "count") -> float:
    labels = {"service": "test", "command": command, "outcome": outcome}
    name = f"shop_mongodb_command_duration_seconds_{suffix}"
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_commands_are_timed_by_their_names_and_outcomes(engines: Engines) -> None:
    listeners = [CommandFigures("test")]
    async with AsyncMongoClient[dict[str, object]](
        engines.mongo_url("figures"), event_listeners=listeners
    ) as client:
        await client["figures"]["products"].find_one({})
        with pytest.raises(OperationFailure):
            await client["figures"].command("thereIsNoSuchCommand")
    assert commands("find", "ok") == 1
    assert 0 < commands("find", "ok", "sum") < 10
    assert commands("thereIsNoSuchCommand", "failed") == 1
