"""The catalogue in MongoDB. Each method is one command."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

from pymongo import ASCENDING, AsyncMongoClient, UpdateOne
from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    PyMongoError,
)

from stend.chassis.tracing.mongo import command, comment_of
from stend.chassis.tracing.spans import Span
from stend.kit.clock import Clock
from stend.kit.errors import unavailable
from stend.shop.catalog.domain import Category, DarkStore, Product
from stend.shop.catalog.ports import PageFilter
from stend.shop.catalog.stores.command_figures import CommandFigures
from stend.shop.catalog.stores.documents import (
    Document,
    category_document,
    category_of,
    dark_store_document,
    dark_store_of,
    price_document,
    product_document,
    product_of,
)
from stend.shop.catalog.stores.seeding import seed_categories, seed_dark_stores, seed_products

_DEFAULT_DATABASE = "catalog"
# As the server and metrics know it.
_SERVICE = "catalog"


class _ReachingMongodb:
    """Turns every way in which MongoDB can be away into UNAVAILABLE."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if isinstance(error, _AWAY) or (isinstance(error, PyMongoError) and error.timeout):
            # The rest describes the topology, which is of no use to a caller.
            raise unavailable("MongoDB", str(error).partition(",")[0]) from error


# A name of `mongodb+srv` that DNS does not know now is told as a wrong configuration.
_AWAY = (ConnectionFailure, ConfigurationError, ExecutionTimeout, NetworkTimeout, OSError)
_reaching = _ReachingMongodb()


class MongoCatalogStore:
    """
    Args:
        url: `mongodb://host:port/database`.
        wait_s: for a server, a connection and an answer each; shorter than an operation's deadline.
    """

    def __init__(self, url: str, pool_size: int, wait_s: float, clock: Clock) -> None:
        wait_ms = round(wait_s * 1000)
        self._client: AsyncMongoClient[Document] = AsyncMongoClient(
            url,
            appname=_SERVICE,
            maxPoolSize=pool_size,
            serverSelectionTimeoutMS=wait_ms,
            connectTimeoutMS=wait_ms,
            socketTimeoutMS=wait_ms,
            waitQueueTimeoutMS=wait_ms,
            tz_aware=True,
            event_listeners=[CommandFigures(_SERVICE)],
        )
        database = self._client.get_default_database(_DEFAULT_DATABASE)
        self._products = database["products"]
        self._categories = database["categories"]
        self._dark_stores = database["dark_stores"]
        self._clock = clock

    async def open(self) -> None:
        """Makes the indexes and whatever of the seed is missing; what was changed stays.

        Raises:
            StendError: UNAVAILABLE.
        """
        products = [product_document(one) for one in seed_products(self._clock.now())]
        categories = [category_document(one) for one in seed_categories()]
        dark_stores = [dark_store_document(one) for one in seed_dark_stores()]
        with _reaching:
            await self._products.create_index([("words", ASCENDING)])
            await self._products.create_index([("category_id", ASCENDING), ("_id", ASCENDING)])
            await self._products.bulk_write(_missing(products), ordered=False)
            await self._categories.bulk_write(_missing(categories), ordered=False)
            await self._dark_stores.bulk_write(_missing(dark_stores), ordered=False)

    async def close(self) -> None:
        await self._client.close()

    async def ping(self) -> None:
        """
        Raises:
            StendError: UNAVAILABLE.
        """
        with _reaching:
            await self._client.admin.command("ping")

    async def page(self, wanted: PageFilter) -> Sequence[Product]:
        with _reaching, self._command("find", "products") as span:
            told = comment_of(span)
            found = self._products.find(_query(wanted), comment=told).sort("_id")
            found = found.limit(wanted.limit)
            return [product_of(document) for document in await found.to_list()]

    async def product(self, sku: str) -> Product | None:
        with _reaching, self._command("find", "products") as span:
            document = await self._products.find_one({"_id": sku}, comment=comment_of(span))
        return product_of(document) if document else None

    async def present_product(self, sku: str) -> Product | None:
        return await self.product(sku)

    async def first_products(
        self, category_ids: Sequence[str], limit: int
    ) -> Mapping[str, Sequence[Product]]:
        shelves: list[dict[str, Any]] = [
            {"$match": {"category_id": {"$in": list(category_ids)}}},
            {"$sort": {"_id": ASCENDING}},
            {"$group": {"_id": "$category_id", "products": {"$push": "$$ROOT"}}},
            {"$project": {"products": {"$slice": ["$products", limit]}}},
        ]
        with _reaching, self._command("aggregate", "products") as span:
            cursor = await self._products.aggregate(shelves, comment=comment_of(span))
            found = await cursor.to_list()
        return {
            shelf["_id"]: [product_of(document) for document in shelf["products"]]
            for shelf in found
        }

    async def categories(self) -> Sequence[Category]:
        with _reaching, self._command("find", "categories") as span:
            shown = self._categories.find(comment=comment_of(span)).sort("position")
            found = await shown.to_list()
        return [category_of(document) for document in found]

    async def dark_stores(self) -> Sequence[DarkStore]:
        with _reaching, self._command("find", "dark_stores") as span:
            shown = self._dark_stores.find(comment=comment_of(span)).sort("_id")
            found = await shown.to_list()
        return [dark_store_of(document) for document in found]

    async def save_price(self, product: Product) -> bool:
        # Compare and set in one command: two managers cannot both win.
        with _reaching, self._command("update", "products") as span:
            done = await self._products.update_one(
                {"_id": product.sku, "version": product.version - 1},
                {
                    "$set": {
                        "price": price_document(product.price),
                        "version": product.version,
                        "updated_at": product.updated_at,
                    }
                },
                comment=comment_of(span),
            )
        return done.modified_count == 1

    def _command(self, name: str, collection: str) -> AbstractContextManager[Span | None]:
        return command(name, self._products.database.name, collection)


def _query(wanted: PageFilter) -> dict[str, Any]:
    conditions: list[dict[str, Any]] = []
    if wanted.category_id is not None:
        conditions.append({"category_id": wanted.category_id})
    if wanted.after_sku is not None:
        conditions.append({"_id": {"$gt": wanted.after_sku}})
    # An anchored expression without options is a range of the index (MongoDB manual, "$regex").
    # Words are letters and digits only, so nothing of them has a meaning in it.
    conditions += [{"words": {"$regex": f"^{word}"}} for word in wanted.words]
    return {"$and": conditions} if conditions else {}


def _missing(documents: Sequence[Document]) -> list[UpdateOne]:
    return [
        UpdateOne({"_id": document["_id"]}, {"$setOnInsert": document}, upsert=True)
        for document in documents
    ]
