"""Indexes: created, dropped, listed."""

from collections.abc import Mapping
from typing import Any, Final

from stend.engines.mongo.call import Call
from stend.engines.mongo.commands.command import Command
from stend.engines.mongo.commands.cursors import first_batch
from stend.engines.mongo.commands.fields import (
    ANY,
    ARRAY,
    COUNT,
    NAME,
    OBJECT,
    SWITCH,
    objects,
    read_fields,
    required,
)
from stend.engines.mongo.commands.reading import existing_collection, found_collection, held
from stend.engines.mongo.cursors import Cursor, Pulse
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.values import type_alias
from stend.engines.mongo.store.collection import Collection
from stend.engines.mongo.store.index_specs import ID_INDEX, parse_index
from stend.engines.mongo.store.options import CollectionOptions
from stend.engines.mongo.store.rendering import rendered

Document = dict[str, Any]


def create_indexes(call: Call) -> Document:
    told = objects("createIndexes.indexes", call.fields["indexes"])
    if not told:
        raise MongoError(Code.BadValue, "Must specify at least one index to create")
    if call.fields.get("ignoreUnknownIndexOptions"):
        raise MongoError(
            Code.CommandNotSupported, "ignoreUnknownIndexOptions is not supported by this server"
        )
    specs = [parse_index(one) for one in told]
    catalogue = call.state.store.catalogue
    name = call.fields["createIndexes"]

    def create() -> Document:
        collection = found_collection(call, name)
        is_new = collection is None
        if collection is None:
            collection = catalogue.create(call.database, name, CollectionOptions(), call.view)
        before = len(collection.indexes)
        created = catalogue.create_indexes(collection, specs, call.view)
        note = {} if created else {"note": "all indexes already exist"}
        return {
            "numIndexesBefore": before,
            "numIndexesAfter": len(collection.indexes),
            "createdCollectionAutomatically": is_new,
            **note,
        }

    return held(call, create)


def drop_indexes(call: Call) -> Document:
    told = call.fields["index"]

    def drop() -> Document:
        collection = existing_collection(call, call.fields["dropIndexes"])
        before = len(collection.indexes)
        names = _named(collection, told)
        call.state.store.catalogue.drop_indexes(collection, names)
        everything = {"msg": "non-_id indexes dropped for collection"} if told == "*" else {}
        return {"nIndexesWas": before, **everything}

    return held(call, drop)


def _named(collection: Collection, told: Any) -> list[str]:
    if told == "*":
        return [name for name in collection.indexes if name != ID_INDEX]
    if isinstance(told, list):
        return [name for one in told for name in _one(collection, one)]
    return _one(collection, told)


def _one(collection: Collection, told: Any) -> list[str]:
    if type_alias(told) == "string":
        if told not in collection.indexes:
            raise MongoError(Code.IndexNotFound, f"index not found with name [{told}]")
        return [told]
    if not isinstance(told, Mapping):
        raise MongoError(
            Code.TypeMismatch,
            "BSON field 'dropIndexes.index' is the wrong type, expected types '[string, object, "
            "array]'",
        )
    for name, index in collection.indexes.items():
        if list(index.spec.key.items()) == list(told.items()):
            return [name]
    raise MongoError(Code.IndexNotFound, f"can't find index with key: {rendered(told)}")


def list_indexes(call: Call) -> Document:
    collection = existing_collection(call, call.fields["listIndexes"])
    documents = [index.spec.document() for index in collection.indexes.values()]
    cursor = Cursor(iter(documents), collection.namespace, Pulse(call.tick))
    size = read_fields("cursor", call.fields.get("cursor", {}), {"batchSize": COUNT})
    return first_batch(call, cursor, size.get("batchSize"))


COMMANDS: Final = (
    Command(
        "createIndexes",
        create_indexes,
        {
            "createIndexes": NAME,
            "indexes": required(ARRAY),
            "commitQuorum": ANY,
            "ignoreUnknownIndexOptions": SWITCH,
        },
        writes=True,
        in_transaction=True,
        in_api=True,
    ),
    Command(
        "dropIndexes",
        drop_indexes,
        {"dropIndexes": NAME, "index": required(ANY)},
        aliases=("deleteIndexes",),
        writes=True,
        in_api=True,
    ),
    Command(
        "listIndexes",
        list_indexes,
        {"listIndexes": NAME, "cursor": OBJECT},
        in_api=True,
    ),
)
