"""Every operator, accumulator, window function and stage of MongoDB 8.0's reference is done, or
refused with a code of MongoDB's own."""

from typing import Any

import pytest

from stend.engines.mongo.aggregate.accumulating import ACCUMULATORS
from stend.engines.mongo.aggregate.expressions.table import OPERATORS
from stend.engines.mongo.aggregate.pipeline import STAGES, compile_pipeline
from stend.engines.mongo.aggregate.windows.functions import WINDOW_FUNCTIONS
from stend.engines.mongo.errors import MongoError
from tests.engines.mongo.aggregate.running import CONTEXT, Collections, run, value


def words(text: str) -> list[str]:
    return text.split()


EXPRESSIONS = words(
    """
$abs $add $allElementsTrue $and $anyElementTrue $arrayElemAt $arrayToObject $atan $atan2 $atanh
$asin $asinh $acos $acosh $avg $binarySize $bitAnd $bitNot $bitOr $bitXor $bsonSize $ceil $cmp
$concat $concatArrays $cond $convert $cos $cosh $dateAdd $dateDiff $dateFromParts $dateFromString
$dateSubtract $dateToParts $dateToString $dateTrunc $dayOfMonth $dayOfWeek $dayOfYear
$degreesToRadians $divide $eq $exp $filter $first $firstN $floor $getField $gt $gte $hour $ifNull
$in $indexOfArray $indexOfBytes $indexOfCP $isArray $isNumber $isoDayOfWeek $isoWeek $isoWeekYear
$last $lastN $let $literal $ln $log $log10 $lt $lte $ltrim $map $max $maxN $median $mergeObjects
$millisecond $min $minN $minute $mod $month $multiply $ne $not $objectToArray $or $percentile $pow
$radiansToDegrees $rand $range $reduce $regexFind $regexFindAll $regexMatch $replaceAll
$replaceOne $reverseArray $round $rtrim $second $setDifference $setEquals $setField
$setIntersection $setIsSubset $setUnion $sin $sinh $size $slice $sortArray $split $sqrt $stdDevPop
$stdDevSamp $strLenBytes $strLenCP $strcasecmp $substr $substrBytes $substrCP $subtract $sum
$switch $tan $tanh $toBool $toDate $toDecimal $toDouble $toHashedIndexKey $toInt $toLong $toLower
$toObjectId $toString $toUUID $toUpper $trim $trunc $tsIncrement $tsSecond $type $unsetField $week
$year $zip
"""
)

GROUP_ACCUMULATORS = words(
    """
$addToSet $avg $bottom $bottomN $count $first $firstN $last $lastN $max $maxN $median
$mergeObjects $min $minN $percentile $push $stdDevPop $stdDevSamp $sum $top $topN
"""
)

WINDOWED = words(
    """
$addToSet $avg $bottom $bottomN $count $covariancePop $covarianceSamp $denseRank $derivative
$documentNumber $expMovingAvg $first $firstN $integral $last $lastN $linearFill $locf $max $maxN
$median $min $minN $percentile $push $rank $shift $stdDevPop $stdDevSamp $sum $top $topN
"""
)

DONE_STAGES = words(
    """
$addFields $bucket $bucketAuto $count $densify $documents $facet $fill $graphLookup $group $limit
$lookup $match $merge $out $project $redact $replaceRoot $replaceWith $sample $set
$setWindowFields $skip $sort $sortByCount $unionWith $unset $unwind
"""
)

# What commands may give as `extra` is unknown to the pipeline itself.
REFUSED_STAGES = {
    "$changeStream": 40324,
    "$changeStreamSplitLargeEvent": 40324,
    "$collStats": 40324,
    "$currentOp": 40324,
    "$geoNear": 27,
    "$indexStats": 40324,
    "$listLocalSessions": 40324,
    "$listSampledQueries": 40324,
    "$listSearchIndexes": 40324,
    "$listSessions": 40324,
    "$planCacheStats": 40324,
    "$queryStats": 40324,
    "$querySettings": 40324,
    "$search": 40324,
    "$searchMeta": 40324,
    "$shardedDataDistribution": 40324,
    "$vectorSearch": 40324,
    "$nonsense": 40324,
}


def code_of(stages: list[Any], documents: list[dict[str, Any]] | None = None) -> int:
    with pytest.raises(MongoError) as refused:
        run(stages, documents or [])
    return refused.value.code


def test_every_expression_is_there() -> None:
    assert set(EXPRESSIONS) - set(OPERATORS) == set()


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ({"$function": {"body": "x", "args": [], "lang": "js"}}, 2),
        ({"$accumulator": {}}, 168),
        ({"$meta": "textScore"}, 40218),
        ({"$meta": "nonsense"}, 17308),
        ({"$encStrContains": {}}, 168),
        ({"$nonsense": 1}, 168),
        ({"$push": "$a"}, 168),
        ({"$rank": {}}, 168),
    ],
)
def test_an_expression_that_is_none_is_refused(spec: Any, code: int) -> None:
    with pytest.raises(MongoError) as refused:
        value(spec)
    assert refused.value.code == code


def test_every_accumulator_is_there() -> None:
    assert set(GROUP_ACCUMULATORS) - set(ACCUMULATORS) == set()


@pytest.mark.parametrize(("name", "code"), [("$accumulator", 2), ("$nonsense", 15952)])
def test_an_accumulator_that_is_none_is_refused(name: str, code: int) -> None:
    assert code_of([{"$group": {"_id": None, "x": {name: {}}}}]) == code


def test_every_window_function_is_there() -> None:
    assert set(WINDOWED) == set(WINDOW_FUNCTIONS)


@pytest.mark.parametrize("name", ["$accumulator", "$mergeObjects", "$nonsense", "$concatArrays"])
def test_a_window_function_that_is_none_is_refused(name: str) -> None:
    assert code_of([{"$setWindowFields": {"output": {"x": {name: "$a"}}}}]) == 9


def test_every_stage_is_there() -> None:
    assert set(DONE_STAGES) - set(STAGES) == {"$out", "$merge"}


@pytest.mark.parametrize(("name", "code"), sorted(REFUSED_STAGES.items()))
def test_a_stage_that_is_none_is_refused(name: str, code: int) -> None:
    assert code_of([{name: {}}]) == code


def test_every_operator_checks_its_arguments_or_takes_none() -> None:
    """No operator takes seven arguments and an unknown name without a word, but the variadic."""
    variadic = {"$add", "$and", "$avg", "$bitAnd", "$bitOr", "$bitXor", "$concat", "$concatArrays"}
    variadic |= {"$ifNull", "$max", "$mergeObjects", "$min", "$multiply", "$or", "$setEquals"}
    variadic |= {"$setIntersection", "$setUnion", "$stdDevPop", "$stdDevSamp", "$sum"}
    for name in sorted(set(OPERATORS) - variadic - {"$literal", "$const"}):
        with pytest.raises(MongoError):
            value({name: [1, 2, 3, 4, 5, 6, 7]})
        with pytest.raises(MongoError):
            value({name: {"nonsense": 1, "other": 2}}), value({name: [{"nonsense": 1}, 2, 3, 4, 5]})


@pytest.mark.parametrize(
    ("stages", "code"),
    [
        ([{"$match": {}, "$limit": 1}], 40323),
        ([{}], 40323),
        ([3], 14),
        ([{"$out": "x"}, {"$match": {}}], 40601),
        ([{"$lookup": {"from": "x", "as": "y", "pipeline": [{"$out": "x"}]}}], 51047),
        ([{"$match": {}}] * 1001, 7749501),
        ([{"$documents": [{"a": 1}]}], 73),
        ([{"$limit": 0}], 15958),
        ([{"$limit": -1}], 2107201),
        ([{"$skip": -1}], 5107200),
        ([{"$sort": {}}], 15976),
        ([{"$count": ""}], 40157),
        ([{"$count": "a.b"}], 40160),
        ([{"$count": "$a"}], 40158),
        ([{"$sample": {"size": "x"}}], 28746),
        ([{"$sample": {}}], 28749),
        ([{"$group": {"x": {"$sum": 1}}}], 15955),
        ([{"$group": {"_id": 1, "x": 1}}], 40234),
        ([{"$group": {"_id": 1, "x": {"$sum": ["$a", "$b"]}}}], 40237),
        ([{"$group": {"_id": 1, "x.y": {"$sum": 1}}}], 40235),
        ([{"$group": {"_id": 1, "x": {"$sum": 1, "$avg": 1}}}], 40238),
        ([{"$project": {}}], 51272),
        ([{"$project": {"a": 1, "b": 0}}], 31254),
        ([{"$project": {"a": 0, "b": 1}}], 31253),
        ([{"$project": {"a": 1, "a.b": 1}}], 31249),
        ([{"$project": {"a.b": 1, "a": 1}}], 31250),
        ([{"$project": {"a": 0, "b": "$c"}}], 31252),
        ([{"$addFields": 1}], 40272),
        ([{"$unset": []}], 31002),
        ([{"$unwind": "a"}], 28818),
        ([{"$unwind": {"path": "$a", "x": 1}}], 28811),
        ([{"$replaceRoot": {}}], 40231),
        ([{"$facet": {}}], 40169),
        ([{"$facet": {"a": [{"$facet": {"b": []}}]}}], 40600),
        ([{"$lookup": {"from": "x", "as": "y"}}], 9),
        ([{"$lookup": {"from": "x", "as": "y", "localField": "a"}}], 9),
        ([{"$merge": {"into": "x", "nonsense": 1}}], 40415),
        ([{"$bucket": {"groupBy": "$a", "boundaries": [1]}}], 40192),
        ([{"$bucket": {"groupBy": "$a", "boundaries": [2, 1]}}], 40194),
        ([{"$bucket": {"groupBy": "$a", "boundaries": [1, "a"]}}], 40193),
        ([{"$bucket": {"groupBy": "$a", "boundaries": [1, 5], "default": 3}}], 40199),
        ([{"$bucketAuto": {"groupBy": "$a", "buckets": 0}}], 40243),
        ([{"$bucketAuto": {"groupBy": "$a", "buckets": 1, "granularity": "R6"}}], 40257),
        ([{"$sortByCount": "a"}], 40148),
        ([{"$graphLookup": {"from": "x"}}], 40105),
        ([{"$setWindowFields": {}}], 40414),
        ([{"$setWindowFields": {"output": {"a": {"$rank": {}}}}}], 5371602),
        ([{"$densify": {"field": "a", "range": {"step": 0, "bounds": "full"}}}], 5733401),
        ([{"$addFields": {"a": 1, "a.b": 1}}], 40176),
        ([{"$addFields": {"a": {"b.c": 1}}}], 40183),
        ([{"$densify": {"field": "$a", "range": {"step": 1, "bounds": "full"}}}], 16410),
        ([{"$densify": {"field": "a", "range": {"step": 1, "bounds": "partition"}}}], 5733408),
        ([{"$densify": {"field": "a", "range": {"step": 1, "bounds": [2, 1]}}}], 5733402),
        ([{"$densify": {"field": "a", "range": {"step": 1, "bounds": [1, 2.5]}}}], 5876900),
        ([{"$densify": {"field": "a", "range": {"step": 1, "bounds": [1]}}}], 5733403),
        ([{"$fill": {"output": {"a": {"method": "x"}}}}], 6050202),
        ([{"$match": {"$expr": "$$nonsense"}}], 17276),
    ],
)
def test_a_malformed_stage_is_refused(stages: list[Any], code: int) -> None:
    assert code_of(stages) == code


def test_a_stage_of_commands_comes_first_only() -> None:
    def extra(name: str, spec: Any, building: Any) -> Any:
        return lambda documents: iter([{"n": 1}])

    options = {"context": CONTEXT, "source": Collections(), "collection": "c"}
    own = {"$collStats": extra}
    pipeline = compile_pipeline([{"$collStats": {}}], **options, extra=own)  # type: ignore[arg-type]
    assert list(pipeline.run(iter(()))) == [{"n": 1}]
    assert not pipeline.reads_collection
    with pytest.raises(MongoError) as refused:
        compile_pipeline(
            [{"$match": {}}, {"$collStats": {}}],
            **options,  # type: ignore[arg-type]
            extra=own,
        )
    assert refused.value.code == 40602
