"""How much a collection takes, as collStats, dbStats and $collStats tell it."""

from typing import Any

from bson import Int64

from stend.engines.mongo.store.collection import Collection
from stend.engines.mongo.store.transactions import View

Document = dict[str, Any]


def collection_sizes(collection: Collection, view: View, scale: int) -> Document:
    """Sizes in bytes, divided by the scale; what is stored is stored as it is."""
    count = collection.count(view)
    size = collection.size_bytes
    indexes = {name: index.size_bytes // scale for name, index in collection.indexes.items()}
    total = sum(index.size_bytes for index in collection.indexes.values())
    told: Document = {"size": Int64(size // scale), "count": count}
    if count:
        told["avgObjSize"] = size // count
    return {
        **told,
        "numOrphanDocs": 0,
        "storageSize": Int64(size // scale),
        "freeStorageSize": 0,
        "capped": False,
        "nindexes": len(indexes),
        "indexBuilds": [],
        "totalIndexSize": Int64(total // scale),
        "totalSize": Int64((size + total) // scale),
        "indexSizes": indexes,
        "scaleFactor": scale,
    }
