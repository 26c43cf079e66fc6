"""Fills the price list of a new database: the 60 products of the shop."""

import csv
from importlib.resources import files

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from stend.shop.orders.stores.tables import price_list


async def seed_price_list(connection: AsyncConnection) -> None:
    """Only an empty list is filled: prices that somebody changed stay as they are."""
    if await connection.scalar(select(func.count()).select_from(price_list)):
        return
    await connection.execute(insert(price_list), seed_rows())


def seed_rows() -> list[dict[str, str | int]]:
    text = files("stend.shop.orders.stores").joinpath("price_list.csv").read_text("utf-8")
    return [
        {**row, "unit_price_minor": int(row["unit_price_minor"])}
        for row in csv.DictReader(text.splitlines())
    ]
