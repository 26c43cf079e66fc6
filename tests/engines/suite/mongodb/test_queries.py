"""Filters, projections and order."""

from typing import Any

import pytest
from bson import Decimal128, Int64, Regex
from pymongo.errors import AutoReconnect, OperationFailure

from stend.kit.languages import Text
from tests.engines.suite.checks import check, differs_on_real
from tests.engines.suite.mongodb.conftest import (
    FERRETDB_HAS_NOT,
    Documents,
    code_of,
    ids,
    not_in_ferretdb,
    several,
)

_MIXED = [1, Int64(2), 3.0, "a", None, [1, 5], {"x": 1}, True, [], "A"]
_FILTERS: list[tuple[dict[str, Any], list[int]]] = [
    ({"v": 1}, [0, 5]),
    ({"v": 2.0}, [1]),
    ({"v": {"$gt": 1}}, [1, 2, 5]),
    ({"v": {"$gte": 1, "$lt": 3}}, [0, 1, 5]),
    ({"v": {"$in": [3, "a"]}}, [2, 3]),
    ({"v": {"$ne": 1}}, [1, 2, 3, 4, 6, 7, 8, 9]),
    ({"v": None}, [4]),
    ({"v": {"$type": "string"}}, [3, 9]),
    ({"v": {"$type": "number"}}, [0, 1, 2, 5]),
    ({"v": {"$size": 2}}, [5]),
    ({"v": []}, [8]),
    ({"v": {"$elemMatch": {"$gt": 4}}}, [5]),
    ({"v": {"$all": [1, 5]}}, [5]),
    ({"v.x": 1}, [6]),
    ({"v.1": 5}, [5]),
    ({"v": {"$exists": True}, "_id": {"$gt": 7}}, [8, 9]),
    ({"w": {"$exists": False}, "_id": 0}, [0]),
    ({"w": None, "_id": {"$lt": 2}}, [0, 1]),
    ({"v": {"$not": {"$gt": 0}}}, [3, 4, 6, 7, 8, 9]),
    ({"$or": [{"v": 1}, {"v": "a"}]}, [0, 3, 5]),
    ({"$and": [{"v": {"$gt": 0}}, {"v": {"$lt": 2}}]}, [0, 5]),
    ({"$nor": [{"v": {"$type": "number"}}, {"v": {"$type": "string"}}]}, [4, 6, 7, 8]),
    ({"v": Regex("^a$", "i")}, [3, 9]),
    ({"v": {"$regex": "^a"}}, [3]),
    ({"v": {"x": 1}}, [6]),
]


@check(
    ru="Условия: операторы сравнения, логики, типа и массивов",
    en="Filters: operators of comparison, logic, type and arrays",
)
@pytest.mark.parametrize(("spec", "expected"), _FILTERS)
def test_filters(items: Documents, spec: dict[str, Any], expected: list[int]) -> None:
    several(items, _MIXED)
    assert ids(items.find(spec).sort("_id")) == expected


@differs_on_real(
    Text(
        ru="FerretDB 1.24 не смотрит в массивы для $mod и $bitsAllSet",
        en="FerretDB 1.24 does not look into arrays for $mod and $bitsAllSet",
    )
)
@check(
    ru="$mod и $bitsAllSet видят и числа внутри массивов",
    en="$mod and $bitsAllSet see the numbers inside arrays, too",
)
def test_bits_and_remainders(items: Documents) -> None:
    several(items, _MIXED)
    assert ids(items.find({"v": {"$mod": [2, 1]}}).sort("_id")) == [0, 2, 5]
    assert ids(items.find({"v": {"$bitsAllSet": 1}}).sort("_id")) == [0, 2, 5]


@check(
    ru="Сравнение на больше и меньше не переходит через границу типов",
    en="Greater and less do not go over from one type to another",
)
def test_type_bracketing(items: Documents) -> None:
    several(items, [5, "5", True, None])
    assert ids(items.find({"v": {"$gt": 1}})) == [0]
    assert ids(items.find({"v": {"$lt": "9"}})) == [1]


@differs_on_real(FERRETDB_HAS_NOT, raises=OperationFailure)
@check(
    ru="Условие на элементы массива: порознь и через $elemMatch",
    en="A filter on the elements of an array: one by one and with $elemMatch",
)
def test_elem_match(shop: Documents) -> None:
    apart = {"lines.sku": "bread", "lines.n": 5}
    assert ids(shop.find(apart)) == [2]
    together = {"lines": {"$elemMatch": {"sku": "bread", "n": 5}}}
    assert ids(shop.find(together)) == []
    assert ids(shop.find({"lines": {"$elemMatch": {"sku": "milk", "n": {"$gte": 5}}}})) == [2]


@not_in_ferretdb
@check(
    ru="$expr сравнивает поля документа между собой",
    en="$expr compares fields of the document with each other",
)
def test_expr(items: Documents) -> None:
    items.insert_many([{"_id": 1, "a": 5, "b": 3}, {"_id": 2, "a": 1, "b": 3}])
    assert ids(items.find({"$expr": {"$gt": ["$a", "$b"]}})) == [1]


@check(
    ru="Неизвестный оператор условия — ошибка 2",
    en="A query operator that does not exist is error 2",
)
def test_unknown_operator(items: Documents) -> None:
    several(items, [1])
    assert code_of(lambda: list(items.find({"v": {"$greater": 1}}))) == 2


@check(
    ru="Проекция: включение, исключение и вложенные поля",
    en="Projection: fields taken, left out, and fields inside others",
)
def test_projection(items: Documents) -> None:
    items.insert_one({"_id": 1, "a": 1, "b": {"c": 2, "d": 3}, "e": [{"f": 1, "g": 2}]})
    assert items.find_one({}, {"a": 1}) == {"_id": 1, "a": 1}
    assert items.find_one({}, {"_id": 0, "b.c": 1}) == {"b": {"c": 2}}
    assert items.find_one({}, {"b": 0, "e.g": 0}) == {"_id": 1, "a": 1, "e": [{"f": 1}]}


@differs_on_real(FERRETDB_HAS_NOT, raises=(OperationFailure, AssertionError))
@check(
    ru="Проекция массива: $slice и $elemMatch",
    en="Projection of an array: $slice and $elemMatch",
)
def test_array_projection(shop: Documents) -> None:
    assert shop.find_one({"_id": 2}, {"lines": {"$slice": -1}, "who": 0, "total": 0}) == {
        "_id": 2,
        "lines": [{"sku": "milk", "n": 5}],
    }
    assert shop.find_one({"_id": 2}, {"lines": {"$elemMatch": {"n": 1}}}) == {
        "_id": 2,
        "lines": [{"sku": "bread", "n": 1}],
    }


@check(
    ru="Смешать включение с исключением нельзя",
    en="Taking and leaving out do not mix",
)
def test_mixed_projection(items: Documents) -> None:
    several(items, [1])
    assert code_of(lambda: items.find_one({}, {"a": 1, "b": 0})) == 31254


@check(
    ru="Сортировка по нескольким полям в обе стороны",
    en="A sort by several fields in both directions",
)
def test_sort(shop: Documents) -> None:
    assert ids(shop.find().sort([("who", 1), ("total", -1)])) == [2, 1, 5, 3, 4]


@check(
    ru="Порядок типов при сортировке: null, числа, строки, документы, массивы, логические",
    en="The order of types in a sort: null, numbers, texts, documents, arrays, booleans",
)
def test_order_of_types(items: Documents) -> None:
    several(items, [True, "a", {"x": 1}, 2, None, 1.5])
    assert ids(items.find().sort("v", 1)) == [4, 5, 3, 1, 2, 0]
    assert ids(items.find().sort("v", -1)) == [0, 2, 1, 3, 5, 4]


@differs_on_real(
    Text(
        ru="FerretDB 1.24 на Decimal128 обрывает соединение",
        en="FerretDB 1.24 breaks the connection off at a Decimal128",
    ),
    raises=AutoReconnect,
)
@check(
    ru="Числа разных типов сравниваются точно, Decimal128 тоже",
    en="Numbers of different types are compared exactly, Decimal128 too",
)
def test_numbers_compare_exactly(items: Documents) -> None:
    large = 9007199254740993
    several(items, [Int64(large), float(large - 1), Decimal128("0.1"), 0.1])
    assert ids(items.find({"v": Int64(large)})) == [0]
    assert ids(items.find({"v": Int64(large - 1)})) == [1]
    assert ids(items.find({"v": {"$lt": 1}}).sort("v", 1)) == [2, 3]


@check(
    ru="Сортировка по массиву берёт наименьший элемент, по убыванию — наибольший",
    en="A sort by an array takes its least element, descending its greatest",
)
def test_sort_by_array(items: Documents) -> None:
    several(items, [[5, 1], [3], [2, 9]])
    assert ids(items.find().sort("v", 1)) == [0, 2, 1]
    assert ids(items.find().sort("v", -1)) == [2, 0, 1]


@differs_on_real(Text(ru="FerretDB отвечает кодом 9", en="FerretDB answers with code 9"))
@check(
    ru="Неизвестное поле команды — ошибка 40415, а не тишина",
    en="A field that a command does not have is error 40415, not silence",
)
def test_unknown_field_of_a_command(items: Documents) -> None:
    several(items, [1])
    refused = {"find": "items", "filtre": {"v": 2}}
    assert code_of(lambda: items.database.command(refused)) == 40415
