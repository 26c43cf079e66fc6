"""The catalogue of a new database: 60 products, 9 categories, 3 dark stores."""

import csv
from collections.abc import Iterator
from datetime import datetime
from importlib.resources import files

from stend.kit.money import Currency, Money
from stend.shop.catalog.domain import Category, DarkStore, Product


def seed_products(at: datetime) -> list[Product]:
    return [
        Product(
            sku=row["sku"],
            category_id=row["category_id"],
            title_ru=row["title_ru"],
            title_en=row["title_en"],
            price=Money(int(row["price_minor"]), Currency(row["currency"])),
            version=1,
            updated_at=at,
        )
        for row in _rows("products.csv")
    ]


def seed_categories() -> list[Category]:
    return [
        Category(row["category_id"], row["title_ru"], row["title_en"], int(row["position"]))
        for row in _rows("categories.csv")
    ]


def seed_dark_stores() -> list[DarkStore]:
    return [
        DarkStore(
            store_id=row["store_id"],
            title_ru=row["title_ru"],
            title_en=row["title_en"],
            city=row["city"],
            street=row["street"],
            house=row["house"],
            latitude=float(row["latitude"]),
            longitude=float(row["longitude"]),
        )
        for row in _rows("dark_stores.csv")
    ]


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = files("stend.shop.catalog.stores").joinpath(name).read_text("utf-8")
    yield from csv.DictReader(text.splitlines())
