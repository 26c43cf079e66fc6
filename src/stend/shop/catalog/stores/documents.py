"""Documents of MongoDB and what they stand for."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from bson.int64 import Int64

from stend.kit.money import Currency, Money
from stend.shop.catalog.domain import Category, DarkStore, Product, search_words

Document = dict[str, Any]


def product_document(product: Product) -> Document:
    """`words` is what a search looks at: an array with an index of its own."""
    return {
        "_id": product.sku,
        "category_id": product.category_id,
        "title": {"ru": product.title_ru, "en": product.title_en},
        "price": price_document(product.price),
        "words": list(search_words(product)),
        "version": product.version,
        "updated_at": product.updated_at,
    }


def price_document(price: Money) -> Document:
    # A plain int would be stored in 32 bits or 64, as it happens to fit.
    return {"amount_minor": Int64(price.amount_minor), "currency": price.currency.value}


def product_of(document: Mapping[str, Any]) -> Product:
    return Product(
        sku=document["_id"],
        category_id=document["category_id"],
        title_ru=document["title"]["ru"],
        title_en=document["title"]["en"],
        price=Money(
            int(document["price"]["amount_minor"]), Currency(document["price"]["currency"])
        ),
        version=document["version"],
        updated_at=document["updated_at"].replace(tzinfo=UTC),
    )


def category_document(category: Category) -> Document:
    return {
        "_id": category.category_id,
        "title": {"ru": category.title_ru, "en": category.title_en},
        "position": category.position,
    }


def category_of(document: Mapping[str, Any]) -> Category:
    title = document["title"]
    return Category(document["_id"], title["ru"], title["en"], document["position"])


def dark_store_document(store: DarkStore) -> Document:
    return {
        "_id": store.store_id,
        "title": {"ru": store.title_ru, "en": store.title_en},
        "address": {"city": store.city, "street": store.street, "house": store.house},
        # GeoJSON puts the longitude first (RFC 7946, section 3.1.1).
        "location": {"type": "Point", "coordinates": [store.longitude, store.latitude]},
    }


def dark_store_of(document: Mapping[str, Any]) -> DarkStore:
    title, address = document["title"], document["address"]
    longitude, latitude = document["location"]["coordinates"]
    return DarkStore(
        store_id=document["_id"],
        title_ru=title["ru"],
        title_en=title["en"],
        city=address["city"],
        street=address["street"],
        house=address["house"],
        latitude=latitude,
        longitude=longitude,
    )
