"""Whatever a client sends for a filter, a projection, a sort, a schema or an update is answered."""

import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from bson import (
    Binary,
    Code,
    DatetimeMS,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)

from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.query.bounds import bounds_of
from stend.engines.mongo.query.matching import compile_filter
from stend.engines.mongo.query.projection import compile_projection
from stend.engines.mongo.query.schema import compile_schema
from stend.engines.mongo.query.sorting import sort_key
from stend.engines.mongo.query.values import encode
from stend.engines.mongo.update.compiling import compile_update, document_for_upsert
from stend.engines.mongo.update.parsing import MODIFIERS
from tests.engines.mongo.query.given import CONTEXT
from tests.long_runs import is_long_run

ROUNDS = 200_000 if is_long_run() else 3_000

SCALARS: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    2,
    2**31 - 1,
    Int64(2**63 - 1),
    Int64(-(2**63)),
    1.5,
    float("nan"),
    float("inf"),
    -0.0,
    Decimal128("1"),
    Decimal128("NaN"),
    Decimal128("9E+6144"),
    Decimal128("1E-6176"),
    "",
    "a",
    "$a",
    "(",
    "$",
    "a.$",
    "int",
    "date",
    b"",
    b"\xff",
    Binary(b"u" * 16, 4),
    ObjectId("0" * 24),
    DatetimeMS(2**62),
    Timestamp(0, 0),
    Regex("^a"),
    Regex("("),
    Code("f"),
    Code("f", {}),
    MinKey(),
    MaxKey(),
]
OPERATORS = [
    *("$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$not", "$and", "$or", "$nor"),
    *("$exists", "$type", "$expr", "$mod", "$regex", "$options", "$all", "$elemMatch", "$size"),
    *("$bitsAllSet", "$bitsAnyClear", "$jsonSchema", "$comment", "$sampleRate", "$slice", "$meta"),
    *("$each", "$sort", "$position", "$ref", "$id", "$near", "$text", "$where", "$like"),
    *("and", "or", "xor"),
]
KEYWORDS = [
    *("bsonType", "type", "required", "properties", "additionalProperties", "patternProperties"),
    *("items", "minimum", "maximum", "exclusiveMinimum", "multipleOf", "enum", "allOf", "anyOf"),
    *("oneOf", "not", "dependencies", "minLength", "maxItems", "uniqueItems", "pattern"),
    *("additionalItems", "minProperties", "title", "format"),
]
PATHS = [
    "a",
    "b",
    "_id",
    "a.b",
    "a.0",
    "a.0.b",
    "a.$",
    "a.$[]",
    "a.$[e]",
    "",
    "a.",
    ".",
    "$",
    "0",
    "a.b.$",
]


class Source:
    """Values without sense, always the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def value(self, depth: int = 0) -> Any:
        """Anything that a document may hold."""
        kind = self._random.random()
        if kind < 0.5 or depth > 3:
            return self._random.choice(SCALARS)
        if kind < 0.7:
            return [self.value(depth + 1) for _ in range(self._random.randrange(4))]
        return self.document(depth + 1)

    def document(self, depth: int = 0) -> dict[str, Any]:
        """Names that mean something, with values that may not."""
        names = self._random.choice([PATHS, OPERATORS, KEYWORDS, ["a", "b", "e"]])
        return {
            self._random.choice(names): self.value(depth + 1)
            for _ in range(self._random.randrange(4))
        }

    def stored(self) -> dict[str, Any]:
        """A document as a collection has it."""
        return {name: self.value(1) for name in ("_id", "a", "b")}

    def update(self) -> Any:
        """Modifiers, most times."""
        if self._random.random() < 0.1:
            return self.document()
        return {
            self._random.choice(list(MODIFIERS)): {
                self._random.choice(PATHS): self.value(1)
                for _ in range(self._random.randrange(1, 3))
            }
            for _ in range(self._random.randrange(1, 3))
        }


def filtered(source: Source, document: dict[str, Any]) -> None:
    spec = source.document()
    matcher = compile_filter(spec, context=CONTEXT)
    bounds_of(spec)
    assert matcher.matches(document) == (matcher.match(document) is not None)


def projected(source: Source, document: dict[str, Any]) -> None:
    matcher = compile_filter(source.document(), context=CONTEXT)
    compile_projection(source.document(), context=CONTEXT, match=matcher)(document)


def sorted_by(source: Source, document: dict[str, Any]) -> None:
    hash(sort_key(source.document())(document))


def validated(source: Source, document: dict[str, Any]) -> None:
    validator = compile_schema(source.document())
    assert validator.accepts(document) == (
        not validator.details(document)["schemaRulesNotSatisfied"]
    )
    encode(validator.details(document))


def updated(source: Source, document: dict[str, Any]) -> None:
    match = compile_filter({"a": source.value(2)}, context=CONTEXT).match(document)
    filters = [{"e": source.value(2)}]
    updater = compile_update(source.update(), array_filters=filters, context=CONTEXT)
    encode(updater.apply(document, match, False))


def updated_plainly(source: Source, document: dict[str, Any]) -> None:
    updater = compile_update(source.update(), context=CONTEXT)
    encode(updater.apply(document, None, False))


def upserted(source: Source, _document: dict[str, Any]) -> None:
    spec = source.document()
    compile_filter(spec, context=CONTEXT)
    encode(document_for_upsert(spec, compile_update(source.update(), context=CONTEXT)))


ATTEMPTS: list[Callable[[Source, dict[str, Any]], None]] = [
    filtered,
    projected,
    sorted_by,
    validated,
    updated,
    updated_plainly,
    upserted,
]


def test_nothing_but_errors_of_mongodb_comes_of_nonsense() -> None:
    source = Source(5)
    done = 0
    for at in range(ROUNDS):
        document = source.stored()
        before = encode(document)
        with suppress(MongoError):
            ATTEMPTS[at % len(ATTEMPTS)](source, document)
            done += 1
        assert encode(document) == before
    assert done > ROUNDS // 5
