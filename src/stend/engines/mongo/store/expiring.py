"""Documents whose time has come, by the TTL indexes."""

from collections.abc import Iterator
from itertools import islice

from bson import DatetimeMS

from stend.engines.mongo.query.values import order_key
from stend.engines.mongo.store.catalogue import Catalogue
from stend.engines.mongo.store.collection import Collection
from stend.engines.mongo.store.indexes import Index
from stend.engines.mongo.store.ordering import TOP
from stend.engines.mongo.store.transactions import Wait


def expire(catalogue: Catalogue, now: float, most: int) -> int:
    """Deletes up to `most` documents.

    Args:
        now: seconds since 1970.

    Returns:
        How many were deleted.
    """
    deleted = 0
    for collection in catalogue:
        for index in tuple(collection.indexes.values()):
            if index.spec.expire_after_s is not None:
                deleted += _expire(collection, index, now, most - deleted)
    return deleted


def _expire(collection: Collection, index: Index, now: float, most: int) -> int:
    deleted = 0
    for record in list(islice(_due(index, now), most)):
        try:
            deleted += collection.delete(record)
        except Wait:
            # A transaction holds it; the next time will do.
            continue
    return deleted


def _due(index: Index, now: float) -> Iterator[int]:
    """The records with a date that is so old; only dates are looked at, never other types."""
    expiry = float(str(index.spec.expire_after_s))
    latest = order_key(DatetimeMS(int((now - expiry) * 1000)))
    seen: set[int] = set()
    for _, record in index.scan(((latest[0],),), (latest, TOP), backwards=False):
        if record not in seen:
            seen.add(record)
            yield record
