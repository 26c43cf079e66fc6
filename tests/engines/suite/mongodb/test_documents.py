"""Documents written, read, changed and deleted."""

import datetime as dt
import uuid
from typing import Any

import pytest
from bson import Binary, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from pymongo import AsyncMongoClient, DeleteOne, InsertOne, ReplaceOne, ReturnDocument, UpdateOne
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    DuplicateKeyError,
    OperationFailure,
    WriteError,
)

from stend.kit.languages import Text
from tests.engines.suite.checks import check, differs_on_real
from tests.engines.suite.mongodb.conftest import (
    FERRETDB_HAS_NOT,
    Client,
    Documents,
    code_of,
    ids,
    not_in_ferretdb,
    several,
)

_VALUES = [
    ("double", 1.5),
    ("string", "Ёжик 🦔"),
    ("object", {"b": 1, "a": {"c": []}}),
    ("array", [1, "two", None, {"x": 3.0}]),
    ("binary", b"\x00\xff"),
    ("objectid", ObjectId("65a1b2c3d4e5f60718293a4b")),
    ("bool", True),
    ("date", dt.datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=dt.UTC)),
    ("null", None),
    ("regex", Regex("^a.b", "i")),
    ("int32", 42),
    ("int64", Int64(42)),
    ("timestamp", Timestamp(1700000000, 3)),
]


@check(
    ru="Каждый тип BSON возвращается тем же типом и значением",
    en="Every BSON type comes back as the same type and value",
)
@pytest.mark.parametrize("stored", [one for _, one in _VALUES], ids=[one for one, _ in _VALUES])
def test_types_survive(items: Documents, stored: Any) -> None:
    items.insert_one({"_id": 1, "v": stored})
    found = items.find_one({"_id": 1})
    assert found == {"_id": 1, "v": stored}
    assert type(found["v"]) is type(stored)


@differs_on_real(FERRETDB_HAS_NOT, raises=WriteError)
@check(
    ru="Массивы в массивах возвращаются теми же",
    en="Arrays in arrays come back the same",
)
def test_nested_arrays_survive(items: Documents) -> None:
    items.insert_one({"_id": 1, "v": [[1, [2.5]], []]})
    assert items.find_one() == {"_id": 1, "v": [[1, [2.5]], []]}


@differs_on_real(
    Text(
        ru="FerretDB 1.24 на таких типах обрывает соединение",
        en="FerretDB 1.24 breaks the connection off at such types",
    ),
    raises=AutoReconnect,
)
@check(
    ru="Decimal128, MinKey, MaxKey и UUID возвращаются теми же",
    en="Decimal128, MinKey, MaxKey and UUID come back the same",
)
def test_rarer_types_survive(items: Documents) -> None:
    values = [Decimal128("0.10"), MinKey(), MaxKey(), Binary.from_uuid(uuid.UUID(int=7))]
    several(items, values)
    assert [one["v"] for one in items.find().sort("_id")] == values


@check(
    ru="Порядок полей документа сохраняется, _id идёт первым",
    en="The order of a document's fields is kept, _id comes first",
)
def test_order_of_fields(items: Documents) -> None:
    items.insert_one({"z": 1, "a": 2, "_id": 3, "m": 4})
    found = items.find_one()
    assert found is not None
    assert list(found) == ["_id", "z", "a", "m"]


@check(
    ru="insert_many вставляет по порядку и останавливается на повторе _id: 11000",
    en="insert_many goes in order and stops at an _id that is there already: 11000",
)
def test_insert_many_stops(items: Documents) -> None:
    with pytest.raises(BulkWriteError) as raised:
        items.insert_many([{"_id": 1}, {"_id": 2}, {"_id": 1}, {"_id": 3}])
    details = raised.value.details
    assert details is not None
    assert (details["nInserted"], details["writeErrors"][0]["index"]) == (2, 2)
    assert details["writeErrors"][0]["code"] == 11000
    assert ids(items.find().sort("_id")) == [1, 2]


@check(
    ru="Неупорядоченная вставка пропускает повтор и вставляет остальное",
    en="An unordered insert passes over a duplicate and takes the rest",
)
def test_unordered_insert(items: Documents) -> None:
    with pytest.raises(BulkWriteError) as raised:
        items.insert_many([{"_id": 1}, {"_id": 1}, {"_id": 2}], ordered=False)
    assert [(one["index"], one["code"]) for one in raised.value.details["writeErrors"]] == [
        (1, 11000)
    ]
    assert ids(items.find().sort("_id")) == [1, 2]


@check(
    ru="bulk_write смешивает вставку, изменение, замену и удаление",
    en="bulk_write mixes inserts, updates, replacements and deletes",
)
def test_bulk_write(items: Documents) -> None:
    result = items.bulk_write(
        [
            InsertOne({"_id": 1, "n": 1}),
            InsertOne({"_id": 2, "n": 1}),
            UpdateOne({"_id": 1}, {"$inc": {"n": 5}}),
            UpdateOne({"_id": 3}, {"$set": {"n": 9}}, upsert=True),
            ReplaceOne({"_id": 2}, {"m": 1}),
            DeleteOne({"_id": 1}),
        ]
    )
    counts = (result.inserted_count, result.modified_count, result.deleted_count)
    assert counts == (2, 2, 1)
    assert result.upserted_ids is not None
    assert list(result.upserted_ids.values()) == [3]
    assert list(items.find().sort("_id")) == [{"_id": 2, "m": 1}, {"_id": 3, "n": 9}]


@check(
    ru="update_one меняет первый, update_many — все; счётчики различают найденное и изменённое",
    en="update_one changes the first, update_many all; found and changed are counted apart",
)
def test_updates(items: Documents) -> None:
    several(items, [1, 1, 2])
    assert items.update_one({"v": 1}, {"$set": {"seen": True}}).modified_count == 1
    result = items.update_many({"v": 1}, {"$set": {"seen": True}})
    assert (result.matched_count, result.modified_count) == (2, 1)
    nothing = items.update_one({"v": 99}, {"$set": {"v": 1}})
    assert (nothing.matched_count, nothing.upserted_id) == (0, None)


@check(
    ru="Операторы изменения: $inc, $mul, $min, $max, $rename, $unset, $setOnInsert",
    en="Update operators: $inc, $mul, $min, $max, $rename, $unset, $setOnInsert",
)
def test_update_operators(items: Documents) -> None:
    items.insert_one({"_id": 1, "a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6})
    items.update_one(
        {"_id": 1},
        {
            "$inc": {"a": 10},
            "$mul": {"b": 3},
            "$min": {"c": 1},
            "$max": {"d": 9},
            "$rename": {"e": "g"},
            "$unset": {"f": ""},
            "$setOnInsert": {"h": 1},
        },
    )
    assert items.find_one() == {"_id": 1, "a": 11, "b": 6, "c": 1, "d": 9, "g": 5}


@check(
    ru="Upsert собирает документ из условия и операторов",
    en="An upsert makes the document of the filter and the operators",
)
def test_upsert(items: Documents) -> None:
    result = items.update_one(
        {"_id": 7, "sku": "milk"}, {"$inc": {"n": 1}, "$setOnInsert": {"new": True}}, upsert=True
    )
    assert result.upserted_id == 7
    assert items.find_one() == {"_id": 7, "sku": "milk", "n": 1, "new": True}


@check(
    ru="Массивы: $push с $each, $addToSet, $pop, $pull",
    en="Arrays: $push with $each, $addToSet, $pop, $pull",
)
def test_array_operators(items: Documents) -> None:
    items.insert_one({"_id": 1, "a": [1, 2, 3], "b": [1], "c": [1, 2], "d": [1, 5, 1]})
    items.update_one(
        {"_id": 1},
        {
            "$push": {"a": {"$each": [4, 5]}},
            "$addToSet": {"b": 1},
            "$pop": {"c": 1},
            "$pull": {"d": 1},
        },
    )
    assert items.find_one() == {"_id": 1, "a": [1, 2, 3, 4, 5], "b": [1], "c": [1], "d": [5]}


@differs_on_real(
    Text(
        ru="FerretDB 1.24 молча не выполняет $sort, $slice и $position",
        en="FerretDB 1.24 leaves $sort, $slice and $position out without a word",
    )
)
@check(
    ru="$push с $sort, $slice и $position",
    en="$push with $sort, $slice and $position",
)
def test_push_modifiers(items: Documents) -> None:
    items.insert_one({"_id": 1, "a": [3, 1], "b": [1, 2]})
    items.update_one(
        {"_id": 1},
        {
            "$push": {
                "a": {"$each": [5, 4], "$sort": -1, "$slice": 3},
                "b": {"$each": [9], "$position": 1},
            }
        },
    )
    assert items.find_one() == {"_id": 1, "a": [5, 4, 3], "b": [1, 9, 2]}


@not_in_ferretdb
@check(
    ru="arrayFilters меняют только подходящие элементы массива",
    en="arrayFilters change only the elements of an array that fit",
)
def test_array_filters(shop: Documents) -> None:
    shop.update_one(
        {"_id": 2}, {"$inc": {"lines.$[one].n": 10}}, array_filters=[{"one.sku": "milk"}]
    )
    found = shop.find_one({"_id": 2})
    assert found is not None
    assert found["lines"] == [{"sku": "bread", "n": 1}, {"sku": "milk", "n": 15}]


@differs_on_real(FERRETDB_HAS_NOT, raises=(OperationFailure, AssertionError))
@check(
    ru="Позиционный $ меняет элемент, который нашло условие; $[] — все",
    en="The positional $ changes the element that the filter found; $[] changes all",
)
def test_positional_operator(shop: Documents) -> None:
    shop.update_one({"lines.sku": "milk", "_id": 2}, {"$set": {"lines.$.n": 7}})
    shop.update_one({"_id": 2}, {"$inc": {"lines.$[].n": 1}})
    found = shop.find_one({"_id": 2})
    assert found is not None
    assert [one["n"] for one in found["lines"]] == [2, 8]


@not_in_ferretdb
@check(
    ru="Изменение конвейером считает одно поле из другого",
    en="An update by a pipeline works one field out from another",
)
def test_pipeline_update(items: Documents) -> None:
    items.insert_one({"_id": 1, "price": 10, "n": 3})
    items.update_one(
        {"_id": 1},
        [{"$set": {"total": {"$multiply": ["$price", "$n"]}}}, {"$unset": ["price"]}],
    )
    assert items.find_one() == {"_id": 1, "n": 3, "total": 30}


@check(
    ru="$inc по строке — ошибка, документ не тронут",
    en="$inc of a text is an error, and the document is left alone",
)
def test_inc_of_a_text(items: Documents) -> None:
    items.insert_one({"_id": 1, "a": "x", "b": 1})
    with pytest.raises(WriteError) as raised:
        items.update_one({"_id": 1}, {"$inc": {"b": 1, "a": 1}})
    assert raised.value.code == 14
    assert items.find_one() == {"_id": 1, "a": "x", "b": 1}


@check(
    ru="_id неизменен: ошибка 66",
    en="_id cannot be changed: error 66",
)
def test_id_is_immutable(items: Documents) -> None:
    items.insert_one({"_id": 1})
    assert code_of(lambda: items.update_one({"_id": 1}, {"$set": {"_id": 2}})) == 66


@check(
    ru="Неизвестный оператор изменения — ошибка 9",
    en="An update operator that does not exist is error 9",
)
def test_unknown_update_operator(items: Documents) -> None:
    items.insert_one({"_id": 1})
    assert code_of(lambda: items.update_one({"_id": 1}, {"$increase": {"n": 1}})) == 9


@check(
    ru="find_one_and_update отдаёт документ до или после, по порядку сортировки",
    en="find_one_and_update gives the document before or after, the first by the sort",
)
def test_find_one_and_update(items: Documents) -> None:
    several(items, [3, 1, 2])
    before = items.find_one_and_update({}, {"$inc": {"v": 10}}, sort=[("v", 1)])
    assert before == {"_id": 1, "v": 1}
    after = items.find_one_and_update(
        {"_id": 1}, {"$inc": {"v": 1}}, return_document=ReturnDocument.AFTER
    )
    assert after == {"_id": 1, "v": 12}
    assert items.find_one_and_delete({"v": {"$lt": 3}}) == {"_id": 2, "v": 2}
    assert items.find_one_and_update({"_id": 99}, {"$set": {"v": 0}}) is None


@check(
    ru="delete_one удаляет один, delete_many — все подходящие",
    en="delete_one deletes one, delete_many all that fit",
)
def test_deletes(items: Documents) -> None:
    several(items, [1, 1, 2, 2])
    assert items.delete_one({"v": 1}).deleted_count == 1
    assert items.delete_many({"v": 2}).deleted_count == 2
    assert ids(items.find()) == [1]


@check(
    ru="Курсор отдаёт тысячи документов порциями, порядок вставки сохраняется",
    en="A cursor gives thousands of documents in batches, in the order of insertion",
)
def test_cursor_batches(items: Documents) -> None:
    several(items, list(range(3000)))
    assert ids(items.find(batch_size=100)) == list(range(3000))
    assert ids(items.find().skip(2990).limit(5)) == [2990, 2991, 2992, 2993, 2994]


@check(
    ru="Закрытый курсор забыт: getMore по нему — ошибка 43",
    en="A cursor that was closed is forgotten: getMore is error 43",
)
def test_closed_cursor(items: Documents) -> None:
    several(items, list(range(300)))
    database = items.database
    answer = database.command({"find": "items", "batchSize": 2})
    number = answer["cursor"]["id"]
    assert len(database.command({"getMore": number, "collection": "items"})["cursor"]["nextBatch"])
    answer = database.command({"find": "items", "batchSize": 2})
    number = answer["cursor"]["id"]
    database.command({"killCursors": "items", "cursors": [number]})
    assert code_of(lambda: database.command({"getMore": number, "collection": "items"})) == 43


@check(
    ru="count_documents, estimated_document_count и distinct",
    en="count_documents, estimated_document_count and distinct",
)
def test_counts(shop: Documents) -> None:
    assert shop.count_documents({"who": "anna"}) == 2
    assert shop.estimated_document_count() == 5
    assert sorted(shop.distinct("who")) == ["anna", "boris", "vera"]


@check(
    ru="distinct заглядывает в массивы документов",
    en="distinct looks into arrays of documents",
)
def test_distinct_in_arrays(shop: Documents) -> None:
    assert sorted(shop.distinct("lines.sku")) == ["bread", "milk", "tea"]


@check(
    ru="Документ больше 16 МБ не принимается",
    en="A document of more than 16 MB is not taken",
)
def test_too_large(items: Documents) -> None:
    items.insert_one({"_id": 1, "v": "x" * 15_000_000})
    with pytest.raises(Exception, match=r"(?i)too large|exceeds"):
        items.insert_one({"_id": 2, "v": "x" * 17_000_000})
    assert items.count_documents({}) == 1


@check(
    ru="Повтор _id — ошибка 11000",
    en="An _id that is there already is error 11000",
)
def test_duplicate_id(items: Documents) -> None:
    items.insert_one({"_id": 1})
    with pytest.raises(DuplicateKeyError, match="E11000 duplicate key error") as raised:
        items.insert_one({"_id": 1})
    assert raised.value.code == 11000


@check(
    ru="Асинхронный клиент пишет и читает",
    en="The asynchronous client writes and reads",
)
async def test_async_client(mongodb_url: str, items: Documents) -> None:
    async with AsyncMongoClient[dict[str, Any]](mongodb_url) as client:
        collection = client[items.database.name]["items"]
        await collection.insert_many([{"_id": number} for number in range(250)])
        found = [one["_id"] async for one in collection.find(batch_size=50)]
        assert found == list(range(250))
        assert await collection.count_documents({"_id": {"$gte": 200}}) == 50


@check(
    ru="Неизвестная команда — ошибка 59",
    en="A command that does not exist is error 59",
)
def test_unknown_command(client: Client) -> None:
    assert code_of(lambda: client.admin.command("selfDestruct")) == 59
