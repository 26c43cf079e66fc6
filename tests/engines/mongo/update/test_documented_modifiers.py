"""Every update operator of MongoDB's reference is done; any other is refused as MongoDB does."""

from dataclasses import replace
from typing import Any

import pytest
from bson import DatetimeMS

from stend.engines.mongo.aggregate.compiling import update_pipeline_compiler
from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query.matching import Match
from stend.engines.mongo.update.compiling import compile_update
from stend.engines.mongo.update.parsing import MODIFIERS
from tests.engines.mongo.query.given import CONTEXT, NOW

# The pages of "Update Operators" of the manual of 8.0, with an update that is right.
DONE: dict[str, tuple[Any, dict[str, Any]]] = {
    "$currentDate": ({"$currentDate": {"d": True}}, {"n": 5, "d": DatetimeMS(NOW), "a": [1, 2]}),
    "$inc": ({"$inc": {"n": 2}}, {"n": 7, "a": [1, 2]}),
    "$min": ({"$min": {"n": 1}}, {"n": 1, "a": [1, 2]}),
    "$max": ({"$max": {"n": 9}}, {"n": 9, "a": [1, 2]}),
    "$mul": ({"$mul": {"n": 2}}, {"n": 10, "a": [1, 2]}),
    "$rename": ({"$rename": {"n": "m"}}, {"m": 5, "a": [1, 2]}),
    "$set": ({"$set": {"n": 1}}, {"n": 1, "a": [1, 2]}),
    "$setOnInsert": ({"$setOnInsert": {"n": 1}}, {"n": 5, "a": [1, 2]}),
    "$unset": ({"$unset": {"n": ""}}, {"a": [1, 2]}),
    "$": ({"$set": {"a.$": 9}}, {"n": 5, "a": [1, 9]}),
    "$[]": ({"$set": {"a.$[]": 9}}, {"n": 5, "a": [9, 9]}),
    "$[<identifier>]": ({"$set": {"a.$[e]": 9}}, {"n": 5, "a": [9, 2]}),
    "$addToSet": ({"$addToSet": {"a": 3}}, {"n": 5, "a": [1, 2, 3]}),
    "$pop": ({"$pop": {"a": 1}}, {"n": 5, "a": [1]}),
    "$pull": ({"$pull": {"a": 1}}, {"n": 5, "a": [2]}),
    "$push": ({"$push": {"a": 3}}, {"n": 5, "a": [1, 2, 3]}),
    "$pullAll": ({"$pullAll": {"a": [1, 2]}}, {"n": 5, "a": []}),
    "$each": ({"$push": {"a": {"$each": [3, 4]}}}, {"n": 5, "a": [1, 2, 3, 4]}),
    "$position": ({"$push": {"a": {"$each": [3], "$position": 0}}}, {"n": 5, "a": [3, 1, 2]}),
    "$slice": ({"$push": {"a": {"$each": [3], "$slice": -1}}}, {"n": 5, "a": [3]}),
    "$sort": ({"$push": {"a": {"$each": [3], "$sort": -1}}}, {"n": 5, "a": [3, 2, 1]}),
    "$bit": ({"$bit": {"n": {"and": 4}}}, {"n": 4, "a": [1, 2]}),
    "pipeline": ([{"$set": {"n": 1}}], {"n": 1, "a": [1, 2]}),
}


@pytest.mark.parametrize("name", DONE)
def test_an_operator_is_done(name: str) -> None:
    update, changed = DONE[name]
    filters = [{"e": 1}] if name == "$[<identifier>]" else []
    updater = compile_update(update, array_filters=filters, context=CONTEXT)
    found = updater.apply({"n": 5, "a": [1, 2]}, Match(array_index=1), False)
    assert found == changed


def test_there_are_no_others() -> None:
    assert {name for name in DONE if name in MODIFIERS} == set(MODIFIERS)


@pytest.mark.parametrize("name", ["$isolated", "$pushAll", "$each", "$concat", "$match", "$"])
def test_another_operator_is_refused(name: str) -> None:
    with pytest.raises(MongoError, match="Unknown modifier: ") as refused:
        compile_update({name: {"a": 1}}, context=CONTEXT)
    assert refused.value.code == 9


@pytest.mark.parametrize(
    ("stages", "code"),
    [
        ([{"$match": {}}], 72),
        ([{"$out": "c"}], 72),
        ([{"$merge": "c"}], 72),
        ([{"$changeStream": {}}], 72),
        ([{"$group": {"_id": None}}], 72),
        ([{"$like": {}}], 40324),
        ([1], 14),
    ],
)
def test_another_stage_is_refused(stages: list[Any], code: int) -> None:
    context = replace(CONTEXT, compile_pipeline=update_pipeline_compiler)
    with pytest.raises(MongoError) as refused:
        compile_update(stages, context=context)
    assert refused.value.code == code


def test_a_pipeline_is_refused_where_none_is_allowed() -> None:
    with pytest.raises(MongoError, match="a pipeline is not allowed") as refused:
        compile_update([], context=replace(CONTEXT, compile_pipeline=None))
    assert refused.value.code == 9
