"""Fills the warehouse of a new database: the 60 products of the shop."""

import csv
from datetime import datetime
from importlib.resources import files

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from stend.shop.stock.domain import MovementKind
from stend.shop.stock.stores.tables import movements, quantities

# What the goods of the beginning have in the ledger where others have a restock id.
OPENING = "opening"


async def seed_quantities(connection: AsyncConnection, now: datetime) -> None:
    """Only an empty warehouse is filled: what was sold stays sold."""
    if await connection.scalar(select(func.count()).select_from(quantities)):
        return
    rows = seed_rows()
    await connection.execute(
        insert(quantities),
        [{"sku": sku, "on_hand": received, "reserved": 0} for sku, received in rows.items()],
    )
    await connection.execute(
        insert(movements),
        [
            {
                "sku": sku,
                "kind": MovementKind.RECEIVED,
                "quantity": received,
                "reference": OPENING,
                "occurred_at": now,
            }
            for sku, received in rows.items()
        ],
    )


def seed_rows() -> dict[str, int]:
    """How many pieces of each sku there are at the beginning."""
    text = files("stend.shop.stock.stores").joinpath("assortment.csv").read_text("utf-8")
    return {row["sku"]: int(row["received"]) for row in csv.DictReader(text.splitlines())}
