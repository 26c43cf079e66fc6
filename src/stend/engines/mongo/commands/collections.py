"""Collections: created, changed, renamed, dropped, listed, looked over."""

from typing import Any, Final

from stend.engines.mongo.call import Call
from stend.engines.mongo.commands.command import Command
from stend.engines.mongo.commands.cursors import first_batch
from stend.engines.mongo.commands.fields import (
    ANY,
    ARRAY,
    BOOL,
    COUNT,
    NAME,
    NUMBER,
    OBJECT,
    STRING,
    SWITCH,
    Lenient,
    read_fields,
    required,
)
from stend.engines.mongo.commands.reading import existing_collection, found_collection, held
from stend.engines.mongo.commands.sizes import collection_sizes
from stend.engines.mongo.cursors import Cursor, Pulse
from stend.engines.mongo.errors import Code, MongoError
from stend.engines.mongo.query.matching import compile_filter
from stend.engines.mongo.store.collection import Collection
from stend.engines.mongo.store.index_specs import ID_SPEC
from stend.engines.mongo.store.indexes import KEY_BYTES
from stend.engines.mongo.store.options import parse_options
from stend.engines.mongo.store.rendering import rendered

Document = dict[str, Any]

_NO_SUCH_INDEX: Final = "cannot find index {} for ns {}"


def create(call: Call) -> Document:
    told = {name: value for name, value in call.fields.items() if name != "create"}
    options = parse_options(told)
    held(
        call,
        lambda: call.state.store.catalogue.create(
            call.database, call.fields["create"], options, call.view
        ),
    )
    return {}


def drop(call: Call) -> Document:
    """Of one that there is not, nothing happens."""
    collection = found_collection(call, call.fields["drop"])
    if collection is None:
        return {}
    count = len(collection.indexes)
    held(call, lambda: _drop(call))
    return {"nIndexesWas": count, "ns": collection.namespace}


def _drop(call: Call) -> None:
    collection = found_collection(call, call.fields["drop"])
    if collection is not None:
        call.state.store.catalogue.drop(collection)


def rename(call: Call) -> Document:
    fields = call.fields
    database, _, name = fields["renameCollection"].partition(".")
    to_database, _, to_name = fields["to"].partition(".")

    def move() -> None:
        collection = found_collection(call, name, database)
        if collection is None:
            raise MongoError(
                Code.NamespaceNotFound,
                f"Source collection {fields['renameCollection']} does not exist",
            )
        call.state.store.catalogue.rename(
            collection, to_database, to_name, drops_target=bool(fields.get("dropTarget"))
        )

    held(call, move)
    return {}


def modify(call: Call) -> Document:
    """collMod: another validator, another expiry or visibility of an index."""
    fields = call.fields
    _check_changes(fields)
    names = ("validator", "validationLevel", "validationAction")
    options = {name: fields[name] for name in names if name in fields}
    told = fields.get("index")

    def change() -> Document:
        collection = existing_collection(call, fields["collMod"])
        index = None if told is None else read_fields("collMod.index", told, _INDEX_SPEC)
        found = None if index is None else _named_index(collection, index)
        before = None if found is None else collection.indexes[found].spec
        call.state.store.catalogue.modify(
            collection,
            options,
            index=found,
            hidden=None if index is None else index.get("hidden"),
            expire_after_s=None if index is None else index.get("expireAfterSeconds"),
        )
        if found is None or before is None:
            return {}
        return _index_change(before.document(), collection.indexes[found].spec.document())

    return held(call, change)


def _check_changes(fields: Document) -> None:
    """Refuses what mongod can change and this server does not have."""
    parse_options({name: fields[name] for name in _KINDS if name in fields})
    if "cappedSize" in fields or "cappedMax" in fields:
        raise MongoError(Code.InvalidOptions, "Collection must be capped.")
    for name in ("unique", "prepareUnique"):
        if name in fields.get("index", {}):
            raise MongoError(
                Code.NotImplemented,
                f"collMod with index.{name} is not supported by this server: create the index "
                "with unique: true",
            )


def _named_index(collection: Collection, told: Document) -> str:
    if ("name" in told) == ("keyPattern" in told):
        raise MongoError(
            Code.InvalidOptions, "Must specify either index name or key pattern, and not both"
        )
    if not {"hidden", "expireAfterSeconds"} & told.keys():
        raise MongoError(
            Code.InvalidOptions, "no expireAfterSeconds, hidden, unique, or prepareUnique field"
        )
    for name, index in collection.indexes.items():
        if name == told.get("name") or dict(index.spec.key) == told.get("keyPattern"):
            return name
    wanted = told.get("name") or rendered(told.get("keyPattern"))
    raise MongoError(Code.IndexNotFound, _NO_SUCH_INDEX.format(wanted, collection.namespace))


def _index_change(before: Document, after: Document) -> Document:
    found: Document = {}
    for name in ("expireAfterSeconds", "hidden"):
        if before.get(name) != after.get(name):
            if name in before or name == "hidden":
                found[f"{name}_old"] = before.get(name, False)
            found[f"{name}_new"] = after.get(name, False)
    return found


def list_collections(call: Call) -> Document:
    fields = call.fields
    names_only = fields.get("nameOnly", False)
    matcher = compile_filter(fields.get("filter", {}), context=call.context())
    found = call.state.store.catalogue.of(call.database, call.view)
    documents = [
        told for one in found if matcher.matches(told := _told(one, names_only=names_only))
    ]
    cursor = Cursor(iter(documents), f"{call.database}.$cmd.listCollections", Pulse(call.tick))
    size = read_fields("cursor", fields.get("cursor", {}), {"batchSize": COUNT})
    return first_batch(call, cursor, size.get("batchSize"))


def _told(collection: Collection, *, names_only: bool) -> Document:
    told: Document = {"name": collection.name, "type": "collection"}
    if names_only:
        return told
    return {
        **told,
        "options": collection.options.document(),
        "info": {"readOnly": False, "uuid": collection.uuid},
        "idIndex": ID_SPEC.document(),
    }


def collection_stats(call: Call) -> Document:
    collection = found_collection(call, call.fields["collStats"])
    scale = _scale(call)
    namespace = f"{call.database}.{call.fields['collStats']}"
    if collection is None:
        empty = dict.fromkeys(("size", "count", "storageSize", "totalSize", "nindexes"), 0)
        return {"ns": namespace, **empty, "totalIndexSize": 0, "indexSizes": {}, "scaleFactor": 1}
    return {"ns": namespace, **collection_sizes(collection, call.view, scale)}


def _scale(call: Call) -> int:
    scale: int = call.fields.get("scale", 1)
    if scale < 1:
        raise MongoError(Code.BadValue, f"scale has to be >= 1, it is {scale}")
    return scale


def database_stats(call: Call) -> Document:
    scale = _scale(call)
    collections = call.state.store.catalogue.of(call.database)
    count = sum(one.count() for one in collections)
    size = sum(one.size_bytes for one in collections)
    indexes = [index for one in collections for index in one.indexes.values()]
    index_size = sum(one.size_bytes for one in indexes)
    return {
        "db": call.database,
        "collections": len(collections),
        "views": 0,
        "objects": count,
        "avgObjSize": size / count if count else 0.0,
        "dataSize": size / scale,
        "storageSize": size / scale,
        "indexes": len(indexes),
        "indexSize": index_size / scale,
        "totalSize": (size + index_size) / scale,
        "scaleFactor": scale,
    }


def validate(call: Call) -> Document:
    """Every document is read, and its keys are counted against those of the indexes."""
    collection = existing_collection(call, call.fields["validate"])
    for name in ("repair", "metadata", "background"):
        if call.fields.get(name):
            raise MongoError(
                Code.CommandNotSupported, f"validate with {name} is not supported by this server"
            )
    keys = dict.fromkeys(collection.indexes, 0)
    count = 0
    for record in list(collection.records()):
        document = collection.read(record)
        if document is None:
            continue
        count += 1
        for name, index in collection.indexes.items():
            keys[name] += len(index.keys_of(document))
        call.tick()
    wrong = [
        name
        for name, index in collection.indexes.items()
        if index.size_bytes != keys[name] * KEY_BYTES
    ]
    return {
        "ns": collection.namespace,
        "uuid": collection.uuid,
        "nInvalidDocuments": 0,
        "nNonCompliantDocuments": 0,
        "nrecords": count,
        "nIndexes": len(keys),
        "keysPerIndex": keys,
        "indexDetails": {name: {"valid": name not in wrong} for name in keys},
        "valid": not wrong,
        "repaired": False,
        "warnings": [],
        "errors": [f"index {name} has another number of keys" for name in wrong],
        "extraIndexEntries": [],
        "missingIndexEntries": [],
        "corruptRecords": [],
    }


def list_databases(call: Call) -> Document:
    fields = call.fields
    matcher = compile_filter(fields.get("filter", {}), context=call.context())
    catalogue = call.state.store.catalogue
    names_only = fields.get("nameOnly", False)
    told: list[Document] = []
    total = 0
    for name in catalogue.databases():
        collections = catalogue.of(name)
        size = sum(
            one.size_bytes + sum(index.size_bytes for index in one.indexes.values())
            for one in collections
        )
        one: Document = {"name": name}
        if not names_only:
            is_empty = not any(each.count() for each in collections)
            one |= {"sizeOnDisk": size, "empty": is_empty}
        if matcher.matches(one):
            told.append(one)
            total += size
    if names_only:
        return {"databases": told}
    return {"databases": told, "totalSize": total, "totalSizeMb": total // (1024 * 1024)}


def drop_database(call: Call) -> Document:
    if call.database in ("admin", "config", "local"):
        raise MongoError(
            Code.IllegalOperation, f"Dropping the '{call.database}' database is prohibited."
        )
    is_there = call.database in call.state.store.catalogue.databases()
    held(call, lambda: call.state.store.catalogue.drop_database(call.database))
    return {"dropped": call.database} if is_there else {}


_INDEX_SPEC: Final = {
    "name": STRING,
    "keyPattern": OBJECT,
    "expireAfterSeconds": ANY,
    "hidden": SWITCH,
    "unique": SWITCH,
    "prepareUnique": SWITCH,
}
# Of collections that this server does not have: refused as create does.
_KINDS: Final = {
    "changeStreamPreAndPostImages": OBJECT,
    "timeseries": OBJECT,
    "viewOn": STRING,
    "pipeline": ARRAY,
}


COMMANDS: Final = (
    Command("create", create, Lenient(create=NAME), writes=True, in_transaction=True, in_api=True),
    Command("drop", drop, {"drop": NAME}, writes=True, in_api=True),
    Command(
        "renameCollection",
        rename,
        {"renameCollection": NAME, "to": required(STRING), "dropTarget": SWITCH, "stayTemp": BOOL},
        is_admin=True,
        writes=True,
    ),
    Command(
        "collMod",
        modify,
        {
            "collMod": NAME,
            "index": OBJECT,
            "validator": OBJECT,
            "validationLevel": STRING,
            "validationAction": STRING,
            "cappedSize": NUMBER,
            "cappedMax": NUMBER,
            **_KINDS,
        },
        writes=True,
        in_api=True,
    ),
    Command(
        "listCollections",
        list_collections,
        {
            "listCollections": ANY,
            "filter": OBJECT,
            "nameOnly": SWITCH,
            "authorizedCollections": SWITCH,
            "cursor": OBJECT,
        },
        in_api=True,
    ),
    Command("collStats", collection_stats, {"collStats": NAME, "scale": NUMBER}, reads=True),
    Command(
        "dbStats",
        database_stats,
        {"dbStats": ANY, "scale": NUMBER, "freeStorage": NUMBER},
        aliases=("dbstats",),
    ),
    Command(
        "validate",
        validate,
        {
            "validate": NAME,
            "full": SWITCH,
            "scandata": SWITCH,
            "repair": SWITCH,
            "metadata": SWITCH,
            "background": SWITCH,
            "checkBSONConformance": SWITCH,
            "enforceFastCount": SWITCH,
        },
    ),
    Command(
        "listDatabases",
        list_databases,
        {
            "listDatabases": ANY,
            "filter": OBJECT,
            "nameOnly": SWITCH,
            "authorizedDatabases": SWITCH,
        },
        is_admin=True,
        in_api=True,
    ),
    Command("dropDatabase", drop_database, {"dropDatabase": ANY}, writes=True, in_api=True),
)
