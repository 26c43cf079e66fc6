"""Collections, indexes, validators, and what explain tells."""

import datetime as dt
from typing import Any

import gridfs
import pytest
from pymongo.errors import DuplicateKeyError, OperationFailure, WriteError

from stend.kit.languages import Text
from tests.engines.suite.checks import check, differs_on_real
from tests.engines.suite.mongodb.conftest import (
    ASCENDING,
    DESCENDING,
    FERRETDB_HAS_NOT,
    Client,
    Documents,
    code_of,
    not_in_ferretdb,
    several,
)
from tests.waiting import until

_SCHEMA = {
    "$jsonSchema": {
        "bsonType": "object",
        "required": ["sku", "price"],
        "properties": {
            "sku": {"bsonType": "string", "minLength": 2},
            "price": {"bsonType": ["int", "double"], "minimum": 0},
            "tags": {"bsonType": "array", "items": {"bsonType": "string"}},
        },
    }
}


def stages(plan: Any) -> list[str]:
    """Names of the stages of an explained plan, from the outside in."""
    names = []
    while plan:
        names.append(plan["stage"])
        plan = plan.get("inputStage")
    return names


@check(
    ru="Коллекция появляется при первой вставке и исчезает после drop",
    en="A collection is there from its first insert until it is dropped",
)
def test_collections(items: Documents) -> None:
    database = items.database
    assert database.list_collection_names() == []
    items.insert_one({})
    database.create_collection("empty")
    assert sorted(database.list_collection_names()) == ["empty", "items"]
    items.drop()
    assert database.list_collection_names() == ["empty"]


@check(
    ru="Переименованная коллекция сохраняет документы и индексы",
    en="A renamed collection keeps its documents and indexes",
)
def test_rename(items: Documents) -> None:
    several(items, [1])
    items.create_index("v", unique=True)
    items.rename("other")
    other = items.database["other"]
    assert other.count_documents({}) == 1
    assert "v_1" in other.index_information()
    assert items.count_documents({}) == 0


@check(
    ru="Базы перечислены, удалённой больше нет",
    en="Databases are listed, a dropped one no more",
)
def test_databases(client: Client, items: Documents) -> None:
    items.insert_one({})
    name = items.database.name
    assert name in client.list_database_names()
    client.drop_database(name)
    assert name not in client.list_database_names()


@differs_on_real(
    Text(
        ru="FerretDB 1.24 на повтор при изменении отвечает внутренней ошибкой",
        en="FerretDB 1.24 answers a duplicate in an update with an internal error",
    ),
    raises=OperationFailure,
)
@check(
    ru="Уникальный индекс не пускает повтор: 11000",
    en="A unique index keeps a duplicate out: 11000",
)
def test_unique_index(items: Documents) -> None:
    items.create_index([("a", ASCENDING), ("b", DESCENDING)], unique=True)
    items.insert_many([{"a": 1, "b": 1}, {"a": 1, "b": 2}])
    with pytest.raises(DuplicateKeyError):
        items.insert_one({"a": 1, "b": 2})
    with pytest.raises(DuplicateKeyError):
        items.update_one({"b": 1}, {"$set": {"b": 2}})
    assert items.count_documents({"b": 2}) == 1


@differs_on_real(
    Text(ru="FerretDB 1.24 отвечает внутренней ошибкой", en="FerretDB 1.24: an internal error")
)
@check(
    ru="Уникальный индекс поверх повторов не строится",
    en="A unique index is not built over duplicates",
)
def test_unique_index_over_duplicates(items: Documents) -> None:
    several(items, [1, 1])
    assert code_of(lambda: items.create_index("v", unique=True)) == 11000
    assert list(items.index_information()) == ["_id_"]


@differs_on_real(FERRETDB_HAS_NOT, raises=(OperationFailure, DuplicateKeyError))
@check(
    ru="Частичный и разреженный уникальные индексы не мешают остальным документам",
    en="Partial and sparse unique indexes leave the other documents alone",
)
def test_partial_and_sparse_indexes(items: Documents) -> None:
    items.create_index("a", unique=True, partialFilterExpression={"live": True})
    items.create_index("b", unique=True, sparse=True)
    items.insert_many([{"a": 1, "live": True}, {"a": 1, "live": False}, {"a": 1}])
    with pytest.raises(DuplicateKeyError, match="index: a_1 "):
        items.insert_one({"a": 1, "live": True})
    items.insert_one({"b": 1})
    with pytest.raises(DuplicateKeyError, match="index: b_1 "):
        items.insert_one({"b": 1})


@not_in_ferretdb
@check(
    ru="TTL-индекс удаляет просроченные документы",
    en="A TTL index deletes documents whose time is up",
)
def test_ttl_index(items: Documents) -> None:
    now = dt.datetime.now(dt.UTC)
    items.create_index("until", expireAfterSeconds=0)
    items.insert_many(
        [{"_id": 1, "until": now - dt.timedelta(hours=1)}, {"_id": 2, "until": now}, {"_id": 3}]
    )
    items.update_one({"_id": 2}, {"$set": {"until": now + dt.timedelta(hours=1)}})
    until(lambda: items.count_documents({"_id": 1}) == 0, timeout_s=90)
    assert items.count_documents({}) == 2


@check(
    ru="Индексы перечислены со своими ключами и удаляются по имени",
    en="Indexes are listed with their keys and dropped by name",
)
def test_list_indexes(items: Documents) -> None:
    items.create_index([("a", 1), ("b", -1)], name="mine")
    items.create_index("c", unique=True)
    facts = items.index_information()
    assert facts["mine"]["key"] == [("a", 1), ("b", -1)]
    assert facts["c_1"]["unique"] is True
    items.drop_index("mine")
    assert sorted(items.index_information()) == ["_id_", "c_1"]
    assert code_of(lambda: items.drop_index("none")) == 27


@differs_on_real(
    Text(ru="FerretDB 1.24 не показывает плана", en="FerretDB 1.24 shows no plan"), raises=KeyError
)
@check(
    ru="explain называет индекс, которым выполнен запрос, и число просмотренных документов",
    en="explain names the index that served a query, and how many documents were looked at",
)
def test_explain(items: Documents) -> None:
    several(items, list(range(100)))
    database = items.database
    scan = items.find({"v": 5}).explain()
    assert stages(scan["queryPlanner"]["winningPlan"])[-1] == "COLLSCAN"
    items.create_index("v")
    asked = {"find": "items", "filter": {"v": {"$gte": 90}}}
    told = database.command({"explain": asked, "verbosity": "executionStats"})
    plan = told["queryPlanner"]["winningPlan"]
    assert stages(plan) == ["FETCH", "IXSCAN"]
    assert plan["inputStage"]["indexName"] == "v_1"
    counts = told["executionStats"]
    assert (counts["nReturned"], counts["totalKeysExamined"], counts["totalDocsExamined"]) == (
        *(10, 10, 10),
    )


@differs_on_real(
    Text(ru="FerretDB 1.24 не показывает плана", en="FerretDB 1.24 shows no plan"), raises=KeyError
)
@check(
    ru="Сортировка по индексу обходится без стадии SORT, hint выбирает индекс",
    en="A sort by an index needs no SORT stage; hint chooses the index",
)
def test_sort_by_index(items: Documents) -> None:
    several(items, [3, 1, 2])
    items.create_index("v")
    plan = items.find().sort("v", -1).explain()["queryPlanner"]["winningPlan"]
    assert "SORT" not in stages(plan)
    plan = items.find({"_id": {"$gt": 0}}).hint("v_1").explain()["queryPlanner"]["winningPlan"]
    assert stages(plan)[-1] == "IXSCAN"
    assert code_of(lambda: list(items.find().hint("none_1"))) == 2


@not_in_ferretdb
@check(
    ru="Валидатор $jsonSchema не пускает неподходящий документ: ошибка 121",
    en="A $jsonSchema validator keeps out what does not fit: error 121",
)
@pytest.mark.parametrize(
    "wrong",
    [
        {"sku": "milk"},
        {"sku": "m", "price": 1},
        {"sku": "milk", "price": -1},
        {"sku": "milk", "price": "1"},
        {"sku": "milk", "price": 1, "tags": ["a", 2]},
    ],
)
def test_validator(items: Documents, wrong: dict[str, Any]) -> None:
    items.database.create_collection("items", validator=_SCHEMA)
    items.insert_one({"_id": 1, "sku": "milk", "price": 1.5, "tags": ["a"]})
    with pytest.raises(WriteError) as raised:
        items.insert_one(dict(wrong))
    assert raised.value.code == 121
    assert code_of(lambda: items.update_one({"_id": 1}, {"$set": {"price": -5}})) == 121
    assert items.count_documents({"price": 1.5}) == items.count_documents({}) == 1


@not_in_ferretdb
@check(
    ru="collMod добавляет валидатор к существующей коллекции",
    en="collMod gives a validator to a collection that is there",
)
def test_coll_mod(items: Documents) -> None:
    several(items, [1])
    items.database.command({"collMod": "items", "validator": {"v": {"$gt": 0}}})
    assert code_of(lambda: items.insert_one({"v": -1})) == 121
    items.insert_one({"v": 2})


@check(
    ru="GridFS хранит файл в 600 КБ и отдаёт его тем же",
    en="GridFS keeps a file of 600 KB and gives it back the same",
)
def test_gridfs(items: Documents) -> None:
    content = bytes(range(256)) * 2400
    store = gridfs.GridFS(items.database)
    number = store.put(content, filename="map.png")
    assert store.get(number).read() == content
    store.delete(number)
    assert not store.exists(number)


@differs_on_real(
    Text(
        ru="FerretDB 1.24 не сравнивает параметры одноимённых индексов",
        en="FerretDB 1.24 does not compare the options of indexes with one name",
    ),
    raises=pytest.fail.Exception,
)
@check(
    ru="Тот же индекс с другими параметрами — ошибка, не молчаливое согласие",
    en="The same index with other options is an error, not silent consent",
)
def test_index_options_conflict(items: Documents) -> None:
    items.create_index("c", unique=True)
    assert code_of(lambda: items.create_index("c")) in (85, 86)


@differs_on_real(
    Text(ru="FerretDB 1 — одиночный сервер", en="FerretDB 1 is a server of its own"),
    raises=KeyError,
)
@check(
    ru="hello называет набор реплик и первичный узел",
    en="hello names the replica set and its primary",
)
def test_hello(client: Client) -> None:
    told = client.admin.command("hello")
    assert told["isWritablePrimary"] is True
    assert told["setName"]
    assert told["primary"] in told["hosts"]


@check(
    ru="Коллекции с пустым именем или с $ в нём не бывает: ошибка 73",
    en="No collection has an empty name or one with $ in it: error 73",
)
def test_wrong_names(items: Documents) -> None:
    database = items.database
    assert code_of(lambda: database.command({"insert": "a$b", "documents": [{}]})) == 73
    assert code_of(lambda: database.command({"create": ""})) == 73
