"""What a hostile MongoDB client may send: noise, broken messages, valid ones that mean anything.

Each input is made by one number, which a failing test names.
"""

import datetime as dt
import random
import struct
import zlib
from collections.abc import Callable
from typing import Any

import bson
from bson import (
    Binary,
    Code,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)

from stend.engines.mongo.aggregate.expressions.table import OPERATORS
from stend.engines.mongo.aggregate.pipeline import STAGES
from stend.engines.mongo.commands.serving import SERVED
from stend.wire.mongo.frames import OpCode, framed
from stend.wire.mongo.messages import CHECKSUM_PRESENT, MORE_TO_COME, write_msg
from tests.edges.damaging import Damage, mutated

Document = dict[str, Any]

DATABASES = ("fuzz", "fuzz2")
COLLECTIONS = ("a", "b", "c")
_FIELDS = ("_id", "a", "b", "c", "a.b", "a.0", "b.c.d", "", "$a", "a.$", "a.$[]", "a.$[x]", "x")
_FILTERS = (
    "$eq",
    "$ne",
    "$gt",
    "$gte",
    "$lt",
    "$lte",
    "$in",
    "$nin",
    "$and",
    "$or",
    "$nor",
    "$not",
    "$exists",
    "$type",
    "$expr",
    "$mod",
    "$regex",
    "$options",
    "$all",
    "$elemMatch",
    "$size",
    "$bitsAllSet",
    "$bitsAnyClear",
    "$jsonSchema",
    "$comment",
    "$where",
    "$text",
    "$geoWithin",
    "$near",
    "$sampleRate",
)
_UPDATES = (
    "$set",
    "$unset",
    "$inc",
    "$mul",
    "$min",
    "$max",
    "$rename",
    "$setOnInsert",
    "$currentDate",
    "$push",
    "$addToSet",
    "$pop",
    "$pull",
    "$pullAll",
    "$bit",
    "$each",
    "$slice",
    "$sort",
    "$position",
)
# These would end the run, or what others look at.
_LEFT_OUT = frozenset(
    {
        "hello",
        "isMaster",
        "killOp",
        "currentOp",
        "killAllSessions",
        "killAllSessionsByPattern",
        "validate",
    }
)
_COMMANDS = tuple(sorted(name for name in SERVED if name not in _LEFT_OUT))
_FAVOURITES = ("find", "insert", "update", "delete", "aggregate", "findAndModify", "getMore")
# What is refused whatever stands in it, or needs more than chance to be right.
_SELDOM = frozenset(
    {
        "min",
        "max",
        "returnKey",
        "showRecordId",
        "tailable",
        "awaitData",
        "collation",
        "stmtId",
        "stmtIds",
        "term",
        "lastKnownCommittedOpTime",
        "hint",
        "let",
        "remove",
        "explain",
    }
)
_SWITCHES = frozenset(
    {
        "ordered",
        "bypassDocumentValidation",
        "singleBatch",
        "allowDiskUse",
        "noCursorTimeout",
        "allowPartialResults",
        "oplogReplay",
        "new",
        "upsert",
        "remove",
        "nameOnly",
        "dropTarget",
        "errorsOnly",
        "authorizedCollections",
        "authorizedDatabases",
        "capped",
    }
)
_OFTEN = frozenset({"filter", "query", "update", "updates", "documents", "pipeline", "cursor"})
_MAX_DEPTH = 4
_HOSTILE_LENGTHS = (0x7FFFFFFF, 0xFFFFFFFF, 0x80000000, 0x00FFFFFF, 0, 4, 5)
_DAMAGE = Damage(
    lengths=[struct.pack("<I", length) for length in _HOSTILE_LENGTHS],
    # The types of BSON among them.
    odd=[bytes([byte]) for byte in (0, 1, 2, 3, 4, 5, 0x10, 0x7F, 0xFF)],
    kept=4,
)
_LSIDS = tuple({"id": Binary(bytes([number]) * 16, 4)} for number in range(3))


def input_of(seed: int) -> bytes:
    """One connection's bytes."""
    choice = random.Random(seed)
    kinds: tuple[Callable[[random.Random], bytes], ...] = (
        _noise,
        _mutated,
        _mutated,
        _any_commands,
        _any_commands,
        _any_commands,
        _odd_message,
        _deep,
    )
    return choice.choice(kinds)(choice)


def _noise(choice: random.Random) -> bytes:
    data = choice.randbytes(choice.randrange(500))
    if choice.random() < 0.3:
        return data
    code = choice.choice((*OpCode, 0, 1000))
    return framed(code, 1, 0, data)


def _any_commands(choice: random.Random) -> bytes:
    return b"".join(_message(choice) for _ in range(choice.randrange(1, 6)))


def _mutated(choice: random.Random) -> bytes:
    return mutated(choice, _message, _DAMAGE, lambda size: struct.pack("<i", size))


def _odd_message(choice: random.Random) -> bytes:
    body = bson.encode(_command(choice))
    kinds: tuple[Callable[[], bytes], ...] = (
        lambda: write_msg(1, 0, body, CHECKSUM_PRESENT),
        lambda: write_msg(1, 0, body, MORE_TO_COME),
        lambda: _compressed(choice, body),
        lambda: framed(OpCode.OP_QUERY, 1, 0, bytes(4) + b"admin.$cmd\0" + bytes(8), body),
        lambda: _sequences(choice, body),
    )
    return choice.choice(kinds)()


def _compressed(choice: random.Random, body: bytes) -> bytes:
    content = bytes(5) + body
    head = struct.pack("<iiB", OpCode.OP_MSG, len(content), choice.choice((0, 1, 2, 3, 9)))
    return framed(OpCode.OP_COMPRESSED, 1, 0, head, zlib.compress(content))


def _sequences(choice: random.Random, body: bytes) -> bytes:
    sections = bytes(4) + b"\0" + body
    for _ in range(choice.randrange(1, 3)):
        name = choice.choice((b"documents", b"updates", b"deletes", b"x", b""))
        content = name + b"\0" + b"".join(bson.encode(_document(choice, 2)) for _ in range(3))
        sections += b"\1" + struct.pack("<i", len(content) + 4) + content
    return framed(OpCode.OP_MSG, 1, 0, sections)


def _deep(choice: random.Random) -> bytes:
    """Documents, filters or expressions that go down for ever."""
    levels = choice.choice((50, 150, 199, 210, 500, 3000))
    name = choice.choice((b"a", b"$and", b"$not", b"$add", b"$cond", b"0"))
    kind = choice.choice((b"\3", b"\4"))
    document = b"\x05\0\0\0\0"
    for _ in range(levels):
        inner = kind + name + b"\0" + document + b"\0"
        document = struct.pack("<i", len(inner) + 4) + inner
    field = choice.choice((b"filter", b"documents", b"pipeline", b"query"))
    outer = b"\x02find\0\x02\0\0\0a\0" + choice.choice((b"\3", b"\4")) + field + b"\0" + document
    outer += b"\x02$db\0\x05\0\0\0fuzz\0\0"
    return write_msg(1, 0, struct.pack("<i", len(outer) + 4) + outer)


def _message(choice: random.Random) -> bytes:
    return write_msg(choice.randrange(1000), 0, bson.encode(_command(choice)))


def _command(choice: random.Random) -> Document:
    name = choice.choice((*_COMMANDS, *_FAVOURITES * 8))
    command = SERVED[name]
    fields: Document = {name: _first(choice, name)}
    for key, field in command.spec.items():
        odds = 0.02 if key in _SELDOM else 0.9 if key in _OFTEN else 0.2
        if key != command.name and (choice.random() < odds or field.is_required):
            fields[key] = _field(choice, key)
    if choice.random() < 0.05:
        fields[choice.choice(("odd", "", "$x"))] = _value(choice, 1)
    fields |= _generic(choice)
    return {**fields, "$db": "admin" if command.is_admin else choice.choice(DATABASES)}


def _first(choice: random.Random, name: str) -> Any:
    if choice.random() < 0.03:
        return _value(choice, 1)
    if name == "getMore":
        return Int64(choice.choice((0, 1, 2**62, -1)))
    if name == "renameCollection":
        return f"fuzz.{choice.choice(COLLECTIONS)}"
    if name in ("endSessions", "refreshSessions", "killSessions"):
        return [choice.choice(_LSIDS)]
    if name == "explain":
        inner = choice.choice(("find", "count", "aggregate", "update", "delete", "distinct"))
        spec = SERVED[inner].spec
        told = {key: _field(choice, key) for key in spec if key != inner and choice.random() < 0.5}
        return {inner: choice.choice(COLLECTIONS), **told}
    return choice.choice(COLLECTIONS)


def _generic(choice: random.Random) -> Document:
    found: Document = {}
    if choice.random() < 0.3:
        found["lsid"] = choice.choice(_LSIDS)
        if choice.random() < 0.6:
            found["txnNumber"] = Int64(choice.randrange(10**6))
            if choice.random() < 0.7:
                found |= {"autocommit": False, "startTransaction": True}
            if choice.random() < 0.1:
                del found[choice.choice(tuple(found))]
    if choice.random() < 0.03:
        found["readConcern"] = {"level": choice.choice(("local", "majority", "snapshot", "x"))}
    if choice.random() < 0.03:
        found["writeConcern"] = {"w": choice.choice((0, 1, 2, "majority", "x", None))}
    # So that nothing waits for a transaction that nobody ends.
    found["maxTimeMS"] = choice.choice((5, 20, 50))
    return found


def _field(choice: random.Random, key: str) -> Any:
    makers: dict[str, Callable[[], Any]] = {
        "filter": lambda: _filter(choice, 0),
        "query": lambda: _filter(choice, 0),
        "validator": lambda: _filter(choice, 0),
        "pipeline": lambda: _pipeline(choice),
        "documents": lambda: [_document(choice, 2) for _ in range(choice.randrange(4))],
        "updates": lambda: [_update_entry(choice)],
        "deletes": lambda: [{"q": _filter(choice, 1), "limit": choice.choice((0, 1, 2))}],
        "update": lambda: _update(choice),
        "arrayFilters": lambda: [{"x": _value(choice, 1)}],
        "sort": lambda: {choice.choice(_FIELDS): choice.choice((1, -1, 0, "x"))},
        "projection": lambda: {choice.choice(_FIELDS): _value(choice, 1) for _ in range(2)},
        "fields": lambda: {choice.choice(_FIELDS): choice.choice((0, 1))},
        "indexes": lambda: [_index(choice)],
        "index": lambda: choice.choice(("*", "a_1", {"a": 1}, {"name": "a_1", "hidden": True})),
        "key": lambda: choice.choice(_FIELDS),
        "cursor": lambda: {"batchSize": choice.choice((0, 1, 100))},
        "cursors": lambda: [Int64(choice.randrange(3))],
        "collection": lambda: choice.choice(COLLECTIONS),
        "to": lambda: f"fuzz.{choice.choice(COLLECTIONS)}",
        "ops": lambda: [{"insert": 0, "document": _document(choice, 1)}],
        "nsInfo": lambda: [{"ns": f"fuzz.{choice.choice(COLLECTIONS)}"}],
        "hint": lambda: choice.choice(("a_1", "_id_", {"a": 1}, {"$natural": -1})),
    }
    if choice.random() < 0.93 and key in makers:
        return makers[key]()
    if choice.random() < 0.9:
        return choice.choice((True, False, None) if key in _SWITCHES else (0, 1, 5, None))
    return _value(choice, 1)


def _update_entry(choice: random.Random) -> Document:
    return {
        "q": _filter(choice, 1),
        "u": _update(choice),
        "multi": choice.random() < 0.2,
        "upsert": choice.random() < 0.3,
    }


def _update(choice: random.Random) -> Any:
    kind = choice.random()
    if kind < 0.15:
        return _document(choice, 2)
    if kind < 0.3:
        return _pipeline(choice)
    return {
        choice.choice(_UPDATES): {choice.choice(_FIELDS): _update_value(choice)}
        for _ in range(choice.randrange(1, 3))
    }


def _update_value(choice: random.Random) -> Any:
    if choice.random() < 0.2:
        return {
            "$each": [_value(choice, 2) for _ in range(2)],
            "$slice": choice.choice((-2, 0, 1, "x")),
            "$sort": choice.choice((1, -1, {"a": 1}, 0)),
        }
    return _value(choice, 2)


def _index(choice: random.Random) -> Document:
    key = {choice.choice(_FIELDS): choice.choice((1, -1, 0, "text", "2d", 1.5))}
    options: Document = {"key": key, "name": choice.choice(("a_1", "b_1", "", "x"))}
    for name in ("unique", "sparse", "hidden"):
        if choice.random() < 0.2:
            options[name] = choice.choice((True, False, "x"))
    if choice.random() < 0.1:
        options["expireAfterSeconds"] = choice.choice((0, 1, -1, "x", float("nan")))
    if choice.random() < 0.2:
        options["partialFilterExpression"] = _filter(choice, 2)
    return options


def _filter(choice: random.Random, depth: int) -> Document:
    if choice.random() < 0.3:
        return choice.choice(({}, {"_id": choice.randrange(20)}, {"a": {"$gt": 0}}))
    found: Document = {}
    for _ in range(choice.randrange(3)):
        if choice.random() < 0.6:
            name = choice.choice(_FIELDS)
        else:
            name = choice.choice(("$and", "$or", "$nor", "$expr", "$x", "$jsonSchema"))
        found[name] = _condition(choice, name, depth)
    return found


def _condition(choice: random.Random, name: str, depth: int) -> Any:
    if name in ("$and", "$or", "$nor") and depth < _MAX_DEPTH:
        return [_filter(choice, depth + 1) for _ in range(choice.randrange(3))]
    if name == "$expr":
        return _expression(choice, depth)
    if choice.random() < 0.5:
        return _value(choice, depth)
    return {choice.choice(_FILTERS): _value(choice, depth + 1)}


def _expression(choice: random.Random, depth: int) -> Any:
    if depth >= _MAX_DEPTH or choice.random() < 0.3:
        return choice.choice(("$a", "$$ROOT", "$$NOW", "$$x", "$a.b", 1, "x", None, [], -1.5))
    name = choice.choice(tuple(OPERATORS))
    kind = choice.random()
    if kind < 0.5:
        return {name: [_expression(choice, depth + 1) for _ in range(choice.randrange(4))]}
    if kind < 0.8:
        return {name: _expression(choice, depth + 1)}
    names = ("input", "in", "as", "cond", "initialValue", "format", "date", "unit", "timezone")
    return {name: {key: _expression(choice, depth + 1) for key in choice.sample(names, 3)}}


def _pipeline(choice: random.Random) -> list[Any]:
    return [_stage(choice, 0) for _ in range(choice.randrange(4))]


def _stage(choice: random.Random, depth: int) -> Document:
    name = choice.choice((*STAGES, "$out", "$merge", "$changeStream", "$collStats", "$x"))
    makers: dict[str, Callable[[], Any]] = {
        "$match": lambda: _filter(choice, 1),
        "$project": lambda: {choice.choice(_FIELDS): _expression(choice, 1)},
        "$addFields": lambda: {choice.choice(_FIELDS): _expression(choice, 1)},
        "$group": lambda: {
            "_id": _expression(choice, 1),
            "n": {choice.choice(("$sum", "$push", "$max", "$avg", "$x")): _expression(choice, 1)},
        },
        "$sort": lambda: {choice.choice(_FIELDS): choice.choice((1, -1))},
        "$limit": lambda: choice.choice((1, 5, 0, -1)),
        "$lookup": lambda: {
            "from": choice.choice(COLLECTIONS),
            "localField": "a",
            "foreignField": "b",
            "as": "x",
        },
        "$facet": lambda: {"x": [_stage(choice, depth + 1)]},
        "$out": lambda: choice.choice(COLLECTIONS),
        "$merge": lambda: choice.choice(COLLECTIONS),
        "$changeStream": dict,
        "$sample": lambda: {"size": choice.choice((1, 5, -1))},
        "$unwind": lambda: choice.choice(("$a", "$b.c", "a")),
    }
    if name in makers and choice.random() < 0.85 and depth < _MAX_DEPTH:
        return {name: makers[name]()}
    return {name: _value(choice, 1)}


def _document(choice: random.Random, depth: int) -> Document:
    found = {choice.choice(_FIELDS): _value(choice, depth) for _ in range(choice.randrange(4))}
    if choice.random() < 0.5:
        found["_id"] = choice.randrange(20)
    return found


def _value(choice: random.Random, depth: int) -> Any:
    if depth < _MAX_DEPTH and choice.random() < 0.25:
        if choice.random() < 0.5:
            return [_value(choice, depth + 1) for _ in range(choice.randrange(4))]
        return {choice.choice(_FIELDS): _value(choice, depth + 1)}
    return choice.choice(_VALUES)


_VALUES: tuple[Any, ...] = (
    *range(-2, 4),
    2**31 - 1,
    Int64(2**63 - 1),
    Int64(-(2**63)),
    1.5,
    -0.0,
    float("nan"),
    float("inf"),
    Decimal128("1.10"),
    Decimal128("NaN"),
    Decimal128("9E+6144"),
    "",
    "a",
    "жук",
    "x" * 300,
    "$a",
    "$$ROOT",
    True,
    False,
    None,
    b"",
    Binary(b"12", 4),
    ObjectId("65a0000000000000000000aa"),
    dt.datetime(2026, 1, 2, tzinfo=dt.UTC),
    bson.DatetimeMS(2**62),
    Regex("^a", "i"),
    Regex("(a+)+$"),
    Regex("("),
    Timestamp(0, 0),
    Timestamp(5, 6),
    MinKey(),
    MaxKey(),
    Code("x"),
    Code("x", {"a": 1}),
)
