"""How the server answers what it does not do."""

import socket
import struct
from pathlib import Path
from typing import Any

import pytest
from bson import Timestamp

from stend.engines.mongo.asking import ask
from stend.engines.mongo.cursors import MAX_CURSORS, Cursor, Cursors, Pulse
from stend.engines.mongo.errors import MongoError
from stend.engines.mongo.launcher import MongoConfig
from stend.wire.mongo.frames import OpCode, framed
from tests.engines.mongo.running import config_in, running
from tests.engines.servers import HOST

Document = dict[str, Any]


class Refusing:
    """Runs commands and looks at their codes."""

    def __init__(self, port: int) -> None:
        self._port = port

    def __call__(self, command: Document, code: int, database: str = "limits") -> None:
        answer = ask(HOST, self._port, {**command, "$db": database})
        told = answer["writeErrors"][0] if "writeErrors" in answer else answer
        assert told.get("code") == code, answer


@pytest.fixture
def refused(server: MongoConfig) -> Refusing:
    ask(HOST, server.port, {"insert": "t", "documents": [{"a": 1}], "$db": "limits"})
    return Refusing(server.port)


def pipeline(stage: Document) -> Document:
    return {"aggregate": "t", "pipeline": [stage], "cursor": {}}


@pytest.mark.limitation("mongo", "one-node")
def test_one_node(refused: Refusing, server: MongoConfig) -> None:
    refused({"shardCollection": "limits.t", "key": {"a": 1}}, 59, "admin")
    refused({"replSetStepDown": 60}, 115, "admin")
    insert = {"insert": "t", "documents": [{}], "writeConcern": {"w": 2}, "$db": "limits"}
    assert ask(HOST, server.port, insert)["writeConcernError"]["code"] == 100


@pytest.mark.limitation("mongo", "access-control")
def test_access_control(refused: Refusing, server: MongoConfig) -> None:
    refused({"saslStart": 1, "mechanism": "SCRAM-SHA-256", "payload": b""}, 18, "admin")
    refused({"createUser": "u", "pwd": "p", "roles": []}, 115)
    head = struct.pack("<iiB", OpCode.OP_MSG, 0, 2)
    with socket.create_connection((HOST, server.port), 5) as connection:
        connection.sendall(framed(OpCode.OP_COMPRESSED, 1, 0, head))
        assert connection.recv(1) == b""


@pytest.mark.limitation("mongo", "collection-kinds")
@pytest.mark.parametrize(
    "options",
    [
        {"viewOn": "t", "pipeline": []},
        {"timeseries": {"timeField": "at"}},
        {"capped": True, "size": 1000},
        {"clusteredIndex": {"key": {"_id": 1}, "unique": True}},
    ],
)
def test_collection_kinds(refused: Refusing, options: Document) -> None:
    refused({"create": "new", **options}, 238)


@pytest.mark.limitation("mongo", "index-kinds")
@pytest.mark.parametrize(
    "key", [{"a": "text"}, {"a": "2d"}, {"a": "2dsphere"}, {"a": "hashed"}, {"$**": 1}]
)
def test_index_kinds(refused: Refusing, key: Document) -> None:
    refused({"createIndexes": "t", "indexes": [{"key": key, "name": "x"}]}, 67)


@pytest.mark.limitation("mongo", "index-kinds")
def test_options_of_other_indexes(refused: Refusing) -> None:
    spec = {"key": {"a": 1}, "name": "x"}
    refused({"createIndexes": "t", "indexes": [{**spec, "weights": {"a": 1}}]}, 67)
    refused({"createIndexes": "t", "indexes": [{**spec, "v": 1}]}, 67)
    refused({"createIndexes": "t", "indexes": [spec], "ignoreUnknownIndexOptions": True}, 115)


@pytest.mark.limitation("mongo", "index-kinds")
def test_queries_that_need_them(refused: Refusing) -> None:
    refused({"find": "t", "filter": {"$text": {"$search": "a"}}}, 27)
    refused({"find": "t", "filter": {"a": {"$near": [0, 0]}}}, 291)
    box = {"$box": [[0, 0], [1, 1]]}
    refused({"find": "t", "filter": {"a": {"$geoWithin": box}}}, 238)
    refused({"find": "t", "filter": {"a": {"$geoIntersects": {}}}}, 238)
    refused(pipeline({"$geoNear": {"near": [0, 0], "distanceField": "d"}}), 27)


@pytest.mark.limitation("mongo", "index-changes")
@pytest.mark.parametrize("change", ["unique", "prepareUnique"])
def test_index_changes(refused: Refusing, change: str) -> None:
    refused({"collMod": "t", "index": {"name": "_id_", change: True}}, 238)


@pytest.mark.limitation("mongo", "images")
@pytest.mark.limitation("mongo", "collection-kinds")
def test_collections_do_not_become_others(refused: Refusing, server: MongoConfig) -> None:
    images = "changeStreamPreAndPostImages"
    refused({"collMod": "t", images: {"enabled": True}}, 238)
    refused({"collMod": "t", images: {"enabled": False}, "viewOn": "x"}, 238)
    refused({"collMod": "t", "timeseries": {"granularity": "hours"}}, 238)
    refused({"collMod": "t", "cappedSize": 1000}, 72)
    without = {"collMod": "t", images: {"enabled": False}, "$db": "limits"}
    assert ask(HOST, server.port, without)["ok"] == 1


@pytest.mark.limitation("mongo", "plans")
def test_plans(server: MongoConfig) -> None:
    ask(HOST, server.port, {"insert": "plans", "documents": [{"a": 1}, {"a": 2}], "$db": "limits"})
    index = {"createIndexes": "plans", "indexes": [{"key": {"a": 1}, "name": "a_1"}]}
    ask(HOST, server.port, {**index, "$db": "limits"})

    def explained(**query: Any) -> tuple[str, int]:
        told = ask(HOST, server.port, {"explain": {"find": "plans", **query}, "$db": "limits"})
        stage = told["queryPlanner"]["winningPlan"]["stage"]
        return stage, told["executionStats"]["totalDocsExamined"]

    covered = {"filter": {"a": 1}, "projection": {"a": 1, "_id": 0}}
    assert explained(**covered) == ("PROJECTION_SIMPLE", 1)
    assert explained(filter={"$expr": {"$eq": ["$a", 1]}}) == ("COLLSCAN", 2)
    assert explained(filter={"_id": 1}) == ("IDHACK", 0)
    assert explained(filter={"a": 1}, limit=1) == ("LIMIT", 1)


@pytest.mark.limitation("mongo", "collations")
def test_collations(refused: Refusing) -> None:
    russian = {"locale": "ru"}
    refused({"find": "t", "collation": russian}, 238)
    refused({"aggregate": "t", "pipeline": [], "cursor": {}, "collation": russian}, 238)
    refused({"delete": "t", "deletes": [{"q": {}, "limit": 1, "collation": russian}]}, 238)
    update = {"q": {}, "u": {"$set": {"a": 1}}, "collation": russian}
    refused({"update": "t", "updates": [update]}, 238)
    refused(
        {"createIndexes": "t", "indexes": [{"key": {"a": 1}, "name": "x", "collation": russian}]},
        67,
    )
    refused({"create": "new", "collation": russian}, 238)


@pytest.mark.limitation("mongo", "patterns")
@pytest.mark.parametrize(
    "pattern", ["(*UCP)a", "a(?i)b", "(a(?R)?b)", "(a)?(?(1)b|c)", "(a)" * 10 + r"\10"]
)
def test_patterns(refused: Refusing, pattern: str) -> None:
    refused({"find": "t", "filter": {"a": {"$regex": pattern}}}, 51091)
    found = {"$regexMatch": {"input": "$a", "regex": pattern}}
    refused(pipeline({"$project": {"x": found}}), 51111)


@pytest.mark.limitation("mongo", "metadata")
@pytest.mark.parametrize("name", ["sortKey", "recordId", "indexKey", "randVal"])
def test_metadata(refused: Refusing, name: str) -> None:
    refused({"find": "t", "projection": {"x": {"$meta": name}}}, 238)
    refused(pipeline({"$project": {"x": {"$meta": name}}}), 238)


@pytest.mark.limitation("mongo", "javascript")
def test_javascript(refused: Refusing) -> None:
    refused({"mapReduce": "t", "map": "f", "reduce": "g", "out": "x"}, 115)
    function = {"$function": {"body": "f", "args": [], "lang": "js"}}
    refused({"find": "t", "filter": {"$where": "true"}}, 2)
    refused(pipeline({"$project": {"x": function}}), 2)
    refused(pipeline({"$group": {"_id": 1, "x": {"$accumulator": {}}}}), 2)


@pytest.mark.limitation("mongo", "snapshot-reads")
def test_snapshot_reads(refused: Refusing) -> None:
    refused({"find": "t", "readConcern": {"level": "snapshot"}}, 246)
    at = {"level": "snapshot", "atClusterTime": Timestamp(1, 1)}
    refused({"find": "t", "readConcern": at}, 246)


@pytest.mark.limitation("mongo", "oplog")
@pytest.mark.limitation("mongo", "memory")
def test_the_memory_and_the_history_of_one_run(tmp_path: Path) -> None:
    config = config_in(tmp_path, memory_limit_bytes=1_000_000)
    insert = {"insert": "t", "documents": [{"x": "y" * 600_000}], "$db": "x"}
    delete = {"delete": "t", "deletes": [{"q": {}, "limit": 0}], "$db": "x"}
    stream = {"aggregate": "t", "pipeline": [{"$changeStream": {}}], "cursor": {}, "$db": "x"}
    with running(config):
        assert ask(HOST, config.port, insert)["n"] == 1
        assert ask(HOST, config.port, insert)["writeErrors"][0]["code"] == 14031
        assert ask(HOST, config.port, delete)["n"] == 1
        assert ask(HOST, config.port, insert)["n"] == 1
        token = ask(HOST, config.port, stream)["cursor"]["postBatchResumeToken"]
    with running(config):
        stream["pipeline"] = [{"$changeStream": {"resumeAfter": token}}]
        assert ask(HOST, config.port, stream)["code"] == 286
        stream["pipeline"] = [{"$changeStream": {}}, {"$changeStreamSplitLargeEvent": {}}]
        assert ask(HOST, config.port, stream)["code"] == 115


@pytest.mark.limitation("mongo", "find-options")
@pytest.mark.parametrize(
    "options",
    [
        {"min": {"a": 1}, "hint": {"a": 1}},
        {"max": {"a": 1}},
        {"returnKey": True},
        {"showRecordId": True},
        {"tailable": True},
    ],
)
def test_find_options(refused: Refusing, options: Document) -> None:
    refused({"find": "t", **options}, 238)


@pytest.mark.limitation("mongo", "diagnostics")
def test_diagnostics(refused: Refusing) -> None:
    for command in ({"profile": 1}, {"planCacheClear": "t"}):
        refused(command, 115)
    for command in ({"compact": "t"}, {"reIndex": "t"}, {"dataSize": "limits.t"}, {"dbHash": 1}):
        refused(command, 115)
    for command in ({"top": 1}, {"shutdown": 1}, {"fsync": 1, "lock": True}):
        refused(command, 115, "admin")
    for name in ("connPoolStats", "setDefaultRWConcern", "setClusterParameter"):
        refused({name: 1}, 115, "admin")
    refused(pipeline({"$indexStats": {}}), 115)
    for stage in ("$planCacheStats", "$queryStats", "$listSessions"):
        refused(pipeline({stage: {}}), 115)
    refused(pipeline({"$collStats": {"latencyStats": {}}}), 115)
    refused({"validate": "t", "repair": True}, 115)
    refused({"setParameter": 1, "ttlMonitorEnabled": False}, 20, "admin")


@pytest.mark.limitation("mongo", "renaming")
def test_renaming(refused: Refusing) -> None:
    refused({"renameCollection": "limits.t", "to": "others.t"}, 115, "admin")


@pytest.mark.limitation("mongo", "search")
def test_search(refused: Refusing) -> None:
    refused(pipeline({"$search": {}}), 115)
    refused(pipeline({"$vectorSearch": {}}), 115)
    refused({"createSearchIndexes": "t", "indexes": []}, 115)
    refused({"setQuerySettings": {}, "settings": {}}, 115, "admin")


@pytest.mark.limitation("mongo", "sizes")
def test_sizes() -> None:
    numbers = iter(range(1, MAX_CURSORS + 10))
    cursors = Cursors(lambda _: next(numbers))

    def made() -> Cursor:
        return Cursor(iter(()), "x.t", Pulse(lambda: None))

    for _ in range(MAX_CURSORS):
        cursors.keep(made(), 0)
    with pytest.raises(MongoError) as caught:
        cursors.keep(made(), 0)
    assert caught.value.code == 146
